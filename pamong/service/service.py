"""What every request to the service stands on: the course, the database, and the clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from pamong.course import Course
from pamong.service.database import Database


@dataclass(frozen=True, kw_only=True)
class Service:
    """One programme as the service runs it; handlers find it in ``settings["service"]``."""

    course: Course
    database: Database
    clock: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))

    @classmethod
    def open(cls, course: Course) -> Service:
        """The service of a course over its database, brought up to date; ServiceError."""
        return cls._over(course, course.service_url)

    @classmethod
    def passing(cls, course: Course) -> Service:
        """A service that holds nothing and leaves nothing behind: for a look where there is none."""
        return cls._over(course, "sqlite://")

    @classmethod
    def _over(cls, course: Course, url: str) -> Service:
        database = Database(url)
        database.upgrade()
        return cls(course=course, database=database)
