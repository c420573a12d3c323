import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pamong.grading.records.ledger import (
    LINE_LIMIT,
    Change,
    Entry,
    Standing,
    Unreadable,
    appended,
    read,
)
from pamong.grading.records.origin import Origin


def change(participant="p001", cell="sikap", cause="first grading", **fields):
    fixed = {"module": "m0-contoh", "old": None, "new": Standing(3.0, needs_person=False)}
    origin = Origin("kiriman", "sumber", "kode")
    return Change(
        participant=participant, cell=cell, cause=cause, origin=origin, **(fixed | fields)
    )


def append(path, *changes):
    with appended(path, changes, by="uji"):
        pass


def test_a_line_tells_who_what_when_from_what_and_why(tmp_path):
    path = tmp_path / "ledger.jsonl"
    append(path, change(old=Standing(None, needs_person=True), manual=25.0))
    (line,) = path.read_text("utf-8").splitlines()
    entry = json.loads(line)
    assert entry["at"].endswith("Z")
    assert entry["by"].startswith("uji (")
    assert entry | {"at": "", "by": ""} == {
        "at": "",
        "by": "",
        "participant": "p001",
        "module": "m0-contoh",
        "cell": "sikap",
        "old": {"points": None, "needs_person": True},
        "new": {"points": 3.0, "needs_person": False},
        "cause": "first grading",
        "manual": 25.0,
        "submission": "kiriman",
        "source": "sumber",
        "code": "kode",
    }


def test_lines_are_added_and_earlier_ones_kept(tmp_path):
    path = tmp_path / "ledger.jsonl"
    append(path, change("p001"))
    before = path.read_bytes()
    append(path, change("p002"))
    assert path.read_bytes().startswith(before)
    assert [entry.participant for entry in read(path)] == ["p001", "p002"]


def test_a_change_that_could_not_be_made_leaves_no_line(tmp_path):
    path = tmp_path / "ledger.jsonl"
    append(path, change())
    before = path.read_text()
    with pytest.raises(OSError, match="penuh"), appended(path, [change(), change()], by="uji"):
        raise OSError("penuh")
    assert path.read_text() == before


def test_nothing_changed_writes_nothing(tmp_path):
    append(tmp_path / "ledger.jsonl")
    assert not (tmp_path / "ledger.jsonl").exists()


def test_entries_are_found_by_participant_module_and_cell(tmp_path):
    path = tmp_path / "ledger.jsonl"
    append(path, change("p001", "a"), change("p002", "a"), change("p001", "b", module="m1"))
    assert [(e.participant, e.cell) for e in read(path, participant="p001")] == [
        ("p001", "a"),
        ("p001", "b"),
    ]
    assert [e.cell for e in read(path, module="m1")] == ["b"]
    assert [e.participant for e in read(path, cell="a", participant="p002")] == ["p002"]


def test_half_a_line_of_a_crash_swallows_no_other_and_is_told(tmp_path):
    path = tmp_path / "ledger.jsonl"
    append(path, change("p001"))
    with path.open("ab") as file:
        file.write(b'{"at": "2026-12-01T0')
    append(path, change("p002"))
    first, torn, last = read(path)
    assert (first.participant, last.participant) == ("p001", "p002")
    assert isinstance(torn, Unreadable)
    assert str(torn).startswith("line 2: not an entry (")


def test_a_line_without_end_is_told_without_being_read_whole(tmp_path):
    path = tmp_path / "ledger.jsonl"
    path.write_bytes(b"x" * (5 * LINE_LIMIT) + b"\n")
    append(path, change("p002"))
    long, entry = read(path)
    assert str(long) == f"line 1: longer than {LINE_LIMIT} bytes"
    assert entry.participant == "p002"


def test_a_ledger_that_is_not_there_is_empty_and_one_that_is_a_folder_is_told(tmp_path):
    assert list(read(tmp_path / "tiada.jsonl")) == []
    (told,) = read(tmp_path)
    assert str(told) == f"{tmp_path} cannot be read: Is a directory"


def test_a_cause_of_any_length_and_content_can_be_read_again(tmp_path):
    path = tmp_path / "ledger.jsonl"
    append(path, change(cause="\x00\ud800" * 100_000), change(cause='"\n\\'))
    long, odd = read(path)
    assert isinstance(long, Entry)
    assert odd.cause == '"\n\\'


@given(content=st.binary(max_size=300))
def test_whatever_the_file_holds_reading_it_ends_and_never_fails(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("ledger") / "ledger.jsonl"
    path.write_bytes(content)
    append(path, change("p009"))
    *before, last = read(path)
    assert last.participant == "p009"
    assert all(isinstance(one, Unreadable) for one in before)
