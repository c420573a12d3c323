"""Players of a branching case."""

from __future__ import annotations

from collections.abc import Callable

from pamong import kind
from pamong.catalogue import messages
from pamong.event import Action
from pamong.kind import Bot
from pamong.kinds import normative, prose
from pamong.kinds.branching.appraisal import walked
from pamong.kinds.branching.case import Brief, Key
from pamong.kinds.branching.graph import Edge, Graph, Place, good
from pamong.kinds.branching.play import Attempt, State
from pamong.kinds.branching.regret import Outlook, outlooks

Seat = kind.Seat[Brief, Key, State]
Chooser = Callable[[Seat, Attempt], str]
"""Names the option to choose among those of the attempt's latest scene."""


def played(choose: Chooser) -> Bot:
    """A bot that begins, chooses to the end, and finishes."""

    def bot(seat: Seat) -> Action | None:
        attempt = seat.state.current
        if attempt is None or attempt.finished or attempt.waiting:
            return None
        if not attempt.begun:
            return Action("begin")
        if attempt.outcome is not None:
            return Action("finish")
        return Action("choose", {"option": choose(seat, attempt), "reason": reason(seat)})

    return bot


def reason(seat: Seat) -> str:
    """A sentence from the catalogue, repeated until it is long enough."""
    sentences = messages("branching").entries["bot.reason"]
    text = str(seat.rng.choice(sentences))
    while prose.count_words(text) < seat.brief.reason_words:
        text = f"{text} {seat.rng.choice(sentences)}"
    return text


def standing(seat: Seat, attempt: Attempt) -> tuple[Graph, Place, Outlook]:
    """Where the attempt stands, for players who know the key."""
    graph, places = walked(seat.brief, seat.key, attempt)
    return graph, places[-1], outlooks(graph)[places[-1]]


def gain(graph: Graph, place: Place, edge: Edge) -> float:
    """How much a choice improves the indicators at once, in 0..1 of their worth."""
    return graph.worth(graph.after(place, edge).values) - graph.worth(place.values)


def _random(seat: Seat, attempt: Attempt) -> str:
    return seat.rng.choice(list(attempt.scenes[-1].options))


def _first(seat: Seat, attempt: Attempt) -> str:  # noqa: ARG001
    return next(iter(attempt.scenes[-1].options))


def _middle(seat: Seat, attempt: Attempt) -> str:  # noqa: ARG001
    options = list(attempt.scenes[-1].options)
    return options[len(options) // 2]


def _normative(seat: Seat, attempt: Attempt) -> str:  # noqa: ARG001
    options = attempt.scenes[-1].options
    return list(options)[normative.most_procedural(list(options.values()))]


def _longest(seat: Seat, attempt: Attempt) -> str:  # noqa: ARG001
    """Whatever is written at most length, which in a careless case is the right answer."""
    options = attempt.scenes[-1].options
    return max(options, key=lambda it: len(options[it]))


def _greedy(seat: Seat, attempt: Attempt) -> str:
    """The option that improves the indicators most at once, without looking further."""
    graph, place, outlook = standing(seat, attempt)
    return max(outlook.edges, key=lambda edge: gain(graph, place, edge)).id


def _cautious(seat: Seat, attempt: Attempt) -> str:
    """The option that moves the indicators least: nothing ventured, nothing broken."""
    graph, place, outlook = standing(seat, attempt)

    def stir(edge: Edge) -> float:
        after = graph.after(place, edge).values
        pairs = zip(graph.indicators, place.values, after, strict=True)
        return sum(abs(good(it, new) - good(it, old)) for it, old, new in pairs)

    return min(outlook.edges, key=stir).id


def _oracle(seat: Seat, attempt: Attempt) -> str:
    best = standing(seat, attempt)[2].best
    return best.id if best else _random(seat, attempt)


def _worst(seat: Seat, attempt: Attempt) -> str:
    """The option from which most can still be lost."""
    graph, place, outlook = standing(seat, attempt)
    ahead = outlooks(graph)
    lost = {
        edge.id: loss + ahead[graph.after(place, edge)].worst
        for edge, loss in zip(outlook.edges, outlook.losses, strict=True)
    }
    return max(lost, key=lost.__getitem__)


def _person(seat: Seat, attempt: Attempt) -> str:
    """Sees what comes of a choice the better the abler; otherwise looks at the immediate effect,
    with noise. The abler shun violations more.
    """
    graph, place, outlook = standing(seat, attempt)
    skill, noise = seat.skill, 0.10 + 0.55 * (1 - seat.skill)
    gains = {edge.id: gain(graph, place, edge) for edge in outlook.edges}
    spread = max(gains.values()) - min(gains.values()) or 1.0

    def seen(edge: Edge, loss: float) -> float:
        far = 1 - loss / outlook.stake if outlook.stake else 1.0
        near = (gains[edge.id] - min(gains.values())) / spread
        qualms = 0.9 * skill if edge.violates else 0.0
        return skill * far + (1 - skill) * near - qualms + seat.rng.gauss(0, noise)

    pairs = zip(outlook.edges, outlook.losses, strict=True)
    worth = {edge.id: seen(edge, loss) for edge, loss in pairs}
    return max(worth, key=worth.__getitem__)


BOTS: dict[str, Bot] = {
    "random": played(_random),
    "first": played(_first),
    "middle": played(_middle),
    "longest": played(_longest),
    "normative": played(_normative),
    "cautious": played(_cautious),
    "worst": played(_worst),
    "greedy": played(_greedy),
    "oracle": played(_oracle),
    "person": played(_person),
}
