import json

import pytest

from pamong.grading.ledger import Change, Standing, appended

CHANGE = Change(
    participant="p001",
    module="m0-contoh",
    cell="sikap",
    old=None,
    new=Standing(3.0, needs_person=False),
    version="v",
)


def test_lines_are_added_and_earlier_ones_kept(tmp_path):
    path = tmp_path / "ledger.jsonl"
    for _ in range(2):
        with appended(path, [CHANGE], by="uji"):
            assert path.read_text().endswith("\n")
    assert [json.loads(line)["old"] for line in path.read_text().splitlines()] == [None, None]


def test_a_change_that_could_not_be_made_leaves_no_line(tmp_path):
    path = tmp_path / "ledger.jsonl"
    with appended(path, [CHANGE], by="uji"):
        pass
    before = path.read_text()
    with pytest.raises(OSError, match="penuh"), appended(path, [CHANGE, CHANGE], by="uji"):
        raise OSError("penuh")
    assert path.read_text() == before


def test_nothing_changed_writes_nothing(tmp_path):
    with appended(tmp_path / "ledger.jsonl", [], by="uji"):
        pass
    assert not (tmp_path / "ledger.jsonl").exists()
