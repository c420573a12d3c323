"""``pamong receipt``: check what somebody shows as proof that they handed in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pamong.cli.terminal import console
from pamong.course import Course

if TYPE_CHECKING:
    from pamong.service.verification import Genuine, Refused
    from pamong.signing import Keyring

app = typer.Typer()
group = typer.Typer(no_args_is_help=True, help="Receipts of what was handed in to the service.")
app.add_typer(group, name="receipt")


@group.command("verify")
def verify(
    code_or_file: Annotated[
        str,
        typer.Argument(help="Its PDF or receipt.json, the content of its QR code, or its code."),
    ],
    keys: Annotated[
        Path | None,
        typer.Option(help="Public keys (JSON); then no course and no database are needed."),
    ] = None,
) -> None:
    """Say whether a receipt is genuine, what it stands for, and whether something newer was handed in."""
    from pamong import signing  # noqa: PLC0415
    from pamong.service.verification import Refused  # noqa: PLC0415

    found = (
        _alone(code_or_file, signing.keyring(keys))
        if keys is not None
        else _here(code_or_file, Course.load())
    )
    if isinstance(found, Refused):
        console.print(f"REFUSED: {found.reason}", markup=False)
        raise typer.Exit(1)
    for line in _lines(found):
        console.print(line, markup=False)
    if found.kept is False:
        raise typer.Exit(1)


def _alone(shown: str, keys: Keyring) -> Genuine | Refused:
    from pamong.service.verification import verify as run  # noqa: PLC0415

    return run(shown, keys, None)


def _here(shown: str, course: Course) -> Genuine | Refused:
    from pamong.service import proof  # noqa: PLC0415
    from pamong.service.database import Database  # noqa: PLC0415
    from pamong.service.verification import verify as run  # noqa: PLC0415

    with closing(Database.there(course)) as database:
        return run(shown, proof.keys(course), database)


def _lines(found: Genuine) -> Iterator[str]:
    facts = found.statement
    yield f"GENUINE: receipt {found.code}, signed with the key {found.key}."
    yield f"  course:      {facts.course}"
    yield f"  participant: {facts.participant}"
    yield f"  module:      {facts.module}"
    yield f"  received:    {facts.moment}{' (late)' if facts.late else ''}"
    yield f"  content:     sha256:{facts.content}"
    if found.kept is False:
        yield "But the service has no such submission: its database was restored, or it is another one."
    if found.newer is not None:
        yield f"The same participant handed in this module again at {found.newer.isoformat()}."
