"""Every address below ``pamong/staff/`` but that of the board, and where a code on a screen leads to."""

from __future__ import annotations

from pamong.light.request import Route
from pamong.service.desk import calendar, overview, persons, presence, reports

routes: list[Route] = [
    *overview.routes,
    *persons.routes,
    *calendar.routes,
    *presence.routes,
    *reports.routes,
]
