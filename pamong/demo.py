"""The main job end to end, in a folder of its own: what a committee would do over three weeks."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from pamong import simulate
from pamong.course import GRADEBOOK, Course
from pamong.errors import CourseError
from pamong.grading import batch, feedback, release
from pamong.grading.crew.workers import local
from pamong.grading.intake import collect
from pamong.grading.records.gradebook import Gradebook
from pamong.reports import report
from pamong.roster import Roster, read_roster

MARKER = ".pamong-demo"
"""Says that a folder is a demo and may be made anew."""
SHOWN = 10
"""Errored cells that are named."""
Say = Callable[[str], None]


class Progress(Protocol):
    """Says how many are done, of how many, and how many failed so far."""

    def __call__(self, done: int, total: int, errored: int = 0, /) -> None: ...


Bar = Callable[[str], AbstractContextManager[Progress]]
"""Opens a progress bar for a unit."""


@dataclass(frozen=True, slots=True)
class Demo:
    """What every step gets: the copied course, who takes part, and how to tell what happens."""

    course: Course
    modules: tuple[str, ...]
    roster: Roster
    seed: int
    workers: int
    say: Say
    bar: Bar


def demo(
    course: Course,
    folder: Path,
    *,
    participants: int | None,
    seed: int,
    workers: int,
    say: Say,
    bar: Bar,
    steps: Sequence[Step] | None = None,
) -> Course:
    """Copy the authored course to ``folder`` and run ``steps`` there, by default all of STEPS.

    Returns the copied course.
    """
    os.environ.pop(GRADEBOOK, None)  # the demo has a gradebook of its own
    copied = _copy(course, folder.resolve())
    people = read_roster(copied.roster, copied.programme)
    here = Demo(
        course=copied,
        modules=tuple(plan.id for plan in copied.programme.modules),
        roster=Roster(people.participants[:participants]),
        seed=seed,
        workers=workers,
        say=say,
        bar=bar,
    )
    for step in STEPS if steps is None else steps:
        step(here)
    return copied


def _release(demo: Demo) -> None:
    for module in demo.modules:
        demo.say(f"released   {module}: {release.release(demo.course, module)}")


def _enrol(demo: Demo) -> None:
    gradebook = Gradebook.open(demo.course)
    try:
        gradebook.enrol(demo.roster)
    finally:
        gradebook.close()
    roles = ", ".join(f"{count} {role}" for role, count in demo.roster.roles().items())
    demo.say(f"enrolled   {len(demo.roster.participants)} participants: {roles}")


def _simulate(demo: Demo) -> None:
    for module in demo.modules:
        with demo.bar(f"{module}: participants play") as progress:
            made = simulate.simulate(
                demo.course,
                module,
                demo.roster,
                seed=demo.seed,
                workers=demo.workers,
                progress=progress,
            )
        demo.say(f"played     {module}: {made}")


def _collect(demo: Demo) -> None:
    for module in demo.modules:
        demo.say(f"collected  {module}: {collect.collect(demo.course, module)}")


def _grade(demo: Demo) -> None:
    with demo.bar("submissions") as progress:
        run = batch.grade(demo.course, demo.modules, crew=local(demo.workers), progress=progress)
    for tally in run.tallies:
        demo.say(f"graded     {tally.module}: {tally}")
    for trouble in run.troubles[:SHOWN]:
        demo.say(f"  !! {trouble}")
    if len(run.troubles) > SHOWN:
        demo.say(f"  !! and {len(run.troubles) - SHOWN} more, which Formgrader shows as well")


def _feedback(demo: Demo) -> None:
    for module in demo.modules:
        with demo.bar(f"{module}: feedback pages") as progress:
            count = feedback.feedback(  # to print them too takes as long as all the rest
                demo.course, module, workers=demo.workers, progress=progress, paper=False
            )
        demo.say(f"feedback   {module}: {count} pages")


def _report(demo: Demo) -> None:
    with demo.bar("cohort summaries") as progress:
        pages = report.report(
            demo.course,
            workers=demo.workers,
            progress=lambda _, done, total: progress(done, total),
        )
    demo.say(f"reported   {len(pages)} cohort summaries")


Step = Callable[[Demo], None]
STEPS: tuple[Step, ...] = (
    _release, _enrol, _simulate, _collect, _grade, _feedback, _report,
)  # fmt: skip


def _copy(course: Course, folder: Path) -> Course:
    if folder.exists() and any(folder.iterdir()) and not (folder / MARKER).exists():
        raise CourseError(f"{folder} holds something else. Name an empty folder with --folder.")
    if _has_marks(folder / "course" / "gradebook.db"):
        raise CourseError(
            f"{folder} holds marks that somebody gave. Delete it, or name another --folder."
        )
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "course").mkdir(parents=True)
    (folder / MARKER).touch()
    for name in ("programme.yaml", "roster.csv"):
        shutil.copy(course.folder / name, folder / "course" / name)
    shutil.copytree(course.folder / "source", folder / "course" / "source")
    shutil.copytree(course.root / "templates", folder / "templates")
    _copy_graders(course, folder)
    shutil.copy(course.root / "nbgrader_config.py", folder / "nbgrader_config.py")
    return Course.load(folder)


def _has_marks(gradebook: Path) -> bool:
    if not gradebook.is_file():
        return False
    with closing(sqlite3.connect(gradebook)) as connection:
        query = "select count(*) from grade where manual_score is not null"
        return bool(connection.execute(query).fetchone()[0])


def _copy_graders(course: Course, folder: Path) -> None:
    """Bring keys and gradebook inside the demo, wherever they lie: the real ones are never touched."""
    shutil.copytree(course.graders, folder / "graders")
    settings = folder / "course" / "programme.yaml"
    text = settings.read_text("utf-8")
    text = re.sub(r"^graders:.*$", "graders: graders", text, flags=re.MULTILINE)
    text = re.sub(r"^gradebook:.*\n", "", text, flags=re.MULTILINE)
    settings.write_text(text, encoding="utf-8")
