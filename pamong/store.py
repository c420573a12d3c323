"""Where the events of one participant live: append, read, and never forget what was acknowledged."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Protocol

from pamong import log
from pamong.errors import LogFull, StaleAppend
from pamong.event import Draft, Event

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")


class Store(Protocol):
    """Append-only events per exercise. ``append`` returns once they are durable.

    A draft whose id is already there is not written again. ``expected`` is the number of events the
    caller has read; StaleAppend says that somebody else was faster.
    """

    def read(self, exercise: str) -> tuple[Event, ...]: ...

    def append(
        self, exercise: str, version: int, expected: int, drafts: tuple[Draft, ...]
    ) -> tuple[Event, ...]: ...


class MemoryStore:
    """Events that live as long as the process: for bots, playtests and simulation."""

    def __init__(self) -> None:
        self._events: dict[str, tuple[Event, ...]] = {}

    def read(self, exercise: str) -> tuple[Event, ...]:
        return self._events.get(exercise, ())

    def append(
        self, exercise: str, version: int, expected: int, drafts: tuple[Draft, ...]
    ) -> tuple[Event, ...]:
        there = self.read(exercise)
        added = log.number(exercise, version, _unknown(exercise, there, expected, drafts), expected)
        self._events[exercise] = there + added
        return added


class FileStore:
    """``<exercise>.jsonl`` files in one folder; appended, flushed and fsynced before returning.

    A torn tail is moved to ``<exercise>.torn`` before the next append, so nothing is thrown away.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, exercise: str) -> Path:
        if not _NAME.fullmatch(exercise):
            raise ValueError(f"{exercise!r} is not an exercise id")
        return self._folder / f"{exercise}.jsonl"

    def read(self, exercise: str) -> tuple[Event, ...]:
        return self._log(exercise).trusted()

    def append(
        self, exercise: str, version: int, expected: int, drafts: tuple[Draft, ...]
    ) -> tuple[Event, ...]:
        found = self._log(exercise)
        drafts = _unknown(exercise, found.trusted(), expected, drafts)
        added = log.number(exercise, version, drafts, expected)
        lines = b"".join(log.encode(event) for event in added)
        path = self.path(exercise)
        size = path.stat().st_size if path.exists() else 0
        if size + len(lines) > log.LOG_LIMIT:
            raise LogFull(path.name, size + len(lines), log.LOG_LIMIT)
        if found.torn:
            self._set_aside(path, found.torn)
        _extend(path, lines)
        return added

    def _log(self, exercise: str) -> log.Log:
        path = self.path(exercise)
        if not path.exists():
            return log.Log(())
        with path.open("rb") as file:
            return log.parse(file.read(log.LOG_LIMIT + 1), exercise)

    def _set_aside(self, path: Path, torn: bytes) -> None:
        _extend(path.with_suffix(".torn"), torn + b"\n")
        with path.open("r+b") as file:
            file.truncate(path.stat().st_size - len(torn))
            os.fsync(file.fileno())


def _unknown(
    exercise: str, there: tuple[Event, ...], expected: int, drafts: tuple[Draft, ...]
) -> tuple[Draft, ...]:
    known = {event.id for event in there}
    drafts = tuple(draft for draft in drafts if draft.id not in known)
    if drafts and len(there) != expected:
        raise StaleAppend(exercise, expected, len(there))
    return drafts


def _extend(path: Path, content: bytes) -> None:
    """Append durably; on failure (a full disk) the file is cut back to what it was."""
    new = not path.exists()
    with path.open("ab") as file:
        start = file.tell()
        if start and not new:
            with path.open("rb") as reader:
                reader.seek(start - 1)
                if reader.read(1) != b"\n":
                    content = b"\n" + content
        try:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        except OSError:
            os.ftruncate(file.fileno(), start)
            raise
    if new:
        _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
