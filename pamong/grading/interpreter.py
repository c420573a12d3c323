"""Trusted cells run in this process, with everything they display captured; no kernel is started.

Only cells of a course's own source may be run here (``pamong.grading.restore`` makes sure of that). A process
that grades many submissions forks from one that has imported everything.
"""

from __future__ import annotations

import ast
import contextlib
import io
import os
import signal
import threading
import traceback
import warnings
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets import Type
from traitlets.config import Config, SingletonConfigurable

from pamong.notebook import Cell, Notebook

STREAM_LIMIT = 64 * 1024
"""Characters kept of what a cell prints."""
SECONDS = 30
"""Time that all cells of one notebook may take together."""
_QUIET = Config(
    {
        "HistoryManager": {"enabled": False},
        "DisplayFormatter": {"active_types": ["text/plain", "text/html", "image/svg+xml"]},
    }
)


class Expired(BaseException):
    """The cells took too long; no ``except Exception`` in them may stop this."""


def execute(
    notebook: Notebook, folder: Path, environment: Mapping[str, str], *, seconds: int = SECONDS
) -> Notebook:
    """Run every code cell in order in ``folder``; an error in a cell is its output, as in Jupyter."""
    executed = {**notebook, "cells": [dict(cell) for cell in notebook["cells"]]}
    code = [cell for cell in executed["cells"] if cell["cell_type"] == "code"]
    with _surroundings(folder, environment), _deadline(seconds), _shell() as shell:
        names: dict[str, Any] = {"__name__": "__main__"}
        in_time = True
        for number, cell in enumerate(code, 1):
            if in_time:
                in_time = _run(shell, names, cell, number)
            else:
                late = TimeoutError("the notebook ran too long")
                cell["outputs"], cell["execution_count"] = [_error(late)], None
    return executed


class _Publisher(DisplayPublisher):
    shell: Any

    def publish(self, data: Any, metadata: Any = None, *_: Any, **__: Any) -> None:
        self.shell.show("display_data", data, metadata)


class _Shell(InteractiveShell):
    """IPython's display machinery; cells are run by ``_run``, which compiles each of them only once."""

    display_pub_class = Type(_Publisher)

    def __init__(self, **settings: Any) -> None:
        self.shown: list[dict[str, Any]] = []
        super().__init__(**settings)  # type: ignore[no-untyped-call]

    def init_sys_modules(self) -> None:
        """Leave ``__main__`` to the process."""

    def show(self, kind: str, data: Any, metadata: Any) -> None:
        """Keep one output of the cell that is running."""
        self.shown.append({"output_type": kind, "data": dict(data), "metadata": metadata or {}})


def _run(shell: _Shell, names: dict[str, Any], cell: Cell, number: int) -> bool:
    """Run one cell; whether there was time for it."""
    shell.shown, in_time = [], True
    printed, warned = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(warned):
        try:
            _evaluate(shell, names, cell["source"])
        except BaseException as error:  # noqa: BLE001  # whatever a cell raises is its output
            in_time = not isinstance(error, Expired)
            shell.shown.append(_error(error))
    for name, stream in (("stdout", printed), ("stderr", warned)):
        if text := stream.getvalue():
            shell.shown.append({"output_type": "stream", "name": name, "text": text[:STREAM_LIMIT]})
    for output in shell.shown:
        if output["output_type"] == "execute_result":
            output["execution_count"] = number
    cell["outputs"], cell["execution_count"] = shell.shown, number
    return in_time


def _evaluate(shell: _Shell, names: dict[str, Any], source: str) -> None:
    """Run the statements; show the value of a last expression, as a notebook does."""
    statements, expression = _compiled(source)
    exec(statements, names)  # noqa: S102  # a trusted cell of the course's source
    if expression is not None:
        value = eval(expression, names)  # noqa: S307  # likewise
        if value is not None and shell.display_formatter is not None:
            shell.show("execute_result", *shell.display_formatter.format(value))


@lru_cache(maxsize=256)
def _compiled(source: str) -> tuple[CodeType, CodeType | None]:
    """The statements of a cell and its last expression, if it ends in one that is not silenced."""
    tree = ast.parse(source)
    final = tree.body[-1] if tree.body else None
    if not isinstance(final, ast.Expr) or source.rstrip().endswith(";"):
        return compile(tree, "<cell>", "exec"), None
    tree.body.pop()
    last = compile(ast.Expression(final.value), "<cell>", "eval")
    return compile(tree, "<cell>", "exec"), last


def _error(error: BaseException) -> dict[str, Any]:
    return {
        "output_type": "error",
        "ename": type(error).__name__,
        "evalue": str(error),
        "traceback": traceback.format_exception(error),
    }


@contextlib.contextmanager
def _shell() -> Iterator[_Shell]:
    """This process's shell, made on first use, put in the place where ``display`` looks for it."""
    if not _made:
        _made.append(_Shell.instance(config=_QUIET))
    for kind in _singletons():
        kind._instance = _made[0]  # noqa: SLF001  # traitlets has no public way back
    try:
        yield _made[0]
    finally:
        _Shell.clear_instance()


def _singletons() -> list[Any]:
    """The classes that remember the one shell, as traitlets' own ``instance`` chooses them."""
    return [
        kind
        for kind in _Shell.mro()
        if issubclass(kind, SingletonConfigurable) and kind is not SingletonConfigurable
    ]


_made: list[_Shell] = []


@contextlib.contextmanager
def _surroundings(folder: Path, environment: Mapping[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(environment)
    try:
        with contextlib.chdir(folder), warnings.catch_warnings():
            yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@contextlib.contextmanager
def _deadline(seconds: int) -> Iterator[None]:
    """Raise Expired in the main thread after ``seconds``; elsewhere nothing can be interrupted."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def expire(_signal: int, _frame: FrameType | None) -> None:
        raise Expired(f"the notebook ran longer than {seconds} s")

    before = signal.signal(signal.SIGALRM, expire)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
