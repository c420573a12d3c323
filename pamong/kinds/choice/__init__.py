"""Multiple choice with distractors, each of which names the misconception it catches."""

from __future__ import annotations

from pamong import kind
from pamong.kinds.choice.advice import advise
from pamong.kinds.choice.bots import BOTS
from pamong.kinds.choice.play import (
    Brief,
    Item,
    ItemKey,
    Key,
    Option,
    State,
    answers,
    apply,
    check,
    debrief,
    item_scores,
    missing,
    opening,
    render,
    score,
    start,
    view,
)
from pamong.kinds.choice.worksheet import worksheet

__all__ = ["KIND", "Brief", "Item", "ItemKey", "Key", "Option", "State"]

KIND = kind.Kind(
    name="choice",
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
    answers=answers,
    item_scores=item_scores,
    asks_everybody_alike=True,
    check=check,
    advise=advise,
)
