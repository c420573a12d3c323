"""Checking a receipt: from its file, from what its QR code holds, or from the code that is typed.

Nothing that is shown is believed before its signature holds. A typed code says nothing by itself: it is
looked up where the service keeps what was handed in.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, RowMapping, select

from pamong import receipt
from pamong.errors import CourseError, DamagedReceipt
from pamong.receipt import Receipt, read_code
from pamong.service import proof
from pamong.service.database import Database
from pamong.service.proof import Statement, Written
from pamong.service.tables import submissions
from pamong.signing import Keyring

FILE_LIMIT = 8 * 1024 * 1024
"""Bytes of a file that is looked at."""
_PDF = b"%PDF-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Genuine:
    """What was signed, with the key. ``kept`` says whether the service has it, None that nobody asked it.

    ``newer`` is when the same participant last handed in the module again.
    """

    statement: Statement
    code: str
    key: str
    kept: bool | None = None
    newer: datetime | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """Not to be believed, and why."""

    reason: str


def verify(shown: str, keys: Keyring, database: Database | None) -> Genuine | Refused:
    """Check a file by its path, the content of a QR code, or a typed code; CourseError when it is none."""
    if code := read_code(shown):
        return _typed(code, keys, database)
    if (text := proof.read(shown)) is not None:
        return _stated(text, keys, database)
    content = _content(shown)
    if content.startswith(_PDF):
        return _filed(content, keys, database)
    if code := read_code(content[:200].decode("utf-8", "replace").strip()):
        return _typed(code, keys, database)
    if (text := proof.read(content.decode("utf-8", "replace"))) is not None:
        return _stated(text, keys, database)
    try:
        made = receipt.parse(content, Path(shown).name)
    except DamagedReceipt as error:
        raise CourseError(
            f"{shown} is no receipt: neither its PDF, nor receipt.json, nor what its QR code holds."
        ) from error
    return _typed(made.code, keys, database)


def _typed(code: str, keys: Keyring, database: Database | None) -> Genuine | Refused:
    if database is None:
        return Refused(
            f"{code} can only be checked where the service keeps its receipts. Run this in the course's "
            "folder without --keys, or give the PDF or the content of its QR code."
        )
    with database.reading() as connection:
        row = _row(connection, code)
    if row is None:
        return Refused(f"No receipt {code} was ever given. Check the code letter by letter.")
    made = _whole(row)
    text = proof.read(proof.written(made, row["signature"], keys)) if made else None
    if text is None:
        return Refused(
            f"What is kept under {code} is not what was signed. Restore the database from its backup."
        )
    return _stated(text, keys, database)


def _filed(content: bytes, keys: Keyring, database: Database | None) -> Genuine | Refused:
    text = proof.read(proof.SEAL.text_in(content))
    if text is None:
        return Refused("This PDF carries no signature of a receipt.")
    found = _stated(text, keys, database)
    if isinstance(found, Genuine) and not proof.SEAL.is_sealed(content, keys):
        return Refused(
            f"This PDF is not the one that was signed as {found.code}: it was changed, or saved again by "
            "another program. Check the content of its QR code instead."
        )
    return found


def _stated(text: Written, keys: Keyring, database: Database | None) -> Genuine | Refused:
    if text.key not in keys.keys:
        return Refused(f"It is signed with the key {text.key}, which is none of this course's.")
    if not proof.is_signed(text, keys):
        return Refused("What it says is not what was signed: something in it was changed.")
    facts = text.statement
    if database is None:
        return Genuine(statement=facts, code=text.code, key=text.key)
    with database.reading() as connection:
        row = _row(connection, text.code)
        last = _last(connection, facts)
    made = _whole(row) if row is not None else None
    kept = made is not None and proof.statement(made) == facts
    newer = last if last is not None and last > datetime.fromisoformat(facts.moment) else None
    return Genuine(statement=facts, code=text.code, key=text.key, kept=kept, newer=newer)


def _row(connection: Connection, code: str) -> RowMapping | None:
    query = select(submissions.c.receipt, submissions.c.signature).where(submissions.c.code == code)
    return connection.execute(query).mappings().first()


def _last(connection: Connection, facts: Statement) -> datetime | None:
    newest = (
        select(submissions.c.moment)
        .where(submissions.c.person == facts.participant, submissions.c.module == facts.module)
        .order_by(submissions.c.moment.desc())
        .limit(1)
    )
    return connection.execute(newest).scalar()


def _whole(row: RowMapping) -> Receipt | None:
    try:
        return receipt.parse(row["receipt"], "a receipt")
    except DamagedReceipt:
        return None


def _content(name: str) -> bytes:
    try:
        with Path(name).open("rb") as file:
            content = file.read(FILE_LIMIT + 1)
    except (OSError, ValueError) as error:
        raise CourseError(
            f"{name[:80]!r} is neither a receipt's code, nor what its QR code holds, nor a file that can be "
            "read."
        ) from error
    if len(content) > FILE_LIMIT:
        raise CourseError(f"{name} has more than {FILE_LIMIT} bytes: that is no receipt.")
    return content
