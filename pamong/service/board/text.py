"""What participants write on the board: bounded plain text, and what is wrong with it as keys of texts."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

Sort = Literal["praktik", "saran"]
"""A good practice for everybody, or a problem for three colleagues."""
TITLE = (8, 120)
"""Characters that a title may have."""
LONG = (20, 2000)
"""Characters that one field may have."""
FIELDS: Mapping[Sort, tuple[str, ...]] = {
    "praktik": ("situasi", "tindakan", "hasil", "pelajaran", "syarat"),
    "saran": ("masalah", "upaya", "pertanyaan"),
}
OPTIONAL = frozenset({"upaya"})
"""Fields that may stay empty."""
PROBLEMS = (
    "layanan", "data", "sampah", "banjir", "jalan", "ruang", "konflik", "sosial", "kesehatan",
    "keamanan", "kerjasama", "warga", "tim", "anggaran", "integritas", "digital", "lain",
)  # fmt: skip
"""What a problem may be about."""
_KEPT = "\n\t\u200c\u200d"
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co"})
_BLANK = re.compile(r"[^\S\n]+")
_GAP = re.compile(r"\n{3,}")
_NUMBER = re.compile(
    r"(?<![\d.,])(?:\d{16}|\d{6}[ .-]\d{6}[ .-]\d{4})(?!\d)"  # of an identity card
    r"|(?<!\d)(?:\+?62|0)[ -]?8(?:[ -]?\d){8,11}(?!\d)"  # of a mobile telephone
)
_KIND = re.compile(
    r"^(?:(?:kota|kabupaten|kab\.?|administrasi|adm\.?|provinsi|kecamatan|kelurahan|desa)\s+)+"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What is wrong with one field: ``board`` has a text ``fault.<key>`` with the values."""

    place: str
    key: str
    values: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A post as somebody has written it; ``sure``: they know that it tells where they are from."""

    sort: Sort
    title: str = ""
    body: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    component: str = ""
    problem: str = ""
    anonymous: bool = False
    sure: bool = False


def cleaned(text: str) -> str:
    """``text`` without invisible characters and needless space; what it says stays as it is."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    shown = "".join(
        each for each in lines if each in _KEPT or unicodedata.category(each) not in _UNSEEN
    )
    rows = (_BLANK.sub(" ", row).strip() for row in shown.split("\n"))
    return _GAP.sub("\n\n", "\n".join(rows)).strip()


def written(
    sort: Sort,
    given: Mapping[str, str],
    *,
    anonymous: bool = False,
    sure: bool = False,
) -> Draft:
    """The draft in the fields of a form, cleaned; fields that a post of this sort lacks are left out."""
    return Draft(
        sort=sort,
        title=" ".join(cleaned(given.get("title", "")).split()),
        body={name: cleaned(given.get(name, "")) for name in FIELDS[sort]},
        component=given.get("component", ""),
        problem=given.get("problem", ""),
        anonymous=anonymous,
        sure=sure,
    )


def faults(draft: Draft, components: Iterable[str], own: Iterable[str]) -> tuple[Fault, ...]:
    """All that keeps a draft from being handed to the moderators, in the order of the form.

    ``own`` are words that give its author away: their name and region.
    """
    found = [fault for name, text in _parts(draft) for fault in _length(name, text)]
    found += [
        Fault(place=name, key="number") for name, text in _parts(draft) if _NUMBER.search(text)
    ]
    if draft.component not in ("", *components):
        found.append(Fault(place="component", key="unknown"))
    if draft.problem not in PROBLEMS:
        found.append(Fault(place="problem", key="choose"))
    if draft.anonymous and not draft.sure:
        text = " ".join(text for _, text in _parts(draft))
        told = telling(text, own)
        found += [Fault(place="anonymous", key="telling", values={"word": word}) for word in told]
    return tuple(found)


def answer_faults(text: str) -> tuple[Fault, ...]:
    """What keeps an answer, cleaned before, from being handed to the moderators."""
    found = _bounds("answer", text, LONG)
    return (*found, *([Fault(place="answer", key="number")] if _NUMBER.search(text) else []))


def telling(text: str, own: Iterable[str]) -> tuple[str, ...]:
    """Which of somebody's own words stand in a text: a name, or a region without what sort it is."""
    folded = folding(text)
    cores = (_KIND.sub("", folding(word)).strip() for word in own)
    return tuple(
        core
        for core in dict.fromkeys(cores)
        if core and re.search(rf"(?<!\w){re.escape(core)}(?!\w)", folded)
    )


def folding(text: str) -> str:
    """``text`` as it is searched: without capitals, one space between words."""
    return " ".join(text.casefold().split())


def searched(draft: Draft) -> str:
    """All the words of a post for searching."""
    return folding(" ".join(text for _, text in _parts(draft)))


def _parts(draft: Draft) -> list[tuple[str, str]]:
    return [("title", draft.title), *draft.body.items()]


def _length(name: str, text: str) -> tuple[Fault, ...]:
    if not text and name in OPTIONAL:
        return ()
    return _bounds(name, text, TITLE if name == "title" else LONG)


def _bounds(name: str, text: str, bounds: tuple[int, int]) -> tuple[Fault, ...]:
    least, most = bounds
    if not text:
        return (Fault(place=name, key="empty"),)
    if len(text) < least:
        return (Fault(place=name, key="short", values={"least": least, "count": len(text)}),)
    if len(text) > most:
        return (Fault(place=name, key="long", values={"most": most, "count": len(text)}),)
    return ()
