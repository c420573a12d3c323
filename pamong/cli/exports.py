"""``pamong export``: the tables of a course for other programs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pamong.catalogue import messages
from pamong.cli.terminal import console, progress_bar, shown
from pamong.course import Course

app = typer.Typer()


@app.command()
def export(
    to: Annotated[
        Path, typer.Option(metavar="FOLDER", help="Where to; an earlier export there is replaced.")
    ],
    format: Annotated[
        list[str] | None,
        typer.Option(help="csv, csv-semicolon, xlsx, json or parquet; repeatable. csv by default."),
    ] = None,
    cohort: Annotated[list[str] | None, typer.Option(help="Only this cohort; repeatable.")] = None,
    named: Annotated[
        bool, typer.Option("--named", help="With ids and names, for those who may know them.")
    ] = False,
    texts: Annotated[
        bool, typer.Option("--texts", help="With what participants wrote, where markers may read.")
    ] = False,
) -> None:
    """Write grades, items and events as tidy tables with a dictionary; under pseudonyms by default."""
    from pamong.exports.export import export as run  # noqa: PLC0415  # it imports pandas

    course = Course.load()
    with progress_bar("tables") as progress:
        made = run(
            course,
            to,
            format or ["csv"],
            cohorts=cohort or (),
            named=named,
            texts=texts,
            progress=progress,
        )
    for name, count in made.rows.items():
        console.print(f"{name:13} {count:>9,} rows", markup=False)
    say = messages("export", "en")
    for key, blanks in made.notes:
        console.print(say(key, **blanks), markup=False)
    console.print(shown(to.resolve()), markup=False)
