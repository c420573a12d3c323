"""Every address of the board."""

from pamong.light.request import Route
from pamong.service.board import pages, staff

routes: list[Route] = [*pages.routes, *staff.routes]
