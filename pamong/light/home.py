"""A participant's front door: home, the privacy notice before first use, and help.

``<base>/pamong/``           GET   the home page; before the notice was accepted, the notice
``<base>/pamong/privacy``    GET   the notice, to be read again
``<base>/pamong/consent``    POST  the form below the notice
``<base>/pamong/help``       GET   the participants' guide
``<base>/pamong/transcript.pdf``  GET  the participant's newest transcript
``<base>/pamong/remember``   POST  {"host": "light" | "notebook"} or {"tour": true}
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from typing import Any

from markupsafe import Markup
from tornado import web

from pamong.catalogue import LANGUAGE, PACKAGE, messages, spoken
from pamong.errors import ServiceError
from pamong.light.cards import Desk, home_values
from pamong.light.host import Host, NotThere
from pamong.light.moment import Clock
from pamong.light.notice import Notice, notice
from pamong.light.pages import Frame, prose, render
from pamong.light.progress import moment, progress
from pamong.light.remembered import HostName, Remembered
from pamong.light.request import EXCHANGE, Message, Route, Visit
from pamong.light.survey import briefs, survey

GUIDE = "panduan-peserta.md"


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What a page of the front door needs besides the host: its frame, the moment, and more."""

    frame: Frame
    now: datetime
    xsrf: str = ""
    module: str = ""
    """Where the participant was going when the notice came in between."""
    notebooks: bool = False
    problem: str = ""


def due(host: Host) -> Notice | None:
    """The privacy notice that the participant has not accepted as it is now; None when they have."""
    current = _notice(host)
    return None if current.is_covered(host.remembered().notice) else current


def home_page(host: Host, around: Around) -> str:
    """The home page, or the notice where it is due."""
    remembered, seen = host.remembered(), survey(host)
    company = host.company()
    current = notice(seen.briefs, host.enrolment.retention, company=company is not None)
    if not current.is_covered(remembered.notice):
        return _notice_page(host, around, current, remembered, asks=True)
    clock, person = _clock(host, around), host.enrolment
    desk = Desk(frame=around.frame, notebooks=around.notebooks, preferred=remembered.host)
    values = home_values([progress(each) for each in seen.modules], clock, desk)
    name = person.name or person.participant
    return render(
        "home.html",
        around.frame,
        greeting=messages("home")(f"greeting.{clock.greeting()}", name=name),
        person=person,
        tour=not remembered.toured,
        problem=around.problem,
        company=company,
        transcript=f"{around.frame.home}transcript.pdf" if host.transcript() else "",
        **values,
    )


def privacy_page(host: Host, around: Around) -> str:
    """The notice; with its button only where it has not been accepted as it is now."""
    remembered, current = host.remembered(), _notice(host)
    asks = not current.is_covered(remembered.notice)
    return _notice_page(host, around, current, remembered, asks=asks)


def help_page(host: Host, frame: Frame) -> str:
    """The participants' guide, in the language spoken or else in Indonesian."""
    written, chapters = _guide(spoken())
    contact = host.enrolment.contact
    return render("help.html", frame, written=written, chapters=chapters, contact=contact)


def agree(host: Host, version: str, now: datetime) -> bool:
    """Record that the notice of ``version`` was accepted; False when that is not the current one."""
    if version != _notice(host).version:
        return False
    at = now.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    host.remember(notice=version, agreed=at)
    return True


def note(host: Host, content: Any, now: datetime) -> bool:
    """Remember what a page reports; False when it is not one of its messages."""
    at = now.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    match content:
        case {"host": "light" | "notebook" as name}:
            chosen: HostName = name
            change: dict[str, str] = {"host": chosen}
        case {"tour": True}:
            change = {"toured": at}
        case _:
            return False
    host.remember(**change)
    return True


class Home(Visit):
    pool = EXCHANGE

    @web.authenticated
    async def get(self) -> None:
        await welcome(self)


async def welcome(visit: Visit) -> None:
    """Answer with the home page of whoever asks."""
    around = _around(visit)

    def page() -> str:
        return home_page(visit.host, replace(around, notebooks=_notebooks(visit)))

    visit.show(await visit.away(page))


class Privacy(Visit):
    @web.authenticated
    async def get(self) -> None:
        self.show(await self.away(privacy_page, self.host, _around(self)))


class Consent(Visit):
    @web.authenticated
    async def post(self) -> None:
        version, host = self.get_body_argument("notice", ""), self.host
        try:
            await self.away(agree, host, version, datetime.now(UTC))
        except (OSError, ServiceError):
            problem = await self.away(lambda: messages("home")("problem.remember"))
            self.set_status(503)
            self.show(await self.away(privacy_page, host, _around(self, problem)))
            return
        module = self.get_argument("module", "")
        known = host.enrolment.plan(module) is not None
        self.redirect(self.frame.module(module) if known else self.frame.home, status=303)


class Help(Visit):
    @web.authenticated
    async def get(self) -> None:
        self.show(await self.away(help_page, self.host, self.frame))


class Transcript(Visit):
    pool = EXCHANGE

    @web.authenticated
    async def get(self) -> None:
        content = await self.away(self.host.transcript)
        if content is None:
            raise NotThere("transcript.pdf")
        name = f"{messages('home', self.language)('transcript.file')}.pdf"
        self.set_header("Content-Type", "application/pdf")
        self.set_header("Content-Disposition", f'attachment; filename="{name}"')
        self.finish(content)


class Remember(Message):
    @web.authenticated
    async def post(self) -> None:
        if not await self.away(note, self.host, self.body(), datetime.now(UTC)):
            raise web.HTTPError(400)
        self.tell({})


routes: list[Route] = [
    (r"pamong/", Home),
    (r"pamong/privacy", Privacy),
    (r"pamong/consent", Consent),
    (r"pamong/help", Help),
    (r"pamong/transcript\.pdf", Transcript),
    (r"pamong/remember", Remember),
]


def _around(visit: Visit, problem: str = "") -> Around:
    return Around(
        frame=visit.frame,
        now=datetime.now(UTC),
        xsrf=visit.xsrf_token.decode(),
        module=visit.get_argument("module", ""),
        problem=problem,
    )


def _notebooks(visit: Visit) -> bool:
    """Whether modules open as notebooks: here, with Notebook 7 and a kernel, or on a server at the hub.

    It looks into folders for kernels.
    """
    if visit.frame.hub:
        return True
    loaded = getattr(visit.settings.get("serverapp"), "extension_manager", None)
    kernels = visit.settings.get("kernel_spec_manager")
    if loaded is None or kernels is None or "notebook" not in loaded.extension_apps:
        return False
    return bool(kernels.find_kernel_specs())


def _notice(host: Host) -> Notice:
    company = host.company() is not None
    return notice(briefs(host), host.enrolment.retention, company=company)


def _clock(host: Host, around: Around) -> Clock:
    return Clock(now=around.now, zone=host.enrolment.clock_zone)


def _notice_page(
    host: Host, around: Around, current: Notice, remembered: Remembered, *, asks: bool
) -> str:
    agreed = moment(remembered.agreed) if remembered.agreed else None
    return render(
        "privacy.html",
        around.frame,
        notice=current,
        asks=asks,
        agreed=_clock(host, around).near(agreed) if agreed else "",
        xsrf=around.xsrf,
        module=around.module,
        problem=around.problem,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Chapter:
    """A part of the guide below one heading."""

    title: str
    anchor: str
    html: Markup


@cache
def _guide(language: str) -> tuple[str, tuple[_Chapter, ...]]:
    """The guide by chapters, and the language that it is in."""
    path = PACKAGE / "messages" / language / GUIDE
    if not path.is_file():
        language, path = LANGUAGE, PACKAGE / "messages" / LANGUAGE / GUIDE
    ids: set[str] = set()
    chapters = []
    for place, text in enumerate(path.read_text(encoding="utf-8").split("\n## ")):
        known = set(ids)
        html = prose(text if not place else f"## {text}", "", ids)
        anchor = next(iter(ids - known), "")
        title = text.partition("\n")[0].removeprefix("# ").strip()
        chapters.append(_Chapter(title=title, anchor=anchor, html=Markup(html)))  # noqa: S704  # our own text
    return language, tuple(chapters)
