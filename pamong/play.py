"""A whole exercise played without a store: what bots, playtests and simulated participants use."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import repeat
from random import Random
from typing import Generic

from pamong.event import Action, Data, Event, Who
from pamong.kind import B, Bot, K, Kind, S, Seat
from pamong.score import Context

EPOCH = "2026-01-01T00:00:00.000Z"
ACTION_LIMIT = 500
"""A bot that has not finished by then is stuck."""


def play(
    kind: Kind[B, K, S],
    brief: B,
    key: K,
    bot: Bot,
    *,
    rng: Random,
    skill: float = 0.5,
    opening: Callable[[int], Data] | None = None,
    moments: Iterator[str] | None = None,
    attempts: int = 1,
    context: Context | None = None,
) -> tuple[Event, ...]:
    """The log of ``bot`` playing ``attempts`` attempts.

    ``opening`` gives the content of the ``open`` event of an attempt (a payoff variant, say); by
    default the kind's own, or the first variant of a reactive kind. ``moments`` gives the time of
    each event. Raises IllegalEvent when the bot breaks a rule.
    """
    game = Game(kind, brief, key, moments or repeat(EPOCH))
    for attempt in range(1, attempts + 1):
        data = (opening or _default_opening(kind, brief, key, rng))(attempt)
        game.attempt(attempt, data, bot, rng=rng, skill=skill, context=context or Context())
        if not game.state.finished:
            break
    return tuple(game.events)


class Game(Generic[B, K, S]):
    """An exercise being played; ``state`` and ``events`` say how far it has come."""

    def __init__(
        self, kind: Kind[B, K, S], brief: B, key: K, clock: Iterator[str] | None = None
    ) -> None:
        self._kind, self._brief, self._key = kind, brief, key
        self._clock = clock or repeat(EPOCH)
        self.events: list[Event] = []
        self.state: S = kind.start(brief)

    def attempt(
        self, number: int, data: Data, bot: Bot, *, rng: Random, skill: float, context: Context
    ) -> None:
        """One attempt, opened with ``data``, until the bot has finished or is stuck."""
        kind, brief, key = self._kind, self._brief, self._key
        authority: Who = "counterpart" if kind.reactive and brief.use == "graded" else "system"
        self._record(authority, "open", data, number)
        for _ in range(ACTION_LIMIT):
            action: Action | None = bot(Seat(brief, key, self.state, rng, skill, context))
            if action is None:
                break
            self._record("participant", action.act, action.data, number)
            for reply in kind.reactive.replies(brief, key, self.state) if kind.reactive else ():
                self._record("counterpart", reply.act, reply.data, number)

    def _record(self, who: Who, act: str, data: Data, attempt: int) -> None:
        number = len(self.events) + 1
        event = Event(
            n=number,
            id=f"{self._brief.id}:{number}",
            at=next(self._clock),
            who=who,
            act=act,
            data=data,
            exercise=self._brief.id,
            version=self._brief.version,
            attempt=attempt,
        )
        self.state = self._kind.apply(self._brief, self.state, event)
        self.events.append(event)


def _default_opening(kind: Kind[B, K, S], brief: B, key: K, rng: Random) -> Callable[[int], Data]:
    if kind.reactive is None:
        return lambda attempt: kind.opening(brief, rng)
    first = kind.reactive.variants(key)[0]
    return lambda attempt: {"variant": first}
