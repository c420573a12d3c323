"""The seal of a transcript: one signature over what it states, and one over the whole PDF.

A **statement** is what stands in the QR code: results as JSON that people can read, the id of the key
and a signature. It is enough to be checked anywhere with the public keys alone. The PDF carries the
statement among its keywords, with a second signature over every other byte of the file.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar, Literal

import msgspec

from pamong.signing import FileSeal, Keyring, Signer, packed, unpacked
from pamong.transcripts.transcript import Transcript

LIMIT = 2300
"""Bytes of a statement: what a QR code holds."""
_STATEMENT = b"pamong transcript statement 1\n"
"""What is signed begins with this, so that no signature passes for another."""
_SEAL = FileSeal("pamong-transcript", b"pamong transcript file 1\n")
_WRITTEN = re.compile(r"(\{.*\})\s+([0-9a-f]{16})\s+([\w-]{86})", re.ASCII | re.DOTALL)


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


def fits(text: str) -> bool:
    """Whether a statement is short enough to be read back."""
    return len(text) <= LIMIT and len(text.encode(errors="replace")) <= LIMIT


def read(text: str) -> Written | None:
    """The statement in a text, as a camera or a clipboard gives it; None when there is none."""
    found = _WRITTEN.fullmatch(text.strip()) if fits(text) else None
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
    return _SEAL.keyword(text, signer)


def sealed(pdf: bytes, signer: Signer) -> bytes:
    """The PDF with a signature over all of it where ``keyword`` left room."""
    return _SEAL.sealed(pdf, signer)


def is_sealed(pdf: bytes, keys: Keyring) -> bool:
    """Whether a PDF is to the byte what one of these keys signed."""
    return _SEAL.is_sealed(pdf, keys)


def statement_in(pdf: bytes) -> str:
    """The text of the statement among a PDF's keywords; empty when there is none."""
    return _SEAL.text_in(pdf)
