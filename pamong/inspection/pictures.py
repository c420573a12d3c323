"""Whether whoever cannot see a picture is told what it shows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

from pamong.document import shown
from pamong.errors import Problem
from pamong.inspection.material import Material, at, name_of, told

_MARKDOWN = re.compile(r"!\[([^\]]*)\]\(\s*<?([^)\s>]+)")
_TITLE = re.compile(r"<title[^>]*>\s*[^<\s]", re.IGNORECASE)
_ABROAD = ("http://", "https://", "//", "data:", "attachment:")


def problems(material: Material) -> Iterator[Problem]:
    """Pictures without a text, SVG figures without a title, and pictures that are not there."""
    for cell in material.cells or ():
        if cell["cell_type"] == "markdown":
            for text, target in _shown(cell["source"]):
                cause = _fault(material.folder, text, target)
                if cause:
                    yield told(
                        material.notebook,
                        cause,
                        at=at(cell),
                        cell=name_of(cell),
                        picture=shown(target),
                    )
    for path in sorted(material.folder.rglob("*.svg")):
        if not _TITLE.search(path.read_text(encoding="utf-8", errors="replace")):
            yield told(path, "picture.title")


def _fault(folder: Path, text: str | None, target: str) -> str:
    if target.startswith(_ABROAD[:3]):
        return "picture.abroad"
    if not target.startswith(_ABROAD) and not (folder / target).is_file():
        return "picture.lost"
    return "" if text and text.strip() else "picture.alt"


def _shown(source: str) -> Iterator[tuple[str | None, str]]:
    """The text and the target of every picture in a Markdown cell."""
    yield from _MARKDOWN.findall(source)
    finder = _Images()
    finder.feed(source)
    yield from finder.found


class _Images(HTMLParser):
    """Finds ``<img>`` in Markdown."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str | None, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "img":
            given = dict(attrs)
            self.found.append((given.get("alt"), given.get("src") or ""))
