"""How one cohort stands among all: every figure that a report states, computed from a snapshot.

What is the same for all cohorts is computed once per snapshot (``programme``), so that processes
forked afterwards inherit it.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Literal

import numpy as np
import numpy.typing as npt

from pamong.errors import CourseError
from pamong.reports import statistics
from pamong.reports.logbook import Deal, Play
from pamong.reports.snapshot import ModuleFacts, Snapshot
from pamong.reports.statistics import Array, Deviation, Gain
from pamong.reports.suppression import SMALLEST, bounds
from pamong.roster import Participant

Edition = Literal["facilitator", "leadership"]
Flag = Literal["", "negative", "weak", "easy", "hard"]
BEFORE, AFTER = "pretes", "postes"
"""How the ids of a module's first and second test begin."""
FEWEST_FOR_ITEMS = 30
"""People below whom an item's correlation is mostly noise, so that nothing is flagged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One test item over all cohorts: ``easiness`` is the mean share of its points."""

    module: str
    exercise: str
    id: str
    people: int
    easiness: float
    discrimination: float
    flag: Flag


@dataclass(frozen=True, slots=True, kw_only=True)
class Test:
    """One exercise made of items: who has finished it (row numbers) and their item scores.

    ``form`` tells apart the exercises that share a place of the module.
    """

    module: str
    exercise: str
    form: str
    rows: tuple[int, ...]
    items: tuple[str, ...]
    scores: Array

    @property
    def reliability(self) -> float:
        return statistics.alpha(self.scores)


@dataclass(frozen=True)
class Programme:
    """Everybody's results as arrays: one row per person of the roster, one column per module."""

    snapshot: Snapshot

    @cached_property
    def row(self) -> Mapping[str, int]:
        return {person.id: place for place, person in enumerate(self.snapshot.people)}

    @cached_property
    def column(self) -> Mapping[str, int]:
        return {module.id: place for place, module in enumerate(self.snapshot.modules)}

    @cached_property
    def cohorts(self) -> npt.NDArray[np.str_]:
        return np.array([person.cohort for person in self.snapshot.people], dtype=np.str_)

    @cached_property
    def submitted(self) -> npt.NDArray[np.bool_]:
        result = np.zeros((len(self.row), len(self.column)), dtype=np.bool_)
        for it in self.snapshot.submissions:
            if it.module in self.column:
                result[self.row[it.participant], self.column[it.module]] = True
        return result

    @cached_property
    def started(self) -> tuple[ModuleFacts, ...]:
        """The modules that anybody has handed in."""
        return tuple(
            module
            for place, module in enumerate(self.snapshot.modules)
            if self.submitted[:, place].any()
        )

    @cached_property
    def cells(self) -> Mapping[tuple[str, str], Array]:
        """Percentages per graded cell, NaN where there is no grade or it waits for a person."""
        result = {
            (module.id, cell.id): np.full(len(self.row), np.nan)
            for module in self.snapshot.modules
            for cell in module.cells
        }
        for grade in self.snapshot.grades:
            if (grade.module, grade.cell) in result and not grade.pending:
                maximum = self.maximum[grade.module, grade.cell]
                share = 100 * grade.score / maximum
                result[grade.module, grade.cell][self.row[grade.participant]] = share
        return result

    @cached_property
    def maximum(self) -> Mapping[tuple[str, str], float]:
        return {(m.id, cell.id): cell.maximum for m in self.snapshot.modules for cell in m.cells}

    @cached_property
    def percent(self) -> Array:
        """Percentage of the points decided so far, per person and module; NaN where none is."""
        result = np.full((len(self.row), len(self.column)), np.nan)
        for module in self.snapshot.modules:
            cells = [(module.id, cell.id) for cell in module.cells]
            if cells:
                weights = [self.maximum[cell] for cell in cells]
                shares = np.array([self.cells[cell] for cell in cells])
                result[:, self.column[module.id]] = _mean(shares.T, np.array(weights))
        return result

    @cached_property
    def final(self) -> Array:
        """Mean of the modules that a person has handed in, by the programme's weights."""
        weights = np.array([module.weight for module in self.snapshot.modules])
        return _mean(self.percent, weights)

    @cached_property
    def finished(self) -> Mapping[tuple[str, str], npt.NDArray[np.bool_]]:
        """Who has finished which exercise, of those whose logs may be read."""
        return self._plays(lambda play: play.finished)

    @cached_property
    def begun(self) -> Mapping[tuple[str, str], npt.NDArray[np.bool_]]:
        """Who has at least begun which exercise."""
        return self._plays(lambda _: True)

    def _plays(
        self, holds: Callable[[Play], bool]
    ) -> Mapping[tuple[str, str], npt.NDArray[np.bool_]]:
        result = {
            (module.id, exercise.id): np.zeros(len(self.row), dtype=np.bool_)
            for module in self.snapshot.modules
            for exercise in module.played
        }
        for play in self.snapshot.plays:
            if (play.module, play.exercise) in result:
                result[play.module, play.exercise][self.row[play.participant]] = holds(play)
        return result

    @cached_property
    def tests(self) -> tuple[Test, ...]:
        """Every exercise with items that somebody finished, in the order of the modules."""
        heap: dict[tuple[str, str], dict[str, list[tuple[int, Mapping[str, float]]]]] = {}
        for play in self.snapshot.plays:
            if play.finished and play.items:
                entry = (self.row[play.participant], play.items)
                forms = heap.setdefault((play.module, play.exercise), {})
                forms.setdefault(play.form, []).append(entry)
        order = [(m.id, it.id) for m in self.snapshot.modules for it in m.played]
        return tuple(
            _test(*key, form, entries)
            for key in order
            for form, entries in sorted(heap.get(key, {}).items())
        )

    @cached_property
    def items(self) -> tuple[Item, ...]:
        """The items of graded exercises and second tests, not of tests taken before learning."""
        return tuple(
            item
            for test in self.tests
            if (test.module, test.exercise) in self.maximum or test.exercise.startswith(AFTER)
            if not test.exercise.startswith(BEFORE)
            for item in _items(test)
        )

    @cached_property
    def before_after(self) -> tuple[Array, Array]:
        """Share of right answers in first and second tests; NaN unless a person sat both."""
        first, second = self._phase(BEFORE), self._phase(AFTER)
        both = np.where(np.isnan(first) | np.isnan(second), np.nan, 1)
        return _mean(first * both, None), _mean(second * both, None)

    def _phase(self, prefix: str) -> Array:
        result = np.full((len(self.row), len(self.column)), np.nan)
        for test in self.tests:
            if test.exercise.startswith(prefix):
                result[list(test.rows), self.column[test.module]] = test.scores.mean(axis=1)
        return result

    @cached_property
    def gains(self) -> tuple[Deviation, ...]:
        """How each cohort's rise from first to second test deviates from everybody's."""
        before, after = self.before_after
        return statistics.deviations(after - before, self.cohorts)

    @cached_property
    def pending(self) -> Counter[tuple[str, str]]:
        """How many marks of each graded cell still wait for a person."""
        return Counter((it.module, it.cell) for it in self.snapshot.grades if it.pending)

    @cached_property
    def components(self) -> tuple[tuple[str, str], ...]:
        """The graded cells, in modules that have started, in which every mark is known.

        Only these may be compared: where marks wait, the known ones are those of empty answers.
        """
        started = {module.id for module in self.started}
        return tuple(key for key in self.maximum if key[0] in started and not self.pending[key])

    @cached_property
    def reliability(self) -> tuple[float, float]:
        """Internal consistency of the marks and their standard error, in points of 100."""
        if not self.components:
            return math.nan, math.nan
        weights = np.array([self.maximum[key] for key in self.components])
        points = np.array([self.cells[key] for key in self.components]).T * weights / weights.sum()
        reliability = statistics.alpha(points)
        totals = statistics.complete(points).sum(axis=1)
        return reliability, statistics.measurement_error(totals, reliability)


@cache
def programme(snapshot: Snapshot) -> Programme:
    """The arrays of a snapshot, made once per process."""
    return Programme(snapshot)


@dataclass(frozen=True, kw_only=True)
class Standing:
    """One cohort in one edition. CourseError when the programme has no such cohort."""

    snapshot: Snapshot
    cohort: str
    edition: Edition = "facilitator"

    def __post_init__(self) -> None:
        known = [name for name, _ in self.snapshot.cohorts]
        if self.cohort not in known:
            raise CourseError(
                f"No cohort {self.cohort!r} in the programme. It has: {', '.join(known)}."
            )

    @cached_property
    def all(self) -> Programme:
        return programme(self.snapshot)

    @property
    def named(self) -> bool:
        """Whether this edition may show single people."""
        return self.edition == "facilitator"

    @cached_property
    def title(self) -> str:
        return dict(self.snapshot.cohorts)[self.cohort]

    @cached_property
    def here(self) -> npt.NDArray[np.bool_]:
        """Which rows are this cohort's."""
        return np.asarray(self.all.cohorts == self.cohort, dtype=np.bool_)

    @cached_property
    def people(self) -> tuple[Participant, ...]:
        return tuple(person for person in self.snapshot.people if person.cohort == self.cohort)

    @cached_property
    def complete(self) -> npt.NDArray[np.bool_]:
        """Who has handed in every module that has started."""
        columns = [self.all.column[module.id] for module in self.all.started]
        if not columns:
            return np.zeros(len(self.all.row), dtype=np.bool_)
        return np.asarray(self.all.submitted[:, columns].all(axis=1), dtype=np.bool_)

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
        return sum(
            it.participant in mine and (it.participant, it.module) not in graded
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
        rows = self.here if self.matched >= SMALLEST else np.zeros_like(self.here)
        return statistics.class_gain(before[rows], after[rows])

    @cached_property
    def gain_by_cohort(self) -> tuple[tuple[str, str, Gain], ...]:
        """Cohort id, title and gain, in the programme's order, where at least five sat both tests."""
        before, after = self.all.before_after
        found = []
        for name, title in self.snapshot.cohorts:
            rows = self.all.cohorts == name
            gain = statistics.class_gain(before[rows], after[rows])
            if gain.people >= SMALLEST:
                found.append((name, title, gain))
        return tuple(found)

    @cached_property
    def deals(self) -> tuple[Deal, ...]:
        mine = {person.id for person in self.people}
        return tuple(deal for deal in self.snapshot.deals if deal.participant in mine)

    def values(self, everybody: Array) -> tuple[Array, Array]:
        """Known values of this cohort and of the others.

        An edition without names shows none where they are too few.
        """
        known = ~np.isnan(everybody)
        here, others = everybody[self.here & known], everybody[~self.here & known]
        if not self.named:
            here, others = (it if it.size >= SMALLEST else it[:0] for it in (here, others))
        return here, others

    def count(self, some: int, total: int) -> tuple[int, int]:
        """``some`` of ``total`` people as a range, wide enough for five in an edition without names."""
        return (some, some) if self.named else bounds(some, total)


def _mean(values: Array, weights: Array | None) -> Array:
    """Mean of each row over what is known in it; NaN for a row that is empty."""
    weights = np.ones(values.shape[1]) if weights is None else weights
    known = ~np.isnan(values)
    total = (known * weights).sum(axis=1)
    result = np.full(values.shape[0], np.nan)
    np.divide((np.nan_to_num(values) * weights).sum(axis=1), total, out=result, where=total > 0)
    return result


def _test(
    module: str, exercise: str, form: str, entries: list[tuple[int, Mapping[str, float]]]
) -> Test:
    items = tuple(dict.fromkeys(item for _, scores in entries for item in scores))
    rows = tuple(row for row, _ in entries)
    scores = np.array([[found.get(item, 0.0) for item in items] for _, found in entries])
    return Test(module=module, exercise=exercise, form=form, rows=rows, items=items, scores=scores)


def _items(test: Test) -> tuple[Item, ...]:
    discrimination = statistics.corrected_item_total(test.scores)
    easiness = test.scores.mean(axis=0)
    people = len(test.rows)
    return tuple(
        Item(
            module=test.module,
            exercise=test.exercise,
            id=item,
            people=people,
            easiness=float(p),
            discrimination=float(r),
            flag=_flag(float(p), float(r), people),
        )
        for item, p, r in zip(test.items, easiness, discrimination, strict=True)
    )


def _flag(easiness: float, discrimination: float, people: int) -> Flag:
    """What is wrong with an item: first its key, then its level, then whether it tells people apart.

    An item that has no spread or almost none is judged by its easiness alone.
    """
    if people < FEWEST_FOR_ITEMS:
        return ""
    if discrimination < -2 / math.sqrt(people):
        return "negative"
    if easiness > 0.95:
        return "easy"
    if easiness < 0.20:
        return "hard"
    return "weak" if discrimination < 0.15 else ""
