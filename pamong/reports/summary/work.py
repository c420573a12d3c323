"""How good plans, coalitions and the like were in their parts, and how long the work took."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import numpy as np

from pamong import locale
from pamong.catalogue import messages
from pamong.reports import ranges
from pamong.reports.markup import Html, Section, Table, figure, join, number, paragraph, percent
from pamong.reports.standing import Standing
from pamong.reports.statistics import Array
from pamong.reports.summary.findings import title_of

say: Final = messages("report")
ROWS = 20
"""Rows that one drawing has at most."""
LOOK = 3
"""Parts that stand out as the weakest."""
LONG = 1.25
"""Times the planned minutes from which on something took too long."""


def quality(standing: Standing) -> Html:
    """The parts of stakeholder coalitions, action plans, decision matrices and mediations."""
    rows = _lowest(_levels(standing))
    known = [row for row in rows if not row.heading and not np.isnan(row.here)]
    if not known:
        body = paragraph(say("quality.empty"))
        return Section(id="mutu", heading=say("quality.heading.none"), body=body).html()
    weakest = min(known, key=lambda row: row.here)
    under = ""
    for row in rows:
        under = row.label if row.heading else under
        if row is weakest:
            break
    return Section(
        id="mutu",
        heading=say(
            "quality.heading", part=weakest.label, exercise=under, share=percent(weakest.here)
        ),
        body=join([_drawing(sheet) for sheet in _sheets(rows)]),
        note=say("quality.note"),
        data=_quality_table(rows),
        flows=True,
    ).html()


def _sheets(rows: list[ranges.Level]) -> Iterator[list[ranges.Level]]:
    """The rows in portions that fit on half a page, exercises kept together."""
    sheet: list[ranges.Level] = []
    for place, row in enumerate(rows):
        length = next((n for n, it in enumerate(rows[place + 1 :], 1) if it.heading), 1)
        if row.heading and sheet and len(sheet) + length > ROWS:
            yield sheet
            sheet = []
        sheet.append(row)
    yield sheet


def _drawing(rows: list[ranges.Level]) -> Html:
    stated = [
        say("quality.alt.row", label=row.label, here=percent(row.here), others=percent(row.others))
        for row in rows
        if not row.heading
    ]
    return figure(ranges.levels(rows, say("quality.alt", rows="; ".join(stated))))


def _levels(standing: Standing) -> list[ranges.Level]:
    rows: list[ranges.Level] = []
    nothing = float("nan")
    for key, parts in standing.all.qualities.items():
        found = []
        for label, values in parts.items():
            here, others = standing.values(values)
            if here.size:
                found.append(ranges.Level(label=label, here=_mean(here), others=_mean(others)))
        if found:
            title = title_of(standing, *key)
            rows.append(ranges.Level(label=title, here=nothing, others=nothing, heading=True))
            rows += found
    return rows


def _lowest(rows: list[ranges.Level]) -> list[ranges.Level]:
    """The rows, the LOOK lowest of them to be looked at."""
    known = sorted(row.here for row in rows if not np.isnan(row.here))
    limit = known[min(LOOK, len(known)) - 1] if known else 0.0
    return [replace(row, low=row.here <= limit) for row in rows]


def _mean(values: Array) -> float:
    return float(values.mean()) if values.size else float("nan")


def _quality_table(rows: list[ranges.Level]) -> Table:
    under, body = "", []
    for row in rows:
        if row.heading:
            under = row.label
        else:
            body.append((row.label, under, percent(row.here), percent(row.others)))
    head = ("part", "exercise", "here", "others")
    return Table([say(f"quality.head.{name}") for name in head], body, left=(0, 1))


def time(standing: Standing) -> Html:
    """Minutes at work by the clock of the answer logs, beside those that were planned."""
    rows = _durations(standing)
    if not rows:
        body = paragraph(say("time.empty"))
        return Section(id="waktu", heading=say("time.heading.none"), body=body).html()
    long = [row for row in rows if row.much]
    stated = [
        say("time.alt.row", label=row.label, middle=number(row.middle, 0),
            planned=number(row.planned, 0))
        for row in rows
    ]  # fmt: skip
    return Section(
        id="waktu",
        heading=_time_heading(rows, long),
        body=figure(ranges.durations(rows, say("time.alt", rows="; ".join(stated)))),
        note=say("time.note" if standing.named else "time.note.mean"),
        data=Table(
            [say(f"time.head.{name}") for name in ("label", "middle", "half", "planned")],
            [
                (
                    row.label,
                    number(row.middle, 0),
                    say("range", low=number(row.low, 0), high=number(row.high, 0)),
                    number(row.planned, 0),
                )
                for row in rows
            ],
        ),
    ).html()


def _durations(standing: Standing) -> list[ranges.Duration]:
    """Per module where there are several, else per exercise."""
    found = []
    for module in standing.all.started:
        timed = [it for it in module.played if it.minutes]
        values = {it.id: standing.all.minutes[module.id, it.id] for it in timed}
        if len(standing.all.started) > 1:
            if not values:
                continue
            whole = np.array(list(values.values()))
            total = np.where(np.isnan(whole).all(axis=0), np.nan, np.nansum(whole, axis=0))
            planned = sum(it.minutes for it in timed)
            found.append((module.title, total, float(planned)))
        else:
            found += [(it.title, values[it.id], float(it.minutes)) for it in timed]
    rows = [_duration(standing, *row) for row in found]
    return [row for row in rows if row is not None]


def _duration(
    standing: Standing, label: str, everybody: Array, planned: float
) -> ranges.Duration | None:
    here, _ = standing.values(everybody)
    if not here.size:
        return None
    middle = standing.centre(here)
    low, high = np.quantile(here, (0.25, 0.75)) if standing.named else (middle, middle)
    return ranges.Duration(
        label=label,
        middle=middle,
        low=float(low),
        high=float(high),
        planned=planned,
        much=middle > LONG * planned,
    )


def _time_heading(rows: list[ranges.Duration], long: list[ranges.Duration]) -> str:
    if not long:
        return say("time.heading.fits")
    longest = sorted(long, key=lambda row: row.planned - row.middle)[:2]
    names = locale.listing([f"“{row.label}”" for row in longest])
    return say("time.heading", names=names, count=len(long), all=len(rows))
