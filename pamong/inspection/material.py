"""An authored module read once: its briefs, keys, legal cards and notebooks, and what could not be read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pamong import authoring, document, notebook
from pamong.catalogue import messages
from pamong.course import BRIEF, KEY, NOTEBOOK, Course
from pamong.document import Document
from pamong.errors import AuthoringError, CourseError, Problem, Severity
from pamong.kind import AnyKind, Brief, Key
from pamong.kinds import KINDS
from pamong.legal import LegalCard, LegalCards
from pamong.notebook import Cell

LEGAL = "legal.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One exercise as its author left it; ``key`` is None while its file is missing or wrong."""

    source: Document
    brief: Brief
    key: Key | None
    key_source: Document | None

    @property
    def kind(self) -> AnyKind:
        return KINDS[self.brief.kind]


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """Everything of one module that its checks look at.

    ``named`` has the id of every brief file, also of those that cannot be read, so that one broken
    file is one problem. ``cells`` are those of all notebooks, None when one of them cannot be read.
    """

    course: Course
    module: str
    named: frozenset[str]
    works: Mapping[str, Work]
    law: Document | None
    cards: tuple[LegalCard, ...] | None
    cells: tuple[Cell, ...] | None
    problems: tuple[Problem, ...]

    @property
    def folder(self) -> Path:
        return self.course.source(self.module)

    @property
    def notebook(self) -> Path:
        return self.folder / NOTEBOOK


def told(
    path: Path, entry: str, /, *, at: str = "", severity: Severity = "error", **values: object
) -> Problem:
    """A problem of a whole file, or of the named place ``at`` in it."""
    return Problem(path, 0, 0, at, messages("inspection")(entry, **values), severity)


def gather(course: Course, module: str) -> Material:
    """Read a module; what cannot be read is a problem, never an exception."""
    folder, problems = course.source(module), list[Problem]()
    paths = sorted(folder.glob(f"*{BRIEF}"))
    works: dict[str, Work] = {}
    for path in paths:
        try:
            source = document.read(path)
            brief = authoring.brief_in(source)
        except AuthoringError as error:
            problems += error.problems
        else:
            key, key_source, wrong = _key(course.keys(module), source, brief)
            works[brief.id] = Work(source=source, brief=brief, key=key, key_source=key_source)
            problems += wrong
    law, cards, wrong_law = _law(folder / LEGAL)
    cells, wrong_cells = _cells(folder)
    return Material(
        course=course,
        module=module,
        named=frozenset(path.name.removesuffix(BRIEF) for path in paths),
        works=works,
        law=law,
        cards=cards,
        cells=cells,
        problems=(*problems, *wrong_law, *wrong_cells),
    )


def name_of(cell: Cell) -> str:
    """How messages call a cell: its grade_id, or else its id."""
    return notebook.grade_id(cell) or str(cell.get("id"))


def at(cell: Cell) -> str:
    """The field of a problem in a cell, which is found by its name."""
    return f"cells[{name_of(cell)}]"


def _key(
    folder: Path, source: Document, brief: Brief
) -> tuple[Key | None, Document | None, tuple[Problem, ...]]:
    kind, model = KINDS[brief.kind], getattr(brief, "model", None)
    if brief.use == "practice":
        wrong = kind.check(brief, model) if model is not None else ()
        remarks = (authoring.remark(source, text, within=("model",)) for text in wrong)
        return model, None, tuple(remarks)
    path = folder / f"{brief.id}{KEY}"
    if not path.is_file():
        return None, None, (told(path, "key.missing", key=path.name),)
    try:
        key_source = document.read(path)
        return authoring.key_in(key_source, kind, brief, source), key_source, ()
    except AuthoringError as error:
        return None, None, error.problems


def _law(
    path: Path,
) -> tuple[Document | None, tuple[LegalCard, ...] | None, tuple[Problem, ...]]:
    """The legal cards; none without a file, None when the file is wrong."""
    if not path.is_file():
        return None, (), ()
    try:
        law = document.read(path)
        return law, authoring.model_in(law, LegalCards).cards, ()
    except AuthoringError as error:
        return None, None, error.problems


def _cells(folder: Path) -> tuple[tuple[Cell, ...] | None, tuple[Problem, ...]]:
    if not folder.is_dir():
        return None, (told(folder, "module.unwritten", severity="warning"),)
    paths = sorted({folder / NOTEBOOK, *folder.glob("*.ipynb")})
    pages = [_page(path) for path in paths]
    wrong = tuple(problem for _, problems in pages for problem in problems)
    found = tuple(cell for cells, _ in pages for cell in cells or ())
    return (None if any(cells is None for cells, _ in pages) else found), wrong


def _page(path: Path) -> tuple[tuple[Cell, ...] | None, tuple[Problem, ...]]:
    if not path.is_file():
        return None, (told(path, "notebook.missing"),)
    try:
        content = notebook.parse(path.read_bytes(), path.name)
    except (OSError, CourseError):
        return None, (told(path, "notebook.broken"),)
    wrong = tuple(_unsound(path, content))
    return (None if wrong else tuple(content["cells"])), wrong


def _unsound(path: Path, content: dict[str, Any]) -> Iterator[Problem]:
    ids = [cell.get("id") for cell in content["cells"]]
    if not all(isinstance(id, str) for id in ids) or len(set(ids)) != len(ids):
        yield told(path, "notebook.ids")
        return
    try:
        notebook.validate(content, path.name)
    except CourseError:
        yield told(path, "notebook.invalid")
    if "widgets" in content.get("metadata", {}):
        yield told(path, "notebook.widgets", at="metadata.widgets")
