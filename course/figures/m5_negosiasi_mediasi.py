"""Draws the lesson figure of module 5; run it after a change and commit the SVG.

The drawing is the same on every run: fixed hash salt, no date, text kept as text.
"""

from __future__ import annotations

from io import StringIO
from itertools import product
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

TARGET = Path(__file__).parents[1] / "source/m5-negosiasi-mediasi/figures/ruang-sepakat.svg"
TITLE = "Ruang sepakat dan nilai yang tertinggal di meja"
DESCRIPTION = (
    "Bagian atas: kelurahan dapat menerima waktu pindah sampai delapan minggu, paguyuban memerlukan "
    "paling sedikit tiga minggu, sehingga ruang sepakat ada di antara tiga dan delapan minggu. "
    "Bagian bawah: setiap titik adalah satu paket dari dua hal. Membagi semuanya di tengah memberi "
    "masing-masing 50 poin. Bertukar, penjagaan menurut kelurahan dan waktu menurut paguyuban, "
    "memberi masing-masing 70 poin."
)
TEAL, NAVY, ORANGE, GREY, INK, ZONE = (
    "#0b7a75", "#0a3f5e", "#d98a00", "#8d9aa7", "#1b2a3a", "#e2f0ee",
)  # fmt: skip
STYLE: Any = {
    "svg.hashsalt": "pamong-m5",
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.size": 12,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": GREY,
    "xtick.color": INK,
    "ytick.color": INK,
}
GUARD = ((0, 17, 35, 52, 70), (30, 23, 15, 8, 0))
"""Points for guarding the pavement, from not at all to daily: kelurahan, paguyuban."""
TIME = ((30, 23, 15, 8, 0), (0, 17, 35, 52, 70))
"""Points for the time to move, from two weeks to three months: kelurahan, paguyuban."""
FALLBACK = 35
"""Points that each side gets without an agreement."""
MIDDLE, TRADE = (2, 2), (4, 4)


def draw() -> str:
    """The figure as SVG text with an accessible title and description."""
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(5.4, 7.4), layout=ConstrainedLayoutEngine(hspace=0.06))
        line, table = figure.subplots(2, 1, height_ratios=(1, 2.3))
        _zone(line)
        _packages(table)
        buffer = StringIO()
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    return _accessible(buffer.getvalue())


def _zone(axes: Axes) -> None:
    """One issue: the two acceptable ranges and where they overlap."""
    axes.axvspan(3, 8, color=ZONE, zorder=0)
    axes.text(5.5, 2.62, "ruang sepakat", ha="center", color=TEAL, weight="bold")
    axes.plot((0.6, 8), (1.75, 1.75), color=NAVY, linewidth=7, solid_capstyle="butt")
    axes.text(0.6, 2.02, "dapat diterima kelurahan", color=NAVY)
    axes.plot((3, 11.6), (0.6, 0.6), color=ORANGE, linewidth=7, solid_capstyle="butt")
    axes.text(3.1, 0.87, "dapat diterima paguyuban", color=INK)
    axes.set(xlim=(0, 12), ylim=(0, 3.1), yticks=[], xlabel="Waktu pindah (minggu)")
    axes.set_xticks([0, 3, 8, 12])
    axes.set_title("Satu hal: di mana kedua batas bertemu", loc="left", fontsize=12, weight="bold")
    axes.spines[["top", "left", "right"]].set_visible(False)


def _packages(axes: Axes) -> None:
    """Two issues: every package, the middle of both, and the trade."""
    axes.fill_between((FALLBACK, 105), FALLBACK, 105, color=ZONE, zorder=0, linewidth=0)
    every = [_worth(package) for package in product(range(5), range(5))]
    own, other = zip(*every, strict=True)
    axes.scatter(own, other, s=26, facecolor="white", edgecolor=GREY, zorder=2)
    middle, trade = _worth(MIDDLE), _worth(TRADE)
    axes.annotate(
        "", xy=trade, xytext=middle,
        arrowprops={"arrowstyle": "-|>", "color": INK, "shrinkA": 9, "shrinkB": 9, "lw": 1.4},
    )  # fmt: skip
    axes.scatter([middle[0]], [middle[1]], s=110, marker="D", color=ORANGE, zorder=3)
    axes.scatter([trade[0]], [trade[1]], s=150, marker="o", color=TEAL, zorder=3)
    axes.text(
        middle[0] + 4, middle[1] - 12, "membagi di tengah:\n50 dan 50",
        color=INK, bbox={"facecolor": ZONE, "edgecolor": "none", "pad": 1},
    )  # fmt: skip
    axes.text(trade[0], trade[1] + 12, "saling menukar:", ha="center", color=TEAL, weight="bold")
    axes.text(trade[0], trade[1] + 6, "70 dan 70", ha="center", color=TEAL, weight="bold")
    axes.text(
        middle[0] + 11, middle[1] + 6, "tertinggal di meja", color=INK, style="italic", fontsize=10
    )
    axes.text(1, FALLBACK + 2, "batas paguyuban", color=INK, fontsize=10)
    axes.text(
        FALLBACK + 1.5, 2, "batas kelurahan", color=INK, fontsize=10, rotation=90, va="bottom"
    )
    axes.axhline(FALLBACK, color=ORANGE, linewidth=1.3, linestyle="--")
    axes.axvline(FALLBACK, color=NAVY, linewidth=1.3, linestyle="--")
    axes.set(
        xlim=(0, 105), ylim=(0, 105), xlabel="Poin bagi kelurahan", ylabel="Poin bagi paguyuban"
    )
    axes.set_title("Dua hal: bertukar memberi lebih", loc="left", fontsize=12, weight="bold")
    axes.spines[["top", "right"]].set_visible(False)


def _worth(package: tuple[int, int]) -> tuple[int, int]:
    """What a package is worth to each side."""
    guard, time = package
    return GUARD[0][guard] + TIME[0][time], GUARD[1][guard] + TIME[1][time]


def _accessible(svg: str) -> str:
    """``svg`` alone, with a role, a title and a description that screen readers announce."""
    opening, bracket, body = svg[svg.index("<svg ") :].partition(">")
    drawing = body[body.index("</metadata>") + len("</metadata>") :]
    role = opening.replace("<svg ", '<svg role="img" aria-labelledby="judul uraian" ', 1)
    label = f'\n <title id="judul">{TITLE}</title>\n <desc id="uraian">{DESCRIPTION}</desc>'
    return f"{role}{bracket}{label}{drawing}"


if __name__ == "__main__":
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_text(draw(), encoding="utf-8", newline="\n")
