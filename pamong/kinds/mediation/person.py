"""A realistic participant: the abler, the better the questions, the patience and the draft."""

from __future__ import annotations

from pamong import kind
from pamong.event import Action
from pamong.kinds.mediation import bots
from pamong.kinds.mediation.answers import ACCEPTING
from pamong.kinds.mediation.case import JOINT, Brief, Key, choices
from pamong.kinds.mediation.play import Attempt, State

Seat = kind.Seat[Brief, Key, State]


def _talk(seat: Seat, attempt: Attempt) -> Action:
    """Mostly what an attentive mediator does, but hastier and clumsier the less able."""
    clumsy = 1 - seat.skill
    hurried = attempt.count("propose") == 0 and attempt.used > 2
    if hurried and seat.rng.random() < 0.22 * clumsy:
        return bots.propose(seat.brief, _some_draft(seat))
    if attempt.draft is not None and attempt.place == JOINT and seat.rng.random() < 0.3 * clumsy:
        return Action("close", {"wording": _words(seat, "close")})
    secrets = [it for it in attempt.facts if it.confidential and bots.may_tell(attempt, it)]
    loose = [it for it in secrets if it.party != attempt.place and it.id not in attempt.permitted]
    if loose and seat.rng.random() < 0.15 * clumsy**2:
        return Action("disclose", {"interest": loose[0].id})
    action = bots.attend(seat, attempt)
    if action.act == "propose" and seat.rng.random() < 0.5 * clumsy:
        return bots.propose(seat.brief, _some_draft(seat))
    if action.act == "withdraw" and _could_go_on(seat, attempt):
        return bots.propose(seat.brief, _some_draft(seat))
    return _reworded(seat, attempt, action)


def _some_draft(seat: Seat) -> tuple[int, ...]:
    return tuple(seat.rng.choice(options) for options in choices(seat.brief))


def _could_go_on(seat: Seat, attempt: Attempt) -> bool:
    accepted = all(it.light in ACCEPTING for it in attempt.consent.values())
    return not accepted and attempt.place == JOINT and seat.brief.steps - attempt.used > 2


def _reworded(seat: Seat, attempt: Attempt, action: Action) -> Action:
    act = bots.spoken_act(action)
    if act is None or seat.rng.random() < 0.25 + 0.75 * seat.skill:
        return action
    to = action.data.get("to", "") or _owner(attempt, action)
    return bots.rated(action, bots.by_chance(seat, act, attempt.place, to))


def _owner(attempt: Attempt, action: Action) -> str:
    fact = attempt.fact(action.data.get("interest", ""))
    return fact.party if fact else ""


def _words(seat: Seat, act: str) -> str:
    close = bots.spoken_act(Action(act))
    return bots.by_chance(seat, close, JOINT, "") if close else ""


person = bots.played(_talk)
