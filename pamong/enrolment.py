"""All that a participant's own server is told about who takes part in what.

One JSON file for its owner alone; it names no key and no path of the course.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec

from pamong.catalogue import LANGUAGE
from pamong.errors import CourseError
from pamong.place import Person
from pamong.programme import ModulePlan, due

VARIABLE = "PAMONG_ENROLMENT"
"""The environment variable that names the file."""
SIZE_LIMIT = 256 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolment:
    """One participant in one programme; ``exchange`` is the folder of nbgrader's exchange, or empty.

    ``time_zone`` is the programme's, ``zone`` the one that the participant lives in (empty: the same).
    ``retention`` and ``contact`` are the organiser's own sentences, or empty.
    """

    participant: str
    name: str
    role: str
    cohort: str
    programme: str
    course_id: str
    time_zone: str
    modules: tuple[ModulePlan, ...]
    language: str = LANGUAGE
    exchange: str = ""
    zone: str = ""
    retention: str = ""
    contact: str = ""

    @property
    def person(self) -> Person:
        """As ``pamong.place`` needs to know the participant."""
        return Person(self.participant, self.role)

    @property
    def clock_zone(self) -> str:
        """The time zone in which the participant is told every moment."""
        return self.zone or self.time_zone

    def plan(self, module: str) -> ModulePlan | None:
        """What the programme says of a module; None when the participant does not take it."""
        return next((plan for plan in self.modules if plan.id == module), None)

    def deadline(self, module: str) -> datetime | None:
        """When a module is due, in the programme's time zone; None when there is no such moment."""
        plan = self.plan(module)
        if plan is None or not plan.deadline:
            return None
        return due(plan.deadline, self.time_zone)


def load(path: Path) -> Enrolment:
    """The enrolment in a file; CourseError when it is missing, too large or not an enrolment."""
    try:
        with path.open("rb") as file:
            content = file.read(SIZE_LIMIT + 1)
        if len(content) > SIZE_LIMIT:
            raise CourseError(f"{path} has more than {SIZE_LIMIT} bytes. Write it again.")
        return msgspec.json.decode(content, type=Enrolment)
    except OSError as error:
        raise CourseError(
            f"{path} cannot be read ({error.strerror}). {VARIABLE} must name the enrolment's file."
        ) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise CourseError(f"{path} is not an enrolment ({error}). Write it again.") from error


def dump(enrolment: Enrolment, path: Path) -> None:
    """Write an enrolment so that its owner alone can read it."""
    draft = path.with_name(f".{path.name}.new")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(msgspec.json.encode(enrolment))
    draft.replace(path)


def from_environment() -> Enrolment | None:
    """The enrolment that this process was told of; None where it was told of none."""
    path = os.environ.get(VARIABLE)
    return load(Path(path)) if path else None
