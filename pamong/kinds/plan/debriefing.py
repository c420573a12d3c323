"""What is said of a plan afterwards: its critical path, what each task was for, and a plan that works."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pamong.kinds.plan import network, reference
from pamong.kinds.plan.case import Brief, Key, Task
from pamong.kinds.plan.play import State
from pamong.kinds.plan.scoring import Plan


def debrief(brief: Brief, key: Key, state: State) -> dict[str, Any] | None:
    """After the end: steps, tasks and risks with their reasons, and two Gantt charts."""
    if not state.finished:
        return None
    plan = Plan(brief, key, state.draft)
    return {
        "steps": [
            {
                "id": step.id,
                "by": [brief.numbers[id] for id in plan.serving(step.id)],
                "could": [brief.numbers[id] for id, m in key.tasks.items() if step.id in m.serves],
            }
            for step in brief.steps
        ],
        "tasks": [_task(plan, task) for task in brief.tasks],
        "risks": [_risk(plan, id) for id in (risk.id for risk in brief.risks)],
        "own": _chart(brief, plan.tasks, {t.id: _place(plan, t) for t in plan.tasks}),
        "good": _good(brief, key),
    }


def _task(plan: Plan, task: Task) -> dict[str, Any]:
    marked = plan.key.tasks[task.id]
    entry = plan.draft.entry(task.id)
    return {
        "number": plan.brief.numbers[task.id],
        "chosen": task.id in plan.draft.chosen,
        "useful": task.id in _useful(plan),
        "reason": marked.reason,
        "accountable": list(marked.accountable),
        "responsible": list(marked.responsible),
        "own_accountable": list(entry.accountable),
        "own_responsible": list(entry.responsible),
    }


def _useful(plan: Plan) -> frozenset[str]:
    """Tasks of the bank that serve something, whether in the plan or not."""
    guards = {task for risk in plan.key.risks.values() for task in risk.tasks}
    root = [id for id, marked in plan.key.tasks.items() if marked.serves or id in guards]
    return network.closure(root, plan.brief.needs)


def _risk(plan: Plan, risk: str) -> dict[str, Any]:
    guarded = plan.key.risks[risk]
    return {
        "id": risk,
        "countered": risk in plan.countered(),
        "could": [plan.brief.numbers[task] for task in guarded.tasks],
        "reason": guarded.reason,
    }


def _place(plan: Plan, task: Task) -> tuple[int, int]:
    entry = plan.draft.entry(task.id)
    return entry.start, entry.finish


def _chart(
    brief: Brief, tasks: tuple[Task, ...], places: Mapping[str, tuple[int, int]]
) -> dict[str, Any]:
    """Bars of a Gantt chart; ``critical``: a delay of that task delays the whole."""
    durations = {task.id: task.weeks for task in tasks}
    found = network.solve(durations, {task.id: task.needs for task in tasks})
    return {
        "shortest": found.makespan,
        "lasting": max((finish for _, finish in places.values()), default=0),
        "path": [brief.numbers[id] for id in found.path],
        "bars": [
            {
                "number": brief.numbers[task.id],
                "text": task.text,
                "start": places[task.id][0],
                "finish": places[task.id][1],
                "critical": found.slack[task.id] == 0,
                "slack": found.slack[task.id],
            }
            for task in tasks
        ],
    }


def _good(brief: Brief, key: Key) -> dict[str, Any] | None:
    slots = reference.best(reference.project(brief, key))
    if slots is None:
        return None
    tasks = tuple(task for task in brief.tasks if task.id in slots)
    places = {id: (slot.start, slot.finish) for id, slot in slots.items()}
    chart = _chart(brief, tasks, places)
    for bar, task in zip(chart["bars"], tasks, strict=True):
        slot = slots[task.id]
        bar |= {"accountable": slot.accountable, "responsible": list(slot.responsible)}
    return chart
