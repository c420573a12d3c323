"""Where events live."""

import fcntl
import os
import resource
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pamong import log
from pamong.errors import DamagedLog, LogFull, StaleAppend
from pamong.event import Draft
from pamong.store import RESERVE, FileStore, MemoryStore, Store
from tests.values import replace


def draft(id: str, **data: object) -> Draft:
    return Draft(
        id=id, who="participant", act="answer", attempt=1, at="2026-11-22T00:00:00Z", data=data
    )


@pytest.fixture(params=["memory", "file"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    return MemoryStore() if request.param == "memory" else FileStore(tmp_path)


def test_appended_events_are_read_back_with_their_places(store: Store) -> None:
    store.append("kasus", 1, 0, (draft("a"), draft("b")))
    store.append("kasus", 1, 2, (draft("c"),))
    assert [(event.n, event.id) for event in store.read("kasus")] == [(1, "a"), (2, "b"), (3, "c")]


def test_a_repeated_id_is_written_once(store: Store) -> None:
    store.append("kasus", 1, 0, (draft("a"),))
    assert store.append("kasus", 1, 0, (draft("a"),)) == ()
    assert len(store.read("kasus")) == 1


def test_an_append_behind_somebody_elses_is_stale(store: Store) -> None:
    store.append("kasus", 1, 0, (draft("a"),))
    with pytest.raises(StaleAppend, match="expected 0 events but the log holds 1"):
        store.append("kasus", 1, 0, (draft("b"),))


def test_an_exercise_never_played_has_no_events(store: Store) -> None:
    assert (store.read("kasus"), store.count("kasus")) == ((), 0)


def test_events_are_counted_as_they_are_read(tmp_path: Path) -> None:
    store, path = FileStore(tmp_path), tmp_path / "kasus.jsonl"
    store.append("kasus", 1, 0, (draft("a"), draft("b")))
    content = path.read_bytes()
    for end in (content, content[:-1], content[:-9], content + b'{"n":3'):
        path.write_bytes(end)
        assert store.count("kasus") == len(store.read("kasus"))


def test_an_id_that_leaves_the_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="is not an exercise id"):
        FileStore(tmp_path).read("../kunci")


def test_a_torn_tail_is_set_aside_before_the_next_append(tmp_path: Path) -> None:
    store = FileStore(tmp_path)
    store.append("kasus", 1, 0, (draft("a"),))
    with (tmp_path / "kasus.jsonl").open("ab") as file:
        file.write(b'{"n":2,')
    store.append("kasus", 1, 1, (draft("b"),))
    assert [event.id for event in store.read("kasus")] == ["a", "b"]
    assert (tmp_path / "kasus.torn").read_bytes() == b'{"n":2,\n'


def test_a_last_line_without_its_newline_is_completed(tmp_path: Path) -> None:
    store = FileStore(tmp_path)
    store.append("kasus", 1, 0, (draft("a"),))
    path = tmp_path / "kasus.jsonl"
    path.write_bytes(path.read_bytes().rstrip(b"\n"))
    store.append("kasus", 1, 1, (draft("b"),))
    assert [event.id for event in store.read("kasus")] == ["a", "b"]


def test_a_damaged_log_is_neither_read_nor_extended(tmp_path: Path) -> None:
    (tmp_path / "kasus.jsonl").write_bytes(b"garbage\n")
    store = FileStore(tmp_path)
    with pytest.raises(DamagedLog, match="kasus.jsonl, line 1"):
        store.append("kasus", 1, 0, (draft("a"),))
    assert (tmp_path / "kasus.jsonl").read_bytes() == b"garbage\n"


def test_a_full_log_takes_nothing_more_and_loses_nothing(tmp_path: Path) -> None:
    store = FileStore(tmp_path)
    big = "x" * 60_000
    count = 0
    with pytest.raises(LogFull, match="Nothing was written"):
        while True:
            store.append("kasus", 1, count, (draft(str(count), text=big),))
            count += 1
    assert len(store.read("kasus")) == count
    assert (tmp_path / "kasus.jsonl").stat().st_size <= log.LOG_LIMIT


@given(cut=st.integers(0, 2000))
def test_after_any_cut_the_store_goes_on_without_losing_a_whole_event(
    tmp_path_factory: pytest.TempPathFactory, cut: int
) -> None:
    folder = tmp_path_factory.mktemp("log")
    store = FileStore(folder)
    for place in range(6):
        store.append("kasus", 1, place, (draft(str(place), text="é" * place),))
    path = folder / "kasus.jsonl"
    content = path.read_bytes()[:cut]
    path.write_bytes(content)
    kept = store.read("kasus")
    assert len(kept) >= content.count(b"\n")
    store.append("kasus", 1, len(kept), (draft("new"),))
    assert [event.id for event in store.read("kasus")] == [event.id for event in kept] + ["new"]


# ---- when the place they live in fails ----


class Disk:
    """A small file system of its own that can be filled and made read-only; needs root."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        self._mount("-t", "tmpfs", "-o", "size=64k", "none")

    def fill(self) -> None:
        with suppress(OSError), (self.folder / "rest").open("wb", buffering=0) as file:
            while file.write(b"x" * 512):
                continue

    def free(self) -> None:
        (self.folder / "rest").unlink()

    def lock(self) -> None:
        self._mount("-o", "remount,ro")

    def unlock(self) -> None:
        self._mount("-o", "remount,rw")

    def close(self) -> None:
        subprocess.run(["umount", self.folder], check=True)

    def _mount(self, *options: str) -> None:
        subprocess.run(["mount", *options, self.folder], check=True, capture_output=True)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    try:
        disk = Disk(tmp_path / "disk")
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"no file system can be mounted here: {error}")
    yield disk
    disk.close()


def test_a_full_disk_takes_nothing_and_loses_nothing(disk: Disk) -> None:
    store = FileStore(disk.folder)
    store.append("kasus", 1, 0, (draft("a", text="x" * 3000),))
    before = store.path("kasus").read_bytes()
    disk.fill()
    for _ in range(3):
        with pytest.raises(OSError, match="No space left on device"):
            store.append("kasus", 1, 1, (draft("b", text="x" * 9000),))
        assert store.path("kasus").read_bytes() == before
    assert [event.id for event in store.read("kasus")] == ["a"]
    disk.free()
    store.append("kasus", 1, 1, (draft("b", text="x" * 9000),))
    assert [event.id for event in store.read("kasus")] == ["a", "b"]


def test_a_write_that_gets_half_way_is_taken_back_whole(tmp_path: Path) -> None:
    """The other half must not follow once there is room again."""
    store = FileStore(tmp_path)
    store.append("kasus", 1, 0, (draft("a"),))
    before = store.path("kasus").read_bytes()
    with file_size(len(before) + 4096), pytest.raises(OSError, match="File too large"):
        store.append("kasus", 1, 1, (draft("b", text="x" * 20_000),))
    assert store.path("kasus").read_bytes() == before


def test_an_exercise_whose_first_act_could_not_be_written_was_never_begun(tmp_path: Path) -> None:
    store = FileStore(tmp_path)
    with file_size(0), pytest.raises(OSError, match="File too large"):
        store.append("kasus", 1, 0, (draft("a"),))
    assert not store.path("kasus").exists()


@contextmanager
def file_size(limit: int) -> Iterator[None]:
    """No file of this process may grow beyond ``limit`` bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_read_only_folder_is_read_and_refused_until_it_is_given_back(disk: Disk) -> None:
    store = FileStore(disk.folder)
    store.append("kasus", 1, 0, (draft("a"),))
    disk.lock()
    try:
        for exercise in ("kasus", "lain"):
            there = len(FileStore(disk.folder).read(exercise))
            with pytest.raises(OSError, match="Read-only file system"):
                store.append(exercise, 1, there, (draft("b"),))
    finally:
        disk.unlock()
    store.append("kasus", 1, 1, (draft("b"),))
    assert [event.id for event in store.read("kasus")] == ["a", "b"]


def test_a_folder_or_a_pipe_in_the_place_of_a_log_is_an_error_and_no_empty_log(
    tmp_path: Path,
) -> None:
    store = FileStore(tmp_path)
    store.path("folder").mkdir()
    os.mkfifo(store.path("pipe"))
    for exercise in ("folder", "pipe"):
        with pytest.raises(OSError, match="Is a directory|Illegal seek"):
            store.read(exercise)
        with pytest.raises(OSError, match="Is a directory|Illegal seek"):
            store.append(exercise, 1, 0, (draft("a"),))


def test_a_log_replaced_while_somebody_waits_for_it_is_written_in_its_new_place(
    tmp_path: Path,
) -> None:
    store, path = FileStore(tmp_path), tmp_path / "kasus.jsonl"
    store.append("kasus", 1, 0, (draft("a"),))
    with path.open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_SH)
        late = Thread(target=FileStore(tmp_path).append, args=("kasus", 1, 1, (draft("b"),)))
        late.start()
        copy = tmp_path / "copy"
        copy.write_bytes(path.read_bytes())
        copy.replace(path)
    late.join()
    assert [event.id for event in store.read("kasus")] == ["a", "b"]


def filled(store: FileStore, up_to: int) -> int:
    """Write a log of at most so many bytes as a store would; returns how many events it has."""
    drafts = tuple(draft(str(place), text="x" * 40_000) for place in range(200))
    lines = [log.encode(event) for event in log.number("kasus", 1, drafts, 0)]
    while sum(map(len, lines)) > up_to:
        lines.pop()
    store.path("kasus").write_bytes(b"".join(lines))
    return len(lines)


def test_whoever_has_filled_a_log_with_texts_can_still_finish(tmp_path: Path) -> None:
    store = FileStore(tmp_path)
    count = filled(store, log.LOG_LIMIT - RESERVE)
    for place in range(2):
        with pytest.raises(LogFull, match="Nothing was written"):
            store.append("kasus", 1, count + place, (draft("teks", text="x" * 40_000),))
        store.append("kasus", 1, count + place, (draft(f"kecil-{place}"),))


def test_a_log_holds_exactly_as_much_as_can_be_read(tmp_path: Path) -> None:
    """A newline that has to be made up for counts too."""
    store, path = FileStore(tmp_path), tmp_path / "kasus.jsonl"
    count = filled(store, log.LOG_LIMIT - 41_000)
    few = log.LOG_LIMIT - path.stat().st_size
    event = log.number("kasus", 1, (draft("isi", text=""),), count)[0]
    padding = few - 1000 - len(log.encode(event))
    with path.open("ab") as file:
        file.write(log.encode(replace(event, data={"text": "x" * padding}))[:-1])
    empty = len(log.encode(log.number("kasus", 1, (draft("z", text=""),), count + 1)[0]))
    with pytest.raises(LogFull):
        store.append("kasus", 1, count + 1, (draft("z", text="x" * (1001 - empty)),))
    store.append("kasus", 1, count + 1, (draft("z", text="x" * (1000 - empty)),))
    assert path.stat().st_size == log.LOG_LIMIT
    assert len(store.read("kasus")) == count + 2


def test_events_are_counted_without_reading_them(store: Store) -> None:
    assert store.count("kasus") == 0
    store.append("kasus", 1, 0, (draft("a"), draft("b")))
    assert store.count("kasus") == 2


@pytest.mark.parametrize(
    ("tail", "count"), [(b"", 2), (b'{"n":3,', 2), (b"\n", 3)], ids=["whole", "torn", "damaged"]
)
def test_a_count_is_that_of_the_events_that_would_be_read(tail, count, tmp_path: Path) -> None:
    store = FileStore(tmp_path)
    store.append("kasus", 1, 0, (draft("a"), draft("b")))
    path = tmp_path / "kasus.jsonl"
    path.write_bytes(path.read_bytes() + tail)
    assert store.count("kasus") == count


def test_a_log_is_taken_away_only_while_it_holds_what_the_caller_knows(tmp_path: Path) -> None:
    store, other = FileStore(tmp_path, ".pending.jsonl"), FileStore(tmp_path)
    assert store.remove("kasus", ())
    a = store.append("kasus", 1, 0, (draft("a"),))
    z = other.append("kasus", 1, 0, (draft("z"),))
    assert not store.remove("kasus", z)  # as many, but not the same
    b = store.append("kasus", 1, 1, (draft("b"),))
    assert not store.remove("kasus", a)
    assert store.remove("kasus", a + b)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["kasus.jsonl"]
    store.append("kasus", 1, 0, (draft("c"),))
    assert [event.id for event in store.read("kasus")] == ["c"]


def test_a_torn_tail_outlives_the_log_that_is_taken_away(tmp_path: Path) -> None:
    store = FileStore(tmp_path)
    known = store.append("kasus", 1, 0, (draft("a"),))
    with (tmp_path / "kasus.jsonl").open("ab") as file:
        file.write(b'{"n":2,')
    assert store.remove("kasus", known)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {
        "kasus.torn": b'{"n":2,\n'
    }
