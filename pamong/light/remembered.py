"""What a participant has agreed to, seen and last used: ``participant.json`` in the host's home for them.

Written atomically and fsynced, readable by its owner only. A file that cannot be believed counts as
nothing remembered, so that the notice is shown once too often rather than never.
"""

from __future__ import annotations

import logging
import os
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from threading import Lock
from typing import Literal

import msgspec

from pamong.durable import sync

FILE = "participant.json"
SIZE_LIMIT = 64 * 1024
HostName = Literal["", "light", "notebook"]
log = logging.getLogger(__name__)
_turn = Lock()


class Remembered(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """``notice`` is the version of the privacy notice that was accepted, at ``agreed`` (UTC)."""

    notice: str = ""
    agreed: str = ""
    toured: str = ""
    """When the tour was first shown, in UTC."""
    host: HostName = ""
    """Where modules were opened last."""


def recall(home: Path) -> Remembered:
    """What is remembered in ``home``; raises nothing."""
    path = home / FILE
    try:
        with path.open("rb") as file:
            return msgspec.json.decode(file.read(SIZE_LIMIT), type=Remembered)
    except FileNotFoundError:
        return Remembered()
    except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        log.warning("%s: %s. It counts as empty.", path, error)
        return Remembered()


def amend(home: Path, **changes: str) -> None:
    """Change some of what is remembered and leave the rest, whoever does so at the same moment; OSError."""
    with _turn:
        remember(home, msgspec.structs.replace(recall(home), **changes))


def remember(home: Path, remembered: Remembered) -> None:
    """Replace what is remembered; OSError when the disk does not take it, then nothing has changed."""
    path = home / FILE
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    content = msgspec.json.format(msgspec.json.encode(remembered), indent=2) + b"\n"
    with NamedTemporaryFile(dir=path.parent, prefix=".participant-", delete=False) as draft:
        try:
            draft.write(content)
            draft.flush()
            os.fsync(draft.fileno())
            Path(draft.name).replace(path)
        except OSError:
            with suppress(OSError):
                Path(draft.name).unlink()
            raise
    sync(path.parent)
