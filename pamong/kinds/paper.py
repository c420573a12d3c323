"""What a printed worksheet is made of: boxes to tick, lines to write on, tables to fill in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from random import Random

from pamong.kinds import prose
from pamong.kinds.prose import escape

CHARACTERS_PER_LINE = 90
"""What a person writes by hand on one line of an A4 page."""


def heading(text: str) -> str:
    return f"<h3>{escape(text)}</h3>"


def text(text: str) -> str:
    """Paragraphs, escaped."""
    return prose.paragraphs(text)


def note(text: str) -> str:
    """What to do, apart from the case."""
    return f'<p class="note">{escape(text)}</p>'


def boxes(texts: Iterable[str]) -> str:
    """A box to tick, or to number, before each text."""
    items = "".join(f'<li><span class="box"></span>{escape(each)}</li>' for each in texts)
    return f'<ul class="boxes">{items}</ul>'


def lines(count: int, label: str = "") -> str:
    """Lines to write on, under a label."""
    head = f'<p class="label">{escape(label)}</p>' if label else ""
    return f'{head}<div class="lines">{"<span></span>" * count}</div>'


def words(least: int, label: str = "") -> str:
    """As many lines as so many Indonesian words need, at least two."""
    return lines(max(2, round(least * 8 / CHARACTERS_PER_LINE) + 1), label)


def grid(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; an empty cell is room to write in."""
    top = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in head)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows
    )
    return f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"


def mixed(things: Sequence[str], seed: str) -> tuple[str, ...]:
    """The things in an order that gives nothing away, always the same one."""
    return tuple(Random(seed).sample(things, len(things)))  # noqa: S311  # an order, not a secret
