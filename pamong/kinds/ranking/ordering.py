"""How near one order is to another: formulas behind the kind, all 1 at best and 0 as chance has it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from math import comb

Groups = Sequence[Sequence[str]]
"""An order with ties: first group first; within a group any order is as good."""
Pairs = frozenset[tuple[str, str]]
"""Pairs of which the first must stand before the second."""


def closure(chains: Iterable[Sequence[str]]) -> Pairs:
    """Every pair that follows from chains such as a, b, c; a pair of a thing with itself shows a loop."""
    pairs = {
        (chain[i], chain[j])
        for chain in chains
        for i in range(len(chain))
        for j in range(i + 1, len(chain))
    }
    while True:
        further = {(a, d) for a, b in pairs for c, d in pairs if b == c} - pairs
        if not further:
            return frozenset(pairs)
        pairs |= further


def broken(order: Sequence[str], pairs: Pairs) -> list[tuple[str, str]]:
    """The pairs that ``order`` turns round, those furthest apart first."""
    place = {each: n for n, each in enumerate(order)}
    found = [(a, b) for a, b in pairs if place[a] > place[b]]
    return sorted(found, key=lambda pair: (place[pair[1]] - place[pair[0]], pair))


def precedence(order: Sequence[str], pairs: Pairs) -> float:
    """The share of pairs kept, corrected for the half that a random order keeps (Kendall, 1938)."""
    return 1 - 2 * len(broken(order, pairs)) / len(pairs)


def agreement(order: Sequence[str], groups: Groups) -> float:
    """1 − D/E(D), where D is Spearman's footrule (1906) to the nearest order that ``groups`` allow.

    E(D) is its mean over all orders, so that ties earn nothing by themselves; 0 if all are tied.
    Without ties this is the footrule corrected for chance as ``pamong.score`` has it.
    """
    expected = _expected(tuple(len(group) for group in groups))
    return 1 - _distance(order, groups) / expected if expected else 0.0


def ranges(groups: Groups) -> dict[str, tuple[int, int]]:
    """The first and the last place, from 1, at which each thing may stand."""
    found, before = {}, 0
    for group in groups:
        found.update(dict.fromkeys(group, (before + 1, before + len(group))))
        before += len(group)
    return found


def grouped(totals: Mapping[str, float]) -> tuple[tuple[str, ...], ...]:
    """The order that totals imply, highest first; equal totals are tied."""
    levels: dict[float, list[str]] = {}
    for each, total in totals.items():
        levels.setdefault(round(total, 6), []).append(each)
    return tuple(tuple(levels[level]) for level in sorted(levels, reverse=True))


def nearest(order: Sequence[str], groups: Groups) -> list[str]:
    """The order that ``groups`` allow and that is nearest to ``order``."""
    return [each for group in groups for each in sorted(group, key=order.index)]


def nearest_valid(order: Sequence[str], pairs: Pairs) -> list[str]:
    """An order that keeps all ``pairs`` and takes what may come next as ``order`` has it."""
    left, found = list(order), list[str]()
    while left:
        free = (each for each in left if not any((other, each) in pairs for other in left))
        found.append(next(free))
        left.remove(found[-1])
    return found


def likeness(own: Sequence[float], reference: Sequence[float]) -> float:
    """1 − Σ(own − reference)² / Σ(c − reference)², where c is the best single rating for everything.

    Squared differences forgive near misses (Cohen, 1968); whoever rates everything alike earns 0.
    """
    constant = min(sum((c - each) ** 2 for each in reference) for c in range(1, 6))
    off = sum((a - b) ** 2 for a, b in zip(own, reference, strict=True))
    return 1 - off / constant if constant else 0.0


def _distance(order: Sequence[str], groups: Groups) -> int:
    """Footrule to the nearest order that ``groups`` allow: within a group, sorted against sorted."""
    place = {each: n for n, each in enumerate(order, 1)}
    allowed = nearest(order, groups)
    return sum(abs(place[each] - n) for n, each in enumerate(allowed, 1))


@cache
def _expected(sizes: tuple[int, ...]) -> float:
    """The mean of ``_distance`` over all orders: places of order statistics without replacement."""
    n, before, total = sum(sizes), 0, 0.0
    for m in sizes:
        for k in range(1, m + 1):
            total += sum(
                comb(x - 1, k - 1) * comb(n - x, m - k) * abs(x - before - k)
                for x in range(1, n + 1)
            ) / comb(n, m)
        before += m
    return total
