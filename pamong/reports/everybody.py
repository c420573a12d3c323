"""Everybody's results as arrays: one row per person of the roster, one column per module.

What is here is the same for all cohorts and editions; it is computed once per snapshot
(``programme``), so that processes forked afterwards inherit it.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
import numpy.typing as npt

from pamong.reports import eligibility, items, statistics
from pamong.reports.disclosure import Disclosure, disclosure
from pamong.reports.eligibility import Verdicts
from pamong.reports.facts import AFTER, BEFORE, Attendance, ModuleFacts, Play, Question
from pamong.reports.items import Departure, Item, Test
from pamong.reports.snapshot import Snapshot
from pamong.reports.statistics import Array, Deviation
from pamong.reports.suppression import Group


@dataclass(frozen=True)
class Programme:
    """What a snapshot says about everybody; NaN stands for what is not known."""

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
        heap: dict[tuple[str, str], dict[str, list[tuple[int, Play]]]] = {}
        for play in self.snapshot.plays:
            if play.finished and play.items:
                entry = (self.row[play.participant], play)
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
            for item in items.judged(test, self.questions)
        )

    @cached_property
    def questions(self) -> Mapping[tuple[str, str, str], Question]:
        """The multiple-choice questions by module, exercise and item."""
        return {(it.module, it.form, it.id): it for it in self.snapshot.questions}

    @cached_property
    def drift(self) -> tuple[Departure, ...]:
        """Items that single cohorts solve more often than their other answers suggest."""
        return items.departures(self._asked, self.cohorts, upward=True)

    @cached_property
    def unfair(self) -> tuple[Departure, ...]:
        """Items that single offices solve differently than their other answers suggest."""
        roles = np.array([person.role for person in self.snapshot.people], dtype=np.str_)
        return items.departures(self._asked, roles, upward=False)

    @cached_property
    def _asked(self) -> tuple[Test, ...]:
        return tuple(
            test
            for test in self.tests
            if (test.module, test.exercise) in self.maximum
            or test.exercise.startswith((BEFORE, AFTER))
        )

    @cached_property
    def minutes(self) -> Mapping[tuple[str, str], Array]:
        """Minutes at work per exercise whose log may be read, NaN where it was not finished."""
        result = {
            (module.id, exercise.id): np.full(len(self.row), np.nan)
            for module in self.snapshot.modules
            for exercise in module.played
        }
        for play in self.snapshot.plays:
            if play.finished and play.minutes > 0 and (play.module, play.exercise) in result:
                result[play.module, play.exercise][self.row[play.participant]] = play.minutes
        return result

    @cached_property
    def qualities(self) -> Mapping[tuple[str, str], Mapping[str, Array]]:
        """Values (0..1) of the named parts of plans, coalitions and the like, by exercise."""
        result: dict[tuple[str, str], dict[str, Array]] = {}
        for play in self.snapshot.plays:
            for label, value in play.parts.items():
                parts = result.setdefault((play.module, play.exercise), {})
                values = parts.setdefault(label, np.full(len(self.row), np.nan))
                values[self.row[play.participant]] = value
        order = [(m.id, it.id) for m in self.snapshot.modules for it in m.played]
        return {key: result[key] for key in order if key in result}

    @cached_property
    def due(self) -> npt.NDArray[np.bool_]:
        """Which modules have been handed in by anybody and are past their deadline, if they have one."""
        now, started = self.snapshot.as_of, {module.id for module in self.started}
        return np.array(
            [m.id in started and (not m.due or m.due < now) for m in self.snapshot.modules],
            dtype=np.bool_,
        )

    @cached_property
    def complete(self) -> Group:
        """Who has handed in every module that has started."""
        columns = [self.column[module.id] for module in self.started]
        if not columns:
            return np.zeros(len(self.row), dtype=np.bool_)
        return np.asarray(self.submitted[:, columns].all(axis=1), dtype=np.bool_)

    @cached_property
    def counts(self) -> npt.NDArray[np.bool_]:
        """Which modules are part of the final mark."""
        return np.array([module.counts for module in self.snapshot.modules], dtype=np.bool_)

    @cached_property
    def waiting(self) -> npt.NDArray[np.bool_]:
        """Per person and module whether something handed in still waits for a mark."""
        marked = np.array([module.graded for module in self.snapshot.modules], dtype=np.bool_)
        return eligibility.unmarked(
            self.snapshot.grades, dict(self.row), dict(self.column), self.submitted, marked
        )

    @cached_property
    def part(self) -> Group:
        """Whose final mark is of a part of the modules only: others that count are not due yet."""
        ahead = ~self.submitted & ~self.due & self.counts
        return np.asarray(ahead.any(axis=1), dtype=np.bool_)

    @cached_property
    def verdicts(self) -> Verdicts:
        """Who may be proposed as having passed, over the modules that are due."""
        return eligibility.verdicts(
            submitted=self.submitted,
            percent=self.percent,
            final=self.final,
            waiting=self.waiting,
            due=self.due,
            counts=self.counts,
            pass_mark=self.snapshot.pass_mark,
        )

    @cached_property
    def regions(self) -> npt.NDArray[np.str_]:
        return np.array([person.region for person in self.snapshot.people], dtype=np.str_)

    @cached_property
    def disclosure(self) -> Disclosure:
        """What an edition without names may tell."""
        groups: dict[str, Group] = {"complete": self.complete}
        groups |= {status: self.verdicts.group(status) for status in eligibility.STATUSES}
        for module in self.started:
            column = self.column[module.id]
            submitted = self.submitted[:, column]
            passed = submitted & (self.percent[:, column] >= self.snapshot.pass_mark)
            groups |= {f"{module.id} submitted": submitted, f"{module.id} passed": passed}
        return disclosure(self.cohorts, groups, self.regions, "complete")

    @cached_property
    def attended(self) -> Mapping[str, Attendance]:
        """The attendance of everybody for whom a meeting has been held."""
        return {it.participant: it for it in self.snapshot.attendance or ()}

    @cached_property
    def presence(self) -> Array:
        """The part of the meetings that each person attended or made up for; NaN where there was none."""
        shares = np.full(len(self.row), np.nan)
        for person, it in self.attended.items():
            shares[self.row[person]] = it.share
        return shares

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
    def marks(self) -> tuple[Deviation, ...]:
        """How each cohort's mean mark deviates from everybody's."""
        return statistics.deviations(self.final, self.cohorts)

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


def _mean(values: Array, weights: Array | None) -> Array:
    """Mean of each row over what is known in it; NaN for a row that is empty."""
    weights = np.ones(values.shape[1]) if weights is None else weights
    known = ~np.isnan(values)
    total = (known * weights).sum(axis=1)
    result = np.full(values.shape[0], np.nan)
    np.divide((np.nan_to_num(values) * weights).sum(axis=1), total, out=result, where=total > 0)
    return result


def _test(module: str, exercise: str, form: str, entries: list[tuple[int, Play]]) -> Test:
    names = tuple(dict.fromkeys(item for _, play in entries for item in play.items))
    scores = np.array([[play.items.get(item, 0.0) for item in names] for _, play in entries])
    return Test(
        module=module,
        exercise=exercise,
        form=form,
        rows=tuple(row for row, _ in entries),
        items=names,
        scores=scores,
        answers=tuple(play.answers for _, play in entries),
    )
