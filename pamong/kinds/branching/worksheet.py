"""The exercise on paper."""

from __future__ import annotations

from pamong.catalogue import messages
from pamong.kinds import paper
from pamong.kinds.branching.case import Brief

DECISIONS = 8
"""Rows for decisions: the brief does not say how many there will be."""


def worksheet(brief: Brief) -> str:
    say = messages("worksheet")
    measures = [
        (each.label, f"{each.start} {each.unit}".strip(), each.explain) for each in brief.indicators
    ]
    head = (say("decision"), say("choice"), say("why"), say("consequence"))
    return "".join(
        (
            paper.heading(say("role")),
            paper.text(f"{brief.role.name}\n\n{brief.role.summary}"),
            paper.heading(say("situation")),
            paper.text(brief.situation),
            paper.grid((say("indicator"), say("start"), ""), measures),
            paper.heading(say("rules")),
            paper.text(brief.integrity),
            paper.heading(say("decisions")),
            paper.grid(head, [(f"{number}.", "", "", "") for number in range(1, DECISIONS + 1)]),
        )
    )
