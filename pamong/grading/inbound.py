"""One folder that somebody put into the exchange: its name read, its files copied only if they are plain.

Checks and copies in one pass over open files, so that nothing can be exchanged in between.
"""

from __future__ import annotations

import os
import pwd
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pamong.catalogue import messages
from pamong.errors import PamongError
from pamong.notebook import SIZE_LIMIT

FILE_LIMIT = SIZE_LIMIT
"""Bytes of one file."""
TOTAL_LIMIT = 3 * FILE_LIMIT
"""Bytes of one submission."""
COUNT_LIMIT = 500
"""Files and folders of one submission."""
MOMENT = "%Y-%m-%d %H:%M:%S.%f UTC"
IGNORED = {".ipynb_checkpoints", "__pycache__", "feedback"}
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,127}")
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK


class Refused(PamongError):
    """A submission that must not be collected; the text says why, for the committee."""

    def __init__(self, entry: str, /, **values: object) -> None:
        super().__init__(messages("collect")(entry, **values))


@dataclass(frozen=True, slots=True)
class Arrival:
    """A folder in the exchange and what its name claims."""

    participant: str
    module: str
    moment: datetime
    path: Path


@dataclass(slots=True)
class _Budget:
    owner: int
    bytes: int = TOTAL_LIMIT
    entries: int = COUNT_LIMIT

    def spend(self, name: str, found: os.stat_result) -> None:
        self.entries -= 1
        self.bytes -= found.st_size if stat.S_ISREG(found.st_mode) else 0
        if found.st_uid != self.owner:
            raise Refused("foreign_file", name=name)
        if self.entries < 0:
            raise Refused("many", limit=COUNT_LIMIT)
        if self.bytes < 0 or found.st_size > FILE_LIMIT:
            raise Refused("large", name=name, limit=FILE_LIMIT // 1024**2)


def read_name(path: Path) -> Arrival:
    """``participant+module+moment[+random]``, as ``nbgrader submit`` names it; Refused otherwise."""
    parts = path.name.split("+")
    if len(parts) not in (3, 4) or not _NAME.fullmatch(parts[0]) or ".." in parts[0]:
        raise Refused("name")
    try:
        moment = datetime.strptime(parts[2], MOMENT).replace(tzinfo=UTC)
    except ValueError:
        raise Refused("moment", moment=parts[2]) from None
    return Arrival(parts[0], parts[1], moment, path)


def copy(arrival: Arrival, target: Path, *, check_owner: bool = True) -> float:
    """Copy the folder's plain files to ``target``; returns when the server saw it last change (seconds).

    Refused for links, special files, another's files, too much data, or what cannot be read.
    """
    try:
        with _opened(str(arrival.path), _FOLDER) as handle:
            found = os.fstat(handle)
            if check_owner:
                _require_owner(arrival, found.st_uid)
            return _copy_folder(handle, target, _Budget(found.st_uid), found.st_ctime)
    except OSError as error:
        raise Refused("unreadable", reason=error.strerror or type(error).__name__) from error


def _require_owner(arrival: Arrival, owner: int) -> None:
    """The participant's own account, or the one that collects (a simulation, or the service)."""
    if owner == os.geteuid():
        return
    try:
        name = pwd.getpwuid(owner).pw_name
    except KeyError:
        name = str(owner)
    if name != arrival.participant:
        raise Refused("foreign", participant=arrival.participant, owner=name)


def _copy_folder(handle: int, target: Path, budget: _Budget, changed: float) -> float:
    target.mkdir(parents=True)
    for name in sorted(os.listdir(handle)):
        if name in IGNORED:
            continue
        kind = os.stat(name, dir_fd=handle, follow_symlinks=False)
        changed = max(changed, kind.st_ctime)
        if stat.S_ISDIR(kind.st_mode):
            budget.spend(name, kind)
            with _opened(name, _FOLDER, handle) as inner:
                changed = max(changed, _copy_folder(inner, target / name, budget, changed))
        else:
            _copy_file(handle, name, target / name, budget)
    return changed


def _copy_file(handle: int, name: str, target: Path, budget: _Budget) -> None:
    kind = os.stat(name, dir_fd=handle, follow_symlinks=False)
    if not stat.S_ISREG(kind.st_mode):
        raise Refused("special", name=name)
    with _opened(name, _FILE, handle) as source:
        found = os.fstat(source)
        if not stat.S_ISREG(found.st_mode) or found.st_nlink != 1:
            raise Refused("special", name=name)
        budget.spend(name, found)
        with target.open("wb") as file:
            remaining = found.st_size
            while remaining > 0 and (block := os.read(source, min(remaining, 1 << 20))):
                remaining -= len(block)
                file.write(block)


@contextmanager
def _opened(path: str, flags: int, folder: int | None = None) -> Iterator[int]:
    handle = os.open(path, flags, dir_fd=folder)
    try:
        yield handle
    finally:
        os.close(handle)
