"""How well a negotiation went: outcome, understanding of the other side, preparation, conduct."""

from __future__ import annotations

from pamong import bargaining
from pamong.bargaining import Package
from pamong.catalogue import messages
from pamong.errors import TamperedLog
from pamong.kinds.negotiation.case import (
    Brief,
    Key,
    Variant,
    bargain_of,
    importance,
    objection,
    other_side,
    own_side,
    variant_of,
)
from pamong.kinds.negotiation.conduct import rules
from pamong.kinds.negotiation.play import Attempt, State
from pamong.score import Cap, Context, Part, Score, above_baseline, footrule, footrule_by_chance
from pamong.score import weighted as weighted_score

UNLAWFUL = 0.40
"""The most that a deal with an unlawful clause can earn."""
HIGHEST_BASELINE = 0.9
STOPPED = {"nodeal": 1.0, "deadline": 0.4, "walkout": 0.25}
"""What it is worth, where no agreement was possible, to stop, to run out of time, to be left."""
WEIGHTS = {"outcome": 0.60, "model": 0.15, "preparation": 0.15, "conduct": 0.10}


def score(brief: Brief, key: Key, state: State, context: Context) -> Score:  # noqa: ARG001
    """S = .60 outcome + .15 model + .15 preparation + .10 conduct of the attempt that counts."""
    attempt = state.counted
    say = messages("negotiation")
    if attempt is None:
        nothing = say("reason.nothing")
        return weighted_score([_part(name, 0.0, nothing) for name in WEIGHTS])
    try:
        variant = variant_of(key, attempt.variant)
    except KeyError:
        raise TamperedLog(brief.id, 0, f"the key has no variant {attempt.variant!r}") from None
    parts = [
        _outcome(brief, variant, attempt),
        _understanding(brief, variant, attempt),
        _preparation(brief, variant, attempt),
        _conduct(brief, key, attempt),
    ]
    return weighted_score(parts, caps(brief, attempt.deal))


def outcome(brief: Brief, variant: Variant, package: Package) -> float:
    """What a deal is worth, in 0..1; see ``Brief.aim``.

    Shared: the root of the Nash ratio above that of the middle of every issue. Own: the share of
    the possible own gain, times nearness to the frontier. 0 below the own fallback.
    """
    bargain = bargain_of(brief, variant)
    if bargain.own.total(package) < bargain.own.floor:
        return 0.0
    if brief.aim == "own":
        return bargain.claimed(package) * bargain.nearness(package)
    return above_baseline(bargain.value(package), baseline(brief, variant))


def baseline(brief: Brief, variant: Variant) -> float:
    """What the naive compromise is worth before correction."""
    naive = bargaining.middle([len(issue.options) for issue in brief.issues])
    return min(bargain_of(brief, variant).value(naive), HIGHEST_BASELINE)


def caps(brief: Brief, deal: Package | None) -> tuple[Cap, ...]:
    """One cap for each clause of a deal that the role may not promise."""
    if deal is None:
        return ()
    say = messages("negotiation")
    found = []
    for issue, index in zip(brief.issues, deal, strict=True):
        option = issue.options[index]
        reason = objection(brief, option)
        if reason:
            text = say(
                f"cap.{reason}", issue=issue.label, option=option.label, office=option.authority
            )
            found.append(Cap(UNLAWFUL, text))
    return tuple(found)


def _part(name: str, value: float, reason: str) -> Part:
    label = messages("negotiation")(f"part.{name}")
    return Part(name, label, WEIGHTS[name], round(value, 6), reason)


def _outcome(brief: Brief, variant: Variant, attempt: Attempt) -> Part:
    say = messages("negotiation")
    bargain = bargain_of(brief, variant)
    if attempt.deal is None:
        if not attempt.ending:
            return _part("outcome", 0.0, say("reason.unfinished"))
        if bargain.zone == 0:
            reason = say(f"reason.stopped.{attempt.ending}")
            return _part("outcome", STOPPED[attempt.ending], reason)
        return _part("outcome", 0.0, say("reason.no_deal"))
    own = bargain.own.total(attempt.deal)
    floor = bargain.own.floor
    if own < floor:
        return _part("outcome", 0.0, say("reason.below_floor", own=own, floor=floor))
    value = outcome(brief, variant, attempt.deal)
    key = "reason.deal_own" if brief.aim == "own" else "reason.deal"
    reason = say(key, own=own, floor=floor, share=_percent(value))
    return _part("outcome", value, reason)


def _understanding(brief: Brief, variant: Variant, attempt: Attempt) -> Part:
    """Agreement with the other side's true ranking, above chance; ties count either way."""
    say = messages("negotiation")
    if not attempt.ranking:
        return _part("model", 0.0, say("reason.no_ranking"))
    ids = [issue.id for issue in brief.issues]
    weights = dict(zip(ids, importance(other_side(brief, variant).points), strict=True))
    place = {issue: position for position, issue in enumerate(attempt.ranking)}
    truth = sorted(ids, key=lambda issue: (-weights[issue], place[issue]))
    chance = footrule_by_chance(len(ids))
    value = above_baseline(footrule(attempt.ranking, truth), chance) if len(ids) > 1 else 1.0
    labels = {issue.id: issue.label for issue in brief.issues}
    return _part("model", value, say("reason.ranking", first=labels[truth[0]]))


def _preparation(brief: Brief, variant: Variant, attempt: Attempt) -> Part:
    """Mean of: fallback right, target above it, own top issues right, agreement zone foreseen."""
    say = messages("negotiation")
    prepared = attempt.preparation
    if prepared is None:
        return _part("preparation", 0.0, say("reason.unprepared"))
    own = own_side(brief)
    zone = bargain_of(brief, variant).zone > 0
    checks = {
        "floor": float(prepared.floor == own.floor),
        "target": float(own.floor < prepared.target <= own.maximum),
        "priorities": _top_share(brief, prepared.priorities),
        "zone": float(prepared.expects_zone == zone),
    }
    wrong = [say(f"prepared.{name}") for name, value in checks.items() if value < 1]
    value = sum(checks.values()) / len(checks)
    reason = say("reason.prepared_gaps", gaps="; ".join(wrong)) if wrong else say("reason.prepared")
    return _part("preparation", value, reason)


def _top_share(brief: Brief, named: tuple[str, ...]) -> float:
    """Share of the named issues that belong among the own top issues; the first must be the top."""
    ids = [issue.id for issue in brief.issues]
    weights = dict(zip(ids, importance(own_side(brief).points), strict=True))
    bar = sorted(weights.values(), reverse=True)[len(named) - 1]
    if weights[named[0]] < max(weights.values()):
        return 0.0
    return sum(weights[issue] >= bar for issue in named) / len(named)


def _conduct(brief: Brief, key: Key, attempt: Attempt) -> Part:
    say = messages("negotiation")
    found = rules(brief, key, attempt)
    missed = [say(f"rule.{rule.name}.missed") for rule in found if not rule.kept]
    value = 1 - len(missed) / len(found)
    reason = say("reason.rules_missed", rules="; ".join(missed)) if missed else say("reason.rules")
    return _part("conduct", value, reason)


def _percent(value: float) -> str:
    return f"{round(value * 100)} persen"
