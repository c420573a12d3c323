"""A guided canvas: fields and tables in stages, one opening when those before it are complete.

Worked forms of this sort carry the steps of a way of thinking until people take them on themselves
(scaffolding: Wood, Bruner & Ross, 1976; Quintana et al., 2004). What a text means is left to people;
what can be counted is: completeness, copies (resemblance, Broder, 1997; Jaccard, 1912), figures with
dates (goal setting, Locke & Latham, 2002), links up and down a cascade, and slots covered.
"""

from __future__ import annotations

from pamong import kind
from pamong.kinds.canvas.bots import BOTS
from pamong.kinds.canvas.case import Brief, Field, Key, Option, Rows, Rule, Stage
from pamong.kinds.canvas.filling import missing
from pamong.kinds.canvas.play import apply, opening, start
from pamong.kinds.canvas.scoring import answers, debrief, item_scores, score
from pamong.kinds.canvas.screen import render, view
from pamong.kinds.canvas.sheet import Row, State
from pamong.kinds.canvas.soundness import advise, check
from pamong.kinds.canvas.worksheet import worksheet

__all__ = ["KIND", "Brief", "Field", "Key", "Option", "Row", "Rows", "Rule", "Stage", "State"]

KIND = kind.Kind(
    name="canvas",
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
    check=check,
    advise=advise,
)
