"""The keys that transcripts and receipts are signed with: private Ed25519 keys, and every public one.

The private key lies with the graders' keys, readable by its owner only, and is made on first use. The
public ones are a JSON Web Key Set that may be published; a key's id is taken from the key itself.
"""

from __future__ import annotations

import os
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from tempfile import mkstemp
from typing import Literal

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from pamong.durable import sync
from pamong.errors import CourseError

LIMIT = 64 * 1024
"""Bytes of a file of keys."""
_BLANK = b"0" * 128


class Signer:
    """The private key."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self.public = key.public_key().public_bytes_raw()
        self.id = key_id(self.public)

    @classmethod
    def open(cls, path: Path) -> Signer:
        """The key in ``path``; CourseError when others may read it, or when it is no such key."""
        if not path.exists():
            _make(path)
        try:
            with path.open("rb") as file:
                mode = os.fstat(file.fileno()).st_mode
                key = serialization.load_pem_private_key(file.read(LIMIT), password=None)
        except (OSError, ValueError, TypeError) as error:
            raise CourseError(
                f"{path} is not a key to sign with ({error}). Restore it from "
                "the backup; where there is none, move it away, and a new key is made."
            ) from error
        if mode & 0o077:
            raise CourseError(f"Others than its owner may read {path}. Run: chmod 600 {path}")
        if not isinstance(key, Ed25519PrivateKey):
            raise CourseError(f"{path} is a key of another kind than Ed25519. Move it away.")
        return cls(key)

    def sign(self, content: bytes) -> bytes:
        """64 bytes, the same for the same content."""
        return self._key.sign(content)


@dataclass(frozen=True, slots=True)
class Keyring:
    """Public keys by id."""

    keys: Mapping[str, Ed25519PublicKey]

    def holds(self, key: str, signature: bytes, content: bytes) -> bool:
        """Whether the key of that id is here and made this signature over this content."""
        if key not in self.keys:
            return False
        with suppress(InvalidSignature):
            self.keys[key].verify(signature, content)
            return True
        return False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Jwk:
    kid: str
    x: str
    kty: Literal["OKP"]
    crv: Literal["Ed25519"]


@dataclass(frozen=True, slots=True)
class _Jwks:
    keys: tuple[_Jwk, ...]


class FileSeal:
    """A signature over every other byte of a PDF, among its keywords beside a signed text.

    ``name`` is how the keyword begins; ``purpose`` begins what is signed, so that no signature passes for
    another one.
    """

    def __init__(self, name: str, purpose: bytes) -> None:
        self._name, self._purpose = name, purpose
        pattern = rf"{name}:([A-Za-z0-9_-]{{1,4096}}):([0-9a-f]{{16}}):([0-9a-f]{{128}})"
        self._keyword = re.compile(pattern.encode())

    def keyword(self, text: str, signer: Signer) -> str:
        """What stands among the keywords of a PDF until it is ``sealed``."""
        return f"{self._name}:{packed(text.encode())}:{signer.id}:{_BLANK.decode()}"

    def sealed(self, pdf: bytes, signer: Signer) -> bytes:
        """The PDF with a signature over all of it where ``keyword`` left room."""
        signature = signer.sign(self._purpose + sha256(pdf).digest()).hex().encode()
        return self._keyword.sub(lambda found: found[0][: -len(_BLANK)] + signature, pdf)

    def is_sealed(self, pdf: bytes, keys: Keyring) -> bool:
        """Whether a PDF is to the byte what one of these keys signed."""
        marks = {(found[2], found[3]) for found in self._keyword.finditer(pdf)}
        if len(marks) != 1:
            return False
        key, signature = marks.pop()
        blank = self._keyword.sub(lambda found: found[0][: -len(_BLANK)] + _BLANK, pdf)
        content = self._purpose + sha256(blank).digest()
        return keys.holds(key.decode(), bytes.fromhex(signature.decode()), content)

    def text_in(self, pdf: bytes) -> str:
        """The signed text among a PDF's keywords; empty when there is none."""
        found = self._keyword.search(pdf)
        if found is None:
            return ""
        try:
            return unpacked(found[1].decode()).decode()
        except ValueError:
            return ""


_decoder = msgspec.json.Decoder(_Jwks, strict=True)


def keyring(path: Path) -> Keyring:
    """The public keys in a JSON Web Key Set; CourseError says why there are none."""
    return Keyring({it.kid: Ed25519PublicKey.from_public_bytes(_raw(it)) for it in _keys(path)})


def publish(path: Path, signer: Signer) -> bool:
    """Add the public key to those in ``path``; whether it was not there yet."""
    known = _keys(path) if path.exists() else ()
    if signer.id in {it.kid for it in known}:
        return False
    jwk = _Jwk(kid=signer.id, x=packed(signer.public), kty="OKP", crv="Ed25519")
    content = msgspec.json.format(msgspec.json.encode(_Jwks((*known, jwk))), indent=2)
    _scratch(path, content + b"\n", 0o644).replace(path)
    sync(path.parent)
    return True


def key_id(public: bytes) -> str:
    """The first 16 digits of the SHA-256 of a public key."""
    return sha256(public).hexdigest()[:16]


def packed(content: bytes) -> str:
    """Base64 for addresses, without padding."""
    return urlsafe_b64encode(content).rstrip(b"=").decode()


def unpacked(text: str) -> bytes:
    """The other way round; ValueError when it is no base64."""
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _keys(path: Path) -> tuple[_Jwk, ...]:
    try:
        with path.open("rb") as file:
            content = file.read(LIMIT + 1)
    except OSError as error:
        raise CourseError(
            f"The public keys {path} cannot be read ({error.strerror}). Whoever signs "
            "makes them (`pamong transcript make`, the service); elsewhere, name a copy with --keys."
        ) from error
    try:
        return _decoded(content)
    except (ValueError, msgspec.DecodeError, RecursionError) as error:
        raise CourseError(f"{path} is no list of public keys ({error}). Get it anew.") from error


def _decoded(content: bytes) -> tuple[_Jwk, ...]:
    if len(content) > LIMIT:
        raise ValueError(f"it has more than {LIMIT} bytes")
    keys = _decoder.decode(content).keys
    if strange := [it.kid for it in keys if key_id(_raw(it)) != it.kid]:
        raise ValueError(f"the key {strange[0]} is not the one of that id")
    return keys


def _raw(key: _Jwk) -> bytes:
    raw = unpacked(key.x)
    if len(raw) != 32:
        raise ValueError(f"the key {key.kid} has {len(raw)} bytes, not 32")
    return raw


def _make(path: Path) -> None:
    """A new private key, whole or not at all: what it signs must never outlive it."""
    content = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = _scratch(path, content, 0o600)
    try:
        with suppress(FileExistsError):
            path.hardlink_to(scratch)
    finally:
        scratch.unlink()
    sync(path.parent)


def _scratch(path: Path, content: bytes, mode: int) -> Path:
    """A file of one's own beside ``path`` that is on disk: several may make the same at once."""
    handle, name = mkstemp(prefix=f".{path.name}.", dir=path.parent)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fchmod(handle, mode)
        os.fsync(handle)
    return Path(name)
