"""What a participant has to hand in of one module: the files, and how far each exercise has come.

The files are those that grading reads: notebooks as they were released, with answers but without
outputs; briefs; and of every healthy log its whole lines. A damaged log goes as it is.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from pamong import log, notebook
from pamong.errors import CourseError, PamongError, Undelivered
from pamong.kind import Brief, replay
from pamong.kinds import KINDS
from pamong.receipt import Played, State, digest

BRIEF = ".brief.yaml"
LOG = ".jsonl"
PAGE = ".ipynb"
TOTAL_LIMIT = 3 * notebook.SIZE_LIMIT
"""Bytes of one submission that collecting accepts."""
_PASSING = {"execution", "collapsed", "scrolled", "trusted", "ExecuteTime"}
"""What Jupyter notes on a cell by itself."""
_LASTING = ("kernelspec", "pamong", "title")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One exercise that the participant meets; ``missing`` says what is still to be done in it.

    ``damaged`` says that its log cannot be believed, so that nobody knows how many events there are.
    """

    exercise: str
    title: str
    graded: bool
    summative: bool
    state: State
    events: int
    missing: tuple[str, ...] = ()
    damaged: bool = False

    @property
    def played(self) -> Played:
        return Played(exercise=self.exercise, state=self.state, events=self.events)


@dataclass(frozen=True, kw_only=True)
class Portfolio:
    """Contents by file name, and the exercises in the order of the module.

    ``remarks`` are names of files that are not handed in because nobody could read them there.
    """

    files: Mapping[str, bytes]
    entries: tuple[Entry, ...]
    remarks: tuple[str, ...] = ()

    @cached_property
    def content(self) -> str:
        """The content hash of the files."""
        return digest(self.files)

    @property
    def events(self) -> Mapping[str, int]:
        """How many events every log has that can be believed."""
        return {entry.exercise: entry.events for entry in self.entries if not entry.damaged}

    @property
    def pages(self) -> Mapping[str, bytes]:
        """The notebooks among the files."""
        return {name: text for name, text in self.files.items() if name.endswith(PAGE)}

    @property
    def summative(self) -> bool:
        """Whether a statement of own work belongs to it."""
        return any(entry.summative for entry in self.entries)


def read(
    folder: Path, briefs: Iterable[Brief], uncounted: Collection[str] = frozenset()
) -> Portfolio:
    """What lies in ``folder`` now; Undelivered when an answer log cannot be read at all.

    ``briefs`` are the exercises that the participant meets, each in the version being played;
    ``uncounted`` names those that change no grade.
    """
    files, remarks = gather(folder)
    return of(files, briefs, uncounted, remarks)


def of(
    files: Mapping[str, bytes],
    briefs: Iterable[Brief],
    uncounted: Collection[str] = frozenset(),
    remarks: tuple[str, ...] = (),
) -> Portfolio:
    """What these files are; as ``read`` finds it in a folder."""
    entries = tuple(
        _entry(brief, files.get(f"{brief.id}{LOG}", b""), counts=brief.id not in uncounted)
        for brief in briefs
    )
    return Portfolio(files=files, entries=entries, remarks=remarks)


def pages(folder: Path) -> Mapping[str, bytes]:
    """The notebooks of a module that can be handed in, for less than it takes to gather all; OSError."""
    found = sorted(folder.glob(f"[!.]*{PAGE}"))
    read = {path.name: _start(path, notebook.SIZE_LIMIT) for path in found if path.is_file()}
    return {name: text for name, text in read.items() if len(text) <= notebook.SIZE_LIMIT}


def gather(folder: Path) -> tuple[dict[str, bytes], tuple[str, ...]]:
    """The files to hand in, by name, and the names of notebooks that cannot be handed in."""
    files: dict[str, bytes] = {}
    remarks: list[str] = []
    try:
        for path in sorted(folder.iterdir()):
            if path.name.startswith(".") or not path.is_file():
                continue
            content = _content(path)
            if content is None:
                remarks += [path.name] * (path.suffix == PAGE)
            else:
                files[path.name] = content
    except OSError as error:
        name = Path(error.filename or folder).name
        raise Undelivered("unread", name, error.strerror or type(error).__name__) from error
    if sum(map(len, files.values())) > TOTAL_LIMIT:
        raise Undelivered("large", folder, f"the files have more than {TOTAL_LIMIT} bytes together")
    return files, tuple(remarks)


def _content(path: Path) -> bytes | None:
    """What is handed in of a file; None when it is no business of anybody's, or too large."""
    if path.suffix == LOG:
        if not path.with_name(path.stem + BRIEF).is_file():
            return None
        content = _start(path, log.LOG_LIMIT)
        found = log.parse(content, path.stem)
        return content if found.damage else content.removesuffix(found.torn)
    if path.suffix not in (PAGE, ".yaml"):
        return None
    content = _start(path, notebook.SIZE_LIMIT)
    if len(content) > notebook.SIZE_LIMIT:
        return None
    return bare(content, path.name) if path.suffix == PAGE else content


def bare(content: bytes, name: str) -> bytes:
    """A notebook without outputs and without what Jupyter notes by itself; as it is when unreadable.

    So it changes only where somebody wrote something, and opening a module changes nothing.
    """
    try:
        page = notebook.parse(content, name)
    except CourseError:
        return content
    about = page.get("metadata")
    about = about if isinstance(about, dict) else {}
    kept = {key: about[key] for key in _LASTING if key in about}
    page["metadata"] = {**kept, "language_info": {"name": "python"}}
    for cell in page["cells"]:
        cell["metadata"] = {k: v for k, v in cell["metadata"].items() if k not in _PASSING}
        if cell["cell_type"] == "code":
            cell["outputs"], cell["execution_count"] = [], None
    return notebook.serialise(page)


def _start(path: Path, limit: int) -> bytes:
    """The file while nobody writes to it, or of a longer one a byte more than ``limit``."""
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    with os.fdopen(handle, "rb") as file:
        with suppress(OSError):  # not every network folder has locks
            fcntl.flock(handle, fcntl.LOCK_SH)
        return file.read(limit + 1)


def _entry(brief: Brief, content: bytes, *, counts: bool) -> Entry:
    found = log.parse(content, brief.id)
    state, missing = _standing(brief, found)
    graded = brief.use == "graded" and counts
    return Entry(
        exercise=brief.id,
        title=brief.title,
        graded=graded,
        summative=graded and brief.stakes == "summative",
        state=state,
        events=len(found.events),
        missing=missing,
        damaged=bool(found.damage),
    )


def _standing(brief: Brief, found: log.Log) -> tuple[State, tuple[str, ...]]:
    """How far an exercise has come, and what is missing."""
    if found.damage:
        return "unread", ()
    kind = KINDS[brief.kind]
    try:
        state = replay(kind, brief, found.events)
        return ("finished", ()) if state.finished else ("unfinished", kind.missing(brief, state))
    except PamongError:  # played on a version that is not here, say: graders have it
        return "unread", ()
