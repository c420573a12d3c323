"""The grade ledger: one line for every graded cell whose standing changed, by whom, when, from what and why.

Lines are only ever added. Whatever a crash leaves of a line, the lines before and after it can be read.
"""

from __future__ import annotations

import getpass
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from pamong.errors import CourseError
from pamong.grading.records.origin import Origin

LINE_LIMIT = 16 * 1024
"""Bytes of one line; a longer one is not a line of ours."""
CAUSE_LIMIT = 2000
"""Characters of a cause that are kept: with the rest of a line they stay below LINE_LIMIT."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What the gradebook says of one graded cell without the marker's own points."""

    points: float | None
    needs_person: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One graded cell whose standing differs from what was recorded before (None: nothing was).

    ``manual`` is the mark that a person has given; where there is one, it counts and stays.
    """

    participant: str
    module: str
    cell: str
    old: Standing | None
    new: Standing
    origin: Origin
    cause: str
    manual: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A change as the ledger tells it; ``source`` and ``code`` are fingerprints, empty when unknown."""

    at: str
    by: str
    participant: str
    module: str
    cell: str
    old: Standing | None
    new: Standing
    cause: str = ""
    manual: float | None = None
    submission: str = ""
    source: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A line that is not an entry, and why; lines count from 1, and 0 is the whole file."""

    line: int
    reason: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.reason}" if self.line else self.reason


def require_kept(path: Path, gradebook: Path | None) -> None:
    """CourseError when the file of the gradebook is gone, though the ledger at ``path`` tells of grades.

    A gradebook on a server (None) may be a new one for a course that was graded before.
    """
    if gradebook is None or gradebook.exists() or not path.is_file() or not path.stat().st_size:
        return
    raise CourseError(
        f"The gradebook {gradebook} is gone, though {path} tells of grades. Restore it from a backup. "
        "Without one, move the ledger away, release every module and grade again: marks given by hand "
        "are lost with the gradebook."
    )


@contextmanager
def appended(path: Path, changes: Iterable[Change], *, by: str) -> Iterator[None]:
    """Write the changes durably, then do what is inside; if that fails, the lines are taken back."""
    lines = b"".join(_line(change, by) for change in changes)
    if not lines:
        yield
        return
    try:
        opened = path.open("a+b")
    except OSError as error:
        raise CourseError(
            f"The ledger {path} cannot be written ({error.strerror}). Nothing of this batch was recorded. "
            "Give this account the rights to write there, then run the same command again."
        ) from error
    with opened as file:
        start = file.seek(0, os.SEEK_END)
        try:
            file.write(_gap(file, start) + lines)
            file.flush()
            os.fsync(file.fileno())
            yield
        except BaseException:
            os.ftruncate(file.fileno(), start)
            raise


def read(
    path: Path, *, participant: str = "", module: str = "", cell: str = ""
) -> Iterator[Entry | Unreadable]:
    """The entries of a participant, module or cell (all by default), in order; never raises.

    A line that cannot be read is told in its place. Needs the memory of one line.
    """
    wanted = {"participant": participant, "module": module, "cell": cell}
    filters = [(name, value) for name, value in wanted.items() if value]
    try:
        with path.open("rb") as file:
            for number, line in enumerate(_lines(file), 1):
                entry = _entry(line, number)
                if isinstance(entry, Unreadable) or all(
                    getattr(entry, name) == value for name, value in filters
                ):
                    yield entry
    except FileNotFoundError:
        return
    except OSError as error:
        yield Unreadable(0, f"{path} cannot be read: {error.strerror}")


def _gap(file: BinaryIO, end: int) -> bytes:
    """A line break, where a crash has left half a line: it must not swallow the next one."""
    if not end:
        return b""
    file.seek(end - 1)
    return b"" if file.read(1) == b"\n" else b"\n"


def _lines(file: BinaryIO) -> Iterator[bytes]:
    """Every line, cut one byte beyond the limit."""
    while line := file.readline(LINE_LIMIT + 1):
        rest = line
        while len(rest) > LINE_LIMIT and not rest.endswith(b"\n"):
            rest = file.readline(LINE_LIMIT + 1)
        yield line


_decoder = msgspec.json.Decoder(Entry)


def _entry(line: bytes, number: int) -> Entry | Unreadable:
    if len(line) > LINE_LIMIT:
        return Unreadable(number, f"longer than {LINE_LIMIT} bytes")
    try:
        return _decoder.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return Unreadable(number, f"not an entry ({error})")


def _line(change: Change, by: str) -> bytes:
    entry: dict[str, Any] = {
        "at": datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        "by": f"{by} ({_account()})",
        "participant": change.participant,
        "module": change.module,
        "cell": change.cell,
        "old": _standing(change.old),
        "new": _standing(change.new),
        "cause": change.cause[:CAUSE_LIMIT],
        "submission": change.origin.submission,
        "source": change.origin.source,
        "code": change.origin.code,
    }
    if change.manual is not None:
        entry["manual"] = change.manual
    # What a log provoked may hold halves of characters, which no file can.
    return json.dumps(entry, ensure_ascii=False).encode("utf-8", "replace") + b"\n"


def _account() -> str:
    """Who runs this; a container may give its number no name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())


def _standing(standing: Standing | None) -> dict[str, Any] | None:
    if standing is None:
        return None
    return {"points": standing.points, "needs_person": standing.needs_person}
