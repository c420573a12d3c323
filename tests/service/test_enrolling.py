"""A roster or staff list changes exactly what it was said to change, and nobody is lost."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from pamong.course import Course
from pamong.errors import AuthoringError, ServiceError
from pamong.roster import Participant, Roster, read_roster, written
from pamong.service import audit, enrolling, people
from pamong.service.people import Person
from pamong.service.tables import waiting

from .office import BY, NOW, PEOPLE, office, participant


@pytest.fixture
def connection():
    with office() as found:
        yield found


def line(id, **values):
    return enrolling.participant_of(participant(id, **values))


SAME = tuple(map(enrolling.participant_of, PEOPLE[:3]))


def imported(connection, *participants):
    plan = enrolling.plan_roster(connection, Roster(participants))
    enrolling.apply(connection, plan, **BY)
    return plan


def steps(plan):
    return [(step.sort, step.after.id) for step in plan.steps]


def wait(connection, person):
    row = {"person": person, "module": "m1", "exercise": "x", "seats": 2}
    connection.execute(waiting.insert().values(**row, since=NOW, seen=NOW))


def waits(connection):
    return set(connection.execute(waiting.select()).scalars())


def test_the_same_roster_again_changes_nothing(connection):
    plan = imported(connection, *SAME)
    assert (plan.steps, plan.same) == ((), 3)
    assert audit.read(connection) == ()


def test_new_changed_moved_and_removed_are_told_one_by_one_before_they_happen(connection):
    listed = (
        line("p009"), replace(SAME[1], region="Lain", nip="1" * 18), replace(SAME[2], cohort="a01"),
    )  # fmt: skip
    plan = enrolling.plan_roster(connection, Roster(listed))
    assert people.find(connection, "p009") is None
    assert steps(plan) == [
        ("new", "p009"), ("changed", "p002"), ("moved", "p003"), ("removed", "p001"),
    ]  # fmt: skip
    assert [str(step) for step in plan.steps] == [
        "new  p009  p009 Rekaan, a01",
        "changed  p002  p002 Rekaan, a01  region Andaian → Lain, nip – → 111111111111111111",
        "moved  p003  p003 Rekaan, a01  cohort a02 → a01",
        "removed  p001  p001 Rekaan, a01",
    ]
    assert str(plan) == "1 new, 1 changed, 1 moved, 0 returned, 1 removed, 0 as they were."
    enrolling.apply(connection, plan, **BY)
    assert imported(connection, *listed).steps == ()
    assert [one.id for one in people.listing(connection)] == ["p002", "p003", "p009"]


def test_who_is_removed_or_moved_leaves_the_queue_for_rooms_and_who_is_changed_does_not(connection):
    for person in ("p001", "p002", "p003"):
        wait(connection, person)
    imported(connection, replace(SAME[1], name="Baru"), replace(SAME[2], cohort="a01"))
    assert waits(connection) == {"p002"}


def test_who_was_removed_is_kept_and_found_again(connection):
    imported(connection, *SAME[1:])
    gone = people.find(connection, "p001")
    assert gone == replace(PEOPLE[0], active=False)
    assert steps(imported(connection, *SAME)) == [("returned", "p001")]
    assert people.find(connection, "p001") == PEOPLE[0]


def test_the_audit_says_what_changed_but_repeats_no_name_and_no_nip(connection):
    imported(connection, replace(SAME[0], name="Rahasia", nip="9" * 18, region="Lain"), *SAME[1:])
    (line,) = audit.read(connection)
    assert (line.act, line.whom) == ("person.changed", "p001")
    assert line.what["changes"] == {
        "name": {}, "nip": {}, "region": {"from": "Umpama", "to": "Lain"},
    }  # fmt: skip


def test_an_id_of_staff_cannot_be_a_participants(connection):
    with pytest.raises(ServiceError, match="k01 is the id of Karim Rekaan, penyelenggara"):
        imported(connection, *SAME, line("k01"))
    staff = (replace(PEOPLE[3], id="p001"),)
    with pytest.raises(ServiceError, match="p001 is the id of p001 Rekaan, peserta"):
        enrolling.plan_staff(connection, staff)


# The file ------------------------------------------------------------------------------------------


@pytest.fixture
def course(tmp_path):
    shutil.copytree(Path(__file__).parents[1] / "course_small", tmp_path / "root")
    return Course.load(tmp_path / "root")


def test_the_file_follows_the_table_and_keeps_what_only_it_knows(connection, course):
    course.roster.write_text(
        "id;name;role;region;cohort;superior;telepon\n"
        "p003;Lama;camat;X;a02;;0800\np001;p001 Rekaan;lurah;Umpama;a01;p003;0811\n"
    )
    people.update(connection, replace(PEOPLE[1], active=False), at=NOW)
    enrolling.keep_roster(connection, course)
    assert course.roster.read_text() == (
        "id;name;role;region;cohort;superior;telepon;zona\n"
        "p003;p003 Rekaan;camat;Umpama;a02;;0800;WIT\n"
        "p001;p001 Rekaan;lurah;Umpama;a01;p003;0811;\n"
    )
    assert list(course.folder.glob(".roster*")) == []


def test_a_line_that_nobody_has_imported_is_not_lost(connection, course):
    text = course.roster.read_text() + "p009,Baru,lurah,X,a01,\n"
    course.roster.write_text(text)
    with pytest.raises(ServiceError, match="lists p009, whom nobody has imported"):
        enrolling.keep_roster(connection, course)
    assert course.roster.read_text() == text
    enrolling.keep_roster(connection, course, gone="p009")
    assert "p009" not in course.roster.read_text()


def test_a_superior_who_takes_part_no_more_is_not_in_the_file(connection, course):
    people.update(connection, replace(PEOPLE[2], active=False), at=NOW)
    enrolling.keep_roster(connection, course)
    assert {row.superior for row in read_roster(course.roster, course.programme).participants} == {
        ""
    }


def test_a_roster_that_was_written_reads_the_same(course):
    before = read_roster(course.roster, course.programme)
    full = Roster((*before.participants, Participant(
        id="p009", name='Satu, "Dua"', role="lurah", region="=1+1", cohort="a01",
        superior="p001", zone="Asia/Jayapura", nip="1" * 18,
    )))  # fmt: skip
    for text in ("", course.roster.read_text()):
        course.roster.write_text(written(full, text))
        assert set(read_roster(course.roster, course.programme).participants) == set(
            full.participants
        )


# Staff ---------------------------------------------------------------------------------------------


def test_a_staff_list_is_read_with_every_wrong_line(tmp_path):
    path = tmp_path / "staff.csv"
    path.write_text("id;name;role\nw1;Wulan;Widyaiswara\nW 2;;bos\nw1;Dua;pimpinan\n")
    with pytest.raises(AuthoringError) as error:
        enrolling.read_staff(path)
    assert [(one.line, one.field) for one in error.value.problems] == [
        (2, "id"), (3, "id"), (3, "name"), (3, "role"), (4, "id"),
    ]  # fmt: skip
    path.write_text("id,name,role\nw1,Wulan,Widyaiswara\n")
    assert enrolling.read_staff(path) == (Person(id="w1", name="Wulan", role="widyaiswara"),)


def test_staff_are_those_of_the_list_and_participants_stay(connection):
    new = Person(id="g01", name="Gita", role="pimpinan")
    plan = enrolling.plan_staff(connection, (PEOPLE[3], new))
    enrolling.apply(connection, plan, **BY)
    assert steps(plan) == [("new", "g01"), ("removed", "w01")]
    assert len(people.listing(connection)) == 3


def test_somebody_is_always_left_to_run_the_programme(connection):
    with pytest.raises(ServiceError, match="no penyelenggara"):
        enrolling.plan_staff(connection, (PEOPLE[4],))
    with pytest.raises(ServiceError, match="k01 is the last penyelenggara"):
        enrolling.remove_staff(connection, "k01", **BY)
    second = Person(id="k02", name="Kedua", role="penyelenggara")
    assert enrolling.add_staff(connection, second, **BY).sort == "new"
    assert enrolling.add_staff(connection, second, **BY) is None
    assert enrolling.remove_staff(connection, "k01", **BY).after.active is False
    with pytest.raises(ServiceError, match="k02 is the last"):
        enrolling.add_staff(connection, replace(second, role="pimpinan"), **BY)
    assert [line.act for line in audit.read(connection)] == ["person.removed", "person.added"]


def test_a_participant_is_not_made_or_removed_as_staff(connection):
    with pytest.raises(ServiceError, match="p001 is the id of p001 Rekaan, peserta"):
        enrolling.add_staff(connection, replace(PEOPLE[3], id="p001"), **BY)
    with pytest.raises(ServiceError, match="Nobody has the id p001"):
        enrolling.remove_staff(connection, "p001", **BY)
    with pytest.raises(ServiceError, match="'bos' tidak dikenal"):
        enrolling.add_staff(connection, Person(id="b1", name="B", role="bos"), **BY)
