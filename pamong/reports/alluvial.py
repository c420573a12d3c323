"""The ways people took through a branching case, as bands from decision to decision.

A band's width is the number of people, its colour the ending that they came to.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import Any

from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path

from pamong.catalogue import messages
from pamong.reports.drawing import AMBER, GREY, INK, MIST, RED, TEAL, Sheet
from pamong.reports.markup import Html

Way = tuple[str, ...]
"""What one person came to, column by column; the last one is the ending."""
GAP = 0.035
HALF = 0.012
"""Half the width of a column, in widths of the chart."""


@dataclass(frozen=True, slots=True)
class _Box:
    bottom: float
    height: float


def ways(
    found: Sequence[Way], titles: Mapping[str, str], quality: Mapping[str, float], alt: str
) -> Html:
    """Bands between columns of equal length; ``quality`` (0..1) of an ending decides its colour."""
    columns = max(map(len, found))
    sheet = Sheet(2.5)
    axes = sheet.axes(0.02, 0.03, 0.96, 0.87)
    axes.set_xlim(-0.02, 1.02)
    axes.set_ylim(0, 1.02)
    axes.set_xticks([])
    axes.set_yticks([])
    spread = 0.80 / (columns - 1) if columns > 1 else 0.0
    places = [spread * place for place in range(columns)]
    colours = _colours(found, quality)
    boxes = [_stack([way[place] for way in found], colours, ordered=place == columns - 1)
             for place in range(columns)]  # fmt: skip
    for place in range(columns - 1):
        _bands(axes, found, place, places, boxes, colours)
    for place, column in enumerate(boxes):
        _column(axes, place, places, column, Counter(way[place] for way in found), titles, colours)
    return sheet.svg(alt)


def _colours(found: Sequence[Way], quality: Mapping[str, float]) -> dict[str, str]:
    endings = sorted({way[-1] for way in found}, key=lambda it: (-quality.get(it, 0.0), it))
    best = {ending: quality.get(ending, 0.0) for ending in endings}
    return {
        ending: TEAL if best[ending] >= 0.75 else MIST if best[ending] >= 0.5 else
        AMBER if best[ending] >= 0.3 else RED
        for ending in endings
    }  # fmt: skip


def _stack(values: Sequence[str], colours: Mapping[str, str], *, ordered: bool) -> dict[str, _Box]:
    """Boxes from the top down, the largest first; endings from the best to the worst."""
    counts = Counter(values)
    names = [name for name in colours if name in counts] if ordered else []
    names += [name for name, _ in counts.most_common() if name not in names]
    room = 1 - GAP * (len(names) - 1)
    boxes, top = {}, 1.0
    for name in names:
        height = room * counts[name] / len(values)
        boxes[name] = _Box(top - height, height)
        top -= height + GAP
    return boxes


def _bands(
    axes: Any, found: Sequence[Way], place: int, places: Sequence[float],
    boxes: Sequence[Mapping[str, _Box]], colours: Mapping[str, str],
) -> None:  # fmt: skip
    """All bands from one column to the next, stacked in the order of both columns."""
    first, second = boxes[place], boxes[place + 1]
    counts = Counter((way[place], way[place + 1], way[-1]) for way in found)
    order = {name: at for at, name in enumerate(first)}
    target = {name: at for at, name in enumerate(second)}
    ending = {name: at for at, name in enumerate(colours)}
    out = {name: box.bottom + box.height for name, box in first.items()}
    into = {name: box.bottom + box.height for name, box in second.items()}
    unit = {
        name: box.height / sum(way[place] == name for way in found) for name, box in first.items()
    }
    entry = {
        name: box.height / sum(way[place + 1] == name for way in found)
        for name, box in second.items()
    }
    keys = sorted(counts, key=lambda key: (order[key[0]], target[key[1]], ending[key[2]]))
    for start, end, last in keys:
        count = counts[start, end, last]
        left, right = count * unit[start], count * entry[end]
        _band(axes, (places[place] + HALF, out[start], left),
              (places[place + 1] - HALF, into[end], right), colours[last])  # fmt: skip
        out[start] -= left
        into[end] -= right


def _band(
    axes: Any, start: tuple[float, float, float], end: tuple[float, float, float], colour: str
) -> None:
    (x0, top0, high0), (x1, top1, high1) = start, end
    middle = (x0 + x1) / 2
    points = [
        (x0, top0), (middle, top0), (middle, top1), (x1, top1),
        (x1, top1 - high1), (middle, top1 - high1), (middle, top0 - high0), (x0, top0 - high0),
        (x0, top0),
    ]  # fmt: skip
    curve = [Path.CURVE4] * 3
    codes = [Path.MOVETO, *curve, Path.LINETO, *curve, Path.CLOSEPOLY]
    axes.add_patch(PathPatch(Path(points, codes), color=colour, alpha=0.5, lw=0))


def _column(
    axes: Any, place: int, places: Sequence[float], boxes: Mapping[str, _Box],
    counts: Counter[str], titles: Mapping[str, str], colours: Mapping[str, str],
) -> None:  # fmt: skip
    last = place == len(places) - 1
    x = places[place]
    for name, box in boxes.items():
        fill = colours.get(name, INK) if last else INK
        axes.add_patch(Rectangle((x - HALF, box.bottom), 2 * HALF, box.height, color=fill, lw=0))
        if box.height < 0.035:
            continue
        dark = fill in (INK, TEAL, RED)
        axes.text(x, box.bottom + box.height / 2, str(counts[name]), ha="center", va="center",
                  fontsize=6.6, color="white" if dark else INK, fontweight=700)  # fmt: skip
        width = 26 if last else max(10, int(112 / len(places)))
        lines = wrap(titles.get(name, name), width, max_lines=2 if box.height > 0.09 else 1,
                     placeholder=" …")  # fmt: skip
        axes.text(x + HALF + 0.006, box.bottom + box.height / 2, "\n".join(lines), va="center",
                  fontsize=6.4, bbox={"color": "white", "alpha": 0.75, "pad": 0.6, "lw": 0},
                  zorder=5)  # fmt: skip
    heading = "paths.column.end" if last else "paths.column"
    text = messages("report")(heading, number=place + 1)
    axes.text(x - HALF, 1.035, text, fontsize=7, color=GREY, clip_on=False)
