"""Graded submissions as rows of nbgrader's tables, and what they change; the caller commits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from typing import Any
from uuid import uuid4

from sqlalchemy import Column, Connection, MetaData, String, Table, bindparam, delete, select

from pamong.errors import CourseError
from pamong.grading.ledger import Change, Standing
from pamong.grading.mark import Mark
from pamong.grading.pipeline import GradedSubmission
from pamong.outcome import Errored

ANSWERS = Table(
    "pamong_answer",
    MetaData(),
    Column("grade_id", String(32), primary_key=True),
    Column("fingerprint", String(64), nullable=False),
)
"""Which answer a grade was given for; beside nbgrader's own tables, which it leaves as they are."""
CHUNK = 500
"""Values in one IN list."""
Tables = Mapping[str, Table]
Record = dict[str, Any]
Place = tuple[str, str]
"""A submitted notebook and a cell in it, by their ids."""


def record(
    connection: Connection, tables: Tables, batch: Sequence[GradedSubmission]
) -> tuple[Change, ...]:
    """Write the batch; CourseError when the gradebook does not know its module as it was graded."""
    ordered = sorted(batch, key=lambda one: (one.module, one.participant))
    changes: list[Change] = []
    for module, group in groupby(ordered, key=lambda one: one.module):
        cells = _cells(connection, tables, module)
        changes += _Recording(connection, tables, cells).write(tuple(group))
    return tuple(changes)


@dataclass(frozen=True, slots=True)
class _Cells:
    """A module in the gradebook: the ids of its graded and of its answer cells, by name."""

    module: str
    assignment: str
    notebook: str
    graded: Mapping[str, str]
    answers: Mapping[str, str]

    def grade_of(self, name: str) -> str:
        if name not in self.graded:
            raise CourseError(
                f"{self.module}: the gradebook knows no graded cell {name!r}. "
                f"Run `pamong release {self.module}` again."
            )
        return self.graded[name]


def _cells(connection: Connection, tables: Tables, module: str) -> _Cells:
    assignment, notebook, cell = tables["assignment"], tables["notebook"], tables["base_cell"]
    query = (
        select(assignment.c.id, notebook.c.id)
        .join(notebook, notebook.c.assignment_id == assignment.c.id)
        .where(assignment.c.name == module)
    )
    found = connection.execute(query).all()
    if len(found) != 1:
        raise CourseError(
            f"The gradebook holds {len(found)} notebooks of {module}. "
            f"Run `pamong release {module}` first."
        )
    named: dict[str, dict[str, str]] = {"GradeCell": {}, "SolutionCell": {}}
    columns = select(cell.c.type, cell.c.name, cell.c.id).where(cell.c.notebook_id == found[0][1])
    for sort, name, number in connection.execute(columns):
        named.setdefault(sort, {})[name] = number
    return _Cells(module, *found[0], named["GradeCell"], named["SolutionCell"])


class _Recording:
    """Writes submissions of one module: reads what is there, then inserts and updates in bulk."""

    def __init__(self, connection: Connection, tables: Tables, cells: _Cells) -> None:
        self._connection, self._tables, self._cells = connection, tables, cells

    def write(self, group: Sequence[GradedSubmission]) -> list[Change]:
        pages = self._pages(group)
        grades = self._rows_of("grade", pages)
        known = self._fingerprints(row["id"] for row in grades.values())
        changes: list[Change] = []
        rows: dict[Place, Record] = {}
        answers: list[Record] = []
        for one in group:
            for mark in one.marks:
                place = pages[one.participant], self._cells.grade_of(mark.cell)
                old = grades.get(place)
                seen = known.get(old["id"]) if old else None
                rows[place] = _standing_row(mark, old, seen)
                changes += _change(one, mark, _before(old, seen), rows[place])
                grade = old["id"] if old else rows[place].setdefault("id", uuid4().hex)
                answers.append({"grade_id": grade, "fingerprint": mark.fingerprint})
        self._save("grade", rows, grades)
        self._save_fingerprints(answers)
        self._save_comments(group, pages)
        return changes

    def _pages(self, group: Sequence[GradedSubmission]) -> dict[str, str]:
        """The submitted notebook of each participant, made where there is none."""
        people = [one.participant for one in group]
        there = {row["id"] for row in self._select("student", "id", people)}
        self._insert("student", [{"id": person} for person in people if person not in there])
        submitted = self._submitted(group)
        pages = {
            row["assignment_id"]: row["id"]
            for row in self._select("submitted_notebook", "assignment_id", submitted.values())
            if row["notebook_id"] == self._cells.notebook
        }
        new = {number: uuid4().hex for number in submitted.values() if number not in pages}
        columns = {"notebook_id": self._cells.notebook, "flagged": False}
        self._insert(
            "submitted_notebook",
            [{"id": page, "assignment_id": number, **columns} for number, page in new.items()],
        )
        pages |= new
        return {person: pages[number] for person, number in submitted.items()}

    def _submitted(self, group: Sequence[GradedSubmission]) -> dict[str, str]:
        people = [one.participant for one in group]
        there = {
            row["student_id"]: row["id"]
            for row in self._select("submitted_assignment", "student_id", people)
            if row["assignment_id"] == self._cells.assignment
        }
        moments = {one.participant: _moment(one.timestamp) for one in group}
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

    def _save_comments(self, group: Sequence[GradedSubmission], pages: Mapping[str, str]) -> None:
        """What the marker should know; a played cell has a comment only while it is errored."""
        there = self._rows_of("comment", pages)
        rows: dict[Place, Record] = {}
        for one in group:
            for mark in one.marks:
                answer = self._cells.answers.get(mark.cell)
                place = pages[one.participant], answer or self._cells.grade_of(mark.cell)
                errored = isinstance(mark.outcome, Errored)
                if answer or errored or place in there:
                    rows[place] = {"auto_comment": mark.comment if answer or errored else None}
        self._save("comment", rows, there)

    def _rows_of(self, table: str, pages: Mapping[str, str]) -> dict[Place, Record]:
        rows = self._select(table, "notebook_id", pages.values())
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
        for chunk in _chunks(grades):
            query = select(ANSWERS).where(ANSWERS.c.grade_id.in_(chunk))
            found |= {row.grade_id: row.fingerprint for row in self._connection.execute(query)}
        return found

    def _save_fingerprints(self, answers: list[Record]) -> None:
        for chunk in _chunks(answer["grade_id"] for answer in answers):
            self._connection.execute(delete(ANSWERS).where(ANSWERS.c.grade_id.in_(chunk)))
        if answers:
            self._connection.execute(ANSWERS.insert(), answers)

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
        if rows:
            self._connection.execute(self._tables[table].insert(), rows)

    def _update(self, table: str, rows: list[Record]) -> None:
        if rows:
            chosen = self._tables[table]
            names: Any = {name: bindparam(f"new_{name}") for name in rows[0] if name != "id"}
            statement = chosen.update().where(chosen.c.id == bindparam("new_id")).values(names)
            self._connection.execute(
                statement, [{f"new_{name}": row[name] for name in row} for row in rows]
            )


def _standing_row(mark: Mark, old: Record | None, seen: str | None) -> Record:
    """The automatic side of a grade; a manual mark stands, and is looked at again if its answer changed."""
    needs_person = mark.points is None
    if old is not None and old["manual_score"] is not None:
        needs_person = bool(old["needs_manual_grade"]) or seen != mark.fingerprint
    return {"auto_score": mark.points, "needs_manual_grade": needs_person}


def _before(old: Record | None, seen: str | None) -> Standing | None:
    """What was recorded earlier; nbgrader's own empty row says nothing."""
    if old is None or (seen is None and old["auto_score"] is None and old["manual_score"] is None):
        return None
    return Standing(old["auto_score"], bool(old["needs_manual_grade"]))


def _change(
    graded: GradedSubmission, mark: Mark, before: Standing | None, row: Record
) -> list[Change]:
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
            version=graded.version,
            cause=mark.outcome.cause if isinstance(mark.outcome, Errored) else "",
        )
    ]


def _moment(timestamp: str) -> datetime | None:
    """A time stamp of nbgrader (``2026-01-31 10:00:00.123456 UTC``) or in ISO 8601, as naive UTC."""
    text = timestamp.removesuffix(" UTC").strip()
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


def _chunks(values: Iterable[str]) -> Iterable[list[str]]:
    distinct = list(dict.fromkeys(values))
    return (distinct[start : start + CHUNK] for start in range(0, len(distinct), CHUNK))
