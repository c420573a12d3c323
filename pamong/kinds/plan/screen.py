"""How an action plan looks: the JSON that the browser draws, and static HTML."""

from __future__ import annotations

from typing import Any

from pamong.catalogue import messages
from pamong.kinds import prose
from pamong.kinds.plan import measure, rules
from pamong.kinds.plan.case import Brief, Task
from pamong.kinds.plan.draft import OWN_WORDS, Draft, Own, overloaded
from pamong.kinds.plan.play import State
from pamong.kinds.prose import escape


def view(brief: Brief, state: State) -> dict[str, Any]:
    draft = state.draft
    return {
        "numbers": brief.numbers,
        "chosen": list(draft.chosen),
        "own": [_own(id, draft.own.get(id, Own())) for id in brief.own_ids],
        "least": OWN_WORDS,
        "tasks": [_task(brief, draft, task) for task in draft.tasks(brief)],
        "ties": {risk.id: draft.tie(risk.id) for risk in brief.risks},
        "load": _load(brief, draft),
        "wanted": rules.wanted(brief, draft),
        "check": _checked(brief, state),
    }


def _own(id: str, own: Own) -> dict[str, Any]:
    return {
        "id": id, "text": own.text, "step": own.step, "weeks": own.weeks, "days": own.days,
        "said": own.said,
    }  # fmt: skip


def _task(brief: Brief, draft: Draft, task: Task) -> dict[str, Any]:
    entry = draft.entry(task.id)
    return {
        "id": task.id,
        "number": brief.numbers[task.id],
        "text": task.text,
        "shortest": task.weeks,
        "days": task.days,
        "needs": [
            {"number": brief.numbers[need], "finish": draft.entry(need).finish}
            for need in task.needs
            if need in draft.chosen
        ],
        "absent": [brief.numbers[need] for need in task.needs if need not in draft.chosen],
        "by": task.by,
        "start": entry.start,
        "weeks": entry.weeks,
        "finish": entry.finish,
        "roles": dict(entry.roles),
        "shared": bool(entry.accountable and entry.responsible),
        "indicator": entry.indicator,
        "evidence": entry.evidence,
        "measured": bool(entry.indicator.strip() and entry.evidence.strip()),
        "checkable": measure.checkable(entry.indicator),
    }


def _load(brief: Brief, draft: Draft) -> list[dict[str, Any]]:
    loads = draft.loads(brief)
    return [
        {
            "id": person.id,
            "weeks": [round(days, 3) for days in loads[person.id]],
            "over": list(overloaded(loads[person.id], person.capacity)),
        }
        for person in brief.people
    ]


def _checked(brief: Brief, state: State) -> dict[str, Any]:
    """What the last rule check found and is still so."""
    now = set(rules.findings(brief, state.draft)) if state.found else set()
    still = [each for each in state.found if each in now]
    return {
        "tests": state.tests,
        "changed": state.changed,
        "before": len(state.found),
        "findings": [{"field": each.field, "text": each.text} for each in still],
    }


def render(brief: Brief, state: State) -> str:
    if not state.draft.tasks(brief):
        text = messages("plan")("render.empty")
        return prose.article(brief.title, f"<p>{escape(text)}</p>")
    parts = (_table(brief, state.draft), _ties(brief, state.draft), _measures(brief, state.draft))
    return prose.article(brief.title, *parts)


def _table(brief: Brief, draft: Draft) -> str:
    say = messages("plan")
    head = [say(f"render.{each}") for each in ("task", "weeks", "roles")]
    rows = []
    for task in draft.tasks(brief):
        entry = draft.entry(task.id)
        when = say("render.when", start=entry.start, finish=entry.finish)
        when = when if entry.start else "–"
        rows.append((_tagged(brief, draft, task), when, shared(brief, draft, task)))
    return prose.table(say("render.plan"), head, rows)


def titled(brief: Brief, task: Task) -> str:
    """The task as people know it: 3. Menyusun jadwal."""
    return f"{brief.numbers[task.id]}. {task.text.strip()}"


def _tagged(brief: Brief, draft: Draft, task: Task) -> str:
    """Own tasks are for people to judge: they carry the step that they are meant to serve."""
    own = draft.own.get(task.id)
    if own is None:
        return titled(brief, task)
    step = next((step.label for step in brief.steps if step.id == own.step), "–")
    return messages("plan")("render.own", task=titled(brief, task), step=step)


def shared(brief: Brief, draft: Draft, task: Task) -> str:
    """Who does what, in the order of the people."""
    roles = draft.entry(task.id).roles
    say = messages("plan")
    named = [
        say("render.role", person=person.name, role=say(f"role.{roles[person.id]}"))
        for person in brief.people
        if person.id in roles
    ]
    return "; ".join(named) or "–"


def _ties(brief: Brief, draft: Draft) -> str:
    say = messages("plan")
    texts = {task.id: titled(brief, task) for task in brief.tasks}
    rows = [(risk.text, texts.get(draft.tie(risk.id), "–")) for risk in brief.risks]
    head = (say("render.risk"), say("render.guard"))
    return prose.table(say("view.risks"), head, rows) if rows else ""


def _measures(brief: Brief, draft: Draft) -> str:
    say = messages("plan")
    rows = []
    for task in draft.tasks(brief):
        entry = draft.entry(task.id)
        if entry.indicator.strip() or entry.evidence.strip():
            rows.append((titled(brief, task), entry.indicator, entry.evidence))
    head = (say("render.task"), say("view.indicator"), say("view.evidence"))
    return prose.table(say("view.measures"), head, rows) if rows else ""
