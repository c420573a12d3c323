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
from pamong.outcome import Errored, Missing, Outcome, Scored
from pamong.score import Context, Score
from pamong.seal import Signet

Logs = Mapping[str, bytes]
"""The bytes of each exercise's answer log, by exercise id."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """An exercise replayed and scored, with what it was played on."""

    exercise: Exercise
    events: tuple[Event, ...]
    state: Any
    score: Score


def judge(
    exercise: str, maximum: float, logs: Logs, shelf: Shelf, signet: Signet | None = None
) -> Outcome:
    """The outcome of one exercise worth ``maximum`` points; ``signet`` saves time and nothing else."""
    try:
        judgement = read(exercise, logs, shelf, signet)
    except PamongError as error:
        return Errored(maximum, str(error))
    except Exception as error:  # noqa: BLE001  # whatever a log provokes is for a person to settle
        return Errored(maximum, f"{exercise}: {type(error).__name__}: {error}")
    if judgement is None:
        return Missing(maximum)
    return Scored(round(judgement.score.value * maximum, 4), maximum, judgement.score)


def read(
    exercise: str,
    logs: Logs,
    shelf: Shelf,
    signet: Signet | None = None,
    *,
    within: tuple[str, ...] = (),
) -> Judgement | None:
    """Replay, verify and score one exercise; None when nothing was played. Raises PamongError.

    ``within`` holds the exercises whose context is being gathered, so that a circle is an error.
    """
    if exercise in within:
        raise PamongError(f"{exercise} refers to itself by way of {' → '.join(within)}.")
    content = bytes(logs.get(exercise, b""))
    found = replayed(exercise, content, shelf, signet)
    if found is None:
        return None
    played, events, state = found
    needed = played.kind.needs(played.brief)
    if not needed:
        return _by_itself(exercise, content, shelf, signet)
    found_before = {
        id: judged
        for id in needed
        if (judged := read(id, logs, shelf, signet, within=(*within, exercise)))
    }
    context = _context(found_before)
    return _judged(played, events, state, context)


@lru_cache(maxsize=32)
def _by_itself(
    exercise: str, content: bytes, shelf: Shelf, signet: Signet | None
) -> Judgement | None:
    """The judgement of an exercise that looks at no other, remembered for the reflections on it."""
    found = replayed(exercise, content, shelf, signet)
    return found and _judged(*found, Context())


def _judged(played: Exercise, events: tuple[Event, ...], state: Any, context: Context) -> Judgement:
    score = played.kind.score(played.brief, played.key, state, context)
    return Judgement(played, events, state, score)


@lru_cache(maxsize=32)
def replayed(
    exercise: str, content: bytes, shelf: Shelf, signet: Signet | None = None
) -> tuple[Exercise, tuple[Event, ...], Any] | None:
    """What one log was played on, its events and the verified state; None for an empty log.

    Remembered while the pictures and the other exercises of a submission refer to it. Raises PamongError.
    """
    events = log.parse(content, exercise).trusted()
    if not events:
        return None
    versions = {event.version for event in events}
    if len(versions) > 1:
        raise PamongError(f"{exercise}: the log mixes versions {sorted(versions)}.")
    played = shelf.get(exercise, events[0].version)
    case = played.kind, played.brief, played.key
    reactive = signet is not None and played.kind.reactive is not None
    sealed = signet.reach(*case, events, content) if signet and reactive else 0
    return played, events, verify(*case, events, sealed=sealed)


def _context(played: Mapping[str, Judgement]) -> Context:
    return Context(
        events={id: judgement.events for id, judgement in played.items()},
        states={id: judgement.state for id, judgement in played.items()},
        scores={id: judgement.score for id, judgement in played.items()},
    )
