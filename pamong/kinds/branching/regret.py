"""What every choice costs, by exact search over all that may still come.

Opportunity loss (Savage, 1951): the value of the best course from a place less the value of the best
course from where a choice leads. Losses along a path add up to the distance from the best path. The
best course first keeps clear of violations and breaches, then looks at the indicators; so no one
is told to break a rule, and what a violation gains is not counted in its favour.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct

from pamong.kinds.branching.graph import Edge, Graph, Place
from pamong.kinds.memo import remembered

LIMIT = 50_000
"""Paths and places that a case may have, each."""
_DIGITS = 12


class Outlook(Struct, frozen=True):
    """What may still come from a place.

    ``dirty`` counts the violations and breaches that cannot be avoided, ``value`` is the worth
    (0..1) of the best course, ``losses`` the opportunity loss of each option on offer, ``worst`` the
    largest and ``mean`` the mean sum of losses that lie ahead (mean: of random play).
    """

    dirty: int
    value: float
    edges: tuple[Edge, ...]
    losses: tuple[float, ...]
    best: Edge | None
    worst: float
    mean: float
    paths: int

    def loss(self, option: str) -> float:
        """What one of the options on offer costs; KeyError when it is not on offer."""
        return dict(zip((edge.id for edge in self.edges), self.losses, strict=True))[option]

    @property
    def stake(self) -> float:
        """What the worst option on offer costs."""
        return max(self.losses, default=0.0)


@remembered(64)
def outlooks(graph: Graph) -> Mapping[Place, Outlook]:
    """The outlook from every place that a play can come to; the graph must have no cycle."""
    known: dict[Place, Outlook] = {}

    def look(place: Place) -> Outlook:
        offered = graph.offered(place)
        if offered:
            after = [graph.after(place, edge) for edge in offered]
            ahead = [known.get(it) or look(it) for it in after]
            found = _decided(graph, place, offered, after, ahead)
        else:
            worth = round(graph.worth(place.values), _DIGITS)
            found = Outlook(0, worth, (), (), None, 0.0, 0.0, 1)
        known[place] = found  # after all that follow it: the order that ``advice`` relies on
        return found

    look(graph.origin)
    return known


def _decided(
    graph: Graph,
    place: Place,
    offered: tuple[Edge, ...],
    after: Sequence[Place],
    ahead: Sequence[Outlook],
) -> Outlook:
    """The outlook from ``place``, given those from the places that its options lead to."""
    dirty = [
        (edge.violates or bool(graph.breaches(place.values, to.values))) + further.dirty
        for edge, to, further in zip(offered, after, ahead, strict=True)
    ]
    best = max(range(len(offered)), key=lambda at: (-dirty[at], ahead[at].value))
    value = ahead[best].value
    losses = tuple([round(max(0.0, value - it.value), _DIGITS) for it in ahead])
    pairs = list(zip(losses, ahead, strict=True))
    return Outlook(
        dirty[best],
        value,
        offered,
        losses,
        offered[best],
        max([loss + it.worst for loss, it in pairs]),
        sum([loss + it.mean for loss, it in pairs]) / len(pairs),
        sum([it.paths for it in ahead]),
    )


def count_places(graph: Graph, limit: int = LIMIT) -> int:
    """How many places a play can come to; stops counting just above ``limit``."""
    seen, waiting = {graph.origin}, [graph.origin]
    while waiting and len(seen) <= limit:
        place = waiting.pop()
        fresh = {graph.after(place, edge) for edge in graph.offered(place)} - seen
        seen |= fresh
        waiting += fresh
    return len(seen)


def scale(graph: Graph) -> float:
    """The loss at which nothing is earned: the mean loss of random play, at least a tenth of the worst.

    1 − L / mean is the same as (S − b) / (1 − b) with S = 1 − L / worst and b the mean S of random play.
    """
    origin = outlooks(graph)[graph.origin]
    return max(origin.mean, origin.worst / 10) or 1.0
