"""The exercise on paper."""

from __future__ import annotations

from pamong.catalogue import messages
from pamong.kinds import paper
from pamong.kinds.ranking.case import Brief, Item


def worksheet(brief: Brief) -> str:
    say = messages("worksheet")
    parts = []
    for number, item in enumerate(brief.items, 1):
        parts += [
            paper.heading(say("item", number=number)),
            paper.text(item.situation),
            paper.text(item.question),
            _things(brief, item),
        ]
        if brief.reasons:
            parts.append(paper.lines(3, item.why or say("why")))
    return "".join(parts)


def _things(brief: Brief, item: Item) -> str:
    """A numbered list, or a table where each thing is rated first."""
    say = messages("worksheet")
    told = [f"{each.text} ({each.note})" if each.note else each.text for each in item.things]
    mixed = paper.mixed(told, f"{brief.id}|{item.id}")
    if item.basis != "criteria":
        return paper.note(say("rank")) + paper.boxes(mixed)
    labels = [each.label for each in brief.criteria]
    rows = [(each, *("" for _ in labels), "") for each in mixed]
    return paper.note(say("rate.criteria")) + paper.grid(
        (say("thing"), *labels, say("order")), rows
    )
