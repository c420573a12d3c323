"""The exercise on paper."""

from __future__ import annotations

from pamong.catalogue import messages
from pamong.kinds import paper, prose
from pamong.kinds.matrix.case import Brief


def worksheet(brief: Brief) -> str:
    say = messages("worksheet")
    parts = []
    for document in brief.documents:
        parts += [paper.heading(document.title), paper.text(document.text)]
    criteria = [
        f"{each.label} ({each.unit})" if each.unit else each.label for each in brief.criteria
    ]
    given = brief.data or {}
    rows = [
        (
            each.label,
            *(_figure(given.get(each.id, {}).get(criterion.id)) for criterion in brief.criteria),
        )
        for each in brief.alternatives
    ]
    parts += [paper.heading(say("facts")), paper.grid((say("alternative"), *criteria), rows)]
    if "weight" in brief.tasks:
        parts += [paper.heading(say("weight")), paper.grid(criteria, [["" for _ in criteria]])]
    for task, label in (("rank", "ranking"), ("sensitivity", "sensitivity")):
        if task in brief.tasks:
            parts.append(paper.lines(2, say(label)))
    if "recommend" in brief.tasks:
        parts.append(paper.words(brief.min_words, say("recommendation")))
    return "".join(parts)


def _figure(value: float | None) -> str:
    return "" if value is None else prose.decimal(value, 3)
