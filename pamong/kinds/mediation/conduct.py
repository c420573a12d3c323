"""How the mediation was led, whatever it came to: rules that give 0..1 each."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from msgspec.structs import replace

from pamong.kinds.mediation.case import Brief, Key, Variant, party_ids, usable
from pamong.kinds.mediation.play import Attempt, Turn
from pamong.kinds.mediation.room import Room, caucuses
from pamong.score import above_baseline

KEPT = 0.75
"""From this value on a rule counts as kept."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of conduct; ``name`` is a key of the catalogue under ``rule.``."""

    name: str
    value: float

    @property
    def kept(self) -> bool:
        return self.value >= KEPT


def rules(brief: Brief, key: Key, variant: Variant, attempt: Attempt) -> tuple[Rule, ...]:
    """Every rule that applies; those about a draft apply only where one was proposed."""
    room = Room(brief, key, variant)
    found = [Rule(name, test(room, attempt)) for name, test in _TESTS]
    if attempt.drafts:
        found += [Rule(name, test(room, attempt)) for name, test in _DRAFT_TESTS]
    return tuple(found)


def _opening(room: Room, attempt: Attempt) -> float:
    return float(any(it.act == "begin" and room.quality(it) == "good" for it in attempt.turns))


def _balance(room: Room, attempt: Attempt) -> float:
    """Normalised Shannon entropy of the turns in caucus with each party (Shannon, 1948)."""
    counts = list(caucuses(room.brief, attempt).values())
    total = sum(counts)
    shares = [count / total for count in counts if count]
    return -sum(share * math.log(share) for share in shares) / math.log(len(counts)) + 0.0


def _explored(room: Room, attempt: Attempt) -> float:
    """Share of the parties that were asked well before the first draft."""
    first = next((p for p, it in enumerate(attempt.turns) if it.draft is not None), None)
    asked = {
        it.to for it in attempt.turns[:first] if it.act == "ask" and room.quality(it) == "good"
    }
    return len(asked) / len(room.parties)


def _worded(room: Room, attempt: Attempt) -> float:
    """Share of good wordings above what choosing blindly among those offered would give."""
    said = [it for it in attempt.turns if it.wording]
    if not said:
        return 0.0
    good = sum(room.quality(it) == "good" for it in said) / len(said)
    chance = sum(_chance(room, it) for it in said) / len(said)
    return above_baseline(good, min(chance, 0.9))


def _chance(room: Room, turn: Turn) -> float:
    act = next(name for name in room.brief.wordings if name == turn.act)
    offered = usable(room.brief, act, turn.place, turn.to)
    return sum(room.key.wordings.get(it.id) == "good" for it in offered) / len(offered)


def _patient(room: Room, attempt: Attempt) -> float:
    """Halved with each time that a draft was put to somebody who had refused it."""
    pressed = sum(
        bool(room.refusing(turn, replace(attempt, turns=attempt.turns[:place])))
        for place, turn in enumerate(attempt.turns)
        if turn.act in ("propose", "close")
    )
    return 0.5**pressed


def _tested(room: Room, attempt: Attempt) -> float:
    """Share of the parties with whom a clause was tested in good words."""
    tested = {it.to for it in attempt.turns if it.act == "test" and room.quality(it) == "good"}
    return len(tested) / len(party_ids(room.brief))


Test = Callable[[Room, Attempt], float]
_TESTS: tuple[tuple[str, Test], ...] = (
    ("opening", _opening),
    ("explore", _explored),
    ("balance", _balance),
    ("wording", _worded),
)
_DRAFT_TESTS: tuple[tuple[str, Test], ...] = (("patience", _patient), ("test", _tested))
