"""Where the events of one participant live: append, read, and never forget what was acknowledged."""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Protocol

from pamong import log
from pamong.durable import sync
from pamong.errors import LogFull, StaleAppend
from pamong.event import Draft, Event

SMALL = 2048
RESERVE = 128 * SMALL
"""Bytes at the end of a log that are kept for small events: a text that no longer fits must not keep
anybody from finishing."""
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")


class Store(Protocol):
    """Append-only events per exercise. ``append`` returns once they are durable.

    A draft whose id is already there is not written again. ``expected`` is the number of events the
    caller has read; StaleAppend says that somebody else was faster.
    """

    def read(self, exercise: str) -> tuple[Event, ...]: ...

    def count(self, exercise: str) -> int:
        """How many events there are, for less than it takes to read them."""
        ...

    def room(self, exercise: str) -> float:
        """What share of the log is still free for texts: from 1 to 0, where they are refused."""
        ...

    def append(
        self, exercise: str, version: int, expected: int, drafts: tuple[Draft, ...]
    ) -> tuple[Event, ...]: ...


class MemoryStore:
    """Events that live as long as the process: for bots, playtests and simulation."""

    def __init__(self) -> None:
        self._events: dict[str, tuple[Event, ...]] = {}

    def read(self, exercise: str) -> tuple[Event, ...]:
        return self._events.get(exercise, ())

    def count(self, exercise: str) -> int:
        return len(self.read(exercise))

    def room(self, exercise: str) -> float:  # noqa: ARG002  # there is always room
        return 1.0

    def append(
        self, exercise: str, version: int, expected: int, drafts: tuple[Draft, ...]
    ) -> tuple[Event, ...]:
        there = self.read(exercise)
        added = log.number(exercise, version, _unknown(exercise, there, expected, drafts), expected)
        self._events[exercise] = there + added
        return added


class FileStore:
    """``<exercise>.jsonl`` files in one folder, shared by any number of processes.

    Appended, flushed and fsynced before returning; what another process wrote, and perhaps died before
    it had synced, is synced before it is read. A torn tail is moved to ``<exercise>.torn`` before the
    next append, so nothing is thrown away.
    """

    def __init__(self, folder: Path, suffix: str = ".jsonl") -> None:
        self._folder, self._suffix = folder, suffix
        self._synced: dict[str, tuple[int, int]] = {}

    def path(self, exercise: str) -> Path:
        if not _NAME.fullmatch(exercise):
            raise ValueError(f"{exercise!r} is not an exercise id")
        return self._folder / f"{exercise}{self._suffix}"

    def read(self, exercise: str) -> tuple[Event, ...]:
        try:
            with _held(self.path(exercise), os.O_RDONLY, fcntl.LOCK_SH) as handle:
                return self._parsed(handle, exercise).trusted()
        except FileNotFoundError:
            return ()

    def count(self, exercise: str) -> int:
        try:
            with _held(self.path(exercise), os.O_RDONLY, fcntl.LOCK_SH) as handle:
                content = os.pread(handle, log.LOG_LIMIT + 1, 0)
        except FileNotFoundError:
            return 0
        whole = content.endswith(b"\n") or not content
        return content.count(b"\n") if whole else len(self.read(exercise))

    def room(self, exercise: str) -> float:
        try:
            size = self.path(exercise).stat().st_size
        except FileNotFoundError:
            size = 0
        return max(0.0, 1 - size / (log.LOG_LIMIT - RESERVE))

    def append(
        self, exercise: str, version: int, expected: int, drafts: tuple[Draft, ...]
    ) -> tuple[Event, ...]:
        there = self.read(exercise)
        if not _unknown(exercise, there, expected, drafts):
            return ()
        path = self.path(exercise)
        with _held(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, fcntl.LOCK_EX) as handle:
            try:
                return self._extend(handle, exercise, version, expected, drafts)
            finally:
                if not os.fstat(handle).st_size:  # nobody has played what could not be recorded
                    path.unlink(missing_ok=True)

    def remove(self, exercise: str, known: tuple[Event, ...]) -> bool:
        """Take away a log that holds the ``known`` events and no other; whether it is gone."""
        path = self.path(exercise)
        try:
            with _held(path, os.O_RDWR, fcntl.LOCK_EX) as handle:
                found = self._parsed(handle, exercise)
                if found.trusted() != known:
                    return False
                if found.torn:
                    self._set_aside(handle, exercise, found.torn)
                path.unlink()
                self._synced.pop(exercise, None)
        except FileNotFoundError:
            return True
        sync(self._folder)
        return True

    def _extend(
        self, handle: int, exercise: str, version: int, expected: int, drafts: tuple[Draft, ...]
    ) -> tuple[Event, ...]:
        found = self._parsed(handle, exercise)
        drafts = _unknown(exercise, found.trusted(), expected, drafts)
        added = log.number(exercise, version, drafts, expected)
        lines = b"".join(log.encode(event) for event in added)
        size = os.fstat(handle).st_size - len(found.torn)
        if found.torn:
            self._set_aside(handle, exercise, found.torn)
        if size and os.pread(handle, 1, size - 1) != b"\n":
            lines = b"\n" + lines
        limit = log.LOG_LIMIT - (RESERVE if len(lines) > SMALL else 0)
        if size + len(lines) > limit:
            raise LogFull(self.path(exercise).name, size + len(lines), limit)
        _write(handle, lines)
        self._note(handle, exercise)
        return added

    def _parsed(self, handle: int, exercise: str) -> log.Log:
        content = os.pread(handle, log.LOG_LIMIT + 1, 0)
        if content:
            self._sync(handle, exercise)
        return log.parse(content, exercise)

    def _sync(self, handle: int, exercise: str) -> None:
        """Make the log durable as it stands, unless it is known to be."""
        found = os.fstat(handle)
        if self._synced.get(exercise) != (found.st_ino, found.st_size):
            os.fsync(handle)
            self._note(handle, exercise)

    def _note(self, handle: int, exercise: str) -> None:
        """The log has been synced as it stands; so is its name in the folder."""
        found = os.fstat(handle)
        if self._synced.get(exercise, (0, 0))[0] != found.st_ino:
            sync(self._folder)
        self._synced[exercise] = (found.st_ino, found.st_size)

    def _set_aside(self, handle: int, exercise: str, torn: bytes) -> None:
        path = self.path(exercise).with_suffix(".torn")
        with _held(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, fcntl.LOCK_EX) as aside:
            _write(aside, torn + b"\n")
        sync(self._folder)
        os.ftruncate(handle, os.fstat(handle).st_size - len(torn))


def _unknown(
    exercise: str, there: tuple[Event, ...], expected: int, drafts: tuple[Draft, ...]
) -> tuple[Draft, ...]:
    known = {event.id for event in there}
    drafts = tuple(draft for draft in drafts if draft.id not in known)
    if drafts and len(there) != expected:
        raise StaleAppend(exercise, expected, len(there))
    return drafts


@contextmanager
def _held(path: Path, flags: int, lock: int) -> Iterator[int]:
    """The file under a lock, where locks can be had; if it was replaced meanwhile, the one in its place."""
    while True:
        handle = os.open(path, flags | os.O_CLOEXEC | os.O_NONBLOCK, 0o666)  # no waiting at a pipe
        try:
            with suppress(OSError):
                fcntl.flock(handle, lock)
            if _is_at(path, handle):
                yield handle
                return
        finally:
            os.close(handle)


def _is_at(path: Path, handle: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(handle))
    except FileNotFoundError:
        return False


def _write(handle: int, content: bytes) -> None:
    """Append durably; on failure (a full disk) the file is cut back to what it was."""
    start, rest = os.fstat(handle).st_size, memoryview(content)
    try:
        while rest:
            rest = rest[os.write(handle, rest) :]
        os.fsync(handle)
    except OSError:
        os.ftruncate(handle, start)
        raise
