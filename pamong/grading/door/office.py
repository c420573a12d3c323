"""Whom staff's commands ask: the service's database where it is at hand, or else the service over HTTP.

Either way the same functions of ``pamong.service.handover`` do it.
"""

from __future__ import annotations

import getpass
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol, TypeVar

from pamong import wire
from pamong.client import Client
from pamong.course import Course
from pamong.errors import ServiceError
from pamong.service import handover
from pamong.service.database import Database

T = TypeVar("T")


class Office(Protocol):
    """What staff can do; raises ServiceError."""

    def release(self, module: str) -> bool: ...

    def unrelease(self, module: str) -> bool: ...

    def released(self) -> Sequence[str]:
        """The modules that participants may have."""
        ...

    def handed_in(self, module: str) -> Sequence[wire.Handed]: ...

    def bundle(self, id: int) -> wire.Bundle: ...

    def publish(self, id: int, notebook: str, page: bytes) -> bool: ...


@dataclass(frozen=True, slots=True)
class Counter:
    """The service's own database, for an account that may write to it; it is audited by that account."""

    course: Course
    database: Database
    who: str = field(default_factory=lambda: f"cli:{getpass.getuser()}")
    clock: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))

    def release(self, module: str) -> bool:
        with self.database.writing() as connection:
            return handover.release(connection, self.course, module, by=self.who, at=self.clock())

    def unrelease(self, module: str) -> bool:
        with self.database.writing() as connection:
            return handover.unrelease(connection, module, by=self.who, at=self.clock())

    def released(self) -> Sequence[str]:
        with self.database.reading() as connection:
            return sorted(handover.released(connection))

    def handed_in(self, module: str) -> Sequence[wire.Handed]:
        with self.database.reading() as connection:
            return handover.handed_in(connection, module)

    def bundle(self, id: int) -> wire.Bundle:
        with self.database.reading() as connection:
            return _there(handover.bundle(connection, id), id)

    def publish(self, id: int, notebook: str, page: bytes) -> bool:
        with self.database.writing() as connection:
            return _there(
                handover.publish(connection, id, notebook, page, by=self.who, at=self.clock()),
                id,
            )


def find(course: Course) -> Office | None:
    """The service of a course; None where there is none, and nbgrader's folder is the exchange.

    Where this account may write to the service's database, it is that; else the service, asked with
    one's token of the hub.
    """
    if course.may_write_service:
        return Counter(course, Database(course.service_url))
    return Client.from_environment()


def _there(found: T | None, id: int) -> T:
    if found is None:
        raise ServiceError(f"There is no submission {id}.")
    return found
