"""The good practices that everybody may read, found by component, problem and words.

What is given out holds no trace of an author who wished to stay without a name, and does not find
them by it either.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, Select, and_, func, not_, or_, select

from pamong.service.board.post import Byline, byline
from pamong.service.board.text import folding
from pamong.service.tables import people, posts

PAGE = 10
"""Cards on one page."""
WORDS, LETTERS = 8, 200
"""Words and characters of a search that count; the rest is left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A good practice as readers see it; ``by`` is None where its author stays without a name."""

    id: str
    title: str
    body: Mapping[str, str]
    component: str
    problem: str
    shown: datetime
    by: Byline | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What somebody looks for; what is empty does not matter."""

    words: str = ""
    component: str = ""
    problem: str = ""
    page: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One page of what was found; ``page`` counts from 1 and is the last one where there are fewer."""

    cards: tuple[Card, ...]
    count: int
    page: int
    pages: int


def search(connection: Connection, wanted: Search) -> Found:
    """The cards that hold every word, the newest first."""
    where = _conditions(wanted)
    count = connection.execute(_cards(func.count()).where(*where)).scalar_one()
    pages = max(1, -(-count // PAGE))
    page = min(max(1, wanted.page), pages)
    query = (
        _cards(posts, people.c.name, people.c.office, people.c.region)
        .where(*where)
        .order_by(posts.c.moderated.desc(), posts.c.id)
        .limit(PAGE)
        .offset((page - 1) * PAGE)
    )
    cards = tuple(_card(row) for row in connection.execute(query).mappings())
    return Found(cards=cards, count=count, page=page, pages=pages)


def card(connection: Connection, id: str) -> Card | None:  # the column's own name
    """One card that is shown; None when there is none of that id."""
    query = _cards(posts, people.c.name, people.c.office, people.c.region)
    found = connection.execute(query.where(posts.c.id == id, *_SHOWN)).mappings().first()
    return _card(found) if found else None


_SHOWN = (posts.c.sort == "praktik", posts.c.state == "shown")


def _cards(*columns: Any) -> Select[Any]:
    return select(*columns).select_from(posts.join(people, people.c.id == posts.c.person))


def _conditions(wanted: Search) -> list[ColumnElement[bool]]:
    found = [*_SHOWN]
    if wanted.component:
        found.append(posts.c.component == wanted.component)
    if wanted.problem:
        found.append(posts.c.problem == wanted.problem)
    for word in folding(wanted.words[:LETTERS]).split()[:WORDS]:
        named = func.lower(people.c.region).contains(word, autoescape=True)
        found.append(
            or_(
                posts.c.words.contains(word, autoescape=True),
                and_(not_(posts.c.anonymous), named),
            )
        )
    return found


def _card(row: RowMapping) -> Card:
    return Card(
        id=row["id"],
        title=row["title"],
        body=row["body"],
        component=row["component"],
        problem=row["problem"],
        shown=row["moderated"],
        by=byline(row),
    )
