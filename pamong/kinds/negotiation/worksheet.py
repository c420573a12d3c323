"""The exercise on paper."""

from __future__ import annotations

from pamong.catalogue import messages
from pamong.kinds import paper
from pamong.kinds.negotiation.case import Brief


def worksheet(brief: Brief) -> str:
    say = messages("worksheet")
    rows = [
        (
            issue.label,
            "; ".join(
                f"{option.label} ({points})"
                for option, points in zip(issue.options, brief.points[issue.id], strict=True)
            ),
            "",
            "",
        )
        for issue in brief.issues
    ]
    head = (say("issue"), say("options"), say("yours"), say("theirs"))
    rounds = [(str(number), "", "") for number in range(1, brief.rounds + 1)]
    return "".join(
        (
            paper.heading(say("role")),
            paper.text(f"{brief.role.name}\n\n{brief.role.summary}"),
            paper.heading(say("confidential")),
            paper.text(brief.role.confidential),
            paper.heading(say("fallback", points=brief.batna.points)),
            paper.text(brief.batna.text),
            paper.heading(say("other")),
            paper.text(f"{brief.counterpart.name}\n\n{brief.counterpart.summary}"),
            paper.lines(1, say("prepare.target")),
            paper.lines(1, say("prepare.guess")),
            paper.grid(head, rows),
            paper.heading(say("rounds")),
            paper.grid((say("round"), say("yours"), say("theirs")), rounds),
        )
    )
