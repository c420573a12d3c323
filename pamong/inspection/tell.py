"""One run of ``pamong check``: over which modules, and how what was found is told."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pamong import authoring, document
from pamong.catalogue import messages
from pamong.course import Course
from pamong.errors import AuthoringError, Problem, Severity
from pamong.inspection import errors, inspect, interface
from pamong.inspection.material import told
from pamong.programme import Programme, find_root


@dataclass(frozen=True, slots=True)
class Section:
    """What was found in one module, in the programme, or in this installation."""

    title: str
    problems: tuple[Problem, ...]


def sections(modules: Sequence[str], folder: Path) -> Iterator[Section]:
    """Check the named modules, or everything there is; CourseError for a module that there is not."""
    if wrong := _programme(folder):
        yield Section("programme.yaml", wrong)
        return
    course = Course.load(folder)
    known = [plan.id for plan in course.programme.modules]
    for module in [course.require_module(each) for each in modules] or known:
        title = messages("inspection")("told.module", module=module)
        yield Section(title, inspect(course, module))
    if modules:
        return
    if strange := tuple(_strangers(course, known)):
        yield Section("course/source", strange)
    if lacking := interface.problems():
        yield Section(messages("inspection")("told.installation"), lacking)


def as_text(section: Section, here: Path) -> str:
    """A section for people: errors, then warnings, then how many there are of each."""
    say, wrong = messages("inspection"), errors(section.problems)
    hints = [each for each in section.problems if each.severity == "warning"]
    lines = [section.title]
    for entry, problems in (("told.errors", wrong), ("told.warnings", hints)):
        if problems:
            lines.append(f"  {say(entry)}")
            lines += [f"    {_shortened(each, here)}" for each in problems]
    sums = say("told.sum", errors=len(wrong), warnings=len(hints))
    return "\n".join((*lines, f"  {sums if section.problems else say('told.none')}"))


def as_json(found: Sequence[Section], here: Path) -> str:
    """Every problem as {severity, file, line, column, field, message}; line and column 0: unknown."""
    rows = [
        {
            "severity": each.severity,
            "file": _relative(each.path, here),
            "line": each.line,
            "column": each.column,
            "field": each.field,
            "message": each.message,
        }
        for section in found
        for each in section.problems
    ]
    return json.dumps(rows, ensure_ascii=False, indent=1)


def from_folder(problems: Sequence[Problem], folder: Path) -> tuple[Problem, ...]:
    """The same problems with every path written from ``folder``, where it lies in it."""
    return tuple(replace(each, path=Path(_relative(each.path, folder))) for each in problems)


def worst(found: Sequence[Section]) -> Severity | None:
    """The gravest that was found; None when nothing was."""
    problems = [each for section in found for each in section.problems]
    return "error" if errors(problems) else "warning" if problems else None


def _programme(folder: Path) -> tuple[Problem, ...]:
    """Everything wrong in the settings file; nothing when there is none, which ``Course.load`` tells."""
    root = find_root(folder.resolve())
    if root is None:
        return ()
    try:
        authoring.model_in(document.read(root / "course" / "programme.yaml"), Programme)
    except AuthoringError as error:
        return error.problems
    return ()


def _strangers(course: Course, known: Sequence[str]) -> Iterator[Problem]:
    """Folders of modules that the programme does not name."""
    source = course.folder / "source"
    for path in sorted(source.iterdir() if source.is_dir() else ()):
        if path.is_dir() and path.name not in known and not path.name.startswith("."):
            yield told(path, "module.stranger", severity="warning", module=path.name)


def _shortened(problem: Problem, here: Path) -> str:
    return str(problem).replace(str(problem.path), _relative(problem.path, here), 1)


def _relative(path: Path, here: Path) -> str:
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)
