"""Players who put things in order."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from pamong.catalogue import messages
from pamong.event import Action
from pamong.kind import Bot, Seat
from pamong.kinds import normative as courtesy
from pamong.kinds.ranking import ordering
from pamong.kinds.ranking.case import LEVELS, Brief, Item, Key
from pamong.kinds.ranking.play import State
from pamong.kinds.ranking.scoring import groups_of

Place = Seat[Brief, Key, State]
Ratings = Mapping[tuple[str, str], int]

PAUSE = 0.004
"""Chance, per act, that a person stops there."""
SECOND_THOUGHT = 0.05
"""Chance, per item, that a person goes back to an order."""


def perfect(seat: Place) -> Action | None:
    item = _next(seat)
    if item is None:
        return _end(seat)
    key = seat.key.items[item.id]
    ratings = {
        (thing, each): round(value)
        for thing, given in key.ratings.items()
        for each, value in given.items()
    }
    return _act(seat, item, ratings, _right(seat, item))


def random(seat: Place) -> Action | None:
    item = _next(seat)
    if item is None:
        return _end(seat)
    order = seat.rng.sample(item.ids, len(item.ids))
    return _act(seat, item, _rated(seat, item, lambda _: seat.rng.choice(LEVELS)), order)


def middle(seat: Place) -> Action | None:
    """Commits to nothing: leaves the order as shown and rates everything in the middle."""
    item = _next(seat)
    if item is None:
        return _end(seat)
    return _act(seat, item, _rated(seat, item, lambda _: 3), _shown(seat, item))


def agree(seat: Place) -> Action | None:
    """Everything is most urgent: rates all of it 5 and leaves the order as shown."""
    item = _next(seat)
    if item is None:
        return _end(seat)
    return _act(seat, item, _rated(seat, item, lambda _: 5), _shown(seat, item))


def normative(seat: Place) -> Action | None:
    """What sounds most procedural comes first, and is rated accordingly."""
    item = _next(seat)
    if item is None:
        return _end(seat)
    shown = _shown(seat, item)
    order = [shown[n] for n in courtesy.by_procedure([item.texts[each] for each in shown])]
    return _act(seat, item, _rated(seat, item, lambda each: max(5 - order.index(each), 1)), order)


def person(seat: Place) -> Action | None:
    """Sees where things belong through noise that shrinks with skill; may think again, or stop."""
    item = _next(seat)
    again = bool(seat.state.ranked) and seat.rng.random() < SECOND_THOUGHT
    if seat.state.finished or (item is None and not again) or seat.rng.random() < PAUSE:
        return _end(seat)
    if item is None:
        item = seat.rng.choice([each for each in seat.brief.items if each.id in seat.state.ranked])
        return Action("rank", {"item": item.id, "order": _perceived(seat, item)})
    return _act(seat, item, _judged(seat, item), _perceived(seat, item))


def _judged(seat: Place, item: Item) -> Ratings:
    """Reference ratings through noise, and more lenient than they are."""
    reference, noise = seat.key.items[item.id].ratings, 0.3 + 2.2 * (1 - seat.skill)
    return {
        (thing, each): min(max(round(value + 0.2 + seat.rng.gauss(0, noise)), 1), 5)
        for thing, given in reference.items()
        for each, value in given.items()
    }


def _perceived(seat: Place, item: Item) -> list[str]:
    """The right order as somebody of this skill sees it; from their own ratings where there are any."""
    totals = seat.state.totals(seat.brief, item) if item.basis == "criteria" else None
    noise = 0.25 + 2.75 * (1 - seat.skill)
    if totals is not None:
        worth = {each: -total + seat.rng.gauss(0, noise) for each, total in totals.items()}
    else:
        right = _right(seat, item)
        worth = {each: n + seat.rng.gauss(0, noise) for n, each in enumerate(right)}
    return sorted(worth, key=worth.__getitem__)


def _act(seat: Place, item: Item, ratings: Ratings, order: Sequence[str]) -> Action:
    """The next act that ``item`` lacks: a rating, the order, then the reason."""
    rated = seat.state.rated.get(item.id, {})
    if item.basis == "criteria":
        for (thing, each), value in ratings.items():
            if each not in rated.get(thing, {}):
                cell = {"item": item.id, "thing": thing, "criterion": each, "value": value}
                return Action("rate", cell)
    if item.id not in seat.state.ranked:
        return Action("rank", {"item": item.id, "order": list(order)})
    first = item.texts[seat.state.ranked[item.id][0]].rstrip(". ")
    text = messages("ranking").vary("bot.reason", str(seat.rng.random()), first=first)
    return Action("explain", {"item": item.id, "text": text})


def _rated(seat: Place, item: Item, value: Callable[[str], int]) -> Ratings:
    return {(thing, each.id): value(thing) for thing in item.ids for each in seat.brief.rated_on}


def _right(seat: Place, item: Item) -> list[str]:
    """The right order that is nearest to the one shown."""
    key, shown = seat.key.items[item.id], _shown(seat, item)
    if item.basis == "sequence":
        return ordering.nearest_valid(shown, ordering.closure(key.before))
    return ordering.nearest(shown, groups_of(item, key))


def _shown(seat: Place, item: Item) -> list[str]:
    return list(seat.state.order.get(item.id, item.ids))


def _next(seat: Place) -> Item | None:
    """The first item that still lacks something."""
    state = seat.state
    return next(
        (
            item
            for item in seat.brief.items
            if item.id not in state.ranked
            or (item.basis == "criteria" and state.totals(seat.brief, item) is None)
            or (seat.brief.reasons and item.id not in state.texts)
        ),
        None,
    )


def _end(seat: Place) -> Action | None:
    return None if seat.state.finished else Action("finish")


BOTS: dict[str, Bot] = {
    "perfect": perfect,
    "random": random,
    "middle": middle,
    "agree": agree,
    "normative": normative,
    "person": person,
}
