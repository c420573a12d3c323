"""The charts of the reports: data in, SVG out.

Every chart takes ``alt``, which states its values in words for those who cannot see it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from textwrap import wrap
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.collections import LineCollection
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from pamong.catalogue import messages
from pamong.reports.drawing import (
    AMBER,
    DEEP,
    EARTH,
    EMPTY,
    FAINT,
    GREY,
    INK,
    LINE,
    MIST,
    MUTE,
    PALE,
    RED,
    SHADOW,
    TEAL,
    Sheet,
)
from pamong.reports.markup import Html, number
from pamong.reports.statistics import Array, Gain, density

CROWD = 400
"""People from whom on a chart shows a shape instead of a dot for each."""


LINES = 120
"""People up to whom a chart shows a line for each."""


def _wrapped(label: str, width: int = 34) -> str:
    """A label in at most two lines."""
    return "\n".join(wrap(label, width, max_lines=2, placeholder=" …"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """How many of ``total`` people came this far (``done``), how many of those well (``well``).

    ``elsewhere`` is the share of everybody in the programme who did; ``well_text`` stands in the bar,
    ``text`` behind it.
    """

    label: str
    done: float
    well: float
    well_text: str
    total: int
    elsewhere: float | None
    text: str


def bars(rows: Sequence[Bar], alt: str) -> Html:
    """Bars from nobody to everybody, with a tick where all cohorts together stand."""
    height = 0.42 + 0.27 * len(rows)
    sheet = Sheet(height)
    axes = sheet.axes(0.27, 0.26 / height, 0.60, 1 - 0.30 / height)
    for place, row in zip(range(len(rows))[::-1], rows, strict=True):
        whole = max(row.total, 1)
        axes.barh(place, 1, color=EMPTY, height=0.62)
        axes.barh(place, row.done / whole, color=MIST, height=0.62)
        axes.barh(place, row.well / whole, color=TEAL, height=0.62)
        if row.well / whole > 0.06:
            axes.text(row.well / whole - 0.01, place, row.well_text, va="center", ha="right",
                      color="white", fontweight=700, fontsize=7.5)  # fmt: skip
        axes.text(1.015, place, row.text, va="center", fontsize=7.2)
        if row.elsewhere is not None:
            axes.plot([row.elsewhere] * 2, [place - 0.4, place + 0.4], color=INK, lw=1.4)
    axes.set_yticks(range(len(rows))[::-1], [_wrapped(row.label) for row in rows], color=INK)
    ticks = (0, 0.25, 0.5, 0.75, 1)
    axes.set_xticks(ticks, [f"{number(100 * tick, 0)}%" for tick in ticks])
    axes.set_xlim(0, 1.001)
    axes.set_ylim(-0.5, len(rows) - 0.5)
    return sheet.svg(alt)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """Percentages of this cohort and of the others in one row.

    ``shown`` is False when the single people of this cohort must not be seen.
    """

    label: str
    here: Array
    others: Array
    shown: bool = True


def spreads(rows: Sequence[Spread], pass_mark: float, alt: str) -> Html:
    """A dot for each person over the shadow of the other cohorts, medians, pass line.

    Without single people it shows two means per row.
    """
    height = 0.55 + 0.42 * len(rows)
    sheet = Sheet(height)
    axes = sheet.axes(0.27, 0.24 / height, 0.71, 1 - 0.42 / height)
    grid = np.linspace(0, 100, 201)
    label = messages("report")("chart.pass", mark=number(pass_mark, 0))
    axes.vlines(pass_mark, -0.42, len(rows) - 0.35, color=AMBER, lw=1, ls=(0, (3, 2)))
    axes.text(pass_mark, len(rows) - 0.32, label,
              color=EARTH, fontsize=7, fontweight=600, va="bottom", ha="center")  # fmt: skip
    for place, row in zip(range(len(rows))[::-1], rows, strict=True):
        if row.shown:
            shadow = density(row.others, grid) * 0.5
            axes.fill_between(grid, place - 0.2, place - 0.2 + shadow, color=SHADOW, lw=0, zorder=1)
        if row.shown and row.here.size <= CROWD:
            _dots(axes, place, row.here, pass_mark)
        elif row.shown:
            hill = density(row.here, grid) * 0.5
            axes.fill_between(grid, place - 0.2, place - 0.2 + hill, color=MIST, lw=0, zorder=2)
        else:
            _means(axes, place, row)
        if row.here.size:
            _middle(axes, place, row)
    axes.set_xlim(-1.2, 116)
    axes.set_ylim(-0.45, len(rows) - 0.05)
    axes.set_xticks(range(0, 101, 20))
    axes.set_yticks(range(len(rows))[::-1], [_wrapped(row.label) for row in rows], color=INK)
    axes.grid(axis="x", color=LINE, lw=0.6)
    return sheet.svg(alt)


def _dots(axes: Any, place: int, values: Array, pass_mark: float) -> None:
    offsets = _swarm(values)
    colours = np.where(values < pass_mark, AMBER, TEAL)
    axes.scatter(values, place + offsets, s=11, color=colours, lw=0.4, edgecolor="white", zorder=3)


def _means(axes: Any, place: int, row: Spread) -> None:
    """Two points instead of people."""
    for values, colour, size in ((row.others, MUTE, 26), (row.here, TEAL, 44)):
        if values.size:
            axes.scatter(float(values.mean()), place, s=size, color=colour, lw=0, zorder=3)


def _middle(axes: Any, place: int, row: Spread) -> None:
    """The middle of the row in figures, and as a stroke where there are people to be the middle of."""
    centre = np.median if row.shown else np.mean
    middle = float(centre(row.here))
    if row.shown:
        axes.plot([middle] * 2, [place - 0.32, place + 0.4], color=INK, lw=1.6, zorder=4)
    axes.text(102, place, number(middle, 0), fontsize=7.6, fontweight=700, va="center")
    if row.others.size:
        other = number(float(centre(row.others)), 0)
        axes.text(108.5, place, f"({other})", fontsize=7, color=GREY, va="center")


def _swarm(values: Array, near: float = 1.55, step: float = 0.092, reach: int = 9) -> Array:
    """Heights that keep dots apart: the free one closest to the middle, within ``reach`` steps."""
    heights = np.zeros(values.size)
    taken: list[tuple[float, float]] = []
    slots = [step * ((k + 1) // 2) * (1 if k % 2 else -1) for k in range(reach)]
    for place in np.argsort(values, kind="stable"):
        value = float(values[place])
        close = {height for at, height in taken if value - at < near}
        heights[place] = next((slot for slot in slots if slot not in close), slots[-1])
        taken.append((value, float(heights[place])))
    return heights


def slopes(
    before: Array, after: Array, gains: Sequence[tuple[str, Gain]], here: str, alt: str,
    *, shown: bool
) -> Html:  # fmt: skip
    """Each person from first to second test (left), the gain of each cohort (right)."""
    height = max(2.6, 0.7 + 0.2 * len(gains))
    sheet = Sheet(height)
    left = sheet.axes(0.05, 0.12, 0.36, 0.78)
    if shown and before.size <= LINES:
        fell = after < before - 1e-9
        for group, colour, strength in ((~fell, TEAL, 0.4), (fell, RED, 0.9)):
            ends = zip(100 * before[group], 100 * after[group], strict=True)
            lines = [((0, first), (1, second)) for first, second in ends]
            left.add_collection(
                LineCollection(lines, colors=colour, linewidths=0.8, alpha=strength)
            )
        for side, values in ((0, before), (1, after)):
            left.scatter([side] * values.size, 100 * values, s=9, color=TEAL, lw=0, zorder=3)
    first, second = 100 * float(before.mean()), 100 * float(after.mean())
    left.plot([0, 1], [first, second], color=INK, lw=2.4, marker="o", ms=5, zorder=5)
    left.text(-0.06, first, number(first, 0), ha="right", va="center", fontweight=800, fontsize=9)
    left.text(1.06, second, number(second, 0), ha="left", va="center", fontweight=800, fontsize=9)
    say = messages("report")
    left.set_xticks([0, 1], [say("chart.before"), say("chart.after")], fontsize=7.6, color=INK)
    left.set_xlim(-0.28, 1.28)
    left.set_ylim(-2, 102)
    left.set_yticks([0, 25, 50, 75, 100])
    left.grid(axis="y", color=LINE, lw=0.6)
    left.set_title(
        say("chart.slopes" if shown and before.size <= LINES else "chart.slopes.mean"), pad=4
    )
    _gains(sheet.axes(0.56, 0.12, 0.42, 0.78), gains, here)
    return sheet.svg(alt)


def _gains(axes: Any, gains: Sequence[tuple[str, Gain]], here: str) -> None:
    say = messages("report")
    known = [pair for pair in gains if not np.isnan(pair[1].gain)]
    low = min([0.0, *(g.low for _, g in known if not np.isnan(g.low)), *(g.gain for _, g in known)])
    for limit, key in ((0.3, "chart.gain.medium"), (0.7, "chart.gain.high")):
        axes.axvline(limit, color=FAINT, lw=0.8, ls=(0, (3, 2)))
        axes.text(limit + 0.01, len(known) - 0.4, say(key), fontsize=6.8, color=GREY)
    for place, (name, gain) in zip(range(len(known))[::-1], known, strict=True):
        mine = name == here
        if not np.isnan(gain.low):
            axes.plot([gain.low, gain.high], [place] * 2, color=TEAL if mine else FAINT,
                      lw=2.2 if mine else 1.4, solid_capstyle="round")  # fmt: skip
        axes.scatter(gain.gain, place, s=26 if mine else 14, color=TEAL if mine else MUTE,
                     zorder=3, lw=0)  # fmt: skip
    axes.set_yticks(range(len(known))[::-1], [name for name, _ in known])
    for label in axes.get_yticklabels():
        if label.get_text() == here:
            label.set(fontweight=700, color=INK)
    axes.set_xlim(min(-0.02, low - 0.02), 1.0)
    ticks = [tick for tick in (-0.4, -0.2, 0, 0.2, 0.4, 0.6, 0.8, 1) if tick >= low - 0.02]
    axes.set_xticks(ticks, [number(tick, 1 if tick % 1 else 0) for tick in ticks])
    axes.set_ylim(-0.6, len(known))
    axes.grid(axis="x", color=LINE, lw=0.6)
    axes.set_title(say("chart.gains"), pad=4)


NAMED = 8
"""Items, and tests, that a chart of them names at most: the most doubtful ones."""


def item_map(
    easiness: Array, discrimination: Array, labels: Sequence[str], alt: str,
    reliability: Sequence[tuple[str, float]],
) -> Html:  # fmt: skip
    """Items by easiness and discrimination, the labelled ones in red; reliabilities beside."""
    say = messages("report")
    sheet = Sheet(2.95)
    axes = sheet.axes(0.075, 0.145, 0.53, 0.83)
    axes.add_patch(Rectangle((0.3, 0.2), 0.6, 0.8, color=PALE, alpha=0.55, lw=0, zorder=0))
    axes.text(0.315, 0.955, say("chart.items.good"), fontsize=7, color=DEEP, fontweight=600,
              va="top")  # fmt: skip
    axes.axhline(0, color=FAINT, lw=0.9)
    bad = np.array([bool(label) for label in labels], dtype=bool)
    drawn = np.nan_to_num(discrimination)
    axes.scatter(easiness[~bad], drawn[~bad], s=15, color=TEAL, alpha=0.75, lw=0)
    axes.scatter(easiness[bad], drawn[bad], s=30, color=RED, lw=0, zorder=4)
    worst = _apart(easiness, drawn, np.flatnonzero(bad)[np.argsort(drawn[bad])][:NAMED])
    for x, y, label in zip(easiness[worst], drawn[worst], np.array(labels)[worst], strict=True):
        right = x < 0.85
        axes.annotate(label, (x, y), xytext=(5 if right else -5, 0), textcoords="offset points",
                      fontsize=7.2, fontweight=700, color=RED, va="center",
                      ha="left" if right else "right")  # fmt: skip
    axes.set_xlim(-0.03, 1.04)
    axes.set_ylim(min(-0.45, float(drawn.min(initial=0)) - 0.08), 1)
    axes.set_xticks([0, 0.2, 0.4, 0.6, 0.8, 1], [f"{n}%" for n in range(0, 101, 20)])
    ticks = [-0.4, -0.2, 0, 0.2, 0.4, 0.6, 0.8]
    axes.set_yticks(ticks, [number(tick, 1 if tick else 0) for tick in ticks])
    axes.grid(color=LINE, lw=0.6)
    axes.set_xlabel(say("chart.items.easy"), labelpad=3)
    axes.set_ylabel(say("chart.items.discrimination"), labelpad=1)
    _reliability(sheet.axes(0.80, 0.145, 0.185, 0.74), reliability)
    return sheet.svg(alt)


def _apart(x: Array, y: Array, places: npt.NDArray[np.intp]) -> list[int]:
    """The places whose names do not lie on each other: the first one there wins."""
    kept: list[int] = []
    for place in places:
        free = all(abs(y[place] - y[it]) > 0.06 or abs(x[place] - x[it]) > 0.3 for it in kept)
        if free:
            kept.append(int(place))
    return kept


def _reliability(axes: Any, everything: Sequence[tuple[str, float]]) -> None:
    """The least reliable tests, in the order of the modules."""
    known = sorted(value for _, value in everything if not np.isnan(value))
    limit = known[NAMED - 1] if len(known) > NAMED else np.inf
    values = [(name, value) for name, value in everything if value <= limit][:NAMED]
    axes.axvline(0.7, color=FAINT, lw=0.8, ls=(0, (3, 2)))
    for place, (_, value) in zip(range(len(values))[::-1], values, strict=True):
        if not np.isnan(value):
            axes.scatter(max(value, 0), place, s=26, color=TEAL, zorder=3, lw=0)
            axes.text(max(value, 0) + 0.05, place, number(value, 2), fontsize=7, va="center")
    axes.set_yticks(range(len(values))[::-1], [_wrapped(name, 18) for name, _ in values], color=INK)
    axes.set_xlim(0, 1.15)
    axes.set_xticks([0, 0.5, 1], ["0", "0,5", "1"])
    axes.set_ylim(-0.6, max(len(values), 2) - 0.4)
    axes.grid(axis="x", color=LINE, lw=0.6)
    name = "chart.reliability" if len(values) == len(everything) else "chart.reliability.low"
    axes.set_title(messages("report")(name), pad=4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bargains:
    """Deals as (own, other) shares of what each side could get at most, and what limits them.

    ``frontiers`` are the best agreements of each set of interests, ``left`` the points that each of
    ``here`` left on the table, ``failed`` how many of this cohort ended without a deal.
    """

    here: Array
    others: Array
    left: Array
    frontiers: Sequence[Array]
    failed: str
    shown: bool


def bargains(data: Bargains, alt: str) -> Html:
    """Deals below the line of best agreements (left), and what they left on the table (right)."""
    say = messages("report")
    sheet = Sheet(2.95)
    axes = sheet.axes(0.075, 0.145, 0.50, 0.83)
    for line in data.frontiers:
        axes.plot(100 * line[:, 0], 100 * line[:, 1], color=INK, lw=1.0, alpha=0.85)
    axes.text(103, 100, say("chart.deals.best"), fontsize=7.2, fontweight=600, ha="right")
    if data.shown:
        others, here = (it[:: 1 + len(it) // CROWD] for it in (data.others, data.here))
        axes.scatter(100 * others[:, 0], 100 * others[:, 1], s=9, color=MUTE, lw=0)
        axes.scatter(100 * here[:, 0], 100 * here[:, 1], s=28, color=TEAL, lw=0.6,
                     edgecolor="white", zorder=4)  # fmt: skip
    else:
        _centre(axes, data.others, say("chart.deals.mean.others"), MUTE, side="left")
        _centre(axes, data.here, say("chart.deals.mean"), TEAL, side="right")
    if data.failed:
        axes.text(3, 5, data.failed, color=RED, fontsize=7.2, fontweight=600)
    axes.set_xlim(0, 104)
    axes.set_ylim(0, 104)
    for side in ("x", "y"):
        getattr(axes, f"set_{side}ticks")([0, 25, 50, 75, 100], ["0%", "25%", "50%", "75%", "100%"])
    axes.grid(color=LINE, lw=0.6)
    axes.set_xlabel(say("chart.deals.own"), labelpad=3)
    axes.set_ylabel(say("chart.deals.other"), labelpad=1)
    if data.shown:
        _left(sheet.axes(0.66, 0.145, 0.32, 0.74), data.left)
    return sheet.svg(alt)


def _centre(axes: Any, points: Array, label: str, colour: str, *, side: str) -> None:
    if points.size:
        x, y = 100 * points.mean(axis=0)
        axes.scatter(x, y, s=60, color=colour, lw=0.8, edgecolor="white", zorder=4)
        axes.text(x, y - 5, f" {label} ", fontsize=7.2, color=INK, ha=side, va="top")


def _left(axes: Any, left: Array) -> None:
    say = messages("report")
    most = max(40, int(left.max(initial=0)) + 6)
    edges: npt.NDArray[np.int_] = np.arange(0, most, 5)
    axes.hist(np.clip(left, 0, None), bins=edges, color=TEAL, rwidth=0.9)
    axes.yaxis.set_major_locator(MaxNLocator(integer=True, nbins=5))
    axes.grid(axis="y", color=LINE, lw=0.6)
    axes.set_title(say("chart.deals.left"), pad=4)
    axes.set_xlabel(say("chart.deals.distance"), labelpad=3)


def sparkline(values: Sequence[float], pass_mark: float, alt: str) -> Html:
    """A small bar per module: amber below the pass mark, a red stroke for nothing handed in."""
    marks = []
    for place, value in enumerate(values):
        if np.isnan(value):
            marks.append(f'<path d="M{place * 9} 21.5h7" stroke="{RED}" stroke-width="1.6"/>')
            continue
        height = max(1.0, value * 0.22)
        colour = TEAL if value >= pass_mark else AMBER
        marks.append(
            f'<rect x="{place * 9}" y="{22 - height:.1f}" width="7" height="{height:.1f}" '
            f'fill="{colour}"/>'
        )
    width = max(9 * len(values), 9)
    return Html(
        f'<svg role="img" aria-label="{escape(alt)}" width="{width}" height="23" '
        f'viewBox="0 0 {width} 23">{"".join(marks)}</svg>'
    )
