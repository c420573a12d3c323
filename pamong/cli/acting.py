"""Commands on the service's database: one look or one transaction each, in the name of who runs it."""

from __future__ import annotations

import getpass
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from pamong.cli.terminal import console
from pamong.course import Course

if TYPE_CHECKING:
    from sqlalchemy import Connection

DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Say what would change, and change nothing.")
]
DRY = "A dry run: nothing was changed."


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """What a command works with; ``by`` and ``at`` go into the audit."""

    course: Course
    connection: Connection
    by: str
    at: datetime


@contextmanager
def acting(*, dry: bool = False) -> Iterator[Act]:
    """One transaction, undone when it is ``dry`` or anything is raised; ServiceError.

    A course without a service gets one by what is written, not by a look.
    """
    from pamong.service.service import Service  # noqa: PLC0415  # each command imports only what it needs

    course = Course.load()
    service = Service.passing(course) if dry and not course.has_service else Service.open(course)
    # What is written while reading is undone at the end.
    block = service.database.reading() if dry else service.database.writing()
    with closing(service.database), block as connection:
        yield Act(course=course, connection=connection, by=_account(), at=service.clock())


def looking() -> AbstractContextManager[Act]:
    """One look, after which nothing has changed."""
    return acting(dry=True)


def _account() -> str:
    try:
        return f"cli:{getpass.getuser()}"
    except (KeyError, OSError):  # an account without a name
        return f"cli:{os.getuid()}"


def say_dry(dry: bool) -> None:
    """Say that nothing was changed, if so."""
    if dry:
        console.print(DRY)


def print_rows(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """A table in plain text, as wide as it must be: a line is a row, on a terminal and in a file."""
    listed = [heads, *rows]
    widths = [max(map(len, column)) for column in zip(*listed, strict=True)]
    for row in listed:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        console.print("  ".join(cells).rstrip(), markup=False)


def short(moment: datetime | None, zone: str) -> str:
    """A moment as a table tells it, in a time zone: 2026-12-11 23:59 WIB; a dash for none."""
    from pamong import locale  # noqa: PLC0415

    if moment is None:
        return "–"
    local = moment.astimezone(ZoneInfo(zone))
    return f"{local:%Y-%m-%d %H:%M} {locale.zone(local, zone)}"
