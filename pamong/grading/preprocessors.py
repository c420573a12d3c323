"""Pamong's steps inside nbgrader's own commands, so that they grade and report exactly as ``pamong`` does.

Named in ``pamong.grading.configuration``. Each step wraps a function that ``pamong grade`` or ``pamong
feedback`` calls as well; nothing is decided here.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from nbconvert.exporters import Exporter
from nbconvert.preprocessors.sanitize import SanitizeHTML
from nbformat import NotebookNode, from_dict
from nbgrader.preprocessors import Execute
from nbgrader.preprocessors.base import NbGraderPreprocessor
from traitlets import Any as Any_
from traitlets import Bool, List, Unicode

from pamong import notebook
from pamong.catalogue import VARIABLE, speaking
from pamong.course import Course
from pamong.grading.confined import code
from pamong.grading.feedback import Desk, render
from pamong.grading.intake.submission import Submission, load, role, strays
from pamong.grading.mark import annotate, marks
from pamong.grading.pipeline import GradedSubmission, Page
from pamong.grading.records.gradebook import Gradebook
from pamong.grading.release import freeze, require_releasable
from pamong.grading.restore import fill, restore
from pamong.grading.source import load_source

Resources = dict[str, Any]
BY = "nbgrader autograde"
_ATTRIBUTES = """
class scope role viewBox width height x y cx cy r d points transform fill stroke stroke-width
stroke-dasharray text-anchor font-family font-size
""".split()  # noqa: SIM905
_TAGS = """
article b blockquote br caption code dd div dl dt em figcaption figure h2 h3 h4 h5 hr i li ol p pre q
section small span strong sub sup table tbody td th thead tr ul
svg g title circle path polyline text
""".split()  # noqa: SIM905  # a list of forty strings reads worse


class CoursePreprocessor(NbGraderPreprocessor):
    """A step that knows which course it works for."""

    root = Unicode(help="The repository that holds course/.").tag(config=True)

    def course(self) -> Course:
        """The course of the configuration; raises PamongError."""
        return Course.load(Path(self.root))


class CheckRelease(CoursePreprocessor):
    """Refuses to release a module that is not fit for it, or that was released with other content."""

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        require_releasable(self.course(), resources["nbgrader"]["assignment"])
        return nb, resources


class FreezeRelease(CoursePreprocessor):
    """Keeps the briefs and keys of a release under their versions."""

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        freeze(self.course(), resources["nbgrader"]["assignment"])
        return nb, resources


class RestoreFromSource(CoursePreprocessor):
    """Rebuilds the notebook from the course's source; only the texts of answer cells are kept."""

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        course, (participant, module) = self.course(), _whose(resources)
        for path in strays(course, participant, module):
            path.unlink()
        source = load_source(course, module)
        with speaking(source.language):
            return from_dict(restore(source.notebooks[_page(resources)], nb)), resources


class FillEssays(CoursePreprocessor):
    """Puts the essays of the answer logs into their cells."""

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        course = self.course()
        submission = _submission(course, resources)
        doubt = submission.doubts.get(_page(resources), "")
        with speaking(course.programme.language):
            return from_dict(fill(nb, submission.logs, doubt=doubt)), resources


class ExecuteTrusted(Execute):
    """Executes the restored notebook in a kernel that sees the keys and imports nothing from its folder.

    Code answers are run in the sandbox first; the kernel sees only the values that they leave.
    """

    root = Unicode(help="The repository that holds course/.").tag(config=True)

    def preprocess(
        self, nb: NotebookNode, resources: Any = None, km: Any = None
    ) -> tuple[NotebookNode, Resources]:
        course, (participant, _) = Course.load(Path(self.root)), _whose(resources)
        environment = {
            "PAMONG_GRADERS": str(course.graders),
            "PAMONG_PARTICIPANT": participant,
            "PAMONG_ROLE": role(course, participant),
            VARIABLE: course.programme.language,
            "PYTHONSAFEPATH": "1",
        }
        page = code.answered(nb)
        with _environment(environment), _beside(resources, code.values(page)):
            executed: tuple[NotebookNode, Resources] = super().preprocess(
                from_dict(page), resources, km
            )
        return executed


class SaveAutoGrades(CoursePreprocessor):
    """Records what each graded cell came to; anything doubtful is flagged for a person, never scored."""

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        course = self.course()
        submission = _submission(course, resources)
        with speaking(course.programme.language):
            found = marks(nb, submission.logs)
            annotated = annotate(nb, found)
        graded = GradedSubmission(
            participant=submission.participant,
            module=submission.module,
            timestamp=submission.timestamp,
            pages=(Page(name=_page(resources), marks=found, content=b""),),
            version=load_source(course, submission.module).version,
        )
        gradebook = Gradebook.open(course)
        try:
            gradebook.record([graded], by=BY)
        finally:
            gradebook.close()
        return from_dict(annotated), resources


class CleanPictures(SanitizeHTML):
    """Leaves of a cell's output only what cannot act: pictures of answers as plain HTML, and text.

    The text of participants is escaped where a kind renders it and where an essay is filled in; this
    is the second lock on the marker's page.
    """

    tags = List(Unicode(), _TAGS)
    attributes = Any_({"*": _ATTRIBUTES})
    strip = Bool(True)  # noqa: FBT003  # traitlets' way

    def preprocess_cell(
        self, cell: NotebookNode, resources: Resources, index: int
    ) -> tuple[NotebookNode, Resources]:
        if cell.cell_type == "code":
            super().preprocess_cell(cell, resources, index)  # type: ignore[no-untyped-call]
        return cell, resources


class FeedbackExporter(Exporter):
    """One participant's feedback on one notebook, whatever the notebook itself looks like."""

    root = Unicode(help="The repository that holds course/.").tag(config=True)
    file_extension = Unicode(".html")
    output_mimetype = "text/html"

    def from_notebook_node(
        self, nb: NotebookNode, resources: Any = None, **_: Any
    ) -> tuple[Any, Resources]:
        _, known = super().from_notebook_node(nb, resources)
        participant, module = _whose(known)
        course = Course.load(Path(self.root))
        desk = Desk.open(course, module, (participant,))
        graded = {_page(known): notebook.serialise(nb)}
        with speaking(course.programme.language):
            return render(desk, desk.page(participant, graded)), known


def _whose(resources: Mapping[str, Any]) -> tuple[str, str]:
    return resources["nbgrader"]["student"], resources["nbgrader"]["assignment"]


def _page(resources: Mapping[str, Any]) -> str:
    """The file name of the notebook that nbgrader is working on."""
    return f"{resources['nbgrader']['notebook']}.ipynb"


def _submission(course: Course, resources: Resources) -> Submission:
    """The submission as ``nbgrader autograde`` has copied it, beside the notebook it is working on."""
    participant, module = _whose(resources)
    return load(course, participant, module, folder=course.autograded(participant, module))


@contextmanager
def _beside(resources: Resources, files: Mapping[str, bytes]) -> Iterator[None]:
    """Put files into the folder in which the notebook is executed, for as long as it is."""
    folder = Path(resources["metadata"]["path"])
    for name, content in files.items():
        if (folder / name).is_dir() and not (folder / name).is_symlink():
            shutil.rmtree(folder / name)  # the participant's
        (folder / name).unlink(missing_ok=True)  # it may be a link
        (folder / name).write_bytes(content)
    try:
        yield
    finally:
        for name in files:
            (folder / name).unlink(missing_ok=True)


@contextmanager
def _environment(values: Mapping[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
