"""What the answer logs of collected submissions say, as plain facts for statistics.

Exercises whose answers only their owner or a coach may see are never opened.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from pamong import log
from pamong.bargaining import Bargain, Package
from pamong.catalogue import messages
from pamong.course import NOTEBOOK, Course, Exercise, Shelf
from pamong.errors import CourseError, PamongError
from pamong.event import Event
from pamong.grading.intake import folder as handed
from pamong.grading.intake.submission import RECEIPT_LIMIT, TIMESTAMP, moment, read
from pamong.kind import replay
from pamong.kinds.negotiation import case
from pamong.notebook import grade_id
from pamong.place import Person, Place, places
from pamong.reports import reading
from pamong.reports.facts import (
    AFTER,
    BEFORE,
    Cell,
    Deal,
    Frontier,
    Opinion,
    Play,
    Question,
    Story,
    Submission,
)


class Logbook:
    """Reads the answer logs of collected submissions, module by module, and keeps what they say.

    ``submissions`` are the ones that were collected; ``cohorts`` says who belongs where. Without
    ``answers`` no log is opened, and exercises keep the names of their cells.
    """

    def __init__(
        self,
        course: Course,
        people: tuple[str, ...],
        cohorts: Mapping[str, str] | None = None,
        *,
        answers: bool = True,
    ) -> None:
        self._course, self._people, self._answers = course, people, answers
        self._cohorts = cohorts or {}
        self.submissions: list[Submission] = []
        self.plays: list[Play] = []
        self.deals: list[Deal] = []
        self.frontiers: dict[tuple[str, str], Frontier] = {}
        self.questions: list[Question] = []
        self.stories: list[Story] = []
        self.opinions: list[Opinion] = []
        self.unread = 0

    def titled(self, module: str, cells: tuple[Cell, ...]) -> tuple[Cell, ...]:
        """The cells under the titles of their exercises."""
        known = dict(self._latest(module))
        spots = dict(_spots(self._notebook(module)))
        for name, place in spots.items():
            if name not in known and place.exercises[0] in known:
                known[name] = known[place.exercises[0]]
        essays = _essays(self._notebook(module))
        return tuple(
            replace(
                cell,
                title=_phase(cell.id, spots.get(cell.id))
                or _title(cell.id, essays.get(cell.id, cell.id), known),
            )
            for cell in cells
        )

    def read(self, module: str) -> tuple[Cell, ...]:
        """Read every log of a module that may be read; returns the exercises that it has."""
        shelf = self._course.shelf(module)
        latest = self._latest(module)
        readable = [name for name, it in latest.items() if may_read(it)]
        nameless = [name for name, it in latest.items() if reading.judges_the_programme(it.brief)]
        spots = _spots(self._notebook(module))
        for source in (latest[name] for name in readable):
            self.questions += reading.questions(module, source)
            if (told := reading.story(module, source)) is not None:
                self.stories.append(told)
        for participant in self._people:
            folder = self._course.submitted(participant, module)
            try:
                if not folder.is_dir():
                    continue
            except OSError:  # a folder above it that this account may not enter
                self.unread += 1
                continue
            self.submissions.append(
                Submission(participant=participant, module=module, at=_handed_in(folder))
            )
            self._hear(shelf, participant, module, folder, nameless)
            for exercise in readable:
                spot = _spot(spots, module, participant, exercise)
                self._read_one(shelf, participant, module, exercise, folder, spot)
        return tuple(
            _cell(name, place, latest[place.exercises[0]])
            for name, place in spots
            if set(place.exercises) & set(readable)
        )

    def _notebook(self, module: str) -> list[dict[str, Any]]:
        """The cells of the authored notebook; none while there is no such notebook."""
        try:
            text = (self._course.source(module) / NOTEBOOK).read_text(encoding="utf-8")
            cells: list[dict[str, Any]] = json.loads(text)["cells"]
        except (OSError, ValueError, KeyError):
            return []
        return cells

    def _latest(self, module: str) -> Mapping[str, Exercise]:
        return self._course.shelf(module).latest() if self._answers else {}

    def _read_one(
        self,
        shelf: Shelf,
        participant: str,
        module: str,
        exercise: str,
        folder: Path,
        spot: str,
    ) -> None:
        try:
            played = _replayed(shelf, exercise, folder / f"{exercise}.jsonl")
        except PamongError:
            self.unread += 1
            return
        if played is None:
            return
        source, state, events = played
        items: Mapping[str, float] = {}
        if state.finished and source.kind.asks_everybody_alike:
            items = source.kind.item_scores(source.brief, source.key, state)
        steps, ending = reading.steps(source, state)
        self.plays.append(
            Play(
                participant=participant,
                module=module,
                exercise=spot,
                finished=bool(state.finished),
                items=dict(items),
                form="" if spot == exercise else exercise,
                answers=reading.answers(source, state) if items else {},
                minutes=reading.minutes(events),
                steps=steps,
                ending=ending,
                parts=reading.parts(source, state),
            )
        )
        if source.kind.name == "negotiation" and source.brief.use == "graded":
            self._bargain(participant, module, source, state)

    def _hear(
        self, shelf: Shelf, participant: str, module: str, folder: Path, nameless: list[str]
    ) -> None:
        """What somebody thinks of the programme: kept without the name, whoever may read it with the name."""
        for exercise in nameless:
            try:
                played = _replayed(shelf, exercise, folder / f"{exercise}.jsonl")
            except PamongError:
                self.unread += 1
                continue
            if played is not None:
                cohort, (source, state, _) = self._cohorts.get(participant, ""), played
                self.opinions += reading.opinions(module, cohort, source, state)

    def _bargain(self, participant: str, module: str, source: Exercise, state: Any) -> None:
        attempt = state.counted
        if attempt is None or not attempt.ending:
            return
        assert isinstance(source.brief, case.Brief)  # noqa: S101  # narrows the type
        assert isinstance(source.key, case.Key)  # noqa: S101
        variant = case.variant_of(source.key, attempt.variant)
        bargain = case.bargain_of(source.brief, variant)
        self.frontiers.setdefault(
            (source.brief.id, variant.id),
            Frontier(exercise=source.brief.id, variant=variant.id, points=tuple(_shares(bargain))),
        )
        agreed = attempt.deal is not None
        package: Package | None = attempt.deal
        self.deals.append(
            Deal(
                participant=participant,
                module=module,
                exercise=source.brief.id,
                variant=variant.id,
                agreed=agreed,
                zone=bargain.best is not None,
                within=package is None or _within(package, case.lawful(source.brief)),
                own=bargain.own.share(package) if package else bargain.own.fallback,
                other=bargain.other.share(package) if package else bargain.other.fallback,
                left=_left(bargain, package),
            )
        )


def may_read(exercise: Exercise) -> bool:
    """Whether the content of an exercise's answers may enter a report at all."""
    return exercise.brief.visibility == "marker"


def _handed_in(folder: Path) -> str:
    """The moment in nbgrader's ``timestamp.txt``; empty when there is none that can be read."""
    text = (read(folder / TIMESTAMP, RECEIPT_LIMIT) or b"").decode(errors="replace")
    at = moment(text.strip())
    return at.isoformat(timespec="seconds") if at else ""


def _phase(name: str, place: Place | None) -> str:
    """What a place is called that shows one of several forms of a test; empty for any other."""
    if place is None or len(place.exercises) < 2:
        return ""
    say = messages("report")
    phases = {BEFORE: say("test.before"), AFTER: say("test.after")}
    return next((title for start, title in phases.items() if name.startswith(start)), "")


def _cell(name: str, place: Place, source: Exercise) -> Cell:
    return Cell(
        id=name,
        title=_phase(name, place) or source.brief.title,
        maximum=0.0,
        kind=source.kind.name,
        minutes=source.brief.minutes,
    )


def _replayed(
    shelf: Shelf, exercise: str, path: Path
) -> tuple[Exercise, Any, tuple[Event, ...]] | None:
    content = handed.read(path, log.LOG_LIMIT)
    if content is log.Unread.FORBIDDEN:
        raise CourseError(
            f"{path} may not be read by this account. Grade as the one that collects."
        )
    events = log.parse(content if isinstance(content, bytes) else b"", exercise).trusted()
    if not events:
        return None
    source = shelf.get(exercise, events[0].version)
    if not may_read(source) and not reading.judges_the_programme(source.brief):
        return None
    return source, replay(source.kind, source.brief, events), events


def _spots(cells: list[dict[str, Any]]) -> list[tuple[str, Place]]:
    """What the module shows, in order: a lone exercise under its own id, others under their cell's."""
    found: dict[str, Place] = {}
    for cell in cells:
        for place in places("".join(cell.get("source", "")), "exercise"):
            several = len(place.exercises) > 1
            found.setdefault(grade_id(cell) if several else place.exercises[0], place)
    return list(found.items())


def _spot(spots: list[tuple[str, Place]], module: str, participant: str, exercise: str) -> str:
    """Where a participant meets an exercise; its own id where the module does not show it."""
    for name, place in spots:
        by_lot = not place.roles and place.pick(module, Person(participant)) != exercise
        if exercise in place.exercises and not by_lot:
            return name
    return exercise


def _essays(cells: list[dict[str, Any]]) -> dict[str, str]:
    """Which exercise the text of an answer cell comes from, by the cell's grade id."""
    found = {}
    for cell in cells:
        metadata = cell.get("metadata", {})
        essay = metadata.get("pamong", {}).get("essay")
        if essay and "nbgrader" in metadata:
            found[metadata["nbgrader"].get("grade_id", "")] = essay["exercise"]
    return found


def _title(cell: str, exercise: str, known: Mapping[str, Exercise]) -> str:
    """The exercise's title; an answer cell of several says which part of it is meant."""
    if exercise not in known:
        return cell
    title = known[exercise].brief.title
    if cell == exercise:
        return title
    return f"{title}: {cell.removeprefix(exercise).strip('-').replace('-', ' ')}"


def _shares(bargain: Bargain) -> Iterator[tuple[float, float]]:
    for own, other in bargain.frontier:
        yield own / bargain.own.maximum, other / bargain.other.maximum


def _within(package: Package, allowed: tuple[tuple[int, ...], ...]) -> bool:
    return all(choice in options for choice, options in zip(package, allowed, strict=True))


def _left(bargain: Bargain, package: Package | None) -> float:
    """What the best agreement that harms nobody would have added to both, in points."""
    if package is None and bargain.best is None:
        return 0.0
    own = bargain.own.share(package) if package else bargain.own.fallback
    other = bargain.other.share(package) if package else bargain.other.fallback
    better = [a + b for a, b in _shares(bargain) if a >= own - 1e-9 and b >= other - 1e-9]
    return round(100 * (max(better, default=own + other) - own - other), 4)
