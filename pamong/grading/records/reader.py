"""A gradebook that is only looked at: no table is made, nothing is written, nobody is kept waiting."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import MetaData, Select, Table, select

from pamong.course import Course
from pamong.errors import CourseError
from pamong.grading.pipeline import GradedSubmission
from pamong.grading.records.ledger import Change, require_kept
from pamong.grading.records.origin import Origin
from pamong.grading.records.recording import ORIGINS, origins, record
from pamong.grading.records.storage import Storage

_NEEDED = frozenset({"assignment", "base_cell", "grade", "grade_cells", "submitted_assignment"})


@dataclass(frozen=True, slots=True)
class Recorded:
    """What the gradebook holds of one graded cell of one participant."""

    maximum: float
    auto: float | None
    manual: float | None
    extra: float | None
    needs_person: bool


class Reader:
    """The gradebook of one course as it stands; CourseError when there is none."""

    def __init__(self, course: Course) -> None:
        self._storage = Storage(course.gradebook_url)
        try:
            self._tables = self._reflected(course)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Give the connections back."""
        self._storage.close()

    def require(self, modules: Iterable[str]) -> None:
        """CourseError that names the modules which the gradebook does not know."""
        with self._storage.reading() as connection:
            known = set(connection.execute(select(self._tables["assignment"].c.name)).scalars())
        if unknown := [module for module in modules if module not in known]:
            raise CourseError(
                f"The gradebook {self._storage.place} holds no notebook of {', '.join(unknown)}. "
                f"Run `pamong release {unknown[0]}` first, and so for each."
            )

    def changes(self, batch: Iterable[GradedSubmission]) -> tuple[Change, ...]:
        """What recording the batch would change."""
        with self._storage.reading() as connection:
            return record(connection, self._tables, tuple(batch), writes=False)

    def origins(self, module: str) -> dict[str, Origin]:
        """What the recorded grades of a module rest on, by participant, as far as it is known."""
        if ORIGINS.name not in self._tables:
            return {}
        with self._storage.reading() as connection:
            return origins(connection, self._tables, module)

    def waiting(self, module: str) -> frozenset[tuple[str, str]]:
        """The participant and name of every cell that is flagged for a person."""
        grade = self._tables["grade"]
        submitted, cell = self._tables["submitted_assignment"], self._tables["base_cell"]
        query = self._cells(submitted.c.student_id, cell.c.name, module=module)
        with self._storage.reading() as connection:
            found = connection.execute(query.where(grade.c.needs_manual_grade))
            return frozenset((row[0], row[1]) for row in found)

    def recorded(self, participant: str, module: str, cell: str) -> Recorded | None:
        """One graded cell; None when it was never graded."""
        grade, worth = self._tables["grade"], self._tables["grade_cells"]
        query = (
            self._cells(worth.c.max_score, grade.c.auto_score, grade.c.manual_score, module=module)
            .add_columns(grade.c.extra_credit, grade.c.needs_manual_grade)
            .join(worth, worth.c.id == grade.c.cell_id)
            .where(self._tables["submitted_assignment"].c.student_id == participant)
            .where(self._tables["base_cell"].c.name == cell)
        )
        with self._storage.reading() as connection:
            row = connection.execute(query).first()
        return None if row is None else Recorded(row[0], row[1], row[2], row[3], bool(row[4]))

    def _cells(self, *columns: Any, module: str) -> Select[Any]:
        assignment, submitted = self._tables["assignment"], self._tables["submitted_assignment"]
        page, grade = self._tables["submitted_notebook"], self._tables["grade"]
        cell = self._tables["base_cell"]
        return (
            select(*columns)
            .select_from(assignment)
            .join(submitted, submitted.c.assignment_id == assignment.c.id)
            .join(page, page.c.assignment_id == submitted.c.id)
            .join(grade, grade.c.notebook_id == page.c.id)
            .join(cell, cell.c.id == grade.c.cell_id)
            .where(assignment.c.name == module)
        )

    def _reflected(self, course: Course) -> Mapping[str, Table]:
        metadata = MetaData()
        if self._storage.there:
            with self._storage.reading() as connection:
                metadata.reflect(connection)
        if not _NEEDED.issubset(metadata.tables):
            require_kept(course.ledger, self._storage.file)
            raise CourseError(
                f"{self._storage.place} holds no gradebook yet. Run `pamong release` first."
            )
        return dict(metadata.tables)
