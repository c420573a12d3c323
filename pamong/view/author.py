"""What the page of a notebook may know: is it a module's source or one of a home, and a preview's news.

``<base>/pamong/view?path=<notebook>`` →
{"authoring", "preview", "module", "notice", "revision", "elsewhere"}

``notice`` is the address of the privacy notice while a participant has yet to accept it; ``elsewhere``
says that a service has the other pages, so that handing in is done there.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jupyter_server.base.handlers import APIHandler
from jupyter_server.utils import url_path_join
from tornado import web

from pamong.client import address
from pamong.course import NOTEBOOK
from pamong.drafts import is_source
from pamong.view.assets import revision

SETTING = "pamong_preview"
"""The server's setting that names the file in which a preview tells its news."""
MODULES = "pamong_modules"
"""The server's setting that lists the modules of the participant whose home it has."""
NOTICE = "pamong_notice"
"""The server's setting that says, when called, whether that participant has yet to accept the notice."""


class View(APIHandler):
    """Answers the page of an open notebook."""

    @web.authenticated
    async def get(self) -> None:
        self.set_header("Cache-Control", "no-store")
        module = self._module()
        about = {
            "authoring": self._is_source(),
            "preview": self._news(),
            "module": module,
            "elsewhere": bool(address()),
        }
        self.finish(
            json.dumps({**about, "notice": await self._notice(module), "revision": revision()})
        )

    async def _notice(self, module: str) -> str:
        due: Callable[[], bool] | None = self.settings.get(NOTICE)
        if due is None or not module:
            return ""
        if not await asyncio.get_running_loop().run_in_executor(None, due):
            return ""
        return url_path_join(self.base_url, f"pamong/privacy?module={module}")

    def _root(self) -> Path:
        return Path(getattr(self.contents_manager, "root_dir", "")).resolve()

    def _path(self) -> Path:
        return (self._root() / self.get_query_argument("path", "").lstrip("/")).resolve()

    def _is_source(self) -> bool:
        path = self._path()
        return path.is_relative_to(self._root()) and is_source(path.parent)

    def _module(self) -> str:
        """The module of the participant's whose notebook it is; empty where the server has no home."""
        path, modules = self._path(), self.settings.get(MODULES, ())
        known = path.name == NOTEBOOK and path.parent.parent == self._root()
        return path.parent.name if known and path.parent.name in modules else ""

    def _news(self) -> Any:
        path = self.settings.get(SETTING)
        try:
            return json.loads(Path(path).read_text(encoding="utf-8")) if path else None
        except (OSError, ValueError):
            return None
