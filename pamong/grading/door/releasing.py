"""``release_assignment`` and ``release_feedback``: what staff give out, into the service."""

from __future__ import annotations

from pathlib import Path

from nbgrader.exchange.abc import ExchangeReleaseAssignment, ExchangeReleaseFeedback

from pamong import wire
from pamong.course import Course
from pamong.errors import CourseError
from pamong.grading.door.exchange import Door, stamp
from pamong.grading.door.office import Office, find
from pamong.grading.intake.submission import TIMESTAMP
from pamong.outbox import FEEDBACK_LIMIT


class ReleaseAssignment(Door, ExchangeReleaseAssignment):
    """nbgrader's ``release_assignment``: participants may have the module from now on."""

    def init_src(self) -> None:
        folder, module = self.folder, self.folder.assignment_id
        self.require_course(Course.load(Path(folder.root)).programme.course_id)
        place = Path(folder.format_path(folder.release_directory, ".", module))
        if place.is_dir():
            return
        if Path(folder.format_path(folder.source_directory, ".", module)).is_dir():
            self.fail(
                f"Assignment found in '{folder.source_directory}' but not '{place}', "
                "run `nbgrader generate_assignment` first."
            )
        self.fail(f"Assignment not found at: {place}")

    def init_dest(self) -> None:
        """The service reads the release where it lies."""

    def copy_files(self) -> None:
        course, module = self.folder.course_id, self.folder.assignment_id
        if not self.office.release(module):
            if not self.force:
                self.fail(
                    f"Destination already exists, add --force to overwrite: {course} {module}"
                )
            self.log.info("Overwriting files: %s %s", course, module)
        self.log.info("Released as: %s %s", course, module)


class ReleaseFeedback(Door, ExchangeReleaseFeedback):
    """nbgrader's ``release_feedback``: every page to the owner of the submission that it is about."""

    def init_src(self) -> None:
        self.require_course(Course.load(Path(self.folder.root)).programme.course_id)

    def init_dest(self) -> None:
        """The service keeps the pages."""

    def copy_files(self) -> None:
        folder, module = self.folder, self.folder.assignment_id
        wanted = folder.student_id or "*"
        excluded = set(filter(None, folder.student_id_exclude.split(",")))
        found = folder.format_path(folder.feedback_directory, wanted, module)
        anchor = Path(found).anchor
        pages = sorted(Path(anchor).glob(f"{Path(found).relative_to(anchor)}/*.html"))
        chosen = [page for page in pages if page.parent.parent.name not in excluded]
        for page, moment in give_back(self.office, module, chosen):
            place = f"{folder.course_id}/{module}/{page.stem}"
            self.log.info(
                "Releasing feedback for student '%s' on assignment '%s' (%s)",
                page.parent.parent.name,
                place,
                moment,
            )


def give_back(office: Office, module: str, pages: list[Path]) -> list[tuple[Path, str]]:
    """Publish pages ``…/<participant>/<module>/<notebook>.html``, each on the submission that was graded.

    Returns those published with its time stamp. CourseError names every page that belongs to none.
    """
    known = {(it.participant, stamp(it.moment)): it for it in office.handed_in(module)}
    done, lost = [], []
    for page in pages:
        handed, moment = _submission(page, known)
        if handed is None:
            lost.append(f"{page} ({moment or f'no {TIMESTAMP}'})")
            continue
        office.publish(handed.id, page.stem, _content(page))
        done.append((page, moment))
    if lost:
        listed = "\n".join(lost)
        raise CourseError(
            f"{len(lost)} of {len(pages)} pages belong to no submission of the service; collect and "
            f"grade again:\n{listed}"
        )
    return done


def publish(course: Course, module: str) -> int:
    """Give everybody the page that ``pamong feedback`` wrote for them; how many. PamongError."""
    office = find(course)
    if office is None:
        raise CourseError(
            "There is no service here. Use `nbgrader release_feedback` with an exchange folder."
        )
    found = sorted((course.folder / "feedback").glob(f"[!.]*/{module}/*.html"))
    return len(give_back(office, module, found))


def _submission(
    page: Path, known: dict[tuple[str, str], wire.Handed]
) -> tuple[wire.Handed | None, str]:
    try:
        moment = (page.parent / TIMESTAMP).read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return None, ""
    return known.get((page.parent.parent.name, moment)), moment


def _content(page: Path) -> bytes:
    content = page.read_bytes()
    if len(content) > FEEDBACK_LIMIT:
        raise CourseError(f"{page} has more than {FEEDBACK_LIMIT} bytes.")
    return content
