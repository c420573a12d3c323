"""What a server is told when it starts: Jupyter's settings, the enrolment, and the modules that are open.

One folder per server that the server's account may read and not change, written anew at every start;
beside it one of its own for sockets, which nobody else may enter.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from pamong import enrolment
from pamong.catalogue import LANGUAGE, VARIABLE
from pamong.course import NOTEBOOK, Course
from pamong.enrolment import Enrolment
from pamong.errors import CourseError
from pamong.hub.settings import Settings
from pamong.programme import ModulePlan
from pamong.service import handover, schedule
from pamong.service.database import Database
from pamong.service.people import GRADER, Person, find
from pamong.view import kernel
from pamong.view.site import CONNECTION, IDLE, IPC_LIMIT, LOCALES, TEMPLATES, UNWANTED, words

MODULES = "modules"
TOLD = "PAMONG_TOLD"
"""The environment variable that names the folder."""
_LOGS = (".jsonl", ".torn")
_LONGEST = f"kernel-{'0' * 36}-ipc-10"


def tell(
    settings: Settings, course: Course, database: Database, name: str, owner: int, now: datetime
) -> dict[str, str]:
    """Write everything for the server of ``name``, which runs as the account ``owner``: its environment.

    CourseError when sockets cannot be private there; ServiceError when the database is silent.
    """
    place = settings.run / name
    _open_folders(settings.run, place, owner)
    told = place / "told"
    if told.exists():
        shutil.rmtree(told)
    told.mkdir(mode=0o750)
    if name == GRADER:
        _settle(told, _grader_server(course), course.programme.language, ())
        own = _grader_environment(settings)
    else:
        with database.reading() as connection:
            person = find(connection, name)
            if person is None:
                raise CourseError(f"{name!r} is not among the people. Import the roster.")
            windows = schedule.windows(connection, course.programme, person)
            released = handover.released(connection)
        _settle(told, _participant_server(course), course.programme.language, IDLE)
        shown = [
            plan
            for plan in course.programme.modules
            if plan.id in released and windows[plan.id].state(now) != "early"
        ]
        plans = tuple(_dated(plan, windows[plan.id]) for plan in shown)
        _stage(course, plans, told / MODULES)
        enrolment.dump(_enrolled(course, person, plans), told / "enrolment.json")
        own = _participant_environment(settings, course, person, told)
    _give(told, owner)
    return own | _everybody(place, course)


def home(settings: Settings, name: str) -> Path:
    """The home of a server in a demo."""
    return settings.state / "homes" / name


def _open_folders(run: Path, place: Path, owner: int) -> None:
    """Folders that nobody could have put there before us; CourseError."""
    longest = place / "run" / _LONGEST
    if len(os.fsencode(longest)) >= IPC_LIMIT:
        raise CourseError(f"{run} is too long a path for sockets. Set TMPDIR to a shorter one.")
    for folder, mode in ((run.parent, None), (run, 0o711), (place, 0o711), (place / "run", 0o700)):
        folder.mkdir(mode=mode or 0o755, parents=True, exist_ok=True)
        mine = {os.getuid(), owner} if folder.name == "run" else {os.getuid()}
        if mode is None:
            continue
        found = folder.lstat()
        if found.st_uid not in mine or not folder.is_dir() or folder.is_symlink():
            raise CourseError(f"{folder} belongs to somebody else. Remove it.")
        folder.chmod(mode)
    if os.getuid() == 0:
        os.chown(place / "run", owner, -1, follow_symlinks=False)


def _settle(told: Path, server: Mapping[str, Any], language: str, idle: tuple[str, ...]) -> None:
    files: dict[str, Any] = {
        "config/jupyter_server_config.json": server,
        "config/labconfig/page_config.json": {"disabledExtensions": dict.fromkeys(idle, True)},
        "ipython_kernel_config.json": {"HistoryManager": {"enabled": False}},
        "translation.json": {"locale": LOCALES.get(language, "default")},
    }
    if idle:
        files["data/kernels/python3/kernel.json"] = kernel.spec()
    for name, content in files.items():
        path = told / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content), encoding="utf-8")
    (
        told / "config" / "migrated"
    ).touch()  # or Jupyter would write here that it has nothing to move


def _participant_server(course: Course) -> dict[str, Any]:
    return {
        "ServerApp": {
            "allow_root": True,  # a demonstration may be root's
            "terminals_enabled": False,
            "jpserver_extensions": dict.fromkeys(UNWANTED, False),
            "tornado_settings": {"compress_response": True},
            "extra_template_paths": [str(TEMPLATES)],
            "kernel_websocket_connection_class": CONNECTION,
            "jinja_template_vars": {"pamong": words(course.programme.language)},
        },
        "KernelManager": {"transport": "ipc"},
    }


def _grader_server(course: Course) -> dict[str, Any]:
    """Authoring, grading and reports; the marker's page may stand in a frame of its own Lab."""
    headers = {"Content-Security-Policy": "frame-ancestors 'self'"}
    extensions = {"formgrader": True, "validate_assignment": True}
    extensions |= {"assignment_list": False, "course_list": False}
    return {
        "ServerApp": {
            "root_dir": str(course.root),
            "allow_root": True,
            "jpserver_extensions": {
                f"nbgrader.server_extensions.{it}": on for it, on in extensions.items()
            },
            "tornado_settings": {"compress_response": True, "headers": headers},
        },
        "KernelManager": {"transport": "ipc"},
        "AsyncKernelManager": {"transport": "ipc"},
    }


def _grader_environment(settings: Settings) -> dict[str, str]:
    return {"PAMONG_SERVICE_URL": settings.service_url, "PAMONG_HUB_FOLDER": str(settings.root)}


def _participant_environment(
    settings: Settings, course: Course, person: Person, told: Path
) -> dict[str, str]:
    return {
        enrolment.VARIABLE: str(told / "enrolment.json"),
        "PAMONG_SERVICE_URL": settings.service_url,
        "PAMONG_PARTICIPANT": person.id,
        "PAMONG_COURSE": course.programme.course_id,
        "PAMONG_ROLE": person.office or course.programme.roles[0],
        "PAMONG_TIME_ZONE": course.programme.time_zone,
    }


def _everybody(place: Path, course: Course) -> dict[str, str]:
    told = place / "told"
    return {
        TOLD: str(told),
        VARIABLE: course.programme.language or LANGUAGE,
        "JUPYTER_CONFIG_DIR": str(told / "config"),
        "JUPYTER_PATH": str(told / "data"),
        "JUPYTER_RUNTIME_DIR": str(place / "run"),
        "TRAITLETS_APPLICATION_RAISE_CONFIG_FILE_ERROR": "1",
    }


def _dated(plan: ModulePlan, window: schedule.Window) -> ModulePlan:
    deadline = window.deadline
    return replace(plan, deadline=deadline.isoformat() if deadline else "")


def _enrolled(course: Course, person: Person, plans: tuple[ModulePlan, ...]) -> Enrolment:
    programme = course.programme
    return Enrolment(
        participant=person.id,
        name=person.name,
        role=person.office or programme.roles[0],
        cohort=next((it.title for it in programme.cohorts if it.id == person.cohort), ""),
        programme=programme.title,
        course_id=programme.course_id,
        time_zone=programme.time_zone,
        modules=plans,
        language=programme.language,
        zone=person.zone,
        retention=programme.retention,
        contact=programme.contact,
    )


def _stage(course: Course, plans: tuple[ModulePlan, ...], to: Path) -> None:
    to.mkdir()  # even while nothing is open: it is the folder that the server works in
    for plan in plans:
        origin = course.release(plan.id)
        if not (origin / NOTEBOOK).is_file():
            continue
        for path in _files(origin):
            copy = to / plan.id / path.relative_to(origin)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy, follow_symlinks=False)


def _files(origin: Path) -> Iterator[Path]:
    for path in sorted(origin.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(origin).parts)
        if path.is_file() and not path.is_symlink() and not hidden and path.suffix not in _LOGS:
            yield path


def _give(told: Path, owner: int) -> None:
    """Let the server's account read, and nobody else; root keeps what it wrote."""
    if os.getuid() != 0:
        return
    import pwd  # noqa: PLC0415  # only where there are accounts

    group = pwd.getpwuid(owner).pw_gid
    for path in (told, *told.rglob("*")):
        os.chown(path, 0, group, follow_symlinks=False)
        path.chmod(0o750 if path.is_dir() else 0o640)
