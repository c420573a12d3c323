"""The schema of an action plan: what a brief and its key hold."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from pamong import kind
from pamong.catalogue import messages
from pamong.kinds import prose, wellformed
from pamong.kinds.plan import network

LONGEST = 52
"""Weeks of the longest plan."""
MOST_DAYS = 100.0
"""Days of work in the largest task."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of the change model that the plan must contain."""

    id: str
    label: str
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """``weeks`` is the shortest time it takes, ``days`` its work, shared by those who carry it out.

    ``needs`` must have ended before it starts; ``by`` is the last week in which it may end.
    """

    id: str
    text: str
    weeks: int
    days: float
    needs: tuple[str, ...] = ()
    by: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """``capacity`` is in days of work per week for this project."""

    id: str
    name: str
    role: str
    capacity: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Risk:
    """``week`` is the first week in which it may strike: what counters it must have ended before."""

    id: str
    text: str
    week: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    """What the key says of a task: the steps it serves and who fits; nobody named means anybody."""

    serves: tuple[str, ...] = ()
    accountable: tuple[str, ...] = ()
    responsible: tuple[str, ...] = ()
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Guarded:
    """The tasks of which any one counters a risk."""

    tasks: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Key(kind.Key):
    """``steps`` weighs the required steps; those not named weigh 1."""

    tasks: Mapping[str, Marked]
    risks: Mapping[str, Guarded] = field(default_factory=dict)
    steps: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for id, weight in self.steps.items():
            if not 0 < weight <= 10:
                raise ValueError(messages("plan")("author.weight", step=id))


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief(kind.Brief):
    """``own`` tasks may be added in one's own words; ``indicators`` counts the tasks to be measured.

    ``oversight`` is what answering for a task, or being consulted on it, takes: days per week.
    """

    weeks: int
    steps: tuple[Step, ...]
    tasks: tuple[Task, ...]
    people: tuple[Person, ...]
    risks: tuple[Risk, ...] = ()
    own: int = 0
    indicators: int = 3
    oversight: float = 0.25
    model: Key | None = None

    def __post_init__(self) -> None:
        kind.Brief.__post_init__(self)
        wellformed.between("steps", self.steps, 2, 10)
        wellformed.between("tasks", self.tasks, 4, 20)
        wellformed.between("people", self.people, 2, 7)
        wellformed.between("risks", self.risks, 0, 8)
        for name, things in self._lists():
            wellformed.distinct_ids(name, (each.id for each in things))
        self._require_bounds()
        self._require_texts()
        for task in self.tasks:
            self._require_task(task)
        circle = network.cycle(self.needs)
        if circle:
            raise ValueError(messages("plan")("author.cycle", cycle=" → ".join(circle)))
        for risk in self.risks:
            if not 2 <= risk.week <= self.weeks:
                raise ValueError(messages("plan")("author.risk", risk=risk.id, weeks=self.weeks))

    def _lists(self) -> tuple[tuple[str, tuple[Step | Task | Person | Risk, ...]], ...]:
        return (
            ("steps", self.steps), ("tasks", self.tasks),
            ("people", self.people), ("risks", self.risks),
        )  # fmt: skip

    def _require_bounds(self) -> None:
        say = messages("plan")
        bounds: tuple[tuple[str, float, float, float], ...] = (
            ("weeks", self.weeks, 2, LONGEST),
            ("own", self.own, 0, 4),
            ("indicators", self.indicators, 0, 10),
            ("oversight", self.oversight, 0, 2),
            *((f"people {each.id}: capacity", each.capacity, 0.25, 7) for each in self.people),
        )
        for name, value, low, high in bounds:
            if not (math.isfinite(value) and low <= value <= high):
                figures = {"low": prose.decimal(low), "high": prose.decimal(high)}
                raise ValueError(say("author.bounds", field=name, **figures))

    def _require_texts(self) -> None:
        for step in self.steps:
            wellformed.written(f"steps {step.id}: label", step.label)
        for task in self.tasks:
            wellformed.written(f"tasks {task.id}: text", task.text)
        for risk in self.risks:
            wellformed.written(f"risks {risk.id}: text", risk.text)
        for person in self.people:
            wellformed.written(f"people {person.id}: name", person.name)
            wellformed.written(f"people {person.id}: role", person.role)

    def _require_task(self, task: Task) -> None:
        say = messages("plan")
        unknown = [need for need in task.needs if need not in self.needs]
        if unknown:
            raise ValueError(say("author.need", task=task.id, need=unknown[0]))
        if task.id in self.own_ids:
            raise ValueError(say("author.own", task=task.id))
        if not 1 <= task.weeks <= self.weeks:
            raise ValueError(say("author.long", task=task.id, weeks=self.weeks))
        if not (math.isfinite(task.days) and 0 < task.days <= MOST_DAYS):
            raise ValueError(say("author.days", task=task.id))
        if task.by is not None and not task.weeks <= task.by <= self.weeks:
            raise ValueError(say("author.by", task=task.id, least=task.weeks, weeks=self.weeks))

    @property
    def needs(self) -> dict[str, tuple[str, ...]]:
        return {task.id: task.needs for task in self.tasks}

    @property
    def own_ids(self) -> tuple[str, ...]:
        """What tasks in one's own words are called in events."""
        return tuple(f"own{n}" for n in range(1, self.own + 1))

    @property
    def numbers(self) -> dict[str, int]:
        """The number under which people know each task, own ones behind the bank."""
        ids = (*(task.id for task in self.tasks), *self.own_ids)
        return {id: number for number, id in enumerate(ids, 1)}
