"""Graded negotiations against the service: it alone opens, replies and counts, and nothing is rewound."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import select

from pamong import log
from pamong.counterpart import LocalCounterpart, verify
from pamong.course import Course
from pamong.kinds import KINDS
from pamong.play import play
from pamong.service import handover, people
from pamong.service.host import meet
from pamong.service.service import Service
from pamong.service.tables import events

from .conftest import NOW, service_at

HERE = Path(__file__).parents[2]
MODULE, EXERCISE = "m5-negosiasi-mediasi", "lapangan-warga"
UNANSWERED = (
    "Pihak seberang belum menjawab. Langkah Anda sudah tersimpan. Silakan coba lagi sebentar lagi."
)


@pytest.fixture(scope="module")
def shared(released_once, tmp_path_factory) -> Iterator[Service]:
    """The module on negotiation as it is released, with its keys."""
    root = tmp_path_factory.mktemp("opponent") / "root"
    shutil.copytree(released_once, root)
    shutil.copytree(HERE / "course/release" / MODULE, root / "course/release" / MODULE)
    shutil.copytree(HERE / "graders" / MODULE / "released", root / "graders" / MODULE / "released")
    settings = root / "course/programme.yaml"
    line = f"modules:\n  - {{id: {MODULE}, title: Negosiasi, jp: 8}}"
    settings.write_text(settings.read_text().replace("modules:", line, 1))
    course = Course.load(root)
    service = service_at(course, course.service_url)
    with service.database.writing() as connection:
        handover.release(connection, course, MODULE, by="k01", at=NOW)
    with closing(service.database):
        yield service


@pytest.fixture
def service(shared) -> Service:
    with shared.database.writing() as connection:
        connection.execute(events.delete())
    return shared


class Player:
    """Sends acts as a page does, a new request each."""

    def __init__(self, service: Service, person: str = "p001", exercise: str = EXERCISE) -> None:
        self.service, self.person, self.exercise = service, person, exercise
        self.found = service.course.shelf(MODULE).get(exercise, 1)
        self.n = 0

    def send(self, message: dict) -> dict:
        with self.service.database.reading() as connection:
            host = meet(self.service, connection, people.find(connection, self.person))
        return host.dialogue(MODULE, self.exercise).receive(message)

    def act(self, act: str, data: object, **more) -> dict:
        self.n += 1
        start = {"type": "act", "seq": self.n, "id": f"x-{self.n}", "act": act, "data": data}
        return self.send({**start, **more})

    def script(self, bot: str = "trade"):
        """What a bot would do against the same other side, and the log that comes of it."""
        kind, brief, key = self.found.kind, self.found.brief, self.found.key
        return play(
            kind, brief, key, kind.bots[bot], rng=Random(1), attempts=brief.attempts,
            opening=lambda attempt: self.side().open(self.exercise, 1, attempt),
        )  # fmt: skip

    def side(self) -> LocalCounterpart:
        found, secret = self.found, self.service.course.secret()
        return LocalCounterpart(
            found.kind, found.brief, found.key, participant=self.person, secret=secret
        )

    def play(self, count: int | None = None) -> None:
        """The first ``count`` acts of the bot."""
        before = 1
        for event in [it for it in self.script() if it.who == "participant"][:count]:
            if event.attempt != before:
                assert self.act("again", {})["type"] == "ack"
                before = event.attempt
            assert self.act(event.act, dict(event.data))["type"] == "ack"

    def log(self):
        query = select(events.c.line).where(events.c.person == self.person).order_by(events.c.n)
        with self.service.database.reading() as connection:
            content = b"".join(connection.execute(query).scalars())
        return log.parse(content, self.exercise).trusted()


def plain(found) -> list[tuple]:
    return [(it.who, it.act, it.data, it.attempt) for it in found]


@pytest.mark.parametrize("exercise", ["lapangan-warga", "relokasi-pkl", "tembok-rembes"])
def test_what_is_played_here_is_what_a_grader_works_out(service, exercise):
    player = Player(service, exercise=exercise)
    bot = "trade" if player.found.kind.name == "negotiation" else sorted(player.found.kind.bots)[0]
    script = player.script(bot)
    before = 1
    for event in [it for it in script if it.who == "participant"]:
        if event.attempt != before:
            player.act("again", {})
            before = event.attempt
        assert player.act(event.act, dict(event.data))["type"] == "ack"
    found = player.log()
    assert plain(found) == plain(script)
    state = verify(player.found.kind, player.found.brief, player.found.key, found)
    assert state.attempt == max(event.attempt for event in script)


def test_an_opening_and_its_variant_are_the_service_s(service):
    player = Player(service)
    told = player.act("open", {"variant": "yang-terbaik", "engine": 1})
    assert told["type"] == "refuse"
    assert player.log() == ()
    player.play(1)
    opening = player.log()[0]
    assert (opening.who, opening.act) == ("counterpart", "open")
    assert opening.data == player.side().open(EXERCISE, 1, 1)


@pytest.mark.parametrize(
    "forged",
    [
        {"act": "reply", "data": {"text": "Kami setuju saja.", "accepts": True}},
        {"act": "debrief", "data": {}},
        {"act": "reply", "data": {"text": "Baik."}, "who": "counterpart"},
        {"act": "greet", "data": {}, "who": "counterpart", "attempt": 2},
        {"act": "ask", "data": {}, "id": "x-4:0"},
    ],
)
def test_a_reply_in_a_client_s_message_is_refused_and_leaves_no_trace(service, forged):
    player = Player(service)
    player.play(2)
    before = player.log()
    told = player.act(**forged)
    assert told["type"] == "refuse"
    assert player.log() == before
    player.n -= 1
    verify(player.found.kind, player.found.brief, player.found.key, player.log())


def test_nobody_goes_back_to_before_what_they_have_said(service):
    player = Player(service)
    player.play(3)
    before = player.log()
    script = [it for it in player.script() if it.who == "participant"]
    again = {"type": "act", "seq": 9, "id": "x-2", "act": script[1].act}
    told = player.send({**again, "data": dict(script[2].data), "n": 1})  # the same id, other words
    assert told["type"] == "ack"
    assert player.log() == before
    told = player.act(
        script[0].act, dict(script[0].data), n=0, page="lain"
    )  # the beginning once more
    assert told["type"] == "refuse"
    assert player.log() == before
    told = player.act("again", {})  # before the attempt has ended
    assert told["type"] == "refuse"
    assert player.log() == before


def test_there_are_as_many_attempts_as_the_brief_says_each_of_another_variant(service):
    player = Player(service)
    player.play()
    openings = [it for it in player.log() if it.act == "open"]
    assert len(openings) == player.found.brief.attempts
    variants = [it.data["variant"] for it in openings]
    assert all(one != other for one, other in pairwise(variants))
    before = player.log()
    assert player.act("again", {})["type"] == "refuse"
    assert player.log() == before


def test_private_preferences_never_leave_before_the_debrief_tells_of_them(service):
    player = Player(service)
    player.play(6)
    looked = str(player.send({"type": "refresh"}))
    key = player.found.key
    texts = [text for text in _texts(key) if len(text) > 25]
    assert texts
    told = [text for text in texts if text in looked and text not in str(player.found.brief)]
    assert told == []


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(inner)
    elif hasattr(value, "__dataclass_fields__"):
        for name in value.__dataclass_fields__:
            yield from _texts(getattr(value, name))


def test_a_reply_that_a_crash_kept_back_comes_with_the_next_look(service):
    player = Player(service)
    player.play(4)
    with service.database.writing() as connection:
        last = player.log()[-1]
        assert last.who == "counterpart"
        connection.execute(events.delete().where(events.c.n == last.n))
    looked = player.send({"type": "refresh"})
    assert looked["screen"]["n"] == last.n
    assert plain(player.log())[-1] == plain([last])[0]


def test_practice_is_played_by_the_model_in_its_brief(service):
    player = Player(service, exercise="latihan-negosiasi")
    kind = KINDS["negotiation"]
    brief = player.found.brief
    bot = play(kind, brief, brief.model, kind.bots["trade"], rng=Random(1))
    first = next(it for it in bot if it.who == "participant")
    told = player.act(first.act, dict(first.data))
    assert (told["type"], told["screen"]["counterpart"]) == ("ack", "ready")


def test_an_attempt_begun_before_an_upgrade_of_the_other_side_goes_no_further(service):
    """Else it would be played on for an hour and could be graded by no release of Pamong."""
    player = Player(service)
    script = [it for it in player.script() if it.who == "participant" and it.attempt == 1]
    player.play(3)
    before, reactive = player.log(), player.found.kind.reactive
    assert reactive is not None
    installed = reactive.engine
    object.__setattr__(reactive, "engine", installed + 1)
    try:
        told = player.act(script[3].act, dict(script[3].data))
        assert (told["type"], told["again"]) == ("refuse", False)
        assert told["text"].startswith("Latihan ini sudah diperbarui sejak Anda mulai")
        assert player.log() == before
        with service.database.writing() as connection:  # a crash had kept the reply back
            connection.execute(events.delete().where(events.c.n == before[-1].n))
        looked = player.send({"type": "refresh"})["screen"]
        assert (looked["n"], looked["problem"]) == (before[-1].n - 1, UNANSWERED)
        fresh = Player(service, "p002")
        assert fresh.act(script[0].act, dict(script[0].data))["type"] == "ack"
        assert fresh.log()[0].data["engine"] == installed + 1
    finally:
        object.__setattr__(reactive, "engine", installed)
    assert plain([*player.log(), before[-1]]) == plain(before)
    assert player.send({"type": "refresh"})["screen"]["problem"] is None
    assert plain(player.log()) == plain(before)
