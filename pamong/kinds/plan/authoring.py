"""What an author is told about a brief and its key: what cannot work, and what to look at again."""

from __future__ import annotations

from collections.abc import Iterator

from pamong.catalogue import messages
from pamong.kinds import prose, wellformed
from pamong.kinds.plan import network, reference, rules
from pamong.kinds.plan.case import Brief, Key


def check(brief: Brief, key: Key) -> tuple[str, ...]:
    """Ids that do not match, steps and risks that nothing serves, and plans that cannot be made."""
    steps = [step.id for step in brief.steps]
    problems = [
        *wellformed.same_ids("tasks", key.tasks, [task.id for task in brief.tasks]),
        *wellformed.same_ids("risks", key.risks, [risk.id for risk in brief.risks]),
        *_unknown(brief, key),
        *(_say("check.weight", step=id) for id in key.steps if id not in steps),
    ]
    if problems:
        return tuple(problems)
    problems += [
        _say("check.step", step=step)
        for step, tasks in zip(steps, reference.project(brief, key).steps, strict=True)
        if not tasks
    ]
    problems += [_say("check.risk", risk=id) for id, risk in key.risks.items() if not risk.tasks]
    return tuple(problems) or tuple(_too_long(brief, key)) or _too_much(brief, key)


def _say(key: str, **values: object) -> str:
    return messages("plan")(key, **values)


def _unknown(brief: Brief, key: Key) -> Iterator[str]:
    steps, people = {each.id for each in brief.steps}, {each.id for each in brief.people}
    tasks = {each.id for each in brief.tasks}
    for id, marked in key.tasks.items():
        for step in marked.serves:
            if step not in steps:
                yield _say("check.unknown.step", task=id, step=step)
        for person in (*marked.accountable, *marked.responsible):
            if person not in people:
                yield _say("check.unknown.person", task=id, person=person)
    for id, risk in key.risks.items():
        for task in risk.tasks:
            if task not in tasks:
                yield _say("check.unknown.task", risk=id, task=task)


def _too_long(brief: Brief, key: Key) -> Iterator[str]:
    """Steps and risks for which even the shortest chain of tasks comes too late."""
    project = reference.project(brief, key)
    finish = network.solve(project.durations, project.needs).finish
    late = [task.id for task in brief.tasks if task.by is not None and finish[task.id] > task.by]
    for id in late:
        yield _say("check.late.task", task=id, finish=finish[id])
    for step, tasks in zip(brief.steps, project.steps, strict=True):
        soonest = min(tasks, key=finish.__getitem__)
        if finish[soonest] > brief.weeks:
            chain = _chain(project, soonest)
            yield _say("check.late.step", step=step.id, finish=finish[soonest], chain=chain)
    for risk, (week, tasks) in zip(brief.risks, project.risks, strict=True):
        soonest = min(tasks, key=finish.__getitem__)
        if finish[soonest] >= week:
            values = {"finish": finish[soonest], "week": week, "chain": _chain(project, soonest)}
            yield _say("check.late.risk", risk=risk.id, **values)


def _chain(project: reference.Project, task: str) -> str:
    inside = network.closure([task], project.needs)
    durations = {id: weeks for id, weeks in project.durations.items() if id in inside}
    return " → ".join(network.solve(durations, project.needs).path)


def _too_much(brief: Brief, key: Key) -> tuple[str, ...]:
    """No plan was found that people can carry; names those who would need more time."""
    limited = reference.project(brief, key)
    if reference.best(limited) is not None:
        return ()
    slots = reference.best(reference.project(brief, key, limited=False))
    if slots is None:
        return (_say("check.weeks", weeks=brief.weeks),)
    strain = reference.strain(limited, slots)
    names = [
        _say("check.short", person=id, days=prose.decimal(days, 1))
        for id, days in sorted(strain.items(), key=lambda item: -item[1])
        if days > 0
    ]
    return (_say("check.capacity", people=rules.listed(names)),)


def advise(brief: Brief, key: Key) -> tuple[str, ...]:
    """Tasks that every plan can do without may be meant; people nobody needs seldom are."""
    if check(brief, key):
        return ()
    return (*_lonely(brief, key), *_needless(brief, key), *_slow(brief, key))


def _lonely(brief: Brief, key: Key) -> Iterator[str]:
    project = reference.project(brief, key)
    for step, tasks in zip(brief.steps, project.steps, strict=True):
        if len(tasks) == 1:
            yield _say("advise.lonely", step=step.id, task=tasks[0])
    idle = [task.id for task in brief.tasks if _idle(brief, key, task.id)]
    if not idle:
        yield _say("advise.no_filler")
    if 2 * len(idle) > len(brief.tasks):
        yield _say("advise.fillers", tasks=rules.listed(idle))


def _idle(brief: Brief, key: Key, task: str) -> bool:
    """The task serves no step, counters no risk, and no other task needs it."""
    guards = {each for risk in key.risks.values() for each in risk.tasks}
    needed = {need for each in brief.tasks for need in each.needs}
    return not key.tasks[task].serves and task not in guards and task not in needed


def _needless(brief: Brief, key: Key) -> Iterator[str]:
    fitting = {
        person
        for marked in key.tasks.values()
        for person in (*marked.accountable, *marked.responsible)
    }
    for person in brief.people:
        if person.id not in fitting:
            yield _say("advise.person", person=person.id)
    for task in brief.tasks:
        marked = key.tasks[task.id]
        useful = not _idle(brief, key, task.id)
        if useful and not (marked.accountable and marked.responsible):
            yield _say("advise.anybody", task=task.id)


def _slow(brief: Brief, key: Key) -> Iterator[str]:
    project = reference.project(brief, key)
    slots = reference.best(project)
    if slots is None:
        return
    durations = {id: project.durations[id] for id in slots}
    shortest = network.solve(durations, project.needs).makespan
    lasting = max(slot.finish for slot in slots.values())
    if lasting > shortest:
        yield _say("advise.slow", lasting=lasting, shortest=shortest)
