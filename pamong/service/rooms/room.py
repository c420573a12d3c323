"""What has happened in a room, folded from its events, and who may do what next.

=========== ============ ============================================================================
act         by           data
=========== ============ ============================================================================
say         anybody      {"text": str}; on a channel that the seat hears; never answered by the program
ask         a party      {}; "what matters most to you?"; at most ``questions``; negotiation only
share       a party      {"issue": id}; "this matters to me"; each issue once; negotiation only
offer       whose turn   {"package": {issue: option index}}; in a mediation the mediator's draft
accept      addressee    {"offer": n}; n is the number of the event of the standing offer
decline     addressee    {"offer": n}; mediation only (in a negotiation one offers something else)
walk        anybody      {}; ends the talk
substitute  anybody      {"seat": id}; the program plays a seat that has gone silent
return      who left     {}; back on the own seat
leave       anybody      {}; ends the talk because somebody has gone silent
reply       a program    {"re": str, "text": str, "package"?: {...}, "offer"?: n}: see ``policy``
timeout     the system   {}; the clock has run out
=========== ============ ============================================================================
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from pamong.bargaining import Package
from pamong.errors import IllegalEvent
from pamong.service.rooms.case import MEDIATOR, Case

Ending = Literal["", "deal", "walk", "left", "walkout", "timeout"]
JOINT = "joint"
"""The channel that everybody hears; ``caucus:<party>`` is for that party and the mediator."""
LONGEST = 600
"""Characters of one message."""
MOST = 120
"""Messages of one seat."""
PROGRAM = "*"
"""Stands for a person where there never was one."""
NOBODY = ""
"""The seat of what the clock does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One event; ``id`` makes sending it twice harmless."""

    n: int
    id: str
    seat: str
    act: str
    data: Mapping[str, Any]
    at: datetime
    channel: str = JOINT


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A package on the table; ``n`` is its event, to which an acceptance binds."""

    n: int
    seat: str
    package: Package


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """A table while it is played on; ``played`` are the seats that a program plays."""

    case: Case
    people: Mapping[str, str]
    """Whose seat each is: PROGRAM where it was the program's from the start, empty where a person was
    deleted since, who has taken their words along.
    """
    played: frozenset[str]
    entries: tuple[Entry, ...] = ()
    offers: tuple[Offer, ...] = ()
    accepted: frozenset[str] = frozenset()
    declined: frozenset[str] = frozenset()
    ending: Ending = ""
    ended_by: str = ""

    @property
    def standing(self) -> Offer | None:
        """The latest offer, while it may be accepted."""
        return self.offers[-1] if self.offers and not self.ending else None

    @property
    def deal(self) -> Package | None:
        return self.offers[-1].package if self.ending == "deal" else None

    @property
    def humans(self) -> frozenset[str]:
        """The seats that a person plays now."""
        return frozenset(self.case.seats) - self.played

    def offered(self, seat: str) -> tuple[Package, ...]:
        """What one seat has put on the table, oldest first."""
        return tuple(offer.package for offer in self.offers if offer.seat == seat)

    def count(self, seat: str, act: str) -> int:
        return sum(entry.act == act and entry.seat == seat for entry in self.entries)

    def shared(self, seat: str) -> tuple[str, ...]:
        """The issues that a seat has called important."""
        return tuple(
            it.data["issue"] for it in self.entries if (it.act, it.seat) == ("share", seat)
        )

    @property
    def proposers(self) -> frozenset[str]:
        """The seats that may put a package on the table: parties, where no person mediates."""
        if MEDIATOR in self.humans:
            return frozenset((MEDIATOR,))
        return frozenset(chair.id for chair in self.case.parties)

    @property
    def addressees(self) -> frozenset[str]:
        """The parties whose word the standing offer still waits for."""
        if self.standing is None:
            return frozenset()
        asked = {chair.id for chair in self.case.parties} - {self.standing.seat}
        return frozenset(asked - self.accepted - self.declined)

    @property
    def due(self) -> frozenset[str]:
        """Whose turn it is; several where each may go first, nobody once it has ended."""
        if self.ending:
            return frozenset()
        if self.addressees:
            return self.addressees
        if self.case.kind == "negotiation":
            return self.opener
        return self.proposers & (self.humans or self.proposers)

    @property
    def opener(self) -> frozenset[str]:
        """Who makes the first offer of a negotiation: the brief's own side, unless a program plays it."""
        first, second = self.case.parties
        return frozenset((second.id if first.id in self.played else first.id,))

    def channels(self, seat: str) -> tuple[str, ...]:
        """What a seat hears, and may speak on."""
        if self.case.kind == "negotiation":
            return (JOINT,)
        caucuses = {f"caucus:{chair.id}": chair.id for chair in self.case.parties}
        return (JOINT, *(name for name, party in caucuses.items() if seat in (MEDIATOR, party)))

    def heard(self, seat: str) -> tuple[Entry, ...]:
        """The events that a seat may know of."""
        channels = self.channels(seat)
        return tuple(entry for entry in self.entries if entry.channel in channels)

    def may(self, seat: str, quiet: Collection[str] = ()) -> tuple[str, ...]:
        """The acts that a person on ``seat`` may do now; ``quiet`` seats have gone silent."""
        if self.ending:
            return ()
        if seat in self.played:
            return () if self.people[seat] == PROGRAM else ("return",)
        silent = (frozenset(quiet) & self.humans) - {seat}
        talks = self.case.kind == "negotiation"  # in a mediation people tell their needs themselves
        tests = {
            "say": self.count(seat, "say") < MOST,
            "ask": talks and self.count(seat, "ask") < self.case.questions,
            "share": talks and len(self.shared(seat)) < len(self.case.issues),
            "offer": self._may_offer(seat),
            "accept": seat in self.addressees,
            "decline": seat in self.addressees and self.case.kind == "mediation",
            "walk": True,
            "substitute": bool(silent),
            "leave": bool(silent),
        }
        return tuple(act for act, allowed in tests.items() if allowed)

    def _may_offer(self, seat: str) -> bool:
        if seat not in self.proposers or len(self.offered(seat)) >= self.case.rounds:
            return False
        if self.case.kind == "negotiation":
            return seat in (self.addressees or self.opener)
        waits = self.standing is not None and self.standing.seat == seat and self.addressees
        return seat == MEDIATOR or not waits


def start(case: Case, people: Mapping[str, str]) -> Room:
    """An open room."""
    played = frozenset(seat for seat in case.seats if people[seat] == PROGRAM)
    return Room(case=case, people=people, played=played)


def fold(case: Case, people: Mapping[str, str], entries: Collection[Entry]) -> Room:
    """The room that recorded events yield; IllegalEvent when one of them breaks a rule."""
    room = start(case, people)
    for entry in entries:
        room = apply(room, entry)
    return room


def admit(room: Room, entry: Entry, quiet: Collection[str]) -> Room:
    """The room after what a person does now; IllegalEvent when they may not, as ``may`` says."""
    if entry.act in ("substitute", "leave"):
        silent = room.humans.intersection(quiet) - {entry.seat}
        named = entry.data.get("seat")
        known = isinstance(named, str) and named in silent
        if not silent or (entry.act == "substitute" and not known):
            raise _refused(room, entry, "present", "nobody has gone silent")
    if entry.act in ("reply", "timeout"):
        raise _refused(room, entry, "act", "a person may not do this")
    if entry.act == "say" and not str(entry.data.get("text", "")).strip():
        raise _refused(room, entry, "empty", "a message has a text")
    return apply(room, entry)


def apply(room: Room, entry: Entry) -> Room:
    """The room after one more event; IllegalEvent when it breaks a rule."""
    step = _STEPS.get(entry.act)
    if step is None:
        raise _refused(room, entry, "act", f"a room has no act {entry.act!r:.40}")
    if room.ending:
        raise _refused(room, entry, "ended", "the talk has ended")
    if not isinstance(entry.data, Mapping) or set(entry.data) - _FIELDS[entry.act]:
        raise _refused(room, entry, "data", "its data have other fields")
    if entry.channel != JOINT and entry.act != "say":
        raise _refused(room, entry, "channel", "only messages go to a caucus")
    _require_seat(room, entry)
    return replace(step(room, entry), entries=(*room.entries, entry))


def _require_seat(room: Room, entry: Entry) -> None:
    if entry.act == "timeout":
        allowed = entry.seat == NOBODY
    elif entry.act in ("reply", "return"):
        allowed = entry.seat in room.played
    else:
        allowed = entry.seat in room.humans
    if not allowed:
        raise _refused(room, entry, "seat", "this seat may not do that now")


def _say(room: Room, entry: Entry) -> Room:
    text = entry.data.get("text")
    if not isinstance(text, str):
        raise _refused(room, entry, "empty", "a message has a text")
    if len(text) > LONGEST:
        raise _refused(room, entry, "long", f"a message has at most {LONGEST} characters")
    if room.count(entry.seat, "say") >= MOST:
        raise _refused(room, entry, "many", f"a seat sends at most {MOST} messages")
    if entry.channel not in room.channels(entry.seat):
        raise _refused(room, entry, "channel", "this seat does not hear that channel")
    return room


def _ask(room: Room, entry: Entry) -> Room:
    if "ask" not in room.may(entry.seat):
        raise _refused(room, entry, "asked", f"a party asks at most {room.case.questions} times")
    return room


def _share(room: Room, entry: Entry) -> Room:
    if room.case.kind != "negotiation":
        raise _refused(room, entry, "act", "in a mediation people tell their needs themselves")
    issue = entry.data.get("issue")
    if not isinstance(issue, str) or issue not in {it.id for it in room.case.issues}:
        raise _refused(room, entry, "data", "there is no such issue")
    if issue in room.shared(entry.seat):
        raise _refused(room, entry, "shared", f"{issue} was shared before")
    return room


def _offer(room: Room, entry: Entry) -> Room:
    if "offer" not in room.may(entry.seat):
        spent = len(room.offered(entry.seat)) >= room.case.rounds
        raise _refused(room, entry, "rounds" if spent else "turn", "it may not offer now")
    return _tabled(room, entry)


def _tabled(room: Room, entry: Entry) -> Room:
    package = _package(room, entry)
    new = Offer(n=entry.n, seat=entry.seat, package=package)
    # Two parties without a mediator: whoever proposes agrees.
    own = frozenset((entry.seat,)) & {chair.id for chair in room.case.parties}
    return replace(room, offers=(*room.offers, new), accepted=own, declined=frozenset())


def _accept(room: Room, entry: Entry) -> Room:
    _require_standing(room, entry)
    accepted = room.accepted | {entry.seat}
    done = accepted >= {chair.id for chair in room.case.parties}
    return replace(room, accepted=accepted, **_ended("deal", entry) if done else {})


def _decline(room: Room, entry: Entry) -> Room:
    if room.case.kind == "negotiation":
        raise _refused(room, entry, "act", "in a negotiation one offers something else")
    _require_standing(room, entry)
    return replace(room, declined=room.declined | {entry.seat})


def _walk(room: Room, entry: Entry) -> Room:
    return replace(room, **_ended("walk", entry))


def _leave(room: Room, entry: Entry) -> Room:
    return replace(room, **_ended("left", entry))


def _timeout(room: Room, entry: Entry) -> Room:
    return replace(room, **_ended("timeout", entry))


def _substitute(room: Room, entry: Entry) -> Room:
    seat = entry.data.get("seat")
    if not isinstance(seat, str) or seat not in room.humans or seat == entry.seat:
        raise _refused(room, entry, "present", "no person is on that seat")
    return replace(room, played=room.played | {seat})


def _return(room: Room, entry: Entry) -> Room:
    if room.people[entry.seat] == PROGRAM:
        raise _refused(room, entry, "seat", "this seat is the program's")
    return replace(room, played=room.played - {entry.seat})


def _reply(room: Room, entry: Entry) -> Room:
    """What a program says; it keeps the rules because ``policy`` looks at the same room."""
    match entry.data.get("re"):
        case "offer":
            return _tabled(room, entry)
        case "accept":
            return _accept(room, entry)
        case "decline":
            _require_standing(room, entry)
            return replace(room, declined=room.declined | {entry.seat})
        case "walkout":
            return replace(room, **_ended("walkout", entry))
    return room


_STEPS: Mapping[str, Callable[[Room, Entry], Room]] = {
    "say": _say,
    "ask": _ask,
    "share": _share,
    "offer": _offer,
    "accept": _accept,
    "decline": _decline,
    "walk": _walk,
    "leave": _leave,
    "substitute": _substitute,
    "return": _return,
    "reply": _reply,
    "timeout": _timeout,
}
_FIELDS: Mapping[str, frozenset[str]] = {
    "say": frozenset(("text",)),
    "ask": frozenset(),
    "share": frozenset(("issue",)),
    "offer": frozenset(("package",)),
    "accept": frozenset(("offer",)),
    "decline": frozenset(("offer",)),
    "walk": frozenset(),
    "leave": frozenset(),
    "substitute": frozenset(("seat",)),
    "return": frozenset(),
    "reply": frozenset(("re", "text", "package", "offer", "issue")),
    "timeout": frozenset(),
}


def _require_standing(room: Room, entry: Entry) -> None:
    """The offer that an answer names is the one on the table, and waits for this seat."""
    if room.standing is None or entry.seat not in room.addressees:
        raise _refused(room, entry, "turn", "no offer waits for this seat")
    named = entry.data.get("offer")
    if isinstance(named, bool) or named != room.standing.n:
        raise _refused(room, entry, "stale", f"offer {named!r:.20} is not the one on the table")


def _ended(ending: Ending, entry: Entry) -> dict[str, Any]:
    return {"ending": ending, "ended_by": entry.seat}


def _package(room: Room, entry: Entry) -> Package:
    package = entry.data.get("package")
    issues = room.case.issues
    if not isinstance(package, Mapping) or set(package) != {issue.id for issue in issues}:
        raise _refused(room, entry, "package", "the package does not settle exactly every issue")
    chosen = tuple(package[issue.id] for issue in issues)
    for issue, option in zip(issues, chosen, strict=True):
        whole = isinstance(option, int) and not isinstance(option, bool)
        if not whole or not 0 <= option < len(issue.options):
            raise _refused(room, entry, "package", f"{issue.id} has no option {option!r:.20}")
    return chosen


def _refused(room: Room, entry: Entry, code: str, reason: str) -> IllegalEvent:
    return IllegalEvent(room.case.id, entry.n, entry.act, f"refused.{code}", reason)
