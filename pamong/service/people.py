"""Who takes part, as the service knows them: participants from the roster, and staff."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, cast

from sqlalchemy import Connection, RowMapping, select

from pamong.errors import ServiceError
from pamong.service.tables import people, waiting

Role = Literal["peserta", "widyaiswara", "penyelenggara", "pimpinan"]
"""What somebody may do: take part; author, mark and grade; run the programme; read summaries."""
ROLES: tuple[Role, ...] = ("peserta", "widyaiswara", "penyelenggara", "pimpinan")

GRADER = "penilai"
"""Under this id the grading server that staff share asks the service; nobody logs in as it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One row; ``office`` is the one that the roster calls role, empty for staff, as are the rest."""

    id: str
    name: str
    role: Role
    office: str = ""
    region: str = ""
    cohort: str = ""
    superior: str = ""
    zone: str = ""
    nip: str = ""
    active: bool = True
    replaces: str = ""


def find(connection: Connection, id: str) -> Person | None:  # the column's own name
    """Somebody by id, whether active or not; None when nobody has it."""
    row = connection.execute(select(people).where(people.c.id == id)).mappings().first()
    return None if row is None else _person(row)


def require(connection: Connection, id: str, *roles: Role) -> Person:
    """Somebody by id, whether active or not; ServiceError when nobody in these roles has it."""
    person = find(connection, id)
    if person is None or (roles and person.role not in roles):
        raise ServiceError(
            f"Nobody has the id {id}. Look at course/roster.csv, or run `pamong roster import`."
        )
    return person


def listing(
    connection: Connection,
    *,
    ids: Collection[str] = (),
    cohort: str = "",
    region: str = "",
    office: str = "",
    role: Role | None = "peserta",
    active: bool | None = True,
) -> tuple[Person, ...]:
    """Everybody of whom all that is given is true, by id; None asks for any role, or for the inactive too.

    A region is compared without regard to capitals.
    """
    query = select(people).order_by(people.c.id)
    for column, value in ((people.c.cohort, cohort), (people.c.office, office)):
        if value:
            query = query.where(column == value)
    for column, wanted in ((people.c.role, role), (people.c.active, active)):
        if wanted is not None:
            query = query.where(column == wanted)
    chosen, place = frozenset(ids), region.strip().casefold()
    return tuple(
        _person(row)
        for row in connection.execute(query).mappings()
        if (not chosen or row["id"] in chosen) and place in ("", row["region"].casefold())
    )


def add(connection: Connection, person: Person, *, at: datetime | None = None) -> None:
    """Add somebody new."""
    connection.execute(people.insert().values(**_values(person), changed=at or datetime.now(UTC)))


def update(connection: Connection, person: Person, *, at: datetime) -> None:
    """Keep somebody as they are now; who is inactive, or elsewhere, no longer waits for a partner."""
    before = find(connection, person.id)
    its = people.c.id == person.id
    connection.execute(people.update().where(its).values(**_values(person), changed=at))
    if before is not None and (before.cohort, before.active) != (person.cohort, person.active):
        connection.execute(waiting.delete().where(waiting.c.person == person.id))


def _values(person: Person) -> dict[str, object]:
    return {name: getattr(person, name) for name in Person.__dataclass_fields__}


def _person(row: RowMapping) -> Person:
    values = {name: row[name] for name in Person.__dataclass_fields__}
    return Person(**{**values, "role": cast(Role, values["role"])})
