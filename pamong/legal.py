"""Legal cards of a module: what rule says what, where that was read, and when it was last checked."""

from __future__ import annotations

import html
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import ClassVar, Literal

from pamong import document, locale
from pamong.catalogue import messages


@dataclass(frozen=True, slots=True, kw_only=True)
class LegalCard:
    """One rule. ``checked_on`` is an ISO date; an unverified card says so to the reader."""

    id: str
    title: str
    number: str
    article: str
    says: str
    source: str
    status: Literal["verified", "unverified"]
    checked_on: str

    def __post_init__(self) -> None:
        for name in ("id", "title", "number", "says", "source"):
            if not getattr(self, name).strip():
                raise ValueError(messages("legal")("author.blank", field=name))
        try:
            date.fromisoformat(self.checked_on)
        except ValueError:
            raise ValueError(messages("legal")("author.day", day=self.checked_on[:20])) from None


@dataclass(frozen=True, slots=True, kw_only=True)
class LegalCards:
    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    cards: tuple[LegalCard, ...]

    def __post_init__(self) -> None:
        ids = [card.id for card in self.cards]
        if len(set(ids)) != len(ids):
            raise ValueError(messages("legal")("author.twice"))


def cards(path: Path) -> tuple[LegalCard, ...]:
    """The cards in a ``legal.yaml``; none when the file is not there."""
    if not path.is_file():
        return ()
    return document.convert(document.read(path), LegalCards).cards


def table(cards: tuple[LegalCard, ...]) -> str:
    """The cards as HTML, script-free and escaped."""
    say = messages("legal")
    items = "".join(_card(card) for card in cards)
    note = html.escape(say("note"))
    return f'<section class="pamong-legal">{items}<p class="pamong-legal-note">{note}</p></section>'


def _card(card: LegalCard) -> str:
    say = messages("legal")
    on = locale.day(card.checked_on)
    number = ", ".join(part for part in (card.number, card.article) if part)
    e = html.escape
    return (
        f'<article class="pamong-legal-card" data-status="{card.status}">'
        f"<h3>{e(card.title)}</h3><p><strong>{e(number)}</strong></p><p>{e(card.says)}</p>"
        f"<p><small><span>{e(say(f'status.{card.status}'))}</span> · "
        f"{e(say('source', source=card.source))} · {e(say('checked', on=on))}</small></p></article>"
    )
