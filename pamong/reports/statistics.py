"""Statistics of tests and cohorts, on plain numpy arrays.

A score matrix has one row per person and one column per item, NaN where a person has no score.
What cannot be computed (too few people, no spread) is NaN, never an exception and never a guess.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

Z95 = 1.959963984540054


def complete(scores: Array) -> Array:
    """The rows without a gap."""
    return scores[~np.isnan(scores).any(axis=1)]


def alpha(scores: Array) -> float:
    """Internal consistency of the sum of the columns (Cronbach, 1951), people with gaps left out.

    For items scored 0 or 1 this is KR-20 (Kuder & Richardson, 1937).
    """
    rows = complete(scores)
    people, items = rows.shape
    if people < 2 or items < 2:
        return math.nan
    total = float(rows.sum(axis=1).var(ddof=1))
    if total <= 0:
        return math.nan
    parts = float(rows.var(axis=0, ddof=1).sum())
    return float(items / (items - 1) * (1 - parts / total))


def omega(scores: Array, rounds: int = 500) -> float:
    """Share of the total's variance that one common factor explains (McDonald, 1999: omega total).

    One factor by iterated principal axes on the covariances; unlike alpha it does not take for granted
    that all items measure equally well. People with gaps and items without spread are left out.
    """
    rows = complete(scores)
    if rows.shape[0] > 2:
        rows = rows[:, rows.std(axis=0) > 1e-9]
    if rows.shape[0] <= rows.shape[1] or rows.shape[1] < 3:
        return math.nan
    covariance = np.cov(rows, rowvar=False)
    unique = 1 / np.diag(np.linalg.pinv(covariance))
    for _ in range(rounds):
        values, vectors = np.linalg.eigh(covariance - np.diag(unique))
        loadings = vectors[:, -1] * math.sqrt(max(float(values[-1]), 0.0))
        updated = np.clip(np.diag(covariance) - loadings**2, 1e-9, None)
        if float(np.abs(updated - unique).max()) < 1e-10:
            break
        unique = updated
    common = float(loadings.sum()) ** 2
    return common / (common + float(unique.sum()))


def corrected_item_total(scores: Array) -> Array:
    """Correlation of each column with the sum of the others (Henrysson, 1963); NaN without spread.

    The uncorrected correlation counts the item in the total as well and flatters short tests.
    """
    rows = complete(scores)
    people, items = rows.shape
    result = np.full(items, np.nan)
    if people < 3 or items < 2:
        return result
    total = rows.sum(axis=1)
    for column in range(items):
        result[column] = pearson(rows[:, column], total - rows[:, column])
    return result


def pearson(x: Array, y: Array) -> float:
    """Product-moment correlation (Pearson, 1895); NaN when either side does not vary."""
    dx, dy = x - x.mean(), y - y.mean()
    scale = math.sqrt(float(dx @ dx) * float(dy @ dy))
    if scale <= 1e-12:
        return math.nan
    return max(-1.0, min(1.0, float(dx @ dy) / scale))


def measurement_error(totals: Array, reliability: float) -> float:
    """Standard error of measurement SD·√(1−reliability), in points of ``totals``.

    Lord & Novick (1968), ch. 3; NaN where the reliability is unknown or negative.
    """
    known = totals[~np.isnan(totals)]
    if known.size < 2 or not 0 <= reliability <= 1:
        return math.nan
    return float(known.std(ddof=1)) * math.sqrt(1 - reliability)


def wilson(successes: int, trials: int, z: float = Z95) -> tuple[float, float]:
    """Score interval of a proportion (Wilson, 1927); the whole of 0..1 when nobody tried."""
    if trials == 0:
        return 0.0, 1.0
    share, z2 = successes / trials, z * z
    middle = (share + z2 / (2 * trials)) / (1 + z2 / trials)
    half = z * math.sqrt(share * (1 - share) / trials + z2 / (4 * trials**2)) / (1 + z2 / trials)
    return max(0.0, middle - half), min(1.0, middle + half)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gain:
    """What a group learnt between two tests, as shares of the maximum.

    ``gain`` is the normalised gain of the class with a 95% interval ``low``..``high``; ``effect``
    is the mean difference in standard deviations of the differences (Cohen, 1988: d_z).
    """

    people: int
    before: float
    after: float
    gain: float
    low: float
    high: float
    effect: float


def class_gain(before: Array, after: Array, *, draws: int = 2000, seed: int = 1) -> Gain:
    """Normalised gain from the two class means (Hake, 1998) of the people who sat both tests.

    The interval resamples people, percentile method (Efron, 1979). The mean of individual gains
    would be biased by measurement error. NaN when the class had everything right before.
    """
    matched = ~(np.isnan(before) | np.isnan(after))
    x, y = before[matched], after[matched]
    people = int(x.size)
    if people == 0:
        return Gain(people=0, before=math.nan, after=math.nan, gain=math.nan, low=math.nan,
                    high=math.nan, effect=math.nan)  # fmt: skip
    low = high = math.nan
    if people >= 5:
        drawn = np.random.default_rng(seed).integers(0, people, (draws, people))
        gains = _normalised(x[drawn].mean(axis=1), y[drawn].mean(axis=1))
        gains = gains[~np.isnan(gains)]
        if gains.size >= draws / 2:
            low, high = (float(value) for value in np.quantile(gains, (0.025, 0.975)))
    return Gain(
        people=people,
        before=float(x.mean()),
        after=float(y.mean()),
        gain=float(_normalised(np.array([x.mean()]), np.array([y.mean()]))[0]),
        low=low,
        high=high,
        effect=paired_effect(x, y),
    )


def _normalised(before: Array, after: Array) -> Array:
    room = 1 - before
    result = np.full(room.shape, np.nan)
    np.divide(after - before, room, out=result, where=room > 1e-12)
    return result


def paired_effect(before: Array, after: Array) -> float:
    """Mean difference over the standard deviation of the differences (Cohen, 1988: d_z)."""
    difference = after - before
    if difference.size < 2 or difference.std(ddof=1) <= 1e-12:
        return math.nan
    return float(difference.mean() / difference.std(ddof=1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Deviation:
    """How far the mean of one group lies from the mean of all, with a simultaneous 95% interval.

    ``p`` is adjusted for the number of groups.
    """

    group: str
    people: int
    mean: float
    low: float
    high: float
    p: float


def deviations(
    values: Array, groups: npt.NDArray[np.str_], *, draws: int = 2000, seed: int = 2
) -> tuple[Deviation, ...]:
    """Each group against the mean of all, the chance of any false alarm held at 5%.

    Largest |t| under permutation of people (Westfall & Young, 1993). Groups of fewer than two
    people are left out; empty when fewer than two groups remain.
    """
    names, index, sizes = _comparable(values, groups)
    if len(names) < 2:
        return ()
    kept = values[index >= 0]
    index = index[index >= 0]
    grand, means = kept.mean(), np.bincount(index, kept) / sizes
    spread = float(((kept - means[index]) ** 2).sum()) / (kept.size - len(names))
    if spread <= 1e-12:
        return ()
    errors = np.sqrt(spread / sizes * (1 - sizes / kept.size))
    rng = np.random.default_rng(seed)
    largest = np.empty(draws)
    for draw in range(draws):
        shuffled = np.bincount(index, rng.permutation(kept)) / sizes
        largest[draw] = np.abs((shuffled - grand) / errors).max()
    critical = float(np.quantile(largest, 0.95))
    return tuple(
        Deviation(
            group=str(name),
            people=int(size),
            mean=float(mean),
            low=float(mean - critical * error),
            high=float(mean + critical * error),
            p=float((1 + (largest >= abs(mean - grand) / error).sum()) / (draws + 1)),
        )
        for name, size, mean, error in zip(names, sizes, means, errors, strict=True)
    )


def _comparable(
    values: Array, groups: npt.NDArray[np.str_]
) -> tuple[list[str], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Names and sizes of groups of two and more, and each person's group (−1: left out)."""
    known = ~np.isnan(values)
    names = [str(name) for name in np.unique(groups[known]) if (groups[known] == name).sum() >= 2]
    index = np.full(values.size, -1, dtype=np.int64)
    for position, name in enumerate(names):
        index[known & (groups == name)] = position
    return names, index, np.bincount(index[index >= 0], minlength=len(names))


def density(values: Array, grid: Array) -> Array:
    """Gaussian kernel density on ``grid``, tallest point 1 (Silverman, 1986).

    ``values`` are percentages, reflected at 0 and 100. All zero when there are none.
    """
    known = values[~np.isnan(values)]
    if known.size == 0:
        return np.zeros_like(grid)
    width = max(3.0, 0.9 * float(known.std()) * known.size ** (-0.2))
    heap = np.zeros_like(grid)
    for mirrored in (known, -known, 200 - known):
        heap += np.exp(-0.5 * ((grid[:, None] - mirrored) / width) ** 2).sum(axis=1)
    return heap / float(heap.max())
