"""A plan under way: which tasks are in it, when, who does what, and the load that follows."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct, field
from msgspec.structs import replace

from pamong.kinds import prose
from pamong.kinds.plan.case import Brief, Task

ROLES = ("R", "A", "AR", "C", "I")
"""Responsible (does it), accountable (answers for it), both, consulted, informed."""
OWN_WORDS = 4
"""Words below which a task in one's own words says nothing."""
SAME = 1e-9
"""Days below this are rounding."""


class Entry(Struct, frozen=True, kw_only=True):
    """What was decided about one task; ``start`` 0: not scheduled yet."""

    start: int = 0
    weeks: int = 0
    roles: Mapping[str, str] = field(default_factory=dict)
    indicator: str = ""
    evidence: str = ""

    @property
    def finish(self) -> int:
        """Its last week; 0 while it is not scheduled."""
        return self.start + self.weeks - 1 if self.start else 0

    @property
    def accountable(self) -> tuple[str, ...]:
        return tuple(person for person, role in self.roles.items() if role in ("A", "AR"))

    @property
    def responsible(self) -> tuple[str, ...]:
        return tuple(person for person, role in self.roles.items() if role in ("R", "AR"))

    @property
    def well_formed(self) -> bool:
        """Exactly one person answers for it and at least one carries it out."""
        return len(self.accountable) == 1 and bool(self.responsible)


class Own(Struct, frozen=True, kw_only=True):
    """A task in the participant's words, and the step it is meant to serve."""

    text: str = ""
    step: str = ""
    weeks: int = 1
    days: float = 1.0

    @property
    def said(self) -> bool:
        return prose.count_words(self.text) >= OWN_WORDS


class Draft(Struct, frozen=True, kw_only=True):
    """``entries`` outlive a task's leaving the plan, so that taking it back in restores them."""

    chosen: tuple[str, ...] = ()
    own: Mapping[str, Own] = field(default_factory=dict)
    entries: Mapping[str, Entry] = field(default_factory=dict)
    ties: Mapping[str, str] = field(default_factory=dict)

    def entry(self, task: str) -> Entry:
        return self.entries.get(task, Entry())

    def with_entry(self, task: str, entry: Entry) -> Draft:
        return replace(self, entries={**self.entries, task: entry})

    def with_own(self, task: str, own: Own) -> Draft:
        return replace(self, own={**self.own, task: own})

    def tasks(self, brief: Brief) -> tuple[Task, ...]:
        """The tasks in the plan, own ones last."""
        bank = tuple(task for task in brief.tasks if task.id in self.chosen)
        return bank + tuple(
            Task(id=id, text=own.text, weeks=own.weeks, days=own.days)
            for id in brief.own_ids
            if (own := self.own.get(id)) is not None and own.text.strip()
        )

    def tie(self, risk: str) -> str:
        """The task in the plan that is to counter ``risk``; empty when none is."""
        task = self.ties.get(risk, "")
        return task if task in self.chosen else ""

    def loads(self, brief: Brief) -> dict[str, list[float]]:
        """Days of work per person and week (first week first).

        Those who carry a task out share its days evenly over its weeks; answering for it, or being
        consulted, takes the brief's ``oversight`` in each of them.
        """
        loads = {person.id: [0.0] * brief.weeks for person in brief.people}
        for task in self.tasks(brief):
            entry = self.entry(task.id)
            for person, role in entry.roles.items() if entry.start else ():
                share = task.days / len(entry.responsible) / entry.weeks if "R" in role else 0.0
                talk = brief.oversight if role in ("A", "AR", "C") else 0.0
                for week in range(entry.start - 1, entry.finish):
                    loads[person][week] += share + talk
        return loads


def overloaded(load: list[float], capacity: float) -> tuple[int, ...]:
    """The weeks (from 1) in which ``load`` exceeds ``capacity``."""
    return tuple(week for week, days in enumerate(load, 1) if days > capacity + SAME)
