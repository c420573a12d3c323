"""Small groups stay out of sight: what would show fewer than five people is not shown."""

from __future__ import annotations

from collections.abc import Mapping

SMALLEST = 5
"""People that a figure must stand for at least."""


def hidden(sizes: Mapping[str, int], smallest: int = SMALLEST) -> frozenset[str]:
    """The groups to hide when a table shows groups and their total.

    Besides groups that are too small these are the next larger ones, until what is hidden cannot be
    found by subtraction: at least ``smallest`` people, who are then in at least two groups.
    (Complementary suppression: Cox, 1980.) Empty groups hide nothing and need no hiding.
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


def bounds(count: int, total: int, smallest: int = SMALLEST) -> tuple[int, int]:
    """The narrowest range around ``count`` of ``total`` that shows no fewer than ``smallest``.

    Nobody and everybody are shown as they are, and so is any count that leaves enough people on both
    sides of it; of fewer than ``smallest`` people nothing is said at all.
    """
    if total < smallest:
        return 0, total
    if count in (0, total):
        return count, count
    if total < 2 * smallest:
        return 1, total - 1
    if count < smallest:
        return 1, smallest - 1
    if total - count < smallest:
        return total - smallest + 1, total - 1
    return count, count
