"""What an author writes about a coalition: the brief that participants see, and the key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from pamong import kind
from pamong.catalogue import messages
from pamong.kinds import wellformed
from pamong.kinds.coalition.game import PLAN_LIMIT, Game
from pamong.kinds.memo import remembered

Strategy = Literal["close", "satisfy", "inform", "monitor"]
STRATEGIES: tuple[Strategy, ...] = ("close", "satisfy", "inform", "monitor")
"""Manage closely, keep satisfied, keep informed, monitor (Mendelow, 1991)."""
LOWEST, CENTRE, HIGHEST = 1, 3, 5
"""The scale of power and of interest."""
ONLY_VARIANT = "a"


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Somebody with a stake; ``clue`` is all that is publicly known. ``veto``: nothing without them."""

    id: str
    name: str
    clue: str
    votes: int = 0
    veto: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One thing that effort can be spent on, once; ``about`` says what is done."""

    id: str
    label: str
    cost: int
    about: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where experts put an actor (1..5, means allowed), and why.

    ``strategy`` may stay empty where the quadrant says it; in the middle of an axis it does not.
    """

    power: float
    interest: float
    reason: str
    strategy: Literal["", "close", "satisfy", "inform", "monitor"] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """While ``source`` supports the change, the support of ``target`` is ``add`` higher."""

    source: str
    target: str
    add: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """What differs from the key's ``base`` and ``effects`` in one variant; the rest stays."""

    id: str
    base: Mapping[str, int] = field(default_factory=dict)
    effects: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Key(kind.Key):
    placement: Mapping[str, Place]
    base: Mapping[str, int]
    """Support (0..100) of each actor before anything is done."""
    effects: Mapping[str, Mapping[str, int]]
    """Action to actor to change of support; actors that are not named stay as they are."""
    links: tuple[Link, ...] = ()
    stories: Mapping[str, str] = field(default_factory=dict)
    """What is told once an action has been taken."""
    variants: tuple[Variant, ...] = ()
    explain: str = ""
    """What a good play of this case does; shown in the debrief."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief(kind.Brief):
    """``threshold`` is the support from which an actor counts as a supporter; ``effort`` is for all
    turns together.
    """

    role: str
    decision: str
    actors: tuple[Actor, ...]
    actions: tuple[Move, ...]
    quorum: int
    quorum_text: str
    effort: int
    turns: int = 3
    threshold: int = 60
    model: Key | None = None

    def __post_init__(self) -> None:
        kind.Brief.__post_init__(self)
        wellformed.between("actors", self.actors, 6, 12)
        wellformed.distinct_ids("actors", self.people)
        wellformed.distinct_ids("actions", self.moves)
        wellformed.written("decision", self.decision)
        wellformed.written("quorum_text", self.quorum_text)
        say = messages("coalition")
        plans = 2 ** len(self.actions)
        if len(self.actions) < 3 or plans > PLAN_LIMIT:
            count = len(self.actions)
            raise ValueError(say("author.actions", count=count, plans=plans, limit=PLAN_LIMIT))
        if any(move.cost < 1 for move in self.actions) or self.effort < 1:
            raise ValueError(say("author.cost"))
        votes = sum(actor.votes for actor in self.actors)
        if min(actor.votes for actor in self.actors) < 0 or not 1 <= self.quorum <= votes:
            raise ValueError(say("author.quorum", quorum=self.quorum, votes=votes))
        if not 1 <= self.threshold <= 100 or not 1 <= self.turns <= 6:
            raise ValueError(say("author.turns"))

    @property
    def people(self) -> tuple[str, ...]:
        return tuple(actor.id for actor in self.actors)

    @property
    def moves(self) -> tuple[str, ...]:
        return tuple(move.id for move in self.actions)

    @property
    def deciders(self) -> tuple[str, ...]:
        """Who has votes or a veto: those whom the participant ranks."""
        return tuple(actor.id for actor in self.actors if actor.votes or actor.veto)

    @property
    def vetoes(self) -> tuple[str, ...]:
        return tuple(actor.id for actor in self.actors if actor.veto)

    @property
    def names(self) -> dict[str, str]:
        return {actor.id: actor.name for actor in self.actors}

    def cost(self, moves: tuple[str, ...]) -> int:
        return sum(move.cost for move in self.actions if move.id in moves)


def variants(key: Key) -> tuple[str, ...]:
    return tuple(variant.id for variant in key.variants) or (ONLY_VARIANT,)


@remembered(64)
def game_of(brief: Brief, key: Key, variant: str) -> Game:
    """What is played in one variant; KeyError when the key has no such variant."""
    if variant not in variants(key):
        raise KeyError(variant)
    changed = next((it for it in key.variants if it.id == variant), Variant(id=variant))
    base = {**key.base, **changed.base}
    people = brief.people
    effects = (
        {**key.effects.get(move, {}), **changed.effects.get(move, {})} for move in brief.moves
    )
    return Game(
        base=tuple(base[actor] for actor in people),
        effects=tuple(tuple(row.get(actor, 0) for actor in people) for row in effects),
        costs=tuple(move.cost for move in brief.actions),
        links=tuple(
            (people.index(link.source), people.index(link.target), link.add) for link in key.links
        ),
        votes=tuple(actor.votes for actor in brief.actors),
        vetoes=tuple(people.index(actor) for actor in brief.vetoes),
        quorum=brief.quorum,
        threshold=brief.threshold,
        budget=brief.effort,
    )


def quadrant(power: float, interest: float) -> Strategy | None:
    """The strategy of a quadrant of the grid (Mendelow, 1991); None on the middle of an axis."""
    if CENTRE in (power, interest):
        return None
    if power > CENTRE:
        return "close" if interest > CENTRE else "satisfy"
    return "inform" if interest > CENTRE else "monitor"


def expected(place: Place) -> Strategy | None:
    """The strategy that experts take; None where the key leaves it open (an error of the key)."""
    return place.strategy or quadrant(place.power, place.interest)


def kinship(a: Strategy, b: Strategy) -> float:
    """1 for the same strategy, .5 for that of a neighbouring quadrant, 0 for the opposite one."""
    if a == b:
        return 1.0
    return 0.0 if {a, b} in ({"close", "monitor"}, {"satisfy", "inform"}) else 0.5
