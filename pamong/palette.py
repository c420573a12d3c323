"""The design tokens of ``static/tokens.css`` for what is drawn in Python: reports, charts, worksheets.

A style sheet that stands inside a page of its own starts with ``stylesheet()``; a drawing takes
colours by name from ``LIGHT``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType

_BLOCK = re.compile(r":root[^{]*\{([^}]*)\}")
_COLOUR = re.compile(r"--([a-z-]+): (#[0-9a-f]{6});")
_LEFT_OUT = re.compile(r"/\*.*?\*/|@font-face \{.*?\}", re.DOTALL)


@cache
def stylesheet(*, dark: bool = True) -> str:
    """The tokens as CSS to stand inside a page, without the font's address; on request for one theme only."""
    text = _LEFT_OUT.sub("", _source()).strip()
    return (text if dark else text[: text.index("@media")]) + "\n"


@cache
def colours(theme: str) -> Mapping[str, str]:
    """The colours of ``light`` or ``dark`` by name, as ``#rrggbb``."""
    blocks = (dict(_COLOUR.findall(body)) for body in _BLOCK.findall(_source()))
    light, dark, *_ = blocks
    return MappingProxyType(light if theme == "light" else dark)


def _source() -> str:
    return (files("pamong") / "static" / "tokens.css").read_text(encoding="utf-8")


LIGHT = colours("light")
