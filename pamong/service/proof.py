"""The signed text that stands for a receipt: what its QR code holds, and what can be checked anywhere.

It names what was handed in, by whom and when, with the hash of the whole receipt, and is enough to be
checked with the public keys alone. The keys are the service's own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import ClassVar, Literal

import msgspec

from pamong import signing
from pamong.course import Course
from pamong.receipt import Receipt, code_of
from pamong.signing import FileSeal, Keyring, Signer, packed, unpacked

LIMIT = 2300
"""Bytes of a text: what a QR code holds."""
KEY = ".receipt-key.pem"
"""The private key, among the graders' keys."""
PUBLIC = "receipt-keys.json"
"""Every public key there ever was, in the course's folder; it may be published."""
_SIGNED = b"pamong receipt 1\n"
SEAL = FileSeal("pamong-receipt", b"pamong receipt file 1\n")
"""What makes a receipt's PDF one of ours."""
_WRITTEN = re.compile(r"(\{.*\})\s+([0-9a-f]{16})\s+([\w-]{86})", re.ASCII | re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What of a receipt is signed; ``receipt`` is the SHA-256 of its canonical bytes."""

    course: str
    participant: str
    module: str
    moment: str
    late: bool
    content: str
    receipt: str
    format: Literal[1] = 1

    _encoder: ClassVar[msgspec.json.Encoder] = msgspec.json.Encoder()

    def canonical(self) -> bytes:
        """The only way in which these values are written and signed."""
        return self._encoder.encode(self)


_decoder = msgspec.json.Decoder(Statement, strict=True)


@dataclass(frozen=True, slots=True)
class Written:
    """A statement as it was read; nothing in it is believed before ``is_signed``."""

    statement: Statement
    key: str
    signature: bytes

    @property
    def code(self) -> str:
        """The short code of the receipt that it is about."""
        return code_of(bytes.fromhex(self.statement.receipt))


def statement(made: Receipt) -> Statement:
    """The part of a receipt that is signed."""
    return Statement(
        course=made.course,
        participant=made.participant,
        module=made.module,
        moment=made.moment.isoformat().replace("+00:00", "Z"),
        late=made.late,
        content=made.content,
        receipt=sha256(made.canonical()).hexdigest(),
    )


def sign(made: Receipt, signer: Signer) -> bytes:
    """The signature under a receipt's statement."""
    return signer.sign(_SIGNED + statement(made).canonical())


def written(made: Receipt, signature: bytes, keys: Keyring) -> str:
    """The statement with its signature; empty when none of the keys made it."""
    content = statement(made).canonical()
    key = next((id for id in keys.keys if keys.holds(id, signature, _SIGNED + content)), "")
    return f"{content.decode()}\n{key} {packed(signature)}" if key else ""


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
        bytes.fromhex(facts.receipt)
    except (msgspec.DecodeError, ValueError, RecursionError):
        return None
    return Written(facts, found[2], signature) if facts.canonical() == content else None


def is_signed(text: Written, keys: Keyring) -> bool:
    """Whether one of these keys signed exactly this statement."""
    return keys.holds(text.key, text.signature, _SIGNED + text.statement.canonical())


def is_genuine(made: Receipt, signature: bytes, keys: Keyring) -> bool:
    """Whether one of these keys signed this receipt."""
    return bool(written(made, signature, keys))


def signer(course: Course) -> Signer:
    """The key of a course's receipts, made and its public part published on first use; CourseError."""
    return _signer(course.graders / KEY, course.folder / PUBLIC)


def keys(course: Course) -> Keyring:
    """Every public key that receipts of a course were ever signed with; CourseError."""
    path = course.folder / PUBLIC
    return _keyring(path, path.stat().st_mtime_ns if path.exists() else 0)


@lru_cache(maxsize=8)
def _signer(private: Path, public: Path) -> Signer:
    found = Signer.open(private)
    signing.publish(public, found)
    return found


@lru_cache(maxsize=8)
def _keyring(path: Path, _changed: int) -> Keyring:
    return signing.keyring(path)
