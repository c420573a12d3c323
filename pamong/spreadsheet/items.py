"""Situational judgement and multiple choice as one sheet with a row per option."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from pamong.spreadsheet.tables import Cells, Column, Entry, Table, by_id, plain, put

SHEET = "Soal"
RATERS = 8
"""Columns for raters where a key has none yet."""

_OPTION = (
    Column(name="option", content="id", part=True),
    Column(name="text", part=True, width=52),
)
_REASON = Column(name="reason", part=True, secret=True, width=46)
_ITEM = {
    "situational": (
        Column(name="item", content="id"),
        Column(name="situation", width=46),
        Column(name="question", width=26),
    ),
    "choice": (
        Column(name="item", content="id"),
        Column(name="stem", width=46),
        Column(name="several", content="flag", width=18),
    ),
}
_CORRECT = Column(name="correct", content="flag", part=True, secret=True, width=11)


def rater(number: str) -> Column:
    """The ratings of one expert."""
    return Column(name="expert", content="rating", part=True, secret=True, width=9, number=number)


def tables(kind: str, brief: Mapping[str, Any], key: Mapping[str, Any]) -> tuple[Table, ...]:
    """The sheet of an exercise from its plain data; without a key its columns are blank."""
    keys = key.get("items", {})
    if kind == "situational":
        given = (each for item in keys.values() for each in item.get("experts", {}).values())
        count = max([RATERS, *map(len, given)])
        secret: tuple[Column, ...] = (_REASON, *(rater(str(n)) for n in range(1, count + 1)))
    else:
        secret = (_CORRECT, _REASON)
    entries = [_entry(kind, item, keys.get(item["id"], {})) for item in brief["items"]]
    return (
        Table(
            sheet=SHEET,
            thing="item",
            parted="option",
            columns=(*_ITEM[kind], *_OPTION, *secret),
            entries=entries,
            family=rater if kind == "situational" else None,
            numbers="[1-9][0-9]?",
        ),
    )


def _entry(kind: str, item: Mapping[str, Any], key: Mapping[str, Any]) -> Entry:
    values = {column.id: plain(item.get(column.id)) for column in _ITEM[kind][1:]}
    return Entry(id=item["id"], values=values, parts=[_part(each, key) for each in item["options"]])


def _part(option: Mapping[str, Any], key: Mapping[str, Any]) -> Entry:
    id = option["id"]
    ratings = key.get("experts", {}).get(id, ())
    return Entry(
        id=id,
        values={
            "text": plain(option.get("text")),
            "reason": plain(key.get("reasons", {}).get(id)),
            "correct": True if id in key.get("correct", ()) else None,
            **{f"expert.{n}": rating for n, rating in enumerate(ratings, 1)},
        },
    )


def rebuild(
    kind: str, found: tuple[Table, ...], brief: dict[str, Any], key: dict[str, Any]
) -> tuple[Cells, Cells]:
    """Write what the sheet says into brief and key; the cells behind each place of both."""
    (table,) = found
    cells, known = Cells(), by_id(brief["items"])
    keys, key_cells = dict(key.get("items", {})), Cells()
    gone = set(known) - {entry.id for entry in table.entries}
    keys = {id: each for id, each in keys.items() if id not in gone}
    items = []
    for n, entry in enumerate(table.entries):
        old = known.get(entry.id, {"id": entry.id, "options": []})
        items.append(_item(kind, entry, old))
        _item_cells(kind, entry, n, cells)
        removed = set(by_id(old["options"])) - {part.id for part in entry.parts}
        _key_item(table, entry, keys, removed)
        _key_cells(table, entry, key_cells)
    brief["items"] = items
    if keys or "items" in key:
        key["items"] = keys
    return cells, key_cells


def _item(kind: str, entry: Entry, old: Mapping[str, Any]) -> dict[str, Any]:
    item, options = deepcopy(dict(old)), by_id(old["options"])
    for column in _ITEM[kind][1:]:
        put(item, column.id, entry.values.get(column.id))
    item["options"] = []
    for part in entry.parts:
        option = dict(options.get(part.id, {"id": part.id}))
        put(option, "text", part.values.get("text"))
        item["options"].append(option)
    return item


def _item_cells(kind: str, entry: Entry, n: int, cells: Cells) -> None:
    cells["items", n] = cells["items", n, "id"] = entry.cells["item"]
    for column in _ITEM[kind][1:]:
        cells["items", n, column.id] = entry.cells[column.id]
    for m, part in enumerate(entry.parts):
        place = ("items", n, "options", m)
        cells[place] = cells[*place, "id"] = part.cells["option"]
        cells[*place, "text"] = part.cells["text"]


def _key_item(table: Table, entry: Entry, keys: dict[str, Any], removed: set[str]) -> None:
    """The key of one item; what no cell says anything about stays as it is."""
    key = deepcopy(dict(keys.get(entry.id, {})))
    reasons = dict(key.get("reasons", {}))
    for part in entry.parts:
        put(reasons, part.id, part.values.get("reason"))
    fields: dict[str, Any] = {"reasons": reasons}
    if table.family is None:
        right = [part.id for part in entry.parts if part.values.get("correct")]
        old = [each for each in key.get("correct", ()) if each not in removed]
        fields = {"correct": old if set(old) == set(right) else right, **fields}
    else:
        experts = dict(key.get("experts", {}))
        for part in entry.parts:
            experts[part.id] = _ratings(table, part)
        fields = {"experts": {id: each for id, each in experts.items() if each}, **fields}
    for name, value in fields.items():
        kept = value
        if isinstance(value, dict):
            kept = {id: each for id, each in value.items() if id not in removed}
        if kept or name in key:
            key[name] = kept
    if key:
        keys[entry.id] = key


def _ratings(table: Table, part: Entry) -> list[Any]:
    """The ratings of one option up to the last that is given; a gap stays a gap."""
    given = [part.values.get(column.id) for column in _raters(table)]
    while given and given[-1] is None:
        given.pop()
    return given


def _gap(table: Table, entry: Entry) -> str:
    """The first cell that lacks a rating which the rater gave to another option of the item."""
    for column in _raters(table):
        blank = [part for part in entry.parts if part.values.get(column.id) is None]
        if blank and len(blank) < len(entry.parts):
            return blank[0].cells[column.id]
    return ""


def _raters(table: Table) -> list[Column]:
    raters = (column for column in table.columns if column.name == "expert")
    return sorted(raters, key=lambda column: int(column.number))


def _key_cells(table: Table, entry: Entry, cells: Cells) -> None:
    place = ("items", entry.id)
    cells[place] = entry.cells["item"]
    if table.family is not None:
        cells[*place, "experts"] = _gap(table, entry) or entry.cells["item"]
    for part in entry.parts:
        cells[*place, "reasons", part.id] = part.cells["reason"]
        if table.family is None:
            cells.setdefault((*place, "correct"), part.cells["correct"])
            continue
        cells[*place, "experts", part.id] = part.cells["option"]
        for n, column in enumerate(_raters(table)):
            cells[*place, "experts", part.id, n] = part.cells[column.id]
