"""What cells find around them in a process, and how it is put back when a notebook ends.

Not put back: what a cell changes inside a library's own objects. Cells are the course's own, and a library
that a course changes stays changed for the course.
"""

from __future__ import annotations

import builtins
import contextlib
import gc
import getpass
import locale
import logging
import os
import random
import signal
import socket
import sys
import tempfile
import threading
import warnings
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

Undo = Callable[[], object]
_SIGNALS = tuple(
    getattr(signal, f"SIG{name}")
    for name in [
        "INT",
        "TERM",
        "HUP",
        "QUIT",
        "USR1",
        "USR2",
        "CHLD",
        "PIPE",
        "TSTP",
        "WINCH",
        "XCPU",
        "XFSZ",
    ]
)
_ATTRIBUTES: tuple[tuple[Any, str], ...] = (
    *(
        (sys, name)
        for name in [
            "stdin",
            "stdout",
            "stderr",
            "__stdin__",
            "__stdout__",
            "__stderr__",
            "displayhook",
            "excepthook",
            "unraisablehook",
            "breakpointhook",
            "argv",
            "path",
            "meta_path",
            "path_hooks",
            "modules",
            "dont_write_bytecode",
        ]
    ),
    (getpass, "getpass"),
    (logging, "lastResort"),
    (logging, "raiseExceptions"),
    (tempfile, "tempdir"),
    (threading, "excepthook"),
)
_SETTINGS: tuple[tuple[Callable[[], Any], Callable[[Any], Any]], ...] = (
    (lambda: locale.setlocale(locale.LC_ALL), lambda name: locale.setlocale(locale.LC_ALL, name)),
    (random.getstate, random.setstate),
    (socket.getdefaulttimeout, socket.setdefaulttimeout),
    (sys.getrecursionlimit, sys.setrecursionlimit),
    (sys.getswitchinterval, sys.setswitchinterval),
    (sys.gettrace, sys.settrace),
    (sys.getprofile, sys.setprofile),
    (gc.isenabled, lambda enabled: gc.enable() if enabled else gc.disable()),
    (gc.get_threshold, lambda thresholds: gc.set_threshold(*thresholds)),
    (logging.getLoggerClass, logging.setLoggerClass),
)
_QUIET = (DeprecationWarning, PendingDeprecationWarning, ImportWarning, ResourceWarning)


@contextlib.contextmanager
def kept(folder: Path, environment: Mapping[str, str]) -> Iterator[None]:
    """Work in ``folder`` with ``environment`` added and no logging; put everything back at the end."""
    undoings = [*_undoings()]
    try:
        with warnings.catch_warnings():
            _warn_as_python_does()
            logging.root.handlers.clear()
            logging.root.setLevel(logging.WARNING)
            os.environ.update(environment)
            os.chdir(folder)
            yield
    finally:
        _undo(undoings)


def _undo(undoings: list[Undo]) -> None:
    """Undo all of it in reverse; what cannot be undone is raised when the rest has been."""
    failures: list[Exception] = []
    for each in reversed(undoings):
        try:
            each()
        except Exception as error:  # noqa: BLE001  # the rest must be put back all the same
            failures.append(error)
    if failures:
        raise failures[0]


def _undoings() -> Iterator[Undo]:
    yield _kill_children(_children())
    yield _threads_left(frozenset(threading.enumerate()))
    yield _same_attributes()
    yield _same_modules()
    yield _same_environment()
    yield _same_settings()
    yield _same_signals()
    yield _same_logging()
    yield _same_folder()
    yield _same_numpy()
    yield _same_matplotlib()
    yield _same_builtins()


def _same_attributes() -> Undo:
    found = [(owner, name, getattr(owner, name)) for owner, name in _ATTRIBUTES]
    lists = [(value, list(value)) for _, _, value in found if isinstance(value, list)]

    def put_back() -> None:
        for owner, name, value in found:
            if getattr(owner, name, None) is not value:
                setattr(owner, name, value)
        for value, copy in lists:
            if value != copy:
                value[:] = copy

    return put_back


def _same_modules() -> Undo:
    """Modules that cells import stay; none of the others may be gone or another."""
    table, copy = sys.modules, dict(sys.modules)

    def put_back() -> None:
        if not copy.items() <= table.items():
            table.update(copy)

    return put_back


def _same_environment() -> Undo:
    """Only what has changed is written, because each variable costs a system call."""
    copy = dict(os.environb)

    def put_back() -> None:
        now = dict(os.environb)
        for name in now.keys() - copy.keys():
            del os.environb[name]
        for name, value in copy.items() - now.items():
            os.environb[name] = value

    return put_back


def _same_builtins() -> Undo:
    """Undone first, and without a builtin: a cell may have taken away any of them."""
    table, copy = vars(builtins), dict(vars(builtins))

    def put_back() -> None:
        table.update(copy)
        for name in set(table).difference(copy):
            del table[name]

    return put_back


def _same_settings() -> Undo:
    values = [(get, put, get()) for get, put in _SETTINGS]

    def put_back() -> None:
        for get, put, value in values:
            if get() != value:
                put(value)

    return put_back


def _same_signals() -> Undo:
    handlers = [(number, signal.getsignal(number)) for number in _SIGNALS]
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, ())

    def put_back() -> None:
        for number, handler in handlers:
            if signal.getsignal(number) is not handler and handler is not None:
                signal.signal(number, handler)
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)

    return put_back


def _same_logging() -> Undo:
    loggers = [logging.root, *_loggers()]
    states = [(each, each.level, list(each.handlers), list(each.filters)) for each in loggers]
    switches = [(each.disabled, each.propagate) for each in loggers]
    disabled = logging.root.manager.disable

    def put_back() -> None:
        logging.disable(disabled)
        for (each, level, handlers, filters), (off, propagate) in zip(
            states, switches, strict=True
        ):
            if each.level != level:
                each.setLevel(level)
            each.handlers[:], each.filters[:] = handlers, filters
            each.disabled, each.propagate = off, propagate
        for each in set(_loggers()).difference(loggers):
            each.handlers.clear()
            each.filters.clear()
            each.setLevel(logging.NOTSET)
            each.disabled, each.propagate = False, True

    return put_back


def _loggers() -> list[logging.Logger]:
    known = tuple(logging.root.manager.loggerDict.values())
    return [each for each in known if isinstance(each, logging.Logger)]


def _same_folder() -> Undo:
    here, mask = Path.cwd(), os.umask(0o077)
    os.umask(mask)

    def put_back() -> None:
        os.umask(mask)
        os.chdir(here)

    return put_back


def _same_numpy() -> Undo:
    numpy = sys.modules.get("numpy.random")
    state = numpy.get_state(legacy=False) if numpy else None

    def put_back() -> None:
        found = sys.modules.get("numpy.random")
        if found is not None:
            found.set_state(state) if state else found.seed()

    return put_back


def _same_matplotlib() -> Undo:
    matplotlib = sys.modules.get("matplotlib")
    settings = dict.copy(matplotlib.rcParams) if matplotlib else None

    def put_back() -> None:
        if "matplotlib.pyplot" in sys.modules:
            sys.modules["matplotlib.pyplot"].close("all")
        found = sys.modules.get("matplotlib")
        if found is not None and settings is None:
            found.rc_file_defaults()
        elif found is not None and settings is not None:
            dict.update(found.rcParams, settings)

    return put_back


def _threads_left(before: frozenset[threading.Thread]) -> Undo:
    return lambda: _left.update(set(threading.enumerate()) - before)


_left: set[threading.Thread] = set()


def lingering() -> bool:
    """Whether a thread that some notebook started still runs here; such a process should end."""
    _left.intersection_update(threading.enumerate())
    return bool(_left)


def _children() -> frozenset[int]:
    """The processes that this thread has started and not waited for; most often there are none at all."""
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return frozenset()
    listed = Path(f"/proc/self/task/{threading.get_native_id()}/children")
    try:
        return frozenset(map(int, listed.read_text(encoding="ascii").split()))
    except OSError:
        return frozenset()


def _kill_children(before: frozenset[int]) -> Undo:
    def put_back() -> None:
        for child in _children() - before:
            with contextlib.suppress(ProcessLookupError, ChildProcessError):
                os.kill(child, signal.SIGKILL)
                os.waitpid(child, 0)

    return put_back


def _warn_as_python_does() -> None:
    """Python's own warning filters, whatever this process was started with."""
    warnings.resetwarnings()
    for category in reversed(_QUIET):
        warnings.simplefilter("ignore", category)
    warnings.filterwarnings("default", category=DeprecationWarning, module="__main__")
    warnings.showwarning = _show_warning


def _show_warning(
    message: Warning | str, category: type[Warning], filename: str, lineno: int,
    file: Any = None, line: str | None = None,
) -> None:  # fmt: skip
    (file or sys.stderr).write(warnings.formatwarning(message, category, filename, lineno, line))
