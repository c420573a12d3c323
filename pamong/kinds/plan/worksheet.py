"""The exercise on paper."""

from __future__ import annotations

from collections.abc import Mapping

from pamong.catalogue import messages
from pamong.kinds import paper, prose
from pamong.kinds.plan.case import Brief, Task


def worksheet(brief: Brief) -> str:
    say = messages("worksheet")
    place = {task.id: str(number) for number, task in enumerate(brief.tasks, 1)}
    tasks = [
        (place[each.id], each.text, _span(each), _after(each, place), "", "", "")
        for each in brief.tasks
    ]
    tasks += [("", say("own"), "", "", "", "", "") for _ in range(brief.own)]
    people = [(each.name, each.role, prose.decimal(each.capacity, 2)) for each in brief.people]
    head = ("", say("task"), say("span"), say("after"), say("begin"), say("end"), say("raci"))
    return "".join(
        (
            paper.boxes(f"{step.label}. {step.text}".strip() for step in brief.steps),
            paper.grid((say("people"), "", say("capacity")), people),
            paper.grid(head, tasks),
            *(
                paper.lines(1, f"{say('risk', week=risk.week)}: {risk.text} {say('guard')}:")
                for risk in brief.risks
            ),
            paper.lines(2 * brief.indicators, say("measure")),
        )
    )


def _span(task: Task) -> str:
    return f"{prose.decimal(task.days, 1)}, {task.weeks}"


def _after(task: Task, place: Mapping[str, str]) -> str:
    return ", ".join(place[need] for need in task.needs)
