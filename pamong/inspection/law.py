"""Whether a legal card says enough for a reader to look the rule up, and was checked of late."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from pamong.catalogue import messages
from pamong.errors import Problem
from pamong.inspection.material import Material

STALE = 365
"""Days after which a legal card is to be checked again."""


def problems(material: Material, today: date) -> Iterator[Problem]:
    """Cards without an article, unverified, checked too long ago or in the future."""
    if material.law is None or material.cards is None:
        return
    say = messages("inspection")
    for number, card in enumerate(material.cards):
        place = ("cards", number)
        gaps = [
            say(entry)
            for entry, open_ in (
                ("legal.article", not card.article.strip()),
                ("legal.unverified", card.status == "unverified"),
            )
            if open_
        ]
        if gaps:
            text = say("legal.gaps", card=card.id, gaps=" ".join(gaps))
            yield material.law.problem(place, text, "warning")
        age = (today - date.fromisoformat(card.checked_on)).days
        if age > STALE or age < -1:
            entry = "legal.stale" if age > 0 else "legal.future"
            text = say(entry, card=card.id, on=card.checked_on)
            yield material.law.problem((*place, "checked_on"), text, "warning")
