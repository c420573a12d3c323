"""Rules that a plan can be held against without any key, told in plain words and with the field."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pamong.catalogue import messages
from pamong.kinds import prose
from pamong.kinds.plan import measure
from pamong.kinds.plan.case import Brief, Task
from pamong.kinds.plan.draft import OWN_WORDS, Draft, overloaded


@dataclass(frozen=True, slots=True)
class Finding:
    """A broken rule; ``field`` names the place of the page that it speaks of."""

    field: str
    text: str


def findings(brief: Brief, draft: Draft) -> tuple[Finding, ...]:
    """Every broken rule, in the order of the page."""
    tasks = draft.tasks(brief)
    if not tasks:
        return (Finding("tasks", messages("plan")("rule.none")),)
    found = [each for task in tasks for each in _timing(brief, draft, task)]
    found += [each for task in tasks for each in _roles(brief, draft, task)]
    found += _loads(brief, draft)
    found += _risks(brief, draft)
    found += [each for task in tasks for each in _measures(brief, draft, task)]
    return tuple(found)


def misplaced(brief: Brief, draft: Draft, task: Task) -> bool:
    """Whether the task is not scheduled, starts before what it needs has ended, or ends too late."""
    return next(_timing(brief, draft, task), None) is not None


def _timing(brief: Brief, draft: Draft, task: Task) -> Iterator[Finding]:
    say, numbers, entry = messages("plan"), brief.numbers, draft.entry(task.id)
    field, number = f"when.{task.id}", numbers[task.id]
    if not entry.start:
        yield Finding(field, say("rule.unscheduled", number=number))
    for need in task.needs:
        if need not in draft.chosen:
            text = say("rule.absent", number=number, need=numbers[need])
            yield Finding(f"choose.{need}", text)
        elif entry.start and draft.entry(need).finish >= entry.start:
            weeks = {"start": entry.start, "finish": draft.entry(need).finish}
            yield Finding(field, say("rule.early", number=number, need=numbers[need], **weeks))
    if task.by is not None and entry.finish > task.by:
        yield Finding(field, say("rule.late", number=number, finish=entry.finish, by=task.by))


def _roles(brief: Brief, draft: Draft, task: Task) -> Iterator[Finding]:
    say, entry = messages("plan"), draft.entry(task.id)
    field, number, answering = f"who.{task.id}", brief.numbers[task.id], len(entry.accountable)
    if not answering:
        wanting = "rule.no_a" if entry.responsible else "rule.nobody"
        yield Finding(field, say(wanting, number=number))
    if answering > 1:
        count = say(f"count.{answering}")
        yield Finding(field, say("rule.many_a", number=number, count=count))
    if answering and not entry.responsible:
        yield Finding(field, say("rule.no_r", number=number))


def _loads(brief: Brief, draft: Draft) -> Iterator[Finding]:
    say, loads = messages("plan"), draft.loads(brief)
    for person in brief.people:
        load = loads[person.id]
        weeks = overloaded(load, person.capacity)
        if weeks:
            worst = max(weeks, key=lambda week: load[week - 1])
            text = say(
                "rule.load" if len(weeks) > 1 else "rule.load.one",
                person=person.name,
                weeks=listed([str(week) for week in weeks]),
                worst=worst,
                days=prose.decimal(load[worst - 1], 1),
                capacity=prose.decimal(person.capacity),
            )
            yield Finding(f"load.{person.id}", text)


def _risks(brief: Brief, draft: Draft) -> Iterator[Finding]:
    say = messages("plan")
    for number, risk in enumerate(brief.risks, 1):
        task, field = draft.tie(risk.id), f"risk.{risk.id}"
        if not task:
            yield Finding(field, say("rule.open_risk", risk=number))
        elif draft.entry(task).finish >= risk.week:
            weeks = {"finish": draft.entry(task).finish, "week": risk.week}
            text = say("rule.late_risk", risk=number, number=brief.numbers[task], **weeks)
            yield Finding(field, text)


def _measures(brief: Brief, draft: Draft, task: Task) -> Iterator[Finding]:
    say, text = messages("plan"), draft.entry(task.id).indicator
    if text.strip() and not measure.checkable(text):
        wanting = "rule.no_figure" if measure.has_deadline(text) else "rule.no_deadline"
        if not measure.has_figure(text) and not measure.has_deadline(text):
            wanting = "rule.no_measure"
        yield Finding(f"measure.{task.id}", say(wanting, number=brief.numbers[task.id]))


def listed(words: Sequence[str]) -> str:
    """``words`` as a sentence names them: 3, 4, dan 5."""
    if len(words) < 3:
        return messages("plan")("list.two").join(words)
    return messages("plan")("list.more").join((", ".join(words[:-1]), words[-1]))


def gaps(brief: Brief, draft: Draft) -> tuple[str, ...]:
    """What is not filled in yet, in the order of the page."""
    say, numbers, tasks = messages("plan"), brief.numbers, draft.tasks(brief)
    found = [] if tasks else [say("missing.tasks")]
    for task in tasks:
        own = draft.own.get(task.id) if task.id in brief.own_ids else None
        if own is not None and not own.said:
            found.append(say("missing.own", number=numbers[task.id], least=OWN_WORDS))
        if own is not None and not own.step:
            found.append(say("missing.step", number=numbers[task.id]))
    entries = [(numbers[task.id], draft.entry(task.id)) for task in tasks]
    found += [say("missing.when", number=number) for number, entry in entries if not entry.start]
    found += [
        say("missing.who", number=number)
        for number, entry in entries
        if not (entry.accountable and entry.responsible)
    ]
    open_risks = (n for n, risk in enumerate(brief.risks, 1) if not draft.tie(risk.id))
    found += [say("missing.risk", risk=number) for number in open_risks]
    done = sum(bool(entry.indicator.strip() and entry.evidence.strip()) for _, entry in entries)
    of = wanted(brief, draft)
    return tuple(found + ([say("missing.measures", done=done, of=of)] if done < of else []))


def wanted(brief: Brief, draft: Draft) -> int:
    """How many tasks need an indicator: as many as the brief says, or as the plan has."""
    return min(brief.indicators, len(draft.tasks(brief)))
