"""How people log in at the hub: by password, by card, or vouched for by OAuth or LTI.

Whoever vouches, the service's people decide who comes in and in which role, at every login and again
every few minutes: who was moved or has left is so at once. Passwords are hashed off the event loop.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

from jupyterhub.auth import Authenticator
from jupyterhub.handlers.login import LoginHandler
from tornado.web import HTTPError

from pamong.errors import ServiceError
from pamong.hub import admission
from pamong.hub.admission import Refused
from pamong.service import credentials, people
from pamong.service.database import Database
from pamong.service.people import Person

log = logging.getLogger(__name__)
Pages = Sequence[tuple[str, Any]]
"""Paths below the hub's, with their handlers."""
LONGEST = credentials.LONGEST + 1
"""Characters of a field that are looked at."""


class Door:
    """The people of one database, asked in two threads so that the hub goes on meanwhile."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._threads = ThreadPoolExecutor(2, thread_name_prefix="pamong-login")

    async def ask(self, question: Callable[..., Person], *values: object) -> Person:
        """What a function of ``admission`` answers; HTTPError 403, 429 or 503 with why not."""
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._threads, question, self._database, *values)
        except Refused as refused:
            log.warning("%s", refused)
            status = 429 if refused.reason == "login.locked" else 403
            raise HTTPError(status, refused.reason) from refused
        except ServiceError as error:
            log.error("%s", error)  # noqa: TRY400  # the message says it all
            raise HTTPError(503, "login.unavailable") from error

    async def renewed(self, name: str) -> dict[str, Any] | bool:
        """What the hub is to know of somebody now; False when they no longer take part."""
        try:
            return admission.model(await self.ask(admission.somebody, name))
        except HTTPError as error:
            return error.status_code == 503  # nobody is thrown out because a database is slow


class RosterAuthenticator(Authenticator):  # type: ignore[misc]
    """Names and passwords of the roster; configured by ``configuration``."""

    door: Door
    pages: Pages = ()

    async def authenticate(self, handler: Any, data: dict[str, str] | None) -> Any:
        """Log in by ``username`` and ``password``, or by ``kartu`` and a new ``password``."""
        given = {name: value[:LONGEST] for name, value in (data or {}).items()}
        address, now = handler.request.remote_ip, datetime.now(UTC)
        if "kartu" in given:
            fields = (given["kartu"], given.get("password", ""), given.get("again", ""))
            person = await self.door.ask(admission.by_card, *fields, address, now)
        else:
            name = self.normalize_username(given.get("username", "").strip())[:64]
            password = given.get("password", "")
            person = await self.door.ask(admission.by_password, name, password, address, now)
        return admission.model(person)

    async def refresh_user(self, user: Any, handler: Any = None) -> Any:  # noqa: ARG002
        return await self.door.renewed(user.name)

    def get_handlers(self, app: Any) -> list[tuple[str, Any]]:
        return [*super().get_handlers(app), ("/kartu", CardHandler), *self.pages]


class CardHandler(LoginHandler):  # type: ignore[misc]
    """A card in, an own password chosen; the code comes behind ``#`` or is typed."""

    def _render(self, login_error: str | None = None, **values: Any) -> Any:
        return self.render_template(
            "kartu.html",
            login_error=login_error,
            card=self.get_body_argument("kartu", ""),
            xsrf=self.xsrf_token.decode("ascii"),
            **{k: v for k, v in values.items() if k not in ("username", "xsrf")},
        )

    async def get(self) -> None:
        self.clear_login_cookie()  # whoever holds a card comes in as its owner
        self._jupyterhub_user = None
        await super().get()


def admitted(base: type[Authenticator], door: Door, pages: Pages = ()) -> type[Authenticator]:
    """An authenticator whose people come in only if the service knows them, and as what it says."""

    class Admitted(base):  # type: ignore[misc]
        async def authenticate(self, handler: Any, data: Any = None, **kwargs: Any) -> Any:
            found = await super().authenticate(handler, data, **kwargs)
            if found is None:
                return None
            name = self.normalize_username(found if isinstance(found, str) else found["name"])
            person = await door.ask(admission.somebody, name)
            if person.id == people.GRADER:
                raise HTTPError(403, "login.unknown")
            return admission.model(person)

        async def refresh_user(self, user: Any, handler: Any = None) -> Any:  # noqa: ARG002
            return await door.renewed(user.name)

        def get_handlers(self, app: Any) -> list[tuple[str, Any]]:
            return [*super().get_handlers(app), *pages]

    return Admitted


def roster(door: Door, pages: Pages = ()) -> type[Authenticator]:
    """The roster's authenticator over ``door``."""
    return type("Roster", (RosterAuthenticator,), {"door": door, "pages": pages})
