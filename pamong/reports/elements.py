"""A summary's markup read back as plain data, which any form of the summary can be made from.

What people wrote stays text in it, whatever it looks like. Markup that is not ours is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any
from xml.etree import ElementTree as ET

from pamong.errors import CourseError
from pamong.palette import LIGHT

Node = dict[str, Any]
"""``tag``, ``kind`` (its class), ``also`` (further classes), ``parts`` (nodes and strings); a table
has ``head``, ``widths`` and ``rows``, a drawing its ``svg`` and ``alt``, a swatch its ``colour``."""
Part = str | Node
_DRAWING = re.compile(r"<svg\b.*?</svg>", re.DOTALL)
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_SPACE = re.compile(r"\s+")
_SWATCH = re.compile("#[0-9a-f]{6}")
SHARES = {"empty": "track", "right": "teal", "lure": "amber", "other": "mute"}
"""What the bars of answers are filled with, which a page takes from its style sheet."""
WIDE, DRAWN = 72, 26
"""Letters that the widest column counts for at most, and that a drawing in a cell counts for."""


def read(sections: Iterable[str]) -> list[Node]:
    """The sections that a notebook shows, one node each; CourseError for markup that is not ours."""
    markup = "".join(sections)
    drawings = iter(_DRAWING.findall(markup))
    plain = _UNPRINTABLE.sub("", _DRAWING.sub("<svg/>", markup))
    try:
        root = ET.fromstring(f"<report>{plain}</report>")  # noqa: S314  # our own markup, no DTD
    except ET.ParseError as error:
        raise CourseError(
            f"The sections of the summary are no markup of ours ({error})."
        ) from error
    # Around each section a notebook puts the element that report.css speaks to.
    parts = [part for shown in root for part in _parts(shown, drawings)]
    return [part for part in parts if isinstance(part, dict)]


def letters(part: Part) -> str:
    """All text of a node, as it is read."""
    return part if isinstance(part, str) else "".join(map(letters, part.get("parts", ())))


def _parts(element: ET.Element, drawings: Iterator[str]) -> Iterator[Part]:
    """What stands in an element, in its order."""
    block = element.tag in {"report", "section", "header", "div", "dl", "ol", "ul", "details"}
    for text, child in [(element.text, None), *((child.tail, child) for child in element)]:
        if child is not None:
            yield _node(child, drawings)
        if text and not (block and not text.strip()):
            yield _SPACE.sub(" ", text)


def _node(element: ET.Element, drawings: Iterator[str]) -> Node:
    if element.tag == "svg":
        return _drawing(next(drawings))
    if element.tag == "table":
        return _table(element, drawings)
    kind, *also = element.get("class", "").split() or [""]
    node: Node = {"tag": element.tag, "kind": kind, "also": also}
    if colour := _SWATCH.search(element.get("style", "")):
        node["colour"] = colour[0]
    return node | {"parts": list(_parts(element, drawings))}


def _drawing(svg: str) -> Node:
    """A drawing that stands alone: with its namespace, and with colours instead of classes."""
    title = re.search(r"<title[^>]*>(.*?)</title>|aria-label=\"([^\"]*)\"", svg, re.DOTALL)
    alt = _plain(title[1] or title[2] or "") if title else ""
    if "xmlns=" not in svg:
        svg = svg.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1)
    for kind, colour in SHARES.items():
        svg = svg.replace(f'class="{kind}"', f'fill="{LIGHT[colour]}"')
    return {"tag": "svg", "kind": "", "also": [], "svg": _UNPRINTABLE.sub("", svg), "alt": alt}


def _plain(escaped: str) -> str:
    text = ET.fromstring(f"<t>{_UNPRINTABLE.sub('', escaped)}</t>").text or ""  # noqa: S314
    return _SPACE.sub(" ", text).strip()


def _table(element: ET.Element, drawings: Iterator[str]) -> Node:
    head = [_cell(cell, drawings) for cell in element.iterfind("thead/tr/*")]
    rows = [[_cell(it, drawings) for it in row] for row in element.iterfind("tbody/tr")]
    widths = [_width(title, [row[at] for row in rows]) for at, title in enumerate(head)]
    kind = element.get("class", "")
    return {"tag": "table", "kind": kind, "also": [], "head": head, "widths": widths, "rows": rows}


def _cell(element: ET.Element, drawings: Iterator[str]) -> Node:
    parts = list(_parts(element, drawings))
    return {
        "parts": parts,
        "right": element.get("class") == "right",
        "row": element.get("scope") == "row",
    }


def _width(title: Node, cells: list[Node]) -> int:
    """Letters that a column wants: never less than the longest word, never more than a few lines."""
    texts = [letters(cell) for cell in cells]
    word = max((len(it) for text in [letters(title), *texts] for it in text.split()), default=1)
    longest = max(map(len, texts), default=0)
    drawn = DRAWN if any(_drawn(cell) for cell in cells) else 0
    return max(min(longest, WIDE), min(word + 1, WIDE), drawn, 4)


def _drawn(part: Part) -> bool:
    if isinstance(part, str):
        return False
    return "svg" in part or any(map(_drawn, part.get("parts", ())))
