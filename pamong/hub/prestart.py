"""Servers started before a class begins, so that nobody waits for theirs in it."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from urllib.parse import quote

from sqlalchemy import Connection, select

from pamong.errors import ServiceError
from pamong.hub.settings import Settings
from pamong.hub.tokens import tokens
from pamong.programme import Programme
from pamong.service import schedule
from pamong.service.tables import people

PATIENCE = 60.0
"""Seconds for one request."""
_THERE = (HTTPStatus.CREATED, HTTPStatus.ACCEPTED, HTTPStatus.CONFLICT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How many servers were asked for, ran already, and were refused (ids)."""

    asked: int
    running: int
    refused: tuple[str, ...]

    def __str__(self) -> str:
        told = f"{self.asked} servers starting, {self.running} already running"
        return told + (
            f", {len(self.refused)} refused: {', '.join(self.refused)}" if self.refused else ""
        )


def soon(
    connection: Connection, programme: Programme, now: datetime, ahead: timedelta
) -> tuple[str, ...]:
    """The cohorts of which a class starts within ``ahead`` from now."""
    calendar = schedule.calendar(connection, programme)
    starts = {
        cohort
        for (cohort, _), window in calendar.items()
        if window.class_starts is not None and now <= window.class_starts <= now + ahead
    }
    return tuple(cohort.id for cohort in programme.cohorts if cohort.id in starts)


def members(connection: Connection, cohorts: Iterable[str]) -> tuple[str, ...]:
    """Everybody who takes part in these cohorts, by id."""
    query = select(people.c.id).where(
        people.c.cohort.in_(list(cohorts)), people.c.active, people.c.role == "peserta"
    )
    return tuple(connection.execute(query.order_by(people.c.id)).scalars())


def start(
    settings: Settings, ids: Iterable[str], step: Callable[[int], None] = lambda _: None
) -> Outcome:
    """Ask the hub for a server for each; ServiceError when it does not answer.

    The hub starts a few at a time; those that wait are started in turn.
    """
    token, asked, running, refused = tokens(settings.state)["operator"], 0, 0, list[str]()
    for count, name in enumerate(ids, start=1):
        url = f"{settings.hub_api}/users/{quote(name)}"
        made = _ask(url, token)
        status = _ask(f"{url}/server", token) if made in _THERE else made
        if status in (HTTPStatus.CREATED, HTTPStatus.ACCEPTED):
            asked += 1
        elif status == HTTPStatus.BAD_REQUEST:
            running += 1
        else:
            refused.append(name)
        step(count)
    return Outcome(asked=asked, running=running, refused=tuple(refused))


def _ask(url: str, token: str) -> int:
    headers = {"Authorization": f"token {token}", "Content-Type": "application/json"}
    request = urllib.request.Request(  # noqa: S310  # loopback
        url, data=json.dumps({}).encode(), headers=headers, method="POST"
    )
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except (urllib.error.URLError, OSError) as error:
        raise ServiceError(f"{url} does not answer ({error}). Start the hub first.") from error
