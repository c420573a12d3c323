"""What a committee should talk about: at most four computed findings, each with something to do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from pamong.catalogue import messages
from pamong.reports.contacts import contacts
from pamong.reports.markup import listing, number
from pamong.reports.standing import Standing

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


def counted(standing: Standing, some: int, total: int) -> str:
    """A count as this edition may show it."""
    say = messages("report")
    low, high = standing.count(some, total)
    if low == high:
        return str(low)
    return say("range", low=low, high=high)


def _gain(standing: Standing) -> Iterator[Finding]:
    say = messages("report")
    before, after = standing.all.before_after
    rise = after - before
    for deviation in standing.all.gains:
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
    reversed_ = [item for item in standing.all.items if item.flag == "negative"]
    for item in sorted(reversed_, key=lambda it: it.discrimination)[:1]:
        exercise = title_of(standing, item.module, item.exercise)
        text = say("findings.key.text", r=number(item.discrimination, 2), people=item.people)
        yield Finding(say("findings.key", item=item.id, exercise=exercise), text)


def _contacts(standing: Standing) -> Iterator[Finding]:
    say = messages("report")
    urgent = [contact for contact in contacts(standing) if contact.urgent]
    if not urgent:
        return
    text = say("findings.contacts.text.unnamed")
    if standing.named:
        names = [contact.person.name for contact in urgent[:3]]
        text = say("findings.contacts.text", names=listing(names))
    count = counted(standing, len(urgent), len(standing.people))
    yield Finding(say("findings.contacts", count=count), text)


def _authority(standing: Standing) -> Iterator[Finding]:
    say = messages("report")
    agreed = [deal for deal in standing.deals if deal.agreed]
    beyond = sum(not deal.within for deal in agreed)
    if beyond:
        title = say("findings.authority", count=counted(standing, beyond, len(agreed)))
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
    hardest = min(means, key=lambda key: float(np.median(means[key])))
    values = means[hardest]
    if float(np.median(values)) < mark:
        text = say(
            "findings.hardest.text",
            median=number(float(np.median(values)), 0),
            below=counted(standing, int((values < mark).sum()), values.size),
            people=values.size,
            mark=number(mark, 0),
        )
        yield Finding(say("findings.hardest", exercise=title_of(standing, *hardest)), text)


def _ungraded(standing: Standing) -> Iterator[Finding]:
    say = messages("report")
    if standing.ungraded:
        title = say("findings.ungraded", count=standing.ungraded)
        yield Finding(title, say("findings.ungraded.text"))


def _pending(standing: Standing) -> Iterator[Finding]:
    say = messages("report")
    if standing.pending:
        title = say("findings.pending", count=standing.pending)
        yield Finding(title, say("findings.pending.text"))


RULES: tuple[Callable[[Standing], Iterator[Finding]], ...] = (
    _ungraded,
    _gain,
    _keys,
    _contacts,
    _authority,
    _hardest,
    _pending,
)
