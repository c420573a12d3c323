"""Graded submissions laid where formgrader and feedback look for them; each replaces an earlier one whole."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

from pamong.course import Course
from pamong.grading.intake import folder as handed
from pamong.grading.intake.submission import DAMAGED, SECRET, TIMESTAMP, Submission, all_files


@dataclass(frozen=True, slots=True)
class Figures:
    """Files by their place in a module, and the folders that they lie in, the outer ones first."""

    files: Mapping[str, bytes]
    folders: tuple[str, ...]


def figures(course: Course, module: str) -> Figures:
    """Figures and other files that the lesson shows; no notebook, no brief, nothing hidden."""
    source = course.source(module)
    shown = {
        path.relative_to(source): path.read_bytes()
        for path in all_files(source)
        if path.suffix not in {".ipynb", ".yaml"}
        and not any(part.startswith(".") for part in path.relative_to(source).parts)
    }
    folders = {folder for path in shown for folder in path.parents[:-1]}
    return Figures({str(path): shown[path] for path in shown}, tuple(map(str, sorted(folders))))


def file(
    course: Course,
    submission: Submission,
    notebooks: Mapping[str, bytes],
    shown: Figures | None = None,
) -> None:
    """File the graded ``notebooks`` of a submission beside what it consists of.

    ``shown`` are the module's figures; whoever files many submissions looks for them once.
    """
    target = course.autograded(submission.participant, submission.module)
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    fresh.chmod(0o755)
    shown = figures(course, submission.module) if shown is None else shown
    with handed.opened(fresh) as within:
        for folder in shown.folders:
            os.mkdir(folder, dir_fd=within)
        for name, content in {**shown.files, **_contents(submission, notebooks)}.items():
            handed.write(name, content, within)
    _exchange(fresh, target)


def _contents(submission: Submission, notebooks: Mapping[str, bytes]) -> dict[str, bytes]:
    receipts = {TIMESTAMP: submission.timestamp, SECRET: submission.secret}
    return {
        **{f"{name}.jsonl": content for name, content in submission.logs.items()},
        **{name: text.encode() for name, text in receipts.items() if text},
        **notebooks,
        **{name + DAMAGED: b"" for name in submission.doubts},
    }


def settle(course: Course) -> None:
    """Wait until what was filed would survive a power cut; one wait for many files."""
    folder = course.folder / "autograded"
    if folder.is_dir():
        handle = os.open(folder, os.O_RDONLY)
        try:
            ctypes.CDLL(None).syncfs(handle)
        except AttributeError:  # not Linux
            os.sync()
        finally:
            os.close(handle)


def _exchange(fresh: Path, target: Path) -> None:
    """Put ``fresh`` in the place of ``target``, also when another process does the same meanwhile."""
    old = fresh.with_name(f"{fresh.name}.old")
    for turn in range(10):
        with contextlib.suppress(FileNotFoundError):
            target.rename(old)
        try:
            fresh.rename(target)
        except OSError as error:
            taken = error.errno in (errno.ENOTEMPTY, errno.EEXIST)
            if taken and turn < 9:  # somebody else was faster: theirs is replaced in turn
                shutil.rmtree(old, ignore_errors=True)
                continue
            with contextlib.suppress(OSError):
                old.rename(target)
            shutil.rmtree(fresh, ignore_errors=True)
            raise
        break
    try:
        handed.clear(old)
        old.rmdir()
    except OSError:
        shutil.rmtree(old, ignore_errors=True)
