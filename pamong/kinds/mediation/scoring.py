"""How well a mediation went: outcome, interests brought to light, conduct, durability."""

from __future__ import annotations

from pamong import bargaining
from pamong.bargaining import Package
from pamong.catalogue import messages
from pamong.errors import TamperedLog
from pamong.kinds import prose
from pamong.kinds.mediation.analysis import Prospects, prospects
from pamong.kinds.mediation.case import (
    Brief,
    Key,
    Variant,
    choices,
    clauses,
    party_ids,
    sides,
    variant_of,
    weights,
)
from pamong.kinds.mediation.conduct import rules
from pamong.kinds.mediation.play import Attempt, State
from pamong.score import Cap, Context, Part, Score, above_baseline, weighted

LEAKED = 0.50
"""The most that a mediation with a breach of confidence can earn."""
HIGHEST_BASELINE = 0.9
ENOUGH = 0.5
"""Share of the interests that must be known before stopping is more than a guess."""
WEIGHTS = {"outcome": 0.45, "coverage": 0.25, "process": 0.20, "durability": 0.10}


def score(brief: Brief, key: Key, state: State, context: Context) -> Score:  # noqa: ARG001
    """S = .45 outcome + .25 coverage + .20 process + .10 durability; a leak caps it at .50."""
    attempt = state.counted
    say = messages("mediation")
    if attempt is None:
        return weighted([_part(name, 0.0, say("reason.nothing")) for name in WEIGHTS])
    try:
        variant = variant_of(key, attempt.variant)
    except KeyError:
        raise TamperedLog(brief.id, 0, f"the key has no variant {attempt.variant!r}") from None
    parts = [
        _outcome(brief, key, variant, attempt),
        _coverage(brief, key, variant, attempt),
        _process(brief, key, variant, attempt),
    ]
    if analysis(brief, variant).best is not None:
        parts.append(_durability(brief, key, variant, attempt))
    return weighted(parts, caps(brief, attempt))


def analysis(brief: Brief, variant: Variant) -> Prospects:
    return prospects(sides(brief, variant), choices(brief))


def worth(brief: Brief, variant: Variant, package: Package) -> float:
    """An agreement in 0..1: the root of the Nash ratio above that of the middle of every issue."""
    found = analysis(brief, variant)
    naive = bargaining.middle([len(issue.options) for issue in brief.issues])
    return above_baseline(found.value(package), min(found.value(naive), HIGHEST_BASELINE))


def known_share(brief: Brief, key: Key, variant: Variant, attempt: Attempt) -> float:
    """Mean over the parties of the weight of their interests that came to light."""
    known = {fact.id for fact in attempt.facts}
    found = [
        sum(weight for it, weight in weights(key, variant, party).items() if it in known)
        for party in party_ids(brief)
    ]
    return min(1.0, sum(found) / len(found))


def answered(brief: Brief, key: Key, variant: Variant, package: Package) -> dict[str, float]:
    """Weight of each interest that at least one clause of a package serves."""
    written = clauses(brief, package)
    return {
        it.id: weights(key, variant, party)[it.id]
        for party in party_ids(brief)
        for it in key.interests[party]
        if written.intersection(it.served_by)
    }


def caps(brief: Brief, attempt: Attempt) -> tuple[Cap, ...]:
    """One cap for each confidential interest that was passed on without permission."""
    say = messages("mediation")
    names = {party.id: party.name for party in brief.parties}
    return tuple(
        Cap(LEAKED, say("cap.leak", party=names[fact.party], label=fact.label))
        for fact in attempt.leaks
    )


def _part(name: str, value: float, reason: str) -> Part:
    label = messages("mediation")(f"part.{name}")
    return Part(name, label, WEIGHTS[name], round(value, 6), reason)


def _outcome(brief: Brief, key: Key, variant: Variant, attempt: Attempt) -> Part:
    say = messages("mediation")
    found = analysis(brief, variant)
    if attempt.agreed is not None:
        value = worth(brief, variant, attempt.agreed)
        return _part("outcome", value, say("reason.agreed", share=prose.percent(value)))
    if attempt.ending != "stopped":
        return _part("outcome", 0.0, say(f"reason.{attempt.ending or 'unfinished'}"))
    if found.best is not None:
        return _part("outcome", 0.0, say("reason.stopped"))
    if known_share(brief, key, variant, attempt) >= ENOUGH:
        return _part("outcome", 1.0, say("reason.right_to_stop"))
    return _part("outcome", 0.5, say("reason.guessed"))


def _coverage(brief: Brief, key: Key, variant: Variant, attempt: Attempt) -> Part:
    value = known_share(brief, key, variant, attempt)
    total = sum(len(key.interests[party]) for party in party_ids(brief))
    reason = messages("mediation")(
        "reason.coverage", found=len(attempt.facts), total=total, share=prose.percent(value)
    )
    return _part("coverage", value, reason)


def _process(brief: Brief, key: Key, variant: Variant, attempt: Attempt) -> Part:
    say = messages("mediation")
    found = rules(brief, key, variant, attempt)
    missed = [say(f"rule.{rule.name}.missed") for rule in found if not rule.kept]
    value = sum(rule.value for rule in found) / len(found)
    reason = say("reason.rules_missed", rules="; ".join(missed)) if missed else say("reason.rules")
    return _part("process", value, reason)


def _durability(brief: Brief, key: Key, variant: Variant, attempt: Attempt) -> Part:
    """Weight of what is known and answered, over what the best agreement would answer."""
    say = messages("mediation")
    best = analysis(brief, variant).best
    if attempt.agreed is None or best is None:
        return _part("durability", 0.0, say("reason.no_durability"))
    known = {fact.id for fact in attempt.facts}
    met = {it: w for it, w in answered(brief, key, variant, attempt.agreed).items() if it in known}
    possible = sum(answered(brief, key, variant, best).values())
    value = min(1.0, sum(met.values()) / possible) if possible else 1.0
    reason = say("reason.durability", met=len(met), known=len(known))
    return _part("durability", value, reason)
