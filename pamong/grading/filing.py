"""Graded submissions laid where formgrader and feedback look for them; each replaces an earlier one whole."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from tempfile import mkdtemp

from pamong.course import Course
from pamong.grading.intake import folder as handed
from pamong.grading.intake.submission import DAMAGED, SECRET, TIMESTAMP, Submission, all_files

Figures = Mapping[Path, bytes]
"""Files by their place in a module."""


def figures(course: Course, module: str) -> Figures:
    """Figures and other files that the lesson shows; no notebook, no brief, nothing hidden."""
    source = course.source(module)
    return {
        path.relative_to(source): path.read_bytes()
        for path in all_files(source)
        if path.suffix not in {".ipynb", ".yaml"}
        and not any(part.startswith(".") for part in path.relative_to(source).parts)
    }


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
    for parent in dict.fromkeys(path.parent for path in shown):
        (fresh / parent).mkdir(parents=True, exist_ok=True)
    for path, content in shown.items():
        (fresh / path).write_bytes(content)
    with handed.opened(fresh) as within:
        for name, content in _contents(submission, notebooks).items():
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
    shutil.rmtree(old, ignore_errors=True)
