"""Everything the reports of one course are made of, read once, so that all of them agree.

Grades come from nbgrader's gradebook by plain SQL on a backup of it; test items and agreements come
from the answer logs, replayed with the released keys. Exercises whose answers only their owner or a
coach may see are never opened.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from pathlib import Path

import msgspec

import pamong
from pamong.course import Course
from pamong.errors import CourseError
from pamong.reports.logbook import Cell, Deal, Frontier, Logbook, Play, Submission
from pamong.roster import Participant, read_roster


@dataclass(frozen=True, slots=True, kw_only=True)
class ModuleFacts:
    """One module of the programme. ``due`` is its deadline in UTC, empty when there is none;
    ``played`` names the exercises whose logs were read, in the order of the module.
    """

    id: str
    title: str
    weight: float
    due: str
    cells: tuple[Cell, ...]
    played: tuple[Cell, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grade:
    """Points of one participant for one cell; ``pending`` ones still wait for a person."""

    participant: str
    module: str
    cell: str
    score: float
    pending: bool


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Snapshot:
    """What was known at ``taken`` (UTC). ``unread`` counts answer logs that could not be believed;
    ``fingerprint`` is the same for the same facts, whenever they are read.
    """

    taken: str
    code: str
    fingerprint: str
    programme: str
    time_zone: str
    pass_mark: float
    cohorts: tuple[tuple[str, str], ...]
    people: tuple[Participant, ...]
    modules: tuple[ModuleFacts, ...]
    submissions: tuple[Submission, ...]
    grades: tuple[Grade, ...]
    plays: tuple[Play, ...]
    deals: tuple[Deal, ...]
    frontiers: tuple[Frontier, ...]
    unread: int

    @property
    def as_of(self) -> str:
        """``taken``, or the last submission where a clock says that it came later."""
        return max([self.taken, *(submission.at for submission in self.submissions)])


def take(course: Course, *, now: datetime | None = None) -> Snapshot:
    """Read the course as it is; needs a roster only, so it works before anybody has played."""
    roster = read_roster(course.roster, course.programme)
    known = {person.id for person in roster.participants}
    cells, grades, submitted = _gradebook(course.gradebook)
    logs = Logbook(course, tuple(person.id for person in roster.participants))
    modules = tuple(
        ModuleFacts(
            id=plan.id,
            title=plan.title,
            weight=plan.weight,
            due=_utc(course.programme.deadline(plan.id)),
            cells=logs.titled(plan.id, cells.get(plan.id, ())),
            played=logs.read(plan.id),
        )
        for plan in course.programme.modules
    )
    facts = Snapshot(
        taken=_utc(now or datetime.now(UTC)),
        code=_code_version(course.root),
        fingerprint="",
        programme=course.programme.title,
        time_zone=course.programme.time_zone,
        pass_mark=course.programme.pass_mark,
        cohorts=tuple((cohort.id, cohort.title) for cohort in course.programme.cohorts),
        people=roster.participants,
        modules=modules,
        submissions=_once((*logs.submissions, *submitted), known),
        grades=tuple(grade for grade in grades if grade.participant in known),
        plays=tuple(logs.plays),
        deals=tuple(logs.deals),
        frontiers=tuple(logs.frontiers.values()),
        unread=logs.unread,
    )
    return replace(facts, fingerprint=_fingerprint(facts))


def save(snapshot: Snapshot, path: Path) -> None:
    """Write a snapshot for other processes to ``load``."""
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_suffix(".part")
    scratch.write_bytes(msgspec.json.encode(snapshot))
    scratch.rename(path)


@cache
def load(path: str) -> Snapshot:
    """The snapshot in a file, read once per process; forked processes inherit it."""
    try:
        return msgspec.json.decode(Path(path).read_bytes(), type=Snapshot)
    except (OSError, msgspec.DecodeError) as error:
        raise CourseError(f"{path} is no snapshot ({error}). Run pamong report again.") from error


def _utc(at: datetime | None) -> str:
    return "" if at is None else at.astimezone(UTC).isoformat(timespec="seconds")


def _fingerprint(facts: Snapshot) -> str:
    content = msgspec.json.encode(replace(facts, taken="", code=""))
    return sha256(content).hexdigest()[:12]


def _code_version(root: Path) -> str:
    """The package's version and, where there is one, the commit of the repository at ``root``."""
    try:
        head = (root / ".git" / "HEAD").read_text(encoding="ascii").strip()
        if head.startswith("ref: "):
            head = (root / ".git" / head.removeprefix("ref: ")).read_text(encoding="ascii").strip()
    except OSError:
        return pamong.__version__
    return f"{pamong.__version__}+{head[:10]}"


_CELLS = """
    SELECT assignment.name, base_cell.name, coalesce(grade_cells.max_score, task_cells.max_score)
    FROM base_cell
    JOIN notebook ON notebook.id = base_cell.notebook_id
    JOIN assignment ON assignment.id = notebook.assignment_id
    LEFT JOIN grade_cells ON grade_cells.id = base_cell.id
    LEFT JOIN task_cells ON task_cells.id = base_cell.id
    WHERE coalesce(grade_cells.max_score, task_cells.max_score) > 0
    ORDER BY base_cell.rowid
"""
_GRADES = """
    SELECT submitted_assignment.student_id, assignment.name, base_cell.name,
        CASE
            WHEN grade.manual_score IS NOT NULL THEN grade.manual_score + coalesce(extra_credit, 0)
            WHEN grade.auto_score IS NOT NULL THEN grade.auto_score + coalesce(extra_credit, 0)
            ELSE 0
        END,
        grade.needs_manual_grade
    FROM grade
    JOIN submitted_notebook ON submitted_notebook.id = grade.notebook_id
    JOIN submitted_assignment ON submitted_assignment.id = submitted_notebook.assignment_id
    JOIN assignment ON assignment.id = submitted_assignment.assignment_id
    JOIN base_cell ON base_cell.id = grade.cell_id
    ORDER BY 1, 2, 3
"""
_SUBMISSIONS = """
    SELECT submitted_assignment.student_id, assignment.name, submitted_assignment.timestamp
    FROM submitted_assignment
    JOIN assignment ON assignment.id = submitted_assignment.assignment_id
"""


def _gradebook(
    path: Path,
) -> tuple[dict[str, tuple[Cell, ...]], list[Grade], list[Submission]]:
    """Cells by module, grades and submissions; all empty while there is no gradebook.

    The score of a grade is nbgrader's own rule: the manual score counts before the automatic one,
    extra credit only on top of either.
    """
    if not path.is_file():
        return {}, [], []
    with closing(sqlite3.connect(":memory:")) as copy:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as gradebook:
            gradebook.backup(copy)
        try:
            rows = copy.execute(_CELLS).fetchall()
            grades = copy.execute(_GRADES).fetchall()
            submissions = copy.execute(_SUBMISSIONS).fetchall()
        except sqlite3.Error as error:
            raise CourseError(
                f"{path} is not a gradebook of this nbgrader ({error}). Run nbgrader db upgrade."
            ) from error
    cells: dict[str, tuple[Cell, ...]] = {}
    for module, name, maximum in rows:
        cell = Cell(id=name, title=name, maximum=float(maximum))
        cells[module] = (*cells.get(module, ()), cell)
    return (
        cells,
        [
            Grade(
                participant=who,
                module=module,
                cell=cell,
                score=float(score),
                pending=bool(pending),
            )
            for who, module, cell, score, pending in grades
        ],
        [
            Submission(participant=who, module=module, at=_stored(at))
            for who, module, at in submissions
        ],
    )


def _stored(at: str | None) -> str:
    """A moment as the gradebook stores it (UTC without saying so)."""
    return _utc(datetime.fromisoformat(at).replace(tzinfo=UTC) if at else None)


def _once(submissions: tuple[Submission, ...], known: set[str]) -> tuple[Submission, ...]:
    """One submission per participant of the roster and module, the latest."""
    latest: dict[tuple[str, str], Submission] = {}
    for submission in sorted(submissions, key=lambda it: it.at):
        if submission.participant in known:
            latest[submission.participant, submission.module] = submission
    return tuple(latest[key] for key in sorted(latest))
