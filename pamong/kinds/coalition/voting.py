"""Who decides: how often each voter turns a losing coalition into a winning one (Banzhaf, 1965)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence


def swings(votes: Sequence[int], vetoes: Collection[int], quorum: int) -> tuple[int, ...]:
    """Per voter the number of winning coalitions that lose without them.

    A coalition wins when its votes reach ``quorum`` and everybody in ``vetoes`` is in it.
    """
    held = sum(1 << voter for voter in vetoes)
    found = [0] * len(votes)
    for coalition in range(1 << len(votes)):
        if coalition & held != held:
            continue
        members = [voter for voter in range(len(votes)) if coalition >> voter & 1]
        total = sum(votes[voter] for voter in members)
        if total < quorum:
            continue
        for voter in members:
            found[voter] += total - votes[voter] < quorum or voter in vetoes
    return tuple(found)


def shares(counts: Mapping[str, int]) -> dict[str, float]:
    """Each voter's share of all swings, the most decisive first: the Banzhaf index."""
    total = sum(counts.values()) or 1
    ordered = sorted(counts, key=lambda voter: -counts[voter])
    return {voter: counts[voter] / total for voter in ordered}


def agreement(order: Sequence[str], counts: Mapping[str, int]) -> float:
    """How far ``order`` follows the number of swings: 1 fully, 0 as far as a guess does or less.

    Spearman's footrule (1906) to the nearest place that a voter shares with equals, over what it
    is for a random order. 0 where everybody is equal.
    """
    spans = _spans(counts)
    by_chance = sum(
        _distance(place, span) for span in spans.values() for place in range(len(counts))
    ) / len(counts)
    distance = sum(_distance(place, spans[voter]) for place, voter in enumerate(order))
    return max(0.0, 1 - distance / by_chance) if by_chance else 0.0


def _spans(counts: Mapping[str, int]) -> dict[str, tuple[int, int]]:
    """The first and the last place that each voter may take among its equals."""
    values = sorted(counts.values(), reverse=True)
    return {
        voter: (values.index(count), values.index(count) + values.count(count) - 1)
        for voter, count in counts.items()
    }


def _distance(place: int, span: tuple[int, int]) -> int:
    return max(span[0] - place, place - span[1], 0)
