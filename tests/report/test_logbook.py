"""Facts from answer logs, whatever lies in the folders of submissions."""

import os
from contextlib import contextmanager

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


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else for a moment")
def test_a_folder_that_may_not_be_entered_is_told_as_unread_and_stops_nobody(
    released, logs, hand_in
):
    """The one of p001 may not be found at all, the logs of p002 may not be read."""
    hand_in(released, "p001", logs(pemahaman="perfect")).parent.chmod(0o600)
    hand_in(released, "p002", logs(pemahaman="perfect"))
    for path in released.submitted("p002", MODULE).glob("*.jsonl"):
        path.chmod(0o600)
    hand_in(released, "p003", logs(pemahaman="perfect"))
    book = Logbook(released, ("p001", "p002", "p003"))
    with somebody_else(released.root):
        book.read(MODULE)
    assert [one.participant for one in book.submissions] == ["p002", "p003"]
    assert [one.participant for one in book.plays] == ["p003"]
    assert book.unread == 2


@contextmanager
def somebody_else(root):
    """This process without the rights of root; the folders above ``root`` are opened for it."""
    above = [path for path in (root, *root.parents) if path.stat().st_uid == 0]
    modes = {path: path.stat().st_mode for path in above}
    for path, mode in modes.items():
        path.chmod(mode | 0o055)
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)
        for path, mode in modes.items():
            path.chmod(mode)


def test_an_honest_log_is_told(released, logs, hand_in):
    hand_in(released, "p001", logs(pemahaman="perfect"))
    book = Logbook(released, ("p001", "p002"))
    book.read(MODULE)
    assert [(one.participant, one.exercise, one.finished) for one in book.plays] == [
        ("p001", "pemahaman", True)
    ]
