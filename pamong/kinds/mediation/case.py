"""What an author writes about a mediation: the brief that participants see, and the key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from pamong import kind
from pamong.bargaining import Lawful, Package, Side

Spoken = Literal["begin", "ask", "paraphrase", "reframe", "permission", "test", "close"]
"""Acts that are said in one of several prepared wordings."""
Quality = Literal["good", "leading", "judging"]
SPOKEN: tuple[Spoken, ...] = (
    "begin",
    "ask",
    "paraphrase",
    "reframe",
    "permission",
    "test",
    "close",
)
JOINT = "joint"
"""The place where all parties sit; a party's id is the place of the caucus with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """One side of the dispute as everybody knows it; ``position`` is what it demands aloud."""

    id: str
    name: str
    position: str
    mood: Literal["calm", "tense", "angry"] = "tense"
    summary: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    id: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    id: str
    label: str
    options: tuple[Clause, ...]
    explain: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """A prepared sentence. ``{pihak}``, ``{hal}`` and ``{soal}`` in it become the addressee's name,
    the interest and the issue it is about. ``to`` keeps it for one party (empty: for any).
    """

    id: str
    text: str
    place: Literal["any", "joint", "caucus"] = "any"
    to: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opens:
    """When an interest comes to light: to a good wording of one of ``acts``, at ``place``, from
    ``trust`` (0..5) on, and only once the interest ``after`` has been passed on to this party.
    """

    acts: tuple[Literal["ask", "paraphrase", "reframe"], ...] = ("ask",)
    place: Literal["any", "caucus"] = "any"
    trust: int = 2
    after: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interest:
    """What a party needs behind its position. ``label`` is a noun phrase for the notes, ``text`` what
    the party says; ``served_by`` names clauses as ``issue.option``.
    """

    id: str
    label: str
    text: str
    weight: float
    served_by: tuple[str, ...]
    confidential: bool = False
    opens: Opens = Opens()


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """One set of private preferences: points per party, issue and option; ``batna`` is what a party
    has without an agreement, in its own points. ``weights`` replaces weights of interests.
    """

    id: str
    points: Mapping[str, Mapping[str, tuple[int, ...]]]
    batna: Mapping[str, int]
    weights: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Key(kind.Key):
    """``trust`` is where each party's trust in the mediator starts (1..4); ``wordings`` rates every
    wording of the brief, ``reasons`` says why; ``alternatives`` tells what a party does without one.
    """

    interests: Mapping[str, tuple[Interest, ...]]
    variants: tuple[Variant, ...]
    trust: Mapping[str, int]
    wordings: Mapping[str, Quality]
    reasons: Mapping[str, str] = field(default_factory=dict)
    alternatives: Mapping[str, str] = field(default_factory=dict)
    agreement_zone: Literal["exists", "empty"] = "exists"
    explain: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief(kind.Brief):
    """``role`` says who the mediator is and may not decide; ``rules`` are the ground rules."""

    role: str
    parties: tuple[Party, ...]
    issues: tuple[Issue, ...]
    wordings: Mapping[Spoken, tuple[Wording, ...]]
    steps: int = 20
    rules: tuple[str, ...] = ()
    model: Key | None = None


def variant_of(key: Key, name: str) -> Variant:
    """KeyError when the key has no such variant."""
    for variant in key.variants:
        if variant.id == name:
            return variant
    raise KeyError(name)


def party_ids(brief: Brief) -> tuple[str, ...]:
    return tuple(party.id for party in brief.parties)


def sides(brief: Brief, variant: Variant) -> tuple[Side, ...]:
    """What each party wants, in the order of the brief."""
    return tuple(
        Side(
            tuple(tuple(variant.points[party.id][issue.id]) for issue in brief.issues),
            variant.batna[party.id],
        )
        for party in brief.parties
    )


def choices(brief: Brief) -> Lawful:
    """Every option of every issue, as indexes."""
    return tuple(tuple(range(len(issue.options))) for issue in brief.issues)


def weights(key: Key, variant: Variant, party: str) -> dict[str, float]:
    """Weights of a party's interests, adding up to 1."""
    found = {it.id: max(0.0, variant.weights.get(it.id, it.weight)) for it in key.interests[party]}
    total = sum(found.values()) or 1.0
    return {name: weight / total for name, weight in found.items()}


def as_data(brief: Brief, package: Package) -> dict[str, str]:
    """A draft as it is written in an event: an option's id per issue."""
    return {
        issue.id: issue.options[index].id
        for issue, index in zip(brief.issues, package, strict=True)
    }


def clauses(brief: Brief, package: Package) -> frozenset[str]:
    """The clauses of a draft as ``issue.option``, the way ``Interest.served_by`` names them."""
    return frozenset(f"{issue}.{option}" for issue, option in as_data(brief, package).items())


def usable(brief: Brief, act: Spoken, place: str, to: str) -> tuple[Wording, ...]:
    """The wordings of an act that fit a place and an addressee (empty: everybody present)."""
    where = JOINT if place == JOINT else "caucus"
    return tuple(
        wording
        for wording in brief.wordings.get(act, ())
        if wording.place in ("any", where) and wording.to in ("", to)
    )


def spoken(brief: Brief, wording: Wording, *, to: str = "", about: str = "") -> str:
    """A wording with its placeholders filled; ``about`` is the interest or issue it is about."""
    names = {party.id: party.name for party in brief.parties}
    filled = wording.text.replace("{pihak}", names.get(to, ""))
    return filled.replace("{hal}", about).replace("{soal}", about)
