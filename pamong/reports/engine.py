"""A papermill engine that runs a trusted notebook inside this process, without a kernel.

It is for our own report templates in a forked child of a warm interpreter, never for a notebook that
came from a participant.
"""

from __future__ import annotations

import atexit
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import nbformat
from IPython.core.displayhook import CapturingDisplayHook
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from nbformat import NotebookNode
from papermill.engines import Engine, papermill_engines
from traitlets.config import Config

from pamong.errors import CourseError

NAME = "pamong"
"""How papermill knows this engine."""
PARAMETERS = "parameters"


class InProcess(Engine):
    """Runs the cells one after the other in a fresh namespace; stops at the first error."""

    @classmethod
    def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **kwargs: Any) -> None:  # noqa: ARG003
        """What papermill calls; every cell is reported to it as it starts, fails and ends."""
        with _shell() as shell:
            for place, cell in enumerate(nb_man.nb.cells):
                nb_man.cell_start(cell, place)
                error = _run(shell, cell, place + 1) if _is_code(cell) else None
                if error is not None:
                    nb_man.cell_exception(cell, cell_index=place, exception=error)
                nb_man.cell_complete(cell, cell_index=place)
                if error is not None:
                    break


def register() -> None:
    """Make the engine known to papermill in this process."""
    papermill_engines.register(NAME, InProcess)


def warm() -> None:
    """Do here once what the first notebook of a process costs, so that forked children need not."""
    register()
    if not InteractiveShell.initialized():
        cell = nbformat.v4.new_code_cell("1")
        with _shell() as shell:
            _run(shell, cell, 1)
        nbformat.validate(nbformat.v4.new_notebook(cells=[cell]))


def require_parameters(notebook: NotebookNode, path: Path) -> None:
    """CourseError unless one cell carries the tag that papermill injects values after.

    Without it papermill only warns, and the notebook's own defaults win.
    """
    tagged = [cell for cell in notebook.cells if PARAMETERS in cell.metadata.get("tags", ())]
    if len(tagged) != 1:
        raise CourseError(
            f"{path} has {len(tagged)} cells tagged {PARAMETERS!r}; a report template needs one."
        )


def _is_code(cell: NotebookNode) -> bool:
    return cell.cell_type == "code" and bool(cell.source.strip())


def _run(shell: InteractiveShell, cell: NotebookNode, count: int) -> BaseException | None:
    with capture_output() as captured:
        # Without this the value of a cell's last expression goes to the terminal and is lost.
        shell.display_trap.hook = CapturingDisplayHook(shell, captured._outputs)  # noqa: SLF001
        result = shell.run_cell(cell.source, store_history=False)
    error: BaseException | None = result.error_before_exec or result.error_in_exec
    cell.execution_count = count
    cell.outputs = list(_outputs(captured, count, failed=error is not None))
    if error is not None:
        trace = traceback.format_exception(error)
        cell.outputs.append(
            nbformat.v4.new_output(
                "error", ename=type(error).__name__, evalue=str(error), traceback=trace
            )
        )
    return error


def _outputs(captured: Any, count: int, *, failed: bool) -> Iterator[NotebookNode]:
    # A failing cell prints its traceback; papermill keeps that as an error output instead.
    streams = {"stderr": captured.stderr} if failed else {
        "stdout": captured.stdout, "stderr": captured.stderr
    }  # fmt: skip
    for name, text in streams.items():
        if text:
            yield nbformat.v4.new_output("stream", name=name, text=text)
    for output in captured.outputs:
        yield nbformat.v4.new_output(
            "execute_result",
            data=output.data,
            metadata=output.metadata or {},
            execution_count=count,
        )


@contextmanager
def _shell() -> Iterator[InteractiveShell]:
    """A shell of its own that leaves nothing behind: no history file, no profile, no singleton."""
    if InteractiveShell.initialized():
        raise CourseError("This process already runs IPython. Use the engine 'nbclient' here.")
    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    with TemporaryDirectory() as folder:
        shell = InteractiveShell.instance(config=config, ipython_dir=folder, user_ns={})
        try:
            yield shell
        finally:
            atexit.unregister(shell.atexit_operations)
            shell.atexit_operations()
            InteractiveShell.clear_instance()
