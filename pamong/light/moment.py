"""A moment as a participant reads it: in the time zone they live in, near days by their name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from pamong import locale
from pamong.catalogue import messages

Urgency = Literal["calm", "soon", "today", "passed"]
SOON = 3
"""Days before a deadline from which on it deserves attention."""
_NAMED = {-1: "day.yesterday", 0: "day.today", 1: "day.tomorrow"}
_HOUR = 3600
_NIGH = 12
"""Hours before a deadline from which on they are counted, even across midnight."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """The present moment for one reader; ``zone`` is an IANA name such as Asia/Makassar."""

    now: datetime
    zone: str = "Asia/Jakarta"

    def local(self, moment: datetime) -> datetime:
        """The same moment on the reader's wall clock."""
        return moment.astimezone(ZoneInfo(self.zone))

    def days(self, moment: datetime) -> int:
        """Midnights from now until ``moment`` where the reader lives; negative for the past."""
        return (self.local(moment).date() - self.local(self.now).date()).days

    def full(self, moment: datetime) -> str:
        """Weekday, date and time: “Jumat, 11 Desember 2026 pukul 23.59 WIB”."""
        return self._with_time(locale.weekday(self.local(moment)), moment)

    def near(self, moment: datetime) -> str:
        """“hari ini pukul 09.14 WIB”, or with the date where the day has no name of its own."""
        named = _NAMED.get(self.days(moment))
        day = messages("home")(named) if named else locale.day(self.local(moment))
        return self._with_time(day, moment)

    def _with_time(self, day: str, moment: datetime) -> str:
        return messages("home")("moment", day=day, time=locale.hour(moment, self.zone))

    def greeting(self) -> str:
        """The part of the day, as the key of a greeting."""
        hour = self.local(self.now).hour
        limits = ((4, "evening"), (11, "morning"), (15, "noon"), (18, "afternoon"))
        return next((name for until, name in limits if hour < until), "evening")


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """When something is due, in full, and how far away that is."""

    text: str
    left: str
    urgency: Urgency


def deadline(moment: datetime, clock: Clock) -> Deadline:
    """A deadline in the reader's own zone; at the very moment it has not passed yet."""
    say, days, full = messages("home"), clock.days(moment), clock.full(moment)
    if clock.now > moment:
        return Deadline(text=full, left=_past(-days), urgency="passed")
    hours = int((moment - clock.now).total_seconds() // _HOUR)
    if hours < _NIGH or days == 0:
        day = "left.tomorrow" if days else "left"
        left = say(f"{day}.hours", count=hours) if hours else say(f"{day}.minutes")
        return Deadline(text=full, left=left, urgency="today")
    left = say("left.tomorrow") if days == 1 else say("left.days", count=days)
    return Deadline(text=full, left=left, urgency="soon" if days <= SOON else "calm")


def _past(days: int) -> str:
    say = messages("home")
    named = {0: "passed.today", 1: "passed.yesterday"}.get(days)
    return say(named) if named else say("passed.days", count=days)
