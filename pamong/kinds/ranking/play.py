"""Playing: things are moved, rated where the order follows from ratings, and explained."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random

from msgspec import Struct, field
from msgspec.structs import replace

from pamong import kind
from pamong.catalogue import messages
from pamong.event import Data, Event
from pamong.kinds import itemised, legality
from pamong.kinds.ranking.case import LEVELS, Brief, Item

# Events of an attempt:
#   open     (system)      {"order": {item: [thing, ...]}}
#   rank     (participant) {"item": id, "order": [thing, ...]}
#   rate     (participant) {"item": id, "thing": id, "criterion": id, "value": 1..5}   basis criteria
#   explain  (participant) {"item": id, "text": text}                           where reasons are asked
#   finish   (participant) {}
# A later act on the same thing replaces the earlier one until finish.

Ratings = Mapping[str, Mapping[str, int]]
"""Per thing and criterion."""


class State(Struct, frozen=True, kw_only=True):
    attempt: int = 0
    finished: bool = False
    order: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """What is shown, per item, before it is ranked."""
    ranked: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    rated: Mapping[str, Ratings] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)

    def totals(self, brief: Brief, item: Item) -> dict[str, int] | None:
        """The sum of one's own ratings of each thing; None until every one is given."""
        rated = self.rated.get(item.id, {})
        if any(len(rated.get(thing, {})) < len(brief.rated_on) for thing in item.ids):
            return None
        return {thing: sum(rated[thing].values()) for thing in item.ids}


def start(brief: Brief) -> State:  # noqa: ARG001  # the contract of a kind
    return State()


def opening(brief: Brief, rng: Random) -> Data:
    return itemised.drawn(brief.things, rng, shuffle=brief.shuffle)


def apply(brief: Brief, state: State, event: Event) -> State:
    if event.act == "open":
        order = itemised.opened(brief, state, event, brief.things)
        return State(attempt=event.attempt, order=order)
    legality.may_act(state, event)
    if event.act == "rank":
        data = legality.fields(event, "item", "order")
        item = _item(brief, event, data)
        order_given = legality.permutation(event, data["order"], item.ids)
        return replace(state, ranked={**state.ranked, item.id: order_given})
    if event.act == "rate":
        return replace(state, rated=_rated(brief, state, event))
    if event.act == "explain" and brief.reasons:
        data = legality.fields(event, "item", "text")
        item = _item(brief, event, data)
        text = legality.text(event, data["text"])
        return replace(state, texts={**state.texts, item.id: text})
    if event.act == "finish":
        legality.fields(event)
        return replace(state, finished=True)
    raise kind.illegal(event, "illegal.act", "no such act")


def _item(brief: Brief, event: Event, data: Data) -> Item:
    items = {item.id: item for item in brief.items}
    return items[legality.known(event, data["item"], items)]


def _rated(brief: Brief, state: State, event: Event) -> dict[str, Ratings]:
    data = legality.fields(event, "item", "thing", "criterion", "value")
    item = _item(brief, event, data)
    if item.basis != "criteria":
        raise kind.illegal(event, "illegal.act", "this item is not rated")
    thing = legality.known(event, data["thing"], item.ids)
    criterion = legality.known(event, data["criterion"], [each.id for each in brief.rated_on])
    value = legality.whole(event, data["value"], LEVELS[0], LEVELS[-1])
    ratings = state.rated.get(item.id, {})
    ratings = {**ratings, thing: {**ratings.get(thing, {}), criterion: value}}
    return {**state.rated, item.id: ratings}


def missing(brief: Brief, state: State) -> tuple[str, ...]:
    """What each item still lacks, in the order in which the form asks for it."""
    say = messages("ranking")
    found = []
    for place, item in enumerate(brief.items, 1):
        if item.basis == "criteria" and state.totals(brief, item) is None:
            found.append(say("missing.ratings", number=place))
        if item.id not in state.ranked:
            found.append(say("missing.order", number=place))
        if brief.reasons and not state.texts.get(item.id, "").strip():
            found.append(say("missing.reason", number=place))
    return tuple(found)


def answers(brief: Brief, state: State) -> Mapping[str, str]:  # noqa: ARG001  # the contract of a kind
    return {item: ">".join(order) for item, order in state.ranked.items()}
