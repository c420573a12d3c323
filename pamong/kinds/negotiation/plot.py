"""The debrief's picture as inline SVG: what both sides could have, asked for and got."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from pamong.catalogue import messages
from pamong.kinds.prose import escape
from pamong.palette import LIGHT

WIDTH, HEIGHT, LEFT, BOTTOM, TOP, RIGHT = 460, 400, 46, 42, 12, 14
INK, QUIET, LINE, TEAL, AMBER = (LIGHT[name] for name in ("ink", "quiet", "line", "teal", "amber"))
Point = tuple[float, float]


def svg(debrief: Mapping[str, Any]) -> str:
    """The plot with its values in words as ``<title>``; whatever is not a point is left out."""
    deal, best = _point(debrief.get("deal")), _point(debrief.get("best"))
    fallback = _point(debrief.get("fallback"))
    say = messages("negotiation")
    shapes = [
        _axes(say("plot.own"), say("plot.other")),
        _line(_points(debrief.get("frontier")), TEAL, 2.5),
        _path(_points(debrief.get("own_path")), INK),
        _path(_points(debrief.get("other_path")), AMBER),
        _floors(fallback),
        _mark(best, f'fill="none" stroke="{TEAL}" stroke-width="3"', 9),
        _mark(deal, f'fill="{TEAL}" stroke="#fff" stroke-width="2"', 7),
    ]
    title = " ".join(_words(deal, best, fallback))
    return (
        f'<svg role="img" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" '
        f'xmlns="http://www.w3.org/2000/svg" style="max-width:100%;height:auto">'
        f"<title>{escape(title)}</title>{''.join(shapes)}</svg>"
    )


def _words(deal: Point | None, best: Point | None, fallback: Point | None) -> list[str]:
    say = messages("negotiation")
    found = [say("plot.title")]
    for key, point in (("deal", deal), ("best", best), ("fallback", fallback)):
        if point is not None:
            own, other = (round(value * 100) for value in point)
            found.append(say(f"plot.{key}", own=own, other=other))
        elif key == "deal":
            found.append(say("plot.no_deal"))
    return found


def _point(value: object) -> Point | None:
    if not isinstance(value, list | tuple) or len(value) != 2:
        return None
    own, other = value
    if not all(type(it) in (int, float) and math.isfinite(it) for it in (own, other)):
        return None
    return (min(max(own, 0.0), 1.0), min(max(other, 0.0), 1.0))


def _points(value: object) -> list[Point]:
    found = (_point(it) for it in value) if isinstance(value, list | tuple) else ()
    return [point for point in found if point is not None]


def _x(own: float) -> float:
    return round(LEFT + own * (WIDTH - LEFT - RIGHT), 1)


def _y(other: float) -> float:
    return round(HEIGHT - BOTTOM - other * (HEIGHT - BOTTOM - TOP), 1)


@lru_cache(maxsize=8)
def _axes(own: str, other: str) -> str:
    grid = []
    for step in (0.0, 0.25, 0.5, 0.75, 1.0):
        x, y, text = _x(step), _y(step), f"{round(step * 100)}%"
        grid.append(
            f'<path d="M{x} {_y(0)}V{_y(1)}M{_x(0)} {y}H{_x(1)}" stroke="{LINE}" fill="none"/>'
            f'<text x="{x}" y="{_y(0) + 15}" text-anchor="middle">{text}</text>'
            f'<text x="{_x(0) - 6}" y="{y + 4}" text-anchor="end">{text}</text>'
        )
    names = (
        f'<text x="{_x(0.5)}" y="{HEIGHT - 8}" text-anchor="middle">{escape(own)}</text>'
        f'<text x="12" y="{_y(0.5)}" text-anchor="middle" transform="rotate(-90 12 {_y(0.5)})">'
        f"{escape(other)}</text>"
    )
    return f'<g font-size="11" font-family="sans-serif" fill="{QUIET}">{"".join(grid)}{names}</g>'


def _line(points: list[Point], colour: str, width: float) -> str:
    path = " ".join(f"{_x(own)},{_y(other)}" for own, other in points)
    return f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="{width}"/>'


def _path(points: list[Point], colour: str) -> str:
    dots = "".join(
        f'<circle cx="{_x(own)}" cy="{_y(other)}" r="3.5" fill="{colour}"/>'
        for own, other in points
    )
    return _line(points, colour, 1.2) + dots


def _floors(fallback: Point | None) -> str:
    if fallback is None:
        return ""
    own, other = fallback
    return (
        f'<path d="M{_x(own)} {_y(0)}V{_y(1)}M{_x(0)} {_y(other)}H{_x(1)}" '
        f'stroke="{QUIET}" stroke-dasharray="4 4" fill="none"/>'
    )


def _mark(point: Point | None, style: str, radius: int) -> str:
    if point is None:
        return ""
    return f'<circle cx="{_x(point[0])}" cy="{_y(point[1])}" r="{radius}" {style}/>'
