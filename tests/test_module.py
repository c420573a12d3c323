"""A module as its notebook sees it: who plays, on whose clock, and what the answers are for."""

from __future__ import annotations

import pytest

from pamong import enrolment
from pamong.course import Course
from pamong.event import Data, Draft
from pamong.light.host import FolderHost
from pamong.log import encode, number
from pamong.module import Module

from .conftest import MODULE
from .test_host import enrolled

AT = "2026-12-01T03:00:00.000Z"
ACT = {
    "type": "act", "seq": 1, "id": "pc-1", "act": "answer",
    "data": {"item": "l1", "chosen": ["a"]},
}  # fmt: skip


@pytest.fixture
def module(released: Course, tmp_path, monkeypatch) -> Module:
    about = enrolled(released, zone="Asia/Jayapura", course_id="angkatan-timur")
    enrolment.dump(about, tmp_path / "enrolment.json")
    monkeypatch.setenv(enrolment.VARIABLE, str(tmp_path / "enrolment.json"))
    monkeypatch.setenv("PAMONG_PARTICIPANT", "p001")
    monkeypatch.setenv("PAMONG_TIME_ZONE", "Asia/Jakarta")
    return Module(MODULE, released.release(MODULE))


def test_a_notebook_tells_moments_where_the_participant_lives(module):
    assert module._dialogue("latihan").receive(ACT)["screen"]["saved"].endswith(" WIT")


def test_a_notebook_keeps_drafts_under_the_name_that_the_light_page_does(module):
    assert module._dialogue("latihan").scope == f"angkatan-timur/p001/{MODULE}/latihan/1"


def test_a_notebook_says_of_a_first_test_that_it_changes_no_grade(module):
    path = module.folder / "module.ipynb"
    path.write_text(path.read_text().replace('"points": 40', '"points": 0'))
    badges = [module._dialogue(name).look()["badge"] for name in ("pemahaman", "sikap")]
    assert badges == ["uncounted", "graded"]
    path.write_text("{")
    assert module._dialogue("pemahaman").look()["badge"] == "graded"


def test_both_hosts_tell_whoever_writes_before_no_text_fits_any_more(module):
    light = FolderHost(module.folder.parent, enrolment.from_environment())
    hosts = (module._dialogue, lambda name: light.dialogue(MODULE, name))
    path = module.folder / "refleksi.jsonl"
    written = {"prompt": "q1", "text": "é" * 20_000}
    for lines, told in ((80, False), (95, True)):
        drafts = (_draft("open"), *(_draft("text", written, place) for place in range(lines)))
        path.write_bytes(b"".join(map(encode, number("refleksi", 1, drafts, 0))))
        assert ["scarce" in find("refleksi").look() for find in hosts] == [told, told]


def _draft(act: str, data: Data | None = None, place: int = 0) -> Draft:
    who = "system" if act == "open" else "participant"
    return Draft(id=f"{act}-{place}", who=who, act=act, attempt=1, at=AT, data=data or {})
