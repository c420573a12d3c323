"""Grading: one submission in, one graded submission out, through stages that all look alike.

``grade`` is a function of the module and the submission alone. ``grade_all`` runs it for many at once
in forked processes; whatever happens to one of them, the others are graded.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import shutil
import signal
import tempfile
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import islice
from multiprocessing import get_context
from multiprocessing.util import Finalize
from pathlib import Path

from pamong import notebook
from pamong.course import NOTEBOOK, Course
from pamong.errors import CourseError, PamongError
from pamong.grading import interpreter
from pamong.grading.mark import Mark, annotate, marks, unmarked
from pamong.grading.restore import fill, restore
from pamong.grading.submission import Submission
from pamong.notebook import Notebook

MEMORY_LIMIT = 4 * 1024**3
"""Bytes of address space of one grading process."""
IN_FLIGHT = 16
"""Submissions per process that wait or are being graded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModuleSource:
    """What a module is graded with; ``files`` are the briefs and legal cards that its cells read."""

    id: str
    notebook: Notebook
    files: Mapping[str, bytes]
    graders: str
    version: str
    """A fingerprint of the notebook, the briefs and the released keys."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GradedSubmission:
    """What one submission came to. ``notebook`` is the executed notebook as text."""

    participant: str
    module: str
    timestamp: str
    marks: tuple[Mark, ...]
    notebook: str
    version: str
    problem: str = ""
    """Why nothing could be graded; empty when it could."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A submission on its way through the stages."""

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


def load_source(course: Course, module: str) -> ModuleSource:
    """The trusted side of a module; CourseError when its notebook is missing or broken."""
    folder = course.source(course.require_module(module))
    path = folder / NOTEBOOK
    if not path.is_file():
        raise CourseError(f"{path} is missing. Write the module first, then release it.")
    if not course.graders.is_dir():
        raise CourseError(
            f"The graders' folder {course.graders} is not there. Put it back, or set `graders:` in "
            "course/programme.yaml to where the keys are."
        )
    content = path.read_bytes()
    files = {entry.name: entry.read_bytes() for entry in sorted(folder.glob("*.yaml"))}
    index = course.keys(module) / "released" / "index.json"
    if not index.is_file():
        raise CourseError(f"{module} was never released. Run `pamong release {module}` first.")
    released = json.loads(index.read_text(encoding="utf-8")).get(NOTEBOOK)
    if released != sha256(content).hexdigest():
        raise CourseError(
            f"{path} has changed since its release. Run `pamong release {module}` first, or restore it."
        )
    digest = sha256(content)
    for name, data in sorted({**files, "index.json": index.read_bytes()}.items()):
        digest.update(name.encode() + b"\0" + data)
    return ModuleSource(
        id=module,
        notebook=notebook.parse(content, str(path)),
        files=files,
        graders=str(course.graders),
        version=digest.hexdigest()[:16],
    )


def grade(module: ModuleSource, submission: Submission) -> GradedSubmission:
    """Grade one submission; never raises: what cannot be graded is errored, cell by cell."""
    paper = Paper(submission=submission, doubt=submission.doubt)
    problem = ""
    try:
        for stage in STAGES:
            paper = stage(module, paper)
    except (Exception, interpreter.Expired) as error:  # noqa: BLE001  # a batch must go on
        problem = f"{type(error).__name__}: {error}"
        restored = restore(module.notebook, None)
        failed = unmarked(restored, submission.logs, problem)
        paper = replace(paper, notebook=annotate(restored, failed), marks=failed)
    return GradedSubmission(
        participant=submission.participant,
        module=submission.module,
        timestamp=submission.timestamp,
        marks=paper.marks,
        notebook=notebook.serialise(paper.page()),
        version=module.version,
        problem=problem,
    )


def _read(_module: ModuleSource, paper: Paper) -> Paper:
    content = paper.submission.notebook
    if content is None:
        return paper
    try:
        return replace(paper, submitted=notebook.parse(content, NOTEBOOK))
    except PamongError as error:
        return replace(paper, doubt=str(error))


def _restore(module: ModuleSource, paper: Paper) -> Paper:
    return replace(paper, notebook=restore(module.notebook, paper.submitted))


def _fill(_module: ModuleSource, paper: Paper) -> Paper:
    filled = fill(paper.page(), paper.submission.logs, doubt=paper.doubt)
    return replace(paper, notebook=filled)


def _execute(module: ModuleSource, paper: Paper) -> Paper:
    environment = {
        "NBGRADER_EXECUTION": "autograde",
        "PAMONG_GRADERS": module.graders,
        "PAMONG_PARTICIPANT": paper.submission.participant,
        "PAMONG_ROLE": paper.submission.role,
    }
    logs = {f"{name}.jsonl": content for name, content in paper.submission.logs.items()}
    with tempfile.TemporaryDirectory(prefix="pamong-") as folder:
        for path in _laid_out(module):
            Path(folder, path.name).symlink_to(path)
        for name, content in logs.items():
            Path(folder, name).write_bytes(content)
        executed = interpreter.execute(paper.page(), Path(folder), environment)
    return replace(paper, notebook=executed)


_folders: dict[str, tuple[Path, ...]] = {}
"""The files of each module that this process grades, by version."""


def _laid_out(module: ModuleSource) -> tuple[Path, ...]:
    """The module's briefs as files, written once per process and removed when it ends."""
    if module.version not in _folders:
        folder = Path(tempfile.mkdtemp(prefix="pamong-"))
        Finalize(None, shutil.rmtree, (folder, True), exitpriority=1)
        for name, content in module.files.items():
            (folder / name).write_bytes(content)
        _folders[module.version] = tuple(folder / name for name in module.files)
    return _folders[module.version]


def _mark(_module: ModuleSource, paper: Paper) -> Paper:
    found = marks(paper.page(), paper.submission.logs)
    return replace(paper, marks=found, notebook=annotate(paper.page(), found))


STAGES: tuple[Stage, ...] = (_read, _restore, _fill, _execute, _mark)


def grade_all(
    module: ModuleSource, submissions: Iterable[Submission], *, processes: int | None = None
) -> Generator[tuple[Submission, GradedSubmission], None, None]:
    """Grade many submissions at once, in the order in which they are ready.

    A submission that kills its process is graded again alone, and errored if it does so again.
    """
    count = processes or len(os.sched_getaffinity(0))
    waiting = iter(submissions)
    suspects: list[Submission] = []
    with _pool(module, count) as pool, contextlib.suppress(BrokenProcessPool):
        yield from _stream(pool, waiting, count * IN_FLIGHT, suspects)
    for submission in suspects:
        yield submission, _alone(module, submission)
    if suspects:
        yield from grade_all(module, waiting, processes=processes)


def _stream(
    pool: ProcessPoolExecutor,
    waiting: Iterator[Submission],
    limit: int,
    suspects: list[Submission],
) -> Iterator[tuple[Submission, GradedSubmission]]:
    """Keep ``limit`` submissions in flight; on BrokenProcessPool ``suspects`` holds the lost ones."""
    flying: dict[Future[GradedSubmission], Submission] = {}
    try:
        while True:
            for submission in islice(waiting, limit - len(flying)):
                suspects.append(submission)
                flying[pool.submit(_grade_here, submission)] = submission
                suspects.pop()
            if not flying:
                return
            done, _ = wait(flying, return_when=FIRST_COMPLETED)
            for future in done:
                graded = future.result()
                yield flying.pop(future), graded
    except BrokenProcessPool:
        suspects.extend(flying.values())
        raise


def _alone(module: ModuleSource, submission: Submission) -> GradedSubmission:
    try:
        with _pool(module, 1) as pool:
            return pool.submit(_grade_here, submission).result()
    except BrokenProcessPool:
        cause = "The grading process died, perhaps for want of memory."
        restored = restore(module.notebook, None)
        failed = unmarked(restored, submission.logs, cause)
        return GradedSubmission(
            participant=submission.participant,
            module=submission.module,
            timestamp=submission.timestamp,
            marks=failed,
            notebook=notebook.serialise(annotate(restored, failed)),
            version=module.version,
            problem=cause,
        )


@contextlib.contextmanager
def _pool(module: ModuleSource, count: int) -> Iterator[ProcessPoolExecutor]:
    """Processes that grade ``module``; an interrupt ends them at once, wherever they are."""
    import pamong.module  # noqa: F401, PLC0415  # imported once here, shared by every fork

    pool = ProcessPoolExecutor(
        count, mp_context=get_context("fork"), initializer=_begin, initargs=(module,)
    )
    try:
        yield pool
    except (KeyboardInterrupt, GeneratorExit):
        for process in tuple((pool._processes or {}).values()):  # noqa: SLF001  # public from 3.14
            process.kill()
        pool.shutdown(wait=False, cancel_futures=True)
        raise
    except BaseException:
        pool.shutdown()
        raise
    pool.shutdown()


_here: list[ModuleSource] = []
"""The module that this process grades: sent once, not with every submission."""


def _begin(module: ModuleSource) -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    limit = MEMORY_LIMIT if hard == resource.RLIM_INFINITY else min(MEMORY_LIMIT, hard)
    resource.setrlimit(resource.RLIMIT_AS, (limit, hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that writes
    _here[:] = [module]


def _grade_here(submission: Submission) -> GradedSubmission:
    return grade(_here[0], submission)
