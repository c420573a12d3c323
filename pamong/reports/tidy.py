"""The facts of a course as tidy tables, one row for each thing, in one schema for people and programs.

Evaluations have no table of plays, items or events: what they say belongs to nobody.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from pamong.reports import reading
from pamong.reports.everybody import programme
from pamong.reports.facts import Cell, Play
from pamong.reports.snapshot import Snapshot
from pamong.reports.suppression import SMALLEST

SCHEMA = 2
"""Raised with every change that a program which reads an export could notice."""
YEARS = "1970", "2099"
"""The first and the last year of a moment that is believed."""
Type = Literal["text", "integer", "number", "boolean", "moment"]
DTYPES: dict[Type, Any] = {
    "text": "string",
    "integer": "Int64",
    "number": "float64",
    "boolean": "boolean",
    "moment": "datetime64[ms, UTC]",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column; its meaning is ``column.<table>.<name>`` in the catalogue ``export``."""

    name: str
    type: Type


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One table; no two of its rows agree in all columns of the ``key``. Texts are never missing.

    Rows are ordered by the key, so that their order tells nothing; without one they stay as they come.
    """

    name: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    def frame(self, rows: Iterable[Sequence[Any]]) -> pd.DataFrame:
        """Rows as a data frame of this table's types."""
        data = pd.DataFrame(list(rows), columns=self._names, dtype=object)
        typed = {it.name: _typed(data[it.name], it.type) for it in self.columns}
        frame = pd.DataFrame(typed, columns=self._names)
        if not self.key:
            return frame
        return frame.sort_values(list(self.key), kind="stable", ignore_index=True)

    @property
    def _names(self) -> list[str]:
        return [column.name for column in self.columns]


def _typed(values: pd.Series[Any], type: Type) -> pd.Series[Any]:
    if type == "moment":
        # A participant's clock may say anything; what is no moment of our time is missing, since one
        # year 9999 would keep other programs from reading all the rest.
        year = values.astype("string").str[:4]
        values = values.where(year.between(*YEARS).fillna(value=False).astype(bool))
        values = pd.to_datetime(values, utc=True, format="ISO8601", errors="coerce")
    elif type == "text":
        values = values.fillna("")
    typed: pd.Series[Any] = pd.Series(values, dtype=DTYPES[type])
    return typed


def define(name: str, key: str, /, **columns: Type) -> Table:
    """A table with its columns in order; ``key`` names some of them, with spaces between."""
    return Table(
        name=name,
        key=tuple(key.split()),
        columns=tuple(Column(name=it, type=type) for it, type in columns.items()),
    )


PARTICIPANTS = define(
    "participants", "participant",
    participant="text", name="text", nip="text", cohort="text", role="text", region="text",
    alike="integer",
)  # fmt: skip
EXERCISES = define(
    "exercises", "module exercise",
    module="text", module_title="text", exercise="text", title="text", kind="text",
    maximum="number", minutes="integer",
)  # fmt: skip
SUBMISSIONS = define(
    "submissions", "participant module", participant="text", module="text", at="moment"
)
GRADES = define(
    "grades", "participant module exercise",
    participant="text", module="text", exercise="text", points="number", maximum="number",
    percent="number", pending="boolean",
)  # fmt: skip
PLAYS = define(
    "plays", "participant module form",
    participant="text", module="text", exercise="text", form="text", finished="boolean",
    minutes="number", ending="text",
)  # fmt: skip
RESPONSES = define(
    "responses", "participant module form item",
    participant="text", module="text", exercise="text", form="text", item="text", answer="text",
    score="number",
)  # fmt: skip
ITEMS = define(
    "items", "module exercise form item",
    module="text", exercise="text", form="text", item="text", stem="text", people="integer",
    easiness="number", discrimination="number", flag="text",
)  # fmt: skip
PARTS = define(
    "parts", "participant module form part",
    participant="text", module="text", exercise="text", form="text", part="text", value="number",
)  # fmt: skip
DEALS = define(
    "deals", "participant module form",
    participant="text", module="text", exercise="text", form="text", agreed="boolean",
    possible="boolean", within="boolean", own="number", left="number",
)  # fmt: skip
EVENTS = define(
    "events", "participant module form n",
    participant="text", module="text", exercise="text", form="text", n="integer", at="moment",
    who="text", act="text", attempt="integer", version="integer", data="text",
    withheld="integer",
)  # fmt: skip
TABLES = (
    PARTICIPANTS, EXERCISES, SUBMISSIONS, GRADES, PLAYS, RESPONSES, ITEMS, PARTS, DEALS, EVENTS
)  # fmt: skip
"""All tables in the order in which they are explained; EVENTS are read from the logs when asked for."""


def frames(snapshot: Snapshot, whole: Snapshot | None = None) -> dict[str, pd.DataFrame]:
    """Every table but the events, by name.

    Statistics of items are those of ``whole``, where the snapshot is about a part of the people.
    """
    return {
        table.name: table.frame(rows)
        for table, rows in (
            (PARTICIPANTS, _participants(snapshot)),
            (EXERCISES, _exercises(snapshot)),
            (SUBMISSIONS, ((it.participant, it.module, it.at) for it in snapshot.submissions)),
            (GRADES, _grades(snapshot)),
            (PLAYS, _plays(snapshot)),
            (RESPONSES, _responses(snapshot)),
            (ITEMS, _items(whole or snapshot)),
            (PARTS, _parts(snapshot)),
            (DEALS, _deals(snapshot)),
        )
    }


def form_of(play: Play) -> str:
    """The exercise that was played, which gave its answer log the name."""
    return play.form or play.exercise


def told(snapshot: Snapshot) -> Iterator[Play]:
    """The plays that may be told with their person: all but evaluations."""
    for play in snapshot.plays:
        if not form_of(play).startswith(reading.EVALUATION):
            yield play


def _participants(snapshot: Snapshot) -> Iterator[tuple[object, ...]]:
    groups: dict[tuple[str, ...], int] = {}
    for it in snapshot.people:
        groups[it.cohort, it.role, it.region] = groups.get((it.cohort, it.role, it.region), 0) + 1
    for it in snapshot.people:
        alike = groups[it.cohort, it.role, it.region]
        yield it.id, it.name, it.nip, it.cohort, it.role, it.region, alike


def _exercises(snapshot: Snapshot) -> Iterator[tuple[object, ...]]:
    for module in snapshot.modules:
        graded = {cell.id: cell for cell in module.cells}
        played = {cell.id: cell for cell in module.played}
        for id in graded | played:
            nothing = Cell(id=id, title="", maximum=0.0)
            worth, seen = graded.get(id, nothing), played.get(id, nothing)
            yield (
                module.id, module.title, id, worth.title or seen.title, seen.kind,
                worth.maximum if id in graded else None, seen.minutes or None,
            )  # fmt: skip


def _grades(snapshot: Snapshot) -> Iterator[tuple[object, ...]]:
    maximum = {(module.id, it.id): it.maximum for module in snapshot.modules for it in module.cells}
    for it in snapshot.grades:
        full = maximum.get((it.module, it.cell))
        points = None if it.pending else it.score
        percent = 100 * points / full if full and points is not None else None
        yield it.participant, it.module, it.cell, points, full, percent, it.pending


def _plays(snapshot: Snapshot) -> Iterator[tuple[object, ...]]:
    for it in told(snapshot):
        minutes = it.minutes if it.minutes > 0 else None
        yield (*_place(it), it.finished, minutes, it.ending)


def _responses(snapshot: Snapshot) -> Iterator[tuple[object, ...]]:
    for it in told(snapshot):
        for item, score in it.items.items():
            yield (*_place(it), item, it.answers.get(item, ""), score)


def _parts(snapshot: Snapshot) -> Iterator[tuple[object, ...]]:
    for it in told(snapshot):
        for part, value in it.parts.items():
            yield (*_place(it), part, value)


def _place(play: Play) -> tuple[str, str, str, str]:
    return play.participant, play.module, play.exercise, form_of(play)


def _items(snapshot: Snapshot) -> Iterator[tuple[object, ...]]:
    everybody = programme(snapshot)
    for it in everybody.items:
        form = it.form or it.exercise
        asked = everybody.questions.get((it.module, form, it.id))
        enough = it.people >= SMALLEST
        yield (
            it.module, it.exercise, form, it.id, asked.stem if asked else "",
            it.people if enough else None, it.easiness if enough else None,
            it.discrimination if enough else None, it.flag,
        )  # fmt: skip


def _deals(snapshot: Snapshot) -> Iterator[tuple[object, ...]]:
    places = {(it.participant, it.module, form_of(it)): it.exercise for it in snapshot.plays}
    for it in snapshot.deals:
        exercise = places.get((it.participant, it.module, it.exercise), it.exercise)
        yield (
            it.participant, it.module, exercise, it.exercise, it.agreed, it.zone, it.within,
            it.own, it.left,
        )  # fmt: skip
