"""The files a browser needs, and the revision under which it may keep them for ever."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from pathlib import Path

PACKAGE = Path(__file__).parent.parent
STATIC = PACKAGE / "static"
MESSAGES = PACKAGE / "messages"


@cache
def revision() -> str:
    """A fingerprint of every file under ``static`` and ``messages``: new content, new address."""
    digest = sha256()
    for folder in (STATIC, MESSAGES):
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                digest.update(path.relative_to(PACKAGE).as_posix().encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
