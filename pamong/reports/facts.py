"""What reports are made of, as plain values that a snapshot keeps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

BEFORE, AFTER = "pretes", "postes"
"""How the ids of a module's first and second test begin."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One graded exercise of a module; ``title`` is the brief's, or the cell's own name."""

    id: str
    title: str
    maximum: float
    kind: str = ""
    minutes: int = 0
    """How long it was planned to take; known of exercises whose logs may be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """One module handed in by one participant, ``at`` in UTC, empty when that is not known."""

    participant: str
    module: str
    at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Play:
    """How one participant's answer log of one exercise ended, with the item scores (0..1) in it.

    Where a place in the module has several exercises, ``exercise`` is the place and ``form`` the one
    that this participant met there. ``answers`` are the options chosen, ``minutes`` the time at work,
    ``steps`` the decisions of a branching case as (situation, option) on the way to its ``ending``,
    ``parts`` the named values (0..1) that its score is made of.
    """

    participant: str
    module: str
    exercise: str
    finished: bool
    items: Mapping[str, float]
    form: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)
    minutes: float = 0.0
    steps: tuple[tuple[str, str], ...] = ()
    ending: str = ""
    parts: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One item of a multiple choice as its participants read it, and its right options."""

    module: str
    form: str
    id: str
    stem: str
    options: tuple[tuple[str, str], ...]
    correct: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """A branching case: titles of its situations, texts of their options, titles of its endings."""

    module: str
    exercise: str
    title: str
    situations: Mapping[str, str]
    options: Mapping[str, str]
    endings: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """One answer to one question of an evaluation, with nothing that says whose it is."""

    module: str
    cohort: str
    group: str
    question: str
    answer: str
    place: int
    """The place of the answer among those that were offered, from 0; −1 for free text."""
    offered: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Deal:
    """How one negotiation ended. ``own`` and ``other`` are shares of what each side could get at
    most, ``left`` the points (of 200) that an agreement no worse for either side would have added.

    ``zone`` says whether an agreement better than none for both was possible, ``within`` whether
    every promised clause was within the participant's authority and the law.
    """

    participant: str
    module: str
    exercise: str
    variant: str
    agreed: bool
    zone: bool
    within: bool
    own: float
    other: float
    left: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Attendance:
    """At how many of the ``meetings`` that have ended somebody was, or made up for being away."""

    participant: str
    meetings: int
    attended: int
    made_up: int

    @property
    def share(self) -> float:
        """The part attended or made up for, 0..1."""
        return (self.attended + self.made_up) / self.meetings


@dataclass(frozen=True, slots=True, kw_only=True)
class Frontier:
    """The best agreements of one payoff variant, as (own, other) shares of each side's maximum."""

    exercise: str
    variant: str
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModuleFacts:
    """One module of the programme. ``due`` is its deadline in UTC, empty when there is none;
    ``played`` names the exercises whose logs were read, in the order of the module; ``jp`` are lesson
    hours; ``graded`` says whether anything in it is given marks at all.
    """

    id: str
    title: str
    weight: float
    due: str
    cells: tuple[Cell, ...]
    played: tuple[Cell, ...]
    jp: int = 0
    graded: bool = True

    @property
    def counts(self) -> bool:
        """Whether its mark is part of the final one."""
        return self.graded and self.weight > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Grade:
    """Points of one participant for one cell; ``pending`` ones still wait for a person."""

    participant: str
    module: str
    cell: str
    score: float
    pending: bool
