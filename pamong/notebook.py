"""Notebooks as plain data: read within bounds, and written so that equal notebooks are equal bytes.

The one place that knows nbformat. It is imported only to validate what an author wrote, because its
schema library alone takes longer to import than a hundred submissions take to read.
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator
from typing import Any

import msgspec

from pamong.errors import CourseError

Notebook = dict[str, Any]
"""A notebook of format 4 with every multi-line text joined; nbformat's own nodes are such dicts too."""
Cell = dict[str, Any]
SIZE_LIMIT = 20 * 1024 * 1024
"""Bytes of one notebook."""
CELL_LIMIT = 10_000
"""Cells of a notebook that somebody handed in."""
_NAME_LIMIT = 1024
"""Bytes of what nbgrader notes on a cell."""


def parse(content: bytes, name: str) -> Notebook:
    """The notebook in ``content``; CourseError when it is too large or not a notebook of format 4."""
    if len(content) > SIZE_LIMIT:
        raise _unreadable(name, f"it has more than {SIZE_LIMIT} bytes")
    try:
        notebook = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise _unreadable(name, f"it is not JSON ({error})") from error
    if not isinstance(notebook, dict) or notebook.get("nbformat") != 4:
        raise _unreadable(name, "it is not a notebook of format 4")
    cells = notebook.get("cells")
    if not isinstance(cells, list) or not all(_is_cell(cell) for cell in cells):
        raise _unreadable(name, "it has no cells, or a cell without type, metadata or text")
    for cell in cells:
        cell["source"] = "".join(cell["source"])
    return notebook


def skim(content: bytes, name: str) -> Notebook:
    """The cells of a notebook that somebody handed in, with id, grade id and text only; CourseError.

    Whatever else the notebook holds is passed over, never built: 20 MB of brackets would otherwise
    become 600 MB of objects.
    """
    if len(content) > SIZE_LIMIT:
        raise _unreadable(name, f"it has more than {SIZE_LIMIT} bytes")
    try:
        content.decode()
        found = _decoder.decode(content.removeprefix(codecs.BOM_UTF8))
    except msgspec.ValidationError as error:
        raise _unreadable(name, f"it is not a notebook ({error})") from error
    except (ValueError, RecursionError) as error:
        raise _unreadable(name, f"it is not JSON ({error})") from error
    if found.nbformat != 4:
        raise _unreadable(name, "it is not a notebook of format 4")
    if len(found.cells) > CELL_LIMIT:
        raise _unreadable(name, f"it has {len(found.cells)} cells, more than {CELL_LIMIT}")
    return {"nbformat": 4, "cells": [_skimmed(cell) for cell in found.cells]}


class _Metadata(msgspec.Struct, gc=False):
    nbgrader: msgspec.Raw = msgspec.Raw()


class _Cell(msgspec.Struct, gc=False):
    cell_type: str
    metadata: _Metadata
    source: str | list[str]
    id: msgspec.Raw = msgspec.Raw()


class _Notebook(msgspec.Struct, gc=False):
    nbformat: int
    cells: list[_Cell]


_decoder = msgspec.json.Decoder(_Notebook)


def _skimmed(cell: _Cell) -> Cell:
    mark, id = _small(cell.metadata.nbgrader), _small(cell.id)
    metadata = {"nbgrader": mark} if isinstance(mark, dict) else {}
    made = {"cell_type": cell.cell_type, "metadata": metadata, "source": "".join(cell.source)}
    return {**made, "id": id} if isinstance(id, str) else made


def _small(value: msgspec.Raw) -> object:
    """The value, unless it is larger than anything that nbgrader writes there."""
    content = bytes(value)
    try:
        return msgspec.json.decode(content) if 0 < len(content) <= _NAME_LIMIT else None
    except (ValueError, RecursionError):
        return None


def serialise(notebook: Notebook) -> bytes:
    """The notebook as Jupyter would save it: sorted keys, one space of indent, lines apart."""
    lines = {**notebook, "cells": [_with_lines(cell) for cell in notebook["cells"]]}
    encoded = msgspec.json.encode(lines, order="sorted")
    return msgspec.json.format(encoded, indent=1) + b"\n"


def validate(notebook: Notebook, name: str) -> None:
    """CourseError when an authored notebook breaks the schema, or a cell lacks an id of its own."""
    ids = [cell.get("id") for cell in notebook["cells"]]
    if None in ids or len(set(ids)) != len(ids):
        raise CourseError(f"{name}: give every cell an id of its own, or releases would differ.")
    import nbformat  # noqa: PLC0415  # slow to import, see above

    try:
        nbformat.validate(nbformat.from_dict(notebook))
    except nbformat.ValidationError as error:
        raise CourseError(f"{name} is not a valid notebook: {error.message}") from error


def grade_id(cell: Cell) -> str:
    """The name by which nbgrader knows a cell; empty where it has none."""
    mark = cell["metadata"].get("nbgrader")
    name = mark.get("grade_id", "") if isinstance(mark, dict) else ""
    return name if isinstance(name, str) else ""


def is_graded(cell: Cell) -> bool:
    """Whether nbgrader expects points for a cell."""
    return _flag(cell, "grade")


def is_answer(cell: Cell) -> bool:
    """Whether the text of a cell is the participant's."""
    return _flag(cell, "solution")


def is_code_answer(cell: Cell) -> bool:
    """Whether a cell is code that the participant writes."""
    return cell["cell_type"] == "code" and is_answer(cell)


def declared(cell: Cell) -> tuple[str, ...] | None:
    """The names whose values a code cell hands to its check; None where the author says nothing of it."""
    mark = cell["metadata"].get("pamong")
    names = mark.get("values") if isinstance(mark, dict) else None
    return tuple(map(str, names)) if isinstance(names, list) else None


def runs_apart(cell: Cell) -> bool:
    """Whether a cell runs in the sandbox: participants' code, and the author's code around it."""
    return cell["cell_type"] == "code" and (is_answer(cell) or declared(cell) is not None)


def is_task(cell: Cell) -> bool:
    """Whether a cell is a task of nbgrader's, whose answer lies in cells that a participant adds."""
    return _flag(cell, "task")


def points(cell: Cell) -> float:
    """What a graded cell is worth."""
    return float(cell["metadata"]["nbgrader"]["points"])


def is_weightless(cell: Cell) -> bool:
    """Whether a cell is graded, but for no points: what is done there changes no grade."""
    return is_graded(cell) and cell["metadata"]["nbgrader"].get("points") == 0


def written(content: bytes) -> tuple[tuple[str, str], ...]:
    """What a participant wrote, by grade id; the whole text where cells may be added. CourseError."""
    cells = skim(content, "notebook")["cells"]
    everything = any(map(is_task, cells))
    return tuple((grade_id(it), it["source"]) for it in cells if everything or is_answer(it))


def essay_of(cell: Cell) -> tuple[str, str]:
    """The exercise and prompt that an essay cell belongs to; empty where the author named none."""
    mark = cell["metadata"].get("pamong")
    reference = mark.get("essay") if isinstance(mark, dict) else None
    reference = reference if isinstance(reference, dict) else {}
    return str(reference.get("exercise", "")), str(reference.get("prompt", ""))


def graded(notebook: Notebook) -> Iterator[Cell]:
    """The cells that carry points, in order."""
    return (cell for cell in notebook["cells"] if is_graded(cell))


def named(notebook: Notebook, name: str) -> tuple[Cell, ...]:
    """Every cell with this grade id: none when it was deleted, several when it was split or copied."""
    return tuple(cell for cell in notebook["cells"] if grade_id(cell) == name)


def _flag(cell: Cell, name: str) -> bool:
    mark = cell["metadata"].get("nbgrader")
    return isinstance(mark, dict) and mark.get(name) is True


def _is_cell(cell: object) -> bool:
    if not isinstance(cell, dict) or not isinstance(cell.get("metadata"), dict):
        return False
    source = cell.get("source")
    lines = source if isinstance(source, list) else [source]
    return isinstance(cell.get("cell_type"), str) and all(isinstance(line, str) for line in lines)


def _with_lines(cell: Cell) -> Cell:
    cell = {**cell, "source": _lines(cell["source"])}
    if "outputs" in cell:
        cell["outputs"] = [_output_with_lines(output) for output in cell["outputs"]]
    return cell


def _output_with_lines(output: dict[str, Any]) -> dict[str, Any]:
    if isinstance(output.get("text"), str):
        return {**output, "text": _lines(output["text"])}
    if isinstance(output.get("data"), dict):
        data = {
            mime: _lines(value) if isinstance(value, str) and not mime.endswith("json") else value
            for mime, value in output["data"].items()
        }
        return {**output, "data": data}
    return output


def _lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)


def _unreadable(name: str, reason: str) -> CourseError:
    return CourseError(f"{name} cannot be read: {reason}.")
