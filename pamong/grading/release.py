"""Releasing a module: participants get its notebook without keys or hidden tests; graders get it frozen.

What was released once stays as it is: a brief or key that changes needs a new version, because logs
name the version they were played on and are graded by it.
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from pathlib import Path

from pamong.brief import fingerprint
from pamong.catalogue import messages, speaking
from pamong.course import INDEX, NOTEBOOK, Course, Index, read_index, require_frozen
from pamong.errors import AuthoringError, CourseError
from pamong.grading import trial
from pamong.grading.configuration import configure
from pamong.grading.records.ledger import require_kept
from pamong.grading.records.storage import Storage
from pamong.inspection import errors, gather, inspect_material
from pamong.inspection.edition import Frozen, plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Released:
    """What a release made: the participants' folder, and the exercises frozen for the first time."""

    module: str
    folder: Path
    files: tuple[str, ...]
    frozen: tuple[str, ...]

    def __str__(self) -> str:
        """What a person at the command line wants to know."""
        say = messages("release")
        place = "/".join(self.folder.parts[-3:])
        frozen = ", ".join(self.frozen) or say("made.nothing")
        return say("made", count=len(self.files), folder=place, frozen=frozen)


def release(course: Course, module: str) -> Released:
    """Check, generate and freeze one module; AuthoringError or CourseError leaves everything as it was."""
    new = [frozen for frozen in require_releasable(course, module) if not frozen.target.is_file()]
    require_kept(course.ledger, Storage(course.gradebook_url).file)  # nbgrader would make a new one
    with speaking(course.programme.language):
        _generate(course, module)
    folder = course.release(module)
    return Released(
        module=module,
        folder=folder,
        files=tuple(sorted(path.name for path in folder.iterdir())),
        frozen=tuple(dict.fromkeys(f"{frozen.exercise} v{frozen.version}" for frozen in new)),
    )


def require_releasable(course: Course, module: str) -> tuple[Frozen, ...]:
    """The files that a release freezes; AuthoringError lists every reason not to release."""
    course.require_shelf(course.require_module(module))
    if not (course.source(module) / NOTEBOOK).is_file():
        path = (course.source(module) / NOTEBOOK).relative_to(course.root)
        raise CourseError(messages("release")("notebook.missing", path=path))
    material = gather(course, module)
    if problems := errors(inspect_material(material)):
        raise AuthoringError(problems)
    if failed := tuple(trial.problems(module, course.source(module))):
        raise AuthoringError(failed)
    found, index = plan(material), _index(course, module)
    for frozen in found:
        digest = _versions(index, frozen.exercise).get(f"v{frozen.version}", {}).get(frozen.part)
        if digest and not frozen.target.is_file():
            require_frozen(frozen.target, None, digest)
    return found


def freeze(course: Course, module: str) -> None:
    """Keep today's briefs and keys under their versions, beside the keys, and write the index."""
    shelf = course.keys(module) / "released"
    shelf.mkdir(parents=True, exist_ok=True)
    index = _index(course, module)
    for frozen in require_releasable(course, module):
        if not frozen.target.is_file():
            _write(frozen.target, frozen.path.read_bytes())
        versions = _versions(index, frozen.exercise)
        versions.setdefault(f"v{frozen.version}", {})[frozen.part] = fingerprint(frozen.target)
        index[frozen.exercise] = versions
    for path in course.source(module).glob("*.ipynb"):
        index[path.name] = fingerprint(path)
    _write(shelf / INDEX, (json.dumps(index, indent=1, sort_keys=True) + "\n").encode())


def _index(course: Course, module: str) -> Index:
    """What was released of a module; empty before its first release."""
    path = course.keys(module) / "released" / INDEX
    return read_index(path.read_bytes(), path) if path.is_file() else {}


def _versions(index: Index, exercise: str) -> dict[str, dict[str, str]]:
    found = index.get(exercise)
    return found if isinstance(found, dict) else {}


def _write(path: Path, content: bytes) -> None:
    fresh = path.with_name(f".{path.name}.new")
    fresh.write_bytes(content)
    fresh.replace(path)


def _generate(course: Course, module: str) -> None:
    """``nbgrader generate_assignment --force``, without its chatter; CourseError says what it disliked."""
    from nbgrader.converters import GenerateAssignment  # noqa: PLC0415  # two seconds to import
    from nbgrader.converters.base import NbGraderException  # noqa: PLC0415
    from nbgrader.coursedir import CourseDirectory  # noqa: PLC0415
    from traitlets.config import Config  # noqa: PLC0415

    settings = Config()
    configure(settings, course.root)
    heard = _Complaints()
    log = logging.Logger("pamong.grading.release", logging.ERROR)
    log.addHandler(heard)
    folder = CourseDirectory(config=settings, log=log)
    folder.assignment_id = module
    converter = GenerateAssignment(coursedir=folder, config=settings, log=log)
    converter.force = True
    try:
        converter.start()
    except NbGraderException as error:
        told = "\n".join(heard.messages) or str(error)
        raise CourseError(messages("release")("refused", module=module, told=told)) from error


class _Complaints(logging.Handler):
    """Keeps what nbgrader complains about."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        told = record.getMessage().strip()
        self.messages.append(told.splitlines()[-1] if told.startswith("Traceback") else told)
