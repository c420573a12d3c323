"""Which version of an exercise a participant plays: the one that the answer log was begun on.

A new release replaces the briefs of a module. So the brief is set aside in a folder of the
participant's, ``<root>/.pamong/briefs/<module>/<exercise>.v<version>.brief.yaml``, before the first
event of its log is written; from then on the exercise stays as it was. Where that fails, every later
event tries again for as long as the brief is still there.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from secrets import token_hex

from pamong.brief import load_brief
from pamong.course import BRIEF
from pamong.durable import sync
from pamong.errors import CourseError, LogError, PamongError
from pamong.event import Draft, Event
from pamong.kind import Brief
from pamong.store import Store

log = logging.getLogger(__name__)

Keep = Callable[[str, int], None]
KEPT = ".pamong"
"""The folder of ours beside the modules of a participant."""


@dataclass(frozen=True, slots=True)
class Edition:
    """A brief, and whether a later version of it has been released."""

    brief: Brief
    newer: bool = False


class Editions:
    """The exercises of the module in ``folder``, each in the version that it was begun on in ``logs``."""

    def __init__(self, folder: Path, logs: Store) -> None:
        self._folder, self._logs = folder, logs
        self._kept = folder.parent / KEPT / "briefs" / folder.name

    def find(self, exercise: str) -> Edition:
        """The edition to play; CourseError when the module has no such exercise."""
        path = self._folder / f"{exercise}{BRIEF}"
        if not path.is_file():
            raise CourseError(f"No exercise {exercise!r} in {self._folder}.")
        current = cached_brief(path)
        begun = self._begun(exercise)
        if begun in (0, current.version):
            return Edition(current)
        kept = self._place(exercise, begun)
        if not kept.is_file():
            return Edition(current)
        return Edition(cached_brief(kept), newer=begun < current.version)

    def store(self) -> Store:
        """The logs, which set the brief aside before an exercise is begun."""
        return _Keeping(self._logs, self._keep)

    def _begun(self, exercise: str) -> int:
        try:
            events = self._logs.read(exercise)
        except (LogError, OSError):  # the screen says so
            return 0
        return events[0].version if events else 0

    def _keep(self, exercise: str, version: int) -> None:
        kept = self._place(exercise, version)
        draft = kept.with_name(f".{kept.name}.{token_hex(8)}")
        try:
            if kept.is_file():
                return
            for folder in reversed(kept.parents[:3]):
                folder.mkdir(exist_ok=True, mode=0o700)
            content = (self._folder / f"{exercise}{BRIEF}").read_bytes()
            with draft.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            if load_brief(draft).version == version:
                draft.replace(kept)
                sync(kept.parent)
        except (OSError, PamongError) as error:  # the answer matters more than the next release
            log.warning("%s: the brief could not be set aside: %s", exercise, error)
        finally:
            with suppress(OSError):
                draft.unlink()

    def _place(self, exercise: str, version: int) -> Path:
        return self._kept / f"{exercise}.v{version}{BRIEF}"


class _Keeping:
    """A store that calls ``keep`` before every append."""

    def __init__(self, store: Store, keep: Keep) -> None:
        self._store, self._keep = store, keep

    def read(self, exercise: str) -> tuple[Event, ...]:
        return self._store.read(exercise)

    def count(self, exercise: str) -> int:
        return self._store.count(exercise)

    def room(self, exercise: str) -> float:
        return self._store.room(exercise)

    def append(
        self, exercise: str, version: int, expected: int, drafts: tuple[Draft, ...]
    ) -> tuple[Event, ...]:
        if drafts:
            self._keep(exercise, version)
        return self._store.append(exercise, version, expected, drafts)


def cached_brief(path: str | Path) -> Brief:
    """The brief in a file, read once for as long as the file stays as it is."""
    return _brief(File.at(path))


@dataclass(frozen=True, slots=True)
class File:
    """A file as it is now, known by that and not by the link that leads to it."""

    path: str | Path = field(compare=False)
    known: tuple[int, ...]

    @classmethod
    def at(cls, path: str | Path) -> File:
        """OSError when there is none."""
        found = os.stat(path)  # noqa: PTH116  # a Path of every exercise of everybody costs time
        return cls(path, (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns))


@lru_cache(maxsize=512)
def _brief(file: File) -> Brief:
    return load_brief(Path(file.path))
