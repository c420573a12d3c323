"""What happens in a decision matrix: its events, and the state that they add up to."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random

from msgspec import Struct, field
from msgspec.structs import replace

from pamong import kind
from pamong.catalogue import messages
from pamong.event import Data, Event
from pamong.kinds import legality, prose
from pamong.kinds.matrix import weighing
from pamong.kinds.matrix.case import Brief, covers

RATIO = (0.11, 9.1)
"""Bounds of a pairwise ratio: 1/9 to 9, with room for rounding."""

# Events of an attempt:
#   open      (system)      {}
#   cell      (participant) {"alternative": id, "criterion": id, "value": number}
#   weight    (participant) {"criterion": id, "value": 0..100}            weighting direct
#   compare   (participant) {"a": criterion, "b": criterion, "ratio": 1/9..9}   weighting ahp
#   rank      (participant) {"order": [alternative, ...]}
#   sensitive (participant) {"criterion": id}   which weight would first change the winner; "" none can
#   recommend (participant) {"alternative": id, "text": str}   the alternative may still be ""
#   finish    (participant) {}


class State(Struct, frozen=True, kw_only=True):
    """``claim`` is the criterion named as most sensitive ("" for none, None: not yet named)."""

    attempt: int = 0
    finished: bool = False
    cells: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    weights: Mapping[str, float] = field(default_factory=dict)
    ratios: Mapping[weighing.Pair, float] = field(default_factory=dict)
    ranking: tuple[str, ...] = ()
    claim: str | None = None
    choice: str = ""
    text: str = ""

    def scaled(self, brief: Brief) -> dict[str, dict[str, float]] | None:
        """The values in use, each column from 0 to 1; None while a cell is empty."""
        data = brief.data if brief.data is not None else self.cells
        if not covers(brief, data):
            return None
        rows = {alternative: data[alternative] for alternative in brief.rows}
        return weighing.scaled(rows, {each.id: each.direction for each in brief.criteria})

    def compared(self, brief: Brief) -> tuple[dict[str, float], float] | None:
        """Weights and consistency ratio from pairs; None while a pair is missing."""
        if brief.weighting != "ahp" or len(self.ratios) < len(weighing.pairs(brief.columns)):
            return None
        return weighing.from_pairs(brief.columns, self.ratios)

    def shares(self, brief: Brief) -> dict[str, float] | None:
        """The weights in use, summing to 1; equal ones where weighting is no task."""
        if "weight" not in brief.tasks:
            return dict.fromkeys(brief.columns, 1 / len(brief.columns))
        if brief.weighting == "ahp":
            compared = self.compared(brief)
            return compared[0] if compared else None
        if len(self.weights) < len(brief.columns):
            return None
        return weighing.normalised({each: self.weights[each] for each in brief.columns})

    def totals(self, brief: Brief) -> dict[str, float] | None:
        """The weighted sum of each alternative; None while values or weights are missing."""
        matrix, shares = self.scaled(brief), self.shares(brief)
        return None if matrix is None or shares is None else weighing.totals(matrix, shares)

    def changes(self, brief: Brief) -> dict[str, float | None] | None:
        """Per criterion the change of weight that first changes the winner; None while incomplete."""
        matrix, shares = self.scaled(brief), self.shares(brief)
        if matrix is None or shares is None:
            return None
        return weighing.changes_of_winner(matrix, shares)


def start(brief: Brief) -> State:  # noqa: ARG001  # the contract of a kind
    return State()


def opening(brief: Brief, rng: Random) -> Data:  # noqa: ARG001  # nothing is shuffled
    return {}


def apply(brief: Brief, state: State, event: Event) -> State:
    if event.act == "open":
        legality.may_open(brief, state, event)
        legality.fields(event)
        return State(attempt=event.attempt)
    legality.may_act(state, event)
    if event.act == "finish":
        legality.fields(event)
        return replace(state, finished=True)
    acts = {
        "cell": (_cell, "fill"),
        "weight": (_weight, "weight"),
        "compare": (_compare, "weight"),
        "rank": (_rank, "rank"),
        "sensitive": (_sensitive, "sensitivity"),
        "recommend": (_recommend, "recommend"),
    }
    move, task = acts.get(event.act, (None, ""))
    if move is None or task not in brief.tasks:
        raise kind.illegal(event, "illegal.act", "no such act in this exercise")
    return move(brief, state, event)


def _cell(brief: Brief, state: State, event: Event) -> State:
    data = legality.fields(event, "alternative", "criterion", "value")
    row = legality.known(event, data["alternative"], brief.rows)
    column = legality.known(event, data["criterion"], brief.columns)
    bounds = brief.criteria[brief.columns.index(column)]
    value = legality.number(event, data["value"], bounds.low, bounds.high)
    return replace(state, cells={**state.cells, row: {**state.cells.get(row, {}), column: value}})


def _weight(brief: Brief, state: State, event: Event) -> State:
    if brief.weighting != "direct":
        raise kind.illegal(event, "illegal.act", "weights come from pairs here")
    data = legality.fields(event, "criterion", "value")
    criterion = legality.known(event, data["criterion"], brief.columns)
    value = legality.number(event, data["value"], 0, 100)
    return replace(state, weights={**state.weights, criterion: value})


def _compare(brief: Brief, state: State, event: Event) -> State:
    if brief.weighting != "ahp":
        raise kind.illegal(event, "illegal.act", "weights are given directly here")
    data = legality.fields(event, "a", "b", "ratio")
    a, b = legality.several(event, [data["a"], data["b"]], brief.columns)
    ratio = legality.number(event, data["ratio"], *RATIO)
    if brief.columns.index(a) > brief.columns.index(b):
        a, b, ratio = b, a, 1 / ratio
    return replace(state, ratios={**state.ratios, (a, b): ratio})


def _rank(brief: Brief, state: State, event: Event) -> State:
    order = legality.fields(event, "order")["order"]
    return replace(state, ranking=legality.permutation(event, order, brief.rows))


def _sensitive(brief: Brief, state: State, event: Event) -> State:
    claim = legality.fields(event, "criterion")["criterion"]
    return replace(state, claim=legality.known(event, claim, ("", *brief.columns)))


def _recommend(brief: Brief, state: State, event: Event) -> State:
    data = legality.fields(event, "alternative", "text")
    chosen = legality.known(event, data["alternative"], ("", *brief.rows))
    return replace(state, choice=chosen, text=legality.text(event, data["text"]))


def missing(brief: Brief, state: State) -> tuple[str, ...]:
    parts = (_empty_cells, _empty_weights, _empty_conclusions, _empty_recommendation)
    return tuple(text for part in parts for text in part(brief, state))


def _empty_cells(brief: Brief, state: State) -> list[str]:
    say = messages("matrix")
    return [
        say("missing.cells", alternative=each.label)
        for each in brief.alternatives
        if "fill" in brief.tasks and len(state.cells.get(each.id, {})) < len(brief.criteria)
    ]


def _empty_weights(brief: Brief, state: State) -> list[str]:
    say = messages("matrix")
    if "weight" not in brief.tasks or state.shares(brief) is not None:
        return []
    if brief.weighting == "direct":
        return [say("missing.weights")]
    of = len(weighing.pairs(brief.columns))
    return [say("missing.pairs", done=len(state.ratios), of=of)]


def _empty_conclusions(brief: Brief, state: State) -> list[str]:
    say = messages("matrix")
    rank = [say("missing.rank")] if "rank" in brief.tasks and not state.ranking else []
    open_claim = "sensitivity" in brief.tasks and state.claim is None
    return rank + ([say("missing.sensitivity")] if open_claim else [])


def _empty_recommendation(brief: Brief, state: State) -> list[str]:
    say, count = messages("matrix"), prose.count_words(state.text)
    if "recommend" not in brief.tasks:
        return []
    short = [say("missing.text", least=brief.min_words, count=count)]
    chosen = [] if state.choice else [say("missing.choice")]
    return chosen + (short if count < brief.min_words else [])
