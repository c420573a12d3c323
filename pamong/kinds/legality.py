"""Checks that a kind makes before it believes an event: who acts, when, and what its data hold.

Answer logs come from outside, so nothing about ``event.data`` is taken for granted. Every check
raises IllegalEvent whose ``code`` each kind has in its own catalogue.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from typing import Any, Protocol, TypeVar

import msgspec

from pamong.errors import IllegalEvent
from pamong.event import Data, Event
from pamong.kind import Brief, State, illegal

_DATA = (dict, Mapping)
"""To be a dict is soon found out, and logs hold nothing else."""
TEXT_LIMIT = 20_000
"""Characters of one text that a participant writes."""


class Named(Protocol):
    """Something of a case that events call by its id."""

    @property
    def id(self) -> str: ...


N = TypeVar("N", bound=Named)


def may_open(brief: Brief, state: State, event: Event) -> None:
    """The system may start the next attempt: none yet, or the last one ended and more are allowed."""
    if event.who != "system":
        raise illegal(event, "illegal.who", f"{event.who!r} may not open an attempt")
    if state.attempt and not state.finished:
        raise illegal(event, "illegal.order", "the attempt before it has not ended")
    if event.attempt != state.attempt + 1 or event.attempt > brief.attempts:
        raise illegal(event, "illegal.attempt", f"attempt {event.attempt} is not allowed")


def may_act(state: State, event: Event) -> None:
    """The participant may act: within the open attempt, before its end."""
    if event.who != "participant":
        raise illegal(event, "illegal.who", f"{event.who!r} may not act here")
    if state.attempt == 0:
        raise illegal(event, "illegal.order", "no attempt is open")
    if state.finished:
        raise illegal(event, "illegal.finished", "the attempt has ended")
    if event.attempt != state.attempt:
        raise illegal(event, "illegal.attempt", f"attempt {event.attempt} is not under way")


def fields(event: Event, *names: str) -> Data:
    """The data of ``event``, which hold exactly these fields."""
    data: Any = event.data
    if not isinstance(data, _DATA) or data.keys() != set(names):
        raise illegal(event, "illegal.data", f"its data must have the fields {sorted(names)}")
    return data


def tellable(event: Event) -> Data:
    """The data of ``event``, whatever its fields: all that matters is that a page can be told them."""
    if not isinstance(event.data, Mapping):
        raise illegal(event, "illegal.data", "its data must have fields")
    try:
        if _doubtful(event.data):
            json.dumps(event.data, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise illegal(event, "illegal.data", f"its data are not JSON ({error})") from error
    return event.data


def _doubtful(data: Data) -> bool:
    """Whether data may not be JSON: msgspec is quick to tell, but writes NaN as null."""
    try:
        return b"null" in msgspec.json.encode(data)
    except (TypeError, ValueError, OverflowError):
        return True


def known(event: Event, value: object, among: Collection[str]) -> str:
    """``value``, an id that is among those given."""
    if not isinstance(value, str) or value not in among:
        raise _unknown(event, value)
    return value


def _unknown(event: Event, value: object) -> IllegalEvent:
    return illegal(event, "illegal.unknown", f"{value!r:.60} is not known here")


def one(event: Event, value: object, among: Iterable[N]) -> N:
    """Whichever of those given has ``value`` as its id."""
    for each in among:
        if each.id == value:
            return each
    raise _unknown(event, value)


def several(event: Event, value: object, among: Collection[str]) -> tuple[str, ...]:
    """``value``, a list of different ids that are among those given."""
    if not isinstance(value, list | tuple) or len(value) > len(among):
        raise illegal(event, "illegal.data", "a list of known ids was expected")
    ids = tuple(known(event, each, among) for each in value)
    if len(set(ids)) != len(ids):
        raise illegal(event, "illegal.repeated", "the same id occurs twice")
    return ids


def permutation(event: Event, value: object, of: Collection[str]) -> tuple[str, ...]:
    """``value``, a list of all the ids given, each once."""
    ids = several(event, value, of)
    if len(ids) != len(of):
        raise illegal(event, "illegal.incomplete", "not every id is in the list")
    return ids


def orders(
    event: Event, value: object, of: Mapping[str, Collection[str]]
) -> dict[str, tuple[str, ...]]:
    """``value``, for each key of ``of`` an order of its ids."""
    if not isinstance(value, Mapping) or set(value) != set(of):
        raise illegal(event, "illegal.data", "an order for every item was expected")
    return {item: permutation(event, value[item], ids) for item, ids in of.items()}


def number(event: Event, value: object, low: float, high: float) -> float:
    """``value``, a finite number from ``low`` to ``high``; a boolean is no number."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise illegal(event, "illegal.number", f"a number from {low:g} to {high:g} was expected")
    return float(value)


def whole(event: Event, value: object, low: int, high: int) -> int:
    """``value``, a whole number from ``low`` to ``high``; a boolean is no number."""
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise illegal(event, "illegal.number", f"a whole number in {low}..{high} was expected")
    return value


def text(event: Event, value: object) -> str:
    """``value``, a text of bounded length; half a surrogate pair becomes a question mark."""
    if not isinstance(value, str):
        raise illegal(event, "illegal.data", "a text was expected")
    if len(value) > TEXT_LIMIT:
        raise illegal(event, "illegal.long", f"the text is longer than {TEXT_LIMIT} characters")
    return value if value.isascii() else value.encode("utf-8", "replace").decode()
