"""The privacy notice: who sees what of a participant's work, told from what the exercises declare.

Its ``version`` is made of fingerprints of its sentences, so that a participant sees it again when one of
them is new, and not when one no longer applies.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from pamong.catalogue import messages
from pamong.kind import Brief, Visibility

_ORDER: tuple[Visibility, ...] = ("owner", "coach", "marker")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Somebody, and what they see; ``count`` exercises are of this sort (0: not about exercises)."""

    who: str
    what: str
    count: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What is told before first use; numbers of exercises are shown but are no part of the version."""

    rows: tuple[Row, ...]
    retention: str

    @property
    def version(self) -> str:
        said = [*(f"{row.who}\t{row.what}" for row in self.rows), self.retention]
        return "_".join(sorted(sha256(each.encode()).hexdigest()[:8] for each in said))

    def is_covered(self, accepted: str) -> bool:
        """Whether whoever accepted that version has been told all of this."""
        return set(self.version.split("_")) <= set(accepted.split("_"))


def notice(briefs: Iterable[Brief], retention: str = "", *, company: bool = False) -> Notice:
    """The notice for a programme with these exercises; ``retention`` is the organiser's own sentence.

    In ``company`` there are colleagues to share and to negotiate with.
    """
    say, known = messages("home"), tuple(briefs)
    rows = [row for sort in _ORDER if (row := _row(sort, known))]
    rows += [
        Row(who=say(f"notice.{place}"), what=say(f"notice.{place}.sees"))
        for place in (("board", "room") if company else ())
    ]
    rows += [
        Row(who=say(f"notice.{role}"), what=say(f"notice.{role}.sees"))
        for role in ("facilitator", "leader", "operator")
    ]
    return Notice(rows=tuple(rows), retention=retention.strip() or say("notice.retention.default"))


def _row(sort: Visibility, briefs: tuple[Brief, ...]) -> Row | None:
    own = [brief for brief in briefs if brief.visibility == sort]
    if not own:
        return None
    say, counted = messages("home"), [brief.stakes == "summative" for brief in own]
    stakes = "all" if all(counted) else "some" if any(counted) else "none"
    what = f"{say(f'notice.{sort}.sees')} {say(f'notice.stakes.{stakes}')}"
    return Row(who=say(f"notice.{sort}"), what=what, count=len(own))
