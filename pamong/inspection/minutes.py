"""How long a module takes, part by part: reading alone, in class, and applied afterwards.

A cell may say ``"pamong": {"part": "kelas"}`` in its metadata: it and the cells after it belong to that
part, until another cell names another. ``"minutes": 10`` there is the time for what the cell asks;
an exercise brings its own minutes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Set
from itertools import pairwise
from typing import Any

from pamong.catalogue import messages
from pamong.errors import Problem
from pamong.inspection.material import Material, at, name_of, told
from pamong.notebook import Cell
from pamong.place import places

BUDGETS: Mapping[str, int | None] = {"mandiri": 45, "kelas": 90, "terapan": None}
"""Minutes of each part of a module; None: as long as the workplace needs."""
STEP = 15
"""Minutes after which one step had better be divided."""
ALONE = ("mandiri", "terapan")
"""Parts in which nobody leads through an exercise that takes longer than a step."""
_ANNOUNCED = re.compile(r"(?m)^\*\s*(\d{1,3}) menit\b")


def problems(material: Material) -> Iterator[Problem]:
    """Parts over their budget, steps that are long, and announced times that differ from the brief."""
    if material.cells is None:
        return
    spent, part, alone = dict.fromkeys(BUDGETS, 0), "", set[str]()
    for cell in material.cells:
        mark = _mark(cell)
        named = mark.get("part", part)
        if named and named not in BUDGETS:
            yield told(
                material.notebook,
                "minutes.part",
                at=at(cell),
                cell=name_of(cell),
                known=", ".join(BUDGETS),
            )
            continue
        part = named
        yield from _own(material, cell)
        if part:
            spent[part] += _time(material, cell)
        if part in ALONE:
            alone.update(id for asked in _shown(cell) for id in asked)
    for name, budget in BUDGETS.items():
        if budget is not None and spent[name] > budget:
            yield told(
                material.notebook, "minutes.over", part=name, spent=spent[name], budget=budget
            )
    if not part:
        yield told(material.notebook, "minutes.unmarked", severity="warning")
    yield from _steps(material, alone)
    yield from _announced(material, material.cells)


def _own(material: Material, cell: Cell) -> Iterator[Problem]:
    """What a cell's own ``minutes`` say."""
    own = _mark(cell).get("minutes", 0)
    if isinstance(own, bool) or not isinstance(own, int) or not 0 <= own <= 240:
        yield told(material.notebook, "minutes.number", at=at(cell), cell=name_of(cell))
    elif own > STEP:
        yield told(
            material.notebook,
            "minutes.step",
            at=at(cell),
            severity="warning",
            name=name_of(cell),
            minutes=own,
            step=STEP,
        )


def _time(material: Material, cell: Cell) -> int:
    """Minutes that a cell takes; where one of several exercises is shown, the longest of them."""
    own = _mark(cell).get("minutes", 0)
    own = own if isinstance(own, int) and not isinstance(own, bool) else 0
    return own + sum(_longest(material, each) for each in _shown(cell))


def _longest(material: Material, exercises: tuple[str, ...]) -> int:
    works = (material.works.get(each) for each in exercises)
    return max((work.brief.minutes for work in works if work is not None), default=0)


def _shown(cell: Cell) -> list[tuple[str, ...]]:
    if cell["cell_type"] != "code":
        return []
    return [asked.exercises for asked in places(cell["source"], "exercise")]


def _steps(material: Material, alone: Set[str]) -> Iterator[Problem]:
    for id, work in material.works.items():
        if id in alone and work.brief.minutes > STEP:
            text = messages("inspection")(
                "minutes.step", name=id, minutes=work.brief.minutes, step=STEP
            )
            yield work.source.problem(("minutes",), text, "warning")


def _announced(material: Material, cells: tuple[Cell, ...]) -> Iterator[Problem]:
    """Where a text says “*10 menit*” and the exercise below it takes another time."""
    for above, below in pairwise(cells):
        found = _ANNOUNCED.findall(above["source"]) if above["cell_type"] == "markdown" else []
        taken = sum(_longest(material, each) for each in _shown(below))
        if found and taken and int(found[-1]) != taken:
            yield told(
                material.notebook,
                "minutes.announced",
                at=at(above),
                severity="warning",
                cell=name_of(above),
                said=found[-1],
                minutes=taken,
            )


def _mark(cell: Cell) -> dict[str, Any]:
    mark = cell["metadata"].get("pamong")
    return mark if isinstance(mark, dict) else {}
