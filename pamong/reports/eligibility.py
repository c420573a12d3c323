"""Who may be proposed as having passed, by open rules; the committee decides, not this list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from pamong.catalogue import messages
from pamong.reports.facts import Grade
from pamong.reports.suppression import Group

Status = Literal["eligible", "remedial", "waiting", "postponed"]
STATUSES: tuple[Status, ...] = get_args(Status)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdicts:
    """One status per person (row), with the modules (columns) that stand in the way."""

    statuses: npt.NDArray[np.str_]
    missing: npt.NDArray[np.bool_]
    below: npt.NDArray[np.bool_]

    def group(self, status: Status) -> Group:
        """Everybody of this status."""
        return np.asarray(self.statuses == status, dtype=np.bool_)


def verdicts(
    *,
    submitted: npt.NDArray[np.bool_],
    percent: npt.NDArray[np.float64],
    final: npt.NDArray[np.float64],
    waiting: npt.NDArray[np.bool_],
    due: npt.NDArray[np.bool_],
    counts: npt.NDArray[np.bool_],
    pass_mark: float,
) -> Verdicts:
    """Postponed: a module that is due was not handed in. Waiting: a mark of a person is still to come.

    Remedial: the mark of a module or the final one is below the pass mark. Eligible: all others. Of a
    module that does not count towards the final mark (``counts``) nothing but being handed in is asked.
    """
    percent, final = (np.floor(it * 100 + 0.5) / 100 for it in (percent, final))  # as stated
    missing = due & ~submitted
    below = due & counts & submitted & (np.nan_to_num(percent, nan=pass_mark) < pass_mark)
    low = below.any(axis=1) | (np.nan_to_num(final, nan=pass_mark) < pass_mark)
    unmarked = (waiting & counts).any(axis=1) | np.isnan(final)
    statuses = np.select(
        [missing.any(axis=1), unmarked, low], ["postponed", "waiting", "remedial"], "eligible"
    )
    return Verdicts(statuses=statuses, missing=missing, below=below)


def named(status: str, *, part: bool) -> str:
    """What a status is called; ``part`` where the final mark is of a part of the modules only."""
    say = messages("report")
    words = say(f"eligible.status.{status}")
    decided = status in ("eligible", "remedial")
    return say("eligible.part", status=words) if part and decided else words


def rounded(mark: float) -> float:
    """A mark as it is stated and classified: half up to two decimals."""
    return float(np.floor(mark * 100 + 0.5) / 100)


def qualification(bands: tuple[tuple[str, float], ...], mark: float) -> str:
    """The first of ``bands``, the highest first, that a mark reaches; empty when it reaches none."""
    return next((label for label, start in bands if rounded(mark) >= start), "")


def unmarked(
    grades: tuple[Grade, ...],
    row: dict[str, int],
    column: dict[str, int],
    submitted: npt.NDArray[np.bool_],
    marked: npt.NDArray[np.bool_],
) -> npt.NDArray[np.bool_]:
    """Per person and module whether something handed in still waits for a mark.

    In modules that give no marks at all (not ``marked``) nothing does.
    """
    graded, pending = np.zeros_like(submitted), np.zeros_like(submitted)
    for grade in grades:
        if grade.participant in row and grade.module in column:
            place = row[grade.participant], column[grade.module]
            graded[place] = True
            pending[place] |= grade.pending
    return np.asarray(submitted & marked & (pending | ~graded), dtype=np.bool_)
