"""A branching case as places and edges: what may be chosen where, and what follows from it."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from pamong.kinds.branching.case import TEST, Brief, Indicator, Key, Option, changes_of
from pamong.kinds.memo import remembered

Values = tuple[int, ...]
"""The indicators' values, in the order of the brief."""
_COMPARE: Mapping[str, Callable[[int, int], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}


class Place(NamedTuple):
    """Where a play stands: at a node or an ending, with these values, after having set these flags."""

    node: str
    values: Values
    flags: frozenset[str]


@dataclass(frozen=True, slots=True)
class Edge:
    """One option of a node in one variant, compiled."""

    id: str
    to: str
    effects: Values
    tests: tuple[tuple[int, str, int], ...]
    needs: frozenset[str]
    lacks: frozenset[str]
    sets: frozenset[str]
    violates: bool

    def is_open(self, place: Place) -> bool:
        """Whether it can be chosen at ``place``."""
        if not self.needs <= place.flags or self.lacks & place.flags:
            return False
        return not self.tests or all(
            _COMPARE[sign](place.values[at], bound) for at, sign, bound in self.tests
        )


@dataclass(frozen=True, slots=True)
class Graph:
    """One variant of a case; hashable, so that its analysis is remembered."""

    start: str
    indicators: tuple[Indicator, ...]
    nodes: tuple[tuple[str, tuple[Edge, ...]], ...]
    _edges: Mapping[str, tuple[Edge, ...]] = field(init=False, repr=False, compare=False)
    _free: frozenset[str] = field(init=False, repr=False, compare=False)
    """The nodes whose every option is open to everybody."""
    _scales: tuple[tuple[int, int], ...] = field(init=False, repr=False, compare=False)
    _limited: tuple[tuple[int, Indicator], ...] = field(init=False, repr=False, compare=False)
    _weight: float = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        limited = ((at, it) for at, it in enumerate(self.indicators) if it.limit is not None)
        free = (name for name, edges in self.nodes if not any(map(_is_bound, edges)))
        for name, value in {
            "_edges": dict(self.nodes),
            "_free": frozenset(free),
            "_scales": tuple((it.low, it.high) for it in self.indicators),
            "_limited": tuple(limited),
            "_weight": sum(it.weight for it in self.indicators),
        }.items():
            object.__setattr__(self, name, value)

    @property
    def origin(self) -> Place:
        return Place(self.start, tuple(it.start for it in self.indicators), frozenset())

    def edges(self, node: str) -> tuple[Edge, ...]:
        """The options of a node; none at an ending."""
        return self._edges.get(node, ())

    def offered(self, place: Place) -> tuple[Edge, ...]:
        """What can be chosen at ``place``."""
        edges = self.edges(place.node)
        if place.node in self._free:
            return edges
        return tuple([edge for edge in edges if edge.is_open(place)])

    def after(self, place: Place, edge: Edge) -> Place:
        """Where a choice leads; values stop at the ends of their scales."""
        steps = zip(place.values, edge.effects, self._scales, strict=True)
        moved = [
            low if (to := value + effect) < low else high if to > high else to
            for value, effect, (low, high) in steps
        ]
        flags = place.flags | edge.sets if edge.sets else place.flags
        return Place(edge.to, tuple(moved), flags)

    def breaches(self, before: Values, after: Values) -> tuple[int, ...]:
        """Places of the indicators that a step takes past their limits."""
        return tuple(
            [
                at
                for at, it in self._limited
                if it.breached(after[at]) and not it.breached(before[at])
            ]
        )

    def worth(self, values: Values) -> float:
        """The weighted mean, in 0..1, of how good the values are."""
        goods = [it.weight * good(it, v) for it, v in zip(self.indicators, values, strict=True)]
        return sum(goods) / self._weight


def _is_bound(edge: Edge) -> bool:
    return bool(edge.needs or edge.lacks or edge.tests)


def good(indicator: Indicator, value: float) -> float:
    """A value as a share of its scale, 1 being best."""
    share = (value - indicator.low) / (indicator.high - indicator.low)
    return share if indicator.direction == "up" else 1 - share


@remembered(64)
def graph_of(brief: Brief, key: Key, variant: str) -> Graph:
    """One variant of a case; KeyError when the key has no such variant or an id is unknown."""
    changes = changes_of(key, variant)
    place = {it.id: at for at, it in enumerate(brief.indicators)}

    def compiled(node: str, option: Option) -> Edge:
        change = changes.get(f"{node}.{option.id}")
        effects = option.effects if change is None or change.effects is None else change.effects
        return Edge(
            id=option.id,
            to=change.to if change and change.to else option.to,
            effects=tuple(effects.get(it.id, 0) for it in brief.indicators),
            tests=tuple((place[it], *_test(text)) for it, text in option.condition.items()),
            needs=frozenset(option.needs),
            lacks=frozenset(option.lacks),
            sets=frozenset(option.sets),
            violates=bool(option.violation),
        )

    nodes = tuple(
        (name, tuple(compiled(name, option) for option in node.options))
        for name, node in key.nodes.items()
    )
    return Graph(key.start, brief.indicators, nodes)


def feedback_of(key: Key, variant: str, node: str, option: Option) -> str:
    """What a choice led to, in the words of the variant."""
    change = changes_of(key, variant).get(f"{node}.{option.id}")
    return change.feedback if change and change.feedback else option.feedback


def option_of(key: Key, node: str, name: str) -> Option:
    """An option of a node; KeyError when there is none."""
    for option in key.nodes[node].options:
        if option.id == name:
            return option
    raise KeyError(name)


def _test(text: str) -> tuple[str, int]:
    match = TEST.fullmatch(text)
    if match is None:
        raise KeyError(text)
    return match[1], int(match[2])
