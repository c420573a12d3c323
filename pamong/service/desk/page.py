"""A page of staff: who may see it, the frame around it, forms in and HTML out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, ClassVar, ParamSpec, TypeVar
from zoneinfo import ZoneInfo

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined
from sqlalchemy import Connection

from pamong.catalogue import PACKAGE, messages, speaking, spoken
from pamong.errors import PamongError
from pamong.light.moment import Clock
from pamong.light.pages import Frame
from pamong.programme import Programme
from pamong.service.ground import Seen
from pamong.service.people import Role

RUNNING: tuple[Role, ...] = ("penyelenggara",)
"""Who changes what others do."""
TEACHING: tuple[Role, ...] = ("penyelenggara", "widyaiswara")
"""Who sees how far each participant has come."""
STAFF: tuple[Role, ...] = ("penyelenggara", "widyaiswara", "pimpinan")
REASON = 300
"""Characters of a reason."""
P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Door:
    """A page in the menu; ``path`` is relative to the first one."""

    name: str
    path: str
    roles: tuple[Role, ...]


DOORS = (
    Door("overview", "", STAFF),
    Door("people", "people", TEACHING),
    Door("schedule", "schedule", TEACHING),
    Door("meetings", "meetings", TEACHING),
    Door("cards", "cards", RUNNING),
    Door("board", "board", TEACHING),
    Door("library", "../board/", ("pimpinan",)),
    Door("reports", "reports", STAFF),
    Door("audit", "audit", RUNNING),
)


class Refusal(PamongError):
    """A form says something that cannot be done; the message is for who filled it in."""


class StaffPage(Seen):
    """One request by a person of staff; ``allowed`` are their roles, ``here`` its place in the menu."""

    allowed: ClassVar[tuple[Role, ...]] = TEACHING
    here: ClassVar[str] = ""

    async def prepare(self) -> None:
        await super().prepare()
        if not self._finished and self._person is not None:
            self.require(*self.allowed)

    @property
    def programme(self) -> Programme:
        return self.service.course.programme

    @property
    def frame(self) -> Frame:
        return Frame(base=self.settings["base_url"], hub=self.settings["hub_prefix"])

    @property
    def language(self) -> str:
        return self.programme.language

    @property
    def start(self) -> str:
        """The address of the first page of staff."""
        return f"{self.frame.home}staff/"

    @property
    def zone(self) -> str:
        """The time zone in which this person reads and writes moments."""
        return self.person.zone or self.programme.time_zone

    @property
    def clock(self) -> Clock:
        return Clock(now=self.service.clock(), zone=self.zone)

    async def ask(self, work: Callable[[Connection], T]) -> T:
        """Do ``work`` in one look at the database, off the event loop."""

        def look() -> T:
            with self.service.database.reading() as connection:
                return work(connection)

        return await self.away(look)

    async def change(self, work: Callable[[Connection], T]) -> T:
        """Do ``work`` in one transaction, off the event loop."""

        def act() -> T:
            with self.service.database.writing() as connection:
                return work(connection)

        return await self.away(act)

    def moment(self, field: str) -> datetime | None:
        """A moment from a form, in the person's own zone; None where it is empty. Refusal if it is none."""
        text = self.get_body_argument(field, "").strip()
        if not text:
            return None
        try:
            found = datetime.fromisoformat(text)
        except ValueError as error:
            raise Refusal(
                messages("desk", self.language)("refused.moment", value=text[:40])
            ) from error
        return found if found.tzinfo else found.replace(tzinfo=ZoneInfo(self.zone))

    def asked_end(self) -> datetime:
        """The moment that a form calls ``until``; Refusal unless it is still to come."""
        until = self.moment("until")
        if until is None or until <= self.service.clock():
            raise Refusal(self.say("refused.until"))
        return until

    def asked_module(self) -> str:
        """The module that a form names; Refusal when the programme has no such."""
        module = self.get_body_argument("module", "")
        self.refuse_unless(module in [plan.id for plan in self.programme.modules], "refused.module")
        return module

    def asked_cohort(self) -> str:
        """The cohort that a form names; Refusal when the programme has no such."""
        cohort = self.get_body_argument("cohort", "")
        self.refuse_unless(cohort in [it.id for it in self.programme.cohorts], "refused.cohort")
        return cohort

    def asked_reason(self) -> str:
        """Why, in somebody's words; Refusal where nothing is said."""
        reason = self.get_body_argument("reason", "").strip()[:REASON]
        self.refuse_unless(reason, "refused.reason")
        return reason

    def refuse_unless(self, right: object, key: str, **values: object) -> None:
        """Refusal with the text of ``key`` where something is not right."""
        if not right:
            raise Refusal(self.say(key, **values))

    def field(self, moment: datetime | None) -> str:
        """A moment as a field of a form holds it."""
        local = moment.astimezone(ZoneInfo(self.zone)) if moment else None
        return local.strftime("%Y-%m-%dT%H:%M") if local else ""

    def draw(
        self, template: str, *, done: str = "", problem: tuple[str, ...] = (), **values: Any
    ) -> None:
        """Answer with a page of staff."""
        me = self.person
        with speaking(self.language):
            page = _environment().get_template(template)
            html = page.render(
                frame=self.frame,
                language=spoken(),
                say=messages("light"),
                desk=messages("desk"),
                texts=messages,
                staff=self.start,
                here=self.here,
                doors=[door for door in DOORS if me.role in door.roles],
                me=me,
                programme=self.programme,
                xsrf=self.xsrf_token.decode(),
                zone=messages("desk")(f"zone.{self.zone}"),
                done=done,
                problem=problem,
                may=me.role in RUNNING,
                **values,
            )
        self.show(html)

    def told(self, error: PamongError) -> str:
        """What staff read instead of an error: a refusal's own words, or that it could not be done."""
        if isinstance(error, Refusal):
            return str(error)
        return self.say("refused.other", reason=error)

    def say(self, key: str, /, **values: object) -> str:
        """A text of the catalogue ``desk``."""
        return messages("desk", self.language)(key, **values)


@cache
def _environment() -> Environment:
    areas = (PACKAGE / "service" / "desk", PACKAGE / "service" / "board", PACKAGE / "light")
    places = [area / "templates" for area in areas]
    return Environment(
        loader=ChoiceLoader([FileSystemLoader(place) for place in places]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
