"""A course to try the hub on: a copy of the authored one, with people who share one password.

It is made once and stays: what was played, handed in and graded there is still there the next time.
"""

from __future__ import annotations

import re
import secrets
import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from pamong.course import NOTEBOOK, Course
from pamong.errors import CourseError
from pamong.roster import Participant, read_roster
from pamong.service import credentials, handover, login_cards, people
from pamong.service.database import Database
from pamong.service.people import Person

MARKER, BEGUN = ".pamong-hub-demo", ".pamong-hub-demo-begun"
STAFF = (
    Person(id="instruktur", name="Ratih Wulandari", role="widyaiswara"),
    Person(id="panitia", name="Yusuf Maulana", role="penyelenggara"),
    Person(id="pimpinan", name="Margaretha Silitonga", role="pimpinan"),
)
"""One of each role of staff; nobody real."""
OPEN_FOR = timedelta(days=21)
_COPIED = ("source", "release", "figures", "programme.yaml", "roster.csv")
_BESIDE = ("templates", "nbgrader_config.py", "jupyterhub_config.py")
Say = Callable[[str], None]


def make(course: Course, folder: Path, now: datetime, say: Say) -> Course:
    """The sample course in ``folder``, copied and released there unless it is; CourseError."""
    if not (folder / MARKER).exists():
        if (folder / BEGUN).exists():  # a copy of ours that was interrupted
            shutil.rmtree(folder)
        if folder.exists() and any(folder.iterdir()):
            raise CourseError(f"{folder} holds something else. Name an empty folder with --folder.")
        say(f"Copying the course to {folder} and releasing its modules there (once) ...")
        folder.mkdir(parents=True, exist_ok=True)
        (folder / BEGUN).touch()
        _copy(course, folder, now)
        copied = Course.load(folder)
        _release(copied)
        (folder / BEGUN).rename(folder / MARKER)
    return Course.load(folder)


def people_of(course: Course, database: Database, state: Path, now: datetime) -> str:
    """Let everybody of the roster and one of each role of staff in; the password that all of them have."""
    password = _password(state)
    digest = credentials.hashed(password)
    roster = read_roster(course.roster, course.programme)
    everybody = [*STAFF, *(_person(participant) for participant in roster.participants)]
    with database.writing() as connection:
        for person in everybody:
            if people.find(connection, person.id) is None:
                people.add(connection, person)
                credentials.keep(connection, person.id, digest, now)
        for plan in course.programme.modules:
            if (course.release(plan.id) / NOTEBOOK).is_file():
                handover.release(connection, course, plan.id, by="cli:demo", at=now)
    return password


def _password(state: Path) -> str:
    path = state / "demo-password"
    if not path.is_file():
        path.touch(mode=0o600)
        path.write_text("".join(secrets.choice(login_cards.ALPHABET) for _ in range(10)), "ascii")
    return path.read_text("ascii")


def _person(participant: Participant) -> Person:
    return Person(
        id=participant.id,
        name=participant.name,
        role="peserta",
        office=participant.role,
        region=participant.region,
        cohort=participant.cohort,
        superior=participant.superior,
        zone=participant.zone,
        nip=participant.nip,
    )


def _copy(course: Course, folder: Path, now: datetime) -> None:
    (folder / "course").mkdir(parents=True, exist_ok=True)
    pairs = [(course.folder / name, folder / "course" / name) for name in _COPIED]
    pairs += [(course.root / name, folder / name) for name in _BESIDE]
    pairs.append((course.graders, folder / "graders"))
    for origin, to in pairs:
        if origin.is_dir():
            shutil.copytree(origin, to, dirs_exist_ok=True)
        elif origin.is_file():
            shutil.copy(origin, to)
    settings = folder / "course" / "programme.yaml"
    text = settings.read_text("utf-8")
    until = (now + OPEN_FOR).strftime("%Y-%m-%dT23:59")
    text = re.sub(r"^graders:.*$", "graders: graders", text, flags=re.MULTILINE)
    text = re.sub(r"^gradebook:.*\n", "", text, flags=re.MULTILINE)
    text = re.sub(r"^(\s+deadline:).*$", rf"\1 {until}", text, flags=re.MULTILINE)
    settings.write_text(text, encoding="utf-8")


def _release(course: Course) -> None:
    """A gradebook that knows modules and people, as after ``pamong release`` and ``roster import``."""
    from pamong.grading import release  # noqa: PLC0415  # nbgrader takes seconds to import
    from pamong.grading.records.gradebook import Gradebook  # noqa: PLC0415

    for plan in course.programme.modules:
        if (course.source(plan.id) / NOTEBOOK).is_file():
            release.release(course, plan.id)
    gradebook = Gradebook.open(course)
    try:
        gradebook.enrol(read_roster(course.roster, course.programme))
    finally:
        gradebook.close()
