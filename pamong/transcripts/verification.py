"""Checking a transcript: from its file, from what its QR code holds, or from the code that is typed.

Nothing that is shown to be checked is believed before its signature holds; a typed code says nothing
by itself and is looked up in the register. Every answer says what does not agree.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Final, Literal

from pamong.catalogue import messages
from pamong.errors import CourseError
from pamong.receipt import NAME_LIMIT, read_code
from pamong.signing import Keyring
from pamong.transcripts import seal
from pamong.transcripts.register import Entry, Register
from pamong.transcripts.seal import Statement, Written

say: Final = messages("transcript")
FILE_LIMIT = 8 * 1024 * 1024
"""Bytes of a file that is looked at."""
_PDF, _PICTURES = b"%PDF-", (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF")

Reason = Literal["altered", "file", "key", "unknown", "unregistered", "register"]
"""Why a transcript is refused: its statement, or its file, is not as it was signed; it is signed by
nobody known; its code was never issued; the register is not at hand; or is itself not as signed."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One value that is not the same; ``place`` is that of a mark, from 1, else 0."""

    field: str
    place: int
    here: object
    there: object


@dataclass(frozen=True, slots=True, kw_only=True)
class Genuine:
    """Issued as it is. ``entry`` is None where the register does not know it or is not at hand.

    ``newer`` supersedes it, ``changed`` says in what.
    """

    statement: Statement
    key: str
    entry: Entry | None
    newer: Entry | None
    changed: tuple[Difference, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """Not to be believed. ``issued`` is what was issued instead, where that is known."""

    reason: Reason
    what: str
    differences: tuple[Difference, ...] = ()
    issued: Statement | None = None


def verify(shown: str, keys: Keyring, register: Register | None) -> Genuine | Refused:
    """Check a file by its path, the content of a QR code, or a typed code.

    CourseError when ``shown`` is none of these, with what to do instead.
    """
    if code := read_code(shown):
        return _typed(code, keys, register)
    if (written := seal.read(shown)) is not None:
        return _stated(written, keys, register)
    content = _content(shown)
    if content.startswith(_PDF):
        return _filed(content, shown, keys, register)
    text = content.decode("utf-8", "replace")
    if code := read_code(text.strip()):
        return _typed(code, keys, register)
    if (written := seal.read(text)) is not None:
        return _stated(written, keys, register)
    raise CourseError(say("verify.nothing", name=_name(shown)))


def differences(here: Statement, there: Statement) -> tuple[Difference, ...]:
    """Every value in which two statements are not the same, in the order of a transcript."""
    return tuple(_differences(here, there))


def _differences(here: Statement, there: Statement) -> Iterator[Difference]:
    for name in (field.name for field in fields(Statement)):
        one, other = getattr(here, name), getattr(there, name)
        if one == other:
            continue
        if name != "marks" or len(one) != len(other):
            yield Difference(name, 0, one, other)
            continue
        pairs = enumerate(zip(one, other, strict=True), 1)
        yield from (Difference(name, place, *pair) for place, pair in pairs if pair[0] != pair[1])


def _typed(code: str, keys: Keyring, register: Register | None) -> Genuine | Refused:
    if register is None:
        return Refused(reason="unregistered", what=code)
    entry = register.find(code)
    if entry is None:
        return Refused(reason="unknown", what=code)
    written = entry.believed(keys)
    if written is None:
        return Refused(reason="register", what=code)
    return _genuine(written, keys, register)


def _stated(written: Written, keys: Keyring, register: Register | None) -> Genuine | Refused:
    if seal.is_signed(written, keys):
        return _genuine(written, keys, register)
    if written.key not in keys.keys:
        return Refused(reason="key", what=written.key)
    facts = written.statement
    issued = _issued(facts, keys, register)
    if issued is None:
        return Refused(reason="altered", what=facts.code)
    return Refused(
        reason="altered",
        what=facts.code,
        differences=differences(facts, issued),
        issued=issued,
    )


def _filed(
    content: bytes, name: str, keys: Keyring, register: Register | None
) -> Genuine | Refused:
    written = seal.read(seal.statement_in(content))
    if written is None:
        return Refused(reason="file", what=_name(name))
    found = _stated(written, keys, register)
    if isinstance(found, Refused) or seal.is_sealed(content, keys):
        return found
    return Refused(reason="file", what=_name(name), issued=found.statement)


def _issued(facts: Statement, keys: Keyring, register: Register | None) -> Statement | None:
    """What was issued under the code, or the number, that an altered statement claims."""
    if register is None:
        return None
    entry = register.find(facts.code) or register.issued(facts.participant, facts.number)
    written = entry.believed(keys) if entry is not None else None
    return written.statement if written is not None else None


def _genuine(written: Written, keys: Keyring, register: Register | None) -> Genuine:
    facts = written.statement
    entry = latest = None
    if register is not None:
        entry = register.find(facts.code)
        latest = register.latest(facts.participant)
        if latest and (latest.transcript.course != facts.course or not latest.believed(keys)):
            latest = None
    newer = latest if latest is not None and latest.transcript.number > facts.number else None
    return Genuine(
        statement=facts,
        key=written.key,
        entry=entry,
        newer=newer,
        changed=differences(facts, seal.statement(newer.transcript)) if newer else (),
    )


def _content(name: str) -> bytes:
    """The bytes of a file; CourseError when it cannot be one of ours."""
    try:
        path = Path(name)
        if not path.is_file():
            raise CourseError(say("verify.missing", name=_name(name)))
        with path.open("rb") as file:
            content = file.read(FILE_LIMIT + 1)
    except (OSError, ValueError) as error:
        raise CourseError(say("verify.missing", name=_name(name))) from error
    if len(content) > FILE_LIMIT:
        raise CourseError(say("verify.large", name=_name(name), limit=FILE_LIMIT))
    if content.startswith(_PICTURES):
        raise CourseError(say("verify.picture", name=_name(name)))
    return content


def _name(text: str) -> str:
    """What was given, as short as a message can hold."""
    shown = "".join(letter if letter.isprintable() else "?" for letter in text[: NAME_LIMIT + 1])
    return f"{shown[:NAME_LIMIT]}…" if len(text) > NAME_LIMIT else shown
