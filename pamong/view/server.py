"""A Jupyter server extension: the form's files under an address of their own revision, and the light pages.

``<base>/pamong/static/<revision>/<file>``: a browser may keep the current revision for ever; any
other (a kernel from before an upgrade) gets the current files and must ask again next time.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jupyter_server.auth.decorator import allow_unauthenticated
from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.serverapp import ServerApp
from jupyter_server.utils import url_path_join
from tornado.web import HTTPError, RequestHandler

from pamong import enrolment
from pamong.catalogue import spoken
from pamong.light.home import due
from pamong.light.host import FolderHost
from pamong.light.request import mounted
from pamong.light.routes import ROUTES
from pamong.view.assets import File, asset, revision, texts
from pamong.view.author import MODULES, NOTICE, View

FOREVER = "public, max-age=31536000, immutable"
ASK_AGAIN = "no-cache"


class Served(RequestHandler):
    """One file for a browser. Nothing secret, so no login needed."""

    def set_default_headers(self) -> None:
        self.clear_header("Server")  # a few hundred bytes on every small file add up

    def compute_etag(self) -> str | None:
        return None if self._current else super().compute_etag()

    def answer(self, file: File | None, asked: str) -> None:
        if file is None:
            raise HTTPError(404)
        self._current = asked == revision()
        self.set_header("Cache-Control", FOREVER if self._current else ASK_AGAIN)
        self.set_header("Content-Type", file.type)
        self.set_header("X-Content-Type-Options", "nosniff")
        if file.packed and "gzip" in self.request.headers.get("Accept-Encoding", ""):
            self.set_header("Content-Encoding", "gzip")
            self.set_header("Vary", "Accept-Encoding")
            self.finish(file.packed)
        else:
            self.finish(file.content)

    _current = False


class Asset(Served):
    """Code, styles or font of the form."""

    @allow_unauthenticated
    def get(self, asked: str, name: str) -> None:
        self.answer(asset(name), asked)


class Texts(Served):
    """One catalogue, asked for as ``messages/<language>/<area>.json``; ``-`` is this server's language."""

    @allow_unauthenticated
    def get(self, asked: str, language: str, area: str) -> None:
        self.answer(texts(area, spoken() if language == "-" else language), asked)


def routes(base: str) -> list[tuple[str, type[RequestHandler], dict[str, Any]]]:
    """The routes below ``base``; also for servers that are not Jupyter's."""
    start = url_path_join(base, "pamong/static")
    return [
        (rf"{start}/([0-9a-f]+)/messages/([a-z-]+)/([a-z_]+)\.json", Texts, {}),
        (rf"{start}/([0-9a-f]+)/(.+)", Asset, {}),
    ]


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "pamong.view.server"}]


def _load_jupyter_server_extension(app: ServerApp) -> None:
    base = app.web_app.settings["base_url"]
    view = (url_path_join(base, "pamong/view"), View)
    app.web_app.add_handlers(".*$", [*routes(base), view, *_pages(app, base)])  # type: ignore[no-untyped-call]


def _pages(app: ServerApp, base: str) -> list[tuple[str, type[RequestHandler]]]:
    """The pages of the participant whose server this is; without an enrolment they only say so."""
    found = enrolment.from_environment()
    host = FolderHost(Path(app.root_dir).resolve(), found) if found else None
    app.web_app.settings[NOTICE] = lambda: host is not None and due(host) is not None
    app.web_app.settings[MODULES] = [plan.id for plan in found.modules] if found else []
    own = mounted(ROUTES, JupyterHandler, lambda _: host)
    return [(url_path_join(base, path), visit) for path, visit in own]
