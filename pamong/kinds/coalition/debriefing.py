"""What the participant learns once it is over: in plain words, the answers only at the very end.

Variants change support and effects, not where the actors stand or who decides: shown before the
last attempt, the experts' map, the best plan and the order could be copied into the next one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pamong.catalogue import messages
from pamong.kinds import prose
from pamong.kinds.coalition import voting
from pamong.kinds.coalition.case import Brief, Key, expected
from pamong.kinds.coalition.play import Attempt, outcome, tally, unmet
from pamong.kinds.coalition.scoring import FAR, decisive, misplaced, solution


def debrief(brief: Brief, key: Key, attempt: Attempt) -> dict[str, Any]:
    """The content of the debrief event."""
    last = attempt.number >= brief.attempts
    best = solution(brief, key, attempt.variant).best or ()
    return {
        "headline": _headline(brief, attempt),
        "paragraphs": [*_plan(brief, key, attempt, last=last), *_explained(key, last=last)],
        "plan": [brief.moves[place] for place in best] if last else [],
        "look": [] if last else misplaced(brief, key, attempt)[:3],
        "map": list(_differences(brief, key, attempt)) if last else [],
        "power": _power(brief) if last else [],
        "power_text": _power_text(brief) if last else messages("coalition")("debrief.power"),
        "last": last,
    }


def _headline(brief: Brief, attempt: Attempt) -> str:
    support = attempt.support
    if support is None or not attempt.turns:
        return messages("coalition")("debrief.idle")
    names = ", ".join(brief.names[actor] for actor in unmet(brief, support))
    return messages("coalition")(
        f"debrief.{outcome(brief, attempt)}",
        have=tally(brief, support),
        quorum=brief.quorum,
        names=names,
    )


def _plan(brief: Brief, key: Key, attempt: Attempt, *, last: bool) -> Iterator[str]:
    """The cheapest winning plan, in words at the end, before it only its price; and the own price."""
    say = messages("coalition")
    best = solution(brief, key, attempt.variant).best
    if best is None:
        yield say("debrief.no_plan")
        return
    moves = tuple(brief.moves[place] for place in best)
    labels = "; ".join(move.label for move in brief.actions if move.id in moves)
    least, spent = brief.cost(moves), brief.cost(attempt.taken)
    if outcome(brief, attempt) == "won" and attempt.turns and spent <= least:
        yield say("debrief.plan.same", spent=spent)
        return
    if not last:
        yield say("debrief.price", count=len(moves), least=least, spent=spent)
        return
    yield say("debrief.plan", actions=labels, least=least, spent=spent)
    spare = [
        move.label for move in brief.actions if move.id in attempt.taken and move.id not in moves
    ]
    if spare:
        yield say("debrief.spare", actions="; ".join(spare))


def _explained(key: Key, *, last: bool) -> list[str]:
    return [key.explain] if key.explain and last else []


def _differences(brief: Brief, key: Key, attempt: Attempt) -> Iterator[dict[str, Any]]:
    """Actors far from the experts' place or with another strategy; one step is a matter of opinion."""
    for actor in brief.people:
        place, own = key.placement[actor], attempt.positions.get(actor)
        wanted, chosen = expected(place), attempt.strategies.get(actor)
        if own is None or wanted is None:
            continue
        steps = max(abs(own.power - place.power), abs(own.interest - place.interest))
        if steps >= FAR or chosen != wanted:
            yield {
                "actor": actor,
                "own": [own.power, own.interest],
                "expert": [place.power, place.interest],
                "strategy": chosen or "",
                "expected": wanted,
                "reason": place.reason,
            }


def _power(brief: Brief) -> list[dict[str, Any]]:
    found = voting.shares(decisive(brief))
    return [{"actor": actor, "share": round(share, 4)} for actor, share in found.items()]


def _power_text(brief: Brief) -> str:
    counts = decisive(brief)
    first = max(counts.values())
    names = ", ".join(brief.names[actor] for actor in counts if counts[actor] == first)
    share = prose.percent(first / (sum(counts.values()) or 1))
    say = messages("coalition")
    return f"{say('debrief.power')} {say('debrief.power.first', names=names, share=share)}"
