"""The notebook that graders execute, rebuilt from the trusted source; only answers come from outside.

A participant may add, delete, split, copy or retype cells: none of it reaches the grader. What a cell
that the source marks as an answer says is kept as plain text; the answer log outranks it. Code is kept
in raw cells (``pamong.grading.confined.code``), so that nothing here can execute it.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from pamong.catalogue import messages
from pamong.grading import essay
from pamong.grading.confined import code
from pamong.notebook import (
    Cell,
    Notebook,
    essay_of,
    grade_id,
    is_answer,
    is_code_answer,
    is_graded,
    named,
    runs_apart,
)  # fmt: skip

Logs = Mapping[str, bytes]
"""The bytes of each exercise's answer log, by exercise id."""


def restore(source: Notebook, submitted: Notebook | None) -> Notebook:
    """The source with the participant's answer texts in it; None stands for a missing notebook."""
    return {**source, "cells": [_restored(cell, submitted) for cell in source["cells"]]}


def fill(restored: Notebook, logs: Logs, *, doubt: str = "") -> Notebook:
    """Put in the essays that the logs hold, and note on every answer cell what it came to.

    ``doubt`` says why the submitted notebook could not be read: an essay that only it could have
    held is then unknown rather than blank.
    """
    return {**restored, "cells": [_filled(cell, logs, doubt) for cell in restored["cells"]]}


def stub() -> str:
    """What stands in an answer cell that nobody has filled."""
    return messages("grading")("stub")


def fingerprint(content: bytes) -> str:
    """A short name of an answer's content, so that a changed answer is noticed."""
    return sha256(content).hexdigest()[:32]


def _restored(cell: Cell, submitted: Notebook | None) -> Cell:
    if runs_apart(cell):
        return code.veiled(cell, _written(cell, submitted) if is_answer(cell) else "")
    if cell["cell_type"] == "code":
        return {**cell, "outputs": [], "execution_count": None}
    if not is_answer(cell):
        return cell
    kept = {name: value for name, value in cell.items() if name != "attachments"}
    return {**kept, "source": essay.literal(_written(cell, submitted)) or stub()}


def _filled(cell: Cell, logs: Logs, doubt: str) -> Cell:
    if code.is_veiled(cell):
        return code.doubted(cell, doubt)
    if not (is_graded(cell) and is_answer(cell)):
        return cell
    exercise, prompt = essay_of(cell)
    source, cause = cell["source"], ""
    if content := logs.get(exercise, b""):
        written = essay.read(content, exercise, prompt)
        cause = written.cause
        source = (essay.literal(written.text) or stub()) if written.told else source
    blank = source == stub()
    if blank and not content:
        cause = doubt
    answer: dict[str, Any] = {"blank": blank, "fingerprint": fingerprint(source.encode())}
    if cause:
        answer["cause"] = cause
    own = {**cell["metadata"].get("pamong", {}), "answer": answer}
    return {**cell, "source": source, "metadata": {**cell["metadata"], "pamong": own}}


def _written(cell: Cell, submitted: Notebook | None) -> str:
    """The participant's text for an answer cell, whatever became of the cell around it."""
    if submitted is None:
        return ""
    found = named(submitted, grade_id(cell))
    if not found and "id" in cell:
        found = tuple(other for other in submitted["cells"] if other.get("id") == cell["id"])
    given = code.released(cell["source"]) if is_code_answer(cell) else cell["source"]
    empty = {"", stub(), given.strip()}
    texts = dict.fromkeys(other["source"].strip() for other in found)
    return "\n\n".join(text for text in texts if text not in empty)
