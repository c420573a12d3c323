"""Weighted sums over a decision matrix: scaling, weights from pairs, consistency, and sensitivity.

Everything is plain Python on mappings: alternative → criterion → number, and criterion → share.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Literal

Matrix = Mapping[str, Mapping[str, float]]
Shares = Mapping[str, float]
Pair = tuple[str, str]
RANDOM_INDEX = (0.0, 0.0, 0.0, 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49)
"""Mean consistency index of random reciprocal matrices, by number of criteria (Saaty, 1980)."""
SAME = 1e-9
"""Differences below this are rounding."""


def scaled(
    data: Matrix, directions: Mapping[str, Literal["up", "down"]]
) -> dict[str, dict[str, float]]:
    """Each column from 0 (worst value in it) to 1 (best); 0 throughout where it does not vary."""
    found: dict[str, dict[str, float]] = {alternative: {} for alternative in data}
    for criterion, direction in directions.items():
        column = [row[criterion] for row in data.values()]
        low, high = min(column), max(column)
        for alternative, row in data.items():
            share = (row[criterion] - low) / (high - low) if high - low > SAME else 0.0
            upward = direction == "up" or high - low <= SAME
            found[alternative][criterion] = share if upward else 1 - share
    return found


def totals(matrix: Matrix, shares: Shares) -> dict[str, float]:
    """The weighted sum of each row of a scaled matrix."""
    return {
        alternative: math.fsum(shares[criterion] * row[criterion] for criterion in shares)
        for alternative, row in matrix.items()
    }


def normalised(weights: Mapping[str, float]) -> dict[str, float] | None:
    """Weights that sum to 1; None when all are 0."""
    total = math.fsum(weights.values())
    return {each: weight / total for each, weight in weights.items()} if total > 0 else None


def pairs(criteria: Sequence[str]) -> list[Pair]:
    """Every pair of criteria, in order."""
    return [(a, b) for place, a in enumerate(criteria) for b in criteria[place + 1 :]]


def from_pairs(
    criteria: Sequence[str], ratios: Mapping[Pair, float]
) -> tuple[dict[str, float], float]:
    """Weights by the principal eigenvector of all pairwise ratios, and the consistency ratio CR.

    CR = ((λ - n) / (n - 1)) / RI; up to 0.10 is consistent enough (Saaty, 1980).
    """
    size = len(criteria)
    rows = [[_ratio(ratios, a, b) for b in criteria] for a in criteria]
    vector, eigenvalue = [1 / size] * size, float(size)
    for _ in range(1000):
        product = [math.fsum(x * y for x, y in zip(row, vector, strict=True)) for row in rows]
        eigenvalue = math.fsum(product)
        following = [each / eigenvalue for each in product]
        change = max(abs(a - b) for a, b in zip(vector, following, strict=True))
        vector = following
        if change < 1e-14:
            break
    index = (eigenvalue - size) / (size - 1)
    consistency = max(index / RANDOM_INDEX[size], 0.0) if size > 2 else 0.0
    return dict(zip(criteria, vector, strict=True)), consistency


def _ratio(ratios: Mapping[Pair, float], a: str, b: str) -> float:
    if a == b:
        return 1.0
    return ratios[a, b] if (a, b) in ratios else 1 / ratios[b, a]


def implied_ranking(scores: Mapping[str, float], own: Sequence[str]) -> tuple[str, ...]:
    """Alternatives by falling score; those that tie stay as in ``own``."""
    return tuple(sorted(own, key=lambda alternative: -round(scores[alternative], 9)))


def changes_of_winner(matrix: Matrix, shares: Shares) -> dict[str, float | None]:
    """Per criterion the smallest change of its weight after which another alternative leads.

    The other weights keep their proportions. None: no weight in 0..1 does it. In closed form, after
    the most critical criterion of Triantaphyllou & Sánchez (1997):
    d = -(Sᵢ - Sⱼ) / ((xᵢₖ - xⱼₖ) - (Rᵢ - Rⱼ) / (1 - wₖ)), where R is the sum without criterion k.
    """
    sums = totals(matrix, shares)
    winner = max(sums, key=sums.__getitem__)
    rivals = [alternative for alternative in matrix if alternative != winner]
    found: dict[str, float | None] = {}
    for criterion in shares:
        changes = (_change(matrix, shares, criterion, winner, rival) for rival in rivals)
        found[criterion] = min((abs(each) for each in changes if each is not None), default=None)
    return found


def _change(
    matrix: Matrix, shares: Shares, criterion: str, winner: str, rival: str
) -> float | None:
    weight = shares[criterion]
    if weight > 1 - SAME:
        return None
    gaps = {each: matrix[winner][each] - matrix[rival][each] for each in shares}
    rest = math.fsum(shares[each] * gaps[each] for each in shares if each != criterion)
    slope = gaps[criterion] - rest / (1 - weight)
    if abs(slope) < SAME:
        return None
    change = -(rest + weight * gaps[criterion]) / slope
    return change if SAME - weight < change < 1 - weight - SAME else None
