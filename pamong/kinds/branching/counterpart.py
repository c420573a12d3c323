"""The world that answers: the next scene, the ending, and the debrief, from the key alone."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from pamong.event import Action
from pamong.kinds.branching.appraisal import walked
from pamong.kinds.branching.case import Brief, Key, Option
from pamong.kinds.branching.debriefing import debrief
from pamong.kinds.branching.graph import Edge, Graph, Place, feedback_of, option_of
from pamong.kinds.branching.play import Attempt, State

ENGINE = 1
"""Raise this with any change to what follows from a choice or to its wording."""


def respond(brief: Brief, key: Key, state: State) -> tuple[Action, ...]:
    """The scene or the ending due after the participant's last act, or the debrief after the end."""
    attempt = state.current
    if attempt is None:
        return ()
    if attempt.finished:
        return () if attempt.debrief else (Action("debrief", debrief(brief, key, attempt)),)
    if not attempt.waiting:
        return ()
    graph, places = walked(brief, key, attempt)
    place = places[-1]
    told = {
        "indicators": dict(zip((it.id for it in brief.indicators), place.values, strict=True)),
        "consequence": _consequence(key, attempt),
    }
    if place.node in key.endings:
        ending = key.endings[place.node]
        return (
            Action(
                "ending",
                {"ending": place.node, "title": ending.title, "text": ending.text, **told},
            ),
        )
    node = key.nodes[place.node]
    options = _options(brief, key, graph, attempt, place)
    return (
        Action(
            "scene",
            {"node": place.node, "title": node.title, "text": node.text, **options, **told},
        ),
    )


def _consequence(key: Key, attempt: Attempt) -> str:
    if not attempt.choices:
        return ""
    node, name = attempt.scenes[-1].node, attempt.choices[-1].option
    return feedback_of(key, attempt.variant, node, option_of(key, node, name))


def _options(
    brief: Brief, key: Key, graph: Graph, attempt: Attempt, place: Place
) -> dict[str, Any]:
    """What can be chosen, in an order that tells nothing, and what cannot, with the reason why."""
    seed = f"{brief.id}|{attempt.variant}|{attempt.number}|{place.node}"
    edges = sorted(
        graph.edges(place.node), key=lambda it: sha256(f"{seed}|{it.id}".encode()).digest()
    )

    def option(edge: Edge) -> Option:
        return option_of(key, place.node, edge.id)

    return {
        "options": [{"id": it.id, "text": option(it).text} for it in edges if it.is_open(place)],
        "closed": [
            {"text": option(it).text, "why": option(it).closed}
            for it in edges
            if not it.is_open(place) and option(it).closed
        ],
    }
