"""The service as a tornado application: the areas' pages, our static files, health, and login's way back."""

from __future__ import annotations

import asyncio
import hmac
import logging
import os
from typing import Any, cast

from tornado import web

from pamong.errors import ServiceError
from pamong.light import home
from pamong.light import routes as light
from pamong.light.request import EXCHANGE, Route, mounted
from pamong.service import handover
from pamong.service.api import routes as api
from pamong.service.board import routes as board
from pamong.service.desk import routes as desk
from pamong.service.ground import Asked, Callback, Ground, Known, Seen
from pamong.service.rooms.pages import routes as rooms
from pamong.service.service import Service
from pamong.view import files

BODY_LIMIT = 32 * 1024 * 1024
"""Bytes of the largest request; light pages take far less (``pamong.light.request``)."""
log = logging.getLogger(__name__)
_COOKIES = b"pamong: cookies of the service, 1"
"""So that a page that was open goes on over a restart; raise the number to end every login."""


class Front(Seen):
    """The home page of participants; staff have a desk of their own."""

    pool = EXCHANGE

    @web.authenticated
    async def get(self) -> None:
        if self.person.role == "peserta":
            await home.welcome(self)
        else:
            self.redirect(f"{self.frame.home}staff/")


class Health(web.RequestHandler):
    """Whether the database answers, for whoever watches; says nothing about anybody."""

    async def get(self) -> None:
        service: Service = self.settings["service"]
        content = await asyncio.to_thread(_health, service)
        self.set_status(200 if content["database"] else 503)
        self.set_header("Cache-Control", "no-store")
        self.finish(content)


def _health(service: Service) -> dict[str, Any]:
    try:
        with service.database.reading() as connection:
            modules = len(handover.released(connection))
    except ServiceError:
        return {"status": "down", "database": False}
    return {"status": "up", "database": True, "modules": modules}


def areas() -> tuple[Route, ...]:
    """Every area's routes, those of the light pages last: they end in one for whatever is left."""
    return (
        (r"pamong/", Front),
        *api.routes,
        *board.routes,
        *desk.routes,
        *rooms,
        *light.ROUTES,
    )


def application(
    service: Service, *, ground: type[Known] = Ground, prefix: str = "/services/pamong/"
) -> web.Application:
    """The service below ``prefix``; ``ground`` says who asks."""
    base = prefix.removesuffix("pamong/")
    if base == prefix:
        raise ServiceError(f"The hub must name the service “pamong”, not {prefix.strip('/')!r}.")
    pages = mounted(areas(), ground, lambda asked: cast("Asked", asked).pages)
    routes: list[Any] = [
        *files.routes(base),
        (rf"{prefix}health", Health),
        (rf"{prefix}oauth_callback", Callback),
        *((f"{base}{path}", visit) for path, visit in pages),
    ]
    return web.Application(
        routes,
        service=service,
        under_way=set(),  # requests that are being answered
        base_url=base,
        hub_prefix=_hub(),
        cookie_secret=hmac.digest(service.course.secret(), _COOKIES, "sha256"),
        xsrf_cookies=True,
        compress_response=True,
        log_function=_note,
    )


def _hub() -> str:
    """Where JupyterHub's own pages begin; empty where nothing says that there is a hub."""
    if not os.environ.get("JUPYTERHUB_API_TOKEN"):
        return ""
    return f"{os.environ.get('JUPYTERHUB_BASE_URL', '/')}hub/"


def _note(asked: web.RequestHandler) -> None:
    """One line about a request, without what stands behind its path: that may be a login's code."""
    person = getattr(asked, "_person", None)
    fields = {
        "method": asked.request.method,
        "path": asked.request.path,
        "status": asked.get_status(),
        "ms": round(1000 * asked.request.request_time(), 1),
        "who": person.id if person else "",
    }
    level = logging.ERROR if asked.get_status() >= 500 else logging.INFO
    log.log(level, "request", extra={"fields": fields})
