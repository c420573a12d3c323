"""A room on disk: opened, acted in, looked at. Its state is always what its events fold to.

Functions take a connection inside one transaction of the caller's; acts lock their room.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from secrets import token_hex
from typing import Any

from sqlalchemy import Connection, RowMapping, select

from pamong.course import Course, Exercise, Shelf
from pamong.service.rooms import policy
from pamong.service.rooms.case import seated, variants
from pamong.service.rooms.room import NOBODY, Entry, Room, admit, apply, fold
from pamong.service.tables import room_events, rooms, seats

LEAST = timedelta(minutes=20)
"""The shortest time that a table is given."""
SIGN = timedelta(seconds=15)
"""A sign of life is written down once in this time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A room with what belongs to it; ``seen`` is when each seat last gave a sign of life."""

    id: str
    module: str
    variant: str
    opened: datetime
    deadline: datetime
    exercise: Exercise
    room: Room
    seen: Mapping[str, datetime]

    def seat(self, person: str) -> str | None:
        """Where somebody sits; None for anybody else."""
        return next((seat for seat, who in self.room.people.items() if who and who == person), None)

    def quiet(self, now: datetime, silence: timedelta) -> frozenset[str]:
        """The seats whose person has given no sign for as long as ``silence``."""
        return frozenset(seat for seat in self.room.humans if now - self._sign(seat) >= silence)

    def _sign(self, seat: str) -> datetime:
        acts = (it.at for it in self.room.entries if it.seat == seat and it.act != "reply")
        return max(self.opened, self.seen.get(seat, self.opened), *acts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What a page sends: one act, with an id that makes sending it twice harmless."""

    id: str
    act: str
    data: Mapping[str, Any]
    channel: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A room in somebody's list."""

    id: str
    module: str
    exercise: str
    version: int
    opened: datetime
    open: bool


def open_room(
    connection: Connection,
    course: Course,
    place: tuple[str, str],
    people: Sequence[str],
    cohort: str,
    now: datetime,
) -> str:
    """Lay a table at ``place`` (module, exercise) and return its id.

    Payoff variant and seats are by lot; PROGRAM may be one of the people.
    """
    module, name = place
    id_ = token_hex(8)
    version = Shelf(course.keys(module) / "released").versions(name)[-1]
    exercise = released(course.keys(module), name, version)
    offered = variants(exercise)
    variant = offered[_lot(course, id_, "variant", len(offered))]
    case = seated(exercise, variant)
    connection.execute(
        rooms.insert().values(
            id=id_,
            cohort=cohort,
            module=module,
            exercise=name,
            version=version,
            variant=variant,
            state="open",
            opened=now,
            deadline=now + max(LEAST, timedelta(minutes=case.minutes)),
        )
    )
    turned = _lot(course, id_, "seats", len(case.seats))
    order = [*case.seats[turned:], *case.seats[:turned]]
    rows = [{"room": id_, "seat": s, "person": p} for s, p in zip(order, people, strict=True)]
    connection.execute(seats.insert(), rows)
    return id_


def load(connection: Connection, course: Course, id: str, *, lock: bool = False) -> Table | None:
    """A room as it stands; None when there is none. ``lock`` keeps others from acting meanwhile."""
    query = select(rooms).where(rooms.c.id == id)
    row = connection.execute(query.with_for_update() if lock else query).mappings().first()
    if row is None:
        return None
    exercise = released(course.keys(row["module"]), row["exercise"], row["version"])
    case = seated(exercise, row["variant"])
    chairs = connection.execute(select(seats).where(seats.c.room == id)).mappings().all()
    told = select(room_events).where(room_events.c.room == id).order_by(room_events.c.n)
    entries = tuple(_entry(event) for event in connection.execute(told).mappings())
    return Table(
        id=id,
        module=row["module"],
        variant=row["variant"],
        opened=row["opened"],
        deadline=row["deadline"],
        exercise=exercise,
        room=fold(case, {chair["seat"]: chair["person"] for chair in chairs}, entries),
        seen={chair["seat"]: chair["seen"] for chair in chairs if chair["seen"]},
    )


def act(
    connection: Connection, table: Table, seat: str, message: Message, now: datetime,
    silence: timedelta,
) -> Table:  # fmt: skip
    """The room after one act of a person and whatever a program says to it; IllegalEvent.

    An act whose id is there already changes nothing. The room must have been loaded with its lock.
    """
    id_ = f"{seat}:{message.id}"  # nobody can use up another's
    if any(entry.id == id_ for entry in table.room.entries):
        return table
    table = rung(connection, table, now)
    entry = Entry(
        n=len(table.room.entries) + 1, id=id_, seat=seat, act=message.act,
        data=message.data, at=now, channel=message.channel,
    )  # fmt: skip
    room = admit(table.room, entry, table.quiet(now, silence))
    _write(connection, table.id, entry)
    table = replace(table, room=room)
    while (said := policy.due(table.exercise, table.variant, table.room)) is not None:
        table = _append(connection, table, said[0], "reply", said[1], now)
    return _closed(connection, table)


def rung(connection: Connection, table: Table, now: datetime) -> Table:
    """The room once the clock was looked at: it ends when its time is over."""
    if table.room.ending or now < table.deadline:
        return table
    return _closed(connection, _append(connection, table, NOBODY, "timeout", {}, table.deadline))


def touch(connection: Connection, id: str, seat: str, now: datetime) -> None:
    """Write down that somebody is there."""
    place = (seats.c.room == id) & (seats.c.seat == seat)
    connection.execute(seats.update().where(place).values(seen=now))


def is_due(table: Table, seat: str, now: datetime) -> bool:
    """Whether a sign of life is to be written down again."""
    return not table.room.ending and now - table.seen.get(seat, table.opened) >= SIGN


def of_person(connection: Connection, person: str, now: datetime, most: int) -> tuple[Listed, ...]:
    """Somebody's rooms, the newest first."""
    query = (
        select(rooms)
        .join(seats, seats.c.room == rooms.c.id)
        .where(seats.c.person == person)
        .order_by(rooms.c.opened.desc(), rooms.c.id)
        .limit(most)
    )
    return tuple(
        Listed(
            id=row["id"],
            module=row["module"],
            exercise=row["exercise"],
            version=row["version"],
            opened=row["opened"],
            open=row["state"] == "open" and now < row["deadline"],
        )
        for row in connection.execute(query).mappings()
    )


def open_of(connection: Connection, person: str, now: datetime) -> str | None:
    """The room in which somebody sits now: one at a time."""
    return next((room.id for room in of_person(connection, person, now, 3) if room.open), None)


@lru_cache(maxsize=64)
def released(keys: Path, name: str, version: int) -> Exercise:
    """A released exercise; it never changes, so it is read once."""
    return Shelf(keys / "released").get(name, version)


def _append(
    connection: Connection, table: Table, seat: str, act: str, data: Mapping[str, Any], at: datetime
) -> Table:
    entry = Entry(
        n=len(table.room.entries) + 1,
        id=f"{act}-{token_hex(6)}",
        seat=seat,
        act=act,
        data=data,
        at=at,
    )
    _write(connection, table.id, entry)
    return replace(table, room=apply(table.room, entry))


def _write(connection: Connection, room: str, entry: Entry) -> None:
    values = {name: getattr(entry, name) for name in Entry.__dataclass_fields__}
    connection.execute(
        room_events.insert().values(room=room, **{**values, "data": dict(entry.data)})
    )


def _closed(connection: Connection, table: Table) -> Table:
    if table.room.ending:
        connection.execute(rooms.update().where(rooms.c.id == table.id).values(state="closed"))
    return table


def _entry(row: RowMapping) -> Entry:
    return Entry(**{name: row[name] for name in Entry.__dataclass_fields__})


def _lot(course: Course, room: str, what: str, below: int) -> int:
    digest = hmac.new(course.secret(), f"room|{room}|{what}".encode(), sha256).digest()
    return int.from_bytes(digest[:8], "big") % below
