"""The files of a submission as one piece of bytes: names to contents, packed, and the same for the same."""

from __future__ import annotations

import zlib
from collections.abc import Mapping

import msgspec

from pamong.errors import ServiceError
from pamong.portfolio import TOTAL_LIMIT

_decoder = msgspec.msgpack.Decoder(dict[str, bytes])


def pack(files: Mapping[str, bytes]) -> bytes:
    """The files as table ``bundles`` keeps them."""
    return zlib.compress(msgspec.msgpack.encode(dict(sorted(files.items()))), 6)


def unpack(content: bytes) -> dict[str, bytes]:
    """The files by name; ServiceError when this is no bundle, or one beyond all bounds."""
    try:
        unpacking = zlib.decompressobj()
        packed = unpacking.decompress(content, 2 * TOTAL_LIMIT)
        files = _decoder.decode(packed)
    except (zlib.error, msgspec.DecodeError) as error:
        raise _unreadable(str(error)) from error
    if unpacking.unconsumed_tail or not unpacking.eof:
        raise _unreadable("they are cut off or too large")
    return files


def _unreadable(why: str) -> ServiceError:
    return ServiceError(
        f"A submission's files cannot be read ({why}). Restore the database from its backup."
    )
