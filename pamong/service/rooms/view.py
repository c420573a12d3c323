"""What one seat of a room may see, as JSON for its page: never the points or instructions of another."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import msgspec

from pamong.bargaining import Package
from pamong.catalogue import messages
from pamong.kinds.negotiation.case import importance
from pamong.service.rooms.case import MEDIATOR, Case, Chair
from pamong.service.rooms.outcome import as_data, debrief
from pamong.service.rooms.room import JOINT, LONGEST, Entry, Offer, Room

_TOLD: Mapping[str, tuple[str, ...]] = {
    "say": ("text",),
    "share": ("issue",),
    "reply": ("re", "text", "issue"),
}
"""The fields of an event that are told as they are; packages are priced for whoever looks."""


def sheet(case: Case, seat: str, names: Mapping[str, str]) -> dict[str, Any]:
    """What stays the same for a seat: its instructions, the issues, its own points.

    ``names`` are the people; the shape is that of a negotiation's brief, so that its parts can draw it.
    """
    chair = case.chair(seat)
    return {
        "kind": case.kind,
        "title": case.title,
        "intro": case.intro,
        "told_to": "" if seat == case.told_to else chair_name(case.chair(case.told_to)),
        "seat": seat,
        "role": {"name": chair_name(chair), "summary": chair.summary, "authority": chair.authority},
        "lines": _instructions(case, chair),
        "needs": msgspec.to_builtins(chair.needs),
        "rules": list(case.rules),
        "table": [
            {"seat": it.id, "name": chair_name(it), "summary": it.summary, "person": names[it.id]}
            for it in case.chairs
            if it.id != seat
        ],
        "issues": msgspec.to_builtins(case.issues),
        "points": _points(case, chair),
        "batna": {"points": chair.floor, "text": chair.fallback} if chair.points else None,
        "maximum": chair.side.maximum if chair.points else 0,
        "channels": list(_channels(case, seat)),
        "longest": LONGEST,
    }


def view(room: Room, seat: str, quiet: Collection[str], since: int = 0) -> dict[str, Any]:
    """What changes: the events after number ``since``, whose turn it is, what this seat may do.

    After the end also the debrief.
    """
    case, standing = room.case, room.standing
    return {
        "n": room.entries[-1].n if room.entries else 0,
        "entries": [_told(room, seat, it) for it in room.heard(seat) if it.n > since],
        "due": sorted(room.due),
        "may": list(room.may(seat, quiet)),
        "quiet": sorted(room.humans.intersection(quiet) - {seat}),
        "played": sorted(room.played),
        "standing": _standing(room, seat, standing) if standing else None,
        "last_offer": _last(room, seat),
        "rounds": {"used": len(room.offered(seat)), "of": case.rounds},
        "asks_left": case.questions - room.count(seat, "ask"),
        "shared": list(room.shared(seat)),
        "ending": room.ending,
        "ended_by": room.ended_by,
        "deal": _priced(room, seat, room.deal) if room.deal else None,
        "debrief": debrief(room, seat),
    }


def chair_name(chair: Chair) -> str:
    """What a seat is called; the mediator has no name in a brief."""
    return chair.name or messages("rooms")("mediator")


def _channels(case: Case, seat: str) -> tuple[str, ...]:
    caucuses = [f"caucus:{it.id}" for it in case.parties if seat in (MEDIATOR, it.id)]
    return (JOINT, *(caucuses if case.kind == "mediation" else ()))


def _instructions(case: Case, chair: Chair) -> list[str]:
    """The confidential part: as it was authored, or told from the seat's own points."""
    if chair.confidential or not chair.points:
        return [chair.confidential] if chair.confidential else []
    say = messages("rooms")
    weights = importance(chair.points)
    order = sorted(range(len(weights)), key=lambda place: -weights[place])
    labels = [case.issues[place].label for place in order]
    lines = [say("brief.first", first=labels[0])]
    if len(labels) > 2:
        lines.append(say("brief.then", second=labels[1], last=labels[-1]))
    return [" ".join(lines), say("brief.limit", floor=chair.floor)]


def _points(case: Case, chair: Chair) -> dict[str, list[int]]:
    rows = chair.points or ((),) * len(case.issues)
    return {issue.id: list(row) for issue, row in zip(case.issues, rows, strict=True)}


def _told(room: Room, seat: str, entry: Entry) -> dict[str, Any]:
    told: dict[str, Any] = {"n": entry.n, "seat": entry.seat, "act": entry.act}
    told |= {name: entry.data[name] for name in _TOLD.get(entry.act, ()) if name in entry.data}
    told |= {"at": entry.at.isoformat(), "channel": entry.channel}
    if entry.act == "substitute":
        told["subject"] = entry.data["seat"]
    package = next((it.package for it in room.offers if it.n == entry.n), None)
    return told | (_priced(room, seat, package) if package else {})


def _priced(room: Room, seat: str, package: Package) -> dict[str, Any]:
    """A package with what it is worth to the seat that looks; nothing where that has no points."""
    chair = room.case.chair(seat)
    points = {"points": chair.side.total(package)} if chair.points else {}
    return {"package": as_data(room.case, package), **points}


def _standing(room: Room, seat: str, offer: Offer) -> dict[str, Any]:
    return {
        "n": offer.n,
        "seat": offer.seat,
        "accepted": sorted(room.accepted),
        "declined": sorted(room.declined),
        **_priced(room, seat, offer.package),
    }


def _last(room: Room, seat: str) -> dict[str, Any] | None:
    offered = room.offered(seat)
    return _priced(room, seat, offered[-1]) if offered else None
