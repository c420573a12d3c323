"""The single writer of the gradebook, in nbgrader's own schema.

Many graded submissions are recorded in one transaction. A manual mark is never overwritten; it is
flagged for another look only when the answer it was given for has changed. The tables are read from
the database itself, so that writing to them does not import nbgrader.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import Index, MetaData, Select, Table, select
from sqlalchemy.schema import CreateIndex

from pamong.course import Course, quoted
from pamong.errors import CourseError
from pamong.grading.pipeline import GradedSubmission
from pamong.grading.records import ledger
from pamong.grading.records.lateness import Penalty, penalise, penalties, set_dues
from pamong.grading.records.ledger import Change
from pamong.grading.records.recording import ANSWERS, ORIGINS, record
from pamong.grading.records.storage import Storage
from pamong.grading.records.traces import forget_name
from pamong.programme import Due
from pamong.roster import Roster

_TABLES = (
    "assignment",
    "notebook",
    "base_cell",
    "grade_cells",
    "student",
    "submitted_assignment",
    "submitted_notebook",
    "grade",
    "comment",
)
INDEXES = (
    ("grade", "notebook_id"),
    ("comment", "notebook_id"),
    ("submitted_notebook", "assignment_id"),
    ("submitted_assignment", "student_id"),
)
"""Columns by which nbgrader looks up every row of a submission, and has no index for."""
_OWN = (ANSWERS, ORIGINS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One graded cell of one participant, as a person reads it; ``score`` counts a manual mark first."""

    participant: str
    cell: str
    maximum: float
    score: float
    auto: float | None
    manual: float | None
    needs_person: bool
    comment: str
    """What the marker wrote."""


class Gradebook:
    """The gradebook of one course; every change is also appended to the ledger file."""

    def __init__(self, url: str, ledger_file: Path) -> None:
        self._storage = Storage(url)
        self._ledger = ledger_file
        try:
            self._tables = _tables(self._storage)
        except BaseException:
            self.close()
            raise

    @classmethod
    def open(cls, course: Course) -> Gradebook:
        """The gradebook of ``course``, made by nbgrader before there is one; CourseError once it is lost."""
        _create(course)
        return cls(course.gradebook_url, course.ledger)

    def close(self) -> None:
        """Give the connections back."""
        self._storage.close()

    def record(
        self,
        graded: Iterable[GradedSubmission],
        *,
        by: str,
        penalty: Penalty | None = None,
    ) -> tuple[Change, ...]:
        """Record all or nothing and return what changed.

        Without a ``penalty`` those for late submissions stay as they are.
        """
        batch = tuple(graded)
        handed_in = [(one.module, one.participant) for one in batch]
        with self._storage.writing(_TABLES) as connection:
            changes = record(connection, self._tables, batch)
            if penalty is not None:
                penalise(connection, self._tables, handed_in, penalty)
            with ledger.appended(self._ledger, changes, by=by):
                connection.commit()
        return changes

    def schedule(self, dues: Iterable[Due], penalty: Penalty) -> int:
        """Set due dates, extensions, and penalties by them; returns how many submissions they change."""
        with self._storage.writing(_TABLES) as connection:
            changed = set_dues(connection, self._tables, dues)
            penalise(connection, self._tables, changed, penalty)
            connection.commit()
        return len(changed)

    def forget(self, person: str) -> None:
        """Take a person's name and the markers' words to them out; their grades stay under the id."""
        with self._storage.writing(_TABLES) as connection:
            forget_name(connection, self._tables, person)
            connection.commit()

    def enrol(self, roster: Roster) -> tuple[int, int, int]:
        """Enter the roster's people and names; returns how many are added, updated, and not in it.

        Nobody is ever removed: somebody who has left may have handed something in.
        """
        student = self._tables["student"]
        names = {person.id: person.name for person in roster.participants}
        with self._storage.writing(_TABLES) as connection:
            found = connection.execute(select(student.c.id, student.c.first_name))
            there = {row.id: row.first_name for row in found}
            new = [{"id": id, "first_name": name} for id, name in names.items() if id not in there]
            changed = {id: name for id, name in names.items() if there.get(id, name) != name}
            if new:
                connection.execute(student.insert(), new)
            for id, name in changed.items():
                connection.execute(
                    student.update().where(student.c.id == id).values(first_name=name)
                )
            connection.commit()
        return len(new), len(changed), len(set(there) - set(names))

    def penalties(self, module: str) -> dict[str, dict[str, float]]:
        """Points lost for late submissions, by participant and notebook's file name."""
        with self._storage.reading() as connection:
            return penalties(connection, self._tables, module)

    def rows(self, module: str, participants: tuple[str, ...] | None = None) -> tuple[Row, ...]:
        """The graded cells of a module, of everybody who has handed it in or of ``participants``."""
        query = _rows(self._tables, module)
        if participants is not None:
            query = query.where(self._tables["submitted_assignment"].c.student_id.in_(participants))
        with self._storage.reading() as connection:
            found = connection.execute(query).mappings().all()
        # Sorted here, since a server sorts as its language does.
        rows = (_row(dict(values)) for values in found)
        return tuple(sorted(rows, key=attrgetter("participant", "cell")))


def _tables(storage: Storage) -> Mapping[str, Table]:
    """The tables that nbgrader made, completed by ours; CourseError when there are not all of them."""
    there = set(storage.tables())
    missing = set(_TABLES) - there
    if there and len(missing) == len(_TABLES):
        raise CourseError(
            f"{storage.place} holds other tables and no gradebook. "
            "Give the gradebook an empty database of its own."
        )
    if missing:
        raise CourseError(
            f"The gradebook lacks {', '.join(sorted(missing))}. Run `pamong release` first."
        )
    metadata = MetaData()
    with storage.reading() as connection:
        metadata.reflect(connection, only=_TABLES)
    _complete(storage, metadata, there)
    return dict(metadata.tables)


def _complete(storage: Storage, metadata: MetaData, there: set[str]) -> None:
    """Add our tables and indexes; nothing is written once all of them are there."""
    known = {index.name for table in metadata.tables.values() for index in table.indexes}
    wanted = {f"pamong_{table}_{column}": (table, column) for table, column in INDEXES}
    missing = {name: place for name, place in wanted.items() if name not in known}
    if not missing and there.issuperset(own.name for own in _OWN):
        return
    with storage.writing(_TABLES) as connection:
        for own in _OWN:
            own.create(connection, checkfirst=True)
        for name, (table, column) in missing.items():
            index = Index(name, metadata.tables[table].c[column])
            connection.execute(CreateIndex(index, if_not_exists=True))
        connection.commit()


def _create(course: Course) -> None:
    """Let nbgrader make the gradebook unless there is one: never half of one, never two at once."""
    storage = Storage(course.gradebook_url)
    try:
        if storage.there:
            return
        ledger.require_kept(course.ledger, storage.file)
        if storage.file is not None:
            _create_file(storage, storage.file, course)
            return
        with storage.creating():
            if not storage.there:
                _make(course.gradebook_url, course)
    except OSError as error:
        raise CourseError(
            f"The gradebook {storage.place} cannot be made: {error.strerror}. "
            "Give this account the rights to write there."
        ) from error
    finally:
        storage.close()


def _create_file(storage: Storage, file: Path, course: Course) -> None:
    if file.parent == course.folder:
        file.parent.mkdir(parents=True, exist_ok=True)
    with storage.explained(), TemporaryDirectory(dir=file.parent, prefix=".gradebook-") as folder:
        made = Path(folder) / file.name
        _make(f"sqlite:///{quoted(made)}", course)
        try:
            file.hardlink_to(made)
        except FileExistsError:
            pass  # another process was quicker, and its gradebook is as empty as ours
        except OSError:  # a file system without links
            made.rename(file)


def _make(url: str, course: Course) -> None:
    from nbgrader.api import Gradebook as Nbgraders  # noqa: PLC0415  # two seconds, once per course

    from pamong.grading.configuration import find_scripts  # noqa: PLC0415

    find_scripts()
    Nbgraders(url, course.programme.course_id).close()


def effective(auto: float | None, manual: float | None, extra: float | None) -> float:
    """What a cell counts: the manual mark before the automatic one, extra credit only on top of either."""
    base = manual if manual is not None else auto
    return 0.0 if base is None else base + (extra or 0.0)


def _rows(tables: Mapping[str, Table], module: str) -> Select[Any]:
    assignment, submitted = tables["assignment"], tables["submitted_assignment"]
    page, grade, comment = tables["submitted_notebook"], tables["grade"], tables["comment"]
    cell, worth = tables["base_cell"], tables["grade_cells"]
    answer = cell.alias("answer")
    same_cell = (
        (answer.c.name == cell.c.name)
        & (answer.c.notebook_id == cell.c.notebook_id)
        & (answer.c.type == "SolutionCell")
    )
    its_comment = (comment.c.cell_id == answer.c.id) & (comment.c.notebook_id == page.c.id)
    return (
        select(submitted.c.student_id, cell.c.name, worth.c.max_score)
        .add_columns(grade.c.auto_score, grade.c.manual_score, grade.c.extra_credit)
        .add_columns(grade.c.needs_manual_grade, comment.c.manual_comment)
        .select_from(assignment)
        .join(submitted, submitted.c.assignment_id == assignment.c.id)
        .join(page, page.c.assignment_id == submitted.c.id)
        .join(grade, grade.c.notebook_id == page.c.id)
        .join(cell, cell.c.id == grade.c.cell_id)
        .join(worth, worth.c.id == cell.c.id)
        .outerjoin(answer, same_cell)
        .outerjoin(comment, its_comment)
        .where(assignment.c.name == module)
    )


def _row(values: Mapping[str, Any]) -> Row:
    auto, manual = values["auto_score"], values["manual_score"]
    return Row(
        participant=values["student_id"],
        cell=values["name"],
        maximum=values["max_score"],
        score=effective(auto, manual, values["extra_credit"]),
        auto=auto,
        manual=manual,
        needs_person=bool(values["needs_manual_grade"]),
        comment=values["manual_comment"] or "",
    )
