"""From the answer logs of one submission to the outcome of one exercise; fails closed, never raises."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from pamong import log
from pamong.counterpart import verify
from pamong.course import Exercise, Shelf
from pamong.errors import PamongError
from pamong.event import Event
from pamong.kind import replay
from pamong.outcome import Errored, Missing, Outcome, Scored
from pamong.score import Context, Score

Logs = Mapping[str, bytes]
"""The bytes of each exercise's answer log, by exercise id."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """An exercise replayed and scored, with what it was played on."""

    exercise: Exercise
    events: tuple[Event, ...]
    state: Any
    score: Score


def judge(exercise: str, maximum: float, logs: Logs, shelf: Shelf) -> Outcome:
    """The outcome of one exercise worth ``maximum`` points."""
    try:
        judgement = read(exercise, logs, shelf)
    except PamongError as error:
        return Errored(maximum, str(error))
    except Exception as error:  # noqa: BLE001  # whatever a log provokes is for a person to settle
        return Errored(maximum, f"{exercise}: {type(error).__name__}: {error}")
    if judgement is None:
        return Missing(maximum)
    return Scored(round(judgement.score.value * maximum, 4), maximum, judgement.score)


def read(
    exercise: str, logs: Logs, shelf: Shelf, *, within: tuple[str, ...] = ()
) -> Judgement | None:
    """Replay, verify and score one exercise; None when nothing was played. Raises PamongError.

    ``within`` holds the exercises whose context is being gathered, so that a circle is an error.
    """
    if exercise in within:
        raise PamongError(f"{exercise} refers to itself by way of {' → '.join(within)}.")
    replayed = _replayed(exercise, bytes(logs.get(exercise, b"")), shelf)
    if replayed is None:
        return None
    played, events, state = replayed
    kind, brief, key = played.kind, played.brief, played.key
    context = _context(kind.needs(brief), logs, shelf, (*within, exercise))
    return Judgement(played, events, state, kind.score(brief, key, state, context))


@lru_cache(maxsize=16)
def _replayed(
    exercise: str, content: bytes, shelf: Shelf
) -> tuple[Exercise, tuple[Event, ...], Any] | None:
    """The verified state of one log; remembered while the other exercises of a submission refer to it."""
    events = log.parse(content, exercise).trusted()
    if not events:
        return None
    versions = {event.version for event in events}
    if len(versions) > 1:
        raise PamongError(f"{exercise}: the log mixes versions {sorted(versions)}.")
    played = shelf.get(exercise, events[0].version)
    verify(played.kind, played.brief, played.key, events)
    return played, events, replay(played.kind, played.brief, events)


def _context(needed: tuple[str, ...], logs: Logs, shelf: Shelf, within: tuple[str, ...]) -> Context:
    found = {id: read(id, logs, shelf, within=within) for id in needed}
    played = {id: judgement for id, judgement in found.items() if judgement is not None}
    return Context(
        events={id: judgement.events for id, judgement in played.items()},
        states={id: judgement.state for id, judgement in played.items()},
        scores={id: judgement.score for id, judgement in played.items()},
    )
