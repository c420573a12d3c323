"""Posts as their authors handle them: handed to the moderators, changed, taken back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Connection, RowMapping, func, select, update

from pamong.service.board.text import Draft, Sort, searched
from pamong.service.people import Person
from pamong.service.tables import people, posts

State = Literal["waiting", "shown", "refused", "withdrawn"]
"""With the moderators, before others, refused by the moderators, taken back by its author."""
A_DAY: Mapping[Sort, int] = {"praktik": 5, "saran": 2}
"""New posts of one person within 24 hours."""
SPAN = timedelta(hours=24)
OWN = 50
"""Posts of their own that somebody is shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """One row, as its author and staff may see it; ``revision`` grows with every change of the text."""

    id: str
    sort: Sort
    person: str
    anonymous: bool
    component: str
    problem: str
    title: str
    body: Mapping[str, str]
    state: State
    reason: str
    revision: int
    at: datetime
    moderated: datetime | None

    @property
    def draft(self) -> Draft:
        """The text again, to be changed."""
        return Draft(
            sort=self.sort,
            title=self.title,
            body=self.body,
            component=self.component,
            problem=self.problem,
            anonymous=self.anonymous,
        )

    @property
    def editable(self) -> bool:
        """Whether its author may change it: not a question that others have been asked."""
        return self.sort == "praktik" or self.state in ("waiting", "refused")


@dataclass(frozen=True, slots=True, kw_only=True)
class Byline:
    """Who wrote something, where readers may know."""

    name: str
    office: str
    region: str


def byline(row: RowMapping) -> Byline | None:
    """The author in a row that holds ``anonymous`` and columns of ``people``; None without a name."""
    if row["anonymous"]:
        return None
    return Byline(name=row["name"], office=row["office"], region=row["region"])


def find(connection: Connection, id: str) -> Post | None:  # the column's own name
    """A post by id, whatever its state; None when there is none."""
    row = connection.execute(select(posts).where(posts.c.id == id)).mappings().first()
    return from_row(row) if row else None


def from_row(row: RowMapping) -> Post:
    """The post in a row of ``posts``."""
    return Post(**{name: row[name] for name in Post.__dataclass_fields__})


def own(connection: Connection, person: str) -> tuple[Post, ...]:
    """Somebody's own posts, the newest first, OWN at most."""
    query = (
        select(posts)
        .where(posts.c.person == person)
        .order_by(posts.c.at.desc(), posts.c.id)
        .limit(OWN)
    )
    return tuple(from_row(row) for row in connection.execute(query).mappings())


def submit(
    connection: Connection, id: str, author: Person, draft: Draft, now: datetime
) -> Literal["saved", "limit", "taken"]:
    """Hand a new post to the moderators under an ``id`` that the form brought with it.

    The same form sent twice is one post, with the text that was sent last; an id that is somebody
    else's, or a question's that is asked already, is refused.
    """
    lock(connection, author.id)
    there = find(connection, id)
    if there:
        same = there.person == author.id and there.draft == replace(draft, sure=False)
        return "saved" if same or change(connection, id, author.id, draft) else "taken"
    if _lately(connection, author.id, draft.sort, now) >= A_DAY[draft.sort]:
        return "limit"
    values = _content(draft) | {"sort": draft.sort, "person": author.id, "at": now}
    connection.execute(posts.insert().values(id=id, state="waiting", **values))
    return "saved"


def change(connection: Connection, id: str, author: str, draft: Draft) -> bool:
    """Put another text in the place of the author's own, which goes back to the moderators.

    False when it is not theirs, of another sort, or not to be changed any more.
    """
    there = locked(connection, id)
    if there is None or there.person != author or there.sort != draft.sort or not there.editable:
        return False
    fresh = {"state": "waiting", "reason": "", "moderated": None, "moderator": ""}
    _update(connection, there, **_content(draft), **fresh)
    return True


def withdraw(connection: Connection, id: str, author: str) -> bool:
    """Take back the author's own post, which nobody else sees any more; False when it is not theirs."""
    there = locked(connection, id)
    if there is None or there.person != author:
        return False
    if there.state != "withdrawn":
        _update(connection, there, state="withdrawn", reason="")
    return True


def locked(connection: Connection, id: str) -> Post | None:
    """A post that nobody else changes before the transaction has ended; None when there is none."""
    query = select(posts).where(posts.c.id == id).with_for_update()
    row = connection.execute(query).mappings().first()
    return from_row(row) if row else None


def lock(connection: Connection, person: str) -> None:
    """Let one transaction at a time count and add what is somebody's."""
    connection.execute(select(people.c.id).where(people.c.id == person).with_for_update())


def _lately(connection: Connection, person: str, sort: Sort, now: datetime) -> int:
    recent = (posts.c.person == person, posts.c.sort == sort, posts.c.at > now - SPAN)
    return connection.execute(select(func.count()).select_from(posts).where(*recent)).scalar_one()


def _content(draft: Draft) -> dict[str, Any]:
    return {
        "title": draft.title,
        "body": dict(draft.body),
        "words": searched(draft),
        "component": draft.component,
        "problem": draft.problem,
        "anonymous": draft.anonymous,
    }


def _update(connection: Connection, post: Post, **values: object) -> None:
    values["revision"] = post.revision + 1
    connection.execute(update(posts).where(posts.c.id == post.id).values(values))
