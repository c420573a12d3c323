"""What staff have done: who, when, to whom. Lines are only added, in the act's own transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select

from pamong.service.tables import audit

MOST = 500
"""Lines that one reading returns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One act; ``whom`` is a person's id, or empty; ``what`` never holds an answer or a score."""

    id: int
    at: datetime
    who: str
    act: str
    whom: str
    what: dict[str, Any]


def record(
    connection: Connection, *, at: datetime, who: str, act: str, whom: str = "", **what: object
) -> None:
    """Add one line; ``who`` is a person's id, or ``cli:<account>`` for a command.

    ``what`` may hold moments, days and spans; they are kept as text.
    """
    values = {"at": at, "who": who, "act": act, "whom": whom, "what": _plain(what)}
    connection.execute(audit.insert().values(values))


def read(
    connection: Connection,
    *,
    who: str = "",
    whom: str = "",
    act: str = "",
    before: int | None = None,
    limit: int = 100,
) -> tuple[Line, ...]:
    """The newest lines first, MOST at once; ``before`` an id goes on to older ones.

    ``act`` is a whole act or the beginning of several, as ``extension.``.
    """
    query = select(audit).order_by(audit.c.id.desc()).limit(max(0, min(limit, MOST)))
    for column, value in ((audit.c.who, who), (audit.c.whom, whom)):
        if value:
            query = query.where(column == value)
    if act:
        query = query.where(audit.c.act.startswith(act, autoescape=True))
    if before is not None:
        query = query.where(audit.c.id < before)
    return tuple(Line(**row) for row in connection.execute(query).mappings())


def _plain(value: object) -> Any:
    """``value`` as JSON can hold it."""
    if isinstance(value, dict):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(inner) for inner in value]
    if isinstance(value, datetime):
        return (value.astimezone(UTC) if value.tzinfo else value).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    return value
