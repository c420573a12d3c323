"""Handing in, receipts and feedback.

``<base>/pamong/modules/<module>/submission``            GET    what is incomplete, receipts, deadline
                                                         POST   {"statement": bool, "seen": hash}
``<base>/pamong/modules/<module>/receipts/<code>``       GET    the receipt as a page
``<base>/pamong/modules/<module>/receipts/<code>.pdf``   GET    … to keep
``<base>/pamong/modules/<module>/feedback``              GET    the published feedback
``<base>/pamong/modules/<module>/feedback/<notebook>``   GET    … the page itself, in which nothing runs
``<base>/pamong/modules/<module>/feedback/<notebook>.pdf``  GET  … its print
"""

from __future__ import annotations

import logging
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from tornado import web

from pamong import enclosure
from pamong.catalogue import messages
from pamong.dialogue import scope
from pamong.errors import Undelivered
from pamong.light.host import Host, NotThere
from pamong.light.moment import Clock, deadline
from pamong.light.pages import Frame, render
from pamong.light.paper import pdf, picture
from pamong.light.request import EXCHANGE, NAME, POLICY, Message, Route, Visit
from pamong.outbox import Feedback
from pamong.portfolio import Entry, Portfolio
from pamong.receipt import Receipt

CODE = "([0-9A-Za-z-]{1,40})"
INERT = (
    "default-src 'none'; style-src 'unsafe-inline'; font-src data:; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'; "
    "sandbox allow-same-origin allow-downloads"
)
"""What graders publish was written by participants in part: it may be looked at, and nothing else."""
_REFUSALS = {"changed": 409, "statement": 409, "closed": 409, "over": 409, "large": 413}
log = logging.getLogger(__name__)


class Submission(Message):
    pool = EXCHANGE

    @web.authenticated
    async def get(self, module: str) -> None:
        try:
            self.tell(await self.away(overview, self.host, self.frame, module))
        except Undelivered as error:
            self._refuse(module, error)

    @web.authenticated
    async def post(self, module: str) -> None:
        match self.body():
            case {"statement": bool(statement), "seen": str(seen)} if 0 < len(seen) <= 64:
                pass
            case _:
                raise web.HTTPError(400)

        def handed_in() -> dict[str, Any]:
            made = submit(self.host, module, statement=statement, seen=seen)
            now = overview(self.host, self.frame, module)
            return {"code": made.code, "overview": now}

        try:
            self.tell(await self.away(handed_in))
        except Undelivered as error:
            self._refuse(module, error)

    def _refuse(self, module: str, error: Undelivered) -> None:
        if error.code not in ("changed", "statement", "over"):
            log.error("%s: %s", module, error)
        self.set_status(_REFUSALS.get(error.code, 503))
        self.tell({"text": self.said(error), "again": error.code not in _REFUSALS})

    def write_error(self, status_code: int, **more: Any) -> None:
        if status_code < 500:
            super().write_error(status_code, **more)
        else:
            text = messages("handin", self.language)("unexpected")
            self.tell({"text": text, "again": True})

    def said(self, error: Undelivered) -> str:
        """What a participant reads instead of the error."""
        return messages("handin", self.language)(f"undelivered.{error.code}")


class ReceiptPage(Visit):
    @web.authenticated
    async def get(self, module: str, code: str) -> None:
        def page() -> str:
            made, values = receipt_values(self.host, module, code)
            proof = self.host.outbox(module).proof(made)
            mark = picture(proof.text if proof else qr_text(made))
            return render("receipt.html", self.frame, module=module, mark=mark, **values)

        self.show(await self.away(page))


class ReceiptPaper(Visit):
    @web.authenticated
    async def get(self, module: str, code: str) -> None:
        def paper() -> tuple[str, bytes]:
            made, values = receipt_values(self.host, module, code)
            if proof := self.host.outbox(module).proof(made):
                content = pdf(values, proof.text, made.moment, keyword=proof.keyword)
                return made.code, proof.seal(content)
            return made.code, pdf(values, qr_text(made), made.moment)

        found, content = await self.away(paper)
        self.set_header("Content-Type", "application/pdf")
        self.set_header("Content-Disposition", f'attachment; filename="{module}-{found}.pdf"')
        self.finish(content)


class FeedbackPage(Visit):
    pool = EXCHANGE

    @web.authenticated
    async def get(self, module: str) -> None:
        def page() -> str:
            found = self.host.outbox(module).feedback()
            values = feedback_values(self.host, self.frame, module, found)
            return render("feedback.html", self.frame, module=module, **values)

        self.set_header("Content-Security-Policy", f"{POLICY}; frame-src 'self'")
        self.show(await self.away(page))


class FeedbackDocument(Visit):
    pool = EXCHANGE

    @web.authenticated
    async def get(self, module: str, notebook: str) -> None:
        def document() -> bytes:
            href = self.frame.module(module, f"feedback/{notebook}.pdf")
            return enclosure.outside(published(self.host, module, notebook), href)

        content = await self.away(document)
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.set_header("Content-Security-Policy", INERT)
        self.finish(content)


class FeedbackPaper(Visit):
    pool = EXCHANGE

    @web.authenticated
    async def get(self, module: str, notebook: str) -> None:
        def paper() -> bytes:
            found = enclosure.enclosed(published(self.host, module, notebook))
            if not found:
                raise NotThere(f"{notebook}.pdf")
            return found

        content = await self.away(paper)
        name = f"{messages('handin', self.language)('feedback.file')}-{module}.pdf"
        self.set_header("Content-Type", "application/pdf")
        self.set_header("Content-Disposition", f'attachment; filename="{name}"')
        self.finish(content)


routes: list[Route] = [
    (rf"pamong/modules/{NAME}/submission", Submission),
    (rf"pamong/modules/{NAME}/receipts/{CODE}\.pdf", ReceiptPaper),
    (rf"pamong/modules/{NAME}/receipts/{CODE}", ReceiptPage),
    (rf"pamong/modules/{NAME}/feedback", FeedbackPage),
    (rf"pamong/modules/{NAME}/feedback/([^/]{{1,200}})\.pdf", FeedbackPaper),
    (rf"pamong/modules/{NAME}/feedback/([^/]{{1,200}})", FeedbackDocument),
]


def submit(host: Host, module: str, *, statement: bool, seen: str) -> Receipt:
    """Hand in what the page has shown; Undelivered where that is not so or cannot be."""

    def read() -> Portfolio:
        found = host.portfolio(module)
        if found.summative and not statement:
            raise Undelivered("statement", module, "the statement of own work is missing")
        return found

    host.module(module)
    return host.outbox(module).submit(read, statement=statement, seen=seen)


def overview(host: Host, frame: Frame, module: str) -> dict[str, Any]:
    """All that the panel at the end of a module shows."""
    outbox = host.outbox(module)
    outbox.settle()
    found, receipts, clock = host.portfolio(module), outbox.receipts(), _clock(host)
    due = host.enrolment.deadline(module)
    return {
        "scope": scope(host.enrolment.course_id, host.enrolment.participant, module),
        "open": outbox.open,
        "over": outbox.over,
        "seen": found.content,
        "deadline": asdict(deadline(due, clock)) if due else None,
        "exercises": [_exercise(entry) for entry in found.entries],
        "statement": found.summative,
        "remarks": list(found.remarks),
        "receipts": [_line(each, clock, frame) for each in receipts],
        "changed": outbox.outdated(found.events, found.pages),
        "feedback": frame.module(module, "feedback") if outbox.feedback() else "",
    }


def receipt_values(host: Host, module: str, code: str) -> tuple[Receipt, dict[str, Any]]:
    """A receipt and what its page and its paper show; NotThere when the participant has none such."""
    outbox = host.outbox(module)
    made = outbox.find(code)
    if made is None:
        raise NotThere(code)
    say, enrolment, plan = messages("handin"), host.enrolment, host.enrolment.plan(module)
    late = "yes" if made.late else "no" if enrolment.deadline(module) else "none"
    facts = [
        ("programme", enrolment.programme),
        ("participant", enrolment.name or enrolment.participant),
        ("module", plan.title if plan else module),
        ("moment", _clock(host).full(made.moment)),
        ("late", say(f"page.late.{late}")),
    ]
    if made.statement:
        facts.append(("statement", say("page.statement.yes")))
    titles = _titles(host, module)
    return made, {
        "code": made.code,
        "content": made.content,
        "signed": outbox.proof(made) is not None,
        "facts": [(say(f"page.{key}"), text) for key, text in facts],
        "exercises": [
            {
                "title": titles.get(each.exercise, each.exercise),
                "state": say(f"page.state.{_state(each.state, each.events)}"),
                "events": each.events,
            }
            for each in made.exercises
        ],
    }


def feedback_values(
    host: Host, frame: Frame, module: str, found: tuple[Feedback, ...]
) -> dict[str, Any]:
    """What the page around published feedback shows."""
    plan, newest = host.enrolment.plan(module), host.outbox(module).receipts()
    made = found[0].receipt if found else None
    return {
        "title": plan.title if plan else module,
        "moment": _clock(host).full(made.moment) if made else "",
        "old": made is not None and made != newest[0],
        "pages": [
            {
                "name": "" if len(found) == 1 else each.notebook,
                "href": frame.module(module, f"feedback/{each.notebook}"),
                "pdf": _paper(frame, module, each),
            }
            for each in found
        ],
    }


def published(host: Host, module: str, notebook: str) -> bytes:
    """The page of feedback on one notebook; NotThere when this participant has none."""
    found = host.outbox(module).feedback()
    page = next((each for each in found if each.notebook == notebook), None)
    if page is None:
        raise NotThere(notebook)
    return page.read()


def qr_text(made: Receipt) -> str:
    """What the QR code of a receipt says."""
    return f"PAMONG {made.code} sha256:{made.content}"


def _exercise(entry: Entry) -> dict[str, Any]:
    return {
        "exercise": entry.exercise,
        "title": entry.title,
        "graded": entry.graded,
        "state": _state(entry.state, entry.events),
        "missing": len(entry.missing),
    }


def _line(made: Receipt, clock: Clock, frame: Frame) -> dict[str, Any]:
    page = frame.module(made.module, f"receipts/{made.code}")
    return {
        "code": made.code,
        "content": made.content,
        "moment": clock.near(made.moment),
        "late": made.late,
        "page": page,
        "pdf": f"{page}.pdf",
    }


def _paper(frame: Frame, module: str, page: Feedback) -> str:
    """Where the print of a page is; empty where it was published without one."""
    printed = enclosure.enclosed(page.read())
    return frame.module(module, f"feedback/{page.notebook}.pdf") if printed else ""


def _state(state: str, events: int) -> str:
    return "unstarted" if state == "unfinished" and not events else state


def _titles(host: Host, module: str) -> dict[str, str]:
    """The titles of exercises that are still there."""
    try:
        return {name: brief.title for name, brief in host.module(module).briefs.items()}
    except NotThere:
        return {}


def _clock(host: Host) -> Clock:
    return Clock(now=datetime.now(UTC), zone=host.enrolment.clock_zone)
