"""The schedule of a cohort, and extensions for many at once.

``staff/schedule``     GET  one cohort's times   POST  set them
``staff/extensions``   POST give an extension to everybody who fits
``staff/releases``     POST let participants have a module, or take it back
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, select
from tornado import web

from pamong.errors import ServiceError
from pamong.light.request import Route
from pamong.service import handover, people, schedule
from pamong.service.desk.page import RUNNING, Refusal, StaffPage
from pamong.service.schedule import Window
from pamong.service.tables import people as table

MOMENTS = ("opens", "class_starts", "closes")
FIELDS = (*MOMENTS, "grace")
LONGEST = 365 * 24 * 60
"""Minutes of grace, at most."""


class SchedulePage(StaffPage):
    here = "schedule"

    @web.authenticated
    async def get(self) -> None:
        await self._show(self.get_argument("cohort", ""))

    @web.authenticated
    async def post(self) -> None:
        me, cohort = self.require(*RUNNING), self.get_body_argument("cohort", "")
        try:
            wanted = {plan.id: self._wanted(plan.id) for plan in self.programme.modules}
            changed = await self.change(lambda c: self._put(c, cohort, wanted, me.id))
        except (Refusal, ServiceError) as error:
            self.set_status(409)
            await self._show(cohort, problem=(self.told(error),), typed=True)
            return
        done = self.say("schedule.saved", count=changed) if changed else self.say("schedule.same")
        await self._show(cohort, done=done)

    def _wanted(self, module: str) -> Window:
        moments = {name: self.moment(f"{module}.{name}") for name in MOMENTS}
        there = [moment for moment in moments.values() if moment]
        if there != sorted(there):
            title = self.programme.module(module).title
            raise Refusal(self.say("refused.order", module=title))
        text = self.get_body_argument(f"{module}.grace", "").strip()
        if text and not (text.isdecimal() and int(text) <= LONGEST):
            raise Refusal(self.say("refused.grace", value=text[:20], most=LONGEST))
        return Window(**moments, grace=timedelta(minutes=int(text)) if text else None)

    def _put(self, connection: Connection, cohort: str, wanted: dict[str, Window], by: str) -> int:
        if cohort not in [each.id for each in self.programme.cohorts]:
            raise Refusal(self.say("refused.cohort"))
        count, at = 0, self.service.clock()
        for module, times in wanted.items():
            there = schedule.cohort_window(connection, self.programme, cohort, module)
            if self._shown(there) != self._shown(times):  # a form knows no seconds
                count += schedule.put(
                    connection, self.programme, cohort, module, times, by=by, at=at
                )
        return count

    def _typed(self, module: str) -> dict[str, str]:
        """What somebody has filled in, to be mended instead of typed again."""
        return {name: self.get_body_argument(f"{module}.{name}", "")[:40] for name in FIELDS}

    def _shown(self, window: Window) -> dict[str, str]:
        grace = window.grace
        minutes = "" if grace is None else str(int(grace / timedelta(minutes=1)))
        return {**{name: self.field(getattr(window, name)) for name in MOMENTS}, "grace": minutes}

    async def _show(
        self, cohort: str, *, done: str = "", problem: tuple[str, ...] = (), typed: bool = False
    ) -> None:
        cohorts = self.programme.cohorts
        cohort = cohort if cohort in [each.id for each in cohorts] else cohorts[0].id

        def look(connection: Connection) -> dict[str, Any]:
            times = schedule.calendar(connection, self.programme, (cohort,))
            given = schedule.given(connection)
            counts = {
                plan.id: sum(it.module == plan.id for it in given)
                for plan in self.programme.modules
            }
            return {
                "rows": [
                    {
                        "id": plan.id,
                        "title": plan.title,
                        "usual": self.say("schedule.extended", count=counts[plan.id])
                        if counts[plan.id]
                        else "",
                        **(self._typed(plan.id) if typed else self._shown(times[cohort, plan.id])),
                    }
                    for plan in self.programme.modules
                ],
                "regions": _regions(connection),
                "released": {
                    module: self.say("release.since", moment=self.clock.near(since))
                    for module, since in handover.released(connection).items()
                },
            }

        values = await self.ask(look)
        self.draw(
            "schedule.html",
            done=done,
            problem=problem,
            cohorts=cohorts,
            cohort=cohort,
            fields=FIELDS,
            **values,
        )


class Extensions(SchedulePage):
    """Everybody who is of a cohort, a region and an office, or listed by id, gets until a moment."""

    async def get(self) -> None:
        self.redirect(f"{self.start}schedule")

    @web.authenticated
    async def post(self) -> None:
        me = self.require(*RUNNING)
        try:
            module, until, reason = self.asked_module(), self.asked_end(), self.asked_reason()
            whom = self._whom()

            def give(connection: Connection) -> tuple[int, int]:
                them = people.listing(connection, **whom)
                self.refuse_unless(them, "refused.nobody")
                unknown = sorted(set(whom["ids"]) - {one.id for one in them})
                self.refuse_unless(not unknown, "refused.ids", ids=", ".join(unknown)[:300])
                given = schedule.extend(
                    connection, self.programme, them, module,
                    until=until, reason=reason, by=me.id, at=self.service.clock(),
                )  # fmt: skip
                return len(given), len(them)

            count, of = await self.change(give)
        except (Refusal, ServiceError) as error:
            self.set_status(409)
            await self._show(self.get_body_argument("cohort", ""), problem=(self.told(error),))
            return
        done = self.say("bulk.given", count=count, of=of, moment=self.clock.full(until))
        await self._show(self.get_body_argument("cohort", ""), done=done)

    def _whom(self) -> dict[str, Any]:
        """What somebody has to be, as people.listing takes it; Refusal where that is everybody."""
        wanted: dict[str, Any] = {
            name: self.get_body_argument(name, "") for name in ("cohort", "region", "office")
        }
        text = self.get_body_argument("ids", "").lower()
        wanted["ids"] = frozenset(re.split(r"[\s,;]+", text.strip(" ,;"))) if text.strip() else ()
        if not any(wanted.values()):
            raise Refusal(self.say("refused.everybody"))
        return wanted


class Releases(SchedulePage):
    """Whether participants have a module at all; what they have done stays when it is taken back."""

    async def get(self) -> None:
        self.redirect(f"{self.start}schedule")

    @web.authenticated
    async def post(self) -> None:
        me, at = self.require(*RUNNING), self.service.clock()
        back = self.get_body_argument("do", "") == "back"
        try:
            module = self.asked_module()

            def decide(connection: Connection) -> bool:
                if back:
                    return handover.unrelease(connection, module, by=me.id, at=at)
                return handover.release(connection, self.service.course, module, by=me.id, at=at)

            await self.change(decide)
        except (Refusal, ServiceError) as error:
            self.set_status(409)
            told = error if isinstance(error, Refusal) else Refusal(self.say("refused.unwritten"))
            await self._show("", problem=(self.told(told),))
            return
        title = self.programme.module(module).title
        await self._show(
            "", done=self.say("release.back" if back else "release.done", module=title)
        )


def _regions(connection: Connection) -> list[str]:
    query = select(table.c.region).where(table.c.active).distinct().order_by(table.c.region)
    return [region for region in connection.execute(query).scalars() if region]


routes: list[Route] = [
    (r"pamong/staff/schedule", SchedulePage),
    (r"pamong/staff/extensions", Extensions),
    (r"pamong/staff/releases", Releases),
]
