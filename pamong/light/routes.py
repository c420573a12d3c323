"""Every address below ``<base>/pamong/``, for whichever server the pages are mounted on."""

from __future__ import annotations

from tornado import web

from pamong.light import handin, home, lesson
from pamong.light.host import NotThere
from pamong.light.request import Route, Visit


class Nowhere(Visit):
    """Any other address below ours."""

    @web.authenticated
    def get(self, *_: str) -> None:
        raise NotThere(self.request.path)


ROUTES: tuple[Route, ...] = (
    *home.routes,
    *lesson.routes,
    *handin.routes,
    (r"pamong/.*", Nowhere),
)
