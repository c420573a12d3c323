"""Tables as files: CSV for programs and for spreadsheets, one workbook, JSON, Parquet.

Each keeps texts as texts: no spreadsheet makes a number of a NIP, or a formula of an answer.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from contextlib import suppress
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import IO, Any, Literal, Protocol, get_args

import pandas as pd
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from pamong.errors import CourseError
from pamong.reports.tidy import Column, Table

Format = Literal["csv", "csv-semicolon", "xlsx", "json", "parquet"]
FORMATS: tuple[Format, ...] = get_args(Format)
WORKBOOK = "pamong.xlsx"
GUARD = "'"
"""What stands before a text in CSV that a spreadsheet would take for something else."""
_TEMPTING = re.compile(
    r"[\s=+\-@'|%#\d]|(true|false|benar|salah)\Z"
    r"|(jan|feb|mar|apr|mei|may|jun|jul|agu|agt|aug|sep|okt|oct|nov|des|dec)[a-z]*[ /.-]?\d",
    re.IGNORECASE,
)
"""How texts begin that a spreadsheet may turn into a formula, a number, a day or a truth value."""
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
"""Characters that XML cannot hold."""
_ESCAPED = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
"""What a workbook would read as the number of a character."""
ROWS, CELL = 1_048_576, 32_767
"""Rows of a sheet, with its head, and characters of a cell."""
CUT = "…"


class Writer(Protocol):
    """Takes the tables one after the other, each in pieces; nothing is whole before ``finish``.

    ``close`` lets go of everything, also where something went wrong.
    """

    def begin(self, table: Table) -> None: ...

    def add(self, frame: pd.DataFrame) -> None: ...

    def end(self) -> None: ...

    def finish(self) -> None: ...

    def close(self) -> None: ...


def writer(format: Format, folder: Path) -> Writer:
    """What writes this format into an empty folder; CourseError where a package is missing."""
    match format:
        case "csv":
            return Csv(folder, delimiter=",", decimal=".")
        case "csv-semicolon":
            return Csv(folder, delimiter=";", decimal=",")
        case "json":
            return Json(folder)
        case "xlsx":
            return Xlsx(folder)
        case "parquet":
            return Parquet(folder)


class Csv:
    """One file per table, as spreadsheets open them: UTF-8 with a mark, guarded texts."""

    def __init__(self, folder: Path, *, delimiter: str, decimal: str) -> None:
        self._folder, self._delimiter, self._decimal = folder, delimiter, decimal

    def begin(self, table: Table) -> None:
        self._table = table
        path = self._folder / f"{table.name}.csv"
        self._file: IO[str] = path.open("w", encoding="utf-8-sig", newline="")
        self._rows = csv.writer(self._file, delimiter=self._delimiter)
        self._rows.writerow([column.name for column in table.columns])

    def add(self, frame: pd.DataFrame) -> None:
        columns = [self._written(frame[it.name], it) for it in self._table.columns]
        self._rows.writerows(zip(*columns, strict=True))

    def end(self) -> None:
        self._file.close()

    def finish(self) -> None:
        """Every file was finished with its table."""

    def close(self) -> None:
        with suppress(OSError, AttributeError):
            self._file.close()

    def _written(self, series: pd.Series[Any], column: Column) -> list[str]:
        known = plain(series, column)
        match column.type:
            case "text":
                return [guarded(value) for value in known]
            case "boolean":
                return ["" if value is None else str(value).lower() for value in known]
            case "number":
                return [
                    "" if value is None else repr(float(value)).replace(".", self._decimal)
                    for value in known
                ]
            case _:
                return ["" if value is None else str(value) for value in known]


@lru_cache(maxsize=10_000)
def guarded(text: str) -> str:
    """``text``, behind an apostrophe where a spreadsheet would not take it as it is."""
    return GUARD + text if _TEMPTING.match(text) else text


class Json:
    """One file per table: a list with an object for each row."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def begin(self, table: Table) -> None:
        self._table, self._between = table, "[\n"
        self._file: IO[str] = (self._folder / f"{table.name}.json").open("w", encoding="utf-8")

    def add(self, frame: pd.DataFrame) -> None:
        names = [column.name for column in self._table.columns]
        for row in values(frame, self._table):
            record = dict(zip(names, row, strict=True))
            self._file.write(self._between + json.dumps(record, ensure_ascii=False))
            self._between = ",\n"

    def end(self) -> None:
        self._file.write("[]\n" if self._between == "[\n" else "\n]\n")
        self._file.close()

    def finish(self) -> None:
        """Every file was finished with its table."""

    def close(self) -> None:
        with suppress(OSError, AttributeError):
            self._file.close()


class Xlsx:
    """One workbook with a sheet per table; a table that is too long goes on in another sheet."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / WORKBOOK
        self._book = Workbook(write_only=True)

    def begin(self, table: Table) -> None:
        self._table, self._sheets = table, 0
        self._turn()

    def add(self, frame: pd.DataFrame) -> None:
        for row in values(frame, self._table):
            if self._rows == ROWS:
                self._turn()
            self._sheet.append([self._cell(*pair) for pair in zip(row, self._cells, strict=True)])
            self._rows += 1

    def end(self) -> None:
        last = f"{get_column_letter(len(self._table.columns))}{self._rows}"
        self._sheet.auto_filter.ref = f"A1:{last}"

    def finish(self) -> None:
        self._book.save(self._path)

    def close(self) -> None:
        """The sheets lie in files that openpyxl removes at the end of the process."""

    def _turn(self) -> None:
        self._sheets += 1
        name = self._table.name if self._sheets == 1 else f"{self._table.name} {self._sheets}"
        self._sheet = self._book.create_sheet(name)
        self._sheet.freeze_panes = "A2"
        head, self._cells = [], list[Any]()
        for place, column in enumerate(self._table.columns, 1):
            letter = get_column_letter(place)
            self._sheet.column_dimensions[letter].width = _width(column)
            head.append(WriteOnlyCell(self._sheet, column.name))
            head[-1].font = Font(bold=True)
            # One cell is written again and again: a new one for each value takes three times as long.
            self._cells.append(WriteOnlyCell(self._sheet) if _is_text(column) else None)
            if self._cells[-1] is not None:
                self._cells[-1].number_format = "@"
        self._sheet.append(head)
        self._rows = 1

    @staticmethod
    def _cell(value: Any, cell: Any) -> Any:
        if cell is None or not value:
            return value or (None if isinstance(value, str) else value)
        cell.value = printed(value)
        cell.data_type = "s"
        return cell


def printed(text: str) -> str:
    """``text`` as a cell of a workbook can hold it."""
    text = _ESCAPED.sub("_x005F_", _UNWRITABLE.sub("\ufffd", text))
    return text if len(text) <= CELL else text[: CELL - 1] + CUT


def _is_text(column: Column) -> bool:
    return column.type in ("text", "moment")


def _width(column: Column) -> int:
    wide = {"data": 60, "description": 90, "stem": 60, "value": 60}
    return wide.get(column.name, 24 if _is_text(column) else 12)


class Parquet:
    """One file per table, typed; needs the package pyarrow."""

    def __init__(self, folder: Path) -> None:
        try:
            arrow, parquet = import_module("pyarrow"), import_module("pyarrow.parquet")
        except ImportError as error:
            raise CourseError(
                "Parquet needs the package pyarrow, which is not installed. "
                "Run pip install 'pamong[parquet]', or choose another --format."
            ) from error
        self._folder, self._arrow, self._parquet = folder, arrow, parquet

    def begin(self, table: Table) -> None:
        arrow = self._arrow
        types = {
            "text": arrow.string(), "integer": arrow.int64(), "number": arrow.float64(),
            "boolean": arrow.bool_(), "moment": arrow.timestamp("ms", tz="UTC"),
        }  # fmt: skip
        self._schema = arrow.schema([(it.name, types[it.type]) for it in table.columns])
        path = self._folder / f"{table.name}.parquet"
        self._file = self._parquet.ParquetWriter(path, self._schema)

    def add(self, frame: pd.DataFrame) -> None:
        table = self._arrow.Table.from_pandas(frame, schema=self._schema, preserve_index=False)
        self._file.write_table(table)

    def end(self) -> None:
        self._file.close()

    def finish(self) -> None:
        """Every file was finished with its table."""

    def close(self) -> None:
        with suppress(OSError, AttributeError):
            self._file.close()


def values(frame: pd.DataFrame, table: Table) -> Iterator[tuple[Any, ...]]:
    """The rows as plain values."""
    columns = [plain(frame[column.name], column) for column in table.columns]
    return zip(*columns, strict=True)


def plain(series: pd.Series[Any], column: Column) -> list[Any]:
    """One column as plain values; None where there is none, moments in ISO 8601."""
    if column.type == "moment":
        known = series.notna()
        written = series.dt.strftime("%Y-%m-%dT%H:%M:%S.%f").str[:-3] + "Z"
        return [at if there else None for at, there in zip(written, known, strict=True)]
    found = series.astype(object)
    return list(found.where(series.notna(), None))
