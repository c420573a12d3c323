"""A folder that appears whole or not at all, and never in the place of what Pamong did not write."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import file_digest
from pathlib import Path
from tempfile import mkdtemp

from pamong import durable
from pamong.errors import CourseError

MANIFEST = "export.json"
"""What an export consists of, with digests: nothing else is ever replaced."""
_NAMED = 3
"""Strange files that an error names."""


@contextmanager
def whole(target: Path) -> Iterator[Path]:
    """A folder to write into that takes the place of ``target`` at the end.

    CourseError when ``target`` holds anything but an untouched export, or cannot be written; whatever
    happens, ``target`` is then as it was.
    """
    _require_ours(target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        scratch = Path(mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    except OSError as error:
        raise _unwritable(target, error) from error
    try:
        yield scratch
        _seal(scratch)
        _swap(scratch, target)
        durable.sync(target.parent)
    except OSError as error:
        raise _unwritable(target, error) from error
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _unwritable(target: Path, error: OSError) -> CourseError:
    return CourseError(
        f"{target} was not written: {error.strerror or error}. Nothing was changed there. "
        "Make room or name another folder, then export again."
    )


def _require_ours(target: Path) -> None:
    if not target.exists() and not target.is_symlink():
        return
    if not target.is_dir() or target.is_symlink():
        raise CourseError(f"{target} is no folder. Name another one with --to.")
    known = _manifest(target)
    strange = sorted(
        str(path.relative_to(target))
        for path in target.rglob("*")
        if not path.is_dir() and known.get(str(path.relative_to(target))) != _digest(path)
        if path != target / MANIFEST or not known
    )
    if strange:
        more = f" and {len(strange) - _NAMED} more" if len(strange) > _NAMED else ""
        raise CourseError(
            f"{target} holds what this command did not write, or what was changed since: "
            f"{', '.join(strange[:_NAMED])}{more}. Name another folder with --to, or move these away."
        )


def _manifest(target: Path) -> dict[str, str]:
    """The digests of an earlier export's files; empty when there is none."""
    try:
        files = json.loads((target / MANIFEST).read_text(encoding="utf-8"))["files"]
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    return files if isinstance(files, dict) else {}


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def _seal(folder: Path) -> None:
    """Write the manifest, and make everything durable."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    digests = {str(path.relative_to(folder)): _digest(path) for path in files}
    manifest = folder / MANIFEST
    manifest.write_text(
        json.dumps({"pamong": "export", "files": digests}, indent=1) + "\n", "utf-8"
    )
    for path in (*files, manifest):
        with path.open("rb") as file:
            os.fsync(file.fileno())
    for path in folder.rglob("*"):
        if path.is_dir():
            durable.sync(path)
    durable.sync(folder)


def _swap(scratch: Path, target: Path) -> None:
    """Put the new folder in the place of the old one; the old one comes back if that fails."""
    aside = scratch.with_name(f"{scratch.name}.old")
    try:
        if target.exists():
            target.rename(aside)
        scratch.rename(target)
    except BaseException:
        if aside.exists() and not target.exists():
            aside.rename(target)
        raise
    finally:
        if target.exists():
            shutil.rmtree(aside, ignore_errors=True)
