"""Feedback for its owner: points, what each part of a score rests on, and what the marker wrote.

A page shows the owner's own answers, whatever their visibility, and never the course's code or keys.
It is one file that asks for nothing from anywhere, and tells of one notebook or of the whole module.
"""

from __future__ import annotations

import base64
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files
from multiprocessing import get_context
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from pamong import locale, log, notebook, palette
from pamong.catalogue import messages, speaking, spoken
from pamong.course import Course, Exercise, Shelf
from pamong.errors import AuthoringError, CourseError, PamongError
from pamong.event import Event
from pamong.grading import essay
from pamong.grading.confined import code
from pamong.grading.intake.submission import SECRET, TIMESTAMP, load, moment, pages
from pamong.grading.mark import Mark, exercise_of, marks, shown_exercises
from pamong.grading.records.gradebook import Gradebook, Row
from pamong.grading.restore import Logs
from pamong.kind import replay
from pamong.notebook import Cell, essay_of, grade_id, is_answer, is_code_answer, is_graded
from pamong.outcome import Errored, Missing, Scored
from pamong.roster import read_roster
from pamong.score import Cap, Part

Progress = Callable[[int, int], None]
"""Called with how many pages are done, of how many."""
FILE = "module.html"
NOTHING = Markup("")
_FONTS = ("Regular", "Bold")


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One exercise or essay of a page; ``score`` is None where there are no points (yet)."""

    title: str
    status: str
    score: float | None = None
    maximum: float | None = None
    parts: tuple[Part, ...] = ()
    caps: tuple[Cap, ...] = ()
    question: str = ""
    text: tuple[str, ...] = ()
    picture: Markup = NOTHING
    comment: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The feedback of one participant on one module; ``part`` names a notebook where it is that alone."""

    programme: str
    module: str
    participant: str
    submitted: str
    score: float
    maximum: float
    waiting: int
    sections: tuple[Section, ...]
    late: float = 0.0
    """Points that ``score`` has lost for a late submission."""
    part: str = ""


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything that the pages of one module share, read once."""

    course: Course
    module: str
    names: Mapping[str, str]
    rows: Mapping[str, Mapping[str, Row]]
    late: Mapping[str, Mapping[str, float]]
    """Points lost for a late submission, by participant and notebook."""
    shelf: Shelf
    notebooks: tuple[str, ...]

    @classmethod
    def open(cls, course: Course, module: str, participants: tuple[str, ...] | None = None) -> Desk:
        """Read the gradebook, for ``participants`` or everybody; CourseError when there is none."""
        gradebook = Gradebook.open(course)
        try:
            rows: dict[str, dict[str, Row]] = {}
            for row in gradebook.rows(course.require_module(module), participants):
                rows.setdefault(row.participant, {})[row.cell] = row
            late = gradebook.penalties(module)
        finally:
            gradebook.close()
        shelf, notebooks = course.shelf(module), pages(course, module)
        return cls(course, module, _names(course), rows, late, shelf, notebooks)

    def page(self, participant: str, graded: Mapping[str, bytes]) -> Page:
        """The page of one participant from graded notebooks, one or all; raises PamongError."""
        folder = self.course.autograded(participant, self.module)
        submission = load(self.course, participant, self.module, folder=folder)
        sheets = [notebook.parse(graded[name], f"{folder / name}") for name in sorted(graded)]
        rows, whole = self.rows.get(participant, {}), set(graded) >= set(self.notebooks)
        if not whole:
            here = {grade_id(cell) for sheet in sheets for cell in notebook.graded(sheet)}
            rows = {cell: row for cell, row in rows.items() if cell in here}
        late = sum(self.late.get(participant, {}).get(name, 0.0) for name in graded)
        programme = self.course.programme
        return Page(
            programme=programme.title,
            module=programme.module(self.module).title,
            participant=self.names.get(participant, participant),
            submitted=_told(moment(submission.timestamp), programme.time_zone),
            score=round(max(0.0, sum(_score(row) or 0.0 for row in rows.values()) - late), 2),
            maximum=sum(row.maximum for row in rows.values()),
            waiting=sum(row.needs_person for row in rows.values()),
            sections=tuple(
                section
                for sheet in sheets
                for section in self._sections(sheet, rows, submission.logs)
            ),
            late=late,
            part="" if whole else ", ".join(Path(name).stem for name in sorted(graded)),
        )

    def _sections(
        self, sheet: notebook.Notebook, rows: Mapping[str, Row], logs: Logs
    ) -> Iterator[Section]:
        cells, found = sheet["cells"], {mark.cell: mark for mark in marks(sheet, logs)}
        programs = {grade_id(cell): cell for cell in cells if is_code_answer(cell)}
        for cell in cells:
            name = grade_id(cell)
            program = programs.get(code.checked(cell) or name)
            if is_graded(cell) and name in rows and program:
                yield _code(program, found[name], rows[name])
            elif is_graded(cell) and name in rows:
                written = is_answer(cell)
                yield (self._essay if written else self._played)(
                    cell, found[name], rows[name], logs
                )
            elif not is_graded(cell):
                for exercise in shown_exercises(cell):
                    yield from self._unscored(exercise, logs)

    def _played(self, cell: Cell, mark: Mark, row: Row, logs: Logs) -> Section:
        exercise = exercise_of(cell, logs)
        scored = mark.outcome if isinstance(mark.outcome, Scored) else None
        return Section(
            title=self._exercise(exercise, logs).brief.title,
            status=_status(mark, row),
            score=_score(row),
            maximum=row.maximum or None,
            parts=scored.score.parts if scored else (),
            caps=scored.score.caps if scored else (),
            picture=self._picture(exercise, logs),
            comment=row.comment,
        )

    def _essay(self, cell: Cell, mark: Mark, row: Row, logs: Logs) -> Section:
        exercise, prompt = essay_of(cell)
        brief = self._exercise(exercise, logs).brief
        questions = {item.id: item.text for item in getattr(brief, "prompts", ())}
        number = [*questions, prompt].index(prompt) + 1
        written = essay.read(logs.get(exercise, b""), exercise, prompt).text
        text = written or (
            essay.plain(cell["source"]) if not isinstance(mark.outcome, Missing) else ""
        )
        return Section(
            title=messages("feedback")("essay", title=brief.title, number=number),
            status=_status(mark, row),
            score=_score(row),
            maximum=row.maximum or None,
            question=questions.get(prompt, ""),
            text=tuple(line for line in text.split("\n") if line.strip()),
            comment=row.comment,
        )

    def _unscored(self, exercise: str, logs: Logs) -> Iterator[Section]:
        """An exercise without points: shown to its owner, practice left out."""
        if exercise in logs and self.shelf.versions(exercise):
            brief = self._exercise(exercise, logs).brief
            if brief.use != "practice":
                picture = self._picture(exercise, logs)
                yield Section(title=brief.title, status="unscored", picture=picture)

    def _exercise(self, exercise: str, logs: Logs) -> Exercise:
        """The exercise as it was played, or as it is now."""
        events = self._events(exercise, logs)
        versions = self.shelf.versions(exercise)
        if not versions:
            raise CourseError(f"{exercise} was never released. Run `pamong release {self.module}`.")
        played = events[0].version if events else versions[-1]
        return self.shelf.get(exercise, played if played in versions else versions[-1])

    def _picture(self, exercise: str, logs: Logs) -> Markup:
        events = self._events(exercise, logs)
        if not events:
            return NOTHING
        played = self._exercise(exercise, logs)
        try:
            state = replay(played.kind, played.brief, events)
        except PamongError:
            return NOTHING
        return Markup(played.kind.render(played.brief, state))  # noqa: S704  # kinds escape what they show

    def _events(self, exercise: str, logs: Logs) -> tuple[Event, ...]:
        found = log.parse(logs.get(exercise, b""), exercise)
        return () if found.damage else found.events


def render(desk: Desk, page: Page) -> str:
    """The page as one HTML file."""
    template = _environment(str(desk.course.root / "templates" / "feedback"))
    html: str = template.get_template("page.html").render(page=page, fonts=_fonts())
    return html


def feedback(
    course: Course,
    module: str,
    *,
    workers: int | None = None,
    progress: Progress = lambda _done, _of: None,
) -> int:
    """Write everybody's page and return how many; CourseError at the end names those that failed."""
    desk = Desk.open(course, module)
    people = sorted(desk.rows)
    context, count = get_context("fork"), workers or len(os.sched_getaffinity(0))
    problems = []
    with ProcessPoolExecutor(
        count, mp_context=context, initializer=_begin, initargs=(desk,)
    ) as pool:
        for done, problem in enumerate(pool.map(_write, people, chunksize=4), 1):
            problems += [f"{people[done - 1]}: {problem}"] if problem else []
            progress(done, len(people))
    if problems:
        listed = "\n".join(problems)
        raise CourseError(f"{len(problems)} of {len(people)} pages failed:\n{listed}")
    return len(people)


def write(desk: Desk, participant: str) -> None:
    """Write one page and what ``nbgrader release_feedback`` needs beside it; raises PamongError."""
    graded = desk.course.autograded(participant, desk.module)
    for name in desk.notebooks:
        if not (graded / name).is_file():
            raise CourseError(
                f"{graded / name} is missing. Run `pamong grade {desk.module}` again."
            )
    contents = {name: (graded / name).read_bytes() for name in desk.notebooks}
    with speaking(desk.course.programme.language):
        text = render(desk, desk.page(participant, contents))
    folder = desk.course.feedback(participant, desk.module)
    folder.mkdir(parents=True, exist_ok=True)
    fresh = folder / f".{FILE}.new"
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(folder / FILE)
    for name in (TIMESTAMP, SECRET):
        if (graded / name).is_file():
            shutil.copyfile(graded / name, folder / name)


_here: list[Desk] = []
"""The desk that this process writes at."""


def _begin(desk: Desk) -> None:
    _here[:] = [desk]


def _write(participant: str) -> str:
    try:
        write(_here[0], participant)
    except Exception as error:  # noqa: BLE001  # one page never stops the others
        return f"{type(error).__name__}: {error}"
    return ""


def _code(program: Cell, mark: Mark, row: Row) -> Section:
    """The code that a participant wrote, with what it printed."""
    scored = mark.outcome if isinstance(mark.outcome, Scored) else None
    texts = [program["source"], *("".join(each["text"]) for each in program["outputs"])]
    shown = Markup("").join(Markup("<pre>{}</pre>").format(text) for text in texts if text.strip())
    return Section(
        title=messages("code")("title", name=grade_id(program)),
        status=_status(mark, row),
        score=_score(row),
        maximum=row.maximum or None,
        parts=scored.score.parts if scored else (),
        picture=NOTHING if isinstance(mark.outcome, Missing) else shown,
        comment=row.comment,
    )


def _status(mark: Mark, row: Row) -> str:
    """The word under a title: a key of the catalogue."""
    if row.needs_person:
        return "waiting"
    if row.manual is not None:
        return "marked"
    if isinstance(mark.outcome, Missing):
        return "blank"
    if not row.maximum:
        return "uncounted"
    return "waiting" if isinstance(mark.outcome, Errored) else "scored"


def _score(row: Row) -> float | None:
    """The points to show: none while a person has yet to say, none where there are none to earn."""
    return None if row.needs_person or not row.maximum else row.score


def _names(course: Course) -> dict[str, str]:
    try:
        roster = read_roster(course.roster, course.programme)
    except AuthoringError:
        return {}
    return {person.id: person.name for person in roster.participants}


def _told(at: datetime | None, time_zone: str) -> str:
    try:
        return locale.moment(at, time_zone) if at else ""
    except OverflowError:  # the zone leads beyond the year 9999
        return ""


@cache
def _environment(folder: str) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["say"] = messages("feedback")
    environment.globals["language"] = spoken
    environment.globals["tokens"] = palette.stylesheet
    environment.filters["number"] = locale.decimal
    return environment


@cache
def _fonts() -> Mapping[str, str]:
    """The faces as data addresses, by weight."""
    folder = files("pamong") / "fonts"
    weights = {"Regular": "400", "Bold": "700"}
    return {
        weights[name]: base64.b64encode(
            (folder / f"PlusJakartaSans-{name}.woff2").read_bytes()
        ).decode()
        for name in _FONTS
    }
