"""A summary on paper: one A4 document (PDF/UA-1) from the same sections and drawings as its page.

The layout is the course's own ``templates/report.typ``; everything that it shows reaches it as data.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from matplotlib.ft2font import FT2Font

from pamong.catalogue import PACKAGE, messages, spoken
from pamong.errors import CourseError
from pamong.palette import LIGHT
from pamong.reports.elements import Node, letters, read

TEMPLATE = Path("templates") / "report.typ"
FONTS = PACKAGE / "fonts"
DATA = "data"
"""The class of tables that say once more what a chart shows."""
LAST = "record"
"""The class of the section that is signed and therefore ends the document."""
UNPRINTED = ("could not be displayed", "disallowed codepoint")
"""How typst says that no font here has a letter."""


def content(sections: Iterable[str], title: str, footer: str) -> dict[str, Any]:
    """What a document shows, as JSON can hold it: sections, tables of data behind them, texts.

    CourseError for markup that a summary cannot hold.
    """
    nodes = list(_numbered(read(sections)))
    before = [node for node in nodes if LAST not in node["also"]]
    return {
        "title": title,
        "footer": footer,
        "language": spoken(),
        "colours": dict(LIGHT),
        "annex": {"title": messages("report")("table.data"), "tables": list(_annex(nodes))},
        "before": [_without_data(node) for node in before],
        "after": [_without_data(node) for node in nodes if LAST in node["also"]],
    }


def pdf(shown: dict[str, Any], root: Path, moment: datetime) -> bytes:
    """The document that ``content`` describes; equal content and moment give equal bytes.

    Letters that no font here has are printed as question marks. CourseError when the layout fails.
    Not for a forked process: typst's threads do not survive a fork.
    """
    import typst  # noqa: PLC0415  # thirty megabytes that only a document needs

    source, data = layout(root), json.dumps(shown, ensure_ascii=False)
    try:
        return _compiled(source, data, moment)
    except typst.TypstError as error:
        if not any(it in error.message for it in UNPRINTED):
            raise CourseError(f"{root / TEMPLATE}: {error.message}") from error
    return _compiled(source, _printable(data), moment)


def layout(root: Path) -> bytes:
    """The layout of the course at ``root``; CourseError where there is none."""
    try:
        return (root / TEMPLATE).read_bytes()
    except OSError as error:
        raise CourseError(
            f"{root / TEMPLATE} cannot be read ({error.strerror}). Copy it from the repository."
        ) from error


def _compiled(source: bytes, data: str, moment: datetime) -> bytes:
    import typst  # noqa: PLC0415

    made: Any = typst.Compiler(source, font_paths=_fonts(), sys_inputs={"data": data})
    content: bytes = made.compile(
        format="pdf", pdf_standards="ua-1", timestamp=int(moment.timestamp())
    )
    return content


@cache
def _fonts() -> Any:
    import typst  # noqa: PLC0415

    return typst.Fonts(font_paths=[FONTS])


def _printable(data: str) -> str:
    return "".join(letter if letter in _letters() else "?" for letter in data)


@cache
def _letters() -> frozenset[str]:
    """What our own font has, and the letters that JSON is written with."""
    known = FT2Font(str(FONTS / "PlusJakartaSans-Regular.ttf")).get_charmap()
    return frozenset(map(chr, known)) | {"\n"}


def _numbered(nodes: list[Node]) -> Iterator[Node]:
    """Sections with the number that a page counts for them."""
    count = 0
    for node in nodes:
        count += node["kind"] == "part"
        yield node | {"number": count} if node["kind"] == "part" else node


def _annex(nodes: list[Node]) -> Iterator[dict[str, Any]]:
    """The tables of data with the number and the heading of their sections."""
    for node in nodes:
        for found in _data(node):
            label, table = found["parts"]
            heading = next(letters(it) for it in node["parts"] if it["tag"] == "h2")
            name = letters(label)
            yield {"number": node.get("number"), "heading": heading, "name": name, "table": table}


def _data(node: Node) -> Iterator[Node]:
    if node["tag"] == "details" and node["kind"] == DATA:
        yield node
        return
    for part in node.get("parts", ()):
        if isinstance(part, dict):
            yield from _data(part)


def _without_data(node: Node) -> Node:
    parts = [
        part if isinstance(part, str) else _without_data(part)
        for part in node.get("parts", ())
        if isinstance(part, str) or (part["tag"], part["kind"]) != ("details", DATA)
    ]
    return node | {"parts": parts} if "parts" in node else node
