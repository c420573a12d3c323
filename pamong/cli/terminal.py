"""What every command shares: the console, its progress bar, and the arguments that many take."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from pamong.course import Course

console = Console(highlight=False, soft_wrap=True, emoji=False)

ModuleName = Annotated[
    str, typer.Argument(metavar="MODULE", help="A module id, as in programme.yaml.")
]
Modules = Annotated[
    list[str] | None,
    typer.Argument(metavar="[MODULE]...", help="Module ids; all of them by default."),
]
Workers = Annotated[int, typer.Option(min=1, max=64, help="Processes to work in.")]
CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def chosen(course: Course, modules: list[str] | None) -> list[str]:
    known = [plan.id for plan in course.programme.modules]
    return [course.require_module(module) for module in modules or known]


def shown(path: Path) -> str:
    """A path as short as it can be said from here."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


@contextmanager
def progress_bar(unit: str) -> Iterator[Callable[[int, int], None]]:
    """A bar with rate and estimate; yields ``step(done, total)``."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("about"),
        TimeRemainingColumn(),
        TextColumn("left"),
    )
    quiet = not console.is_terminal
    with Progress(*columns, console=console, transient=True, disable=quiet) as bar:
        task = bar.add_task(unit, total=None)
        try:
            yield lambda done, total: bar.update(task, completed=done, total=total)
        except KeyboardInterrupt:
            console.print("Interrupted. What was recorded stays; run the same command again.")
            raise typer.Exit(130) from None
