"""A released negotiation or mediation as a table with seats: what each seat alone may read.

The other side of a negotiation, which the program plays otherwise, becomes a seat of its own; so do
both parties of a mediation.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from pamong.bargaining import Bargain, Lawful, Points, Side, analyse
from pamong.course import Exercise
from pamong.kinds import mediation, negotiation
from pamong.kinds.mediation import case as mediated
from pamong.kinds.negotiation import case as bargained
from pamong.kinds.negotiation.case import Issue, Option

OWN, OTHER, MEDIATOR = "a", "b", "mediator"
"""The seats of a negotiation, and that of whoever leads a mediation (whose parties keep their ids)."""
DRAFTS = 12
"""How often each seat of a mediation may put a draft on the table."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """Something that a party needs; a confidential one is for the caucus."""

    label: str
    text: str
    confidential: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Chair:
    """One seat; ``confidential``, ``points``, ``fallback`` and ``needs`` are for whoever sits on it alone.

    ``points`` is empty for the mediator.
    """

    id: str
    name: str
    summary: str
    confidential: str = ""
    points: Points = ()
    floor: int = 0
    fallback: str = ""
    authority: tuple[str, ...] = ()
    needs: tuple[Need, ...] = ()

    @property
    def side(self) -> Side:
        return Side(self.points, self.floor)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What is negotiated, with a seat per person; the two parties come first, then the mediator if any."""

    kind: Literal["negotiation", "mediation"]
    id: str
    version: int
    title: str
    intro: str
    minutes: int
    rounds: int
    questions: int
    issues: tuple[Issue, ...]
    lawful: Lawful
    chairs: tuple[Chair, ...]
    rules: tuple[str, ...] = ()
    told_to: str = OWN
    """The seat that the intro calls “Anda”."""
    explain: str = ""

    @property
    def seats(self) -> tuple[str, ...]:
        return tuple(chair.id for chair in self.chairs)

    @property
    def parties(self) -> tuple[Chair, Chair]:
        """The two whose interests are at stake."""
        return self.chairs[0], self.chairs[1]

    def chair(self, seat: str) -> Chair:
        """KeyError when there is no such seat."""
        for chair in self.chairs:
            if chair.id == seat:
                return chair
        raise KeyError(seat)

    def opposite(self, party: str) -> Chair:
        """The other party."""
        first, second = self.parties
        return second if party == first.id else first

    def bargain(self, party: str) -> Bargain:
        """What both could have, seen from one party; over the clauses that may be promised."""
        own, other = self.chair(party), self.opposite(party)
        return analyse(own.side, other.side, self.lawful)


def is_playable(exercise: Exercise) -> bool:
    """Whether a room can be opened for it: a negotiation, or a mediation of two parties."""
    brief = exercise.brief
    if isinstance(brief, mediation.Brief):
        return len(brief.parties) == 2 and MEDIATOR not in mediated.party_ids(brief)
    return isinstance(brief, negotiation.Brief)


def size(exercise: Exercise) -> int:
    """How many people it takes."""
    return 3 if isinstance(exercise.brief, mediation.Brief) else 2


def variants(exercise: Exercise) -> tuple[str, ...]:
    """The payoff variants that a room may be played on."""
    key = exercise.key
    if isinstance(key, negotiation.Key | mediation.Key):
        return tuple(variant.id for variant in key.variants)
    raise TypeError(f"{exercise.brief.id} cannot be played at a table")


def seated(exercise: Exercise, variant: str) -> Case:
    """The table of a playable exercise; KeyError when the key has no such variant."""
    if isinstance(exercise.brief, mediation.Brief):
        return _mediated(*mediation_of(exercise), variant)
    return _bargained(*negotiation_of(exercise), variant)


def negotiation_of(exercise: Exercise) -> tuple[negotiation.Brief, negotiation.Key]:
    """Brief and key of a negotiation; TypeError for any other kind."""
    brief, key = exercise.brief, exercise.key
    if isinstance(brief, negotiation.Brief) and isinstance(key, negotiation.Key):
        return brief, key
    raise TypeError(f"{brief.id} is no negotiation")


def mediation_of(exercise: Exercise) -> tuple[mediation.Brief, mediation.Key]:
    """Brief and key of a mediation; TypeError for any other kind."""
    brief, key = exercise.brief, exercise.key
    if isinstance(brief, mediation.Brief) and isinstance(key, mediation.Key):
        return brief, key
    raise TypeError(f"{brief.id} is no mediation")


def mirrored(
    brief: negotiation.Brief, key: negotiation.Key, variant: negotiation.Variant
) -> tuple[negotiation.Brief, negotiation.Key]:
    """The same negotiation seen from the other side, whose only variant then is the brief's own side."""
    swapped = replace(
        brief,
        role=negotiation.Role(
            name=brief.counterpart.name,
            summary=brief.counterpart.summary,
            confidential="",
            authority=brief.role.authority,
        ),
        counterpart=negotiation.Persona(name=brief.role.name, summary=brief.role.summary),
        points=variant.points,
        batna=variant.batna,
        model=None,
        use="graded",
    )
    own = negotiation.Variant(id=variant.id, points=brief.points, batna=brief.batna)
    return swapped, replace(key, variants=(own,))


def _bargained(brief: negotiation.Brief, key: negotiation.Key, name: str) -> Case:
    variant = bargained.variant_of(key, name)
    own, other = bargained.own_side(brief), bargained.other_side(brief, variant)
    return Case(
        kind="negotiation",
        id=brief.id,
        version=brief.version,
        title=brief.title,
        intro=brief.intro,
        minutes=brief.minutes,
        rounds=brief.rounds,
        questions=brief.questions,
        issues=brief.issues,
        lawful=bargained.lawful(brief),
        chairs=(
            Chair(
                id=OWN,
                name=brief.role.name,
                summary=brief.role.summary,
                confidential=brief.role.confidential,
                points=own.points,
                floor=own.floor,
                fallback=brief.batna.text,
                authority=brief.role.authority,
            ),
            Chair(
                id=OTHER,
                name=brief.counterpart.name,
                summary=brief.counterpart.summary,
                confidential=key.seat,
                points=other.points,
                floor=other.floor,
                fallback=variant.batna.text,
            ),
        ),
        explain=key.explain,
    )


def _mediated(brief: mediation.Brief, key: mediation.Key, name: str) -> Case:
    issues = tuple(
        Issue(
            id=issue.id,
            label=issue.label,
            options=tuple(Option(label=clause.text) for clause in issue.options),
            explain=issue.explain,
        )
        for issue in brief.issues
    )
    return Case(
        kind="mediation",
        id=brief.id,
        version=brief.version,
        title=brief.title,
        intro=brief.intro,
        minutes=brief.minutes,
        rounds=DRAFTS,
        questions=0,
        issues=issues,
        lawful=mediated.choices(brief),
        chairs=(*_parties(brief, key, name), Chair(id=MEDIATOR, name="", summary=brief.role)),
        rules=brief.rules,
        told_to=MEDIATOR,
        explain=key.explain,
    )


def _parties(brief: mediation.Brief, key: mediation.Key, name: str) -> tuple[Chair, ...]:
    sides = mediated.sides(brief, mediated.variant_of(key, name))
    return tuple(
        Chair(
            id=party.id,
            name=party.name,
            summary="\n\n".join(filter(None, (party.summary, party.position))),
            points=side.points,
            floor=side.floor,
            fallback=_begun(key.alternatives.get(party.id, "")),
            needs=tuple(
                Need(label=it.label, text=it.text, confidential=it.confidential)
                for it in key.interests[party.id]
            ),
        )
        for party, side in zip(brief.parties, sides, strict=True)
    )


def _begun(text: str) -> str:
    """A text that stands inside a sentence of its key, as a sentence of its own."""
    return text[:1].upper() + text[1:]
