"""Free text with a rubric for a person to mark, evidence picked from one's own log, and predictions."""

from __future__ import annotations

from pamong import kind
from pamong.kinds.reflection.bots import BOTS
from pamong.kinds.reflection.play import (
    Brief,
    Criterion,
    Evidence,
    Key,
    Prediction,
    Prompt,
    State,
    apply,
    debrief,
    missing,
    needs,
    opening,
    picks,
    render,
    score,
    start,
    view,
)
from pamong.kinds.reflection.worksheet import worksheet

__all__ = ["KIND", "Brief", "Criterion", "Evidence", "Key", "Prediction", "Prompt", "State"]

KIND = kind.Kind(
    name="reflection",
    brief=Brief,
    key=Key,
    start=start,
    apply=apply,
    opening=opening,
    missing=missing,
    view=view,
    debrief=debrief,
    score=score,
    render=render,
    worksheet=worksheet,
    bots=BOTS,
    needs=needs,
    picks=picks,
)
