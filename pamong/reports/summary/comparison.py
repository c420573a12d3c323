"""Where marks stand: near the limits of a qualification, and from cohort to cohort."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from pamong import locale
from pamong.catalogue import messages
from pamong.reports import ranges
from pamong.reports.items import CERTAIN
from pamong.reports.markup import Html, Section, Table, figure, number, paragraph
from pamong.reports.standing import Standing
from pamong.reports.statistics import Array, Deviation

say: Final = messages("report")


def boundaries(standing: Standing) -> Html:
    """How many people are closer to a limit than a mark can be measured; no people, no counts."""
    reliability, error = standing.all.reliability
    mark = standing.snapshot.pass_mark
    values = standing.values(standing.all.final)[0] if standing.named else np.empty(0)
    if not standing.named:
        return _limits_only(error)
    if not values.size:
        body = paragraph(say("limits.empty"))
        return Section(id="batas", heading=say("limits.heading.none"), body=body).html()
    bands = _bands(standing)
    counts = [int(_in_band(values, bands, place).sum()) for place in range(len(bands))]
    near = _near(values, mark, error)
    heading = say("limits.heading", near=near, mark=number(mark, 0))
    if math.isnan(error):
        below = int((values < mark).sum())
        heading = say("limits.heading.open", below=below, mark=number(mark, 0), people=values.size)
    ascending = list(reversed(counts))
    rows = [
        say("limits.alt.row", label=label, count=count)
        for (label, _), count in zip(bands, counts, strict=True)
    ]
    alt = say("limits.alt", rows="; ".join(rows), error=number(error, 1))
    drawing = ranges.boundaries(bands, values, _visible(bands, ascending, values), error, alt)
    status = standing.snapshot.bands_status
    note = say("limits.note", error=number(error, 1), reliability=number(reliability, 2))
    return Section(
        id="batas",
        heading=heading,
        body=figure(drawing),
        note=f"{note} {say('limits.status', status=status) if status else ''}".strip(),
        data=_table(bands, counts, values, error),
    ).html()


def _limits_only(error: float) -> Html:
    heading = say("limits.heading.none")
    if not math.isnan(error):
        heading = say("limits.heading.error", error=number(error, 1))
    return Section(id="batas", heading=heading, body=paragraph(say("limits.masked"))).html()


def _bands(standing: Standing) -> tuple[tuple[str, float], ...]:
    """The programme's qualifications, the highest first; else passed and not passed."""
    mark = standing.snapshot.pass_mark
    return standing.snapshot.bands or ((say("limits.passed"), mark), (say("limits.below"), 0.0))


def _in_band(values: Array, bands: tuple[tuple[str, float], ...], place: int) -> np.ndarray:
    """Rounded half up to two decimals, as the bands are defined."""
    rounded = np.floor(values * 100 + 0.5) / 100
    top = bands[place - 1][1] if place else math.inf
    return np.asarray((rounded >= bands[place][1]) & (rounded < top))


def _visible(
    bands: tuple[tuple[str, float], ...], ascending: list[int], values: Array
) -> list[str]:
    """Counts from the left edge of the chart, which leaves out bands below everybody."""
    left = max(0.0, 10 * math.floor((min(*[b[1] for b in bands if b[1] > 0], *values) - 8) / 10))
    limits = [start for _, start in reversed(bands)]
    return [
        str(count) for count, top in zip(ascending, [*limits[1:], 101.0], strict=True) if top > left
    ]


def _near(values: Array, limit: float, error: float) -> int:
    return 0 if math.isnan(error) else int((np.abs(values - limit) <= error).sum())


def _table(
    bands: tuple[tuple[str, float], ...], counts: list[int], values: Array, error: float
) -> Table:
    return Table(
        [say(f"limits.head.{name}") for name in ("band", "from", "people", "near")],
        [
            (label, number(start, 2), str(count), str(_near(values, start, error)) if start else "")
            for (label, start), count in zip(bands, counts, strict=True)
        ],
    )


def cohorts(standing: Standing) -> Html:
    """The cohorts side by side, with intervals that hold for all of them at once."""
    marks = standing.marks
    if len(marks) < 2:
        body = paragraph(say("cohorts.empty"))
        return Section(id="angkatan", heading=say("cohorts.heading.none"), body=body).html()
    names = dict(standing.snapshot.cohorts)
    known = standing.all.final[~np.isnan(standing.all.final)]
    grand = float(known.mean())
    rows = [
        ranges.Mean(
            label=names[it.group],
            mean=it.mean,
            low=it.low,
            high=it.high,
            strong=it.group == standing.cohort,
        )
        for it in marks
    ]
    stated = [
        say("cohorts.alt.row", cohort=row.label, mean=number(row.mean), low=number(row.low),
            high=number(row.high))
        for row in rows
    ]  # fmt: skip
    alt = say("cohorts.alt", rows="; ".join(stated), all=number(grand))
    return Section(
        id="angkatan",
        heading=_heading(standing, marks),
        body=figure(ranges.caterpillar(rows, grand, say("cohorts.title"), alt)),
        note=say("cohorts.note"),
        data=_cohort_table(standing, marks),
    ).html()


def _heading(standing: Standing, marks: tuple[Deviation, ...]) -> str:
    names = dict(standing.snapshot.cohorts)
    apart = [it for it in marks if it.p < CERTAIN]
    if not apart:
        return say("cohorts.heading.alike")
    lower = [names[it.group] for it in apart if it.mean <= _grand(standing)]
    upper = [names[it.group] for it in apart if it.mean > _grand(standing)]
    parts = []
    if lower:
        parts.append(say("cohorts.heading.lower", cohorts=locale.listing(lower)))
    if upper:
        parts.append(say("cohorts.heading.upper", cohorts=locale.listing(upper)))
    return "; ".join(parts)


def _grand(standing: Standing) -> float:
    return float(np.nanmean(standing.all.final))


def _cohort_table(standing: Standing, marks: tuple[Deviation, ...]) -> Table:
    names = dict(standing.snapshot.cohorts)
    gains = {it.group: it for it in standing.gains}
    rows = []
    for it in marks:
        gain = gains.get(it.group)
        rows.append(
            (
                names[it.group],
                number(it.mean),
                say("gain.interval", low=number(it.low), high=number(it.high)),
                _chance(it.p),
                number(100 * gain.mean, 0) if gain else "–",
                _chance(gain.p) if gain else "–",
            )
        )
    head = ("cohort", "mean", "interval", "p", "rise", "p.rise")
    return Table([say(f"cohorts.head.{name}") for name in head], rows)


def _chance(p: float) -> str:
    return say("findings.gain.least") if p < 0.001 else number(p, 3)
