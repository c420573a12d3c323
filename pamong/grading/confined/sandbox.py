"""Participants' code in a fresh interpreter under bubblewrap, and the plain values that it leaves.

Nothing of the course is visible inside: no home, no keys, no gradebook, no network, no other process.
There is no /proc: an ordinary user's code could write to the memory of bubblewrap through it.
What comes back was written by a process that the code could take over: it is an answer, never a score.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import selectors
import shutil
import signal
import site
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from pamong import answer
from pamong.catalogue import messages
from pamong.errors import CourseError
from pamong.grading.confined import seccomp

NOBODY = 65534
TEMPORARY = "/tmp"  # noqa: S108  # inside the sandbox
HELP = (
    "Let bubblewrap make namespaces: allow unprivileged user namespaces (sysctl "
    "kernel.unprivileged_userns_clone=1 or kernel.apparmor_restrict_unprivileged_userns=0, "
    "user.max_user_namespaces above 0), or in a container give CAP_SYS_ADMIN."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one participant's code may use for all its cells together; sizes in bytes."""

    seconds: float = 10.0
    """By the clock on the wall."""
    processor_seconds: int = 5
    memory: int = 1024**3
    """Of the process. The kernel's own for files that are empty comes on top: 1.2 GB at worst, as only
    ``processor_seconds`` bounds how many can be made."""
    file: int = 4 * 1024**2
    folder: int = 16 * 1024**2
    """All files together."""
    open_files: int = 64
    printed: int = 16 * 1024
    """Characters kept of what a cell prints."""
    returned: int = 1024**2
    """Everything that comes back."""


LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Task:
    """One cell to run, and the names whose values it declares.

    A question has an ``expression`` instead, whose value comes back under the one name in ``values``.
    """

    name: str
    source: str
    values: tuple[str, ...] = ()
    expression: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What one cell came to. ``values`` holds the declared names that have a usable value.

    ``error`` is what Python said, ``refused`` why a value was not taken; ``cause`` says why the cell
    cannot be judged at all, and is empty when it can.
    """

    name: str
    values: Mapping[str, Any] = field(default_factory=dict)
    refused: Mapping[str, str] = field(default_factory=dict)
    printed: str = ""
    error: str = ""
    cause: str = ""


def require() -> str:
    """Where bubblewrap is; CourseError says what to install."""
    found = shutil.which("bwrap")
    if found is None:
        raise CourseError(
            "Participants' code can only be graded under bubblewrap, which is not installed. Install it "
            "(Debian and Ubuntu: `apt install bubblewrap`; Fedora: `dnf install bubblewrap`), then "
            "try again."
        )
    return found


def require_open() -> None:
    """CourseError when bubblewrap is missing or does not open a sandbox; tried until it once has."""
    _opened(require())


@cache
def _opened(_bubblewrap: str) -> None:
    if problem := probe():
        raise CourseError(f"{problem} {HELP}")


def probe() -> str:
    """Why no sandbox can be opened here, in one line; empty when one can. Raises CourseError."""
    require()
    (result,) = run([Task("probe", "x = 1", ("x",))])
    return "" if result.values == {"x": 1} else result.cause or result.error


def run(tasks: Sequence[Task], limits: Limits = LIMITS) -> tuple[Result, ...]:
    """Run the cells one after another in one interpreter; a result for each, whatever they do.

    CourseError when bubblewrap is missing or this machine is not one that the filter was written for.
    """
    if not tasks:
        return ()
    with _started(_job(tasks, limits), limits) as process:
        lines, cause = _listen(process, 1 + len(tasks), limits)
        if not lines:
            told = _complaint(process) or cause or _ended(process, limits)
            shut = messages("code")("cause.sandbox", told=told)
            return tuple(Result(name=task.name, cause=shut) for task in tasks)
        if len(lines) < 1 + len(tasks) and not cause:
            cause = _ended(process, limits)
    return tuple(_results(tasks, lines[1:], cause, limits))


def _job(tasks: Sequence[Task], limits: Limits) -> str:
    """What the program inside is told."""
    seconds = limits.processor_seconds
    bounds = {
        "AS": limits.memory,
        "FSIZE": limits.file,
        "NOFILE": limits.open_files,
        "NPROC": 1,
        "CORE": 0,
        "MSGQUEUE": 0,
        "MEMLOCK": 0,
        "SIGPENDING": 64,
    }
    return answer.encode(
        {
            "cells": [asdict(task) for task in tasks],
            "limits": {
                "CPU": (seconds, seconds + 1),
                **{name: (bound, bound) for name, bound in bounds.items()},
            },
            "packages": site.getsitepackages(),
            "printed": limits.printed,
            "user": NOBODY if os.geteuid() == 0 else None,
        }
    )


@contextlib.contextmanager
def _started(job: str, limits: Limits) -> Iterator[subprocess.Popen[bytes]]:
    """The sandbox with ``job`` as its input; afterwards nothing of it is left running."""
    command = [require(), *_walls(limits)]
    with contextlib.ExitStack() as handles:
        told = handles.enter_context(_sealed(job.encode("utf-8", "surrogatepass")))
        filtered = handles.enter_context(_sealed(seccomp.program()))
        command += ["--seccomp", str(filtered), "--", _python(), *_MODE, "-c", _program()]
        process = subprocess.Popen(  # noqa: S603  # bubblewrap, by the path that was found
            command,
            stdin=told,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            pass_fds=(filtered,),
            env={},
            start_new_session=True,
        )
    with process:  # which waits for its end
        try:
            yield process
        finally:
            process.kill()  # and the kernel ends every process of its namespace


_MODE = ("-s", "-S", "-P", "-B")
"""As ``-I``, but for PYTHONHASHSEED, which that would ignore; the environment is ours."""


def _walls(limits: Limits) -> list[str]:
    """The arguments that say what exists inside: nothing that is not named here."""
    if os.geteuid() == 0:  # in a user namespace of its own root stays root: see confine() instead
        apart = ["--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts"]
        apart += ["--unshare-cgroup-try", "--cap-drop", "ALL"]
        apart += ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    else:
        apart = ["--unshare-all", "--uid", str(NOBODY), "--gid", str(NOBODY), "--cap-drop", "ALL"]
    return [
        *apart,
        "--die-with-parent", "--new-session", "--clearenv", "--hostname", "ruang-uji",
        *(word for name, value in ENVIRONMENT.items() for word in ("--setenv", name, value)),
        "--dev", "/dev", "--remount-ro", "/dev",
        "--perms", "1777", "--size", str(limits.folder), "--tmpfs", TEMPORARY,
        *_system(),
        "--remount-ro", "/", "--chdir", "/",
    ]  # fmt: skip


ENVIRONMENT = {
    "HOME": f"{TEMPORARY}/rumah",
    "TMPDIR": TEMPORARY,
    "PATH": "",
    "LANG": "C.UTF-8",
    "PYTHONHASHSEED": "0",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "NUMEXPR_NUM_THREADS": "1",
}


@cache
def _system() -> tuple[str, ...]:
    """What the interpreter needs of this machine, read-only: its libraries and nothing beside them."""
    links = {name: str(Path(name).readlink()) for name in _LIBRARIES if Path(name).is_symlink()}
    needed = _needed(links)
    parents = {str(parent) for path in (*needed, *links) for parent in Path(path).parents}
    words: list[str] = []
    for folder in sorted(parents - {"/", TEMPORARY, *needed}):
        words += ["--perms", "0755", "--dir", folder]
    for path in needed:
        words += ["--ro-bind", path, path]
    for name, target in links.items():
        words += ["--symlink", target, name]
    return tuple(words)


_LIBRARIES = ("/lib", "/lib64", "/lib32", "/libx32")
_SYSTEM = (
    *_LIBRARIES, "/usr/lib", "/usr/lib64", "/usr/lib32", "/usr/libx32", "/usr/share/zoneinfo",
    "/etc/ld.so.cache", "/etc/localtime",
)  # fmt: skip


def _needed(links: Mapping[str, str]) -> tuple[str, ...]:
    """Files and folders of the interpreter that exist here, outer ones first."""
    bases = {sys.base_prefix, sys.base_exec_prefix, str(Path(sys.base_prefix).resolve())}
    inside = [str(Path(base, part)) for base in bases for part in ("lib", "lib64")]
    found = {*_SYSTEM, *inside, *site.getsitepackages(), _python()} - links.keys()
    return tuple(sorted(path for path in found if Path(path).exists()))


@cache
def _python() -> str:
    """The interpreter itself, not a virtual environment's link to it."""
    return str(Path(getattr(sys, "_base_executable", "") or sys.executable).resolve())


@cache
def _program() -> str:
    return (resources.files("pamong.grading.confined") / "sandboxed.py").read_text(encoding="utf-8")


@contextlib.contextmanager
def _sealed(content: bytes) -> Iterator[int]:
    """A file in memory that nobody can change any more, to be read from its start."""
    handle = os.memfd_create("pamong", os.MFD_ALLOW_SEALING)
    try:
        os.write(handle, content)
        os.lseek(handle, 0, os.SEEK_SET)
        seals = fcntl.F_SEAL_WRITE | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_SEAL
        fcntl.fcntl(handle, fcntl.F_ADD_SEALS, seals)
        yield handle
    finally:
        os.close(handle)


def _listen(
    process: subprocess.Popen[bytes], expected: int, limits: Limits
) -> tuple[list[bytes], str]:
    """The complete lines that came back in time and within bounds, and why there are no more."""
    deadline, said, ended, cause = time.monotonic() + limits.seconds, bytearray(), 0, ""
    for content in _chunks(process, deadline):
        said += content
        ended += content.count(b"\n")
        if ended >= expected:
            break
        if len(said) > limits.returned:
            cause = messages("code")("cause.output")
            break
    else:
        if time.monotonic() >= deadline:
            cause = messages("code")("cause.time", seconds=f"{limits.seconds:g}")
    return bytes(said[: limits.returned]).split(b"\n")[:-1][:expected], cause


def _chunks(process: subprocess.Popen[bytes], deadline: float) -> Iterator[bytes]:
    """What the sandbox writes, until it closes its end or the time is over."""
    assert process.stdout is not None  # noqa: S101  # a pipe, see above
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while (left := deadline - time.monotonic()) > 0:
            if not selector.select(left):
                return
            content = os.read(process.stdout.fileno(), 65536)
            if not content:
                return
            yield content


def _ended(process: subprocess.Popen[bytes], limits: Limits) -> str:
    """Why the interpreter says no more."""
    say = messages("code")
    try:
        status = process.wait(timeout=1)
    except subprocess.TimeoutExpired:
        process.kill()
        status = process.wait()
    number = -status if status < 0 else status - 128
    if number == signal.SIGXCPU:
        return say("cause.time", seconds=limits.processor_seconds)
    name = {one.value: one.name for one in signal.Signals}.get(number)
    known = say("status.signal", name=name) if name else say("status.code", code=status)
    return say("cause.ended", status=known)


def _complaint(process: subprocess.Popen[bytes]) -> str:
    """The last line that bubblewrap, or the interpreter before it ran anything, left on stderr."""
    assert process.stderr is not None  # noqa: S101  # a pipe, see above
    os.set_blocking(process.stderr.fileno(), False)
    content = process.stderr.read(4096) or b""
    lines = answer.shown(content.decode(errors="replace"), 300).strip().splitlines()
    return lines[-1] if lines else ""


def _results(
    tasks: Sequence[Task], lines: Sequence[bytes], cause: str, limits: Limits
) -> Iterator[Result]:
    """A result for every cell: what its line says, then why the first one without a line has none."""
    for task, line in zip(tasks, lines, strict=False):
        yield _read(task, line, limits)
    for number, task in enumerate(tasks[len(lines) :]):
        yield Result(name=task.name, cause=messages("code")("cause.earlier") if number else cause)


def _read(task: Task, line: bytes, limits: Limits) -> Result:
    """One line, which may be forged from end to end."""
    unreadable = Result(name=task.name, cause=messages("code")("cause.unreadable"))
    try:
        told = answer.decode(line)
    except ValueError:
        return unreadable
    if not isinstance(told, dict) or told.get("name") != task.name:
        return unreadable
    values, refused = told.get("values"), told.get("refused")
    if not isinstance(values, dict) or not isinstance(refused, dict):
        return unreadable
    there = [name for name in task.values if name in values or name in refused]
    bad = {
        name: refused[name] or "other" if name in refused else _doubt(values[name])
        for name in there
    }
    return Result(
        name=task.name,
        values={name: values[name] for name in there if not bad[name]},
        refused={name: _reason(reason) for name, reason in bad.items() if reason},
        printed=_text(told.get("printed"), limits.printed),
        error=_text(told.get("error"), 2000),
    )


def _doubt(value: object) -> str:
    """Why a value that came back is not taken; empty when it is."""
    large = not (problem := answer.believable(value)) and len(answer.encode(value).encode())
    return "size" if large > answer.SIZE_LIMIT else problem


def _reason(told: object) -> str:
    """A reason in the words of the catalogue; what is told may be anything."""
    code, _, name = told.partition(" ") if isinstance(told, str) else ("", "", "")
    say = messages("code")
    if code == "type":
        return say("refused.type", type=answer.shown(name, 40))
    return say(f"refused.{code}" if code in _REASONS else "refused.other")


_REASONS = {"deep", "key", "number", "size", "text"}


def _text(told: object, limit: int) -> str:
    return answer.shown(told, limit) if isinstance(told, str) else ""
