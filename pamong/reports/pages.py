"""A summary as one HTML page that needs nothing but a browser."""

from __future__ import annotations

from base64 import b64encode
from html import escape
from importlib.resources import files
from pathlib import Path

from nbformat import NotebookNode

from pamong import palette
from pamong.catalogue import messages, spoken
from pamong.reports.drawing import WEIGHTS

STYLESHEET = Path("templates") / "report.css"
SECTION = "section"
"""The tag of cells whose output becomes part of the page."""


def sections(notebook: NotebookNode) -> list[str]:
    """What the section cells of an executed notebook show, in their order."""
    return [
        "".join(output.data["text/html"])
        for cell in notebook.cells
        if SECTION in cell.metadata.get("tags", ())
        for output in cell.get("outputs", ())
        if "text/html" in output.get("data", {})
    ]


def page(shown: list[str], title: str, edition: str, root: Path) -> str:
    """The page that shows these sections; it asks the network for nothing.

    ``title`` is what its tab is called.
    """
    footer = escape(messages("report")(f"page.footer.{edition}"))
    body = "\n".join(shown)
    return (
        f'<!DOCTYPE html>\n<html lang="{spoken()}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n"
        f'<style>\n{stylesheet(root)}\n@page {{ @bottom-left {{ content: "{footer}" }} }}\n'
        f'</style>\n</head>\n<body class="page">\n<main>\n{body}\n</main>\n</body>\n</html>\n'
    )


def stylesheet(root: Path, *, dark: bool = True) -> str:
    """The look of the sections; a notebook has a theme of its own, so ``dark`` is for pages only."""
    own = (root / STYLESHEET).read_text(encoding="utf-8")
    return _faces() + palette.stylesheet(dark=dark) + own


def _faces() -> str:
    folder = files("pamong") / "fonts"
    faces = []
    for weight, name in WEIGHTS.items():
        content = b64encode((folder / f"PlusJakartaSans-{name}.woff2").read_bytes()).decode()
        faces.append(
            "@font-face{font-family:'Plus Jakarta Sans';font-weight:"
            f"{weight};src:url(data:font/woff2;base64,{content}) format('woff2')}}\n"
        )
    return "".join(faces)
