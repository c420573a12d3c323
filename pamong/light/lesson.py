"""The page of a module and what its scripts ask for; before first use it leads to the privacy notice.

``<base>/pamong/modules/<module>/``                         GET   the page
``<base>/pamong/modules/<module>/files/<name>``             GET   a figure
``<base>/pamong/modules/<module>/exercises/<exercise>``     POST  a message of ``pamong.dialogue``
``<base>/pamong/modules/<module>/looks``                    POST  {"<exercise>": n} → {"edition", "changed"}
"""

from __future__ import annotations

import re
from mimetypes import guess_type
from typing import Any

from tornado import web

from pamong.errors import LogError
from pamong.kinds import KINDS
from pamong.light.home import due
from pamong.light.host import Host, ModuleContent
from pamong.light.pages import Frame, module_page
from pamong.light.request import NAME, Message, Route, Visit
from pamong.store import Store


class ModulePage(Visit):
    @web.authenticated
    async def get(self, module: str) -> None:
        if await self.away(due, self.host):
            self.redirect(f"{self.frame.home}privacy?module={module}")
            return
        self.show(await self.away(_page, self.frame, self.host, module))


def _page(frame: Frame, host: Host, module: str) -> str:
    content = host.module(module)
    found = {name: _at_once(host, content, name) for name in content.exercises}
    return module_page(frame, content, {name: screen for name, screen in found.items() if screen})


def _at_once(host: Host, content: ModuleContent, exercise: str) -> dict[str, Any] | None:
    """The screen of an exercise, unless somebody else would have to be waited for."""
    if KINDS[content.briefs[exercise].kind].reactive:
        try:
            events = host.store(content.id).read(exercise)
        except (LogError, OSError):  # its own screen says so
            return None
        if events and events[-1].who != "counterpart":
            return None
    return host.dialogue(content.id, exercise).look()


class Unslashed(Visit):
    @web.authenticated
    def get(self, module: str) -> None:
        self.redirect(self.frame.module(module), permanent=True)


class Figure(Visit):
    @web.authenticated
    async def get(self, module: str, name: str) -> None:
        content = await self.away(self.host.file, module, name)
        self.set_header("Content-Type", guess_type(name)[0] or "application/octet-stream")
        self.set_header("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
        self.set_header("Cache-Control", "private, max-age=3600")
        self.finish(content)


class Exercise(Message):
    @web.authenticated
    async def post(self, module: str, exercise: str) -> None:
        message = self.body()

        def answer() -> dict[str, Any] | None:
            return self.host.dialogue(module, exercise).receive(message)

        answered = await self.away(answer)
        if answered is None:
            raise web.HTTPError(400)
        self.tell(answered)


class Looks(Message):
    """Which of the exercises that a page shows have been changed elsewhere: asked for all at once."""

    @web.authenticated
    async def post(self, module: str) -> None:
        known = self.body()
        if not isinstance(known, dict) or len(known) > 200:
            raise web.HTTPError(400)
        self.tell(await self.away(_changes, self.host, module, known))


def _changes(host: Host, module: str, known: dict[str, Any]) -> dict[str, Any]:
    store = host.store(module)
    shown = [name for name in known if re.fullmatch(NAME, name)]
    return {
        "edition": host.edition(module),
        "changed": [name for name in shown if not _stands(store, name, known[name])],
    }


def _stands(store: Store, exercise: str, n: object) -> bool:
    """Whether a log holds as many events as a page knows of; not one that nobody can read."""
    try:
        return store.count(exercise) == n
    except (LogError, OSError):  # its own screen says so
        return False


routes: list[Route] = [
    (rf"pamong/modules/{NAME}", Unslashed),
    (rf"pamong/modules/{NAME}/", ModulePage),
    (rf"pamong/modules/{NAME}/files/(.+)", Figure),
    (rf"pamong/modules/{NAME}/exercises/{NAME}", Exercise),
    (rf"pamong/modules/{NAME}/looks", Looks),
]
