"""Live rooms in the browser: the lobby, the table, and the messages of both.

``pamong/rooms/``              GET   which cases there are, who one is waiting for, one's own rooms
``pamong/rooms/join``          POST  {"module", "exercise", "line_agreed", "alone"} → {"room"?}
``pamong/rooms/cancel``        POST  {} → {}
``pamong/rooms/wait``          GET   → {"room"?, "waiting"}; answers when there is a room, or after a while
``pamong/rooms/<id>/``         GET   the table; members only
``pamong/rooms/<id>/look``     GET   ?since=n&quiet=a,b&awake=1 → what ``view`` tells, when there is news
``pamong/rooms/<id>/acts``     POST  {"id", "act", "data", "channel"} → the same, or the reason why not

Settings of the application: ``rooms_silence`` and ``rooms_tick``, both in seconds.
"""

from __future__ import annotations

import asyncio
import json
import re
from datetime import datetime, timedelta
from functools import cache, partial
from typing import Any

import msgspec
from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from tornado import web

from pamong.catalogue import PACKAGE, messages, spoken
from pamong.errors import IllegalEvent
from pamong.light.home import due
from pamong.light.host import Host, NotThere
from pamong.light.moment import Clock
from pamong.light.pages import Frame
from pamong.light.request import Message as Answer
from pamong.light.request import Route
from pamong.service import people
from pamong.service.ground import Asked, Seen
from pamong.service.people import Person
from pamong.service.rooms import lobby, pairing, table
from pamong.service.rooms.bell import Bell
from pamong.service.rooms.pairing import FRESH
from pamong.service.rooms.room import JOINT, PROGRAM
from pamong.service.rooms.table import Message, Table
from pamong.service.rooms.view import sheet, view
from pamong.service.service import Service

SILENCE = 180.0
"""Seconds without a sign of somebody after which the others may go on without them."""
TICK = 5.0
"""Seconds after which a page that waits looks by itself."""
PATIENCE = 25.0
"""Seconds after which a page that waits is answered anyway."""
ROOM = r"([0-9a-f]{16})"
_ID = re.compile(r"[\w-]{1,64}", re.ASCII)


class _Sent(msgspec.Struct, frozen=True):
    """An act as a page sends it."""

    id: str
    act: str
    data: dict[str, Any] = {}
    channel: str = JOINT


class Setting(Asked):
    """What every request about rooms knows besides who asks."""

    @property
    def silence(self) -> timedelta:
        return timedelta(seconds=float(self.settings.get("rooms_silence", SILENCE)))

    @property
    def tick(self) -> float:
        return float(self.settings.get("rooms_tick", TICK))

    @property
    def bell(self) -> Bell:
        found: Bell = self.settings.setdefault("rooms_bell", Bell())
        return found


class Page(Seen, Setting):
    """A page or an answer to one."""


class Told(Answer, Setting):
    """A message of a page's script."""


class Lobby(Page):
    @web.authenticated
    async def get(self) -> None:
        person = self.require("peserta")
        frame, host = self.frame, self.host
        if await self.away(due, host):
            self.redirect(f"{frame.home}privacy")
            return
        self.show(await self.away(_lobby, frame, self.service, host, person))


class Join(Told):
    @web.authenticated
    async def post(self) -> None:
        person, wanted = self.require("peserta"), self.body()
        now = self.service.clock()
        case = await self.away(_wanted, self.service, self.host, person, wanted, now)
        if wanted.get("alone") is True and case.seats == 2:
            room = await self.away(lobby.alone, self.service, person, case, now)
        else:
            agreed = wanted.get("line_agreed") is True
            work = partial(lobby.join, self.service, person, case, agreed=agreed, now=now)
            room = await self.away(work)
        self.bell.ring(f"{case.module}/{case.exercise}")
        self.tell({"room": room})


class Cancel(Told):
    @web.authenticated
    async def post(self) -> None:
        person = self.require("peserta")
        await self.away(lobby.cancel, self.service, person)
        self.tell({})


class Patient(Told):
    """Answers when there is news, or after a while."""

    def initialize(self) -> None:
        self._woken, self._gone = asyncio.Event(), False

    def on_connection_close(self) -> None:
        self._gone = True
        self._woken.set()

    async def rest(self, name: str, begun: float) -> bool:
        """Wait for news under ``name``; False when the time for this answer is over."""
        left = begun + PATIENCE - self.now()
        if left <= 0 or self._gone:
            return False
        self._woken.clear()
        under_way = self.settings["under_way"]
        under_way.discard(self)  # a service that ends need not wait for this
        await self.bell.wait(name, min(self.tick, left), self._woken)
        under_way.add(self)
        return not self._gone

    def now(self) -> float:
        """Seconds on a clock that nobody sets."""
        return asyncio.get_running_loop().time()


class Wait(Patient):
    @web.authenticated
    async def get(self) -> None:
        person, begun = self.require("peserta"), self.now()
        while True:
            room, wish = await self.away(lobby.look, self.service, person, self.service.clock())
            if room or wish is None:
                break
            if not await self.rest(f"{wish.module}/{wish.exercise}", begun):
                break
        self.tell({"room": room, "waiting": wish is not None})


class TablePage(Page):
    @web.authenticated
    async def get(self, id: str) -> None:  # the address's own word
        person, frame = self.person, self.frame
        self.show(await self.away(_table_page, frame, self.service, id, person, self.silence))


class Look(Patient):
    @web.authenticated
    async def get(self, id: str) -> None:
        person, begun = self.person, self.now()
        since = _number(self.get_query_argument("since", "0"))
        quiet = frozenset(filter(None, self.get_query_argument("quiet", "").split(",")))
        awake = self.get_query_argument("awake", "") == "1"
        look = partial(_look, self.service, id, person, self.silence)
        while True:
            told = await self.away(look, since=since, awake=awake)
            if told["n"] != since or frozenset(told["quiet"]) != quiet or told["ending"]:
                break
            if not await self.rest(id, begun):
                break
            awake = False
        self.tell(told)


class Act(Told):
    @web.authenticated
    async def post(self, id: str) -> None:
        try:
            sent = msgspec.convert(self.body(), _Sent)
        except msgspec.ValidationError as error:
            raise web.HTTPError(400) from error
        if not _ID.fullmatch(sent.id) or len(sent.act) > 20 or len(sent.channel) > 80:
            raise web.HTTPError(400)
        message = Message(id=sent.id, act=sent.act, data=_legible(sent.data), channel=sent.channel)
        since = _number(self.get_query_argument("since", "0"))
        try:
            told = await self.away(
                _act, self.service, id, self.person, message, since, self.silence
            )
        except IllegalEvent as error:
            text = await self.away(messages("rooms"), error.code)
            self.set_status(409)
            self.tell({"text": text, "again": False})
            return
        self.bell.ring(id)
        self.tell(told)


def _wanted(
    service: Service, host: Host, person: Person, wanted: Any, now: datetime
) -> lobby.Offered:
    """The case that a page asks for; NotThere unless it is offered to this person now."""
    if not isinstance(wanted, dict):
        raise web.HTTPError(400)
    place = (wanted.get("module"), wanted.get("exercise"))
    for case in lobby.offered(service, host, person, now):
        if (case.module, case.exercise) == place and case.ready:
            return case
    raise NotThere(str(place))


def _lobby(frame: Frame, service: Service, host: Host, person: Person) -> str:
    now = service.clock()
    cases = lobby.offered(service, host, person, now)
    with service.database.reading() as connection:
        mine = table.of_person(connection, person.id, now, 12)
        wish = pairing.standing(connection, person.id)
    titles = {(case.module, case.exercise): case.title for case in cases}
    clock = Clock(now=now, zone=host.enrolment.clock_zone)
    return _render(
        "lobby.html",
        frame,
        cases=cases,
        waiting=f"{wish.module}/{wish.exercise}" if wish and now - wish.seen < FRESH else "",
        here=next((room for room in mine if room.open), None),
        before=[
            {
                "id": room.id,
                "title": titles.get((room.module, room.exercise), room.exercise),
                "moment": clock.near(room.opened),
            }
            for room in mine
            if not room.open
        ],
    )


def _table_page(frame: Frame, service: Service, id: str, person: Person, silence: timedelta) -> str:
    found, seat = _mine(service, id, person)
    with service.database.reading() as connection:
        names = {
            chair: messages("rooms")("program")
            if who == PROGRAM
            else _name(people.find(connection, who))
            for chair, who in found.room.people.items()
        }
    now = service.clock()
    fixed = sheet(found.room.case, seat, names)
    screen = _told(found, seat, now, silence, 0)
    data = json.dumps({"sheet": fixed, "screen": screen}, ensure_ascii=False, separators=(",", ":"))
    return _render(
        "table.html",
        frame,
        room=id,
        sheet=fixed,
        data=Markup(data.replace("<", "\\u003c")),  # noqa: S704  # no tag can begin in it
    )


def _look(
    service: Service, id: str, person: Person, silence: timedelta, *, since: int, awake: bool
) -> dict[str, Any]:
    found, seat = _mine(service, id, person)
    now = service.clock()
    over = not found.room.ending and now >= found.deadline
    if over or (awake and table.is_due(found, seat, now)):
        with service.database.writing() as connection:
            table.touch(connection, id, seat, now)
            locked = table.load(connection, service.course, id, lock=True)
            found = table.rung(connection, locked or found, now)
    return _told(found, seat, now, silence, since)


def _act(
    service: Service, id: str, person: Person, message: Message, since: int, silence: timedelta
) -> dict[str, Any]:
    now = service.clock()
    with service.database.writing() as connection:
        found = table.load(connection, service.course, id, lock=True)
        seat = found.seat(person.id) if found else None
        if found is None or seat is None:
            raise NotThere(id)
        found = table.act(connection, found, seat, message, now, silence)
    return _told(found, seat, now, silence, since)


def _mine(service: Service, id: str, person: Person) -> tuple[Table, str]:
    """A room and the own seat in it; NotThere for everybody else, whoever they are."""
    with service.database.reading() as connection:
        found = table.load(connection, service.course, id)
    seat = found.seat(person.id) if found else None
    if found is None or seat is None:
        raise NotThere(id)
    return found, seat


def _told(found: Table, seat: str, now: datetime, silence: timedelta, since: int) -> dict[str, Any]:
    left = max(0, round((found.deadline - now).total_seconds()))
    return {**view(found.room, seat, found.quiet(now, silence), since), "left": left}


def _name(person: Person | None) -> str:
    if person is None:
        return messages("rooms")("gone")
    return f"{person.name}, {person.region}" if person.region else person.name


def _legible(data: dict[str, Any]) -> dict[str, Any]:
    """The data without halves of surrogate pairs, which nothing could write down."""
    return {
        name: value.encode("utf-8", "replace").decode() if isinstance(value, str) else value
        for name, value in data.items()
    }


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 0


def _render(template: str, frame: Frame, **values: Any) -> str:
    page = _environment().get_template(template)
    return page.render(
        frame=frame,
        language=spoken(),
        say=messages("light"),
        texts=messages,
        rooms=messages("rooms"),
        **values,
    )


@cache
def _environment() -> Environment:
    own = PACKAGE / "service" / "rooms" / "templates"
    return Environment(
        loader=ChoiceLoader(
            [FileSystemLoader(own), FileSystemLoader(PACKAGE / "light" / "templates")]
        ),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


routes: list[Route] = [
    (r"pamong/rooms/", Lobby),
    (r"pamong/rooms/join", Join),
    (r"pamong/rooms/cancel", Cancel),
    (r"pamong/rooms/wait", Wait),
    (rf"pamong/rooms/{ROOM}/", TablePage),
    (rf"pamong/rooms/{ROOM}/look", Look),
    (rf"pamong/rooms/{ROOM}/acts", Act),
]
