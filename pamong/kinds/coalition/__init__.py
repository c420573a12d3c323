"""A stakeholder map, and a coalition won with limited effort.

Actors are put on a grid of power and interest (Mendelow, 1991), given a strategy and, where they
decide, an order; then the map is locked and effort is spent over a few turns. The cheapest winning
plan stands for the minimal winning coalition (Riker, 1962); who decides is measured by how often a
voter turns a losing coalition into a winning one (Banzhaf, 1965).

Events of an attempt (the last begun attempt counts):

========  ===========  ========================================================================
act       who          data
========  ===========  ========================================================================
open      system [*]_  {"variant": id}
place     participant  {"actor": id, "power": 0..5, "interest": 0..5} (0: still open)
strategy  participant  {"actor": id, "strategy": close|satisfy|inform|monitor}
rank      participant  {"order": [id, ...]}: everybody who has votes or a veto, most decisive first
lock      participant  {}; the map is complete and cannot be changed any more
turn      participant  {"actions": [id, ...]}; each once, within the effort that is left
support   counterpart  {"turn": n, "support": {actor: 0..100}, "news": [text, ...]}; after lock
                       and after every turn
finish    participant  {}; any time after lock
debrief   counterpart  see ``debriefing``; after finish
========  ===========  ========================================================================

.. [*] counterpart when the exercise is graded.
"""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import Any

from pamong.event import Data
from pamong.kind import Kind, Reactive
from pamong.kinds.coalition.bots import BOTS
from pamong.kinds.coalition.case import Actor, Brief, Key, Link, Move, Place, Variant, variants
from pamong.kinds.coalition.counterpart import ENGINE, respond
from pamong.kinds.coalition.play import State, apply, ending, start
from pamong.kinds.coalition.scoring import closeness, fit, score
from pamong.kinds.coalition.screen import missing, view
from pamong.kinds.coalition.soundness import advise, check
from pamong.kinds.coalition.summary import render
from pamong.kinds.coalition.worksheet import worksheet

__all__ = ["KIND", "Actor", "Brief", "Key", "Link", "Move", "Place", "State", "Variant"]


def opening(brief: Brief, rng: Random) -> Data:
    """A variant of a practice case; a graded one is opened by the authority."""
    return {"variant": rng.choice(variants(brief.model))} if brief.model else {}


def debrief(brief: Brief, key: Key, state: State) -> dict[str, Any] | None:  # noqa: ARG001
    """None: the counterpart's ``debrief`` event carries it, so it is in the view."""
    return None


def answers(brief: Brief, state: State) -> Mapping[str, str]:  # noqa: ARG001
    """The strategy chosen for each actor."""
    return dict(state.counted.strategies) if state.counted else {}


def item_scores(brief: Brief, key: Key, state: State) -> Mapping[str, float]:
    """Per actor the mean of how close it was placed and how well its strategy fits."""
    attempt = state.counted
    if attempt is None:
        return {}
    return {
        actor: (
            closeness(key.placement[actor], attempt.positions.get(actor))
            + fit(key.placement[actor], attempt.strategies.get(actor))
        )
        / 2
        for actor in brief.people
    }


def endings(brief: Brief, key: Key) -> tuple[str, ...]:  # noqa: ARG001
    """Won, votes short, or a veto unmet (only where somebody has one)."""
    return ("won", "quorum", "veto") if brief.vetoes else ("won", "quorum")


KIND: Kind[Brief, Key, State] = Kind(
    name="coalition",
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
    reactive=Reactive(engine=ENGINE, variants=variants, respond=respond),
    answers=answers,
    item_scores=item_scores,
    check=check,
    advise=advise,
    endings=endings,
    ending=ending,
)
