"""The register of issued transcripts: one line each, only ever added, under a lock.

A line that cannot be read is told and passed over; what crashed while writing swallows no other line.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import BinaryIO

import msgspec

from pamong.durable import sync
from pamong.errors import CourseError
from pamong.signing import Keyring
from pamong.transcripts import seal
from pamong.transcripts.seal import Written
from pamong.transcripts.transcript import Transcript

LINE_LIMIT = 64 * 1024
"""Bytes of one line; a longer one is not a line of ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One transcript as it was issued: ``at`` in UTC, ``written`` as its QR code holds it."""

    at: str
    by: str
    transcript: Transcript
    written: str

    def believed(self, keys: Keyring) -> Written | None:
        """The statement, if one of these keys signed it and it is that of the transcript."""
        found = seal.read(self.written)
        if found is None or found.statement != seal.statement(self.transcript):
            return None
        return found if seal.is_signed(found, keys) else None


@dataclass(frozen=True)
class Register:
    """Every entry in order, and the lines (from 1) that could not be read."""

    entries: tuple[Entry, ...]
    unread: tuple[int, ...] = ()

    def find(self, code: str) -> Entry | None:
        """The entry of a code; None when nothing was issued under it."""
        return self._by_code.get(code)

    def latest(self, participant: str) -> Entry | None:
        """What was issued last to a participant."""
        return self._latest.get(participant)

    def issued(self, participant: str, number: int) -> Entry | None:
        """What was issued to a participant under that number."""
        return self._by_number.get((participant, number))

    @cached_property
    def _by_code(self) -> Mapping[str, Entry]:
        return {entry.transcript.code: entry for entry in self.entries}

    @cached_property
    def _by_number(self) -> Mapping[tuple[str, int], Entry]:
        return {(it.transcript.participant, it.transcript.number): it for it in self.entries}

    @cached_property
    def _latest(self) -> Mapping[str, Entry]:
        return {entry.transcript.participant: entry for entry in self.entries}


def read(path: Path) -> Register:
    """The register in ``path``, empty while there is none; needs the memory of one line at a time."""
    try:
        with path.open("rb") as file:
            return _read(file)
    except FileNotFoundError:
        return Register(())
    except OSError as error:
        raise CourseError(
            f"The register {path} cannot be read ({error.strerror}). Give this account the rights."
        ) from error


class Book:
    """The register while this process alone may write in it."""

    def __init__(self, file: BinaryIO, path: Path) -> None:
        self._file, self._path = file, path
        self.register = _read(file)

    def add(self, entries: Iterable[Entry]) -> None:
        """Write durably, all of them or none; CourseError when the disk refuses."""
        lines = b"".join(_encoder.encode(entry) + b"\n" for entry in entries)
        if not lines:
            return
        end = self._file.seek(0, os.SEEK_END)
        handle, left = self._file.fileno(), memoryview(_gap(self._file, end) + lines)
        try:
            while left:  # past any buffer, which would write what it kept when it is closed
                left = left[os.write(handle, left) :]
            os.fsync(handle)
        except OSError as error:
            os.ftruncate(handle, end)
            raise CourseError(
                f"The register {self._path} cannot be written ({error.strerror}). Nothing was "
                "issued. Make room on the disk, then run the same command again."
            ) from error


@contextmanager
def opened(path: Path) -> Iterator[Book]:
    """The register for writing; waits until no other process writes in it."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("a+b")
    except OSError as error:
        raise CourseError(
            f"The register {path} cannot be written ({error.strerror}). Nothing was issued. "
            "Give this account the rights to write there, then run the same command again."
        ) from error
    with file:
        fcntl.flock(file, fcntl.LOCK_EX)
        sync(path.parent)
        file.seek(0)
        yield Book(file, path)


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Entry, strict=True)


def _read(file: BinaryIO) -> Register:
    entries, unread = [], []
    for number, line in enumerate(_lines(file), 1):
        try:
            # A line that was cut ends in the middle, so it is never an entry.
            entries.append(_decoder.decode(line))
        except (msgspec.DecodeError, ValueError, RecursionError):
            unread.append(number)
    return Register(tuple(entries), tuple(unread))


def _lines(file: BinaryIO) -> Iterator[bytes]:
    """Every line, cut one byte beyond the limit."""
    while line := file.readline(LINE_LIMIT + 1):
        rest = line
        while len(rest) > LINE_LIMIT and not rest.endswith(b"\n"):
            rest = file.readline(LINE_LIMIT + 1)
        yield line


def _gap(file: BinaryIO, end: int) -> bytes:
    """A line break, where a crash has left half a line: it must not swallow the next one."""
    if not end:
        return b""
    file.seek(end - 1)
    return b"" if file.read(1) == b"\n" else b"\n"
