"""The exercise on paper."""

from __future__ import annotations

from pamong.catalogue import messages
from pamong.kinds import paper
from pamong.kinds.situational.play import Brief


def worksheet(brief: Brief) -> str:
    say = messages("worksheet")
    how = {"ranking": "rank.best", "best_worst": "best_worst", "rating": "rate"}[brief.format]
    parts = []
    for number, item in enumerate(brief.items, 1):
        options = [option.text for option in item.options]
        parts += [
            paper.heading(say("item", number=number)),
            paper.text(item.situation),
            paper.text(item.question),
            paper.note(say(how)),
            paper.boxes(paper.mixed(options, f"{brief.id}|{item.id}")),
        ]
    return "".join(parts)
