"""The service over the small course, SQLite and a few people, asked over HTTP without a hub."""

from __future__ import annotations

import asyncio
import json
import shutil
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Event, Thread
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPRedirectHandler, Request, build_opener

import pytest
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets

from pamong.course import Course
from pamong.roster import read_roster
from pamong.service import handover, people
from pamong.service.app import application
from pamong.service.database import Database
from pamong.service.ground import Known
from pamong.service.people import Person
from pamong.service.service import Service
from pamong.service.tables import metadata

MODULE = "m0-contoh"
NOW = datetime(2026, 12, 1, 3, tzinfo=UTC)
STAFF = (
    Person(id="w01", name="Wulan Rekaan", role="widyaiswara", cohort="a01"),
    Person(id="k01", name="Karim Rekaan", role="penyelenggara"),
    Person(id="g01", name="Gita Rekaan", role="pimpinan"),
)
WHO, TOKEN = "X-Test-User", "rahasia-uji"


class Hands:
    """A clock that stands still until somebody moves it."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def move(self, **span: float) -> None:
        self.now += timedelta(**span)


class Ground(Known):
    """Whoever the header names is logged in; a page of ours gives a cookie against forged requests."""

    async def user_name(self) -> str:
        return self.request.headers.get(WHO, "")

    def get_current_user(self) -> dict[str, str] | None:
        name = self.request.headers.get(WHO, "")
        return {"name": name, "kind": "user"} if name else None

    def get_login_url(self) -> str:
        return "/hub/login"


def people_of(course: Course) -> list[Person]:
    """Everybody in the roster as the service knows them, and one of each role of staff."""
    return [
        *(
            Person(
                id=it.id, name=it.name, role="peserta", office=it.role, region=it.region,
                cohort=it.cohort, superior=it.superior, zone=it.zone,
            )
            for it in read_roster(course.roster, course.programme).participants
        ),
        *STAFF,
    ]  # fmt: skip


def service_at(course: Course, url: str, clock: Any = None) -> Service:
    """A service over an empty database at ``url`` with everybody in it."""
    database = Database(url)
    metadata.create_all(database._engine)
    with database.writing() as connection:
        for person in people_of(course):
            people.add(connection, person)
        handover.release(connection, course, MODULE, by="k01", at=NOW)
    return Service(course=course, database=database, clock=clock or Hands())


@pytest.fixture
def service(released_once, tmp_path):
    """The service over the released small course, p001 to p003 and staff; its clock stands at NOW."""
    shutil.copytree(released_once, tmp_path / "root")
    course = Course.load(tmp_path / "root")
    found = service_at(course, course.service_url)
    with closing(found.database):
        yield found


@dataclass(frozen=True)
class Answer:
    """What the service answered."""

    status: int
    headers: Any
    content: bytes

    @property
    def text(self) -> str:
        return self.content.decode()

    @property
    def said(self) -> Any:
        return json.loads(self.content)


class _Stay(HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


class Client:
    """Asks a running service as whoever ``who`` names, with the cookie against forged requests."""

    def __init__(self, address: str, who: str = "p001") -> None:
        self.address, self.who = address, who
        self.token = ""

    def as_(self, who: str) -> Client:
        """The same service, asked by somebody else; empty is nobody."""
        return Client(self.address, who)

    def get(self, path: str, **headers: str) -> Answer:
        """A page below ``/services/``."""
        return self._ask(Request(f"{self.address}/services/{path}"), headers)  # noqa: S310

    def post(
        self, path: str, content: Any = None, *, method: str = "POST", **headers: str
    ) -> Answer:
        """JSON, or bytes as they are, with the token that a script of ours would send."""
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        address = f"{self.address}/services/{path}"
        request = Request(address, data=body, method=method)  # noqa: S310  # loopback
        return self._ask(request, {"X-XSRFToken": self._xsrf(), **headers})

    def form(self, path: str, **fields: str) -> Answer:
        """A form as a browser posts it."""
        body = urlencode({"_xsrf": self._xsrf(), **fields}, doseq=True).encode()
        return self._ask(Request(f"{self.address}/services/{path}", data=body), {})  # noqa: S310

    def act(self, exercise: str, act: str, data: Any, id: str, module: str = MODULE) -> Answer:
        """One act as the page of a module sends it."""
        message = {"type": "act", "seq": 1, "id": id, "act": act, "data": data}
        return self.post(f"pamong/modules/{module}/exercises/{exercise}", message)

    def _xsrf(self) -> str:
        self.token = self.token or "uji-xsrf"
        return self.token

    def _ask(self, request: Request, headers: dict[str, str]) -> Answer:
        if self.who:
            request.add_header(WHO, self.who)
        if self.token:
            request.add_header("Cookie", f"_xsrf={self.token}")
        for name, value in headers.items():
            request.add_header(name.replace("_", "-"), value)
        try:
            with build_opener(_Stay).open(request, timeout=30) as answer:
                return Answer(answer.status, answer.headers, answer.read())
        except HTTPError as error:
            with error:
                return Answer(error.code, error.headers, error.read())


class Serving:
    """An application on a loopback port, in a thread of its own."""

    def __init__(self, service: Service, ground: type[Known] = Ground, **settings: Any) -> None:
        self._ready, self._over = Event(), asyncio.Event()
        self._service, self._ground, self._settings = service, ground, settings
        self.address = ""
        self._thread = Thread(target=lambda: asyncio.run(self._serve()), name="service")

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        served = application(self._service, ground=self._ground)
        served.settings.update(self._settings)
        server = HTTPServer(served)
        (socket,) = bind_sockets(0, "127.0.0.1")
        server.add_sockets([socket])
        self.address = f"http://127.0.0.1:{socket.getsockname()[1]}"
        self._ready.set()
        await self._over.wait()
        server.stop()
        await server.close_all_connections()

    def __enter__(self) -> Serving:
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join()


@pytest.fixture
def client(service):
    """``client.get("pamong/")`` as p001 who has accepted the privacy notice; ``client.as_("k01")``."""
    with Serving(service) as serving:
        yield Client(serving.address)
