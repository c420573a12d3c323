"""Grading: one submission in, one graded submission out, through stages that all look alike.

``grade`` is a function of the module's source and the submission alone: it can run anywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from pamong import notebook
from pamong.catalogue import speaking
from pamong.errors import CourseError, PamongError
from pamong.grading.confined import code
from pamong.grading.execution import interpreter
from pamong.grading.intake.submission import Submission
from pamong.grading.mark import Mark, annotate, marks, unmarked
from pamong.grading.restore import fill, restore
from pamong.grading.source import ModuleSource
from pamong.grading.workfolder import workfolder
from pamong.notebook import Notebook


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One notebook of a submission, executed and marked; ``content`` is the file that formgrader shows."""

    name: str
    marks: tuple[Mark, ...]
    content: bytes
    problem: str = ""
    """Why nothing in it could be graded; empty when it could."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GradedSubmission:
    """What one submission came to; ``version`` is the source's, ``submission`` names what was graded."""

    participant: str
    module: str
    timestamp: str
    pages: tuple[Page, ...]
    version: str
    submission: str = ""

    def without_content(self) -> GradedSubmission:
        """What there is to record of it, in little memory."""
        return replace(self, pages=tuple(replace(page, content=b"") for page in self.pages))

    def cells(self) -> Iterator[tuple[str, Mark]]:
        """Every mark with the name of its notebook."""
        return ((page.name, mark) for page in self.pages for mark in page.marks)

    @property
    def marks(self) -> tuple[Mark, ...]:
        return tuple(mark for _, mark in self.cells())

    @property
    def problem(self) -> str:
        """Why a notebook could not be graded; empty when all could."""
        return next((page.problem for page in self.pages if page.problem), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """One notebook of a submission on its way through the stages."""

    name: str
    submission: Submission
    submitted: Notebook | None = None
    notebook: Notebook | None = None
    marks: tuple[Mark, ...] = ()
    doubt: str = ""

    def page(self) -> Notebook:
        """The notebook as it is now; every stage after ``restore`` has one."""
        if self.notebook is None:
            raise CourseError("This stage needs the restored notebook.")
        return self.notebook


Stage = Callable[[ModuleSource, Paper], Paper]


def grade(source: ModuleSource, submission: Submission) -> GradedSubmission:
    """Grade one submission; never raises: what cannot be graded is errored, cell by cell."""
    with speaking(source.language):
        pages = tuple(_page(source, submission, name) for name in source.pages)
    return _graded(source, submission, pages)


def refuse(source: ModuleSource, submission: Submission, cause: str) -> GradedSubmission:
    """Every graded cell of a submission as errored, for one that no process survives."""
    place = f"submitted/{submission.participant}/{submission.module}"
    told = f"{cause} What was handed in is in {place}."
    with speaking(source.language):
        pages = tuple(_errored(source, submission, name, told) for name in source.pages)
    return _graded(source, submission, pages)


def _graded(
    source: ModuleSource, submission: Submission, pages: tuple[Page, ...]
) -> GradedSubmission:
    return GradedSubmission(
        participant=submission.participant,
        module=submission.module,
        timestamp=submission.timestamp,
        pages=pages,
        version=source.version,
        submission=submission.fingerprint,
    )


def _page(source: ModuleSource, submission: Submission, name: str) -> Page:
    paper = Paper(name=name, submission=submission, doubt=submission.doubts.get(name, ""))
    try:
        for stage in STAGES:
            paper = stage(source, paper)
        content = notebook.serialise(paper.page())
    except (Exception, interpreter.Expired) as error:  # noqa: BLE001  # a batch must go on
        cause = f"{type(error).__name__}: {error}"
        return _errored(source, submission, name, cause, paper.notebook)
    return Page(name=name, marks=paper.marks, content=content)


def _errored(
    source: ModuleSource,
    submission: Submission,
    name: str,
    cause: str,
    reached: Notebook | None = None,
) -> Page:
    """A page of errors; ``reached`` is the notebook so far, with the texts that a marker should see."""
    page = reached or restore(source.notebooks[name], None)
    failed = unmarked(page, submission.logs, cause)
    content = notebook.serialise(annotate(page, failed))
    return Page(name=name, marks=failed, content=content, problem=cause)


def _read(_source: ModuleSource, paper: Paper) -> Paper:
    content = paper.submission.notebooks.get(paper.name)
    if content is None:
        return paper
    try:
        return replace(paper, submitted=notebook.skim(content, paper.name))
    except PamongError as error:
        return replace(paper, doubt=str(error))


def _restore(source: ModuleSource, paper: Paper) -> Paper:
    return replace(paper, notebook=restore(source.notebooks[paper.name], paper.submitted))


def _fill(_source: ModuleSource, paper: Paper) -> Paper:
    filled = fill(paper.page(), paper.submission.logs, doubt=paper.doubt)
    return replace(paper, notebook=filled)


def _answer(_source: ModuleSource, paper: Paper) -> Paper:
    return replace(paper, notebook=code.answered(paper.page()))


def _execute(source: ModuleSource, paper: Paper) -> Paper:
    logs = {f"{name}.jsonl": content for name, content in paper.submission.logs.items()}
    with workfolder(source, logs | code.values(paper.page())) as place:
        environment = {
            "NBGRADER_EXECUTION": "autograde",
            "PAMONG_GRADERS": str(place.graders),
            "PAMONG_PARTICIPANT": paper.submission.participant,
            "PAMONG_ROLE": paper.submission.role,
        }
        executed = interpreter.execute(paper.page(), place.folder, environment)
    return replace(paper, notebook=executed)


def _mark(_source: ModuleSource, paper: Paper) -> Paper:
    found = marks(paper.page(), paper.submission.logs)
    return replace(paper, marks=found, notebook=annotate(paper.page(), found))


STAGES: tuple[Stage, ...] = (_read, _restore, _fill, _answer, _execute, _mark)
