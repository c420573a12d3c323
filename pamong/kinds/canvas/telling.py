"""Whether a text says something of its own: a number, a date, words that stand nowhere else."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

ALIKE = 0.8
"""Share of common words from which two texts count as one copied (resemblance; Broder, 1997)."""
REPEATED = 0.4
"""Below this share of different words a text says the same thing again and again."""
COMPARED = 300
"""Words of a text that are compared."""
_MONTH = (
    r"(?:jan(?:uari)?|feb(?:ruari)?|mar(?:et)?|apr(?:il)?|mei|juni?|juli?|agu(?:stus)?|"
    r"sep(?:tember)?|okt(?:ober)?|nov(?:ember)?|des(?:ember)?)"
)
_DATE = re.compile(
    rf"\b(?:\d{{1,2}}\s+)?{_MONTH}\s+20\d\d\b"
    rf"|\b\d{{1,2}}\s+{_MONTH}\b"
    r"|\b\d{1,2}[-/.]\d{1,2}[-/.](?:20)?\d\d\b|\b20\d\d-\d\d-\d\d\b"
    r"|\b(?:triwulan|semester|kuartal|minggu|pekan|bulan)\s+(?:ke-?\s?)?(?:\d{1,2}|[ivx]+)\b"
    r"(?:\s+(?:tahun\s+)?20\d\d\b)?"
    r"|\btahun\s+20\d\d\b",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\d")
_WORD = re.compile(r"\w+")

Words = frozenset[str]


def has_date(text: str) -> bool:
    """Whether ``text`` names a day, month, quarter or year by which something is due."""
    return bool(_DATE.search(text))


def has_number(text: str) -> bool:
    """Whether ``text`` has a figure besides those of its dates."""
    return bool(_NUMBER.search(_DATE.sub(" ", text)))


def words(text: str) -> Words:
    """The different words of ``text``, without regard to case and punctuation."""
    return frozenset(_listed(text))


@lru_cache(maxsize=64)
def _listed(text: str) -> list[str]:
    return _WORD.findall(text.casefold())[:COMPARED]


def repetitive(text: str) -> bool:
    """Whether ``text`` is mostly the same few words again, or has none."""
    found = _listed(text)
    return not found or len(set(found)) < REPEATED * len(found)


def alike(a: Words, b: Words) -> bool:
    """Whether two texts have so many words in common that one is copied (Jaccard, 1912)."""
    if min(len(a), len(b)) < ALIKE * max(len(a), len(b)):
        return False
    common = len(a & b)
    return bool(a) and common >= ALIKE * (len(a) + len(b) - common)


def first_alike(own: Words, others: Iterable[tuple[Words, str]]) -> str:
    """What the first text like ``own`` is called; empty when there is none."""
    return next((called for other, called in others if alike(own, other)), "")
