"""What happens on a canvas: its events, and the state that they add up to."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Mapping
from random import Random

from msgspec.structs import replace

from pamong import kind
from pamong.event import Data, Event
from pamong.kinds import legality
from pamong.kinds.canvas import filling
from pamong.kinds.canvas.case import TAGS, Brief, Field, Rows, Stage
from pamong.kinds.canvas.sheet import Row, State, Value

EVER = 100
"""Rows that a table may see in one attempt, removed ones included."""
RATINGS = (1, 5)
YEARS = (2000, 2100)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

# Events of an attempt:
#   open    (system)      {}
#   set     (participant) {"stage", "field", "value"}         None or "" takes a value back
#   add     (participant) {"stage"}                           the row gets the next id: r1, r2, …
#   cell    (participant) {"stage", "row", "field", "value"}  also brings a removed row back
#   remove  (participant) {"stage", "row"}                    its content is kept
#   restore (participant) {"stage", "row"}
#   finish  (participant) {}


def start(brief: Brief) -> State:
    return _begun(brief, 0)


def opening(brief: Brief, rng: Random) -> Data:  # noqa: ARG001  # nothing is shuffled
    return {}


def apply(brief: Brief, state: State, event: Event) -> State:
    if event.act == "open":
        legality.may_open(brief, state, event)
        legality.fields(event)
        return _begun(brief, event.attempt)
    legality.may_act(state, event)
    if event.act not in _ACTS:
        raise kind.illegal(event, "illegal.act", "no such act")
    after = _ACTS[event.act](brief, state, event)
    if len(after.opened) == len(brief.stages):
        return after
    opened = filling.open_stages(brief, after)
    return after if opened == after.opened else replace(after, opened=opened)


def _begun(brief: Brief, attempt: int) -> State:
    tables = {stage.id: _first_rows(stage.rows) for stage in brief.stages if stage.rows}
    state = State(attempt=attempt, rows=tables)
    return replace(state, opened=filling.open_stages(brief, state))


def _first_rows(rows: Rows) -> dict[str, Row]:
    """One row per option where the table has them, then empty ones up to the least number."""
    given = [Row(cells={rows.one_per: option.id}, given=True) for option in rows.given]
    first = given + [Row()] * (rows.min_rows - len(given))
    return {f"r{number}": row for number, row in enumerate(first, 1)}


def _set(brief: Brief, state: State, event: Event) -> State:
    data = legality.fields(event, "stage", "field", "value")
    stage = _stage(brief, state, event, data["stage"])
    field = _part(event, data["field"], stage.fields)
    cells = _with(state.cells(stage.id), field.id, _value(state, event, field, data["value"]))
    return replace(state, fields={**state.fields, stage.id: cells})


def _add(brief: Brief, state: State, event: Event) -> State:
    stage = _table(brief, state, event, legality.fields(event, "stage")["stage"])
    _require_room(state, event, stage)
    known = state.rows[stage.id]
    if len(known) >= EVER:
        raise kind.illegal(event, "illegal.full", "too many rows were added and removed")
    return _with_row(state, stage, f"r{len(known) + 1}", Row())


def _cell(brief: Brief, state: State, event: Event) -> State:
    data = legality.fields(event, "stage", "row", "field", "value")
    stage = _table(brief, state, event, data["stage"])
    id, row = _row(state, event, stage, data["row"])
    rows = stage.rows
    field = _part(event, data["field"], rows.columns if rows else ())
    if row.given and rows and field.id == rows.one_per:
        raise kind.illegal(event, "illegal.given", "this cell is given")
    value = _value(state, event, field, data["value"])
    if row.removed:
        _require_room(state, event, stage)
    cells = _with(row.cells, field.id, value)
    return _with_row(state, stage, id, replace(row, cells=cells, removed=False))


def _remove(brief: Brief, state: State, event: Event) -> State:
    data = legality.fields(event, "stage", "row")
    stage = _table(brief, state, event, data["stage"])
    id, row = _row(state, event, stage, data["row"])
    if row.given:
        raise kind.illegal(event, "illegal.given", "this row is given")
    return _with_row(state, stage, id, replace(row, removed=True))


def _restore(brief: Brief, state: State, event: Event) -> State:
    data = legality.fields(event, "stage", "row")
    stage = _table(brief, state, event, data["stage"])
    id, row = _row(state, event, stage, data["row"])
    if row.removed:
        _require_room(state, event, stage)
    return _with_row(state, stage, id, replace(row, removed=False))


def _finish(brief: Brief, state: State, event: Event) -> State:  # noqa: ARG001  # as its siblings
    legality.fields(event)
    return replace(state, finished=True)


_ACTS = {
    "set": _set,
    "add": _add,
    "cell": _cell,
    "remove": _remove,
    "restore": _restore,
    "finish": _finish,
}


def _stage(brief: Brief, state: State, event: Event, value: object) -> Stage:
    return _open(state, event, legality.one(event, value, brief.stages))


def _table(brief: Brief, state: State, event: Event, value: object) -> Stage:
    tables = (stage for stage in brief.stages if stage.rows)
    return _open(state, event, legality.one(event, value, tables))


def _open(state: State, event: Event, stage: Stage) -> Stage:
    if stage.id not in state.opened:
        raise kind.illegal(event, "illegal.locked", f"stage {stage.id} is not open yet")
    return stage


def _row(state: State, event: Event, stage: Stage, value: object) -> tuple[str, Row]:
    id = legality.known(event, value, state.rows[stage.id])
    return id, state.rows[stage.id][id]


def _part(event: Event, value: object, among: tuple[Field, ...]) -> Field:
    return legality.one(event, value, among)


def _require_room(state: State, event: Event, stage: Stage) -> None:
    if stage.rows and len(state.live(stage.id)) >= stage.rows.max_rows:
        raise kind.illegal(event, "illegal.full", f"at most {stage.rows.max_rows} rows")


def _with(cells: Mapping[str, Value], field: str, value: Value | None) -> dict[str, Value]:
    """``cells`` with one changed; None takes it away."""
    rest = {each: other for each, other in cells.items() if each != field}
    return rest if value is None else {**rest, field: value}


def _with_row(state: State, stage: Stage, id: str, row: Row) -> State:
    rows = {**state.rows[stage.id], id: row}
    return replace(state, rows={**state.rows, stage.id: rows})


def _value(state: State, event: Event, field: Field, value: object) -> Value | None:
    """``value`` as ``field`` takes it; None when it is empty."""
    if value is None or value in ("", (), []):
        return None
    if field.type in ("text", "short", "person"):
        return legality.text(event, value)
    if field.type in ("several", "tag"):
        chosen = legality.several(event, value, field.ids)
        if field.type == "tag" and len(chosen) > TAGS:
            raise kind.illegal(event, "illegal.many", f"at most {TAGS} steps")
        return chosen
    if field.type == "choice":
        return legality.known(event, value, field.ids)
    if field.type == "link":
        return _linked(state, event, field, value)
    if field.type == "date":
        return _dated(event, value)
    return _counted(event, field, value)


def _counted(event: Event, field: Field, value: object) -> float:
    if field.type == "rating":
        return legality.whole(event, value, *RATINGS)
    if field.whole:
        return legality.whole(event, value, int(field.low), int(field.high))
    return legality.number(event, value, field.low, field.high)


def _linked(state: State, event: Event, field: Field, value: object) -> str:
    id = legality.known(event, value, state.rows[field.to])
    if id not in state.live(field.to):
        raise kind.illegal(event, "illegal.gone", f"row {id} has been removed")
    return id


def _dated(event: Event, value: object) -> str:
    text = legality.text(event, value)
    if not (_DATE.fullmatch(text) and _is_day(*map(int, text.split("-")))):
        raise kind.illegal(event, "illegal.date", "a date such as 2026-09-30 was expected")
    return text


def _is_day(year: int, month: int, day: int) -> bool:
    if not (YEARS[0] <= year <= YEARS[1] and 1 <= month <= 12):
        return False
    return 1 <= day <= monthrange(year, month)[1]
