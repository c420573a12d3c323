"""Is this installation fit to run the course? Each question with its answer and what to do about it."""

from __future__ import annotations

import contextlib
import importlib.util
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from jupyter_core.paths import jupyter_path

from pamong import document, notebook
from pamong.authoring import model_in
from pamong.course import Course
from pamong.errors import PamongError
from pamong.grading.confined import code, sandbox
from pamong.grading.records.ledger import require_kept
from pamong.grading.records.storage import Storage
from pamong.inspection import errors, inspect
from pamong.programme import Programme
from pamong.roster import read_roster

PACKAGES = (
    "jupyterlab", "notebook", "nbgrader", "nbformat", "papermill", "ipywidgets", "anywidget", "pandas",
)  # fmt: skip
SPACE = 1 << 30
"""Bytes that should be free on the disk of the course."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One question answered; ``advice`` is empty where all is well."""

    subject: str
    found: str
    advice: str = ""

    @property
    def well(self) -> bool:
        return not self.advice


def examine(course: Course) -> tuple[Finding, ...]:
    """Every finding, the worrying ones included; never raises for what it finds."""
    questions: tuple[Callable[[Course], Iterator[Finding]], ...] = (
        _python, _packages, _labextension, _disk, _programme, _roster, _modules, _keys, _gradebook, _sandbox,
    )  # fmt: skip
    return tuple(finding for question in questions for finding in question(course))


def _python(course: Course) -> Iterator[Finding]:  # noqa: ARG001  # one signature for all questions
    found = ".".join(map(str, sys.version_info[:3]))
    right = sys.version_info >= (3, 11)
    yield Finding("Python", found, "" if right else "Install Python 3.11 or newer.")


def _packages(course: Course) -> Iterator[Finding]:  # noqa: ARG001
    for name in PACKAGES:
        try:
            yield Finding(name, version(name))
        except PackageNotFoundError:
            yield Finding(name, "missing", "Run scripts/setup.")


def _labextension(course: Course) -> Iterator[Finding]:  # noqa: ARG001
    here = Path(str(importlib.util.find_spec("pamong").origin)).parent  # type: ignore[union-attr]
    folders = [Path(folder) / "pamong-participant" for folder in jupyter_path("labextensions")]
    installed = next((folder for folder in folders if (folder / "package.json").is_file()), None)
    if installed is None:
        yield Finding("participant view", f"only in {here}", "Run scripts/setup again.")
    else:
        yield Finding("participant view", str(installed))


def _disk(course: Course) -> Iterator[Finding]:
    free = shutil.disk_usage(course.root).free
    advice = "" if free >= SPACE else "Make room: grading and reports need about 1 GiB."
    yield Finding("free disk", f"{free / SPACE:.1f} GiB", advice)


def _programme(course: Course) -> Iterator[Finding]:
    """Looked at more closely than a command does, which only takes what it knows."""
    path = course.folder / "programme.yaml"
    try:
        model_in(document.read(path), Programme)
    except PamongError as error:
        yield Finding("programme", str(path), str(error))
        return
    yield Finding("programme", f"{len(course.programme.modules)} modules")


def _roster(course: Course) -> Iterator[Finding]:
    try:
        roles = read_roster(course.roster, course.programme).roles()
    except PamongError as error:
        yield Finding("roster", str(course.roster), str(error))
        return
    yield Finding("roster", ", ".join(f"{count} {role}" for role, count in roles.items()))


def _modules(course: Course) -> Iterator[Finding]:
    for plan in course.programme.modules:
        problems = errors(inspect(course, plan.id))
        found = f"{len(problems)} problems" if problems else "ready"
        yield Finding(plan.id, found, "\n".join(map(str, problems)))


def _keys(course: Course) -> Iterator[Finding]:
    if not course.graders.is_dir():
        yield Finding("keys", "missing", f"Put {course.graders} back, or correct `graders:`.")
        return
    for plan in course.programme.modules:
        try:
            course.require_shelf(plan.id)
            course.shelf(plan.id).latest()
        except PamongError as error:
            yield Finding("released versions", plan.id, str(error))
    inside = course.graders.is_relative_to(course.folder)
    advice = (
        "Move the keys out of course/: participants may be given what is there." if inside else ""
    )
    yield Finding("keys", str(course.graders), advice)


def _gradebook(course: Course) -> Iterator[Finding]:
    try:
        with contextlib.closing(Storage(course.gradebook_url)) as storage:
            if not storage.there:
                require_kept(course.ledger, storage.file)
                yield Finding("gradebook", "none yet; `pamong release` makes it")
                return
            state = storage.state()
            advice = "" if state == "ok" else "Restore it from a backup."
            yield Finding("gradebook", f"{state}, {storage.place}", advice)
    except PamongError as error:
        yield Finding("gradebook", "cannot be used", str(error))


def _sandbox(course: Course) -> Iterator[Finding]:
    """Only asked where it matters: bubblewrap is needed for code answers alone."""
    modules = [plan.id for plan in course.programme.modules if _has_code(course, plan.id)]
    if not modules:
        yield Finding("sandbox", "not needed: no module has code answers")
        return
    try:
        problem = sandbox.probe()
    except PamongError as error:
        yield Finding("sandbox", f"missing, needed by {', '.join(modules)}", str(error))
        return
    found = f"does not open: {problem}" if problem else "bubblewrap works"
    yield Finding("sandbox", found, sandbox.HELP if problem else "")


def _has_code(course: Course, module: str) -> bool:
    for path in course.source(module).glob("*.ipynb"):
        with contextlib.suppress(PamongError, OSError):  # told by another question
            if code.holds_code(notebook.parse(path.read_bytes(), path.name)):
                return True
    return False
