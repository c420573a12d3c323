"""What kinds share whose items each show options in an order that is drawn anew for every attempt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random

from pamong.event import Data, Event
from pamong.kind import Brief, State
from pamong.kinds import legality

Options = Mapping[str, Sequence[str]]
"""The ids of the options of each item, as the brief lists them."""


def drawn(options: Options, rng: Random, *, shuffle: bool) -> Data:
    """The data of an ``open`` event: ``{"order": {item: [option, ...]}}``."""
    order = {item: list(ids) for item, ids in options.items()}
    if shuffle:
        for ids in order.values():
            rng.shuffle(ids)
    return {"order": order}


def opened(
    brief: Brief, state: State, event: Event, options: Options
) -> dict[str, tuple[str, ...]]:
    """The order that an ``open`` event shows; IllegalEvent unless it may open an attempt and is whole."""
    legality.may_open(brief, state, event)
    return legality.orders(event, legality.fields(event, "order")["order"], options)
