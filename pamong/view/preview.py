"""A module as participants will see it, on this machine: a working copy, a server, a counterpart.

The source is shown, as it is being written, without its hidden tests; on request the release. Nothing
of the graders' side is copied, and the kernel's environment names no path to it: the keys are read by
the counterpart, which is a process of its own.
"""

from __future__ import annotations

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from jupyter_core.paths import jupyter_data_dir

from pamong.catalogue import LANGUAGE, messages
from pamong.course import NOTEBOOK, Course
from pamong.errors import CourseError
from pamong.view import kernel
from pamong.view.author import SETTING
from pamong.view.watch import Check, Tell, Watch
from pamong.view.workplace import AUTHOR, Workplace

PATIENCE = 60.0
"""Seconds a process may take to get ready."""
LOCALES = {"id": "id_ID"}
IPC_LIMIT = 100
"""Bytes of a path that every system takes as the name of a socket."""
_UNWANTED = (
    "jupyter_lsp",
    "jupyter_server_terminals",
    "nbgrader.server_extensions.assignment_list",
    "nbgrader.server_extensions.course_list",
    "nbgrader.server_extensions.formgrader",
    "nbgrader.server_extensions.validate_assignment",
)
IDLE = (
    "@jupyter-notebook/lab-extension",
    "@jupyter/nbgrader",
    "@jupyterlab/debugger-extension",
    "@jupyterlab/extensionmanager-extension",
    "@jupyterlab/lsp-extension",
    "@jupyterlab/mathjax-extension",
    "jupyterlab_pygments",
)
"""Parts of the application that a participant would download for nothing (``labconfig``)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A preview that is up; ``released`` is False when it shows the source."""

    url: str
    folder: Path
    released: bool
    server: subprocess.Popen[bytes]


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
    say = messages("preview")
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a plain kill also stops the server
    with running(
        course,
        module,
        released=released,
        role=role,
        port=port,
        folder=folder,
        check=check,
        tell=tell,
    ) as it:
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
        _require_free(port)
    if role and role not in course.programme.roles:
        known = ", ".join(course.programme.roles)
        raise CourseError(messages("preview")("role", role=role, known=known))
    folder = (folder or _usual_folder(course, module, released=released)).resolve()
    place = Workplace(course, module, folder, released=released)
    place.refresh()
    tell(messages("preview")("released" if released else "source", module=module))
    with ExitStack() as stack:
        state = Path(stack.enter_context(TemporaryDirectory(prefix="pamong-")))
        environment = _environment(course, role, state)
        if course.graders.is_dir():
            environment |= _counterpart(course, "" if released else module, state, stack)
        token, port = secrets.token_urlsafe(24), port or _free_port()
        news = state / "news.json"
        _configure(state, folder, token, port, news)
        command = [sys.executable, "-m", "notebook", "--no-browser"]
        server = _start("server", command, environment, state, stack)
        if check is not None and not released:
            watch = Watch(course, module, place, news, check=check, tell=tell)
            watch.start()
            stack.callback(watch.stop)
        address = f"http://127.0.0.1:{port}"
        _await("server", server, lambda: _answers(f"{address}/api?token={token}"), state)
        url = f"{address}/notebooks/{NOTEBOOK}?token={token}"
        yield Running(url=url, folder=folder, released=released, server=server)


def _usual_folder(course: Course, module: str, *, released: bool) -> Path:
    name = f"{module}-rilis" if released else module
    return Path(jupyter_data_dir()) / "pamong" / "preview" / course.programme.course_id / name


def _environment(course: Course, role: str, state: Path) -> dict[str, str]:
    """What the server and its kernels know: this machine's settings stay out, and so do the keys."""
    kept = {name: value for name, value in os.environ.items() if not _is_private(name)}
    return kept | {
        "IPYTHONDIR": str(state / "ipython"),
        "JUPYTER_CONFIG_DIR": str(state / "config"),
        "JUPYTER_PATH": str(state / "data"),
        "JUPYTER_RUNTIME_DIR": str(state / "run"),
        "JUPYTERLAB_SETTINGS_DIR": str(state / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(state / "workspaces"),
        "PAMONG_PARTICIPANT": AUTHOR,
        "PAMONG_ROLE": role or course.programme.roles[0],
        "PAMONG_TIME_ZONE": course.programme.time_zone,
    }


def _is_private(name: str) -> bool:
    return name.startswith(("PAMONG_", "NBGRADER_", "JUPYTER"))


def _counterpart(course: Course, source: str, state: Path, stack: ExitStack) -> Mapping[str, str]:
    """Start whoever plays the other side: of ``source`` as it is written, else of what was released."""
    token, port_file = secrets.token_urlsafe(24), state / "port"
    command = [sys.executable, "-m", "pamong.counterpart_server", "--course", str(course.root)]
    command += ["--port-file", str(port_file), "--source", source]
    environment = {**os.environ, "PAMONG_COUNTERPART_TOKEN": token}
    process = _start("counterpart", command, environment, state, stack)
    _await("counterpart", process, port_file.is_file, state)
    port = port_file.read_text(encoding="ascii")
    return {
        "PAMONG_COUNTERPART": f"http://127.0.0.1:{port}",
        "PAMONG_COUNTERPART_TOKEN": token,
    }


def _configure(state: Path, folder: Path, token: str, port: int, news: Path) -> None:
    longest = state / "run" / f"kernel-{'0' * 36}-ipc-10"
    transport = "ipc" if os.name == "posix" and len(os.fsencode(longest)) < IPC_LIMIT else "tcp"
    server = {
        "ServerApp": {
            "ip": "127.0.0.1",
            "port": port,
            "port_retries": 0,
            "root_dir": str(folder),
            "allow_root": True,
            "terminals_enabled": False,
            "jpserver_extensions": dict.fromkeys(_UNWANTED, False),
            "tornado_settings": {"compress_response": True, SETTING: str(news)},
        },
        "IdentityProvider": {"token": token},
        "KernelManager": {"transport": transport},
    }
    translation = "settings/@jupyterlab/translation-extension/plugin.jupyterlab-settings"
    files: dict[str, Any] = {
        "config/jupyter_server_config.json": server,
        "config/labconfig/page_config.json": {"disabledExtensions": dict.fromkeys(IDLE, True)},
        "ipython/profile_default/ipython_kernel_config.json": {
            "HistoryManager": {"enabled": False}
        },
        "data/kernels/python3/kernel.json": kernel.spec(),
        translation: {"locale": LOCALES.get(LANGUAGE, "default")},
    }
    for name, content in files.items():
        path = state / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content), encoding="utf-8")


def _start(
    name: str, command: list[str], environment: Mapping[str, str], state: Path, stack: ExitStack
) -> subprocess.Popen[bytes]:
    """Start a process whose end is the end of ``stack``; what it says goes to ``<name>.log``."""
    log = stack.enter_context((state / f"{name}.log").open("wb"))
    process = subprocess.Popen(  # noqa: S603  # our own interpreter and module
        command,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    stack.callback(_stop, process)
    return process


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _await(
    name: str, process: subprocess.Popen[bytes], ready: Callable[[], bool], state: Path
) -> None:
    deadline = time.monotonic() + PATIENCE
    while not ready():
        if process.poll() is not None or time.monotonic() > deadline:
            said = (state / f"{name}.log").read_text(encoding="utf-8", errors="replace")
            text = messages("preview")("stuck", name=name, said=said[-2000:])
            raise CourseError(text)
        time.sleep(0.1)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310  # loopback only
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _require_free(port: int) -> None:
    """CourseError when somebody else listens at ``port``, or there is no such port."""
    try:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
    except (OSError, OverflowError) as error:
        raise CourseError(messages("preview")("port", port=port)) from error


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
