"""What nbgrader's exchange classes over the service have in common: whom they ask, and how they fail."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange import ExchangeError
from nbgrader.exchange.abc import Exchange
from traitlets import Bool

from pamong.client import ADDRESS, Client
from pamong.course import Course
from pamong.errors import PamongError
from pamong.grading.door.office import Office, find

if TYPE_CHECKING:
    from datetime import datetime

STAMP = "%Y-%m-%d %H:%M:%S.%f UTC"


class Door(Exchange):
    """An exchange whose other side is the service; only its owner's files lie in a folder."""

    path_includes_course = Bool(
        default_value=False, help="Whether assignments lie in a folder named after the course."
    ).tag(config=True)

    @property
    def folder(self) -> CourseDirectory:
        """The course folder, which nbgrader declares optional but always gives."""
        if self.coursedir is None:
            raise ExchangeError("This needs a course folder.")
        return self.coursedir

    @cached_property
    def client(self) -> Client:
        """The participant's way to the service."""
        client = Client.from_environment()
        if client is None:
            raise ExchangeError(f"{ADDRESS} is not set. Start this from the hub.")
        return client

    @cached_property
    def office(self) -> Office:
        """The way of staff, who have the course at hand."""
        office = find(Course.load(Path(self.folder.root)))
        if office is None:
            raise ExchangeError("There is no service here. Start it with `pamong serve`.")
        return office

    def home(self, course: str, assignment: str) -> Path:
        """Where a participant has an assignment."""
        inner = Path(course, assignment) if self.path_includes_course else Path(assignment)
        return Path(self.assignment_dir, inner)

    def require_course(self, known: str) -> None:
        """Fail as nbgrader does unless the course is named, the service's, and open to whoever asks."""
        named = self.folder.course_id
        if not named:
            self.fail("No course id specified. Re-run with --course flag.")
        if named != known:
            self.fail(f"Course not found: {named}. The service has {known}.")
        if self.authenticator and not self.authenticator.has_access(self.folder.student_id, named):
            self.fail("You do not have access to this course.")

    def fail(self, msg: str) -> NoReturn:
        """As nbgrader's own, which says neither what it takes nor that it never returns."""
        self.log.critical(msg)
        raise ExchangeError(msg)

    def start(self) -> Any:
        with self.told():
            return super().start()  # type: ignore[no-untyped-call]

    @contextmanager
    def told(self) -> Iterator[None]:
        """What went wrong, as nbgrader's commands expect it."""
        try:
            yield
        except PamongError as error:
            self.fail(str(error))


def stamp(moment: datetime) -> str:
    """A moment in UTC as nbgrader writes it."""
    return moment.strftime(STAMP)
