"""A released module as a page needs it: its texts, exercises and legal cards in order, without a kernel.

Code is read, never run: what a cell shows is known from the call in it, as ``pamong.place`` reads it.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from pamong import notebook
from pamong.notebook import Cell, Notebook
from pamong.place import Person, is_call, places

PARTS = ("mandiri", "kelas", "terapan")
MINUTES = 240
"""The most that one text may plan for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """Markdown; ``id`` is the cell's, ``minutes`` are planned for reading or doing what it says."""

    part: str
    id: str
    markdown: str
    minutes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """Where an exercise stands; ``counts`` is False where no points hang on it, as on a first test."""

    part: str
    exercise: str
    counts: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Law:
    """Where the legal cards of the module stand."""

    part: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """Code that the participant writes, or that works on it: it needs a kernel."""

    part: str


Piece = Text | Spot | Law | Code


def outline(
    book: Notebook, module: str, person: Person, played: Collection[str] = ()
) -> tuple[Piece, ...]:
    """The pieces that ``person`` meets in ``module``, in order.

    ``played`` names the exercises that have been begun: where the office decides, they count.
    """
    found: list[Piece] = []
    part = ""
    for cell in book["cells"]:
        part = _part(cell) or part
        found += _pieces(cell, part, module, person, played)
    return tuple(found)


def read(path: Path, module: str, person: Person) -> tuple[Piece, ...]:
    """The pieces of the notebook at ``path``, with answers lying beside it; CourseError or OSError."""
    played = {log.stem for log in path.parent.glob("*.jsonl")}
    return outline(book(path), module, person, played)


def book(path: Path) -> Notebook:
    """The notebook at ``path``, parsed once for as long as it stays as it is; CourseError or OSError."""
    return _book(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=32)
def _book(path: Path, _changed: int) -> Notebook:
    return notebook.parse(path.read_bytes(), path.name)


def uncounted(pieces: Iterable[Piece]) -> frozenset[str]:
    """The exercises that change no grade, whatever their briefs say: the one place that knows."""
    spots = [piece for piece in pieces if isinstance(piece, Spot)]
    counted = {spot.exercise for spot in spots if spot.counts}
    return frozenset(spot.exercise for spot in spots) - counted


def _pieces(
    cell: Cell, part: str, module: str, person: Person, played: Collection[str]
) -> list[Piece]:
    source = cell["source"]
    if cell["cell_type"] == "markdown":
        shown = source.strip() and not notebook.is_answer(cell)
        text = Text(part=part, id=str(cell.get("id", "")), markdown=source, minutes=_minutes(cell))
        return [text] if shown else []
    if cell["cell_type"] != "code":
        return []
    if notebook.runs_apart(cell):
        return [Code(part=part)]
    counts = not notebook.is_weightless(cell)
    spots: list[Piece] = [
        Spot(part=part, exercise=place.pick(module, person, played), counts=counts)
        for place in places(source, "exercise")
    ]
    return [*spots, Law(part=part)] if _calls(source, "legal") else spots


def _part(cell: Cell) -> str:
    mark = cell["metadata"].get("pamong")
    name = mark.get("part") if isinstance(mark, dict) else None
    return name if name in PARTS else ""


def _minutes(cell: Cell) -> int:
    mark = cell["metadata"].get("pamong")
    minutes = mark.get("minutes") if isinstance(mark, dict) else 0
    return minutes if type(minutes) is int and 0 < minutes <= MINUTES else 0


@lru_cache(maxsize=256)
def _calls(source: str, name: str) -> bool:
    try:
        return any(is_call(node, name) for node in ast.walk(ast.parse(source)))
    except (SyntaxError, ValueError):
        return False
