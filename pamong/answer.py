"""What a code answer leaves for its check: named plain values, bounded, believed as data and nothing more.

Such values come from a sandbox in which a participant's code may have written anything. Whatever passes
``believable`` is made of None, bool, int, float, str, list and dict, so comparing it runs no code of theirs.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from pamong.errors import CourseError

FILE = "answers.json"
"""Where the values lie for trusted cells, beside the notebook that is being graded."""
SIZE_LIMIT = 64 * 1024
"""Bytes of one value as JSON in UTF-8."""
DEPTH_LIMIT = 32
"""Lists and dicts inside one another."""
BITS_LIMIT = 1023
"""Bits of an integer, so that every one of them can become a float."""
_PLAIN = {type(None), bool, int, float, str}
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


class Answer(Mapping[str, Any]):
    """The declared values of one cell, by name; None for a name that the code left without a usable value.

    A name that the cell does not declare raises CourseError, and so does a comparison with what no value
    can ever be: that is a slip in the check.
    """

    def __init__(
        self,
        cell: str,
        values: Mapping[str, Any],
        *,
        declared: Collection[str] = (),
        open: bool = False,
    ) -> None:
        self.cell = cell
        self._values = values
        self._names = dict.fromkeys((*declared, *values))
        self._open = open
        """Whether every name may be asked for: where the cell's declaration is not known."""

    def __getitem__(self, name: str) -> Any:
        if name in self._names or self._open:
            return self._values.get(name)
        raise CourseError(
            f"Cell {self.cell!r} declares no value {name!r}. Add it to pamong.values in the "
            "metadata of the cell."
        )

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def equal(self, name: str, expected: Any) -> bool:
        """Whether a value is there and is ``expected`` throughout; unlike in Python, True is not 1."""
        value, wanted = self[name], _crossed(expected)
        if problem := believable(wanted):
            raise CourseError(
                f"No value {name!r} of cell {self.cell!r} can ever equal {expected!r} ({problem}): "
                "compare with numbers, texts, lists, or dicts with texts as keys."
            )
        return name in self._values and _same(value, wanted)

    def close(self, name: str, expected: float, tolerance: float = 1e-9) -> bool:
        """Whether a value is a number at most ``tolerance`` away from ``expected``."""
        value = self[name]
        if not math.isfinite(expected):
            raise CourseError(f"No value {name!r} of cell {self.cell!r} is close to {expected!r}.")
        return _is_number(value) and abs(value - expected) <= tolerance


def read_answer(folder: Path, cell: str) -> Answer:
    """What a cell left behind, from the file beside the notebook; CourseError where there is none."""
    path = folder / FILE
    if not path.is_file():
        raise CourseError(f"{path} is missing: no code was run. Grade with Pamong's preprocessors.")
    found = decode(path.read_bytes())
    if cell not in found:
        raise CourseError(
            f"The notebook has no code cell {cell!r} with pamong.values in its metadata."
        )
    return Answer(cell, found[cell]["values"], declared=found[cell]["declared"])


def believable(values: object) -> str:
    """Why data is not acceptable as a value: deep, key, number, text or type; empty when it is."""
    waiting: list[tuple[Any, int]] = [(values, 0)]
    while waiting:
        value, depth = waiting.pop()
        if type(value) in (list, dict):
            if depth >= DEPTH_LIMIT:
                return "deep"
            if isinstance(value, dict):
                if any(type(key) is not str for key in value):
                    return "key"
                waiting += ((key, depth + 1) for key in value)
                value = list(value.values())
            waiting += ((each, depth + 1) for each in value)
        elif problem := _scalar(value):
            return problem
        elif type(value) not in _PLAIN:
            return "type"
    return ""


def encode(values: Any) -> str:
    """Values as JSON text."""
    return json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def decode(text: str | bytes) -> Any:
    """JSON text as data; ValueError for NaN, infinity, or what is no JSON."""
    try:
        return json.loads(text, parse_constant=_no_number)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def shown(text: str, limit: int) -> str:
    """Text of unknown origin as plain text: at most ``limit`` characters, no control characters."""
    return _CONTROL.sub("\ufffd", text[:limit].replace("\r\n", "\n"))


def _scalar(value: object) -> str:
    if isinstance(value, float) and not math.isfinite(value):
        return "number"
    if isinstance(value, int) and value.bit_length() > BITS_LIMIT:
        return "number"
    if isinstance(value, str) and any("\ud800" <= character <= "\udfff" for character in value):
        return "text"
    return ""


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is not a number")


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _crossed(expected: Any) -> Any:
    """What is expected, as it would arrive: tuples as lists, mappings as dicts."""
    if isinstance(expected, Mapping):
        return {key: _crossed(each) for key, each in expected.items()}
    if isinstance(expected, list | tuple):
        return [_crossed(each) for each in expected]
    return expected


def _same(value: Any, expected: Any) -> bool:
    if isinstance(expected, dict):
        return (
            isinstance(value, dict)
            and value.keys() == expected.keys()
            and all(_same(value[key], each) for key, each in expected.items())
        )
    if isinstance(expected, list):
        return (
            isinstance(value, list)
            and len(value) == len(expected)
            and all(map(_same, value, expected))
        )
    if _is_number(expected):
        return _is_number(value) and bool(value == expected)
    return type(value) is type(expected) and bool(value == expected)
