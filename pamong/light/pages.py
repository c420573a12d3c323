"""From values to HTML: templates that escape everything, and markdown that its author is trusted with."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import quote

import mistune
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from pamong import legal
from pamong.catalogue import PACKAGE, messages, spoken
from pamong.dialogue import scope
from pamong.enrolment import Enrolment
from pamong.light.host import ModuleContent
from pamong.outline import PARTS, Code, Law, Piece, Spot, Text
from pamong.view.assets import revision

_ALIGNED = re.compile(r' style="text-align:(left|center|right)"')
_HEADING = re.compile(r"<h([1-6])>(.*?)</h\1>", re.DOTALL)
_PICTURE = re.compile(r'<img src="(?![a-z]+:|/)([^"]+)"')
_NO_HEAD = re.compile(r"<th[^>]*>\s*</th>")
_TAG = re.compile(r"<[^>]*>")


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What every page has around its content; ``base`` is the server's address and ends in a slash."""

    base: str
    enrolment: Enrolment | None = None
    hub: str = ""
    """Where JupyterHub's own pages begin; empty without one."""

    @property
    def notebooks(self) -> str:
        """How the address of a notebook begins; at a hub, by way of the participant's own server."""
        if not self.hub:
            return f"{self.base}notebooks/"
        who = quote(self.enrolment.participant if self.enrolment else "")
        own = f"{self.hub.removesuffix('hub/')}user/{who}/notebooks/"
        return f"{self.hub}spawn?next={quote(own, safe='')}"

    @property
    def home(self) -> str:
        return f"{self.base}pamong/"

    def static(self, name: str) -> str:
        """The address of a file of ours, under which it may be kept for ever."""
        return f"{self.base}pamong/static/{revision()}/{name}"

    def module(self, module: str, rest: str = "") -> str:
        """The address of a module's page, or of what lies below it."""
        return f"{self.base}pamong/modules/{module}/{rest}"


def render(template: str, frame: Frame, **values: Any) -> str:
    """A page from ``templates/``, in the language that is spoken; ``say`` speaks ``light``."""
    page = _environment().get_template(template)
    return page.render(
        frame=frame, language=spoken(), say=messages("light"), texts=messages, **values
    )


def module_page(frame: Frame, content: ModuleContent, screens: Mapping[str, dict[str, Any]]) -> str:
    """A module as a page to read and to fill in; its exercises are drawn by the browser.

    ``screens`` are the exercises as they stand, for those that need not be asked for.
    """
    ids: set[str] = set()
    parts = [_part(name, content, frame, ids) for name in ("", *PARTS)]
    parts = [part for part in parts if part["blocks"]]
    kinds = dict.fromkeys(content.briefs[name].kind for name in content.exercises)
    data = json.dumps(screens, ensure_ascii=False, separators=(",", ":"))
    return render(
        "module.html",
        frame,
        content=content,
        scope=_scope(frame, content.id),
        parts=parts,
        kinds=list(kinds),
        screens=screens,
        data=Markup(data.replace("<", "\\u003c")),  # noqa: S704  # no tag can begin in it
    )


def _part(name: str, content: ModuleContent, frame: Frame, ids: set[str]) -> dict[str, Any]:
    pieces = [piece for piece in content.pieces if piece.part == name]
    briefs = [content.briefs[piece.exercise] for piece in pieces if isinstance(piece, Spot)]
    return {
        "id": name,
        "title": messages("light")(f"part.{name}") if name else "",
        "briefs": briefs,
        "minutes": sum(brief.minutes for brief in briefs),
        "blocks": [_block(piece, content, frame, ids) for piece in pieces],
    }


def _block(piece: Piece, content: ModuleContent, frame: Frame, ids: set[str]) -> dict[str, Any]:
    match piece:
        case Text(markdown=text):
            return {"sort": "text", "html": Markup(prose(text, frame.module(content.id), ids))}  # noqa: S704  # the course's own author
        case Spot(exercise=exercise):
            return {"sort": "exercise", "brief": content.briefs[exercise]}
        case Law():
            return {"sort": "law", "html": Markup(legal.table(content.laws))}  # noqa: S704  # escaped there
        case Code():
            return {"sort": "code"}


def _scope(frame: Frame, module: str) -> str:
    person = frame.enrolment
    return scope(person.course_id, person.participant, module) if person else ""


def prose(markdown: str, start: str, ids: set[str]) -> str:
    """Markdown as HTML: headings anchored, pictures from ``files/`` below ``start``.

    ``ids`` collects the anchors of one page, so that none is given twice.
    """
    html = str(_markdown()(markdown))
    html = _ALIGNED.sub(r' class="pm-\1"', html)
    html = _NO_HEAD.sub("<td></td>", html)
    html = _HEADING.sub(lambda found: _anchored(found, ids), html)
    html = _PICTURE.sub(rf'<img loading="lazy" src="{start}files/\1"', html)
    return html.replace("<table>", '<div class="pm-scroll" tabindex="0"><table>').replace(
        "</table>", "</table></div>"
    )


def _anchored(found: re.Match[str], ids: set[str]) -> str:
    level, inner = found.groups()
    words = re.sub(r"[^\w]+", "-", _TAG.sub("", inner).lower()).strip("-") or "bagian"
    name, number = words, 2
    while name in ids:
        name, number = f"{words}-{number}", number + 1
    ids.add(name)
    return f'<h{level} id="{name}">{inner}</h{level}>'


@cache
def _markdown() -> mistune.Markdown:
    return mistune.create_markdown(
        escape=False, plugins=["table", "strikethrough", "footnotes", "task_lists"]
    )


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(PACKAGE / "light" / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
