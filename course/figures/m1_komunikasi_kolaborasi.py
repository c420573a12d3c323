"""Draws the lesson figures of module 1 as plain SVG; run it after a change and commit them.

The drawings are the same on every run: no date, no random ids, text kept as text.
"""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from math import cos, pi, sin
from pathlib import Path

from sheet import write

FOLDER = Path(__file__).parents[1] / "source/m1-komunikasi-kolaborasi/figures"
TEAL, NAVY, ORANGE, GREY, INK, ZONE, SAND = (
    "#0b7a75", "#0a3f5e", "#b06f00", "#8d9aa7", "#1b2a3a", "#e2f0ee", "#fdf1dc",
)  # fmt: skip
WIDTH = 400
LINE = 18
"""Units between two lines of text."""


def text(
    x: float, y: float, lines: str, *, weight: str = "", color: str = INK, size: int = 14
) -> str:
    """Centred lines of text, divided by ``|``; ``y`` is the baseline of the first."""
    look = f' font-weight="{weight}"' if weight else ""
    return "\n".join(
        f'<text x="{x:g}" y="{y + LINE * place:g}" text-anchor="middle" font-size="{size}" '
        f'fill="{color}"{look}>{escape(line)}</text>'
        for place, line in enumerate(lines.split("|"))
    )


def box(x: float, y: float, width: float, height: float, fill: str, edge: str) -> str:
    return (
        f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="8" '
        f'fill="{fill}" stroke="{edge}" stroke-width="1.5"/>'
    )


def arrow(x1: float, y1: float, x2: float, y2: float) -> str:
    return (
        f'<line x1="{x1:.4g}" y1="{y1:.4g}" x2="{x2:.4g}" y2="{y2:.4g}" stroke="{INK}" '
        'stroke-width="1.6" marker-end="url(#panah)"/>'
    )


def figure(height: int, title: str, description: str, parts: list[str]) -> str:
    """An SVG that screen readers announce by ``title`` and ``description``."""
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="judul uraian" '
        f'width="{WIDTH * 1.25:g}" height="{height * 1.25:g}" viewBox="0 0 {WIDTH} {height}" '
        'font-family="sans-serif">'
    )
    marker = (
        '<defs><marker id="panah" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" '
        f'markerHeight="8" orient="auto"><path d="M0 0 L10 5 L0 10 z" fill="{INK}"/></marker></defs>'
    )
    label = (
        f'<title id="judul">{escape(title)}</title>\n<desc id="uraian">{escape(description)}</desc>'
    )
    ground = f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>'
    return "\n".join((head, label, marker, ground, *parts, "</svg>")) + "\n"


def listening() -> str:
    """What is in one sentence of a citizen, and what an answer does with it."""
    layers = (
        ("Isi", "tiga kali datang,|surat belum ada"),
        ("Perasaan", "lelah, takut|terlambat"),
        ("Isyarat", "suara tinggi,|melihat jam"),
    )
    parts = [
        box(40, 10, 320, 46, SAND, ORANGE),
        text(200, 39, "“Sudah tiga kali saya ke sini!”", weight="bold", size=15),
    ]
    for place, (name, lines) in enumerate(layers):
        middle = 70 + 130 * place
        parts += [
            arrow(200 + 0.5 * (middle - 200), 58, middle, 88),
            box(middle - 60, 92, 120, 82, ZONE, TEAL),
            text(middle, 114, name, weight="bold", color=TEAL, size=15),
            text(middle, 137, lines),
            arrow(middle, 177, 200 + 0.5 * (middle - 200), 206),
        ]
    parts += [
        box(20, 210, 360, 58, "#ffffff", NAVY),
        text(
            200,
            234,
            "“Ibu sudah tiga kali datang,|dan takut terlambat. Betul begitu?”",
            weight="bold",
        ),
        text(200, 294, "Ulangi, sebut, periksa. Jawaban menyusul.", color=INK),
    ]
    return figure(
        308,
        "Tiga lapis dalam satu kalimat",
        "Satu kalimat warga, “Sudah tiga kali saya ke sini!”, mempunyai tiga lapis: isi, perasaan, dan "
        "isyarat. Tanggapan mengulang isinya, menyebut perasaannya, dan bertanya apakah sudah tepat.",
        parts,
    )


def grid() -> str:
    """The power–interest grid with an example from a school crossing."""
    cells = (
        (0, 0, SAND, ORANGE, "Jaga kepuasannya", "pemilik lahan|yang dilalui trotoar"),
        (1, 0, ZONE, TEAL, "Kelola dekat", "kepala sekolah,|suku dinas terkait"),
        (0, 1, "#ffffff", GREY, "Pantau", "toko di|ujung jalan"),
        (1, 1, "#ffffff", NAVY, "Beri kabar", "orang tua murid,|pesepeda"),
    )
    parts = []
    for column, row, fill, edge, name, lines in cells:
        x, y = 46 + 176 * column, 14 + 126 * row
        parts += [
            box(x, y, 168, 118, fill, edge),
            text(x + 84, y + 36, name, weight="bold", size=15),
            text(x + 84, y + 66, lines),
        ]
    parts += [
        arrow(32, 258, 32, 18),
        arrow(46, 274, 388, 274),
        text(217, 298, "kepentingan: makin ke kanan makin besar"),
        f'<g transform="rotate(-90 18 136)">{text(18, 136, "kuasa: makin ke atas makin besar")}</g>',
    ]
    return figure(
        312,
        "Peta kuasa dan kepentingan",
        "Empat petak. Kuasa besar dan kepentingan besar: kelola dekat, misalnya kepala sekolah. Kuasa besar "
        "dan kepentingan kecil: jaga kepuasannya, misalnya pemilik lahan. Kuasa kecil dan kepentingan besar: "
        "beri kabar, misalnya orang tua murid. Keduanya kecil: pantau, misalnya toko di ujung jalan.",
        parts,
    )


def cycle() -> str:
    """The cycle of collaborative governance with what comes before, around and after it."""
    steps = (
        "Dialog|tatap muka", "Kepercayaan", "Komitmen|pada proses", "Pemahaman|bersama", "Hasil|kecil",
    )  # fmt: skip
    parts = [
        box(50, 8, 300, 48, SAND, ORANGE),
        text(200, 28, "Keadaan awal", weight="bold"),
        text(200, 46, "riwayat, kekuatan, alasan untuk ikut", size=13),
        arrow(200, 58, 200, 84),
    ]
    middle = (200.0, 224.0)
    angles = [-pi / 2 + 2 * pi * place / len(steps) for place in range(len(steps))]
    places = [(middle[0] + 128 * cos(angle), middle[1] + 112 * sin(angle)) for angle in angles]
    for place, (x, y) in enumerate(places):
        to_x, to_y = places[(place + 1) % len(places)]
        parts.append(
            arrow(*_between((x, y), (to_x, to_y), 0.40), *_between((x, y), (to_x, to_y), 0.62))
        )
    for (x, y), name in zip(places, steps, strict=True):
        lines = name.count("|") + 1
        parts += [
            box(x - 56, y - 23, 112, 46, ZONE, TEAL),
            text(x, y + 5 - 9 * (lines - 1), name, weight="bold"),
        ]
    parts += [
        text(200, 220, "setiap putaran|menguatkan berikutnya", size=13),
        arrow(100, 396, 100, 364),
        arrow(300, 396, 300, 364),
        box(10, 400, 180, 48, "#ffffff", NAVY),
        text(100, 420, "Kepemimpinan|yang memfasilitasi", weight="bold"),
        box(210, 400, 180, 48, "#ffffff", NAVY),
        text(300, 420, "Aturan main|yang terbuka", weight="bold"),
        arrow(200, 364, 200, 470),
        box(90, 474, 220, 34, NAVY, NAVY),
        text(200, 496, "Hasil bagi warga", weight="bold", color="#ffffff"),
    ]
    return figure(
        518,
        "Siklus kolaborasi menurut Ansell dan Gash",
        "Keadaan awal membuka siklus lima langkah: dialog tatap muka, kepercayaan, komitmen pada proses, "
        "pemahaman bersama, dan hasil kecil, lalu kembali ke dialog. Kepemimpinan yang memfasilitasi dan "
        "aturan main yang terbuka menopang siklus itu. Siklus menghasilkan hasil bagi warga.",
        parts,
    )


def _between(
    start: tuple[float, float], end: tuple[float, float], share: float
) -> tuple[float, float]:
    """A place on the way from ``start`` to ``end``."""
    return tuple(a + share * (b - a) for a, b in zip(start, end, strict=True))  # type: ignore[return-value]


DRAWINGS: dict[str, Callable[[], str]] = {
    "mendengar-aktif": listening,
    "kuasa-kepentingan": grid,
    "siklus-kolaborasi": cycle,
}

if __name__ == "__main__":
    write(FOLDER, DRAWINGS)
