"""Roster and staff list brought into the table of people: first what would change, then exactly that.

Nobody is ever deleted: who is in the file no more becomes inactive, and is found again if they return.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from pathlib import Path
from typing import cast

from sqlalchemy import Connection

from pamong import durable
from pamong.catalogue import messages
from pamong.course import Course
from pamong.errors import AuthoringError, Problem, ServiceError
from pamong.roster import ID, Participant, Roster, ids_in, read_rows, written
from pamong.service import audit, people
from pamong.service.people import ROLES, Person, Role

STAFF: tuple[Role, ...] = ROLES[1:]
STAFF_COLUMNS = ("id", "name", "role")
_PRIVATE = ("name", "nip")
"""What lines of audit do not repeat: who asks looks it up, unless it was deleted."""
_ACTS = {
    "new": "person.added",
    "changed": "person.changed",
    "moved": "person.moved",
    "returned": "person.returned",
    "removed": "person.removed",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What becomes of one person: new, changed, moved to another cohort, returned, or removed."""

    sort: str
    after: Person
    before: Person | None = None

    @property
    def changes(self) -> dict[str, tuple[str, str]]:
        """What differs, field by field; nothing for who is new."""
        if self.before is None:
            return {}
        pairs = {
            field.name: (getattr(self.before, field.name), getattr(self.after, field.name))
            for field in fields(Person)
            if field.name != "active"
        }
        return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}

    def __str__(self) -> str:
        """The step in one line."""
        what = ", ".join(f"{name} {a or '–'} → {b or '–'}" for name, (a, b) in self.changes.items())
        place = self.after.cohort or self.after.role
        return f"{self.sort}  {self.after.id}  {self.after.name}, {place}" + (what and f"  {what}")


@dataclass(frozen=True, slots=True)
class Plan:
    """Every step, in the order of the file and then of those who left it; ``same`` are as they were."""

    steps: tuple[Step, ...]
    same: int

    def __str__(self) -> str:
        """How many of each, in one line."""
        counts = Counter(step.sort for step in self.steps)
        told = ", ".join(f"{counts[sort]} {sort}" for sort in _ACTS)
        return f"{told}, {self.same} as they were."


def plan_roster(connection: Connection, roster: Roster) -> Plan:
    """What a roster would change; ServiceError names the ids that belong to staff."""
    wanted = [person_of(participant) for participant in roster.participants]
    return _plan(connection, wanted, ("peserta",))


def plan_staff(connection: Connection, staff: Iterable[Person]) -> Plan:
    """What a staff list would change; ServiceError when nobody would be left to run the programme."""
    wanted = tuple(staff)
    if not any(person.role == "penyelenggara" for person in wanted):
        raise ServiceError(
            "The list holds no penyelenggara: nobody could run the programme. Add one to it."
        )
    return _plan(connection, wanted, STAFF)


def _plan(connection: Connection, wanted: Iterable[Person], roles: tuple[Role, ...]) -> Plan:
    there = {person.id: person for person in people.listing(connection, role=None, active=None)}
    steps, same, named = [], 0, set()
    for person in wanted:
        named.add(person.id)
        before = there.get(person.id)
        if before is None:
            steps.append(Step(sort="new", after=person))
            continue
        if before.role not in roles:
            raise ServiceError(
                f"{person.id} is the id of {before.name}, {before.role}. Give one of them another id."
            )
        after = replace(person, replaces=before.replaces, cohort=person.cohort or before.cohort)
        if after == before:
            same += 1
        else:
            steps.append(Step(sort=_sort(before, after), before=before, after=after))
    gone = (
        Step(sort="removed", before=person, after=replace(person, active=False))
        for person in there.values()
        if person.role in roles and person.active and person.id not in named | {people.GRADER}
    )
    return Plan((*steps, *gone), same)


def _sort(before: Person, after: Person) -> str:
    if not before.active:
        return "returned"
    return "moved" if before.cohort != after.cohort else "changed"


def apply(connection: Connection, plan: Plan, *, by: str, at: datetime) -> None:
    """Do what a plan says that was made in the same transaction, every step with its line of audit."""
    for step in plan.steps:
        if step.before is None:
            people.add(connection, step.after, at=at)
        else:
            people.update(connection, step.after, at=at)
        changes = {
            name: {} if name in _PRIVATE else {"from": a, "to": b}
            for name, (a, b) in step.changes.items()
        }
        about = {"cohort": step.after.cohort} if step.after.cohort else {"role": step.after.role}
        audit.record(
            connection, at=at, who=by, act=_ACTS[step.sort], whom=step.after.id,
            **about, changes=changes,
        )  # fmt: skip


def person_of(participant: Participant) -> Person:
    """A line of the roster as a person."""
    return Person(
        id=participant.id,
        name=participant.name,
        role="peserta",
        office=participant.role,
        region=participant.region,
        cohort=participant.cohort,
        superior=participant.superior,
        zone=participant.zone,
        nip=participant.nip,
    )


def read_staff(path: Path) -> tuple[Person, ...]:
    """The staff in a CSV file (comma or semicolon; id, name, role); AuthoringError lists every wrong line."""
    found = [
        (line, Person(id=row["id"], name=row["name"], role=cast(Role, row["role"].lower())))
        for line, row in read_rows(path, STAFF_COLUMNS)
    ]
    ids = Counter(person.id for _, person in found)
    problems = tuple(
        Problem(path, line, 1, field, message)
        for line, person in found
        for field, message in _faults(person, ids)
    )
    if problems:
        raise AuthoringError(problems)
    return tuple(person for _, person in found)


def require_staff(person: Person) -> Person:
    """Somebody as staff; ServiceError says what is wrong with id, name or role."""
    if faults := list(_faults(person, {person.id: 1})):
        raise ServiceError("; ".join(f"{field}: {message}" for field, message in faults))
    return person


def _faults(person: Person, ids: Mapping[str, int]) -> Iterator[tuple[str, str]]:
    say = messages("roster")
    if not ID.fullmatch(person.id):
        yield "id", say("id", id=person.id)
    if ids[person.id] > 1:
        yield "id", say("repeated", id=person.id)
    if not person.name:
        yield "name", say("empty", field="name")
    if person.role not in STAFF:
        yield "role", say("choice", value=person.role, known=", ".join(STAFF))


def add_staff(connection: Connection, person: Person, *, by: str, at: datetime) -> Step | None:
    """Add one of the staff, or change name and role of one; None when nothing changes.

    ServiceError when the id is a participant's, or anything is wrong with it.
    """
    before = people.find(connection, require_staff(person).id)
    if before is not None and before.role == "peserta":
        raise ServiceError(f"{before.id} is the id of {before.name}, peserta. Choose another one.")
    if before is not None:
        person = replace(before, name=person.name, role=person.role, active=True)
    if before == person:
        return None
    if person.role != "penyelenggara":
        _require_another(connection, person.id)
    sort = "new" if before is None else _sort(before, person)
    step = Step(sort=sort, before=before, after=person)
    apply(connection, Plan((step,), 0), by=by, at=at)
    return step


def remove_staff(connection: Connection, id: str, *, by: str, at: datetime) -> Step:
    """Let one of the staff in no more; ServiceError for the last one who runs the programme."""
    person = people.require(connection, id, *STAFF)
    _require_another(connection, id)
    step = Step(sort="removed", before=person, after=replace(person, active=False))
    if person.active:
        apply(connection, Plan((step,), 0), by=by, at=at)
    return step


def _require_another(connection: Connection, id: str) -> None:
    running = people.listing(connection, role="penyelenggara")
    if [one.id for one in running] == [id]:
        raise ServiceError(f"{id} is the last penyelenggara. Add another one first.")


def keep_roster(connection: Connection, course: Course, *, gone: str = "") -> None:
    """Write course/roster.csv, on which grading and reports rest, as the table of people is now.

    Columns that only the file has keep their values. Called last in a transaction, so that what cannot
    be written undoes it. ServiceError when the file lists people that were never imported, but for one
    who is ``gone`` from the table.
    """
    everybody = people.listing(connection, role=None, active=None)
    active = [person for person in everybody if person.role == "peserta" and person.active]
    before = course.roster.read_text(encoding="utf-8-sig") if course.roster.exists() else ""
    known = {gone, *(person.id for person in everybody)}
    if strangers := [id for id in ids_in(before) if id not in known]:
        raise ServiceError(
            f"{course.roster} lists {', '.join(strangers[:5])}, whom nobody has imported. Run "
            "`pamong roster import` first, then this again."
        )
    ids = {person.id for person in active}
    listed = (replace(one, superior=one.superior * (one.superior in ids)) for one in active)
    put_roster(course, written(Roster(tuple(map(participant_of, listed))), before).encode())


def put_roster(course: Course, content: bytes) -> None:
    """Let course/roster.csv be these bytes, whole or not at all; ServiceError when it cannot be."""
    draft = course.roster.with_name(f".{course.roster.name}.new")
    try:
        with draft.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(course.roster)
        durable.sync(course.folder)
    except OSError as error:
        raise ServiceError(
            f"{course.roster} cannot be written ({error.strerror}). Nothing was changed. Make room, or "
            "give this account the rights, then try again."
        ) from error


def participant_of(person: Person) -> Participant:
    """A participant as a line of the roster."""
    return Participant(
        id=person.id,
        name=person.name,
        role=person.office,
        region=person.region,
        cohort=person.cohort,
        superior=person.superior,
        zone=person.zone,
        nip=person.nip,
    )
