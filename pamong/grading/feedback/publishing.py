"""Everybody's feedback onto the disk, as ``nbgrader release_feedback`` looks for it; each replaced whole."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from pamong.catalogue import speaking
from pamong.course import Course
from pamong.errors import CourseError, PamongError
from pamong.grading.feedback.desk import Desk
from pamong.grading.feedback.paper import pdf
from pamong.grading.feedback.sheet import render, templates
from pamong.grading.intake.submission import SECRET, TIMESTAMP

Progress = Callable[[int, int], None]
"""Called with how many pages are done, of how many."""
FILE, PAPER = "module.html", "module.pdf"


def feedback(
    course: Course,
    module: str,
    *,
    workers: int | None = None,
    progress: Progress = lambda _done, _of: None,
    paper: bool = True,
) -> int:
    """Write everybody's page, with its print, and return how many; CourseError names those that failed.

    A page that fails never stops the others. Without ``paper`` there is HTML alone.
    """
    people = sorted(Desk.open(course, module).rows)
    templates(course)
    # What typst has started in this process does not survive a fork.
    context, count = (
        get_context("spawn" if paper else "fork"),
        workers or len(os.sched_getaffinity(0)),
    )
    problems = []
    with ProcessPoolExecutor(
        count, mp_context=context, initializer=_begin, initargs=(course, module, paper)
    ) as pool:
        for done, problem in enumerate(pool.map(_write, people, chunksize=4), 1):
            problems += [f"{people[done - 1]}: {problem}"] if problem else []
            progress(done, len(people))
    if problems:
        listed = "\n".join(problems)
        raise CourseError(f"{len(problems)} of {len(people)} pages failed:\n{listed}")
    return len(people)


def write(desk: Desk, participant: str, *, paper: bool = True) -> None:
    """Write one page and what ``nbgrader release_feedback`` needs beside it; raises PamongError."""
    graded = desk.course.autograded(participant, desk.module)
    for name in desk.notebooks:
        if not (graded / name).is_file():
            raise CourseError(
                f"{graded / name} is missing. Run `pamong grade {desk.module}` again."
            )
    contents = {name: (graded / name).read_bytes() for name in desk.notebooks}
    with speaking(desk.course.programme.language):
        page = desk.page(participant, contents)
        printed = pdf(page, templates(desk.course)) if paper else b""
        text = render(desk, page, paper=printed)
    folder = desk.course.feedback(participant, desk.module)
    folder.mkdir(parents=True, exist_ok=True)
    _replace(folder / FILE, text.encode("utf-8", "replace"))
    if printed:
        _replace(folder / PAPER, printed)
    else:
        (folder / PAPER).unlink(missing_ok=True)
    for name in (TIMESTAMP, SECRET):
        if (graded / name).is_file():
            shutil.copyfile(graded / name, folder / name)


def _replace(path: Path, content: bytes) -> None:
    fresh = path.with_name(f".{path.name}.new")
    fresh.write_bytes(content)
    fresh.replace(path)


_here: list[tuple[Desk, bool]] = []
"""The desk that this process writes at, and whether it prints."""


def _begin(course: Course, module: str, paper: bool) -> None:  # noqa: FBT001
    _here[:] = [(Desk.open(course, module), paper)]


def _write(participant: str) -> str:
    desk, paper = _here[0]
    try:
        write(desk, participant, paper=paper)
    except PamongError as error:
        return str(error)
    except OSError as error:
        place = error.filename or desk.course.feedback(participant, desk.module)
        return f"{place}: {error.strerror}. Make room, or give this account the rights, then try again."
    except Exception as error:  # noqa: BLE001  # one page never stops the others
        return f"{type(error).__name__}: {error}"
    return ""
