"""Trusted cells run in this process as a kernel would run them; no kernel is started.

Only cells of a course's own source may be run here (``pamong.grading.restore`` makes sure of that). What a
cell shows, returns and raises equals what nbclient gets from ipykernel, except:

- stdout and stderr appear in the order of writing; a kernel groups what was not flushed;
- the message of an error and the whole output have a limit (``outputs``, ``limits``);
- what is written past Python to file descriptors 1 and 2 is not shown; ``!command`` is;
- tasks go on only while a cell awaits, and ``asyncio.run`` works, because no loop runs between cells;
- ``exit`` and ``quit`` end nothing, comms and widgets reach nobody, and no file beside the notebook can
  be imported;
- a cell that is empty or tagged ``skip-execution`` has no output, where nbclient leaves what it had.

A process that grades many submissions forks from one that has imported everything, and ends when
``lingering`` says so.
"""

# mypy: allow-untyped-calls

from __future__ import annotations

import asyncio
import codeop
import decimal
import linecache
import re
import warnings
from ast import Expr as Expression
from ast import Interactive, Module, PyCF_ALLOW_TOP_LEVEL_AWAIT, PyCF_ONLY_AST
from collections.abc import Coroutine, Mapping
from contextlib import ExitStack
from contextvars import copy_context
from dataclasses import dataclass
from functools import lru_cache
from inspect import CO_COROUTINE
from pathlib import Path
from types import CodeType
from typing import Any

from IPython.core.displayhook import DisplayHook
from IPython.core.inputtransformer2 import TransformerManager

from pamong.grading.execution.limits import (
    MEMORY,
    OUTPUT,
    PROCESSOR_SECONDS,
    SECONDS,
    Clock,
    Expired,
    limited,
)
from pamong.grading.execution.outputs import Outputs
from pamong.grading.execution.shell import ENVIRONMENT, Shell, code_name, ready, shell
from pamong.grading.execution.surroundings import kept, lingering
from pamong.notebook import Cell, Notebook

__all__ = ["Expired", "execute", "lingering"]
_FIRST_WORD = re.compile(r"\s*([\w.]+)")
_SHELL = re.compile(r"get_?ipython|interactiveshell|ipython\.core", re.IGNORECASE)
_LEAVING = ("exit", "quit")
_FLAGS = codeop.Compile().flags
"""How the first cell of a notebook is compiled."""


def execute(
    notebook: Notebook,
    folder: Path,
    environment: Mapping[str, str],
    *,
    seconds: float = SECONDS,
    processor: float = PROCESSOR_SECONDS,
    memory: int = MEMORY,
    output: int = OUTPUT,
) -> Notebook:
    """Run every code cell in order in ``folder``; an error in a cell is its output, as in Jupyter."""
    executed = {**notebook, "cells": [dict(cell) for cell in notebook["cells"]]}
    cells = [cell for cell in executed["cells"] if cell["cell_type"] == "code"]
    for cell in cells:  # beforehand, because to watch the compiler makes Python repeat warnings
        _prepared(cell["source"], _FLAGS)
    with kept(folder, {**ENVIRONMENT, **environment}):
        ready()
        with limited(seconds, processor, memory) as clock:
            copy_context().run(_run_all, cells, Outputs(output), clock)
            clock.running = False
    return executed


def _run_all(cells: list[Cell], outputs: Outputs, clock: Clock) -> None:
    decimal.setcontext(decimal.DefaultContext.copy())  # the one of the process would be shared
    with ExitStack() as loops, shell() as here:
        here.loop_runner = _loop(loops)
        here.start(outputs)
        number = 0
        for cell in cells:
            outputs.begin()
            runs = _is_run(cell)
            number += runs
            if runs and not clock.late:
                _run(here, cell["source"], number, outputs)
            elif runs:
                outputs.fail(TimeoutError(clock.late), [])
            cell["outputs"] = outputs.finished()
            cell["execution_count"] = number if runs else None


def _is_run(cell: Cell) -> bool:
    tags = cell["metadata"].get("tags")
    skipped = isinstance(tags, list) and "skip-execution" in tags
    return bool(cell["source"].strip()) and not skipped


def _run(here: Shell, source: str, number: int, outputs: Outputs) -> None:
    try:
        prepared = (
            None if here.touched and here.is_changed() else _prepared(source, here.compile.flags)
        )
        here.touched |= prepared is None or _SHELL.search(source) is not None
        if prepared is None or _is_magic(here, prepared.text):
            here.touched = True
            here.displayhook.silent = None
            here.execution_count = number
            here.run_cell(source, store_history=True)
        else:
            _run_prepared(here, prepared, number)
    except BaseException as error:  # noqa: BLE001  # whatever reaches this far is the cell's output
        outputs.fail(error, [])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Prepared:
    """A cell compiled as IPython does, statement by statement, once per process."""

    source: str
    text: str
    name: str
    lines: tuple[Any, ...]
    codes: tuple[CodeType, ...]
    flags: int
    silent: bool


def _run_prepared(here: Shell, cell: _Prepared, number: int) -> None:
    """What IPython's ``run_cell`` does, without what only a person at a keyboard needs."""
    here.execution_count = number + 1
    here.displayhook.silent = cell.silent
    here.remember(cell.source, cell.text, number)
    here.compile.flags = cell.flags
    here.compile._filename_map[cell.name] = number  # noqa: SLF001  # as its own ``cache`` does
    linecache.cache[cell.name] = cell.lines  # likewise
    here.events.trigger("pre_execute")
    for code in cell.codes:
        if _finish(here.run_code(code)):
            break
    here.events.trigger("post_execute")


def _finish(coroutine: Coroutine[Any, Any, bool]) -> bool:
    """The result of a coroutine that never waits."""
    try:
        coroutine.send(None)
    except StopIteration as result:
        return bool(result.value)
    coroutine.close()
    return True


@lru_cache(maxsize=512)
def _prepared(source: str, flags: int) -> _Prepared | None:
    """A cell of plain Python, compiled; None when IPython itself is to run it (magics, await, errors)."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # which a kernel shows each time that it compiles
            text = TransformerManager().transform_cell(source)
            if "get_ipython()" in text:
                return None
            compiler = codeop.Compile()
            compiler.flags = flags
            name = code_name(text)
            body = compile(text, name, "exec", flags | PyCF_ONLY_AST, dont_inherit=True).body
            codes = tuple(_compiled(compiler, node, name, last=node is body[-1]) for node in body)
    except (
        SyntaxError,
        ValueError,
        OverflowError,
        TypeError,
        MemoryError,
        RecursionError,
        Warning,
    ):
        return None
    if any(code.co_flags & CO_COROUTINE for code in codes):
        return None
    return _Prepared(
        source=source,
        text=text,
        name=name,
        lines=(len(text), None, [line + "\n" for line in text.splitlines()], name),
        codes=codes,
        flags=compiler.flags,
        silent=DisplayHook.semicolon_at_end_of_expression(text),
    )


def _compiled(compiler: codeop.Compile, node: Any, name: str, *, last: bool) -> CodeType:
    shown = last and isinstance(node, Expression)
    tree: Any = Interactive([node]) if shown else Module([node], [])
    compiler.flags |= PyCF_ALLOW_TOP_LEVEL_AWAIT
    try:
        return compiler(tree, name, "single" if shown else "exec")
    finally:
        compiler.flags &= ~PyCF_ALLOW_TOP_LEVEL_AWAIT


def _is_magic(here: Shell, text: str) -> bool:
    """Whether a lone line may be a magic without its sign, or leave the interpreter."""
    if text.count("\n") > 1:
        return False
    word = _FIRST_WORD.match(text)
    return word is not None and (
        word[1] in _LEAVING or word[1] in here.magics_manager.magics["line"]
    )


def _loop(loops: ExitStack) -> Any:
    """How the shell awaits: in one loop per notebook, made when first needed and closed with it."""
    made: list[asyncio.Runner] = []

    def run(coroutine: Coroutine[Any, Any, Any]) -> Any:
        if not made:
            made.append(loops.enter_context(asyncio.Runner()))
        return made[0].run(coroutine)

    return run
