"""Graded submissions as rows of nbgrader's tables, and what they change; the caller commits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import uuid4

from sqlalchemy import (
    Column,
    Connection,
    MetaData,
    String,
    Table,
    bindparam,
    delete,
    inspect,
    select,
)

from pamong.errors import CourseError
from pamong.grading.intake.submission import moment
from pamong.grading.mark import Mark
from pamong.grading.pipeline import GradedSubmission
from pamong.grading.records.cause import cause
from pamong.grading.records.ledger import Change, Standing
from pamong.grading.records.origin import Origin, origin_of
from pamong.outcome import Errored

ANSWERS = Table(
    "pamong_answer",
    MetaData(),
    Column("grade_id", String(32), primary_key=True),
    Column("fingerprint", String(64), nullable=False),
)
"""Which answer a grade was given for; beside nbgrader's own tables, which it leaves as they are."""
ORIGINS = Table(
    "pamong_origin",
    MetaData(),
    Column("assignment_id", String(32), primary_key=True),
    Column("submission", String(16), nullable=False),
    Column("source", String(16), nullable=False),
    Column("code", String(16), nullable=False),
)
"""What the grades of a submitted assignment rest on. Where something errored, or the submission is not
known, it is the empty text, so that it is graded again."""
_OWN = ANSWERS, ORIGINS
CHUNK = 500
"""Values in one IN list."""
Tables = Mapping[str, Table]
Record = dict[str, Any]
Place = tuple[str, str]
"""A submitted notebook and a cell in it, by their ids."""
Sheet = tuple[str, str]
"""A participant and a notebook's file name."""


def record(
    connection: Connection,
    tables: Tables,
    batch: Sequence[GradedSubmission],
    *,
    writes: bool = True,
) -> tuple[Change, ...]:
    """Write the batch, or only look what that would change; returns what changes.

    Raises CourseError when the gradebook does not know the batch's module as it was graded.
    """
    ordered = sorted(batch, key=lambda one: (one.module, one.participant))
    changes: list[Change] = []
    for module, group in groupby(ordered, key=lambda one: one.module):
        cells = _cells(connection, tables, module)
        changes += _Recording(connection, tables, cells, writes=writes).write(tuple(group))
    return tuple(changes)


@dataclass(frozen=True, slots=True)
class _Cells:
    """A module in the gradebook: ids of its notebooks, and of graded and answer cells by both names."""

    module: str
    assignment: str
    notebooks: Mapping[str, str]
    graded: Mapping[tuple[str, str], str]
    answers: Mapping[tuple[str, str], str]

    def notebook(self, name: str) -> str:
        if name not in self.notebooks:
            raise CourseError(
                f"{self.module}: the gradebook knows no notebook {name}. "
                f"Run `pamong release {self.module}` again."
            )
        return self.notebooks[name]

    def grade_of(self, page: str, name: str) -> str:
        if (page, name) not in self.graded:
            raise CourseError(
                f"{self.module}: the gradebook knows no graded cell {name!r}. "
                f"Run `pamong release {self.module}` again."
            )
        return self.graded[page, name]


def _cells(connection: Connection, tables: Tables, module: str) -> _Cells:
    assignment, notebook, cell = tables["assignment"], tables["notebook"], tables["base_cell"]
    query = (
        select(assignment.c.id, notebook.c.id, notebook.c.name)
        .join(notebook, notebook.c.assignment_id == assignment.c.id)
        .where(assignment.c.name == module)
    )
    found = connection.execute(query).all()
    if not found:
        raise CourseError(
            f"The gradebook holds no notebook of {module}. Run `pamong release {module}` first."
        )
    names = {number: f"{name}.ipynb" for _, number, name in found}
    named: dict[str, dict[tuple[str, str], str]] = {"GradeCell": {}, "SolutionCell": {}}
    columns = select(cell.c.type, cell.c.notebook_id, cell.c.name, cell.c.id)
    for sort, number, name, id in connection.execute(columns.where(cell.c.notebook_id.in_(names))):
        named.setdefault(sort, {})[names[number], name] = id
    notebooks = {name: number for number, name in names.items()}
    return _Cells(module, found[0][0], notebooks, named["GradeCell"], named["SolutionCell"])


class _Recording:
    """Writes submissions of one module: reads what is there, then inserts and updates in bulk."""

    def __init__(
        self, connection: Connection, tables: Tables, cells: _Cells, *, writes: bool
    ) -> None:
        self._connection, self._tables, self._cells = connection, tables, cells
        self._writes = writes
        # A gradebook that nobody but nbgrader has written to has none of our tables.
        there = {table: writes or inspect(connection).has_table(table.name) for table in _OWN}
        self._answered, self._originated = there[ANSWERS], there[ORIGINS]

    def write(self, group: Sequence[GradedSubmission]) -> list[Change]:
        submitted = self._submitted(group)
        sheets = self._sheets(group, submitted)
        grades = self._rows_of("grade", sheets.values())
        known = self._fingerprints(row["id"] for row in grades.values())
        before = self._origins(submitted)
        changes: list[Change] = []
        rows: dict[Place, Record] = {}
        answers: list[Record] = []
        for one in group:
            for page, mark in one.cells():
                sheet = sheets[one.participant, page]
                place = sheet, self._cells.grade_of(page, mark.cell)
                old = grades.get(place)
                seen = known.get(old["id"]) if old else None
                rows[place] = _standing_row(mark, old, seen)
                changes += _change(one, mark, old, seen, rows[place], before.get(one.participant))
                grade = old["id"] if old else rows[place].setdefault("id", uuid4().hex)
                if mark.fingerprint:
                    answers.append({"grade_id": grade, "fingerprint": mark.fingerprint})
        self._save("grade", rows, grades)
        self._replace(ANSWERS, answers, known)
        self._save_comments(group, sheets)
        self._save_origins(group, submitted)
        return changes

    def _sheets(
        self, group: Sequence[GradedSubmission], submitted: Mapping[str, str]
    ) -> dict[Sheet, str]:
        """The submitted notebooks, made where there are none."""
        there = {
            (row["assignment_id"], row["notebook_id"]): row["id"]
            for row in self._select("submitted_notebook", "assignment_id", submitted.values())
        }
        sheets: dict[Sheet, str] = {}
        new: list[Record] = []
        for one in group:
            for page in one.pages:
                place = submitted[one.participant], self._cells.notebook(page.name)
                if place not in there:
                    there[place] = uuid4().hex
                    columns = {"assignment_id": place[0], "notebook_id": place[1]}
                    new.append({"id": there[place], **columns, "flagged": False})
                sheets[one.participant, page.name] = there[place]
        self._insert("submitted_notebook", new)
        return sheets

    def _submitted(self, group: Sequence[GradedSubmission]) -> dict[str, str]:
        """The submitted assignment of each participant, made where there is none."""
        people = [one.participant for one in group]
        enrolled = {row["id"] for row in self._select("student", "id", people)}
        self._insert("student", [{"id": person} for person in people if person not in enrolled])
        there = {
            row["student_id"]: row["id"]
            for row in self._select("submitted_assignment", "student_id", people)
            if row["assignment_id"] == self._cells.assignment
        }
        moments = {one.participant: _as_stored(moment(one.timestamp)) for one in group}
        new = {person: uuid4().hex for person in people if person not in there}
        fixed = {"assignment_id": self._cells.assignment}
        self._insert(
            "submitted_assignment",
            [
                {"id": number, "student_id": person, "timestamp": moments[person], **fixed}
                for person, number in new.items()
            ],
        )
        self._update(
            "submitted_assignment",
            [
                {"id": number, "timestamp": moments[person]}
                for person, number in there.items()
                if moments[person] is not None
            ],
        )
        return there | new

    def _save_comments(
        self, group: Sequence[GradedSubmission], sheets: Mapping[Sheet, str]
    ) -> None:
        """What the marker should know; a played cell has a comment only while it is errored.

        As in nbgrader every answer cell has one, if empty: formgrader can fill it, not make it.
        """
        there = self._rows_of("comment", sheets.values())
        places = (
            (sheet, answer)
            for (_, here), sheet in sheets.items()
            for (page, _), answer in self._cells.answers.items()
            if page == here
        )
        rows: dict[Place, Record] = {
            place: {"auto_comment": None} for place in places if place not in there
        }
        for one in group:
            for page, mark in one.cells():
                answer = self._cells.answers.get((page, mark.cell))
                cell = answer or self._cells.grade_of(page, mark.cell)
                place = sheets[one.participant, page], cell
                errored = isinstance(mark.outcome, Errored)
                if answer or errored or place in there:
                    rows[place] = {"auto_comment": mark.comment if answer or errored else None}
        self._save("comment", rows, there)

    def _save_origins(
        self, group: Sequence[GradedSubmission], submitted: Mapping[str, str]
    ) -> None:
        rows = []
        for one in group:
            found = origin_of(one)
            if one.problem or any(isinstance(mark.outcome, Errored) for mark in one.marks):
                found = replace(found, submission="")
            rows.append({"assignment_id": submitted[one.participant], **asdict(found)})
        self._forget(ORIGINS, [row["assignment_id"] for row in rows])
        self._add(ORIGINS, rows)

    def _origins(self, submitted: Mapping[str, str]) -> dict[str, Origin]:
        """What the earlier grades of each participant rest on."""
        if not self._originated:
            return {}
        found: dict[str, Origin] = {}
        for chunk in _chunks(submitted.values()):
            query = select(ORIGINS).where(ORIGINS.c.assignment_id.in_(chunk))
            found |= {row[0]: Origin(*row[1:]) for row in self._connection.execute(query)}
        return {person: found[id] for person, id in submitted.items() if id in found}

    def _rows_of(self, table: str, sheets: Iterable[str]) -> dict[Place, Record]:
        rows = self._select(table, "notebook_id", sheets)
        return {(row["notebook_id"], row["cell_id"]): row for row in rows}

    def _save(
        self, table: str, rows: Mapping[Place, Record], there: Mapping[Place, Record]
    ) -> None:
        changed = [
            {**row, "id": there[place]["id"]}
            for place, row in rows.items()
            if place in there and any(there[place][name] != row[name] for name in row)
        ]
        new = [
            {"id": uuid4().hex, "notebook_id": place[0], "cell_id": place[1], **row}
            for place, row in rows.items()
            if place not in there
        ]
        self._update(table, changed)
        self._insert(table, new)

    def _fingerprints(self, grades: Iterable[str]) -> dict[str, str]:
        found: dict[str, str] = {}
        for chunk in _chunks(grades if self._answered else ()):
            query = select(ANSWERS).where(ANSWERS.c.grade_id.in_(chunk))
            found |= {row.grade_id: row.fingerprint for row in self._connection.execute(query)}
        return found

    def _replace(self, table: Table, rows: list[Record], known: Mapping[str, str]) -> None:
        """Write the fingerprints that are new or not those that are known."""
        changed = [row for row in rows if known.get(row["grade_id"]) != row["fingerprint"]]
        self._forget(table, [row["grade_id"] for row in changed if row["grade_id"] in known])
        self._add(table, changed)

    def _forget(self, table: Table, keys: Iterable[str]) -> None:
        if not self._writes:
            return
        (key,) = table.primary_key.columns
        for chunk in _chunks(keys):
            self._connection.execute(delete(table).where(key.in_(chunk)))

    def _select(self, table: str, column: str, values: Iterable[str]) -> list[Record]:
        chosen = self._tables[table]
        return [
            dict(row)
            for chunk in _chunks(values)
            for row in self._connection.execute(
                select(chosen).where(chosen.c[column].in_(chunk))
            ).mappings()
        ]

    def _insert(self, table: str, rows: list[Record]) -> None:
        self._add(self._tables[table], rows)

    def _add(self, table: Table, rows: list[Record]) -> None:
        if rows and self._writes:
            self._connection.execute(table.insert(), rows)

    def _update(self, table: str, rows: list[Record]) -> None:
        if rows and self._writes:
            chosen = self._tables[table]
            names: Any = {name: bindparam(f"new_{name}") for name in rows[0] if name != "id"}
            statement = chosen.update().where(chosen.c.id == bindparam("new_id")).values(names)
            self._connection.execute(
                statement, [{f"new_{name}": row[name] for name in row} for row in rows]
            )


def origins(connection: Connection, tables: Tables, module: str) -> dict[str, Origin]:
    """What the grades of a module rest on, by participant; those of unknown origin are left out."""
    assignment, submitted = tables["assignment"], tables["submitted_assignment"]
    query = (
        select(submitted.c.student_id, ORIGINS.c.submission, ORIGINS.c.source, ORIGINS.c.code)
        .join(assignment, assignment.c.id == submitted.c.assignment_id)
        .join(ORIGINS, ORIGINS.c.assignment_id == submitted.c.id)
        .where(assignment.c.name == module)
    )
    return {row[0]: Origin(*row[1:]) for row in connection.execute(query)}


def _standing_row(mark: Mark, old: Record | None, seen: str | None) -> Record:
    """The automatic side of a grade; a manual mark stands, and is looked at again if its answer changed."""
    needs_person = mark.points is None
    if old is not None and old["manual_score"] is not None:
        needs_person = bool(old["needs_manual_grade"]) or (
            bool(mark.fingerprint) and seen != mark.fingerprint
        )
    return {"auto_score": mark.points, "needs_manual_grade": needs_person}


def _before(old: Record | None, seen: str | None) -> Standing | None:
    """What was recorded earlier; nbgrader's own empty row says nothing."""
    if old is None or (seen is None and old["auto_score"] is None and old["manual_score"] is None):
        return None
    return Standing(old["auto_score"], bool(old["needs_manual_grade"]))


def _change(
    graded: GradedSubmission,
    mark: Mark,
    old: Record | None,
    seen: str | None,
    row: Record,
    rested_on: Origin | None,
) -> list[Change]:
    before, now = _before(old, seen), origin_of(graded)
    after = Standing(row["auto_score"], row["needs_manual_grade"])
    if after == before:
        return []
    return [
        Change(
            participant=graded.participant,
            module=graded.module,
            cell=mark.cell,
            old=before,
            new=after,
            origin=now,
            cause=cause(mark, now, first=before is None, answer=seen, before=rested_on),
            manual=old["manual_score"] if old else None,
        )
    ]


def _as_stored(at: datetime | None) -> datetime | None:
    """A moment as nbgrader keeps it: in UTC, without saying so."""
    return at and at.replace(tzinfo=None)


def _chunks(values: Iterable[str]) -> Iterable[list[str]]:
    distinct = list(dict.fromkeys(values))
    return (distinct[start : start + CHUNK] for start in range(0, len(distinct), CHUNK))
