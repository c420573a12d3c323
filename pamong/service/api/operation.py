"""One operation of the API as a value: what it takes, gives and refuses, and whose it is.

Handlers and description are made from the same values, so neither can say what the other does not.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from pamong.errors import PamongError
from pamong.light.host import Host
from pamong.light.request import BODY_LIMIT, NAME
from pamong.service.people import Person, Role
from pamong.service.service import Service

Method = Literal["get", "post", "put", "delete"]
PARAMETERS = {
    "module": NAME,
    "exercise": NAME,
    "file": r"([^\x00-\x1f]{1,255})",
    "code": r"([0-9A-Za-z-]{1,40})",
    "id": r"([1-9][0-9]{0,8})",
    "notebook": r"([^/\x00-\x1f]{1,200})",
}
"""What may stand in an address, as a group of a regular expression."""


class Malformed(PamongError):
    """A request says something that cannot be; the message is for whoever wrote the program."""


@dataclass(frozen=True, slots=True)
class Document:
    """Content that is no JSON."""

    content: bytes
    type: str


@dataclass(frozen=True, slots=True)
class Call:
    """One request, understood: ``host`` gives a participant's modules and raises NotThere for staff."""

    service: Service
    person: Person
    host: Callable[[], Host]
    place: dict[str, str]
    since: int = 0
    body: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """``does`` runs off the event loop; ``takes`` and ``gives`` are types of JSON or types of media.

    Without ``roles`` everybody may ask who is active. ``refuses`` are the statuses beside those that every
    operation has.
    """

    method: Method
    path: str
    summary: str
    does: Callable[[Call], Any]
    gives: Any
    takes: Any = None
    roles: tuple[Role, ...] = ()
    since: bool = False
    limit: int = BODY_LIMIT
    refuses: tuple[int, ...] = field(default=())

    @property
    def names(self) -> tuple[str, ...]:
        """The parameters in the address, in order."""
        return tuple(part[1:-1] for part in self.path.split("/") if part.startswith("{"))

    @property
    def pattern(self) -> str:
        """The address as a regular expression."""
        parts = (PARAMETERS[p[1:-1]] if p.startswith("{") else p for p in self.path.split("/"))
        return "/".join(parts)

    @property
    def statuses(self) -> tuple[int, ...]:
        """Every status but 200 that an answer may have."""
        usual = {400, 401, 403, 404, 503} | ({413} if self.takes is not None else set())
        return tuple(sorted(usual | set(self.refuses)))
