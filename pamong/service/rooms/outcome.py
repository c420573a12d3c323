"""What a talk came to, told to those who sat at the table, and only once it has ended."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Any

from pamong.bargaining import Bargain, Package
from pamong.catalogue import messages
from pamong.kinds.negotiation.case import importance
from pamong.kinds.negotiation.speech import inline
from pamong.service.rooms.case import Case, Chair
from pamong.service.rooms.room import Room

Point = list[float]
"""[own, other]: shares of each side's maximum, 0..1."""
_BARS = ((0.95, "best"), (0.75, "good"), (0.5, "fair"))


def debrief(room: Room, seat: str) -> dict[str, Any] | None:
    """How both sides fared and what each valued; None while the talk goes on.

    A party sees it from its own side, the mediator from that of the first party.
    """
    if not room.ending:
        return None
    case = room.case
    me = case.chair(seat) if case.chair(seat).points else case.parties[0]
    other, bargain = case.opposite(me.id), case.bargain(me.id)
    best = bargain.best
    voice = _Voice(me.name if case.chair(seat) is not me else messages("rooms")("you"), other.name)
    return {
        "headline": _headline(bargain, voice, room.deal),
        "paragraphs": [*_result(room, voice, me, other), *_lesson(case, voice, bargain, room.deal)],
        "sides": [_side(room, chair) for chair in (me, other)],
        "joint": None if room.deal is None else round(bargain.value(room.deal), 4),
        "frontier": [_point(bargain, pair) for pair in bargain.frontier],
        "own_path": [_at(bargain, package) for package in room.offered(me.id)],
        "other_path": [_at(bargain, package) for package in _others(room, me.id)],
        "deal": None if room.deal is None else _at(bargain, room.deal),
        "best": None if best is None else _at(bargain, best),
        "fallback": [round(bargain.own.fallback, 4), round(bargain.other.fallback, 4)],
        "best_package": None if best is None else as_data(case, best),
        "points": _points(case, me),
        "other_points": _points(case, other),
        "names": [me.name, other.name],
    }


@dataclass(frozen=True, slots=True)
class _Voice:
    """What both sides are called: “Anda” for one's own, a name where the mediator reads."""

    me: str
    other: str


def as_data(case: Case, package: Package) -> dict[str, int]:
    """A package as it is written in an event."""
    return {issue.id: option for issue, option in zip(case.issues, package, strict=True)}


def _side(room: Room, chair: Chair) -> dict[str, Any]:
    """One side's result, in its own points, beside what it would have had without an agreement."""
    side = chair.side
    weights = importance(side.points)
    order = sorted(range(len(weights)), key=lambda place: -weights[place])
    return {
        "name": chair.name,
        "total": None if room.deal is None else side.total(room.deal),
        "floor": side.floor,
        "maximum": side.maximum,
        "fallback": chair.fallback,
        "ranking": [room.case.issues[place].id for place in order],
        "needs": [{"label": need.label, "secret": need.confidential} for need in chair.needs],
    }


def _others(room: Room, party: str) -> tuple[Package, ...]:
    """What the other party, or the mediator, put on the table."""
    return tuple(offer.package for offer in room.offers if offer.seat != party)


def _headline(bargain: Bargain, voice: _Voice, deal: Package | None) -> str:
    say = messages("rooms")
    if deal is None:
        return say("debrief.walked_right" if bargain.best is None else "debrief.no_deal")
    if bargain.own.total(deal) < bargain.own.floor:
        return say("debrief.below", name=voice.me)
    if bargain.other.total(deal) < bargain.other.floor:
        return say("debrief.below", name=voice.other)
    found = (name for bar, name in _BARS if bargain.value(deal) >= bar)
    return say(f"debrief.{next(found, 'lean')}")


def _result(room: Room, voice: _Voice, me: Chair, other: Chair) -> list[str]:
    say = messages("rooms")
    if room.deal is None:
        return [
            say("debrief.nothing", me=voice.me, own=me.floor, other=other.floor, name=voice.other)
        ]
    mine, theirs = me.side.total(room.deal), other.side.total(room.deal)
    told = say(
        "debrief.both",
        me=voice.me,
        own=mine,
        floor=me.floor,
        name=voice.other,
        other=theirs,
        fall=other.floor,
    )
    return [told, *_better(room.case, voice, (me, other), room.deal)]


def _better(case: Case, voice: _Voice, sides: tuple[Chair, Chair], deal: Package) -> list[str]:
    """What both could have had on top: the largest sum among packages that cost neither anything."""
    say, (me, other) = messages("rooms"), sides
    mine, theirs = me.side.total(deal), other.side.total(deal)
    pairs = ((me.side.total(it), other.side.total(it)) for it in product(*case.lawful))
    free = [(a - mine, b - theirs) for a, b in pairs if a >= mine and b >= theirs]
    own, extra = max(free, key=sum, default=(0, 0))
    if not own + extra:
        return [say("debrief.efficient")]
    return [say("debrief.left", me=voice.me, own=own, name=voice.other, other=extra)]


def _lesson(case: Case, voice: _Voice, bargain: Bargain, deal: Package | None) -> list[str]:
    """Clauses that nobody at the table may promise; the exchange that serves both; the author's words."""
    say = messages("rooms")
    lines = []
    rows = zip(case.issues, deal or (), case.lawful, strict=False)
    unlawful = [issue.label for issue, option, allowed in rows if option not in allowed]
    if unlawful:
        lines.append(say("debrief.unlawful", issues="; ".join(unlawful)))
    if bargain.best is None:
        lines.append(say("debrief.empty_zone"))
    else:
        lines.extend(_exchange(case, voice, bargain))
    return [*lines, *filter(None, (case.explain,))]


def _exchange(case: Case, voice: _Voice, bargain: Bargain) -> list[str]:
    """An issue dear to one and cheap to the other, and the reverse."""
    shares = [
        [weight / side.maximum for weight in importance(side.points)]
        for side in (bargain.own, bargain.other)
    ]
    lead = [mine - theirs for mine, theirs in zip(*shares, strict=True)]
    take, give = lead.index(max(lead)), lead.index(min(lead))
    if not lead[take] > 0 > lead[give]:
        return []
    labels = [inline(case.issues[place].label) for place in (take, give)]
    return [
        messages("rooms")(
            "debrief.trade", me=voice.me, name=voice.other, take=labels[0], give=labels[1]
        )
    ]


def _points(case: Case, chair: Chair) -> dict[str, list[int]]:
    rows = zip(case.issues, chair.points, strict=True)
    return {issue.id: list(row) for issue, row in rows}


def _at(bargain: Bargain, package: Package) -> Point:
    return _point(bargain, (bargain.own.total(package), bargain.other.total(package)))


def _point(bargain: Bargain, pair: tuple[int, int]) -> Point:
    own, other = pair
    return [round(own / bargain.own.maximum, 4), round(other / bargain.other.maximum, 4)]
