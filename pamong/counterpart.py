"""The other side of a reactive exercise: who plays it, and how its replies are checked afterwards.

The counterpart's private preferences are in the key, so it runs only where the key is: inside the
form for practice (whose model is open), in a loopback process or the service for graded play.
"""

from __future__ import annotations

import hmac
import json
import os
import urllib.error
import urllib.request
from collections.abc import Sequence
from hashlib import sha256
from typing import Any, Protocol

import msgspec

from pamong.catalogue import LANGUAGE, speaking
from pamong.errors import CounterpartError, CounterpartUnavailable, OtherEngine, TamperedLog
from pamong.event import Action, Data, Event
from pamong.kind import AnyKind, Brief, Key, Reactive, replay
from pamong.seal import Signet, sealing_key

TIMEOUT = 10
"""Seconds to wait for a reply over HTTP."""
REPLY_LIMIT = 256 * 1024
"""Bytes of one reply over HTTP."""


class Counterpart(Protocol):
    """Plays the other side for one participant.

    ``open`` gives the content of the event that starts an attempt, ``respond`` the counterpart's
    actions that are due after ``events``. Raises CounterpartError.
    """

    def open(self, exercise: str, version: int, attempt: int) -> Data: ...

    def respond(
        self, exercise: str, version: int, events: tuple[Event, ...]
    ) -> tuple[Action, ...]: ...


class LocalCounterpart:
    """Plays in this process, for whoever may hold the key: practice, graders, bots.

    Replies of a graded exercise carry a seal made of ``secret``.
    """

    def __init__(
        self, kind: AnyKind, brief: Brief, key: Key, *, participant: str, secret: bytes
    ) -> None:
        self._kind, self._brief, self._key = kind, brief, key
        self._participant, self._secret = participant, secret
        self._signet = Signet(sealing_key(secret), participant)

    def open(self, exercise: str, version: int, attempt: int) -> Data:  # noqa: ARG002
        """A payoff variant drawn by HMAC-SHA-256; never that of the attempt before, where there are two."""
        variants = _reactive(self._kind).variants(self._key)
        place = self._draw(exercise, 1, len(variants))
        for later in range(2, attempt + 1):
            if len(variants) > 1:
                place += 1 + self._draw(exercise, later, len(variants) - 1)
        return {"variant": variants[place % len(variants)], "engine": _reactive(self._kind).engine}

    def _draw(self, exercise: str, attempt: int, below: int) -> int:
        message = f"{self._participant}|{exercise}|{attempt}".encode()
        digest = hmac.new(self._secret, message, sha256).digest()
        return int.from_bytes(digest[:8], "big") % below

    def respond(
        self,
        exercise: str,  # noqa: ARG002  # one exercise in one version: this one
        version: int,  # noqa: ARG002
        events: tuple[Event, ...],
    ) -> tuple[Action, ...]:
        return self.sealed(events, expected_replies(self._kind, self._brief, self._key, events))

    def sealed(self, events: Sequence[Event], actions: tuple[Action, ...]) -> tuple[Action, ...]:
        """``actions``, just worked out for ``events`` that are as they were played, under a seal."""
        if self._brief.use == "practice":
            return actions
        return self._signet.sealed(self._kind, self._brief, self._key, events, actions)


class HttpCounterpart:
    """Plays in another process, reached over loopback HTTP with a bearer token."""

    def __init__(self, url: str, token: str, *, participant: str) -> None:
        self._url, self._token, self._participant = url.rstrip("/"), token, participant

    def open(self, exercise: str, version: int, attempt: int) -> Data:
        answer = self._post("open", {"exercise": exercise, "version": version, "attempt": attempt})
        return msgspec.convert(answer["data"], dict[str, Any])

    def respond(self, exercise: str, version: int, events: tuple[Event, ...]) -> tuple[Action, ...]:
        answer = self._post(
            "respond",
            {"exercise": exercise, "version": version, "events": msgspec.to_builtins(events)},
        )
        return msgspec.convert(answer["actions"], tuple[Action, ...])

    def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        request = urllib.request.Request(  # noqa: S310  # the URL is ours, from the environment
            f"{self._url}/{path}",
            data=msgspec.json.encode({"participant": self._participant, **body}),
            headers={
                "Authorization": f"Bearer {self._token}",
                "Content-Type": "application/json",
            },
        )
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=TIMEOUT) as answer:
                content: dict[str, Any] = json.loads(answer.read(REPLY_LIMIT))
                return content
        except urllib.error.HTTPError as error:
            detail = error.read(2000).decode(errors="replace")
            raise CounterpartError(f"The counterpart refused ({error.code}): {detail}") from error
        except (OSError, ValueError) as error:
            raise CounterpartUnavailable(
                f"No counterpart answers at {self._url} ({error}). Start it with `pamong preview`."
            ) from error


def from_environment(kind: AnyKind, brief: Brief, *, participant: str) -> Counterpart | None:
    """Who plays the other side of a released exercise here; None when nobody does.

    Practice is played here, by the model in its brief. Anything else is played where
    PAMONG_COUNTERPART and PAMONG_COUNTERPART_TOKEN say.
    """
    if kind.reactive is None:
        return None
    if brief.use == "practice":
        model: Any = getattr(brief, "model", None)
        return LocalCounterpart(
            kind, brief, model, participant=participant, secret=brief.id.encode()
        )
    url, token = os.environ.get("PAMONG_COUNTERPART"), os.environ.get("PAMONG_COUNTERPART_TOKEN")
    return HttpCounterpart(url, token, participant=participant) if url and token else None


def expected_replies(
    kind: AnyKind, brief: Brief, key: Key, events: tuple[Event, ...]
) -> tuple[Action, ...]:
    """What the counterpart still has to say after ``events``; TamperedLog if it never said the rest."""
    _, due = _recompute(kind, brief, key, events)
    return due


def verify(
    kind: AnyKind, brief: Brief, key: Key, events: tuple[Event, ...], *, sealed: int = 0
) -> Any:
    """Replay a log and recompute every reply in it but those of its first ``sealed`` events.

    Returns the state. Raises IllegalEvent, and TamperedLog, which names the first reply that differs.
    """
    if kind.reactive is None:
        return replay(kind, brief, events)
    state, _ = _recompute(kind, brief, key, events, sealed)
    return state


def _recompute(
    kind: AnyKind, brief: Brief, key: Key, events: tuple[Event, ...], sealed: int = 0
) -> tuple[Any, tuple[Action, ...]]:
    with speaking(LANGUAGE):  # as `replies`, but once
        return _recomputed(kind, _reactive(kind), brief, key, events, sealed)


def _recomputed(
    kind: AnyKind,
    reactive: Reactive[Any, Any, Any],
    brief: Brief,
    key: Key,
    events: tuple[Event, ...],
    sealed: int,
) -> tuple[Any, tuple[Action, ...]]:
    variants = reactive.variants(key)
    state, due = kind.start(brief), tuple[Action, ...]()
    for place, event in enumerate(events, 1):
        if event.act == "open":
            _require_opening(event, reactive.engine, variants)
        elif place > sealed:
            due = _rest(due, event)
        state = kind.apply(brief, state, event)
        if event.who == "participant" and place > sealed:
            due = reactive.respond(brief, key, state)
    return state, due


def _require_opening(event: Event, engine: int, variants: tuple[str, ...]) -> None:
    played = event.data.get("engine", engine)
    if played != engine:
        raise OtherEngine(event.exercise, event.n, played, engine)
    if event.data.get("variant") not in variants:
        raise TamperedLog(event.exercise, event.n, "no such payoff variant")


def _rest(due: tuple[Action, ...], event: Event) -> tuple[Action, ...]:
    """What is due after ``event``; TamperedLog unless it is the first of ``due``, or nothing is."""
    if event.who == "counterpart":
        if not due or not _same(due[0], event):
            raise TamperedLog(event.exercise, event.n, "the counterpart would not have said this")
        return due[1:]
    if due:
        raise TamperedLog(event.exercise, event.n, "a reply of the counterpart is missing")
    return due


def _reactive(kind: AnyKind) -> Reactive[Any, Any, Any]:
    if kind.reactive is None:
        raise CounterpartError(f"{kind.name} has no other side.")
    return kind.reactive


def _same(action: Action, event: Event) -> bool:
    if action.act != event.act:
        return False
    return action.data == event.data or _normal(action.data) == _normal(event.data)


def _normal(data: Data) -> Any:
    return msgspec.json.decode(msgspec.json.encode(data))
