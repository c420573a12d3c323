"""Meetings of a cohort, and the code on the screen by which people say that they are there.

The code changes every STEP seconds and is made from the meeting's secret, which never leaves the service.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, RowMapping, select

from pamong.errors import ServiceError
from pamong.programme import Programme
from pamong.service import audit
from pamong.service.tables import attendance, meetings

STEP = 30
"""Seconds for which one code is shown."""
STEPS = 2
"""So many codes are valid at once: the one on the screen, and the one before, which somebody just read."""
CODE_LENGTH = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """One meeting of a cohort; the secret of its code is not part of it."""

    id: str
    cohort: str
    module: str
    title: str
    starts: datetime
    ends: datetime


def plan(
    connection: Connection,
    programme: Programme,
    *,
    cohort: str,
    module: str,
    title: str,
    starts: datetime,
    ends: datetime,
    by: str,
    at: datetime,
) -> Meeting:
    """Plan one meeting; ServiceError for an unknown cohort or module, or an end before its start.

    The same cohort, module and start are the same meeting: its title and end are changed.
    """
    _check(programme, cohort, module, title, starts, ends)
    place = (meetings.c.cohort == cohort) & (meetings.c.module == module)
    found = connection.execute(select(meetings).where(place, meetings.c.starts == starts))
    row = found.mappings().first()
    id = row["id"] if row else secrets.token_hex(6)
    if row is None:
        values = {"cohort": cohort, "module": module, "starts": starts}
        made = secrets.token_hex(32)
        connection.execute(
            meetings.insert().values(id=id, title=title, ends=ends, secret=made, **values)
        )
    else:
        its = meetings.c.id == id
        connection.execute(meetings.update().where(its).values(title=title, ends=ends))
    meeting = Meeting(id=id, cohort=cohort, module=module, title=title, starts=starts, ends=ends)
    if row is None or _meeting(row) != meeting:
        audit.record(
            connection, at=at, who=by, act="meeting.planned", meeting=id, cohort=cohort,
            module=module, title=title, starts=starts, ends=ends,
        )  # fmt: skip
    return meeting


def _check(
    programme: Programme, cohort: str, module: str, title: str, starts: datetime, ends: datetime
) -> None:
    cohorts = [one.id for one in programme.cohorts]
    modules = ["", *(one.id for one in programme.modules)]
    if cohort not in cohorts:
        raise ServiceError(f"There is no cohort {cohort}. There are: {', '.join(cohorts)}.")
    if module not in modules:
        known = ", ".join(filter(None, modules))
        raise ServiceError(f"There is no module {module}. There are: {known}.")
    if not title.strip():
        raise ServiceError("The meeting has no title. Give it one.")
    if ends <= starts:
        raise ServiceError("The meeting ends before it starts. Correct its times.")


def cancel(connection: Connection, meeting: str, *, by: str, at: datetime) -> None:
    """Delete a meeting at which nobody was noted; ServiceError when somebody was."""
    found = require(connection, meeting)
    noted = select(attendance.c.person).where(attendance.c.meeting == meeting)
    if connection.execute(noted).first():
        raise ServiceError(
            f"Somebody is noted at {found.title}: it stays. Plan another one if it was put off."
        )
    connection.execute(meetings.delete().where(meetings.c.id == meeting))
    audit.record(
        connection, at=at, who=by, act="meeting.cancelled", meeting=meeting, cohort=found.cohort
    )


def listing(connection: Connection, *, cohort: str = "", module: str = "") -> tuple[Meeting, ...]:
    """Every meeting, or of a cohort or module, by start."""
    query = select(meetings).order_by(meetings.c.starts, meetings.c.cohort)
    for column, value in ((meetings.c.cohort, cohort), (meetings.c.module, module)):
        if value:
            query = query.where(column == value)
    return tuple(_meeting(row) for row in connection.execute(query).mappings())


def find(connection: Connection, meeting: str) -> Meeting | None:
    """A meeting by id; None when there is none."""
    row = connection.execute(select(meetings).where(meetings.c.id == meeting)).mappings().first()
    return None if row is None else _meeting(row)


def require(connection: Connection, meeting: str) -> Meeting:
    """A meeting by id; ServiceError when there is none."""
    found = find(connection, meeting)
    if found is None:
        raise ServiceError(f"There is no meeting {meeting}. Run `pamong attendance show`.")
    return found


def _meeting(row: RowMapping) -> Meeting:
    return Meeting(**{name: row[name] for name in Meeting.__dataclass_fields__})


def code(secret: str, now: datetime) -> str:
    """The code that a secret gives at a moment."""
    return _code(secret, int(now.timestamp()) // STEP)


def valid(secret: str, given: str, now: datetime) -> bool:
    """Whether a code is one of the last STEPS; every one of them takes the same time to compare."""
    step = int(now.timestamp()) // STEP
    found = [
        hmac.compare_digest(_code(secret, step - back).encode(), given.encode("utf-8", "replace"))
        for back in range(STEPS)
    ]
    return any(found)


def changes_in(now: datetime) -> float:
    """Seconds until the code changes."""
    return STEP - now.timestamp() % STEP


def _code(secret: str, step: int) -> str:
    digest = hmac.digest(bytes.fromhex(secret), step.to_bytes(8, "big"), hashlib.sha256)
    return digest.hex()[:CODE_LENGTH]


def secret(connection: Connection, meeting: str) -> str:
    """What the codes of a meeting are made from, for the service alone; ServiceError without the meeting."""
    require(connection, meeting)
    query = select(meetings.c.secret).where(meetings.c.id == meeting)
    return str(connection.execute(query).scalar_one())
