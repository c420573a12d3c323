"""What an author writes about a branching case: the brief that participants see, and the key."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from pamong import kind
from pamong.catalogue import messages
from pamong.kinds import wellformed

NODES = 60
"""Situations that one case may have."""
TEST = re.compile(r"\s*(>=|<=|>|<)\s*(-?\d{1,6})\s*")
"""A condition on an indicator, such as ``>= 20``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    """One thing that the case keeps count of, in whole numbers from ``low`` to ``high``.

    ``limit`` is the safe side's edge: an indicator that should rise may not fall below it, one that
    should fall may not exceed it. ``weight`` is relative; participants see it.
    """

    id: str
    label: str
    start: int
    weight: float = 1.0
    direction: Literal["up", "down"] = "up"
    low: int = 0
    high: int = 100
    unit: str = ""
    limit: int | None = None
    explain: str = ""

    def __post_init__(self) -> None:
        wellformed.written(f"indicators {self.id}: label", self.label)
        if not -1_000_000 <= self.low < self.high <= 1_000_000:
            raise _wrong("case.scale", id=self.id)
        if not self.low <= self.start <= self.high or self.breached(self.start):
            raise _wrong("case.start", id=self.id)
        if not 0 < self.weight <= 1000:
            raise _wrong("case.weight", id=self.id)

    def breached(self, value: int) -> bool:
        """Whether ``value`` lies on the wrong side of the limit."""
        if self.limit is None:
            return False
        return value < self.limit if self.direction == "up" else value > self.limit


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    name: str
    summary: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One thing to do in a situation.

    ``feedback`` tells what it led to, ``violation`` (a phrase that reads inside a sentence) which
    rule it breaks. ``condition``, ``needs`` and ``lacks`` say when it can be chosen; otherwise it is
    shown as closed with the reason ``closed``, or not at all where that is empty.
    """

    id: str
    text: str
    to: str
    feedback: str
    effects: Mapping[str, int] = field(default_factory=dict)
    condition: Mapping[str, str] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    sets: tuple[str, ...] = ()
    closed: str = ""
    violation: str = ""
    principles: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        wellformed.written(f"options {self.id}: text", self.text)
        wellformed.written(f"options {self.id}: feedback", self.feedback)
        for indicator, test in self.condition.items():
            if not TEST.fullmatch(test):
                raise _wrong("case.condition", option=self.id, indicator=indicator, test=test)


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One situation in which the participant decides."""

    title: str
    text: str
    options: tuple[Option, ...]

    def __post_init__(self) -> None:
        wellformed.written("nodes: title", self.title)
        wellformed.written(f"nodes {self.title}: text", self.text)
        wellformed.between(f"nodes {self.title}: options", self.options, 2, 8)
        wellformed.distinct_ids(f"nodes {self.title}: options", (it.id for it in self.options))


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    title: str
    text: str

    def __post_init__(self) -> None:
        wellformed.written("endings: title", self.title)
        wellformed.written(f"endings {self.title}: text", self.text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a variant says differently about one option; what is absent stays as it is."""

    effects: Mapping[str, int] | None = None
    feedback: str = ""
    to: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """The case with other consequences, so that a second attempt is no copy of the first.

    ``changes`` is keyed by node and option, as in ``s2.b``.
    """

    id: str
    changes: Mapping[str, Change] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Key(kind.Key):
    """``principles`` maps an id that options name to the sentence that the debrief shows."""

    start: str
    nodes: Mapping[str, Node]
    endings: Mapping[str, Ending]
    principles: Mapping[str, str] = field(default_factory=dict)
    variants: tuple[Variant, ...] = ()
    explain: str = ""
    """What a good play of this case does; shown in the debrief of the last attempt."""

    def __post_init__(self) -> None:
        wellformed.between("nodes", self.nodes, 2, NODES)
        wellformed.between("endings", self.endings, 1, NODES)
        wellformed.distinct_ids("nodes, endings", (*self.nodes, *self.endings))
        wellformed.between("variants", self.variants, 0, 12)
        wellformed.distinct_ids("variants", (it.id for it in self.variants))


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief(kind.Brief):
    """``integrity`` announces in plain words what caps the score at ``cap`` (0..1)."""

    role: Role
    situation: str
    indicators: tuple[Indicator, ...]
    integrity: str
    reason_words: int = 5
    cap: float = 0.40
    model: Key | None = None

    def __post_init__(self) -> None:
        kind.Brief.__post_init__(self)
        wellformed.written("situation", self.situation)
        wellformed.written("integrity", self.integrity)
        wellformed.between("indicators", self.indicators, 2, 6)
        wellformed.distinct_ids("indicators", (it.id for it in self.indicators))
        if not 0 <= self.reason_words <= 50:
            raise _wrong("case.reason_words")
        if not 0.1 <= self.cap <= 0.9:
            raise _wrong("case.cap")


def variant_ids(key: Key) -> tuple[str, ...]:
    """The variants of a case; one without any is its own variant ``a``."""
    return tuple(it.id for it in key.variants) or ("a",)


def changes_of(key: Key, variant: str) -> Mapping[str, Change]:
    """What a variant changes; KeyError when the key has no such variant."""
    if not key.variants and variant == "a":
        return {}
    return {it.id: it.changes for it in key.variants}[variant]


def _wrong(entry: str, **values: object) -> ValueError:
    return ValueError(messages("branching")(entry, **values))
