"""A receipt: proof of what was handed in, by whom and when, small enough to be signed and typed.

Its canonical JSON is the only form it has: equal receipts are equal bytes, and the short code is
taken from them, so that neither can be changed without the other. A signature stands beside it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import ClassVar, Literal

import msgspec

from pamong.errors import DamagedReceipt

LIMIT = 64 * 1024
"""Bytes of one receipt."""
EXERCISE_LIMIT = 500
"""Exercises on one receipt."""
NAME_LIMIT = 200
"""Characters of an id."""
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base32: no I, L, O or U, which are misread or spell something."""
_GROUPS, _GROUP = 4, 4
_DIGEST = re.compile("[0-9a-f]{64}")
_LOOKALIKES = str.maketrans("OIL", "011", " -–")

State = Literal["finished", "unfinished", "unread"]
"""How an exercise was when it was handed in; ``unread``: its log was sent as it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """One exercise on a receipt, with the number of events in its log."""

    exercise: str
    state: State
    events: int

    def __post_init__(self) -> None:
        _require(0 < len(self.exercise) <= NAME_LIMIT, "exercise")
        _require(0 <= self.events < 1 << 32, "events")


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What was handed in of one module; ``content`` is ``digest`` of the files.

    ``statement`` says that the participant declared it their own work.
    """

    course: str
    participant: str
    module: str
    moment: datetime
    content: str
    exercises: tuple[Played, ...]
    statement: bool
    late: bool
    format: Literal[1] = 1

    _encoder: ClassVar[msgspec.json.Encoder] = msgspec.json.Encoder(order="sorted")

    def __post_init__(self) -> None:
        for name in ("course", "participant", "module"):
            _require(0 < len(getattr(self, name)) <= NAME_LIMIT, name)
        _require(self.moment.utcoffset() == timedelta(0), "moment")
        _require(_DIGEST.fullmatch(self.content) is not None, "content")
        ids = [played.exercise for played in self.exercises]
        _require(len(set(ids)) == len(ids) <= EXERCISE_LIMIT, "exercises")

    def canonical(self) -> bytes:
        """The receipt as bytes: keys sorted, nothing between them; what a signature is made over."""
        return self._encoder.encode(self)

    @property
    def code(self) -> str:
        """The short code of the canonical bytes."""
        return short_code(self.canonical())


def parse(content: bytes, name: str) -> Receipt:
    """The receipt in ``content``; DamagedReceipt unless it is canonical to the byte."""
    if len(content) > LIMIT:
        raise DamagedReceipt(name, f"it has {len(content)} bytes, more than {LIMIT}")
    try:
        receipt = _decoder.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise DamagedReceipt(name, str(error)) from error
    if receipt.canonical() != content:
        raise DamagedReceipt(name, "it is not written as receipts are")
    return receipt


def digest(files: Mapping[str, bytes]) -> str:
    """The content hash of ``files`` by name: SHA-256 of what ``sha256sum`` prints for them, sorted."""
    lines = (f"{sha256(content).hexdigest()}  {name}\n" for name, content in sorted(files.items()))
    return sha256("".join(lines).encode()).hexdigest()


def short_code(content: bytes) -> str:
    """Sixteen letters in groups of four; 80 bits of the hash of ``content``."""
    return code_of(sha256(content).digest())


def code_of(hashed: bytes) -> str:
    """The short code of what has that SHA-256."""
    number = int.from_bytes(hashed[:10], "big")
    letters = [_ALPHABET[number >> 5 * place & 31] for place in reversed(range(16))]
    return _grouped("".join(letters))


def read_code(text: str) -> str:
    """A code as it is written, from what somebody typed; empty when it cannot be one."""
    letters = text.upper().translate(_LOOKALIKES) if len(text) <= NAME_LIMIT else ""
    right = len(letters) == _GROUPS * _GROUP and set(letters) <= set(_ALPHABET)
    return _grouped(letters) if right else ""


_decoder = msgspec.json.Decoder(Receipt, strict=True)


def _grouped(letters: str) -> str:
    return "-".join(letters[place : place + _GROUP] for place in range(0, len(letters), _GROUP))


def _require(right: bool, field: str) -> None:  # noqa: FBT001  # reads as a sentence
    if not right:
        raise ValueError(f"{field} is not what a receipt holds")
