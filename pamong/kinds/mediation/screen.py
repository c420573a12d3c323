"""What the browser draws, and what is still to be done."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from pamong.catalogue import messages
from pamong.kinds.mediation.case import (
    JOINT,
    SPOKEN,
    Brief,
    as_data,
    spoken,
)
from pamong.kinds.mediation.play import Attempt, State, Turn
from pamong.kinds.mediation.room import refusals
from pamong.kinds.mediation.speech import issue_label

LEVELS = ("broken", "low", "wary", "fair", "good", "good")
"""Names of the levels of trust 0..5."""


def view(brief: Brief, state: State) -> dict[str, Any]:
    """JSON for the page: what was said and heard, never what was not."""
    attempt = state.current or Attempt(number=1, variant="")
    return {
        "phase": attempt.phase,
        "attempt": attempt.number,
        "attempts": brief.attempts,
        "steps": {"used": attempt.used, "of": brief.steps},
        "place": attempt.place,
        "begun": bool(attempt.turns),
        "waiting": attempt.waiting is not None,
        "parties": [_party(attempt, party.id) for party in brief.parties],
        "transcript": [line for turn in attempt.turns for line in lines(brief, attempt, turn)],
        "facts": [
            {
                "id": fact.id,
                "party": fact.party,
                "label": fact.label,
                "confidential": fact.confidential,
                "place": attempt.where(fact.id),
                "permitted": fact.id in attempt.permitted,
                "told": fact.id in attempt.told,
            }
            for fact in attempt.facts
        ],
        "draft": None if attempt.draft is None else as_data(brief, attempt.draft),
        "refused": any(draft == attempt.draft for draft, _ in refusals(attempt)),
        "wordings": _wordings(brief, attempt),
        "ending": attempt.ending,
        "debrief": attempt.debrief,
    }


def missing(brief: Brief, state: State) -> tuple[str, ...]:  # noqa: ARG001
    """What the attempt under way still lacks."""
    attempt = state.current
    if attempt is not None and (attempt.ending or attempt.finished):
        return ()
    started = attempt is not None and bool(attempt.turns)
    return (messages("mediation")("missing.talk" if started else "missing.begin"),)


def lines(brief: Brief, attempt: Attempt, turn: Turn) -> list[dict[str, str]]:
    """What a turn reads like: the mediator's words or deed, then the answers."""
    mine = {"who": "me" if turn.wording else "system", "place": turn.place, "to": turn.to}
    told = [{**mine, "text": uttered(brief, attempt, turn)}]
    for by, text in turn.answer.lines if turn.answer else ():
        told.append({"who": "party" if by else "system", "by": by, "text": text})
    return told


def uttered(brief: Brief, attempt: Attempt, turn: Turn) -> str:
    """The mediator's own words, or what the mediator did where there are none."""
    say = messages("mediation")
    fact = attempt.fact(turn.about)
    about = fact.label if fact else issue_label(brief, turn.about)
    for group in brief.wordings.values():
        for wording in group:
            if wording.id == turn.wording:
                return spoken(brief, wording, to=turn.to, about=about)
    names = {party.id: party.name for party in brief.parties}
    number = sum(it.n <= turn.n for it in attempt.turns if it.draft is not None)
    where = say("ui.place.joint") if turn.place == JOINT else names[turn.place]
    return say(
        f"did.{turn.act}", party=names.get(turn.to, ""), about=about, number=number, place=where
    )


def _party(attempt: Attempt, party: str) -> dict[str, Any]:
    view = attempt.consent.get(party)
    level = attempt.trust.get(party)
    return {
        "id": party,
        "trust": None if level is None else LEVELS[level],
        "light": view.light if view else None,
        "issue": view.issue if view else "",
    }


def _wordings(brief: Brief, attempt: Attempt) -> dict[str, list[str]]:
    """Ids that fit the place, shuffled anew with each turn so that no position is the right one."""
    where = JOINT if attempt.place == JOINT else "caucus"
    shown: dict[str, list[str]] = {}
    for act in SPOKEN:
        ids = [it.id for it in brief.wordings.get(act, ()) if it.place in ("any", where)]
        seed = f"{brief.id}|{attempt.variant}|{attempt.number}|{len(attempt.turns)}|{act}"
        shown[act] = sorted(ids, key=lambda it: sha256(f"{seed}|{it}".encode()).digest())
    return shown
