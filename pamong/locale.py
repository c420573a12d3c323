"""Numbers, money and moments as people of the spoken language write them.

Signs, names and patterns are in the catalogue ``locale``, one file per language. Tests hold them equal
to Babel, which is not imported here: that alone takes longer than all else that a kernel needs of us.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from pamong.catalogue import messages

ZONES = {"Asia/Jakarta": "WIB", "Asia/Makassar": "WITA", "Asia/Jayapura": "WIT"}
"""The time zones of Indonesia and what everybody there calls them."""
_say = messages("locale")


def decimal(value: float, most: int = 2, *, least: int = 0, group: bool = True) -> str:
    """``value`` with ``least`` to ``most`` decimals, needless zeros left out: 1.234,5 or 12."""
    figure = f"{value:,.{most}f}" if group else f"{value:.{most}f}"
    whole, _, rest = figure.partition(".")
    rest = rest[:least] + rest[least:].rstrip("0")
    if not any(digit in "123456789" for digit in figure):
        whole = whole.removeprefix("-")
    whole = whole.replace(",", _say("group"))
    return f"{whole}{_say('decimal')}{rest}" if rest else whole


def percent(share: float, most: int = 0) -> str:
    """A share of 1 as a percentage: 62%."""
    return _say("percent", figure=decimal(100 * share, most))


def rupiah(amount: float) -> str:
    """An amount of money in whole rupiah: Rp1.250.000."""
    return _say("rupiah", figure=decimal(amount, 0))


def day(on: date | str) -> str:
    """A day, or one written as 2026-12-12, as in 12 Desember 2026; of a datetime in its own zone."""
    if isinstance(on, str):
        on = date.fromisoformat(on)
    month = _say.entries["months"][on.month - 1]
    return _say("day", day=on.day, month=month, year=on.year)


def weekday(on: date) -> str:
    """A day with its name: Sabtu, 12 Desember 2026."""
    name = _say.entries["weekdays"][on.weekday()]
    return _say("weekday", weekday=name, day=day(on))


def clock(at: datetime) -> str:
    """Hour and minute in the datetime's own zone: 09.14."""
    return _say("clock", hour=f"{at:%H}", minute=f"{at:%M}")


def hour(at: datetime, time_zone: str) -> str:
    """The time of day as it is in ``time_zone``: pukul 09.14 WIB."""
    local = at.astimezone(ZoneInfo(time_zone))
    return _say("hour", clock=clock(local), zone=zone(local, time_zone))


def moment(at: datetime, time_zone: str) -> str:
    """Day and time as they are in ``time_zone``: 12 Desember 2026 pukul 09.14 WIB."""
    local = at.astimezone(ZoneInfo(time_zone))
    return _say("moment", day=day(local), clock=clock(local), zone=zone(local, time_zone))


def zone(at: datetime, time_zone: str) -> str:
    """What Indonesians call the zone, else its distance from UTC at that moment: WIB or UTC+0800."""
    return ZONES.get(time_zone) or f"UTC{at.astimezone(ZoneInfo(time_zone)):%z}"


def days(count: int) -> str:
    """How far off a day is: hari ini, besok, dalam 3 hari, 3 hari yang lalu."""
    if -1 <= count <= 1:
        return _say(f"days.{count}")
    return _say("days.ahead" if count > 0 else "days.ago", count=decimal(abs(count), 0))


def listing(words: Sequence[str]) -> str:
    """Words as a sentence names them: a; a dan b; a, b, dan c."""
    *before, last = words or ("",)
    if not before:
        return last
    key = "list.two" if len(before) == 1 else "list.more"
    return _say(key, first=", ".join(before), last=last)
