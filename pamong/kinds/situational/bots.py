"""Players of situational judgement."""

from __future__ import annotations

from collections.abc import Mapping

from pamong.event import Action
from pamong.kind import Bot, Seat
from pamong.kinds import expertise
from pamong.kinds.normative import by_procedure
from pamong.kinds.situational.play import Brief, Item, Key, State

Place = Seat[Brief, Key, State]

PAUSE = 0.006
"""Chance, per item, that a person stops there."""
SECOND_THOUGHT = 0.04
"""Chance, per item, that a person goes back to an answer."""


def perfect(seat: Place) -> Action | None:
    item = _next(seat)
    if item is None:
        return _end(seat)
    expert = _means(seat, item)
    if seat.brief.format == "rating":
        ideal = expertise.best_ratings(tuple(expert.values()))
        expert = dict(zip(expert, map(float, ideal), strict=True))
    return _answer(seat, item, expert)


def random(seat: Place) -> Action | None:
    item = _next(seat)
    if item is None:
        return _end(seat)
    return _answer(seat, item, {option.id: seat.rng.uniform(0.5, 4.5) for option in item.options})


def middle(seat: Place) -> Action | None:
    """Commits to nothing: leaves the order as shown, or rates everything the same."""
    item = _next(seat)
    if item is None:
        return _end(seat)
    shown = seat.state.order.get(item.id, tuple(option.id for option in item.options))
    flat = seat.brief.format == "rating"
    return _answer(seat, item, {each: 3.0 if flat else -float(n) for n, each in enumerate(shown)})


def agree(seat: Place) -> Action | None:
    """Finds every option very good; where an order is asked for, the later shown the better."""
    item = _next(seat)
    if item is None:
        return _end(seat)
    shown = seat.state.order.get(item.id, tuple(option.id for option in item.options))
    flat = seat.brief.format == "rating"
    return _answer(seat, item, {each: 4.0 if flat else float(n) for n, each in enumerate(shown)})


def normative(seat: Place) -> Action | None:
    """Values an option by how much it sounds like procedure and courtesy."""
    item = _next(seat)
    if item is None:
        return _end(seat)
    ranked = by_procedure([option.text for option in item.options])
    step = 3 / max(len(ranked) - 1, 1)
    worth = {item.options[place].id: 4 - step * n for n, place in enumerate(ranked)}
    return _answer(seat, item, worth)


def person(seat: Place) -> Action | None:
    """Sees the experts' means through noise that shrinks with skill; may think again, or stop."""
    item = _next(seat)
    again = bool(seat.state.answers) and seat.rng.random() < SECOND_THOUGHT
    if seat.state.finished or (item is None and not again) or seat.rng.random() < PAUSE:
        return _end(seat)
    if item is None or again:
        answered = [each for each in seat.brief.items if each.id in seat.state.answers]
        item = seat.rng.choice(answered)
    noise, leniency = 0.4 + 3.2 * (1 - seat.skill), seat.rng.uniform(-1.2, 0.0)
    return _answer(
        seat,
        item,
        {
            option: mean + leniency + seat.rng.gauss(0, noise)
            for option, mean in _means(seat, item).items()
        },
    )


def _answer(seat: Place, item: Item, perceived: Mapping[str, float]) -> Action:
    """The answer of somebody who sees the options as worth ``perceived``."""
    order = sorted(perceived, key=lambda option: -perceived[option])
    if seat.brief.format == "ranking":
        return Action("answer", {"item": item.id, "ranking": order})
    if seat.brief.format == "best_worst":
        return Action("answer", {"item": item.id, "best": order[0], "worst": order[-1]})
    ratings = {option: min(max(round(perceived[option]), 1), 4) for option in order}
    return Action("answer", {"item": item.id, "ratings": ratings})


def _next(seat: Place) -> Item | None:
    """The first item without a complete answer."""
    form, answers = seat.brief.format, seat.state.answers
    return next(
        (
            item
            for item in seat.brief.items
            if not expertise.complete(form, len(item.options), answers.get(item.id, {}))
        ),
        None,
    )


def _end(seat: Place) -> Action | None:
    return None if seat.state.finished else Action("finish")


def _means(seat: Place, item: Item) -> dict[str, float]:
    return expertise.means(seat.key.items[item.id].experts)


BOTS: dict[str, Bot] = {
    "perfect": perfect,
    "random": random,
    "middle": middle,
    "agree": agree,
    "normative": normative,
    "person": person,
}
