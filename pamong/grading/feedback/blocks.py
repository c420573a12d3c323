"""What kinds render as HTML, as a list of headings, paragraphs, lists and tables that a printer can set."""

from __future__ import annotations

from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

Block = dict[str, Any]
"""``{"is": "heading" | "text" | "list" | "table" | "code", …}``, texts only."""
_TEXTS = ("h3", "h4", "h5", "p", "li", "th", "td", "caption", "pre", "blockquote", "dt", "dd")


def blocks(html: str) -> list[Block]:
    """The blocks of a rendered exercise in order, pictures left out; its own title is not among them."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.found


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[Block] = []
        self._text: list[str] = []
        self._items: list[str] | None = None
        self._ordered = False
        self._table: Block | None = None
        self._skipping = 0
        self._end: dict[str, Callable[[str], None]] = {
            "p": self._paragraph, "blockquote": self._paragraph, "dd": self._paragraph,
            "h4": self._heading, "h5": self._heading, "dt": self._heading, "pre": self._code,
            "li": self._item, "caption": self._caption, "th": self._cell, "td": self._cell,
            "ul": self._list, "ol": self._list, "table": self._whole,
        }  # fmt: skip

    def handle_starttag(self, tag: str, _attrs: list[tuple[str, str | None]]) -> None:
        if tag == "svg":
            self._skipping += 1
        elif tag == "br":
            self._text.append("\n")
        elif tag in _TEXTS:
            self._text = []
        elif tag in ("ul", "ol") and self._table is None:
            self._items, self._ordered = [], tag == "ol"
        elif tag == "table":
            self._table = {"is": "table", "caption": "", "head": [], "rows": []}
        elif tag == "tr" and self._table is not None:
            self._table["rows"].append([])

    def handle_endtag(self, tag: str) -> None:
        if tag == "svg":
            self._skipping -= 1
        elif tag == "thead" and self._table is not None:
            self._table["head"] = self._table["rows"].pop() if self._table["rows"] else []
        elif tag in self._end:
            text = "".join(self._text).strip()
            self._end[tag](text)
            self._text = [] if tag in _TEXTS else self._text

    def handle_data(self, data: str) -> None:
        if not self._skipping:
            self._text.append(data)

    def _paragraph(self, text: str) -> None:
        if text and self._table is None:
            self.found.append({"is": "text", "text": text})

    def _heading(self, text: str) -> None:
        self.found.append({"is": "heading", "text": text})

    def _code(self, text: str) -> None:
        self.found.append({"is": "code", "text": text})

    def _item(self, text: str) -> None:
        if self._items is not None:
            self._items.append(text)

    def _list(self, _: str) -> None:
        if self._items:
            self.found.append({"is": "list", "ordered": self._ordered, "items": self._items})
        self._items = None

    def _caption(self, text: str) -> None:
        if self._table is not None:
            self._table["caption"] = text

    def _cell(self, text: str) -> None:
        if self._table is not None and self._table["rows"]:
            self._table["rows"][-1].append(text)

    def _whole(self, _: str) -> None:
        if self._table is not None and self._table["rows"]:
            width = max(len(self._table["head"]), *map(len, self._table["rows"]))
            pad = [row + [""] * (width - len(row)) for row in self._table["rows"]]
            head = self._table["head"]
            head = head + [""] * (width - len(head)) if head else []
            self.found.append({**self._table, "head": head, "rows": pad, "columns": width})
        self._table = None
