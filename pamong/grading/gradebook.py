"""The single writer of the gradebook, in nbgrader's own schema.

Many graded submissions are recorded in one transaction. A manual mark is never overwritten; it is
flagged for another look only when the answer it was given for has changed. The tables are read from
the database itself, so that writing to them does not import nbgrader.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, MetaData, Select, Table, create_engine, event, inspect, select

from pamong.course import Course
from pamong.errors import CourseError
from pamong.grading import ledger
from pamong.grading.ledger import Change
from pamong.grading.pipeline import GradedSubmission
from pamong.grading.recording import ANSWERS, record
from pamong.roster import Roster

LOCK_SECONDS = 60
"""How long to wait while another process writes."""
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
        self._engine = _connect(url)
        self._ledger = ledger_file
        if missing := set(_TABLES) - set(inspect(self._engine).get_table_names()):
            self.close()
            raise CourseError(
                f"The gradebook lacks {', '.join(sorted(missing))}. Run `pamong release` first."
            )
        metadata = MetaData()
        metadata.reflect(self._engine, only=_TABLES)
        self._tables: Mapping[str, Table] = dict(metadata.tables)

    @classmethod
    def open(cls, course: Course) -> Gradebook:
        """The gradebook of ``course``, made by nbgrader where there is none yet."""
        if not course.gradebook.is_file():
            _create(course)
        return cls(course.gradebook_url, course.ledger)

    def close(self) -> None:
        """Give the connections back."""
        self._engine.dispose()

    def record(
        self, graded: Iterable[GradedSubmission], *, by: str, dry_run: bool = False
    ) -> tuple[Change, ...]:
        """Record all or nothing and return what changed; a dry run returns it and writes nothing."""
        with self._engine.connect() as connection:
            ANSWERS.create(connection, checkfirst=True)
            changes = record(connection, self._tables, tuple(graded))
            if dry_run:
                connection.rollback()
                return changes
            with ledger.appended(self._ledger, changes, by=by):
                connection.commit()
        return changes

    def enrol(self, roster: Roster) -> tuple[int, int, int]:
        """Enter the roster's people and names; returns how many are added, updated, and not in it.

        Nobody is ever removed: somebody who has left may have handed something in.
        """
        student = self._tables["student"]
        names = {person.id: person.name for person in roster.participants}
        with self._engine.begin() as connection:
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
        return len(new), len(changed), len(set(there) - set(names))

    def rows(self, module: str, participants: tuple[str, ...] | None = None) -> tuple[Row, ...]:
        """The graded cells of a module, of everybody who has handed it in or of ``participants``."""
        query = _rows(self._tables, module)
        if participants is not None:
            query = query.where(self._tables["submitted_assignment"].c.student_id.in_(participants))
        with self._engine.connect() as connection:
            found = connection.execute(query).mappings().all()
            connection.rollback()
        return tuple(_row(dict(values)) for values in found)


def _create(course: Course) -> None:
    from nbgrader.api import Gradebook as Nbgraders  # noqa: PLC0415  # two seconds, once per course

    from pamong.grading.configuration import find_scripts  # noqa: PLC0415

    find_scripts()
    course.folder.mkdir(parents=True, exist_ok=True)
    Nbgraders(course.gradebook_url, course.programme.course_id).close()


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
        .order_by(submitted.c.student_id, cell.c.name)
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


def _connect(address: str) -> Engine:
    """An engine whose SQLite transactions take the write lock at once, so that they cannot deadlock."""
    if not address.startswith("sqlite"):
        return create_engine(address)
    engine = create_engine(address, connect_args={"timeout": LOCK_SECONDS})

    @event.listens_for(engine, "connect")
    def manual_transactions(connection: Any, _record: Any) -> None:
        connection.isolation_level = None

    @event.listens_for(engine, "begin")
    def lock(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine
