"""A page of the board: who may see it, one transaction for each request, values in and HTML out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, ClassVar, TypeVar

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined
from sqlalchemy import Connection

from pamong import locale
from pamong.catalogue import PACKAGE, messages, spoken
from pamong.kinds.prose import excerpt
from pamong.light.home import due
from pamong.light.moment import Clock
from pamong.service.board.text import LONG, PROBLEMS, TITLE, Fault
from pamong.service.ground import Seen
from pamong.service.people import ROLES, Role

ID = r"([0-9a-f]{16})"
"""A post or an answer in an address."""
DONE = ("sent", "withdrawn", "answered", "passed", "thanked", "renewed", "gone")
"""What an address may say has just been done."""
T = TypeVar("T")


class BoardPage(Seen):
    """One request by somebody of a role in ``allowed``; participants see the privacy notice first."""

    allowed: ClassVar[tuple[Role, ...]] = ROLES

    async def prepare(self) -> None:
        await super().prepare()
        if self._finished or self._person is None:
            return
        self.require(*self.allowed)
        looks = self.request.method == "GET" and self.person.role == "peserta"
        if looks and await self.away(lambda: due(self.host) is not None):
            self.redirect(f"{self.frame.home}privacy")

    @property
    def language(self) -> str:
        return self.service.course.programme.language

    @property
    def start(self) -> str:
        """The address of the board."""
        return f"{self.frame.home}board/"

    @property
    def components(self) -> dict[str, str]:
        """The titles of the programme's modules."""
        return {plan.id: plan.title for plan in self.service.course.programme.modules}

    async def reading(self, work: Callable[[Connection], T]) -> T:
        """Do ``work`` in one look at the database, off the event loop."""

        def look() -> T:
            with self.service.database.reading() as connection:
                return work(connection)

        return await self.away(look)

    async def writing(self, work: Callable[[Connection], T]) -> T:
        """Do ``work`` in one transaction, off the event loop."""

        def act() -> T:
            with self.service.database.writing() as connection:
                return work(connection)

        return await self.away(act)

    async def draw(self, template: str, **values: Any) -> None:
        """Answer with a page."""
        around = {
            "frame": self.frame,
            "me": self.person,
            "programme": self.service.course.programme.title,
            "here": self.start,
            "components": self.components,
            "xsrf": self.xsrf_token.decode(),
            "done": self._done(),
        }
        clock = Clock(now=self.service.clock(), zone=self._zone())
        self.show(await self.away(drawn, template, clock, around | values))

    def back(self, place: str, done: str) -> None:
        """Lead on to a page of the board that says what has been done."""
        self.redirect(f"{self.start}{place}?done={done}", status=303)

    def _done(self) -> str:
        done = self.get_query_argument("done", "")
        return done if done in DONE else ""

    def _zone(self) -> str:
        return self.person.zone or self.service.course.programme.time_zone


def told(faults: Iterable[Fault]) -> dict[str, list[str]]:
    """What is wrong as sentences, by field and in order; a fault of the whole form has no field."""
    say = messages("board")
    found: dict[str, list[str]] = {}
    for fault in faults:
        text = say(f"fault.{fault.key}", **_shown(fault.values))
        if fault.place not in ("", "anonymous"):
            text = say("fault.of", field=say(f"field.{fault.place}"), fault=text)
        found.setdefault(fault.place, []).append(text)
    return found


def _shown(values: Mapping[str, object]) -> dict[str, object]:
    """Figures as the reader writes them."""
    return {
        name: locale.decimal(value, 0) if isinstance(value, int) else value
        for name, value in values.items()
    }


def drawn(template: str, clock: Clock, values: Mapping[str, Any]) -> str:
    """A page of the board; days are the reader's, everything written is text and no markup."""

    def day(moment: datetime) -> str:
        return locale.day(clock.local(moment))

    return (
        _environment()
        .get_template(template)
        .render(
            language=spoken(),
            say=messages("light"),
            board=messages("board"),
            texts=messages,
            day=day,
            excerpt=excerpt,
            number=lambda value: locale.decimal(value, 0),
            problems=PROBLEMS,
            most={"title": TITLE[1], "other": LONG[1]},
            **values,
        )
    )


@cache
def _environment() -> Environment:
    places = [Path(__file__).parent / "templates", PACKAGE / "light" / "templates"]
    return Environment(
        loader=ChoiceLoader([FileSystemLoader(place) for place in places]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
