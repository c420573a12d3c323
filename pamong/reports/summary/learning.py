"""What people learnt between the tests."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from pamong.catalogue import messages
from pamong.reports import charts
from pamong.reports.markup import Html, Section, Table, figure, number, paragraph
from pamong.reports.standing import Standing
from pamong.reports.statistics import Gain

say: Final = messages("report")


def gain(standing: Standing) -> Html:
    """From first to second test, of those who sat both."""
    result = standing.gain
    heading = _gain_heading(result)
    if result.people == 0 or math.isnan(result.gain):
        empty = "gain.empty" if standing.named else "gain.empty.masked"
        text = say("gain.empty.full") if result.people else say(empty, people=standing.matched)
        return Section(id="kenaikan", heading=heading, body=paragraph(text)).html()
    first, second = standing.all.before_after
    matched = standing.here & ~np.isnan(first)
    before, after = first[matched], second[matched]
    fell = int((after < before - 1e-9).sum())
    alt = say(
        "gain.alt" if standing.named else "gain.alt.mean",
        people=result.people,
        before=number(100 * result.before, 0),
        after=number(100 * result.after, 0),
        gain=number(result.gain, 2),
        low=number(result.low, 2),
        high=number(result.high, 2),
        fell=fell,
    )
    alt += _cohort_gains(standing)
    cohorts = [(title, found) for _, title, found in standing.gain_by_cohort]
    drawing = charts.slopes(before, after, cohorts, standing.title, alt, shown=standing.named)
    return Section(
        id="kenaikan",
        heading=heading,
        body=figure(drawing),
        note=_gain_note(standing, fell),
        data=_gain_table(standing),
    ).html()


def _cohort_gains(standing: Standing) -> str:
    rows = [
        say("gain.alt.cohort", cohort=title, gain=number(gain.gain, 2))
        for _, title, gain in standing.gain_by_cohort
    ]
    return say("gain.alt.cohorts", cohorts="; ".join(rows)) if rows else ""


def _gain_table(standing: Standing) -> Table:
    rows = [
        (
            title,
            number(100 * gain.before, 0),
            number(100 * gain.after, 0),
            number(gain.gain, 2),
            say("gain.interval", low=number(gain.low, 2), high=number(gain.high, 2)),
        )
        for _, title, gain in standing.gain_by_cohort
    ]
    head = ("cohort", "before", "after", "gain", "interval")
    return Table([say(f"gain.head.{name}") for name in head], rows)


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
    red = (
        say("gain.note.fell", count=fell)
        if standing.named and fell and result.people <= charts.LINES
        else ""
    )
    note = say(
        "gain.note" if standing.named else "gain.note.mean",
        people=result.people,
        effect=number(result.effect, 2),
        fell=red,
    ).rstrip()
    if len(standing.gain_by_cohort) < len(standing.snapshot.cohorts):
        note = f"{note} {say('gain.note.cohorts')}"
    return note
