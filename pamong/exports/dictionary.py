"""What every column means: as a table beside the data, and as the page docs/data.md.

``python -m pamong.exports.dictionary`` writes that page anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pamong.catalogue import LANGUAGE, messages, speaking
from pamong.reports.tidy import SCHEMA, TABLES, Table, define

PAGE = Path("docs") / "data.md"
ABOUT = define("about", "", name="text", value="text")
"""What an export is: when, of whom, for whom, and what is withheld in it."""
DICTIONARY = define(
    "dictionary", "", table="text", column="text", type="text", key="boolean", meaning="text"
)
READING = """\
import pandas as pd


def load(folder, table, sep=",", decimal="."):
    def read(name):
        path = f"{folder}/{name}.csv"
        return pd.read_csv(path, sep=sep, dtype=str, keep_default_na=False, encoding="utf-8-sig")

    frame, known = read(table), read("dictionary")
    known = known[(known["table"] == table) & (known["column"] != "")]
    for column, type in zip(known["column"], known["type"]):
        values = frame[column]
        if type == "text":
            frame[column] = values.str.removeprefix("'")
        elif type == "moment":
            frame[column] = pd.to_datetime(values, utc=True)
        elif type == "boolean":
            frame[column] = values.map({"true": True, "false": False}).astype("boolean")
        else:
            frame[column] = pd.to_numeric(values.str.replace(decimal, "."))
    return frame


grades = load("csv", "grades")
"""
"""How to read our CSV; a test runs it."""
say = messages("export")


def rows(tables: tuple[Table, ...] = TABLES) -> Iterator[tuple[str, str, str, bool, str]]:
    """Table, column, type, whether it belongs to the key, and meaning; a table's own row has no column."""
    for table in tables:
        yield table.name, "", "", False, say(f"table.{table.name}")
        for column in table.columns:
            key = column.name in table.key
            meaning = say(f"column.{table.name}.{column.name}")
            yield table.name, column.name, column.type, key, meaning


def page(tables: tuple[Table, ...] = TABLES) -> str:
    """docs/data.md, in the language of the courses."""
    with speaking(LANGUAGE):
        return "".join(_parts(tables))


def _parts(tables: tuple[Table, ...]) -> Iterator[str]:
    yield say("page.intro", schema=SCHEMA) + "\n"
    for table in tables:
        yield f"\n### {table.name}\n\n{say(f'table.{table.name}')}\n\n"
        yield f"| {say('page.column')} | {say('page.type')} | {say('page.meaning')} |\n|---|---|---|\n"
        for column in table.columns:
            name = f"**{column.name}**" if column.name in table.key else column.name
            meaning = say(f"column.{table.name}.{column.name}").replace("|", "\\|")
            yield f"| {name} | {say(f'type.{column.type}')} | {meaning} |\n"
    yield f"\n{say('page.reading')}\n```python\n{READING}```\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
