"""What reactive kinds share: attempts one after the other, each opened with a payoff variant."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Generic, Protocol, TypeVar

from msgspec import Struct

from pamong.event import Event
from pamong.kind import illegal
from pamong.kinds import legality

SHORT = 100
"""Characters of a variant's name."""


class Attempt(Protocol):
    """Anything that can be finished."""

    @property
    def finished(self) -> bool: ...


A = TypeVar("A", bound=Attempt)


class Attempts(Struct, Generic[A], frozen=True):
    """The state of a reactive exercise; a kind adds which attempt counts."""

    attempts: tuple[A, ...] = ()

    @property
    def attempt(self) -> int:
        return len(self.attempts)

    @property
    def finished(self) -> bool:
        return bool(self.attempts) and self.attempts[-1].finished

    @property
    def current(self) -> A | None:
        return self.attempts[-1] if self.attempts else None


def opened_variant(event: Event, among: Collection[str] | None) -> str:
    """The payoff variant that an ``open`` event names, beside which the engine's number may stand.

    ``among`` are the variants of a practice case; those of a graded one are the graders' to know.
    """
    numbered = isinstance(event.data, Mapping) and "engine" in event.data
    names = ("variant", "engine") if numbered else ("variant",)
    variant = legality.text(event, legality.fields(event, *names)["variant"])
    if not 0 < len(variant) <= SHORT:
        raise illegal(event, "illegal.data", "the variant is not a short text")
    return variant if among is None else legality.known(event, variant, among)
