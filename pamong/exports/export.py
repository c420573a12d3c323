"""One export: the course read once and told to those it is for, in every format that was asked for."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd

from pamong.catalogue import messages, speaking
from pamong.course import Course
from pamong.errors import CourseError
from pamong.exports import dictionary, events, pseudonym
from pamong.exports.dictionary import ABOUT, DICTIONARY
from pamong.exports.folder import whole
from pamong.exports.formats import FORMATS, Format, writer
from pamong.exports.pseudonym import Shown
from pamong.reports.snapshot import take
from pamong.reports.tidy import EVENTS, SCHEMA, TABLES, Table, frames

Progress = Callable[[int, int], None]
"""Called with how many tables are written, and how many there are."""
_OPEN = ("source", "release", "exchange", "submitted", "feedback")
"""Folders of the course that participants read, or that other commands fill."""


Note = tuple[str, dict[str, object]]
"""A key of the catalogue ``export`` and what fills its blanks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """What was written: rows by table, and what the reader of it must know."""

    folder: Path
    rows: dict[str, int]
    notes: tuple[Note, ...]


def export(
    course: Course,
    folder: Path,
    formats: Sequence[str] = ("csv",),
    *,
    cohorts: Collection[str] = (),
    named: bool = False,
    texts: bool = False,
    progress: Progress | None = None,
) -> Exported:
    """Write ``folder``, with one folder in it for each format; every table is in each of them.

    Without ``cohorts`` everybody; without ``named`` nobody by name or id; with ``texts`` also what
    participants wrote where a marker may read it. CourseError when something is asked for that
    there is not, when so few people are asked for that they give themselves away, or when the folder
    cannot be written: it is then as it was.
    """
    wanted = _formats(formats)
    chosen = _cohorts(course, cohorts)
    _require_private(course, folder)
    with (
        whole(folder.resolve()) as scratch,
        speaking(course.programme.language),
        ExitStack() as stack,
    ):
        writers = [
            stack.enter_context(closing(writer(format, _made(scratch / format))))
            for format in wanted
        ]
        source = _Source(course, chosen, named=named, texts=texts)
        rows: dict[str, int] = {}
        tables = (ABOUT, DICTIONARY, *TABLES)
        for done, table in enumerate(tables, 1):
            rows[table.name] = 0
            for one in writers:
                one.begin(table)
            for frame in source.frames(table):
                rows[table.name] += len(frame)
                for one in writers:
                    one.add(frame)
            for one in writers:
                one.end()
            if progress is not None:
                progress(done, len(tables))
        for one in writers:
            one.finish()
    return Exported(folder=folder, rows=rows, notes=(*source.notes, *source.remarks))


def _formats(formats: Sequence[str]) -> list[Format]:
    if unknown := [format for format in formats if format not in FORMATS]:
        raise CourseError(f"No format {', '.join(unknown)}. There are: {', '.join(FORMATS)}.")
    return [format for format in FORMATS if format in formats]


def _cohorts(course: Course, cohorts: Collection[str]) -> tuple[str, ...]:
    known = tuple(cohort.id for cohort in course.programme.cohorts)
    if unknown := [cohort for cohort in cohorts if cohort not in known]:
        raise CourseError(
            f"No cohort {', '.join(unknown)} in the programme. It has: {', '.join(known)}."
        )
    return tuple(cohort for cohort in known if not cohorts or cohort in cohorts)


def _require_private(course: Course, folder: Path) -> None:
    """An export is for a committee; where participants read, or other commands write, it may not lie."""
    for name in _OPEN:
        if folder.resolve().is_relative_to((course.folder / name).resolve()):
            raise CourseError(
                f"{folder} lies in course/{name}, which is not for data about people. "
                "Name another folder with --to."
            )


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


class _Source:
    """The tables of one edition of a course, each made when it is asked for."""

    def __init__(
        self, course: Course, cohorts: Collection[str], *, named: bool, texts: bool
    ) -> None:
        self._course, self._cohorts, self._named, self._texts = course, cohorts, named, texts
        self._whole = take(course)
        self._timeless = 0
        self._office = frozenset[str]() if named else pseudonym.by_office(course)
        self._shown = self._everybody()
        self._told = pseudonym.retold(self._whole, self._shown, self._office)
        self._tables = frames(self._told, self._whole if named else None)

    def frames(self, table: Table) -> Iterator[pd.DataFrame]:
        """The rows of one table, in pieces."""
        if table is ABOUT:
            yield ABOUT.frame(self._about())
        elif table is DICTIONARY:
            yield DICTIONARY.frame(dictionary.rows())
        elif table is EVENTS:
            plays = pseudonym.open_plays(self._whole, self._shown, self._office)
            for frame in events.frames(self._course, plays, texts=self._texts):
                self._timeless += int(frame["at"].isna().sum())
                yield frame
        else:
            yield self._tables[table.name]

    def _everybody(self) -> Shown:
        people = self._whole.people
        if self._named:
            return {person.id: person for person in people if person.cohort in self._cohorts}
        return pseudonym.disguised(people, self._cohorts, _secret(self._course))

    def _about(self) -> Iterator[tuple[str, str]]:
        whole = self._whole
        yield "schema", str(SCHEMA)
        yield "programme", whole.programme
        yield "edition", "named" if self._named else "pseudonymised"
        yield "texts", "included" if self._texts else "left out"
        yield "cohorts", ", ".join(self._cohorts)
        yield "people", str(len(self._shown))
        yield "taken", whole.taken
        yield "fingerprint", whole.fingerprint
        yield "code", whole.code
        say = messages("export")
        for key, blanks in self.notes:
            yield "note", say(key, **blanks)

    @property
    def remarks(self) -> tuple[Note, ...]:
        """What is known only once everything is written."""
        return (("note.clock", {"count": self._timeless}),) if self._timeless else ()

    @cached_property
    def notes(self) -> tuple[Note, ...]:
        """What must be known of this export."""
        found: list[Note] = [("note.named" if self._named else "note.pseudonymised", {})]
        if self._texts:
            found.append(("note.texts", {}))
        withheld = {
            level: sum(not getattr(person, level) for person in self._shown.values())
            for level in pseudonym.LEVELS
        }
        found += [(f"note.small.{it}", {"count": count}) for it, count in withheld.items() if count]
        if self._whole.unread:
            found.append(("note.unread", {"count": self._whole.unread}))
        return tuple(found)


def _secret(course: Course) -> bytes:
    try:
        return course.secret()
    except OSError as error:
        raise CourseError(
            f"Pseudonyms need the secret in {course.graders}, which cannot be read or made "
            f"({error.strerror}). Run this where the course is graded."
        ) from error
