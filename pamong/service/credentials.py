"""Own passwords, kept as scrypt hashes; to check one takes as long for somebody unknown as for anybody."""

from __future__ import annotations

import hashlib
import hmac
import os
from base64 import b64decode, b64encode
from datetime import datetime
from functools import cache

from sqlalchemy import Connection, delete, select

from pamong.service.tables import credentials

SHORTEST, LONGEST = 8, 256
"""Characters of a password."""
VARIETY = 4
"""Different characters that a password has at least."""
_COST = {"n": 2**14, "r": 8, "p": 1}
_SCHEME = "scrypt-14-8-1"


def hashed(password: str) -> str:
    """What is kept of a password; takes about 50 ms and 16 MiB."""
    salt = os.urandom(16)
    return "$".join((_SCHEME, _text(salt), _text(_digest(password, salt))))


def matches(password: str, kept: str | None) -> bool:
    """Whether ``password`` is the one that was kept; None, for nobody, takes as long and is False."""
    scheme, salt, digest = (kept or _nobody()).split("$")
    right = hmac.compare_digest(_digest(password, b64decode(salt)), b64decode(digest))
    return right and scheme == _SCHEME and kept is not None


def fault(password: str, person: str) -> str:
    """What is wrong with a new password, as a key of the catalogue ``hub``; empty when nothing is."""
    if len(password) < SHORTEST:
        return "sandi.short"
    if len(password) > LONGEST:
        return "sandi.long"
    plain = password.casefold()
    if len(set(plain)) < VARIETY or plain in "01234567890" or plain in "98765432109876543210":
        return "sandi.simple"
    if person.casefold() in plain and len(plain) < len(person) + SHORTEST:
        return "sandi.name"
    return ""


def keep(connection: Connection, person: str, digest: str, now: datetime) -> None:
    """Set somebody's password to the one that was ``hashed``."""
    forget(connection, person)
    connection.execute(credentials.insert().values(person=person, hash=digest, since=now))


def find(connection: Connection, person: str) -> str | None:
    """What is kept of somebody's password; None when they have none."""
    query = select(credentials.c.hash).where(credentials.c.person == person)
    return connection.execute(query).scalar()


def forget(connection: Connection, person: str) -> None:
    """From now on nobody can log in with the password that this person had."""
    connection.execute(delete(credentials).where(credentials.c.person == person))


def _digest(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode("utf-8", "surrogatepass"), salt=salt, **_COST)


@cache
def _nobody() -> str:
    return hashed("")


def _text(content: bytes) -> str:
    return b64encode(content).decode("ascii")
