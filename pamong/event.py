"""One thing that happened in an exercise, and what somebody wants to happen next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from msgspec import Struct

Who = Literal["participant", "counterpart", "system"]
Data = Mapping[str, Any]
"""JSON-able content of an event; its shape is the kind's business."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An event before a store has given it its place; a repeated ``id`` is the same event again."""

    id: str
    who: Who
    act: str
    attempt: int
    at: str
    data: Data = field(default_factory=dict)
    seal: str = ""


class Event(Struct, frozen=True, kw_only=True):
    """One line of an answer log. ``n`` is gap-free from 1; ``at`` is UTC in ISO 8601 with a ``Z``.

    ``seal`` is what the counterpart puts under a reply (``pamong.seal``); the others have none.
    """

    n: int
    id: str
    at: str
    who: Who
    act: str
    data: Data
    exercise: str
    version: int
    attempt: int
    seal: str = ""


@dataclass(frozen=True, slots=True)
class Action:
    """What a participant, a bot or the counterpart does next: an act and its content."""

    act: str
    data: Data = field(default_factory=dict)
    seal: str = ""
