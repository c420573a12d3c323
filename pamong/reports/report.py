"""Cohort summaries: executed notebooks, pages that need nothing but a browser, and documents to print.

The course is read once, so that all summaries of one run agree.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import get_args

import nbformat
from nbformat import NotebookNode

from pamong.catalogue import messages, speaking
from pamong.course import Course
from pamong.errors import CourseError
from pamong.grading.intake.submission import submitters
from pamong.reports import engine, paper
from pamong.reports.markup import Html
from pamong.reports.pages import stylesheet
from pamong.reports.press import TEMPLATE, EngineName, Job, Made, Wanted, publish
from pamong.reports.snapshot import load, save, take
from pamong.reports.standing import Edition, Standing

__all__ = ["EVERYBODY", "TEMPLATE", "everything", "open_standing", "report", "style", "summaries"]

Progress = Callable[[str, int, int], None]
"""Called with a cohort's id, how many are done, and how many there are."""
EVERYBODY = ""
"""What stands for the whole programme where a cohort is named."""


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

    Each page stands beside its executed notebook and its document in ``course/reports/`` and appears
    there only when all three are whole. CourseError names the cohorts that failed, after all others
    have been written.
    """
    known = [cohort.id for cohort in course.programme.cohorts]
    chosen = [*([EVERYBODY] if everybody else []), *(known if cohorts is None else cohorts)]
    wanted = [Wanted(cohort=it, edition=edition, module=module) for it in chosen]

    def step(made: Made, done: int, total: int) -> None:
        if progress is not None:
            progress(made.wanted.cohort, done, total)

    made = summaries(course, wanted, engine_name=engine_name, workers=workers, progress=step)
    if failed := [it for it in made if it.page is None]:
        reasons = "; ".join(f"{it.wanted.cohort or 'everybody'}: {it.error}" for it in failed)
        raise CourseError(f"{len(failed)} of {len(made)} summaries failed ({reasons}).")
    return tuple(it.page for it in made if it.page is not None)


def everything(course: Course, module: str = "") -> tuple[Wanted, ...]:
    """Both editions of the programme, of every cohort, and of each module that anybody handed in.

    With ``module`` the programme and the cohorts, each about that module alone.
    """
    cohorts = [EVERYBODY, *(cohort.id for cohort in course.programme.cohorts)]
    begun = [plan.id for plan in course.programme.modules if submitters(course, plan.id)]
    places = [(cohort, module) for cohort in cohorts]
    places += [] if module else [(EVERYBODY, it) for it in begun]
    return tuple(
        Wanted(cohort=cohort, edition=edition, module=about)
        for edition in get_args(Edition)
        for cohort, about in places
    )


def summaries(
    course: Course,
    wanted: Sequence[Wanted],
    *,
    engine_name: EngineName = "fork",
    workers: int = 2,
    progress: Callable[[Made, int, int], None] | None = None,
) -> tuple[Made, ...]:
    """Write these summaries, whatever happens to one of them; in the order in which they are wanted.

    ``progress`` hears of each one, how many are done, and how many there are. CourseError when no
    summary could be written: nobody knows the cohort, or the template is not one.
    """
    wanted = tuple(dict.fromkeys(wanted))
    _require(course, wanted, engine_name)
    template = course.root / TEMPLATE
    engine.require_parameters(_read(template), template)
    paper.layout(course.root)
    path = course.reports / "snapshot.json"
    with speaking(course.programme.language):
        snapshot = take(course)
        save(snapshot, path)
    taken = datetime.fromisoformat(snapshot.taken)
    jobs = [_job(course, path, taken, it, engine_name) for it in wanted]
    _require_distinct([job.name for job in jobs])
    found: dict[Wanted, Made] = {}
    for made in publish(jobs, course.reports, workers):
        found[made.wanted] = made
        if progress is not None:
            progress(made, len(found), len(jobs))
    return tuple(found[it] for it in wanted)


def _require_distinct(names: Sequence[str]) -> None:
    """CourseError when one summary would overwrite another."""
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise CourseError(
            f"Several cohorts would share {', '.join(twice)}. Rename one in course/programme.yaml."
        )


def _job(course: Course, snapshot: Path, taken: datetime, wanted: Wanted, name: EngineName) -> Job:
    return Job(
        wanted=wanted,
        root=str(course.root),
        snapshot=str(snapshot),
        taken=taken,
        name=_name(course, wanted),
        title=_title(course, wanted),
        engine=name,
        language=course.programme.language,
    )


def open_standing(
    root: str, snapshot: str, cohort: str, edition: str, module: str = ""
) -> Standing:
    """What a template's notebook works on: a saved snapshot, or the course at ``root`` read now."""
    _require_edition(edition)
    facts = load(snapshot) if snapshot else take(Course.load(Path(root)))
    return Standing(
        whole=facts,
        cohort=str(cohort),
        edition=edition,  # type: ignore[arg-type]
        module=str(module),
    )


def style(root: str) -> Html:
    """The look of the sections inside a notebook of the course at ``root``."""
    return Html(f"<style>{stylesheet(Course.load(Path(root)).root, dark=False)}</style>")


def _name(course: Course, wanted: Wanted) -> str:
    """What the files of a summary are called, without their ending."""
    with speaking(course.programme.language):
        say = messages("report")
        whose = _slug(wanted.cohort) if wanted.cohort else say("file.everybody")
        return "-".join(filter(None, (whose, wanted.module, say(f"file.{wanted.edition}"))))


def _title(course: Course, wanted: Wanted) -> str:
    """What a page is called, in the language of its readers."""
    titles = {it.id: it.title for it in course.programme.cohorts}
    with speaking(course.programme.language):
        say = messages("report")
        cohort = titles[wanted.cohort] if wanted.cohort else say("page.everybody")
        if not wanted.module:
            return say("page.title", cohort=cohort)
        title = course.programme.module(wanted.module).title
        return say("page.title.module", cohort=cohort, module=title)


def _require(course: Course, wanted: Sequence[Wanted], engine_name: str) -> None:
    """CourseError naming every cohort, module, edition and engine that there is not."""
    programme = course.programme
    _known("cohort", (it.cohort for it in wanted), [it.id for it in programme.cohorts])
    _known("module", (it.module for it in wanted), [it.id for it in programme.modules])
    for it in wanted:
        _require_edition(it.edition)
    if engine_name not in get_args(EngineName):
        engines = ", ".join(get_args(EngineName))
        raise CourseError(f"No engine {engine_name!r}. There are: {engines}.")


def _known(what: str, named: Iterable[str], known: Sequence[str]) -> None:
    if unknown := [it for it in dict.fromkeys(named) if it and it not in known]:
        raise CourseError(
            f"No {what} {', '.join(unknown)} in the programme. It has: {', '.join(known)}."
        )


def _require_edition(edition: str) -> None:
    if edition not in get_args(Edition):
        raise CourseError(f"No edition {edition!r}. There are: {', '.join(get_args(Edition))}.")


def _read(template: Path) -> NotebookNode:
    try:
        notebook: NotebookNode = nbformat.read(template, as_version=4)
    except (OSError, ValueError, nbformat.reader.NotJSONError) as error:
        raise CourseError(
            f"{template} cannot be read ({error}). Copy the folder templates/ of Pamong beside course/, "
            "then try again."
        ) from error
    return notebook


def _slug(cohort: str) -> str:
    return "angkatan-" + re.sub(r"[^a-z0-9]+", "-", cohort.lower()).strip("-")
