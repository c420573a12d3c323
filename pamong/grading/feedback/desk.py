"""From a graded submission to what its page says; nothing here is HTML of our own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from markupsafe import Markup

from pamong import locale, log, notebook
from pamong.catalogue import messages
from pamong.course import Course, Exercise, Shelf
from pamong.errors import AuthoringError, CourseError, PamongError
from pamong.event import Event
from pamong.grading import essay
from pamong.grading.confined import code
from pamong.grading.feedback.counsel import counsel
from pamong.grading.feedback.page import Page, Section, Story, shares
from pamong.grading.feedback.story import story
from pamong.grading.intake.submission import load, moment, pages
from pamong.grading.mark import Mark, exercise_of, marks, shown_exercises
from pamong.grading.records.gradebook import Gradebook, Row
from pamong.grading.restore import Logs
from pamong.kind import replay
from pamong.notebook import Cell, essay_of, grade_id, is_answer, is_code_answer, is_graded
from pamong.outcome import Errored, Missing, Scored
from pamong.roster import read_roster


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
    practice: Mapping[str, str]
    """The title of a practice exercise of this module, by kind."""

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
        practice = {
            it.kind.name: it.brief.title
            for it in shelf.latest().values()
            if it.brief.use == "practice"
            and it.kind.name != "canvas"  # one's own work has no review
        }
        return cls(course, module, _names(course), rows, late, shelf, notebooks, practice)

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
        sections = tuple(
            section for sheet in sheets for section in self._sections(sheet, rows, submission.logs)
        )
        programme = self.course.programme
        return Page(
            programme=programme.title,
            module=programme.module(self.module).title,
            participant=self.names.get(participant, participant),
            submitted=_told(moment(submission.timestamp), programme.time_zone),
            moment=moment(submission.timestamp),
            score=round(max(0.0, sum(_score(row) or 0.0 for row in rows.values()) - late), 2),
            maximum=sum(row.maximum for row in rows.values()),
            waiting=sum(row.needs_person for row in rows.values()),
            sections=sections,
            counsel=counsel(sections, self.practice),
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
        it = self._exercise(exercise, logs)
        return Section(
            kind=it.kind.name,
            title=it.brief.title,
            status=_status(mark, row),
            score=_score(row),
            maximum=row.maximum or None,
            shares=shares(scored.score.parts, row.maximum) if scored else (),
            caps=scored.score.caps if scored else (),
            story=self._story(exercise, logs),
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
            kind="essay",
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
            it = self._exercise(exercise, logs)
            if it.brief.use != "practice":
                yield Section(
                    kind=it.kind.name,
                    title=it.brief.title,
                    status="unscored",
                    story=self._story(exercise, logs),
                )

    def _exercise(self, exercise: str, logs: Logs) -> Exercise:
        """The exercise as it was played, or as it is now."""
        events = self._events(exercise, logs)
        versions = self.shelf.versions(exercise)
        if not versions:
            raise CourseError(f"{exercise} was never released. Run `pamong release {self.module}`.")
        played = events[0].version if events else versions[-1]
        return self.shelf.get(exercise, played if played in versions else versions[-1])

    def _story(self, exercise: str, logs: Logs) -> Story:
        events = self._events(exercise, logs)
        if not events:
            return Story()
        played = self._exercise(exercise, logs)
        try:
            return story(played, replay(played.kind, played.brief, events))
        except PamongError:
            return Story()

    def _events(self, exercise: str, logs: Logs) -> tuple[Event, ...]:
        found = log.parse(logs.get(exercise, b""), exercise)
        return () if found.damage else found.events


def _code(program: Cell, mark: Mark, row: Row) -> Section:
    """The code that a participant wrote, with what it printed."""
    scored = mark.outcome if isinstance(mark.outcome, Scored) else None
    texts = [program["source"], *("".join(each["text"]) for each in program["outputs"])]
    shown = Markup("").join(Markup("<pre>{}</pre>").format(text) for text in texts if text.strip())
    return Section(
        kind="code",
        title=messages("code")("title", name=grade_id(program)),
        status=_status(mark, row),
        score=_score(row),
        maximum=row.maximum or None,
        shares=shares(scored.score.parts, row.maximum) if scored else (),
        story=Story() if isinstance(mark.outcome, Missing) else Story(record=shown),
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
