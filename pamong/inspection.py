"""What is wrong in one authored module, across its files: everything that release must not let through."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from pamong import notebook
from pamong.authoring import read_brief, read_key
from pamong.catalogue import messages
from pamong.course import BRIEF, KEY, NOTEBOOK, Course
from pamong.errors import AuthoringError, PamongError, Problem
from pamong.kind import Brief
from pamong.kinds import KINDS
from pamong.legal import cards

TOTAL = 100.0
"""Points of one module."""
_CALL = re.compile(r"""module\.(exercise|points)\(\s*["']([^"']+)["'](?:\s*,\s*([0-9.]+))?""")


def inspect(course: Course, module: str) -> tuple[Problem, ...]:
    """Every problem of a module's briefs, keys, legal cards and notebook; none means releasable."""
    source, keys = course.source(module), course.keys(module)
    problems: list[Problem] = []
    briefs: dict[str, Brief] = {}
    for path in sorted(source.glob(f"*{BRIEF}")):
        name = path.name.removesuffix(BRIEF)
        try:
            briefs[name] = read_brief(path)
            problems += _key_problems(briefs[name], keys / f"{name}{KEY}")
        except AuthoringError as error:
            problems += error.problems
    problems += _orphans(source, keys)
    problems += _references(source, briefs)
    problems += _logs(source)
    problems += _notebook(source / NOTEBOOK, briefs, source)
    return tuple(problems)


def _key_problems(brief: Brief, path: Path) -> tuple[Problem, ...]:
    kind = KINDS[brief.kind]
    model: Any = getattr(brief, "model", None)
    if brief.use == "practice":
        texts = kind.check(brief, model) if model is not None else ()
        return tuple(Problem(path, 0, 0, "model", text) for text in texts)
    if not path.is_file():
        return (_problem(path, "key.missing", key=path.name),)
    try:
        read_key(path, kind, brief)
    except AuthoringError as error:
        return error.problems
    return ()


def _orphans(source: Path, keys: Path) -> Iterator[Problem]:
    for path in sorted(keys.glob(f"*{KEY}")):
        brief = path.name.removesuffix(KEY) + BRIEF
        if not (source / brief).is_file():
            yield _problem(path, "key.orphan", brief=brief)


def _references(source: Path, briefs: Mapping[str, Brief]) -> Iterator[Problem]:
    legal = source / "legal.yaml"
    try:
        known = {card.id for card in cards(legal)}
    except AuthoringError as error:
        yield from error.problems
        return
    for name, brief in briefs.items():
        path = source / f"{name}{BRIEF}"
        for card in sorted(_legal_basis(msgspec.to_builtins(brief)) - known):
            yield _problem(path, "legal.unknown", card=card, file=legal.name)
        for needed in KINDS[brief.kind].needs(brief):
            if needed not in briefs:
                yield _problem(path, "exercise.unknown", exercise=needed)


def _legal_basis(value: Any) -> set[str]:
    """Every legal card that authored data names, however deep."""
    if isinstance(value, dict):
        own = set(value.get("legal_basis") or ())
        return own.union(*(_legal_basis(inner) for inner in value.values()))
    if isinstance(value, list | tuple):
        return set[str]().union(*(_legal_basis(inner) for inner in value))
    return set()


def _logs(source: Path) -> Iterator[Problem]:
    for path in sorted(source.rglob("*.jsonl")):
        yield _problem(path, "source.log")


def _notebook(path: Path, briefs: Mapping[str, Brief], source: Path) -> Iterator[Problem]:
    try:
        content = notebook.parse(path.read_bytes(), path.name)
        notebook.validate(content, path.name)
    except (OSError, PamongError) as error:
        yield Problem(path, 0, 0, "", str(error))
        return
    shown: Counter[str] = Counter()
    total = 0.0
    ids = Counter(notebook.grade_id(cell) for cell in content["cells"] if notebook.grade_id(cell))
    for repeated in (id for id, count in ids.items() if count > 1):
        yield _problem(path, "notebook.grade_id", id=repeated)
    for cell in content["cells"]:
        if notebook.is_graded(cell):
            total += notebook.points(cell)
        yield from _cell(path, cell, briefs, shown)
    for id, count in shown.items():
        if count > 1:
            yield _problem(path, "notebook.twice", exercise=id)
    for id in sorted(set(briefs) - set(shown)):
        yield _problem(source / f"{id}{BRIEF}", "notebook.unused")
    if total != TOTAL:
        yield _problem(path, "notebook.total", total=f"{total:g}", expected=f"{TOTAL:g}")


def _cell(
    path: Path, cell: notebook.Cell, briefs: Mapping[str, Brief], shown: Counter[str]
) -> Iterator[Problem]:
    name = notebook.grade_id(cell) or str(cell.get("id"))
    essay = cell["metadata"].get("pamong", {}).get("essay")
    if essay and essay.get("exercise") not in briefs:
        yield _problem(path, "notebook.unknown", cell=name, exercise=essay.get("exercise"))
    if cell["cell_type"] != "code":
        return
    for call, exercise, points in _CALL.findall(cell["source"]):
        if exercise not in briefs:
            yield _problem(path, "notebook.unknown", cell=name, exercise=exercise)
        if call == "exercise":
            shown[exercise] += 1
        elif not notebook.is_graded(cell) or float(points or "nan") != notebook.points(cell):
            worth = f"{notebook.points(cell):g}" if notebook.is_graded(cell) else "-"
            yield _problem(path, "notebook.points", cell=name, cell_points=worth, points=points)


def _problem(path: Path, entry: str, /, **values: object) -> Problem:
    return Problem(path, 0, 0, "", messages("authoring")(entry, **values))
