"""Small groups stay out of sight: what would show fewer than five people is not shown.

Promise: no sum or difference of the groups that a ``Ledger`` has told makes a group of one to four.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import numpy.typing as npt

SMALLEST = 5
"""People that a figure must stand for at least."""
Group = npt.NDArray[np.bool_]
"""Who belongs to a group, one truth value per person."""
Found = npt.NDArray[np.intp]
Clues = npt.NDArray[np.float64]
_ZERO = 1e-8


def hidden(sizes: Mapping[str, int], smallest: int = SMALLEST) -> frozenset[str]:
    """The groups to hide when a table shows groups and their total.

    Besides groups that are too small these are the next larger ones, until what is hidden cannot be
    found by subtraction: at least ``smallest`` people together. (Complementary suppression: Cox,
    1980.) Empty groups hide nothing and need no hiding.
    """
    peopled = {name: size for name, size in sizes.items() if size > 0}
    ascending = sorted(peopled, key=lambda name: (peopled[name], name))
    out = [name for name in ascending if peopled[name] < smallest]
    if not out:
        return frozenset()
    for name in ascending[len(out) :]:
        if sum(peopled[it] for it in out) >= smallest:
            break
        out.append(name)
    return frozenset(out)


class Ledger:
    """Remembers which groups were counted, and refuses one that would give a small group away.

    An attacker is granted every sum and difference, with any factors, of all that was told.
    """

    def __init__(self) -> None:
        self._known: list[Group] = []
        self._told: list[Group] = []

    def know(self, group: Group) -> None:
        """Note a group that everybody knows already, be it small or not."""
        self._known.append(group)

    def tell(self, group: Group) -> bool:
        """Whether this group may be counted; from now on it is known."""
        groups = [*self._known, *self._told]
        if not group.any() or any((group == known).all() for known in groups):
            return True
        if any(not _spanned(self._known, found) for found in _small([*groups, group])):
            return False
        self._told.append(group)
        return True


def _spanned(groups: list[Group], found: Group) -> bool:
    """Whether a group is a sum or difference of others."""
    if not groups:
        return False
    atoms = np.unique(np.array([*groups, found]), axis=1).astype(float)
    matrix, wanted = atoms[:-1].T, atoms[-1]
    nearest = matrix @ np.linalg.lstsq(matrix, wanted, rcond=None)[0]
    return bool(np.abs(nearest - wanted).max() < _ZERO)


def _small(groups: list[Group]) -> Iterator[Group]:
    """The groups of one to four people that are a linear combination of these.

    People in exactly the same groups cannot be told apart: they are one atom. A set of atoms can be
    found if its part outside the span of the groups is nothing, so the parts outside must add up to
    nothing. That is asked of two random projections of them first, and then of them in full.
    """
    atoms, place, sizes = np.unique(
        np.array(groups), axis=1, return_inverse=True, return_counts=True
    )
    small = np.flatnonzero((sizes < SMALLEST) & atoms.any(axis=0))
    if not small.size:
        return
    root = np.sqrt(sizes)
    weighted = atoms * root
    strengths, directions = np.linalg.eigh(weighted @ weighted.T)
    kept = strengths > _ZERO * float(strengths.max())
    base = weighted.T @ directions[:, kept] / np.sqrt(strengths[kept])
    shadow = base[small] * root[small, None]
    outside = np.diag(sizes[small].astype(float)) - shadow @ shadow.T
    clues = outside @ np.random.default_rng(7).normal(size=(small.size, 2))
    for some in _suspects(clues, sizes[small]):
        if np.abs(outside[list(some)].sum(axis=0)).max() < _ZERO:
            yield np.isin(place.ravel(), small[list(some)])


def _suspects(clues: Clues, sizes: Found) -> Iterator[tuple[int, ...]]:
    """Sets of atoms, together under five people, whose clues add up to nothing."""
    singles = np.arange(sizes.size)[:, None]
    pairs = np.stack(np.triu_indices(sizes.size, 1), axis=1)
    pairs = pairs[sizes[pairs].sum(axis=1) < SMALLEST]
    for sets in (singles, pairs):
        for one in np.flatnonzero(np.abs(clues[sets].sum(axis=1)).max(axis=1) < _ZERO):
            yield tuple(map(int, sets[one]))
    for others in (singles, pairs):
        for some in _cancelling(pairs, others, clues):
            if len(set(some)) == len(some) and sizes[list(some)].sum() < SMALLEST:
                yield some


def _cancelling(pairs: Found, others: Found, clues: Clues) -> Iterator[tuple[int, ...]]:
    """Pairs joined with others so that their clues cancel, looked up in the sorted pairs."""
    if not pairs.size or not others.size:
        return
    sums, wanted = clues[pairs].sum(axis=1), -clues[others].sum(axis=1)
    order = np.argsort(sums[:, 0])
    low = np.searchsorted(sums[order, 0], wanted[:, 0] - _ZERO)
    counts = np.searchsorted(sums[order, 0], wanted[:, 0] + _ZERO) - low
    other = np.repeat(np.arange(len(others)), counts)
    within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    pair = order[np.repeat(low, counts) + within]
    close = np.abs(sums[pair, 1] - wanted[other, 1]) < _ZERO
    for one, two in zip(pair[close], other[close], strict=True):
        yield (*map(int, pairs[one]), *map(int, others[two]))
