"""The author's own code answers, graded as a participant's would be: whoever is right must get full marks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pamong import notebook
from pamong.catalogue import messages
from pamong.errors import Problem
from pamong.grading.confined import code
from pamong.grading.intake.submission import Submission
from pamong.grading.mark import Mark
from pamong.grading.pipeline import grade
from pamong.grading.source import ModuleSource
from pamong.outcome import Errored, Missing, Scored


def problems(module: str, folder: Path) -> Iterator[Problem]:
    """Checks of code that do not give full marks to the solutions beside them.

    ``folder`` is the module's source. CourseError when this machine cannot confine code.
    """
    pages = {path.name: path.read_bytes() for path in sorted(folder.glob("*.ipynb"))}
    coded = {
        name: content
        for name, content in pages.items()
        if code.holds_code(notebook.parse(content, name))
    }
    if not coded:
        return
    source = ModuleSource(id=module, pages=coded, files={}, keys={})
    code.require(source.notebooks.values())
    solved = Submission(participant="penyusun", module=module, notebooks=coded, logs={})
    for page, mark in grade(source, solved).cells():
        checks = {notebook.grade_id(cell): code.checked(cell) for cell in _cells(source, page)}
        if checks.get(mark.cell) and (told := _shortfall(mark)):
            text = messages("code")("trial", cell=mark.cell, told=told)
            yield Problem(folder / page, 0, 0, f"cells[{mark.cell}]", text)


def _cells(source: ModuleSource, page: str) -> Iterator[notebook.Cell]:
    return notebook.graded(source.notebooks[page])


def _shortfall(mark: Mark) -> str:
    """What an outcome that is not full marks says; empty for full marks."""
    match mark.outcome:
        case Scored(points=points, maximum=maximum, score=score):
            return "" if points == maximum else " ".join(part.reason for part in score.parts)
        case Errored(cause=cause):
            return cause
        case Missing():
            return messages("grading")("comment.blank")
        case _:
            return ""
