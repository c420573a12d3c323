"""Requests to the API as tornado hands them over: understood, allowed, done off the loop, answered.

Whatever goes wrong is a status and one sentence in JSON; nothing of it is a traceback or a page.
"""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Mapping
from typing import Any, ClassVar

import msgspec
from sqlalchemy.exc import SQLAlchemyError
from tornado import web

from pamong import wire
from pamong.catalogue import messages, speaking
from pamong.errors import LogError, ServiceError, Undelivered
from pamong.light.request import EXCHANGE, Message, Route
from pamong.service.api.operation import Call, Document, Malformed, Method, Operation
from pamong.service.ground import Asked

START = "pamong/api/v1/"
INERT = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"
"""What participants and authors wrote is content for programs: a browser may not run any of it."""
_UNDELIVERED = {"changed": 409, "statement": 409, "closed": 409, "over": 409, "large": 413}
log = logging.getLogger(__name__)


class Endpoint(Message, Asked):
    """Everything that can be done at one address."""

    operations: ClassVar[Mapping[str, Operation]] = {}

    asks: Operation | None = None

    async def prepare(self) -> None:
        self.asks = self.operations.get((self.request.method or "").lower())
        await super().prepare()
        if not self.operations:
            raise web.HTTPError(404)
        if self.asks is None:
            raise web.HTTPError(405)

    @property
    def language(self) -> str:
        return self.service.course.programme.language

    async def get(self, *place: str) -> None:
        await self._do(*place)

    async def post(self, *place: str) -> None:
        await self._do(*place)

    async def put(self, *place: str) -> None:
        await self._do(*place)

    async def delete(self, *place: str) -> None:
        await self._do(*place)

    async def _do(self, *place: str) -> None:
        asks = self.asks
        if asks is None:  # prepare has refused it
            return
        if not self.current_user:
            raise web.HTTPError(401)
        person = self.require(*asks.roles) if asks.roles else self.person
        call = Call(
            service=self.service,
            person=person,
            host=lambda: self.host,
            place=dict(zip(asks.names, place, strict=True)),
            since=self._since() if asks.since else 0,
            body=self._understood(asks),
        )
        answer = await self.away(asks.does, call)
        if isinstance(answer, Document):
            self._hand_out(answer)
            return
        self.set_header("Content-Type", "application/json; charset=utf-8")
        self.set_header("Cache-Control", "no-store")
        self.finish(msgspec.json.encode(answer))

    def _hand_out(self, document: Document) -> None:
        self.set_header("Content-Type", document.type)
        self.set_header("Content-Security-Policy", INERT)
        self.set_header("Etag", f'"{hashlib.sha256(document.content).hexdigest()}"')
        if self.check_etag_header():
            self.set_status(304)
            self.finish()
        else:
            self.finish(document.content)

    def _understood(self, asks: Operation) -> Any:
        """The body as what it has to be; Malformed otherwise."""
        body = self.request.body
        if asks.takes is None or asks.takes == "text/html":
            return body
        try:
            return msgspec.json.decode(body, type=asks.takes)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise Malformed(messages("api", self.language)("body", reason=str(error))) from error

    def _since(self) -> int:
        text = self.get_query_argument("since", "0")
        if not re.fullmatch("[0-9]{1,9}", text):
            raise Malformed(messages("api", self.language)("since"))
        return int(text)

    def log_exception(self, typ: Any, value: Any, tb: Any) -> None:
        if not isinstance(value, Malformed | ServiceError | Undelivered):
            super().log_exception(typ, value, tb)
        elif _status(value) >= 500:
            log.error("%s %s: %s", self.request.method, self.request.path, value)

    def send_error(self, status_code: int = 500, **kwargs: Any) -> None:
        error = kwargs.get("exc_info", (None, None, None))[1]
        super().send_error(_status(error) or status_code, **kwargs)

    def write_error(self, status_code: int, **more: Any) -> None:
        error = more.get("exc_info", (None, None, None))[1]
        if status_code == 405:
            self.set_header("Allow", ", ".join(sorted(map(str.upper, self.operations))))
        with speaking(self.language):
            text = messages("light")("refused.login") if status_code == 401 else _text(error)
        if not text:
            super().write_error(status_code, **more)
            return
        self.set_header("Content-Type", "application/json; charset=utf-8")
        self.set_header("Cache-Control", "no-store")
        self.finish(msgspec.json.encode(wire.Trouble(text=text, again=status_code in (401, 503))))


def _status(error: BaseException | None) -> int:
    """The status of what this API raises; 0 for anything else."""
    match error:
        case Malformed():
            return 400
        case Undelivered(code=code):
            return _UNDELIVERED.get(code, 503)
        case ServiceError(__cause__=SQLAlchemyError()) | LogError():
            return 503
        case ServiceError():
            return 409
    return 0


def _text(error: BaseException | None) -> str:
    """The sentence for what this API raises; empty for what every message says."""
    match error:
        case Malformed():
            return str(error)
        case Undelivered(code=code):
            return messages("handin")(f"undelivered.{code}")
        case ServiceError(__cause__=SQLAlchemyError()) | LogError():
            return messages("api")("unavailable")
        case ServiceError():
            return str(error)
    return ""


class Collecting(Endpoint):
    """What takes long or carries much must not hold the threads that save answers."""

    pool = EXCHANGE


def routes_of(operations: tuple[Operation, ...]) -> list[Route]:
    """A route for every address, with all that can be done there; the last for all that are none."""
    places: dict[str, dict[Method, Operation]] = {}
    for each in operations:
        places.setdefault(each.path, {})[each.method] = each
    made: list[Route] = []
    for path, found in places.items():
        base = Collecting if path.startswith("staff/") or "submissions" in path else Endpoint
        limit = max(each.limit for each in found.values())
        visit = type("Endpoint", (base,), {"operations": found, "limit": limit})
        made.append((f"{START}{next(iter(found.values())).pattern}", visit))
    return [*made, (f"{START}.*", Endpoint)]
