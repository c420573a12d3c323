"""What an attentive mediator would write: a draft from what was heard, without knowing any points."""

from __future__ import annotations

import math

from pamong import bargaining
from pamong.bargaining import Package
from pamong.kinds.mediation.answers import ACCEPTING
from pamong.kinds.mediation.case import Brief, Key, choices, party_ids, variant_of
from pamong.kinds.mediation.play import Attempt
from pamong.kinds.mediation.room import Room, refusals

FOREMOST = 1.6
"""How much more an interest counts whose owner called it the foremost."""
WISH = (1.0, 0.6)
"""What the best and the second-best clause that a party named in a test count."""


def best_guess(brief: Brief, key: Key, attempt: Attempt) -> Package:
    """The package that answers most of what each party said; never one that is known to be refused."""
    liking = {party: _liking(brief, key, attempt, party) for party in party_ids(brief)}
    turned = {draft for draft, _ in refusals(attempt)}
    allowed = [it for it in bargaining.packages(choices(brief)) if it not in turned]

    def merit(package: Package) -> float:
        felt = [
            0.3 + sum(row[option] for row, option in zip(rows, package, strict=True))
            for rows in liking.values()
        ]
        return math.prod(felt)

    return max(allowed, key=merit)


def _liking(brief: Brief, key: Key, attempt: Attempt, party: str) -> list[list[float]]:
    """Per issue and option how much good this party has let the mediator know of."""
    room = Room(brief, key, variant_of(key, attempt.variant))
    known = {fact.id for fact in attempt.facts}
    rows = [[0.0] * len(issue.options) for issue in brief.issues]
    for interest in key.interests[party]:
        if interest.id not in known:
            continue
        value = FOREMOST if room.is_foremost(interest, party) else 1.0
        for place, issue in enumerate(brief.issues):
            for index, option in enumerate(issue.options):
                if f"{issue.id}.{option.id}" in interest.served_by:
                    rows[place][index] += value
    for turn in attempt.turns:
        if (turn.act, turn.to) == ("test", party) and turn.answer is not None:
            _heed(rows, room, attempt, turn.about, turn.answer.re, party)
    _resent(rows, brief, attempt, party)
    return rows


def _heed(
    rows: list[list[float]], room: Room, attempt: Attempt, issue: str, re: str, party: str
) -> None:
    """Adds what the party said about one clause of the draft."""
    place = next(p for p, it in enumerate(room.brief.issues) if it.id == issue)
    if attempt.draft is None or re not in ("tested", "fine"):
        return
    points = room.side(party).points[place]
    better = sorted(range(len(points)), key=lambda it: -points[it])
    for index, value in zip(better, WISH, strict=False):
        rows[place][index] += value


def _resent(rows: list[list[float]], brief: Brief, attempt: Attempt, party: str) -> None:
    """Takes off for the clause that a party complained about."""
    draft: Package | None = None
    ids = [issue.id for issue in brief.issues]
    for turn in attempt.turns:
        draft = turn.draft or draft
        view = turn.answer.consent.get(party) if turn.answer else None
        if view is not None and draft is not None and view.issue:
            place = ids.index(view.issue)
            rows[place][draft[place]] -= 0.5 if view.light in ACCEPTING else 0.8
