"""What every request for a participant's page has in common: who asks, which host, what a failure looks like.

The classes stand on tornado alone; ``mounted`` puts them on the base of a server (jupyter_server's,
or the hub service's), which says who is logged in. Nothing that goes wrong shows a traceback or
English: a page gets a plain page, a message gets a plain sentence.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextvars import copy_context
from datetime import UTC, datetime
from typing import Any, ClassVar, ParamSpec, TypeVar

from tornado import web

from pamong.catalogue import messages, speaking
from pamong.light.host import Host, NotOpen, NotThere
from pamong.light.moment import Clock
from pamong.light.pages import Frame, render

log = logging.getLogger(__name__)

Route = tuple[str, type["Visit"]]
Hosts = Callable[[web.RequestHandler], Host | None]
"""Gives the host of whoever asks; None when they take part in nothing here."""
POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'self'",
    ]
)
NAME = r"([a-z0-9][a-z0-9-]{0,63})"
"""A module or an exercise in an address."""
BODY_LIMIT = 256 * 1024
"""Bytes of one message."""
_ANSWERS = ThreadPoolExecutor(max_workers=32, thread_name_prefix="pamong")
EXCHANGE = ThreadPoolExecutor(max_workers=16, thread_name_prefix="pamong-exchange")
"""For whatever looks at the exchange: one that hangs must not hold the threads that save answers."""
P = ParamSpec("P")
T = TypeVar("T")


class NotAllowed(web.HTTPError):
    """Whoever asks is logged in and may not have this; 403, which logging in again does not change."""

    def __init__(self, reason: str) -> None:
        super().__init__(403, reason)


class Visit(web.RequestHandler):
    """One request by a participant who is logged in."""

    hosts: Hosts
    pool: ClassVar[Executor] = _ANSWERS
    limit: ClassVar[int] = BODY_LIMIT
    _host: Host | None = None

    async def prepare(self) -> None:
        if (waited := super().prepare()) is not None:
            await waited
        if not self._finished and len(self.request.body) > self.limit:
            raise web.HTTPError(413)

    @property
    def content_security_policy(self) -> str:
        return POLICY

    def set_default_headers(self) -> None:
        super().set_default_headers()
        self.set_header("Content-Security-Policy", POLICY)
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Referrer-Policy", "same-origin")
        self.set_header("Cache-Control", "private, no-cache")

    @property
    def host(self) -> Host:
        """The participant's own; NotThere when they take part in nothing here."""
        if self._host is None:
            self._host = self.hosts(self)
        if self._host is None:
            raise NotThere("enrolment")
        return self._host

    @property
    def frame(self) -> Frame:
        """What stands around every page."""
        base, hub = self.settings.get("base_url", "/"), self.settings.get("hub_prefix", "")
        # jupyter_server under a hub knows one, too, and opens its notebooks by itself
        hub = "" if "serverapp" in self.settings else hub
        try:
            return Frame(base=base, enrolment=self.host.enrolment, hub=hub)
        except Exception:  # noqa: BLE001  # an error page must be drawn even so
            return Frame(base=base, hub=hub)

    @property
    def language(self) -> str:
        enrolment = self.frame.enrolment
        return enrolment.language if enrolment else ""

    async def away(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do what reads, writes or replays, off the event loop and in the participant's language."""
        with speaking(self.language):
            context = copy_context()
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self.pool, lambda: context.run(work, *args, **kwargs))

    def show(self, page: str) -> None:
        """Answer with a page; the cookie against forged requests goes with it."""
        _ = self.xsrf_token
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.finish(page)

    def tell(self, content: Any) -> None:
        """Answer with JSON."""
        self.set_header("Content-Type", "application/json; charset=utf-8")
        self.set_header("Cache-Control", "no-store")
        self.finish(json.dumps(content, ensure_ascii=False, separators=(",", ":")))

    def log_exception(self, typ: Any, value: Any, tb: Any) -> None:
        if not isinstance(value, web.HTTPError | NotThere):
            log.error("%s %s", self.request.method, self.request.path, exc_info=(typ, value, tb))

    def send_error(self, status_code: int = 500, **kwargs: Any) -> None:
        error = kwargs.get("exc_info", (None, None, None))[1]
        super().send_error(404 if isinstance(error, NotThere) else status_code, **kwargs)

    def write_error(self, status_code: int, **more: Any) -> None:
        self.set_header("Content-Type", "text/html; charset=utf-8")
        error = more.get("exc_info", (None, None, None))[1]
        frame, kind = self.frame, trouble(status_code, error)
        with speaking(self.language):
            self.finish(render("trouble.html", frame, kind=kind, opens=_opens(error, frame)))


class Message(Visit):
    """One request by a script of ours: JSON in, JSON out."""

    def body(self) -> Any:
        """The content of the request; HTTPError 400 when it is no JSON."""
        try:
            return json.loads(self.request.body, parse_constant=_refused)
        except (ValueError, RecursionError) as error:
            raise web.HTTPError(400) from error

    def write_error(self, status_code: int, **more: Any) -> None:
        kind = trouble(status_code, more.get("exc_info", (None, None, None))[1])
        with speaking(self.language):
            text = messages("light")(f"refused.{kind}")
        # Whoever has to log in again, to load the page again or to wait has not lost what they did.
        again = kind == "closed" or status_code == 403 or status_code >= 500
        self.tell({"text": text, "again": again})


def _opens(error: BaseException | None, frame: Frame) -> str:
    """When a module opens, on the clock of whoever asks; empty where nobody knows."""
    if not isinstance(error, NotOpen) or error.opens is None or frame.enrolment is None:
        return ""
    return Clock(now=datetime.now(UTC), zone=frame.enrolment.clock_zone).full(error.opens)


def trouble(status: int, error: BaseException | None) -> str:
    """What has gone wrong, as the end of a key of ``light``: one text for pages, one for messages."""
    if isinstance(error, NotOpen | NotAllowed):
        return "closed" if isinstance(error, NotOpen) else "forbidden"
    forged = isinstance(error, web.HTTPError) and "xsrf" in (error.log_message or "").lower()
    if status == 403 and forged:
        return "stale"
    return {400: "unread", 403: "login", 404: "missing", 405: "method", 413: "large"}.get(
        status, "unexpected"
    )


def _refused(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def mounted(
    routes: Sequence[Route], ground: type[web.RequestHandler], hosts: Hosts
) -> list[tuple[str, type[web.RequestHandler]]]:
    """The routes for a server whose handlers stand on ``ground``."""
    hosts = staticmethod(hosts)  # an attribute, not a method
    return [
        (path, type(visit.__name__, (visit, ground), {"hosts": hosts})) for path, visit in routes
    ]
