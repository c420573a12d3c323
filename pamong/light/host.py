"""Where a participant's pages come from: one folder here, with a subfolder for every module."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from pamong import outline, portfolio
from pamong.counterpart import Counterpart, from_environment
from pamong.course import BRIEF, NOTEBOOK
from pamong.dialogue import Dialogue, Where
from pamong.edition import KEPT, Editions
from pamong.enrolment import Enrolment
from pamong.errors import PamongError
from pamong.kind import AnyKind, Brief
from pamong.kinds import KINDS
from pamong.legal import LegalCard, cards
from pamong.light.remembered import Remembered, amend, recall
from pamong.outbox import Outbox, Outgoing
from pamong.outline import Piece, Spot
from pamong.portfolio import Portfolio
from pamong.session import Clock
from pamong.store import FileStore, Store

SHOWN = (".svg", ".png", ".jpg", ".jpeg", ".gif", ".webp", ".pdf")
"""The files of a module that a page may ask for."""


class NotThere(PamongError):
    """What a page asked for is not there, or not this participant's."""


class NotOpen(NotThere):
    """A module of the participant's programme that is not here yet; ``opens`` says when, if that is set."""

    def __init__(self, module: str, opens: datetime | None = None) -> None:
        self.opens = opens
        super().__init__(module)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModuleContent:
    """A module as it is now; ``edition`` changes whenever its texts or exercises do."""

    id: str
    title: str
    pieces: tuple[Piece, ...]
    briefs: dict[str, Brief]
    laws: tuple[LegalCard, ...]
    edition: str

    @property
    def exercises(self) -> tuple[str, ...]:
        """Every exercise that the participant meets, in order."""
        return tuple(piece.exercise for piece in self.pieces if isinstance(piece, Spot))

    @property
    def uncounted(self) -> frozenset[str]:
        """The exercises that change no grade."""
        return outline.uncounted(self.pieces)


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """Colleagues to share and to negotiate with; so many wait for the participant's advice."""

    unanswered: int = 0


class Host(Protocol):
    """All that the pages know of the world. Every method but ``enrolment`` may block.

    Raises NotThere for what the participant does not have.
    """

    @property
    def enrolment(self) -> Enrolment: ...

    def remembered(self) -> Remembered:
        """What the participant has agreed to, seen and last used."""
        ...

    def remember(self, **changes: str) -> None:
        """Change some of that and leave the rest; OSError or ServiceError, then nothing has changed."""
        ...

    def company(self) -> Company | None:
        """Who else is here to work with; None where the participant is alone with a folder."""
        ...

    def transcript(self) -> bytes | None:
        """The participant's newest transcript as PDF; None where none was issued."""
        ...

    def module(self, module: str) -> ModuleContent: ...

    def edition(self, module: str) -> str:
        """What ``module`` calls its edition, for less than it takes to read it all."""
        ...

    def dialogue(self, module: str, exercise: str) -> Dialogue: ...

    def store(self, module: str) -> Store: ...

    def file(self, module: str, name: str) -> bytes: ...

    def portfolio(self, module: str) -> Portfolio:
        """What there is to hand in of a module now; Undelivered when it cannot be read."""
        ...

    def pages(self, module: str) -> Mapping[str, bytes]:
        """The notebooks of a module as they lie there; OSError."""
        ...

    def outbox(self, module: str) -> Outgoing: ...


class FolderHost:
    """``<root>/<module>/`` as nbgrader's exchange or a preview fills it, answers beside the exercises."""

    def __init__(
        self,
        root: Path,
        enrolment: Enrolment,
        *,
        counterpart: Callable[[AnyKind, Brief], Counterpart | None] | None = None,
        clock: Clock = lambda: datetime.now(UTC),
    ) -> None:
        self.root, self._enrolment, self._clock = root, enrolment, clock
        self._counterpart = counterpart or self._usual_counterpart
        self._stores: dict[Path, FileStore] = {}

    @property
    def enrolment(self) -> Enrolment:
        return self._enrolment

    def home(self) -> Path:
        """A folder of the participant's own for what is kept about them (receipts, consent)."""
        return self.root / KEPT

    def remembered(self) -> Remembered:
        return recall(self.home())

    def remember(self, **changes: str) -> None:
        amend(self.home(), **changes)

    def company(self) -> None:
        return None

    def transcript(self) -> None:
        return None  # nbgrader's exchange carries none

    def folder(self, module: str) -> Path:
        """Where a module lies; NotThere when the participant has none of that name."""
        if self._enrolment.plan(module) is None:
            raise NotThere(module)
        folder = self.root / module
        if not (folder / NOTEBOOK).is_file():
            raise NotOpen(module)
        return folder

    def module(self, module: str) -> ModuleContent:
        folder = self.folder(module)
        pieces = outline.read(folder / NOTEBOOK, module, self._enrolment.person)
        editions = Editions(folder, self._logs(folder))
        names = [piece.exercise for piece in pieces if isinstance(piece, Spot)]
        known = {name: editions.find(name).brief for name in names}
        plan = self._enrolment.plan(module)
        return ModuleContent(
            id=module,
            title=plan.title if plan else module,
            pieces=pieces,
            briefs=known,
            laws=laws(folder),
            edition=edition(folder),
        )

    def edition(self, module: str) -> str:
        return edition(self.folder(module))

    def dialogue(self, module: str, exercise: str) -> Dialogue:
        folder = self.folder(module)
        editions = Editions(folder, self._logs(folder))
        if not (folder / f"{exercise}{BRIEF}").is_file():
            raise NotThere(exercise)
        found = editions.find(exercise)
        kind = KINDS[found.brief.kind]
        return Dialogue(
            kind,
            found.brief,
            editions.store(),
            participant=self._enrolment.participant,
            clock=self._clock,
            counterpart=self._counterpart(kind, found.brief),
            time_zone=self._enrolment.clock_zone,
            language=self._enrolment.language,
            where=Where(
                course=self._enrolment.course_id,
                module=module,
                counts=self._counts(folder, exercise),
                newer=found.newer,
            ),
        )

    def _counts(self, folder: Path, exercise: str) -> bool:
        with suppress(PamongError, OSError):  # a page that is open goes on without its notebook
            pieces = outline.read(folder / NOTEBOOK, folder.name, self._enrolment.person)
            return exercise not in outline.uncounted(pieces)
        return True

    def store(self, module: str) -> Store:
        return self._logs(self.folder(module))

    def file(self, module: str, name: str) -> bytes:
        return shown(self.folder(module), name)

    def _logs(self, folder: Path) -> FileStore:
        """One for each module, because it remembers what is durable."""
        return self._stores.setdefault(folder, FileStore(folder))

    def portfolio(self, module: str) -> Portfolio:
        content = self.module(module)
        briefs = [content.briefs[exercise] for exercise in dict.fromkeys(content.exercises)]
        return portfolio.read(self.folder(module), briefs, content.uncounted)

    def pages(self, module: str) -> Mapping[str, bytes]:
        return portfolio.pages(self.folder(module))

    def outbox(self, module: str) -> Outbox:
        if self._enrolment.plan(module) is None:
            raise NotThere(module)
        return Outbox(
            self.home(),
            module,
            participant=self._enrolment.participant,
            course=self._enrolment.course_id,
            place=self._enrolment.exchange,
            deadline=self._enrolment.deadline(module),
            clock=self._clock,
        )

    def _usual_counterpart(self, kind: AnyKind, brief: Brief) -> Counterpart | None:
        return from_environment(kind, brief, participant=self._enrolment.participant)


def shown(folder: Path, name: str) -> bytes:
    """A picture in the folder of a module; NotThere for anything else."""
    folder = folder.resolve()
    try:
        path = (folder / name).resolve(strict=True)
    except (OSError, ValueError) as error:  # no name that a file can have, say
        raise NotThere(name) from error
    inside = path.is_relative_to(folder) and not any(
        part.startswith(".") for part in path.relative_to(folder).parts
    )
    if not inside or path.suffix.lower() not in SHOWN or not path.is_file():
        raise NotThere(name)
    return path.read_bytes()


def edition(folder: Path) -> str:
    """A name for the files as they are, from their sizes and times."""
    digest = sha256()
    for path in sorted((folder / NOTEBOOK, *folder.glob(f"*{BRIEF}"), *folder.glob("legal.yaml"))):
        status = path.stat()
        digest.update(f"{path.name}|{status.st_size}|{status.st_mtime_ns}|".encode())
    return digest.hexdigest()[:12]


def laws(folder: Path) -> tuple[LegalCard, ...]:
    """The legal cards of a module, read once for as long as they stay as they are."""
    path = folder / "legal.yaml"
    return _laws(path, path.stat().st_mtime_ns) if path.is_file() else ()


@lru_cache(maxsize=32)
def _laws(path: Path, _changed: int) -> tuple[LegalCard, ...]:
    return cards(path)
