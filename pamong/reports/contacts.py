"""Whom the facilitator should call, by open rules; each reason can be read and disputed."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from pamong.catalogue import messages
from pamong.reports.facts import ModuleFacts
from pamong.reports.markup import number
from pamong.reports.standing import Standing
from pamong.roster import Participant

Step = Literal["missing", "low", "ask"]
LOW = 60.0
"""Mean in percent below which somebody needs help with the content."""
GAPS = 2
"""Open exercises in what was handed in from which on somebody should be called."""
FALL = 0.15
"""How far a second test may lie below the first one before it is a reason to ask.

Short tests vary by an item or two from one day to the next.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    text: str
    urgent: bool
    step: Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Somebody to call (``urgent``) or to keep an eye on, with everything that led there.

    ``percent`` holds the marks per module, or per graded exercise while there is only one module.
    """

    person: Participant
    percent: tuple[float, ...]
    final: float
    reasons: tuple[Reason, ...]

    @property
    def urgent(self) -> bool:
        return any(reason.urgent for reason in self.reasons)

    @property
    def step(self) -> Step:
        steps = [reason.step for reason in self.reasons]
        return min(steps, key=("missing", "low", "ask").index)


def contacts(standing: Standing) -> tuple[Contact, ...]:
    """The most urgent first, then the lowest mark; empty before anybody has handed anything in."""
    due = _due(standing)
    found = []
    for person in standing.people:
        row = standing.all.row[person.id]
        if reasons := _reasons(standing, row, due):
            found.append(
                Contact(
                    person=person,
                    percent=_percent(standing, row),
                    final=float(standing.all.final[row]),
                    reasons=reasons,
                )
            )
    return tuple(sorted(found, key=_rank))


def _percent(standing: Standing, row: int) -> tuple[float, ...]:
    started = standing.all.started
    if len(started) > 1:
        columns = [standing.all.column[module.id] for module in started]
        return tuple(float(value) for value in standing.all.percent[row, columns])
    return tuple(float(standing.all.cells[key][row]) for key in standing.all.components)


def _due(standing: Standing) -> tuple[ModuleFacts, ...]:
    """Modules that somebody has handed in and whose deadline, if they have one, is past."""
    now = standing.snapshot.as_of
    return tuple(m for m in standing.all.started if not m.due or m.due < now)


def _reasons(standing: Standing, row: int, due: tuple[ModuleFacts, ...]) -> tuple[Reason, ...]:
    say = messages("report")
    absent = sum(not standing.all.submitted[row, standing.all.column[m.id]] for m in due)
    final = float(standing.all.final[row])
    before, after = (float(values[row]) for values in standing.all.before_after)
    found = []
    if absent:
        urgent = absent >= 2 or absent == len(due)
        text = say("contacts.missing", count=absent)
        if len(due) == 1:
            text = say("contacts.missing.only")
        found.append(Reason(text=text, urgent=urgent, step="missing"))
    if unfinished := _unfinished(standing, row, due):
        text = say("contacts.unfinished", count=unfinished)
        found.append(Reason(text=text, urgent=unfinished >= GAPS, step="missing"))
    if final < LOW:
        text = say("contacts.low", mark=number(final, 0))
        found.append(Reason(text=text, urgent=True, step="low"))
    if not math.isnan(before) and after < before - FALL:
        found.append(Reason(text=say("contacts.fell"), urgent=False, step="ask"))
    return tuple(found)


def _unfinished(standing: Standing, row: int, due: tuple[ModuleFacts, ...]) -> int:
    """Graded exercises left open in modules that this person has handed in."""
    total = 0
    for module in due:
        if standing.all.submitted[row, standing.all.column[module.id]]:
            graded = {cell.id for cell in module.cells} & {it.id for it in module.played}
            total += sum(not standing.all.finished[module.id, exercise][row] for exercise in graded)
    return total


def _rank(contact: Contact) -> tuple[bool, int, float, str]:
    final = -1.0 if np.isnan(contact.final) else contact.final
    return (not contact.urgent, -len(contact.reasons), final, contact.person.name)
