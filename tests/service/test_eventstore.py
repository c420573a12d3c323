"""Logs in the database do what logs in files do, call for call."""

from __future__ import annotations

import shutil
import string
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from tempfile import mkdtemp

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from pamong import log
from pamong.course import Course
from pamong.errors import DamagedLog, LogFull, PamongError, ServiceError, StaleAppend
from pamong.event import Draft
from pamong.service.eventstore import DatabaseStore
from pamong.service.service import Service
from pamong.service.tables import events
from pamong.store import RESERVE, FileStore, Store

from .conftest import MODULE, NOW, service_at

EXERCISES = ("pemahaman", "sikap")


def draft(id: str = "a", text: str = "", who="participant") -> Draft:
    return Draft(
        id=id, who=who, act="answer", attempt=1, at="2026-12-01T03:00:00.000Z",
        data={"text": text} if text else {},
    )  # fmt: skip


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def shared(request, released_once) -> Iterator[Service]:
    """A service over either database, in which nobody has played yet."""
    course = Course.load(released_once)
    folder = Path(mkdtemp(prefix="pamong-events-"))
    if request.param == "sqlite":
        url = f"sqlite:///{folder}/service.db"
    else:
        url = request.getfixturevalue("server").database()
    service = service_at(course, url)
    with closing(service.database):
        yield service
    shutil.rmtree(folder)


@pytest.fixture
def store(shared) -> DatabaseStore:
    with shared.database.writing() as connection:
        connection.execute(events.delete())
    return DatabaseStore(shared.database, "p001", MODULE, clock=shared.clock)


# ---- the same as files ----

ids = st.sampled_from([f"{name}{n}" for name in "ab" for n in range(3)])
drafts = st.builds(
    draft, ids, st.text(string.ascii_letters + "ä\n\"\\é字", max_size=8),
    st.sampled_from(["participant", "counterpart", "system"]),
)  # fmt: skip
calls = st.one_of(
    st.tuples(
        st.just("append"), st.sampled_from(EXERCISES), st.integers(0, 4),
        st.lists(drafts, max_size=3, unique_by=lambda it: it.id).map(tuple),
    ),
    st.tuples(st.sampled_from(["read", "count", "room"]), st.sampled_from(EXERCISES)),
)  # fmt: skip


def outcome(store: Store, call) -> object:
    try:
        match call:
            case ("append", exercise, expected, these):
                return store.append(exercise, 1, expected, these)
            case (name, exercise):
                return getattr(store, name)(exercise)
    except PamongError as error:
        return type(error), str(error)


@settings(max_examples=60)
@given(st.lists(calls, max_size=12), st.booleans(), st.booleans())
def test_every_call_has_the_outcome_that_it_has_with_files(sqlite_alone, sequence, again, foreseen):
    service = sqlite_alone
    with service.database.writing() as connection:
        connection.execute(events.delete())
    folder = Path(mkdtemp(prefix="pamong-files-"))
    try:
        files, rows = FileStore(folder), DatabaseStore(service.database, "p001", MODULE)
        for call in sequence:
            if foreseen:
                rows.foresee()
            if again:  # another request
                rows = DatabaseStore(service.database, "p001", MODULE)
            assert outcome(rows, call) == outcome(files, call)
        for exercise in EXERCISES:
            path = folder / f"{exercise}.jsonl"
            content = path.read_bytes() if path.exists() else b""
            assert rows.contents().get(exercise, b"") == content
    finally:
        shutil.rmtree(folder)


@pytest.fixture(scope="module")
def sqlite_alone(released_once, tmp_path_factory) -> Iterator[Service]:
    url = f"sqlite:///{tmp_path_factory.mktemp('events')}/service.db"
    service = service_at(Course.load(released_once), url)
    with closing(service.database):
        yield service


# ---- in either database ----


def test_what_was_appended_is_read_by_whoever_asks_next(shared, store):
    added = store.append("sikap", 1, 0, (draft("a"), draft("b", "字\n")))
    assert [event.n for event in added] == [1, 2]
    assert (
        DatabaseStore(shared.database, "p001", MODULE).read("sikap") == added == store.read("sikap")
    )
    assert DatabaseStore(shared.database, "p002", MODULE).read("sikap") == ()
    assert DatabaseStore(shared.database, "p001", "m1-lain").read("sikap") == ()
    with shared.database.reading() as connection:
        rows = connection.execute(select(events.c.line, events.c.received)).all()
    assert rows == [(log.encode(event), NOW) for event in added]


def test_the_same_event_twice_is_there_once(store):
    added = store.append("sikap", 1, 0, (draft("a"),))
    assert store.append("sikap", 1, 0, (draft("a"),)) == ()
    assert store.append("sikap", 1, 1, (draft("a"), draft("b"))) == store.read("sikap")[1:]
    assert store.read("sikap")[:1] == added


def test_of_many_at_once_one_is_first_and_the_others_are_told(shared, store):
    gate = threading.Barrier(8)
    found: list[object] = []

    def rival(name: str) -> None:
        mine = DatabaseStore(shared.database, "p001", MODULE)
        gate.wait()
        found.append(outcome(mine, ("append", "sikap", 0, (draft(name),))))

    threads = [threading.Thread(target=rival, args=(f"r{n}",)) for n in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    stale = (StaleAppend, str(StaleAppend("sikap", 0, 1)))
    assert sorted(isinstance(each[0], type) for each in found) == [False, *[True] * 7]
    assert found.count(stale) == 7
    assert store.count("sikap") == 1


def test_nobody_writes_for_somebody_who_is_not_there(shared):
    strange = DatabaseStore(shared.database, "p999", MODULE)
    with pytest.raises(ServiceError, match="There is nobody with the id p999"):
        strange.append("sikap", 1, 0, (draft("a"),))
    assert strange.count("sikap") == 0


def test_a_row_that_was_tampered_with_is_told_and_hides_no_other_log(shared, store):
    store.append("sikap", 1, 0, (draft("a"),))
    whole = store.append("pemahaman", 1, 0, (draft("a"),))
    with shared.database.writing() as connection:
        its = events.c.exercise == "sikap"
        connection.execute(events.update().where(its).values(line=b"{}\n"))
    fresh = DatabaseStore(shared.database, "p001", MODULE)
    fresh.foresee()
    assert fresh.read("pemahaman") == whole
    with pytest.raises(DamagedLog):
        fresh.read("sikap")
    assert fresh.contents()["sikap"] == b"{}\n"


def test_texts_are_refused_before_a_log_is_full_and_small_events_are_not(store):
    text = "x" * 60_000
    n = 0
    with pytest.raises(LogFull) as caught:
        while True:
            store.append("sikap", 1, n, (draft(f"t{n}", text),))
            n += 1
    assert caught.value.limit == log.LOG_LIMIT - RESERVE
    assert store.room("sikap") < 0.02
    assert len(store.append("sikap", 1, n, (draft("kecil", "x"),))) == 1
    with pytest.raises(LogFull):
        store.append("pemahaman", 1, 0, (draft("besar", "x" * log.EVENT_LIMIT),))
    assert store.count("pemahaman") == 0
