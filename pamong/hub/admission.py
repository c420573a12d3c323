"""Who may come in, by the people and passwords that the service knows; nothing of JupyterHub.

Every function opens its own short transaction and may be called in a thread.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pamong.errors import PamongError
from pamong.service import audit, credentials, lockout, login_cards, people
from pamong.service.database import Database
from pamong.service.people import GRADER, Person


class Refused(PamongError):
    """Somebody may not come in; ``reason`` is a key of the catalogue ``hub``."""

    def __init__(self, reason: str, name: str) -> None:
        self.reason = reason
        super().__init__(f"{name!r} was refused: {reason}. See the people and their cards.")


def by_password(
    database: Database, name: str, password: str, address: str, now: datetime
) -> Person:
    """Whoever has this name and password; Refused, after the same work for everybody."""
    with database.reading() as connection:
        waits = lockout.locked(connection, name, address, now)
        person = people.find(connection, name)
        kept = credentials.find(connection, name)
    if waits:
        raise Refused("login.locked", name)
    right = credentials.matches(password, kept) and person is not None and name != GRADER
    if not right:
        _count(database, name, address, now)
        raise Refused("login.wrong", name)
    with database.writing() as connection:
        lockout.passed(connection, name, address)
    return require_active(person, name)


def by_card(
    database: Database, code: str, password: str, again: str, address: str, now: datetime
) -> Person:
    """Whose card this is, who from now on has ``password``; the card is used up. Refused otherwise."""
    with database.reading() as connection:
        # A class shares an address, and a code has no name: only the address is counted.
        waits = lockout.locked(connection, None, address, now)
        name = login_cards.holder(connection, code, now)
    if waits:
        raise Refused("login.locked", "kartu")
    if name is None or name == GRADER:
        _count(database, None, address, now)
        raise Refused("kartu.wrong", "kartu")
    if fault := "sandi.different" if password != again else credentials.fault(password, name):
        raise Refused(fault, name)
    digest = credentials.hashed(password)
    with database.writing() as connection:
        if login_cards.redeem(connection, code, now) is None:
            raise Refused("kartu.wrong", name)
        credentials.keep(connection, name, digest, now)
        audit.record(connection, at=now, who=name, act="card.redeemed", whom=name)
        person = people.find(connection, name)
    return require_active(person, name)


def somebody(database: Database, name: str) -> Person:
    """Somebody by name, whoever has vouched for them; Refused when unknown or no longer active."""
    with database.reading() as connection:
        return require_active(people.find(connection, name), name)


def require_active(person: Person | None, name: str) -> Person:
    """``person`` if they take part; Refused."""
    if person is None:
        raise Refused("login.unknown", name)
    if not person.active:
        raise Refused("login.inactive", name)
    return person


def model(person: Person) -> dict[str, Any]:
    """What JupyterHub is told of somebody: never an administrator, and in exactly these groups."""
    return {"name": person.id, "admin": False, "groups": groups(person)}


def groups(person: Person) -> list[str]:
    """The groups of somebody: their role, and their cohort."""
    if person.id == GRADER:
        return [GRADER]
    return [person.role, *([f"angkatan-{person.cohort}"] if person.cohort else [])]


def _count(database: Database, name: str | None, address: str, now: datetime) -> None:
    with database.writing() as connection:
        lockout.failed(connection, name, address, now)
