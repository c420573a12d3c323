"""The participants: how far each has come, and what is done for one of them.

``staff/people``                  GET   everybody, a cohort, or who fits a search
``staff/people/<id>``             GET   one
``staff/people/<id>/extension``   POST  more time in a module
``staff/people/<id>/cohort``      POST  another cohort
``staff/cards``                   GET   asks for whom   POST  issues login cards, shown this once
"""

from __future__ import annotations

from base64 import b64encode
from collections import defaultdict
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Connection
from tornado import web

from pamong.errors import ServiceError
from pamong.light.host import NotThere
from pamong.light.request import Route
from pamong.service import audit, enrolling, login_cards, moves, people, progress, schedule
from pamong.service.desk.page import RUNNING, Refusal, StaffPage
from pamong.service.people import Person, Role
from pamong.service.progress import Standing

ID = r"([a-z0-9][a-z0-9._-]{0,63})"


_MARKS = {"unstarted": "", "started": " …", "submitted": " ✓", "graded": " ✓✓", "late": " !"}
"""What is said beside a colour, for those who do not see it."""


class People(StaffPage):
    here = "people"

    @web.authenticated
    async def get(self) -> None:
        cohort, query = self.get_argument("cohort", "")[:64], self.get_argument("q", "")[:80]

        def look(connection: Connection) -> dict[str, Any]:
            them = people.listing(connection, cohort=cohort)
            found = [one for one in them if _fits(one, query)]
            titles = {each.id: each.title for each in self.programme.cohorts}
            known: dict[str, list[Standing]] = defaultdict(list)
            for it in progress.standings(connection, self.service.course, found, replayed=False):
                known[it.person].append(it)
            closed = schedule.deadlines(connection, self.programme, found)
            return {
                "rows": [
                    {
                        "person": one,
                        "cohort": titles.get(one.cohort, one.cohort),
                        "dots": [
                            self._dot(it, closed[it.person, it.module]) for it in known[one.id]
                        ],
                    }
                    for one in found
                ],
                "total": len(them),
            }

        values = await self.ask(look)
        cohorts = self.programme.cohorts
        self.draw("people.html", cohorts=cohorts, cohort=cohort, query=query, **values)

    def _dot(self, it: Standing, deadline: datetime | None) -> dict[str, str]:
        state = state_of(it, deadline, self.service.clock())
        plans = self.programme.modules
        place = next(number for number, plan in enumerate(plans, 1) if plan.id == it.module)
        told = self.say(
            f"dot.{state}", module=plans[place - 1].title, begun=it.begun, of=it.exercises
        )
        return {"state": state, "told": told, "short": f"M{place}{_MARKS[state]}"}


class OnePerson(StaffPage):
    here = "people"

    @web.authenticated
    async def get(self, id_: str) -> None:
        await self.show_person(id_)

    async def show_person(self, id_: str, *, done: str = "", problem: tuple[str, ...] = ()) -> None:
        """The page of one participant; NotThere when there is nobody."""

        def look(connection: Connection) -> dict[str, Any]:
            person = _participant(connection, id_)
            return {
                "person": person,
                "facts": self._facts(connection, person),
                "modules": self._modules(connection, person),
            }

        cohorts = self.programme.cohorts
        values = await self.ask(look)
        self.draw("person.html", done=done, problem=problem, cohorts=cohorts, **values)

    def _facts(self, connection: Connection, person: Person) -> list[dict[str, str]]:
        titles = {each.id: each.title for each in self.programme.cohorts}
        superior = people.find(connection, person.superior) if person.superior else None
        known = {
            "id": person.id,
            "office": person.office,
            "region": person.region,
            "cohort": titles.get(person.cohort, person.cohort),
            "superior": superior.name if superior else "",
            "nip": person.nip,
        }
        return [
            {"name": self.say(f"fact.{name}"), "text": text} for name, text in known.items() if text
        ]

    def _modules(self, connection: Connection, person: Person) -> list[dict[str, Any]]:
        known = {
            it.module: it for it in progress.standings(connection, self.service.course, (person,))
        }
        times = schedule.windows(connection, self.programme, person)
        rows = []
        for plan in self.programme.modules:
            it, window = known[plan.id], times[plan.id]
            due = window.deadline
            state = state_of(it, due, self.service.clock())
            handed = self.clock.near(it.submitted) if it.submitted else ""
            rows.append(
                {
                    "id": plan.id,
                    "title": plan.title,
                    "state": self.say(f"state.{state}", finished=it.finished, of=it.exercises),
                    "due": self.clock.full(due) if due else self.say("person.nodue"),
                    "extended": window.until is not None and window.until == due,
                    "submitted": self.say("person.late", moment=handed) if it.late else handed,
                }
            )
        return rows


def state_of(it: Standing, deadline: datetime | None, now: datetime) -> str:
    """How somebody stands in a module, as the end of a key."""
    if it.feedback:
        return "graded"
    if it.submissions:
        return "submitted"
    if deadline is not None and now > deadline:
        return "late"
    return "started" if it.begun else "unstarted"


class Extension(OnePerson):
    allowed: ClassVar[tuple[Role, ...]] = RUNNING

    @web.authenticated
    async def post(self, id_: str) -> None:
        me, at = self.require(*RUNNING), self.service.clock()
        try:
            module, until, reason = self.asked_module(), self.asked_end(), self.asked_reason()

            def give(connection: Connection) -> int:
                them = (_participant(connection, id_),)
                given = schedule.extend(
                    connection, self.programme, them, module,
                    until=until, reason=reason, by=me.id, at=at,
                )  # fmt: skip
                return len(given)

            given = await self.change(give)
        except (Refusal, ServiceError) as error:
            self.set_status(409)
            await self.show_person(id_, problem=(self.told(error),))
            return
        key = "extension.given" if given else "extension.shorter"
        await self.show_person(id_, done=self.say(key, moment=self.clock.full(until)))


class Move(OnePerson):
    allowed: ClassVar[tuple[Role, ...]] = RUNNING

    @web.authenticated
    async def post(self, id_: str) -> None:
        me, at = self.require(*RUNNING), self.service.clock()
        try:
            cohort, reason = self.asked_cohort(), self.asked_reason()

            def move(connection: Connection) -> None:
                _participant(connection, id_)
                moves.change_cohort(connection, self.programme, id_, cohort, by=me.id, at=at)
                audit.record(
                    connection, at=at, who=me.id, act="person.moved.reason", whom=id_, reason=reason
                )
                enrolling.keep_roster(connection, self.service.course)

            await self.change(move)
        except (Refusal, ServiceError) as error:
            self.set_status(409)
            await self.show_person(id_, problem=(self.told(error),))
            return
        await self.show_person(id_, done=self.say("account.moved"))


class Cards(StaffPage):
    """Issuing takes the password away where one is asked for by name; a cohort's cards only add a way in."""

    allowed: ClassVar[tuple[Role, ...]] = RUNNING
    here = "cards"

    @web.authenticated
    async def get(self) -> None:
        self._page([], "")

    @web.authenticated
    async def post(self) -> None:
        me, at = self.require(*RUNNING), self.service.clock()
        cohort, one = self.get_body_argument("cohort", ""), self.get_body_argument("person", "")

        def make(connection: Connection) -> list[tuple[Person, login_cards.Card]]:
            if one:
                person = _participant(connection, one)
                made = [(person, login_cards.reset(connection, one, at))]
            else:
                them = people.listing(connection, cohort=cohort) if cohort else ()
                made = [(each, login_cards.issue(connection, each.id, at)) for each in them]
            for each, _ in made:
                act = "account.reset" if one else "card.issued"
                audit.record(connection, at=at, who=me.id, act=act, whom=each.id)
            return made

        made = await self.change(make)
        hub = f"{self.request.protocol}://{self.request.host}"
        until = self.clock.full(made[0][1].expires) if made else ""
        cards = await self.away(lambda: [self._card(person, card, hub) for person, card in made])
        self.set_header("Cache-Control", "no-store")
        self._page(cards, until)

    def _card(self, person: Person, card: login_cards.Card, hub: str) -> dict[str, str]:
        about = " · ".join(filter(None, (person.office, person.region)))
        picture = b64encode(card.qr(hub).encode()).decode()
        return {
            "id": person.id,
            "name": person.name,
            "about": about,
            "code": card.code,
            "picture": picture,
        }

    def _page(self, cards: list[dict[str, str]], until: str) -> None:
        address = f"{self.request.host}/hub/kartu"
        cohorts = self.programme.cohorts
        self.draw("cards.html", cards=cards, until=until, address=address, cohorts=cohorts)


def _participant(connection: Connection, id_: str) -> Person:
    person = people.find(connection, id_)
    if person is None or person.role != "peserta":
        raise NotThere(id_)
    return person


def _fits(person: Person, query: str) -> bool:
    words = query.casefold().split()
    text = f"{person.id} {person.name} {person.region} {person.office}".casefold()
    return all(word in text for word in words)


routes: list[Route] = [
    (r"pamong/staff/people", People),
    (rf"pamong/staff/people/{ID}", OnePerson),
    (rf"pamong/staff/people/{ID}/extension", Extension),
    (rf"pamong/staff/people/{ID}/cohort", Move),
    (r"pamong/staff/cards", Cards),
]
