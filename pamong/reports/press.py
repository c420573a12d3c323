"""Summaries made side by side: notebook, page and document of each appear together or not at all.

Each notebook runs in a forked child that inherits what was read and imported, or by stock papermill
in a kernel. Whatever happens to one, the others are made.
"""

from __future__ import annotations

import gc
import json
import multiprocessing
import os
import signal
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from multiprocessing.connection import wait
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

from nbformat import NotebookNode
from papermill.exceptions import PapermillExecutionError
from papermill.execute import execute_notebook
from traitlets.config import Config

from pamong.catalogue import VARIABLE, messages, speaking
from pamong.errors import PamongError
from pamong.reports import engine, frames, paper, summary
from pamong.reports.everybody import programme
from pamong.reports.pages import page, sections
from pamong.reports.snapshot import load
from pamong.reports.standing import Edition, Standing

EngineName = Literal["fork", "nbclient"]
TEMPLATE = Path("templates") / "cohort_summary.ipynb"
FORMS = (".ipynb", ".pdf", ".html")
ERROR, SHOWN = "error.txt", "shown.json"
"""How a child tells why it failed, and what the document shows."""
OFTEN = 2
"""Summaries of the same modules above which what they share is worth computing before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One summary: of a cohort or, without one, of everybody; of one module or, without one, of all."""

    cohort: str = ""
    edition: Edition = "facilitator"
    module: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A summary with all that is needed to make it in another process."""

    wanted: Wanted
    root: str
    snapshot: str
    taken: datetime
    name: str
    title: str
    engine: EngineName
    language: str


@dataclass(frozen=True, slots=True)
class Made:
    """A summary and its page, or why there is none."""

    wanted: Wanted
    page: Path | None
    error: str = ""


def publish(jobs: Sequence[Job], reports: Path, workers: int) -> Iterator[Made]:
    """Make the summaries in the folder ``reports``, each as soon as it is ready."""
    if not jobs:
        return
    with TemporaryDirectory(prefix=".", dir=reports) as scratch:
        folders = {job.name: Path(scratch) / job.name for job in jobs}
        for folder in folders.values():
            folder.mkdir()
        forks = "fork" in multiprocessing.get_all_start_methods()
        many = forks and jobs[0].engine == "fork"
        run = _side_by_side(jobs, folders, workers) if many else _in_turn(jobs, folders)
        for job, death in run:
            with speaking(job.language):
                yield _finished(job, folders[job.name], reports, death)


def _side_by_side(
    jobs: Sequence[Job], folders: dict[str, Path], workers: int
) -> Iterator[tuple[Job, str]]:
    """Run every job in a child; yields it with what killed the child, if anything did."""
    with speaking(jobs[0].language):
        _warm(jobs)
    gc.freeze()
    context, waiting = multiprocessing.get_context("fork"), iter(jobs)
    running: dict[int, tuple[Any, Job]] = {}

    def start() -> None:
        for job in islice(waiting, workers - len(running)):
            child = context.Process(target=_child, args=(job, folders[job.name]))
            child.start()
            running[child.sentinel] = child, job

    try:
        start()
        while running:
            ended = [running.pop(it) for it in wait(list(running)) if isinstance(it, int)]
            for child, _ in ended:
                child.join()
            start()
            yield from ((job, _death(child.exitcode)) for child, job in ended)
    finally:
        gc.unfreeze()
        for child, _ in running.values():
            child.kill()
            child.join()


def _in_turn(jobs: Sequence[Job], folders: dict[str, Path]) -> Iterator[tuple[Job, str]]:
    for job in jobs:
        _execute(job, folders[job.name])
        yield job, ""


def _child(job: Job, folder: Path) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that publishes
    _execute(job, folder)


def _death(code: int) -> str:
    if code >= 0:
        return "" if code == 0 else f"Its process ended with exit status {code}."
    return f"Its process was ended by {signal.Signals(-code).name}; is there enough memory?"


def _warm(jobs: Sequence[Job]) -> None:
    """Read and compute here what every child would otherwise read and compute again."""
    whole = load(jobs[0].snapshot)
    often = Counter(job.wanted.module for job in jobs)
    for module in (it for it, count in often.items() if count > OFTEN or len(often) == 1):
        standing = Standing(whole=whole, module=module)
        everybody = standing.all
        _ = (everybody.final, everybody.gains, everybody.marks, everybody.reliability)
        _ = (everybody.minutes, everybody.qualities, everybody.verdicts)
        frames.frames(standing)
        for section in (summary.spread, summary.items, summary.distractors, summary.drift):
            section(standing)
    if any(job.wanted.edition == "leadership" for job in jobs):
        _ = programme(whole).disclosure
    engine.warm()


def _execute(job: Job, folder: Path) -> None:
    """Run the notebook and lay into ``folder`` what comes of it, or the reason of its failure."""
    with speaking(job.language), _of_kernels(job.language):
        try:
            shown = sections(_executed(job, folder / f"{job.name}.ipynb"))
            html = page(shown, job.title, job.wanted.edition, Path(job.root))
            (folder / f"{job.name}.html").write_text(html, encoding="utf-8")
            footer = messages("report")(f"page.footer.{job.wanted.edition}")
            content = paper.content(shown, job.title, footer)
            (folder / SHOWN).write_text(json.dumps(content), encoding="utf-8")
        except PapermillExecutionError as error:
            (folder / ERROR).write_text(f"{error.ename}: {error.evalue}", encoding="utf-8")
        except Exception as error:  # noqa: BLE001  # one must not take the others with it
            (folder / ERROR).write_text(_reason(error), encoding="utf-8")


def _finished(job: Job, folder: Path, reports: Path, death: str) -> Made:
    """Add the document and put everything in its place."""
    told = folder / ERROR
    if death or told.exists():
        return Made(job.wanted, None, death or told.read_text(encoding="utf-8"))
    try:
        content = json.loads((folder / SHOWN).read_text(encoding="utf-8"))
        document = paper.pdf(content, Path(job.root), job.taken)
        (folder / f"{job.name}.pdf").write_bytes(document)
        for form in FORMS:
            (folder / f"{job.name}{form}").rename(reports / f"{job.name}{form}")
    except Exception as error:  # noqa: BLE001  # one must not take the others with it
        return Made(job.wanted, None, _reason(error))
    return Made(job.wanted, reports / f"{job.name}.html")


def _reason(error: Exception) -> str:
    return str(error) if isinstance(error, PamongError) else f"{type(error).__name__}: {error}"


def _executed(job: Job, output: Path) -> NotebookNode:
    # Over files instead of ports: two kernels cannot take the same one, and nobody listens in.
    manager = {"transport": "ipc"}
    options: dict[str, Any] = {"config": Config(KernelManager=manager, AsyncKernelManager=manager)}
    if job.engine == "fork" and multiprocessing.parent_process() is not None:
        options = {"engine_name": engine.NAME, "request_save_on_cell_execute": False}
    executed: NotebookNode = execute_notebook(
        str(Path(job.root) / TEMPLATE),
        str(output),
        parameters={
            "root": job.root,
            "snapshot": job.snapshot,
            "cohort": job.wanted.cohort,
            "edition": job.wanted.edition,
            "module": job.wanted.module,
        },
        kernel_name="python3",
        progress_bar=False,
        cwd=job.root,
        **options,
    )
    return executed


@contextmanager
def _of_kernels(language: str) -> Iterator[None]:
    """The language of kernels that are started inside."""
    before = os.environ.get(VARIABLE)
    os.environ[VARIABLE] = language
    try:
        yield
    finally:
        if before is None:
            del os.environ[VARIABLE]
        else:
            os.environ[VARIABLE] = before
