"""What nbgrader has to know about a course, derived from its programme; applying it twice is harmless."""

from __future__ import annotations

import os
import sysconfig
from functools import cache
from pathlib import Path
from tempfile import gettempdir, mkdtemp
from typing import Any

from pamong.client import ADDRESS, address
from pamong.course import Course
from pamong.errors import CourseError
from pamong.grading.confined import code
from pamong.grading.restore import stub
from pamong.notebook import SIZE_LIMIT

SOCKET_LIMIT = 80
"""Characters of the folder for kernel sockets; the operating system allows 107 for the whole path."""


def configure(c: Any, root: Path) -> None:
    """Fill nbgrader's configuration ``c`` for the course at ``root``; raises PamongError."""
    course = Course.load(root)
    find_scripts()
    _place(c, course)
    _release(c)
    _grade(c, course)
    _show(c, course)
    _feedback(c)


def find_scripts() -> None:
    """Let nbgrader find ``alembic``, which it starts by name, where the environment is not activated."""
    scripts, path = sysconfig.get_path("scripts"), os.environ.get("PATH", "")
    if scripts not in path.split(os.pathsep):
        os.environ["PATH"] = os.pathsep.join((scripts, path))


def _place(c: Any, course: Course) -> None:
    c.CourseDirectory.root = str(course.folder)
    c.CourseDirectory.course_id = course.programme.course_id
    c.CourseDirectory.db_url = course.gradebook_url
    c.CourseDirectory.max_file_size = SIZE_LIMIT // 1000
    c.Exchange.timezone = "UTC"
    c.ExchangeCollect.update = True
    if address() or course.has_service:
        _through_door(c)
    else:
        c.Exchange.root = str(course.exchange)
        c.ExchangeFactory.collect = "pamong.grading.intake.collect.Collect"


def participate(c: Any) -> None:
    """Fill nbgrader's configuration ``c`` for a participant's server at the hub, where no course is."""
    if not address():
        raise CourseError(f"{ADDRESS} is not set. Start this from the hub.")
    c.CourseDirectory.course_id = os.environ.get("PAMONG_COURSE", "")
    c.CourseDirectory.max_file_size = SIZE_LIMIT // 1000
    c.Exchange.timezone = "UTC"
    _through_door(c)


def participant_settings() -> str:
    """The content of ``nbgrader_config.py`` for a participant's server; a fault in it must stop nbgrader."""
    return _PARTICIPANT


_PARTICIPANT = '''"""Settings of nbgrader on a participant's server; a fault must stop nbgrader."""

try:
    from pamong.grading.configuration import participate

    participate(get_config())
except Exception as error:
    raise SystemExit(f"nbgrader_config.py: {type(error).__name__}: {error}") from error
'''


def _through_door(c: Any) -> None:
    """Every exchange command asks the service."""
    door = "pamong.grading.door"
    c.ExchangeFactory.exchange = f"{door}.exchange.Door"
    c.ExchangeFactory.list = f"{door}.listing.List"
    c.ExchangeFactory.fetch_assignment = f"{door}.fetching.FetchAssignment"
    c.ExchangeFactory.fetch_feedback = f"{door}.fetching.FetchFeedback"
    c.ExchangeFactory.submit = f"{door}.handing.Submit"
    c.ExchangeFactory.collect = f"{door}.collecting.Collect"
    c.ExchangeFactory.release_assignment = f"{door}.releasing.ReleaseAssignment"
    c.ExchangeFactory.release_feedback = f"{door}.releasing.ReleaseFeedback"


def _release(c: Any) -> None:
    c.ClearSolutions.text_stub = stub()
    c.ClearSolutions.code_stub = {"python": code.stub()}
    c.GenerateAssignment.preprocessors = [
        "pamong.grading.preprocessors.CheckRelease",
        "nbgrader.preprocessors.LockCells",
        "nbgrader.preprocessors.ClearSolutions",
        "nbgrader.preprocessors.ClearOutput",
        "nbgrader.preprocessors.CheckCellMetadata",
        "nbgrader.preprocessors.ComputeChecksums",
        "nbgrader.preprocessors.SaveCells",
        "nbgrader.preprocessors.ClearHiddenTests",
        "nbgrader.preprocessors.ClearMarkScheme",
        "nbgrader.preprocessors.ComputeChecksums",
        "nbgrader.preprocessors.CheckCellMetadata",
        "pamong.grading.preprocessors.FreezeRelease",
    ]


def _grade(c: Any, course: Course) -> None:
    """Rebuild from source, execute in a kernel that sees the keys, and fail closed."""
    for step in ("CoursePreprocessor", "ExecuteTrusted", "FeedbackExporter"):
        c[step].root = str(course.root)
    c.Autograde.pre_convert_hook = "pamong.grading.intake.completion.before_autograding"
    c.Autograde.sanitize_preprocessors = ["pamong.grading.preprocessors.RestoreFromSource"]
    c.Autograde.autograde_preprocessors = [
        "pamong.grading.preprocessors.FillEssays",
        "pamong.grading.preprocessors.ExecuteTrusted",
        "pamong.grading.preprocessors.SaveAutoGrades",
        "nbgrader.preprocessors.AssignLatePenalties",
    ]
    c.Execute.extra_arguments = ["--IPKernelApp.ignore_cwd=True"]
    c.AsyncKernelManager.transport = "ipc"
    c.AsyncKernelManager.ip = f"{_sockets()}/{os.getpid()}"


def _show(c: Any, course: Course) -> None:
    """What markers see in formgrader: no active content, nothing from the internet."""
    c.HTMLExporter.preprocessors = ["pamong.grading.preprocessors.CleanPictures"]
    own, known = str(course.root / "templates" / "jupyter"), os.environ.get("JUPYTER_PATH", "")
    if own not in known.split(os.pathsep):
        os.environ["JUPYTER_PATH"] = os.pathsep.join(filter(None, (own, known)))


def _feedback(c: Any) -> None:
    c.GenerateFeedback.preprocessors = []
    c.GenerateFeedback.exporter_class = "pamong.grading.preprocessors.FeedbackExporter"


@cache
def _sockets() -> str:
    """A folder of this user alone for kernel sockets: a neighbour could otherwise read what passes."""
    from jupyter_core.paths import jupyter_runtime_dir  # noqa: PLC0415  # only nbgrader needs it

    folder = Path(jupyter_runtime_dir())
    if len(str(folder)) <= SOCKET_LIMIT:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return str(folder)
    return mkdtemp(prefix="pamong-", dir=gettempdir())
