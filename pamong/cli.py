"""The command line: parse, call, print. Exit status 0 done, 1 an error with its remedy, 2 wrong usage."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

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

from pamong import __version__
from pamong.catalogue import messages
from pamong.course import Course
from pamong.errors import PamongError

if TYPE_CHECKING:
    from pamong.scaffold import Made

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Author, run, grade and report on leadership training. Run it from the repository root.",
)
roster_app = typer.Typer(no_args_is_help=True, help="Who takes part: course/roster.csv.")
app.add_typer(roster_app, name="roster")
new_app = typer.Typer(no_args_is_help=True, help="Start a module or an exercise from templates/.")
app.add_typer(new_app, name="new")
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
def check(
    modules: Modules = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for other programs.")] = False,
) -> None:
    """Find what is wrong in authored modules before a participant does; warnings alone are status 0."""
    from pamong.inspection import tell  # noqa: PLC0415

    here, found = Path.cwd(), []
    for section in tell.sections(modules or (), here):
        found.append(section)
        if not as_json:
            typer.echo(tell.as_text(section, here))
    if as_json:
        typer.echo(tell.as_json(found, here))
    raise typer.Exit(1 if tell.worst(found) == "error" else 0)


@new_app.command("module")
def new_module(
    id: Annotated[str, typer.Argument(metavar="ID", help="Such as m6-pelayanan-publik.")],
    title: Annotated[str, typer.Option(help="What participants read.")],
    jp: Annotated[int, typer.Option(min=1, max=60, help="Lesson hours.")] = 4,
) -> None:
    """Write a module with one practice exercise, and enter it in programme.yaml."""
    from pamong.scaffold import new_module as run  # noqa: PLC0415

    _tell_made(run(Course.load(), id, title=title, jp=jp))


@new_app.command("exercise")
def new_exercise(
    kind: Annotated[str, typer.Argument(metavar="KIND", help="Such as negotiation.")],
    target: Annotated[
        str, typer.Argument(metavar="MODULE/ID", help="Such as m5-negosiasi-mediasi/parkir-pasar.")
    ],
    title: Annotated[str, typer.Option(help="What participants read.")] = "",
    graded: Annotated[
        bool, typer.Option("--graded", help="Keep the key apart and give points.")
    ] = False,
    points: Annotated[
        float | None, typer.Option(help="What a graded exercise is worth, 0 to 100.")
    ] = None,
) -> None:
    """Write an exercise that can be played at once, and show it in the module's notebook."""
    from pamong.scaffold import new_exercise as run  # noqa: PLC0415
    from pamong.scaffold import split  # noqa: PLC0415

    module, id = split(target)
    _tell_made(run(Course.load(), kind, module, id, title=title, graded=graded, points=points))


def _tell_made(made: Made) -> None:
    say = messages("scaffold")
    typer.echo(say("made"))
    for path in made.files:
        typer.echo(say("file", path=_shown(path)))
    if made.note:
        typer.echo(made.note)
    typer.echo(say("next"))
    for command in made.next:
        typer.echo(say("command", command=command))


@app.command()
def schema(
    name: Annotated[
        str | None, typer.Argument(help="Print this one, such as negotiation.brief.")
    ] = None,
    to: Annotated[Path | None, typer.Option(help="A folder; course/.schema by default.")] = None,
) -> None:
    """Write JSON Schemas, so that an editor completes briefs and keys and explains their fields."""
    from pamong import schema as schemas  # noqa: PLC0415

    course = Course.load()
    if name is not None:
        typer.echo(schemas.as_text(schemas.one(course, name)), nl=False)
        return
    for path in schemas.write(course, to):
        console.print(_shown(path), markup=False)


@app.command()
def playtest(
    targets: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[MODULE[/EXERCISE]|FILE.yaml]...",
            help="Modules, single exercises or brief files; every exercise by default.",
        ),
    ] = None,
    rounds: Annotated[
        int, typer.Option(min=1, max=5000, help="Plays of the random bot; others at most 20.")
    ] = 200,
    seed: int = 1,
    workers: Workers = CORES,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for other programs.")] = False,
    figure: Annotated[
        Path | None, typer.Option(help="Draw scores by strategy (SVG; several: numbered).")
    ] = None,
    save: Annotated[
        bool, typer.Option("--save", help="Keep figure and data in course/reports/playtest.")
    ] = False,
) -> None:
    """Let bots play exercises and hold the results against what their keys promise."""
    from pamong.playtest.session import Wish, run  # noqa: PLC0415

    wish = Wish(rounds=rounds, seed=seed, workers=workers, json=as_json, figure=figure, save=save)
    kept = run(targets or (), wish, tell=typer.echo)
    raise typer.Exit(0 if kept else 1)


@app.command()
def export_items(
    exercise: Annotated[
        str, typer.Argument(metavar="MODULE/EXERCISE", help="Its items, or what is negotiated.")
    ],
    to: Annotated[
        Path | None, typer.Option(help="A new file; by default one beside the keys.")
    ] = None,
) -> None:
    """Write an exercise as an Excel workbook for an instructor; it holds the key."""
    from pamong.spreadsheet import export_items as run  # noqa: PLC0415

    course = Course.load()
    console.print(_shown(run(course, exercise, to)), markup=False)


@app.command()
def import_items(
    workbook: Annotated[Path, typer.Argument(metavar="FILE.xlsx", help="From export-items.")],
    apply: Annotated[
        bool, typer.Option("--apply", help="Write the YAML; otherwise only show the difference.")
    ] = False,
    raise_version: Annotated[
        bool, typer.Option("--raise-version", help="Write what was released as a new version.")
    ] = False,
) -> None:
    """Check a workbook like YAML, show what it changes, and write it back on request."""
    from pamong.spreadsheet import import_items as run  # noqa: PLC0415

    draft = run(Course.load(), workbook, raise_version=raise_version)
    for line in draft.report():
        console.print(line, markup=False)
    if draft.changes:
        console.print(draft.written() if apply else draft.next, markup=False)


@app.command()
def preview(
    module: ModuleName,
    port: Annotated[
        int | None, typer.Option(help="A loopback port; a free one by default.")
    ] = None,
    folder: Annotated[Path | None, typer.Option(help="Where the answers are kept.")] = None,
    released: Annotated[
        bool, typer.Option("--released", help="Show the release instead of the source.")
    ] = False,
) -> None:
    """Open a module as a participant sees it, on this machine only; stop with Ctrl-C.

    The page follows the source: what is saved there is seen at once, with what `check` says of it.
    """
    from pamong.inspection import inspect  # noqa: PLC0415
    from pamong.view.preview import preview as run  # noqa: PLC0415

    course = Course.load()
    run(
        course,
        module,
        released=released,
        port=port,
        folder=folder,
        check=lambda: inspect(course, course.require_module(module)),
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
def worksheets(modules: Modules = None) -> None:
    """Write a module's exercises on paper: one A4 sheet or more each, to print from a browser."""
    from pamong.worksheet import write  # noqa: PLC0415

    course = Course.load()
    for module in _chosen(course, modules):
        console.print(_shown(write(course, module)))


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
