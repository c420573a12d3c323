"""A participant's pages over the database: what is theirs now, when it opens, and until when it counts."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta

import pytest

from pamong.course import Course
from pamong.light.host import NotOpen, NotThere
from pamong.light.remembered import Remembered
from pamong.outline import Spot, Text
from pamong.service import people, schedule
from pamong.service.host import ServiceHost, meet
from pamong.service.schedule import Window
from pamong.service.service import Service
from pamong.service.tables import events, extensions, releases, remembered, schedules
from tests.values import replace

from .conftest import MODULE, NOW, Hands, service_at

GRADED = {"type": "act", "seq": 1, "act": "answer", "data": {"item": "i1", "chosen": ["a"]}}
PRACTICE = {**GRADED, "data": {"item": "l1", "chosen": ["a"]}}


@pytest.fixture(scope="module")
def shared(released_once, tmp_path_factory) -> Iterator[Service]:
    root = tmp_path_factory.mktemp("host") / "root"
    shutil.copytree(released_once, root)
    course = Course.load(root)
    service = service_at(course, course.service_url)
    with closing(service.database):
        yield service


@pytest.fixture
def service(shared) -> Service:
    with shared.database.writing() as connection:
        for table in (events, extensions, schedules, remembered):
            connection.execute(table.delete())
    return replace(shared, clock=Hands())


def host(service: Service, person: str = "p001") -> ServiceHost | None:
    with service.database.reading() as connection:
        return meet(service, connection, people.find(connection, person))


def act(service: Service, exercise: str, message: dict, id: str, person: str = "p001") -> dict:
    return host(service, person).dialogue(MODULE, exercise).receive({**message, "id": id})


def scheduled(service: Service, **window) -> None:
    with service.database.writing() as connection:
        schedule.put(
            connection, service.course.programme, "a01", MODULE, Window(**window), by="k01", at=NOW
        )


def question(service: Service) -> dict:
    """An answer to a graded question of the small course."""
    brief = host(service).module(MODULE).briefs["pemahaman"]
    item = brief.items[0]
    return {**GRADED, "data": {"item": item.id, "chosen": [item.options[0].id]}}


def test_an_enrolment_is_the_person_the_programme_and_their_own_deadlines(service):
    enrolment = host(service).enrolment
    assert (enrolment.participant, enrolment.name, enrolment.role) == (
        "p001", "Ani Rekaan", "lurah",
    )  # fmt: skip
    assert (enrolment.cohort, enrolment.course_id) == ("Angkatan I", "kursus-contoh")
    assert enrolment.exchange == ""
    before = service.course.programme.deadline(MODULE)
    assert enrolment.deadline(MODULE) == before
    with service.database.writing() as connection:
        person = people.find(connection, "p001")
        schedule.extend(
            connection, service.course.programme, [person], MODULE,
            until=timedelta(days=2), reason="dinas", by="k01", at=NOW,
        )  # fmt: skip
    assert host(service).enrolment.deadline(MODULE) == before + timedelta(days=2)
    assert host(service, "p002").enrolment.deadline(MODULE) == before


def test_staff_have_no_pages_of_a_participant(service):
    assert [host(service, id) for id in ("w01", "k01", "g01")] == [None] * 3


def test_a_module_is_its_texts_and_the_exercises_that_the_participant_meets(service):
    content = host(service).module(MODULE)
    assert content.title == "Modul Contoh"
    assert content.exercises == ("latihan", "pemahaman", "sikap", "refleksi")
    assert [type(piece) for piece in content.pieces] == [Text, Spot, Spot, Spot, Spot]


def test_a_module_opens_when_the_cohort_does_and_says_when(service):
    opens = NOW + timedelta(hours=2)
    scheduled(service, opens=opens, closes=NOW + timedelta(days=9))
    with pytest.raises(NotOpen) as caught:
        host(service).module(MODULE)
    assert caught.value.opens == opens
    for way in ("store", "edition", "portfolio"):
        with pytest.raises(NotOpen):
            getattr(host(service), way)(MODULE)
    with pytest.raises(NotOpen):
        host(service).file(MODULE, "gambar.svg")
    with pytest.raises(NotOpen):
        host(service).dialogue(MODULE, "latihan")
    service.clock.move(hours=2)
    assert host(service).module(MODULE).title == "Modul Contoh"


def test_what_was_not_released_or_is_not_in_the_programme_is_not_there(service):
    with service.database.writing() as connection:
        before = connection.execute(releases.select()).mappings().all()
        connection.execute(releases.delete())
    try:
        with pytest.raises(NotOpen) as caught:
            host(service).module(MODULE)
        assert caught.value.opens is None
    finally:
        with service.database.writing() as connection:
            connection.execute(releases.insert(), [dict(row) for row in before])
    for strange in ("m9", "..", "", MODULE + "x"):
        with pytest.raises(NotThere):
            host(service).module(strange)
    with pytest.raises(NotThere):
        host(service).dialogue(MODULE, "kasus")
    for name in ("latihan.brief.yaml", "module.ipynb", "../../service.db", "nol\0.svg"):
        with pytest.raises(NotThere):
            host(service).file(MODULE, name)


def test_answers_are_kept_for_their_owner_alone(service):
    told = act(service, "latihan", PRACTICE, "a")
    assert (told["type"], told["screen"]["n"], told["screen"]["saved"]) == (
        "ack", 2, "pukul 10.00 WIB",
    )  # fmt: skip
    assert host(service).store(MODULE).count("latihan") == 2
    assert host(service, "p002").dialogue(MODULE, "latihan").look()["n"] == 0


def test_after_the_end_graded_exercises_take_no_act_and_practice_does(service):
    scheduled(service, closes=NOW + timedelta(hours=1), grace=timedelta(minutes=30))
    graded = question(service)
    assert act(service, "pemahaman", graded, "a")["type"] == "ack"
    service.clock.move(minutes=90)
    assert act(service, "pemahaman", graded, "b")["type"] == "ack"
    assert host(service).outbox(MODULE).over is False
    service.clock.move(minutes=1)
    told = act(service, "pemahaman", graded, "c")
    assert (told["type"], told["again"]) == ("refuse", False)
    assert told["text"].startswith("Waktu mengerjakan modul ini sudah habis")
    assert told["screen"]["n"] == 3
    assert act(service, "latihan", PRACTICE, "d")["type"] == "ack"
    assert host(service).outbox(MODULE).over is True
    with service.database.writing() as connection:
        person = people.find(connection, "p001")
        schedule.extend(
            connection, service.course.programme, [person], MODULE,
            until=NOW + timedelta(hours=3), reason="dinas", by="k01", at=NOW,
        )  # fmt: skip
    assert act(service, "pemahaman", graded, "c")["type"] == "ack"


def test_a_new_release_leaves_what_was_begun_as_it_was(service):
    graded = question(service)
    act(service, "pemahaman", graded, "a")
    before = host(service).edition(MODULE)
    path = service.course.release(MODULE) / "pemahaman.brief.yaml"
    old = path.read_text(encoding="utf-8")
    path.write_text(old.replace("version: 1", "version: 2").replace("title: ", "title: Baru "))
    try:
        assert host(service).edition(MODULE) != before
        mine, theirs = host(service), host(service, "p002")
        assert mine.module(MODULE).briefs["pemahaman"].version == 1
        assert mine.dialogue(MODULE, "pemahaman").look()["newer"] is True
        assert act(service, "pemahaman", graded, "b")["type"] == "ack"
        assert theirs.module(MODULE).briefs["pemahaman"].version == 2
        assert "newer" not in theirs.dialogue(MODULE, "pemahaman").look()
    finally:
        path.write_text(old, encoding="utf-8")


def test_what_is_remembered_is_amended_and_anything_strange_counts_as_nothing(service):
    assert host(service).remembered() == Remembered()
    host(service).remember(notice="a", agreed="b")
    host(service).remember(host="light")
    assert host(service).remembered() == Remembered(notice="a", agreed="b", host="light")
    assert host(service, "p002").remembered() == Remembered()
    with service.database.writing() as connection:
        connection.execute(remembered.update().values(content={"notice": 3}))
    assert host(service).remembered() == Remembered()


def test_the_newest_transcript_is_theirs_alone(service):
    assert host(service).transcript() is None
    folder = service.course.folder / "transcripts" / "a01"
    folder.mkdir(parents=True)
    (folder / "p001.pdf").write_bytes(b"%PDF- satu")
    (folder / "p0011.pdf").write_bytes(b"%PDF- lain")
    assert host(service).transcript() == b"%PDF- satu"
    assert host(service, "p002").transcript() is None
