"""What a sheet holds: things with their parts, such as items with their options, in named columns."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from pamong.catalogue import messages
from pamong.document import Place

Content = Literal["id", "text", "number", "rating", "flag", "laws"]
Value = str | int | float | bool | tuple[str, ...] | None
"""What a cell says; None where it is blank."""
Cells = dict[Place, str]
"""The cell, such as ``Soal!C7``, from which the value at a place of the data came."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """``part`` columns hold one value per row, all others one per thing, on its first row.

    ``secret`` columns are the key. ``number`` tells the members of a family apart: ``3`` of the
    third rater, ``a`` of a variant.
    """

    name: str
    content: Content = "text"
    part: bool = False
    secret: bool = False
    width: int = 16
    number: str = ""

    @property
    def id(self) -> str:
        return f"{self.name}.{self.number}" if self.number else self.name

    @property
    def heading(self) -> str:
        say = messages("spreadsheet")
        text = say(f"column.{self.name}", number=self.number)
        return say("column.secret", heading=text) if self.secret else text


@dataclass(slots=True, kw_only=True)
class Entry:
    """A thing, or one of its parts; ``cells`` tells in which cell the value of a column stands."""

    id: str
    values: dict[str, Value] = field(default_factory=dict)
    cells: dict[str, str] = field(default_factory=dict)
    parts: list[Entry] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One sheet. ``thing`` is the column that starts a thing, ``parted`` the one that starts a part.

    ``parted`` is empty where things have no parts; ``counted`` parts are numbered, having no id.
    ``family`` makes the column of one more rater or variant from its number.
    """

    sheet: str
    thing: str
    columns: tuple[Column, ...]
    entries: Sequence[Entry]
    parted: str = ""
    counted: bool = False
    family: Callable[[str], Column] | None = None
    numbers: str = r"[a-z0-9][a-z0-9_-]{0,39}"
    """What the number of a member of the family looks like."""

    def column(self, heading: str) -> Column | None:
        """The column that a heading names, however it is spaced or capitalised."""
        wanted = folded(heading)
        for column in self.columns:
            if folded(column.heading) == wanted:
                return column
        if self.family is None:
            return None
        before, after = folded(self.family("?").heading).split("?")
        number = wanted.removeprefix(before).removesuffix(after)
        if not re.fullmatch(self.numbers, number) or wanted != before + number + after:
            return None
        text = " ".join(heading.split())
        return self.family(text[len(before) : len(text) - len(after)])


def folded(text: str) -> str:
    return " ".join(text.split()).casefold()


def plain(value: Any) -> Value:
    """``value`` as a cell shows it: a text without the blanks around it; None for nothing at all."""
    if isinstance(value, str):
        lines = value.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        return "\n".join(line.rstrip() for line in lines).strip() or None
    if isinstance(value, list):
        return tuple(map(str, value))
    found: Value = value or None if isinstance(value, bool) else value
    return found


def put(target: dict[str, Any], name: str, value: Value) -> None:
    """Write ``value`` unless ``target`` says the same already; a blank takes the field away."""
    old, value = target.get(name), value or None if isinstance(value, bool) else value
    if plain(old) == value and type(plain(old)) is type(value):
        return
    if value is None:
        target.pop(name, None)
    elif isinstance(value, str) and isinstance(old, str) and old.endswith("\n"):
        target[name] = f"{value}\n"
    else:
        target[name] = list(value) if isinstance(value, tuple) else value


def by_id(things: Sequence[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    return {str(thing["id"]): thing for thing in things}
