"""A decision between alternatives by several weighted criteria (weighted sum), with facts to dig out."""

from __future__ import annotations

from pamong import kind
from pamong.kinds.matrix.bots import BOTS
from pamong.kinds.matrix.case import Alternative, Brief, Criterion, Document, Key
from pamong.kinds.matrix.play import State, apply, missing, opening, start
from pamong.kinds.matrix.scoring import check, debrief, score
from pamong.kinds.matrix.screen import render, view
from pamong.kinds.matrix.worksheet import worksheet

__all__ = ["KIND", "Alternative", "Brief", "Criterion", "Document", "Key", "State"]

KIND = kind.Kind(
    name="matrix",
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
    check=check,
)
