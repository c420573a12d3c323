"""From an executed notebook to what each graded cell came to. Anything doubtful is for a person."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Struct

from pamong.catalogue import messages
from pamong.grading.confined import code
from pamong.grading.restore import Logs, fingerprint
from pamong.notebook import Cell, Notebook, grade_id, graded, is_answer, points
from pamong.outcome import Errored, Missing, Outcome, Scored
from pamong.place import places
from pamong.score import Score

OUTCOME_MIME = "application/vnd.pamong.outcome+json"


class Handed(Struct, frozen=True):
    """An answer that only a person can mark."""

    maximum: float


class Mark(Struct, frozen=True):
    """One graded cell; ``fingerprint`` names the answer it was given for, empty where nobody read it."""

    cell: str
    outcome: Outcome | Handed
    fingerprint: str

    @property
    def points(self) -> float | None:
        """What the cell scores without a person; None when a person has to say."""
        match self.outcome:
            case Scored(points=value):
                return value
            case Missing():
                return 0.0
            case _:
                return None

    @property
    def comment(self) -> str | None:
        """What the marker should know, in the marker's language."""
        match self.outcome:
            case Errored(cause=cause):
                return messages("grading")("comment.errored", cause=cause)
            case Missing():
                return messages("grading")("comment.blank")
            case _:
                return None


def marks(executed: Notebook, logs: Logs) -> tuple[Mark, ...]:
    """What every graded cell of an executed notebook came to, in order."""
    return tuple(
        _essay(cell) if is_answer(cell) else _played(cell, logs) for cell in graded(executed)
    )


def unmarked(source: Notebook, logs: Logs, cause: str) -> tuple[Mark, ...]:
    """Every graded cell as errored, for a submission that could not be executed.

    Nobody has read what people wrote in cells: which answer that was stays unknown.
    """
    return tuple(
        Mark(
            grade_id(cell),
            Errored(points(cell), cause),
            "" if is_answer(cell) or places(cell["source"], "credit") else _played_log(cell, logs),
        )
        for cell in graded(source)
    )


def exercises_of(cell: Cell) -> tuple[str, ...]:
    """The exercises whose points, or the code answer whose credit, a graded code cell may ask for."""
    asked = places(cell["source"], "points") or places(cell["source"], "credit")
    return asked[0].exercises if asked else ()


def exercise_of(cell: Cell, logs: Logs) -> str:
    """The exercise that an executed cell tells of; failing that, the first one that was played."""
    for output in cell.get("outputs", []):
        data = output.get("data", {}).get(OUTCOME_MIME)
        if isinstance(data, Mapping) and data.get("exercise") in exercises_of(cell):
            return str(data["exercise"])
    asked = exercises_of(cell)
    return next((each for each in asked if each in logs), asked[0] if asked else "")


def shown_exercises(cell: Cell) -> tuple[str, ...]:
    """The exercises that a code cell may display."""
    shown = places(cell["source"], "exercise") if cell["cell_type"] == "code" else ()
    return shown[0].exercises if shown else ()


def _essay(cell: Cell) -> Mark:
    maximum, answer = points(cell), _note(cell)
    outcome: Outcome | Handed = Handed(maximum)
    if not answer:
        outcome = Errored(maximum, "The answer was not read; grade with Pamong's preprocessors.")
    elif "cause" in answer:
        outcome = Errored(maximum, answer["cause"])
    elif answer["blank"]:
        outcome = Missing(maximum)
    return Mark(grade_id(cell), outcome, answer.get("fingerprint", ""))


def _played(cell: Cell, logs: Logs) -> Mark:
    """A cell that was executed, or a check of code that is known to be blank or beyond judging."""
    note, outcome = _note(cell), _outcome(cell)
    if "cause" in note:
        outcome = Errored(points(cell), note["cause"])
    elif note.get("blank"):
        outcome = Missing(points(cell))
    return Mark(grade_id(cell), outcome, note.get("fingerprint") or _played_log(cell, logs))


def _note(cell: Cell) -> Mapping[str, Any]:
    """What grading has noted on a cell about the answer that it holds or checks."""
    found: Mapping[str, Any] = cell["metadata"].get("pamong", {}).get("answer", {})
    return found


def _played_log(cell: Cell, logs: Logs) -> str:
    return fingerprint(b"".join(logs.get(each, b"") for each in exercises_of(cell)))


def _outcome(cell: Cell) -> Outcome:
    maximum = points(cell)
    try:
        return _read(cell, maximum)
    except ValueError as error:
        return Errored(maximum, str(error))


def _read(cell: Cell, maximum: float) -> Outcome:
    """The outcome that a cell displays; ValueError for anything but exactly one believable outcome."""
    results = []
    for output in cell.get("outputs", []):
        if output["output_type"] == "error":
            raise _doubt(f"{output.get('ename')}: {output.get('evalue')}")
        if output["output_type"] == "stream" and output.get("name") == "stderr":
            raise _doubt(f"stderr: {_joined(output.get('text', ''))[:500]}")
        if output["output_type"] == "execute_result":
            results.append(output["data"])
    if len(results) != 1:
        raise _doubt(f"The cell shows {len(results)} results instead of one outcome.")
    data = results[0].get(OUTCOME_MIME)
    if not isinstance(data, Mapping):
        shown = _joined(results[0].get("text/plain", ""))
        raise _doubt(f"The cell shows {shown[:200]!r}, no outcome.")
    if data.get("exercise") not in exercises_of(cell):
        raise _doubt(f"The outcome is that of {data.get('exercise')!r}.")
    if data.get("maximum") != maximum:
        raise _doubt(
            f"The outcome is out of {data.get('maximum')!r}, the cell of {maximum} points."
        )
    return _decode(data, maximum, _joined(results[0].get("text/plain", "")))


def _decode(data: Mapping[str, Any], maximum: float, text: str) -> Outcome:
    match data.get("outcome"):
        case "missing":
            return Missing(maximum)
        case "errored":
            return Errored(maximum, str(data.get("cause") or "No cause was given."))
        case "scored":
            value = _number(data.get("points"))
            if not 0 <= value <= maximum:
                raise _doubt(f"{value} points lie outside 0..{maximum}.")
            if _number(text) != value:
                raise _doubt(f"The cell shows {text!r} beside {value} points.")
            return Scored(value, maximum, _score(data))
        case other:
            raise _doubt(f"{other!r} is not an outcome.")


def _number(value: object) -> float:
    """A finite number; ValueError for text, a boolean, NaN or infinity."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise _doubt(f"{value!r} is not a number of points.")
    number = float(value)
    if not math.isfinite(number):
        raise _doubt(f"{value!r} is not a number of points.")
    return number


def _score(data: Mapping[str, Any]) -> Score:
    fields = {name: data.get(name) for name in ("value", "parts", "caps")}
    try:
        score = msgspec.convert(fields, Score)
    except msgspec.ValidationError as error:
        raise _doubt(f"The parts of the score cannot be read: {error}.") from error
    if not (math.isfinite(score.value) and 0 <= score.value <= 1):
        raise _doubt(f"A score of {score.value} lies outside 0..1.")
    return score


def _doubt(reason: str) -> ValueError:
    return ValueError(reason)


def _joined(text: str | list[str]) -> str:
    return text if isinstance(text, str) else "".join(text)


def annotate(executed: Notebook, found: tuple[Mark, ...]) -> Notebook:
    """The notebook as people read it, with the cause under every cell that a person has to settle."""
    causes = {mark.cell: mark.comment for mark in found if isinstance(mark.outcome, Errored)}
    cells = []
    for cell in code.unveiled(executed)["cells"]:
        cause = causes.get(grade_id(cell))
        if cause and cell["cell_type"] == "code":
            note = {"output_type": "display_data", "metadata": {}, "data": {"text/plain": cause}}
            cell = {**cell, "outputs": [*cell["outputs"], note]}  # noqa: PLW2901
        cells.append(cell)
    return {**executed, "cells": cells}
