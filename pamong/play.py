"""A whole exercise played without a store: what bots, playtests and simulated participants use."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import repeat
from random import Random

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
    clock = moments or repeat(EPOCH)
    events: list[Event] = []
    state = kind.start(brief)

    def record(who: Who, act: str, data: Data, attempt: int) -> None:
        nonlocal state
        event = Event(
            n=len(events) + 1,
            id=f"{brief.id}:{len(events) + 1}",
            at=next(clock),
            who=who,
            act=act,
            data=data,
            exercise=brief.id,
            version=brief.version,
            attempt=attempt,
        )
        state = kind.apply(brief, state, event)
        events.append(event)

    for attempt in range(1, attempts + 1):
        authority: Who = "counterpart" if kind.reactive and brief.use == "graded" else "system"
        data = (opening or _default_opening(kind, brief, key, rng))(attempt)
        record(authority, "open", data, attempt)
        for _ in range(ACTION_LIMIT):
            action: Action | None = bot(Seat(brief, key, state, rng, skill, context or Context()))
            if action is None:
                break
            record("participant", action.act, action.data, attempt)
            for reply in kind.reactive.respond(brief, key, state) if kind.reactive else ():
                record("counterpart", reply.act, reply.data, attempt)
        if not state.finished:
            break
    return tuple(events)


def _default_opening(kind: Kind[B, K, S], brief: B, key: K, rng: Random) -> Callable[[int], Data]:
    if kind.reactive is None:
        return lambda attempt: kind.opening(brief, rng)
    first = kind.reactive.variants(key)[0]
    return lambda attempt: {"variant": first}
