"""The written summaries, each for whom it is meant, and the list of what staff have done.

``staff/reports``          GET  what there is
``staff/reports/<name>``   GET  one file of it
``staff/audit``            GET  what was done, the newest first
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from typing import Any, ClassVar

from tornado import web

from pamong.catalogue import messages
from pamong.light.host import NotThere
from pamong.light.request import Route
from pamong.service import audit
from pamong.service.desk.page import RUNNING, STAFF, StaffPage
from pamong.service.people import Role

_NAME = re.compile(r"([a-z0-9][a-z0-9-]{0,80})-([a-z]{1,20})\.(html|pdf)", re.ASCII)
_TITLE = re.compile(rb"<title>([^<]{1,300})</title>")
_TYPES = {"html": "text/html; charset=utf-8", "pdf": "application/pdf"}
_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; font-src data:; img-src data:; "
    "base-uri 'none'; form-action 'none'; sandbox allow-same-origin allow-downloads"
)
"""A summary quotes what participants wrote: it may be looked at, and nothing else."""


class Reports(StaffPage):
    allowed = STAFF
    here = "reports"

    @web.authenticated
    async def get(self) -> None:
        rows = await self.away(self._rows)
        self.draw("reports.html", rows=rows)

    def _rows(self) -> list[dict[str, Any]]:
        found: dict[str, dict[str, Any]] = {}
        for path in sorted(self.service.course.reports.glob("*")):
            edition = _edition(path.name, self.language)
            if not edition or not _may(self.person.role, edition):
                continue
            row = found.setdefault(path.stem, {"title": path.stem, "edition": edition, "files": []})
            row["made"] = self.clock.near(datetime.fromtimestamp(path.stat().st_mtime, UTC))
            row["files"].append({"name": path.name, "sort": path.suffix[1:].upper()})
            if path.suffix == ".html":
                row["title"] = _title(path) or path.stem
        return list(found.values())


class Report(StaffPage):
    allowed = STAFF

    @web.authenticated
    async def get(self, name: str) -> None:
        edition = _edition(name, self.language)
        if not edition or not _may(self.require(*STAFF).role, edition):
            raise NotThere(name)
        content = await self.away(_content, self.service.course.reports / name)
        sort = name.rpartition(".")[2]
        self.set_header("Content-Type", _TYPES[sort])
        if sort == "html":
            self.set_header("Content-Security-Policy", _POLICY)
        else:
            self.set_header("Content-Disposition", f'inline; filename="{name}"')
        self.finish(content)


class Audit(StaffPage):
    allowed: ClassVar[tuple[Role, ...]] = RUNNING
    here = "audit"

    @web.authenticated
    async def get(self) -> None:
        lines = await self.ask(lambda c: audit.read(c, whom=self.get_argument("whom", "")[:64]))
        rows = [
            {
                "at": self.clock.near(line.at),
                "who": line.who,
                "act": self._act(line.act),
                "whom": line.whom,
                "what": json.dumps(line.what, ensure_ascii=False)[:300] if line.what else "",
            }
            for line in lines
        ]
        self.draw("audit.html", rows=rows)

    def _act(self, act: str) -> str:
        key = f"act.{act}"
        return self.say(key) if key in messages("desk", self.language).entries else act


def _may(role: str, edition: str) -> bool:
    """Leaders read what names nobody."""
    return role != "pimpinan" or edition == "leadership"


def _edition(name: str, language: str) -> str:
    """For whom a file of that name is: facilitator or leadership; empty when it is no summary."""
    found, say = _NAME.fullmatch(name), messages("report", language)
    words = {say(f"file.{edition}"): edition for edition in ("facilitator", "leadership")}
    return words.get(found[2], "") if found else ""


def _title(path: Path) -> str:
    """What a page calls itself."""
    with path.open("rb") as file:
        found = _TITLE.search(file.read(4096))
    return unescape(found[1].decode(errors="replace")) if found else ""


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise NotThere(path.name) from error


routes: list[Route] = [
    (r"pamong/staff/reports", Reports),
    (r"pamong/staff/reports/([^/]{1,120})", Report),
    (r"pamong/staff/audit", Audit),
]
