"""The first page of staff: how far every cohort has come, and the steps from collecting to reports.

``staff/``            GET
``staff/work``        POST  start a step
``staff/work/<id>``   GET   what a step printed
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection
from tornado import web

from pamong.errors import ServiceError
from pamong.light.host import NotThere
from pamong.light.request import Route
from pamong.service import audit, people, progress, schedule
from pamong.service.desk.page import STAFF, TEACHING, StaffPage
from pamong.service.desk.work import STEPS, Work, Workshop
from pamong.service.people import Person
from pamong.service.progress import Standing, Total

FINAL = ("feedback", "transcript")
"""Steps that are too early while somebody still answers: one tells what was right, one sums all up."""


class Overview(StaffPage):
    allowed = STAFF

    @web.authenticated
    async def get(self) -> None:
        await self._show()

    async def _show(self, *, problem: tuple[str, ...] = (), sure: str = "") -> None:
        teaching = self.require(*STAFF).role in TEACHING
        rows = await self.ask(self._rows)
        steps, busy = await self.away(self._steps) if teaching else ([], False)
        self.draw(
            "overview.html",
            problem=problem,
            now=self.clock.full(self.service.clock()),
            modules=[
                {"short": f"M{place}", "title": plan.title}
                for place, plan in enumerate(self.programme.modules, 1)
            ],
            rows=rows,
            steps=steps,
            busy=busy,
            sure=sure,
            doors_out=self._tools() if teaching else [],
        )

    def _rows(self, connection: Connection) -> list[dict[str, Any]]:
        everybody = people.listing(connection)
        known = progress.standings(connection, self.service.course, everybody, replayed=False)
        teaching = self.person.role in TEACHING
        if teaching:
            totals = {(it.cohort, it.module): it for it in counts(everybody, known)}
        else:
            totals = {(it.cohort, it.module): it for it in progress.totals(everybody, known)}
        sizes = Counter(one.cohort for one in everybody)
        return [
            {
                "title": cohort.title,
                "href": f"{self.start}people?cohort={cohort.id}" if teaching else "",
                "people": sizes[cohort.id]
                if teaching or sizes[cohort.id] >= progress.SMALLEST
                else None,
                "cells": [
                    self._cell(totals.get((cohort.id, plan.id))) for plan in self.programme.modules
                ],
            }
            for cohort in self.programme.cohorts
        ]

    def _cell(self, total: Total | None) -> dict[str, Any]:
        if total is None or not total.people:
            withheld = total is not None and total.people is None
            return {"text": self.say("overview.masked") if withheld else "–", "of": 0, "note": ""}
        if total.submitted is None:
            return {"text": self.say("overview.masked"), "of": 0, "note": ""}
        working = None if total.started is None else total.started - total.submitted
        notes = (("started", working), ("late", total.late), ("graded", total.feedback))
        return {
            "text": self.say("overview.cell", submitted=total.submitted, of=total.people),
            "of": total.people,
            "submitted": total.submitted,
            "note": ", ".join(self.say(f"overview.{name}", count=n) for name, n in notes if n),
        }

    def _steps(self) -> tuple[list[dict[str, Any]], bool]:
        shop = Workshop(self.service.course.root)
        recent = shop.recent()
        last = {step: next((it for it in recent if it.step == step), None) for step in STEPS}
        found = [
            {"name": step, "last": work, "told": told(self, work) if work else ""}
            for step, work in last.items()
        ]
        return found, any(it.running for it in recent)

    def _tools(self) -> list[dict[str, str]]:
        """Where JupyterLab and formgrader are, under a hub; nowhere without one."""
        hub = self.frame.hub
        if not hub:
            return []
        own = f"{hub.removesuffix('hub/')}user/{people.GRADER}/"
        pages = {"formgrader": f"{own}formgrader/", "lab": f"{own}lab"}
        start = f"{hub}spawn/{people.GRADER}?next="
        return [
            {"name": name, "href": start + quote(page, safe="")} for name, page in pages.items()
        ]


class Begin(Overview):
    allowed = TEACHING

    async def get(self) -> None:
        self.redirect(self.start)

    @web.authenticated
    async def post(self) -> None:
        me, step = self.require(*TEACHING), self.get_body_argument("step", "")
        if step not in STEPS:
            raise web.HTTPError(400)
        now = self.service.clock()
        warned = step not in FINAL or bool(self.get_body_argument("sure", ""))
        if not warned and (left := await self.ask(self._still_open)):
            self.set_status(409)
            told = self.say(f"refused.early.{step}", modules=", ".join(left))
            await self._show(problem=(told,), sure=step)
            return
        try:
            id_ = await self.away(Workshop(self.service.course.root).start, step, me.id, now)
        except ServiceError:
            self.set_status(409)
            await self._show(problem=(self.say("refused.busy"),))
            return
        await self.change(lambda c: audit.record(c, at=now, who=me.id, act=f"work.{step}", id=id_))
        self.redirect(f"{self.start}work/{id_}", status=303)

    def _still_open(self, connection: Connection) -> list[str]:
        """The modules that somebody may still hand in, by title."""
        them, now = people.listing(connection), self.service.clock()
        ends = schedule.deadlines(connection, self.programme, them)
        late = {module for (_, module), end in ends.items() if end is not None and end > now}
        return [plan.title for plan in self.programme.modules if plan.id in late]


class Printed(StaffPage):
    allowed = TEACHING

    @web.authenticated
    async def get(self, id_: str) -> None:
        self.require(*TEACHING)
        work = await self.away(Workshop(self.service.course.root).find, id_)
        if work is None:
            raise NotThere(id_)
        state = _state(work)
        tones = {"running": "pm-info", "done": "pm-good", "attention": "pm-look"}
        self.draw(
            "work.html",
            work=work,
            state=self.say(f"work.{state}"),
            tone=tones.get(state, "pm-act"),
            told=told(self, work),
            advice=self.say(f"work.{state}.advice") if state in ("failed", "lost") else "",
        )


def told(page: StaffPage, work: Work) -> str:
    """When a step was begun, by whom, and how it stands."""
    return page.say(
        "work.told",
        moment=page.clock.near(work.begun),
        who=work.by,
        state=page.say(f"work.{_state(work)}"),
    )


def _state(work: Work) -> str:
    if work.running:
        return "running"
    return "lost" if work.status is None else "failed" if work.status else "done"


def counts(everybody: Iterable[Person], known: Iterable[Standing]) -> tuple[Total, ...]:
    """Every cohort in every module, for those who may know everybody's progress."""
    cohorts = {person.id: person.cohort for person in everybody}
    groups: dict[tuple[str, str], list[Standing]] = defaultdict(list)
    for standing in known:
        groups[cohorts[standing.person], standing.module].append(standing)
    return tuple(
        Total(
            cohort=cohort,
            module=module,
            people=len(group),
            started=sum(bool(one.begun or one.submissions) for one in group),
            finished=sum(0 < one.exercises == one.finished for one in group),
            submitted=sum(bool(one.submissions) for one in group),
            late=sum(one.late for one in group),
            feedback=sum(one.feedback for one in group),
        )
        for (cohort, module), group in groups.items()
    )


routes: list[Route] = [
    (r"pamong/staff/", Overview),
    (r"pamong/staff/work", Begin),
    (r"pamong/staff/work/([^/]{1,80})", Printed),
]
