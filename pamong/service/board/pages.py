"""The board as everybody uses it; addresses name posts by chance numbers and nobody's id.

``<base>/pamong/board/``                        GET   what is asked of me, my posts, good practices
``<base>/pamong/board/new/(praktik|saran)``     GET   a form, ?from=<module>: with a canvas's text   POST
``<base>/pamong/board/posts/<id>``              GET   a post as its author, staff or a reader sees it
``<base>/pamong/board/posts/<id>/edit``         GET   the form again   POST
``<base>/pamong/board/posts/<id>/withdraw``     POST  take it back
``<base>/pamong/board/posts/<id>/answer``       POST  answer a question
``<base>/pamong/board/posts/<id>/pass``         POST  leave it to somebody else
``<base>/pamong/board/posts/<id>/renew``        POST  have others asked instead of the silent
``<base>/pamong/board/answers/<id>/thanks``     POST  thank for an answer
"""

from __future__ import annotations

from dataclasses import dataclass
from secrets import token_hex
from typing import Any, cast
from urllib.parse import urlencode

from sqlalchemy import Connection
from tornado import web

from pamong.light.host import NotThere
from pamong.light.request import Route
from pamong.service.board import asking, canvas, library, moderation, post
from pamong.service.board.canvas import Source
from pamong.service.board.library import Search
from pamong.service.board.page import ID, BoardPage, told
from pamong.service.board.post import A_DAY, Post
from pamong.service.board.text import (
    FIELDS,
    OPTIONAL,
    PROBLEMS,
    Draft,
    Fault,
    Sort,
    answer_faults,
    cleaned,
    faults,
    written,
)
from pamong.service.people import Person, Role

WRITERS: tuple[Role, ...] = ("peserta",)
CHECKERS: tuple[Role, ...] = ("widyaiswara", "penyelenggara")
SORT = r"(praktik|saran)"


class Board(BoardPage):
    @web.authenticated
    async def get(self) -> None:
        me, wanted = self.person, self._wanted()

        def look(connection: Connection) -> dict[str, Any]:
            mine = me.role in WRITERS
            return {
                "found": library.search(connection, wanted),
                "asked": asking.requests(connection, me.id) if mine else (),
                "own": post.own(connection, me.id) if mine else (),
                "answered": asking.answered(connection, me.id) if mine else {},
                "backlog": moderation.backlog(connection) if me.role in CHECKERS else 0,
            }

        values = await self.reading(look)
        await self.draw(
            "board.html",
            wanted=wanted,
            writes=me.role in WRITERS,
            checks=me.role in CHECKERS,
            page=self._page(wanted),
            **values,
        )

    def _wanted(self) -> Search:
        page = self.get_query_argument("page", "1")
        problem = self.get_query_argument("problem", "")
        component = self.get_query_argument("component", "")
        return Search(
            words=cleaned(self.get_query_argument("words", ""))[: library.LETTERS],
            component=component if component in self.components else "",
            problem=problem if problem in PROBLEMS else "",
            page=int(page) if page.isascii() and page.isdigit() and len(page) < 6 else 1,
        )

    def _page(self, wanted: Search) -> Any:
        """Gives the address of another page of the same search."""
        kept = {"words": wanted.words, "component": wanted.component, "problem": wanted.problem}
        query = {name: value for name, value in kept.items() if value}
        return lambda number: f"{self.start}?{urlencode({**query, 'page': number})}#daftar"


class Unslashed(BoardPage):
    @web.authenticated
    def get(self) -> None:
        self.redirect(self.start, permanent=True)


class Form(BoardPage):
    """A form with a draft in it, and what comes back."""

    allowed = WRITERS

    async def form(self, draft: Draft, id: str, *, new: bool, **more: Any) -> None:
        await self.draw(
            "write.html",
            draft=draft,
            id=id,
            new=new,
            fields=FIELDS[draft.sort],
            optional=OPTIONAL,
            **{"sources": (), "taken": None, "told": {}, **more},
        )

    async def refuse(self, draft: Draft, id: str, found: tuple[Fault, ...], *, new: bool) -> None:
        """The form again, with everything that stood in it and what is wrong."""
        self.set_status(422)
        await self.form(draft, id, new=new, told=await self.away(told, found))

    def draft(self, sort: Sort) -> Draft:
        names = ("title", "component", "problem", *FIELDS[sort])
        return written(
            sort,
            {name: self.get_body_argument(name, "", strip=False) for name in names},
            anonymous=bool(self.get_body_argument("anonymous", "")),
            sure=bool(self.get_body_argument("sure", "")),
        )

    def faults(self, draft: Draft) -> tuple[Fault, ...]:
        return faults(draft, self.components, (self.person.name, self.person.region))


class New(Form):
    @web.authenticated
    async def get(self, name: str) -> None:
        sort = cast(Sort, name)
        taken: Source | None = None
        offered: tuple[Source, ...] = ()
        if sort == "praktik":
            wanted = self.get_query_argument("from", "")
            taken = await self.away(canvas.source, self.host, wanted) if wanted else None
            offered = () if taken else await self.away(canvas.sources, self.host)
        draft = taken.draft if taken else Draft(sort=sort)
        await self.form(draft, token_hex(8), new=True, sources=offered, taken=taken)

    @web.authenticated
    async def post(self, name: str) -> None:
        draft, id, me = self.draft(cast(Sort, name)), self._id(), self.person
        if found := self.faults(draft):
            await self.refuse(draft, id, found, new=True)
            return
        now = self.service.clock()
        result = await self.writing(lambda c: post.submit(c, id, me, draft, now))
        if result == "limit":
            values = {"most": A_DAY[draft.sort]}
            fault = Fault(place="", key=f"limit.{draft.sort}", values=values)
            await self.refuse(draft, id, (fault,), new=True)
            return
        if result == "taken":
            await self.refuse(draft, token_hex(8), (Fault(place="", key="again"),), new=True)
            return
        self.back(f"posts/{id}", "sent")

    def _id(self) -> str:
        id = self.get_body_argument("id", "")
        if len(id) != 16 or set(id) - set("0123456789abcdef"):
            raise web.HTTPError(400)
        return id


class Edit(Form):
    @web.authenticated
    async def get(self, id: str) -> None:
        there = await self._own(id)
        await self.form(there.draft, id, new=False)

    @web.authenticated
    async def post(self, id: str) -> None:
        there, me = await self._own(id), self.person.id
        draft = self.draft(there.sort)
        if found := self.faults(draft):
            await self.refuse(draft, id, found, new=False)
            return
        saved = await self.writing(lambda c: post.change(c, id, me, draft))
        self.back(f"posts/{id}", "sent" if saved else "gone")

    async def _own(self, id: str) -> Post:
        there = await self.reading(lambda c: post.find(c, id))
        if there is None or there.person != self.person.id or not there.editable:
            raise NotThere(id)
        return there


@dataclass(frozen=True, slots=True)
class Sight:
    """The template for what somebody may see of a post, and what is in it."""

    template: str
    values: dict[str, Any]


class OnePost(BoardPage):
    @web.authenticated
    async def get(self, id: str) -> None:
        seen = await self._seen(id)
        await self.draw(seen.template, **seen.values)

    async def _seen(self, id: str) -> Sight:
        me, now = self.person, self.service.clock()

        def look(connection: Connection) -> Sight | None:
            return _of_author(connection, id, me, now) or _of_reader(connection, id, me)

        found = await self.reading(look)
        if found is None:
            raise NotThere(id)
        return found


def _of_author(connection: Connection, id: str, me: Person, now: Any) -> Sight | None:
    there = post.find(connection, id)
    if there is None or there.person != me.id:
        return None
    course = asking.course(connection, id, now) if there.sort == "saran" else None
    return Sight("own.html", {"post": there, "course": course})


def _of_reader(connection: Connection, id: str, me: Person) -> Sight | None:
    """As one who is asked, as staff, or as everybody."""
    if me.role in CHECKERS:
        return _of_staff(connection, id)
    request = asking.request(connection, id, me.id)
    if request:
        return _question(request)
    card = library.card(connection, id)
    return Sight("card.html", {"card": card}) if card else None


def _of_staff(connection: Connection, id: str) -> Sight | None:
    waiting = moderation.seen(connection, id)
    if waiting is None:
        return None
    answers = moderation.answers(connection, id)
    return Sight("checked.html", {"waiting": waiting, "answers": answers})


def _question(request: asking.Request) -> Sight:
    values = {"answer": request.answer, "hidden": request.anonymous, "told": {}}
    return Sight("question.html", {"request": request, **values})


class Withdraw(BoardPage):
    allowed = WRITERS

    @web.authenticated
    async def post(self, id: str) -> None:
        me = self.person.id
        if not await self.writing(lambda c: post.withdraw(c, id, me)):
            raise NotThere(id)
        self.back(f"posts/{id}", "withdrawn")


class Reply(BoardPage):
    allowed = WRITERS

    @web.authenticated
    async def post(self, id: str) -> None:
        text = cleaned(self.get_body_argument("answer", "", strip=False))
        unnamed, me, now = bool(self.get_body_argument("anonymous", "")), self.person.id, self._now
        found = answer_faults(text)
        if found:
            await self._refuse(id, text, found, unnamed=unnamed)
            return
        saved = await self.writing(lambda c: asking.answer(c, id, me, text, now, anonymous=unnamed))
        self.back(f"posts/{id}" if saved else "", "answered" if saved else "gone")

    @property
    def _now(self) -> Any:
        return self.service.clock()

    async def _refuse(self, id: str, text: str, found: tuple[Fault, ...], *, unnamed: bool) -> None:
        request = await self.reading(lambda c: asking.request(c, id, self.person.id))
        if request is None:
            raise NotThere(id)
        self.set_status(422)
        values = {"answer": text, "hidden": unnamed, "told": await self.away(told, found)}
        await self.draw("question.html", request=request, **values)


class Pass(BoardPage):
    allowed = WRITERS

    @web.authenticated
    async def post(self, id: str) -> None:
        me, now = self.person.id, self.service.clock()
        passed = await self.writing(lambda c: asking.decline(c, id, me, now))
        self.back("", "passed" if passed else "gone")


class Renew(BoardPage):
    allowed = WRITERS

    @web.authenticated
    async def post(self, id: str) -> None:
        me, now = self.person.id, self.service.clock()
        done = await self.writing(lambda c: asking.renew(c, id, me, now))
        if not done and not await self.reading(lambda c: _is_own(c, id, me)):
            raise NotThere(id)
        self.back(f"posts/{id}", "renewed" if done else "gone")


class Thanks(BoardPage):
    allowed = WRITERS

    @web.authenticated
    async def post(self, id: str) -> None:
        me, now = self.person.id, self.service.clock()
        question = await self.writing(lambda c: asking.thank(c, id, me, now))
        if not question:
            raise NotThere(id)
        self.back(f"posts/{question}", "thanked")


def _is_own(connection: Connection, id: str, person: str) -> bool:
    there = post.find(connection, id)
    return there is not None and there.person == person


routes: list[Route] = [
    (r"pamong/board", Unslashed),
    (r"pamong/board/", Board),
    (rf"pamong/board/new/{SORT}", New),
    (rf"pamong/board/posts/{ID}", OnePost),
    (rf"pamong/board/posts/{ID}/edit", Edit),
    (rf"pamong/board/posts/{ID}/withdraw", Withdraw),
    (rf"pamong/board/posts/{ID}/answer", Reply),
    (rf"pamong/board/posts/{ID}/pass", Pass),
    (rf"pamong/board/posts/{ID}/renew", Renew),
    (rf"pamong/board/answers/{ID}/thanks", Thanks),
]
