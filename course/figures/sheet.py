"""What the figure programs share: a plotted figure as SVG that screen readers announce, and its file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from io import StringIO
from pathlib import Path

from matplotlib.figure import Figure


def plotted(figure: Figure, title: str, description: str) -> str:
    """A figure as SVG alone, with a role, a title and a description; the same each time it is drawn."""
    buffer = StringIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    svg = buffer.getvalue()
    opening, bracket, body = svg[svg.index("<svg ") :].partition(">")
    drawing = body[body.index("</metadata>") + len("</metadata>") :]
    role = opening.replace("<svg ", '<svg role="img" aria-labelledby="judul uraian" ', 1)
    label = f'\n <title id="judul">{title}</title>\n <desc id="uraian">{description}</desc>'
    return f"{role}{bracket}{label}{drawing}"


def write(folder: Path, drawings: Mapping[str, Callable[[], str]]) -> None:
    """Draw everything anew into ``folder``, one SVG for each name."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, draw in drawings.items():
        (folder / f"{name}.svg").write_text(draw(), encoding="utf-8", newline="\n")
