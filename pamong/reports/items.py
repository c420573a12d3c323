"""Whether the items of a test do their work: for everybody, for single options, for single groups."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import Literal

import numpy as np
import numpy.typing as npt

from pamong.reports import statistics
from pamong.reports.facts import Question
from pamong.reports.statistics import Array

Flag = Literal["", "negative", "ambiguous", "weak", "easy", "hard"]
FEWEST_FOR_ITEMS = 30
"""People below whom an item's correlation is mostly noise, so that nothing is flagged."""
GOOD = 0.30
"""Correlation with the other items that a healthy item has; one that may well have it is not weak."""
FEWEST_IN_GROUP = 15
"""People of a group below whom it is not asked whether an item treats them differently."""
CERTAIN = 0.05
"""Chance of any false alarm among all items and groups together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One test item over all cohorts: ``easiness`` is the mean share of its points."""

    module: str
    exercise: str
    form: str
    id: str
    people: int
    easiness: float
    discrimination: float
    flag: Flag
    takers: tuple[Taken, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """One option of an item: how many took it and how able those are (0: as everybody).

    ``lure`` is a wrong option that the able take, ``dead`` one that almost nobody takes.
    """

    option: str
    text: str
    right: bool
    people: int
    share: float
    ability: float
    lure: bool = False
    dead: bool = False


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
    answers: tuple[Mapping[str, str], ...] = ()

    @property
    def reliability(self) -> float:
        return statistics.alpha(self.scores)

    @property
    def omega(self) -> float:
        return statistics.omega(self.scores)

    @property
    def error(self) -> float:
        """Standard error of measurement in points of 100."""
        totals = 100 * self.scores.mean(axis=1)
        return statistics.measurement_error(totals, self.reliability)


@dataclass(frozen=True, slots=True, kw_only=True)
class Departure:
    """An item that people of one group solve more (or less) often than their other answers suggest.

    ``rate`` is their share of the points, ``expected`` what was expected of them; ``p`` is adjusted
    for all items and groups.
    """

    module: str
    form: str
    item: str
    group: str
    people: int
    rate: float
    expected: float
    p: float


def judged(test: Test, questions: Mapping[tuple[str, str, str], Question]) -> Iterator[Item]:
    """The items of a test with what is wrong with them, if anything."""
    discrimination = statistics.corrected_item_total(test.scores)
    easiness = test.scores.mean(axis=0)
    for column, name in enumerate(test.items):
        question = questions.get((test.module, test.form or test.exercise, name))
        item = Item(
            module=test.module,
            exercise=test.exercise,
            form=test.form,
            id=name,
            people=len(test.rows),
            easiness=float(easiness[column]),
            discrimination=float(discrimination[column]),
            flag="",
            takers=tuple(_takers(test, column, question)) if question else (),
        )
        yield replace(item, flag=_flag(item))


def _flag(item: Item) -> Flag:
    """What is wrong with an item: first its key, then its level, then whether it tells people apart.

    An item that has no spread or almost none is judged by its easiness alone. It is weak when it is
    almost certainly below what a healthy item has (97.5%, by Fisher's z).
    """
    if item.people < FEWEST_FOR_ITEMS:
        return ""
    if item.discrimination < -2 / math.sqrt(item.people):
        return "negative"
    if item.easiness > 0.95:
        return "easy"
    if item.easiness < 0.20:
        return "hard"
    if any(taken.lure for taken in item.takers):
        return "ambiguous"
    r = min(max(item.discrimination, -0.999), 0.999)
    highest = math.tanh(math.atanh(r) + statistics.Z95 / math.sqrt(item.people - 3))
    return "weak" if item.discrimination < 0.15 and highest < GOOD else ""


def _takers(test: Test, column: int, question: Question) -> Iterator[Taken]:
    """Who took which option; a lure's takers are abler than everybody beyond chance."""
    if not test.answers or len(question.correct) != 1:
        return
    name, people = question.id, len(test.rows)
    rest = test.scores.sum(axis=1) - test.scores[:, column]
    spread = float(rest.std())
    able = (rest - rest.mean()) / spread if spread > 0 else np.zeros(people)
    given = np.array([answer.get(name, "") for answer in test.answers], dtype=np.str_)
    counts = Counter(given.tolist())
    for option, text in question.options:
        took = given == option
        count, right = counts[option], option in question.correct
        ability = float(able[took].mean()) if count else math.nan
        many = people >= FEWEST_FOR_ITEMS and count >= 0.1 * people
        yield Taken(
            option=option,
            text=text,
            right=right,
            people=count,
            share=count / people,
            ability=ability,
            lure=not right and many and ability * math.sqrt(count) > statistics.Z95,
            dead=not right and people >= 2 * FEWEST_FOR_ITEMS and count < 0.02 * people,
        )


def departures(
    tests: Sequence[Test], groups: npt.NDArray[np.str_], *, upward: bool
) -> tuple[Departure, ...]:
    """Items that single groups solve differently than their other answers suggest, the surest first.

    ``upward`` asks for more only (answers that got around), otherwise both ways (an unfair item). The
    chance of any false alarm is CERTAIN (Bonferroni over all items and groups). What is expected comes
    from the regression on the rest of the test, over everybody (Dorans & Kulick, 1986, in principle).
    """
    asked = [
        found
        for (module, form), same in _by_form(tests).items()
        for item in same[0].items
        for found in _by_group(module, form, item, same, groups)
    ]
    normal = NormalDist()
    found = []
    for departure, z in asked:
        tail = 1 - normal.cdf(z if upward else abs(z))
        p = min(1.0, tail * (1 if upward else 2) * len(asked))
        if p < CERTAIN:
            found.append(replace(departure, p=p))
    return tuple(sorted(found, key=lambda it: (it.p, it.module, it.form, it.item, it.group)))


def _by_form(tests: Sequence[Test]) -> dict[tuple[str, str], list[Test]]:
    """The same questions, wherever in the module they were asked."""
    found: dict[tuple[str, str], list[Test]] = {}
    for test in tests:
        if len(test.items) > 2 and len(test.rows) >= FEWEST_FOR_ITEMS:
            found.setdefault((test.module, test.form or test.exercise), []).append(test)
    return found


def _by_group(
    module: str, form: str, item: str, tests: list[Test], groups: npt.NDArray[np.str_]
) -> Iterator[tuple[Departure, float]]:
    pairs = [_residuals(test, test.items.index(item)) for test in tests if item in test.items]
    names = np.concatenate([groups[list(test.rows)] for test in tests if item in test.items])
    own = np.concatenate([found[0] for found in pairs])
    left = np.concatenate([found[1] for found in pairs])
    spread, people = float(left.std()), left.size
    if spread <= 1e-9:
        return
    for name in np.unique(names):
        here = names == name
        count = int(here.sum())
        if FEWEST_IN_GROUP <= count < people:
            error = spread * math.sqrt(1 / count - 1 / people)
            yield (
                Departure(
                    module=module,
                    form=form,
                    item=item,
                    group=str(name),
                    people=count,
                    rate=float(own[here].mean()),
                    expected=float((own - left)[here].mean()),
                    p=1.0,
                ),
                float(left[here].mean()) / error,
            )


def _residuals(test: Test, column: int) -> tuple[Array, Array]:
    """Scores of an item, and how far they lie above what the rest of the test lets expect."""
    own = test.scores[:, column]
    rest = test.scores.sum(axis=1) - own
    spread = float(((rest - rest.mean()) ** 2).sum())
    slope = float((own * (rest - rest.mean())).sum()) / spread if spread > 0 else 0.0
    return own, own - own.mean() - slope * (rest - rest.mean())
