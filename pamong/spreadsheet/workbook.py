"""A workbook that anybody may have made, opened within bounds: sheets of cells, or a plain refusal.

What a file claims to hold is counted in its parts before openpyxl builds anything from them.
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile, ZipInfo

from openpyxl import load_workbook
from openpyxl.utils.cell import get_column_letter, range_boundaries

from pamong.catalogue import messages
from pamong.errors import CourseError

SIZE_LIMIT = 4 * 2**20
"""Bytes of the file."""
UNPACKED_LIMIT = 24 * 2**20
"""Bytes of all its parts together."""
PART_LIMIT = 400
CELL_LIMIT = 60_000
"""Cells of all sheets together."""
ROW_LIMIT = 5_000
COLUMN_LIMIT = 200
MERGED_LIMIT = 20_000
"""Cells that merged ranges cover together."""

_CELL = re.compile(rb"<(?:\w+:)?c[ />]")
_PLACE = re.compile(rb"<(?:\w+:)?(?:c|row)\s[^>]*?\br=[\"']([A-Z]{0,4})([0-9]{1,9})[\"']")
_MERGED = re.compile(rb"<(?:\w+:)?mergeCell\s[^>]*?ref=[\"']([A-Z]+[0-9]+(?::[A-Z]+[0-9]+)?)[\"']")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell that says something; ``problem`` is the catalogue entry of why it cannot be read."""

    ref: str
    value: Any
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """``rows`` holds the cells of row 1, 2, …, blank ones included; ``merged`` ranges as (c, r, c, r)."""

    name: str
    rows: tuple[tuple[Cell, ...], ...]
    merged: tuple[tuple[int, int, int, int], ...]


def read_workbook(path: Path) -> Mapping[str, Sheet]:
    """The visible content of every sheet, by name; CourseError for what is no such workbook."""
    content = _content(path)
    _require_bounded(path, content)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            formulas = load_workbook(io.BytesIO(content), keep_links=False)
            values = load_workbook(io.BytesIO(content), keep_links=False, data_only=True)
    except Exception as error:  # a damaged workbook makes openpyxl raise anything
        raise _refusal(path, "file.damaged") from error
    return {
        sheet.title: _sheet(sheet, values[sheet.title])
        for sheet in formulas.worksheets
        if sheet.max_row <= ROW_LIMIT and sheet.max_column <= COLUMN_LIMIT
    }


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(SIZE_LIMIT + 1)
    except OSError as error:
        raise _refusal(path, "file.unreadable", reason=error.strerror) from error
    if len(content) > SIZE_LIMIT:
        raise _refusal(path, "file.large", limit=SIZE_LIMIT // 2**20)
    if content.startswith(_OLE):
        raise _refusal(path, "file.old")
    if not content.startswith(b"PK"):
        known = path.suffix.lower() in (".csv", ".tsv", ".txt")
        raise _refusal(path, "file.csv" if known else "file.other")
    return content


def _require_bounded(path: Path, content: bytes) -> None:
    """CourseError for a workbook whose parts are too many, too large, or do more than hold cells."""
    try:
        archive = ZipFile(io.BytesIO(content))
    except (BadZipFile, NotImplementedError, OSError, ValueError) as error:
        raise _refusal(path, "file.damaged") from error
    with archive:
        if entry := _excess(archive.infolist()):
            raise _refusal(path, entry, limit=UNPACKED_LIMIT // 2**20)
        try:
            texts = {
                part.filename.lower(): archive.read(part)
                for part in archive.infolist()
                if part.filename.lower().endswith((".xml", ".rels", ".vml"))
            }
        except Exception as error:  # a broken or encrypted archive raises anything
            raise _refusal(path, "file.damaged") from error
    if any(
        b"<!DOCTYPE" in text or b"<!ENTITY" in text or b"\x00" in text for text in texts.values()
    ):
        raise _refusal(path, "file.damaged")
    sheets = [text for name, text in texts.items() if "/worksheets/" in name]
    if sum(len(_CELL.findall(text)) for text in sheets) > CELL_LIMIT:
        raise _refusal(path, "file.cells", limit=CELL_LIMIT)
    for text in sheets:
        _require_near(path, text)


def _excess(parts: Sequence[ZipInfo]) -> str:
    """Why an archive is not opened, as a catalogue entry; empty when it may be."""
    names = {part.filename.lower() for part in parts}
    if len(parts) > PART_LIMIT or sum(part.file_size for part in parts) > UNPACKED_LIMIT:
        return "file.bomb"
    if any(name.endswith("vbaproject.bin") or "/macrosheets/" in name for name in names):
        return "file.macro"
    return "" if "xl/workbook.xml" in names else "file.other"


def _require_near(path: Path, text: bytes) -> None:
    """No cell far out, no range so large that it would be filled cell by cell."""
    for letters, number in _PLACE.findall(text):
        column = _column_number(letters.decode())
        if int(number) > ROW_LIMIT or column > COLUMN_LIMIT:
            far = f"{letters.decode() or 'A'}{number.decode()}"
            raise _refusal(path, "file.far", cell=far, rows=ROW_LIMIT, columns=COLUMN_LIMIT)
    covered = 0
    for found in _MERGED.findall(text):
        left, top, right, bottom = range_boundaries(found.decode())
        covered += abs((right or 0) - (left or 0) + 1) * abs((bottom or 0) - (top or 0) + 1)
    if covered > MERGED_LIMIT:
        raise _refusal(path, "file.merged")


def _column_number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = 26 * number + ord(letter) - 64
    return number


def _sheet(formulas: Any, values: Any) -> Sheet:
    rows = tuple(
        tuple(_cell(formulas.title, each, values) for each in row) for row in formulas.iter_rows()
    )
    merged = tuple(each.bounds for each in formulas.merged_cells.ranges)
    return Sheet(formulas.title, rows, merged)


def _cell(sheet: str, cell: Any, values: Any) -> Cell:
    ref = f"{sheet}!{get_column_letter(cell.column)}{cell.row}"
    if getattr(cell, "data_type", "") != "f":
        return Cell(ref, cell.value, "cell.error" if getattr(cell, "data_type", "") == "e" else "")
    cached = values.cell(cell.row, cell.column)
    if cached.value is None:
        return Cell(ref, None, "cell.formula")
    return Cell(ref, cached.value, "cell.error" if cached.data_type == "e" else "")


def _refusal(path: Path, entry: str, **values: object) -> CourseError:
    return CourseError(messages("spreadsheet")(entry, file=path.name, **values))
