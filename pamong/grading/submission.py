"""What one participant handed in for one module: read from disk within bounds, and filed when graded."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from tempfile import mkdtemp

from pamong.course import BRIEF, NOTEBOOK, Course
from pamong.errors import AuthoringError
from pamong.log import LOG_LIMIT
from pamong.notebook import SIZE_LIMIT
from pamong.roster import read_roster

TIMESTAMP = "timestamp.txt"
SECRET = "submission_secret.txt"  # noqa: S105  # a file name
UNREADABLE = NOTEBOOK + ".rusak"
"""Where ``pamong.grading.collect`` keeps a submitted notebook that is not one."""
RECEIPT_LIMIT = 4096
"""Bytes of a time stamp or a secret."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """One submission as bytes: it can travel to another machine as it is.

    ``role`` is the participant's in the roster; empty when they are not in it. ``doubt`` says why
    the notebook that was handed in could not be read; empty when it could.
    """

    participant: str
    module: str
    notebook: bytes | None
    logs: Mapping[str, bytes]
    role: str = ""
    timestamp: str = ""
    secret: str = ""
    doubt: str = ""


def submitters(course: Course, module: str) -> tuple[str, ...]:
    """Who has handed in a module, sorted."""
    found = (course.folder / "submitted").glob(f"*/{module}")
    return tuple(sorted(path.parent.name for path in found if path.is_dir()))


def load(
    course: Course, participant: str, module: str, *, folder: Path | None = None
) -> Submission:
    """Read a submission, from where it was collected or from ``folder``.

    What is missing, or not a plain file, is left out; what is too large is cut one byte too late, so
    that whoever parses it says so.
    """
    folder = folder or course.submitted(participant, module)
    logs = {name: read(folder / f"{name}.jsonl", LOG_LIMIT) for name in _exercises(course, module)}
    return Submission(
        participant=participant,
        module=module,
        notebook=read(folder / NOTEBOOK, SIZE_LIMIT),
        logs={name: content for name, content in logs.items() if content},
        role=role(course, participant),
        timestamp=_text(folder / TIMESTAMP),
        secret=_text(folder / SECRET),
        doubt=doubt(folder),
    )


def role(course: Course, participant: str) -> str:
    """The office that the roster gives a participant; empty when it does not know them."""
    try:
        return _roles(course, course.roster.stat().st_mtime_ns).get(participant, "")
    except OSError:
        return ""


@lru_cache(maxsize=4)
def _roles(course: Course, _changed: int) -> Mapping[str, str]:
    try:
        people = read_roster(course.roster, course.programme).participants
    except AuthoringError:
        return {}
    return {person.id: person.role for person in people}


def doubt(folder: Path) -> str:
    """Why the notebook that was handed in could not be read; empty when it could."""
    return (
        f"The submitted notebook could not be read; it is kept as {UNREADABLE}."
        * (folder / UNREADABLE).is_file()
    )


def strays(course: Course, participant: str, module: str) -> tuple[Path, ...]:
    """Files that ``nbgrader autograde`` has copied from a submission and that graders have no use for."""
    logs = {f"{name}.jsonl" for name in _exercises(course, module)}
    own = {str(path.relative_to(course.source(module))) for path in _all(course.source(module))}
    allowed = own | logs | {NOTEBOOK, UNREADABLE, TIMESTAMP, SECRET}
    folder = course.autograded(participant, module)
    return tuple(path for path in _all(folder) if str(path.relative_to(folder)) not in allowed)


def _all(folder: Path) -> tuple[Path, ...]:
    """Everything in a folder that is not a folder itself, links included."""
    found = sorted(folder.rglob("*"))
    return tuple(path for path in found if path.is_symlink() or not path.is_dir())


def _exercises(course: Course, module: str) -> tuple[str, ...]:
    found = course.source(module).glob(f"*{BRIEF}")
    return tuple(sorted(path.name.removesuffix(BRIEF) for path in found))


def read(path: Path, limit: int) -> bytes | None:
    """A file, one byte beyond ``limit`` at most; None when it is missing or not a plain file."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return None
    with os.fdopen(handle, "rb") as file:
        try:
            return file.read(limit + 1)
        except OSError:
            return None


def file(course: Course, submission: Submission, notebook: str) -> None:
    """Lay a graded notebook where formgrader and feedback look for it; replaces an earlier one whole."""
    target = course.autograded(submission.participant, submission.module)
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    fresh.chmod(0o755)
    source = course.source(submission.module)
    for path in _lesson_files(source):
        place = fresh / path.relative_to(source)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, place)
    for name, content in submission.logs.items():
        (fresh / f"{name}.jsonl").write_bytes(content)
    for name, text in ((TIMESTAMP, submission.timestamp), (SECRET, submission.secret)):
        if text:
            (fresh / name).write_text(text, encoding="utf-8")
    (fresh / NOTEBOOK).write_text(notebook, encoding="utf-8")
    if submission.doubt:
        (fresh / UNREADABLE).write_bytes(b"")
    _exchange(fresh, target)


def _exchange(fresh: Path, target: Path) -> None:
    """Put ``fresh`` in the place of ``target``, also when another process does the same meanwhile."""
    old = fresh.with_name(f"{fresh.name}.old")
    for _ in range(10):
        with contextlib.suppress(FileNotFoundError):
            target.rename(old)
        try:
            fresh.rename(target)
        except OSError:  # somebody else was faster: theirs is replaced in turn
            shutil.rmtree(old, ignore_errors=True)
            continue
        break
    shutil.rmtree(old, ignore_errors=True)


def _lesson_files(source: Path) -> tuple[Path, ...]:
    """Figures and other files that the lesson shows; no notebook, no brief, nothing hidden."""
    return tuple(
        path
        for path in _all(source)
        if path.suffix not in {".ipynb", ".yaml"}
        and not any(part.startswith(".") for part in path.relative_to(source).parts)
    )


def _text(path: Path) -> str:
    content = read(path, RECEIPT_LIMIT) or b""
    return content.decode(errors="replace").strip()
