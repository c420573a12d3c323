"""Trusted cells run in this process, with everything they display captured; no kernel is started.

Only cells of a course's own source may be run here (``pamong.restore`` makes sure of that). A process
that grades many submissions forks from one that has imported everything.
"""

from __future__ import annotations

import contextlib
import io
import os
import signal
import threading
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import FrameType
from typing import Any

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets import Type
from traitlets.config import Config

from pamong.notebook import Cell, Notebook

STREAM_LIMIT = 64 * 1024
"""Characters kept of what a cell prints."""
SECONDS = 30
"""Time that all cells of one notebook may take together."""
_QUIET = Config({"HistoryManager": {"enabled": False}, "InteractiveShell": {"cache_size": 0}})


class Expired(BaseException):
    """The cells took too long; no ``except Exception`` in them may stop this."""


def execute(
    notebook: Notebook, folder: Path, environment: Mapping[str, str], *, seconds: int = SECONDS
) -> Notebook:
    """Run every code cell in order in ``folder``; an error in a cell is its output, as in Jupyter."""
    executed = {**notebook, "cells": [dict(cell) for cell in notebook["cells"]]}
    code = [cell for cell in executed["cells"] if cell["cell_type"] == "code"]
    with _surroundings(folder, environment), _deadline(seconds), _shell() as shell:
        for number, cell in enumerate(code, 1):
            _run(shell, cell, number)
    return executed


class _Publisher(DisplayPublisher):
    def publish(self, data: Any, metadata: Any = None, *_: Any, **__: Any) -> None:
        self.shell.shown.append(
            {"output_type": "display_data", "data": dict(data), "metadata": metadata or {}}
        )


class _Hook(DisplayHook):
    shell: Any

    def start_displayhook(self) -> None:
        """Nothing is printed."""

    def write_output_prompt(self) -> None:
        """Nothing is printed."""

    def write_format_data(self, format_dict: Any, md_dict: Any = None) -> None:
        self.shell.shown.append(
            {"output_type": "execute_result", "data": dict(format_dict), "metadata": md_dict or {}}
        )

    def finish_displayhook(self) -> None:
        """Nothing is printed."""


class _Shell(InteractiveShell):
    display_pub_class = Type(_Publisher)
    displayhook_class = Type(_Hook)

    def __init__(self, **settings: Any) -> None:
        self.shown: list[dict[str, Any]] = []
        self.expired = False
        super().__init__(**settings)  # type: ignore[no-untyped-call]

    def init_sys_modules(self) -> None:
        """Leave ``__main__`` to the process."""

    def _showtraceback(self, etype: Any, evalue: Any, stb: Any) -> None:
        self.expired = self.expired or issubclass(etype, Expired)
        self.shown.append(
            {
                "output_type": "error",
                "ename": etype.__name__,
                "evalue": str(evalue),
                "traceback": list(stb),
            }
        )


def _run(shell: _Shell, cell: Cell, number: int) -> None:
    shell.shown = []
    printed, warned = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(warned):
        if shell.expired:
            raise_expired = "raise TimeoutError('the notebook ran too long')"
            shell.run_cell(raise_expired, store_history=False)  # type: ignore[no-untyped-call]
        else:
            shell.run_cell(cell["source"], store_history=False)  # type: ignore[no-untyped-call]
    for name, stream in (("stdout", printed), ("stderr", warned)):
        if text := stream.getvalue():
            shell.shown.append({"output_type": "stream", "name": name, "text": text[:STREAM_LIMIT]})
    for output in shell.shown:
        if output["output_type"] == "execute_result":
            output["execution_count"] = number
    cell["outputs"], cell["execution_count"] = shell.shown, number


@contextlib.contextmanager
def _shell() -> Iterator[_Shell]:
    """A fresh interpreter with an empty namespace."""
    shell = _Shell.instance(config=_QUIET)
    try:
        yield shell
    finally:
        _Shell.clear_instance()


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
