"""Where events live."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pamong import log
from pamong.errors import DamagedLog, LogFull, StaleAppend
from pamong.event import Draft
from pamong.store import FileStore, MemoryStore, Store


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
    assert store.read("kasus") == ()


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
