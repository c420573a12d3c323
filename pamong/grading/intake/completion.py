"""A submission made whole: the released notebook where a participant's is missing or unreadable.

What counts is in the answer logs, so that a notebook that is lost must not cost the points.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from pamong import notebook
from pamong.course import Course
from pamong.errors import PamongError
from pamong.grading.intake.submission import DAMAGED, read


def complete(folder: Path, released: Path) -> Mapping[str, bool]:
    """Put in what is missing and set aside what is unreadable; whether each one was there, by name."""
    found = {}
    for origin in sorted(released.glob("*.ipynb")):
        path = folder / origin.name
        try:
            notebook.skim(read(path, notebook.SIZE_LIMIT) or b"", path.name)
        except PamongError:
            found[path.name] = os.path.lexists(path)
            _set_aside(path)
            shutil.copyfile(origin, path)
    return found


def _set_aside(path: Path) -> None:
    kept = path.with_name(path.name + DAMAGED)
    if path.is_symlink():
        path.unlink()
        kept.touch()
    elif path.exists():
        path.rename(kept)


def before_autograding(*, assignment: str, student: str, notebooks: list[str]) -> None:  # noqa: ARG001
    """Nbgrader's hook: complete the submission of these notebooks, and name what was added.

    nbgrader gives the patterns it was started with for ``assignment`` and ``student``.
    """
    folder = Path(notebooks[0]).parent
    found = complete(folder, Course.load(folder).release(folder.name))
    added = [str(folder / name) for name, was_there in found.items() if not was_there]
    notebooks[:] = sorted([*notebooks, *added])
