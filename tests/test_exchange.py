"""One submission in nbgrader's exchange: whole or not at all, and read back before anybody is told."""

import errno
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from nbgrader.utils import notebook_hash

from pamong.errors import Undelivered
from pamong.exchange import (
    SECRET,
    TEMPORARY,
    TIMESTAMP,
    Parcel,
    deliver,
    discard,
    feedback_name,
    fetch,
    holds,
)
from pamong.grading.intake.inbound import read_name
from pamong.grading.intake.submission import SECRET as GRADERS_SECRET
from pamong.grading.intake.submission import TIMESTAMP as GRADERS_TIMESTAMP
from tests.moments import interrupted, killed

NOBODY = 65534
MOMENT = datetime(2026, 12, 1, 3, 0, 0, 5, tzinfo=UTC)
PARCEL = Parcel(
    participant="p001",
    module="m0-contoh",
    moment=MOMENT,
    secret="s" * 128,
    files={"module.ipynb": b"{}", "sikap.jsonl": b"x" * 70_000, "kosong.jsonl": b""},
)
DRAFT = f"{TEMPORARY}0123"
root_only = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")


@pytest.fixture
def inbound(tmp_path):
    folder = tmp_path / "inbound"
    folder.mkdir()
    return folder


def said(folder, reason):
    return f"{folder}: {reason}. Nothing was handed in; mend the exchange, then try again."


def as_nobody(work):
    """Do ``work`` as a user without rights; the text of what it raised, or nothing."""
    heard, told = os.pipe()
    if not (pid := os.fork()):
        try:
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)
            work()
        except BaseException as error:  # noqa: BLE001  # whatever it is, it is told
            os.write(told, f"{getattr(error, 'code', type(error).__name__)}|{error}".encode())
        finally:
            os._exit(0)
    os.close(told)
    os.waitpid(pid, 0)
    content = os.read(heard, 65536).decode()
    os.close(heard)
    return content


def test_it_is_what_nbgrader_would_have_submitted(inbound):
    deliver(inbound, PARCEL, temporary=DRAFT)
    (folder,) = inbound.iterdir()
    arrival = read_name(folder)
    assert (arrival.participant, arrival.module, arrival.moment) == ("p001", "m0-contoh", MOMENT)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {
        **PARCEL.files,
        "timestamp.txt": b"2026-12-01 03:00:00.000005 UTC",
        "submission_secret.txt": b"s" * 128,
    }
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o644}
    assert folder.stat().st_mode & 0o777 == 0o777
    assert (TIMESTAMP, SECRET) == (GRADERS_TIMESTAMP, GRADERS_SECRET)


def test_the_name_is_in_utc_and_cannot_be_guessed():
    jakarta = MOMENT.astimezone(timezone(timedelta(hours=7)))
    there = replace(PARCEL, moment=jakarta)
    other = replace(there, secret="b" * 128)
    assert there.record == other.record == "p001+m0-contoh+2026-12-01 03:00:00.000005 UTC"
    assert there.name.removeprefix(there.record) != other.name.removeprefix(other.record)
    assert PARCEL.secret[:8] not in PARCEL.name


def test_feedback_lies_where_nbgrader_publishes_it():
    hashed = notebook_hash(secret=PARCEL.secret, notebook_id="module")
    assert feedback_name(PARCEL.secret, "module") == f"{hashed}.html"


def test_the_umask_of_a_server_closes_nothing(inbound):
    before = os.umask(0o077)
    try:
        deliver(inbound, PARCEL, temporary=DRAFT)
    finally:
        os.umask(before)
    assert (inbound / PARCEL.name / SECRET).stat().st_mode & 0o777 == 0o644


@root_only
def test_a_participant_hands_in_to_a_folder_that_they_cannot_list(tmp_path):
    open_to(tmp_path)
    inbound = tmp_path / "inbound"
    inbound.mkdir()
    inbound.chmod(0o733)
    assert as_nobody(lambda: deliver(inbound, PARCEL, temporary=DRAFT)) == ""
    assert as_nobody(lambda: list(inbound.iterdir())).startswith("PermissionError")
    assert [path.name for path in inbound.iterdir()] == [PARCEL.name]
    assert (inbound / PARCEL.name).stat().st_uid == NOBODY
    assert as_nobody(lambda: holds(inbound, PARCEL) or 1 / 0) == ""


@root_only
def test_a_folder_that_takes_nothing_is_said_to_refuse(tmp_path):
    open_to(tmp_path)
    inbound = tmp_path / "inbound"
    inbound.mkdir(mode=0o755)
    assert as_nobody(lambda: deliver(inbound, PARCEL, temporary=DRAFT)) == (
        f"refused|{said(inbound, 'Permission denied')}"
    )
    inbound.chmod(0o700)
    assert as_nobody(lambda: holds(inbound, PARCEL)).startswith("refused|")
    assert list(inbound.iterdir()) == []


def open_to(folder):
    """Let everybody through to what is below."""
    for each in (folder, *folder.parents):
        if each.stat().st_uid == os.geteuid() and not each.stat().st_mode & 0o001:
            each.chmod(each.stat().st_mode | 0o011)


def test_no_exchange_is_said_to_be_missing(tmp_path):
    with pytest.raises(Undelivered) as raised:
        deliver(tmp_path / "inbound", PARCEL, temporary=DRAFT)
    assert raised.value.code == "missing"
    assert str(raised.value) == said(tmp_path / "inbound", "No such file or directory")
    with pytest.raises(Undelivered) as raised:
        holds(tmp_path / "inbound", PARCEL)
    assert raised.value.code == "missing"


FULL = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from pamong.errors import Undelivered
from pamong.exchange import Parcel, deliver
inbound, now = Path(sys.argv[1]), datetime.now(UTC)
files = {"sikap.jsonl": b"x" * 70_000}
parcel = Parcel(participant="p001", module="m", moment=now, secret="s", files=files)
try:
    deliver(inbound, parcel, temporary=".pamong-0123")
except Undelivered as error:
    print(error.code, list(inbound.iterdir()))
"""


@root_only
def test_a_full_exchange_keeps_nothing_of_it(tmp_path):
    mount = f"mount -t tmpfs -o size=64k pamong {tmp_path} && exec '{sys.executable}' -c \"$1\" {tmp_path}"
    command = ["unshare", "--mount", "sh", "-c", mount, "sh", FULL]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    if run.returncode and "mount" in run.stderr:
        pytest.skip("no file system can be mounted here")
    assert run.stdout == "full []\n", run.stderr


def test_whatever_moment_it_is_killed_nothing_half_done_has_its_name(inbound):
    def work():
        deliver(inbound, PARCEL, temporary=DRAFT)

    codes = []
    for code in interrupted(work, killed):
        codes.append(code)
        visible = [path.name for path in inbound.iterdir() if not path.name.startswith(".")]
        assert visible in ([], [PARCEL.name])
        if visible:
            assert holds(inbound, PARCEL)
            discard(inbound, PARCEL.name)
    assert codes == [-9] * (len(codes) - 1) + [0]
    assert len(codes) > 20
    assert (
        list(inbound.iterdir()) == []
    )  # each new attempt has cleared away what the one before left


def test_what_vanishes_at_any_moment_never_counts_as_delivered(tmp_path):
    inbound, gone = tmp_path / "inbound", tmp_path / "gone"

    def vanish():
        inbound.rename(gone)

    def work():
        try:
            deliver(inbound, PARCEL, temporary=DRAFT)
        except Undelivered as error:
            os._exit(3 if error.code in ("missing", "unlike") else 4)

    codes = []
    inbound.mkdir()
    for code in interrupted(work, vanish):
        codes.append(code)
        if gone.exists():
            assert code in (0, 3)
            assert code == 3 or holds(gone, PARCEL)
            shutil.rmtree(gone)
        shutil.rmtree(inbound, ignore_errors=True)
        inbound.mkdir()
    assert codes.count(3) > 15


def test_what_changes_before_it_is_read_back_is_taken_away_again(inbound):
    def spoil():
        for path in inbound.glob("p001+*/sikap.jsonl"):
            path.write_bytes(b"y" * 70_000)

    def work():
        try:
            deliver(inbound, PARCEL, temporary=DRAFT)
        except Undelivered as error:
            os._exit(3 if error.code == "unlike" else 4)

    codes = set()
    for code in interrupted(work, spoil):
        codes.add(code)
        assert (code == 0) == holds(inbound, PARCEL) or code == 0  # read back before it was spoiled
        assert code == 0 or list(inbound.iterdir()) == []
        discard(inbound, PARCEL.name)
    assert codes == {0, 3}


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (errno.ENOSPC, "full"), (errno.EDQUOT, "full"), (errno.EROFS, "refused"), (errno.EACCES, "refused"),
        (errno.ESTALE, "missing"), (errno.EIO, "unreachable"),
    ],
)  # fmt: skip
def test_each_failure_of_a_disk_has_its_own_word(inbound, number, code):
    def fail():
        raise OSError(number, os.strerror(number))

    def work():
        try:
            deliver(inbound, PARCEL, temporary=DRAFT)
        except Undelivered as error:
            os._exit(3 if error.code == code else 4)

    assert next(interrupted(work, fail)) == 3
    assert list(inbound.iterdir()) == []


@pytest.mark.parametrize("extra", ["lagi.jsonl", "module.ipynb"])
def test_only_the_very_same_files_are_the_same(inbound, extra):
    deliver(inbound, PARCEL, temporary=DRAFT)
    assert holds(inbound, PARCEL)
    (inbound / PARCEL.name / extra).write_bytes(b"{ }")
    assert not holds(inbound, PARCEL)


def test_a_submission_that_is_not_there_has_no_files(inbound):
    assert fetch(inbound, PARCEL.name) == {}
    assert not holds(inbound, PARCEL)


def test_discarding_hides_the_whole_before_it_removes_a_part(inbound):
    deliver(inbound, PARCEL, temporary=DRAFT)

    def work():
        discard(inbound, PARCEL.name)

    for _ in interrupted(work, killed):
        for left in inbound.glob("[!.]*"):
            assert holds(inbound, PARCEL), left
    assert list(inbound.iterdir()) == []
