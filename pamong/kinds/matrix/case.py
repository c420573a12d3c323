"""The schema of a decision matrix: what a brief and its key hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from pamong import kind
from pamong.catalogue import messages
from pamong.kinds import prose, wellformed

Task = Literal["fill", "weight", "rank", "sensitivity", "recommend"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Alternative:
    id: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """One criterion; ``low`` and ``high`` bound what may be typed.

    Scaling for the weighted sum is by the values in the column.
    """

    id: str
    label: str
    direction: Literal["up", "down"]
    unit: str = ""
    low: float = 0.0
    high: float = 5.0

    def __post_init__(self) -> None:
        if not self.low < self.high:
            raise ValueError(messages("matrix")("author.bounds", criterion=self.id))


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    title: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Key(kind.Key):
    """True values (alternative → criterion → value), tolerance per criterion, and mandated weights
    (summing to 1) where the brief states priorities.
    """

    data: Mapping[str, Mapping[str, float]]
    tolerance: Mapping[str, float]
    mandate: Mapping[str, float] | None = None

    def __post_init__(self) -> None:
        say = messages("matrix")
        if any(value < 0 for value in self.tolerance.values()):
            raise ValueError(say("author.tolerance"))
        shares = self.mandate.values() if self.mandate is not None else (1.0,)
        if abs(sum(shares) - 1) > 0.001 or min(shares, default=0) < 0:
            raise ValueError(say("author.mandate", total=prose.decimal(sum(shares), 3)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief(kind.Brief):
    alternatives: tuple[Alternative, ...]
    criteria: tuple[Criterion, ...]
    documents: tuple[Document, ...] = ()
    tasks: tuple[Task, ...] = ("fill", "weight", "rank", "sensitivity", "recommend")
    weighting: Literal["direct", "ahp"] = "direct"
    data: Mapping[str, Mapping[str, float]] | None = None
    """Given values when ``fill`` is not a task."""
    min_words: int = 20
    model: Key | None = None

    def __post_init__(self) -> None:
        kind.Brief.__post_init__(self)
        wellformed.between("alternatives", self.alternatives, 2, 8)
        wellformed.distinct_ids("alternatives", self.rows)
        wellformed.between("criteria", self.criteria, 2, 7)
        wellformed.distinct_ids("criteria", self.columns)
        wellformed.distinct_ids("tasks", self.tasks)
        say = messages("matrix")
        if not {"fill", "rank", "sensitivity"} & set(self.tasks):
            raise ValueError(say("author.tasks"))
        if self.weighting == "ahp" and ("weight" not in self.tasks or len(self.criteria) < 3):
            raise ValueError(say("author.ahp"))
        if ("fill" in self.tasks) != (self.data is None):
            raise ValueError(say("author.data"))
        if self.data is not None and not covers(self, self.data):
            raise ValueError(say("author.cells"))

    @property
    def rows(self) -> tuple[str, ...]:
        return tuple(alternative.id for alternative in self.alternatives)

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(criterion.id for criterion in self.criteria)


def covers(brief: Brief, data: Mapping[str, Mapping[str, float]]) -> bool:
    """Whether ``data`` have a value within its bounds for every cell, and no other."""
    return set(data) == set(brief.rows) and all(
        set(row) == set(brief.columns)
        and all(each.low <= row[each.id] <= each.high for each in brief.criteria)
        for row in data.values()
    )
