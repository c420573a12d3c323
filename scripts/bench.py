"""What ``scripts/bench`` measures, on a course that it makes in a temporary folder."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from pamong.grading.pipeline.submission import submitters

import pamong
from pamong.course import Course
from pamong.demo import demo
from pamong.grading.pipeline import batch
from pamong.reports import report

REPOSITORY = Path(__file__).resolve().parent.parent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--participants", type=int, default=60)
    parser.add_argument("--stock", type=int, default=5, help="submissions for nbgrader autograde")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="pamong-bench-") as folder:
        course = demo(
            Course.load(REPOSITORY),
            Path(folder) / "demo",
            participants=options.participants,
            seed=1,
            workers=2,
            say=lambda _: None,
            bar=_quiet,
        )
        module = course.programme.modules[0].id
        _grading(course, module, options.stock)
        _summaries(course)


def _grading(course: Course, module: str, stock: int) -> None:
    people = submitters(course, module)
    ours = median(
        _seconds(lambda: batch.grade(course, module, workers=1)) / len(people) for _ in range(3)
    )
    both = _seconds(lambda: batch.grade(course, module, workers=2)) / len(people)
    chosen = people[:stock]
    for person in chosen:
        shutil.rmtree(course.autograded(person, module))
    command = ["nbgrader", "autograde", module, "--force"]
    start = _seconds(lambda: _run(course, ["nbgrader", "autograde", "--help"]))
    theirs = 0.0
    for person in chosen:
        theirs += _seconds(lambda p=person: _run(course, [*command, "--student", p])) - start  # type: ignore[misc]
    theirs /= len(chosen)
    _tell(
        "grade one submission, one process",
        ours,
        "nbgrader autograde, start-up not counted",
        theirs,
    )
    print(f"  with two processes {both * 1000:.1f} ms per submission")


def _summaries(course: Course) -> None:
    cohorts = [cohort.id for cohort in course.programme.cohorts][:4]
    ours = _seconds(lambda: report.report(course, cohorts, workers=2))
    theirs = _seconds(lambda: report.report(course, cohorts, engine_name="nbclient", workers=1))
    _tell(f"{len(cohorts)} cohort summaries", ours, "stock papermill, one after the other", theirs)


def _tell(what: str, ours: float, other: str, theirs: float) -> None:
    print(f"{what}: {ours:.3f} s; {other}: {theirs:.3f} s; ratio {theirs / ours:.0f}")


def _seconds(work: Callable[[], Any]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _run(course: Course, command: list[str]) -> None:
    subprocess.run(command, cwd=course.root, check=True, capture_output=True, env=os.environ)  # noqa: S603


@contextmanager
def _quiet(_: str) -> Any:
    yield lambda _done, _of: None


if __name__ == "__main__":
    print(f"pamong {pamong.__version__}, Python {sys.version.split()[0]}, {os.cpu_count()} cores")
    main()
