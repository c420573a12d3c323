"""The exercise on paper."""

from __future__ import annotations

from pamong.catalogue import messages
from pamong.kinds import paper
from pamong.kinds.choice.play import Brief


def worksheet(brief: Brief) -> str:
    say = messages("worksheet")
    parts = []
    for number, item in enumerate(brief.items, 1):
        options = [option.text for option in item.options]
        parts += [
            paper.heading(say("item", number=number)),
            paper.text(item.stem),
            paper.note(say("tick.several" if item.several else "tick.one")),
            paper.boxes(paper.mixed(options, f"{brief.id}|{item.id}")),
        ]
    return "".join(parts)
