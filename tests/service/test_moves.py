"""Somebody replaced, moved or rotated mid-course keeps their own work, and others are told right."""

import pytest

from pamong.errors import ServiceError
from pamong.service import audit, moves, people, schedule
from pamong.service.tables import events

from .office import BY, NOW, PROGRAMME, office, participant


@pytest.fixture
def connection():
    with office(participant("p004", superior="p001")) as found:
        yield found


def play(connection, person):
    row = {"person": person, "module": "m1", "exercise": "x", "n": 1, "id": "1", "line": b"{}"}
    connection.execute(events.insert().values(**row, received=NOW))


def logs(connection):
    return list(connection.execute(events.select()).scalars())


def test_who_takes_over_has_the_place_and_empty_logs_and_the_other_keeps_theirs(connection):
    play(connection, "p001")
    found = moves.take_over(connection, "p001", "p101", "Baru", nip="1" * 18, **BY)
    old = people.find(connection, "p001")
    assert found == people.find(connection, "p101")
    assert (found.office, found.region, found.cohort, found.superior) == (
        old.office, old.region, old.cohort, old.superior,
    )  # fmt: skip
    assert (found.replaces, found.active, old.active, old.name) == (
        "p001",
        True,
        False,
        "p001 Rekaan",
    )
    assert logs(connection) == ["p001"]
    assert people.find(connection, "p004").superior == "p101"
    lines = audit.read(connection)
    assert [(line.act, line.whom) for line in lines] == [
        ("person.took_over", "p101"), ("person.replaced", "p001"),
    ]  # fmt: skip
    assert "Baru" not in str(lines)


@pytest.mark.parametrize(
    ("old", "new", "name", "nip", "text"),
    [
        ("p009", "p101", "Baru", "", "Nobody has the id p009"),
        ("k01", "p101", "Baru", "", "Nobody has the id k01"),
        ("p001", "p002", "Baru", "", "p002 is somebody's id already"),
        ("p001", "P 1", "Baru", "", "'P 1' cannot be an id"),
        ("p001", "p101", " ", "", "The name is empty"),
        ("p001", "p101", "Baru", "12", "'12' is no NIP"),
    ],
)
def test_a_place_that_cannot_be_taken_stays(connection, old, new, name, nip, text):
    with pytest.raises(ServiceError, match=text):
        moves.take_over(connection, old, new, name, nip=nip, **BY)
    assert people.find(connection, "p001").active
    assert audit.read(connection) == ()


def test_a_place_is_taken_once(connection):
    moves.take_over(connection, "p001", "p101", "Baru", **BY)
    with pytest.raises(ServiceError, match="p001 takes part no more"):
        moves.take_over(connection, "p001", "p102", "Lagi", **BY)


def test_another_cohort_brings_its_times_and_leaves_the_work(connection):
    play(connection, "p001")
    moved = moves.change_cohort(connection, PROGRAMME, "p001", "a02", **BY)
    window = schedule.window(connection, PROGRAMME, moved, "m2")
    assert window == schedule.cohort_window(connection, PROGRAMME, "a02", "m2")
    assert logs(connection) == ["p001"]
    (line,) = audit.read(connection)
    assert (line.act, line.what["changes"]) == (
        "person.moved", {"cohort": {"from": "a01", "to": "a02"}},
    )  # fmt: skip
    assert moves.change_cohort(connection, PROGRAMME, "p001", "a02", **BY) == moved
    assert len(audit.read(connection)) == 1
    with pytest.raises(ServiceError, match="There is no cohort b. There are: a01, a02"):
        moves.change_cohort(connection, PROGRAMME, "p001", "b", **BY)


def test_an_official_gets_another_office_region_and_superior(connection):
    found = moves.rotate(
        connection, PROGRAMME, "p001", office="camat", region="Baru", superior="", **BY
    )
    assert (found.office, found.region, found.superior, found.cohort) == (
        "camat",
        "Baru",
        "",
        "a01",
    )
    assert people.find(connection, "p001") == found
    assert list(audit.read(connection)[0].what["changes"]) == ["office", "region", "superior"]


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"office": "menteri"}, "There is no office menteri. There are: lurah, camat."),
        ({"region": " "}, "The region is empty"),
        ({"superior": "p009"}, "The superior p009 takes no part"),
        ({"superior": "p003"}, "p003 stands below p003, or is the same person"),
        ({"superior": "p004"}, "p004 stands below p003"),
    ],
)
def test_no_office_region_or_superior_that_cannot_be(connection, values, text):
    with pytest.raises(ServiceError, match=text):
        moves.rotate(connection, PROGRAMME, "p003", **values, **BY)
