"""Who is seated with whom: within the cohort, rather from another area, never in one's own line, nobody twice."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from pamong.service import people
from pamong.service.people import Person
from pamong.service.rooms import lobby, pairing, table
from pamong.service.rooms.lobby import Offered
from pamong.service.rooms.pairing import FRESH, NEIGHBOURS, Waiting, Wish, match
from pamong.service.tables import seats, waiting

from .conftest import MODULE, NOW
from .tables import DATABASES, MEDIATION, NEGOTIATION, laid, over


def waits(person: str, after: int = 0, region: str = "", **more: object) -> Waiting:
    above = frozenset(more.pop("above", ()))
    since = NOW + timedelta(seconds=after)
    wish = {"module": MODULE, "exercise": NEGOTIATION, "seats": 2, "line_agreed": False, **more}
    return Waiting(
        wish=Wish(person=person, since=since, **{"seen": NOW + timedelta(seconds=60), **wish}),
        region=region or person,
        above=above,
    )


def names(group: tuple[Waiting, ...] | None) -> list[str]:
    return [it.wish.person for it in group or ()]


SOON = NOW + timedelta(seconds=30)
LATER = NOW + timedelta(seconds=60) + FRESH / 2


def test_whoever_waits_longest_is_seated_first_with_the_next_longest():
    queue = [waits("c", 20), waits("a", 0), waits("b", 10)]
    assert names(match(queue, SOON)) == ["a", "b"]


def test_somebody_from_another_area_comes_before_a_neighbour_who_waits_longer():
    queue = [waits("a", 0, "Utara"), waits("b", 1, "Utara"), waits("c", 2, "Barat")]
    assert names(match(queue, SOON)) == ["a", "c"]


def test_neighbours_are_seated_together_once_nobody_else_has_come_for_a_while():
    queue = [waits("a", 0, "Utara"), waits("b", 1, "Utara")]
    assert match(queue, NOW + NEIGHBOURS - timedelta(seconds=1)) is None
    assert names(match(queue, NOW + NEIGHBOURS)) == ["a", "b"]


@pytest.mark.parametrize(("one", "other", "seated"), [(0, 0, 0), (1, 0, 0), (0, 1, 0), (1, 1, 2)])
def test_superior_and_subordinate_are_seated_only_when_both_agree(one, other, seated):
    queue = [
        waits("lurah", above=("camat", "bupati"), line_agreed=bool(one)),
        waits("bupati", 1, line_agreed=bool(other)),
    ]
    assert len(names(match(queue, LATER))) == seated


def test_a_mediation_takes_three_of_whom_none_is_in_the_line_of_another():
    three = {"seats": 3, "exercise": MEDIATION}
    queue = [waits("a", **three), waits("b", 1, above=("a",), **three), waits("c", 2, **three)]
    assert match(queue, LATER) is None
    assert names(match([*queue, waits("d", 3, **three)], SOON)) == ["a", "c", "d"]


def test_whoever_has_closed_the_page_is_given_to_nobody():
    gone = NOW + timedelta(seconds=60) - FRESH
    assert match([waits("a", seen=gone), waits("b", 1)], NOW + timedelta(seconds=60)) is None


@given(st.lists(st.tuples(st.sampled_from("UTB"), st.integers(0, 9), st.booleans()), max_size=7))
def test_no_group_breaks_a_rule(found):
    """Everybody reports to the one whose number they carry; the last pass may seat neighbours."""
    queue = [
        waits(str(place), place, region, above=(str(boss),), line_agreed=agreed)
        for place, (region, boss, agreed) in enumerate(found)
    ]
    group = match(queue, LATER)
    if group is None:
        return
    one, other = group
    assert one.wish.person != other.wish.person
    if one.wish.person in other.above or other.wish.person in one.above:
        assert one.wish.line_agreed
        assert other.wish.line_agreed


# ---------------------------------------------------------------- in the database


@pytest.fixture
def service(released_once, tmp_path):
    found = laid(released_once, tmp_path / "root")
    with closing(found.database):
        yield found


def case(seats: int = 2) -> Offered:
    return Offered(
        module=MODULE, module_title="", exercise=NEGOTIATION if seats == 2 else MEDIATION,
        title="", minutes=15, seats=seats, graded=False, ready=True,
    )  # fmt: skip


def person(service, id: str) -> Person:
    with service.database.reading() as connection:
        found = people.find(connection, id)
    assert found is not None
    return found


def join(service, id: str, *, agreed: bool = False, seats: int = 2, after: float = 0) -> str:
    now = NOW + timedelta(seconds=after)
    return lobby.join(service, person(service, id), case(seats), agreed=agreed, now=now)


def test_the_line_is_walked_up_to_the_top_and_a_circle_ends(service):
    with service.database.writing() as connection:
        for id, superior in (("x1", "x2"), ("x2", "x3"), ("x3", "x1")):
            people.add(connection, Person(id=id, name=id, role="peserta", superior=superior))
        assert pairing.above(connection, "x1") == {"x2", "x3", "x1"}
        assert pairing.above(connection, "p001") == {"p003"}
        assert pairing.above(connection, "p003") == frozenset()


def test_a_subordinate_waits_on_while_only_the_own_superior_is_there(service):
    assert join(service, "p003") == ""
    assert join(service, "p001", after=1) == ""
    room = join(service, "p004", after=2)
    with service.database.reading() as connection:
        found = table.load(connection, service.course, room)
        assert found is not None
        assert set(found.room.people.values()) == {"p003", "p004"}
        assert pairing.standing(connection, "p001").exercise == NEGOTIATION


def test_nobody_meets_another_cohort(service):
    assert join(service, "p004") == ""
    assert join(service, "p006", after=1) == ""


def test_whoever_sits_at_a_table_is_led_back_to_it_and_waits_for_nothing(service):
    assert join(service, "p001") == ""
    room = join(service, "p004", after=1)
    assert join(service, "p001", after=2) == room
    assert lobby.alone(service, person(service, "p004"), case(), NOW) == room
    with service.database.reading() as connection:
        assert connection.execute(select(waiting)).all() == []


def test_asking_for_another_case_gives_up_the_place_for_the_first(service):
    join(service, "p001")
    join(service, "p001", seats=3, after=1)
    with service.database.reading() as connection:
        assert pairing.standing(connection, "p001").exercise == MEDIATION
    assert join(service, "p004", after=2) == ""


@pytest.fixture(params=DATABASES)
def kept(request, released_once, tmp_path):
    yield from over(request, released_once, tmp_path)


def test_nobody_is_seated_twice_however_many_ask_at_once(kept):
    """Twenty-one people of one cohort, each asking three times from threads of their own."""
    service = kept
    ids = [f"q{number:02}" for number in range(21)]
    with service.database.writing() as connection:
        for place, id in enumerate(ids):
            new = Person(id=id, name=id, role="peserta", region=f"W{place % 4}", cohort="a01")
            people.add(connection, new)
    with ThreadPoolExecutor(12) as pool:
        list(pool.map(lambda one: join(service, one, after=1), ids * 3))
        # Of two who came in the same instant, neither saw the other: pages ask again.
        list(pool.map(lambda one: lobby.look(service, person(service, one), SOON), ids))
    with service.database.reading() as connection:
        taken = Counter(connection.execute(select(seats.c.person)).scalars())
        left = connection.execute(select(waiting.c.person)).scalars().all()
    assert set(taken.values()) == {1}
    assert set(taken) | set(left) == set(ids)
    assert not set(taken) & set(left)
    assert len(left) < 4  # at most neighbours of one area
