"""Who was at which meeting: by the code on the screen, by hand, or from a list; with work that makes up."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal, cast

from sqlalchemy import Connection, RowMapping, select
from sqlalchemy.dialects import postgresql, sqlite

from pamong.catalogue import messages
from pamong.errors import AuthoringError, Problem, ServiceError
from pamong.roster import harmless, read_rows
from pamong.service import audit, meetings, people
from pamong.service.meetings import Meeting
from pamong.service.people import Person
from pamong.service.tables import attendance

Status = Literal["hadir", "terlambat", "izin", "sakit", "dinas", "alpa"]
"""There; there late; excused; ill; on urgent duty; missing without a word."""
STATUSES: tuple[Status, ...] = ("hadir", "terlambat", "izin", "sakit", "dinas", "alpa")
THERE: tuple[Status, ...] = ("hadir", "terlambat")
LATE = timedelta(minutes=15)
"""After a meeting's start, who comes is late."""
LEAD = timedelta(minutes=30)
"""Before a meeting's start, its code counts already."""
COLUMNS = ("id", "status")
_WHICH = ("meeting", "person")
NOTE = "catatan"
"""The column of a list that may be missing."""

Refusal = Literal["unknown", "cohort", "time", "code"]
"""Why a code was not taken: no such meeting; somebody else's; not now; no code that is valid now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """What is known of one person at one meeting; ``makeup`` is the work that makes up for it."""

    meeting: str
    person: str
    status: Status
    how: str
    by: str
    at: datetime
    note: str = ""
    makeup: str = ""
    made_up: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """One person's attendance: of ``meetings`` that have ended, so many ``attended`` or made up for."""

    person: str
    meetings: int
    attended: int
    made_up: int
    counts: Mapping[str, int]
    """Meetings by status, ``""`` where nothing was noted."""

    @property
    def share(self) -> float | None:
        """The part attended or made up for, 0..1; None before the first meeting has ended."""
        return (self.attended + self.made_up) / self.meetings if self.meetings else None


def check_in(
    connection: Connection, meeting: str, person: Person, given: str, *, now: datetime
) -> Mark | Refusal:
    """Note somebody by the code that they have read; a repeat returns what was noted first.

    What staff have noted in the meantime stays as well.
    """
    found = meetings.find(connection, meeting)
    if found is None:
        return "unknown"
    if not person.active or person.role != "peserta" or person.cohort != found.cohort:
        return "cohort"
    if not found.starts - LEAD <= now <= found.ends:
        return "time"
    if not meetings.valid(meetings.secret(connection, meeting), given, now):
        return "code"
    if there := mark(connection, meeting, person.id):
        return there
    status: Status = "terlambat" if now > found.starts + LATE else "hadir"
    noted = Mark(meeting=meeting, person=person.id, status=status, how="qr", by=person.id, at=now)
    _keep(connection, noted)
    return noted


def mark(connection: Connection, meeting: str, person: str) -> Mark | None:
    """What is noted of somebody at a meeting."""
    its = (attendance.c.meeting == meeting) & (attendance.c.person == person)
    row = connection.execute(select(attendance).where(its)).mappings().first()
    return None if row is None else _mark(row)


def marks(connection: Connection, meeting: str) -> dict[str, Mark]:
    """Everybody who is noted at a meeting, by id."""
    query = select(attendance).where(attendance.c.meeting == meeting).order_by(attendance.c.person)
    return {row["person"]: _mark(row) for row in connection.execute(query).mappings()}


def note(
    connection: Connection,
    meeting: str,
    person: str,
    status: Status,
    *,
    text: str = "",
    how: str = "hand",
    by: str,
    at: datetime,
) -> bool:
    """Note somebody at a meeting, whatever was noted before; says whether anything changes.

    Work that makes up stays. ServiceError for an unknown meeting, person or status.
    """
    meetings.require(connection, meeting)
    people.require(connection, person, "peserta")
    if status not in STATUSES:
        raise ServiceError(f"{status} is no status. There are: {', '.join(STATUSES)}.")
    before = mark(connection, meeting, person)
    if before is not None and (before.status, before.note) == (status, text):
        return False
    noted = Mark(
        meeting=meeting,
        person=person,
        status=status,
        how=how,
        by=by,
        at=at,
        note=text,
        makeup=before.makeup if before else "",
        made_up=before.made_up if before else None,
    )
    _keep(connection, noted)
    audit.record(
        connection, at=at, who=by, act="attendance.noted", whom=person, meeting=meeting,
        status=status, before=before.status if before else "", how=how,
    )  # fmt: skip
    return True


def close(connection: Connection, meeting: str, *, by: str, at: datetime) -> tuple[str, ...]:
    """Note ``alpa`` for everybody of the cohort of whom nothing is noted; returns who."""
    found = meetings.require(connection, meeting)
    if at < found.ends:
        raise ServiceError(f"{found.title} has not ended yet. Close it afterwards.")
    known = marks(connection, meeting)
    missing = [
        one.id for one in people.listing(connection, cohort=found.cohort) if one.id not in known
    ]
    for person in missing:
        note(connection, meeting, person, "alpa", by=by, at=at)
    return tuple(missing)


def ask_makeup(
    connection: Connection, meeting: str, person: str, task: str, *, by: str, at: datetime
) -> None:
    """Write down the work that makes up for a meeting; ServiceError unless somebody missed it."""
    before = mark(connection, meeting, person)
    if before is None or before.status in THERE:
        raise ServiceError(f"{person} is not noted as absent at {meeting}. Note that first.")
    if not task.strip():
        raise ServiceError("The work that makes up is not described. Describe it.")
    _set(connection, before, makeup=task.strip(), made_up=None)
    audit.record(
        connection, at=at, who=by, act="makeup.asked", whom=person, meeting=meeting, task=task
    )


def complete_makeup(
    connection: Connection, meeting: str, person: str, *, by: str, at: datetime
) -> None:
    """Write down that the work that makes up is done; ServiceError when none was asked for."""
    before = mark(connection, meeting, person)
    if before is None or not before.makeup:
        raise ServiceError(f"No work that makes up for {meeting} was asked of {person}.")
    if before.made_up is None:
        _set(connection, before, made_up=at)
        audit.record(
            connection, at=at, who=by, act="makeup.completed", whom=person, meeting=meeting
        )


def _set(connection: Connection, before: Mark, **values: object) -> None:
    its = (attendance.c.meeting == before.meeting) & (attendance.c.person == before.person)
    connection.execute(attendance.update().where(its).values(**values))


def _keep(connection: Connection, noted: Mark) -> None:
    """One statement: somebody may come in, or be noted by staff, twice at the same moment."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    values = {name: getattr(noted, name) for name in Mark.__dataclass_fields__}
    changed = {name: values[name] for name in values if name not in _WHICH}
    row = dialect.insert(attendance).values(values)
    connection.execute(row.on_conflict_do_update(index_elements=_WHICH, set_=changed))


def _mark(row: RowMapping) -> Mark:
    return Mark(**{name: row[name] for name in Mark.__dataclass_fields__})


# Lists ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of a list: whom to note how; ``before`` is what was noted, or empty."""

    person: str
    status: Status
    note: str
    before: str = ""


def read_list(connection: Connection, meeting: str, path: Path) -> tuple[Entry, ...]:
    """What a CSV list (id, status, perhaps catatan) would change at a meeting.

    An empty status leaves a person as they are. AuthoringError names every wrong line: somebody who is
    not of the cohort, who appears twice, or an unknown status.
    """
    found = meetings.require(connection, meeting)
    cohort = {one.id for one in people.listing(connection, cohort=found.cohort, active=None)}
    there = marks(connection, meeting)
    rows = read_rows(path, COLUMNS)
    ids = Counter(row["id"] for _, row in rows)
    problems = tuple(
        Problem(path, line, 1, field, message)
        for line, row in rows
        for field, message in _faults(row, ids, {*cohort, *there})
    )
    if problems:
        raise AuthoringError(problems)
    entries = []
    for _, row in rows:
        status, before = cast(Status, row["status"].lower()), there.get(row["id"])
        text = row.get(NOTE, before.note if before else "").removeprefix("'")
        if status and (before is None or (before.status, before.note) != (status, text)):
            was = before.status if before else ""
            entries.append(Entry(person=row["id"], status=status, note=text, before=was))
    return tuple(entries)


def note_list(
    connection: Connection, meeting: str, entries: Iterable[Entry], *, by: str, at: datetime
) -> None:
    """Note what a list says."""
    for entry in entries:
        note(
            connection, meeting, entry.person, entry.status,
            text=entry.note, how="csv", by=by, at=at,
        )  # fmt: skip


def _faults(
    row: Mapping[str, str], ids: Mapping[str, int], cohort: Iterable[str]
) -> list[tuple[str, str]]:
    say = messages("attendance")
    checks = (
        (row["id"] in cohort, "id", "stranger"),
        (ids[row["id"]] == 1, "id", "repeated"),
        (row["status"].lower() in ("", *STATUSES), "status", "status"),
    )
    return [
        (field, say(key, value=row[field], known=", ".join(STATUSES)))
        for right, field, key in checks
        if not right
    ]


def written(connection: Connection, meeting: str) -> str:
    """A meeting as a CSV list that ``read_list`` takes back, with everybody of the cohort."""
    found = meetings.require(connection, meeting)
    there = marks(connection, meeting)
    listed = people.listing(connection, cohort=found.cohort)
    # Not an empty set, which would ask for everybody.
    listed += people.listing(connection, ids={"", *there} - {one.id for one in listed}, active=None)
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("id", "nama", "status", NOTE, "susulan", "selesai"))
    for person in listed:
        noted = there.get(person.id)
        done = noted.made_up.isoformat() if noted and noted.made_up else ""
        known = (noted.status, noted.note, noted.makeup, done) if noted else ("",) * 4
        writer.writerow(map(harmless, (person.id, person.name, *known)))
    return text.getvalue()


def summaries(connection: Connection, *, now: datetime, cohort: str = "") -> tuple[Summary, ...]:
    """The attendance of every active participant, or of a cohort, at the meetings that have ended.

    A meeting of the same module that somebody attended with another cohort counts for one of their own.
    """
    ended = {one.id: one for one in meetings.listing(connection) if one.ends <= now}
    known: dict[str, dict[str, Mark]] = {}
    for row in connection.execute(select(attendance)).mappings():
        if row["meeting"] in ended:
            known.setdefault(row["person"], {})[row["meeting"]] = _mark(row)
    listed = people.listing(connection, cohort=cohort)
    return tuple(_summary(person, ended, known.get(person.id, {})) for person in listed)


def _summary(person: Person, ended: Mapping[str, Meeting], noted: Mapping[str, Mark]) -> Summary:
    own = [one for one in ended.values() if one.cohort == person.cohort]
    elsewhere = [
        mark for mark in noted.values()
        if ended[mark.meeting].cohort != person.cohort and mark.status in THERE
    ]  # fmt: skip
    found: list[Mark | None] = []
    for meeting in own:
        mark = noted.get(meeting.id)
        if mark is None or mark.status not in THERE:
            same = [one for one in elsewhere if ended[one.meeting].module == meeting.module]
            if same:
                mark = same[0]
                elsewhere.remove(mark)
        found.append(mark)
    counts = Counter(mark.status if mark else "" for mark in found)
    made_up = [mark for mark in found if mark and mark.status not in THERE and mark.made_up]
    return Summary(
        person=person.id,
        meetings=len(own),
        attended=sum(counts[status] for status in THERE),
        made_up=len(made_up),
        counts=dict(counts),
    )
