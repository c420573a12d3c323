"""A participant's modules in one folder: what is theirs, as it is now, and nothing else."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime

import pytest

from pamong.course import Course
from pamong.enrolment import Enrolment
from pamong.light.host import FolderHost, NotThere
from pamong.outline import Spot, Text

from .conftest import MODULE

NOW = datetime(2026, 12, 1, 3, tzinfo=UTC)


def enrolled(course: Course, **changes) -> Enrolment:
    plain = {
        "participant": "p001",
        "name": "Khadijah",
        "role": "lurah",
        "cohort": "a01",
        "programme": course.programme.title,
        "course_id": course.programme.course_id,
        "time_zone": "Asia/Jakarta",
        "modules": course.programme.modules,
    }
    return Enrolment(**plain | changes)


@pytest.fixture
def host(released_once, tmp_path) -> FolderHost:
    course = Course.load(released_once)
    shutil.copytree(course.release(MODULE), tmp_path / "root" / MODULE)
    return FolderHost(tmp_path / "root", enrolled(course), clock=lambda: NOW)


def test_a_module_is_its_texts_and_the_exercises_that_the_participant_meets(host):
    content = host.module(MODULE)
    assert content.title == "Modul Contoh"
    assert content.exercises == ("latihan", "pemahaman", "sikap", "refleksi")
    assert [type(piece) for piece in content.pieces] == [Text, Spot, Spot, Spot, Spot]
    assert {name: brief.id for name, brief in content.briefs.items()} == {
        name: name for name in content.exercises
    }


def test_an_edition_lasts_until_something_is_released(host):
    before = host.module(MODULE).edition
    host.dialogue(MODULE, "latihan").receive(
        {
            "type": "act",
            "seq": 1,
            "id": "a",
            "act": "answer",
            "data": {"item": "l1", "chosen": ["a"]},
        }
    )
    assert host.module(MODULE).edition == before
    path = host.root / MODULE / "latihan.brief.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("version: 1", "version: 2"))
    assert host.module(MODULE).edition != before
    assert host.module(MODULE).briefs["latihan"].version == 1
    assert host.dialogue(MODULE, "latihan").look()["newer"] is True


def test_answers_lie_beside_the_exercises_where_a_notebook_looks_for_them(host):
    data = {"item": "l1", "chosen": ["a"]}
    host.dialogue(MODULE, "latihan").receive(
        {"type": "act", "seq": 1, "id": "a", "act": "answer", "data": data}
    )
    assert [event.data for event in host.store(MODULE).read("latihan")][-1] == data
    assert (host.root / MODULE / "latihan.jsonl").is_file()


def test_a_dialogue_is_with_the_enrolled_participant(host):
    assert host.dialogue(MODULE, "latihan").scope == f"kursus-contoh/p001/{MODULE}/latihan/1"


def test_moments_are_told_where_the_participant_lives(host, released_once):
    there = enrolled(Course.load(released_once), zone="Asia/Jayapura")
    message = {"type": "act", "seq": 1, "id": "a", "act": "answer"}
    data = {"item": "l1", "chosen": ["a"]}
    dialogue = FolderHost(host.root, there, clock=lambda: NOW).dialogue(MODULE, "latihan")
    answered = dialogue.receive({**message, "data": data})
    assert answered["screen"]["saved"] == "pukul 12.00 WIT"


def test_the_other_side_is_whoever_the_host_is_given(released_once, tmp_path):
    course = Course.load(released_once)
    asked = []
    shutil.copytree(course.release(MODULE), tmp_path / "root" / MODULE)
    host = FolderHost(
        tmp_path / "root", enrolled(course), counterpart=lambda *it: asked.append(it) or None
    )
    host.dialogue(MODULE, "latihan")
    assert [(kind.name, brief.id) for kind, brief in asked] == [("choice", "latihan")]


@pytest.mark.parametrize("module", ["m9", "..", MODULE + "x"])
def test_a_module_that_is_not_theirs_is_not_there(host, module):
    (host.root / "m9").mkdir()
    shutil.copy(host.root / MODULE / "module.ipynb", host.root / "m9")
    with pytest.raises(NotThere):
        host.module(module)


def test_a_module_of_the_programme_that_was_not_released_yet_is_not_there(host):
    shutil.rmtree(host.root / MODULE)
    with pytest.raises(NotThere):
        host.module(MODULE)


def test_an_exercise_that_the_module_does_not_have_is_not_there(host):
    with pytest.raises(NotThere):
        host.dialogue(MODULE, "kasus")


def test_pictures_of_the_module_are_served(host):
    assert host.file(MODULE, "gambar.svg") == (host.root / MODULE / "gambar.svg").read_bytes()


@pytest.mark.parametrize(
    "name",
    [
        "latihan.brief.yaml",
        "module.ipynb",
        "latihan.jsonl",
        "../rahasia.svg",
        ".tersembunyi.svg",
        "tautan.svg",
        "tiada.svg",
        "nol\0.svg",
        "x" * 300 + ".svg",
        "",
    ],
)
def test_no_other_file_is(host, name):
    folder = host.root / MODULE
    (host.root / "rahasia.svg").write_text("<svg/>")
    (folder / ".tersembunyi.svg").write_text("<svg/>")
    (folder / "latihan.jsonl").write_text("")
    (folder / "tautan.svg").symlink_to(host.root / "rahasia.svg")
    with pytest.raises(NotThere):
        host.file(MODULE, name)
