"""Answer logs as bytes: one JSON object per line, append-only, bounded, and believed line by line.

A log may end in a torn line (a power cut while writing): that tail was never acknowledged, so it is
set aside and reported. Damage anywhere else is reported with its line; the other events are kept.
"""

from __future__ import annotations

from dataclasses import dataclass
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
    line = msgspec.json.encode(event) + b"\n"
    if len(line) > EVENT_LIMIT:
        raise LogFull(event.exercise, len(line), EVENT_LIMIT)
    return line


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
        )
        for n, draft in enumerate(drafts, after + 1)
    )


def parse(content: bytes, exercise: str) -> Log:
    """Read a log of ``exercise``; never raises, whatever the bytes."""
    name = f"{exercise}.jsonl"
    if len(content) > LOG_LIMIT:
        reason = f"the log has {len(content)} bytes, more than {LOG_LIMIT}"
        return Log((), (DamagedLog(name, 0, reason),))
    events: list[Event] = []
    damage: list[DamagedLog] = []
    body, newline, tail = content.rpartition(b"\n")
    lines = body.split(b"\n") if newline else []
    if tail and not _fault(_decode(tail), exercise, len(lines) + 1):
        lines, tail = [*lines, tail], b""
    for position, line in enumerate(lines, 1):
        event = _decode(line)
        if fault := _fault(event, exercise, position):
            damage.append(DamagedLog(name, position, fault))
        else:
            events.append(cast("Event", event))
    return Log(tuple(events), tuple(damage), tail)


_decoder = msgspec.json.Decoder(Event)


def _decode(line: bytes) -> Event | str:
    if len(line) > EVENT_LIMIT:
        return f"the line has {len(line)} bytes, more than {EVENT_LIMIT}"
    try:
        event = _decoder.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return f"not an event ({error})"
    return event if _depth(event.data) <= DEPTH_LIMIT else f"nested deeper than {DEPTH_LIMIT}"


def _depth(value: Any) -> int:
    deepest, level = 0, [value]
    while level and deepest <= DEPTH_LIMIT:
        deepest += 1
        level = [
            inner
            for outer in level
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
    return deepest


def _fault(event: Event | str, exercise: str, position: int) -> str:
    if isinstance(event, str):
        return event
    if event.n != position:
        return f"event number {event.n} where {position} belongs"
    if event.exercise != exercise:
        return f"an event of {event.exercise!r}, not of {exercise!r}"
    if event.attempt < 1 or event.version < 1:
        return "attempt and version count from 1"
    return ""
