"""Commands of an instructor: write, check, play, see, release."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pamong.catalogue import messages
from pamong.cli.terminal import (
    CORES,
    ModuleName,
    Modules,
    Workers,
    chosen,
    console,
    shown,
)
from pamong.course import Course
from pamong.errors import AuthoringError

if TYPE_CHECKING:
    from pamong.scaffold import Made

app = typer.Typer()
new_app = typer.Typer(no_args_is_help=True, help="A new module or exercise from templates/.")
app.add_typer(new_app, name="new")


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
        typer.echo(say("file", path=shown(path)))
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
        console.print(shown(path), markup=False)


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
    console.print(shown(run(course, exercise, to)), markup=False)


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
        if not apply and not draft.stale:
            again = raise_version or draft.released == draft.version
            option = " --raise-version" if again else ""
            words = {"file": shlex.quote(str(workbook)), "option": option}
            console.print(messages("authoring")("import.command", **words), markup=False)


@app.command()
def preview(
    module: ModuleName = "",
    port: Annotated[
        int | None, typer.Option(help="A loopback port; a free one by default.")
    ] = None,
    folder: Annotated[Path | None, typer.Option(help="Where the answers are kept.")] = None,
    released: Annotated[
        bool, typer.Option("--released", help="Show the release instead of the source.")
    ] = False,
    role: Annotated[str, typer.Option(help="The office to look as; by default the first.")] = "",
    participant: Annotated[
        str, typer.Option(help="Whose home to open: somebody of the roster.")
    ] = "",
    gallery: Annotated[
        bool, typer.Option("--gallery", help="Show every kind of exercise in every state instead.")
    ] = False,
) -> None:
    """Open a module as a participant sees it, on this machine only; stop with Ctrl-C.

    The page follows the source: what is saved there is seen at once, with what `check` says of it.
    Without a module: a participant's home with everything that has been released.
    """
    from pamong.inspection import inspect  # noqa: PLC0415
    from pamong.view import gallery as views  # noqa: PLC0415
    from pamong.view.preview import preview as run  # noqa: PLC0415
    from pamong.view.preview import preview_home  # noqa: PLC0415

    given = {"MODULE": module, "--participant": participant, "--role": role, "--gallery": gallery}
    _apart(given, ("--gallery", "MODULE"), ("--gallery", "--participant"), ("--gallery", "--role"))
    _apart(given, ("MODULE", "--participant"), ("--participant", "--role"))
    course = Course.load()

    def tell(text: str) -> None:
        console.print(text, markup=False)

    if gallery:
        views.show(course.root / "templates", port=port or 0, tell=tell)
        return
    if not module:
        preview_home(
            course, participant=participant, role=role, port=port, folder=folder, tell=tell
        )
        return
    run(
        course,
        module,
        released=released,
        role=role,
        port=port,
        folder=folder,
        check=lambda: inspect(course, course.require_module(module)),
        tell=tell,
    )


@app.command()
def release(modules: Modules = None) -> None:
    """Write what participants get, and freeze briefs and keys under their versions."""
    from pamong.grading.release import release as run  # noqa: PLC0415
    from pamong.inspection.tell import from_folder  # noqa: PLC0415

    course = Course.load()
    say, released = messages("release"), chosen(course, modules)
    for module in released:
        try:
            console.print(f"{module}: {run(course, module)}")
        except AuthoringError as error:
            raise AuthoringError(from_folder(error.problems, course.root)) from error
    console.print(say("next"))
    for module in released:
        console.print(say("command", module=module))


@app.command()
def worksheets(modules: Modules = None) -> None:
    """Write a module's exercises on paper: one A4 sheet or more each, to print from a browser."""
    from pamong.worksheet import write  # noqa: PLC0415

    course = Course.load()
    for module in chosen(course, modules):
        console.print(shown(write(course, module)))


def _apart(given: Mapping[str, object], *pairs: tuple[str, str]) -> None:
    """A usage error when two options that exclude each other are both given."""
    for pair in pairs:
        if all(given[name] for name in pair):
            options = ", ".join(pair)
            raise typer.BadParameter(messages("preview")("options.together", options=options))
