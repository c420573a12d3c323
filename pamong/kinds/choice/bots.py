"""Players of multiple choice."""

from __future__ import annotations

import math
from hashlib import sha256

from pamong.event import Action
from pamong.kind import Bot, Seat
from pamong.kinds.choice.play import Brief, Item, Key, State
from pamong.kinds.normative import by_procedure

Place = Seat[Brief, Key, State]

PAUSE = 0.005
"""Chance, per item, that a person stops there."""
SECOND_THOUGHT = 0.05
"""Chance, per item, that a person goes back to an answer."""
GUESSING = 0.12
"""Lowest chance of a right answer."""


def perfect(seat: Place) -> Action | None:
    item = _next(seat)
    if item is None:
        return _end(seat)
    return _answer(item, seat.key.items[item.id].correct)


def random(seat: Place) -> Action | None:
    item = _next(seat)
    if item is None:
        return _end(seat)
    count = seat.rng.randint(1, len(item.options)) if item.several else 1
    return _answer(item, tuple(seat.rng.sample([option.id for option in item.options], count)))


def first(seat: Place) -> Action | None:
    """Takes whatever is shown first."""
    item = _next(seat)
    if item is None:
        return _end(seat)
    return _answer(item, _shown(seat, item)[:1])


def middle(seat: Place) -> Action | None:
    """Takes whatever is shown in the middle."""
    item = _next(seat)
    if item is None:
        return _end(seat)
    shown = _shown(seat, item)
    return _answer(item, (shown[(len(shown) - 1) // 2],))


def normative(seat: Place) -> Action | None:
    """Takes what sounds most like procedure and courtesy; two of these where several may be chosen."""
    item = _next(seat)
    if item is None:
        return _end(seat)
    ranked = by_procedure([option.text for option in item.options])
    return _answer(item, tuple(item.options[n].id for n in ranked[: 2 if item.several else 1]))


def everything(seat: Place) -> Action | None:
    """Takes all options where several may be chosen, else the first shown."""
    item = _next(seat)
    if item is None or not item.several:
        return first(seat)
    return _answer(item, tuple(option.id for option in item.options))


def person(seat: Place) -> Action | None:
    """Knows an item with a chance that skill raises and the item's difficulty lowers (Birnbaum, 1968).

    Who does not know it falls for the same distractors as others do.
    """
    item = _next(seat)
    again = bool(seat.state.answers) and seat.rng.random() < SECOND_THOUGHT
    if seat.state.finished or (item is None and not again) or seat.rng.random() < PAUSE:
        return _end(seat)
    if item is None or again:
        item = seat.rng.choice([each for each in seat.brief.items if each.id in seat.state.answers])
    correct = set(seat.key.items[item.id].correct)
    if not item.several:
        wrong = [option.id for option in item.options if option.id not in correct]
        pull = [0.2 + _trait(seat, item, option) ** 2 for option in wrong]
        known = _knows(seat, item)
        return _answer(item, tuple(correct) if known else tuple(seat.rng.choices(wrong, pull)))
    chosen = [option.id for option in item.options if _knows(seat, item) == (option.id in correct)]
    return _answer(item, tuple(chosen or [seat.rng.choice(item.options).id]))


def _knows(seat: Place, item: Item) -> bool:
    difficulty = 2.6 * _trait(seat, item, "") - 1.5
    chance = 1 / (1 + math.exp(-1.3 * (5 * (seat.skill - 0.5) - difficulty)))
    return seat.rng.random() < GUESSING + (1 - GUESSING) * chance


def _trait(seat: Place, item: Item, option: str) -> float:
    """A number in 0..1 that belongs to an item or option: the same for every person."""
    digest = sha256(f"{seat.brief.id}|{item.id}|{option}".encode()).digest()
    return digest[0] / 255


def _answer(item: Item, chosen: tuple[str, ...]) -> Action:
    return Action("answer", {"item": item.id, "chosen": list(chosen)})


def _shown(seat: Place, item: Item) -> tuple[str, ...]:
    return seat.state.order.get(item.id, tuple(option.id for option in item.options))


def _next(seat: Place) -> Item | None:
    return next((item for item in seat.brief.items if item.id not in seat.state.answers), None)


def _end(seat: Place) -> Action | None:
    return None if seat.state.finished else Action("finish")


BOTS: dict[str, Bot] = {
    "perfect": perfect,
    "random": random,
    "first": first,
    "middle": middle,
    "everything": everything,
    "normative": normative,
    "person": person,
}
