"""Exact analysis of a two-sided bargain over several issues: small enough to look at every package."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import product

Package = tuple[int, ...]
"""One option index per issue, in the order of the brief's issues."""

Points = tuple[tuple[int, ...], ...]
"""Points per issue and option, in the order of the brief's issues."""

Lawful = tuple[tuple[int, ...], ...]
"""Per issue the option indexes that may be promised."""


@dataclass(frozen=True, slots=True)
class Side:
    """What one side wants; ``floor`` is what it falls back on without a deal, in its own points."""

    points: Points
    floor: int
    maximum: int = field(init=False, compare=False)
    """Points of the package that this side likes best."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "maximum", sum(max(options) for options in self.points))

    @property
    def fallback(self) -> float:
        """The floor as a share of the maximum."""
        return self.floor / self.maximum

    def total(self, package: Package) -> int:
        return sum(options[index] for options, index in zip(self.points, package, strict=True))

    def share(self, package: Package) -> float:
        """Utility in 0..1: points over the own maximum."""
        return self.total(package) / self.maximum


@dataclass(frozen=True, slots=True)
class Bargain:
    """Everything there is to know about one pair of sides.

    ``frontier`` holds the Pareto-efficient (own, other) points, best for the own side first.
    ``zone`` counts the packages that leave neither side below its floor. ``best`` is the package
    with the largest product of gains over the floors (Nash, 1950); None when the zone is empty.
    """

    own: Side
    other: Side
    lawful: Lawful
    frontier: tuple[tuple[int, int], ...]
    zone: int
    best: Package | None
    gain: int

    def ratio(self, package: Package) -> float:
        """Product of both gains over the largest possible one; 0 below a floor, at most 1."""
        own = self.own.total(package) - self.own.floor
        other = self.other.total(package) - self.other.floor
        if own < 0 or other < 0 or self.best is None:
            return 0.0
        return min(1.0, own * other / self.gain) if self.gain else 1.0

    def value(self, package: Package) -> float:
        """Root of ``ratio``: linear in what both gain together."""
        return math.sqrt(self.ratio(package))

    def nearness(self, package: Package) -> float:
        """1 on the frontier, 0 as far from it as the two floors are."""
        scale = (self.own.maximum, self.other.maximum)
        furthest = self._distance((self.own.floor, self.other.floor), scale)
        here = self._distance((self.own.total(package), self.other.total(package)), scale)
        return max(0.0, 1 - here / furthest) if furthest else 1.0

    def claimed(self, package: Package) -> float:
        """Own gain over the own gain at ``best``, in 0..1."""
        if self.best is None:
            return 0.0
        possible = self.own.total(self.best) - self.own.floor
        gained = self.own.total(package) - self.own.floor
        return min(max(gained / possible, 0.0), 1.0) if possible > 0 else 0.0

    def _distance(self, point: tuple[int, int], scale: tuple[int, int]) -> float:
        return min(
            math.hypot((point[0] - own) / scale[0], (point[1] - other) / scale[1])
            for own, other in self.frontier
        )


@lru_cache(maxsize=256)
def packages(lawful: Lawful) -> tuple[Package, ...]:
    """Every package made of the given options, in lexicographic order."""
    return tuple(product(*lawful))


@lru_cache(maxsize=256)
def totals(points: Points, lawful: Lawful) -> tuple[int, ...]:
    """Points of every package, in the order of ``packages``."""
    sums = [0]
    for options, allowed in zip(points, lawful, strict=True):
        sums = [done + options[index] for done in sums for index in allowed]
    return tuple(sums)


@lru_cache(maxsize=256)
def analyse(own: Side, other: Side, lawful: Lawful) -> Bargain:
    """Looks at every package once; the result is kept for the life of the process."""
    pairs = tuple(zip(totals(own.points, lawful), totals(other.points, lawful), strict=True))
    rational = [
        (place, mine - own.floor, theirs - other.floor)
        for place, (mine, theirs) in enumerate(pairs)
        if mine >= own.floor and theirs >= other.floor
    ]
    best = max(rational, key=lambda it: (it[1] * it[2], min(it[1], it[2]), -it[0]), default=None)
    return Bargain(
        own=own,
        other=other,
        lawful=lawful,
        frontier=_frontier(set(pairs)),
        zone=len(rational),
        best=None if best is None else packages(lawful)[best[0]],
        gain=0 if best is None else best[1] * best[2],
    )


def every_option(points: Points) -> Lawful:
    """All options of every issue."""
    return tuple(tuple(range(len(options))) for options in points)


def middle(sizes: Sequence[int]) -> Package:
    """The naive compromise: the middle option of every issue (the earlier one of two)."""
    return tuple((size - 1) // 2 for size in sizes)


def _frontier(pairs: set[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    efficient: list[tuple[int, int]] = []
    for own, other in sorted(pairs, reverse=True):
        if not efficient or other > efficient[-1][1]:
            efficient.append((own, other))
    return tuple(efficient)
