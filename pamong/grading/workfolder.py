"""Folders in which the cells of a submission run, with everything there that they read.

A process lays out a module once. Between two submissions it takes away what the first has brought and
left; where more than that has changed, it lays the module out anew.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing.util import Finalize
from pathlib import Path

import pamong.module
from pamong import seal
from pamong.grading.intake import folder as handed
from pamong.grading.intake.submission import SUBMISSION_LIMIT
from pamong.grading.source import ModuleSource

IN_MEMORY = Path("/dev/shm")  # noqa: S108  # folders of one account alone are made in it
"""Where Linux keeps files in memory; to make and remove them there takes a third of the time."""
ROOM = 8 * SUBMISSION_LIMIT
"""Bytes that have to be free there for each process."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Workfolder:
    """Where cells run, and where they find the keys."""

    folder: Path
    graders: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class _Layout:
    """A module on disk: its briefs, the folder of its keys, and by process a folder ready to work in."""

    briefs: tuple[Path, ...]
    graders: Path
    free: dict[int, Path] = field(default_factory=dict)


_layouts: dict[str, _Layout] = {}
"""What was laid out, by the version of the module; forked processes read the same files."""


def quickest(processes: int) -> Path | None:
    """The folder in memory, where so many processes have room in it; None for the usual one.

    Whoever has named a folder in TMPDIR gets that one.
    """
    if "TMPDIR" in os.environ or not os.access(IN_MEMORY, os.W_OK | os.X_OK):
        return None
    found = os.statvfs(IN_MEMORY)
    return IN_MEMORY if found.f_bavail * found.f_frsize >= processes * ROOM else None


@contextmanager
def prepared(sources: Iterable[ModuleSource], folder: Path) -> Iterator[None]:
    """Briefs and keys laid out below ``folder`` and read, so that processes forked inside need not.

    What cannot be read is left to the submissions that need it.
    """
    versions = []
    for source in sources:
        if source.version not in _layouts:
            versions.append(source.version)
            with suppress(OSError):
                layout = _layouts[source.version] = _lay_out(source, folder / source.version)
                pamong.module.warm(source.id, layout.briefs, layout.graders)
    try:
        yield
    finally:
        for version in versions:
            _layouts.pop(version, None)


@contextmanager
def workfolder(source: ModuleSource, files: Mapping[str, bytes]) -> Iterator[Workfolder]:
    """A folder with links to the module's briefs and with ``files``, as if nobody had ever worked there."""
    if source.version not in _layouts:
        _layouts[source.version] = _lay_out(source, _passing())
    layout, process = _layouts[source.version], os.getpid()
    folder = layout.free.pop(process, None) or _linked(layout.briefs)
    with handed.opened(folder) as within:
        for name, content in files.items():
            handed.write(name, content, within)
    try:
        yield Workfolder(folder=folder, graders=layout.graders)
    finally:
        if _is_cleared(folder, frozenset(path.name for path in layout.briefs)):
            layout.free[process] = folder
        else:
            shutil.rmtree(folder, ignore_errors=True)


def _is_cleared(folder: Path, own: frozenset[str]) -> bool:
    """Take away all but the links that belong there; whether they are all that is left."""
    with suppress(OSError):
        return handed.clear(folder, own) == own
    return False


def _linked(files: Iterable[Path]) -> Path:
    folder = _passing()
    for path in files:
        (folder / path.name).symlink_to(path)
    return folder


def _passing() -> Path:
    """A folder that goes with the process."""
    folder = Path(tempfile.mkdtemp(prefix="pamong-"))
    Finalize(None, shutil.rmtree, (folder, True), exitpriority=1)
    return folder


def _lay_out(source: ModuleSource, folder: Path) -> _Layout:
    graders = folder / "graders"
    briefs = _write(folder / "files", source.files)
    _write(graders / source.id / "released", source.keys)
    if source.sealing:
        secret = graders / seal.SEALING_KEY
        secret.touch(0o600)
        secret.write_bytes(source.sealing)
    return _Layout(briefs=briefs, graders=graders)


def _write(folder: Path, files: Mapping[str, bytes]) -> tuple[Path, ...]:
    folder.mkdir(parents=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return tuple(folder / name for name in files)
