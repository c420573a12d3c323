"""A Jupyter server extension that serves the form's files under an address of their own revision.

``<base>/pamong/static/<revision>/<file>``: a browser may keep the current revision for ever; any
other (a kernel from before an upgrade) gets the current files and must ask again next time.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jupyter_server.auth.decorator import allow_unauthenticated
from jupyter_server.serverapp import ServerApp
from jupyter_server.utils import url_path_join
from tornado.web import StaticFileHandler

from pamong.catalogue import PACKAGE, source
from pamong.view.assets import STATIC, revision
from pamong.view.author import View

FOREVER = "public, max-age=31536000, immutable"
ASK_AGAIN = "no-cache"


class Asset(StaticFileHandler):
    """One file of the form: code, styles, font or catalogue. Nothing secret, so no login needed."""

    get = allow_unauthenticated(StaticFileHandler.get)
    head = allow_unauthenticated(StaticFileHandler.head)

    def parse_url_path(self, url_path: str) -> str:
        asked, _, rest = url_path.partition("/")
        self._current = asked == revision()
        return super().parse_url_path(self.located(rest))

    def located(self, path: str) -> str:
        """Where the file asked for as ``path`` lies below the folder that is served."""
        return path

    def set_extra_headers(self, path: str) -> None:
        self.set_header("Cache-Control", FOREVER if self._current else ASK_AGAIN)
        self.set_header("X-Content-Type-Options", "nosniff")
        if Path(path).suffix == ".js":
            self.set_header("Content-Type", "text/javascript; charset=utf-8")


class Texts(Asset):
    """One catalogue, asked for as ``messages/<language>/<area>.json``."""

    def located(self, path: str) -> str:
        _, language, name = path.split("/")
        return source(name.removesuffix(".json"), language).relative_to(PACKAGE).as_posix()


def routes(base: str) -> list[tuple[str, type[Asset], dict[str, Any]]]:
    """The routes below ``base``; also for servers that are not Jupyter's."""
    start = url_path_join(base, "pamong/static")
    catalogue = r"[0-9a-f]+/messages/[a-z-]+/[a-z_]+\.json"
    return [
        (rf"{start}/({catalogue})", Texts, {"path": str(PACKAGE)}),
        (rf"{start}/([0-9a-f]+/.+)", Asset, {"path": str(STATIC)}),
    ]


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "pamong.view.server"}]


def _load_jupyter_server_extension(app: ServerApp) -> None:
    base = app.web_app.settings["base_url"]
    view = (url_path_join(base, "pamong/view"), View)
    app.web_app.add_handlers(".*$", [*routes(base), view])  # type: ignore[no-untyped-call]
