"""Mediation between parties whose interests come to light only by trust and good questions.

The participant mediates (lurah, camat) and decides nothing. Interests stand behind positions (Fisher &
Ury, 1981); the mediator builds trust, uncovers hidden interests in caucus, and works on one text
(Moore, 1986; Fisher & Ury's one-text procedure). What is said in caucus in confidence
stays there unless its owner permits: a breach caps the score. The outcome is the n-party product of
gains over the alternatives (Nash, 1950; Raiffa, 1982); the conduct follows what published observer
checklists for trainee mediators look at: opening, interests found, confidentiality, reality tests.

Events of an attempt (the last attempt in which anything was done counts):

==========  ===========  ==============================================================================
act         who          data
==========  ===========  ==============================================================================
open        system [*]_  {"variant": id}
begin       participant  {"wording": id}; the opening statement, before anything else
ask         participant  {"to": party, "wording": id}
paraphrase  participant  {"interest": id, "wording": id}; at the joint table or with its owner
reframe     participant  {"to": party, "wording": id}
caucus      participant  {"party": id}; leave for a private talk
joint       participant  {}; back to the joint table; costs no step
permission  participant  {"interest": id, "wording": id}; in the owner's caucus
disclose    participant  {"interest": id}; to all at the joint table or to another party in its caucus
propose     participant  {"draft": {issue: option id}}; those present say what they think of it
test        participant  {"to": party, "issue": id, "wording": id}; a clause of the latest draft
close       participant  {"wording": id}; asks all, at the joint table, to agree to the latest draft
withdraw    participant  {}; stops without an agreement; costs no step
reply       counterpart  {"re", "lines": [{"by", "text"}], "trust": {party: 0..5}, "ending":
                         ""|agreement|stopped|walkout|steps, "fact"?, "consent"?}; one after each act
finish      participant  {}; after an ending
debrief     counterpart  see ``debriefing``; after finish
==========  ===========  ==============================================================================

.. [*] counterpart when the exercise is graded.
"""

from __future__ import annotations

from random import Random
from typing import Any

from pamong.event import Data
from pamong.kind import Kind, Reactive
from pamong.kinds.mediation import bots
from pamong.kinds.mediation.case import Brief, Key
from pamong.kinds.mediation.counterpart import ENGINE, respond, variants
from pamong.kinds.mediation.person import person
from pamong.kinds.mediation.play import State, apply, start
from pamong.kinds.mediation.scoring import score
from pamong.kinds.mediation.screen import missing, view
from pamong.kinds.mediation.soundness import advise, check
from pamong.kinds.mediation.summary import render
from pamong.kinds.mediation.worksheet import worksheet

__all__ = ["KIND", "Brief", "Key", "State"]


def opening(brief: Brief, rng: Random) -> Data:
    """A payoff variant of a practice case; a graded one is opened by the authority."""
    return {"variant": rng.choice(variants(brief.model))} if brief.model else {}


def debrief(brief: Brief, key: Key, state: State) -> dict[str, Any] | None:  # noqa: ARG001
    """None: the counterpart's ``debrief`` event carries it, so it is in the view."""
    return None


def endings(brief: Brief, key: Key) -> tuple[str, ...]:  # noqa: ARG001
    """Agreement only where one is possible."""
    possible = ("agreement",) if key.agreement_zone == "exists" else ()
    return (*possible, "stopped", "walkout", "steps")


def ending(brief: Brief, state: State) -> str:  # noqa: ARG001
    attempt = state.counted
    return attempt.ending if attempt else ""


KIND: Kind[Brief, Key, State] = Kind(
    name="mediation",
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
        "random": bots.at_random,
        "middle": bots.middle,
        "first": bots.first,
        "agree": bots.agree,
        "normative": bots.normative,
        "gossip": bots.gossip,
        "blunt": bots.blunt,
        "attentive": bots.attentive,
        "oracle": bots.oracle,
        "person": person,
    },
    reactive=Reactive(engine=ENGINE, variants=variants, respond=respond),
    check=check,
    advise=advise,
    endings=endings,
    ending=ending,
)
