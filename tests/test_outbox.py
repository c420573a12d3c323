"""What one participant hands in: once, whole, and with a receipt exactly when it has arrived."""

import json
import os
import shutil
import stat
import threading
from datetime import UTC, datetime, timedelta

import pytest

from pamong.errors import Undelivered
from pamong.exchange import SECRET, TEMPORARY, feedback_name
from pamong.grading.intake.collect import collect
from pamong.outbox import Outbox
from pamong.portfolio import Entry, Portfolio
from pamong.receipt import digest
from tests.moments import interrupted, killed

from .conftest import MODULE

START = datetime(2026, 12, 1, 3, tzinfo=UTC)
COURSE = "kursus-contoh"


def portfolio(text="satu", **more):
    entry = Entry(
        exercise="sikap", title="Sikap", graded=True, summative=True, state="finished", events=3
    )
    files = {"module.ipynb": b"{}", "sikap.jsonl": text.encode(), **more}
    return Portfolio(files=files, entries=(entry,))


class Wall:
    """A clock that goes on by a second whenever somebody looks, unless it is set."""

    def __init__(self, now=START):
        self.now = now

    def __call__(self):
        self.now += timedelta(seconds=1)
        return self.now


class Scene:
    def __init__(self, folder):
        self.home, self.exchange = folder / "home", folder / "exchange"
        self.home.mkdir()
        self.inbound.mkdir(parents=True)
        self.clock = Wall()

    @property
    def inbound(self):
        return self.exchange / COURSE / "inbound"

    def outbox(self, *, deadline=None, place=None, participant="p001"):
        return Outbox(
            self.home,
            MODULE,
            participant=participant,
            course=COURSE,
            place=str(self.exchange) if place is None else place,
            deadline=deadline,
            clock=self.clock,
        )

    def hand_in(self, text="satu", **about):
        return self.outbox(**about).submit(lambda: portfolio(text), statement=True)

    def there(self):
        return sorted(path.name for path in self.inbound.iterdir() if not path.name.startswith("."))

    def hidden(self):
        return [path.name for path in self.inbound.iterdir() if path.name.startswith(".")]


@pytest.fixture
def scene(tmp_path):
    return Scene(tmp_path)


def test_a_receipt_tells_what_arrived(scene):
    made = scene.hand_in()
    (name,) = scene.there()
    folder = scene.inbound / name
    assert (folder / "receipt.json").read_bytes() == made.canonical()
    assert (folder / "sikap.jsonl").read_bytes() == b"satu"
    assert (folder / "timestamp.txt").read_text() == "2026-12-01 03:00:02.000000 UTC"
    assert made.content == digest(portfolio().files)
    assert (made.course, made.participant, made.module) == (COURSE, "p001", MODULE)
    assert (made.statement, made.late, made.moment) == (True, False, START + timedelta(seconds=2))
    assert scene.outbox().receipts() == (made,)
    assert scene.outbox().find(made.code.lower().replace("-", "")) == made
    for other in ("AAAA-AAAA-AAAA-AAAA", "", "../../../etc/passwd"):
        assert scene.outbox().find(other) is None


def test_what_is_kept_is_the_participants_alone(scene):
    made = scene.hand_in()
    modes = {
        str(path.relative_to(scene.home)): stat.S_IMODE(path.stat().st_mode)
        for path in scene.home.rglob("*")
    }
    assert modes[f"receipts/{MODULE}/{made.code}.json"] == 0o600
    assert set(modes.values()) == {0o600, 0o700}
    assert not any(name.endswith((".pending", ".new")) for name in modes)


def test_the_same_content_is_handed_in_once(scene):
    first = scene.hand_in()
    assert scene.hand_in() == first
    assert len(scene.there()) == 1
    assert scene.outbox().receipts() == (first,)


def test_changed_content_is_a_new_submission_and_the_newest_stands_first(scene):
    first, second = scene.hand_in("satu"), scene.hand_in("dua")
    assert scene.outbox().receipts() == (second, first)
    assert len(scene.there()) == 2
    assert second.moment > first.moment


def test_handing_in_an_earlier_state_again_is_a_new_submission(scene):
    first = scene.hand_in("satu")
    scene.hand_in("dua")
    third = scene.hand_in("satu")
    assert third.code != first.code
    assert scene.outbox().receipts()[0] == third


def page(answer="", title="Judul"):
    """A notebook with one answer, as it is handed in."""
    mark = {"nbgrader": {"solution": True, "grade_id": "esai"}}
    cells = [
        {"cell_type": "markdown", "metadata": {}, "source": [title]},
        {"cell_type": "markdown", "metadata": mark, "source": [answer]},
    ]
    return json.dumps({"nbformat": 4, "cells": cells}).encode()


@pytest.mark.parametrize(
    ("events", "pages", "outdated"),
    [
        ({"sikap": 3}, {"module.ipynb": page("a")}, False),
        ({"sikap": 4}, {"module.ipynb": page("a")}, True),
        ({"sikap": 0}, {"module.ipynb": page("a")}, True),
        ({"sikap": 3}, {"module.ipynb": page("b")}, True),
        ({"sikap": 3}, {"module.ipynb": b"[]"}, True),
        ({"sikap": 3}, {"module.ipynb": page("a"), "kedua.ipynb": page()}, True),
        ({"sikap": 3, "baru": 0}, {"module.ipynb": page("a", "Judul baru")}, False),
        ({}, {}, False),
    ],
)
def test_only_what_the_participant_did_since_makes_a_submission_outdated(
    scene, events, pages, outdated
):
    assert not scene.outbox().outdated(events, pages)
    files = {"module.ipynb": page("a")}
    scene.outbox().submit(lambda: portfolio(**files), statement=True)
    assert scene.outbox().outdated(events, pages) is outdated


def test_two_who_press_at_once_hand_in_one(scene):
    made, start = [], threading.Barrier(8)

    def press():
        start.wait()
        made.append(scene.hand_in())

    presses = [threading.Thread(target=press) for _ in range(8)]
    for each in presses:
        each.start()
    for each in presses:
        each.join()
    assert len(made) == 8
    assert len({each.code for each in made}) == 1
    assert len(scene.there()) == 1


def test_two_processes_at_once_hand_in_one(scene):
    children = []
    for _ in range(4):
        if not (pid := os.fork()):
            try:
                scene.hand_in()
            finally:
                os._exit(0)
        children.append(pid)
    for pid in children:
        os.waitpid(pid, 0)
    assert len(scene.there()) == len(scene.outbox().receipts()) == 1


def test_after_the_deadline_it_is_taken_and_said_to_be_late(scene):
    deadline = START + timedelta(seconds=2)
    first = scene.hand_in("satu", deadline=deadline)
    second = scene.hand_in("dua", deadline=deadline)
    assert (first.late, second.late) == (False, True)
    assert scene.hand_in("dua", deadline=deadline) == second


def test_the_receipt_of_what_was_in_time_stays_when_it_is_pressed_again_too_late(scene):
    deadline = START + timedelta(seconds=1)
    first = scene.hand_in(deadline=deadline)
    assert scene.hand_in(deadline=deadline) == first


def test_a_clock_that_was_set_back_does_not_hide_the_newer_submission(scene):
    first = scene.hand_in("satu")
    scene.clock.now -= timedelta(days=3)
    second = scene.hand_in("dua")
    assert second.moment == first.moment + timedelta(microseconds=1)
    assert scene.outbox().receipts()[0] == second


def test_a_clock_that_was_years_ahead_does_not_spoil_what_comes_after(scene):
    scene.clock.now = START + timedelta(days=400)
    scene.hand_in("satu")
    scene.clock.now = START
    made = scene.hand_in("dua")
    assert START < made.moment < START + timedelta(minutes=1)
    assert scene.outbox().receipts()[0] == made
    assert not scene.outbox().outdated({"sikap": 3}, {})
    assert scene.hand_in("dua") == made
    assert len(scene.there()) == 2


def test_what_was_not_seen_is_not_handed_in(scene):
    with pytest.raises(Undelivered) as raised:
        scene.outbox().submit(portfolio, statement=True, seen="0" * 64)
    assert raised.value.code == "changed"
    assert scene.there() == []
    seen = portfolio().content
    assert scene.outbox().submit(portfolio, statement=True, seen=seen).content == seen


def test_a_submission_that_is_gone_is_put_back_under_its_own_receipt(scene):
    made = scene.hand_in()
    (name,) = scene.there()
    shutil.rmtree(scene.inbound / name)
    assert scene.hand_in() == made
    assert scene.there() == [name]
    assert scene.hidden() == []


def test_a_submission_that_was_spoilt_is_put_right(scene):
    made = scene.hand_in()
    (name,) = scene.there()
    (scene.inbound / name / "sikap.jsonl").write_bytes(b"x")
    assert scene.hand_in() == made
    assert (scene.inbound / name / "sikap.jsonl").read_bytes() == b"satu"


def test_without_its_secret_the_last_one_cannot_be_looked_at_so_it_is_handed_in_anew(scene):
    made = scene.hand_in()
    shutil.rmtree(scene.home / "nbgrader_cache")
    again = scene.hand_in()
    assert again.code != made.code
    assert len(scene.there()) == 2


def test_nothing_counts_while_the_exchange_is_away_not_even_the_same_again(scene):
    made = scene.hand_in()
    scene.exchange.rename(scene.home.parent / "away")
    for text in ("satu", "dua"):
        with pytest.raises(Undelivered) as raised:
            scene.hand_in(text)
        assert raised.value.code == "missing"
    assert scene.outbox().receipts() == (made,)
    (scene.home.parent / "away").rename(scene.exchange)
    scene.hand_in("dua")
    assert len(scene.there()) == 2
    assert scene.hidden() == []


def test_without_an_exchange_the_outbox_is_closed(scene):
    assert not scene.outbox(place="").open
    with pytest.raises(Undelivered) as raised:
        scene.hand_in(place="")
    assert raised.value.code == "closed"
    assert str(raised.value) == (
        f"{MODULE}: there is no exchange. Nothing was handed in; mend the exchange, then try again."
    )


def test_a_home_that_takes_nothing_is_said_before_anything_leaves(scene):
    shutil.rmtree(scene.home)
    scene.home.write_text("bukan folder")
    with pytest.raises(Undelivered) as raised:
        scene.hand_in()
    assert raised.value.code == "own"
    assert scene.there() == []


def test_receipts_of_others_and_damaged_ones_are_not_shown(scene):
    other, made = scene.hand_in(participant="p002"), scene.hand_in()
    folder = scene.home / "receipts" / MODULE
    (folder / "AAAA-AAAA-AAAA-AAAA.json").write_text("{")
    assert scene.outbox().receipts() == (made,)
    assert scene.outbox(participant="p002").receipts() == (other,)


# ---- at whatever moment it ends ----


def test_killed_at_any_moment_it_is_there_whole_with_a_receipt_or_not_at_all(scene):
    """What the next look at the outbox says is true, and the next handing in clears up behind it."""
    codes, arrived = [], 0
    for code in interrupted(scene.hand_in, killed):
        codes.append(code)
        scene.outbox().settle()
        there, receipts = scene.there(), scene.outbox().receipts()
        assert len(there) == len(receipts) <= 1
        arrived += len(there)
        made = scene.hand_in()
        assert receipts in ((), (made,))
        assert scene.outbox().receipts() == (made,)
        (name,) = scene.there()
        assert (scene.inbound / name / "receipt.json").read_bytes() == made.canonical()
        assert scene.hidden() == []
        for folder in (scene.inbound / name, scene.home):
            shutil.rmtree(folder)
        scene.home.mkdir()
    assert codes == [-9] * (len(codes) - 1) + [0]
    assert 10 < arrived < len(codes) - 10  # some died before it arrived, some after


def test_killed_while_the_second_is_on_its_way_the_first_stays(scene):
    first = scene.hand_in("satu")
    for _ in interrupted(lambda: scene.hand_in("dua"), killed):
        scene.outbox().settle()
        receipts = scene.outbox().receipts()
        assert receipts[-1] == first
        assert len(receipts) == len(scene.there())
        for made in receipts[:-1]:
            (scene.home / "receipts" / MODULE / f"{made.code}.json").unlink()
            (name,) = (each for each in scene.there() if f"{made.moment:%H:%M:%S}" in each)
            shutil.rmtree(scene.inbound / name)


def test_a_damaged_note_of_what_was_on_its_way_stops_nothing(scene):
    (scene.home / "receipts" / MODULE).mkdir(parents=True)
    (scene.home / "receipts" / MODULE / ".pending").write_text('{"temporary": 3}')
    scene.hand_in()
    assert len(scene.there()) == 1


def test_a_note_that_cannot_be_read_just_now_is_kept_and_nothing_is_handed_in_twice(scene):
    made = scene.hand_in()
    note = scene.home / "receipts" / MODULE / ".pending"
    note.mkdir()  # reading it fails, as with too many open files
    with pytest.raises(Undelivered) as caught:
        scene.hand_in("dua")
    assert (caught.value.code, note.exists()) == ("own", True)
    note.rmdir()
    assert scene.hand_in() == made
    assert len(scene.there()) == 1


def test_collecting_takes_the_newest_and_is_silent_about_what_is_being_written(released, tmp_path):
    scene = Scene(tmp_path)
    scene.exchange = released.exchange
    scene.inbound.mkdir(parents=True)
    half = scene.inbound / f"{TEMPORARY}0123"
    half.mkdir()
    (half / "module.ipynb").write_text("{")
    scene.hand_in("satu")
    made = scene.hand_in("dua")
    assert str(collect(released, MODULE)) == (
        "1 new, 0 updated, 0 unchanged, 0 refused.\n"
        f"  -- {scene.there()[1]}: buku catatan modulnya rusak; dipakai yang dirilis, "
        "yang rusak disimpan di sampingnya."
    )
    target = released.submitted("p001", MODULE)
    assert (target / "sikap.jsonl").read_bytes() == b"dua"
    assert (target / "receipt.json").read_bytes() == made.canonical()


# ---- feedback ----


def publish(scene, text, name=None):
    folder = scene.exchange / COURSE / "feedback"
    folder.mkdir(exist_ok=True)
    records = sorted((scene.home / "nbgrader_cache" / COURSE).iterdir())
    secret = (records[-1] / SECRET).read_text()
    (folder / (name or feedback_name(secret, "module"))).write_text(text)


def test_feedback_is_found_by_the_secret_of_the_own_submission(scene):
    assert scene.outbox().feedback() == ()
    made = scene.hand_in()
    assert scene.outbox().feedback() == ()
    publish(scene, "milik orang lain", feedback_name("rahasia lain", "module"))
    assert scene.outbox().feedback() == ()
    publish(scene, "umpan balik")
    (found,) = scene.outbox().feedback()
    assert (found.receipt, found.notebook, found.read().decode()) == (
        made,
        "module",
        "umpan balik",
    )


def test_feedback_on_an_earlier_submission_is_shown_until_there_is_newer(scene):
    first = scene.hand_in("satu")
    publish(scene, "pertama")
    second = scene.hand_in("dua")
    assert [each.receipt for each in scene.outbox().feedback()] == [first]
    publish(scene, "kedua")
    assert [each.receipt for each in scene.outbox().feedback()] == [second]
