"""Every operation of the API, and the routes that are made of them."""

from __future__ import annotations

from typing import Any

from pamong.service.api import participant, staff
from pamong.service.api.description import describe
from pamong.service.api.handler import routes_of
from pamong.service.api.operation import Call, Operation


def description(_: Call) -> dict[str, Any]:
    """The description of the API itself."""
    return describe(OPERATIONS)


OPERATIONS = (
    *participant.OPERATIONS,
    *staff.OPERATIONS,
    Operation(
        method="get",
        path="openapi.json",
        summary="This description",
        does=description,
        gives=dict[str, Any],
    ),
)
routes = routes_of(OPERATIONS)
