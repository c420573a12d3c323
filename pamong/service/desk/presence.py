"""Who was there: meetings, the code on the screen, the list by hand, and the page that a code leads to.

``staff/meetings``               GET  all of them        POST  plan one
``staff/meetings/<id>``          GET  who was there      POST  note it by hand
``staff/meetings/<id>/screen``   GET  the code to be read by everybody in the room
``hadir/<id>``                   GET  asks whoever has read it   POST  notes them
"""

from __future__ import annotations

from base64 import b64encode
from functools import partial
from io import BytesIO
from typing import Any

import segno
from sqlalchemy import Connection
from tornado import web

from pamong.catalogue import speaking
from pamong.errors import ServiceError
from pamong.light.host import NotThere
from pamong.light.request import Route
from pamong.service import attendance, meetings, people
from pamong.service.attendance import STATUSES, THERE
from pamong.service.desk.page import RUNNING, Refusal, StaffPage
from pamong.service.meetings import Meeting
from pamong.service.people import ROLES

ID = r"([0-9a-f]{1,32})"


class Meetings(StaffPage):
    here = "meetings"

    @web.authenticated
    async def get(self) -> None:
        await self._show()

    @web.authenticated
    async def post(self) -> None:
        me = self.require(*RUNNING)
        try:
            asked = self._asked()
            plan = partial(
                meetings.plan, programme=self.programme, **asked, by=me.id, at=self.service.clock()
            )
            await self.change(plan)
        except (Refusal, ServiceError) as error:
            self.set_status(409)
            await self._show(problem=(self.told(error),))
            return
        await self._show(done=self.say("meetings.added", title=asked["title"]))

    def _asked(self) -> dict[str, Any]:
        starts, ends = self.moment("starts"), self.moment("ends")
        if starts is None or ends is None or ends <= starts:
            raise Refusal(self.say("refused.ends"))
        title = self.get_body_argument("title", "").strip()[:120]
        if not title:
            raise Refusal(self.say("refused.title"))
        named = {name: self.get_body_argument(name, "") for name in ("cohort", "module")}
        return {**named, "title": title, "starts": starts, "ends": ends}

    async def _show(self, *, done: str = "", problem: tuple[str, ...] = ()) -> None:
        rows = await self.ask(self._rows)
        cohorts = self.programme.cohorts
        self.draw("meetings.html", done=done, problem=problem, rows=rows, cohorts=cohorts)

    def _rows(self, connection: Connection) -> list[dict[str, Any]]:
        titles = {each.id: each.title for each in self.programme.cohorts}
        return [
            {
                "id": it.id,
                "title": it.title,
                "cohort": titles.get(it.cohort, it.cohort),
                "when": self.clock.full(it.starts),
                "present": self._count(connection, it),
            }
            for it in meetings.listing(connection)
        ]

    def _count(self, connection: Connection, meeting: Meeting) -> str:
        noted = attendance.marks(connection, meeting.id).values()
        there = sum(mark.status in THERE for mark in noted)
        of = len(people.listing(connection, cohort=meeting.cohort))
        return self.say("meetings.count", count=there, of=of)


class Register(StaffPage):
    here = "meetings"

    @web.authenticated
    async def get(self, meeting: str) -> None:
        await self._show(meeting)

    @web.authenticated
    async def post(self, meeting: str) -> None:
        me, at = self.require(*RUNNING), self.service.clock()
        given = {
            name.removeprefix("status."): self.get_body_argument(name)
            for name in self.request.body_arguments
            if name.startswith("status.")
        }
        texts = {id_: self.get_body_argument(f"note.{id_}", "").strip()[:300] for id_ in given}

        def note(connection: Connection) -> int:
            found = _require(connection, meeting)
            known = {one.id for one in people.listing(connection, cohort=found.cohort)}
            noted = attendance.marks(connection, meeting)
            changed = 0
            for id_, status in given.items():
                before = noted.get(id_)
                same = before and (before.status, before.note) == (status, texts[id_])
                if id_ in known and status in STATUSES and not same:
                    changed += attendance.note(
                        connection, meeting, id_, status, text=texts[id_],
                        by=me.id, at=at,
                    )  # fmt: skip
            return changed

        changed = await self.change(note)
        await self._show(meeting, done=self.say("meeting.saved", count=changed))

    async def _show(self, id_: str, *, done: str = "") -> None:
        def look(connection: Connection) -> dict[str, Any]:
            meeting = _require(connection, id_)
            noted = attendance.marks(connection, id_)
            return {
                "meeting": meeting,
                "when": self.clock.full(meeting.starts),
                "rows": [
                    {
                        "id": one.id,
                        "name": one.name,
                        "status": noted[one.id].status if one.id in noted else "",
                        "how": self.say(f"how.{noted[one.id].how}") if one.id in noted else "",
                        "note": noted[one.id].note if one.id in noted else "",
                    }
                    for one in people.listing(connection, cohort=meeting.cohort)
                ],
            }

        self.draw("meeting.html", done=done, statuses=STATUSES, **await self.ask(look))


class Screen(StaffPage):
    here = "meetings"

    @web.authenticated
    async def get(self, id_: str) -> None:
        def look(connection: Connection) -> tuple[Meeting, str, int, int]:
            meeting = _require(connection, id_)
            noted = attendance.marks(connection, id_).values()
            of = len(people.listing(connection, cohort=meeting.cohort))
            shown = meetings.code(meetings.secret(connection, id_), self.service.clock())
            return meeting, shown, sum(mark.status in THERE for mark in noted), of

        meeting, code, present, total = await self.ask(look)
        address = f"{self.request.protocol}://{self.request.host}{self.frame.home}hadir/{id_}"
        self.draw(
            "screen.html",
            meeting=meeting,
            picture=qr(f"{address}?k={code}"),
            address=f"{address.partition('://')[2]}  ·  {code}",
            present=present,
            total=total,
        )


class Present(StaffPage):
    """The page that a code leads a participant to; staff see that it is not for them."""

    allowed = ROLES

    @web.authenticated
    async def get(self, id_: str) -> None:
        code = self.get_argument("k", "")[:40]
        found = await self.ask(lambda c: _require(c, id_))
        told = self.say("present.ask" if code else "present.type", name=self.person.name)
        self._page(found.title, told, id_, code, asks=True)

    @web.authenticated
    async def post(self, id_: str) -> None:
        me, now = self.person, self.service.clock()
        code = self.get_body_argument("code", "").strip()[:40]

        def note(connection: Connection) -> tuple[str, attendance.Mark | str]:
            found = _require(connection, id_)
            return found.title, attendance.check_in(connection, id_, me, code, now=now)

        title, noted = await self.change(note)
        if isinstance(noted, str):
            self.set_status(409)
            again = noted == "code"
            self._page(title, self.say(f"present.refused.{noted}"), id_, "", asks=again)
            return
        told = self.say(f"present.{noted.status}", moment=self.clock.near(noted.at))
        self._page(title, told, id_, "")

    def _page(self, title: str, told: str, id_: str, code: str, *, asks: bool = False) -> None:
        with speaking(self.language):
            self.draw(
                "present.html",
                title=title,
                told=told,
                asks=asks,
                code=code,
                action=f"{self.frame.home}hadir/{id_}",
            )


def qr(text: str) -> str:
    """A QR code as SVG in base64."""
    content = BytesIO()
    segno.make(text, error="m").save(content, kind="svg", scale=8, border=2)
    return b64encode(content.getvalue()).decode()


def _require(connection: Connection, id_: str) -> Meeting:
    """A meeting by id; NotThere when there is none."""
    try:
        return meetings.require(connection, id_)
    except ServiceError as error:
        raise NotThere(id_) from error


routes: list[Route] = [
    (r"pamong/staff/meetings", Meetings),
    (rf"pamong/staff/meetings/{ID}", Register),
    (rf"pamong/staff/meetings/{ID}/screen", Screen),
    (rf"pamong/hadir/{ID}", Present),
]
