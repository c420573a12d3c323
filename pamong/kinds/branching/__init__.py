"""A branching case: decisions one after the other, each with its price in several indicators.

The shape (situation, alternatives, feedback, end) is that of branching scenarios as authors know them
from e-learning; conditions and flags are those of interactive fiction, kept out of the prose so that a
case can be checked and searched. Scored by opportunity loss (Savage, 1951, The theory of statistical
decision) under a conjunctive gate of integrity (Einhorn, 1970). Nobody can go back: a loop would be
a free retry.

Events of an attempt (the last attempt begun counts, finished or not):

=======  ===========  =======================================================================
act      who          data
=======  ===========  =======================================================================
open     system [*]_  {"variant": id, "engine": number}
begin    participant  {}
scene    counterpart  {"node", "title", "text", "indicators": {id: value}, "consequence": what the
                      choice before led to, "options": [{"id", "text"}] in shown order,
                      "closed": [{"text", "why"}]}; after begin, and after each choice but the last
choose   participant  {"option": id, "reason": text of at least ``reason_words`` words}
ending   counterpart  {"ending": id, "title", "text", "indicators", "consequence"}
finish   participant  {}; only after the ending
debrief  counterpart  see ``debriefing``; after finish
=======  ===========  =======================================================================

.. [*] counterpart when the exercise is graded.
"""

from __future__ import annotations

from random import Random
from typing import Any

from pamong.event import Data
from pamong.kind import Kind, Reactive
from pamong.kinds.branching.advice import advise
from pamong.kinds.branching.bots import BOTS
from pamong.kinds.branching.case import (
    Brief,
    Change,
    Ending,
    Indicator,
    Key,
    Node,
    Option,
    Role,
    Variant,
    variant_ids,
)
from pamong.kinds.branching.counterpart import ENGINE, respond
from pamong.kinds.branching.play import State, apply, start
from pamong.kinds.branching.scoring import answers, item_scores, score
from pamong.kinds.branching.screen import missing, view
from pamong.kinds.branching.soundness import check
from pamong.kinds.branching.summary import render
from pamong.kinds.branching.worksheet import worksheet

__all__ = [
    "KIND",
    "Brief",
    "Change",
    "Ending",
    "Indicator",
    "Key",
    "Node",
    "Option",
    "Role",
    "State",
    "Variant",
]


def opening(brief: Brief, rng: Random) -> Data:
    """A variant of a practice case; a graded one is opened by the authority."""
    return {"variant": rng.choice(variant_ids(brief.model))} if brief.model else {}


def debrief(brief: Brief, key: Key, state: State) -> dict[str, Any] | None:  # noqa: ARG001
    """None: the counterpart's ``debrief`` event carries it, so it is in the view."""
    return None


def endings(brief: Brief, key: Key) -> tuple[str, ...]:  # noqa: ARG001
    return tuple(key.endings)


def ending(brief: Brief, state: State) -> str:  # noqa: ARG001
    attempt = state.counted
    return attempt.outcome.ending if attempt and attempt.outcome else ""


KIND: Kind[Brief, Key, State] = Kind(
    name="branching",
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
    reactive=Reactive(engine=ENGINE, variants=variant_ids, respond=respond),
    answers=answers,
    item_scores=item_scores,
    check=check,
    advise=advise,
    endings=endings,
    ending=ending,
)
