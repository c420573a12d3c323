"""The queue of the moderators.

``<base>/pamong/staff/board``                GET   what waits for a decision
``<base>/pamong/staff/board/posts/<id>``     POST  show or refuse a post
``<base>/pamong/staff/board/answers/<id>``   POST  show or refuse an answer
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import ClassVar, cast

from tornado import web

from pamong import locale
from pamong.catalogue import messages, speaking
from pamong.light.request import Route
from pamong.service.board import moderation
from pamong.service.board.moderation import Decision, Outcome
from pamong.service.board.page import ID
from pamong.service.board.pages import CHECKERS
from pamong.service.desk.page import StaffPage
from pamong.service.people import Role

OUTCOMES: tuple[Outcome, ...] = ("done", "reason", "changed", "gone")
_Decide = Callable[..., Outcome]


class Checking(StaffPage):
    allowed: ClassVar[tuple[Role, ...]] = CHECKERS
    here = "board"

    @web.authenticated
    async def get(self) -> None:
        outcome = self.get_query_argument("outcome", "")
        queue = await self.ask(moderation.queue)
        self.draw(
            "queue.html",
            queue=queue,
            outcome=outcome if outcome in OUTCOMES else "",
            board=messages("board"),
            components={plan.id: plan.title for plan in self.programme.modules},
            day=self._day,
        )

    def _day(self, moment: datetime) -> str:
        with speaking(self.language):
            return locale.day(self.clock.local(moment))


class Deciding(StaffPage):
    """One decision; the page of the queue says what became of it."""

    allowed: ClassVar[tuple[Role, ...]] = CHECKERS

    async def decide(self, work: _Decide, id: str) -> None:
        decision, by, now = self._decision(), self.person.id, self.service.clock()
        reason = self.get_body_argument("reason", "")
        revision = self.get_body_argument("revision", "")
        if not (revision.isascii() and revision.isdigit() and len(revision) < 9):
            raise web.HTTPError(400)
        outcome = await self.change(
            lambda c: work(c, id, int(revision), decision, reason, by=by, now=now)
        )
        self.redirect(f"{self.start}board?outcome={outcome}", status=303)

    def _decision(self) -> Decision:
        decision = self.get_body_argument("decision", "")
        if decision not in ("shown", "refused"):
            raise web.HTTPError(400)
        return cast(Decision, decision)


class DecidePost(Deciding):
    @web.authenticated
    async def post(self, id: str) -> None:
        await self.decide(moderation.decide_post, id)


class DecideAnswer(Deciding):
    @web.authenticated
    async def post(self, id: str) -> None:
        await self.decide(moderation.decide_answer, id)


routes: list[Route] = [
    (r"pamong/staff/board", Checking),
    (rf"pamong/staff/board/posts/{ID}", DecidePost),
    (rf"pamong/staff/board/answers/{ID}", DecideAnswer),
]
