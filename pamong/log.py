"""Answer logs as bytes: one JSON object per line, append-only, bounded, and believed line by line.

A log may end in a torn line (a power cut while writing): that tail was never acknowledged, so it is
set aside and reported. Damage anywhere else is reported with its line; the other events are kept.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from itertools import count, repeat
from typing import Any, cast

import msgspec

from pamong.errors import DamagedLog, LogFull
from pamong.event import Draft, Event

EVENT_LIMIT = 64 * 1024
"""Bytes of one line."""
LOG_LIMIT = 4 * 1024 * 1024
"""Bytes of one log."""
DEPTH_LIMIT = 16
"""How deep the content of an event may nest."""
NEST_LIMIT = 2000
"""Lists and objects in one line; a log of nothing but them would take twenty times its size."""
VERSION_LIMIT = 1_000_000
"""The highest number of an attempt or a version."""
_UNSEALED = b',"seal":""}'
"""How an event ends that nobody has sealed; it is not written."""
DAMAGE_LIMIT = 100
"""Damaged lines after which the rest of a log is not read: four million cost a minute and gigabytes."""


class Unread(Enum):
    """Why nobody could read a log that is there; the value stands in the place of its content.

    No log that somebody writes can say anything else by it than one of these.
    """

    SPECIAL = b"\0special"
    PLACE = b"\0place"
    FORBIDDEN = b"\0forbidden"
    LARGE = b"\0large"
    TOGETHER = b"\0together"


UNREAD: Mapping[Unread, str] = {
    Unread.SPECIAL: "it is a link, a folder or a device instead of a plain file",
    Unread.PLACE: "its folder is a link, a file or a device instead of a folder",
    Unread.FORBIDDEN: "the account that grades may not read it",
    Unread.LARGE: f"the log has more than {LOG_LIMIT} bytes",
    Unread.TOGETHER: "the files of the submission are too large together",
}
"""Each of them in words that follow the name of the log."""
_PLACEHOLDERS = {unread.value: told for unread, told in UNREAD.items()}


@dataclass(frozen=True, slots=True)
class Log:
    """What a file of events says; ``damage`` is empty in a healthy log, ``torn`` holds an unfinished tail."""

    events: tuple[Event, ...]
    damage: tuple[DamagedLog, ...] = ()
    torn: bytes = b""

    def trusted(self) -> tuple[Event, ...]:
        """The events of a healthy log; raises the first damage of any other."""
        if self.damage:
            raise self.damage[0]
        return self.events


def encode(event: Event) -> bytes:
    """One line, newline included; LogFull when it would exceed EVENT_LIMIT."""
    encoded = line(event)
    if len(encoded) > EVENT_LIMIT:
        raise LogFull(event.exercise, len(encoded), EVENT_LIMIT)
    return encoded


def line(event: Event) -> bytes:
    """One line, newline included, however long; the same bytes wherever it is written."""
    content = msgspec.json.encode(event)
    return content + b"\n" if event.seal else content.removesuffix(_UNSEALED) + b"}\n"


def number(exercise: str, version: int, drafts: tuple[Draft, ...], after: int) -> tuple[Event, ...]:
    """Give drafts their places behind the ``after`` events that are already there."""
    return tuple(
        Event(
            n=n,
            id=draft.id,
            at=draft.at,
            who=draft.who,
            act=draft.act,
            data=draft.data,
            exercise=exercise,
            version=version,
            attempt=draft.attempt,
            seal=draft.seal,
        )
        for n, draft in enumerate(drafts, after + 1)
    )


def parse(content: bytes, exercise: str) -> Log:
    """Read a log of ``exercise``; never raises, whatever the bytes."""
    name = f"{exercise}.jsonl"
    if reason := _unread(content):
        return Log((), (DamagedLog(name, 0, reason),))
    events: list[Event] = []
    damage: list[DamagedLog] = []
    body, newline, tail = content.rpartition(b"\n")
    lines = body.split(b"\n") if newline else []
    if not tail and (sound := _sound(lines, body, exercise)):
        return Log(sound)
    if tail and (len(tail) > EVENT_LIMIT or not _fault(_decode(tail), exercise, len(lines) + 1)):
        lines, tail = [*lines, tail], b""
    for position, line in enumerate(lines, 1):
        event = _decode(line)
        if fault := _fault(event, exercise, position):
            damage.append(DamagedLog(name, position, fault))
            if len(damage) == DAMAGE_LIMIT:
                break
        else:
            events.append(cast("Event", event))
    return Log(tuple(events), tuple(damage), tail)


def _unread(content: bytes) -> str:
    if len(content) > LOG_LIMIT:
        return f"the log has {len(content)} bytes, more than {LOG_LIMIT}"
    return _PLACEHOLDERS.get(content, "")


def _sound(lines: list[bytes], body: bytes, exercise: str) -> tuple[Event, ...]:
    """All events of a log without any fault, decoded at once; empty where line by line must tell."""
    brackets = [line.count(b"{") + line.count(b"[") for line in lines]
    if (
        max(map(len, lines), default=EVENT_LIMIT + 1) > EVENT_LIMIT
        or max(brackets) > NEST_LIMIT
        or not all([line.startswith(b"{") and line.endswith(b"}") for line in lines])  # noqa: C419
    ):
        return ()
    try:
        events = _decoder.decode_lines(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ()
    deep = any(
        many > DEPTH_LIMIT and _depth(event.data) > DEPTH_LIMIT
        for event, many in zip(events, brackets, strict=False)
    )
    if deep or len(events) != len(lines):
        return ()
    faulty = any(map(_fault, events, repeat(exercise), count(1)))
    return () if faulty else tuple(events)


_decoder = msgspec.json.Decoder(Event)
_NESTING = frozenset({dict, list})
_TEXT = re.compile(rb'"(?:[^"\\]|\\.)*+"')


def _decode(line: bytes) -> Event | str:
    if len(line) > EVENT_LIMIT:
        return f"the line has {len(line)} bytes, more than {EVENT_LIMIT}"
    brackets = _brackets(line)
    if brackets > NEST_LIMIT and _brackets(_TEXT.sub(b"", line)) > NEST_LIMIT:
        return f"not an event (it holds more than {NEST_LIMIT} lists and objects)"
    try:
        event = _decoder.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return f"not an event ({error})"
    if brackets <= DEPTH_LIMIT or _depth(event.data) <= DEPTH_LIMIT:
        return event
    return f"nested deeper than {DEPTH_LIMIT}"


def _brackets(line: bytes) -> int:
    """How many lists and objects there can be in a line at most; they cannot nest deeper either."""
    return line.count(b"{") + line.count(b"[")


def _depth(value: Any) -> int:
    deepest, level = 1, [value] if type(value) in _NESTING else []
    while level and deepest <= DEPTH_LIMIT:
        deepest += any(level)
        level = [
            inner
            for outer in level
            for inner in (outer.values() if type(outer) is dict else outer)
            if type(inner) in _NESTING
        ]
    return deepest


def _fault(event: Event | str, exercise: str, position: int) -> str:
    if isinstance(event, str):
        return event
    if event.n != position:
        return f"event number {event.n} where {position} belongs"
    if event.exercise != exercise:
        return f"an event of {event.exercise!r}, not of {exercise!r}"
    if not (1 <= event.attempt <= VERSION_LIMIT and 1 <= event.version <= VERSION_LIMIT):
        return f"attempt and version count from 1 to {VERSION_LIMIT}"
    return ""
