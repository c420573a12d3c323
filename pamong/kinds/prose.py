"""How kinds put numbers and participants' texts before people: their figures, escaped HTML."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from html import escape as escaped

from pamong import locale

_SPACE = re.compile(r"\s+")
_SHORT = 200
"""Characters of the texts that are remembered: what a case says stands in everybody's picture."""


def escape(text: str) -> str:
    """``text`` as it stands in HTML, also between quotation marks."""
    return _remembered(text) if len(text) <= _SHORT else escaped(text)


@lru_cache(maxsize=4096)
def _remembered(text: str) -> str:
    return escaped(text)


def decimal(value: float, digits: int = 2) -> str:
    """``value`` without groups of thousands and needless zeros: 0,6 or 12."""
    return locale.decimal(value, digits, group=False)


def percent(value: float) -> str:
    """A share in 0..1 as whole per cent: 62%."""
    return locale.percent(value)


def excerpt(text: str, limit: int = 90) -> str:
    """The beginning of ``text`` on one line, cut at a word."""
    line = _SPACE.sub(" ", text).strip()
    if len(line) <= limit:
        return line
    return line[:limit].rsplit(" ", 1)[0].rstrip(",.;:") + "…"


def within_quotes(text: str) -> str:
    """``text`` as it stands between quotation marks: its own become single ones."""
    return text.translate({ord("“"): "‘", ord("”"): "’", ord('"'): "’"})


@lru_cache(maxsize=256)
def count_words(text: str) -> int:
    """What stands between spaces, counted as the form counts it."""
    return len(text.split())


def paragraphs(text: str) -> str:
    """``text`` as HTML paragraphs, escaped; a blank line starts a new one."""
    parts = [part.strip() for part in re.split(r"\n\s*\n", text) if part.strip()]
    return "".join("<p>" + escape(part).replace("\n", "<br>") + "</p>" for part in parts)


def article(title: str, *parts: str) -> str:
    """One rendered exercise: its title, escaped, and parts that are HTML already."""
    return f'<section class="pm-answer"><h3>{escape(title)}</h3>{"".join(parts)}</section>'


def table(caption: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of escaped cells; the first cell of a row heads it, unless it is empty."""
    header = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in head)
    body = "".join(
        (f'<tr><th scope="row">{escape(first)}</th>' if first else "<tr><td></td>")
        + "".join(f"<td>{escape(cell)}</td>" for cell in rest)
        + "</tr>"
        for first, *rest in rows
    )
    return (
        f"<table><caption>{escape(caption)}</caption>"
        f"<thead><tr>{header}</tr></thead><tbody>{body}</tbody></table>"
    )
