"""The files a browser needs, and the revision under which it may keep them for ever."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from pathlib import Path

PACKAGE = Path(__file__).parent.parent
STATIC = PACKAGE / "static"


@cache
def revision() -> str:
    """A fingerprint of every static file and catalogue: new content, new address."""
    digest = sha256()
    catalogues = (*PACKAGE.glob("messages/*/*.json"), *PACKAGE.glob("kinds/*/messages/*.json"))
    for path in sorted((*STATIC.rglob("*"), *catalogues)):
        if path.is_file():
            digest.update(path.relative_to(PACKAGE).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
