"""The form's files under an address of their own revision, for any tornado server.

``<base>/pamong/static/<revision>/<file>``: a browser may keep the current revision for ever; any
other (a kernel from before an upgrade) gets the current files and must ask again next time.
"""

from __future__ import annotations

from typing import Any

from tornado.web import HTTPError, RequestHandler

from pamong.catalogue import spoken
from pamong.view.assets import File, asset, revision, texts

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

    def get(self, asked: str, name: str) -> None:
        self.answer(asset(name), asked)


class Texts(Served):
    """One catalogue, asked for as ``messages/<language>/<area>.json``; ``-`` is this server's language."""

    def get(self, asked: str, language: str, area: str) -> None:
        self.answer(texts(area, spoken() if language == "-" else language), asked)


def routes(
    base: str, texts: type[Texts] = Texts, assets: type[Asset] = Asset
) -> list[tuple[str, type[RequestHandler], dict[str, Any]]]:
    """The routes below ``base``, which ends in a slash."""
    start = f"{base}pamong/static"
    return [
        (rf"{start}/([0-9a-f]+)/messages/([a-z-]+)/([a-z_]+)\.json", texts, {}),
        (rf"{start}/([0-9a-f]+)/(.+)", assets, {}),
    ]
