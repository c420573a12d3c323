"""Draws the figures of module 5; run it after a change and commit the SVG files.

The drawings are the same on every run: fixed hash salt, no date, text kept as text.
"""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from itertools import product
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from sheet import plotted, write

FOLDER = Path(__file__).parents[1] / "source/m5-negosiasi-mediasi/figures"
TITLE = "Ruang sepakat dan nilai yang tertinggal di meja"
DESCRIPTION = (
    "Bagian atas: kelurahan dapat menerima waktu pindah sampai delapan minggu, paguyuban memerlukan "
    "paling sedikit tiga minggu, sehingga ruang sepakat ada di antara tiga dan delapan minggu. "
    "Bagian bawah: setiap titik adalah satu paket dari dua hal. Membagi semuanya di tengah memberi "
    "masing-masing 50 poin. Bertukar, penjagaan menurut kelurahan dan waktu menurut paguyuban, "
    "memberi masing-masing 70 poin."
)
TEAL, NAVY, ORANGE, GREY, INK, ZONE, WATER, DEEP = (
    "#0b7a75", "#0a3f5e", "#d98a00", "#8d9aa7", "#1b2a3a", "#e2f0ee", "#d5e6f2", "#b9d4e6",
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
STEPS = (
    ("Siapkan", "1–5", "hubungi, pilih cara, kumpulkan", "data, rancang, bangun kepercayaan"),
    ("Buka", "6", "jelaskan peran, aturan bicara,", "dan kerahasiaan"),
    ("Dengarkan", "7", "rumuskan persoalan bersama", "dan susun acaranya"),
    ("Pertemuan terpisah", "8", "gali kepentingan yang", "belum terucap"),
    ("Susun dan uji", "9–10", "kumpulkan pilihan dahulu,", "nilai kemudian"),
    ("Tuliskan", "11–12", "sepakati butir terakhir, tulis", "siapa, apa, kapan, bila ingkar"),
)
"""The six steps of this module: name, Moore's stages, what is done there in two lines."""
WIDTH = 400


def zone() -> str:
    """One issue and two issues: where both limits meet, and what trading adds."""
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(4.9, 7.4), layout=ConstrainedLayoutEngine(hspace=0.06))
        line, table = figure.subplots(2, 1, height_ratios=(1, 2.3))
        _zone(line)
        _packages(table)
        return plotted(figure, TITLE, DESCRIPTION)


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
        middle[0] + 11, middle[1] + 6, "tertinggal di meja", color=INK, style="italic", fontsize=11
    )
    axes.text(1, FALLBACK + 2, "batas paguyuban", color=INK, fontsize=11)
    axes.text(
        FALLBACK + 1.5, 2, "batas kelurahan", color=INK, fontsize=11, rotation=90, va="bottom"
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


def iceberg() -> str:
    """Positions above the water, interests below it."""
    parts = [
        _box(0, 0, WIDTH, 150, ZONE),
        _box(0, 150, WIDTH, 310, WATER),
        _shape("200,14 305,150 95,150", "#ffffff"),
        _shape("95,150 305,150 388,290 320,424 86,424 12,280", "#f3f8fb"),
        f'<line x1="0" y1="150" x2="{WIDTH}" y2="150" stroke="{NAVY}" stroke-width="2"/>',
        _words(10, 28, "Posisi", weight="bold", fill=NAVY, size=17),
        _words(10, 48, "yang diminta"),
        _words(200, 108, "“Jangan", anchor="middle"),
        _words(200, 128, "parkir di sini!”", anchor="middle"),
        _words(200, 178, "Kepentingan", anchor="middle", weight="bold", fill=NAVY, size=17),
        _words(200, 198, "alasan di baliknya", anchor="middle"),
    ]
    below = (
        ("kursi roda ibunya", "dapat lewat"),
        ("mobil antar-jemput", "dapat berhenti"),
        ("dihormati sebagai", "warga lama"),
    )
    for place, lines in enumerate(below):
        top = 212 + 66 * place
        parts += [_box(100, top, 200, 54, "#ffffff", DEEP), *_lines(200, top + 22, lines)]
    parts.append(_words(200, 450, "Satu posisi, banyak kepentingan, banyak cara.", anchor="middle"))
    return _drawn(460, "Gunung es: posisi dan kepentingan", (
        "Puncak gunung es di atas air adalah posisi, misalnya “Jangan parkir di sini!”. Bagian di bawah "
        "air, yang lebih besar, adalah kepentingan: kursi roda ibunya dapat lewat, mobil antar-jemput dapat "
        "berhenti, dan dihormati sebagai warga lama."
    ), parts)  # fmt: skip


def stages() -> str:
    """The twelve stages of Moore in six steps, from top to bottom."""
    parts: list[str] = []
    for place, (name, numbers, *done) in enumerate(STEPS):
        top = 10 + 92 * place
        fill = ZONE if place < 2 else WATER if place < 4 else "#fff4de"
        parts += [
            _box(8, top, WIDTH - 16, 74, fill, GREY),
            f'<circle cx="38" cy="{top + 37}" r="18" fill="{NAVY}"/>',
            _words(38, top + 43, str(place + 1), anchor="middle", fill="#ffffff", weight="bold", size=17),
            _words(68, top + 25, name, weight="bold", size=16),
            _words(WIDTH - 18, top + 25, f"tahap {numbers}", anchor="end"),
            _words(68, top + 46, done[0]),
            _words(68, top + 64, done[1]),
        ]  # fmt: skip
        if place < len(STEPS) - 1:
            parts.append(_shape(f"193,{top + 77} 207,{top + 77} 200,{top + 89}", NAVY))
    told = "; ".join(f"{n}. {step[0]}, tahap {step[1]}" for n, step in enumerate(STEPS, 1))
    return _drawn(558, "Dua belas tahap mediasi Moore dalam enam langkah", (
        f"Enam langkah berurutan dari atas ke bawah beserta tahap Moore yang dicakupnya: {told}."
    ), parts)  # fmt: skip


def _words(  # the attributes of one label
    x: float, y: float, words: str, *, anchor: str = "start", fill: str = INK, weight: str = "normal",
    size: int = 14,
) -> str:  # fmt: skip
    return (
        f'<text x="{x:g}" y="{y:g}" font-size="{size}" font-weight="{weight}" '
        f'text-anchor="{anchor}" fill="{fill}">{escape(words)}</text>'
    )


def _lines(x: float, y: float, lines: tuple[str, ...]) -> list[str]:
    return [_words(x, y + 19 * place, line, anchor="middle") for place, line in enumerate(lines)]


def _box(x: float, y: float, width: float, height: float, fill: str, edge: str = "none") -> str:
    radius = 0 if edge == "none" else 8
    return (
        f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="{radius}" '
        f'fill="{fill}" stroke="{edge}"/>'
    )


def _shape(points: str, fill: str) -> str:
    return f'<polygon points="{points}" fill="{fill}" stroke="{NAVY}" stroke-width="1"/>'


def _drawn(height: int, title: str, description: str, parts: list[str]) -> str:
    """Plain SVG with a role, a title and a description that screen readers announce."""
    inside = "\n ".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="judul uraian" '
        f'viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        f'font-family="system-ui, sans-serif">\n <title id="judul">{escape(title)}</title>\n '
        f'<desc id="uraian">{escape(description)}</desc>\n {inside}\n</svg>\n'
    )


DRAWINGS: dict[str, Callable[[], str]] = {
    "ruang-sepakat": zone,
    "gunung-es": iceberg,
    "enam-langkah": stages,
}

if __name__ == "__main__":
    write(FOLDER, DRAWINGS)
