"""The tables of an exercise out of a workbook; every cell that cannot be taken is named."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from openpyxl.utils.cell import get_column_letter

from pamong.catalogue import messages
from pamong.document import shown
from pamong.errors import AuthoringError, Problem
from pamong.spreadsheet.tables import Column, Entry, Table, Value, folded, plain
from pamong.spreadsheet.workbook import Cell, Sheet

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff\ud800-\udfff]")
_WHOLE = re.compile(r"[-+]?[0-9]{1,15}")
_FRACTION = re.compile(r"[-+]?[0-9]{1,15}[.,][0-9]{1,15}")
_YES = frozenset({"ya", "y", "yes", "benar", "x", "v", "✓", "true", "1"})
_NO = frozenset({"", "tidak", "t", "no", "n", "salah", "-", "false", "0"})
_DATES = (datetime.date, datetime.time, datetime.timedelta)


def read_tables(
    path: Path, sheets: Mapping[str, Sheet], like: Sequence[Table]
) -> tuple[Table, ...]:
    """The tables that ``sheets`` hold in the shape of ``like``; AuthoringError names every wrong cell."""
    reading = _Reading(path)
    found = [reading.table(sheets.get(table.sheet), table) for table in like]
    if reading.problems:
        raise AuthoringError(tuple(reading.problems))
    return tuple(found)


class _Reading:
    """Reads tables and notes what is wrong, so that everything is told at once."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.problems: list[Problem] = []

    def note(self, cell: str, entry: str, **values: object) -> None:
        text = messages("spreadsheet")(entry, **values)
        self.problems.append(Problem(self._path, 0, 0, cell, text))

    def table(self, sheet: Sheet | None, like: Table) -> Table:
        if sheet is None:
            self.note(like.sheet, "sheet.missing")
            return like
        columns = self._columns(sheet, like)
        if self.problems:
            return like
        self._merged(sheet, columns)
        table = replace(like, columns=tuple(columns.values()), entries=[])
        return replace(table, entries=self._entries(sheet, table, columns))

    def _columns(self, sheet: Sheet, like: Table) -> dict[int, Column]:
        """The columns by their position, from the headings in the first row."""
        columns: dict[int, Column] = {}
        for n, cell in enumerate(sheet.rows[0] if sheet.rows else ()):
            heading = plain(cell.value)
            if heading is None:
                filled = (row[n] for row in sheet.rows[1:] if n < len(row))
                if stray := next((each for each in filled if plain(each.value) is not None), None):
                    self.note(stray.ref, "heading.none", column=get_column_letter(n + 1))
                continue
            column = like.column(str(heading))
            if column is None:
                self.note(cell.ref, "heading.unknown", heading=shown(heading))
            elif column in columns.values():
                self.note(cell.ref, "heading.twice", heading=shown(heading))
            else:
                columns[n] = column
        for column in like.columns:
            if not column.number and column not in columns.values():
                self.note(f"{like.sheet}!1", "heading.missing", heading=column.heading)
        return columns

    def _merged(self, sheet: Sheet, columns: Mapping[int, Column]) -> None:
        """Cells merged downwards are fine where a thing has one value; all others are not."""
        for left, top, right, bottom in sheet.merged:
            column = columns.get(left - 1)
            if right > left or (column is not None and (column.part or top == 1)):
                start, end = (
                    f"{get_column_letter(left)}{top}",
                    f"{get_column_letter(right)}{bottom}",
                )
                self.note(f"{sheet.name}!{start}", "cell.merged", range=f"{start}:{end}")

    def _entries(self, sheet: Sheet, table: Table, columns: Mapping[int, Column]) -> list[Entry]:
        entries: list[Entry] = []
        for row in sheet.rows[1:]:
            cells = {column.id: row[n] for n, column in columns.items() if n < len(row)}
            if all(plain(each.value) is None and not each.problem for each in cells.values()):
                continue
            self._row(cells, table, entries)
        return entries

    def _row(self, cells: Mapping[str, Cell], table: Table, entries: list[Entry]) -> None:
        values = {each.id: self._value(cells[each.id], each) for each in table.columns}
        refs = {each.id: cells[each.id].ref for each in table.columns}
        own = {each.id for each in table.columns if not each.part}
        id = values[table.thing]
        if id is None and not entries:
            self.note(refs[table.thing], "id.none")
            return
        if id is None or (entries and table.parted and entries[-1].id == id):
            if id is None and not table.parted:
                self.note(refs[table.thing], "id.none")
            self._repeated(entries[-1], {name: values[name] for name in own}, refs, table.thing)
        else:
            if any(each.id == id for each in entries):
                self.note(refs[table.thing], "id.twice", id=id)
            mine = {name: values[name] for name in own if name != table.thing}
            entries.append(Entry(id=str(id), values=mine, cells={name: refs[name] for name in own}))
        if table.parted:
            self._part(values, refs, table, entries[-1])

    def _repeated(
        self, entry: Entry, values: Mapping[str, Value], refs: Mapping[str, str], thing: str
    ) -> None:
        """On a further row of a thing its own columns are blank, or say the same again."""
        for name, value in values.items():
            if name != thing and value is not None and value != entry.values.get(name):
                self.note(refs[name], "cell.repeated", id=entry.id)

    def _part(
        self, values: Mapping[str, Value], refs: Mapping[str, str], table: Table, entry: Entry
    ) -> None:
        names = [each.id for each in table.columns if each.part]
        given = {name: values[name] for name in names}
        cells = {name: refs[name] for name in names}
        if table.counted:
            id: Value = str(len(entry.parts) + 1)
        else:
            id = given.pop(table.parted)
        if id is None:
            self.note(refs[table.parted], "part.none")
        elif any(each.id == id for each in entry.parts):
            self.note(refs[table.parted], "id.twice", id=id)
        else:
            entry.parts.append(Entry(id=str(id), values=given, cells=cells))

    def _value(self, cell: Cell, column: Column) -> Value:
        """What a cell says to a column; None, and a note, where it says nothing that fits."""
        problem = cell.problem or ("cell.date" if isinstance(cell.value, _DATES) else "")
        if problem:
            self.note(cell.ref, problem)
            return None
        if column.content == "number":
            return _number(cell.value)
        if column.content == "rating":
            return self._rating(cell)
        if column.content == "flag":
            return self._flag(cell)
        text = self._text(cell)
        if column.content == "laws":
            return self._laws(text)
        if column.content == "id" and text is not None and not _ID.fullmatch(text):
            self.note(cell.ref, "id.form", id=shown(text))
            return None
        return text

    def _rating(self, cell: Cell) -> Value:
        rating = _number(cell.value)
        if rating is None or (isinstance(rating, int) and rating in range(1, 6)):
            return rating
        self.note(cell.ref, "cell.rating", value=shown(rating))
        return None

    def _text(self, cell: Cell) -> str | None:
        value = cell.value
        if isinstance(value, bool):
            self.note(cell.ref, "cell.truth")
            return None
        if isinstance(value, float):
            if not value.is_integer():
                self.note(cell.ref, "cell.fraction", value=value)
                return None
            value = int(value)
        text = plain(str(value).replace("_x000D_", "")) if value is not None else None
        if text is not None and _CONTROL.search(str(text)):
            self.note(cell.ref, "cell.control")
            return None
        return None if text is None else str(text)

    def _flag(self, cell: Cell) -> bool | None:
        value = cell.value
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        word = folded("" if value is None else str(value))
        if word not in _YES | _NO:
            self.note(cell.ref, "cell.flag", value=shown(word))
        return True if word in _YES else None

    def _laws(self, text: str | None) -> tuple[str, ...] | None:
        if text is None:
            return None
        if folded(text) == folded(messages("spreadsheet")("value.no_law")):
            return ()
        return tuple(each.strip() for each in re.split(r"[,;\n]", text) if each.strip())


def _number(value: Any) -> Value:
    """A number, also where it was typed as text; anything else stays as it is, for YAML's own checks."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if not isinstance(value, str):
        return plain(value)
    text = value.strip()
    if _WHOLE.fullmatch(text):
        return int(text)
    if _FRACTION.fullmatch(text):
        return _number(float(text.replace(",", ".")))
    return plain(text)
