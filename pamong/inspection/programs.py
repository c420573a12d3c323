"""Code answers and their checks, as far as only grading would notice that they do not fit together."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from symtable import SymbolTable, symtable

from pamong import notebook
from pamong.catalogue import messages
from pamong.errors import Problem
from pamong.inspection.material import Material, at, name_of
from pamong.notebook import Cell
from pamong.place import is_call

_VERDICTS = {"all", "any", "bool", "isinstance"}


def problems(material: Material) -> Iterator[Problem]:
    """Code that hands over nothing or by no name, and checks of what is not there."""
    cells = material.cells or ()
    if any(map(notebook.is_code_answer, cells)):
        yield from _hidden(material)
        yield from _outside(material, cells)
    there = {notebook.grade_id(cell) for cell in cells if notebook.runs_apart(cell)}
    for cell in cells:
        if notebook.runs_apart(cell):
            yield from _apart(material, cell)
        if cell["cell_type"] == "code" and not notebook.is_answer(cell):
            yield from _check(material, cell, there)
    yield from _twice(material, cells)


def _hidden(material: Material) -> Iterator[Problem]:
    """Notebooks whose view would hide the cells in which participants write their code."""
    for path in sorted(material.folder.glob("*.ipynb")):
        page = notebook.parse(path.read_bytes(), path.name)
        mark = page.get("metadata", {}).get("pamong")
        forms = isinstance(mark, dict) and mark.get("participant_view") is True
        if forms and any(map(notebook.is_code_answer, page["cells"])):
            yield Problem(path, 0, 0, "", messages("release")("code_view"))


def _outside(material: Material, cells: tuple[Cell, ...]) -> Iterator[Problem]:
    """Given cells that make what an answer needs, but do not run where the answer does."""
    apart = [cell for cell in cells if notebook.runs_apart(cell)]
    inside = {name for cell in apart for name in _names(cell["source"])[0]}
    for cell in cells:
        if cell["cell_type"] != "code" or cell in apart or notebook.is_graded(cell):
            continue
        made = _names(cell["source"])[0] - inside
        for answer in filter(notebook.is_answer, apart):
            if lost := sorted(made & _names(answer["source"])[1]):
                names = ", ".join(lost)
                yield _told(material, cell, "outside", names=names, answer=name_of(answer))


def _names(source: str) -> tuple[set[str], set[str]]:
    """The names that a cell leaves behind, and those that it needs or may need from elsewhere."""
    try:
        page = symtable(source, "<sel>", "exec")
    except (SyntaxError, ValueError):
        return set(), set()
    made = {
        each.get_name()
        for each in page.get_symbols()
        if each.is_assigned() or each.is_imported() or each.is_namespace()
    }
    return made, set(_needed(page))


def _needed(table: SymbolTable) -> Iterator[str]:
    top = table.get_type() == "module"
    for each in table.get_symbols():
        if each.is_referenced() and (top or each.is_global()):
            yield each.get_name()
    for child in table.get_children():
        yield from _needed(child)


def _apart(material: Material, cell: Cell) -> Iterator[Problem]:
    """What is wrong with a cell that runs in the sandbox."""
    declared = notebook.declared(cell)
    if declared is None:
        yield _problem(material, cell, "code_answer")
    if not notebook.grade_id(cell):
        yield _told(material, cell, "data")
    for value in declared or ():
        if not value.isidentifier():
            yield _problem(material, cell, "code_value", value=value)


def _check(material: Material, cell: Cell, there: set[str]) -> Iterator[Problem]:
    for call in _calls(cell["source"]):
        name = _constant(call.args[0]) if call.args else None
        if name not in there:
            yield _problem(material, cell, "code_unknown", asked=name)
        for question in call.keywords if is_call(call, "answer") else ():
            yield from _question(material, cell, question)
        if is_call(call, "credit"):
            worth = cell["metadata"].get("nbgrader", {}).get("points")
            maximum = _constant(call.args[3]) if len(call.args) > 3 else None
            if maximum != worth or maximum is None:
                yield _problem(material, cell, "code_points", points=maximum, worth=worth)


def _question(material: Material, cell: Cell, question: ast.keyword) -> Iterator[Problem]:
    """A question is worked out where participants' objects decide what equals what: it must not judge."""
    text = _constant(question.value)
    try:
        tree = ast.parse(text, mode="eval") if isinstance(text, str) else None
    except (SyntaxError, ValueError):
        tree = None
    if tree is None:
        yield _problem(material, cell, "code_question", question=question.arg)
    elif any(map(_judges, ast.walk(tree))):
        yield _told(material, cell, "question.verdict", question=question.arg)


def _judges(node: ast.AST) -> bool:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        return node.func.id in _VERDICTS
    return isinstance(node, ast.Compare | ast.BoolOp | ast.Not)


def _twice(material: Material, cells: tuple[Cell, ...]) -> Iterator[Problem]:
    """Questions that bear the name of another value of the same cell."""
    known: dict[tuple[object, str | None], object] = {
        (notebook.grade_id(cell), value): None
        for cell in cells
        for value in notebook.declared(cell) or ()
    }
    for cell in cells:
        for call in _calls(cell["source"]) if cell["cell_type"] == "code" else ():
            asked = _constant(call.args[0]) if call.args else None
            for question in call.keywords if is_call(call, "answer") else ():
                text = _constant(question.value)
                if known.setdefault((asked, question.arg), text) != text:
                    values = {"question": question.arg, "asked": asked}
                    yield _told(material, cell, "question.twice", **values)


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


def _problem(material: Material, cell: Cell, entry: str, **values: object) -> Problem:
    text = messages("release")(entry, cell=name_of(cell), **values)
    return Problem(material.notebook, 0, 0, at(cell), text)


def _told(material: Material, cell: Cell, entry: str, **values: object) -> Problem:
    text = messages("code")(entry, cell=name_of(cell), **values)
    return Problem(material.notebook, 0, 0, at(cell), text)
