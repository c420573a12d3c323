"""Exact analysis of what several parties could agree on: every package is looked at once."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

from pamong import bargaining
from pamong.bargaining import Lawful, Package, Side


@dataclass(frozen=True, slots=True)
class Prospects:
    """Everything there is to know about one set of parties.

    ``zone`` counts the packages that leave nobody below the own alternative. ``best`` has the largest
    product of gains over the alternatives (Nash, 1950, for n parties); None when no package
    gives everybody something. ``efficient`` holds the points of the Pareto-efficient packages.
    """

    sides: tuple[Side, ...]
    zone: int
    best: Package | None
    gain: int
    efficient: frozenset[tuple[int, ...]]

    def points(self, package: Package) -> tuple[int, ...]:
        return tuple(side.total(package) for side in self.sides)

    def is_acceptable(self, package: Package) -> bool:
        """Whether nobody is below the own alternative."""
        return all(side.total(package) >= side.floor for side in self.sides)

    def value(self, package: Package) -> float:
        """(product of gains / largest product) to the power 1/n; 0 when anybody is below."""
        if self.best is None or not self.is_acceptable(package):
            return 0.0
        product = math.prod(side.total(package) - side.floor for side in self.sides)
        return math.pow(min(1.0, product / self.gain), 1 / len(self.sides))

    def is_efficient(self, package: Package) -> bool:
        """Whether nobody could have more without somebody having less."""
        return self.points(package) in self.efficient


@lru_cache(maxsize=128)
def prospects(sides: tuple[Side, ...], lawful: Lawful) -> Prospects:
    """The analysis; kept for the life of the process."""
    rows = tuple(zip(*(bargaining.totals(side.points, lawful) for side in sides), strict=True))
    floors = tuple(side.floor for side in sides)
    zone, best, gain = 0, None, 0
    for place, row in enumerate(rows):
        gains = tuple(points - floor for points, floor in zip(row, floors, strict=True))
        if min(gains) < 0:
            continue
        zone += 1
        if math.prod(gains) > gain:
            best, gain = place, math.prod(gains)
    return Prospects(
        sides=sides,
        zone=zone,
        best=None if best is None else bargaining.packages(lawful)[best],
        gain=gain,
        efficient=_efficient(frozenset(rows)),
    )


def _efficient(rows: frozenset[tuple[int, ...]]) -> frozenset[tuple[int, ...]]:
    """The rows that no other row beats or equals everywhere."""
    kept: list[tuple[int, ...]] = []
    for row in sorted(rows, key=lambda it: (-sum(it), it)):
        if not any(all(a >= b for a, b in zip(other, row, strict=True)) for other in kept):
            kept.append(row)
    return frozenset(kept)
