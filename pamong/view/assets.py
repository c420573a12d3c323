"""The files a browser needs, small, and the revision under which it may keep them for ever."""

from __future__ import annotations

import gzip
import json
import re
from dataclasses import dataclass
from functools import cache, lru_cache
from hashlib import sha256
from pathlib import Path

from pamong.catalogue import PACKAGE, areas, languages, messages

STATIC = PACKAGE / "static"
_TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json; charset=utf-8",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
    ".LICENSE": "text/plain; charset=utf-8",
}
_COMMENT = re.compile(r"^[ \t]*(?:/\*.*?\*/|//[^\n]*)[ \t]*$", re.DOTALL | re.MULTILINE)
_INDENT = re.compile(r"^[ \t]+", re.MULTILINE)
_KEY = re.compile(r'["`]([a-z_]+\.[\w.]*)')
_FRAMES = {"form": ("form.js", "components.js"), "light": ("light.js",)}
"""Catalogues that the server speaks too, and whose code in a browser asks for less than all of them."""
_WORTH = 200
"""Bytes below which packing saves nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """What is sent; ``packed`` is the same by gzip, or empty where that would not be smaller."""

    type: str
    content: bytes
    packed: bytes = b""


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


def asset(name: str) -> File | None:
    """A file below ``static/``, its code ``slim``; None when there is none of that name."""
    try:
        path = (STATIC / name).resolve(strict=True)
    except (OSError, ValueError):  # no name that a file can have, say
        return None
    if not path.is_relative_to(STATIC) or not path.is_file() or path.suffix not in _TYPES:
        return None
    return _asset(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=256)
def _asset(path: Path, _changed: int) -> File:
    content = path.read_bytes()
    if path.suffix in (".js", ".css") and "vendor" not in path.parts:
        content = slim(content.decode()).encode()
    return _file(path.suffix, content)


def slim(code: str) -> str:
    """JavaScript or CSS without indents and the comments that have lines of their own; the lines stay."""
    return _INDENT.sub("", _COMMENT.sub(lambda found: "\n" * found.group().count("\n"), code))


@cache
def texts(area: str, language: str) -> File | None:
    """A catalogue; of a kind's and of the frame's, only the texts that their code asks for."""
    if language not in languages() or area not in areas():
        return None
    entries = messages(area, language).entries
    if asked := _asked(area):
        whole = area in _FRAMES  # keys of a single word cannot be told from other words of its code
        entries = {
            key: text
            for key, text in entries.items()
            if key.startswith(asked) or (whole and "." not in key)
        }
    content = json.dumps(entries, ensure_ascii=False, separators=(",", ":"))
    return _file(".json", content.encode())


def _asked(area: str) -> tuple[str, ...]:
    """How the keys begin that a view or the frame names, all of them as they stand in its code."""
    views = (STATIC / "kinds" / f"{area}.js", *(STATIC / "kinds" / area).glob("*.js"))
    files = [STATIC / name for name in _FRAMES.get(area, ())] or views
    code = "".join(path.read_text(encoding="utf-8") for path in files if path.is_file())
    return tuple(set(_KEY.findall(code)))


def _file(suffix: str, content: bytes) -> File:
    packed = gzip.compress(content, 9, mtime=0) if len(content) > _WORTH else b""
    if len(packed) >= len(content):
        packed = b""
    return File(type=_TYPES[suffix], content=content, packed=packed)
