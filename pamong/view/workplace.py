"""The folder that a preview serves: a module's files, brought up to date, and answers, which are kept.

Answers that the changed exercise can no longer have led to are set aside under another name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pamong import notebook
from pamong.brief import load_brief
from pamong.counterpart import LocalCounterpart, verify
from pamong.course import BRIEF, NOTEBOOK, Course, Exercise
from pamong.drafts import Drafts
from pamong.errors import AuthoringError, CourseError, PamongError
from pamong.event import Event
from pamong.kind import replay
from pamong.store import FileStore

_HIDDEN = re.compile(r"### BEGIN HIDDEN TESTS.*?### END HIDDEN TESTS\n?", re.DOTALL)
AUTHOR = "pratinjau"
"""The participant's name in a preview."""
_KEPT_OUT = (".jsonl", ".torn")


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What a refresh changed: files by name, and exercises whose answers were set aside."""

    files: tuple[str, ...] = ()
    set_aside: tuple[str, ...] = ()


class Workplace:
    """A working copy of ``module``: of its source with today's keys, or of its release."""

    def __init__(
        self,
        course: Course,
        module: str,
        folder: Path,
        *,
        released: bool = False,
        participant: str = AUTHOR,
    ) -> None:
        self.folder, self.released, self._course = folder, released, course
        self._participant = participant
        self.origin = course.release(module) if released else course.source(module)
        self._exercises = course.shelf(module) if released else Drafts(course, module)
        if not (self.origin / NOTEBOOK).is_file():
            raise CourseError(
                f"{self.origin / NOTEBOOK} does not exist. "
                + (
                    "Release the module first."
                    if released
                    else "Write the module, or check its name."
                )
            )

    def refresh(self) -> Refreshed:
        """Copy what has changed and can be read; answers stay, or are set aside where they cannot."""
        self.folder.mkdir(parents=True, exist_ok=True)
        files = tuple(name for name, content in self._files() if self._put(name, content))
        return Refreshed(files, tuple(self._set_aside()))

    def is_begun(self, exercise: str) -> bool:
        path = self.folder / f"{exercise}.jsonl"
        return path.is_file() and path.stat().st_size > 0

    def _files(self) -> Iterator[tuple[str, bytes]]:
        for path in sorted(self.origin.rglob("*")):
            name = path.relative_to(self.origin)
            if not path.is_file() or path.suffix in _KEPT_OUT or _is_hidden(name):
                continue
            try:
                content = path.read_bytes()
            except OSError:  # replaced by an editor in this very moment
                continue
            if path.name == NOTEBOOK and not self.released:
                content = _without_tests(content)
            if content and self._may_show(path):
                yield name.as_posix(), content

    def _may_show(self, path: Path) -> bool:
        """False for a brief that cannot be read, or whose key cannot while an older pair is in use."""
        if self.released or not path.name.endswith(BRIEF):
            return True
        try:
            brief = load_brief(path)
        except (AuthoringError, OSError):
            return False
        found = self._exercises.find(brief.id) if isinstance(self._exercises, Drafts) else None
        return found is None or found.brief == brief

    def _put(self, name: str, content: bytes) -> bool:
        path = self.folder / name
        if path.is_file() and path.read_bytes() == content:
            return False
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.new")
        draft.write_bytes(content)
        draft.replace(path)
        return True

    def _set_aside(self) -> Iterator[str]:
        for path in sorted(self.folder.glob("*.jsonl")):
            if path.stat().st_size and not self._fits(path.stem):
                number = 1
                while (aside := path.with_name(f"{path.name}.lama-{number}")).exists():
                    number += 1
                path.replace(aside)
                yield path.stem

    def _fits(self, exercise: str) -> bool:
        """Whether the log can have been played on the exercise as it is now, or as it was released."""
        versions = self._exercises.versions(exercise)
        if not versions:
            return True
        try:
            events = FileStore(self.folder).read(exercise)
            begun = events[0].version if self.released and events else versions[-1]
            found = self._exercises.get(exercise, begun)
            replay(found.kind, found.brief, events)
            verify(found.kind, found.brief, found.key, events)
        except PamongError:
            return False
        return all(event.version == found.brief.version for event in events) and (
            found.brief.use == "practice" or self._opened_so(found, events)
        )

    def _opened_so(self, found: Exercise, events: tuple[Event, ...]) -> bool:
        """Whether the counterpart would still open each attempt with the same variant."""
        if found.kind.reactive is None:
            return True
        side = LocalCounterpart(
            found.kind,
            found.brief,
            found.key,
            participant=self._participant,
            secret=self._course.secret(),
        )
        opened = (event for event in events if event.act == "open")
        return all(
            side.open(event.exercise, event.version, event.attempt) == event.data
            for event in opened
        )


def _is_hidden(name: Path) -> bool:
    return any(part.startswith(".") for part in name.parts)


def _without_tests(content: bytes) -> bytes:
    """A notebook as participants get it; nothing when it cannot be read."""
    try:
        book = notebook.parse(content, NOTEBOOK)
    except CourseError:
        return b""
    for cell in book["cells"]:
        cell["source"] = _HIDDEN.sub("", cell["source"]).rstrip("\n")
    return notebook.serialise(book)
