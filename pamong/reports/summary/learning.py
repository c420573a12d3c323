"""What people learnt between the tests, and whether the tests measure it."""

from __future__ import annotations

import math
from functools import cache
from typing import Final

import numpy as np

from pamong.catalogue import messages
from pamong.reports import charts
from pamong.reports.markup import Html, Section, Table, figure, join, number, paragraph, percent
from pamong.reports.snapshot import Snapshot
from pamong.reports.standing import FEWEST_FOR_ITEMS, Item, Standing
from pamong.reports.statistics import Gain
from pamong.reports.summary.findings import counted, title_of
from pamong.reports.suppression import SMALLEST

say: Final = messages("report")


def gain(standing: Standing) -> Html:
    """From first to second test, of those who sat both."""
    result = standing.gain
    heading = _gain_heading(result)
    if result.people == 0 or math.isnan(result.gain):
        sat = counted(standing, standing.matched, len(standing.people))
        text = say("gain.empty.full") if result.people else say("gain.empty", people=sat)
        return Section(id="kenaikan", heading=heading, body=paragraph(text)).html()
    first, second = standing.all.before_after
    matched = standing.here & ~np.isnan(first)
    before, after = first[matched], second[matched]
    fell = int((after < before - 1e-9).sum())
    alt = say(
        "gain.alt",
        people=result.people,
        before=number(100 * result.before, 0),
        after=number(100 * result.after, 0),
        gain=number(result.gain, 2),
        low=number(result.low, 2),
        high=number(result.high, 2),
        fell=counted(standing, fell, result.people),
    )
    cohorts = [(title, found) for _, title, found in standing.gain_by_cohort]
    drawing = charts.slopes(before, after, cohorts, standing.title, alt, shown=standing.named)
    return Section(
        id="kenaikan", heading=heading, body=figure(drawing), note=_gain_note(standing, fell)
    ).html()


def _gain_heading(result: Gain) -> str:
    if result.people == 0:
        return say("gain.heading.none")
    if math.isnan(result.gain):
        return say("gain.heading.full")
    points = 100 * (result.after - result.before)
    if round(abs(points)) == 0:
        return say("gain.heading.flat")
    if points < 0:
        return say("gain.heading.fell", points=number(-points, 0))
    level = "low" if result.gain < 0.3 else "medium" if result.gain < 0.7 else "high"
    return say(
        "gain.heading",
        points=number(points, 0),
        gain=number(result.gain, 2),
        level=say(f"gain.level.{level}"),
    )


def _gain_note(standing: Standing, fell: int) -> str:
    result = standing.gain
    red = say("gain.note.fell", count=fell) if standing.named and fell else ""
    note = say(
        "gain.note", people=result.people, effect=number(result.effect, 2), fell=red
    ).rstrip()
    if len(standing.gain_by_cohort) < len(standing.snapshot.cohorts):
        note = f"{note} {say('gain.note.cohorts')}"
    return note


def items(standing: Standing) -> Html:
    """Whether the tests' items do their work, judged by everybody's answers."""
    return _items(standing.snapshot)


@cache
def _items(snapshot: Snapshot) -> Html:
    """The same for every cohort and edition, so it is drawn once."""
    standing = Standing(snapshot=snapshot, cohort=snapshot.cohorts[0][0])
    found = standing.all.items
    enough = [item for item in found if item.people >= FEWEST_FOR_ITEMS]
    if not enough:
        heading = say("items.heading.few" if found else "items.heading.none")
        body = paragraph(say("items.empty", fewest=FEWEST_FOR_ITEMS))
        return Section(id="butir", heading=heading, body=body).html()
    bad = sorted((item for item in enough if item.flag), key=_discrimination)
    drawing = _item_map(standing, enough, bad)
    flagged = _table(standing, bad[:SHOWN]).html() if bad else Html("")
    return Section(
        id="butir",
        heading=_items_heading(len(enough), len(bad)),
        body=join((figure(drawing), flagged)),
        note=_items_note(standing, enough),
        data=_table(standing, enough),
        flows=True,
    ).html()


SHOWN = 10
"""Doubtful items below the chart; the table of data has all."""


def _discrimination(item: Item) -> float:
    return 0.0 if math.isnan(item.discrimination) else item.discrimination


def _items_heading(everything: int, bad: int) -> str:
    if not bad:
        return say("items.heading.good", items=everything)
    return say("items.heading", good=everything - bad, items=everything, bad=bad)


def _item_map(standing: Standing, enough: list[Item], bad: list[Item]) -> Html:
    rows = [
        say(
            "items.alt.row",
            label=_label(standing, item),
            p=percent(item.easiness),
            r=number(item.discrimination, 2),
        )
        for item in bad
    ]
    stated = say("items.alt.bad", rows="; ".join(rows)) if bad else say("items.alt.good")
    judged = {(item.module, item.exercise) for item in enough}
    return charts.item_map(
        np.array([item.easiness for item in enough]),
        np.array([item.discrimination for item in enough]),
        [item.id if item.flag else "" for item in enough],
        say("items.alt", items=len(enough), bad=stated),
        [
            (title_of(standing, test.module, test.exercise), test.reliability)
            for test in standing.all.tests
            if (test.module, test.exercise) in judged
        ],
    )


def _items_note(standing: Standing, enough: list[Item]) -> str:
    cohorts = max(1, len({person.cohort for person in standing.snapshot.people}))
    size = max(round(len(standing.snapshot.people) / cohorts), SMALLEST)
    return say(
        "items.note",
        people=max(item.people for item in enough),
        cohort=size,
        error=number(1 / math.sqrt(size - 2), 2),
    )


def _label(standing: Standing, item: Item) -> str:
    exercise = title_of(standing, item.module, item.exercise)
    return say("items.label", exercise=exercise, item=item.id)


def _table(standing: Standing, rows: list[Item]) -> Table:
    head = ("item", "easy", "discrimination", "advice")
    return Table(
        [say(f"items.head.{name}") for name in head],
        [
            (
                _label(standing, item),
                percent(item.easiness),
                number(item.discrimination, 2),
                say(f"items.advice.{item.flag or 'good'}"),
            )
            for item in rows
        ],
        left=(0, 3),
    )
