"""Charts of rows with a range in each: boundaries, cohorts side by side, parts of a score, minutes.

Every chart takes ``alt``, which states its values in words for those who cannot see it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import Any

import numpy as np

from pamong.catalogue import messages
from pamong.palette import LIGHT
from pamong.reports.drawing import (
    AMBER,
    EMPTY,
    FAINT,
    GREY,
    INK,
    LINE,
    MIST,
    MUTE,
    PALE,
    TEAL,
    Sheet,
)
from pamong.reports.markup import Html, number
from pamong.reports.statistics import Array

WARM, MID = LIGHT["amber-tint"], LIGHT["teal-mid"]


CROWD = 400
"""Dots that a chart shows at most; of more people it shows every second, third and so on."""


def _label(text: str, width: int = 34) -> str:
    return "\n".join(wrap(text, width, max_lines=2, placeholder=" …"))


def boundaries(
    bands: Sequence[tuple[str, float]], values: Array, counts: Sequence[str], error: float, alt: str
) -> Html:
    """Qualifications side by side, a dot per person, a strip of one standard error at each limit."""
    sheet = Sheet(1.75)
    axes = sheet.axes(0.03, 0.16, 0.94, 0.80)
    limits = [start for _, start in bands if 0 < start < 100]
    lowest = min([*limits, *values[~np.isnan(values)], 100.0])
    left = max(0.0, 10 * np.floor((lowest - 8) / 10))
    edges = sorted([left, 100.0, *(limit for limit in limits if limit > left)])
    tints = (EMPTY, WARM, PALE, MID, MIST)
    names = sorted(bands, key=lambda band: band[1])[-(len(edges) - 1) :]
    for place, ((name, _), low, high) in enumerate(zip(names, edges, edges[1:], strict=False)):
        axes.axvspan(low, high, color=tints[place % len(tints)], lw=0, zorder=0)
        axes.text((low + high) / 2, 0.99, _label(name, max(8, int((high - low) * 1.3))), ha="center",
                  va="top", fontsize=7, color=INK)  # fmt: skip
        axes.text((low + high) / 2, 0.68, counts[place], ha="center", va="top", fontsize=10,
                  fontweight=700)  # fmt: skip
    _people(axes, values)
    if not np.isnan(error):
        for limit in limits:
            axes.plot([limit - error, limit + error], [0.015] * 2, color=AMBER, lw=4,
                      solid_capstyle="butt")  # fmt: skip
    axes.set_xlim(left, 100)
    axes.set_ylim(0, 1)
    axes.set_yticks([])
    axes.set_xticks(range(int(left), 101, 10))
    return sheet.svg(alt)


def _people(axes: Any, values: Array) -> None:
    """Dots in columns, so that equal marks stand on each other."""
    known = np.sort(values[~np.isnan(values)])
    known = known[:: 1 + known.size // CROWD]
    heights: dict[int, int] = {}
    places = []
    for value in known:
        column = round(value)
        places.append(heights.get(column, 0))
        heights[column] = places[-1] + 1
    step = 0.4 / max([7, *heights.values()])
    axes.scatter(known, [0.08 + step * place for place in places], s=8, color=TEAL, lw=0, zorder=3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mean:
    """The mean of one group with its interval; ``strong`` ones are this page's own."""

    label: str
    mean: float
    low: float
    high: float
    strong: bool = False


def caterpillar(rows: Sequence[Mean], grand: float, title: str, alt: str) -> Html:
    """Means in their order with simultaneous intervals, against the mean of all."""
    height = 0.55 + 0.2 * len(rows)
    sheet = Sheet(max(height, 1.4))
    axes = sheet.axes(0.27, 0.26 / height, 0.66, 1 - 0.55 / height)
    axes.axvline(grand, color=INK, lw=1, ls=(0, (3, 2)))
    ordered = sorted(rows, key=lambda row: row.mean)
    for place, row in enumerate(ordered):
        apart = not row.low <= grand <= row.high
        colour = AMBER if apart else TEAL if row.strong else MUTE
        axes.plot([row.low, row.high], [place] * 2, color=colour, lw=2.6 if row.strong else 1.6,
                  solid_capstyle="round")  # fmt: skip
        axes.scatter(row.mean, place, s=30 if row.strong else 16, color=colour, zorder=3, lw=0)
        axes.text(1.01, place, number(row.mean, 1), transform=axes.get_yaxis_transform(),
                  va="center", fontsize=7.4, fontweight=700 if row.strong else 400)  # fmt: skip
    axes.set_yticks(range(len(ordered)), [_label(row.label) for row in ordered], color=INK)
    for tick, row in zip(axes.get_yticklabels(), ordered, strict=True):
        tick.set_fontweight(700 if row.strong else 400)
    axes.set_ylim(-0.6, len(ordered) - 0.4)
    axes.grid(axis="x", color=LINE, lw=0.6)
    axes.set_title(title, pad=4)
    return sheet.svg(alt)


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """A share (0..1) of this cohort and of the others; NaN where there is none. Look at ``low`` ones."""

    label: str
    here: float
    others: float
    heading: bool = False
    low: bool = False


def levels(rows: Sequence[Level], alt: str) -> Html:
    """A bar for this cohort, a tick for the others, rows of one exercise under its name."""
    height = 0.45 + 0.225 * len(rows)
    sheet = Sheet(height)
    axes = sheet.axes(0.34, 0.24 / height, 0.58, 1 - 0.30 / height)
    for place, row in zip(range(len(rows))[::-1], rows, strict=True):
        if row.heading:
            axes.text(-0.58, place, row.label, transform=axes.get_yaxis_transform(), va="center",
                      fontweight=700, fontsize=7.8)  # fmt: skip
            continue
        axes.barh(place, 1, color=EMPTY, height=0.5)
        if not np.isnan(row.here):
            axes.barh(place, row.here, color=AMBER if row.low else TEAL, height=0.5)
            axes.text(1.015, place, number(100 * row.here, 0) + "%", va="center", fontsize=7.4)
        if not np.isnan(row.others):
            axes.plot([row.others] * 2, [place - 0.4, place + 0.4], color=INK, lw=1.4)
    axes.set_yticks(
        [len(rows) - 1 - place for place, row in enumerate(rows) if not row.heading],
        [_label(row.label, 44) for row in rows if not row.heading],
        color=INK,
    )
    axes.set_xticks([0, 0.25, 0.5, 0.75, 1], [f"{n}%" for n in (0, 25, 50, 75, 100)])
    axes.set_xlim(0, 1.001)
    axes.set_ylim(-0.6, len(rows) - 0.4)
    return sheet.svg(alt)


@dataclass(frozen=True, slots=True, kw_only=True)
class Duration:
    """Minutes at work: the middle, what most needed, and what was planned."""

    label: str
    middle: float
    low: float
    high: float
    planned: float
    much: bool


def durations(rows: Sequence[Duration], alt: str) -> Html:
    """The middle half of the people as a bar, the median as a gap in it, the plan as a diamond."""
    height = 0.5 + 0.24 * len(rows)
    sheet = Sheet(height)
    axes = sheet.axes(0.34, 0.34 / height, 0.56, 1 - 0.40 / height)
    for place, row in zip(range(len(rows))[::-1], rows, strict=True):
        colour = AMBER if row.much else TEAL
        if row.high > row.low:
            axes.barh(place, row.high - row.low, left=row.low, color=colour, height=0.42)
            axes.plot([row.middle] * 2, [place - 0.21, place + 0.21], color="white", lw=1.6)
        else:
            axes.scatter(row.middle, place, s=26, color=colour, lw=0, zorder=3)
        if row.planned:
            axes.scatter(row.planned, place, s=22, color=INK, marker="D", lw=0, zorder=4)
        text = messages("report")("time.minutes", minutes=number(row.middle, 0))
        axes.text(1.01, place, text, transform=axes.get_yaxis_transform(), va="center",
                  fontsize=7.2, fontweight=700 if row.much else 400)  # fmt: skip
    axes.set_yticks(range(len(rows))[::-1], [_label(row.label, 44) for row in rows], color=INK)
    axes.set_xlim(0, 1.04 * max([1.0, *(max(row.high, row.planned, row.middle) for row in rows)]))
    axes.set_ylim(-0.6, len(rows) - 0.4)
    axes.set_xlabel(messages("report")("time.axis"), labelpad=3, color=GREY)
    axes.grid(axis="x", color=LINE, lw=0.6)
    return sheet.svg(alt)


def opinions(rows: Sequence[tuple[str, Sequence[int]]], alt: str) -> Html:
    """One bar per question, divided by how many chose which of the answers offered, worst first."""
    height = 0.3 + 0.3 * len(rows)
    sheet = Sheet(height)
    axes = sheet.axes(0.40, 0.05, 0.52, 1 - 0.1 / height)
    for place, (_, counts) in zip(range(len(rows))[::-1], rows, strict=True):
        total, left = max(sum(counts), 1), 0.0
        colours = _scale(len(counts))
        for colour, count in zip(colours, counts, strict=True):
            share = count / total
            axes.barh(place, share, left=left, color=colour, height=0.6)
            if share > 0.07:
                axes.text(left + share / 2, place, number(100 * share, 0), ha="center", va="center",
                          fontsize=7, color="white" if colour == TEAL else INK)  # fmt: skip
            left += share
        mean = sum((at + 1) * count for at, count in enumerate(counts)) / total
        axes.text(1.02, place, number(mean, 1), va="center", fontsize=7.6, fontweight=700)
    axes.set_yticks(range(len(rows))[::-1], [_label(name, 46) for name, _ in rows], color=INK)
    axes.set_xticks([])
    axes.set_xlim(0, 1)
    axes.set_ylim(-0.6, len(rows) - 0.4)
    return sheet.svg(alt)


def _scale(count: int) -> list[str]:
    """Colours from discontent to content."""
    colours = [AMBER, WARM, FAINT, MIST, TEAL]
    if count == len(colours):
        return colours
    return [colours[round(place * 4 / max(count - 1, 1))] for place in range(count)]
