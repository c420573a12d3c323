"""An exercise in a notebook under the hub: its events are the service's, and nothing is lost without it.

``<exercise>.jsonl`` beside the notebook is a copy of what the service holds, brought up to date after
every answer. While the service is out of reach, what a participant does is made durable in
``<exercise>.pending.jsonl`` and sent, in order and with its ids, at the next contact; the page says so.
Exercises with another side wait instead, because the other side is at the service.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from time import monotonic
from typing import Any

import msgspec

from pamong.catalogue import messages, speaking
from pamong.client import Client
from pamong.dialogue import Dialogue, Message
from pamong.errors import (
    LogError,
    PamongError,
    ServiceRefused,
    ServiceUnreachable,
    StaleAppend,
)
from pamong.event import Draft, Event
from pamong.kind import Brief
from pamong.log import number
from pamong.store import FileStore, Store

PENDING, REFUSED = ".pending.jsonl", ".refused.jsonl"
"""What follows an exercise's name in the file of acts to be sent, and of those the service refused."""
REST = 3.0
"""Seconds in which a service that gave no answer is not asked again, unless somebody wants to know."""
TIMEOUT = 6.0
"""Seconds that a page waits for the service: longer, and it would look broken."""
Keep = Callable[[Store], Store]
"""Puts the brief aside before an exercise is begun."""
log = logging.getLogger(__name__)


class Remote:
    """The way of one module's exercises to the service; ``folder`` is where its notebook lies."""

    def __init__(
        self,
        folder: Path,
        module: str,
        client: Client,
        *,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self.folder, self.module, self.client = folder, module, client
        self.copies, self.pending = FileStore(folder), FileStore(folder, PENDING)
        self.refused = FileStore(folder, REFUSED)
        self.store: Store = _Ahead(self.copies, self.pending)
        self._clock, self._rests = clock, 0.0
        self._worried: dict[str, Mapping[str, str]] = {}

    @property
    def resting(self) -> bool:
        """Whether the service has just failed to answer."""
        return self._clock() < self._rests

    def rest(self) -> None:
        self._rests = self._clock() + REST

    def waiting(self, exercise: str) -> int:
        """How many acts are still to be sent."""
        return sum(1 for _ in _acts(self.pending.read(exercise)))

    def settle(self, keep: Keep = lambda store: store) -> None:
        """Send everything that waits in this folder; raises ServiceError while that cannot be."""
        for path in sorted(self.folder.glob(f"[!.]*{PENDING}")):
            self.send(path.name.removesuffix(PENDING), keep)

    def send(self, exercise: str, keep: Keep) -> None:
        """Send what waits of one exercise; what the service says it will never accept is set aside.

        What another process adds meanwhile is sent too: only what was sent is ever cleared away.
        """
        while waiting := self.pending.read(exercise):
            for event, message in _acts(waiting):
                self._hand_over(exercise, event, message)
            self.copy(exercise, keep)
            self.pending.remove(exercise, waiting)

    def copy(self, exercise: str, keep: Keep) -> None:
        """Bring the copy up to date, or begin it anew where it is another log than the service's."""
        there = self._copy(exercise)
        found = self.client.events(self.module, exercise, max(len(there) - 1, 0))
        told = tuple(Event(**msgspec.structs.asdict(event)) for event in found.events)
        if there and told[:1] != there[-1:]:
            self._begin_anew(exercise)
            told, there = self._everything(exercise), ()
        new = told[1:] if there else told
        if new:
            drafts = tuple(_draft(event) for event in new)
            keep(self.copies).append(exercise, new[0].version, len(there), drafts)

    def worry(self, exercise: str) -> Mapping[str, str] | None:
        """What a page was last told of answers that the service does not have."""
        return self._worried.get(exercise)

    def told(self, exercise: str, notice: Mapping[str, str] | None) -> None:
        if notice:
            self._worried[exercise] = notice
        else:
            self._worried.pop(exercise, None)

    def _everything(self, exercise: str) -> tuple[Event, ...]:
        events = self.client.events(self.module, exercise).events
        return tuple(Event(**msgspec.structs.asdict(event)) for event in events)

    def _copy(self, exercise: str) -> tuple[Event, ...]:
        try:
            return self.copies.read(exercise)
        except LogError:  # the service has it whole
            self._begin_anew(exercise)
            return ()

    def _begin_anew(self, exercise: str) -> None:
        """Keep a log that is not the service's, under a name that is no log's."""
        path = self.copies.path(exercise)
        places = (path.with_suffix(f".other{n}") for n in range(1, 1000))
        path.rename(next(place for place in places if not place.exists()))
        log.warning("%s is not what the service holds; it was renamed", path)

    def _hand_over(self, exercise: str, event: Event, message: Message) -> None:
        answer = self.client.say(self.module, exercise, message)
        match answer:
            case {"type": "ack"}:
                return
            case {"type": "refuse", "again": False}:
                self._set_aside(exercise, event, str(answer.get("text", "")))
            case _:
                raise ServiceUnreachable(self.folder.name, f"it keeps {exercise} for later")

    def _set_aside(self, exercise: str, event: Event, text: str) -> None:
        log.warning("%s: the service refused %s (%s): %s", exercise, event.id, event.act, text)
        kept = self.refused.read(exercise)
        self.refused.append(exercise, event.version, len(kept), (_draft(event),))
        say = messages("remote")
        told = say("refused", text=text, file=self.refused.path(exercise).name)
        self.told(exercise, {"title": say("refused.title"), "text": told})


class RemoteDialogue:
    """What a page says to the service, and to ``local`` while the service gives no answer."""

    def __init__(self, remote: Remote, local: Dialogue, *, reactive: bool, keep: Keep) -> None:
        self._remote, self._local, self._reactive, self._keep = remote, local, reactive, keep
        self.brief: Brief = local.brief
        self.language = local.language
        self._exercise = local.brief.id

    @property
    def scope(self) -> str:
        """Under what name a browser keeps what it has not handed over yet."""
        return self._local.scope

    def receive(self, message: object) -> Message | None:
        """The answer to one message, as ``pamong.dialogue`` gives it."""
        with speaking(self.language):
            if not isinstance(message, dict):
                return None
            if message.get("type") == "act":
                return self._act(message)
            answer = self._asked(message)
            return answer if answer is not None else self._alone(message)

    def look(self) -> dict[str, Any]:
        """The screen as the service has it, or else as it is here."""
        answer = self.receive({"type": "refresh"}) or {}
        screen: dict[str, Any] = answer.get("screen", {})
        return screen

    def _act(self, message: Message) -> Message | None:
        answer = None if self._remote.resting else self._asked(message)
        if answer is not None:
            return answer
        if not self._reactive:
            return self._alone(message)
        return self._refused(message, messages("remote")("again"), again=True)

    def _asked(self, message: Message) -> Message | None:
        """The service's answer; None when there is none."""
        if message.get("type") == "look" and self._remote.resting:
            return None
        remote, exercise = self._remote, self._exercise
        try:
            remote.send(exercise, self._keep)
            answer = remote.client.say(remote.module, exercise, message)
            if answer.get("type") == "same" and self._remote.worry(exercise):
                answer = remote.client.say(remote.module, exercise, {"type": "refresh"})
                answer |= {"page": message["page"]} if "page" in message else {}
        except ServiceUnreachable as error:
            log.warning("%s: %s", exercise, error)
            remote.rest()
            return None
        except ServiceRefused as error:
            return self._refused(message, error.text, again=error.again)
        self._copied(answer.get("screen", message).get("n"))
        return self._dressed(answer, self._left_over())

    def _copied(self, n: object) -> None:
        """Bring the copy to ``n`` events. The service has them: that it is behind is nothing to refuse."""
        try:
            if self._remote.copies.count(self._exercise) != n:
                self._remote.copy(self._exercise, self._keep)
        except (PamongError, OSError, ValueError, TypeError) as error:
            log.warning("%s: the copy is behind (%s)", self._exercise, error)

    def _left_over(self) -> Mapping[str, str] | None:
        """What was refused stays on the page until it is drawn anew."""
        worry = self._remote.worry(self._exercise)
        return worry if worry and "status" not in worry else None

    def _alone(self, message: Message) -> Message | None:
        """The answer of this folder alone."""
        answer = self._local.receive(message)
        if answer is None:
            return None
        if answer.get("type") == "same" and not self._remote.worry(self._exercise):
            page = {"page": message["page"]} if "page" in message else {}
            answer = {"type": "screen", **page, "screen": self._local.look()}
        return self._dressed(answer, self._unsent(answer.get("screen", {})))

    def _unsent(self, screen: Mapping[str, Any]) -> Mapping[str, str]:
        say = messages("remote")
        count = 0
        with suppress(LogError, OSError):  # the screen says it
            count = self._remote.waiting(self._exercise)
        if self._reactive:
            text = say("unsent.reactive")
        else:
            text = say("unsent.waiting", count=count) if count else say("unsent.away")
        told = {"title": say("unsent.title"), "text": text}
        moment = screen.get("saved")
        status = say("unsent.status", moment=moment) if count and moment else ""
        return {**told, "status": status}

    def _dressed(self, answer: Message, notice: Mapping[str, str] | None) -> Message:
        if "screen" in answer:
            self._remote.told(self._exercise, notice)
            if notice:
                answer = {**answer, "screen": {**answer["screen"], "unsent": dict(notice)}}
        return answer

    def _refused(self, message: Message, text: str, *, again: bool) -> Message:
        """An answer in the place of the service's, with the screen as it is here."""
        screen = self._local.look()
        if message.get("type") != "act":
            return {"type": "screen", "screen": {**screen, "problem": text}}
        place = {"seq": message.get("seq"), "id": message.get("id")}
        refusal = {"type": "refuse", **place, "text": text, "again": again, "screen": screen}
        return self._dressed(refusal, self._unsent(screen) if again else None)


class _Ahead:
    """The copy of a log with what is still to be sent behind it; appends to what is to be sent."""

    def __init__(self, copies: FileStore, pending: FileStore) -> None:
        self._copies, self._pending = copies, pending

    def read(self, exercise: str) -> tuple[Event, ...]:
        there = self._copies.read(exercise)
        known = {event.id for event in there}
        ahead = [event for event in self._pending.read(exercise) if event.id not in known]
        if not ahead:
            return there
        drafts = tuple(_draft(event) for event in ahead)
        return there + number(exercise, ahead[0].version, drafts, len(there))

    def count(self, exercise: str) -> int:
        if not self._pending.count(exercise):
            return self._copies.count(exercise)
        return len(self.read(exercise))

    def room(self, exercise: str) -> float:
        return min(self._copies.room(exercise), self._pending.room(exercise))

    def append(
        self, exercise: str, version: int, expected: int, drafts: tuple[Draft, ...]
    ) -> tuple[Event, ...]:
        there = self.read(exercise)
        known = {event.id for event in there}
        drafts = tuple(draft for draft in drafts if draft.id not in known)
        if not drafts:
            return ()
        if len(there) != expected:
            raise StaleAppend(exercise, expected, len(there))
        waiting = len(self._pending.read(exercise))
        self._pending.append(exercise, version, waiting, drafts)
        return number(exercise, version, drafts, expected)


def _acts(events: tuple[Event, ...]) -> Iterator[tuple[Event, Message]]:
    """What a participant did, as messages; the service opens an attempt by itself."""
    ids = {event.id for event in events}
    for event in events:
        if event.act == "open":
            if event.id.removesuffix(":open") in ids - {event.id}:
                continue
            act, data = "again", {}
        else:
            act, data = event.act, dict(event.data)
        yield (
            event,
            {
                "type": "act",
                "seq": event.n,
                "id": event.id,
                "act": act,
                "data": data,
                "version": event.version,
            },
        )


def _draft(event: Event) -> Draft:
    return Draft(
        id=event.id,
        who=event.who,
        act=event.act,
        attempt=event.attempt,
        at=event.at,
        data=event.data,
    )


def connected(folder: Path, module: str) -> Remote | None:
    """The way to the service that this kernel was told of; None where it was told of none."""
    client = Client.from_environment(timeout=TIMEOUT)
    return Remote(folder, module, client) if client else None
