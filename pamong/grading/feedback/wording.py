"""Words of participants inside sentences of ours, so that they cannot turn around what stands beside them."""

from __future__ import annotations

import re
import unicodedata

TURNING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Invisible signs that change the direction in which text is written."""
_INVISIBLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]")
_HALF = re.compile("[\ud800-\udfff]")
_LONG = re.compile(r"\S{30,}")
_JOINING = ("\u200d", "\ufe0f", "\ufe0e")


def settled(text: str) -> str:
    """A sentence in which nothing is written against its direction."""
    return TURNING.sub("", text)


def printable(text: str, most: int) -> str:
    """At most ``most`` characters that a printed page can hold, long words with places to break."""
    text = _HALF.sub("\ufffd", _INVISIBLE.sub("", settled(text)))
    return _LONG.sub(_breakable, text if len(text) <= most else f"{text[:most].rstrip()}…")


def _breakable(found: re.Match[str]) -> str:
    """The word with an invisible place to break before every character that begins one."""
    word, pieces = found.group(), []
    for before, each in zip(f" {word}", word, strict=False):
        joins = each in _JOINING or before == "\u200d" or unicodedata.combining(each)
        pieces.append(each if joins else f"\u200b{each}")
    return "".join(pieces)
