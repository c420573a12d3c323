"""What was begun on one version goes on on it, whatever is released meanwhile."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from threading import Barrier

import pytest

from pamong.dialogue import Dialogue, Where
from pamong.edition import Editions
from pamong.errors import CourseError, StaleAppend
from pamong.event import Draft
from pamong.kinds import choice
from pamong.store import FileStore

BRIEF = """kind: choice
id: latihan
version: {version}
title: {title}
use: graded
stakes: formative
visibility: marker
minutes: 2
items:
  - id: l1
    stem: Apa langkah pertama?
    options: [{{id: a, text: Mendengar}}, {{id: b, text: Memerintah}}, {{id: c, text: Menunda}}]
"""

OPENING = Draft(id="x", who="system", act="open", attempt=1, at="2026-12-01T00:00:00.000Z", data={})


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "m1"
    folder.mkdir()
    release(folder, 1)
    return folder


def release(folder, version, title="Latihan"):
    path = folder / "latihan.brief.yaml"
    path.write_text(BRIEF.format(version=version, title=f"{title} {version}"), encoding="utf-8")


def editions(folder) -> Editions:
    return Editions(folder, FileStore(folder))


def play(folder, option="a"):
    found = editions(folder)
    edition = found.find("latihan")
    made = Dialogue(
        choice.KIND,
        edition.brief,
        found.store(),
        participant="p001",
        clock=lambda: datetime(2026, 12, 1, tzinfo=UTC),
        where=Where(newer=edition.newer),
    )
    data = {"item": "l1", "chosen": [option]}
    message = {"type": "act", "seq": 1, "id": f"x-{option}", "act": "answer", "data": data}
    return made.receive(message)


def kept(folder):
    return folder.parent / ".pamong" / "briefs" / "m1" / "latihan.v1.brief.yaml"


def test_what_has_not_been_begun_is_played_on_the_new_version(folder):
    release(folder, 2)
    assert not editions(folder).find("latihan").newer
    assert play(folder)["screen"]["brief"]["version"] == 2


def test_what_has_been_begun_goes_on_on_its_version_and_says_that_there_is_another(folder):
    play(folder)
    release(folder, 2)
    answered = play(folder, "b")
    assert (answered["type"], answered["screen"]["title"]) == ("ack", "Latihan 1")
    assert answered["screen"]["newer"] is True
    assert {event.version for event in FileStore(folder).read("latihan")} == {1}


def test_the_brief_is_set_aside_as_it_was_before_the_first_answer_counts(folder):
    original = (folder / "latihan.brief.yaml").read_bytes()
    editions(folder).find("latihan")
    assert not kept(folder).exists()
    play(folder)
    assert kept(folder).read_bytes() == original
    assert all(stat.S_IMODE(each.stat().st_mode) == 0o700 for each in kept(folder).parents[:3])
    assert [path.name for path in kept(folder).parent.iterdir()] == [kept(folder).name]


def test_whoever_begins_at_the_same_moment_the_brief_is_set_aside_whole(folder):
    original = (folder / "latihan.brief.yaml").read_bytes()
    for _ in range(20):
        together = Barrier(4)

        def begin(_, together=together):
            keeping = editions(folder).store()
            together.wait()
            with suppress(StaleAppend):
                keeping.append("latihan", 1, 0, (OPENING,))

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(begin, range(4)))
        assert kept(folder).read_bytes() == original
        kept(folder).unlink()
        (folder / "latihan.jsonl").unlink()


def test_a_brief_that_was_lost_is_told_and_no_answer_is(folder):
    play(folder)
    kept(folder).unlink()
    release(folder, 2)
    answered = play(folder, "b")
    assert answered["type"] == "refuse"
    assert len(FileStore(folder).read("latihan")) == 2


def test_where_nothing_can_be_set_aside_the_answer_is_taken_all_the_same(folder, caplog):
    (folder.parent / ".pamong").write_text("not a folder", encoding="utf-8")
    assert play(folder)["type"] == "ack"
    assert "the brief could not be set aside" in caplog.text


def test_what_could_not_be_set_aside_is_tried_again_with_the_next_answer(folder):
    blocked = folder.parent / ".pamong"
    blocked.write_text("not a folder", encoding="utf-8")
    play(folder)
    blocked.unlink()
    play(folder, "b")
    assert kept(folder).read_bytes() == (folder / "latihan.brief.yaml").read_bytes()


def test_a_damaged_log_does_not_hide_the_exercise(folder):
    (folder / "latihan.jsonl").write_bytes(b"garbage\n")
    assert editions(folder).find("latihan").brief.version == 1


def test_an_exercise_that_the_module_does_not_have_is_named(folder):
    with pytest.raises(CourseError, match="No exercise 'kasus' in"):
        editions(folder).find("kasus")
