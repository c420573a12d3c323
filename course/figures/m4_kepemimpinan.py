"""Draws the lesson figures of module 4 as plain SVG; run it after a change and commit them.

The drawings are the same on every run: no date, no random ids, text kept as text.
"""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from pathlib import Path

from sheet import write

FOLDER = Path(__file__).parents[1] / "source/m4-kepemimpinan/figures"
TEAL, NAVY, GREY, INK, ZONE, WHITE = "#0b7a75", "#0a3f5e", "#8d9aa7", "#1b2a3a", "#e2f0ee", "#fff"
WIDTH = 400
LINE = 17
"""Units between two lines of text."""
STYLES = (
    ("S1", "Mengarahkan", 92, 28, "belum mampu,|belum yakin"),
    ("S2", "Menjelaskan", 92, 92, "belum mampu,|sudah mau"),
    ("S3", "Melibatkan", 28, 92, "sudah mampu,|ragu, enggan"),
    ("S4", "Mendelegasikan", 28, 28, "sudah mampu,|sudah mau"),
)
"""Style, its name, the height of direction and of support, and the readiness that it suits."""
PLACES = (
    ("Ing ngarsa sung tuladha", "di depan memberi teladan", 4),
    ("Ing madya mangun karsa", "di tengah membangun kemauan", 2),
    ("Tut wuri handayani", "di belakang memberi dorongan", 0),
)
"""Principle, its meaning, and the place of the leader in a row of five, 4 being in front."""


def text(
    x: float, y: float, lines: str, *, weight: str = "", color: str = INK, size: int = 14,
    anchor: str = "middle",
) -> str:  # fmt: skip
    """Lines of text, divided by ``|``; ``y`` is the baseline of the first."""
    look = f' font-weight="{weight}"' if weight else ""
    return "\n".join(
        f'<text x="{x:g}" y="{y + LINE * place:g}" text-anchor="{anchor}" font-size="{size}" '
        f'fill="{color}"{look}>{escape(line)}</text>'
        for place, line in enumerate(lines.split("|"))
    )


def box(x: float, y: float, width: float, height: float, fill: str, edge: str) -> str:
    return (
        f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="6" '
        f'fill="{fill}" stroke="{edge}" stroke-width="1.5"/>'
    )


def circle(x: float, y: float, radius: float, fill: str, edge: str) -> str:
    return (
        f'<circle cx="{x:g}" cy="{y:g}" r="{radius:g}" fill="{fill}" stroke="{edge}" '
        'stroke-width="2"/>'
    )


def arrow(x1: float, y1: float, x2: float, y2: float) -> str:
    return (
        f'<line x1="{x1:g}" y1="{y1:g}" x2="{x2:g}" y2="{y2:g}" stroke="{GREY}" '
        'stroke-width="2" marker-end="url(#panah)"/>'
    )


def figure(height: int, title: str, description: str, parts: list[str]) -> str:
    """An SVG that screen readers announce by ``title`` and ``description``."""
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="judul uraian" '
        f'width="{WIDTH * 1.25:g}" height="{height * 1.25:g}" viewBox="0 0 {WIDTH} {height}" '
        'font-family="sans-serif">'
    )
    marker = (
        '<defs><marker id="panah" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" '
        f'markerHeight="7" orient="auto"><path d="M0 0 L10 5 L0 10 z" fill="{GREY}"/></marker>'
        "</defs>"
    )
    label = (
        f'<title id="judul">{escape(title)}</title>\n<desc id="uraian">{escape(description)}</desc>'
    )
    return "\n".join((head, label, marker, *parts, "</svg>", ""))


def readiness() -> str:
    """Four levels of readiness, and how much direction and support each style gives."""
    parts = [
        text(200, 20, "Gaya mengikuti kesiapan untuk satu tugas", weight="bold", size=17),
        text(8, 46, "Kesiapan", anchor="start", weight="bold"),
        text(176, 46, "Gaya: A = arahan, D = dukungan", anchor="start", weight="bold"),
    ]
    for row, (style, name, direction, support, ready) in enumerate(STYLES):
        y = 58 + 84 * row
        parts += [
            box(4, y, 146, 74, ZONE, TEAL),
            text(28, y + 44, f"R{row + 1}", weight="bold", color=TEAL, size=18),
            text(97, y + 33, ready, size=14),
            arrow(152, y + 37, 172, y + 37),
            text(178, y + 17, f"{style} {name}", weight="bold", anchor="start", size=16),
            box(200, y + 25, direction * 1.9, 19, NAVY, NAVY),
            text(180, y + 40, "A", weight="bold", color=NAVY, anchor="start"),
            box(200, y + 51, support * 1.9, 19, WHITE, TEAL),
            text(180, y + 66, "D", weight="bold", color=TEAL, anchor="start"),
        ]
    return figure(
        396,
        "Kesiapan dan gaya memimpin",
        "Empat baris. R1, belum mampu dan belum yakin, cocok dengan S1 mengarahkan: arahan tinggi, "
        "dukungan rendah. R2, belum mampu tetapi sudah mau, cocok dengan S2 menjelaskan: arahan dan "
        "dukungan tinggi. R3, sudah mampu tetapi ragu atau enggan, cocok dengan S3 melibatkan: arahan "
        "rendah, dukungan tinggi. R4, sudah mampu dan sudah mau, cocok dengan S4 mendelegasikan: "
        "keduanya rendah.",
        parts,
    )


def places() -> str:
    """Where the leader stands in each of the three principles."""
    parts = [text(200, 18, "Tiga tempat berdiri pemimpin", weight="bold", size=17)]
    for row, (principle, meaning, leader) in enumerate(PLACES):
        y = 62 + 106 * row
        parts += [
            text(8, y - 22, principle, weight="bold", color=NAVY, anchor="start", size=15),
            text(8, y - 5, meaning, anchor="start", size=14),
            box(8, y + 4, 384, 46, ZONE, ZONE),
            arrow(306, y + 27, 376, y + 27),
        ]
        for place in range(5):
            x = 46 + 54 * place
            if place == leader:
                parts += [circle(x, y + 27, 15, NAVY, NAVY)]
                parts += [text(x, y + 32, "P", color=WHITE, weight="bold", size=14)]
            else:
                parts.append(circle(x, y + 27, 12, WHITE, TEAL))
    parts += [
        text(200, 348, "P = pemimpin. Panah menunjukkan arah kerja."),
        text(
            200, 372, "Ukuran Greenleaf: apakah yang dilayani bertumbuh?", weight="bold", color=TEAL
        ),
    ]
    return figure(
        384,
        "Tiga tempat berdiri pemimpin",
        "Tiga baris orang yang bergerak ke kanan. Pada ing ngarsa sung tuladha, pemimpin berada paling "
        "depan. Pada ing madya mangun karsa, pemimpin berada di antara yang lain. Pada tut wuri "
        "handayani, pemimpin berada paling belakang. Di bawahnya tertulis ukuran Greenleaf: apakah "
        "yang dilayani bertumbuh.",
        parts,
    )


def triangle() -> str:
    """The strategic triangle with the question that each corner asks."""
    top, left, right = (200, 74), (96, 236), (304, 236)
    sides = " ".join(f"{x},{y}" for x, y in (top, left, right))
    parts = [
        text(200, 18, "Tiga pertanyaan sebelum memutuskan", weight="bold", size=17),
        f'<polygon points="{sides}" fill="{ZONE}" stroke="{TEAL}" stroke-width="2.5"/>',
        box(105, 34, 190, 62, WHITE, NAVY),
        text(200, 54, "Nilai publik", weight="bold", color=NAVY, size=16),
        text(200, 71, "Apa yang menjadi lebih|baik bagi warga?", size=14),
        box(2, 214, 192, 62, WHITE, NAVY),
        text(97, 234, "Dukungan, legitimasi", weight="bold", color=NAVY, size=16),
        text(97, 251, "Siapa yang menyetujui, dan|apa dasar hukumnya?", size=14),
        box(206, 214, 192, 62, WHITE, NAVY),
        text(303, 234, "Kapasitas", weight="bold", color=NAVY, size=16),
        text(303, 251, "Siapa yang mengerjakan,|dengan apa, sampai kapan?", size=14),
        text(200, 150, "Keputusan", weight="bold", color=TEAL, size=15),
        text(200, 169, "kuat di ketiga|sudut", size=14),
    ]
    return figure(
        284,
        "Segitiga strategis",
        "Segitiga dengan tiga sudut. Nilai publik: apa yang menjadi lebih baik bagi warga. Dukungan dan "
        "legitimasi: siapa yang menyetujui dan apa dasar hukumnya. Kapasitas: siapa yang mengerjakan, "
        "dengan apa, dan sampai kapan. Di tengahnya keputusan yang kuat di ketiga sudut.",
        parts,
    )


DRAWINGS: dict[str, Callable[[], str]] = {
    "kesiapan-gaya": readiness,
    "tiga-posisi": places,
    "segitiga-strategis": triangle,
}

if __name__ == "__main__":
    write(FOLDER, DRAWINGS)
