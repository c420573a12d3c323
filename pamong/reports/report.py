"""Cohort summaries as executed notebooks and as pages that need nothing but a browser.

The course is read once; every cohort's notebook then runs in a forked child of this process that
inherits what was read and imported (``fork``), or by stock papermill in a kernel (``nbclient``).
"""

from __future__ import annotations

import multiprocessing
import re
from base64 import b64encode
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from html import escape
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal, get_args

import nbformat
from nbformat import NotebookNode
from papermill.exceptions import PapermillExecutionError
from papermill.execute import execute_notebook
from traitlets.config import Config

from pamong.catalogue import LANGUAGE, messages
from pamong.course import Course
from pamong.errors import CourseError
from pamong.reports import engine, frames, summary
from pamong.reports.drawing import WEIGHTS
from pamong.reports.markup import Html
from pamong.reports.snapshot import load, save, take
from pamong.reports.standing import Edition, Standing, programme

EngineName = Literal["fork", "nbclient"]
Progress = Callable[[str, int, int], None]
"""Called with a cohort's id, how many are done, and how many there are."""
TEMPLATE = Path("templates") / "cohort_summary.ipynb"
STYLESHEET = Path("templates") / "report.css"
SECTION = "section"
"""The tag of cells whose output becomes part of the page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Job:
    root: str
    snapshot: str
    cohort: str
    title: str
    edition: Edition
    engine: EngineName
    reports: str


@dataclass(frozen=True, slots=True)
class _Result:
    cohort: str
    page: Path | None
    error: str = ""


def report(
    course: Course,
    cohorts: Sequence[str] | None = None,
    edition: Edition = "facilitator",
    *,
    engine_name: EngineName = "fork",
    workers: int = 2,
    progress: Progress | None = None,
) -> tuple[Path, ...]:
    """Write one summary per cohort; returns the pages in the programme's order.

    Each page stands beside its executed notebook in ``course/reports/`` and appears there only when
    it is whole. CourseError names the cohorts that failed, after all others have been written.
    """
    known = {cohort.id: cohort.title for cohort in course.programme.cohorts}
    chosen = list(known) if cohorts is None else list(cohorts)
    _require(chosen, known, edition)
    template = course.root / TEMPLATE
    engine.require_parameters(_read(template), template)
    path = course.reports / "snapshot.json"
    save(take(course), path)
    jobs = [
        _Job(
            root=str(course.root),
            snapshot=str(path),
            cohort=cohort,
            title=known[cohort],
            edition=edition,
            engine=engine_name,
            reports=str(course.reports),
        )
        for cohort in chosen
    ]
    results = {}
    for result in _run(jobs, workers):
        results[result.cohort] = result
        if progress is not None:
            progress(result.cohort, len(results), len(jobs))
    if failed := [result for result in results.values() if result.page is None]:
        reasons = "; ".join(f"{result.cohort}: {result.error}" for result in failed)
        raise CourseError(f"{len(failed)} of {len(jobs)} summaries failed ({reasons}).")
    return tuple(page for cohort in chosen if (page := results[cohort].page) is not None)


def open_standing(root: str, snapshot: str, cohort: str, edition: str) -> Standing:
    """What a template's notebook works on: a saved snapshot, or the course at ``root`` read now."""
    if edition not in get_args(Edition):
        raise CourseError(f"No edition {edition!r}. There are: {', '.join(get_args(Edition))}.")
    facts = load(snapshot) if snapshot else take(Course.load(Path(root)))
    return Standing(snapshot=facts, cohort=str(cohort), edition=edition)  # type: ignore[arg-type]


def style(root: str) -> Html:
    """The look of the sections inside a notebook of the course at ``root``."""
    return Html(f"<style>{_stylesheet(Course.load(Path(root)).root)}</style>")


def page(notebook: NotebookNode, title: str, edition: Edition, root: Path) -> str:
    """One HTML page from the outputs of a notebook's section cells; asks the network for nothing."""
    sections = "\n".join(
        "".join(output.data["text/html"])
        for cell in notebook.cells
        if SECTION in cell.metadata.get("tags", ())
        for output in cell.get("outputs", ())
        if "text/html" in output.get("data", {})
    )
    say = messages("report")
    footer = escape(say(f"page.footer.{edition}"))
    return (
        f'<!DOCTYPE html>\n<html lang="{LANGUAGE}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(say('page.title', cohort=title))}</title>\n"
        f'<style>\n{_stylesheet(root)}\n@page {{ @bottom-left {{ content: "{footer}" }} }}\n'
        f'</style>\n</head>\n<body class="page">\n<main>\n{sections}\n</main>\n</body>\n</html>\n'
    )


def _require(chosen: Iterable[str], known: dict[str, str], edition: str) -> None:
    if unknown := [cohort for cohort in chosen if cohort not in known]:
        raise CourseError(
            f"No cohort {', '.join(unknown)} in the programme. It has: {', '.join(known)}."
        )
    if edition not in get_args(Edition):
        raise CourseError(f"No edition {edition!r}. There are: {', '.join(get_args(Edition))}.")


def _run(jobs: list[_Job], workers: int) -> Iterable[_Result]:
    if not jobs:
        return
    forks = "fork" in multiprocessing.get_all_start_methods()
    if jobs[0].engine == "nbclient" or not forks:
        yield from map(_publish, jobs)
        return
    _warm(jobs[0])
    context = multiprocessing.get_context("fork")
    with context.Pool(min(workers, len(jobs)), maxtasksperchild=1) as pool:
        yield from pool.imap_unordered(_publish, jobs)


def _warm(job: _Job) -> None:
    """Read and compute here what every child would otherwise read and compute again."""
    standing = Standing(snapshot=load(job.snapshot), cohort=job.cohort, edition=job.edition)
    everybody = programme(standing.snapshot)
    _ = (everybody.final, everybody.gains, everybody.items, everybody.reliability)
    frames.frames(standing)
    summary.spread(standing)
    summary.items(standing)
    engine.register()


def _publish(job: _Job) -> _Result:
    """Run one notebook and put it and its page in place together; never raises."""
    reports = Path(job.reports)
    name = f"{_slug(job.cohort)}-{messages('report')(f'file.{job.edition}')}"
    with TemporaryDirectory(prefix=f".{name}-", dir=reports) as scratch:
        try:
            notebook = _execute(job, Path(scratch) / f"{name}.ipynb")
            html = page(notebook, job.title, job.edition, Path(job.root))
        except PapermillExecutionError as error:
            return _Result(job.cohort, None, f"{error.ename}: {error.evalue}")
        except Exception as error:  # noqa: BLE001  # one cohort must not take the others with it
            return _Result(job.cohort, None, f"{type(error).__name__}: {error}")
        (Path(scratch) / f"{name}.html").write_text(html, encoding="utf-8")
        for suffix in (".ipynb", ".html"):
            (Path(scratch) / f"{name}{suffix}").rename(reports / f"{name}{suffix}")
    return _Result(job.cohort, reports / f"{name}.html")


def _execute(job: _Job, output: Path) -> NotebookNode:
    # Over files instead of ports: two kernels cannot take the same one, and nobody listens in.
    manager = {"transport": "ipc"}
    options: dict[str, Any] = {"config": Config(KernelManager=manager, AsyncKernelManager=manager)}
    forked = job.engine == "fork" and multiprocessing.parent_process() is not None
    if forked:
        options = {"engine_name": engine.NAME, "request_save_on_cell_execute": False}
    executed: NotebookNode = execute_notebook(
        str(Path(job.root) / TEMPLATE),
        str(output),
        parameters={
            "root": job.root,
            "snapshot": job.snapshot,
            "cohort": job.cohort,
            "edition": job.edition,
        },
        kernel_name="python3",
        progress_bar=False,
        cwd=job.root,
        **options,
    )
    return executed


def _read(template: Path) -> NotebookNode:
    try:
        notebook: NotebookNode = nbformat.read(template, as_version=4)
    except (OSError, ValueError, nbformat.reader.NotJSONError) as error:
        raise CourseError(f"{template} cannot be read ({error}).") from error
    return notebook


def _slug(cohort: str) -> str:
    return "angkatan-" + re.sub(r"[^a-z0-9]+", "-", cohort.lower()).strip("-")


def _stylesheet(root: Path) -> str:
    return _faces() + (root / STYLESHEET).read_text(encoding="utf-8")


def _faces() -> str:
    folder = files("pamong") / "fonts"
    faces = []
    for weight, name in WEIGHTS.items():
        content = b64encode((folder / f"PlusJakartaSans-{name}.woff2").read_bytes()).decode()
        faces.append(
            "@font-face{font-family:'Plus Jakarta Sans';font-weight:"
            f"{weight};src:url(data:font/woff2;base64,{content}) format('woff2')}}\n"
        )
    return "".join(faces)
