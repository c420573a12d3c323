"""A process that dies at any moment, and what the next one finds."""

import fcntl
import json
import os
import select
import signal
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from random import Random

import pytest

from pamong.counterpart import LocalCounterpart
from pamong.errors import StaleAppend
from pamong.event import Draft
from pamong.kind import replay
from pamong.play import play
from pamong.session import Session
from pamong.store import FileStore
from tests.kinds.cases import case

KILLS = 100
STEPS = ("open", "flock", "pread", "write", "fsync", "ftruncate", "unlink")
"""What a store asks of the system, one after another."""
KIND, BRIEF, KEY = case("negotiation")


def draft(id: str) -> Draft:
    at = "2026-11-22T00:00:00Z"
    data = {"text": f"Kata {id} " * 40}
    return Draft(id=id, who="participant", act="answer", attempt=1, at=at, data=data)


def logged(folder: Path, exercise: str = "kasus") -> list[str]:
    """The ids that are on disk, read without the store."""
    *lines, _ = (folder / f"{exercise}.jsonl").read_bytes().split(b"\n")
    return [json.loads(line)["id"] for line in lines]


class Child:
    """``work`` in a process of its own; what it tells comes through a pipe, as it would to a page."""

    def __init__(self, work: Callable[[Callable[[str], None]], None]) -> None:
        self._heard, told = os.pipe()
        self.pid = os.fork()
        if not self.pid:
            try:
                os.close(self._heard)
                work(lambda done: _tell(told, done))
            finally:
                os._exit(0)
        os.close(told)

    def hear(self, seconds: float) -> bool:
        return bool(select.select([self._heard], [], [], seconds)[0])

    def wait(self) -> tuple[list[str], int]:
        """Everything it told until its end, and the signal that ended it."""
        content = b"".join(iter(lambda: os.read(self._heard, 65536), b""))
        os.close(self._heard)
        _, status = os.waitpid(self.pid, 0)
        assert os.waitstatus_to_exitcode(status) <= 0
        return content.decode().split(), -os.waitstatus_to_exitcode(status)

    def kill(self) -> list[str]:
        os.kill(self.pid, signal.SIGKILL)
        return self.wait()[0]


def _tell(pipe: int, id: str) -> None:
    os.write(pipe, f"{id}\n".encode())


# ---- at random moments ----


def _appending(folder: Path, start: int) -> Callable[[Callable[[str], None]], None]:
    def work(tell: Callable[[str], None]) -> None:
        store = FileStore(folder)
        for place in count(start):
            there = len(store.read("kasus"))
            store.append("kasus", 1, there, (draft(f"e{place}"),))
            tell(f"e{place}")

    return work


def test_a_hundred_kills_lose_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    rng, acknowledged = Random(20261122), []
    for _ in range(KILLS):
        child = Child(_appending(tmp_path, len(acknowledged)))
        child.hear(10)
        for _ in range(rng.randrange(3)):
            child.hear(0.004)
        select.select([], [], [], rng.random() * 0.004)
        told = child.kill()
        assert logged(tmp_path)[: len(acknowledged) + len(told)] == acknowledged + told
        acknowledged += told
        if len(acknowledged) > 400:  # a long log takes longer to read than to be killed at
            (tmp_path / "kasus.jsonl").unlink()
            acknowledged = []
    FileStore(tmp_path).append("kasus", 1, len(FileStore(tmp_path).read("kasus")), (draft("last"),))
    ids = logged(tmp_path)
    assert ids[: len(acknowledged)] == acknowledged
    assert len(set(ids)) == len(ids)


def _talking(folder: Path, script: list[tuple[str, dict]], start: int):
    def work(tell: Callable[[str], None]) -> None:
        session = _session(folder)
        for place, (act, data) in enumerate(script[start:], start):
            session.act(f"a{place}", act, data)
            tell(f"a{place}")

    return work


def _session(folder: Path) -> Session:
    side = LocalCounterpart(KIND, BRIEF, KEY, participant="p001", secret=b"rahasia")
    return Session(
        KIND,
        BRIEF,
        FileStore(folder),
        participant="p001",
        clock=lambda: datetime.now(UTC),
        counterpart=side,
    )


def test_a_talk_killed_after_every_few_words_is_the_talk_that_was_never_interrupted(
    tmp_path: Path,
) -> None:
    """The page sends what was not acknowledged once more, by the same id."""
    side = LocalCounterpart(KIND, BRIEF, KEY, participant="p001", secret=b"rahasia")
    opening = side.open(BRIEF.id, BRIEF.version, 1)
    bot = KIND.bots["person"]
    whole = play(KIND, BRIEF, KEY, bot, rng=Random(2), opening=lambda attempt: opening)
    script = [(event.act, dict(event.data)) for event in whole if event.who == "participant"]
    assert len(script) >= 5
    rng, done = Random(7), 0
    while done < len(script):
        child = Child(_talking(tmp_path, script, done))
        for _ in range(rng.randrange(2)):
            child.hear(0.02)
        select.select([], [], [], rng.random() * 0.02)
        done += len(child.kill())
    events = _session(tmp_path).events()
    assert [(event.who, event.act, event.data) for event in events] == [
        (event.who, event.act, event.data) for event in whole
    ]
    assert replay(KIND, BRIEF, events).finished


# ---- between any two steps ----


def _doomed(folder: Path, step: int) -> Callable[[Callable[[str], None]], None]:
    """Append one event, and die as the ``step``-th thing is asked of the system, half of it done."""

    def work(tell: Callable[[str], None]) -> None:
        taken = count()

        def dying(real):
            def ask(*arguments, **options):
                if next(taken) == step:
                    if real is genuine["write"]:
                        real(arguments[0], bytes(arguments[1])[: len(arguments[1]) // 2])
                    os.kill(os.getpid(), signal.SIGKILL)
                return real(*arguments, **options)

            return ask

        genuine = {name: getattr(fcntl if name == "flock" else os, name) for name in STEPS}
        store = FileStore(folder)
        there = len(store.read("kasus"))
        for name, real in genuine.items():
            setattr(fcntl if name == "flock" else os, name, dying(real))
        store.append("kasus", 1, there, (draft("new"),))
        for name, real in genuine.items():
            setattr(fcntl if name == "flock" else os, name, real)
        tell("new")

    return work


def _nothing(folder: Path) -> list[str]:  # noqa: ARG001  # as its siblings
    return []


def _some(folder: Path) -> list[str]:
    store = FileStore(folder)
    store.append("kasus", 1, 0, (draft("a"), draft("b")))
    return ["a", "b"]


def _torn(folder: Path) -> list[str]:
    ids = _some(folder)
    with (folder / "kasus.jsonl").open("ab") as file:
        file.write(b'{"n":3,"id":"t')
    return ids


def _open_ended(folder: Path) -> list[str]:
    ids, path = _some(folder), folder / "kasus.jsonl"
    path.write_bytes(path.read_bytes().rstrip(b"\n"))
    return ids


@pytest.mark.parametrize("before", [_nothing, _some, _torn, _open_ended])
def test_a_kill_between_any_two_steps_of_an_append_loses_nothing(before, tmp_path: Path) -> None:
    for step in count():
        folder = tmp_path / str(step)
        folder.mkdir()
        ids = before(folder)
        told, ended = Child(_doomed(folder, step)).wait()
        store = FileStore(folder)
        found = [event.id for event in store.read("kasus")]
        assert found[: len(ids)] == ids
        assert found[len(ids) :] in ([], ["new"])
        assert told == ([] if ended else ["new"])
        store.append("kasus", 1, len(found), (draft("new"), draft("next")))
        assert logged(folder) == [*ids, "new", "next"]
        if not ended:
            assert step >= 6
            return


def test_what_was_written_but_not_synced_is_synced_before_anybody_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for step in count():
        folder = tmp_path / str(step)
        folder.mkdir()
        ids, reader = _some(folder), FileStore(folder)
        reader.read("kasus")
        _, ended = Child(_doomed(folder, step)).wait()
        if logged(folder) == [*ids, "new"]:
            break
    assert ended == signal.SIGKILL
    synced, real = [], os.fsync
    monkeypatch.setattr(os, "fsync", lambda handle: (synced.append(os.fstat(handle)), real(handle)))
    assert reader.append("kasus", 1, 2, (draft("new"),)) == ()
    assert (folder / "kasus.jsonl").stat().st_ino in [found.st_ino for found in synced]


# ---- several at once ----


def _insisting(folder: Path, name: str) -> Callable[[Callable[[str], None]], None]:
    def work(tell: Callable[[str], None]) -> None:
        store = FileStore(folder)
        place = 0
        while place < 12:
            there = len(store.read("kasus"))
            with suppress(StaleAppend):
                store.append("kasus", 1, there, (draft(f"{name}{place}"),))
                tell(f"{name}{place}")
                place += 1

    return work


def test_processes_that_write_at_once_take_turns(tmp_path: Path) -> None:
    children = {name: Child(_insisting(tmp_path, name)) for name in "abcd"}
    told = {name: child.wait()[0] for name, child in children.items()}
    ids = logged(tmp_path)
    assert sorted(ids) == sorted(f"{name}{place}" for name in "abcd" for place in range(12))
    for name, acknowledged in told.items():
        assert [id for id in ids if id.startswith(name)] == acknowledged
    assert [event.n for event in FileStore(tmp_path).read("kasus")] == list(range(1, 49))
