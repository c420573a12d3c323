"""Things put in an order that follows from something one can learn: steps, criteria, or agreed practice.

Orders are compared by Spearman's footrule (1906; Diaconis & Graham, 1977), sequences by the share
of precedence pairs kept (Kendall, 1938), both beyond chance; ratings by squared differences
(Cohen, 1968). Urgency, seriousness and growth come from Kepner & Tregoe (1965).
"""

from __future__ import annotations

from pamong import kind
from pamong.kinds.ranking.bots import BOTS
from pamong.kinds.ranking.case import Brief, Criterion, Item, ItemKey, Key, Thing
from pamong.kinds.ranking.play import State, answers, apply, missing, opening, start
from pamong.kinds.ranking.scoring import advise, check, debrief, item_scores, score
from pamong.kinds.ranking.screen import render, view
from pamong.kinds.ranking.worksheet import worksheet

__all__ = ["KIND", "Brief", "Criterion", "Item", "ItemKey", "Key", "State", "Thing"]

KIND = kind.Kind(
    name="ranking",
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
