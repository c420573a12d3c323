"""Text that people read, looked up by key: one JSON file per area and language.

The texts of a kind of exercise lie in its own package, all others in ``pamong/messages``. Keys are
flat and dotted; values are ``str.format`` templates. A value may be a list: variants of one
sentence, of which ``vary`` picks one by hash, so that a replay says the same words again.

Which language: the one that a ``with speaking(language):`` around the caller names, else that of the
environment variable ``PAMONG_LANGUAGE``, else Indonesian. ``speaking`` holds for one thread or task,
so one process serves people of several languages. What becomes part of a log, or is compared with
what participants wrote, is asked for in ``LANGUAGE`` whatever is spoken, and is not translated.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

LANGUAGE = "id"
"""The language of the courses, in which every text exists."""
VARIABLE = "PAMONG_LANGUAGE"
"""The environment variable that names the language of this process."""
PACKAGE = Path(__file__).parent
_KEPT = re.compile(
    r"(normative|reflection_person)/.*"
    r"|(negotiation|mediation)/reply\..*|coalition/news\..*|mediation/red_line\.marks"
    r"|(canvas|matrix|plan)/person\..*|(branching|ranking)/bot\.reason|canvas/normative(\.short)?"
    r"|authoring/translations"
)
_spoken: ContextVar[str] = ContextVar("language")


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Messages of one area; calling it formats one message.

    Without ``texts`` it speaks the language that is spoken when it is called.
    """

    area: str
    language: str = ""
    texts: Mapping[str, str | list[str]] | None = None

    @property
    def entries(self) -> Mapping[str, str | list[str]]:
        return self.texts if self.texts is not None else _texts(self.area, spoken())

    def __call__(self, key: str, /, **values: object) -> str:
        """The message under ``key``; the first variant where there are several."""
        texts = self.texts
        if texts is None:  # as ``entries``, which a picture would ask for hundreds of times
            texts = _texts(self.area, _spoken.get("") or _of_process())
        entry = texts[key] if key in texts else self._entry(key)
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
            language = self.language or spoken()
            raise KeyError(f"no message {key!r} in {language}/{self.area}.json") from None


@cache
def messages(area: str, language: str = "") -> Catalogue:
    """The catalogue of ``area`` in ``language``, read once per process.

    Without ``language`` it follows what is spoken; a text that a language lacks is Indonesian.
    """
    return Catalogue(area, language, _texts(area, language) if language else None)


@cache
def _texts(area: str, language: str) -> Mapping[str, str | list[str]]:
    texts = _read(source(area))
    path = source(area, language)
    if language != LANGUAGE and path.is_file():
        texts |= _read(path)
    return texts


def spoken() -> str:
    """The language in which a caller's texts are now."""
    return _spoken.get("") or _of_process()


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Texts are in ``language`` inside, in this thread or task only; empty changes nothing.

    A language that there are no texts in is Indonesian.
    """
    before = _spoken.set(_known(language) if language else spoken())
    try:
        yield
    finally:
        _spoken.reset(before)


@cache
def _of_process() -> str:
    return _known(os.environ.get(VARIABLE, LANGUAGE))


def _known(language: str) -> str:
    return language if language in languages() else LANGUAGE


@cache
def languages() -> tuple[str, ...]:
    """Every language that there are texts in."""
    return tuple(sorted(path.name for path in (PACKAGE / "messages").iterdir() if path.is_dir()))


def source(area: str, language: str = LANGUAGE) -> Path:
    """The file of a catalogue: beside the code of the kind it is named after, if there is one."""
    kind = PACKAGE / "kinds" / area
    if (kind / "messages").is_dir():
        return kind / "messages" / f"{language}.json"
    return PACKAGE / "messages" / language / f"{area}.json"


def areas(language: str = LANGUAGE) -> tuple[str, ...]:
    """Every area that has texts in ``language``."""
    shared = (path.stem for path in (PACKAGE / "messages" / language).glob("*.json"))
    kinds = (path.parts[-3] for path in PACKAGE.glob(f"kinds/*/messages/{language}.json"))
    return tuple(sorted({*shared, *kinds}))


def is_translated(area: str, key: str) -> bool:
    """Whether a text exists in every language, and not in that of the courses alone.

    What a counterpart says and what bots write are in logs; marks and names are compared with texts.
    """
    return not _KEPT.fullmatch(f"{area}/{key}")


def _read(path: Path) -> dict[str, str | list[str]]:
    texts: dict[str, str | list[str]] = json.loads(path.read_text(encoding="utf-8"))
    return texts
