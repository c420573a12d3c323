"""``pamong serve``: the hub for a demonstration or for real people, and what keeps it going."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pamong.cli.terminal import complaints, console, shown
from pamong.course import DATABASE, GRADEBOOK, Course
from pamong.errors import CourseError

if TYPE_CHECKING:
    from pamong.hub.settings import Settings

app = typer.Typer()
serve = typer.Typer(
    no_args_is_help=False,
    invoke_without_command=True,
    help="Run the hub: a demonstration on this machine, or --server for real people (docs/hub.md).",
)
app.add_typer(serve, name="serve")

Folder = Annotated[Path, typer.Option(help="Where the demonstration keeps its course.")]
Port = Annotated[int | None, typer.Option(min=1, max=65532, help="This one and the next three.")]
DEMO = Path("demo-hub")


@serve.callback()
def start(
    context: typer.Context,
    server: Annotated[
        bool,
        typer.Option("--server/--demo", help="Real people, each with an account of the system."),
    ] = False,
    folder: Folder = DEMO,
    address: Annotated[str, typer.Option(help="Where to listen, with --server.")] = "127.0.0.1",
    port: Port = None,
) -> None:
    """Run the hub until Ctrl-C."""
    if port is not None:
        os.environ["PAMONG_HUB_PORT"] = str(port)
    os.environ.setdefault("PAMONG_HUB_MODE", "server" if server else "demo")
    if server:
        os.environ["PAMONG_HUB_MODE"] = "server"
    if address != "127.0.0.1":
        os.environ["PAMONG_HUB_ADDRESS"] = address
    context.obj = folder
    if context.invoked_subcommand is None:
        _run(folder)


@serve.command(name="part")
def part(name: Annotated[str, typer.Argument(metavar="proxy|service|hub")]) -> None:
    """Run one process of a hub alone, for systemd and the like; `pamong serve prepare` comes first."""
    from pamong.hub import supervisor  # noqa: PLC0415

    if name not in supervisor.PARTS:
        raise typer.BadParameter(f"One of {', '.join(supervisor.PARTS)}.")
    supervisor.replace(_settings(Course.load()), name)


@serve.command(name="prepare")
def prepare() -> None:
    """Make the groups, accounts and folders of a hub, and bring its database up to date."""
    course = Course.load()
    settings = _settings(course)
    _prepare(course, settings)
    console.print(f"Ready: {settings.state}", markup=False)


@serve.command(name="prestart")
def prestart(
    context: typer.Context,
    cohorts: Annotated[list[str] | None, typer.Argument(metavar="[COHORT]...")] = None,
    soon: Annotated[
        int, typer.Option(min=0, help="Cohorts whose class starts within so many minutes, as well.")
    ] = 0,
) -> None:
    """Start the servers of whole cohorts before their class, so that nobody waits in it."""
    from pamong.hub import prestart as starting  # noqa: PLC0415
    from pamong.service.database import Database  # noqa: PLC0415

    course = _course(context)
    known = [cohort.id for cohort in course.programme.cohorts]
    if unknown := sorted(set(cohorts or ()) - set(known)):
        raise CourseError(f"No cohort {', '.join(unknown)}. Known: {', '.join(known)}.")
    now, ahead = datetime.now(UTC), timedelta(minutes=soon)
    with Database.there(course).reading() as connection:
        found = set(cohorts or ())
        if soon:
            found |= set(starting.soon(connection, course.programme, now, ahead))
        ids = starting.members(connection, found)
    if not found:
        console.print("No class starts soon.")
        return
    outcome = starting.start(_settings(course), ids)
    console.print(f"{', '.join(sorted(found))}: {outcome}", markup=False)
    if outcome.refused:
        raise typer.Exit(1)


@serve.command(name="card")
def card(
    context: typer.Context,
    person: Annotated[str, typer.Argument(metavar="ID")],
) -> None:
    """Take away somebody's password and print the code of a card for their next login."""
    from pamong.service import audit, login_cards, people  # noqa: PLC0415
    from pamong.service.database import Database  # noqa: PLC0415

    course, now = _course(context), datetime.now(UTC)
    settings = _settings(course)
    with Database.there(course).writing() as connection:
        if people.find(connection, person) is None:
            raise CourseError(
                f"Nobody has the id {person!r}. Import the roster or the staff first."
            )
        made = login_cards.reset(connection, person, now)
        audit.record(connection, at=now, who=f"cli:{_account()}", act="card.issued", whom=person)
    console.print(f"{made.code}  until {made.expires:%Y-%m-%d %H:%M} UTC", markup=False)
    console.print(f"{settings.public_url}/hub/kartu", markup=False)


@serve.command(name="backup")
def backup(context: typer.Context, file: Path) -> None:
    """Save databases, keys, submissions, gradebook and secrets to one file; the hub may be running."""
    from pamong.hub import backup as saving  # noqa: PLC0415

    course = _course(context)
    made = saving.save(_settings(course), course, file.resolve(), datetime.now(UTC))
    console.print(f"{made.files} files, {made.size / 1e6:.1f} MB in {shown(file.resolve())}")


@serve.command(name="restore")
def restore(context: typer.Context, file: Path) -> None:
    """Put a backup in place of what is there, which is kept beside it; stop the hub first."""
    from pamong.hub import backup as saving  # noqa: PLC0415
    from pamong.hub import supervisor  # noqa: PLC0415

    course = _course(context)
    settings = _settings(course)
    with supervisor.alone(settings):
        made = saving.restore(settings, course, file.resolve(), datetime.now(UTC))
        _prepare(Course.load(course.root), settings)
    console.print(f"{made.files} files of {made.at} are in place.")


def _run(folder: Path) -> None:
    from pamong.hub import prerequisites, sample, supervisor  # noqa: PLC0415
    from pamong.service.database import Database  # noqa: PLC0415

    demo = os.environ["PAMONG_HUB_MODE"] == "demo"
    course, now = Course.load(), datetime.now(UTC)
    if demo:
        for variable in (DATABASE, GRADEBOOK):
            os.environ.pop(variable, None)  # the demonstration has its own
        course = sample.make(
            course, folder.resolve(), now, lambda text: console.print(text, markup=False)
        )
    settings = _settings(course)
    prerequisites.require(settings)
    with supervisor.alone(settings):
        _prepare(course, settings)
        told = ""
        if demo:
            database = Database(course.service_url)
            password = sample.people_of(course, database, settings.state, now)
            database.close()
            told = _DEMO.format(password=password)
        supervisor.run(settings, lambda url: console.print(f"\nOpen {url}\n{told}", markup=False))
    complaints.print("The hub has stopped.")


_DEMO = """
A demonstration for one person on this machine: it isolates nobody from anybody.
Names: p001 ... p317 (participants), instruktur, panitia, pimpinan. Password of all: {password}
Ctrl-C ends it; what you did stays."""


def _prepare(course: Course, settings: Settings) -> None:
    from pamong.hub import preparation  # noqa: PLC0415

    preparation.prepare(settings, course, datetime.now(UTC))


def _course(context: typer.Context) -> Course:
    """The course here, or the demonstration's where there is one."""
    demo = Path(context.obj).resolve()
    is_demo = os.environ["PAMONG_HUB_MODE"] == "demo" and (demo / "course").is_dir()
    return Course.load(demo if is_demo else None)


def _settings(course: Course) -> Settings:
    from pamong.hub.settings import from_environment  # noqa: PLC0415

    return from_environment(course.root)


def _account() -> str:
    import getpass  # noqa: PLC0415

    return getpass.getuser()
