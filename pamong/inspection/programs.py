"""Code answers and their checks, as far as only grading would notice that they do not fit together."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from pamong import notebook
from pamong.catalogue import messages
from pamong.errors import Problem
from pamong.inspection.material import Material, at, name_of
from pamong.notebook import Cell
from pamong.place import is_call


def problems(material: Material) -> Iterator[Problem]:
    """Code that hands over nothing or by no name, and checks of what is not there."""
    cells = material.cells or ()
    if any(map(notebook.is_code_answer, cells)):
        yield from _hidden(material)
    there = {notebook.grade_id(cell) for cell in cells if notebook.runs_apart(cell)}
    for cell in cells:
        declared = notebook.declared(cell)
        if notebook.is_code_answer(cell) and declared is None:
            yield _problem(material, cell, "code_answer")
        for value in declared or ():
            if not value.isidentifier():
                yield _problem(material, cell, "code_value", value=value)
        if cell["cell_type"] == "code" and not notebook.is_answer(cell):
            yield from _check(material, cell, there)


def _hidden(material: Material) -> Iterator[Problem]:
    """Notebooks whose view would hide the cells in which participants write their code."""
    for path in sorted(material.folder.glob("*.ipynb")):
        page = notebook.parse(path.read_bytes(), path.name)
        mark = page.get("metadata", {}).get("pamong")
        forms = isinstance(mark, dict) and mark.get("participant_view") is True
        if forms and any(map(notebook.is_code_answer, page["cells"])):
            yield Problem(path, 0, 0, "", messages("release")("code_view"))


def _check(material: Material, cell: Cell, there: set[str]) -> Iterator[Problem]:
    for call in _calls(cell["source"]):
        name = _constant(call.args[0]) if call.args else None
        if name not in there:
            yield _problem(material, cell, "code_unknown", asked=name)
        for question in call.keywords if is_call(call, "answer") else ():
            if not _is_expression(_constant(question.value)):
                yield _problem(material, cell, "code_question", question=question.arg)
        if is_call(call, "credit"):
            worth = cell["metadata"].get("nbgrader", {}).get("points")
            maximum = _constant(call.args[3]) if len(call.args) > 3 else None
            if maximum != worth or maximum is None:
                yield _problem(material, cell, "code_points", points=maximum, worth=worth)


def _calls(source: str) -> Iterator[ast.Call]:
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return
    for node in ast.walk(tree):
        if is_call(node, "answer") or is_call(node, "credit"):
            yield node


def _constant(node: ast.expr) -> object:
    return node.value if isinstance(node, ast.Constant) else None


def _is_expression(text: object) -> bool:
    try:
        return isinstance(text, str) and bool(ast.parse(text, mode="eval"))
    except (SyntaxError, ValueError):
        return False


def _problem(material: Material, cell: Cell, entry: str, **values: object) -> Problem:
    text = messages("release")(entry, cell=name_of(cell), **values)
    return Problem(material.notebook, 0, 0, at(cell), text)
