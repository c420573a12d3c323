"""A workbook that an instructor can read: instructions first, then tables with their headings frozen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils.cell import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from pamong.catalogue import messages
from pamong.errors import CourseError
from pamong.spreadsheet.changes import shown
from pamong.spreadsheet.tables import Column, Entry, Table, Value

GUIDE = "Petunjuk"
TEXT_LIMIT = 32_767
"""Characters that one cell can hold."""
SPARE = 60
"""Blank rows below a table that are ready to be filled in."""

_HEAD = PatternFill("solid", start_color="FF0B5F5B")
_SECRET_HEAD = PatternFill("solid", start_color="FF9B2C2C")
_SECRET = PatternFill("solid", start_color="FFFDF0EF")
_WHITE = Font(bold=True, color="FFFFFFFF")
_RED = Font(bold=True, color="FFC00000", size=13)
_LINE = Border(top=Side(style="thin", color="FF0B5F5B"))
_WRAP = Alignment(wrap_text=True, vertical="top")
_FORMATS = {"number": "0", "rating": "0"}


def draw(
    tables: Sequence[Table], about: Mapping[str, str], *, lines: Sequence[str], warning: str
) -> Workbook:
    """A workbook with ``tables`` after a page that says what it is (``about``) and how to fill it in."""
    book = Workbook()
    guide = book.worksheets[0]
    guide.title = GUIDE
    _guide(guide, about, lines, warning)
    for table in tables:
        _sheet(book.create_sheet(table.sheet), table)
    return book


def _guide(sheet: Any, about: Mapping[str, str], lines: Sequence[str], warning: str) -> None:
    say = messages("spreadsheet")
    sheet.column_dimensions["A"].width = 22
    sheet.column_dimensions["B"].width = 88
    _write(sheet.cell(1, 1), say("guide.title", title=about["title"]), Font(bold=True, size=15))
    row = 2
    if warning:
        _write(sheet.cell(row, 1), warning, _RED)
        sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=2)
        sheet.row_dimensions[row].height = 54
        row += 1
    for number, line in enumerate(lines, 1):
        _write(sheet.cell(row, 1), str(number))
        _write(sheet.cell(row, 2), line)
        row += 1
    _write(sheet.cell(row + 1, 1), say("guide.about"), Font(bold=True))
    for place, (name, value) in enumerate(about.items(), row + 2):
        _write(sheet.cell(place, 1), say(f"about.{name}"))
        _write(sheet.cell(place, 2), value)


def _sheet(sheet: Any, table: Table) -> None:
    sheet.freeze_panes = "B2"
    sheet.sheet_view.zoomScale = 100
    for number, column in enumerate(table.columns, 1):
        cell = sheet.cell(1, number)
        _write(cell, column.heading, _WHITE)
        cell.fill = _SECRET_HEAD if column.secret else _HEAD
        sheet.column_dimensions[get_column_letter(number)].width = column.width
    row = 2
    for entry in table.entries:
        for part in entry.parts or [Entry(id="")]:
            first = not entry.parts or part is entry.parts[0]
            _row(sheet, row, table, entry if first else None, part)
            row += 1
    for blank in range(row, row + SPARE):
        _row(sheet, blank, table, None, Entry(id=""))
    for number, column in enumerate(table.columns, 1):
        letter = get_column_letter(number)
        _validate(sheet, column, f"{letter}2:{letter}{row + SPARE - 1}")


def _row(sheet: Any, row: int, table: Table, entry: Entry | None, part: Entry) -> None:
    for number, column in enumerate(table.columns, 1):
        cell = sheet.cell(row, number)
        value = _shown(table, column, entry, part)
        if isinstance(value, str) and len(value) > TEXT_LIMIT:
            raise CourseError(messages("spreadsheet")("export.long", heading=column.heading))
        _write(cell, value)
        cell.number_format = _FORMATS.get(column.content, "@")
        if column.secret:
            cell.fill = _SECRET
        if entry is not None:
            cell.border = _LINE


def _shown(table: Table, column: Column, entry: Entry | None, part: Entry) -> Value:
    if not column.part:
        if entry is None:
            return None
        value = entry.id if column.id == table.thing else entry.values.get(column.id)
    elif column.id == table.parted and not table.counted:
        value = part.id or None
    else:
        value = part.values.get(column.id)
    if value is None or (isinstance(value, int | float) and not isinstance(value, bool)):
        return value
    return shown(value)


def _write(cell: Any, value: Value, font: Font | None = None) -> None:
    """A number, or a text that stays text even where it begins with an equals sign."""
    cell.value = value
    cell.alignment = _WRAP
    if isinstance(value, str):
        cell.data_type = "s"
    if font is not None:
        cell.font = font


def _validate(sheet: Any, column: Column, cells: str) -> None:
    say = messages("spreadsheet")
    if column.content == "flag":
        rule = DataValidation(type="list", formula1=f'"{say("value.yes")},{say("value.no")}"')
    elif column.content == "rating":
        rule = DataValidation(type="whole", operator="between", formula1="1", formula2="5")
    elif column.content == "number":
        rule = DataValidation(type="whole", operator="between", formula1="0", formula2="1000")
    else:
        return
    rule.allow_blank = True
    rule.showErrorMessage = True
    rule.errorTitle = column.heading[:30]
    rule.error = say(f"rule.{column.content}")
    rule.add(cells)
    sheet.add_data_validation(rule)


def save(book: Workbook, path: Path) -> None:
    """Write a new file that only its owner may read."""
    with path.open("xb") as file:
        path.chmod(0o600)
        book.save(file)
