"""What a committee should talk about: at most four computed findings, each with something to do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from pamong import locale
from pamong.catalogue import messages
from pamong.reports.contacts import contacts
from pamong.reports.markup import number
from pamong.reports.standing import Standing
from pamong.reports.suppression import Group

MOST = 4
CERTAIN = 0.05
"""Adjusted probability below which a cohort is said to differ."""


@dataclass(frozen=True, slots=True)
class Finding:
    title: str
    text: str


def findings(standing: Standing) -> tuple[Finding, ...]:
    """The first few that hold, in the order of RULES; one that says so when none does."""
    say = messages("report")
    if not standing.all.submitted[standing.here].any():
        return (Finding(say("findings.nothing"), say("findings.nothing.text")),)
    found = [finding for rule in RULES for finding in rule(standing)][:MOST]
    return tuple(found) or (Finding(say("findings.calm"), say("findings.calm.text")),)


def title_of(standing: Standing, module: str, exercise: str) -> str:
    """The title of an exercise or graded cell, behind its module's short name where several run."""
    facts = standing.snapshot.modules[standing.all.column[module]]
    titles = {cell.id: cell.title for cell in (*facts.cells, *facts.played)}
    title = titles.get(exercise, exercise)
    if len(standing.all.started) < 2:
        return title
    return f"{module.partition('-')[0].upper()} · {title}"


def counted(standing: Standing, group: Group) -> str:
    """How many of this cohort are in ``group``, or that this edition does not say it."""
    count = standing.tally(group)
    return messages("report")("masked") if count is None else str(count)


def group_of(standing: Standing, people: Iterable[str]) -> Group:
    """The people of these ids as a group; ids that nobody has are left out."""
    result = np.zeros(len(standing.all.row), dtype=np.bool_)
    result[[standing.all.row[it] for it in people if it in standing.all.row]] = True
    return result


def _gain(standing: Standing) -> Iterator[Finding]:
    say = messages("report")
    before, after = standing.all.before_after
    rise = after - before
    for deviation in standing.gains:
        if deviation.group == standing.cohort and deviation.p < CERTAIN:
            mean = float(np.nanmean(rise))
            key = "findings.gain.below" if deviation.mean < mean else "findings.gain.above"
            text = say(
                f"{key}.text",
                here=number(100 * deviation.mean, 0),
                all=number(100 * mean, 0),
                p=number(deviation.p, 3) if deviation.p >= 0.001 else say("findings.gain.least"),
            )
            yield Finding(say(key), text)


def _keys(standing: Standing) -> Iterator[Finding]:
    say = messages("report")
    if not standing.named:
        return
    reversed_ = [item for item in standing.all.items if item.flag == "negative"]
    for item in sorted(reversed_, key=lambda it: it.discrimination)[:1]:
        exercise = title_of(standing, item.module, item.exercise)
        text = say("findings.key.text", r=number(item.discrimination, 2), people=item.people)
        yield Finding(say("findings.key", item=item.id, exercise=exercise), text)


def _contacts(standing: Standing) -> Iterator[Finding]:
    say = messages("report")
    urgent = [contact for contact in contacts(standing) if contact.urgent]
    if urgent and standing.named:
        names = [contact.person.name for contact in urgent[:3]]
        text = say("findings.contacts.text", names=locale.listing(names))
        yield Finding(say("findings.contacts", count=len(urgent)), text)


def _authority(standing: Standing) -> Iterator[Finding]:
    say = messages("report")
    agreed = [deal for deal in standing.deals if deal.agreed]
    beyond = sum(not deal.within for deal in agreed)
    if beyond and standing.named:
        title = say("findings.authority", count=beyond)
        yield Finding(title, say("findings.authority.text"))


def _hardest(standing: Standing) -> Iterator[Finding]:
    say = messages("report")
    mark = standing.snapshot.pass_mark
    means = {}
    for key in standing.all.components:
        here, _ = standing.values(standing.all.cells[key])
        if here.size:
            means[key] = here
    if len(means) < 2:
        return
    hardest = min(means, key=lambda key: standing.centre(means[key]))
    values, middle = means[hardest], standing.centre(means[hardest])
    if middle < mark:
        text = say("findings.hardest.text.mean", mean=number(middle, 0), mark=number(mark, 0))
        if standing.named:
            below = int((values < mark).sum())
            text = say(
                "findings.hardest.text",
                median=number(middle, 0),
                below=below,
                people=values.size,
                mark=number(mark, 0),
            )
        yield Finding(say("findings.hardest", exercise=title_of(standing, *hardest)), text)


def _drift(standing: Standing) -> Iterator[Finding]:
    say = messages("report")
    found = [it for it in standing.all.drift if it.group == standing.cohort or not standing.cohort]
    if found and standing.named:
        names = dict(standing.snapshot.cohorts)
        groups = sorted({names.get(it.group, it.group) for it in found})
        text = say("findings.drift.text", cohorts=locale.listing(groups))
        yield Finding(say("findings.drift", count=len(found)), text)


def _ungraded(standing: Standing) -> Iterator[Finding]:
    say = messages("report")
    if standing.ungraded:
        title = say("findings.ungraded.some")
        if standing.named:
            title = say("findings.ungraded", count=standing.ungraded)
        yield Finding(title, say("findings.ungraded.text"))


def _pending(standing: Standing) -> Iterator[Finding]:
    say = messages("report")
    if standing.pending:
        title = say("findings.pending.some")
        if standing.named:
            title = say("findings.pending", count=standing.pending)
        yield Finding(title, say("findings.pending.text"))


RULES: tuple[Callable[[Standing], Iterator[Finding]], ...] = (
    _ungraded,
    _gain,
    _keys,
    _drift,
    _contacts,
    _authority,
    _hardest,
    _pending,
)
