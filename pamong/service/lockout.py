"""Too many failed logins: somebody at an address, or an address altogether, has to wait.

Others are not kept out by it: a person at another address may go on.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from pamong.service.tables import login_failures

PAUSE = timedelta(minutes=5)
"""From the last failure on."""
AT_ADDRESS, ADDRESS = 5, 150
"""Failures of one person at one address, and of one address; a class shares one."""


def locked(connection: Connection, name: str | None, address: str, now: datetime) -> bool:
    """Whether ``name``, or anybody when it is None, must not even be tried from ``address`` now."""
    limits = _limits(name, address)
    query = select(login_failures.c.key, login_failures.c.count).where(
        login_failures.c.key.in_(limits), login_failures.c.since > now - PAUSE
    )
    return any(count >= limits[key] for key, count in connection.execute(query))


def failed(connection: Connection, name: str | None, address: str, now: datetime) -> None:
    """Count one more failure, and forget what lies further back than a pause.

    Without a name (a code that nobody has) only the address counts. Many may fail at the same moment.
    """
    connection.execute(delete(login_failures).where(login_failures.c.since <= now - PAUSE))
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    for key in _limits(name, address):
        row = dialect.insert(login_failures).values(key=key, count=1, since=now)
        more = {"count": login_failures.c.count + 1, "since": now}
        connection.execute(row.on_conflict_do_update(index_elements=["key"], set_=more))


def passed(connection: Connection, name: str, address: str) -> None:
    """Forget the failures of somebody at an address; those of the address stay."""
    connection.execute(delete(login_failures).where(login_failures.c.key == _own(name, address)))


def _limits(name: str | None, address: str) -> dict[str, int]:
    """How many failures each key may have; one's own is counted first, always, against deadlocks."""
    own = {} if name is None else {_own(name, address): AT_ADDRESS}
    return {**own, f"@{address[:64]}": ADDRESS}


def _own(name: str, address: str) -> str:
    return f"{name[:64]}@{address[:64]}"
