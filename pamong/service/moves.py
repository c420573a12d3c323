"""What happens to people mid-course: one takes over another's place, changes cohort, or gets another office.

Answers, receipts and grades stay with the person who made them. Call ``enrolling.keep_roster`` last in
the same transaction: grading and reports read the file.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, select

from pamong.errors import ServiceError
from pamong.programme import Programme
from pamong.roster import ID, NIP_PATTERN
from pamong.service import audit, people
from pamong.service.people import Person
from pamong.service.tables import people as table


def take_over(
    connection: Connection,
    old: str,
    new: str,
    name: str,
    *,
    nip: str = "",
    zone: str | None = None,
    by: str,
    at: datetime,
) -> Person:
    """Let somebody new take the place of a participant: same office, region, cohort and superior.

    They begin with empty logs; the other becomes inactive, with everything kept. Whoever had the other
    as superior has the new one. ServiceError when the place is not taken or the new id is.
    """
    before = _participant(connection, old)
    _require_new(connection, new, name, nip)
    person = replace(
        before, id=new, name=name, nip=nip, zone=before.zone if zone is None else zone, replaces=old
    )
    people.add(connection, person, at=at)
    people.update(connection, replace(before, active=False), at=at)
    below = connection.execute(select(table.c.id).where(table.c.superior == old)).scalars().all()
    for id in below:
        subordinate = people.require(connection, id)
        people.update(connection, replace(subordinate, superior=new), at=at)
    for whom, act in ((old, "person.replaced"), (new, "person.took_over")):
        audit.record(
            connection, at=at, who=by, act=act, whom=whom, old=old, new=new, subordinates=len(below)
        )
    return person


def change_cohort(
    connection: Connection, programme: Programme, id: str, cohort: str, *, by: str, at: datetime
) -> Person:
    """Move a participant to another cohort: their work stays, the times are those of the new one.

    ServiceError when the programme has no such cohort.
    """
    before = _participant(connection, id)
    known = [one.id for one in programme.cohorts]
    if cohort not in known:
        raise ServiceError(f"There is no cohort {cohort}. There are: {', '.join(known)}.")
    return _changed(connection, before, replace(before, cohort=cohort), "person.moved", by, at)


def rotate(
    connection: Connection,
    programme: Programme,
    id: str,
    *,
    office: str | None = None,
    region: str | None = None,
    superior: str | None = None,
    by: str,
    at: datetime,
) -> Person:
    """Give a participant another office, region or superior; None leaves each as it is.

    Cases that differ by office stay those that they have begun. ServiceError for an unknown office, or
    a superior who is nobody, inactive, or stands below them.
    """
    before = _participant(connection, id)
    given = {"office": office, "region": region, "superior": superior}
    after = replace(before, **{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]  # all are texts
    if after.office not in programme.roles:
        known = ", ".join(programme.roles)
        raise ServiceError(f"There is no office {after.office}. There are: {known}.")
    if not after.region.strip():
        raise ServiceError("The region is empty. Name one.")
    _require_superior(connection, after)
    return _changed(connection, before, after, "person.rotated", by, at)


def _changed(
    connection: Connection, before: Person, after: Person, act: str, by: str, at: datetime
) -> Person:
    if after == before:
        return before
    people.update(connection, after, at=at)
    changes = {
        name: {"from": getattr(before, name), "to": getattr(after, name)}
        for name in ("cohort", "office", "region", "superior")
        if getattr(before, name) != getattr(after, name)
    }
    audit.record(connection, at=at, who=by, act=act, whom=after.id, changes=changes)
    return after


def _participant(connection: Connection, id: str) -> Person:
    person = people.require(connection, id, "peserta")
    if not person.active:
        raise ServiceError(f"{id} takes part no more. Choose somebody who does.")
    return person


def _require_new(connection: Connection, id: str, name: str, nip: str) -> None:
    if not ID.fullmatch(id):
        raise ServiceError(
            f"{id!r} cannot be an id: small letters, digits, dots and hyphens, 32 at most."
        )
    if people.find(connection, id) is not None:
        raise ServiceError(f"{id} is somebody's id already. Choose another one.")
    if not name.strip():
        raise ServiceError("The name is empty. Give the name of who takes over.")
    if not NIP_PATTERN.fullmatch(nip):
        raise ServiceError(f"{nip!r} is no NIP of 18 digits. Correct it, or leave it out.")


def _require_superior(connection: Connection, person: Person) -> None:
    seen, current = {person.id}, person.superior
    while current:
        if current in seen:
            raise ServiceError(
                f"{person.superior} stands below {person.id}, or is the same person."
            )
        seen.add(current)
        above = people.find(connection, current)
        if above is None or (current == person.superior and not above.active):
            raise ServiceError(f"The superior {current} takes no part. Choose somebody who does.")
        current = above.superior
