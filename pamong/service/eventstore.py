"""Answer logs in the service's database: a row for each event, written by the server alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, select

from pamong import log
from pamong.errors import LogError, LogFull, ServiceError, StaleAppend
from pamong.event import Draft, Event
from pamong.service.database import Database
from pamong.service.tables import events, people
from pamong.store import RESERVE, SMALL

_MINE = (events.c.person == bindparam("person")) & (events.c.module == bindparam("module"))
_ITS = _MINE & (events.c.exercise == bindparam("exercise"))
# Built once: that takes longer than asking.
_ALL = select(events.c.exercise, events.c.line).where(_MINE).order_by(events.c.exercise, events.c.n)
_FIRST = select(events.c.exercise, events.c.line).where(_MINE, events.c.n == 1)
_LINES = select(events.c.line).where(_ITS).order_by(events.c.n)
_EXTENT = select(func.count(), func.coalesce(func.sum(func.length(events.c.line)), 0)).where(_ITS)
_KNOWN = select(events.c.id).where(_ITS, events.c.id.in_(bindparam("ids", expanding=True)))
_HOLD = (
    select(people.c.id).where(people.c.id == bindparam("person")).with_for_update(key_share=True)
)
_ADD = events.insert()


@dataclass(frozen=True, slots=True)
class _Held:
    """A log as it was read."""

    content: bytes
    events: tuple[Event, ...]


class DatabaseStore:
    """A ``Store`` of one person's logs of one module; ServiceError where the database does not answer.

    It is made anew for every request: what it has read it reads again only when somebody else has
    written meanwhile, which an append finds out.
    """

    def __init__(
        self,
        database: Database,
        person: str,
        module: str,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database, self._person, self._module = database, person, module
        self._clock = clock
        self._held: dict[str, _Held] = {}
        self._foreseen = self._whole = False

    def read(self, exercise: str) -> tuple[Event, ...]:
        if self._foreseen and not self._whole and exercise not in self._held:
            self.load()
        if known := self._held.get(exercise):
            return known.events
        if self._whole:
            return ()
        with self._database.reading() as connection:
            lines = connection.execute(_LINES, self._at(exercise)).scalars().all()
        self._held[exercise] = self._parsed(exercise, b"".join(lines))
        return self._held[exercise].events

    def foresee(self) -> None:
        """Expect to be asked for most logs of the module: the first that is read brings all others."""
        self._foreseen = True

    def load(self) -> None:
        """Read every log of the module at once; one that cannot be believed says so when it is asked for."""
        found = self.contents()
        for exercise, content in found.items():
            with suppress(LogError):
                self._held[exercise] = self._parsed(exercise, content)
        self._whole = self._held.keys() >= found.keys()

    def contents(self) -> Mapping[str, bytes]:
        """Every log of the module as the bytes of a file, by exercise."""
        lines: dict[str, list[bytes]] = {}
        with self._database.reading() as connection:
            for exercise, line in connection.execute(_ALL, self._at()):
                lines.setdefault(exercise, []).append(line)
        return {exercise: b"".join(found) for exercise, found in lines.items()}

    def begun(self) -> Mapping[str, int]:
        """The version that each log was begun on, by exercise."""
        with self._database.reading() as connection:
            first = connection.execute(_FIRST, self._at()).all()
        return {
            exercise: log.parse(line, exercise).trusted()[0].version for exercise, line in first
        }

    def count(self, exercise: str) -> int:
        known = self._held.get(exercise)
        return len(known.events) if known else self._extent(exercise)[0]

    def room(self, exercise: str) -> float:
        known = self._held.get(exercise)
        size = len(known.content) if known else self._extent(exercise)[1]
        return max(0.0, 1 - size / (log.LOG_LIMIT - RESERVE))

    def append(
        self, exercise: str, version: int, expected: int, drafts: tuple[Draft, ...]
    ) -> tuple[Event, ...]:
        if not drafts:
            return ()
        known, self._whole = self._held.pop(exercise, None), False
        with self._database.writing() as connection:
            self._hold(connection)
            drafts = self._unknown(connection, exercise, drafts)
            if not drafts:
                return ()
            count, size = connection.execute(_EXTENT, self._at(exercise)).one()
            if count != expected:
                raise StaleAppend(exercise, expected, count)
            added = log.number(exercise, version, drafts, count)
            lines = [log.encode(event) for event in added]
            _require_room(exercise, size, sum(map(len, lines)))
            connection.execute(_ADD, list(map(self._row, added, lines)))
        if known is not None and len(known.events) == count:
            content = known.content + b"".join(lines)
            self._held[exercise] = _Held(content, known.events + added)
        return added

    def _parsed(self, exercise: str, content: bytes) -> _Held:
        return _Held(content, log.parse(content, exercise).trusted())

    def _at(self, exercise: str = "") -> dict[str, Any]:
        return {"person": self._person, "module": self._module, "exercise": exercise}

    def _extent(self, exercise: str) -> tuple[int, int]:
        """How many events a log has, and how many bytes."""
        with self._database.reading() as connection:
            count, size = connection.execute(_EXTENT, self._at(exercise)).one()
        return count, size

    def _hold(self, connection: Connection) -> None:
        """Let nobody else write in this person's logs until the end of the transaction.

        SQLite has let nobody in to begin with.
        """
        if connection.execute(_HOLD, {"person": self._person}).first() is None:
            raise ServiceError(f"There is nobody with the id {self._person}. Nothing was written.")

    def _unknown(
        self, connection: Connection, exercise: str, drafts: tuple[Draft, ...]
    ) -> tuple[Draft, ...]:
        ids = [draft.id for draft in drafts]
        known = set(connection.execute(_KNOWN, {**self._at(exercise), "ids": ids}).scalars())
        return tuple(draft for draft in drafts if draft.id not in known)

    def _row(self, event: Event, line: bytes) -> dict[str, Any]:
        return {
            **self._at(event.exercise),
            "n": event.n,
            "id": event.id,
            "line": line,
            "received": self._clock(),
        }


def _require_room(exercise: str, size: int, more: int) -> None:
    limit = log.LOG_LIMIT - (RESERVE if more > SMALL else 0)
    if size + more > limit:
        raise LogFull(f"{exercise}.jsonl", size + more, limit)
