"""The exercise on paper."""

from __future__ import annotations

from pamong.catalogue import messages
from pamong.kinds import paper
from pamong.kinds.mediation.case import Brief


def worksheet(brief: Brief) -> str:
    say = messages("worksheet")
    parties = [(each.name, each.position, "", "") for each in brief.parties]
    clauses = [
        (issue.label, "; ".join(option.text for option in issue.options), "")
        for issue in brief.issues
    ]
    steps = [(f"{number}.", "", "", "") for number in range(1, brief.steps + 1)]
    head = (say("parties"), say("position"), say("interest"), say("secret"))
    return "".join(
        (
            paper.heading(say("role")),
            paper.text(brief.role),
            paper.boxes(brief.rules),
            paper.grid(head, parties),
            paper.heading(say("steps", steps=brief.steps)),
            paper.grid((say("step"), say("who"), say("said"), say("heard")), steps),
            paper.heading(say("draft")),
            paper.grid((say("issue"), say("clauses"), say("clause")), clauses),
        )
    )
