"""Whatever is killed in the middle: what was acknowledged is there once, in its order, and its own person's."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from tempfile import mkdtemp
from threading import Event, Lock
from time import monotonic
from typing import Any

import pytest
from sqlalchemy import select

from pamong import wire
from pamong.course import DATABASE, Course
from pamong.errors import ServiceRefused, ServiceUnreachable
from pamong.service import people
from pamong.service.people import Person
from pamong.service.tables import bundles, events, submissions
from tests.conftest import Server

from .conftest import MODULE, service_at
from .process import Process

WHO = tuple(f"p{n:03}" for n in range(11, 19))
ACTS = 30
PATIENCE = 90.0
"""Seconds that anything may stay away."""


class Tally:
    """What was acknowledged, and a moment to wait for."""

    def __init__(self) -> None:
        self.acts: dict[str, list[str]] = {who: [] for who in WHO}
        self.codes: dict[str, str] = {}
        self._lock, self._count, self._awaited = Lock(), 0, {}  # type: ignore[var-annotated]

    def note(self, who: str, id: str) -> None:
        with self._lock:
            self.acts[who].append(id)
            self._count += 1
            for count, moment in self._awaited.items():
                if self._count >= count:
                    moment.set()

    def wait(self, count: int) -> None:
        """Return when so many acts have been acknowledged."""
        with self._lock:
            moment = self._awaited.setdefault(count, Event())
            if self._count >= count:
                moment.set()
        assert moment.wait(PATIENCE), "nothing goes on"


def insist(ask: Callable[[], Any]) -> Any:
    """The answer, asking as often as a page does: as long as it may be another one later."""
    end = monotonic() + PATIENCE
    while monotonic() < end:
        try:
            answer = ask()
        except ServiceUnreachable:
            pass
        except ServiceRefused as refused:
            if not refused.again:
                raise
        else:
            if not (isinstance(answer, dict) and answer.get("again")):
                return answer
        Event().wait(0.05)
    raise AssertionError("it never came back")


def play(process: Process, who: str, tally: Tally) -> None:
    """Choose one answer after the other, then hand in."""
    client = process.client(who)
    for n in range(1, ACTS + 1):
        data = {"item": "b1", "chosen": ["ab"[n % 2]]}
        message = {"type": "act", "seq": n, "id": f"{who}-{n}", "act": "answer", "data": data}
        message |= {"version": 1, "page": f"{who}-"}
        answer = insist(lambda said=message: client.say(MODULE, "pemahaman", said))
        assert answer["type"] == "ack", answer
        tally.note(who, message["id"])
    handin = wire.Handin(statement=True)
    tally.codes[who] = insist(lambda: client.submit(MODULE, handin)).code


@pytest.fixture
def database(request: pytest.FixtureRequest) -> Iterator[Server | None]:
    """A PostgreSQL server of the test's own, because it is going to be killed; None for SQLite."""
    if request.param == "sqlite":
        yield None
        return
    server = Server(Path(mkdtemp(prefix="pamong-postgresql-")))
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest.mark.parametrize(
    ("database", "victims"),
    [
        ("sqlite", ("service", "service")),
        ("postgresql", ("service", "service")),
        ("postgresql", ("database", "service", "database")),
    ],
    indirect=["database"],
)
def test_what_was_acknowledged_is_there_once_whatever_is_killed(
    database, victims, released_once, tmp_path, monkeypatch
):
    root = tmp_path / "root"
    shutil.copytree(released_once, root)
    if database:
        monkeypatch.setenv(DATABASE, database.database())
    course, tally = Course.load(root), Tally()
    service = service_at(course, course.service_url)
    with service.database.writing() as connection:
        for who in WHO:
            people.add(connection, Person(id=who, name="Rekaan", role="peserta", cohort="a01"))
    with closing(service.database), Process(course) as process:
        with ThreadPoolExecutor(len(WHO)) as pool:
            players = [pool.submit(play, process, who, tally) for who in WHO]
            for place, victim in enumerate(victims, 1):
                tally.wait(place * len(WHO) * ACTS // (len(victims) + 1))
                if victim == "service":
                    process.kill()
                    process.start()
                else:
                    database.crash()
                    database.begin()
            for player in players:
                player.result()
        with service.database.reading() as connection:
            its = events.c
            found = connection.execute(
                select(its.person, its.id).where(its.person.in_(WHO)).order_by(its.person, its.n)
            ).all()
            codes = connection.execute(
                select(submissions.c.person, submissions.c.code).where(
                    submissions.c.person.in_(WHO)
                )
            ).all()
            kept = connection.execute(select(bundles.c.content)).all()
    for who in WHO:
        own = [id for person, id in found if person == who and ":" not in id]
        assert own == tally.acts[who] == [f"{who}-{n}" for n in range(1, ACTS + 1)]
    assert sorted(codes) == sorted(tally.codes.items())
    assert len(kept) <= len(codes)
