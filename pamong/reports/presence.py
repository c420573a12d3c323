"""Who was at the meetings, as plain values: the one place where reports ask the service's database."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from pamong.course import Course
from pamong.errors import ServiceError
from pamong.reports.facts import Attendance


def read(course: Course, known: Collection[str], now: datetime) -> tuple[Attendance, ...] | None:
    """The attendance of ``known`` people at the meetings that have ended by ``now``.

    Empty where there is no service or no meeting; None where its database cannot be read.
    """
    if not course.has_service:
        return ()
    from pamong.service import attendance  # noqa: PLC0415  # a course without a service needs none
    from pamong.service.database import Database  # noqa: PLC0415

    database = Database(course.service_url)
    try:
        with database.reading() as connection:
            found = attendance.summaries(connection, now=now)
    except ServiceError:
        return None
    finally:
        database.close()
    return tuple(
        Attendance(
            participant=it.person, meetings=it.meetings, attended=it.attended, made_up=it.made_up
        )
        for it in sorted(found, key=lambda it: it.person)
        if it.person in known and it.meetings
    )
