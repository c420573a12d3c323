"""One grading run over a module: everybody's submission graded, filed and recorded as it gets ready."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass

from pamong.course import Course
from pamong.errors import CourseError
from pamong.grading.gradebook import Gradebook
from pamong.grading.ledger import Change
from pamong.grading.mark import Handed
from pamong.grading.pipeline import GradedSubmission, grade_all, load_source
from pamong.grading.submission import file, load, submitters
from pamong.outcome import Errored, Missing

BATCH = 50
"""Submissions in one transaction."""
SHOWN = 10
"""Troubles told one by one."""
Progress = Callable[[int, int], None]
"""Called with how many submissions are done, of how many."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """One graded cell that a person has to settle, and why."""

    participant: str
    cell: str
    cause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What one grading run came to; the counts are of graded cells."""

    module: str
    submissions: int
    scored: int
    missing: int
    to_mark: int
    """Answers that wait for a marker."""
    troubles: tuple[Trouble, ...]
    changes: tuple[Change, ...]
    unknown: tuple[str, ...]
    """Participants asked for who have handed in nothing."""

    def __str__(self) -> str:
        """Counts in one line, then one line for everything that a person has to settle."""
        lines = [
            f"{self.submissions} submissions: {self.scored} cells scored, {self.missing} empty, "
            f"{self.to_mark} for a marker, {len(self.troubles)} errored; "
            f"{len(self.changes)} changed in the gradebook."
        ]
        lines += [
            f"  !! {one.participant}, {one.cell}: {one.cause}" for one in self.troubles[:SHOWN]
        ]
        if len(self.troubles) > SHOWN:
            lines.append(f"  !! and {len(self.troubles) - SHOWN} more, all in the ledger")
        lines += [f"  !! {person} has handed in nothing" for person in self.unknown]
        return "\n".join(lines)


def grade(
    course: Course,
    module: str,
    *,
    participants: Iterable[str] | None = None,
    workers: int | None = None,
    dry_run: bool = False,
    progress: Progress = lambda _done, _of: None,
) -> Run:
    """Grade a module's collected submissions; a dry run files and records nothing.

    Raises CourseError when the module was never released, or nobody has handed it in.
    """
    source = load_source(course, module)
    there = submitters(course, module)
    wanted = there if participants is None else tuple(participants)
    people = [person for person in there if person in set(wanted)]
    if not there:
        raise CourseError(f"Nobody has handed in {module}. Run `pamong collect` first.")
    if not people:
        raise CourseError(f"{', '.join(wanted)} handed in nothing for {module}.")
    gradebook = Gradebook.open(course)
    tally, batch = _Tally(), list[GradedSubmission]()
    submissions = (load(course, person, module) for person in people)
    try:
        with closing(grade_all(source, submissions, processes=workers)) as stream:
            for submission, graded in stream:
                if not dry_run:
                    file(course, submission, graded.notebook)
                tally.add(graded)
                batch.append(graded)
                if len(batch) == BATCH:
                    tally.changes += gradebook.record(batch, by="pamong grade", dry_run=dry_run)
                    batch.clear()
                progress(tally.submissions, len(people))
        tally.changes += gradebook.record(batch, by="pamong grade", dry_run=dry_run)
    finally:
        gradebook.close()
    return tally.total(module, tuple(sorted(set(wanted) - set(there))))


class _Tally:
    """What has been graded so far."""

    def __init__(self) -> None:
        self.submissions = 0
        self.changes: tuple[Change, ...] = ()
        self._kinds: Counter[type] = Counter()
        self._troubles: list[Trouble] = []

    def add(self, graded: GradedSubmission) -> None:
        self.submissions += 1
        for mark in graded.marks:
            self._kinds[type(mark.outcome)] += 1
            if isinstance(mark.outcome, Errored):
                self._troubles.append(Trouble(graded.participant, mark.cell, mark.outcome.cause))

    def total(self, module: str, unknown: tuple[str, ...]) -> Run:
        cells = self._kinds.total()
        settled = self._kinds[Missing] + self._kinds[Handed] + self._kinds[Errored]
        return Run(
            module=module,
            submissions=self.submissions,
            scored=cells - settled,
            missing=self._kinds[Missing],
            to_mark=self._kinds[Handed],
            troubles=tuple(sorted(self._troubles, key=lambda one: (one.participant, one.cell))),
            changes=self.changes,
            unknown=unknown,
        )
