"""Many submissions graded at once in forked processes; whatever happens to one, the others are graded."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import os
import resource
import signal
import tempfile
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from itertools import islice
from multiprocessing import get_context
from pathlib import Path

from pamong.grading.execution.interpreter import lingering
from pamong.grading.execution.limits import GRACE, SECONDS, STOPPED
from pamong.grading.intake.submission import Submission
from pamong.grading.pipeline import GradedSubmission, grade, refuse
from pamong.grading.source import ModuleSource
from pamong.grading.workfolder import prepared, quickest

MEMORY_LIMIT = 4 * 1024**3
"""Bytes of address space that a grading process may take beyond what it is forked with."""
IN_FLIGHT = 16
"""Submissions per process that wait or are being graded."""
PATIENCE = SECONDS + GRACE + 20
"""Seconds for each notebook without any result after which the processes are given up.

Some C code heeds no signal. Code answers take their own time besides.
"""
GARBAGE = 50_000, 20, 20
"""When a grading process looks for cycles: grading leaves few, and to look for them costs time."""
PR_SET_PDEATHSIG = 1
"""From <sys/prctl.h>."""
Sources = Mapping[str, ModuleSource]
"""The sources of the modules that are graded, by id."""
Graded = Generator[tuple[Submission, GradedSubmission], None, None]
Crew = Callable[[Sources, Iterable[Submission]], Graded]
"""Whoever grades: processes of this machine, or a cluster."""


def grade_all(
    sources: Sources,
    submissions: Iterable[Submission],
    *,
    processes: int | None = None,
    in_flight: int = IN_FLIGHT,
) -> Graded:
    """Grade many submissions at once, in the order in which they are ready.

    ``in_flight`` submissions per process are asked for before one is given back. A submission that
    kills its process is graded again alone, and errored if it does so again.
    """
    count = processes or len(os.sched_getaffinity(0))
    waiting = iter(submissions)
    whole = False
    while not whole:
        suspects: list[Submission] = []
        with _pool(sources, count) as pool, contextlib.suppress(BrokenProcessPool):
            yield from _stream(pool, waiting, count * in_flight, suspects)
        for submission in suspects:
            yield submission, _alone(sources, submission)
        whole = not suspects


def local(processes: int | None = None) -> Crew:
    """A crew of so many processes of this machine; one per core by default."""
    return partial(grade_all, processes=processes)


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
            patience = PATIENCE * max(len(one.notebooks) or 1 for one in flying.values())
            done, _ = wait(flying, timeout=patience, return_when=FIRST_COMPLETED)
            if not done:
                _kill(pool)  # every future now raises BrokenProcessPool
                done, _ = wait(flying, return_when=FIRST_COMPLETED)
            for future in done:
                graded = future.result()
                yield flying.pop(future), graded
    except BrokenProcessPool:
        suspects.extend(flying.values())
        raise


def _alone(sources: Sources, submission: Submission) -> GradedSubmission:
    cause = "The grading process died: a cell could not be stopped, or took too much memory."
    source = sources[submission.module]
    patience = PATIENCE * len(source.pages)
    try:
        with _pool({source.id: source}, 1) as pool:
            future = pool.submit(_grade_alone, submission)
            if not wait([future], timeout=patience).done:
                cause = f"Grading took longer than {patience} s and could not be interrupted."
                _kill(pool)
            return future.result()
    except BrokenProcessPool:
        return refuse(source, submission, cause)


@contextlib.contextmanager
def _pool(sources: Sources, count: int) -> Iterator[ProcessPoolExecutor]:
    """Processes that grade the modules; an interrupt ends them at once, wherever they are."""
    with (
        tempfile.TemporaryDirectory(
            prefix="pamong-", dir=quickest(count), ignore_cleanup_errors=True
        ) as folder,
        prepared(sources.values(), Path(folder)),
    ):
        pool = ProcessPoolExecutor(
            count, mp_context=get_context("fork"), initializer=_begin, initargs=(sources, folder)
        )
        try:
            yield pool
        except (KeyboardInterrupt, GeneratorExit):
            _kill(pool)
            raise
        finally:
            pool.shutdown(cancel_futures=True)


def _kill(pool: ProcessPoolExecutor) -> None:
    """End the processes, also where one is in the middle of an answer and the pool waits for its rest.

    Our own end of the pipe for answers would keep it open, and the pool waiting for ever.
    """
    for process in tuple((pool._processes or {}).values()):  # noqa: SLF001  # public from 3.14
        process.kill()
    if pool._result_queue is not None:  # noqa: SLF001
        pool._result_queue._writer.close()  # type: ignore[attr-defined]  # noqa: SLF001


_here: dict[str, ModuleSource] = {}
"""The modules that this process grades: sent once, not with every submission."""


def _begin(sources: Sources, folder: str) -> None:
    """Make this process fit for grading; what it leaves in ``folder`` goes with the pool."""
    tempfile.tempdir = folder
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    limit = MEMORY_LIMIT + _mapped()
    limit = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
    resource.setrlimit(resource.RLIMIT_AS, (limit, hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that writes
    for other in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(other, signal.SIG_DFL)
    _end_with_parent()
    gc.freeze()  # what was read before the fork is there to stay
    gc.set_threshold(*GARBAGE)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):  # what a cell writes past Python must not reach the operator's screen
        os.dup2(nowhere, stream)
    _here.clear()
    _here.update(sources)


def _mapped() -> int:
    """Bytes of address space that this process has; 0 where the system does not tell."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    except OSError:
        return 0
    return pages * resource.getpagesize()


def _end_with_parent() -> None:
    """Let the kernel end this process when the one that writes dies, however it does (Linux)."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _grade_here(submission: Submission) -> GradedSubmission:
    """Grade in a process that others need after this one; what leaves a thread behind is graded alone."""
    graded = _grade_alone(submission)
    if lingering():
        os._exit(STOPPED)
    return graded


def _grade_alone(submission: Submission) -> GradedSubmission:
    return grade(_here[submission.module], submission)
