"""Commands of a committee: enrol, collect, grade, hand back, report."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pamong.cli.terminal import (
    CORES,
    ModuleName,
    Modules,
    Workers,
    chosen,
    console,
    progress_bar,
    shown,
)
from pamong.course import Course

app = typer.Typer()


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
    with progress_bar("participants") as progress:
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
    """Take every submission from the service or the exchange; refuse, and name, what is unsafe."""
    from pamong.grading.door.collecting import collect as run  # noqa: PLC0415

    course = Course.load()
    for module in chosen(course, modules):
        summary = run(course, module)
        console.print(f"{module}: {summary}", markup=False)


@app.command()
def grade(
    modules: Modules = None,
    cohort: Annotated[
        list[str] | None, typer.Option(help="Only this cohort; repeatable, adds to --participant.")
    ] = None,
    participant: Annotated[
        list[str] | None, typer.Option(help="Only this participant; repeatable, adds to --cohort.")
    ] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, max=64, help="Processes to work in; one per core.")
    ] = None,
    scheduler: Annotated[
        str | None, typer.Option(metavar="URL", help="Grade on the workers of a Dask scheduler.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would change, and change nothing.")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Grade also what has not changed since it was graded.")
    ] = False,
    every: Annotated[
        bool, typer.Option("--all", help="Name every errored cell and every change.")
    ] = False,
    explain: Annotated[
        tuple[str, str] | None,
        typer.Option(
            metavar="PARTICIPANT EXERCISE",
            help="Grade nothing; tell why this participant has these points.",
        ),
    ] = None,
) -> None:
    """Grade what was collected; what cannot be judged is left for a person, with the cause."""
    from pamong.cli import grading  # noqa: PLC0415

    course = Course.load()
    if explain is not None:
        grading.tell(course, explain, modules or [])
        return
    people = grading.people(course, cohort or [], participant or [])
    crew = grading.crew(workers, scheduler)
    grading.run(
        course,
        chosen(course, modules),
        people,
        crew,
        asked=participant or [],
        dry_run=dry_run,
        force=force,
        every=every,
    )


@app.command()
def feedback(
    modules: Modules = None,
    workers: Workers = CORES,
    pdf: Annotated[bool, typer.Option(help="Enclose each page's print, a PDF/UA-1.")] = True,
    publish: Annotated[
        bool, typer.Option("--publish", help="Give every page to its owner through the service.")
    ] = False,
) -> None:
    """Make one page per participant and module; --publish or `nbgrader release_feedback` hands them out."""
    from pamong.grading.door.releasing import publish as give_back  # noqa: PLC0415
    from pamong.grading.feedback import feedback as run  # noqa: PLC0415

    course = Course.load()
    for module in chosen(course, modules):
        with progress_bar("pages") as progress:
            count = run(course, module, workers=workers, progress=progress, paper=pdf)
        console.print(f"{module}: {count} pages in {shown(course.folder / 'feedback')}")
        if publish:
            console.print(f"{module}: {give_back(course, module)} pages given to their owners")


@app.command()
def report(
    cohort: Annotated[list[str] | None, typer.Option(help="Only these cohorts.")] = None,
    edition: Annotated[
        str, typer.Option(help="facilitator (with names) or leadership (aggregates only).")
    ] = "facilitator",
    programme: Annotated[
        bool, typer.Option("--programme", help="One about the whole programme, too.")
    ] = False,
    module: Annotated[str, typer.Option(help="About this module alone.")] = "",
    every: Annotated[
        bool,
        typer.Option("--all", help="Programme, cohorts and modules, each in both editions."),
    ] = False,
    engine: Annotated[
        str, typer.Option(help="fork, or nbclient: stock papermill with a kernel for each.")
    ] = "fork",
    workers: Workers = CORES,
) -> None:
    """Write summaries: an executed notebook, a self-contained page and a document to print of each."""
    from pamong.cli import reporting  # noqa: PLC0415

    if every and (cohort or programme or edition != "facilitator"):
        raise typer.BadParameter("--all cannot be combined with --cohort, --programme, --edition.")
    course = Course.load()
    wanted = reporting.wanted(
        course, cohort or [], edition, module, programme=programme, every=every
    )
    reporting.run(course, wanted, engine, workers)


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
        say=lambda text: console.print(text, markup=False),
        bar=progress_bar,
    )
    console.print("\nLook at:")
    for what, path in (
        ("cohort summaries", made.reports),
        ("feedback", made.folder / "feedback"),
        ("graded notebooks", made.folder / "autograded"),
        ("gradebook", made.gradebook),
    ):
        console.print(f"  {what:17} {shown(path)}")
    console.print(
        "\nOpen the module as a participant:  pamong preview " + made.programme.modules[0].id
    )
    console.print(
        f"Mark the essays:                   cd {shown(made.root)} && jupyter lab, then Nbgrader, Formgrader"
    )
