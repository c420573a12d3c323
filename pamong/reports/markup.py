"""Pieces of HTML that a report is made of, with numbers as the language of the report writes them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from pamong import locale
from pamong.catalogue import messages

UNKNOWN = "–"


class Html(str):
    """Markup that is safe to show; any other string is text and gets escaped."""

    __slots__ = ()

    def _repr_html_(self) -> str:
        return f'<div class="report">{self}</div>'

    def __repr__(self) -> str:
        return f"<Html, {len(self)} characters>"


Content = str | Html


def text(content: Content) -> Html:
    """``content`` as markup: escaped unless it is markup already."""
    return content if isinstance(content, Html) else Html(escape(content))


def join(parts: Sequence[Content], separator: str = "") -> Html:
    """The parts one after the other."""
    return Html(separator.join(text(part) for part in parts))


def number(value: float, decimals: int = 1) -> str:
    """A number with a true minus sign; an en dash for what is not known."""
    if math.isnan(value):
        return UNKNOWN
    return locale.decimal(value, decimals, least=decimals).replace("-", "−")


def percent(share: float, decimals: int = 0) -> str:
    """A share of 1 as a percentage."""
    return UNKNOWN if math.isnan(share) else f"{number(100 * share, decimals)}%"


@dataclass(frozen=True, slots=True)
class Table:
    """Columns by heading; ``left`` names the columns of words; the first cell heads its row."""

    head: Sequence[str]
    rows: Sequence[Sequence[Content]]
    left: Sequence[int] = (0,)
    kind: str = ""

    def html(self) -> Html:
        """The table, each cell naming its column for narrow screens."""
        head = "".join(
            f'<th scope="col"{self._side(place)}>{escape(title)}</th>'
            for place, title in enumerate(self.head)
        )
        body = "".join(f"<tr>{self._cells(row)}</tr>" for row in self.rows)
        return Html(
            f'<table class="{self.kind or "figures"}"><thead><tr>{head}</tr></thead>'
            f"<tbody>{body}</tbody></table>"
        )

    def _cells(self, row: Sequence[Content]) -> str:
        cells = [f'<th scope="row">{text(row[0])}</th>']
        cells += [
            f'<td data-label="{escape(self.head[place])}"{self._side(place)}>{text(content)}</td>'
            for place, content in enumerate(row[1:], 1)
        ]
        return "".join(cells)

    def _side(self, place: int) -> str:
        return "" if place in self.left else ' class="right"'


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One finding with what shows it.

    ``heading`` is the computed finding, ``note`` one sentence on how to read the figure, ``data``
    the same values as a table, ``after`` what follows it; ``flows`` lets it break over printed pages.
    """

    id: str
    heading: str
    body: Html
    note: Content = ""
    data: Table | None = None
    after: Content = ""
    flows: bool = False

    def html(self) -> Html:
        """The section as markup."""
        note = f'<p class="note">{text(self.note)}</p>' if self.note else ""
        label = escape(messages("report")("table.data"))
        data = (
            f'<details class="data"><summary>{label}</summary>{self.data.html()}</details>'
            if self.data
            else ""
        )
        flows = " flows" if self.flows else ""
        return Html(
            f'<section class="part{flows}" id="{self.id}"><h2>{escape(self.heading)}</h2>'
            f"{self.body}{note}{data}{text(self.after)}</section>"
        )


def figure(drawing: Html) -> Html:
    """A drawing that scrolls sideways by itself on a narrow screen, also by keyboard."""
    return Html(f'<div class="figure" tabindex="0">{drawing}</div>')


def paragraph(content: Content, kind: str = "plain") -> Html:
    """One paragraph."""
    return Html(f'<p class="{kind}">{text(content)}</p>')
