"""A schedule as a CSV list: what a spreadsheet holds, read with every error by line, and written back."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from pamong import locale
from pamong.catalogue import messages
from pamong.errors import AuthoringError, Problem
from pamong.programme import Programme, Slot
from pamong.roster import read_rows
from pamong.service import schedule

COLUMNS = ("cohort", "module", "opens", "class_starts", "closes", "grace")


def read(path: Path, programme: Programme) -> tuple[Slot, ...]:
    """The lines of a list, each for one cohort and one module; AuthoringError names every wrong one."""
    rows = read_rows(path, COLUMNS)
    places = Counter((row["cohort"], row["module"]) for _, row in rows)
    found: list[Slot] = []
    problems: list[Problem] = []
    for line, row in rows:
        faults = _faults(row, places, programme)
        if not faults:
            try:
                found.append(_slot(row))
            except ValueError as error:
                faults = [("", str(error))]
        problems += [Problem(path, line, 1, field, text) for field, text in faults]
    if problems:
        raise AuthoringError(tuple(problems))
    return tuple(found)


def _faults(
    row: Mapping[str, str], places: Mapping[tuple[str, str], int], programme: Programme
) -> list[tuple[str, str]]:
    say = messages("course")
    cohorts = [one.id for one in programme.cohorts]
    modules = [one.id for one in programme.modules]
    faults = [
        (field, messages("roster")("choice", value=row[field], known=", ".join(known)))
        for field, known in (("cohort", cohorts), ("module", modules))
        if row[field] not in known
    ]
    if places[row["cohort"], row["module"]] > 1:
        faults.append(("cohort", say("slot.twice", cohort=row["cohort"], module=row["module"])))
    if row["grace"] and not row["grace"].isdecimal():
        faults.append(("grace", say("grace")))
    return faults


def _slot(row: Mapping[str, str]) -> Slot:
    values = {name: row[name] for name in COLUMNS[:-1]}
    return Slot(**values, grace=int(row["grace"]) if row["grace"] else None)


def put(
    connection: Connection, programme: Programme, slots: Iterable[Slot], *, by: str, at: datetime
) -> tuple[Slot, ...]:
    """Set what the lines of a list say; returns those that changed anything. ServiceError."""
    return tuple(
        slot
        for slot in slots
        if schedule.put(
            connection,
            programme,
            slot.cohort,
            slot.module,
            schedule.slotted(programme, slot),
            by=by,
            at=at,
        )
    )


def written(connection: Connection, programme: Programme) -> str:
    """The schedule of every cohort in every module as a list that ``read`` takes back."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for (cohort, module), times in schedule.calendar(connection, programme).items():
        moments = (times.opens, times.class_starts, times.closes)
        grace = "" if times.grace is None else times.grace // timedelta(minutes=1)
        written = (_written(moment, programme.time_zone) for moment in moments)
        writer.writerow((cohort, module, *written, grace))
    return text.getvalue()


def _written(moment: datetime | None, zone: str) -> str:
    """A moment as ``due`` reads it, in the zone of the programme."""
    if moment is None:
        return ""
    local = moment.astimezone(ZoneInfo(zone))
    letters = locale.ZONES.get(zone)
    text = local.replace(tzinfo=None).isoformat(timespec="minutes", sep=" ")
    return f"{text} {letters}" if letters else local.isoformat(timespec="minutes", sep=" ")
