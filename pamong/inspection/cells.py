"""What a module's notebook must get right: exercises shown once, points that agree, nothing saved in it."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from itertools import combinations, takewhile

from pamong import notebook
from pamong.course import BRIEF
from pamong.errors import Problem
from pamong.inspection.material import Material, at, name_of, told
from pamong.notebook import Cell
from pamong.place import Place, places

TOTAL = 100.0
"""Points of one module."""
_FACTS = re.compile(r"(?m)^\*(?!\*)([^*\n]+)\*")
_POINTS = re.compile(r"(\d+(?:[.,]\d+)?) poin\b")


def problems(material: Material) -> Iterator[Problem]:
    """Problems of the notebook as a whole and of each of its cells."""
    if material.cells is None:
        return
    yield from _marks(material, material.cells)
    yield from _announced(material, material.cells)
    for cell in material.cells:
        yield from _saved(material, cell)
        if notebook.is_task(cell):
            yield told(material.notebook, "notebook.task", at=at(cell), cell=name_of(cell))
        if cell["cell_type"] == "code":
            yield from _calls(material, cell)
    yield from _shown(material, material.cells)


def value(cell: Cell) -> float | None:
    """What a graded cell is worth by its metadata; None where that says no number."""
    points = cell["metadata"]["nbgrader"].get("points")
    right = isinstance(points, int | float) and not isinstance(points, bool) and points >= 0
    return float(points) if right else None


def _marks(material: Material, cells: tuple[Cell, ...]) -> Iterator[Problem]:
    path = material.notebook
    ids = Counter(name for cell in cells if (name := notebook.grade_id(cell)))
    for repeated in (id for id, count in ids.items() if count > 1):
        yield told(path, "notebook.grade_id", id=repeated)
    worth = [(cell, value(cell)) for cell in cells if notebook.is_graded(cell)]
    for cell, points in worth:
        if points is None:
            yield told(path, "notebook.no_points", at=at(cell), cell=name_of(cell))
    total = sum(points for _, points in worth if points)
    if worth and total != TOTAL:  # a module for practice only has no points
        yield told(path, "notebook.total", total=f"{total:g}", expected=f"{TOTAL:g}")


def _announced(material: Material, cells: tuple[Cell, ...]) -> Iterator[Problem]:
    """Where a heading says “*10 menit. 20 poin.*” and the cells below it, together, are worth other."""
    for place, heading in enumerate(cells):
        said = _said(heading["source"]) if _is_text(heading) else None
        below = list(takewhile(lambda cell: not _is_text(cell), cells[place + 1 :]))
        worth = [value(cell) for cell in below if notebook.is_graded(cell)]
        points = sum(each for each in worth if each is not None)
        if said is not None and worth and None not in worth and said != points:
            yield told(
                material.notebook,
                "notebook.announced",
                at=at(heading),
                severity="warning",
                cell=name_of(heading),
                said=f"{said:g}",
                points=f"{points:g}",
            )


def _said(text: str) -> float | None:
    """The points that the facts under a heading name, taken together; None when they name none."""
    named = [found for facts in _FACTS.findall(text) for found in _POINTS.findall(facts)]
    return sum(float(each.replace(",", ".")) for each in named) if named else None


def _is_text(cell: Cell) -> bool:
    """Whether a cell is only read: neither code nor a cell that a marker gives points."""
    return cell["cell_type"] == "markdown" and not notebook.is_graded(cell)


def _saved(material: Material, cell: Cell) -> Iterator[Problem]:
    if cell.get("outputs") or cell.get("execution_count") is not None:
        yield told(
            material.notebook,
            "notebook.saved",
            at=at(cell),
            severity="warning",
            cell=name_of(cell),
        )


def _calls(material: Material, cell: Cell) -> Iterator[Problem]:
    path, name = material.notebook, name_of(cell)
    for call in ("exercise", "points"):
        for asked in places(cell["source"], call):
            for exercise in asked.exercises:
                if exercise not in material.named:
                    yield told(path, "notebook.unknown", at=at(cell), cell=name, exercise=exercise)
            yield from _offices(material, cell, asked)
    for points in _asked(cell["source"]):
        worth = value(cell) if notebook.is_graded(cell) else None
        if not notebook.is_graded(cell) or (worth is not None and worth != points):
            yield told(
                path,
                "notebook.points",
                at=at(cell),
                cell=name,
                cell_points="-" if worth is None else f"{worth:g}",
                points="-" if points is None else f"{points:g}",
            )


def _offices(material: Material, cell: Cell, asked: Place) -> Iterator[Problem]:
    known = material.course.programme.roles
    for role in sorted(set(asked.roles) - set(known)):
        yield told(
            material.notebook,
            "notebook.role",
            at=at(cell),
            cell=name_of(cell),
            role=role,
            known=", ".join(known),
        )


def _asked(source: str) -> Iterator[float | None]:
    """The points in each ``module.points(…, n)`` of a cell; None where that is no plain number."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "module.points":
            number = node.args[1] if len(node.args) > 1 else None
            given = number.value if isinstance(number, ast.Constant) else None
            yield float(given) if isinstance(given, int | float) else None


def _shown(material: Material, cells: tuple[Cell, ...]) -> Iterator[Problem]:
    shown = [
        asked
        for cell in cells
        if cell["cell_type"] == "code"
        for asked in places(cell["source"], "exercise")
    ]
    twice = {id for a, b in combinations(shown, 2) for id in _both(a, b)}
    for id in sorted(twice):
        yield told(material.notebook, "notebook.twice", exercise=id)
    used = {id for place in shown for id in place.exercises}
    for id in sorted(material.named - used):
        yield told(material.folder / f"{id}{BRIEF}", "notebook.unused")


def _both(a: Place, b: Place) -> set[str]:
    """The exercises that one and the same person would meet in both places."""
    if a.roles and b.roles:
        later = dict(zip(b.roles, b.exercises, strict=True))
        return {id for role, id in zip(a.roles, a.exercises, strict=True) if later.get(role) == id}
    if not a.roles and not b.roles and len(a.exercises) == len(b.exercises):
        return {id for id, other in zip(a.exercises, b.exercises, strict=True) if id == other}
    return set(a.exercises) & set(b.exercises)
