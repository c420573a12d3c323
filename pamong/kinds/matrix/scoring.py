"""What a decision is worth: facts found, weights consistent and mandated, conclusions that follow.

A ranking is judged against the participant's own values and weights: coherence, not obedience.
"""

from __future__ import annotations

from typing import Any

from pamong.catalogue import messages
from pamong.kinds import prose, wellformed
from pamong.kinds.matrix import weighing
from pamong.kinds.matrix.case import Brief, Key, covers
from pamong.kinds.matrix.play import State
from pamong.score import (
    Context,
    Part,
    Score,
    above_baseline,
    footrule,
    footrule_by_chance,
    weighted,
)

NEAR = 0.05
"""Total difference from mandated weights that still counts as the same."""
CONSISTENT, ARBITRARY = 0.10, 0.20
"""Consistency ratios that earn everything (Saaty, 1980) and nothing."""
SECOND = 0.5
"""What the second most critical criterion earns."""


def score(brief: Brief, key: Key, state: State, context: Context) -> Score:  # noqa: ARG001  # stands alone
    """.25 facts + .15 consistency + .30 ranking + .15 mandate + .15 sensitivity; absent tasks drop out."""
    parts = []
    if "fill" in brief.tasks:
        parts.append(_facts(brief, key, state))
    if brief.weighting == "ahp":
        parts.append(_consistency(brief, state))
    if "rank" in brief.tasks:
        parts.append(_ranking(brief, state))
    if "weight" in brief.tasks and key.mandate is not None:
        parts.append(_mandate(brief, key, state))
    if "sensitivity" in brief.tasks:
        parts.append(_sensitivity(brief, state))
    return weighted(parts)


def right_cells(key: Key, state: State) -> dict[tuple[str, str], bool]:
    """Whether each typed value lies within tolerance of the true one."""
    return {
        (row, column): abs(value - key.data[row][column])
        <= key.tolerance.get(column, 0.0) + weighing.SAME
        for row, cells in state.cells.items()
        for column, value in cells.items()
    }


def _part(name: str, weight: float, value: float, reason: str, **values: object) -> Part:
    say = messages("matrix")
    return Part(name, say(f"part.{name}"), weight, value, say(f"reason.{reason}", **values))


def _facts(brief: Brief, key: Key, state: State) -> Part:
    right = sum(right_cells(key, state).values())
    of = len(brief.rows) * len(brief.columns)
    reason = "facts.all" if right == of else "facts.some" if right else "facts.none"
    return _part("facts", 0.25, right / of, reason, right=right, of=of)


def _consistency(brief: Brief, state: State) -> Part:
    compared = state.compared(brief)
    if compared is None:
        return _part("consistency", 0.15, 0.0, "consistency.open")
    ratio = compared[1]
    value = min(max((ARBITRARY - ratio) / (ARBITRARY - CONSISTENT), 0.0), 1.0)
    reason = "consistency.good" if value == 1 else "consistency.poor"
    return _part("consistency", 0.15, value, reason, ratio=prose.decimal(ratio))


def _ranking(brief: Brief, state: State) -> Part:
    """Spearman's footrule against the ranking that one's own values and weights imply, beyond chance."""
    totals = state.totals(brief)
    if not state.ranking:
        return _part("ranking", 0.30, 0.0, "ranking.open")
    if totals is None:
        return _part("ranking", 0.30, 0.0, "ranking.basis")
    if max(totals.values()) - min(totals.values()) < weighing.SAME:
        return _part("ranking", 0.30, 0.0, "ranking.flat")
    implied = weighing.implied_ranking(totals, state.ranking)
    chance = footrule_by_chance(len(implied))
    value = above_baseline(footrule(state.ranking, implied), chance)
    if value == 1:
        return _part("ranking", 0.30, value, "ranking.follows")
    place = next(n for n, each in enumerate(implied) if each != state.ranking[n])
    labels = {each.id: each.label for each in brief.alternatives}
    return _part(
        "ranking",
        0.30,
        value,
        "ranking.differs",
        alternative=labels[implied[place]],
        place=place + 1,
    )


def _mandate(brief: Brief, key: Key, state: State) -> Part:
    """Half the summed difference of weights (total variation), between equal weights (0) and none (1)."""
    mandate, shares = key.mandate or {}, state.shares(brief)
    if shares is None:
        return _part("mandate", 0.15, 0.0, "mandate.open")
    off = {each: shares[each] - mandate[each] for each in brief.columns}
    distance = sum(map(abs, off.values())) / 2
    equal = sum(abs(1 / len(off) - mandate[each]) for each in off) / 2
    nothing = equal if equal > 2 * NEAR else 0.5
    value = min(max((nothing - distance) / (nothing - NEAR), 0.0), 1.0)
    if value == 1:
        return _part("mandate", 0.15, value, "mandate.kept")
    worst = max(off, key=lambda each: abs(off[each]))
    label = brief.criteria[brief.columns.index(worst)].label
    reason = "mandate.heavy" if off[worst] > 0 else "mandate.light"
    return _part("mandate", 0.15, value, reason, criterion=label)


def _sensitivity(brief: Brief, state: State) -> Part:
    changes, labels = state.changes(brief), {each.id: each.label for each in brief.criteria}
    if state.claim is None:
        return _part("sensitivity", 0.15, 0.0, "sensitivity.open")
    if changes is None:
        return _part("sensitivity", 0.15, 0.0, "sensitivity.basis")
    value = claim_worth(changes, state.claim)
    possible = {each: change for each, change in changes.items() if change is not None}
    if value == 1:
        return _part("sensitivity", 0.15, value, "sensitivity.right")
    if not possible:
        return _part("sensitivity", 0.15, value, "sensitivity.firm")
    critical = min(possible, key=possible.__getitem__)
    reason = "sensitivity.second" if value else "sensitivity.other"
    change = prose.decimal(possible[critical] * 100, 1)
    return _part("sensitivity", 0.15, value, reason, criterion=labels[critical], change=change)


def claim_worth(changes: dict[str, float | None], claim: str) -> float:
    """1 for the criterion whose weight changes the winner first, 0.5 for the second, else 0."""
    possible = sorted({round(change, 9) for change in changes.values() if change is not None})
    if not claim or not possible:
        return float(not claim and not possible)
    own = changes[claim]
    if own is None:
        return 0.0
    return {0: 1.0, 1: SECOND}.get(possible.index(round(own, 9)), 0.0)


def debrief(brief: Brief, key: Key, state: State) -> dict[str, Any] | None:
    """After the end: each value typed beside the true one, the mandate, and what would change the winner."""
    if not state.finished:
        return None
    right = right_cells(key, state)
    shares, changes, totals = state.shares(brief), state.changes(brief), state.totals(brief)
    return {
        "cells": [
            {
                "alternative": row,
                "criterion": column,
                "own": state.cells[row][column],
                "true": key.data[row][column],
                "right": fits,
            }
            for (row, column), fits in right.items()
        ],
        "mandate": dict(key.mandate) if key.mandate and shares is not None else None,
        "implied": (
            list(weighing.implied_ranking(totals, state.ranking))
            if totals is not None and state.ranking
            else None
        ),
        "changes": changes if state.claim is not None else None,
    }


def check(brief: Brief, key: Key) -> tuple[str, ...]:
    """Values out of place, a mandate for other criteria, and criteria that cannot tell anything apart."""
    say = messages("matrix")
    if not covers(brief, key.data):
        return (say("check.data"),)
    problems = [*wellformed.same_ids("tolerance", key.tolerance, brief.columns)]
    if key.mandate is not None:
        problems += wellformed.same_ids("mandate", key.mandate, brief.columns)
        spread = max(key.mandate.values()) / max(min(key.mandate.values()), 1e-9)
        if brief.weighting == "ahp" and spread > 9:
            problems.append(say("check.spread"))
    if brief.data is not None and any(
        dict(brief.data[row]) != dict(key.data[row]) for row in key.data
    ):
        problems.append(say("check.given"))
    for criterion in brief.criteria:
        if len({row[criterion.id] for row in key.data.values()}) == 1:
            problems.append(say("check.constant", criterion=criterion.label))
    return tuple(problems)
