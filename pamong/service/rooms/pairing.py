"""Who plays with whom: within a cohort, rather from another area, never in one's own line of command.

The one who has waited longest goes first. Everything happens inside the caller's one transaction,
which ``enter`` keeps apart from all others, so two requests never seat somebody twice.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import combinations

from sqlalchemy import Connection, delete, func, select

from pamong.service.people import find
from pamong.service.tables import people, waiting

NEIGHBOURS = timedelta(seconds=45)
"""How long somebody waits for a person from another area before one from the same will do."""
FRESH = timedelta(seconds=75)
"""Whoever has not asked for so long has gone away."""
_LOBBY = 0x70616D6F6E67
"""The lock of the list, by a number of our own."""
LONGEST_LINE = 20
"""Superiors above one another; a roster that goes round in a circle ends here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What somebody wants to play; ``line_agreed``: also with a superior or subordinate who agrees too."""

    person: str
    module: str
    exercise: str
    seats: int
    line_agreed: bool
    since: datetime
    seen: datetime
    """When their page last asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A wish with what pairing needs to know; ``above`` are all superiors in the own line."""

    wish: Wish
    region: str
    above: frozenset[str]


def match(queue: Sequence[Waiting], now: datetime) -> tuple[Waiting, ...] | None:
    """The next group for one table, in order of waiting; None while nobody fits.

    Groups from different areas come before others, and among them whoever waits longest.
    """
    there = (it for it in queue if now - it.wish.seen < FRESH)
    ordered = sorted(there, key=lambda it: (it.wish.since, it.wish.person))
    for near in (False, True):
        for place, first in enumerate(ordered):
            if near and now - first.wish.since < NEIGHBOURS:
                continue
            group = _group(first, ordered[place + 1 :], near=near)
            if group is not None:
                return group
    return None


def _group(first: Waiting, rest: Sequence[Waiting], *, near: bool) -> tuple[Waiting, ...] | None:
    fitting = [it for it in rest if _fit(first, it, near=near)]
    for others in combinations(fitting, first.wish.seats - 1):
        if all(_fit(one, other, near=near) for one, other in combinations(others, 2)):
            return (first, *others)
    return None


def _fit(one: Waiting, other: Waiting, *, near: bool) -> bool:
    if one.wish.seats != other.wish.seats:
        return False
    if not near and one.region and one.region == other.region:
        return False
    in_line = one.wish.person in other.above or other.wish.person in one.above
    return not in_line or (one.wish.line_agreed and other.wish.line_agreed)


def above(connection: Connection, person: str) -> frozenset[str]:
    """Every superior of a person, and theirs."""
    found: list[str] = []
    while len(found) < LONGEST_LINE:
        known = find(connection, person)
        person = known.superior if known else ""
        if not person or person in found:
            break
        found.append(person)
    return frozenset(found)


def enter(connection: Connection) -> None:
    """Let nobody else be seated before this transaction has ended; SQLite has one writer anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(_LOBBY)))


def wait(connection: Connection, wish: Wish) -> None:
    """Put somebody on the list; whoever waits for the same already, and is there, keeps their place."""
    held = standing(connection, wish.person)
    if held is not None and (held.module, held.exercise) == (wish.module, wish.exercise):
        change = waiting.update().where(waiting.c.person == wish.person)
        since = held.since if wish.seen - held.seen < FRESH else wish.since
        connection.execute(change.values(line_agreed=wish.line_agreed, seen=wish.seen, since=since))
        return
    leave(connection, wish.person)
    values = {name: getattr(wish, name) for name in Wish.__dataclass_fields__}
    connection.execute(waiting.insert().values(**values))


def standing(connection: Connection, person: str) -> Wish | None:
    """What somebody waits for; None when they do not."""
    row = connection.execute(select(waiting).where(waiting.c.person == person)).mappings().first()
    return None if row is None else Wish(**row)


def leave(connection: Connection, person: str) -> None:
    """Take somebody off the list."""
    connection.execute(delete(waiting).where(waiting.c.person == person))


def seat(
    connection: Connection,
    wish: Wish,
    now: datetime,
    opened: Callable[[tuple[Waiting, ...]], None],
) -> bool:
    """Form the next group for what ``wish`` asks for and open its room; whether one was formed."""
    group = match(_queue(connection, wish), now)
    if group is None:
        return False
    for one in group:
        leave(connection, one.wish.person)
    opened(group)
    return True


def _queue(connection: Connection, wish: Wish) -> list[Waiting]:
    """Everybody of the same cohort who waits for the same."""
    cohort = find(connection, wish.person)
    query = (
        select(waiting, people.c.region)
        .join(people, people.c.id == waiting.c.person)
        .where(
            waiting.c.module == wish.module,
            waiting.c.exercise == wish.exercise,
            people.c.cohort == (cohort.cohort if cohort else ""),
            people.c.active,
        )
        .order_by(waiting.c.since)
    )
    rows = connection.execute(query).mappings().all()
    return [
        Waiting(
            wish=Wish(**{name: row[name] for name in Wish.__dataclass_fields__}),
            region=row["region"],
            above=above(connection, row["person"]),
        )
        for row in rows
    ]
