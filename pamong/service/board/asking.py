"""A problem and the three colleagues from elsewhere who are asked about it.

Asked are active participants from another region who are neither above nor below the author, those
first who were asked least. Nobody who is asked learns who the author is when they stay without a name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from secrets import token_hex
from typing import Any, Literal

from sqlalchemy import Connection, RowMapping, Select, func, select, update

from pamong.service.board.post import Byline, byline, locked
from pamong.service.tables import asked, people, posts

State = Literal["asked", "declined", "waiting", "shown", "refused"]
"""Not answered yet, passed on, with the moderators, before the author, refused by the moderators."""
COLLEAGUES = 3
PATIENCE = timedelta(days=5)
"""After so long without an answer the author may have somebody else asked."""
OPEN = 50
"""Requests that one person is shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """Somebody who might be asked; ``times`` is how often they have been asked so far."""

    id: str
    office: str
    region: str
    superior: str
    active: bool
    times: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A problem as somebody who was asked sees it, and what they have answered.

    ``by`` is None where the author stays without a name; ``answer`` is ``id``'s own text.
    """

    id: str
    post: str
    title: str
    body: Mapping[str, str]
    component: str
    problem: str
    by: Byline | None
    at: datetime
    state: State
    answer: str
    anonymous: bool
    reason: str
    thanked: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer as the author of the problem sees it."""

    id: str
    text: str
    by: Byline | None
    answered: datetime
    thanked: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """How far a question is: colleagues asked, answers with the moderators, and who has kept silent."""

    asked: int
    waiting: int
    silent: int
    answers: tuple[Answer, ...]


def choose(
    author: Candidate, among: Iterable[Candidate], before: Sequence[str], seed: str, count: int
) -> tuple[str, ...]:
    """Whom to ask, ``count`` at most; ``before`` were asked about the same already.

    Those asked least go first, then regions that nobody asked is from, then the author's own office;
    what is still equal is settled by ``seed``, the same way every time.
    """
    everybody = {each.id: each for each in among}
    above = {each.id: each.superior for each in everybody.values()} | {author.id: author.superior}
    rest = [
        each
        for each in everybody.values()
        if each.active
        and each.id not in (author.id, *before)
        and each.region != author.region
        and not _in_line(author.id, each.id, above)
    ]
    regions = {everybody[id].region for id in before if id in everybody}
    chosen: list[str] = []
    while rest and len(chosen) < count:
        best = min(rest, key=lambda each: _rank(each, author, regions, seed))
        rest.remove(best)
        regions.add(best.region)
        chosen.append(best.id)
    return tuple(chosen)


def ask(connection: Connection, post: str, now: datetime) -> int:
    """See to it that COLLEAGUES have been asked who did not pass; how many were asked anew.

    Nobody is, unless the post is a question that is shown.
    """
    there = locked(connection, post)
    if there is None or there.sort != "saran" or there.state != "shown":
        return 0
    before = {
        row.person: row.state
        for row in connection.execute(
            select(asked.c.person, asked.c.state).where(asked.c.post == post)
        )
    }
    lacking = COLLEAGUES - sum(state != "declined" for state in before.values())
    if lacking <= 0:
        return 0
    everybody = _candidates(connection)
    author = next(each for each in everybody if each.id == there.person)
    chosen = choose(author, everybody, tuple(before), post, lacking)
    for person in chosen:
        values = {"post": post, "person": person, "id": token_hex(8), "at": now, "state": "asked"}
        connection.execute(asked.insert().values(values))
    return len(chosen)


def requests(connection: Connection, person: str) -> tuple[Request, ...]:
    """What somebody is asked and has not passed on, the newest first, OPEN at most."""
    query = _requests(person).order_by(asked.c.at.desc(), posts.c.id).limit(OPEN)
    return tuple(_request(row) for row in connection.execute(query).mappings())


def request(connection: Connection, post: str, person: str) -> Request | None:
    """One question to somebody; None when they are not asked about it, or passed."""
    query = _requests(person).where(posts.c.id == post)
    row = connection.execute(query).mappings().first()
    return _request(row) if row else None


def unanswered(connection: Connection, person: str) -> int:
    """How many questions wait for somebody's answer."""
    counted = _requests(person).where(asked.c.state.in_(("asked", "refused"))).subquery()
    return connection.execute(select(func.count()).select_from(counted)).scalar_one()


def answered(connection: Connection, author: str) -> Mapping[str, int]:
    """How many answers each of somebody's questions has had, by its id; none has no entry."""
    query = (
        select(asked.c.post, func.count().label("times"))
        .select_from(asked.join(posts, posts.c.id == asked.c.post))
        .where(posts.c.person == author, asked.c.state == "shown")
        .group_by(asked.c.post)
    )
    return {row.post: row.times for row in connection.execute(query)}


def answer(
    connection: Connection, post: str, person: str, text: str, now: datetime, *, anonymous: bool
) -> bool:
    """Hand an answer, or a better one, to the moderators; False when nobody asks for it any more."""
    there = _open(connection, post, person)
    if there is None or there["state"] not in ("asked", "waiting", "refused"):
        return False
    values = {
        "answer": text,
        "anonymous": anonymous,
        "answered": now,
        "state": "waiting",
        "reason": "",
        "revision": there["revision"] + 1,
    }
    _update(connection, there["id"], **values)
    return True


def decline(connection: Connection, post: str, person: str, now: datetime) -> bool:
    """Pass a question on to somebody else; False when it is not asked any more."""
    there = _open(connection, post, person)
    if there is None or there["state"] not in ("asked", "refused"):
        return False
    _update(connection, there["id"], state="declined", answer="", reason="")
    ask(connection, post, now)
    return True


def renew(connection: Connection, post: str, author: str, now: datetime) -> int:
    """Have others asked instead of those who kept silent, as far as there are any; how many were."""
    there = locked(connection, post)
    if there is None or there.person != author or there.state != "shown":
        return 0
    silent = (asked.c.post == post, asked.c.state == "asked", asked.c.at <= now - PATIENCE)
    query = select(asked.c.id).where(*silent).order_by(asked.c.at, asked.c.id)
    ids = list(connection.execute(query).scalars())
    for id in ids:
        _update(connection, id, state="declined")
    anew = ask(connection, post, now) if ids else 0
    for id in ids[anew:]:  # nobody is there in their place
        _update(connection, id, state="asked")
    return anew


def course(connection: Connection, post: str, now: datetime) -> Course:
    """How far a question is, for its author; who has been asked is not told."""
    query = (
        select(asked, people.c.name, people.c.office, people.c.region)
        .select_from(asked.join(people, people.c.id == asked.c.person))
        .where(asked.c.post == post, asked.c.state != "declined")
        .order_by(asked.c.answered, asked.c.id)
    )
    rows = connection.execute(query).mappings().all()
    return Course(
        asked=len(rows),
        waiting=sum(row["state"] == "waiting" for row in rows),
        silent=sum(row["state"] == "asked" and row["at"] <= now - PATIENCE for row in rows),
        answers=tuple(_answer(row) for row in rows if row["state"] == "shown"),
    )


def thank(connection: Connection, id: str, author: str, now: datetime) -> str:
    """Thank for an answer to one's own question; the id of the question, empty when it is none."""
    query = (
        select(asked.c.post, asked.c.thanked)
        .select_from(asked.join(posts, posts.c.id == asked.c.post))
        .where(asked.c.id == id, asked.c.state == "shown", posts.c.person == author)
    )
    found = connection.execute(query).first()
    if found is None:
        return ""
    if found.thanked is None:
        _update(connection, id, thanked=now)
    return str(found.post)


def _in_line(first: str, second: str, above: Mapping[str, str]) -> bool:
    return second in _superiors(first, above) or first in _superiors(second, above)


def _superiors(person: str, above: Mapping[str, str]) -> set[str]:
    found: set[str] = set()
    while (person := above.get(person, "")) and person not in found:
        found.add(person)
    return found


def _rank(
    each: Candidate, author: Candidate, regions: set[str], seed: str
) -> tuple[int, bool, bool, str]:
    lot = sha256(f"{seed}|{each.id}".encode()).hexdigest()
    return each.times, each.region in regions, each.office != author.office, lot


def _candidates(connection: Connection) -> list[Candidate]:
    """Everybody, as lines of superiors go through people who are not there any more."""
    times = select(asked.c.person, func.count().label("times")).group_by(asked.c.person).subquery()
    query = select(
        people.c.id, people.c.office, people.c.region, people.c.superior, people.c.role,
        people.c.active, times.c.times,
    ).outerjoin_from(people, times, times.c.person == people.c.id)  # fmt: skip
    return [
        Candidate(
            id=row.id,
            office=row.office,
            region=row.region,
            superior=row.superior,
            active=row.active and row.role == "peserta",
            times=row.times or 0,
        )
        for row in connection.execute(query)
    ]


def _requests(person: str) -> Select[Any]:
    author = people
    return (
        select(
            asked.c.id, asked.c.post, asked.c.at, asked.c.state, asked.c.answer, asked.c.reason,
            asked.c.thanked, asked.c.anonymous.label("unnamed"),
            posts.c.title, posts.c.body, posts.c.component, posts.c.problem, posts.c.anonymous,
            author.c.name, author.c.office, author.c.region,
        )
        .select_from(asked.join(posts, posts.c.id == asked.c.post).join(
            author, author.c.id == posts.c.person))
        .where(asked.c.person == person, asked.c.state != "declined", posts.c.state == "shown")
    )  # fmt: skip


def _request(row: RowMapping) -> Request:
    kept = ("id", "post", "title", "body", "component", "problem", "at", "state", "answer",
            "reason", "thanked")  # fmt: skip
    return Request(**{name: row[name] for name in kept}, by=byline(row), anonymous=row["unnamed"])


def _answer(row: RowMapping) -> Answer:
    return Answer(
        id=row["id"],
        text=row["answer"],
        by=byline(row),
        answered=row["answered"],
        thanked=row["thanked"],
    )


def _open(connection: Connection, post: str, person: str) -> RowMapping | None:
    """The row of somebody asked, where the question is still shown and nobody else changes it."""
    there = locked(connection, post)
    if there is None or there.state != "shown":
        return None
    query = select(asked).where(asked.c.post == post, asked.c.person == person)
    return connection.execute(query).mappings().first()


def _update(connection: Connection, id: str, **values: object) -> None:
    connection.execute(update(asked).where(asked.c.id == id).values(values))
