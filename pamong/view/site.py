"""A Jupyter server of our own on loopback, and who plays the other side, for as long as a block lasts.

Nothing of the graders' side is in the environment of the server and its kernels: the keys are read by
the counterpart, which is a process of its own.
"""

from __future__ import annotations

import json
import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pamong.catalogue import PACKAGE, VARIABLE, messages
from pamong.course import Course
from pamong.errors import CourseError
from pamong.view import kernel
from pamong.view.assets import revision
from pamong.view.author import SETTING
from pamong.view.workplace import AUTHOR

PATIENCE = 60.0
"""Seconds a process may take to get ready."""
LOCALES = {"id": "id_ID"}
NEWS = "news.json"
CONNECTION = "pamong.view.connection.Connection"
TEMPLATES = PACKAGE / "view" / "templates" / "jupyter"
IPC_LIMIT = 100
"""Bytes of a path that every system takes as the name of a socket."""
UNWANTED = (
    "jupyter_lsp",
    "jupyter_server_terminals",
    "nbgrader.server_extensions.assignment_list",
    "nbgrader.server_extensions.course_list",
    "nbgrader.server_extensions.formgrader",
    "nbgrader.server_extensions.validate_assignment",
)
"""Parts of the server that a participant has no use for."""
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
    address: str
    token: str

    def page(self, path: str) -> str:
        """The address under which a browser may open what the server has at ``path``."""
        return f"{self.address}/{path}?token={self.token}"


def serve(
    folder: Path,
    first: str,
    environment: Mapping[str, str],
    state: Path,
    stack: ExitStack,
    *,
    port: int | None,
    released: bool,
) -> Running:
    """A server over ``folder`` until the end of ``stack``, ready to open the page ``first``."""
    token, port = secrets.token_urlsafe(24), port or _free_port()
    _configure(state, folder, token, port, state / NEWS, environment[VARIABLE])
    command = ["notebook", "--no-browser"]
    server = _start("server", command, environment, state, stack)
    address = f"http://127.0.0.1:{port}"
    _await("server", server, lambda: _answers(f"{address}/api?token={token}"), state)
    url = f"{address}/{first}?token={token}"
    return Running(
        url=url, folder=folder, released=released, server=server, address=address, token=token
    )


def surroundings(course: Course, role: str, state: Path) -> dict[str, str]:
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
        VARIABLE: course.programme.language,
        "PAMONG_COURSE": course.programme.course_id,
        "PAMONG_ROLE": role or course.programme.roles[0],
        "PAMONG_TIME_ZONE": course.programme.time_zone,
    }


def _is_private(name: str) -> bool:
    return name.startswith(("PAMONG_", "NBGRADER_", "JUPYTER"))


def other_side(course: Course, source: str, state: Path, stack: ExitStack) -> Mapping[str, str]:
    """Start whoever plays the other side: of ``source`` as it is written, else of what was released."""
    token, port_file = secrets.token_urlsafe(24), state / "port"
    command = ["pamong.counterpart_server", "--course", str(course.root)]
    command += ["--port-file", str(port_file), "--source", source]
    environment = {**os.environ, "PAMONG_COUNTERPART_TOKEN": token}
    process = _start("counterpart", command, environment, state, stack)
    _await("counterpart", process, port_file.is_file, state)
    port = port_file.read_text(encoding="ascii")
    return {
        "PAMONG_COUNTERPART": f"http://127.0.0.1:{port}",
        "PAMONG_COUNTERPART_TOKEN": token,
    }


def _configure(state: Path, folder: Path, token: str, port: int, news: Path, language: str) -> None:
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
            "jpserver_extensions": dict.fromkeys(UNWANTED, False),
            "tornado_settings": {"compress_response": True, SETTING: str(news)},
            "extra_template_paths": [str(TEMPLATES)],
            "kernel_websocket_connection_class": CONNECTION,
            "jinja_template_vars": {"pamong": words(language)},
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
        translation: {"locale": LOCALES.get(language, "default")},
    }
    for name, content in files.items():
        path = state / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content), encoding="utf-8")


def words(language: str) -> dict[str, Any]:
    """What the templates in place of Jupyter's own login, logout and error pages say."""
    pages = ("login", "logout", "error")
    said = {k: v for k, v in messages("preview", language).entries.items() if k.startswith(pages)}
    return {"language": language, "revision": revision(), "say": said}


def _start(
    name: str, command: list[str], environment: Mapping[str, str], state: Path, stack: ExitStack
) -> subprocess.Popen[bytes]:
    """Start a module whose end is the end of ``stack``, or of this process however that ends.

    ``command`` is the module with its arguments; what it says goes to ``<name>.log``.
    """
    log = stack.enter_context((state / f"{name}.log").open("wb"))
    process = subprocess.Popen(  # noqa: S603  # our own interpreter and module
        [sys.executable, "-m", "pamong.view.leash", *command],
        env=dict(environment),
        stdin=subprocess.PIPE,
        stdout=log,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    os.register_at_fork(after_in_child=lambda: process.stdin and process.stdin.close())
    stack.callback(_stop, process)
    return process


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    with process:  # its end of the leash is let go last
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()


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


def require_free(port: int) -> None:
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
