"""One folder that somebody put into the exchange: its name read, its files copied only if they are plain.

Checks and copies in one pass over open files, so that nothing can be exchanged in between.
"""

from __future__ import annotations

import os
import pwd
import stat
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from pamong.catalogue import messages
from pamong.errors import PamongError
from pamong.grading.intake import folder
from pamong.grading.intake.submission import DAMAGED, PARTICIPANT, TIMESTAMP
from pamong.notebook import SIZE_LIMIT

FILE_LIMIT = SIZE_LIMIT
"""Bytes of one file."""
TOTAL_LIMIT = 3 * FILE_LIMIT
"""Bytes of one submission."""
COUNT_LIMIT = 500
"""Files and folders of one submission."""
DEPTH_LIMIT = 16
"""Folders inside one another."""
MOMENT = "%Y-%m-%d %H:%M:%S.%f UTC"
IGNORED = {".ipynb_checkpoints", "__pycache__", "feedback"}


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
    changed: float
    """When the server saw anything change, in seconds."""
    bytes: int = TOTAL_LIMIT
    entries: int = COUNT_LIMIT

    def spend(self, name: str, found: os.stat_result) -> None:
        self.entries -= 1
        self.changed = max(self.changed, found.st_ctime)
        self.bytes -= found.st_size if stat.S_ISREG(found.st_mode) else 0
        if found.st_uid != self.owner:
            raise Refused("foreign_file", name=shown(name))
        if self.entries < 0:
            raise Refused("many", limit=COUNT_LIMIT)
        if self.bytes < 0 or found.st_size > FILE_LIMIT:
            raise Refused("large", name=shown(name), limit=FILE_LIMIT // 1024**2)


def shown(name: str) -> str:
    """A name that may hold anything, in visible characters."""
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in name)


def read_name(path: Path) -> Arrival:
    """``participant+module+moment[+random]``, as ``nbgrader submit`` names it; Refused otherwise."""
    parts = path.name.split("+")
    if len(parts) not in (3, 4) or not PARTICIPANT.fullmatch(parts[0]):
        raise Refused("name")
    try:
        moment = datetime.strptime(parts[2], MOMENT).replace(tzinfo=UTC)
    except ValueError:
        raise Refused("moment", moment=shown(parts[2])) from None
    return Arrival(parts[0], parts[1], moment, path)


def copy(arrival: Arrival, target: Path, *, check_owner: bool = True) -> float:
    """Copy the folder's plain files to ``target``; returns when the server saw it last change (seconds).

    The time stamp is left to the caller. Refused for links, special files, another's files, too much
    data, or what cannot be read.
    """
    try:
        with folder.opened(arrival.path) as handle:
            found = os.fstat(handle)
            if check_owner:
                _require_owner(arrival, found.st_uid)
            budget = _Budget(found.st_uid, found.st_ctime)
            _copy_folder(handle, target, budget, DEPTH_LIMIT)
            return budget.changed
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


def _copy_folder(handle: int, target: Path, budget: _Budget, depth: int) -> None:
    if depth < 0:
        raise Refused("deep", limit=DEPTH_LIMIT)
    target.mkdir(parents=True)
    with os.scandir(handle) as entries:
        names = [entry.name for entry in islice(entries, COUNT_LIMIT + len(IGNORED) + 1)]
    if len(names) > COUNT_LIMIT + len(IGNORED):
        raise Refused("many", limit=COUNT_LIMIT)
    for name in sorted(names):
        if name in IGNORED or (depth == DEPTH_LIMIT and _is_ours(name)):
            continue
        kind = os.stat(name, dir_fd=handle, follow_symlinks=False)
        if stat.S_ISDIR(kind.st_mode):
            budget.spend(name, kind)
            with folder.opened(name, handle) as inner:
                _copy_folder(inner, target / name, budget, depth - 1)
        elif stat.S_ISREG(kind.st_mode) and kind.st_nlink == 1:
            _copy_file(handle, name, target / name, budget)
        else:
            raise Refused("special", name=shown(name))


def _is_ours(name: str) -> bool:
    """Whether only collecting may put a file of this name into a submission."""
    return name == TIMESTAMP or name.endswith(f".ipynb{DAMAGED}")


def _copy_file(handle: int, name: str, target: Path, budget: _Budget) -> None:
    with folder.opened_file(name, handle) as (source, found):
        budget.spend(name, found)
        with target.open("wb") as file:
            remaining = found.st_size
            while remaining > 0 and (block := os.read(source, min(remaining, 1 << 20))):
                remaining -= len(block)
                file.write(block)
