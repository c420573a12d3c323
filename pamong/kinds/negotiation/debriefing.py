"""What the participant learns once the talk is over: in plain words, with points to plot."""

from __future__ import annotations

from typing import Any

from pamong.bargaining import Bargain, Package
from pamong.catalogue import messages
from pamong.kinds.negotiation.case import Brief, Key, Variant, bargain_of, importance
from pamong.kinds.negotiation.conduct import rules
from pamong.kinds.negotiation.play import Attempt
from pamong.kinds.negotiation.speech import as_data, inline

Point = list[float]
"""[own, other]: shares of each side's maximum, 0..1."""


def debrief(brief: Brief, key: Key, variant: Variant, attempt: Attempt) -> dict[str, Any]:
    """The content of the debrief event; the only place where the other side's wishes show."""
    bargain = bargain_of(brief, variant)
    best = bargain.best
    return {
        "headline": _headline(bargain, attempt),
        "paragraphs": [*_left(bargain, attempt), *_trade(brief, bargain), *_explained(key)],
        "frontier": [_point(bargain, pair) for pair in bargain.frontier],
        "own_path": [_at(bargain, package) for package in attempt.offers],
        "other_path": [_at(bargain, package) for package in _counters(attempt)],
        "deal": None if attempt.deal is None else _at(bargain, attempt.deal),
        "best": None if best is None else _at(bargain, best),
        "fallback": [round(bargain.own.fallback, 4), round(bargain.other.fallback, 4)],
        "best_package": None if best is None else as_data(brief, best),
        "other_points": {issue.id: list(variant.points[issue.id]) for issue in brief.issues},
        "other_ranking": _ranked(brief, bargain),
        "other_fallback": variant.batna.text,
        "rules": [
            {
                "name": rule.name,
                "label": messages("negotiation")(f"rule.{rule.name}"),
                "kept": rule.kept,
            }
            for rule in rules(brief, key, attempt)
        ],
    }


def _headline(bargain: Bargain, attempt: Attempt) -> str:
    say = messages("negotiation")
    if attempt.deal is None:
        return say("debrief.walked_right" if bargain.best is None else "debrief.no_deal")
    if bargain.own.total(attempt.deal) < bargain.own.floor:
        return say("debrief.below_floor")
    if bargain.other.total(attempt.deal) < bargain.other.floor:
        return say("debrief.fragile")
    for bar, key in ((0.95, "best"), (0.75, "good"), (0.5, "fair")):
        if bargain.value(attempt.deal) >= bar:
            return say(f"debrief.{key}")
    return say("debrief.lean")


def _left(bargain: Bargain, attempt: Attempt) -> list[str]:
    """What was left on the table: the best deal for oneself that costs the other side nothing."""
    say = messages("negotiation")
    if bargain.best is None:
        return [say("debrief.empty_zone")]
    best_own, floor = bargain.own.total(bargain.best), bargain.own.floor
    if attempt.deal is None:
        return [say("debrief.could_have", best=best_own, floor=floor)]
    own, other = bargain.own.total(attempt.deal), bargain.other.total(attempt.deal)
    same_for_them = max((mine for mine, theirs in bargain.frontier if theirs >= other), default=own)
    more = max(0, same_for_them - own)
    key = "debrief.left" if more else "debrief.nothing_left"
    return [say(key, own=own, floor=floor, more=more), say("debrief.joint", best=best_own)]


def _trade(brief: Brief, bargain: Bargain) -> list[str]:
    """The exchange that would have served both: an issue dear to one and cheap to the other."""
    say = messages("negotiation")
    if bargain.best is None:
        return []
    mine = _shares(importance(bargain.own.points), bargain.own.maximum)
    theirs = _shares(importance(bargain.other.points), bargain.other.maximum)
    lead = [a - b for a, b in zip(mine, theirs, strict=True)]
    take, give = lead.index(max(lead)), lead.index(min(lead))
    found = []
    if lead[take] > 0 > lead[give]:
        values = _clause(brief, bargain.best, "take", take) | _clause(
            brief, bargain.best, "give", give
        )
        found.append(say("debrief.trade", **values))
    for place, issue in enumerate(brief.issues):
        if _wants_same(bargain, place) and place not in (take, give):
            found.append(say("debrief.same_wish", issue=inline(issue.label)))
            break
    return found


def _clause(brief: Brief, package: Package, prefix: str, place: int) -> dict[str, str]:
    issue = brief.issues[place]
    option = issue.options[package[place]].label
    return {f"{prefix}_issue": inline(issue.label), f"{prefix}_option": option}


def _explained(key: Key) -> list[str]:
    return [key.explain] if key.explain else []


def _wants_same(bargain: Bargain, place: int) -> bool:
    own, other = bargain.own.points[place], bargain.other.points[place]
    return own.index(max(own)) == other.index(max(other)) and max(own) > 0 < max(other)


def _ranked(brief: Brief, bargain: Bargain) -> list[str]:
    weights = importance(bargain.other.points)
    order = sorted(range(len(weights)), key=lambda place: -weights[place])
    return [brief.issues[place].id for place in order]


def _counters(attempt: Attempt) -> list[Package]:
    return [
        move.package
        for move in attempt.moves
        if move.who == "counterpart" and move.package and move.act in ("counter", "warned")
    ]


def _shares(weights: tuple[int, ...], maximum: int) -> list[float]:
    return [weight / maximum for weight in weights]


def _at(bargain: Bargain, package: Package) -> Point:
    return _point(bargain, (bargain.own.total(package), bargain.other.total(package)))


def _point(bargain: Bargain, pair: tuple[int, int]) -> Point:
    own, other = pair
    return [round(own / bargain.own.maximum, 4), round(other / bargain.other.maximum, 4)]
