"""One exercise as a page talks to it: messages in, answers out, the same for a notebook and the light page.

    page → here   {"type": "act", "seq": int, "id": str, "act": str, "data": {...}}
                  {"type": "look", "n": int}         has anything happened since event n?
                  {"type": "refresh"}
    here → page   {"type": "ack", "seq": int, "id": str, "screen": {...}}       the act is durable
                  {"type": "refuse", "seq": int, "id": str, "text": str, "screen": {...}, "again": bool}
                  {"type": "screen", "screen": {...}}
                  {"type": "same"}                                   the answer to "look": nothing

``act`` and ``look`` may say more: ``page`` (how the ids of this page's acts begin), ``n`` (the events it
knows of) and ``version`` (of the brief it shows). An answer then says ``elsewhere: true`` when other
pages have changed the exercise meanwhile, and that to an act brings ``before``, the screen that the act
found. The answer to a look names its ``page``, because several pages of one kernel hear each other.
A refused act left no trace in the log; ``again`` asks to send it once more later. Whatever goes
wrong, a participant reads a plain sentence; what operators need goes to the log.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from pamong.catalogue import messages, speaking
from pamong.counterpart import Counterpart
from pamong.errors import (
    CounterpartError,
    IllegalEvent,
    LogError,
    LogFull,
    PamongError,
    ServiceError,
    StaleAppend,
)
from pamong.kind import AnyKind, Brief
from pamong.session import Clock, Session
from pamong.store import Store

log = logging.getLogger(__name__)

Message = dict[str, Any]
ID_LIMIT = 200
"""Characters of an act's id."""
SCARCE = 0.1
"""The share of a log's room below which whoever types is told."""


def scope(course: str, participant: str, module: str) -> str:
    """How the names begin under which a browser keeps what belongs to one participant's module."""
    return f"{course}/{participant}/{module}"


def badge(brief: Brief, *, counts: bool) -> str:
    """What its answers are for, as the key of a badge: practice, checked, graded, or uncounted."""
    if brief.use == "practice":
        return "practice"
    if not counts:
        return "uncounted"
    return "checked" if brief.stakes == "formative" else "graded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """Where an exercise stands: a ``module`` of a ``course``, for its id may occur in several.

    ``counts`` says whether that place is worth any points, ``newer`` whether a later version of the
    exercise has been released since it was begun.
    """

    course: str = ""
    module: str = ""
    counts: bool = True
    newer: bool = False


class Dialogue:
    """What ``participant`` and ``brief`` say to each other over ``store``, in ``language``."""

    def __init__(
        self,
        kind: AnyKind,
        brief: Brief,
        store: Store,
        *,
        participant: str,
        clock: Clock,
        counterpart: Counterpart | None = None,
        time_zone: str = "Asia/Jakarta",
        language: str = "",
        where: Where | None = None,
    ) -> None:
        self.brief, self.language, self._store = brief, language, store
        self._participant, self._where = participant, where or Where()
        self._session = Session(
            kind,
            brief,
            store,
            participant=participant,
            clock=clock,
            counterpart=counterpart,
            time_zone=time_zone,
        )

    @property
    def scope(self) -> str:
        """Under what name a browser keeps what it has not handed over yet."""
        start = scope(self._where.course, self._participant, self._where.module)
        return f"{start}/{self.brief.id}/{self.brief.version}"

    def receive(self, message: object) -> Message | None:
        """The answer to one message; None to what is not a message of the form."""
        with speaking(self.language):
            return self._answer(message)

    def look(self) -> dict[str, Any]:
        """The screen, or what can be said where there is none: title and problem."""
        with speaking(self.language):
            return self._look()

    def _answer(self, message: Any) -> Message | None:
        match message:
            case {
                "type": "act",
                "seq": int(seq),
                "id": str(id_),
                "act": str(act),
                "data": dict(data),
            } if len(id_) <= ID_LIMIT and len(act) <= ID_LIMIT:
                return self._record(message, seq, id_, act, data)
            case {"type": "look", "n": int(n)}:
                page = message.get("page")
                return self._changed(message, n) | ({"page": page} if isinstance(page, str) else {})
            case {"type": "refresh"}:
                return {"type": "screen", "screen": self._look()}
        log.warning("%s: not a message of the form: %.200r", self.brief.id, message)
        return None

    def _record(
        self, message: Mapping[str, Any], seq: int, id_: str, act: str, data: dict[str, Any]
    ) -> Message:
        more: Message = {}
        try:
            self._require_current(message)
            if self._elsewhere(message, id_):
                more = {"elsewhere": True, "before": self._look()}
            screen = self._session.act(id_, act, _whole(data))
        except Exception as error:  # noqa: BLE001  # no traceback may reach a participant
            text, again = explain(error, self.brief)
            if self._is_recorded(id_):  # what failed came after it
                return {"type": "ack", "seq": seq, "id": id_, **more, "screen": self._look()}
            refusal = {"type": "refuse", "seq": seq, "id": id_, "text": text, "again": again}
            return {**refusal, **more, "screen": self._look()}
        return {"type": "ack", "seq": seq, "id": id_, **more, "screen": self._dressed(screen)}

    def _is_recorded(self, id_: str) -> bool:
        try:
            return any(event.id == id_ for event in self._store.read(self.brief.id))
        except Exception:  # noqa: BLE001  # what cannot be read cannot be claimed
            return False

    def _changed(self, message: Mapping[str, Any], n: int) -> Message:
        try:
            known = message.get("version", self.brief.version)
            if known == self.brief.version and self._store.count(self.brief.id) == n:
                return {"type": "same"}
            more = {"elsewhere": True} if self._elsewhere(message) else {}
        except Exception as error:  # noqa: BLE001  # the screen says it in words
            log.warning("%s: %r", self.brief.id, error)
            more = {}
        return {"type": "screen", **more, "screen": self._look()}

    def _elsewhere(self, message: Mapping[str, Any], *own: str) -> bool:
        """Whether anybody but the asking page has added to the log since the page last saw it."""
        match message:
            case {"n": int(n), "page": str(page)} if n >= 0 and page:
                new = self._store.read(self.brief.id)[n:]
                return any(not event.id.startswith((page, *own)) for event in new)
        return False

    def _require_current(self, message: Mapping[str, Any]) -> None:
        version = message.get("version", self.brief.version)
        if version != self.brief.version:
            reason = f"the page shows version {version}, this is version {self.brief.version}"
            raise IllegalEvent(self.brief.id, 0, "act", "form:problem.outdated", reason)

    def _look(self) -> dict[str, Any]:
        try:
            return self._dressed(self._session.screen())
        except Exception as error:  # noqa: BLE001  # no traceback may reach a participant
            brief = self.brief
            text, _ = explain(error, brief)
            if not isinstance(error, PamongError | OSError):
                text = messages("form")("view.failed")
            return {
                "exercise": brief.id,
                "kind": brief.kind,
                "title": brief.title,
                "problem": text,
            }

    def _dressed(self, screen: dict[str, Any]) -> dict[str, Any]:
        dressed = {**screen, "badge": badge(self.brief, counts=self._where.counts)}
        if self._where.newer:
            dressed["newer"] = True
        with suppress(OSError):  # whoever can write is told by the next screen
            if not screen["finished"] and self._store.room(self.brief.id) < SCARCE:
                dressed["scarce"] = True
        return dressed


def unfound(message: object, error: Exception, known: Mapping[str, Any], language: str) -> Any:
    """The answer to a message where no dialogue can be had; None where nobody waits for one.

    ``known`` is the last screen; an act stays in the page and is sent again.
    """
    log.error("%s: no dialogue", known.get("exercise"), exc_info=error)
    key = "problem.disk" if isinstance(error, OSError | ServiceError) else "problem.unexpected"
    text = messages("form", language)(key)
    match message:
        case {"type": "act", "seq": int(seq), "id": str(id_)}:
            return {"type": "refuse", "seq": seq, "id": id_, "text": text, "again": True}
        case {"type": "refresh"}:
            told = {key: known[key] for key in ("exercise", "kind", "title") if key in known}
            return {"type": "screen", "screen": {**told, "problem": text}}
    return None


def _whole(value: Any) -> Any:
    """``value`` with a sign of replacement for every half of a surrogate pair: no log can hold one."""
    match value:
        case str():
            return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        case dict():
            return {_whole(key): _whole(inner) for key, inner in value.items()}
        case list():
            return [_whole(inner) for inner in value]
    return value


def explain(error: Exception, brief: Brief) -> tuple[str, bool]:
    """What a participant reads instead of ``error``, and whether the same act may succeed later."""
    say = messages("form")
    match error:
        case IllegalEvent(code=code):
            area, _, key = code.rpartition(":")
            return _illegal(area or brief.kind, key), False
        case CounterpartError():
            return say("problem.unavailable"), False
        case StaleAppend():  # others were faster again and again
            log.error("%s: %s", brief.id, error)
            return say("problem.unexpected"), True
        case LogFull():
            return say("problem.full"), False
        case LogError():
            log.error("%s: %s", brief.id, error)
            return say("problem.damaged"), False
        case OSError() | ServiceError():  # a disk, or the database in its place
            log.error("%s: %s", brief.id, error)
            return say("problem.disk"), True
    log.exception("%s: unexpected", brief.id, exc_info=error)
    return say("problem.unexpected"), False


def _illegal(area: str, key: str) -> str:
    try:
        return messages(area)(key)
    except (KeyError, OSError, IndexError) as error:  # a text with gaps, or none at all
        log.warning("%s/%s: %r", area, key, error)
        return messages("form")("problem.illegal")
