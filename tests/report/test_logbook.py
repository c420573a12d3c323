"""Facts from answer logs, whatever lies in the folders of submissions."""

import os

import pytest

from pamong.reports.logbook import Logbook

MODULE = "m0-contoh"


@pytest.mark.parametrize("stamp", ["9999-12-31T23:59:59-12:00", "kapan-kapan", "\x00", ""])
def test_a_time_that_cannot_be_read_is_unknown(released, hand_in, stamp):
    folder = hand_in(released, "p001")
    (folder / "timestamp.txt").write_text(stamp)
    book = Logbook(released, ("p001",))
    book.read(MODULE)
    assert [one.at for one in book.submissions] == [""]


def test_links_and_pipes_are_not_followed(released, logs, hand_in, tmp_path):
    elsewhere = tmp_path / "milik-orang.jsonl"
    elsewhere.write_bytes(logs(pemahaman="perfect")["pemahaman"])
    folder = hand_in(released, "p001")
    (folder / "pemahaman.jsonl").symlink_to(elsewhere)
    (folder / "timestamp.txt").unlink()
    os.mkfifo(folder / "timestamp.txt")
    book = Logbook(released, ("p001",))
    book.read(MODULE)
    assert (book.plays, book.unread) == ([], 0)
    assert book.submissions[0].at == ""


def test_an_honest_log_is_told(released, logs, hand_in):
    hand_in(released, "p001", logs(pemahaman="perfect"))
    book = Logbook(released, ("p001", "p002"))
    book.read(MODULE)
    assert [(one.participant, one.exercise, one.finished) for one in book.plays] == [
        ("p001", "pemahaman", True)
    ]
