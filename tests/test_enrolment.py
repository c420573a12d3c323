"""All that a participant's server is told: written for its owner alone, and believed only when it is whole."""

from __future__ import annotations

import re
import stat
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from pamong import enrolment
from pamong.enrolment import Enrolment
from pamong.errors import CourseError
from pamong.place import Person
from pamong.programme import ModulePlan

ENROLLED = Enrolment(
    participant="p001",
    name="Khadijah Sukawana",
    role="lurah",
    cohort="a02",
    programme="Pelatihan Contoh",
    course_id="contoh",
    time_zone="Asia/Makassar",
    modules=(
        ModulePlan(id="m1", title="Modul Satu", jp=4, deadline="2026-12-11T23:59"),
        ModulePlan(id="m2", title="Modul Dua", jp=4),
    ),
)


def test_what_is_written_is_read_back_and_nobody_else_may_read_it(tmp_path):
    path = tmp_path / "enrolment.json"
    enrolment.dump(ENROLLED, path)
    assert enrolment.load(path) == ENROLLED
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["enrolment.json"]


def test_a_deadline_is_in_the_time_zone_of_the_programme():
    due = datetime(2026, 12, 11, 23, 59, tzinfo=ZoneInfo("Asia/Makassar"))
    assert ENROLLED.deadline("m1") == due
    assert ENROLLED.deadline("m2") is None
    assert ENROLLED.deadline("m9") is None


def test_the_person_is_who_lots_and_offices_are_drawn_for():
    assert ENROLLED.person == Person("p001", "lurah")


def test_a_module_that_is_not_taken_has_no_plan():
    assert ENROLLED.plan("m2").title == "Modul Dua"
    assert ENROLLED.plan("m9") is None


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is not an enrolment"),
        (b"[]", "is not an enrolment"),
        (b'{"participant": "\xff"}', "is not an enrolment"),
        (b'{"participant": "p001"}', "missing required field"),
        (b'{"participant": 7}', "Expected `str`, got `int`"),
        (b" " * (enrolment.SIZE_LIMIT + 1), f"has more than {enrolment.SIZE_LIMIT} bytes"),
    ],
)
def test_a_file_that_is_no_enrolment_is_refused_with_its_name(tmp_path, content, said):
    path = tmp_path / "enrolment.json"
    path.write_bytes(content)
    with pytest.raises(CourseError, match=re.escape(said)) as refused:
        enrolment.load(path)
    assert str(path) in str(refused.value)


def test_the_environment_names_the_file_or_there_is_no_enrolment(tmp_path, monkeypatch):
    monkeypatch.delenv(enrolment.VARIABLE, raising=False)
    assert enrolment.from_environment() is None
    path = tmp_path / "enrolment.json"
    enrolment.dump(ENROLLED, path)
    monkeypatch.setenv(enrolment.VARIABLE, str(path))
    assert enrolment.from_environment() == ENROLLED
    monkeypatch.setenv(enrolment.VARIABLE, str(tmp_path / "none.json"))
    with pytest.raises(CourseError, match="No such file or directory.*PAMONG_ENROLMENT must name"):
        enrolment.from_environment()
