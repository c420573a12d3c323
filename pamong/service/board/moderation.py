"""What staff do on the board: read what waits, author included, show it or refuse it with a reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, RowMapping, Select, func, select, update

from pamong.service import audit
from pamong.service.board.asking import ask
from pamong.service.board.post import Post, from_row, locked
from pamong.service.board.text import cleaned, telling
from pamong.service.tables import asked, people, posts

Decision = Literal["shown", "refused"]
Outcome = Literal["done", "reason", "changed", "gone"]
"""Done; a refusal lacks its reason; somebody wrote or decided since it was read; nothing to decide."""
REASON = (5, 500)
"""Characters of a reason."""
QUEUE = 50
"""Posts, and answers, that staff are shown at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Writer:
    """Who wrote something, which staff see even where readers do not."""

    id: str
    name: str
    office: str
    region: str
    cohort: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingPost:
    """``telling`` are words in the text by which readers might know an author without a name."""

    post: Post
    writer: Writer
    telling: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingAnswer:
    """An answer beside the question it answers."""

    id: str
    text: str
    anonymous: bool
    state: str
    reason: str
    revision: int
    answered: datetime
    writer: Writer
    telling: tuple[str, ...]
    title: str
    body: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """What waits, the oldest first; ``count`` is all of it, also beyond QUEUE."""

    posts: tuple[WaitingPost, ...]
    answers: tuple[WaitingAnswer, ...]
    count: int


def queue(connection: Connection) -> Queue:
    """All that waits for a decision."""
    first = _posts().where(posts.c.state == "waiting").order_by(posts.c.at, posts.c.id)
    second = _answers().where(asked.c.state == "waiting", posts.c.state == "shown")
    rows = connection.execute(first.limit(QUEUE)).mappings()
    others = connection.execute(second.order_by(asked.c.answered, asked.c.id).limit(QUEUE))
    return Queue(
        posts=tuple(_waiting_post(row) for row in rows),
        answers=tuple(_waiting_answer(row) for row in others.mappings()),
        count=backlog(connection),
    )


def backlog(connection: Connection) -> int:
    """How much waits for a decision."""
    waiting = select(func.count()).select_from(posts).where(posts.c.state == "waiting")
    answered = (
        select(func.count())
        .select_from(asked.join(posts, posts.c.id == asked.c.post))
        .where(asked.c.state == "waiting", posts.c.state == "shown")
    )
    return connection.execute(waiting).scalar_one() + connection.execute(answered).scalar_one()


def seen(connection: Connection, id: str) -> WaitingPost | None:
    """A post for staff, in any state but taken back; None when there is none."""
    row = connection.execute(_posts().where(posts.c.id == id)).mappings().first()
    if row is None or row["state"] == "withdrawn":
        return None
    return _waiting_post(row)


def answers(connection: Connection, post: str) -> tuple[WaitingAnswer, ...]:
    """Every answer to a question, whatever was decided about it."""
    query = _answers().where(
        asked.c.post == post, asked.c.state.in_(("waiting", "shown", "refused"))
    )
    rows = connection.execute(query.order_by(asked.c.answered, asked.c.id)).mappings()
    return tuple(_waiting_answer(row) for row in rows)


def decide_post(
    connection: Connection,
    id: str,
    revision: int,
    decision: Decision,
    reason: str,
    *,
    by: str,
    now: datetime,
) -> Outcome:
    """Show or refuse a post in the revision that was read; a question that is shown is asked at once."""
    there = locked(connection, id)
    if there is None or there.state in ("withdrawn", decision):
        return "gone"
    reason = cleaned(reason)
    if fault := _fault(decision, reason, there.revision == revision):
        return fault
    values = _decided(decision, reason, revision, by, now)
    connection.execute(update(posts).where(posts.c.id == id).values(values))
    audit.record(
        connection, at=now, who=by, act=f"board.post.{decision}", whom=there.person,
        post=id, revision=revision, reason=values["reason"],
    )  # fmt: skip
    if decision == "shown":
        ask(connection, id, now)
    return "done"


def decide_answer(
    connection: Connection,
    id: str,
    revision: int,
    decision: Decision,
    reason: str,
    *,
    by: str,
    now: datetime,
) -> Outcome:
    """Show an answer to the author of the question, or refuse it."""
    row = connection.execute(select(asked).where(asked.c.id == id)).mappings().first()
    question = locked(connection, row["post"]) if row else None
    row = connection.execute(select(asked).where(asked.c.id == id)).mappings().first()
    if row is None or question is None or question.state != "shown":
        return "gone"
    if row["state"] not in ("waiting", "shown", "refused") or row["state"] == decision:
        return "gone"
    reason = cleaned(reason)
    if fault := _fault(decision, reason, row["revision"] == revision):
        return fault
    values = _decided(decision, reason, revision, by, now)
    connection.execute(update(asked).where(asked.c.id == id).values(values))
    audit.record(
        connection, at=now, who=by, act=f"board.answer.{decision}", whom=row["person"],
        answer=id, post=question.id, revision=revision, reason=values["reason"],
    )  # fmt: skip
    return "done"


def _fault(decision: Decision, reason: str, current: bool) -> Outcome | None:  # noqa: FBT001  # private
    """What speaks against deciding now; None when nothing does."""
    if not current:
        return "changed"
    if decision == "refused" and not REASON[0] <= len(reason) <= REASON[1]:
        return "reason"
    return None


def _decided(
    decision: Decision, reason: str, revision: int, by: str, now: datetime
) -> dict[str, Any]:
    """What is noted; with a new revision, so that a page that is older decides nothing."""
    told = reason if decision == "refused" else ""
    noted = {"moderated": now, "moderator": by, "revision": revision + 1}
    return {"state": decision, "reason": told, **noted}


_WRITER = (people.c.name, people.c.office, people.c.region, people.c.cohort)


def _posts() -> Select[Any]:
    return select(posts, *_WRITER).join_from(posts, people, people.c.id == posts.c.person)


def _answers() -> Select[Any]:
    return (
        select(
            asked.c.id, asked.c.person, asked.c.answer, asked.c.anonymous, asked.c.revision,
            asked.c.state, asked.c.reason, asked.c.answered, posts.c.title, posts.c.body, *_WRITER,
        )
        .join_from(asked, posts, posts.c.id == asked.c.post)
        .join(people, people.c.id == asked.c.person)
    )  # fmt: skip


def _writer(row: RowMapping) -> Writer:
    return Writer(
        id=row["person"],
        name=row["name"],
        office=row["office"],
        region=row["region"],
        cohort=row["cohort"],
    )


def _told(row: RowMapping, text: str) -> tuple[str, ...]:
    return telling(text, (row["name"], row["region"])) if row["anonymous"] else ()


def _waiting_post(row: RowMapping) -> WaitingPost:
    post = from_row(row)
    text = " ".join((post.title, *post.body.values()))
    return WaitingPost(post=post, writer=_writer(row), telling=_told(row, text))


def _waiting_answer(row: RowMapping) -> WaitingAnswer:
    return WaitingAnswer(
        id=row["id"],
        text=row["answer"],
        anonymous=row["anonymous"],
        state=row["state"],
        reason=row["reason"],
        revision=row["revision"],
        answered=row["answered"],
        writer=_writer(row),
        telling=_told(row, row["answer"]),
        title=row["title"],
        body=row["body"],
    )
