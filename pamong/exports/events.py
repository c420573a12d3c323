"""The answer logs of those exercises that a marker may read, as rows that hold choices but no words.

Debriefs are left out always, since they tell the solution, and so is every word of the other side.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cache
from typing import Any

import msgspec
import pandas as pd

from pamong import log
from pamong.course import Course, Shelf
from pamong.errors import PamongError
from pamong.event import Event
from pamong.grading.intake.submission import read
from pamong.reports.facts import Play
from pamong.reports.logbook import may_read
from pamong.reports.tidy import EVENTS, form_of

CHUNK = 50_000
"""Rows that are held in memory at once."""
_CODE = re.compile(r"[a-z][a-z0-9_-]{0,31}|[A-Z]", re.ASCII)
"""How programs write a choice; nobody's sentence looks like it."""
_PLAIN = re.compile(r"r\d{1,4}|\d{4}-\d\d-\d\d", re.ASCII)
"""Rows of a table and days, which may stand in any field."""
_WRITTEN = frozenset(
    {"text", "reason", "value", "title", "headline", "lines", "paragraphs", "news"}
)
"""Fields that hold what somebody wrote, unless it is one of the brief's own words."""
_SOLUTION = "debrief"


def frames(
    course: Course, plays: Iterable[tuple[Play, str]], *, texts: bool
) -> Iterator[pd.DataFrame]:
    """The events of these plays in tables of at most about CHUNK rows, under the names given."""
    rows: list[tuple[object, ...]] = []
    shelves: dict[str, Shelf] = {}
    for play, name in plays:
        shelf = shelves.setdefault(play.module, course.shelf(play.module))
        rows += _rows(course, shelf, play, name, texts=texts)
        if len(rows) >= CHUNK:
            yield EVENTS.frame(rows)
            rows = []
    yield EVENTS.frame(rows)


def _rows(
    course: Course, shelf: Shelf, play: Play, name: str, *, texts: bool
) -> Iterator[tuple[object, ...]]:
    form = form_of(play)
    path = course.submitted(play.participant, play.module) / f"{form}.jsonl"
    try:
        events = log.parse(read(path, log.LOG_LIMIT) or b"", form).trusted()
    except PamongError:
        return  # handed in anew since the snapshot; the next export has it
    for event in events:
        data, withheld = told(event, _known(shelf, form, event.version), texts=texts)
        yield (
            name, play.module, play.exercise, form, event.n, event.at, event.who, event.act,
            event.attempt, event.version, data, withheld,
        )  # fmt: skip


@cache
def _known(shelf: Shelf, form: str, version: int) -> frozenset[str] | None:
    """Every text of a brief; None where its answers are not for markers."""
    source = shelf.get(form, version)
    return frozenset(_texts(msgspec.to_builtins(source.brief))) if may_read(source) else None


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield from (str(name), *_texts(inner))
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(inner)


def told(event: Event, known: Collection[str] | None, *, texts: bool) -> tuple[str, int]:
    """The content of an event as JSON without what nobody may read, and how many values that were.

    With ``texts`` the participant's own words stay; without ``known`` texts of the brief nothing does.
    """
    if known is None or event.act == _SOLUTION:
        return "{}", len(event.data)
    if texts and event.who == "participant":
        return _json(event.data), 0
    kept, withheld = _kept(event.data, known, "")
    return _json(kept), withheld


def _kept(value: Any, known: Collection[str], field: str) -> tuple[Any, int]:
    """A value with null for every text that is no choice; choices are codes and the brief's own words."""
    if isinstance(value, str):
        return (value, 0) if _is_choice(value, known, field) else (None, 1)
    if isinstance(value, Mapping):
        pairs = {
            name: _kept(inner, known, name)
            for name, inner in value.items()
            if name in known or _CODE.fullmatch(name)
        }
        lost = len(value) - len(pairs) + sum(count for _, count in pairs.values())
        return {name: inner for name, (inner, _) in pairs.items()}, lost
    if isinstance(value, list | tuple):
        each = [_kept(inner, known, field) for inner in value]
        return [inner for inner, _ in each], sum(count for _, count in each)
    return value, 0


def _is_choice(text: str, known: Collection[str], field: str) -> bool:
    if not text or text in known or _PLAIN.fullmatch(text):
        return True
    return field not in _WRITTEN and _CODE.fullmatch(text) is not None


_FORMULA = re.compile(r"(?<=[;,\t])(\s*)([=+@]|-(?!\d))")
"""What a program that separates fields otherwise would take for a formula; in JSON only within a text."""


def _json(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return _FORMULA.sub(lambda it: f"{it[1]}\\u{ord(it[2]):04x}", text)
