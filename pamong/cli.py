"""The command line: parse, call, print. Exit status 0 done, 1 an error with its remedy, 2 wrong usage."""

from __future__ import annotations

import os
import sys
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
from rich.table import Table

from pamong import __version__
from pamong.course import Course
from pamong.errors import PamongError

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Author, run, grade and report on leadership training. Run it from the repository root.",
)
roster_app = typer.Typer(no_args_is_help=True, help="Who takes part: course/roster.csv.")
app.add_typer(roster_app, name="roster")
console = Console(highlight=False, soft_wrap=True)

ModuleName = Annotated[
    str, typer.Argument(metavar="MODULE", help="A module id, as in programme.yaml.")
]
Modules = Annotated[
    list[str] | None,
    typer.Argument(metavar="[MODULE]...", help="Module ids; all of them by default."),
]
Workers = Annotated[int, typer.Option(min=1, max=64, help="Processes to work in.")]
CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _version(wanted: bool) -> None:
    if wanted:
        console.print(__version__)
        raise typer.Exit


@app.callback()
def common(
    version: Annotated[  # typer calls _version with it
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Author, run, grade and report on leadership training. Run it from the repository root."""


@app.command()
def doctor() -> None:
    """Say what is missing or wrong here, and what to do about it."""
    from pamong.doctor import examine  # noqa: PLC0415  # each command imports only what it needs

    findings = examine(Course.load())
    for finding in findings:
        mark = "ok" if finding.well else "!!"
        console.print(f"{mark}  {finding.subject:22} {finding.found}", markup=False)
        if not finding.well:
            console.print(finding.advice, markup=False)
    if not all(finding.well for finding in findings):
        raise typer.Exit(1)


@roster_app.command("check")
def roster_check() -> None:
    """Read the roster and count it; every wrong line is named."""
    from pamong.roster import read_roster  # noqa: PLC0415

    course = Course.load()
    people = read_roster(course.roster, course.programme)
    roles = ", ".join(f"{count} {role}" for role, count in people.roles().items())
    console.print(f"{len(people.participants)} participants: {roles}.")


@roster_app.command("import")
def roster_import() -> None:
    """Enter everybody of the roster in the gradebook; nobody who is there is lost."""
    from pamong.grading.gradebook import Gradebook  # noqa: PLC0415
    from pamong.roster import read_roster  # noqa: PLC0415

    course = Course.load()
    people = read_roster(course.roster, course.programme)
    added, updated, absent = Gradebook.open(course).enrol(people)
    console.print(
        f"{added} added, {updated} updated, {absent} in the gradebook but not in the roster."
    )


@app.command()
def check(modules: Modules = None) -> None:
    """Find what is wrong in authored modules before a participant does."""
    from pamong.inspection import inspect  # noqa: PLC0415

    course = Course.load()
    problems = [
        problem for module in _chosen(course, modules) for problem in inspect(course, module)
    ]
    for problem in problems:
        console.print(str(problem))
    console.print(f"{len(problems)} problems." if problems else "No problem found.")
    raise typer.Exit(1 if problems else 0)


@app.command()
def playtest(
    module: ModuleName,
    rounds: Annotated[int, typer.Option(min=1, max=1000, help="Plays per bot and variant.")] = 20,
    seed: int = 1,
) -> None:
    """Let bots play every exercise of a module and hold the results against its calibration."""
    from pamong.playtest import playtest as run  # noqa: PLC0415
    from pamong.playtest import verify_calibration  # noqa: PLC0415

    course = Course.load()
    broken = 0
    for id, exercise in course.authored(course.require_module(module)).items():
        rows = run(exercise.kind, exercise.brief, exercise.key, rounds=rounds, seed=seed)
        table = Table(
            "bot", "variant", "mean", "sd", "deals", title=id, title_justify="left", box=None
        )
        for row in rows:
            deals = f"{row.deals}/{row.plays}" if row.variant else ""
            table.add_row(row.bot, row.variant, f"{row.mean:.2f}", f"{row.sd:.2f}", deals)
        console.print(table)
        for problem in verify_calibration(exercise.key, rows):
            broken += 1
            console.print(f"  !! {problem}")
    console.print(f"Broken promises: {broken}." if broken else "Every calibration holds.")
    raise typer.Exit(1 if broken else 0)


@app.command()
def preview(
    module: ModuleName,
    port: Annotated[
        int | None, typer.Option(help="A loopback port; a free one by default.")
    ] = None,
    folder: Annotated[Path | None, typer.Option(help="Where the answers are kept.")] = None,
) -> None:
    """Open a module as a participant sees it, on this machine only; stop with Ctrl-C."""
    from pamong.view.preview import preview as run  # noqa: PLC0415

    run(
        Course.load(),
        module,
        port=port,
        folder=folder,
        tell=lambda text: console.print(text, markup=False),
    )


@app.command()
def release(modules: Modules = None) -> None:
    """Write what participants get, and freeze briefs and keys under their versions."""
    from pamong.grading.release import release as run  # noqa: PLC0415

    course = Course.load()
    for module in _chosen(course, modules):
        console.print(f"{module}: {run(course, module)}")
    console.print("Next: `nbgrader release_assignment MODULE`, so that participants can fetch it.")


@app.command()
def simulate(
    module: ModuleName,
    participants: Annotated[int | None, typer.Option(min=1, help="The first so many.")] = None,
    seed: int = 1,
    workers: Workers = CORES,
) -> None:
    """Let the roster play a module and hand it in: bots of varied ability, some late, some absent."""
    from pamong.roster import Roster, read_roster  # noqa: PLC0415
    from pamong.simulate import simulate as run  # noqa: PLC0415

    course = Course.load()
    people = read_roster(course.roster, course.programme)
    people = Roster(people.participants[:participants])
    with _progress("participants") as progress:
        made = run(
            course,
            course.require_module(module),
            people,
            seed=seed,
            workers=workers,
            progress=progress,
        )
    console.print(str(made))


@app.command()
def collect(modules: Modules = None) -> None:
    """Take every submission from the exchange; refuse, and name, what is unsafe."""
    from pamong.grading.collect import collect as run  # noqa: PLC0415

    course = Course.load()
    for module in _chosen(course, modules):
        summary = run(course, module)
        console.print(f"{module}: {summary}")


@app.command()
def grade(
    modules: Modules = None,
    participant: Annotated[list[str] | None, typer.Option(help="Only these participants.")] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would change, and change nothing.")
    ] = False,
    workers: Workers = CORES,
) -> None:
    """Grade what was collected; what cannot be judged is left for a person, with the cause."""
    from pamong.grading.batch import grade as run  # noqa: PLC0415

    course = Course.load()
    for module in _chosen(course, modules):
        with _progress("submissions") as progress:
            tally = run(
                course,
                module,
                participants=participant or None,
                workers=workers,
                dry_run=dry_run,
                progress=progress,
            )
        console.print(f"{module}: {tally}")


@app.command()
def feedback(modules: Modules = None, workers: Workers = CORES) -> None:
    """Make one page per participant and module; `nbgrader release_feedback` hands them out."""
    from pamong.grading.feedback import feedback as run  # noqa: PLC0415

    course = Course.load()
    for module in _chosen(course, modules):
        with _progress("pages") as progress:
            count = run(course, module, workers=workers, progress=progress)
        console.print(f"{module}: {count} pages in {_shown(course.folder / 'feedback')}")


@app.command()
def report(
    cohort: Annotated[list[str] | None, typer.Option(help="Only these cohorts.")] = None,
    edition: Annotated[
        str, typer.Option(help="facilitator (with names) or leadership (aggregates only).")
    ] = "facilitator",
    workers: Workers = CORES,
) -> None:
    """Write a summary per cohort: an executed notebook and a self-contained page."""
    from pamong.reports.report import report as run  # noqa: PLC0415

    course = Course.load()
    with _progress("summaries") as step:
        paths = run(
            course,
            cohort or None,
            edition,  # type: ignore[arg-type]  # report names the editions there are
            workers=workers,
            progress=lambda _, done, total: step(done, total),
        )
    for path in paths:
        console.print(_shown(path))


@app.command()
def demo(
    folder: Annotated[Path, typer.Option(help="Where to work; never your own course.")] = Path(
        "demo"
    ),
    participants: Annotated[int | None, typer.Option(min=1, help="The first so many.")] = None,
    seed: int = 1,
    workers: Workers = CORES,
) -> None:
    """Run the main job end to end on simulated participants, in a folder of its own."""
    from pamong.demo import demo as run  # noqa: PLC0415

    made = run(
        Course.load(),
        folder,
        participants=participants,
        seed=seed,
        workers=workers,
        say=console.print,
        bar=_progress,
    )
    console.print("\nLook at:")
    for what, path in (
        ("cohort summaries", made.reports),
        ("feedback", made.folder / "feedback"),
        ("graded notebooks", made.folder / "autograded"),
        ("gradebook", made.gradebook),
    ):
        console.print(f"  {what:17} {_shown(path)}")
    console.print(
        "\nOpen the module as a participant:  pamong preview " + made.programme.modules[0].id
    )
    console.print(
        f"Mark the essays:                   cd {_shown(made.root)} && jupyter lab, then Nbgrader, Formgrader"
    )


def main() -> None:
    """Run one command; errors of ours are one message and exit status 1."""
    try:
        app()
    except PamongError as error:
        Console(stderr=True, highlight=False, soft_wrap=True).print(f"{error}", markup=False)
        sys.exit(1)


def _chosen(course: Course, modules: list[str] | None) -> list[str]:
    known = [plan.id for plan in course.programme.modules]
    return [course.require_module(module) for module in modules or known]


def _shown(path: Path) -> str:
    """A path as short as it can be said from here."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


@contextmanager
def _progress(unit: str) -> Iterator[Callable[[int, int], None]]:
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
