"""A Jupyter server extension: the form's files (``pamong.view.files``) and the light pages."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import quote

from jupyter_server.auth.decorator import allow_unauthenticated
from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.serverapp import ServerApp
from jupyter_server.utils import url_path_join
from tornado.web import RequestHandler, authenticated

from pamong import enrolment
from pamong.client import address
from pamong.light.home import due
from pamong.light.host import FolderHost
from pamong.light.request import mounted
from pamong.light.routes import ROUTES
from pamong.view import files
from pamong.view.author import MODULES, NOTICE, View


class Asset(files.Asset):
    """Jupyter refuses whoever is not logged in, unless it is told otherwise."""

    @allow_unauthenticated
    def get(self, asked: str, name: str) -> None:
        super().get(asked, name)


class Texts(files.Texts):
    """As ``Asset``."""

    @allow_unauthenticated
    def get(self, asked: str, language: str, area: str) -> None:
        super().get(asked, language, area)


class Elsewhere(JupyterHandler):
    """Under the hub the pages are the service's: an answer that was written here would reach nobody."""

    @authenticated
    def get(self, rest: str) -> None:
        base = os.environ.get("JUPYTERHUB_BASE_URL", "/").rstrip("/")
        self.redirect(f"{base}/services/pamong/{quote(rest)}")


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "pamong.view.server"}]


def _load_jupyter_server_extension(app: ServerApp) -> None:
    base = app.web_app.settings["base_url"]
    view = (url_path_join(base, "pamong/view"), View)
    own = files.routes(f"{base.rstrip('/')}/", Texts, Asset)
    app.web_app.add_handlers(".*$", [*own, view, *_pages(app, base)])  # type: ignore[no-untyped-call]


def _pages(app: ServerApp, base: str) -> list[tuple[str, type[RequestHandler]]]:
    """The pages of the participant whose server this is; without an enrolment they only say so.

    Where there is a service, the way to its pages.
    """
    found = enrolment.from_environment()
    if address():
        app.web_app.settings[MODULES] = [plan.id for plan in found.modules] if found else []
        return [(url_path_join(base, "pamong/(.*)"), Elsewhere)]
    host = FolderHost(Path(app.root_dir).resolve(), found) if found else None
    app.web_app.settings[NOTICE] = lambda: host is not None and due(host) is not None
    app.web_app.settings[MODULES] = [plan.id for plan in found.modules] if found else []
    own = mounted(ROUTES, JupyterHandler, lambda _: host)
    return [(url_path_join(base, path), visit) for path, visit in own]
