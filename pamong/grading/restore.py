"""The notebook that graders execute, rebuilt from the trusted source; only answers come from outside.

A participant may add, delete, split, copy or retype cells: none of it reaches the grader. What a cell
that the source marks as an answer says is kept as plain text; the answer log outranks it.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from hashlib import sha256
from typing import Any

from pamong.catalogue import messages
from pamong.grading import essay
from pamong.notebook import Cell, Notebook, essay_of, grade_id, is_answer, is_graded, named

Logs = Mapping[str, bytes]
"""The bytes of each exercise's answer log, by exercise id."""


def restore(source: Notebook, submitted: Notebook | None) -> Notebook:
    """The source with the participant's answer texts in it; None stands for a missing notebook."""
    restored = deepcopy(source)
    for cell in restored["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"], cell["execution_count"] = [], None
        elif is_answer(cell):
            cell.pop("attachments", None)
            cell["source"] = essay.literal(_written(cell, submitted)) or stub()
    return restored


def fill(restored: Notebook, logs: Logs, *, doubt: str = "") -> Notebook:
    """Put in the essays that the logs hold, and note on every answer cell what it came to.

    ``doubt`` says why the submitted notebook could not be read: an essay that only it could have
    held is then unknown rather than blank.
    """
    filled = deepcopy(restored)
    for cell in filled["cells"]:
        if is_graded(cell) and is_answer(cell):
            _fill(cell, logs, doubt)
    return filled


def stub() -> str:
    """What stands in an answer cell that nobody has filled."""
    return messages("grading")("stub")


def fingerprint(content: bytes) -> str:
    """A short name of an answer's content, so that a changed answer is noticed."""
    return sha256(content).hexdigest()[:32]


def _fill(cell: Cell, logs: Logs, doubt: str) -> None:
    exercise, prompt = essay_of(cell)
    cause = ""
    if content := logs.get(exercise, b""):
        written = essay.read(content, exercise, prompt)
        cell["source"], cause = essay.literal(written.text) or stub(), written.cause
    blank = cell["source"] == stub()
    if blank and not content:
        cause = doubt
    answer: dict[str, Any] = {"blank": blank, "fingerprint": fingerprint(cell["source"].encode())}
    if cause:
        answer["cause"] = cause
    cell["metadata"].setdefault("pamong", {})["answer"] = answer


def _written(cell: Cell, submitted: Notebook | None) -> str:
    """The participant's text for an answer cell, whatever became of the cell around it."""
    if submitted is None:
        return ""
    found = named(submitted, grade_id(cell))
    if not found and "id" in cell:
        found = tuple(other for other in submitted["cells"] if other.get("id") == cell["id"])
    empty = {"", stub(), cell["source"].strip()}
    texts = dict.fromkeys(other["source"].strip() for other in found)
    return "\n\n".join(text for text in texts if text not in empty)
