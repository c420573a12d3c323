"""Pamong's steps inside nbgrader's own commands, so that they grade and report exactly as ``pamong`` does.

Named in ``pamong.configuration``. Each step wraps a function that ``pamong grade`` or ``pamong
feedback`` calls as well; nothing is decided here.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from nbconvert.exporters import Exporter
from nbformat import NotebookNode, from_dict
from nbgrader.preprocessors import Execute
from nbgrader.preprocessors.base import NbGraderPreprocessor
from traitlets import Unicode

from pamong import notebook
from pamong.course import Course
from pamong.feedback import Desk, render
from pamong.gradebook import Gradebook
from pamong.grading import GradedSubmission, load_source
from pamong.mark import annotate, marks
from pamong.restore import fill, restore
from pamong.submission import Submission, load, strays

Resources = dict[str, Any]
BY = "nbgrader autograde"


class CoursePreprocessor(NbGraderPreprocessor):
    """A step that knows which course it works for."""

    root = Unicode(help="The repository that holds course/.").tag(config=True)

    def course(self) -> Course:
        """The course of the configuration; raises PamongError."""
        return Course.load(Path(self.root))


class RestoreFromSource(CoursePreprocessor):
    """Rebuilds the notebook from the course's source; only the texts of answer cells are kept."""

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        course, (participant, module) = self.course(), _whose(resources)
        for path in strays(course, participant, module):
            path.unlink()
        source = load_source(course, module)
        return from_dict(restore(source.notebook, nb)), resources


class FillEssays(CoursePreprocessor):
    """Puts the essays of the answer logs into their cells."""

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        submission = _submission(self.course(), resources)
        return from_dict(fill(nb, submission.logs, doubt=submission.doubt)), resources


class ExecuteTrusted(Execute):
    """Executes the restored notebook in a kernel that sees the keys and imports nothing from its folder."""

    root = Unicode(help="The repository that holds course/.").tag(config=True)

    def preprocess(
        self, nb: NotebookNode, resources: Any = None, km: Any = None
    ) -> tuple[NotebookNode, Resources]:
        graders = str(Course.load(Path(self.root)).graders)
        with _environment({"PAMONG_GRADERS": graders, "PYTHONSAFEPATH": "1"}):
            executed: tuple[NotebookNode, Resources] = super().preprocess(nb, resources, km)
        return executed


class SaveAutoGrades(CoursePreprocessor):
    """Records what each graded cell came to; anything doubtful is flagged for a person, never scored."""

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        course = self.course()
        submission = _submission(course, resources)
        found = marks(nb, submission.logs)
        annotated = annotate(nb, found)
        graded = GradedSubmission(
            participant=submission.participant,
            module=submission.module,
            timestamp=submission.timestamp,
            marks=found,
            notebook="",
            version=load_source(course, submission.module).version,
        )
        gradebook = Gradebook.open(course)
        try:
            gradebook.record([graded], by=BY)
        finally:
            gradebook.close()
        return from_dict(annotated), resources


class FeedbackExporter(Exporter):
    """The feedback page of one participant, whatever the notebook itself looks like."""

    root = Unicode(help="The repository that holds course/.").tag(config=True)
    file_extension = Unicode(".html")
    output_mimetype = "text/html"

    def from_notebook_node(
        self, nb: NotebookNode, resources: Any = None, **_: Any
    ) -> tuple[Any, Resources]:
        _, known = super().from_notebook_node(nb, resources)
        participant, module = _whose(known)
        desk = Desk.open(Course.load(Path(self.root)), module, (participant,))
        text = notebook.serialise(nb).encode()
        return render(desk, desk.page(participant, text)), known


def _whose(resources: Mapping[str, Any]) -> tuple[str, str]:
    return resources["nbgrader"]["student"], resources["nbgrader"]["assignment"]


def _submission(course: Course, resources: Resources) -> Submission:
    """The submission as ``nbgrader autograde`` has copied it, beside the notebook it is working on."""
    participant, module = _whose(resources)
    return load(course, participant, module, folder=course.autograded(participant, module))


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
