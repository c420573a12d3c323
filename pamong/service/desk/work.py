"""The long steps that staff start by a click: commands of the command line, one at a time.

Each runs in a process of its own that outlives the service; what it printed and how it ended lies in
``course/work/<id>/``, so that a restart forgets nothing.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex
from threading import Thread

import msgspec

from pamong.errors import ServiceError

STEPS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "collect": (("collect",),),
    "grade": (("grade",),),
    "feedback": (("feedback", "--publish"),),
    "report": (("report", "--all"),),
    "transcript": (("transcript", "make"),),
}
"""What each step runs; nothing of it comes from a request."""
TAIL = 16 * 1024
"""Bytes at the end of what a step printed that are shown."""
KEPT = 50
"""Steps that are remembered."""
_ID = re.compile(r"\d{8}T\d{6}-[a-z]+-[0-9a-f]{8}", re.ASCII)
_ABOUT, _PRINTED, _END, _LOCK = "about.json", "printed.txt", "end.json", ".lock"
_SECRETS = re.compile(r"JUPYTERHUB_|JPY_|CONFIGPROXY_")


class _About(msgspec.Struct, frozen=True):
    step: str
    by: str
    begun: datetime


class _End(msgspec.Struct, frozen=True):
    status: int
    ended: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One step: who began it and how it ended; ``status`` is None while it runs or when it was killed."""

    id: str
    step: str
    by: str
    begun: datetime
    running: bool
    status: int | None
    ended: datetime | None
    printed: str


class Workshop:
    """The steps of the course at ``root``; at most one runs at any moment."""

    def __init__(self, root: Path) -> None:
        self._root, self._folder = root, root / "course" / "work"

    def start(self, step: str, by: str, now: datetime) -> str:
        """Begin a step and return its id; ServiceError where another one runs."""
        if step not in STEPS:
            raise ServiceError(f"There is no step {step!r}; there are {', '.join(STEPS)}.")
        self._folder.mkdir(parents=True, exist_ok=True)
        with _lock(self._folder) as held:
            if held is None:
                raise ServiceError("Another step is running. Wait until it has ended.")
            id_ = f"{now.astimezone(UTC):%Y%m%dT%H%M%S}-{step}-{token_hex(4)}"
            folder = self._folder / id_
            folder.mkdir(mode=0o700)
            about = _About(step, by, now.astimezone(UTC))
            (folder / _ABOUT).write_bytes(msgspec.json.encode(about))
            # The lock goes over to the process, so nobody can slip in between.
            self._begin(folder, step, held)
        self._forget()
        return id_

    def find(self, id: str) -> Work | None:  # the folder's own name
        """A step by its id; None when there is none."""
        if not _ID.fullmatch(id):
            return None
        return self._read(self._folder / id)

    def recent(self) -> tuple[Work, ...]:
        """What is remembered, the newest first."""
        found = (self._read(self._folder / name) for name in self._names())
        return tuple(each for each in found if each is not None)

    @property
    def busy(self) -> bool:
        """Whether a step is running."""
        if not self._folder.is_dir():
            return False
        with _lock(self._folder) as held:
            return held is None

    def _begin(self, folder: Path, step: str, lock: int) -> None:
        environment = {k: v for k, v in os.environ.items() if not _SECRETS.match(k)}
        environment |= {"TERM": "dumb", "COLUMNS": "100"}
        with (folder / _PRINTED).open("wb") as printed:
            process = subprocess.Popen(  # noqa: S603  # ours alone; it outlives us on purpose
                [sys.executable, "-m", "pamong.service.desk.work", "--folder", str(folder), step],
                cwd=self._root,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=printed,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                pass_fds=(lock,),
            )
        Thread(target=process.wait, daemon=True, name="work").start()  # or it would stay a zombie

    def _names(self) -> list[str]:
        try:
            found = [entry.name for entry in os.scandir(self._folder) if _ID.fullmatch(entry.name)]
        except FileNotFoundError:
            return []
        return sorted(found, reverse=True)

    def _read(self, folder: Path) -> Work | None:
        try:
            about = msgspec.json.decode((folder / _ABOUT).read_bytes(), type=_About)
        except (OSError, msgspec.DecodeError):
            return None
        end = _end(folder)
        newest = next(iter(self._names()), "") == folder.name
        return Work(
            id=folder.name,
            step=about.step,
            by=about.by,
            begun=about.begun,
            running=end is None and newest and self.busy,
            status=end.status if end else None,
            ended=end.ended if end else None,
            printed=_tail(folder / _PRINTED),
        )

    def _forget(self) -> None:
        for name in self._names()[KEPT:]:
            for path in (self._folder / name).iterdir():
                path.unlink()
            (self._folder / name).rmdir()


def _end(folder: Path) -> _End | None:
    try:
        return msgspec.json.decode((folder / _END).read_bytes(), type=_End)
    except (OSError, msgspec.DecodeError):
        return None


def _tail(path: Path) -> str:
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - TAIL))
            return file.read(TAIL).decode(errors="replace")
    except OSError:
        return ""


@contextmanager
def _lock(folder: Path) -> Iterator[int | None]:
    """The lock of a folder; None while a step holds it."""
    handle = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield None
        else:
            yield handle
    finally:
        os.close(handle)  # a process that was given it holds on


def run(folder: Path, step: str) -> int:
    """Run a step's commands one after another until one fails; leave word of how it ended."""
    status = 0
    for arguments in STEPS[step]:
        sys.stdout.write(f"$ pamong {' '.join(arguments)}\n")
        sys.stdout.flush()
        command = [sys.executable, "-c", "from pamong.cli import main; main()", *arguments]
        status = subprocess.run(command, check=False).returncode  # noqa: S603  # ours alone
        if status:
            break
    draft = folder / f"{_END}.new"
    draft.write_bytes(msgspec.json.encode(_End(status, datetime.now(UTC))))
    draft.replace(folder / _END)
    return status


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("step", choices=sorted(STEPS))
    options = parser.parse_args()
    sys.exit(run(options.folder, options.step))


if __name__ == "__main__":
    main()
