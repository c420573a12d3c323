"""What the page may know about its author: whether a notebook is a module's source, and a preview's news.

``<base>/pamong/view?path=<notebook>`` → {"authoring": bool, "preview": {...} | null}
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from jupyter_server.base.handlers import APIHandler
from tornado import web

from pamong.drafts import is_source

SETTING = "pamong_preview"
"""The server's setting that names the file in which a preview tells its news."""


class View(APIHandler):
    """Answers the page of an open notebook."""

    @web.authenticated
    def get(self) -> None:
        self.set_header("Cache-Control", "no-store")
        self.finish(json.dumps({"authoring": self._is_source(), "preview": self._news()}))

    def _is_source(self) -> bool:
        root = Path(getattr(self.contents_manager, "root_dir", "")).resolve()
        path = (root / self.get_query_argument("path", "").lstrip("/")).resolve()
        return path.is_relative_to(root) and is_source(path.parent)

    def _news(self) -> Any:
        path = self.settings.get(SETTING)
        try:
            return json.loads(Path(path).read_text(encoding="utf-8")) if path else None
        except (OSError, ValueError):
            return None
