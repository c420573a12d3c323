"""What a server's handlers stand on: who asks, by JupyterHub's cookie or token, and what they may do.

JupyterHub says who somebody is; the people table says whether they take part, and in which role.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from jupyterhub.services.auth import HubOAuthCallbackHandler, HubOAuthenticated
from tornado import web

from pamong.light.request import NotAllowed, Visit
from pamong.service import people
from pamong.service.people import Person, Role
from pamong.service.service import Service

if TYPE_CHECKING:
    from pamong.service.host import ServiceHost


class Asked(web.RequestHandler):
    """A request of which it is known who has sent it."""

    _person: Person | None = None
    _pages: ServiceHost | None = None

    @property
    def service(self) -> Service:
        """The service that is asked."""
        found: Service = self.settings["service"]
        return found

    @property
    def person(self) -> Person:
        """Who asks; NotAllowed (403) for whoever is unknown here or takes part no longer."""
        if self._person is None:
            raise NotAllowed("not in the list of people, or not active any more")
        return self._person

    @property
    def pages(self) -> ServiceHost | None:
        """The pages of a participant who asks; None for staff, who take part in nothing."""
        return self._pages if self.person else None

    def require(self, *roles: Role) -> Person:
        """Who asks, if in one of these roles; NotAllowed (403) otherwise."""
        if self.person.role not in roles:
            raise NotAllowed(f"{self.person.role} is none of {', '.join(roles)}")
        return self.person


class Seen(Visit, Asked):
    """A page or message of the service's own, for participants and staff alike."""


class Known(Asked):
    """Looks up, off the event loop and before anything else, whoever is logged in."""

    async def user_name(self) -> str:
        """The name that the hub knows whoever asks by; empty when nobody is logged in."""
        raise NotImplementedError

    async def prepare(self) -> None:
        self.settings["under_way"].add(self)
        if (waited := super().prepare()) is not None:
            await waited
        if name := await self.user_name():
            await asyncio.to_thread(self._look_up, name)
        if self.current_user:
            _ = self.person  # before anything of the request is looked at

    def on_finish(self) -> None:
        self.settings["under_way"].discard(self)
        super().on_finish()

    def _look_up(self, name: str) -> None:
        from pamong.service.host import meet  # noqa: PLC0415  # which stands above this

        with self.service.database.reading() as connection:
            person = people.find(connection, name)
            if person is not None and person.active:
                self._person = person
                self._pages = meet(self.service, connection, person)


class Sealed(web.RequestHandler):
    """Whose cookies no form of another site brings along, nor an open line once there was HTTPS."""

    def set_cookie(self, name: str, value: str | bytes, *place: Any, **more: Any) -> None:
        kept = {"samesite": "Lax", "secure": self.request.protocol == "https"}
        super().set_cookie(name, value, *place, **{**kept, **more})


class Ground(HubOAuthenticated, Sealed, Known):  # type: ignore[misc]  # untyped
    """Under JupyterHub: a browser's cookie after OAuth, or a token in the header."""

    _looked_up = False

    def get_current_user(self) -> dict[str, Any] | None:
        """Nobody until the hub was asked: a message with another token than the cookie's would wait for ever.

        JupyterHub would ask who sent it while it asks whether that token is good, in one and the same thread.
        """
        found: dict[str, Any] | None = super().get_current_user() if self._looked_up else None
        return found

    async def user_name(self) -> str:
        await self.hub_auth.get_user(self, sync=False)  # asks the hub without holding the loop
        self._looked_up = True
        self.__dict__.pop("_current_user", None)  # what was thought before
        user = self.current_user
        return str(user["name"]) if user and user.get("kind") == "user" else ""

    def check_xsrf_cookie(self) -> None:
        """Tornado asks before anybody was looked up: a token is only then known to be good."""
        if not self.hub_auth.get_token(self, in_cookie=False):
            super().check_xsrf_cookie()

    async def prepare(self) -> None:
        await super().prepare()
        if self.current_user and self.request.method not in ("GET", "HEAD", "OPTIONS"):
            super().check_xsrf_cookie()  # of whoever sent a cookie and a token that is none


class Callback(Sealed, HubOAuthCallbackHandler):  # type: ignore[misc]  # untyped
    """Where the hub sends a browser back to after login."""

    def log_exception(self, typ: Any, value: Any, tb: Any) -> None:
        if not isinstance(value, web.HTTPError):  # tornado would write down the login's code
            super().log_exception(typ, value, tb)
