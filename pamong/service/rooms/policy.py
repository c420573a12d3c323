"""What the program says on a seat that it plays: the simulated counterpart's own conduct, from there on."""

from __future__ import annotations

from typing import Any

from pamong.catalogue import LANGUAGE, messages, speaking
from pamong.course import Exercise
from pamong.kinds import mediation
from pamong.kinds.mediation import case as mediated
from pamong.kinds.mediation.answers import ACCEPTING
from pamong.kinds.mediation.room import Room as Parties
from pamong.kinds.negotiation import case as bargained
from pamong.kinds.negotiation import counterpart
from pamong.kinds.negotiation.play import Attempt, Move, State
from pamong.service.rooms.case import OTHER, mediation_of, mirrored, negotiation_of
from pamong.service.rooms.room import Entry, Room

Reply = tuple[str, dict[str, Any]]
"""Who speaks, and the data of the ``reply``."""
_TALK = ("ask", "share")


def due(exercise: Exercise, variant: str, room: Room) -> Reply | None:
    """The next thing that a program has to say after the last event; None when it is a person's turn."""
    if room.ending or not room.played:
        return None
    with speaking(LANGUAGE):
        if isinstance(exercise.brief, mediation.Brief):
            return _party(exercise, variant, room)
        return _bargainer(exercise, variant, room)


def _party(exercise: Exercise, variant: str, room: Room) -> Reply | None:
    """A party looks at its own points and names what weighs most on it."""
    (brief, key), standing = mediation_of(exercise), room.standing
    asked = sorted(room.addressees & room.played)
    if standing is None or not asked:
        return None
    parties = Parties(brief, key, mediated.variant_of(key, variant))
    view = parties.consent(asked[0], standing.package)
    labels = {issue.id: issue.label for issue in brief.issues}
    re = "accept" if view.light in ACCEPTING else "decline"
    text = messages("rooms")(f"program.{re}", issue=labels.get(view.issue, ""))
    return asked[0], {"re": re, "offer": standing.n, "text": text}


def _bargainer(exercise: Exercise, variant: str, room: Room) -> Reply | None:
    brief, key = negotiation_of(exercise)
    (seat,) = room.played
    last = room.entries[-1] if room.entries else None
    talking = last is not None and last.act in _TALK and last.seat != seat
    if not talking and seat not in room.addressees:
        return None
    if seat != OTHER:
        brief, key = mirrored(brief, key, bargained.variant_of(key, variant))
    moves = _moves(room, seat, last if talking else None)
    attempt = Attempt(number=1, variant=variant, moves=moves)
    (action,) = counterpart.respond(brief, key, State((attempt,)))
    return seat, _said(room, dict(action.data))


def _moves(room: Room, seat: str, talk: Entry | None) -> tuple[Move, ...]:
    """The talk as the counterpart's kind tells it; what is to be answered comes last."""
    offers = {offer.n: offer.package for offer in room.offers}
    found = []
    for entry in room.entries:
        mine = entry.seat == seat
        if entry.n in offers:
            package, act = offers[entry.n], "counter" if mine else "offer"
            found.append(_move(entry, mine=mine, act=act, package=package))
        elif mine and entry.act == "reply" and entry.data["re"] == "info":
            found.append(_move(entry, mine=True, act="info", subject=entry.data["issue"]))
        elif not mine and entry.act == "share":
            found.append(_move(entry, mine=False, act="share", subject=entry.data["issue"]))
        elif entry is talk:
            found.append(_move(entry, mine=False, act="ask"))
    asked = talk.n if talk else room.offers[-1].n
    return tuple(sorted(found, key=lambda move: move.n == asked))


def _move(entry: Entry, *, mine: bool, act: str, **about: Any) -> Move:
    return Move(n=entry.n, who="counterpart" if mine else "participant", act=act, **about)


def _said(room: Room, data: dict[str, Any]) -> dict[str, Any]:
    re, text = data["re"], {"text": data["text"]}
    if re in ("counter", "warned") and "package" in data:
        return {"re": "offer", "package": data["package"], **text}
    if re == "accept" and room.standing is not None:
        return {"re": "accept", "offer": room.standing.n, **text}
    if re in ("walkout", "deadline"):
        return {"re": "walkout", **text}
    issue = {"issue": data["issue"]} if "issue" in data else {}
    return {"re": re, **issue, **text}
