"""One grading run over modules: everybody's submission graded, filed and recorded as it gets ready.

What was graded before from the same submission, source, keys and code is left as it is. A run that is
interrupted leaves gradebook, ledger and graded notebooks in agreement; the next one goes on from there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from pamong.course import Course
from pamong.errors import CourseError
from pamong.grading.crew.interruption import Interruption
from pamong.grading.crew.workers import Crew, local
from pamong.grading.filing import figures, file, settle
from pamong.grading.intake.submission import (
    Submission,
    known_of,
    load,
    remarks,
    submitters,
)
from pamong.grading.pipeline import GradedSubmission
from pamong.grading.records.gradebook import Gradebook
from pamong.grading.records.lateness import load_penalty
from pamong.grading.records.ledger import Change
from pamong.grading.records.origin import Origin, origin
from pamong.grading.records.reader import Reader
from pamong.grading.source import ModuleSource, load_source
from pamong.outcome import Errored, Missing, Scored
from pamong.roster import read_roster

BATCH = 50
"""Submissions in one transaction."""
BY = "pamong grade"
Progress = Callable[[int, int, int], None]
"""Called with how many submissions are done, of how many, and how many cells are errored so far."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """One graded cell that could not be judged, and why; ``settled`` when a person has marked it."""

    participant: str
    module: str
    cell: str
    cause: str
    settled: bool = False

    def __str__(self) -> str:
        return f"{self.participant}, {self.module}, {self.cell}: {self.cause}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What became of one module, of everybody who was asked for.

    ``scored``, ``missing`` and ``errored`` count graded cells of the submissions graded now, ``to_mark``
    those of all submissions that the gradebook flags for a person.
    """

    module: str
    submissions: int
    unchanged: int
    """Submissions that were graded before and would come to the same again."""
    scored: int
    missing: int
    errored: int
    to_mark: int

    def __str__(self) -> str:
        """The counts in one line."""
        return (
            f"{self.submissions} submissions ({self.unchanged} unchanged): {self.scored} cells scored, "
            f"{self.missing} empty, {self.errored} errored; {self.to_mark} wait for a marker."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What one grading run came to."""

    tallies: tuple[Tally, ...]
    troubles: tuple[Trouble, ...]
    changes: tuple[Change, ...]
    unknown: tuple[str, ...]
    """Participants asked for who have handed in nothing."""
    dry: bool = False
    """Whether nothing was recorded."""
    remarks: tuple[str, ...] = ()
    """What in the folder of submissions a person should know of."""


def grade(
    course: Course,
    modules: Sequence[str],
    *,
    participants: Collection[str] | None = None,
    crew: Crew = local(),  # noqa: B008  # a function that holds nothing
    dry_run: bool = False,
    force: bool = False,
    progress: Progress = lambda _done, _of, _errored: None,
) -> Run:
    """Grade what was collected of ``modules``; a dry run files and records nothing.

    ``force`` grades also what has not changed. Raises CourseError when a module was never released,
    or when nobody asked for has handed in anything.
    """
    if course.roster.exists():
        read_roster(
            course.roster, course.programme
        )  # some cases differ by office: it must be readable
    sources = {module: load_source(course, module) for module in modules}
    there = {module: submitters(course, module) for module in modules}
    wanted = _wanted(there, participants)
    desk = _Desk(course, sources, wanted, progress=progress, dry_run=dry_run, force=force)
    with Interruption() as interruption, closing(desk):
        try:
            with closing(crew(sources, desk.fresh())) as stream:
                for submission, graded in stream:
                    with interruption.whole():
                        desk.take(submission, graded)
        finally:
            with interruption.whole():
                desk.record()
        submitted = {person for people in there.values() for person in people}
        return desk.run(tuple(sorted(set(participants or ()) - submitted)))


def _wanted(
    there: dict[str, tuple[str, ...]], participants: Collection[str] | None
) -> dict[str, list[str]]:
    """Who is graded in which module; CourseError when that is nobody."""
    if not any(there.values()):
        raise CourseError(f"Nobody has handed in {', '.join(there)}. Run `pamong collect` first.")
    if participants is None:
        return {module: list(people) for module, people in there.items()}
    chosen = frozenset(participants)
    wanted = {
        module: [person for person in people if person in chosen]
        for module, people in there.items()
    }
    if not any(wanted.values()):
        named = sorted(participants)
        people = ", ".join(named[:5]) + f" and {len(named) - 5} more" * (len(named) > 5)
        raise CourseError(
            f"Nothing of {', '.join(there)} was handed in by {people or 'anybody of that cohort'}. "
            "Run `pamong collect` first, or look at the ids in course/roster.csv."
        )
    return wanted


class _Desk:
    """Where graded submissions come in, to be filed and recorded many at a time."""

    def __init__(
        self,
        course: Course,
        sources: dict[str, ModuleSource],
        wanted: dict[str, list[str]],
        *,
        progress: Progress,
        dry_run: bool,
        force: bool,
    ) -> None:
        self._course, self._sources, self._wanted = course, sources, wanted
        self._progress, self._force = progress, force
        self._penalty = load_penalty(course)
        self._reader = Reader(course)
        self._reader.require(sources)
        self._gradebook = None if dry_run else Gradebook.open(course)
        self._done, self._total = 0, sum(map(len, wanted.values()))
        self._troubles: list[Trouble] = []
        self._changes: list[Change] = []
        self._counts: Counter[tuple[str, object]] = Counter()
        self._known = {module: known_of(course, module) for module in sources}
        with self._explained():
            self._figures = {module: figures(course, module) for module in sources}
        self._waiting: list[GradedSubmission] = []

    def close(self) -> None:
        """Give the connections back."""
        self._reader.close()
        if self._gradebook is not None:
            self._gradebook.close()

    def fresh(self) -> Iterator[Submission]:
        """The submissions that have to be graded, read one by one as they are asked for."""
        self._progress(0, self._total, 0)
        for module, people in self._wanted.items():
            known = {} if self._force else self._reader.origins(module)
            for person in people:
                submission = load(self._course, person, module, known=self._known[module])
                if self._is_known(submission, known.get(person)):
                    self._counts[module, "unchanged"] += 1
                    self._step()
                else:
                    yield submission

    def _is_known(self, submission: Submission, known: Origin | None) -> bool:
        folder = self._course.autograded(submission.participant, submission.module)
        source = self._sources[submission.module]
        return (
            known is not None
            and known == origin(source, submission)
            and all(_is_whole(folder / name) for name in source.pages)
        )

    def take(self, submission: Submission, graded: GradedSubmission) -> None:
        """File and count one graded submission; it is recorded together with others."""
        if self._gradebook is not None:
            self._file(submission, graded)
        self._count(graded)
        self._waiting.append(graded.without_content())
        self._step()
        if len(self._waiting) >= BATCH:
            self.record()

    def _step(self) -> None:
        self._done += 1
        self._progress(self._done, self._total, len(self._troubles))

    def _count(self, graded: GradedSubmission) -> None:
        self._counts[graded.module, "graded"] += 1
        for mark in graded.marks:
            self._counts[graded.module, type(mark.outcome)] += 1
            if isinstance(mark.outcome, Errored):
                cause = mark.outcome.cause
                self._troubles.append(Trouble(graded.participant, graded.module, mark.cell, cause))

    def record(self) -> None:
        """Write what is waiting in one transaction, once its notebooks would survive a power cut."""
        batch, self._waiting = self._waiting, []
        if self._gradebook is None:
            self._changes += self._reader.changes(batch)
        elif batch:
            with self._explained():
                settle(self._course)
            self._changes += self._gradebook.record(batch, by=BY, penalty=self._penalty)

    def _file(self, submission: Submission, graded: GradedSubmission) -> None:
        """Lay the notebooks where formgrader looks."""
        pages = {page.name: page.content for page in graded.pages}
        with self._explained():
            file(self._course, submission, pages, self._figures[graded.module])

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise CourseError(
                f"{error.filename or self._course.folder} cannot be written ({error.strerror}). What was "
                "graded before is recorded. Make room, or give this account the rights, then run the "
                "same command again."
            ) from error

    def run(self, unknown: tuple[str, ...]) -> Run:
        """What it all came to, once everything is recorded."""
        flagged = {module: self._flagged(module) for module in self._sources}
        troubles = (
            replace(one, settled=(one.participant, one.cell) not in flagged[one.module])
            for one in self._troubles
        )
        return Run(
            tallies=tuple(self._tally(module, len(flagged[module])) for module in self._sources),
            troubles=tuple(sorted(troubles, key=_place)),
            changes=tuple(self._changes),
            unknown=unknown,
            dry=self._gradebook is None,
            remarks=remarks(self._course, {p for people in self._wanted.values() for p in people}),
        )

    def _flagged(self, module: str) -> set[tuple[str, str]]:
        """The cells that wait for a person, or that would after a dry run."""
        people = set(self._wanted[module])
        flagged = {place for place in self._reader.waiting(module) if place[0] in people}
        for change in self._changes if self._gradebook is None else ():
            if change.module == module:
                place = change.participant, change.cell
                (flagged.add if change.new.needs_person else flagged.discard)(place)
        return flagged

    def _tally(self, module: str, to_mark: int) -> Tally:
        counts = self._counts
        unchanged, graded = counts[module, "unchanged"], counts[module, "graded"]
        return Tally(
            module=module,
            submissions=unchanged + graded,
            unchanged=unchanged,
            scored=counts[module, Scored],
            missing=counts[module, Missing],
            errored=counts[module, Errored],
            to_mark=to_mark,
        )


def _is_whole(path: Path) -> bool:
    """Whether there is a file with something in it: a power cut may leave an empty one."""
    return path.is_file() and path.stat().st_size > 0


def _place(trouble: Trouble) -> tuple[str, str, str]:
    return trouble.module, trouble.participant, trouble.cell


def total(tallies: Iterable[Tally]) -> Tally:
    """All modules together, under an empty name."""
    listed = tuple(tallies)
    counts = ("submissions", "unchanged", "scored", "missing", "errored", "to_mark")
    return Tally(module="", **{name: sum(getattr(t, name) for t in listed) for name in counts})
