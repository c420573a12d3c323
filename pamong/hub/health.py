"""Is the hub well? Its database, the service and the disk, for whoever watches the machine.

``/hub/sehat`` answers 200, or 503 with what is wrong, and tells nothing else; no login.
"""

from __future__ import annotations

import asyncio
import json
import shutil
from typing import Any

from sqlalchemy import text
from tornado.httpclient import AsyncHTTPClient, HTTPError
from tornado.web import RequestHandler

from pamong.errors import PamongError
from pamong.hub.settings import Settings
from pamong.service.database import Database

SPACE = 1 << 30
"""Bytes that should be free on the disk."""
PATIENCE = 5.0
"""Seconds to wait for the service."""


class Health(RequestHandler):
    """The answers to three questions, ``ok`` or not."""

    of: Settings
    database: Database

    async def get(self) -> None:
        told = await examine(self.of, self.database)
        well = all(value == "ok" for value in told.values())
        self.set_status(200 if well else 503)
        self.set_header("Content-Type", "application/json")
        self.set_header("Cache-Control", "no-store")
        self.finish(json.dumps({"well": well, **told}))


def handler(settings: Settings, database: Database) -> type[Health]:
    """The page of one hub; a class, since JupyterHub copies whatever else a configuration holds."""
    return type("HubHealth", (Health,), {"of": settings, "database": database})


async def examine(settings: Settings, database: Database) -> dict[str, Any]:
    """Each part with ``ok`` or what ails it."""
    return {
        "database": await asyncio.to_thread(_database, database),
        "service": await _service(settings),
        "disk": "ok" if shutil.disk_usage(settings.root).free >= SPACE else "nearly full",
    }


def _database(database: Database) -> str:
    try:
        with database.reading() as connection:
            connection.execute(text("select 1"))
    except PamongError:
        return "does not answer"
    return "ok"


async def _service(settings: Settings) -> str:
    url = f"http://127.0.0.1:{settings.service_port}/services/pamong/"
    try:
        await AsyncHTTPClient().fetch(url, request_timeout=PATIENCE, follow_redirects=False)
    except HTTPError as error:
        return "ok" if error.code in (302, 401, 403) else "does not answer"
    except OSError:
        return "does not answer"
    return "ok"
