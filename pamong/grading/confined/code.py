"""Code answers on their way through grading: never in a code cell while anything trusted is executed.

``veiled`` makes a raw cell of a participant's code, ``answered`` runs it in the sandbox and keeps what
came of it in the cell's metadata, ``unveiled`` makes it a code cell again, with plain text as its output.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache
from hashlib import sha256
from typing import Any

from pamong import answer
from pamong.catalogue import messages
from pamong.errors import CourseError
from pamong.grading.confined import sandbox
from pamong.grading.confined.sandbox import Result, Task
from pamong.notebook import (
    Cell,
    Notebook,
    declared,
    grade_id,
    graded,
    is_answer,
    is_graded,
    runs_apart,
)
from pamong.place import is_call, places

LENGTH_LIMIT = 64 * 1024
"""Characters of one code answer."""
_BEGIN, _END = "BEGIN SOLUTION", "END SOLUTION"


def stub() -> str:
    """What stands in a code answer cell where the author's solution was."""
    return messages("code")("stub")


def holds_code(notebook: Notebook) -> bool:
    """Whether grading a notebook of the source needs the sandbox."""
    return any(runs_apart(cell) for cell in notebook["cells"])


def require(notebooks: Iterable[Notebook]) -> None:
    """CourseError when a notebook has code answers and this machine cannot confine them."""
    if any(map(holds_code, notebooks)):
        sandbox.require_open()


def released(source: str) -> str:
    """What participants get of a code answer cell: the author's text with the solutions taken out."""
    lines: list[str] = []
    inside = False
    for line in source.split("\n"):
        if _BEGIN in line:
            inside = True
            indent = line[: len(line) - len(line.lstrip())]
            lines += [indent + text for text in stub().split("\n")]
        elif _END in line:
            inside = False
        elif not inside:
            lines.append(line)
    return "\n".join(lines) if _BEGIN in source else stub()


def veiled(cell: Cell, written: str) -> Cell:
    """A raw cell for a cell of the source, with ``written`` as its code if that is an answer."""
    if not is_answer(cell):
        return _veiled(cell, {})
    empty = released(cell["source"])
    text = answer.shown(written.replace("\r\n", "\n").replace("\r", "\n"), LENGTH_LIMIT)
    source = text if text.strip() else empty
    blank = _said(source) in {"", _said(empty)}
    note = {"blank": blank, "fingerprint": _fingerprint(source)}
    if len(written) > LENGTH_LIMIT:
        note["cause"] = messages("code")("cause.long", limit=LENGTH_LIMIT)
    return _veiled({**cell, "source": source}, note)


def doubted(cell: Cell, doubt: str) -> Cell:
    """A veiled cell, with the reason why it may be blank only because nobody could read the notebook."""
    if not doubt or not _note(cell).get("blank"):
        return cell
    return _noted(cell, {**_note(cell), "cause": doubt})


def is_veiled(cell: Cell) -> bool:
    """Whether a cell is code that must not be executed here."""
    mark = cell["metadata"].get("pamong")
    return cell["cell_type"] == "raw" and isinstance(mark, dict) and mark.get("veiled") is True


def answered(page: Notebook) -> Notebook:
    """Run what is veiled; a check whose code is blank or cannot be judged is veiled as well.

    CourseError when this machine cannot confine code.
    """
    cells = [cell for cell in page["cells"] if is_veiled(cell)]
    if not cells:
        return page
    questions = _questions(page)
    results = _results([cell for cell in cells if not _settled(_note(cell))], questions)
    notes = {grade_id(cell): {**_note(cell), **results.get(grade_id(cell), {})} for cell in cells}
    return {**page, "cells": [_answered(cell, notes) for cell in page["cells"]]}


def _questions(page: Notebook) -> dict[str, dict[str, str]]:
    """What checks ask of the names that a cell leaves: expressions by name, by cell.

    CourseError when two values of a cell would bear one name.
    """
    asked: dict[str, dict[str, str]] = {}
    values = {grade_id(cell): declared(cell) or () for cell in page["cells"]}
    for cell in graded(page):
        if is_answer(cell):
            continue
        for name, questions in asked_of(cell["source"]):
            known = asked.setdefault(name, {})
            for wanted, text in questions.items():
                if wanted in values.get(name, ()) or known.setdefault(wanted, text) != text:
                    raise CourseError(
                        f"Two values of the cell {name!r} are called {wanted!r}. Rename the question "
                        f"in {grade_id(cell)!r}, then run `pamong check`."
                    )
    return asked


def _results(
    cells: list[Cell], questions: Mapping[str, Mapping[str, str]]
) -> dict[str, dict[str, Any]]:
    """What the sandbox makes of these cells, by name; nothing is run when no answer is among them.

    What a question prints or raises is not kept: it could tell a participant what was asked.
    """
    if not any(is_answer(cell) for cell in cells):
        return {}
    tasks: list[Task] = []
    for cell in cells:
        name = grade_id(cell)
        tasks.append(Task(name, cell["source"], declared(cell) or ()))
        tasks += [
            Task(f"{name}?{wanted}", "", (wanted,), expression)
            for wanted, expression in questions.get(name, {}).items()
        ]
    found: dict[str, dict[str, Any]] = {}
    given = {grade_id(cell) for cell in cells if not is_answer(cell)}
    broken = ""
    for task, result in zip(tasks, sandbox.run(tasks), strict=True):
        name = task.name.partition("?")[0]
        if task.expression:
            _add(found[name], result)
            continue
        if name in given and result.error and not broken:
            broken = messages("code")("cause.given", name=name, error=result.error)
        found[name] = _told(replace(result, cause=result.cause or broken))
    return found


def _add(told: dict[str, Any], result: Result) -> None:
    """Add what answers a question to what is known of the cell that it is asked of."""
    values = {**answer.decode(told.get("values", "{}")), **result.values}
    if values:
        told["values"] = answer.encode(values)
    if result.cause:
        told.setdefault("cause", result.cause)


def _answered(cell: Cell, notes: Mapping[str, Mapping[str, Any]]) -> Cell:
    if is_veiled(cell):
        return _noted(cell, notes[grade_id(cell)])
    about = checked(cell)
    if not is_graded(cell) or about not in notes:
        return cell
    note = _verdict(cell, notes)
    return _veiled(cell, note) if _settled(note) else _noted(cell, note)


def _verdict(cell: Cell, notes: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """What is known of a check before it is executed: which code it is about, and what prevents it."""
    about = checked(cell)
    asked = (name for name, _ in asked_of(cell["source"]))
    used = [notes[name] for name in dict.fromkeys((about, *asked)) if name in notes]
    written = "".join(note.get("fingerprint", "") for note in notes.values())
    note: dict[str, Any] = {"fingerprint": _fingerprint(written)}
    causes = [each["cause"] for each in used if each.get("cause")]
    if causes:
        note["cause"] = causes[0]
    elif notes[about].get("blank"):
        note["blank"] = True
    return note


def values(page: Notebook) -> dict[str, bytes]:
    """The file that ``module.answer`` reads, by its name; nothing for a page without code answers."""
    questions = _questions(page)
    found = {}
    for cell in page["cells"]:
        if is_veiled(cell) and (is_answer(cell) or not is_graded(cell)):
            name = grade_id(cell)
            names = [*(declared(cell) or ()), *questions.get(name, ())]
            there = answer.decode(_note(cell).get("values", "{}"))
            found[name] = {"declared": names, "values": there}
    return {answer.FILE: answer.encode(found).encode()} if found else {}


def unveiled(page: Notebook) -> Notebook:
    """Every veiled cell as a code cell again, with what it printed as its output."""
    return {**page, "cells": [_unveiled(cell) for cell in page["cells"]]}


def checked(cell: Cell) -> str:
    """The code answer that a check gives credit for; empty where a cell is no such check."""
    asked = places(cell["source"], "credit")
    return asked[0].exercises[0] if asked else ""


@lru_cache(maxsize=256)
def asked_of(source: str) -> tuple[tuple[str, Mapping[str, str]], ...]:
    """The cells that a check asks for by ``module.answer``, each with its questions by name."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return ()
    return tuple(_asked(node) for node in ast.walk(tree) if is_call(node, "answer") and node.args)


def _asked(call: ast.Call) -> tuple[str, Mapping[str, str]]:
    texts = {
        word.arg: word.value.value
        for word in call.keywords
        if word.arg and isinstance(word.value, ast.Constant) and isinstance(word.value.value, str)
    }
    first = call.args[0]
    return (str(first.value) if isinstance(first, ast.Constant) else ""), texts


def _unveiled(cell: Cell) -> Cell:
    if not is_veiled(cell):
        return cell
    note = dict(_note(cell))
    streams = [("stdout", note.pop("printed", "")), ("stderr", note.pop("problem", ""))]
    outputs = [
        {"output_type": "stream", "name": name, "text": text} for name, text in streams if text
    ]
    shown = _noted(cell, note)
    del shown["metadata"]["pamong"]["veiled"]
    return {**shown, "cell_type": "code", "outputs": outputs, "execution_count": None}


def _veiled(cell: Cell, note: Mapping[str, Any]) -> Cell:
    without = {"outputs", "execution_count", "attachments"}
    kept = {name: value for name, value in cell.items() if name not in without}
    made = _noted({**kept, "cell_type": "raw"}, note)
    made["metadata"]["pamong"]["veiled"] = True
    return made


def _noted(cell: Cell, note: Mapping[str, Any]) -> Cell:
    """The cell with another note; nothing is shared that could be changed through it."""
    mark = {**cell["metadata"].get("pamong", {}), "answer": dict(note)}
    return {**cell, "metadata": {**cell["metadata"], "pamong": mark}}


def _note(cell: Cell) -> Mapping[str, Any]:
    found: Mapping[str, Any] = cell["metadata"]["pamong"].get("answer", {})
    return found


def _settled(note: Mapping[str, Any]) -> bool:
    return bool(note.get("blank") or note.get("cause"))


def _told(result: Result) -> dict[str, Any]:
    """What the sandbox said of a cell, for its metadata: text only."""
    say = messages("code")
    refused = [say("refused", name=name, reason=why) for name, why in result.refused.items()]
    told = {
        "values": answer.encode(result.values) if result.values else "",
        "printed": result.printed,
        "problem": "\n".join(filter(None, [result.error, result.cause, *refused])),
        "cause": result.cause,
    }
    return {name: text for name, text in told.items() if text}


def _said(text: str) -> str:
    """What code says beyond comments, empty lines and ``pass``, which every stub is made of."""
    lines = (line.strip() for line in text.splitlines())
    return "\n".join(line for line in lines if line not in {"", "pass"} and line[0] != "#")


def _fingerprint(text: str) -> str:
    return sha256(json.dumps(text).encode()).hexdigest()[:32]
