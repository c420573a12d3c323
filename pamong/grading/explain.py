"""Why a graded cell stands as it does: what was played, what it came to now, and what was recorded.

Content of an answer is told only where its brief lets a marker see it.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing, suppress
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from pamong import log
from pamong.course import Course, Exercise
from pamong.errors import AuthoringError, CourseError, PamongError
from pamong.event import Event
from pamong.grading.crew.workers import grade_all
from pamong.grading.intake.submission import Submission, load, submitters
from pamong.grading.mark import Mark, exercises_of
from pamong.grading.path import Step, steps
from pamong.grading.records import ledger
from pamong.grading.records.ledger import Entry, Unreadable
from pamong.grading.records.reader import Reader, Recorded
from pamong.grading.source import ModuleSource, load_source
from pamong.judgement import read
from pamong.notebook import Cell, essay_of, grade_id, graded, is_answer
from pamong.place import Person, places
from pamong.roster import read_roster

NEAREST = 3
"""Names that an error offers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Play:
    """One answer log: what was played, on which version, and how it ended.

    ``damage`` is what ends the path before the log does; ``visibility`` is the brief's.
    """

    exercise: str
    kind: str
    title: str
    version: int
    released: tuple[int, ...]
    visibility: str
    steps: tuple[Step, ...]
    attempts: int
    allowed: int
    finished: bool
    ending: str
    undone: tuple[str, ...]
    damage: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Everything there is to know of one graded cell of one participant.

    ``mark`` is what grading comes to now, None where the exercise is practice; ``play`` is None when
    nothing was played or it cannot be told on what; ``history`` is the ledger's, in order.
    """

    participant: str
    role: str
    module: str
    cell: str
    exercise: str
    mark: Mark | None
    play: Play | None
    recorded: Recorded | None
    history: tuple[Entry | Unreadable, ...]
    submitted: str
    source: str


def explain(course: Course, participant: str, exercise: str, module: str = "") -> Explanation:
    """Explain an exercise, named by itself or by its cell; CourseError that says what to ask instead.

    The module may be left out where only one has that exercise.
    """
    module = _module(course, exercise, module)
    _require_submission(course, participant, module)
    source, submission = load_source(course, module), load(course, participant, module)
    cell, played = _place(source, submission, exercise)
    name = grade_id(cell) if cell else ""
    recorded, history = _records(course, participant, module, name)
    return Explanation(
        participant=participant,
        role=submission.role,
        module=module,
        cell=name,
        exercise=played,
        mark=_mark(source, submission, name) if name else None,
        play=_play(course, submission, played),
        recorded=recorded,
        history=history,
        submitted=submission.timestamp,
        source=source.version,
    )


def _module(course: Course, exercise: str, module: str) -> str:
    """The module that has the exercise."""
    names = [plan.id for plan in course.programme.modules]
    known = {
        id: _names(course, id) for id in ([course.require_module(module)] if module else names)
    }
    found = [id for id, there in known.items() if exercise in there]
    if len(found) > 1:
        raise CourseError(
            f"{len(found)} modules have {exercise}: {', '.join(found)}. "
            f"Name one of them after the exercise."
        )
    if not found:
        where = f" in {module}" if module else ""
        every = {name for there in known.values() for name in there}
        raise CourseError(f"There is no exercise {exercise}{where}. {_nearest(exercise, every)}")
    return found[0]


def _names(course: Course, module: str) -> set[str]:
    """The released exercises of a module, and the graded cells they stand in."""
    found = set(course.shelf(module).latest())
    with suppress(CourseError):
        found |= {grade_id(cell) for cell in _cells(load_source(course, module))}
    return found


def _cells(source: ModuleSource) -> tuple[Cell, ...]:
    return tuple(cell for page in source.notebooks.values() for cell in graded(page))


def _require_submission(course: Course, participant: str, module: str) -> None:
    there = submitters(course, module)
    if participant in there:
        return
    known = set(there)
    with suppress(AuthoringError):
        known |= {one.id for one in read_roster(course.roster, course.programme).participants}
    if participant in known:
        raise CourseError(
            f"{participant} has handed in nothing for {module}. "
            f"If they say that they have, run `pamong collect {module}` again."
        )
    raise CourseError(f"Nobody is called {participant}. {_nearest(participant, known)}")


def _nearest(name: str, known: Iterable[str]) -> str:
    listed = sorted(known)
    near = get_close_matches(name, listed, NEAREST, 0.5)
    if near:
        return f"Nearest: {', '.join(near)}."
    return f"There are: {', '.join(listed[:20])}{', …' if len(listed) > 20 else ''}."


def _place(source: ModuleSource, submission: Submission, name: str) -> tuple[Cell | None, str]:
    """The graded cell that is meant, and the exercise that this participant met in it."""
    met = {grade_id(cell): _met(cell, submission) for cell in _cells(source)}
    cells = {grade_id(cell): cell for cell in _cells(source)}
    if name in cells:
        return cells[name], met[name]
    for cell, exercise in met.items():
        if exercise == name:
            return cells[cell], name
    for id, asked in cells.items():
        if name in exercises_of(asked):
            raise CourseError(
                f"{submission.participant} meets {met[id]} at {id}, not {name}. Ask for {met[id]}."
            )
    return None, name


def _met(cell: Cell, submission: Submission) -> str:
    if is_answer(cell):
        return essay_of(cell)[0]
    asked = places(cell["source"], "points")
    person = Person(submission.participant, submission.role)
    return asked[0].pick(submission.module, person, submission.logs) if asked else ""


def _mark(source: ModuleSource, submission: Submission, cell: str) -> Mark | None:
    with closing(grade_all({source.id: source}, [submission], processes=1)) as stream:
        marks = [mark for _, found in stream for mark in found.marks]
    return next((mark for mark in marks if mark.cell == cell), None)


def _play(course: Course, submission: Submission, exercise: str) -> Play | None:
    content = bytes(submission.logs.get(exercise, b""))
    found = log.parse(content, exercise)
    damage = str(found.damage[0]) if found.damage else ""
    intact = found.events
    if found.damage:
        intact = intact[: max(0, found.damage[0].line - 1)]
    if not intact and not damage:
        return None
    shelf = course.shelf(submission.module)
    versions = shelf.versions(exercise)
    version = intact[0].version if intact else 0
    if version not in versions and not versions:
        return None
    it = shelf.get(exercise, version if version in versions else versions[-1])
    open_to_marker = it.brief.visibility == "marker"
    fault = _fault(course, submission, exercise)
    zone = course.programme.time_zone
    state = _state(it, intact)
    told = steps(it.brief, intact, zone=zone, fault=fault, open_to_marker=open_to_marker)
    return Play(
        exercise=exercise,
        kind=it.kind.name,
        title=it.brief.title,
        version=version,
        released=versions,
        visibility=it.brief.visibility,
        steps=told,
        attempts=max((event.attempt for event in intact), default=0),
        allowed=it.brief.attempts,
        damage=damage,
        finished=state.finished,
        ending=it.kind.ending(it.brief, state) if open_to_marker else "",
        undone=tuple(it.kind.missing(it.brief, state)) if open_to_marker else (),
    )


def _state(it: Exercise, events: tuple[Event, ...]) -> Any:
    """How far the events that can be replayed have come."""
    state = it.kind.start(it.brief)
    with suppress(PamongError):
        for event in events:
            state = it.kind.apply(it.brief, state, event)
    return state


def _fault(course: Course, submission: Submission, exercise: str) -> int:
    """The number of the event at which judging stops; 0 when it does not."""
    try:
        read(exercise, submission.logs, course.shelf(submission.module))
    except PamongError as error:
        return getattr(error, "n", 0) * (getattr(error, "exercise", "") == exercise)
    return 0


def _records(
    course: Course, participant: str, module: str, cell: str
) -> tuple[Recorded | None, tuple[Entry | Unreadable, ...]]:
    if not cell:
        return None, ()
    with closing(Reader(course)) as reader:
        recorded = reader.recorded(participant, module, cell)
    lines = ledger.read(course.ledger, participant=participant, module=module, cell=cell)
    return recorded, tuple(lines)
