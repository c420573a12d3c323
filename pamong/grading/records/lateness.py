"""What late submissions lose: nbgrader's own plug-in, asked with the numbers that nbgrader would give it.

nbgrader is imported only where its configuration says anything about penalties.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from jupyter_core.paths import jupyter_config_path
from sqlalchemy import Connection, RowMapping, Table, bindparam, func, select
from traitlets.config import Config
from traitlets.config.loader import JSONFileConfigLoader, PyFileConfigLoader

from pamong.course import Course
from pamong.errors import CourseError
from pamong.programme import Due

Penalty = Callable[[str, float, float], float | None]
"""Points to take off a notebook (or None) by its participant, its score and the seconds it is late."""

SECTIONS = ("AssignLatePenalties", "LateSubmissionPlugin")
"""Where nbgrader is told about penalties."""
CONFIGURATION = "nbgrader_config"
_EPOCH = datetime(1970, 1, 1)  # how SQLAlchemy keeps an interval in SQLite


def no_penalty(_participant: str, _score: float, _seconds: float) -> None:
    """What nbgrader does unless it is told otherwise."""


def load_penalty(course: Course) -> Penalty:
    """The penalty that nbgrader's configuration asks for; CourseError when it cannot be loaded."""
    settings = _settings(course.root)
    if not any(section in settings for section in SECTIONS):
        return no_penalty
    from nbgrader.preprocessors import AssignLatePenalties  # noqa: PLC0415  # two seconds

    try:
        step = AssignLatePenalties(config=settings)
        step.init_plugin()
    except Exception as error:
        raise _faulty(f"cannot be loaded: {type(error).__name__}: {error}") from error
    if not step.enabled:
        return no_penalty
    plugin: Any = step.plugin_inst
    return _within_reason(plugin.late_submission_penalty)


def penalise(
    connection: Connection,
    tables: Mapping[str, Table],
    handed_in: Iterable[tuple[str, str]],
    penalty: Penalty,
) -> None:
    """Set what each notebook of these modules and participants loses, after its grades were written."""
    people: dict[str, list[str]] = {}
    for module, participant in handed_in:
        people.setdefault(module, []).append(participant)
    changed = [
        {"sheet": row["id"], "points": points}
        for module, names in people.items()
        for row in _sheets(connection, tables, module, names)
        if (points := _points(row, penalty)) != row["late_submission_penalty"]
    ]
    if changed:
        sheet = tables["submitted_notebook"]
        statement = sheet.update().where(sheet.c.id == bindparam("sheet"))
        connection.execute(statement.values(late_submission_penalty=bindparam("points")), changed)


def set_dues(
    connection: Connection, tables: Mapping[str, Table], dues: Iterable[Due]
) -> list[tuple[str, str]]:
    """Set due dates and extensions; returns the module and participant of every submission they change.

    Modules and people that are not among ``dues`` stay as they are, as does who has handed in nothing.
    """
    assignment, submitted = tables["assignment"], tables["submitted_assignment"]
    changed: list[tuple[str, str]] = []
    for due in dues:
        row = connection.execute(
            select(assignment.c.id, assignment.c.duedate).where(assignment.c.name == due.module)
        ).first()
        if row is None:
            continue
        earliest = due.earliest.astimezone(UTC).replace(tzinfo=None)
        moved = row.duedate != earliest
        if moved:
            its = assignment.c.id == row.id
            connection.execute(assignment.update().where(its).values(duedate=earliest))
        query = select(submitted.c.id, submitted.c.student_id, submitted.c.extension)
        rows = connection.execute(query.where(submitted.c.assignment_id == row.id)).all()
        extended = [
            {"its": one.id, "more": _kept(connection, due.more[one.student_id])}
            for one in rows
            if one.student_id in due.more and _span(one.extension) != due.more[one.student_id]
        ]
        if extended:
            statement = submitted.update().where(submitted.c.id == bindparam("its"))
            connection.execute(statement.values(extension=bindparam("more")), extended)
        ids = {one["its"] for one in extended}
        changed += [(due.module, one.student_id) for one in rows if moved or one.id in ids]
    return changed


def penalties(
    connection: Connection, tables: Mapping[str, Table], module: str
) -> dict[str, dict[str, float]]:
    """What was lost in a module, by participant and notebook's file name; only where anything was."""
    assignment, notebook = tables["assignment"], tables["notebook"]
    submitted, sheet = tables["submitted_assignment"], tables["submitted_notebook"]
    query = (
        select(submitted.c.student_id, notebook.c.name, sheet.c.late_submission_penalty)
        .join(sheet, sheet.c.assignment_id == submitted.c.id)
        .join(notebook, notebook.c.id == sheet.c.notebook_id)
        .join(assignment, assignment.c.id == submitted.c.assignment_id)
        .where(assignment.c.name == module, sheet.c.late_submission_penalty > 0)
    )
    found: dict[str, dict[str, float]] = {}
    for participant, name, points in connection.execute(query):
        found.setdefault(participant, {})[f"{name}.ipynb"] = points
    return found


def _within_reason(penalty: Penalty) -> Penalty:
    """Nothing below 0 and nothing above the score, as nbgrader sees to."""

    def bounded(participant: str, score: float, seconds: float) -> float | None:
        try:
            points = penalty(participant, score, seconds)
            points = None if points is None else float(points)
        except Exception as error:
            raise _faulty(f"failed for {participant}: {type(error).__name__}: {error}") from error
        if points is None:
            return None
        if not math.isfinite(points):
            raise _faulty(f"answered {points} for {participant}")
        return 0.0 if points < 0 else min(points, score)

    return bounded


def _points(row: RowMapping, penalty: Penalty) -> float | None:
    seconds = _seconds_late(row["timestamp"], row["duedate"], row["extension"])
    return penalty(row["student_id"], row["score"], seconds) if seconds > 0 else None


def _seconds_late(
    handed_in: datetime | None, due: datetime | None, extension: datetime | timedelta | None
) -> float:
    if handed_in is None or due is None:
        return 0.0
    return (handed_in - due - _span(extension)).total_seconds()


def _span(extension: datetime | timedelta | None) -> timedelta:
    return extension - _EPOCH if isinstance(extension, datetime) else extension or timedelta()


def _kept(connection: Connection, more: timedelta) -> datetime | timedelta:
    """A span as the column takes it, which was read from the database itself."""
    return _EPOCH + more if connection.dialect.name == "sqlite" else more


def _sheets(
    connection: Connection, tables: Mapping[str, Table], module: str, people: list[str]
) -> Sequence[RowMapping]:
    """The notebooks with what a penalty depends on; ``people`` are no more than one batch."""
    assignment, submitted = tables["assignment"], tables["submitted_assignment"]
    sheet, grade = tables["submitted_notebook"], tables["grade"]
    counted = func.coalesce(grade.c.manual_score, grade.c.auto_score)
    earned = func.sum(counted + func.coalesce(grade.c.extra_credit, 0.0))
    score = (
        select(func.coalesce(earned, 0.0))
        .where(grade.c.notebook_id == sheet.c.id)
        .scalar_subquery()
    )
    query = (
        select(sheet.c.id, sheet.c.late_submission_penalty, score.label("score"))
        .add_columns(submitted.c.student_id, submitted.c.timestamp, submitted.c.extension)
        .add_columns(assignment.c.duedate)
        .join(submitted, submitted.c.id == sheet.c.assignment_id)
        .join(assignment, assignment.c.id == submitted.c.assignment_id)
        .where(assignment.c.name == module, submitted.c.student_id.in_(people))
    )
    return connection.execute(query).mappings().all()


def _settings(root: Path) -> Config:
    """What the files say that nbgrader reads when it is started at ``root``; the last one counts most."""
    settings = Config()
    for folder in [*reversed(jupyter_config_path()), str(root)]:
        for loader, suffix in ((PyFileConfigLoader, ".py"), (JSONFileConfigLoader, ".json")):
            if (Path(folder) / (CONFIGURATION + suffix)).is_file():
                settings.merge(_load(loader, folder, suffix))
    return settings


def _load(loader: type[Any], folder: str, suffix: str) -> Config:
    try:
        found: Config = loader(CONFIGURATION + suffix, path=folder).load_config()
    except (Exception, SystemExit) as error:
        raise CourseError(
            f"{Path(folder) / (CONFIGURATION + suffix)} cannot be read: {error}. Correct it first."
        ) from error
    return found


def _faulty(reason: str) -> CourseError:
    return CourseError(
        f"The plug-in for late submissions {reason}. Nothing of this batch was recorded. "
        f"Correct it, or {' and '.join(SECTIONS)} in {CONFIGURATION}.py, then run the command again."
    )
