"""A module as participants will see it, on this machine: a working copy, a server, a counterpart.

Nothing of the graders' side is copied, and the kernel's environment names no path to it: the keys
are read by the counterpart, which is a process of its own.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
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

PATIENCE = 60.0
"""Seconds a process may take to get ready."""
LOCALES = {"id": "id_ID"}
IPC_LIMIT = 100
"""Bytes of a path that every system takes as the name of a socket."""
_HIDDEN = re.compile(r"### BEGIN HIDDEN TESTS.*?### END HIDDEN TESTS\n?", re.DOTALL)
_LOGS = shutil.ignore_patterns("*.jsonl", "*.torn", ".ipynb_checkpoints")
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
    port: int | None = None,
    folder: Path | None = None,
    tell: Callable[[str], None],
) -> None:
    """Serve ``module`` until Ctrl-C; answers stay in ``folder`` for the next time."""
    say = messages("preview")
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a plain kill also stops the server
    with running(course, module, port=port, folder=folder) as it:
        if not it.released:
            tell(say("source", module=module))
        tell(say("ready", url=it.url, folder=it.folder))
        try:
            it.server.wait()
        except KeyboardInterrupt:
            tell(say("stopped", folder=it.folder))


@contextmanager
def running(
    course: Course, module: str, *, port: int | None = None, folder: Path | None = None
) -> Iterator[Running]:
    """A preview of ``module`` for as long as the block lasts; CourseError when it does not start."""
    course.require_module(module)
    workplace = (folder or _usual_folder(course, module)).resolve()
    released = _fill(course, module, workplace)
    with ExitStack() as stack:
        state = Path(stack.enter_context(TemporaryDirectory(prefix="pamong-")))
        environment = _environment(course, state)
        if course.graders.is_dir():
            environment |= _counterpart(course, state, stack)
        token, port = secrets.token_urlsafe(24), port or _free_port()
        _configure(state, workplace, token, port)
        command = [sys.executable, "-m", "notebook", "--no-browser"]
        server = _start("server", command, environment, state, stack)
        address = f"http://127.0.0.1:{port}"
        _await("server", server, lambda: _answers(f"{address}/api?token={token}"), state)
        url = f"{address}/notebooks/{NOTEBOOK}?token={token}"
        yield Running(url=url, folder=workplace, released=released, server=server)


def _usual_folder(course: Course, module: str) -> Path:
    return Path(jupyter_data_dir()) / "pamong" / "preview" / course.programme.course_id / module


def _fill(course: Course, module: str, folder: Path) -> bool:
    """Bring the module's files up to date, never its answers; True when they are the released ones."""
    released = (course.release(module) / NOTEBOOK).is_file()
    origin = course.release(module) if released else course.source(module)
    if not (origin / NOTEBOOK).is_file():
        raise CourseError(
            f"{origin / NOTEBOOK} does not exist. Write the module, or check its name."
        )
    shutil.copytree(origin, folder, ignore=_LOGS, dirs_exist_ok=True)
    if not released:
        _hide_tests(folder / NOTEBOOK)
    return released


def _hide_tests(path: Path) -> None:
    notebook = json.loads(path.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        cell["source"] = _HIDDEN.sub("", "".join(cell["source"])).rstrip("\n")
    path.write_text(json.dumps(notebook, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _environment(course: Course, state: Path) -> dict[str, str]:
    """What the server and its kernels know: this machine's settings stay out, and so do the keys."""
    kept = {name: value for name, value in os.environ.items() if not _is_private(name)}
    return kept | {
        "IPYTHONDIR": str(state / "ipython"),
        "JUPYTER_CONFIG_DIR": str(state / "config"),
        "JUPYTER_PATH": str(state / "data"),
        "JUPYTER_RUNTIME_DIR": str(state / "run"),
        "JUPYTERLAB_SETTINGS_DIR": str(state / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(state / "workspaces"),
        "PAMONG_PARTICIPANT": "pratinjau",
        "PAMONG_TIME_ZONE": course.programme.time_zone,
    }


def _is_private(name: str) -> bool:
    return name.startswith(("PAMONG_", "NBGRADER_", "JUPYTER"))


def _counterpart(course: Course, state: Path, stack: ExitStack) -> Mapping[str, str]:
    token, port_file = secrets.token_urlsafe(24), state / "port"
    command = [sys.executable, "-m", "pamong.counterpart_server", "--course", str(course.root)]
    command += ["--port-file", str(port_file)]
    environment = {**os.environ, "PAMONG_COUNTERPART_TOKEN": token}
    process = _start("counterpart", command, environment, state, stack)
    _await("counterpart", process, port_file.is_file, state)
    port = port_file.read_text(encoding="ascii")
    return {
        "PAMONG_COUNTERPART": f"http://127.0.0.1:{port}",
        "PAMONG_COUNTERPART_TOKEN": token,
    }


def _configure(state: Path, folder: Path, token: str, port: int) -> None:
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
            "tornado_settings": {"compress_response": True},
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
            raise CourseError(f"The {name} of the preview did not start:\n{said[-2000:]}")
        time.sleep(0.1)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310  # loopback only
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
