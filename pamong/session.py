"""One participant at one exercise: checks an act, makes it durable, lets the other side answer.

The screen is always redrawn from the log. An act is acknowledged only after the store has it; a
counterpart's reply that could not be had then is fetched when the exercise is next looked at.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from hashlib import sha256
from random import Random
from typing import Any, Generic

import msgspec

from pamong import locale
from pamong.brief import plain
from pamong.catalogue import messages
from pamong.counterpart import Counterpart
from pamong.errors import (
    CounterpartError,
    CounterpartUnavailable,
    IllegalEvent,
    LogError,
    StaleAppend,
)
from pamong.event import Data, Draft, Event
from pamong.kind import B, K, Kind, S, replay
from pamong.log import number
from pamong.score import Context
from pamong.store import Store

Clock = Callable[[], datetime]
"""Gives the present moment, with a time zone."""
RIVALS = 20
"""How often somebody else may be faster with the same exercise before an act is given up."""


class Session(Generic[B, K, S]):
    """Plays ``brief`` for ``participant`` over ``store``.

    ``counterpart`` is needed by reactive kinds only; None means that nobody plays the other side.
    """

    def __init__(
        self,
        kind: Kind[B, K, S],
        brief: B,
        store: Store,
        *,
        participant: str,
        clock: Clock,
        counterpart: Counterpart | None = None,
        time_zone: str = "Asia/Jakarta",
    ) -> None:
        self._kind, self._brief, self._store = kind, brief, store
        self._participant, self._clock, self._counterpart = participant, clock, counterpart
        self._time_zone = time_zone

    @property
    def brief(self) -> B:
        return self._brief

    def events(self) -> tuple[Event, ...]:
        """The log so far; raises LogError when it cannot be believed."""
        return self._store.read(self._brief.id)

    def act(self, id: str, act: str, data: Data) -> dict[str, Any]:  # the event's own word
        """Record one act and return the new screen.

        Raises IllegalEvent (nothing recorded), LogError, CounterpartError or OSError. An ``id`` that
        was recorded before changes nothing. ``again`` starts the next attempt.
        """
        for _ in range(RIVALS):
            with suppress(StaleAppend):
                self._record(id, act, data)
                return self.screen()
        self._record(id, act, data)
        return self.screen()

    def screen(self) -> dict[str, Any]:
        """Everything the page needs to draw the exercise, as JSON-able data."""
        problem = self._settle()
        events = self.events()
        state = replay(self._kind, self._brief, events)
        shown = state if state.attempt or self._kind.reactive else self._preview(state)
        model = getattr(self._brief, "model", None) if self._brief.use == "practice" else None
        return {
            "exercise": self._brief.id,
            "kind": self._kind.name,
            "title": self._brief.title,
            "use": self._brief.use,
            "minutes": self._brief.minutes,
            "intro": self._brief.intro,
            "brief": plain(self._brief),
            "view": self._kind.view(self._brief, shown),
            "picks": self._kind.picks(self._brief, self._around()),
            "debrief": self._kind.debrief(self._brief, model, state) if model else None,
            "score": self._score(model, state),
            "missing": list(self._kind.missing(self._brief, state)),
            "attempt": {"number": max(state.attempt, 1), "of": self._brief.attempts},
            "finished": state.finished,
            "n": len(events),
            "saved": self._moment(events[-1].at) if events else None,
            "counterpart": self._presence(),
            "problem": problem,
        }

    def _record(self, id: str, act: str, data: Data) -> None:
        events = self.events()
        if any(event.id == id for event in events):
            return
        self._require_version(events)
        self._settle()
        events = self.events()
        state = replay(self._kind, self._brief, events)
        drafts: tuple[Draft, ...] = ()
        if act == "again":
            drafts = (self._open(id, state.attempt + 1),)
        else:
            if state.attempt == 0:
                drafts = (self._open(f"{id}:open", 1),)
            drafts += (self._draft(id, "participant", act, max(state.attempt, 1), data),)
        for event in number(self._brief.id, self._brief.version, drafts, len(events)):
            state = self._kind.apply(self._brief, state, event)
        self._store.append(self._brief.id, self._brief.version, len(events), drafts)

    def _settle(self) -> str | None:
        """Fetch replies that are still due; the text of the problem when nobody gives them."""
        if self._kind.reactive is None:
            return None
        events = self.events()
        if not events or events[-1].who == "counterpart":
            return None
        try:
            actions = self._other_side().respond(self._brief.id, self._brief.version, events)
        except CounterpartError:
            return messages("form")("problem.counterpart")
        last = events[-1]
        drafts = tuple(
            self._draft(
                f"{last.id}:{place}",
                "counterpart",
                action.act,
                last.attempt,
                action.data,
                action.seal,
            )
            for place, action in enumerate(actions)
        )
        if drafts:
            with suppress(StaleAppend):  # another page has fetched them
                self._store.append(self._brief.id, self._brief.version, len(events), drafts)
        return None

    def _open(self, id: str, attempt: int) -> Draft:
        if self._kind.reactive is None:
            data = self._kind.opening(self._brief, self._rng(attempt))
            return self._draft(id, "system", "open", attempt, data)
        data = self._other_side().open(self._brief.id, self._brief.version, attempt)
        who = "system" if self._brief.use == "practice" else "counterpart"
        return self._draft(id, who, "open", attempt, data)

    def _draft(
        self, id: str, who: Any, act: str, attempt: int, data: Data, seal: str = ""
    ) -> Draft:
        at = self._clock().astimezone(UTC).isoformat(timespec="milliseconds")
        at = at.replace("+00:00", "Z")
        return Draft(id=id, who=who, act=act, attempt=attempt, at=at, data=data, seal=seal)

    def _preview(self, state: S) -> S:
        """The state as it will be once the first act opens the attempt, so that orders do not jump."""
        drafts = (self._open("preview", 1),)
        (event,) = number(self._brief.id, self._brief.version, drafts, 0)
        return self._kind.apply(self._brief, state, event)

    def _rng(self, attempt: int) -> Random:
        seed = f"{self._participant}|{self._brief.id}|{attempt}"
        return Random(sha256(seed.encode()).digest())  # noqa: S311  # shuffles options

    def _around(self) -> Context:
        """The logs of the exercises that this one looks back on; a damaged one counts as empty."""
        logs: dict[str, tuple[Event, ...]] = {}
        for exercise in self._kind.needs(self._brief):
            try:
                logs[exercise] = self._store.read(exercise)
            except LogError:
                logs[exercise] = ()
        return Context(events=logs)

    def _score(self, model: Any, state: S) -> dict[str, Any] | None:
        if model is None or not state.finished:
            return None
        score = self._kind.score(self._brief, model, state, self._around())
        content: dict[str, Any] = msgspec.to_builtins(score)
        return content

    def _other_side(self) -> Counterpart:
        if self._counterpart is None:
            raise CounterpartUnavailable("Nobody plays the other side here.")
        return self._counterpart

    def _presence(self) -> str:
        if self._kind.reactive is None:
            return "none"
        return "absent" if self._counterpart is None else "ready"

    def _require_version(self, events: tuple[Event, ...]) -> None:
        stale = next((event for event in events if event.version != self._brief.version), None)
        if stale is not None:
            raise IllegalEvent(
                self._brief.id,
                stale.n,
                stale.act,
                "form:problem.version",
                f"was played on version {stale.version}, this is version {self._brief.version}",
            )

    def _moment(self, at: str) -> str:
        return locale.hour(datetime.fromisoformat(at), self._time_zone)
