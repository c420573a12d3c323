"""A simulated participant of some ability, for realistic cohorts.

Who is able prepares without slips, listens, trades and stays polite; who is not concedes at random.
Every inclination follows from the ability and the preparation, so a replay decides the same again.
"""

from __future__ import annotations

from random import Random

from pamong.bargaining import Package
from pamong.event import Action, Data
from pamong.kinds.negotiation.bots import Seat, is_lawful, kindest, listened, offer, ranked, worth
from pamong.kinds.negotiation.case import Argument, own_side
from pamong.kinds.negotiation.play import Attempt


def person(seat: Seat) -> Action | None:
    """The next act of somebody whose ability is ``seat.skill``."""
    attempt = seat.state.current
    if attempt is None or attempt.finished:
        return None
    if attempt.preparation is None:
        return Action("prepare", _prepare(seat))
    if attempt.ending:
        return _leave(seat, attempt)
    return (
        _greet(seat, attempt)
        or _explore(seat, attempt)
        or _argue(seat, attempt)
        or _deal(seat, attempt)
    )


def _prepare(seat: Seat) -> Data:
    own, rng, skill = own_side(seat.brief), seat.rng, seat.skill
    order = list(ranked(seat.brief, own))
    if rng.random() > 0.5 + 0.5 * skill:
        rng.shuffle(order)
    slip = 0 if rng.random() < 0.55 + 0.45 * skill else rng.choice((-10, -5, 5, 10))
    high = round(own.maximum * rng.uniform(0.6, 0.9))
    exists = seat.key.agreement_zone == "exists"
    return {
        "floor": max(0, own.floor + slip),
        "target": high if rng.random() < 0.6 + 0.4 * skill else own.floor,
        "priorities": order[: rng.choice((1, 2, 2, 3))],
        "expects_zone": exists if rng.random() < 0.6 + 0.35 * skill else not exists,
        "guess": rng.sample(order, len(order)) if rng.random() < 0.5 else [],
    }


def _luck(seat: Seat, attempt: Attempt, about: str) -> Random:
    prepared = attempt.preparation
    return Random(f"{seat.brief.id}|{attempt.number}|{seat.skill}|{prepared}|{about}")  # noqa: S311


def _inclined(seat: Seat, attempt: Attempt, about: str, *, low: float, high: float) -> bool:
    """Whether somebody does a thing that the least able do with chance ``low``, the ablest ``high``."""
    return _luck(seat, attempt, about).random() < low + (high - low) * seat.skill


def _greet(seat: Seat, attempt: Attempt) -> Action | None:
    phrases = [phrase.id for phrase in seat.brief.openings]
    if attempt.moves or not phrases:
        return None
    if not _inclined(seat, attempt, "greet", low=0.5, high=0.97):
        return None
    if _inclined(seat, attempt, "respect", low=0.5, high=1.0) and seat.key.respectful:
        return Action("greet", {"phrase": seat.key.respectful[0]})
    return Action("greet", {"phrase": _luck(seat, attempt, "phrase").choice(phrases)})


def _explore(seat: Seat, attempt: Attempt) -> Action | None:
    asked, shared = attempt.count("ask"), attempt.count("share")
    if asked == 0 and seat.brief.questions and _inclined(seat, attempt, "ask", low=0.3, high=0.97):
        return Action("ask")
    open_hearted = _inclined(seat, attempt, "share", low=0.2, high=0.92)
    if shared == 0 and seat.brief.shares and open_hearted:
        named = attempt.preparation.priorities if attempt.preparation else ()
        return Action("share", {"issue": named[0]})
    curious = _inclined(seat, attempt, f"ask{asked}", low=0.1, high=0.85)
    if 0 < asked < seat.brief.questions and curious and attempt.moves[-1].act != "evasive":
        return Action("ask")
    return None


def _argue(seat: Seat, attempt: Attempt) -> Action | None:
    made = attempt.count("offer")
    if made == 0 or attempt.count("argue") >= min(2, made):
        return None
    if not _inclined(seat, attempt, f"argue{made}", low=0.2, high=0.35):
        return None
    civil = _inclined(seat, attempt, "civil", low=0.75, high=1.0)
    used = attempt.subjects("argue")
    fitting = [it for it in seat.brief.arguments if it.id not in used and _is_harsh(it) != civil]
    if not fitting:
        return None
    return Action("argue", {"argument": _luck(seat, attempt, f"which{made}").choice(fitting).id})


def _is_harsh(argument: Argument) -> bool:
    return argument.type in ("threat", "attack")


def _deal(seat: Seat, attempt: Attempt) -> Action:
    """Accepts, walks away, or makes the next offer."""
    own, rounds, made = own_side(seat.brief), seat.brief.rounds, attempt.count("offer")
    package = _next_offer(seat, attempt)
    standing = attempt.standing
    if standing is None:
        return offer(seat.brief, package)
    value = own.total(standing)
    hopeless = seat.key.agreement_zone == "empty" and value < own.floor and made >= 2
    if hopeless and _inclined(seat, attempt, "stop", low=0.05, high=0.95):
        return Action("walk")
    careful = _inclined(seat, attempt, "law", low=0.35, high=0.98)
    fine = is_lawful(seat.brief, standing) or not careful
    tired = _luck(seat, attempt, f"tired{made}").random() < 0.12 * (1 - seat.skill)
    if fine and (value >= own.total(package) or (tired and value >= own.floor)):
        return Action("accept")
    if made < rounds - 1:
        return offer(seat.brief, package)
    if value > own.floor and fine:
        return Action("accept")
    if _inclined(seat, attempt, "firm", low=0.55, high=0.98):
        leaving = _inclined(seat, attempt, "walk", low=0.1, high=0.5)
        return Action("walk") if leaving else offer(seat.brief, package)
    return Action("accept")


def _next_offer(seat: Seat, attempt: Attempt) -> Package:
    """An able person looks for what the other side likes; others take any package of that worth."""
    own, made = own_side(seat.brief), attempt.count("offer")
    luck = _luck(seat, attempt, f"offer{made}")
    start = 0.95 - 0.25 * (1 - seat.skill) * luck.random()
    speed = _luck(seat, attempt, "speed").uniform(0.3, 0.5)
    progress = min(1.0, made / max(1, seat.brief.rounds - 1))
    bar = max(own.floor + 1, (start - speed * progress**0.8) * own.maximum)
    if luck.random() < 0.15 + 0.8 * seat.skill:
        return kindest(seat, attempt, bar)
    cheapest = sorted(worth(seat.brief, bar), key=own.total)
    return luck.choice(cheapest[: max(1, len(cheapest) // 3)])


def _leave(seat: Seat, attempt: Attempt) -> Action:
    if not attempt.ranking and _inclined(seat, attempt, "ranking", low=0.8, high=1.0):
        ranking = list(listened(seat, attempt))
        luck = _luck(seat, attempt, "ranks")
        for _ in range(round(3 * (1 - seat.skill))):
            a, b = luck.sample(range(len(ranking)), 2)
            ranking[a], ranking[b] = ranking[b], ranking[a]
        return Action("model", {"ranking": ranking})
    phrases = [phrase.id for phrase in seat.brief.closings]
    if not attempt.closing and phrases and _inclined(seat, attempt, "close", low=0.6, high=1.0):
        kind = _inclined(seat, attempt, "face", low=0.4, high=0.97) and seat.key.face_saving
        chosen = seat.key.face_saving[0] if kind else _luck(seat, attempt, "last").choice(phrases)
        return Action("close", {"phrase": chosen})
    return Action("finish")
