"""What every command shares: the console, its progress bar, and the arguments that many take."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
)

from pamong.course import Course

if TYPE_CHECKING:
    from pamong import demo

console = Console(highlight=False, soft_wrap=True, emoji=False)
complaints = Console(stderr=True, highlight=False, soft_wrap=True, emoji=False)
EVERY, WINDOW, TICK = 10.0, 15.0, 0.2
"""Seconds between two lines of progress, that a rate looks back on, and that it is measured in."""
FEW = 5
"""So few tell nothing about how long the others will take."""

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
def progress_bar(unit: str) -> Iterator[demo.Progress]:
    """How far it has come, how fast, how long it will take, and what failed; on standard error.

    A bar on a terminal; elsewhere a line every EVERY seconds, so that a log stays short.
    """
    pace = Pace()
    with _bar(unit, pace) if complaints.is_terminal else nullcontext(_lines(unit, pace)) as step:
        try:
            yield step
        except KeyboardInterrupt:
            complaints.print(f"Interrupted after {pace.done} of {pace.total} {unit}.")
            raise typer.Exit(130) from None


@contextmanager
def _bar(unit: str, pace: Pace) -> Iterator[demo.Progress]:
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[pace]}"),
    )
    with Progress(*columns, console=complaints, transient=True) as bar:
        task = bar.add_task(unit, total=None, pace="")

        def step(done: int, total: int, errored: int = 0, /) -> None:
            pace.step(done, total, errored)
            bar.update(task, completed=done, total=total, pace=str(pace))

        yield step


def _lines(unit: str, pace: Pace) -> demo.Progress:
    told = monotonic()

    def step(done: int, total: int, errored: int = 0, /) -> None:
        nonlocal told
        pace.step(done, total, errored)
        if monotonic() - told >= EVERY:
            told = monotonic()
            complaints.print(", ".join(filter(None, (f"{unit}: {done} of {total}", str(pace)))))

    return step


class Pace:
    """How fast it goes on, over the last WINDOW seconds, so that a quick start promises nothing."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self.done = self.total = self.errored = 0
        self._seen = deque([(clock(), 0)])

    def step(self, done: int, total: int, errored: int) -> None:
        """So many are done now."""
        self.done, self.total, self.errored = done, total, errored
        now = self._clock()
        if now - self._seen[-1][0] >= TICK:
            self._seen.append((now, done))
        while len(self._seen) > 2 and now - self._seen[1][0] >= WINDOW:
            self._seen.popleft()

    def __str__(self) -> str:
        """The rate, the time that is left, and what failed."""
        since, before = self._seen[0]
        elapsed = self._clock() - since
        rate = (self.done - before) / elapsed if elapsed >= TICK else 0.0
        parts = []
        if rate > 0 and self.done - before >= FEW:
            left = round((self.total - self.done) / rate)
            number = f"{rate:.0f}" if rate >= 10 else f"{rate:.1f}"
            parts = [f"{number}/s", f"about {left // 60}:{left % 60:02} left"]
        if self.errored:
            parts.append(f"{self.errored} errored")
        return ", ".join(parts)
