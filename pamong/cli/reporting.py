"""What ``pamong report`` prints: the pages it wrote, and a table of what failed and why."""

from __future__ import annotations

from collections.abc import Sequence

import typer
from rich import box
from rich.table import Table
from rich.text import Text

from pamong.cli.terminal import console, progress_bar, shown
from pamong.course import Course
from pamong.reports.press import Made, Wanted
from pamong.reports.report import EVERYBODY, everything, summaries


def wanted(
    course: Course,
    cohorts: Sequence[str],
    edition: str,
    module: str,
    *,
    programme: bool,
    every: bool,
) -> tuple[Wanted, ...]:
    """The summaries that the options ask for; all cohorts unless some are named."""
    if every:
        return everything(course, module)
    places = [EVERYBODY] if programme else []
    places += cohorts or [cohort.id for cohort in course.programme.cohorts]
    return tuple(
        Wanted(cohort=place, edition=edition, module=module)  # type: ignore[arg-type]  # checked there
        for place in places
    )


def run(course: Course, chosen: Sequence[Wanted], engine: str, workers: int) -> None:
    """Write them, with a bar; exit status 1 and a table when some failed."""
    failed: list[Made] = []
    with progress_bar("summaries") as step:

        def hear(made: Made, done: int, total: int) -> None:
            failed.extend([made] if made.page is None else [])
            step(done, total, len(failed))

        found = summaries(
            course,
            chosen,
            engine_name=engine,  # type: ignore[arg-type]  # summaries names the engines there are
            workers=workers,
            progress=hear,
        )
    for made in found:
        if made.page is not None:
            console.print(shown(made.page))
    if failed:
        _print_failures([made for made in found if made.page is None], len(found))
        raise typer.Exit(1)


def _print_failures(failed: Sequence[Made], count: int) -> None:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 2, 0, 0))
    for head in ("cohort", "edition", "module", "why"):
        table.add_column(head, no_wrap=head != "why", overflow="fold")
    for made in failed:
        it = made.wanted
        cells = (it.cohort or "all", it.edition, it.module or "all", made.error)
        table.add_row(*map(Text, cells))
    console.print(f"{len(failed)} of {count} summaries failed; what was there before stays:")
    console.print(table, soft_wrap=False)
