"""What one participant handed in for one module: read from disk within bounds."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from pamong.course import BRIEF, Course
from pamong.errors import AuthoringError
from pamong.grading.intake import folder as handed
from pamong.log import LOG_LIMIT, UNREAD, Unread
from pamong.notebook import SIZE_LIMIT
from pamong.roster import read_roster

TIMESTAMP = "timestamp.txt"
SECRET = "submission_secret.txt"  # noqa: S105  # a file name
DAMAGED = ".rusak"
"""What ``pamong.grading.intake.collect`` adds to the name of a submitted notebook that is not one."""
RECEIPT_LIMIT = 4096
"""Bytes of a time stamp or a secret."""
SUBMISSION_LIMIT = 12 * 1024**2
"""Bytes of all graded files of one submission: thirty times what an honest one has, and 32 of them
wait at once in the memory of the process that reads them."""
PARTICIPANT = re.compile(r"(?!.*\.\.)[A-Za-z0-9][A-Za-z0-9._@-]{0,127}")
"""Names of folders that can be a participant's, in the exchange and here."""
REMARK_LIMIT = 20
"""Remarks that are spelled out."""
_DOUBTS: Mapping[Unread, str] = {
    **UNREAD,
    Unread.LARGE: f"it has more than {SIZE_LIMIT} bytes",
    Unread.TOGETHER: f"the submission has more than {SUBMISSION_LIMIT} bytes",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """One submission as bytes: it can travel to another machine as it is.

    ``notebooks`` are by file name, ``logs`` by exercise. ``role`` is the participant's in the roster;
    empty when they are not in it. ``doubts`` says why a notebook that was handed in could not be read;
    in the place of such a log stands why (``pamong.log.Unread``).
    """

    participant: str
    module: str
    notebooks: Mapping[str, bytes]
    logs: Mapping[str, bytes]
    role: str = ""
    timestamp: str = ""
    secret: str = ""
    doubts: Mapping[str, str] = field(default_factory=dict)

    @property
    def fingerprint(self) -> str:
        """A name of everything that a grade may depend on."""
        about = f"{self.participant}\0{self.role}\0{self.timestamp}"
        digest = sha256(about.encode(errors="surrogatepass"))
        for part in (self.notebooks, self.logs):
            for name, content in sorted(part.items()):
                digest.update(name.encode() + b"\0" + sha256(content).digest())
        digest.update(repr(sorted(self.doubts.items())).encode())
        return digest.hexdigest()[:16]


def submitters(course: Course, module: str) -> tuple[str, ...]:
    """Who has handed in a module, sorted; ``remarks`` tells of folders that are nobody's."""
    base = course.folder / "submitted"
    found = (entry.name for entry in _entries(base) if not _oddity(entry))
    return tuple(name for name in found if os.path.lexists(base / name / module))


def remarks(course: Course, people: Collection[str]) -> tuple[str, ...]:
    """What a person should know of ``submitted``: what in it is not graded, and who is not enrolled.

    As in nbgrader, somebody who is not in the roster but has handed in is graded all the same.
    """
    found = [
        f"{_shown(entry.name)} in {course.folder / 'submitted'} is not graded: {reason}."
        for entry in _entries(course.folder / "submitted")
        if not entry.name.startswith(".") and (reason := _oddity(entry))
    ]
    known = _enrolled(course)
    if not course.roster.exists():
        found.append(f"There is no {course.roster}: everybody is graded as if of no office.")
    found += [
        f"{person} is not in the roster; what they handed in is graded all the same."
        for person in sorted(people)
        if known and person not in known
    ]
    more = len(found) - REMARK_LIMIT
    return (*found[:REMARK_LIMIT], *([f"And {more} more of this sort."] if more > 0 else []))


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as found:
            return sorted(found, key=lambda entry: entry.name)
    except FileNotFoundError:
        return []


def _oddity(entry: os.DirEntry[str]) -> str:
    """Why an entry of ``submitted`` is nobody's; empty when it is somebody's."""
    if entry.is_symlink():
        return "it is a link"
    if not entry.is_dir(follow_symlinks=False):
        return "it is no folder"
    if not PARTICIPANT.fullmatch(entry.name):
        return "its name cannot be a participant's"
    try:
        with handed.opened(entry.path) as handle:
            os.stat(".", dir_fd=handle, follow_symlinks=False)
    except OSError:
        return "this account may not read it"
    return ""


def _shown(name: str) -> str:
    """A name that may hold anything, short and in visible characters."""
    return ascii(name if len(name) <= 60 else f"{name[:60]}...")


def load(
    course: Course,
    participant: str,
    module: str,
    *,
    folder: Path | None = None,
    known: Known | None = None,
) -> Submission:
    """Read a submission, from where it was collected or from ``folder``; never raises for what it holds.

    What is missing is left out; what is no plain file, unreadable or too large is in doubt. Whoever
    loads many submissions of a module asks once what is ``known`` of it.
    """
    place = folder or course.submitted(participant, module)
    names, exercises = known or known_of(course, module)
    logs = {f"{name}.jsonl": name for name in exercises}
    with handed.locked(course.folder / "submitted", shared=True):
        found = _contents(place, logs, names)
    return Submission(
        participant=participant,
        module=module,
        notebooks={
            name: content for name in names if isinstance(content := found.get(name), bytes)
        },
        logs={
            logs[name]: _log(content) for name in logs if (content := found.get(name)) is not None
        },
        role=role(course, participant),
        timestamp=_text(found.get(TIMESTAMP)),
        secret=_text(found.get(SECRET)),
        doubts={name: reason for name in names if (reason := _doubt(name, found))},
    )


Found = bytes | Unread
"""What a file holds, or why nobody knows."""


def _contents(place: Path, logs: Iterable[str], names: Iterable[str]) -> dict[str, Found]:
    """What is there, by name: logs before notebooks, as long as there is room for them."""
    limits = {TIMESTAMP: RECEIPT_LIMIT, SECRET: RECEIPT_LIMIT}
    limits |= dict.fromkeys(logs, LOG_LIMIT) | dict.fromkeys(names, SIZE_LIMIT)
    found: dict[str, Found] = {}
    left = SUBMISSION_LIMIT
    try:
        with handed.opened_below(place, 2) as within:
            for name, limit in limits.items():
                content = handed.read(name, min(limit, left), within)
                if content is Unread.LARGE and left < limit:
                    content = Unread.TOGETHER
                if content is not None:
                    found[name] = content
                    left -= len(content) if isinstance(content, bytes) else 0
            found |= {kept: b"" for name in names if _is_there(kept := name + DAMAGED, within)}
    except FileNotFoundError:
        return {}
    except OSError as error:
        reason = handed.why(error)
        return dict.fromkeys(limits, Unread.PLACE if reason is Unread.SPECIAL else reason)
    return found


def _is_there(name: str, within: int) -> bool:
    try:
        os.stat(name, dir_fd=within, follow_symlinks=False)
    except OSError:
        return False
    return True


def _log(found: Found) -> bytes:
    return found.value if isinstance(found, Unread) else found


def _doubt(name: str, found: Mapping[str, Found]) -> str:
    """Why a notebook that was handed in could not be read; empty when it could."""
    content = found.get(name)
    if isinstance(content, Unread):
        return f"{name} cannot be read: {_DOUBTS[content]}."
    kept = name + DAMAGED
    return f"The submitted notebook could not be read; it is kept as {kept}." * (kept in found)


def moment(timestamp: str) -> datetime | None:
    """When something was handed in, by nbgrader's time stamp (``2026-01-31 10:00:00.123456 UTC``) or one
    in ISO 8601; in UTC, and None when it is neither.
    """
    try:
        found = datetime.fromisoformat(timestamp.removesuffix(" UTC").strip())
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError):  # its zone may lead beyond the year 9999
        return None


def role(course: Course, participant: str) -> str:
    """The office that the roster gives a participant; empty when it does not know them."""
    return _enrolled(course).get(participant, "")


def _enrolled(course: Course) -> Mapping[str, str]:
    """The office of everybody in the roster; nobody when it cannot be read."""
    try:
        return _roles(course, course.roster.stat().st_mtime_ns)
    except OSError:
        return {}


@lru_cache(maxsize=4)
def _roles(course: Course, _changed: int) -> Mapping[str, str]:
    try:
        people = read_roster(course.roster, course.programme).participants
    except AuthoringError:
        return {}
    return {person.id: person.role for person in people}


class Known(NamedTuple):
    """What a submission of a module may consist of: notebooks by file name, and exercises."""

    notebooks: tuple[str, ...]
    exercises: tuple[str, ...]


def known_of(course: Course, module: str) -> Known:
    """What the source of a module consists of."""
    return Known(pages(course, module), _exercises(course, module))


def strays(course: Course, participant: str, module: str) -> tuple[Path, ...]:
    """Files that ``nbgrader autograde`` has copied from a submission and that graders have no use for."""
    logs = {f"{name}.jsonl" for name in _exercises(course, module)}
    own = {
        str(path.relative_to(course.source(module))) for path in all_files(course.source(module))
    }
    damaged = {name + DAMAGED for name in pages(course, module)}
    allowed = own | logs | damaged | {TIMESTAMP, SECRET}
    folder = course.autograded(participant, module)
    return tuple(path for path in all_files(folder) if str(path.relative_to(folder)) not in allowed)


def all_files(folder: Path) -> tuple[Path, ...]:
    """Everything in a folder that is not a folder itself, links included, however deep."""
    found: list[Path] = []
    waiting = [folder]
    while waiting:
        with contextlib.suppress(OSError), os.scandir(waiting.pop()) as entries:
            for entry in entries:
                inner = entry.is_dir(follow_symlinks=False)
                (waiting if inner else found).append(Path(entry.path))
    return tuple(sorted(found))


def pages(course: Course, module: str) -> tuple[str, ...]:
    """The file names of a module's notebooks."""
    return tuple(sorted(path.name for path in course.source(module).glob("*.ipynb")))


def _exercises(course: Course, module: str) -> tuple[str, ...]:
    found = course.source(module).glob(f"*{BRIEF}")
    return tuple(sorted(path.name.removesuffix(BRIEF) for path in found))


def read(path: Path, limit: int) -> bytes | None:
    """A file of at most ``limit`` bytes; None when it is missing, larger, or not a plain file."""
    content = handed.read(path, limit)
    return content if isinstance(content, bytes) else None


def _text(content: Found | None) -> str:
    """One line of text; empty when it cannot be read."""
    content = content if isinstance(content, bytes) else b""
    return content.decode(errors="replace").strip()
