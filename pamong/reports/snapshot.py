"""Everything the reports of one course are made of, read once, so that all of them agree.

Grades come from nbgrader's gradebook by plain SQL in one transaction; test items and agreements come
from the answer logs, replayed with the released keys. Exercises whose answers only their owner or a
coach may see are never opened.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import DateTime, text

import pamong
from pamong.course import Course
from pamong.errors import CourseError
from pamong.grading.records.ledger import require_kept
from pamong.grading.records.storage import Storage
from pamong.notebook import Cell as AuthoredCell
from pamong.notebook import grade_id, is_graded, is_task, parse
from pamong.programme import ModulePlan, Programme
from pamong.reports import presence
from pamong.reports.facts import (
    Attendance,
    Cell,
    Deal,
    Frontier,
    Grade,
    ModuleFacts,
    Opinion,
    Play,
    Question,
    Story,
    Submission,
)
from pamong.reports.logbook import Logbook
from pamong.roster import Participant, read_roster


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Snapshot:
    """What was known at ``taken`` (UTC). ``unread`` counts answer logs that could not be believed;
    ``fingerprint`` is the same for the same facts, whenever they are read. ``bands`` are the
    qualifications, the highest first, ``dates`` the first and last day of each cohort. ``attendance``
    is None where the service has a database that cannot be read.
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
    bands: tuple[tuple[str, float], ...] = ()
    bands_status: str = ""
    dates: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    questions: tuple[Question, ...] = ()
    stories: tuple[Story, ...] = ()
    opinions: tuple[Opinion, ...] = ()
    attendance: tuple[Attendance, ...] | None = ()

    @property
    def as_of(self) -> str:
        """``taken``, or the last submission where a clock says that it came later."""
        return max([self.taken, *(submission.at for submission in self.submissions)])


def take(course: Course, *, now: datetime | None = None, answers: bool = True) -> Snapshot:
    """Read the course as it is; needs a roster only, so it works before anybody has played.

    Without ``answers`` no log is replayed, which takes a second instead of many: what was handed in
    and what it was given are there, what the answers say is not.
    """
    roster = read_roster(course.roster, course.programme)
    known = {person.id for person in roster.participants}
    cells, grades, submitted = _gradebook(course)
    cohorts = {person.id: person.cohort for person in roster.participants}
    logs = Logbook(course, tuple(cohorts), cohorts, answers=answers)
    modules = tuple(
        _module(course, logs, plan, cells.get(plan.id, ())) for plan in course.programme.modules
    )
    at = now or datetime.now(UTC)
    facts = Snapshot(
        taken=_utc(at),
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
        bands=_bands(course.programme),
        bands_status=course.programme.bands.status if course.programme.bands else "",
        dates={it.id: (it.starts, it.ends) for it in course.programme.cohorts},
        questions=tuple(logs.questions),
        stories=tuple(logs.stories),
        # In an order that tells nothing about whose they are.
        attendance=presence.read(course, known, at),
        opinions=tuple(sorted(logs.opinions, key=lambda it: (it.question, it.cohort, it.answer))),
    )
    return replace(facts, fingerprint=_fingerprint(facts))


def _module(
    course: Course, logs: Logbook, plan: ModulePlan, cells: tuple[Cell, ...]
) -> ModuleFacts:
    return ModuleFacts(
        id=plan.id,
        title=plan.title,
        weight=plan.weight,
        due=_utc(course.programme.deadline(plan.id)),
        cells=logs.titled(plan.id, cells),
        played=logs.read(plan.id),
        jp=plan.jp,
        graded=bool(cells) or _gives_marks(course, plan.id),
    )


def _gives_marks(course: Course, module: str) -> bool:
    """Whether a module that the gradebook does not know has cells with points; yes if none can tell."""
    cells = _authored(course, module)
    return not cells or any(_has_points(cell) for cell in cells)


def _has_points(cell: AuthoredCell) -> bool:
    asked = is_graded(cell) or is_task(cell)
    return asked and bool(cell["metadata"]["nbgrader"].get("points"))


def _bands(programme: Programme) -> tuple[tuple[str, float], ...]:
    levels = programme.bands.levels if programme.bands else ()
    pairs = ((level.label, level.start) for level in levels)
    return tuple(sorted(pairs, key=lambda pair: -pair[1]))


def save(snapshot: Snapshot, path: Path) -> None:
    """Write a snapshot for other processes to ``load``."""
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_suffix(".part")
    scratch.write_bytes(msgspec.json.encode(snapshot))
    scratch.rename(path)


@cache
def focused(snapshot: Snapshot, module: str) -> Snapshot:
    """The same facts about one module only; CourseError when the programme has none of that id."""
    if not module:
        return snapshot
    known = [facts.id for facts in snapshot.modules]
    if module not in known:
        raise CourseError(f"No module {module!r} in the programme. It has: {', '.join(known)}.")
    parts: dict[str, Any] = {
        name: tuple(fact for fact in getattr(snapshot, name) if fact.module == module)
        for name in ("submissions", "grades", "plays", "deals", "questions", "stories", "opinions")
    }
    bargained = {deal.exercise for deal in parts["deals"]}
    return replace(
        snapshot,
        modules=tuple(facts for facts in snapshot.modules if facts.id == module),
        frontiers=tuple(line for line in snapshot.frontiers if line.exercise in bargained),
        **parts,
    )


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


_CELLS = text("""
    SELECT assignment.name, base_cell.name, coalesce(grade_cells.max_score, task_cells.max_score)
    FROM base_cell
    JOIN notebook ON notebook.id = base_cell.notebook_id
    JOIN assignment ON assignment.id = notebook.assignment_id
    LEFT JOIN grade_cells ON grade_cells.id = base_cell.id
    LEFT JOIN task_cells ON task_cells.id = base_cell.id
    WHERE coalesce(grade_cells.max_score, task_cells.max_score) > 0
""")
_GRADES = text("""
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
""")
_SUBMISSIONS = text("""
    SELECT submitted_assignment.student_id, assignment.name, submitted_assignment.timestamp
    FROM submitted_assignment
    JOIN assignment ON assignment.id = submitted_assignment.assignment_id
""").columns(timestamp=DateTime)


def _gradebook(course: Course) -> tuple[dict[str, tuple[Cell, ...]], list[Grade], list[Submission]]:
    """Cells by module, grades and submissions; all empty before there is a gradebook.

    The score of a grade is nbgrader's own rule: the manual score counts before the automatic one,
    extra credit only on top of either.
    """
    rows, grades, submissions = _read(course)
    cells: dict[str, list[Cell]] = {}
    for module, name, maximum in rows:
        cells.setdefault(module, []).append(Cell(id=name, title=name, maximum=float(maximum)))
    return (
        {module: _in_order(course, module, found) for module, found in cells.items()},
        [
            Grade(
                participant=who,
                module=module,
                cell=cell,
                score=float(score),
                pending=bool(pending),
            )
            # Sorted here, since a server sorts as its language does.
            for who, module, cell, score, pending in sorted(map(tuple, grades))
        ],
        [
            Submission(participant=who, module=module, at=_utc(at and at.replace(tzinfo=UTC)))
            for who, module, at in submissions
        ],
    )


def _read(course: Course) -> list[Sequence[Any]]:
    """The rows of the three queries at one moment."""
    queries, storage = (_CELLS, _GRADES, _SUBMISSIONS), Storage(course.gradebook_url)
    try:
        if not storage.there:
            require_kept(course.ledger, storage.file)
            return [() for _ in queries]
        with storage.reading() as connection:
            return [connection.execute(query).all() for query in queries]
    finally:
        storage.close()


def _in_order(course: Course, module: str, cells: list[Cell]) -> tuple[Cell, ...]:
    """The cells as they follow each other in the module; a database keeps no order of its own."""
    names = [grade_id(cell) for cell in _authored(course, module)]
    places = {name: place for place, name in reversed(tuple(enumerate(names)))}
    return tuple(sorted(cells, key=lambda cell: (places.get(cell.id, len(names)), cell.id)))


def _authored(course: Course, module: str) -> list[AuthoredCell]:
    """The cells of a module as its author wrote them; none where they cannot be read."""
    cells: list[AuthoredCell] = []
    for path in sorted(course.source(module).glob("*.ipynb")):
        with suppress(OSError, CourseError):
            cells += parse(path.read_bytes(), path.name)["cells"]
    return cells


def _once(submissions: tuple[Submission, ...], known: set[str]) -> tuple[Submission, ...]:
    """One submission per participant of the roster and module, the latest."""
    latest: dict[tuple[str, str], Submission] = {}
    for submission in sorted(submissions, key=lambda it: it.at):
        if submission.participant in known:
            latest[submission.participant, submission.module] = submission
    return tuple(latest[key] for key in sorted(latest))
