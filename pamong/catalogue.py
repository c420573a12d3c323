"""Text that people read, looked up by key: one JSON file per area and language.

The texts of a kind of exercise lie in its own package, all others in ``pamong/messages``.

Keys are flat and dotted; values are ``str.format`` templates. A value may be a list: variants of
one sentence, of which ``vary`` picks one by hash, so that a replay says the same words again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

LANGUAGE = "id"
PACKAGE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Messages of one area; calling it formats one message."""

    area: str
    language: str
    entries: Mapping[str, str | list[str]]

    def __call__(self, key: str, /, **values: object) -> str:
        """The message under ``key``; the first variant where there are several."""
        entry = self._entry(key)
        return (entry if isinstance(entry, str) else entry[0]).format(**values)

    def vary(self, key: str, seed: str, /, **values: object) -> str:
        """One variant of the message under ``key``, the same one for the same ``seed``."""
        entry = self._entry(key)
        variants = [entry] if isinstance(entry, str) else entry
        digest = sha256(f"{key}|{seed}".encode()).digest()
        return variants[int.from_bytes(digest[:4], "big") % len(variants)].format(**values)

    def _entry(self, key: str) -> str | list[str]:
        try:
            return self.entries[key]
        except KeyError:
            raise KeyError(f"no message {key!r} in {self.language}/{self.area}.json") from None


@cache
def messages(area: str, language: str = LANGUAGE) -> Catalogue:
    """The catalogue of ``area``, read once per process."""
    return Catalogue(area, language, json.loads(source(area, language).read_text(encoding="utf-8")))


def source(area: str, language: str = LANGUAGE) -> Path:
    """The file of a catalogue: beside the code of the kind it is named after, if there is one."""
    own = PACKAGE / "kinds" / area / "messages" / f"{language}.json"
    return own if own.is_file() else PACKAGE / "messages" / language / f"{area}.json"


def areas(language: str = LANGUAGE) -> tuple[str, ...]:
    """Every area that has texts in ``language``."""
    shared = (path.stem for path in (PACKAGE / "messages" / language).glob("*.json"))
    kinds = (path.parts[-3] for path in PACKAGE.glob(f"kinds/*/messages/{language}.json"))
    return tuple(sorted({*shared, *kinds}))
