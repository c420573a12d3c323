"""Draws the figures of module 6, and holds the sixty transactions that its case is about.

The drawings are the same on every run: fixed hash salt, no date, text kept as text.
``python course/figures/m6_integritas_pelayanan.py`` writes them; ``rows`` and ``markdown`` give the data.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.patches import FancyBboxPatch, Polygon
from sheet import plotted, write

FOLDER = Path(__file__).parents[1] / "source/m6-integritas-pelayanan/figures"
TEAL, NAVY, ORANGE, GREY, INK, ZONE = (
    "#0b7a75", "#0a3f5e", "#d98a00", "#8d9aa7", "#1b2a3a", "#e2f0ee",
)  # fmt: skip
STYLE: Any = {
    "svg.hashsalt": "pamong-m6",
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.size": 12,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": GREY,
    "xtick.color": INK,
    "ytick.color": INK,
}


class Row(NamedTuple):
    """One request for a letter: day, minute of the day, counter, minutes until done."""

    day: str
    at: int
    counter: int
    minutes: int
    agent: bool = False
    complaint: str = ""

    @property
    def clock(self) -> str:
        return f"{self.at // 60:02}.{self.at % 60:02}"


MORNING, NOON, AFTERNOON = (480, 690), (690, 780), (780, 900)
"""Parts of the day in minutes: the supervisor is on break from 11.30 to 13.00."""


def rows() -> tuple[Row, ...]:
    """The sixty transactions of two days, in the order of their arrival."""
    order = {"Senin": 0, "Selasa": 1}
    return tuple(sorted(_all(), key=lambda it: (order[it.day], it.at, it.counter)))


def _all() -> Iterator[Row]:
    slow, asked = "lama", "diminta uang"
    yield from _spread(1, MORNING, [15, 25, 17, 23, 18, 22, 16, 24, 15, 25, 17, 22], slow, least=23)
    yield from _spread(1, NOON, [19, 21, 20, 20], slow, least=23, agents=(2,))
    yield from _spread(1, AFTERNOON, [18, 23, 19, 21, 16, 24, 20, 20], slow, least=23, agents=(6,))
    yield from _spread(2, MORNING, [17, 19, 18, 18], slow, least=19)
    yield from _spread(
        2, NOON, [5, 48, 4, 5, 47, 6, 48, 5], asked, least=40, agents=(0, 2, 3, 5, 7)
    )
    yield from _spread(2, AFTERNOON, [21, 19, 20, 20], slow, least=21)
    yield from _spread(3, MORNING, [16, 24, 18, 22, 17, 23, 16, 24, 18, 22], slow, least=23)
    yield from _spread(3, NOON, [19, 21, 20, 20], slow, least=23, agents=(3,))
    yield from _spread(3, AFTERNOON, [17, 22, 19, 21, 20, 21], slow, least=23)


def _spread(
    counter: int,
    part: tuple[int, int],
    times: list[int],
    complaint: str,
    *,
    least: int,
    agents: tuple[int, ...] = (),
) -> Iterator[Row]:
    """Evenly over a part of the day, by turns on Monday and Tuesday; complaints from ``least`` minutes on."""
    start, end = part
    for place, minutes in enumerate(times):
        yield Row(
            day=("Senin", "Selasa")[place // 2 % 2],
            at=start + 3 * counter + (end - start - 12) * place // len(times),
            counter=counter,
            minutes=minutes,
            agent=place in agents,
            complaint=complaint if minutes >= least else "",
        )


def markdown(counter: int) -> str:
    """The transactions of one counter as a Markdown table; nobody came through an agent and complained."""
    lines = ["| Hari | Jam | Menit | Catatan |", "|---|---|--:|---|"]
    lines += [
        f"| {it.day} | {it.clock} | {it.minutes} | {it.complaint or ('perantara' if it.agent else '–')} |"
        for it in rows()
        if it.counter == counter
    ]
    return "\n".join(lines)


def triangle() -> str:
    """Cressey: three conditions, and where a head of office can act first."""

    def plot(axes: Axes) -> None:
        corners = ((0.5, 0.83), (0.13, 0.24), (0.87, 0.24))
        axes.add_patch(Polygon(corners, closed=True, facecolor=ZONE, edgecolor=TEAL, linewidth=2.2))
        axes.text(
            0.5, 0.46, "pungutan\nterjadi", ha="center", va="center", weight="bold", fontsize=13
        )
        axes.text(0.5, 0.94, "Tekanan", ha="center", weight="bold", color=NAVY)
        axes.text(0.5, 0.875, "biaya pengobatan keluarga", ha="center", fontsize=11.5)
        axes.text(0.02, 0.165, "Kesempatan", weight="bold", color=NAVY)
        axes.text(0.02, 0.10, "sendirian di loket,", fontsize=11.5)
        axes.text(0.02, 0.045, "tanpa nomor antrean", fontsize=11.5)
        axes.text(0.98, 0.165, "Pembenaran", ha="right", weight="bold", color=NAVY)
        axes.text(0.98, 0.10, "“warga memberi", ha="right", fontsize=11.5)
        axes.text(0.98, 0.045, "dengan sukarela”", ha="right", fontsize=11.5)
        axes.add_patch(Polygon(((0.13, 0.24), (0.255, 0.24), (0.193, 0.34)), facecolor=ORANGE))
        axes.annotate(
            "paling cepat\nAnda ubah", xy=(0.18, 0.31), xytext=(0.01, 0.60), fontsize=11.5,
            arrowprops={"arrowstyle": "-|>", "color": INK, "lw": 1.2},
        )  # fmt: skip

    return _drawing(
        plot, (4.9, 4.3), "Segitiga kecurangan di satu loket",
        "Segitiga dengan tiga sudut: tekanan, yaitu biaya pengobatan keluarga; kesempatan, yaitu "
        "sendirian di loket tanpa nomor antrean; dan pembenaran, yaitu anggapan bahwa warga memberi "
        "dengan sukarela. Di tengahnya tertulis pungutan terjadi. Sudut kesempatan diberi warna dan "
        "keterangan: paling cepat Anda ubah.",
    )  # fmt: skip


NAMES = ("Monopoli", "Diskresi", "Akuntabilitas")
BEFORE, AFTER = (4, 4, 1), (3, 2, 4)
"""Klitgaard's three factors at one counter before and after, each from 0 to 5."""


def formula() -> str:
    """Klitgaard: monopoly and discretion go down, accountability goes up."""

    def plot(axes: Axes) -> None:
        for place, (name, before, after) in enumerate(zip(NAMES, BEFORE, AFTER, strict=True)):
            y = len(NAMES) - place
            axes.text(0, y + 0.44, name, weight="bold", color=NAVY)
            axes.barh(y + 0.16, before, height=0.26, color="white", edgecolor=INK, hatch="///")
            axes.barh(y - 0.14, after, height=0.26, color=TEAL, edgecolor=TEAL)
            axes.text(before + 0.12, y + 0.16, f"semula {before}", va="center", fontsize=11.5)
            axes.text(after + 0.12, y - 0.14, f"sesudah {after}", va="center", fontsize=11.5)
        axes.text(0, 0.22, f"Kerawanan: {_sum(BEFORE)}   →   {_sum(AFTER)}", weight="bold")
        axes.set(xlim=(0, 5.6), ylim=(0, 3.75))

    return _drawing(
        plot, (4.9, 4.0), "Kerawanan satu loket sebelum dan sesudah ditata",
        "Tiga pasang batang dengan skala nol sampai lima. Monopoli turun dari 4 menjadi 3, diskresi turun "
        "dari 4 menjadi 2, akuntabilitas naik dari 1 menjadi 4. Kerawanan menurut rumus monopoli tambah "
        "diskresi kurang akuntabilitas turun dari 7 menjadi 1. Angkanya penilaian rekaan.",
    )  # fmt: skip


def _sum(factors: tuple[int, int, int]) -> str:
    """Klitgaard's sum in figures."""
    monopoly, discretion, accountability = factors
    total = monopoly + discretion - accountability
    return f"{monopoly} + {discretion} − {accountability} = {total}"


STEPS = (
    ("1. Peka", "Ada yang dirugikan di sini.", "“Hanya uang rokok.”"),
    ("2. Menimbang", "Inilah yang patut dilakukan.", "“Nilainya di bawah batas.”"),
    ("3. Mengutamakan", "Ini saya dahulukan.", "“Nanti, sesudah serah terima.”"),
    ("4. Menjalankan", "Saya kerjakan sampai selesai.", "“Saya segan menegurnya.”"),
)
"""Rest's four components: what each says, and the sentence with which it breaks off."""


def components() -> str:
    """Rest: four steps up to an act, and the sentence that stops each."""

    def plot(axes: Axes) -> None:
        axes.text(0.0, 4.32, "yang diperlukan", fontsize=11.5, color=TEAL, weight="bold")
        axes.text(1.0, 4.32, "kalimat yang memutusnya", fontsize=11.5, ha="right", weight="bold")
        for place, (name, meaning, broken) in enumerate(STEPS):
            y = 3.3 - place
            axes.add_patch(
                FancyBboxPatch(
                    (0.01, y), 0.98, 0.74, boxstyle="round,pad=0,rounding_size=0.06",
                    mutation_aspect=0.25, facecolor=ZONE, edgecolor=TEAL, linewidth=1.4,
                )
            )  # fmt: skip
            axes.text(0.04, y + 0.52, name, weight="bold", color=NAVY)
            axes.text(0.04, y + 0.3, meaning, fontsize=11.5)
            axes.text(0.96, y + 0.08, broken, fontsize=11.5, ha="right", style="italic")
            if place < len(STEPS) - 1:
                axes.annotate(
                    "", xy=(0.1, y - 0.25), xytext=(0.1, y - 0.01),
                    arrowprops={"arrowstyle": "-|>", "color": INK, "lw": 1.4},
                )  # fmt: skip
        axes.set(xlim=(0, 1), ylim=(0.2, 4.6))

    return _drawing(
        plot, (4.9, 5.0), "Empat unsur tindakan bermoral dan kalimat yang memutusnya",
        "Empat kotak berurutan dari atas ke bawah. Peka: ada yang dirugikan di sini, diputus oleh kalimat "
        "hanya uang rokok. Menimbang: inilah yang patut dilakukan, diputus oleh kalimat nilainya di bawah "
        "batas. Mengutamakan: ini saya dahulukan, diputus oleh kalimat nanti sesudah serah terima. "
        "Menjalankan: saya kerjakan sampai selesai, diputus oleh kalimat saya segan menegurnya.",
    )  # fmt: skip


def transactions() -> str:
    """Sixty transactions: time of day, minutes, who came, complaint; one panel for each counter."""
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(4.9, 7.6), layout=ConstrainedLayoutEngine(hspace=0.05))
        panels = figure.subplots(3, 1, sharex=True, sharey=True)
        for counter, axes in enumerate(panels, start=1):
            _counter(axes, counter)
        panels[2].set_xlabel("Jam kedatangan")
        panels[0].legend(
            loc="upper left",
            fontsize=11,
            ncols=3,
            frameon=False,
            columnspacing=0.8,
            handletextpad=0.1,
        )
        return plotted(
            figure, "Enam puluh transaksi di tiga loket",
            "Tiga gambar sebaran, satu untuk setiap loket. Sumbu mendatar jam kedatangan dari 08.00 sampai "
            "15.00, sumbu tegak menit sampai selesai. Lingkaran berarti warga datang sendiri, segitiga "
            "berarti lewat perantara, dan tanda silang berarti ada keluhan. Bidang berwarna menandai pukul "
            "11.30 sampai 13.00. Seluruh angkanya tersedia dalam tiga tabel di bawah gambar.",
        )  # fmt: skip


def _counter(axes: Axes, counter: int) -> None:
    own = [it for it in rows() if it.counter == counter]
    axes.axvspan(NOON[0] / 60, NOON[1] / 60, color=ZONE, zorder=0)
    for agent, marker, label in ((False, "o", "sendiri"), (True, "^", "perantara")):
        these = [it for it in own if it.agent == agent]
        axes.scatter(
            [it.at / 60 for it in these], [it.minutes for it in these], s=46, marker=marker, label=label,
            facecolor=ORANGE if agent else "white", edgecolor=INK, linewidth=1.1, zorder=2,
        )  # fmt: skip
    heard = [it for it in own if it.complaint]
    axes.scatter(
        [it.at / 60 for it in heard], [it.minutes + 5.5 for it in heard], s=34, marker="x", label="keluhan",
        color=NAVY, linewidth=1.8, zorder=3,
    )  # fmt: skip
    axes.set_title(f"Loket {counter}: {len(own)} transaksi", loc="left", fontsize=12, weight="bold")
    axes.set(xlim=(7.8, 15.2), ylim=(0, 70), ylabel="Menit")
    axes.set_xticks([8, 9.5, 11.5, 13, 15], ["08.00", "09.30", "11.30", "13.00", "15.00"])
    axes.spines[["top", "right"]].set_visible(False)


def _drawing(plot: Callable[[Axes], None], size: tuple[float, float], title: str, text: str) -> str:
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=size, layout=ConstrainedLayoutEngine())
        axes = figure.subplots()
        axes.set(xlim=(0, 1), ylim=(0, 1))
        axes.set_axis_off()
        plot(axes)
        return plotted(figure, title, text)


DRAWINGS: dict[str, Callable[[], str]] = {
    "segitiga-kecurangan": triangle,
    "kerawanan-loket": formula,
    "empat-unsur": components,
    "enam-puluh-transaksi": transactions,
}

if __name__ == "__main__":
    write(FOLDER, DRAWINGS)
