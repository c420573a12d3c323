"""What a release freezes, and what it refuses to hand out: keys among lessons, altered versions.

What was released once stays as it is: a brief or key that changes needs a new version, because logs
name the version they were played on and are graded by it. A change is one of meaning: other comments or
line ends leave the frozen file as it is.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pamong import document, notebook
from pamong.brief import fingerprint
from pamong.catalogue import messages
from pamong.course import BRIEF, KEY
from pamong.errors import AuthoringError, Problem
from pamong.inspection import programs
from pamong.inspection.material import Material, at, name_of
from pamong.notebook import Cell

BEGIN, END = "### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS"


@dataclass(frozen=True, slots=True)
class Frozen:
    """One authored file and where its released version is kept."""

    exercise: str
    version: int
    part: str
    path: Path
    target: Path


def plan(material: Material) -> tuple[Frozen, ...]:
    """The files that a release of this module freezes."""
    keys, found = material.course.keys(material.module), list[Frozen]()
    for work in material.works.values():
        brief = work.brief
        stem = keys / "released" / f"{brief.id}.v{brief.version}"
        given = Frozen(brief.id, brief.version, "brief", work.source.path, Path(f"{stem}{BRIEF}"))
        found.append(given)
        if brief.use == "graded":
            key = keys / f"{brief.id}{KEY}"
            found.append(Frozen(brief.id, brief.version, "key", key, Path(f"{stem}{KEY}")))
    return tuple(found)


def problems(material: Material) -> Iterator[Problem]:
    """Why this module may not be handed out, as far as no other check says."""
    for path in sorted(material.folder.rglob(f"*{KEY}")):
        yield _problem(path, "key_in_source")
    for frozen in plan(material):
        released = frozen.target.is_file() and frozen.path.is_file()
        if released and not same(frozen.target, frozen.path):
            yield _changed(material, frozen)
    for cell in material.cells or ():
        if notebook.is_answer(cell):
            yield from _answer(material, cell)
        elif notebook.is_graded(cell) and not _hides(cell):
            yield _problem(material.notebook, "points_shown", at(cell), cell=name_of(cell))
    yield from programs.problems(material)


def same(released: Path, written: Path) -> bool:
    """Whether two YAML files say the same in the same order, whatever their comments and line ends."""
    if fingerprint(released) == fingerprint(written):
        return True
    try:
        return _meaning(released) == _meaning(written)
    except AuthoringError:
        return False


def _meaning(path: Path) -> str:
    """The content of a file as text: unlike in Python, true is not 1 there."""
    return json.dumps(document.read(path).data)


def _changed(material: Material, frozen: Frozen) -> Problem:
    """That a version was released otherwise; its number stands in the brief, also that of a key."""
    values = {"version": frozen.version, "next": frozen.version + 1}
    brief = material.works[frozen.exercise].source
    if frozen.part == "brief":
        return brief.problem(("version",), messages("release")("changed", **values))
    line, _ = brief.where(("version",))
    return _problem(frozen.path, "changed.key", file=brief.path.name, line=line, **values)


def _hides(cell: Cell) -> bool:
    return BEGIN in cell["source"] and END in cell["source"]


def _answer(material: Material, cell: Cell) -> Iterator[Problem]:
    """What only grading would notice: essays that nobody may mark."""
    path, name = material.notebook, name_of(cell)
    if cell["cell_type"] == "code":
        return  # see programs
    exercise, prompt = notebook.essay_of(cell)
    if exercise not in material.named:
        yield _problem(path, "essay_unknown", at(cell), cell=name, exercise=exercise)
        return
    if (work := material.works.get(exercise)) is None:
        return
    brief: Any = work.brief
    if prompt not in {item.id for item in getattr(brief, "prompts", ())}:
        yield _problem(path, "prompt_unknown", at(cell), cell=name, prompt=prompt)
    if brief.visibility != "marker":
        text = messages("release")("essay_hidden", cell=name, visibility=brief.visibility)
        yield work.source.problem(("visibility",), text)


def _problem(path: Path, entry: str, at: str = "", /, **values: object) -> Problem:
    return Problem(path, 0, 0, at, messages("release")(entry, **values))
