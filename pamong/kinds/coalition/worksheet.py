"""The exercise on paper."""

from __future__ import annotations

from pamong.catalogue import messages
from pamong.kinds import paper
from pamong.kinds.coalition.case import Brief


def worksheet(brief: Brief) -> str:
    say = messages("worksheet")
    actors = [(each.name, each.clue, "", "", "") for each in brief.actors]
    actions = [
        (each.label, str(each.cost), *("" for _ in range(brief.turns))) for each in brief.actions
    ]
    turns = [say("turn", number=number) for number in range(1, brief.turns + 1)]
    head = (say("actor"), say("clue"), say("power"), say("concern"), say("strategy"))
    return "".join(
        (
            paper.heading(say("role")),
            paper.text(f"{brief.role}\n\n{brief.decision}\n\n{brief.quorum_text}"),
            paper.grid(head, actors),
            paper.lines(2, say("first")),
            paper.heading(say("actions", effort=brief.effort)),
            paper.grid((say("action"), say("cost"), *turns), actions),
            paper.lines(brief.turns, say("support")),
        )
    )
