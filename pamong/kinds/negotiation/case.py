"""What an author writes about a negotiation: the brief that participants see, and the key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from pamong import bargaining, kind
from pamong.kinds.memo import remembered


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """``authority`` names the office that may promise this clause (empty: the participant's own).
    ``legal_basis`` lists legal cards; an empty tuple says that there is none, None that none is needed.
    """

    label: str
    authority: str = ""
    legal_basis: tuple[str, ...] | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    id: str
    label: str
    options: tuple[Option, ...]
    explain: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """Who the participant is; ``authority`` lists the offices whose clauses the role may promise."""

    name: str
    summary: str
    confidential: str
    authority: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Persona:
    """Who sits on the other side, as publicly known."""

    name: str
    summary: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Alternative:
    """What one side falls back on without a deal, in that side's points."""

    points: int
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Argument:
    """One argument of a closed list; ``issue`` is the issue it speaks to, where there is one."""

    id: str
    type: Literal["objective", "interest", "threat", "attack", "alternative"]
    text: str
    issue: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrase:
    """A prepared wording for the opening or the closing; ``good`` phrases show respect, or leave the
    other side room to save face before its constituents. Which ones are good is in the key.
    """

    id: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """One set of private preferences of the counterpart: points per issue and option."""

    id: str
    points: Mapping[str, tuple[int, ...]]
    batna: Alternative


@dataclass(frozen=True, slots=True, kw_only=True)
class Temper:
    """How the counterpart concedes (Faratin, Sierra & Jennings, 1998): ``beta`` < 1 holds out."""

    beta: float = 0.6
    opening: float = 0.95
    reciprocity: float = 0.5
    insults: int = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Key(kind.Key):
    variants: tuple[Variant, ...]
    temper: Temper = Temper()
    respectful: tuple[str, ...] = ()
    """Ids of opening phrases that show respect."""
    face_saving: tuple[str, ...] = ()
    """Ids of closing phrases that leave the other side room before its constituents."""
    agreement_zone: Literal["exists", "empty"] = "exists"
    explain: str = ""
    """What a good play of this case does; shown in the debrief."""
    seat: str = ""
    """The other side's confidential instructions where a person plays it in a live room; empty: they
    are told from its points.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief(kind.Brief):
    rounds: int
    role: Role
    counterpart: Persona
    issues: tuple[Issue, ...]
    points: Mapping[str, tuple[int, ...]]
    batna: Alternative
    questions: int = 3
    shares: int = 2
    arguments: tuple[Argument, ...] = ()
    openings: tuple[Phrase, ...] = ()
    closings: tuple[Phrase, ...] = ()
    aim: Literal["shared", "own"] = "shared"
    model: Key | None = None


def objection(brief: Brief, option: Option) -> Literal["", "authority", "law"]:
    """Why the participant's role may not promise a clause; empty when it may."""
    if option.authority and option.authority not in brief.role.authority:
        return "authority"
    return "law" if option.legal_basis == () else ""


def lawful(brief: Brief) -> bargaining.Lawful:
    """Per issue the options that the participant's role may promise."""
    return tuple(
        tuple(i for i, option in enumerate(issue.options) if not objection(brief, option))
        for issue in brief.issues
    )


@remembered(64)
def own_side(brief: Brief) -> bargaining.Side:
    return _side(brief, brief.points, brief.batna)


@remembered(256)
def other_side(brief: Brief, variant: Variant) -> bargaining.Side:
    return _side(brief, variant.points, variant.batna)


def variant_of(key: Key, name: str) -> Variant:
    """KeyError when the key has no such variant."""
    for variant in key.variants:
        if variant.id == name:
            return variant
    raise KeyError(name)


def bargain_of(brief: Brief, variant: Variant) -> bargaining.Bargain:
    """The analysis of one payoff variant over the clauses that may be promised."""
    return bargaining.analyse(own_side(brief), other_side(brief, variant), lawful(brief))


def importance(points: bargaining.Points) -> tuple[int, ...]:
    """How much each issue can matter to a side: the range of its points."""
    return tuple(max(options) - min(options) for options in points)


def _side(
    brief: Brief, points: Mapping[str, tuple[int, ...]], fallback: Alternative
) -> bargaining.Side:
    ordered = tuple(tuple(points[issue.id]) for issue in brief.issues)
    return bargaining.Side(ordered, fallback.points)
