"""Issuing transcripts: who gets a new one, who keeps theirs, and the files of all of them.

A transcript whose values have changed since it was issued is issued again under the next number, which
supersedes the one before. One that has not changed keeps number, day and code.
"""

from __future__ import annotations

import getpass
import os
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from threading import local
from zoneinfo import ZoneInfo

from pamong import signing
from pamong.catalogue import spoken
from pamong.course import Course
from pamong.errors import CourseError
from pamong.reports import snapshot
from pamong.reports.snapshot import Snapshot
from pamong.roster import Participant
from pamong.signing import Keyring, Signer
from pamong.transcripts import register, seal
from pamong.transcripts.paper import Press
from pamong.transcripts.register import Entry, Register
from pamong.transcripts.transcript import Transcript, transcripts

_NAMED = 60
"""Characters of a name that an error quotes."""
Progress = Callable[[int, int, int], None]
"""Called with how many are done, how many there are, and how many failed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where everything of a course's transcripts lies."""

    key: Path
    public: Path
    register: Path
    folder: Path

    @classmethod
    def of(cls, course: Course) -> Place:
        folder = course.folder / "transcripts"
        return cls(
            key=course.graders / ".transcript-key.pem",
            public=folder / "keys.json",
            register=folder / "register.jsonl",
            folder=folder,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """What came of it. ``key`` is the id of the key, ``made`` whether it is new; ``failed`` are
    messages about transcripts that could not be set; ``unread`` lines of the register.
    """

    first: int
    again: int
    unchanged: int
    failed: tuple[str, ...]
    files: tuple[Path, ...]
    key: str
    made: bool
    unread: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Set:
    """An entry with its page, or with why there is none."""

    entry: Entry
    cohort: str
    pdf: bytes
    error: str = ""


def issue(
    course: Course,
    *,
    cohorts: Collection[str] = (),
    participants: Collection[str] = (),
    workers: int = 2,
    now: datetime | None = None,
    progress: Progress | None = None,
) -> Issued:
    """Make the transcripts of these cohorts and participants, of everybody by default.

    Pages are in the language that is spoken. CourseError when somebody is not in the programme, or
    the key or the register cannot be used; then nothing was issued.
    """
    at = now or datetime.now(UTC)
    facts = snapshot.take(course, now=at, answers=False)
    people = _chosen(facts.people, [it for it, _ in facts.cohorts], cohorts, participants)
    on = at.astimezone(ZoneInfo(course.programme.time_zone)).date().isoformat()
    found = [
        it
        for it in transcripts(facts, course.programme.course_id, course.programme.bands, on)
        if it.participant in people
    ]
    place = Place.of(course)
    with register.opened(place.register) as book:
        _require_marks(facts, book.register)
        signer = Signer.open(place.key)
        made = signing.publish(place.public, signer)
        ring = signing.keyring(place.public)
        entries = [_entry(it, book.register, signer, ring, at) for it in found]
        done = list(_typeset(entries, people, signer, workers, progress))
        known = {id(entry) for entry in book.register.entries}
        new = [it for it in done if id(it.entry) not in known and not it.error]
        book.add(it.entry for it in new)
        files = tuple(_write(_path(course, place, it), it.pdf) for it in done if not it.error)
        unread = book.register.unread
    again = sum(it.entry.transcript.number > 1 for it in new)
    return Issued(
        first=len(new) - again,
        again=again,
        unchanged=len(files) - len(new),
        failed=tuple(it.error for it in done if it.error),
        files=files,
        key=signer.id,
        made=made,
        unread=unread,
    )


def _require_marks(facts: Snapshot, issued: Register) -> None:
    """CourseError when there is no mark any more where marks were issued: nothing takes that back."""
    had = any(one.mark is not None for it in issued.entries for one in it.transcript.results)
    if had and not facts.grades:
        raise CourseError(
            "The gradebook is missing or empty, but transcripts with marks were issued from it. "
            "Restore it, then run the same command again. Nothing was issued."
        )


def _chosen(
    people: Sequence[Participant],
    known: list[str],
    cohorts: Collection[str],
    participants: Collection[str],
) -> dict[str, str]:
    """The cohort of everybody who is asked for, by id."""
    if strange := sorted(set(cohorts) - set(known)):
        raise CourseError(
            f"There is no cohort {', '.join(strange)} in course/programme.yaml. "
            f"There are: {', '.join(known)}."
        )
    all_ = {person.id: person.cohort for person in people}
    if strange := sorted(set(participants) - set(all_)):
        raise CourseError(
            f"There is nobody with the id {', '.join(strange)} in course/roster.csv. "
            "`pamong roster check` reads it."
        )
    if not cohorts and not participants:
        return all_
    return {who: it for who, it in all_.items() if it in cohorts or who in participants}


def _entry(
    transcript: Transcript, known: Register, signer: Signer, ring: Keyring, at: datetime
) -> Entry:
    """The last entry where nothing has changed since and its key still holds, else a new one."""
    last = known.latest(transcript.participant)
    if last is not None:
        old = last.transcript
        if replace(transcript, on=old.on, number=old.number) == old and last.believed(ring):
            return last
        transcript = replace(transcript, number=old.number + 1)
    return Entry(
        at=at.astimezone(UTC).isoformat(timespec="seconds"),
        by=_account(),
        transcript=transcript,
        written=seal.written(seal.statement(transcript), signer),
    )


def _typeset(
    entries: list[Entry],
    people: dict[str, str],
    signer: Signer,
    workers: int,
    progress: Progress | None,
) -> Iterator[_Set]:
    """Every entry with its sealed page, in order; typesetting runs outside of Python's own lock."""
    mine = local()

    def work(entry: Entry) -> _Set:
        cohort = people[entry.transcript.participant]
        if not seal.fits(entry.written):
            return _Set(entry, cohort, b"", _too_long(entry))
        if not hasattr(mine, "press"):
            mine.press = Press()
        keyword = seal.keyword(entry.written, signer)
        try:
            pdf = mine.press.pdf(entry.transcript, entry.written, keyword)
        except CourseError as error:
            return _Set(entry, cohort, b"", str(error))
        return _Set(entry, cohort, seal.sealed(pdf, signer))

    failed = 0
    with ThreadPoolExecutor(max(1, min(workers, len(entries)))) as crew:
        waiting = [crew.submit(copy_context().run, work, entry) for entry in entries]
        for done, each in enumerate(waiting, 1):
            made = each.result()
            failed += bool(made.error)
            if progress is not None:
                progress(done, len(entries), failed)
            yield made


def _too_long(entry: Entry) -> str:
    made, size = entry.transcript, len(entry.written.encode())
    return (
        f"The transcript of {made.participant} ({made.name[:_NAMED]}) was not issued: what its QR code is "
        f"to hold has {size} bytes, and only {seal.LIMIT} can be checked. Shorten the name in "
        "course/roster.csv, or the cohort's title in course/programme.yaml, and issue it again."
    )


def _path(course: Course, place: Place, made: _Set) -> Path:
    """A page in another language than the programme's has that in its name."""
    language = "" if spoken() == course.programme.language else f".{spoken()}"
    return place.folder / made.cohort / f"{made.entry.transcript.participant}{language}.pdf"


def _write(path: Path, content: bytes) -> Path:
    """The file, whole or not at all."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        scratch = path.with_suffix(".part")
        scratch.write_bytes(content)
        scratch.replace(path)
    except OSError as error:
        raise CourseError(
            f"{path} cannot be written ({error.strerror}). What was issued is in the register: run "
            "the same command again once there is room and a right to write there."
        ) from error
    return path


def _account() -> str:
    """Who runs this; a container may give its number no name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())
