"""Rules of good bargaining that can be read from the log: each is kept or not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

from pamong.bargaining import Package, Points
from pamong.kinds.negotiation.case import Brief, Key, own_side
from pamong.kinds.negotiation.play import Attempt

AMBITION = 0.8
"""A first offer is ambitious when it is worth this share of the own maximum."""
MUCH = 0.5
"""A concession is large when it costs this share of what the issue can matter."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of conduct; ``name`` is a key of the catalogue under ``rule.``."""

    name: str
    kept: bool


def rules(brief: Brief, key: Key, attempt: Attempt) -> tuple[Rule, ...]:
    """Every rule that applies to this case, in the order in which the talk goes.

    Rules about what was offered do not apply to somebody who offered nothing.
    """
    idle = {"flexible": not attempt.offers, "firm": not attempt.offers and attempt.deal is None}
    found = [Rule(name, test(brief, attempt)) for name, test in _TESTS if not idle.get(name)]
    if brief.openings:
        greeted = attempt.subjects("greet")
        found.insert(0, Rule("respect", bool(greeted) and greeted[0] in key.respectful))
    if brief.closings:
        found.append(Rule("face", attempt.closing in key.face_saving))
    return tuple(found)


def _explored(brief: Brief, attempt: Attempt) -> bool:
    """Asked or shared before the first concession (an own offer below the best one so far, or
    taking the other side's).
    """
    own = own_side(brief)
    highest = -1
    for move in attempt.own_moves:
        if move.act in ("ask", "share"):
            return True
        if move.act == "accept":
            return False
        if move.package is not None:
            if own.total(move.package) < highest:
                return False
            highest = max(highest, own.total(move.package))
    return False


def _ambitious(brief: Brief, attempt: Attempt) -> bool:
    offers = attempt.offers
    return bool(offers) and own_side(brief).share(offers[0]) >= AMBITION


def _traded(brief: Brief, attempt: Attempt) -> bool:
    """From one own offer to the next gave on one issue and took on another; or, over the whole talk,
    gave much on one issue and kept the own best on another that the other side asked for.
    """
    points = own_side(brief).points
    offers = attempt.offers
    if any(_exchanged(points, before, after) for before, after in pairwise(offers)):
        return True
    asked = next(
        (it.package for it in attempt.moves if it.who == "counterpart" and it.package), None
    )
    if not offers or asked is None:
        return False
    rows = tuple(zip(points, offers[0], attempt.deal or offers[-1], asked, strict=True))
    kept = any(row[last] == max(row) > row[theirs] for row, _, last, theirs in rows)
    return kept and any(
        max(row) > min(row) and row[first] - row[last] >= MUCH * (max(row) - min(row))
        for row, first, last, _ in rows
    )


def _exchanged(points: Points, before: Package, after: Package) -> bool:
    pairs = zip(points, before, after, strict=True)
    return {-1, 1} <= {(row[new] > row[old]) - (row[new] < row[old]) for row, old, new in pairs}


def _firm(brief: Brief, attempt: Attempt) -> bool:
    """Neither offered nor took anything below the own fallback."""
    own = own_side(brief)
    agreed = () if attempt.deal is None else (attempt.deal,)
    return all(own.total(package) >= own.floor for package in (*attempt.offers, *agreed))


def _flexible(brief: Brief, attempt: Attempt) -> bool:  # noqa: ARG001 - one signature for all rules
    """Made no offer three times."""
    offers = attempt.offers
    return all(offers.count(package) < 3 for package in set(offers))


def _civil(brief: Brief, attempt: Attempt) -> bool:
    """Spoke, and neither threatened nor attacked."""
    harsh = {it.id for it in brief.arguments if it.type in ("threat", "attack")}
    return bool(attempt.moves) and not harsh.intersection(attempt.subjects("argue"))


_TESTS: tuple[tuple[str, Callable[[Brief, Attempt], bool]], ...] = (
    ("explore", _explored),
    ("ambition", _ambitious),
    ("trade", _traded),
    ("firm", _firm),
    ("flexible", _flexible),
    ("civil", _civil),
)
