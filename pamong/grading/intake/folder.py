"""A folder that somebody else has filled, read through open handles: plain files only, and no links.

Nothing that is no plain file is opened at all: opening a device can have effects, and a pipe can wait.
"""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import stat
from collections.abc import Container, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from pamong.log import Unread

_FOLDER = os.O_RDONLY | os.O_DIRECTORY
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK


@contextmanager
def opened(path: str | Path, within: int | None = None) -> Iterator[int]:
    """A handle of a folder; OSError for a link or anything else that is no folder."""
    handle = os.open(path, _FOLDER | os.O_NOFOLLOW, dir_fd=within)
    try:
        yield handle
    finally:
        os.close(handle)


def clear(path: str | Path, kept: Container[str] = ()) -> set[str]:
    """Take away all that a folder holds but the links that are ``kept``; those of them that are there.

    OSError where something cannot be taken away.
    """
    left = set()
    with os.scandir(path) as entries:
        for entry in entries:
            if entry.name in kept and entry.is_symlink():
                left.add(entry.name)
            elif entry.is_dir(follow_symlinks=False):
                shutil.rmtree(entry.path)
            else:
                os.unlink(entry.path)  # noqa: PTH108  # it is called for every answer log
    return left


@contextmanager
def opened_file(
    name: str | Path, within: int | None = None
) -> Iterator[tuple[int, os.stat_result]]:
    """A handle of a plain file, and what it is; OSError for anything else."""
    handle, found = _opened(name, within)
    try:
        yield handle, found
    finally:
        os.close(handle)


def _opened(name: str | Path, within: int | None) -> tuple[int, os.stat_result]:
    _require_plain(os.stat(name, dir_fd=within, follow_symlinks=False))
    handle = os.open(name, _FILE, dir_fd=within)
    try:
        found = os.fstat(handle)
        _require_plain(found)
    except BaseException:
        os.close(handle)
        raise
    return handle, found


@contextmanager
def opened_below(path: Path, levels: int) -> Iterator[int]:
    """A handle of a folder whose last ``levels`` names are no links; those above it may be."""
    handle = os.open(path.parents[levels - 1], _FOLDER)
    try:
        for name in path.parts[-levels:]:
            inner = os.open(name, _FOLDER | os.O_NOFOLLOW, dir_fd=handle)
            os.close(handle)
            handle = inner
        yield handle
    finally:
        os.close(handle)


def read(name: str | Path, limit: int, within: int | None = None) -> bytes | Unread | None:
    """A file of at most ``limit`` bytes, as long as it was when it was opened; None when it is missing."""
    try:
        handle, found = _opened(name, within)
        try:
            return Unread.LARGE if found.st_size > limit else _read(handle, found.st_size)
        finally:
            os.close(handle)
    except FileNotFoundError:
        return None
    except OSError as error:
        return why(error)


def _read(handle: int, size: int) -> bytes:
    content = os.read(handle, size)
    while len(content) < size and (more := os.read(handle, size - len(content))):
        content += more
    return content


def write(name: str, content: bytes, within: int) -> None:
    """Write a file in an open folder."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW
    handle = os.open(name, flags, 0o666, dir_fd=within)
    try:
        rest = memoryview(content)
        while rest:
            rest = rest[os.write(handle, rest) :]
    finally:
        os.close(handle)


@contextmanager
def locked(folder: Path, *, shared: bool) -> Iterator[None]:
    """Keep readers and the one who exchanges something in ``folder`` apart, where locks can be had."""
    try:
        handle = os.open(folder, _FOLDER | os.O_CLOEXEC)
    except OSError:
        yield
        return
    try:
        with suppress(OSError):
            fcntl.flock(handle, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def why(error: OSError) -> Unread:
    """What stands in the way of reading."""
    special = (errno.ELOOP, errno.ENOTDIR, errno.EINVAL)
    return Unread.SPECIAL if error.errno in special else Unread.FORBIDDEN


def _require_plain(found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise OSError(errno.EINVAL, "not a plain file")
