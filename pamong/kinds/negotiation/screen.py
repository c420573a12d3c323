"""What the browser draws, and what is still to be done."""

from __future__ import annotations

from typing import Any

from pamong.bargaining import Package
from pamong.catalogue import messages
from pamong.kinds.negotiation.case import Brief, own_side
from pamong.kinds.negotiation.play import Attempt, Move, Preparation, State
from pamong.kinds.negotiation.speech import as_data


def view(brief: Brief, state: State) -> dict[str, Any]:
    """JSON for the page: own points only, never the counterpart's."""
    own = own_side(brief)
    attempt = state.current or Attempt(number=1, variant="")
    return {
        "phase": attempt.phase,
        "attempt": attempt.number,
        "attempts": brief.attempts,
        "rounds": {"used": attempt.count("offer"), "of": brief.rounds},
        "questions_left": brief.questions - attempt.count("ask"),
        "shares_left": brief.shares - attempt.count("share"),
        "shared": list(attempt.subjects("share")),
        "arguments_used": {
            argument.id: attempt.subjects("argue").count(argument.id)
            for argument in brief.arguments
        },
        "greeted": bool(attempt.count("greet")),
        "may_greet": not attempt.count("greet") and not attempt.count("offer"),
        "waiting": attempt.waiting is not None,
        "maximum": own.maximum,
        "floor": own.floor,
        "preparation": _prepared(attempt.preparation),
        "history": [_told(brief, move) for move in attempt.moves],
        "standing": _priced(brief, attempt.standing) if not attempt.ending else None,
        "last_offer": _priced(brief, attempt.offers[-1] if attempt.offers else None),
        "ending": attempt.ending,
        "deal": _priced(brief, attempt.deal),
        "learned": _learned(attempt),
        "ranking": list(attempt.ranking),
        "closing": attempt.closing,
        "debrief": attempt.debrief,
    }


def missing(brief: Brief, state: State) -> tuple[str, ...]:
    """What the attempt under way still lacks."""
    attempt = state.current or Attempt(number=1, variant="")
    say = messages("negotiation")
    if attempt.finished:
        return ()
    if attempt.preparation is None:
        return (say("missing.prepare"),)
    if not attempt.ending:
        return (say("missing.talk"),)
    found = []
    if not attempt.ranking:
        found.append(say("missing.model"))
    if brief.closings and not attempt.closing:
        found.append(say("missing.close"))
    return tuple(found)


def _prepared(preparation: Preparation | None) -> dict[str, Any] | None:
    if preparation is None:
        return None
    return {
        "floor": preparation.floor,
        "target": preparation.target,
        "priorities": list(preparation.priorities),
        "expects_zone": preparation.expects_zone,
        "guess": list(preparation.guess),
    }


def _told(brief: Brief, move: Move) -> dict[str, Any]:
    told: dict[str, Any] = {"n": move.n, "who": move.who, "act": move.act}
    if move.subject:
        told["subject"] = move.subject
    if move.rank:
        told["rank"] = move.rank
    if move.text:
        told["text"] = move.text
    return told | (_priced(brief, move.package) or {})


def _priced(brief: Brief, package: Package | None) -> dict[str, Any] | None:
    if package is None:
        return None
    return {"package": as_data(brief, package), "points": own_side(brief).total(package)}


def _learned(attempt: Attempt) -> list[dict[str, Any]]:
    """What the counterpart has told about its priorities."""
    return [
        {"issue": move.subject, "rank": move.rank} for move in attempt.moves if move.act == "info"
    ]
