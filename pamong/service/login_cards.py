"""Printed cards for the first login: a code that works once, for one person, until a day.

Whoever holds one chooses a password of their own with it. Only a digest of the code is kept.
"""

from __future__ import annotations

import hashlib
import io
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import segno
from sqlalchemy import Connection, delete, select, update

from pamong.service import credentials
from pamong.service.tables import login_cards, people

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""No 0, O, 1 and I, which look alike."""
LENGTH, GROUP = 16, 4
LIFETIME = timedelta(days=14)


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A card that has just been issued: the only moment at which its code is known."""

    person: str
    code: str = field(repr=False)
    expires: datetime

    def address(self, hub: str) -> str:
        """Where it is redeemed, for a QR code; ``hub`` is the public address, such as https://x.go.id.

        The code stands behind ``#``, so that no log of a server or proxy ever holds it.
        """
        return f"{hub.rstrip('/')}/hub/kartu#{self.code}"

    def qr(self, hub: str) -> str:
        """The QR code of its address, as SVG to stand in a page; black on white."""
        out = io.BytesIO()
        code = segno.make(self.address(hub), error="m", micro=False)
        code.save(out, kind="svg", xmldecl=False, svgns=True, omitsize=True, light="#fff")
        return out.getvalue().decode()


def issue(
    connection: Connection, person: str, now: datetime, lifetime: timedelta = LIFETIME
) -> Card:
    """A new card for somebody; their older ones no longer work."""
    connection.execute(
        delete(login_cards).where(login_cards.c.person == person, login_cards.c.used.is_(None))
    )
    plain = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    card = Card(person=person, code=_grouped(plain), expires=now + lifetime)
    row = {"digest": _digest(plain), "person": person, "issued": now, "expires": card.expires}
    connection.execute(login_cards.insert().values(**row))
    return card


def reset(connection: Connection, person: str, now: datetime) -> Card:
    """Take away somebody's password and give a new card for the next one."""
    credentials.forget(connection, person)
    return issue(connection, person, now)


def holder(connection: Connection, code: str, now: datetime) -> str | None:
    """Whose card this is, while it works and its owner takes part; None otherwise."""
    query = (
        select(login_cards.c.person)
        .join(people, people.c.id == login_cards.c.person)
        .where(login_cards.c.digest == _digest(_plain(code)), people.c.active)
        .where(login_cards.c.used.is_(None), login_cards.c.expires > now)
    )
    return connection.execute(query).scalar()


def redeem(connection: Connection, code: str, now: datetime) -> str | None:
    """Whose card this is, once; None when it is unknown, used or too old, or its owner left."""
    person = holder(connection, code, now)
    if person is None:
        return None
    used = connection.execute(
        update(login_cards)
        .where(login_cards.c.digest == _digest(_plain(code)), login_cards.c.used.is_(None))
        .values(used=now)
    )
    return person if used.rowcount == 1 else None


def waiting(connection: Connection, now: datetime) -> frozenset[str]:
    """Everybody who holds a card that still works."""
    query = select(login_cards.c.person).where(
        login_cards.c.used.is_(None), login_cards.c.expires > now
    )
    return frozenset(connection.execute(query).scalars())


def _plain(code: str) -> str:
    """A code as somebody typed it, without what only helps the eye."""
    return "".join(sign for sign in code.upper() if sign in ALPHABET)[: LENGTH + 1]


def _grouped(plain: str) -> str:
    return "-".join(plain[at : at + GROUP] for at in range(0, LENGTH, GROUP))


def _digest(plain: str) -> str:
    return hashlib.sha256(plain.encode("ascii")).hexdigest()
