"""What the counterpart puts under its replies, so that graders need not work every one of them out again.

A seal covers all events up to its reply and fits nowhere else. It only ever saves time: where there is
none, or it does not fit, or its key is not at hand, the replies are verified by working them out.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path

import msgspec

from pamong import log
from pamong.event import Action, Data, Event
from pamong.kind import AnyKind, Brief, Key
from pamong.kinds.memo import remembered

PURPOSE = b"pamong: seal under replies, 1"
"""Raise the number with any change to what is sealed or how."""
SECRET, SEALING_KEY = ".secret", ".sealing"
"""File names: the secret of the course, and the sealing key alone, where graders need no more."""
WHOLE = 32
"""Bytes below which a secret or a key is damaged."""
SIZE = 16
"""Bytes of a seal; half of what SHA-256 gives is far more than anybody can guess."""


def sealing_key(secret: bytes) -> bytes:
    """The key of all seals of a course; nobody can tell the secret from it."""
    return hmac.digest(secret, PURPOSE, "sha256")


def key_beside(graders: Path) -> bytes:
    """The sealing key in the folder of the keys; empty where there is none that can be read."""
    for name, made in ((SEALING_KEY, bytes), (SECRET, sealing_key)):
        with suppress(OSError):
            content = (graders / name).read_bytes()
            return made(content) if len(content) >= WHOLE else b""
    return b""


@dataclass(frozen=True, slots=True)
class Signet:
    """Seals the replies to one participant, and knows its own seals again; ``key`` is a secret."""

    key: bytes = field(repr=False)
    participant: str

    def sealed(
        self,
        kind: AnyKind,
        brief: Brief,
        key: Key,
        events: Sequence[Event],
        actions: tuple[Action, ...],
    ) -> tuple[Action, ...]:
        """``actions``, the replies due after ``events``, the last of them with a seal.

        Whoever seals has verified ``events`` and worked out ``actions``.
        """
        if not actions:
            return actions
        before = b"".join(map(log.line, events))
        replies = [(action.act, action.data) for action in actions]
        seal = self._seal(case(kind, brief, key), brief, before, replies)
        return (*actions[:-1], replace(actions[-1], seal=seal))

    def reach(
        self, kind: AnyKind, brief: Brief, key: Key, events: Sequence[Event], content: bytes
    ) -> int:
        """How many events of a log the newest seal in it covers; 0 unless it fits.

        ``content`` are the bytes that ``events`` were read from: the seal is under the very bytes
        that a store writes.
        """
        last = next((place for place in range(len(events), 0, -1) if events[place - 1].seal), 0)
        first = last
        while first and is_reply(events[first - 1]):
            first -= 1
        if not 0 < first < last:
            return 0
        lines = content.split(b"\n", first)
        before = content[: len(content) - len(lines[-1])]
        replies = [(event.act, event.data) for event in events[first:last]]
        due = self._seal(case(kind, brief, key), brief, before, replies)
        given = events[last - 1].seal.encode(errors="replace")
        return last if hmac.compare_digest(due.encode(), given) else 0

    def _seal(self, case: str, brief: Brief, before: bytes, replies: list[tuple[str, Data]]) -> str:
        about = [self.participant, brief.id, brief.version, case, len(before)]
        content = msgspec.json.encode(about) + b"\n" + before + msgspec.json.encode(replies)
        return hmac.digest(self.key, content, "sha256")[:SIZE].hex()


def is_reply(event: Event) -> bool:
    """Whether the counterpart says something by an event, rather than open an attempt."""
    return event.who == "counterpart" and event.act != "open"


@remembered(256)
def case(kind: AnyKind, brief: Brief, key: Key) -> str:
    """A fingerprint of all that replies depend on besides the events."""
    engine = kind.reactive.engine if kind.reactive else 0
    content = msgspec.json.encode([kind.name, engine, brief, key], order="deterministic")
    return sha256(content).hexdigest()
