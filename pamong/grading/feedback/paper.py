"""The print of a page: a PDF that can be kept, printed, and read aloud by a machine (PDF/UA-1)."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from pamong import locale
from pamong.catalogue import PACKAGE, messages, spoken
from pamong.grading.feedback.blocks import blocks
from pamong.grading.feedback.counsel import rest
from pamong.grading.feedback.page import Decision, Page, Section, Share
from pamong.grading.feedback.wording import printable
from pamong.palette import LIGHT

MOST = 6000
"""Characters of one text that are printed; the page holds all of it."""
WRITTEN = ("canvas", "code", "matrix", "plan", "reflection")
"""Kinds whose answers are printed in the appendix: what people made themselves."""
ROWS = 120
"""Rows of one table that are printed."""
_STRANGE = re.compile("[^\\x00-\u024f\u200b\u2010-\u2026]")
"""Letters that our own font does not have."""
_FONTS = PACKAGE / "fonts"
_COLOURS = (
    "ink", "soft", "quiet", "line", "track", "wash", "teal", "teal-deep", "teal-soft", "teal-tint",
    "amber-soft", "amber-ink", "red",
)  # fmt: skip
_TEXTS = (
    "above", "by.section", "strong", "left", "practise", "did", "led", "why", "part",
    "reached", "reason", "comment", "plot", "path.reason", "path.led", "appendix", "appendix.note", "footer",
)  # fmt: skip
_MARKUP = re.compile(r"<title>(.*?)</title>", re.DOTALL)


def pdf(page: Page, folder: Path) -> bytes:
    """The print of ``page`` by ``paper.typ`` in ``folder``; equal pages give equal bytes."""
    data = json.dumps(_clean(_values(page)), ensure_ascii=False)
    moment = int(page.moment.timestamp()) if page.moment else 0
    try:
        return _compiled(data, moment, folder)
    except RuntimeError:  # a letter that no font here has, which a reading machine must not meet
        return _compiled(_STRANGE.sub("?", data), moment, folder)


def _compiled(data: str, moment: int, folder: Path) -> bytes:
    content: bytes = _press(folder).compile(
        format="pdf", sys_inputs={"data": data}, pdf_standards="ua-1", timestamp=moment
    )
    return content


@cache
def _press(folder: Path) -> Any:
    """One for all pages of a process: looking for fonts takes longer than setting a page."""
    import typst  # noqa: PLC0415  # thirty megabytes that only a print needs

    return typst.Compiler(folder / "paper.typ", root=folder, font_paths=[_FONTS])


def _values(page: Page) -> dict[str, Any]:
    say = messages("feedback")
    name = "notebook.total" if page.part else "total"
    return {
        "texts": {key: say(key) for key in _TEXTS},
        "language": spoken(),
        "colours": {name: LIGHT[name] for name in _COLOURS},
        "title": say("title", module=page.module),
        "programme": page.programme,
        "module": page.module,
        "participant": page.participant,
        "facts": list(_facts(page)),
        "total": say(f"{name}.waiting" if page.waiting else name),
        "score": locale.decimal(page.score),
        "maximum": locale.decimal(page.maximum),
        "reached": page.reached,
        "notes": list(_notes(page)),
        "counsel": {
            "headline": page.counsel.headline,
            "strong": list(page.counsel.strong),
            "left": list(page.counsel.left),
            "practise": page.counsel.practise,
        },
        "overview": [_line(each) for each in page.sections if each.maximum],
        "sections": [_section(each) for each in page.sections],
        "appendix": [each for each in map(_appended, page.sections) if each["blocks"]],
    }


def _facts(page: Page) -> Iterator[str]:
    say = messages("feedback")
    if page.submitted:
        yield say("submitted", moment=page.submitted)
    if page.part:
        yield say("notebook", name=page.part)


def _notes(page: Page) -> Iterator[str]:
    say = messages("feedback")
    if page.waiting:
        yield say("waiting.note")
    if page.late:
        yield say("late", points=locale.decimal(page.late))


def _line(section: Section) -> dict[str, Any]:
    return {"title": section.title, "points": _points(section), "reached": section.reached}


def _points(section: Section) -> str:
    if section.maximum is None:
        return ""
    score = "–" if section.score is None else locale.decimal(section.score)
    return f"{score} / {locale.decimal(section.maximum)}"


def _section(section: Section) -> dict[str, Any]:
    say, told = messages("feedback"), section.story
    return {
        "title": section.title,
        "points": _points(section),
        "status": say(f"status.{section.status}"),
        "look": section.status,
        "question": section.question,
        "text": list(section.text),
        "attempt": say("attempt", number=told.attempt) if told.attempts > 1 else "",
        "path": [_decision(each) for each in told.path],
        "ending": told.ending,
        "led": [line for text in told.led for line in text.split("\n") if line.strip()],
        "plot": _set(str(told.plot)),
        "alt": html.unescape("".join(_MARKUP.findall(str(told.plot))[:1])),
        "shares": [_share(each) for each in section.shares],
        "left": rest(section),
        "caps": [
            say("cap", limit=round(each.limit * 100), reason=each.reason) for each in section.caps
        ],
        "comment": [line for line in section.comment.splitlines() if line.strip()],
    }


def _set(plot: str) -> str:
    """The picture in our own face, which is wider than the one that it was drawn for."""
    return plot.replace("sans-serif", "Plus Jakarta Sans").replace(
        'font-size="11"', 'font-size="9.5"'
    )


def _decision(decision: Decision) -> dict[str, str]:
    say, cost = messages("feedback"), decision.cost
    return {
        "title": decision.title,
        "choice": decision.choice,
        "reason": decision.reason,
        "led": decision.led,
        "cost": "" if cost is None else say("path.cost" if cost else "path.best", points=cost),
        "look": "cost" if cost else "best",
    }


def _share(share: Share) -> dict[str, Any]:
    of = share.of
    points = f"{locale.decimal(share.value * of)} / {locale.decimal(of)}" if of else ""
    return {
        "label": share.label,
        "value": share.value,
        "figure": points or locale.percent(share.value),
        "reason": share.reason,
    }


def _appended(section: Section) -> dict[str, Any]:
    """What was written, where the section itself does not tell it."""
    found = blocks(str(section.story.record)) if section.kind in WRITTEN else []
    for each in found:
        if "rows" in each and len(each["rows"]) > ROWS:
            each["rows"] = each["rows"][:ROWS]
    return {"title": section.title, "blocks": found}


def _clean(value: Any) -> Any:
    """The same with nothing in its texts that cannot be printed."""
    match value:
        case str():
            return printable(value, MOST)
        case dict():  # a plot is drawn by our own code, and longer than any text
            return {name: each if name == "plot" else _clean(each) for name, each in value.items()}
        case list():
            return [_clean(each) for each in value]
        case _:
            return value
