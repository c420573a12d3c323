"""Everything that has to be there before a hub starts; doing it twice changes nothing."""

from __future__ import annotations

import os
import shutil
from datetime import datetime
from pathlib import Path

from sqlalchemy import make_url, update

from pamong.course import Course
from pamong.errors import CourseError
from pamong.hub import accounts
from pamong.hub.settings import Settings
from pamong.hub.tokens import tokens
from pamong.service import people
from pamong.service.database import Database
from pamong.service.people import GRADER, Person
from pamong.service.tables import people as table


def prepare(settings: Settings, course: Course, now: datetime) -> None:
    """Make folders, secrets and tables; with real people also accounts, and who may see the course."""
    settings.state.mkdir(mode=0o700, parents=True, exist_ok=True)
    settings.state.chmod(0o700)  # JupyterHub writes its database for everybody to read
    tokens(settings.state)
    database = Database(course.service_url)
    database.upgrade()
    _admit_grader(database, now)
    database.close()
    if settings.mode == "server":
        accounts.prepare(settings)
        _open_course(course)


def _admit_grader(database: Database, now: datetime) -> None:
    """The grading server asks the service under a name of its own, with a teacher's rights."""
    with database.writing() as connection:
        found = people.find(connection, GRADER)
        if found is None:
            people.add(connection, Person(id=GRADER, name="Peladen penilaian", role="widyaiswara"))
        elif found.role == "peserta":
            raise CourseError(f"The id {GRADER!r} is the hub's own. Give that participant another.")
        elif not found.active:
            values = {"active": True, "changed": now}
            connection.execute(update(table).where(table.c.id == GRADER).values(**values))


def _open_course(course: Course) -> None:
    course.secret()  # made now, so that the service may read it, too
    accounts.share(course.folder, accounts.GRADING, sticky=True)
    accounts.share(course.graders, accounts.GRADING)
    url = make_url(course.service_url)
    if url.get_backend_name() == "sqlite" and url.database:
        for path in Path(url.database).parent.glob(f"{Path(url.database).name}*"):
            if not path.is_symlink():
                shutil.chown(path, accounts.SERVICE, accounts.SERVICE)
                path.chmod(0o600)
    _require_other(course.root)


def _require_other(root: Path) -> None:
    """CourseError when participants could change the code that everybody runs."""
    if os.stat(root).st_mode & 0o022:  # noqa: PTH116
        raise CourseError(f"Others may write to {root}. Take that away: chmod go-w {root}")
