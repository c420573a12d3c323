"""Checks that the schemas of kinds share; an author reads the ValueError."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sized

from pamong.catalogue import messages

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")


def wrong(key: str, **values: object) -> ValueError:
    """The error under ``key`` of the catalogue ``kinds``, to be raised."""
    return ValueError(messages("kinds")(key, **values))


def distinct_ids(field: str, ids: Iterable[str]) -> None:
    """Every id is well formed and occurs once; ValueError names the first that is not."""
    seen: set[str] = set()
    for each in ids:
        if not _ID.fullmatch(each):
            raise wrong("id.form", field=field, id=each)
        if each in seen:
            raise wrong("id.twice", field=field, id=each)
        seen.add(each)


def between(field: str, things: Sized, least: int, most: int) -> None:
    """There are at least ``least`` and at most ``most`` things; ValueError says how many there are."""
    if not least <= len(things) <= most:
        raise wrong("count", field=field, least=least, most=most, count=len(things))


def written(field: str, text: str) -> None:
    """``text`` is not blank."""
    if not text.strip():
        raise wrong("blank", field=field)


def same_ids(field: str, given: Iterable[str], expected: Iterable[str]) -> tuple[str, ...]:
    """Problems between the ids that a key gives and those that the brief has, for ``check``."""
    say = messages("kinds")
    have, want = set(given), set(expected)
    missing = (say("key.missing", field=field, id=each) for each in sorted(want - have))
    foreign = (say("key.foreign", field=field, id=each) for each in sorted(have - want))
    return (*missing, *foreign)
