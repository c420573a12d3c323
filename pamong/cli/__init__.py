"""The command line: parse, call, print. Exit status 0 done, 1 an error with its remedy, 2 wrong usage."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from pamong import __version__
from pamong.catalogue import VARIABLE, messages, speaking
from pamong.cli import authoring, committee, exports, receipts, running, serving, transcripts
from pamong.cli.terminal import console
from pamong.errors import PamongError
from pamong.programme import language_at

INTERRUPTED = 130
"""Exit status after Ctrl-C."""
app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Author, run, grade and report on leadership training. Run it from the repository root.",
)
app.add_typer(authoring.app)
app.add_typer(running.app)
app.add_typer(committee.app)
app.add_typer(exports.app)
app.add_typer(transcripts.app)
app.add_typer(receipts.app)
app.add_typer(serving.app)


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


def main() -> None:
    """Run one command; errors of ours are one message and exit status 1."""
    complaints = Console(stderr=True, highlight=False, soft_wrap=True, emoji=False)
    with speaking(os.environ.get(VARIABLE) or language_at(Path.cwd())):
        _run(complaints)


def _run(complaints: Console) -> None:
    try:
        app()
    except PamongError as error:
        complaints.print(f"{error}", markup=False)
        sys.exit(1)
    except OSError as error:
        what, why = error.filename or "A file", error.strerror or error
        complaints.print(messages("course")("unusable", what=what, why=why), markup=False)
        sys.exit(1)
    except SystemExit as end:
        if end.code == INTERRUPTED:
            complaints.print(messages("course")("interrupted"))
        raise
