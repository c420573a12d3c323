"""Rooms in the database: acts of the same moment, signs of life, and what is drawn by lot."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from pamong.errors import IllegalEvent
from pamong.service.rooms import table
from pamong.service.rooms.room import JOINT
from pamong.service.rooms.table import Message, Table
from pamong.service.service import Service
from pamong.service.tables import room_events

from .conftest import NOW
from .tables import DATABASES, MODULE, NEGOTIATION, over

SILENCE = timedelta(seconds=180)
PLACE = (MODULE, NEGOTIATION)


@pytest.fixture(params=DATABASES)
def kept(request, released_once, tmp_path):
    yield from over(request, released_once, tmp_path)


def opened(service: Service) -> str:
    with service.database.writing() as connection:
        return table.open_room(connection, service.course, PLACE, ("p001", "p004"), "a01", NOW)


def load(service: Service, room: str) -> Table:
    with service.database.reading() as connection:
        found = table.load(connection, service.course, room)
    assert found is not None
    return found


def act(service: Service, room: str, who: str, what: str, id: str, after: int = 0, **data: object):
    message = Message(id=id, act=what, data=data, channel=JOINT)
    now = NOW + timedelta(seconds=after)
    with service.database.writing() as connection:
        found = table.load(connection, service.course, room, lock=True)
        assert found is not None
        return table.act(connection, found, found.seat(who), message, now, SILENCE)


def test_acts_of_the_same_moment_stand_one_after_the_other_and_one_offer_is_taken_once(kept):
    """Two people talk, offer and accept at once from threads of their own; nothing is lost or doubled."""
    room = opened(kept)
    first = next(who for who in ("p001", "p004") if load(kept, room).seat(who) == "a")
    other = "p004" if first == "p001" else "p001"
    package = {"jam": 1, "kebersihan": 3, "lapak": 3, "daftar": 4}
    act(kept, room, first, "offer", "o", package=package)

    def work(number: int) -> str:
        who = (first, other)[number % 2]
        try:
            if number in (5, 11, 17):
                act(kept, room, other, "accept", f"a{number}", offer=1)
                return "agreed"
            act(kept, room, who, "say", str(number // 2), text=str(number))
        except IllegalEvent as refused:
            return refused.code
        return "said"

    with ThreadPoolExecutor(8) as pool:
        done = Counter(pool.map(work, range(24)))
    found = load(kept, room).room
    assert (found.ending, done["agreed"]) == ("deal", 1)
    assert set(done) <= {"agreed", "said", "refused.ended"}
    assert [entry.n for entry in found.entries] == list(range(1, len(found.entries) + 1))
    assert sum(entry.act == "say" for entry in found.entries) == done["said"]


def test_somebody_is_silent_when_neither_an_act_nor_a_page_has_told_of_them_for_so_long(kept):
    room, late = opened(kept), NOW + SILENCE
    assert load(kept, room).quiet(late - timedelta(seconds=1), SILENCE) == frozenset()
    assert load(kept, room).quiet(late, SILENCE) == {"a", "b"}
    seat = load(kept, room).seat("p001")
    act(kept, room, "p001", "say", "1", after=60, text="halo")
    assert load(kept, room).quiet(late, SILENCE) == {"a", "b"} - {seat}
    with kept.database.writing() as connection:
        for other in ("a", "b"):
            table.touch(connection, room, other, NOW + timedelta(seconds=90))
    assert load(kept, room).quiet(late, SILENCE) == frozenset()


def test_seats_and_payoff_variants_are_drawn_by_lot(kept):
    found = [load(kept, opened(kept)) for _ in range(24)]
    assert {it.variant for it in found} == {"a", "b"}
    assert {it.seat("p001") for it in found} == {"a", "b"}
    assert len({it.id for it in found}) == 24


def test_what_was_refused_leaves_nothing_behind(kept):
    room = opened(kept)
    with pytest.raises(IllegalEvent) as refused:
        act(kept, room, "p001", "accept", "1", offer=1)
    assert refused.value.code == "refused.turn"
    with kept.database.reading() as connection:
        assert connection.execute(select(room_events)).all() == []
