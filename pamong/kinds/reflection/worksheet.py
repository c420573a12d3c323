"""The exercise on paper."""

from __future__ import annotations

from pamong.catalogue import messages
from pamong.kinds import paper
from pamong.kinds.reflection.play import Brief


def worksheet(brief: Brief) -> str:
    say = messages("worksheet")
    parts = [paper.lines(1, f"{each.text} {say('prediction')}") for each in brief.predictions]
    for number, prompt in enumerate(brief.prompts, 1):
        parts += [
            paper.heading(say("prompt", number=number)),
            paper.text(prompt.text),
            paper.words(prompt.min_words),
        ]
        if prompt.evidence:
            parts.append(paper.lines(prompt.evidence.count, say("evidence")))
    return "".join(parts)
