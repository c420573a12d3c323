"""Draws the lesson figures of module 3; run it after a change and commit the SVG files.

The drawings are the same on every run: fixed hash salt, no date, text kept as text.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Polygon
from sheet import plotted, write

FOLDER = Path(__file__).parents[1] / "source/m3-pemecahan-masalah-keputusan/figures"
TEAL, NAVY, ORANGE, GREY, INK, PALE = (
    "#0b7a75", "#0a3f5e", "#d98a00", "#8d9aa7", "#1b2a3a", "#e2f0ee",
)  # fmt: skip
Plot = Callable[[Axes], None]
"""Draws on empty axes."""
STYLE: Any = {
    "svg.hashsalt": "pamong-m3",
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.size": 12,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": GREY,
    "xtick.color": INK,
    "ytick.color": INK,
}
STEPS = (
    ("Keresahan", "apa yang mengganggu?"),
    ("Fakta", "apa yang terjadi?"),
    ("Masalah", "apa pertanyaannya?"),
    ("Gagasan", "dengan cara apa saja?"),
    ("Pilihan", "mana yang terbaik?"),
    ("Penerimaan", "siapa perlu setuju?"),
)
"""The six steps of creative problem solving, each opening and then closing."""
BONES = (
    ("Orang", ("pejabat sering di lapangan", "petugas baru belum dilatih")),
    ("Cara kerja", ("menunggu dua paraf", "syarat tiap loket berbeda")),
    ("Sarana", ("satu printer, tiga loket", "jaringan putus siang hari")),
    ("Lingkungan", ("musim daftar sekolah", "warga datang Senin pagi")),
)
"""Four bones with two causes each."""
SCORES = {
    "Halaman kelurahan": ((0.9, 0.2), TEAL, "-"),
    "Balai warga": ((0.55, 0.6), NAVY, "--"),
    "Taman RW": ((0.2, 0.9), ORANGE, ":"),
}
"""Scores of three places for a market day: closeness, cost (1 is best)."""
WEIGHT = 0.6
"""The weight of closeness that was announced."""


def steps() -> str:
    """Six steps, each a diamond that opens and closes."""
    return _drawing(
        _steps,
        (5.4, 6.6),
        "Enam langkah pemecahan masalah kreatif",
        "Enam belah ketupat dari atas ke bawah: keresahan, fakta, masalah, gagasan, pilihan, penerimaan. "
        "Setiap belah ketupat melebar lalu menyempit, karena setiap langkah menyebar dahulu lalu memusatkan.",
    )


def fishbone() -> str:
    """A problem, four bones, two causes on each."""
    return _drawing(
        _fishbone,
        (5.0, 5.4),
        "Diagram tulang ikan untuk surat keterangan yang lambat",
        "Kepala ikan memuat masalah: surat selesai 3 hari, janjinya 1 hari. "
        "Empat tulang memuat dugaan sebab. Orang: pejabat sering di lapangan, petugas baru belum dilatih. "
        "Cara kerja: menunggu dua paraf, syarat tiap loket berbeda. "
        "Sarana: satu printer untuk tiga loket, jaringan putus siang hari. "
        "Lingkungan: musim daftar sekolah, warga datang Senin pagi.",
    )


def sensitivity() -> str:
    """The total of three places as the weight of closeness goes from 0 to 1."""
    return _drawing(
        _sensitivity,
        (4.9, 4.9),
        "Uji kepekaan satu bobot",
        "Tiga garis menunjukkan nilai akhir tiga tempat ketika bobot kedekatan berubah dari 0 sampai 1. "
        "Pada bobot 0,6 halaman kelurahan unggul dengan nilai 0,62, balai warga 0,57, dan taman RW 0,48. "
        "Di bawah bobot 0,53 balai warga yang unggul, dan di bawah bobot sekitar 0,46 taman RW yang unggul.",
    )


def _steps(axes: Axes) -> None:
    for place, (name, question) in enumerate(STEPS):
        low = 5 - place
        shape = ((0, low + 0.9), (0.9, low + 0.45), (0, low), (-0.9, low + 0.45))
        axes.add_patch(Polygon(shape, closed=True, facecolor=PALE, edgecolor=TEAL, linewidth=1.6))
        axes.text(
            0, low + 0.45, str(place + 1),
            ha="center", va="center", color=TEAL, weight="bold", fontsize=15,
        )  # fmt: skip
        axes.text(1.2, low + 0.52, name, weight="bold", color=NAVY, va="bottom")
        axes.text(1.2, low + 0.42, question, color=INK, va="top")
    for word, tip, start in (
        ("menyebar", (-0.5, 5.74), (-2.6, 5.8)),
        ("memusatkan", (-0.5, 5.16), (-2.6, 5.0)),
    ):
        axes.annotate(word, tip, start, va="center", arrowprops={"arrowstyle": "-", "color": GREY})
    axes.set(xlim=(-2.7, 4.6), ylim=(-0.1, 6.2))
    axes.set_title(
        "Enam langkah, masing-masing membuka lalu menutup",
        fontsize=12, weight="bold", loc="left", x=0.02,
    )  # fmt: skip
    axes.axis("off")
    _fill(axes, left=0.01, right=0.99, bottom=0.01, top=0.94)


def _fishbone(axes: Axes) -> None:
    """The fish swims upwards, so that its words stay large on a phone."""
    axes.annotate("", (0, 8.75), (0, 0.2), arrowprops={"arrowstyle": "-|>", "color": NAVY, "lw": 3})
    axes.text(0, 9.0, "surat 3 hari, janji 1 hari", ha="center", weight="bold", color=NAVY)
    for place, (name, causes) in enumerate(BONES):
        root, side = 8.2 - 4.1 * (place // 2), 2 * (place % 2) - 1
        axes.plot((0, 0.98 * side), (root, root - 1.0), color=TEAL, linewidth=2)
        axes.text(0.52 * side, root - 1.55, name, ha="center", weight="bold", color=TEAL)
        for number, cause in enumerate(causes):
            height = root - 2.2 - 0.75 * number
            axes.text(0.07 * side, height, cause, ha="left" if side > 0 else "right", fontsize=11)
    axes.set(xlim=(-1.06, 1.06), ylim=(0, 9.6))
    axes.axis("off")
    _fill(axes, left=0.01, right=0.99, bottom=0.01, top=0.99)


def _sensitivity(axes: Axes) -> None:
    for name, ((near, cheap), colour, dash) in SCORES.items():
        axes.plot((0, 1), (cheap, near), color=colour, linewidth=2.6, linestyle=dash, label=name)
    axes.axvline(WEIGHT, color=INK, linewidth=1.2, linestyle=(0, (4, 3)))
    axes.text(
        WEIGHT - 0.02, 0.95, "bobot yang\ndiumumkan: 0,6", fontsize=11.5, va="top", ha="right"
    )
    axes.annotate(
        "di sini pemenang\nberganti: 0,53", (8 / 15, 17.2 / 30), (0.14, 0.13), fontsize=11.5,
        arrowprops={"arrowstyle": "-|>", "color": INK, "lw": 1.1},
    )  # fmt: skip
    axes.set(xlim=(0, 1), ylim=(0, 1), ylabel="Nilai akhir")
    axes.set_xlabel("Bobot kedekatan (sisanya bobot biaya)")
    axes.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0", "0,25", "0,5", "0,75", "1"])
    axes.set_yticks([0, 0.5, 1], ["0", "0,5", "1"])
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(
        loc="upper center", bbox_to_anchor=(0.5, -0.16), ncol=1, frameon=False, handlelength=3
    )
    _fill(axes, left=0.14, right=0.97, bottom=0.36, top=0.98)


def _fill(axes: Axes, *, left: float, right: float, bottom: float, top: float) -> None:
    """Stretch ``axes`` over this share of the sheet."""
    axes.set_position((left, bottom, right - left, top - bottom))


def _drawing(plot: Plot, size: tuple[float, float], title: str, description: str) -> str:
    """A sheet of ``size`` inches as SVG text, with a title and a description that readers announce."""
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=size)
        plot(figure.add_subplot())
        return plotted(figure, title, description)


DRAWINGS: dict[str, Callable[[], str]] = {
    "enam-langkah": steps,
    "tulang-ikan": fishbone,
    "uji-kepekaan": sensitivity,
}

if __name__ == "__main__":
    write(FOLDER, DRAWINGS)
