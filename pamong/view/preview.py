"""What participants will see, on this machine: one module with its author's changes, or a whole home.

The source is shown as it is being written, without its hidden tests; a home, and one module on
request, show the release. Nothing of the graders' side is copied.
"""

from __future__ import annotations

import fcntl
import signal
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread
from typing import Any

from jupyter_core.paths import jupyter_data_dir

from pamong import enrolment
from pamong.catalogue import messages
from pamong.course import NOTEBOOK, Course
from pamong.edition import KEPT
from pamong.enrolment import Enrolment
from pamong.errors import CourseError, PamongError
from pamong.roster import Participant, read_roster
from pamong.view.site import NEWS, Running, other_side, require_free, serve, surroundings
from pamong.view.watch import Check, Tell, Watch
from pamong.view.workplace import AUTHOR, Workplace

NOTEBOOK_PAGE = f"notebooks/{NOTEBOOK}"
PAUSE = 2.0
"""Seconds between two looks for a new release."""


def preview(
    course: Course,
    module: str,
    *,
    released: bool = False,
    role: str = "",
    port: int | None = None,
    folder: Path | None = None,
    check: Check,
    tell: Tell,
) -> None:
    """Serve ``module`` until Ctrl-C; answers stay in ``folder`` for the next time.

    The source is shown as it is being written, and ``check`` is asked after every change; or else
    the release, which does not change.
    """
    where: dict[str, Any] = {"role": role, "port": port, "folder": folder, "tell": tell}
    _wait(running(course, module, released=released, check=check, **where), tell)


def preview_home(
    course: Course,
    *,
    participant: str = "",
    role: str = "",
    port: int | None = None,
    folder: Path | None = None,
    tell: Tell,
) -> None:
    """Serve a participant's home with all released modules until Ctrl-C."""
    where: dict[str, Any] = {"role": role, "port": port, "folder": folder, "tell": tell}
    _wait(running_home(course, participant=participant, **where), tell)


def _wait(served: AbstractContextManager[Running], tell: Tell) -> None:
    say = messages("preview")
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a plain kill also stops the server
    with served as it:
        tell(say("ready", url=it.url, folder=it.folder))
        try:
            it.server.wait()
        except KeyboardInterrupt:
            tell(say("stopped", folder=it.folder))


@contextmanager
def running(
    course: Course,
    module: str,
    *,
    released: bool = False,
    role: str = "",
    port: int | None = None,
    folder: Path | None = None,
    check: Check | None = None,
    tell: Tell = lambda text: None,
) -> Iterator[Running]:
    """A preview of ``module`` for as long as the block lasts; CourseError when it does not start.

    ``role`` is the office whose exercises are shown; by default the programme's first. With
    ``check`` the source is followed as it is being written, and the page says what it finds.
    """
    course.require_module(module)
    if port is not None:
        require_free(port)
    if role and role not in course.programme.roles:
        known = ", ".join(course.programme.roles)
        raise CourseError(messages("preview")("role", role=role, known=known))
    folder = (folder or _usual_folder(course, module, released=released)).resolve()
    place = Workplace(course, module, folder, released=released)
    place.refresh()
    tell(messages("preview")("released" if released else "source", module=module))
    with ExitStack() as stack:
        state = Path(stack.enter_context(TemporaryDirectory(prefix="pamong-")))
        environment = surroundings(course, role, state)
        if course.graders.is_dir():
            environment |= other_side(course, "" if released else module, state, stack)
        found = serve(
            folder, NOTEBOOK_PAGE, environment, state, stack, port=port, released=released
        )
        if check is not None and not released:
            watch = Watch(course, module, place, state / NEWS, check=check, tell=tell)
            watch.start()
            stack.callback(watch.stop)
        yield found


@contextmanager
def running_home(
    course: Course,
    *,
    participant: str = "",
    role: str = "",
    exchange: Path | None = None,
    port: int | None = None,
    folder: Path | None = None,
    tell: Tell = lambda text: None,
) -> Iterator[Running]:
    """A participant's home with every module that has been released, for as long as the block lasts.

    ``participant`` is somebody of the roster; by default nobody, in the office ``role``. What is
    handed in goes to ``exchange``, by default to a folder of the preview's own.
    """
    if port is not None:
        require_free(port)
    person = _somebody(course, participant, role)
    folder = (folder or _usual_folder(course, f"beranda-{person.id}", released=False)).resolve()
    places = [
        Workplace(course, plan.id, folder / plan.id, released=True, participant=person.id)
        for plan in course.programme.modules
        if (course.release(plan.id) / NOTEBOOK).is_file()
    ]
    with ExitStack() as stack:
        stack.enter_context(_claimed(folder, person.id))
        for place in places:
            place.refresh()
        tell(messages("preview")("home"))
        state = Path(stack.enter_context(TemporaryDirectory(prefix="pamong-")))
        environment = surroundings(course, person.role, state) | {"PAMONG_PARTICIPANT": person.id}
        exchange = exchange or folder / KEPT / "exchange"
        enrolled = _enrolled(course, person, exchange)
        enrolment.dump(enrolled, state / "enrolment.json")
        environment[enrolment.VARIABLE] = str(state / "enrolment.json")
        if course.graders.is_dir():
            environment |= other_side(course, "", state, stack)
        stack.enter_context(_following(places))
        yield serve(folder, "pamong/", environment, state, stack, port=port, released=True)


@contextmanager
def _claimed(folder: Path, participant: str) -> Iterator[None]:
    """Hold ``folder`` for one participant and one preview; CourseError when it is somebody else's."""
    say, kept = messages("preview"), folder / KEPT
    try:
        kept.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = (kept / "preview.lock").open("a")
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise CourseError(say("folder.bad", folder=folder, reason=reason)) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise CourseError(say("folder.busy", folder=folder)) from error
        owner = kept / "owner"
        found = owner.read_text(encoding="utf-8").strip() if owner.is_file() else participant
        if found != participant:
            raise CourseError(say("folder.owner", folder=folder, owner=found))
        owner.write_text(f"{participant}\n", encoding="utf-8")
        yield


@contextmanager
def _following(places: Iterable[Workplace]) -> Iterator[None]:
    """Bring what is released meanwhile to the participant, as an exchange would."""
    stop, seen = Event(), {place: _stamp(place.origin) for place in places}

    def follow() -> None:
        while not stop.wait(PAUSE):
            for place, before in seen.items():
                now = _stamp(place.origin)
                if now != before:
                    seen[place] = now
                    with suppress(PamongError, OSError):  # half a release: there is more to come
                        place.refresh()

    thread = Thread(target=follow, name="pamong-releases", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _stamp(folder: Path) -> frozenset[tuple[str, int]]:
    with suppress(OSError):
        return frozenset((path.name, path.stat().st_mtime_ns) for path in folder.iterdir())
    return frozenset()


def _somebody(course: Course, id: str, role: str) -> Participant:
    """Somebody of the roster, or the author as one of its people; CourseError."""
    say, roles = messages("preview"), course.programme.roles
    if id:
        found = read_roster(course.roster, course.programme).by_id().get(id)
        if found is None:
            raise CourseError(say("participant", participant=id))
        return found
    if role and role not in roles:
        raise CourseError(say("role", role=role, known=", ".join(roles)))
    cohort = course.programme.cohorts[0].id if course.programme.cohorts else ""
    name = say("author")
    return Participant(id=AUTHOR, name=name, role=role or roles[0], region="", cohort=cohort)


def _enrolled(course: Course, person: Participant, exchange: Path) -> Enrolment:
    programme = course.programme
    (exchange / programme.course_id / "inbound").mkdir(parents=True, exist_ok=True)
    return Enrolment(
        participant=person.id,
        name=person.name,
        role=person.role,
        cohort=next((it.title for it in programme.cohorts if it.id == person.cohort), ""),
        programme=programme.title,
        course_id=programme.course_id,
        time_zone=programme.time_zone,
        language=programme.language,
        retention=programme.retention,
        contact=programme.contact,
        modules=programme.modules,
        exchange=str(exchange),
        zone=person.zone,
    )


def _usual_folder(course: Course, module: str, *, released: bool) -> Path:
    name = f"{module}-rilis" if released else module
    return Path(jupyter_data_dir()) / "pamong" / "preview" / course.programme.course_id / name
