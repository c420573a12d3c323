"""Cohort summaries as executed notebooks and as pages that need nothing but a browser.

The course is read once; every cohort's notebook then runs in a forked child of this process that
inherits what was read and imported (``fork``), or by stock papermill in a kernel (``nbclient``).
"""

from __future__ import annotations

import multiprocessing
import os
import re
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
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

from pamong import palette
from pamong.catalogue import VARIABLE, messages, speaking, spoken
from pamong.course import Course
from pamong.errors import CourseError
from pamong.reports import engine, frames, summary
from pamong.reports.drawing import WEIGHTS
from pamong.reports.everybody import programme
from pamong.reports.markup import Html
from pamong.reports.snapshot import load, save, take
from pamong.reports.standing import Edition, Standing

EngineName = Literal["fork", "nbclient"]
Progress = Callable[[str, int, int], None]
"""Called with a cohort's id, how many are done, and how many there are."""
TEMPLATE = Path("templates") / "cohort_summary.ipynb"
STYLESHEET = Path("templates") / "report.css"
EVERYBODY = ""
"""What stands for the whole programme where a cohort is named."""
SECTION = "section"
"""The tag of cells whose output becomes part of the page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Job:
    root: str
    snapshot: str
    cohort: str
    title: str
    edition: Edition
    module: str
    engine: EngineName
    reports: str
    language: str


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
    module: str = "",
    everybody: bool = False,
    engine_name: EngineName = "fork",
    workers: int = 2,
    progress: Progress | None = None,
) -> tuple[Path, ...]:
    """Write one summary per cohort; returns the pages in the programme's order.

    ``everybody`` puts one about the whole programme before them, ``module`` makes all of them about
    that module alone.

    Each page stands beside its executed notebook in ``course/reports/`` and appears there only when
    it is whole. CourseError names the cohorts that failed, after all others have been written.
    """
    known = {cohort.id: cohort.title for cohort in course.programme.cohorts}
    chosen = list(known) if cohorts is None else list(cohorts)
    _require(chosen, known, edition)
    _require_module(course, module)
    chosen = [EVERYBODY, *chosen] if everybody else chosen
    template = course.root / TEMPLATE
    engine.require_parameters(_read(template), template)
    path = course.reports / "snapshot.json"
    with speaking(course.programme.language):
        save(take(course), path)
    jobs = [_job(course, path, cohort, edition, module, engine_name) for cohort in chosen]
    return _written(_run(jobs, workers), chosen, progress)


def _job(
    course: Course, snapshot: Path, cohort: str, edition: Edition, module: str, name: EngineName
) -> _Job:
    return _Job(
        root=str(course.root),
        snapshot=str(snapshot),
        cohort=cohort,
        title=_title(course, cohort, module),
        edition=edition,
        module=module,
        engine=name,
        reports=str(course.reports),
        language=course.programme.language,
    )


def _written(
    found: Iterable[_Result], chosen: list[str], progress: Progress | None
) -> tuple[Path, ...]:
    """The pages in the order that was asked for; CourseError when some failed, after all are done."""
    results: dict[str, _Result] = {}
    for result in found:
        results[result.cohort] = result
        if progress is not None:
            progress(result.cohort, len(results), len(chosen))
    if failed := [result for result in results.values() if result.page is None]:
        reasons = "; ".join(f"{it.cohort or 'everybody'}: {it.error}" for it in failed)
        raise CourseError(f"{len(failed)} of {len(chosen)} summaries failed ({reasons}).")
    return tuple(page for cohort in chosen if (page := results[cohort].page) is not None)


def open_standing(
    root: str, snapshot: str, cohort: str, edition: str, module: str = ""
) -> Standing:
    """What a template's notebook works on: a saved snapshot, or the course at ``root`` read now."""
    if edition not in get_args(Edition):
        raise CourseError(f"No edition {edition!r}. There are: {', '.join(get_args(Edition))}.")
    facts = load(snapshot) if snapshot else take(Course.load(Path(root)))
    return Standing(
        whole=facts,
        cohort=str(cohort),
        edition=edition,  # type: ignore[arg-type]
        module=str(module),
    )


def style(root: str) -> Html:
    """The look of the sections inside a notebook of the course at ``root``."""
    return Html(f"<style>{_stylesheet(Course.load(Path(root)).root, dark=False)}</style>")


def _title(course: Course, cohort: str, module: str) -> str:
    """What a page is called, in the language of its readers."""
    titles = {it.id: it.title for it in course.programme.cohorts}
    with speaking(course.programme.language):
        say = messages("report")
        cohort = titles[cohort] if cohort else say("page.everybody")
        if not module:
            return say("page.title", cohort=cohort)
        title = course.programme.module(module).title
        return say("page.title.module", cohort=cohort, module=title)


def page(notebook: NotebookNode, title: str, edition: Edition, root: Path) -> str:
    """One HTML page from the outputs of a notebook's section cells; asks the network for nothing.

    ``title`` is what its tab is called.
    """
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
        f'<!DOCTYPE html>\n<html lang="{spoken()}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n"
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


def _require_module(course: Course, module: str) -> None:
    known = [plan.id for plan in course.programme.modules]
    if module and module not in known:
        raise CourseError(f"No module {module!r} in the programme. It has: {', '.join(known)}.")


def _run(jobs: list[_Job], workers: int) -> Iterable[_Result]:
    if not jobs:
        return
    forks = "fork" in multiprocessing.get_all_start_methods()
    if jobs[0].engine == "nbclient" or not forks:
        yield from map(_publish, jobs)
        return
    with speaking(jobs[0].language):
        _warm(jobs[0])
    context = multiprocessing.get_context("fork")
    with context.Pool(min(workers, len(jobs)), maxtasksperchild=1) as pool:
        yield from pool.imap_unordered(_publish, jobs)


def _warm(job: _Job) -> None:
    """Read and compute here what every child would otherwise read and compute again."""
    whole = load(job.snapshot)
    standing = Standing(whole=whole, cohort=job.cohort, edition=job.edition, module=job.module)
    everybody = standing.all
    _ = (everybody.final, everybody.gains, everybody.marks, everybody.reliability)
    _ = (everybody.minutes, everybody.qualities, everybody.verdicts)
    if not standing.named:
        _ = programme(whole).disclosure
    frames.frames(standing)
    summary.spread(standing)
    summary.items(standing)
    summary.distractors(standing)
    summary.drift(standing)
    engine.register()


def _publish(job: _Job) -> _Result:
    """Run one notebook and put it and its page in place together; never raises."""
    with speaking(job.language), _of_kernels(job.language):
        return _published(job)


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


def _published(job: _Job) -> _Result:
    reports = Path(job.reports)
    say = messages("report")
    whose = _slug(job.cohort) if job.cohort else say("file.everybody")
    name = "-".join(filter(None, (whose, job.module, say(f"file.{job.edition}"))))
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
            "module": job.module,
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


def _stylesheet(root: Path, *, dark: bool = True) -> str:
    """A notebook has a theme of its own, which may be light while the system is dark."""
    own = (root / STYLESHEET).read_text(encoding="utf-8")
    return _faces() + palette.stylesheet(dark=dark) + own


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
