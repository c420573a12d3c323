"""Drawing as SVG text: one ink, one teal, amber for “look here”, red for “act”, grey for others.

Text stays text, ids are unique on a page, and the same data gives the same bytes.
"""

from __future__ import annotations

import io
import re
from functools import cache
from html import escape
from importlib.resources import files
from typing import Any
from zlib import crc32

import matplotlib as mpl
from matplotlib import font_manager
from matplotlib.figure import Figure

from pamong.palette import LIGHT
from pamong.reports.markup import Html

INK, GREY, LINE, FAINT = (LIGHT[name] for name in ("ink", "quiet", "line", "rule"))
TEAL, MIST, PALE, DEEP = (LIGHT[f"teal{tone}"] for tone in ("", "-fade", "-tint", "-deep"))
AMBER, EARTH, RED = (LIGHT[name] for name in ("amber", "amber-deep", "red"))
EMPTY, SHADOW, MUTE = (LIGHT[name] for name in ("track", "line", "mute"))
WIDTH = 7.5
"""Inches: 8 pt in a figure is 12 px on a screen of 880 px and 7.5 pt on A4."""
FAMILY = "Plus Jakarta Sans"
WEIGHTS = {400: "Regular", 600: "SemiBold", 700: "Bold", 800: "ExtraBold"}
STYLE: Any = {
    "svg.fonttype": "none",
    "svg.hashsalt": "pamong",
    "path.simplify": False,
    "font.family": [FAMILY],
    "font.size": 8,
    "text.color": INK,
    "axes.edgecolor": LINE,
    "axes.labelcolor": GREY,
    "axes.labelsize": 7.5,
    "axes.titlesize": 8,
    "axes.titleweight": 600,
    "axes.titlelocation": "left",
    "axes.axisbelow": True,
    "axes.unicode_minus": True,
    "xtick.color": GREY,
    "ytick.color": GREY,
    "xtick.labelsize": 7.2,
    "ytick.labelsize": 7.2,
    "xtick.major.size": 0,
    "ytick.major.size": 0,
}


@cache
def _register_fonts() -> None:
    """Make the package's four weights known under one family name, whatever the files call it."""
    folder = files("pamong") / "fonts"
    for weight, name in WEIGHTS.items():
        entry = font_manager.FontEntry(
            fname=str(folder / f"PlusJakartaSans-{name}.ttf"), name=FAMILY, weight=weight
        )
        font_manager.fontManager.ttflist.insert(0, entry)


class Sheet:
    """A figure of the report's width; ``axes`` in fractions of it, ``svg`` when it is drawn."""

    def __init__(self, height: float) -> None:
        _register_fonts()
        self._style = mpl.rc_context(STYLE)
        self._style.__enter__()
        self._figure = Figure(figsize=(WIDTH, height))
        self._figure.patch.set_alpha(0)

    def axes(self, left: float, bottom: float, width: float, height: float) -> Any:
        """Empty axes without a frame."""
        axes = self._figure.add_axes((left, bottom, width, height))
        axes.patch.set_alpha(0)
        for spine in axes.spines.values():
            spine.set_visible(False)
        return axes

    def svg(self, alt: str) -> Html:
        """The drawing with ``alt`` as its title, which states the values in words."""
        buffer = io.StringIO()
        metadata = dict.fromkeys(("Date", "Creator", "Format", "Type"))
        self._figure.savefig(buffer, format="svg", metadata=metadata)
        self._style.__exit__(None, None, None)
        return _inline(buffer.getvalue(), alt)


def _inline(svg: str, alt: str) -> Html:
    prefix = f"c{crc32(f'{alt}{len(svg)}'.encode()):08x}"
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>|<!--.*?-->", "", svg, flags=re.DOTALL)
    svg = re.sub(r"\n\s*", "\n", svg)
    used = set(re.findall(r'(?:href="#|url\(#)([^")]+)', svg))
    svg = re.sub(r' id="([^"]*)"', lambda m: f' id="{prefix}{m[1]}"' if m[1] in used else "", svg)
    svg = re.sub(r'(href="#|url\(#)([^")]+)', rf"\g<1>{prefix}\g<2>", svg)
    head, _, body = svg.partition(">")
    box = re.search(r'viewBox="[^"]*"', head)
    view = box[0] if box else ""
    return Html(
        f'<svg role="img" aria-labelledby="{prefix}t" {view} '
        'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">'
        f'<title id="{prefix}t">{escape(alt)}</title>{body}'
    )
