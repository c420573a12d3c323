"""One attempt walked again with the key: where each choice led and what it cost."""

from __future__ import annotations

from dataclasses import dataclass

from pamong.errors import TamperedLog
from pamong.kinds.branching.case import Brief, Key
from pamong.kinds.branching.graph import Edge, Graph, Place, graph_of, option_of
from pamong.kinds.branching.play import Attempt, Choice
from pamong.kinds.branching.regret import Outlook, outlooks, scale
from pamong.kinds.memo import remembered


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One choice. ``loss`` and ``stake`` (the loss of the worst option) count 1 as the whole score.

    ``violation`` is the phrase of the rule that was broken, ``breached`` the labels of indicators
    taken past their limits; both are empty for a clean choice.
    """

    number: int
    place: Place
    option: str
    loss: float
    stake: float
    best: Edge | None
    violation: str
    breached: tuple[str, ...]

    @property
    def points(self) -> int:
        """The loss in points of a hundred."""
        return min(100, round(100 * self.loss))

    @property
    def kept(self) -> float:
        """How good the choice was in 0..1, between the worst and the best on offer."""
        return 1 - self.loss / self.stake if self.stake > 0 else 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Appraisal:
    """``rest`` is what the decisions not taken cost, as if each of them had been the worst."""

    graph: Graph
    decisions: tuple[Decision, ...]
    place: Place
    rest: float

    @property
    def value(self) -> float:
        """The score before any cap."""
        return max(0.0, 1 - sum(it.loss for it in self.decisions) - self.rest)

    @property
    def costliest(self) -> Decision | None:
        """The decision that cost most; None when none cost anything."""
        costly = [it for it in self.decisions if it.points > 0]
        return max(costly, key=lambda it: it.loss, default=None)

    @property
    def is_clean(self) -> bool:
        return not any(it.violation or it.breached for it in self.decisions)


def walked(brief: Brief, key: Key, attempt: Attempt) -> tuple[Graph, tuple[Place, ...]]:
    """The places of an attempt, from the start to where it stands; TamperedLog when the key denies it."""
    try:
        graph = graph_of(brief, key, attempt.variant)
    except KeyError:
        raise TamperedLog(brief.id, 0, f"the key has no variant {attempt.variant!r}") from None
    return graph, _places(brief.id, graph, attempt.choices)


@remembered(64)
def _places(exercise: str, graph: Graph, choices: tuple[Choice, ...]) -> tuple[Place, ...]:
    """Remembered, so that every turn adds one place instead of walking the whole way again."""
    if not choices:
        return (graph.origin,)
    before = _places(exercise, graph, choices[:-1])
    place, option = before[-1], choices[-1].option
    for edge in graph.edges(place.node):
        if edge.id == option and edge.is_open(place):
            return (*before, graph.after(place, edge))
    raise TamperedLog(exercise, 0, f"{option!r} was not on offer")


def appraise(brief: Brief, key: Key, attempt: Attempt) -> Appraisal:
    """What every decision of an attempt cost."""
    graph, places = walked(brief, key, attempt)
    return _appraised(brief, key, graph, places, attempt.choices)


@remembered(8)
def _appraised(
    brief: Brief, key: Key, graph: Graph, places: tuple[Place, ...], choices: tuple[Choice, ...]
) -> Appraisal:
    ahead, whole = outlooks(graph), scale(graph)
    decisions = []
    for number, choice in enumerate(choices, 1):
        before, after = places[number - 1], places[number]
        outlook: Outlook = ahead[before]
        breached = graph.breaches(before.values, after.values)
        decisions.append(
            Decision(
                number=number,
                place=before,
                option=choice.option,
                loss=outlook.loss(choice.option) / whole,
                stake=outlook.stake / whole,
                best=outlook.best,
                violation=option_of(key, before.node, choice.option).violation,
                breached=tuple(brief.indicators[at].label for at in breached),
            )
        )
    return Appraisal(
        graph=graph,
        decisions=tuple(decisions),
        place=places[-1],
        rest=ahead[places[-1]].worst / whole,
    )


def best_course(graph: Graph, place: Place) -> tuple[tuple[str, str], ...]:
    """The best way on from ``place``: node and option of each step."""
    ahead, course = outlooks(graph), []
    while (best := ahead[place].best) is not None:
        course.append((place.node, best.id))
        place = graph.after(place, best)
    return tuple(course)
