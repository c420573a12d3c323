"""How one cohort stands among all, or the programme as a whole: every figure that a report states.

An edition without names gets its figures here too, so that nothing small can slip past.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import numpy.typing as npt

from pamong.catalogue import messages
from pamong.errors import CourseError
from pamong.reports import statistics
from pamong.reports.disclosure import Disclosure
from pamong.reports.everybody import Programme, programme
from pamong.reports.facts import Deal
from pamong.reports.snapshot import Snapshot, focused
from pamong.reports.statistics import Array, Deviation, Gain
from pamong.reports.suppression import SMALLEST, Group
from pamong.roster import Participant

Edition = Literal["facilitator", "leadership"]


@dataclass(frozen=True, kw_only=True)
class Standing:
    """One cohort in one edition; without a cohort everybody, with a module that module alone.

    ``snapshot`` is about that module only, ``whole`` about the programme. CourseError when the
    programme has no such cohort or module.
    """

    whole: Snapshot
    cohort: str = ""
    edition: Edition = "facilitator"
    module: str = ""

    def __post_init__(self) -> None:
        known = [name for name, _ in self.whole.cohorts]
        if self.cohort and self.cohort not in known:
            raise CourseError(
                f"No cohort {self.cohort!r} in the programme. It has: {', '.join(known)}."
            )
        focused(self.whole, self.module)

    @cached_property
    def snapshot(self) -> Snapshot:
        return focused(self.whole, self.module)

    @cached_property
    def all(self) -> Programme:
        return programme(self.snapshot)

    @property
    def named(self) -> bool:
        """Whether this edition may show single people."""
        return self.edition == "facilitator"

    @cached_property
    def title(self) -> str:
        """Whose summary this is: a cohort's, or everybody's."""
        if not self.cohort:
            return messages("report")("page.everybody")
        return dict(self.snapshot.cohorts)[self.cohort]

    @cached_property
    def here(self) -> npt.NDArray[np.bool_]:
        """Which rows are this cohort's; all of them without a cohort."""
        if not self.cohort:
            return np.ones(len(self.all.row), dtype=np.bool_)
        return np.asarray(self.all.cohorts == self.cohort, dtype=np.bool_)

    @cached_property
    def people(self) -> tuple[Participant, ...]:
        pairs = zip(self.snapshot.people, self.here, strict=True)
        return tuple(person for person, here in pairs if here)

    @property
    def complete(self) -> Group:
        """Who has handed in every module that has started."""
        return self.all.complete

    @cached_property
    def pending(self) -> int:
        """Marks of this cohort that still wait for a person."""
        mine = {person.id for person in self.people}
        return sum(grade.pending and grade.participant in mine for grade in self.snapshot.grades)

    @cached_property
    def ungraded(self) -> int:
        """Submissions of this cohort that have no grade at all yet."""
        graded = {(grade.participant, grade.module) for grade in self.snapshot.grades}
        mine = {person.id for person in self.people}
        marked = {module.id for module in self.snapshot.modules if module.graded}
        return sum(
            it.participant in mine
            and it.module in marked
            and (it.participant, it.module) not in graded
            for it in self.snapshot.submissions
        )

    @cached_property
    def matched(self) -> int:
        """How many of this cohort sat both tests."""
        return int((~np.isnan(self.all.before_after[0][self.here])).sum())

    @cached_property
    def gain(self) -> Gain:
        """What this cohort learnt; nothing is said about fewer than five people."""
        before, after = self.all.before_after
        seen = self.matched >= SMALLEST and self.seen(before, self.cohort)
        rows = self.here if seen else np.zeros_like(self.here)
        return statistics.class_gain(before[rows], after[rows])

    @cached_property
    def gain_by_cohort(self) -> tuple[tuple[str, str, Gain], ...]:
        """Cohort id, title and gain, in the programme's order, where at least five sat both tests."""
        before, after = self.all.before_after
        found = []
        for name, title in self.snapshot.cohorts:
            rows = self.all.cohorts == name
            gain = statistics.class_gain(before[rows], after[rows])
            if gain.people >= SMALLEST and self.seen(before, name):
                found.append((name, title, gain))
        return tuple(found)

    @cached_property
    def marks(self) -> tuple[Deviation, ...]:
        """How the mean marks of the cohorts deviate, of those that this edition may show."""
        return tuple(it for it in self.all.marks if self.seen(self.all.final, it.group))

    @cached_property
    def gains(self) -> tuple[Deviation, ...]:
        """The same for the rise from first to second test."""
        return tuple(it for it in self.all.gains if self.seen(self.all.before_after[0], it.group))

    @cached_property
    def deals(self) -> tuple[Deal, ...]:
        mine = {person.id for person in self.people}
        return tuple(deal for deal in self.snapshot.deals if deal.participant in mine)

    def values(self, everybody: Array) -> tuple[Array, Array]:
        """Known values of this cohort and of the others.

        An edition without names shows none where they, or what subtraction leaves, are too few.
        """
        known = ~np.isnan(everybody)
        here, others = everybody[self.here & known], everybody[~self.here & known]
        if not self.named:
            here = here if self.seen(everybody, self.cohort) else here[:0]
            whole = here.size and self.seen(everybody, "")
            others = others if whole and others.size >= SMALLEST else others[:0]
        return here, others

    def centre(self, values: Array) -> float:
        """The median, or the mean in an edition without names: a median may be one person's mark."""
        if not values.size:
            return float("nan")
        return float(np.median(values) if self.named else values.mean())

    def seen(self, everybody: Array, cohort: str) -> bool:
        """Whether the mean of a cohort ("" for everybody) may be shown of what is known so far."""
        return self.named or cohort in self._disclosure.averages(~np.isnan(everybody))

    def tally(self, group: Group) -> int | None:
        """How many of this cohort are in ``group``; None where this edition may not say it."""
        here = group & self.here
        count = int(here.sum())
        if self.named:
            return count
        alike = not here.any() or bool((here == self.here).all())
        visible = not self.cohort or self.cohort in self._disclosure.seen
        if alike and visible and len(self.people) >= SMALLEST:
            return count
        return count if self._disclosure.counts(here) else None

    def share(self, group: Group) -> float | None:
        """The part of everybody in the programme who are in ``group``, where that may be said."""
        if self.named or self._disclosure.counts(group):
            return float(group.mean()) if group.size else None
        alike = group.size >= SMALLEST and (group.all() or not group.any())
        return float(group.mean()) if alike else None

    @cached_property
    def _disclosure(self) -> Disclosure:
        return programme(self.whole).disclosure
