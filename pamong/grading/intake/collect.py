"""Collecting what participants have handed in through nbgrader's exchange folder.

The folder is open to everybody, so nothing in it is believed: what is not a plain submission is left
where it is and reported. The others are collected all the same; a newer submission takes the place
of an older one as a whole, and a refused one never hides an older good one.
"""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from pathlib import Path
from tempfile import mkdtemp

from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange import ExchangeError
from nbgrader.exchange.default import ExchangeCollect
from traitlets.config import Config

from pamong.catalogue import messages
from pamong.course import Course
from pamong.errors import CourseError
from pamong.exchange import FUTURE
from pamong.grading.configuration import configure
from pamong.grading.intake import folder
from pamong.grading.intake.completion import complete
from pamong.grading.intake.folder import locked
from pamong.grading.intake.inbound import MOMENT, Arrival, Refused, copy, read_name, shown
from pamong.grading.intake.submission import RECEIPT_LIMIT, SECRET, TIMESTAMP, read

CLOCK_TOLERANCE = 300
"""Seconds between the time a submission claims and the time the server saw."""


@dataclass(frozen=True, slots=True)
class Note:
    """One submission that was refused or deserves a look, by its folder's name."""

    submission: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """What was collected of one module: participants counted once, notes for a person to read."""

    module: str
    new: int
    updated: int
    unchanged: int
    refused: tuple[Note, ...]
    notices: tuple[Note, ...]

    def __str__(self) -> str:
        """Counts in one line, then one line for every note."""
        lines = [
            f"{self.new} new, {self.updated} updated, {self.unchanged} unchanged, "
            f"{len(self.refused)} refused."
        ]
        lines += [f"  !! {note.submission}: {note.reason}" for note in self.refused]
        lines += [f"  -- {note.submission}: {note.reason}" for note in self.notices]
        return "\n".join(lines)


@dataclass(slots=True)
class Tally:
    """What has been collected so far."""

    new: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: list[Note] = field(default_factory=list)
    notices: list[Note] = field(default_factory=list)

    def so_far(self, module: str) -> Collected:
        return Collected(
            module=module,
            new=self.new,
            updated=self.updated,
            unchanged=self.unchanged,
            refused=tuple(self.refused),
            notices=tuple(self.notices),
        )


class Collect(ExchangeCollect):
    """Nbgrader's ``collect`` with the copying made safe; ``tally`` says what came of it."""

    def init_src(self) -> None:
        """Read the names in the inbound folder, newest first for every participant."""
        self.tally = Tally()
        self.arrivals: dict[str, list[Arrival]] = defaultdict(list)
        inbound = Path(self.root) / self._folder.course_id / "inbound"
        if not inbound.is_dir():
            self.fail(f"No inbound folder at {inbound}; release an assignment first.")  # type: ignore[no-untyped-call]
        for path in sorted(inbound.iterdir()):
            if f"+{self._folder.assignment_id}+" in path.name:
                self._arrive(path)
        for arrivals in self.arrivals.values():
            arrivals.sort(key=lambda arrival: (arrival.moment, arrival.path.name), reverse=True)

    def copy_files(self) -> None:
        """Collect the newest good submission of everybody."""
        for participant in sorted(self.arrivals):
            self._collect(participant, self.arrivals[participant])
        for note in self.tally.refused:
            self.log.warning("Refused %s: %s", note.submission, note.reason)
        self.log.info(
            "Collected %s: %d new, %d updated, %d unchanged, %d refused",
            self._folder.assignment_id,
            self.tally.new,
            self.tally.updated,
            self.tally.unchanged,
            len(self.tally.refused),
        )

    @property
    def _folder(self) -> CourseDirectory:
        """The course folder, which nbgrader declares optional but always gives."""
        if self.coursedir is None:
            raise CourseError("Collect needs a course folder.")
        return self.coursedir

    def _arrive(self, path: Path) -> None:
        try:
            arrival = read_name(path)
        except Refused as refusal:
            self.tally.refused.append(Note(shown(path.name), str(refusal)))
            return
        if arrival.moment > datetime.now(UTC) + FUTURE:
            reason = messages("collect")("future", moment=f"{arrival.moment:%Y-%m-%d}")
            self.tally.refused.append(Note(path.name, reason))
            return
        wanted = self._folder.student_id or "*"
        if arrival.module == self._folder.assignment_id and fnmatchcase(
            arrival.participant, wanted
        ):
            self.arrivals[arrival.participant].append(arrival)

    def _collect(self, participant: str, arrivals: list[Arrival]) -> None:
        module = self._folder.assignment_id
        folder = self._folder.format_path(self._folder.submitted_directory, participant, module)
        target = Path(folder)
        there, since = os.path.lexists(target), moment_of(target)
        for arrival in arrivals:
            if there and (not self.update or (since is not None and since >= arrival.moment)):
                break
            try:
                self._take(arrival, target)
            except Refused as refusal:
                self.tally.refused.append(Note(shown(arrival.path.name), str(refusal)))
                continue
            self.tally.updated += there
            self.tally.new += not there
            return
        self.tally.unchanged += there

    def _take(self, arrival: Arrival, target: Path) -> None:
        """Copy it in, with what the server saw of the clock."""
        released = Path(
            self._folder.format_path(self._folder.release_directory, ".", arrival.module)
        )
        seen: list[float] = []

        def fill(fresh: Path) -> None:
            seen.append(copy(arrival, fresh, check_owner=self.check_owner))
            _drop_hostile_secret(fresh / SECRET)

        for entry in lay(target, released, arrival.moment, fill):
            self._notice(arrival, entry)
        if _owner(arrival.path) == arrival.participant:
            self._compare_clock(arrival, seen[0])

    def _compare_clock(self, arrival: Arrival, seen: float) -> None:
        gap = abs(seen - arrival.moment.timestamp())
        if gap > CLOCK_TOLERANCE:
            self._notice(arrival, "clock", minutes=round(gap / 60))

    def _notice(self, arrival: Arrival, entry: str, /, **values: object) -> None:
        self.tally.notices.append(
            Note(shown(arrival.path.name), messages("collect")(entry, **values))
        )


def lay(
    target: Path, released: Path, moment: datetime, fill: Callable[[Path], None]
) -> tuple[str, ...]:
    """Fill a folder beside ``target``, complete it, then exchange the two; notices, by catalogue key.

    Raises what ``fill`` raises, and then ``target`` is as it was.
    """
    place = _place(target)
    try:
        fresh = place / "new"
        fill(fresh)
        text = moment.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")
        (fresh / TIMESTAMP).write_text(f"{text} UTC", encoding="utf-8")
        added = complete(fresh, released).values()
        with locked(target.parent.parent, shared=False):
            with contextlib.suppress(FileNotFoundError):
                target.rename(place / "old")
            fresh.rename(target)
    finally:
        with contextlib.suppress(RecursionError):  # the old one may be a thousand folders deep
            shutil.rmtree(place, ignore_errors=True)
    return tuple("notebook.unreadable" if was_there else "notebook.missing" for was_there in added)


def moment_of(target: Path) -> datetime | None:
    """When what is there was handed in; None when that cannot be read."""
    try:
        with folder.opened_below(target, 2) as handle:
            content = folder.read(TIMESTAMP, RECEIPT_LIMIT, handle)
        text = content.decode().strip() if isinstance(content, bytes) else ""
        return datetime.strptime(text, MOMENT).replace(tzinfo=UTC)
    except (ValueError, OSError):
        return None


def _place(target: Path) -> Path:
    """A new folder beside the target, in which nobody else works; Refused where that is elsewhere."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.parent.is_symlink():
            raise Refused("elsewhere")
        return Path(mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    except FileExistsError as error:
        raise Refused("elsewhere") from error


def _drop_hostile_secret(path: Path) -> None:
    """Leave no secret that nbgrader could not read, since handing back would stop at it."""
    content = read(path, RECEIPT_LIMIT)
    if content is not None and content.isascii():
        return
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _owner(path: Path) -> str:
    """The account that a folder belongs to; empty when it has no name or the folder is gone."""
    try:
        return path.owner()
    except (KeyError, OSError):
        return ""


def collect(course: Course, module: str) -> Collected:
    """Collect one module; CourseError without an exchange folder."""
    settings = Config()
    configure(settings, course.root)
    log = logging.Logger("pamong.grading.intake.collect", logging.CRITICAL)
    folder = CourseDirectory(config=settings, log=log)
    folder.assignment_id = course.require_module(module)
    log.addHandler(logging.NullHandler())  # what it dislikes is in the error
    _require_exchange(course, module)
    exchange = Collect(coursedir=folder, config=settings, log=log)  # type: ignore[no-untyped-call]
    try:
        exchange.start()  # type: ignore[no-untyped-call]
    except ExchangeError as error:
        raise CourseError(
            f"{module} cannot be collected ({error}). "
            f"Run `pamong release {module}` and `nbgrader release_assignment {module}` first."
        ) from error
    tally: Tally = exchange.tally
    return tally.so_far(module)


def _require_exchange(course: Course, module: str) -> None:
    """CourseError unless the exchange is a folder that this account may use."""
    place = course.exchange
    if not place.exists():
        raise CourseError(
            f"{place} is not there, so nobody has handed in. Put it back, or run `pamong release {module}` "
            f"and `nbgrader release_assignment {module}`, which makes it."
        )
    if place.exists() and not place.is_dir():
        raise CourseError(
            f"{place} is not a folder. Move it away: submissions are exchanged there."
        )
    if place.is_dir() and not os.access(place, os.R_OK | os.W_OK | os.X_OK):
        raise CourseError(
            f"This account may not read and write {place}, where submissions are exchanged. "
            "Give it the rights, then collect again."
        )
