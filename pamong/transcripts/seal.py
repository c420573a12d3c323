"""The seal of a transcript: one signature over what it states, and one over the whole PDF.

A **statement** is what stands in the QR code: results as JSON that people can read, the id of the key
and a signature. It is enough to be checked anywhere with the public keys alone. The PDF carries the
statement among its keywords, with a second signature over every other byte of the file.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256
from typing import ClassVar, Literal

import msgspec

from pamong.transcripts.keys import Keyring, Signer, packed, unpacked
from pamong.transcripts.transcript import Transcript

LIMIT = 2300
"""Bytes of a statement: what a QR code holds."""
_STATEMENT, _FILE = b"pamong transcript statement 1\n", b"pamong transcript file 1\n"
"""What is signed begins with this, so that neither signature passes for the other."""
_WRITTEN = re.compile(r"(\{.*\})\s+([0-9a-f]{16})\s+([\w-]{86})", re.ASCII | re.DOTALL)
_KEYWORD = re.compile(rb"pamong-transcript:([A-Za-z0-9_-]{1,4096}):([0-9a-f]{16}):([0-9a-f]{128})")
_BLANK = b"0" * 128


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What of a transcript is in its QR code; ``marks`` follow the order of the modules."""

    code: str
    name: str
    nip: str
    course: str
    participant: str
    cohort: str
    on: str
    number: int
    jp: int
    marks: tuple[float | None, ...]
    final: float | None
    band: str
    status: str
    format: Literal[1] = 1

    _encoder: ClassVar[msgspec.json.Encoder] = msgspec.json.Encoder()

    def canonical(self) -> bytes:
        """The only way in which these values are written and signed."""
        return self._encoder.encode(self)


_decoder = msgspec.json.Decoder(Statement, strict=True)


def statement(transcript: Transcript) -> Statement:
    """The part of a transcript that its QR code tells."""
    return Statement(
        code=transcript.code,
        name=transcript.name,
        nip=transcript.nip,
        course=transcript.course,
        participant=transcript.participant,
        cohort=transcript.cohort,
        on=transcript.on,
        number=transcript.number,
        jp=transcript.attended,
        marks=tuple(result.mark for result in transcript.results),
        final=transcript.final,
        band=transcript.band,
        status=transcript.status,
    )


@dataclass(frozen=True, slots=True)
class Written:
    """A statement as it was read; nothing in it is believed before ``is_signed``."""

    statement: Statement
    key: str
    signature: bytes


def written(facts: Statement, signer: Signer) -> str:
    """The statement with its signature, as the QR code holds it."""
    content = facts.canonical()
    return f"{content.decode()}\n{signer.id} {packed(signer.sign(_STATEMENT + content))}"


def read(text: str) -> Written | None:
    """The statement in a text, as a camera or a clipboard gives it; None when there is none."""
    short = len(text) <= LIMIT and len(text.encode(errors="replace")) <= LIMIT
    found = _WRITTEN.fullmatch(text.strip()) if short else None
    if found is None:
        return None
    try:
        content = found[1].encode()
        facts = _decoder.decode(content)
        signature = unpacked(found[3])
    except (msgspec.DecodeError, ValueError, RecursionError):
        return None
    return Written(facts, found[2], signature) if facts.canonical() == content else None


def is_signed(text: Written, keys: Keyring) -> bool:
    """Whether one of these keys signed exactly this statement."""
    return keys.holds(text.key, text.signature, _STATEMENT + text.statement.canonical())


def keyword(text: str, signer: Signer) -> str:
    """What stands among the keywords of a PDF until it is ``sealed``."""
    return f"pamong-transcript:{packed(text.encode())}:{signer.id}:{_BLANK.decode()}"


def sealed(pdf: bytes, signer: Signer) -> bytes:
    """The PDF with a signature over all of it where ``keyword`` left room."""
    signature = signer.sign(_FILE + sha256(pdf).digest()).hex().encode()
    return _KEYWORD.sub(lambda found: found[0][: -len(_BLANK)] + signature, pdf)


def is_sealed(pdf: bytes, keys: Keyring) -> bool:
    """Whether a PDF is to the byte what one of these keys signed."""
    marks = {(found[2], found[3]) for found in _KEYWORD.finditer(pdf)}
    if len(marks) != 1:
        return False
    key, signature = marks.pop()
    blank = _KEYWORD.sub(lambda found: found[0][: -len(_BLANK)] + _BLANK, pdf)
    content = _FILE + sha256(blank).digest()
    return keys.holds(key.decode(), bytes.fromhex(signature.decode()), content)


def statement_in(pdf: bytes) -> str:
    """The text of the statement among a PDF's keywords; empty when there is none."""
    found = _KEYWORD.search(pdf)
    if found is None:
        return ""
    try:
        return unpacked(found[1].decode()).decode()
    except ValueError:
        return ""
