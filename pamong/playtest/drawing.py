"""Scores by strategy as one SVG: every play a dot, the mean a line, where it should lie a band."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

from pamong.catalogue import messages
from pamong.playtest.promises import band
from pamong.playtest.rounds import Row
from pamong.playtest.tell import decimal, label
from pamong.playtest.trial import Trial
from pamong.reports.drawing import AMBER, GREY, INK, LINE, MIST, PALE, RED, TEAL, Sheet

ROW, MARGIN = 0.24, 0.85
"""Inches of one strategy, and of title and scale together."""
SPREAD = 0.26
"""How far dots are moved apart, in rows."""


def svg(trial: Trial) -> str:
    """A drawing whose title states the means in words."""
    say, rows = messages("playtest"), trial.rows
    height = MARGIN + ROW * len(rows)
    sheet = Sheet(height)
    axes = sheet.axes(0.34, 0.30 / height, 0.63, 1 - 0.75 / height)
    for place, row in zip(range(len(rows))[::-1], rows, strict=True):
        _strip(axes, place, row, trial)
    axes.set_xlim(-0.01, 1.01)
    axes.set_ylim(-0.6, len(rows) - 0.4)
    ticks = (0, 0.25, 0.5, 0.75, 1)
    axes.set_xticks(ticks, [decimal(tick) for tick in ticks])
    axes.set_yticks(range(len(rows))[::-1], [_name(row) for row in rows], color=INK)
    axes.grid(axis="x", color=LINE, lw=0.6)
    title = say("title", title=trial.case.brief.title, name=trial.case.name)
    axes.set_title(title, x=-0.5, pad=14, color=INK)
    axes.text(-0.5, 1.0, say("figure.legend"), transform=axes.transAxes, color=GREY, fontsize=7,
              va="bottom")  # fmt: skip
    return str(sheet.svg(f"{title}. {'; '.join(_in_words(trial))}."))


def _strip(axes: Any, place: int, row: Row, trial: Trial) -> None:
    wanted = band(trial.case.key, row.bot) if row.skill is None else None
    kept = wanted is None or wanted[0] - 1e-9 <= row.mean <= wanted[1] + 1e-9
    if wanted is not None:
        axes.barh(place, wanted[1] - wanted[0], left=wanted[0], height=0.82, color=PALE, lw=0)
    rng = Random(place)  # noqa: S311  # moves dots apart
    heights = [place + rng.uniform(-SPREAD, SPREAD) * (row.plays > 1) for _ in row.scores]
    axes.scatter(row.scores, heights, s=9, color=MIST if kept else AMBER, lw=0.3,
                 edgecolor="white", zorder=3)  # fmt: skip
    axes.plot([row.mean] * 2, [place - 0.38, place + 0.38], color=TEAL if kept else RED, lw=2,
              zorder=4)  # fmt: skip


def _name(row: Row) -> str:
    return f"{label(row)}  {row.variant}".rstrip()


def _in_words(trial: Trial) -> Iterator[str]:
    return (f"{_name(row)} {decimal(row.mean)}" for row in trial.rows)
