"""A negotiation as two sheets: issues with a row per option and everybody's points, and fallbacks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pamong.spreadsheet.tables import Cells, Column, Entry, Table, by_id, plain, put

ISSUES, FALLBACKS = "Isu", "Alternatif"
OWN = "peserta"
"""The row of the participant's side among the fallbacks; all others are variants of the key."""

_ISSUE = (Column(name="label", width=30), Column(name="explain", width=30))
_OPTION = (
    Column(name="clause", part=True, width=36),
    Column(name="authority", part=True, width=24),
    Column(name="legal_basis", content="laws", part=True, width=22),
    Column(name="note", part=True, width=30),
)
_FIELDS = {"clause": "label"}
"""Columns that are not named as the field they hold."""


def variant(number: str) -> Column:
    """The points of the other side in one variant of the key."""
    return Column(name="variant", content="number", part=True, secret=True, width=14, number=number)


def tables(kind: str, brief: Mapping[str, Any], key: Mapping[str, Any]) -> tuple[Table, ...]:  # noqa: ARG001  # one signature for all kinds
    """Both sheets of an exercise from its plain data; without a key there are no variants."""
    variants = key.get("variants", [])
    return (
        Table(
            sheet=ISSUES,
            thing="issue",
            parted="clause",
            counted=True,
            columns=(
                Column(name="issue", content="id"),
                *_ISSUE,
                *_OPTION,
                Column(name="own", content="number", part=True, width=12),
                *(variant(each["id"]) for each in variants),
            ),
            entries=[_issue(issue, brief["points"], variants) for issue in brief["issues"]],
            family=variant,
        ),
        Table(
            sheet=FALLBACKS,
            thing="side",
            columns=(
                Column(name="side", content="id"),
                Column(name="points", content="number", secret=True, width=14),
                Column(name="fallback", secret=True, width=60),
            ),
            entries=[_side(OWN, brief["batna"]), *(_side(v["id"], v["batna"]) for v in variants)],
        ),
    )


def _issue(
    issue: Mapping[str, Any], own: Mapping[str, Any], variants: Sequence[Mapping[str, Any]]
) -> Entry:
    parts = []
    for n, option in enumerate(issue["options"]):
        values = {each.id: plain(option.get(_FIELDS.get(each.id, each.id))) for each in _OPTION}
        values["own"] = _at(own, issue["id"], n)
        for each in variants:
            values[f"variant.{each['id']}"] = _at(each["points"], issue["id"], n)
        parts.append(Entry(id=str(n + 1), values=values))
    values = {each.id: plain(issue.get(each.id)) for each in _ISSUE}
    return Entry(id=issue["id"], values=values, parts=parts)


def _at(points: Mapping[str, Any], issue: str, n: int) -> Any:
    given = points.get(issue, ())
    return given[n] if n < len(given) else None


def _side(id: str, batna: Mapping[str, Any]) -> Entry:
    return Entry(
        id=id, values={"points": batna.get("points"), "fallback": plain(batna.get("text"))}
    )


def rebuild(
    kind: str,  # noqa: ARG001  # one signature for all kinds
    found: tuple[Table, ...],
    brief: dict[str, Any],
    key: dict[str, Any],
) -> tuple[Cells, Cells]:
    """Write what the sheets say into brief and key; the cells behind each place of both."""
    issues, sides = found
    cells, key_cells = Cells(), Cells()
    known = by_id(brief["issues"])
    gone = set(known) - {entry.id for entry in issues.entries}
    brief["issues"] = [_rebuilt(entry, known.get(entry.id, {})) for entry in issues.entries]
    brief["points"] = _points(issues, "own", brief["points"], gone)
    for n, entry in enumerate(issues.entries):
        _issue_cells(entry, n, cells)
        _point_cells(entry, "own", ("points",), cells)
    own = next((entry for entry in sides.entries if entry.id == OWN), None)
    if own is None:
        brief.pop("batna", None)
    else:
        brief["batna"] = _batna(own, brief.get("batna", {}))
        _side_cells(own, ("batna",), cells)
    others = [entry for entry in sides.entries if entry.id != OWN]
    old = by_id(key.get("variants", []))
    if others or "variants" in key:
        key["variants"] = [_variant(issues, each, old.get(each.id, {}), gone) for each in others]
    for n, each in enumerate(others):
        key_cells["variants", n] = key_cells["variants", n, "id"] = each.cells["side"]
        _side_cells(each, ("variants", n, "batna"), key_cells)
        for entry in issues.entries:
            _point_cells(entry, f"variant.{each.id}", ("variants", n, "points"), key_cells)
    return cells, key_cells


def _rebuilt(entry: Entry, old: Mapping[str, Any]) -> dict[str, Any]:
    issue: dict[str, Any] = {"id": entry.id, **old}
    for column in _ISSUE:
        put(issue, column.id, entry.values.get(column.id))
    before = old.get("options", [])
    issue["options"] = []
    for n, part in enumerate(entry.parts):
        option = dict(before[n]) if n < len(before) else {}
        for column in _OPTION:
            put(option, _FIELDS.get(column.id, column.id), part.values.get(column.id))
        issue["options"].append(option)
    return issue


def _points(
    issues: Table, column: str, old: Mapping[str, Any], gone: set[str]
) -> dict[str, list[Any]]:
    """The points of one side; issues that the workbook does not know stay as they are."""
    points = {id: each for id, each in old.items() if id not in gone}
    for entry in issues.entries:
        given = [part.values.get(column) for part in entry.parts]
        if any(each is not None for each in given):
            points[entry.id] = given
        else:
            points.pop(entry.id, None)
    return points


def _batna(entry: Entry, old: Mapping[str, Any]) -> dict[str, Any]:
    batna = dict(old)
    put(batna, "points", entry.values.get("points"))
    put(batna, "text", entry.values.get("fallback"))
    return batna


def _variant(issues: Table, side: Entry, old: Mapping[str, Any], gone: set[str]) -> dict[str, Any]:
    points = _points(issues, f"variant.{side.id}", old.get("points", {}), gone)
    batna = _batna(side, old.get("batna", {}))
    return {"id": side.id, **old, "points": points, "batna": batna}


def _issue_cells(entry: Entry, n: int, cells: Cells) -> None:
    cells["issues", n] = cells["issues", n, "id"] = entry.cells["issue"]
    for column in _ISSUE:
        cells["issues", n, column.id] = entry.cells[column.id]
    for m, part in enumerate(entry.parts):
        place = ("issues", n, "options", m)
        cells[place] = part.cells["clause"]
        for column in _OPTION:
            cells[*place, _FIELDS.get(column.id, column.id)] = part.cells[column.id]


def _point_cells(entry: Entry, column: str, place: tuple[str | int, ...], cells: Cells) -> None:
    for n, part in enumerate(entry.parts):
        if column in part.cells:
            cells.setdefault((*place, entry.id), part.cells[column])
            cells[*place, entry.id, n] = part.cells[column]


def _side_cells(entry: Entry, place: tuple[str | int, ...], cells: Cells) -> None:
    cells[place] = entry.cells["side"]
    cells[*place, "points"] = entry.cells["points"]
    cells[*place, "text"] = entry.cells["fallback"]
