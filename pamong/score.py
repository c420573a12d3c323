"""How well an exercise was done: a number in 0..1, made of named parts that say why."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from msgspec import Struct

from pamong.event import Event


class Part(Struct, frozen=True):
    """One named share of a score: ``value`` in 0..1, its relative ``weight``, and one plain reason."""

    name: str
    label: str
    weight: float
    value: float
    reason: str


class Cap(Struct, frozen=True):
    """A ceiling in 0..1 that no other merit can lift, with its plain reason."""

    limit: float
    reason: str


class Score(Struct, frozen=True):
    """A score in 0..1. Build it with ``weighted``, which rejects anything else."""

    value: float
    parts: tuple[Part, ...]
    caps: tuple[Cap, ...] = ()


@dataclass(frozen=True, slots=True)
class Context:
    """Logs, states and scores of the exercises that this one refers to, by exercise id."""

    events: Mapping[str, tuple[Event, ...]] = field(default_factory=dict)
    states: Mapping[str, Any] = field(default_factory=dict)
    scores: Mapping[str, Score] = field(default_factory=dict)


def weighted(parts: Sequence[Part], caps: Sequence[Cap] = ()) -> Score:
    """The weighted mean of ``parts`` under the lowest of ``caps``; ValueError outside 0..1 or NaN."""
    for part in parts:
        if not (math.isfinite(part.value) and 0 <= part.value <= 1):
            raise ValueError(f"part {part.name!r} has the value {part.value!r}, not one in 0..1")
        if not (math.isfinite(part.weight) and part.weight >= 0):
            raise ValueError(f"part {part.name!r} has the weight {part.weight!r}")
    total = sum(part.weight for part in parts)
    if total <= 0:
        raise ValueError("a score needs at least one part with a positive weight")
    mean = sum(part.weight * part.value for part in parts) / total
    value = min([mean, *(cap.limit for cap in caps)])
    return Score(round(min(max(value, 0.0), 1.0), 6), tuple(parts), tuple(caps))


def above_baseline(value: float, baseline: float) -> float:
    """``value`` corrected for what comes for nothing: 0 at the baseline, 1 at 1."""
    return min(max((value - baseline) / (1 - baseline), 0.0), 1.0)


def footrule(ranking: Sequence[str], reference: Sequence[str]) -> float:
    """Agreement of two rankings of the same items: 1 − Σ|rᵢ−kᵢ| / ⌊n²/2⌋ (Spearman, 1906)."""
    if sorted(ranking) != sorted(reference):
        raise ValueError("the rankings do not hold the same items")
    place = {item: position for position, item in enumerate(reference)}
    distance = sum(abs(position - place[item]) for position, item in enumerate(ranking))
    furthest = len(reference) ** 2 // 2
    return 1.0 if furthest == 0 else 1 - distance / furthest


def footrule_by_chance(n: int) -> float:
    """What a random ranking of ``n`` items earns on average: 1 − (n²−1) / (3⌊n²/2⌋)."""
    furthest = n**2 // 2
    return 0.0 if furthest == 0 else 1 - (n**2 - 1) / (3 * furthest)
