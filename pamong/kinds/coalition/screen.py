"""What the browser draws, and what is still to be done."""

from __future__ import annotations

from typing import Any

from pamong.catalogue import messages
from pamong.kinds.coalition.case import Brief
from pamong.kinds.coalition.play import Attempt, State, outcome, supporters, tally, unmet


def view(brief: Brief, state: State) -> dict[str, Any]:
    """JSON for the page: what the participant did and what was told, nothing else."""
    attempt = state.current or Attempt(number=1, variant="")
    spent = brief.cost(attempt.taken)
    return {
        "phase": attempt.phase,
        "attempt": attempt.number,
        "attempts": brief.attempts,
        "positions": {
            actor: {"power": position.power, "interest": position.interest}
            for actor, position in attempt.positions.items()
        },
        "strategies": dict(attempt.strategies),
        "order": list(attempt.order),
        "deciders": list(brief.deciders),
        "waiting": attempt.waiting,
        "turn": {"taken": attempt.turns, "of": brief.turns},
        "effort": {"spent": spent, "left": brief.effort - spent, "of": brief.effort},
        "taken": list(attempt.taken),
        "standing": _standing(brief, attempt),
        "rounds": [
            {"actions": list(each.actions), "news": list(each.news)} for each in attempt.rounds[1:]
        ],
        "outcome": outcome(brief, attempt),
        "debrief": attempt.debrief,
    }


def _standing(brief: Brief, attempt: Attempt) -> dict[str, Any] | None:
    """Who stands where, and how that has changed in the last turn; None before it was told."""
    told = [each.support for each in attempt.rounds if each.support is not None]
    if not told:
        return None
    now, before = told[-1], told[-2] if len(told) > 1 else told[-1]
    won = supporters(brief, now)
    return {
        "actors": [
            {
                "id": actor,
                "support": now[actor],
                "change": now[actor] - before[actor],
                "won": actor in won,
            }
            for actor in brief.people
        ],
        "votes": tally(brief, now),
        "unmet": list(unmet(brief, now)),
    }


def missing(brief: Brief, state: State) -> tuple[str, ...]:
    """What the attempt under way still lacks."""
    say = messages("coalition")
    attempt = state.current or Attempt(number=1, variant="")
    if attempt.finished or attempt.turns:
        return ()
    if attempt.rounds:
        return (say("missing.turn"),)
    return (*_unmapped(brief, attempt), say("missing.lock"))


def _unmapped(brief: Brief, attempt: Attempt) -> list[str]:
    say = messages("coalition")
    lacking = []
    for actor in brief.actors:
        position = attempt.positions.get(actor.id)
        placed = position is not None and position.complete
        if not placed or actor.id not in attempt.strategies:
            lacking.append(say("missing.actor", name=actor.name))
    return lacking if attempt.order else [*lacking, say("missing.order")]
