"""A participant's pages over the database: one released course for all, answers and receipts of their own.

Graded negotiations are played here, where the keys are: nothing that a client sends is ever taken for
an opening or a reply, so attempts count themselves and nothing can be rewound.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property, lru_cache
from pathlib import Path

from sqlalchemy import Connection

from pamong import notebook, outline, portfolio
from pamong.counterpart import Counterpart, LocalCounterpart
from pamong.course import BRIEF, NOTEBOOK, Course, Shelf
from pamong.dialogue import Dialogue, Where
from pamong.edition import Edition, cached_brief
from pamong.enrolment import Enrolment
from pamong.errors import (
    CounterpartError,
    CourseError,
    IllegalEvent,
    OtherEngine,
    PamongError,
    ServiceError,
    UnknownVersion,
)
from pamong.event import Action, Data, Draft, Event
from pamong.kind import AnyKind, Brief, Key, replay
from pamong.kinds import KINDS
from pamong.light import host as light
from pamong.light.host import Company, ModuleContent, NotOpen, NotThere
from pamong.light.remembered import Remembered
from pamong.outline import Piece, Spot
from pamong.portfolio import Portfolio
from pamong.service import handover, memory, schedule
from pamong.service.board import asking
from pamong.service.database import Database
from pamong.service.eventstore import DatabaseStore
from pamong.service.people import Person
from pamong.service.schedule import Window
from pamong.service.service import Service
from pamong.service.submissions import Submissions, kept
from pamong.store import Store

log = logging.getLogger(__name__)


def meet(service: Service, connection: Connection, person: Person) -> ServiceHost | None:
    """The pages of a participant as things stand now; None for staff, who have none."""
    if person.role != "peserta":
        return None
    windows = schedule.windows(connection, service.course.programme, person)
    return ServiceHost(service, person, windows, frozenset(handover.released(connection)))


def warm(course: Course) -> None:
    """Read what everybody will ask for, so that nobody waits for it; what cannot be read says so later."""
    for plan in course.programme.modules:
        folder = course.release(plan.id)
        with suppress(PamongError, OSError):
            outline.book(folder / NOTEBOOK)
            for path in folder.glob(f"*{BRIEF}"):
                cached_brief(path)
            _shelf(course.keys(plan.id)).latest()


class ServiceHost:
    """The pages of one participant for the length of one request."""

    def __init__(
        self,
        service: Service,
        person: Person,
        windows: Mapping[str, Window],
        released: Collection[str],
    ) -> None:
        self._service, self._person, self._windows = service, person, windows
        self._released = released
        self._stores: dict[str, DatabaseStore] = {}

    @cached_property
    def enrolment(self) -> Enrolment:
        programme, person = self._service.course.programme, self._person
        plans = (
            replace(plan, deadline=_written(self._windows[plan.id].deadline))
            for plan in programme.modules
        )
        return Enrolment(
            participant=person.id,
            name=person.name,
            role=person.office,
            cohort=next((it.title for it in programme.cohorts if it.id == person.cohort), ""),
            programme=programme.title,
            course_id=programme.course_id,
            time_zone=programme.time_zone,
            modules=tuple(plans),
            language=programme.language,
            zone=person.zone,
            retention=programme.retention,
            contact=programme.contact,
        )

    def window(self, module: str) -> Window:
        """When the participant may work on a module; NotThere when the programme has none of that id."""
        if module not in self._windows:
            raise NotThere(module)
        return self._windows[module]

    def remembered(self) -> Remembered:
        with self._service.database.reading() as connection:
            return memory.recall(connection, self._person.id)

    def remember(self, **changes: str) -> None:
        with self._service.database.writing() as connection:
            memory.amend(connection, self._person.id, **changes)

    def company(self) -> Company:
        with self._service.database.reading() as connection:
            return Company(unanswered=asking.unanswered(connection, self._person.id))

    def transcript(self) -> bytes | None:
        folder = self._service.course.folder / "transcripts"
        places = [cohort / f"{self._person.id}.pdf" for cohort in folder.glob("*/")]
        found = [(path.stat().st_mtime_ns, path) for path in places if path.is_file()]
        return (
            max(found)[1].read_bytes() if found else None
        )  # of whoever has changed cohorts, the newest

    def folder(self, module: str) -> Path:
        """Where the released module lies; NotOpen before it was released or opens for the cohort."""
        window = self.window(module)
        if window.state(self._service.clock()) == "early":
            raise NotOpen(module, window.opens)
        folder = self._service.course.release(module)
        if module not in self._released or not (folder / NOTEBOOK).is_file():
            raise NotOpen(module)
        return folder

    def module(self, module: str) -> ModuleContent:
        folder, store = self.folder(module), self._store(module)
        store.foresee()
        begun = store.begun()
        pieces = self._pieces(module, folder, begun)
        names = [piece.exercise for piece in pieces if isinstance(piece, Spot)]
        plan = self.enrolment.plan(module)
        return ModuleContent(
            id=module,
            title=plan.title if plan else module,
            pieces=pieces,
            briefs={name: self._edition(module, name, begun.get(name, 0)).brief for name in names},
            laws=light.laws(folder),
            edition=light.edition(folder),
        )

    def edition(self, module: str) -> str:
        return light.edition(self.folder(module))

    def dialogue(self, module: str, exercise: str) -> Dialogue:
        folder = self.folder(module)
        if not (folder / f"{exercise}{BRIEF}").is_file():
            raise NotThere(exercise)
        store = self._store(module)
        begun = store.begun()
        found = self._edition(module, exercise, begun.get(exercise, 0))
        kind = KINDS[found.brief.kind]
        pieces = self._pieces(module, folder, begun)
        return Dialogue(
            kind,
            found.brief,
            _Guarded(store, kind, found.brief, self.window(module), self._service.clock()),
            participant=self._person.id,
            clock=self._service.clock,
            counterpart=self._counterpart(kind, found.brief, module),
            time_zone=self.enrolment.clock_zone,
            language=self.enrolment.language,
            where=Where(
                course=self.enrolment.course_id,
                module=module,
                counts=exercise not in outline.uncounted(pieces),
                newer=found.newer,
            ),
        )

    def store(self, module: str) -> Store:
        self.folder(module)
        return self._store(module)

    def file(self, module: str, name: str) -> bytes:
        return light.shown(self.folder(module), name)

    def portfolio(self, module: str, notebooks: Mapping[str, bytes] | None = None) -> Portfolio:
        """What there is to hand in; with ``notebooks`` these instead of the released ones."""
        content, folder = self.module(module), self.folder(module)
        logs = {
            f"{name}{portfolio.LOG}": log
            for name, log in self._store(module).contents().items()
            if (folder / f"{name}{BRIEF}").is_file()
        }
        pages = self.pages(module) if notebooks is None else notebooks
        files = {**_released(folder, content.edition), **pages, **logs}
        briefs = [content.briefs[name] for name in dict.fromkeys(content.exercises)]
        return portfolio.of(files, briefs, content.uncounted)

    def pages(self, module: str) -> Mapping[str, bytes]:
        """The notebook as it was last handed in, where something was written in it; else as released."""
        path = self.folder(module) / NOTEBOOK
        changed, content = path.stat().st_mtime_ns, self.outbox(module).content()
        try:
            if content and _keeps(self._service.database, content, path, changed):
                return {NOTEBOOK: kept(self._service.database, content)[NOTEBOOK]}
        except (
            CourseError,
            ServiceError,
            KeyError,
        ) as error:  # nobody is kept from handing in anew
            log.warning("%s, %s: %s", self._person.id, module, error)
        return {NOTEBOOK: _bare(path, changed)}

    def outbox(self, module: str) -> Submissions:
        return Submissions(self._service, self._person.id, module, self.window(module))

    def _store(self, module: str) -> DatabaseStore:
        if module not in self._stores:
            self.window(module)
            self._stores[module] = DatabaseStore(
                self._service.database, self._person.id, module, clock=self._service.clock
            )
        return self._stores[module]

    def _pieces(self, module: str, folder: Path, begun: Mapping[str, int]) -> tuple[Piece, ...]:
        book = outline.book(folder / NOTEBOOK)
        return outline.outline(book, module, self.enrolment.person, begun)

    def _edition(self, module: str, exercise: str, begun: int) -> Edition:
        """The version that was begun; of an older one the brief lies beside the keys."""
        course = self._service.course
        path = course.release(module) / f"{exercise}{BRIEF}"
        if not path.is_file():
            raise CourseError(f"No exercise {exercise!r} in {path.parent}.")
        current = cached_brief(path)
        if begun in (0, current.version):
            return Edition(current)
        kept = _shelf(course.keys(module)).folder / f"{exercise}.v{begun}{BRIEF}"
        if not kept.is_file():
            return Edition(current)
        return Edition(cached_brief(kept), newer=begun < current.version)

    def _counterpart(self, kind: AnyKind, brief: Brief, module: str) -> Counterpart | None:
        if kind.reactive is None:
            return None
        course = self._service.course
        if brief.use == "practice":
            model = getattr(brief, "model")  # noqa: B009  # of the brief's own kind
            return LocalCounterpart(
                kind, brief, model, participant=self._person.id, secret=brief.id.encode()
            )
        try:
            found = _shelf(course.keys(module)).get(brief.id, brief.version)
        except UnknownVersion:
            return None
        side = LocalCounterpart(
            kind, brief, found.key, participant=self._person.id, secret=course.secret()
        )
        return _Opponent(kind, brief, found.key, side)


@dataclass(frozen=True, slots=True)
class _Guarded:
    """The logs of an exercise, which take no act on a graded one after the time for it is over.

    Nor one whose id is such as replies have: it would keep the reply of that id from being written.
    Nor any to a graded one that was begun against another engine, as a log of two cannot be graded.
    """

    store: Store
    kind: AnyKind
    brief: Brief
    window: Window
    now: datetime

    def read(self, exercise: str) -> tuple[Event, ...]:
        return self.store.read(exercise)

    def count(self, exercise: str) -> int:
        return self.store.count(exercise)

    def room(self, exercise: str) -> float:
        return self.store.room(exercise)

    def append(
        self, exercise: str, version: int, expected: int, drafts: tuple[Draft, ...]
    ) -> tuple[Event, ...]:
        for draft in drafts:
            if draft.who == "participant" and (fault := self._fault(draft)):
                raise IllegalEvent(exercise, expected + 1, draft.act, *fault)
        graded = self.brief.use == "graded" and drafts
        if graded and (other := _other_engine(self.kind, self.read(exercise))):
            code = "form:problem.version"
            raise IllegalEvent(exercise, expected + 1, drafts[0].act, code, str(other)) from other
        return self.store.append(exercise, version, expected, drafts)

    def _fault(self, draft: Draft) -> tuple[str, str] | None:
        """The text that a participant reads instead of an act being taken, and why."""
        if self.window.state(self.now) == "closed" and self.brief.use == "graded":
            return "service:problem.closed", f"the module closed at {self.window.ends}"
        if ":" in draft.id:
            return "form:problem.illegal", f"{draft.id} is no id of a page's"
        return None


@dataclass(frozen=True, slots=True)
class _Opponent:
    """The other side of a graded exercise, over logs that nobody but the service has written.

    So what it has said before need not be worked out once more, as it must be where a client has the log.
    """

    kind: AnyKind
    brief: Brief
    key: Key
    side: LocalCounterpart

    def open(self, exercise: str, version: int, attempt: int) -> Data:
        return self.side.open(exercise, version, attempt)

    def respond(
        self,
        exercise: str,  # noqa: ARG002  # one exercise in one version: this one
        version: int,  # noqa: ARG002
        events: tuple[Event, ...],
    ) -> tuple[Action, ...]:
        if self.kind.reactive is None or not events or events[-1].who != "participant":
            return ()
        state = replay(self.kind, self.brief, events)
        due = self.kind.reactive.replies(self.brief, self.key, state)
        if due and (other := _other_engine(self.kind, events)):
            raise CounterpartError(str(other)) from other
        return self.side.sealed(events, due)


def _other_engine(kind: AnyKind, events: tuple[Event, ...]) -> OtherEngine | None:
    """What grading would say of a log that was begun before an upgrade of the other side."""
    if kind.reactive is None:
        return None
    installed = kind.reactive.engine
    for event in events:
        if event.act == "open" and (played := event.data.get("engine", installed)) != installed:
            return OtherEngine(event.exercise, event.n, played, installed)
    return None


def _written(moment: datetime | None) -> str:
    return moment.isoformat() if moment else ""


@lru_cache(maxsize=64)
def _shelf(keys: Path) -> Shelf:
    """One for each module, because it remembers what it has read; released versions never change."""
    return Shelf(keys / "released")


@lru_cache(maxsize=32)
def _released(folder: Path, _edition: str) -> Mapping[str, bytes]:
    """What of a released module is handed in besides notebooks and logs: the briefs."""
    return {path.name: path.read_bytes() for path in sorted(folder.glob("[!.]*.yaml"))}


@lru_cache(maxsize=32)
def _bare(path: Path, _changed: int) -> bytes:
    return portfolio.bare(path.read_bytes(), path.name)


@lru_cache(maxsize=4096)
def _keeps(database: Database, content: str, path: Path, changed: int) -> bool:
    """Whether the notebook handed in under that hash has what the released one has not, in its cells.

    CourseError and ServiceError when nobody can read it.
    """
    handed_in = kept(database, content).get(NOTEBOOK, b"")
    released = _bare(path, changed)
    if handed_in in (b"", released):
        return False
    theirs, ours = notebook.written(handed_in), notebook.written(released)
    cells = [Counter(name for name, _ in each if name) for each in (theirs, ours)]
    return theirs != ours and cells[0] == cells[1]
