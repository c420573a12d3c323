"""Bargaining over several issues with a simulated counterpart.

Events of an attempt (the last attempt in which something was said at the table counts):

=======  ===========  =======================================================================
act      who          data
=======  ===========  =======================================================================
open     system [*]_  {"variant": id}
prepare  participant  {"floor": int, "target": int, "priorities": [issue, ...] (best first, 1..3),
                      "expects_zone": bool, "guess": [issue, ...] (their ranking, may be [])};
                      once, before anything else
greet    participant  {"phrase": id}; at most once, before the first offer
ask      participant  {}; costs no round; at most ``questions``
share    participant  {"issue": id}; at most ``shares``
argue    participant  {"argument": id}; each at most twice, and the second time in vain
offer    participant  {"package": {issue: option index}}; costs a round
accept   participant  {}; takes the counterpart's standing offer
walk     participant  {}
reply    counterpart  {"re": one of greeted|info|evasive|enough|noted|moved|unmoved|warned|counter|
                      accept|deal|nodeal|walkout|deadline, "text": str, "package"?: {...},
                      "issue"?: id, "rank"?: int}; exactly one after each act from greet to walk
model    participant  {"ranking": [issue, ...]}: the other side's priorities, after the talk
close    participant  {"phrase": id}: a phrase from ``closings``, after the talk
finish   participant  {}; ends the attempt
debrief  counterpart  see ``debriefing``; after finish
=======  ===========  =======================================================================

.. [*] counterpart when the exercise is graded.
"""

from __future__ import annotations

from random import Random
from typing import Any

from pamong.event import Data
from pamong.kind import Kind, Reactive
from pamong.kinds.negotiation import bots
from pamong.kinds.negotiation.case import (
    Alternative,
    Argument,
    Brief,
    Issue,
    Key,
    Option,
    Persona,
    Phrase,
    Role,
    Temper,
    Variant,
)
from pamong.kinds.negotiation.counterpart import ENGINE, respond
from pamong.kinds.negotiation.person import person
from pamong.kinds.negotiation.play import State, apply, start
from pamong.kinds.negotiation.scoring import score
from pamong.kinds.negotiation.screen import missing, view
from pamong.kinds.negotiation.soundness import advise, check
from pamong.kinds.negotiation.summary import render
from pamong.kinds.negotiation.worksheet import worksheet

__all__ = [
    "KIND",
    "Alternative",
    "Argument",
    "Brief",
    "Issue",
    "Key",
    "Option",
    "Persona",
    "Phrase",
    "Role",
    "State",
    "Temper",
    "Variant",
]


def variants(key: Key) -> tuple[str, ...]:
    return tuple(variant.id for variant in key.variants)


def opening(brief: Brief, rng: Random) -> Data:
    """A payoff variant of a practice case; a graded one is opened by the authority."""
    return {"variant": rng.choice(variants(brief.model))} if brief.model else {}


def debrief(brief: Brief, key: Key, state: State) -> dict[str, Any] | None:  # noqa: ARG001
    """None: the counterpart's ``debrief`` event carries it, so it is in the view."""
    return None


def endings(brief: Brief, key: Key) -> tuple[str, ...]:  # noqa: ARG001  # every case has all four
    return ("deal", "nodeal", "walkout", "deadline")


def ending(brief: Brief, state: State) -> str:  # noqa: ARG001  # the state knows
    counted = state.counted
    return counted.ending if counted else ""


KIND: Kind[Brief, Key, State] = Kind(
    name="negotiation",
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
    bots={
        "capitulate": bots.capitulate,
        "hard": bots.hard,
        "split": bots.split,
        "concede": bots.concede,
        "normative": bots.normative,
        "random": bots.at_random,
        "trade": bots.trade,
        "oracle": bots.oracle,
        "walker": bots.walker,
        "person": person,
    },
    reactive=Reactive(engine=ENGINE, variants=variants, respond=respond),
    check=check,
    advise=advise,
    endings=endings,
    ending=ending,
)
