"""What the mediator learns once it is over: in plain words, with points to plot."""

from __future__ import annotations

from typing import Any

from pamong.bargaining import Package
from pamong.catalogue import messages
from pamong.kinds.mediation.analysis import Prospects
from pamong.kinds.mediation.case import (
    Brief,
    Interest,
    Key,
    Variant,
    as_data,
    clauses,
    party_ids,
    spoken,
)
from pamong.kinds.mediation.conduct import rules
from pamong.kinds.mediation.play import Attempt
from pamong.kinds.mediation.scoring import analysis
from pamong.kinds.mediation.speech import issue_label


def debrief(brief: Brief, key: Key, variant: Variant, attempt: Attempt) -> dict[str, Any]:
    """The content of the debrief event.

    In graded play with another attempt to come, missed interests and the rating of wordings, which
    do not differ between variants, stay untold.
    """
    whole = brief.use == "practice" or attempt.number >= brief.attempts
    found = analysis(brief, variant)
    return {
        "headline": _headline(found, attempt),
        "paragraphs": _paragraphs(brief, key, found, attempt),
        "interests": [
            _interest(brief, party, it, attempt, whole=whole)
            for party in party_ids(brief)
            for it in key.interests[party]
        ],
        "plot": _plot(brief, found, attempt),
        "best": None if found.best is None else as_data(brief, found.best),
        "rules": [
            {
                "name": rule.name,
                "label": messages("mediation")(f"rule.{rule.name}"),
                "kept": rule.kept,
            }
            for rule in rules(brief, key, variant, attempt)
        ],
        "leaks": [fact.label for fact in attempt.leaks],
        "wordings": _wordings(brief, key, attempt) if whole else [],
    }


def _headline(found: Prospects, attempt: Attempt) -> str:
    say = messages("mediation")
    if attempt.agreed is not None:
        for bar, key in ((0.95, "best"), (0.75, "good"), (0.5, "fair")):
            if found.value(attempt.agreed) >= bar:
                return say(f"debrief.{key}")
        return say("debrief.lean")
    if attempt.ending == "stopped":
        return say("debrief.stopped" if found.best else "debrief.stopped_right")
    return say(f"debrief.{attempt.ending or 'stopped'}")


def _paragraphs(brief: Brief, key: Key, found: Prospects, attempt: Attempt) -> list[str]:
    say = messages("mediation")
    told = [*_position(found, attempt)]
    names = {party.id: party.name for party in brief.parties}
    told += [
        say("debrief.alternative", party=names[party], text=text)
        for party, text in key.alternatives.items()
        if party in names
    ]
    told += [say("debrief.leak", label=fact.label) for fact in attempt.leaks]
    return [*told, *([key.explain] if key.explain else [])]


def _position(found: Prospects, attempt: Attempt) -> list[str]:
    """Where the last draft lies: for whom it is too little, and whether more was possible."""
    say = messages("mediation")
    if found.best is None:
        return [say("debrief.empty_zone")]
    if attempt.draft is None:
        return [say("debrief.no_draft", zone=found.zone)]
    if attempt.agreed is None:
        near = found.is_acceptable(attempt.draft)
        return [say("debrief.near" if near else "debrief.far", zone=found.zone)]
    if found.is_efficient(attempt.agreed):
        even = found.value(attempt.agreed) >= 0.95
        return [say("debrief.efficient_even" if even else "debrief.efficient")]
    return [say("debrief.inefficient")]


def _interest(
    brief: Brief, party: str, interest: Interest, attempt: Attempt, *, whole: bool
) -> dict[str, Any]:
    say = messages("mediation")
    is_known = attempt.fact(interest.id) is not None
    told: dict[str, Any] = {
        "party": party,
        "found": is_known,
        "confidential": interest.confidential and (is_known or whole),
        "label": interest.label if is_known or whole else say("debrief.hidden"),
    }
    if attempt.agreed is not None and (is_known or whole):
        told["answered"] = bool(clauses(brief, attempt.agreed).intersection(interest.served_by))
    if not is_known:
        opens = interest.opens
        how = "after" if opens.after else "caucus" if opens.place == "caucus" else "trust"
        told["why"] = say(f"debrief.missed.{how}")
    return told


def _plot(brief: Brief, found: Prospects, attempt: Attempt) -> list[dict[str, Any]]:
    """Per party, as shares of the most it could get: alternative, drafts, agreement, best."""

    def share(place: int, package: Package | None) -> float | None:
        return None if package is None else round(found.sides[place].share(package), 4)

    return [
        {
            "party": party.id,
            "fallback": round(found.sides[place].fallback, 4),
            "drafts": [share(place, draft) for draft in attempt.drafts],
            "agreed": share(place, attempt.agreed),
            "best": share(place, found.best),
        }
        for place, party in enumerate(brief.parties)
    ]


def _wordings(brief: Brief, key: Key, attempt: Attempt) -> list[dict[str, str]]:
    """The wordings that were not good, with the reason where the author gives one."""
    say = messages("mediation")
    texts = {it.id: it for group in brief.wordings.values() for it in group}
    told = []
    for turn in attempt.turns:
        quality = key.wordings.get(turn.wording)
        if turn.wording not in texts or quality in (None, "good"):
            continue
        fact = attempt.fact(turn.about)
        about = fact.label if fact else issue_label(brief, turn.about)
        told.append(
            {
                "text": spoken(brief, texts[turn.wording], to=turn.to, about=about),
                "quality": say(f"quality.{quality}"),
                "why": key.reasons.get(turn.wording, say(f"quality.{quality}.why")),
            }
        )
    return told
