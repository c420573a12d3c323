"""The exercises of one module as they are being written: read again whenever their files change.

What can no longer be read stays as it last could, so that a slip of the pen does not end a preview.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from pamong.brief import load_brief, load_key
from pamong.course import BRIEF, KEY, Course, Exercise, Shelf
from pamong.errors import AuthoringError, UnknownVersion
from pamong.kind import Brief, Key
from pamong.kinds import KINDS
from pamong.programme import find_root

Stamp = tuple[tuple[int, int], ...]
"""When each of some files was changed, in nanoseconds, and its size; (0, 0) where there is none."""


def stamp(*paths: Path) -> Stamp:
    """A value that changes whenever one of the files does."""
    return tuple(_stamp(path) for path in paths)


class Drafts(Shelf):
    """The authored exercises of ``module`` with today's keys, where a Shelf has the released ones."""

    def __init__(self, course: Course, module: str) -> None:
        super().__init__(course.source(module))
        self._source, self._keys = course.source(module), course.keys(module)
        self._seen: dict[str, Stamp] = {}
        self._good: dict[str, Exercise] = {}

    def versions(self, exercise: str) -> tuple[int, ...]:
        """The one version there is; none when the exercise never could be read."""
        found = self.find(exercise)
        return (found.brief.version,) if found else ()

    def get(self, exercise: str, version: int) -> Exercise:
        """The exercise as ``find`` gives it; UnknownVersion when it never could be read."""
        found = self.find(exercise)
        if found is None:
            raise UnknownVersion(exercise, version, ())
        return found

    def latest(self) -> Mapping[str, Exercise]:
        """Every exercise that could be read."""
        names = sorted(path.name.removesuffix(BRIEF) for path in self._source.glob(f"*{BRIEF}"))
        return {name: found for name in names if (found := self.find(name)) is not None}

    def find(self, exercise: str) -> Exercise | None:
        """The exercise as it last could be read, brief and key together."""
        brief, key = self._source / f"{exercise}{BRIEF}", self._keys / f"{exercise}{KEY}"
        now = stamp(brief, key)
        if self._seen.get(exercise) != now:
            self._seen[exercise] = now
            with suppress(AuthoringError, OSError):
                self._good[exercise] = _read(brief, key)
        return self._good.get(exercise)


def is_source(folder: Path) -> bool:
    """Whether a module is written in ``folder``: course/source/<module> of some course."""
    root = find_root(folder)
    return root is not None and folder.parent == root / "course" / "source"


def _read(brief_path: Path, key_path: Path) -> Exercise:
    brief: Brief = load_brief(brief_path)
    kind = KINDS[brief.kind]
    model: Any = getattr(brief, "model", None)
    key: Key = model if model is not None else load_key(key_path, kind)
    return Exercise(kind, brief, key)


def _stamp(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except OSError:
        return (0, 0)
    return (found.st_mtime_ns, found.st_size)
