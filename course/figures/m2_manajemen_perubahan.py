"""Draws the three lesson figures of module 2; run it after a change and commit the SVG files.

Plain SVG text, nothing measured and nothing random: every run gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from html import escape
from pathlib import Path

from sheet import write

FOLDER = Path(__file__).parents[1] / "source/m2-manajemen-perubahan/figures"
TEAL, NAVY, ORANGE, INK, QUIET = "#0b7a75", "#0a3f5e", "#a35f00", "#1b2a3a", "#4a5866"
MIST, SAND, SKY, PALE = "#e2f0ee", "#fbeeda", "#e6ecf3", "#eef1f4"
WIDTH = 400

PUSH = (
    ("Aduan antrean 62 sebulan", 4),
    ("Camat meminta kemajuan", 3),
    ("Petugas muda ingin mencoba", 2),
)
HOLD = (
    ("Satu komputer untuk empat meja", 4),
    ("Formulir diisi ganda", 3),
    ("Takut disalahkan", 2),
)
"""What drives and what restrains a change at a counter, with its strength of 1 to 5 (Lewin, 1951)."""

LADDER = ("Kesadaran", "Keinginan", "Pengetahuan", "Kemampuan", "Penguatan")
GROUPS = (
    ("Penyewa kamar", (4, 4, 2, 1, 1), 2),
    ("Awak gerobak", (4, 2, 4, 3, 1), 1),
    ("Kader RW", (5, 5, 5, 4, 2), 4),
)
"""Three groups in the sorting of waste: scores of 1 to 5 and the place of the first low one (Hiatt, 2006)."""

STEPS = (
    "Rasa mendesak",
    "Koalisi penggerak",
    "Visi dan strategi",
    "Menyampaikan visi",
    "Menyingkirkan penghambat",
    "Kemenangan jangka pendek",
    "Melanjutkan perubahan",
    "Menanamkan dalam budaya",
)
PHASES = (("Menyiapkan", 0, 4, MIST), ("Menggerakkan", 4, 7, SAND), ("Menetapkan", 7, 8, SKY))
"""The eight steps (Kotter, 1996), and three phases that this module groups them in."""


def force_field() -> str:
    """Arrows from both sides against today's line; their length is their strength."""
    middle, step = 200, 33
    parts = [
        _text(middle, 22, "Keadaan sekarang", anchor="middle", bold=True),
        _line(middle, 32, middle, 292, INK, 2.5),
        _text(8, 50, "Pendorong", TEAL, bold=True),
        _text(WIDTH - 8, 50, "Penghambat", ORANGE, anchor="end", bold=True),
    ]
    for row, (push, hold) in enumerate(zip(PUSH, HOLD, strict=True)):
        y = 104 + 70 * row
        parts += _arrow(middle - 6 - step * push[1], middle - 6, y, TEAL)
        parts += _arrow(middle + 6 + step * hold[1], middle + 6, y, ORANGE)
        parts += _wrapped(8, y - 27, push[0], "start")
        parts += _wrapped(WIDTH - 8, y - 27, hold[0], "end")
    parts += [
        _line(20, 306, WIDTH - 20, 306, QUIET, 1),
        _text(middle, 328, "Mengurangi penghambat menggeser garis", anchor="middle"),
        _text(middle, 346, "tanpa menambah ketegangan.", anchor="middle"),
    ]
    return _svg(
        358,
        "Medan gaya di loket kelurahan",
        "Garis tegak di tengah adalah keadaan sekarang. Dari kiri tiga panah pendorong: "
        + _spoken(PUSH)
        + ". Dari kanan tiga panah penghambat: "
        + _spoken(HOLD)
        + ". Angka satu sampai lima menyatakan kekuatan. Kedua pihak seimbang, "
        "sehingga keadaan tidak bergerak.",
        parts,
    )


def adkar() -> str:
    """One block of five bars per group; the first low bar is where help is due."""
    parts, top = [_text(8, 20, "Nilai 1 sampai 5 untuk setiap unsur", QUIET, size=12)], 34
    for name, scores, low in GROUPS:
        parts.append(_text(8, top + 14, name, NAVY, bold=True))
        for row, (label, score) in enumerate(zip(LADDER, scores, strict=True)):
            y, here = top + 26 + 22 * row, row == low
            parts += [
                _text(8, y + 12, label, size=12.5, bold=here),
                _box(104, y, 34 * 5, 15, PALE),
                _box(104, y, 34 * score, 15, ORANGE if here else TEAL),
                _text(104 + 34 * 5 + 8, y + 12.5, f"{score}", size=12.5, bold=here),
            ]
            if here:
                parts.append(_text(304, y + 12.5, "◀ titik hambat", ORANGE, size=12.5, bold=True))
        top += 150
    return _svg(
        top - 4,
        "Titik hambat ADKAR tiap kelompok dalam pemilahan sampah",
        "Tiga kelompok dinilai satu sampai lima pada kesadaran, keinginan, pengetahuan, kemampuan, "
        "dan penguatan. "
        + " ".join(
            f"{name}: {', '.join(map(str, scores))}; titik hambat pada {LADDER[low].lower()}."
            for name, scores, low in GROUPS
        ),
        parts,
    )


def kotter() -> str:
    """Eight stairs upwards in three phases."""
    rise, parts = 38, list[str]()
    bottom = 44 + rise * len(STEPS)
    for name, first, last, fill in PHASES:
        top = bottom - rise * last
        side, anchor = (WIDTH - 8, "end") if first == 0 else (8, "start")
        parts += [
            _box(0, top, WIDTH, rise * (last - first), fill),
            _text(side, top + 23, name, QUIET, anchor=anchor, size=12.5),
        ]
    for place, label in enumerate(STEPS):
        x, y = 8 + 16 * place, bottom - rise * (place + 1)
        parts += [
            f'<circle cx="{x + 13}" cy="{y + 19}" r="13" fill="{NAVY}"/>',
            _text(x + 13, y + 24, f"{place + 1}", "#ffffff", anchor="middle", bold=True),
            _text(x + 34, y + 24, label),
        ]
    parts.append(_text(8, 24, "Mulai dari bawah", bold=True))
    return _svg(
        bottom + 6,
        "Delapan langkah Kotter",
        "Tangga dari bawah ke atas. "
        + " ".join(f"{place}. {label}." for place, label in enumerate(STEPS, 1))
        + " Langkah 1 sampai 4 menyiapkan, 5 sampai 7 menggerakkan, 8 menetapkan.",
        parts,
    )


def _spoken(forces: tuple[tuple[str, int], ...]) -> str:
    return ", ".join(f"{label.lower()} ({strength})" for label, strength in forces)


def _text(  # the attributes of one label
    x: float, y: float, words: str, fill: str = INK, *, anchor: str = "start", bold: bool = False,
    size: float = 13.5,
) -> str:  # fmt: skip
    weight = ' font-weight="bold"' if bold else ""
    return (
        f'<text x="{x:g}" y="{y:g}" fill="{fill}" font-size="{size:g}" text-anchor="{anchor}"{weight}>'
        f"{escape(words)}</text>"
    )


def _wrapped(x: float, y: float, words: str, anchor: str) -> Iterator[str]:
    """One label above an arrow, in as many lines as half the drawing needs."""
    lines, width = [""], 21
    for word in words.split():
        if len(lines[-1]) + len(word) >= width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    start = y + 15 * (2 - len(lines))
    yield from (
        _text(x, start + 15 * row, line, anchor=anchor, size=12.5) for row, line in enumerate(lines)
    )


def _box(x: float, y: float, width: float, height: float, fill: str) -> str:
    return f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" fill="{fill}"/>'


def _line(x: float, y: float, to_x: float, to_y: float, stroke: str, width: float) -> str:
    return (
        f'<line x1="{x:g}" y1="{y:g}" x2="{to_x:g}" y2="{to_y:g}" stroke="{stroke}" '
        f'stroke-width="{width:g}"/>'
    )


def _arrow(start: float, end: float, y: float, fill: str) -> Iterator[str]:
    """A bar from ``start`` with its head at ``end``."""
    back = -12 if end > start else 12
    left, right = sorted((start, end + back))
    yield _box(left, y, right - left, 10, fill)
    head = f"M{end + back:g} {y - 5:g} L{end:g} {y + 5:g} L{end + back:g} {y + 15:g} Z"
    yield f'<path d="{head}" fill="{fill}"/>'


def _svg(height: float, title: str, description: str, parts: list[str]) -> str:
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="520" height="{height * 1.3:g}" '
        f'viewBox="0 0 {WIDTH} {height:g}" role="img" aria-labelledby="judul uraian" '
        f'font-family="Helvetica, Arial, sans-serif">\n'
        f'<title id="judul">{escape(title)}</title>\n<desc id="uraian">{escape(description)}</desc>\n'
        f"{body}\n</svg>\n"
    )


DRAWINGS: dict[str, Callable[[], str]] = {
    "medan-gaya": force_field,
    "adkar": adkar,
    "kotter": kotter,
}

if __name__ == "__main__":
    write(FOLDER, DRAWINGS)
