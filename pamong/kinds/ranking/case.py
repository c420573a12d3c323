"""What an author writes about things to put in order: the brief that participants see, and the key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from pamong import kind
from pamong.catalogue import messages
from pamong.kinds import wellformed

Basis = Literal["sequence", "criteria", "consensus"]
USG = ("urgency", "seriousness", "growth")
LEVELS = (1, 2, 3, 4, 5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """One thing to be placed; ``note`` holds facts that its rating rests on."""

    id: str
    text: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """What things are rated on, 1 to 5, under the basis ``criteria``; ``hint`` asks what to look at."""

    id: str
    label: str
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """``question``, ``first`` and ``last`` replace the sentences that the form has for the basis.

    ``why`` asks for a reason in the participant's words; empty: the form's own question.
    """

    id: str
    basis: Basis
    situation: str
    things: tuple[Thing, ...]
    question: str = ""
    first: str = ""
    last: str = ""
    why: str = ""

    def __post_init__(self) -> None:
        wellformed.written(f"items {self.id}: situation", self.situation)
        wellformed.between(f"items {self.id}: things", self.things, 4, 8)
        wellformed.distinct_ids(f"items {self.id}: things", self.ids)
        for thing in self.things:
            wellformed.written(f"items {self.id}: things {thing.id}: text", thing.text)

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(thing.id for thing in self.things)

    @property
    def texts(self) -> dict[str, str]:
        return {thing.id: thing.text for thing in self.things}


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemKey:
    """Where the order follows from, by basis, and for every thing why it stands where it does.

    ``before`` (sequence): chains such as [a, b, c], each thing before the next; what no chain
    orders is free. ``ratings`` (criteria): 1 to 5 per thing and criterion. ``order`` (consensus):
    groups, first group first; things of one group are exchangeable.
    """

    reasons: Mapping[str, str]
    before: tuple[tuple[str, ...], ...] = ()
    ratings: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    order: tuple[tuple[str, ...], ...] = ()

    def __post_init__(self) -> None:
        wellformed.between("before", self.before, 0, 28)
        for chain in self.before:
            wellformed.between("before", chain, 2, 8)


@dataclass(frozen=True, slots=True, kw_only=True)
class Key(kind.Key):
    items: Mapping[str, ItemKey]


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief(kind.Brief):
    """``criteria`` serve the items whose basis they are; none: urgency, seriousness, growth.

    ``reasons``: whether participants say in their own words why; read by people, not scored.
    """

    items: tuple[Item, ...]
    criteria: tuple[Criterion, ...] = ()
    reasons: bool = True
    shuffle: bool = True
    model: Key | None = None

    def __post_init__(self) -> None:
        kind.Brief.__post_init__(self)
        wellformed.between("items", self.items, 1, 12)
        wellformed.distinct_ids("items", (item.id for item in self.items))
        if self.criteria:
            wellformed.between("criteria", self.criteria, 2, 5)
            wellformed.distinct_ids("criteria", (each.id for each in self.criteria))

    @property
    def rated_on(self) -> tuple[Criterion, ...]:
        """The criteria of this brief, with their labels."""
        say = messages("ranking")
        return self.criteria or tuple(
            Criterion(id=id, label=say(f"usg.{id}"), hint=say(f"usg.{id}.hint")) for id in USG
        )

    @property
    def things(self) -> dict[str, tuple[str, ...]]:
        """The ids of the things of each item."""
        return {item.id: item.ids for item in self.items}
