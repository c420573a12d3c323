"""The course of a branching case, replayed from its events without any key."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

from msgspec import Struct
from msgspec.structs import replace

from pamong.event import Data, Event
from pamong.kind import illegal
from pamong.kinds import legality, prose
from pamong.kinds.attempts import Attempts, opened_variant
from pamong.kinds.branching.case import NODES, Brief, variant_ids

Phase = Literal["ready", "scene", "ended", "done", "debrief"]
SHORT = 100
"""Characters of an id or a variant's name."""


class Scene(Struct, frozen=True, kw_only=True):
    """What the participant was shown; ``options`` are in shown order, ``closed`` ones cannot be chosen."""

    node: str
    title: str
    text: str
    values: Mapping[str, int]
    consequence: str
    options: Mapping[str, str]
    closed: tuple[tuple[str, str], ...] = ()


class Outcome(Struct, frozen=True, kw_only=True):
    """The ending that a play came to."""

    ending: str
    title: str
    text: str
    values: Mapping[str, int]
    consequence: str


class Choice(Struct, frozen=True, kw_only=True):
    option: str
    reason: str


class Attempt(Struct, frozen=True, kw_only=True):
    number: int
    variant: str
    begun: bool = False
    scenes: tuple[Scene, ...] = ()
    choices: tuple[Choice, ...] = ()
    outcome: Outcome | None = None
    finished: bool = False
    debrief: Data | None = None

    @property
    def phase(self) -> Phase:
        if self.finished:
            return "done" if self.debrief is None else "debrief"
        if self.outcome is not None:
            return "ended"
        return "scene" if self.begun else "ready"

    @property
    def waiting(self) -> bool:
        """Whether the next scene or the ending is still to come."""
        return self.begun and self.outcome is None and len(self.scenes) == len(self.choices)


class State(Attempts[Attempt], frozen=True):
    @property
    def counted(self) -> Attempt | None:
        """The attempt that is scored: the last one begun, finished or not; None when there is none."""
        begun = [attempt for attempt in self.attempts if attempt.begun]
        return begun[-1] if begun else None


def start(brief: Brief) -> State:  # noqa: ARG001  # the contract of a kind
    return State()


def apply(brief: Brief, state: State, event: Event) -> State:
    """The state after one more event; IllegalEvent when it breaks a rule."""
    if event.act == "open":
        return State((*state.attempts, _opened(brief, state, event)))
    told = _TOLD.get(event.act) if isinstance(event.act, str) else None
    done = _DONE.get(event.act) if isinstance(event.act, str) else None
    attempt = state.current
    if told is not None:
        if event.who != "counterpart":
            raise illegal(event, "illegal.who", f"{event.who!r} may not tell what happens")
        if attempt is None or event.attempt != attempt.number:
            raise illegal(event, "illegal.attempt", "the attempt is not under way")
        return State((*state.attempts[:-1], told(brief, attempt, event)))
    legality.may_act(state, event)
    if done is None or attempt is None:
        raise illegal(event, "illegal.act", "no such act")
    return State((*state.attempts[:-1], done(brief, attempt, event)))


def _opened(brief: Brief, state: State, event: Event) -> Attempt:
    before = state.current
    if event.who not in ("system", "counterpart"):
        raise illegal(event, "illegal.who", "a participant may not open an attempt")
    if before is not None and before.debrief is None:
        raise illegal(event, "illegal.order", "the attempt before it has not ended")
    if event.attempt != state.attempt + 1 or event.attempt > brief.attempts:
        raise illegal(event, "illegal.attempt", f"attempt {event.attempt!r} is not allowed")
    among = None if brief.model is None else variant_ids(brief.model)
    return Attempt(number=state.attempt + 1, variant=opened_variant(event, among))


# ---- what the participant does ----


def _begin(brief: Brief, attempt: Attempt, event: Event) -> Attempt:  # noqa: ARG001
    legality.fields(event)
    if attempt.begun:
        raise illegal(event, "illegal.begun", "the attempt has begun")
    return replace(attempt, begun=True)


def _choose(brief: Brief, attempt: Attempt, event: Event) -> Attempt:
    data = legality.fields(event, "option", "reason")
    if not attempt.begun:
        raise illegal(event, "illegal.unbegun", "the attempt has not begun")
    if attempt.outcome is not None:
        raise illegal(event, "illegal.ended", "the case has come to its end")
    if attempt.waiting:
        raise illegal(event, "illegal.waiting", "the next scene is still to come")
    option = legality.known(event, data["option"], attempt.scenes[-1].options)
    reason = legality.text(event, data["reason"])
    if prose.count_words(reason) < brief.reason_words:
        raise illegal(event, "illegal.reason", f"a reason has {brief.reason_words} words or more")
    return replace(attempt, choices=(*attempt.choices, Choice(option=option, reason=reason)))


def _finish(brief: Brief, attempt: Attempt, event: Event) -> Attempt:  # noqa: ARG001
    legality.fields(event)
    if attempt.outcome is None:
        raise illegal(event, "illegal.incomplete", "the case has not come to its end")
    return replace(attempt, finished=True)


_Step = Callable[[Brief, Attempt, Event], Attempt]
_DONE: Mapping[str, _Step] = {"begin": _begin, "choose": _choose, "finish": _finish}


# ---- what the participant is told ----


def _scene(brief: Brief, attempt: Attempt, event: Event) -> Attempt:
    _may_tell(attempt, event)
    data = legality.fields(
        event, "node", "title", "text", "indicators", "consequence", "options", "closed"
    )
    scene = Scene(
        node=_short(event, data["node"]),
        title=legality.text(event, data["title"]),
        text=legality.text(event, data["text"]),
        values=_values(brief, event),
        consequence=legality.text(event, data["consequence"]),
        options=_options(event, data["options"]),
        closed=tuple(_pair(event, it, "text", "why") for it in _list(event, data["closed"])),
    )
    return replace(attempt, scenes=(*attempt.scenes, scene))


def _ending(brief: Brief, attempt: Attempt, event: Event) -> Attempt:
    _may_tell(attempt, event)
    data = legality.fields(event, "ending", "title", "text", "indicators", "consequence")
    outcome = Outcome(
        ending=_short(event, data["ending"]),
        title=legality.text(event, data["title"]),
        text=legality.text(event, data["text"]),
        values=_values(brief, event),
        consequence=legality.text(event, data["consequence"]),
    )
    return replace(attempt, outcome=outcome)


def _debrief(brief: Brief, attempt: Attempt, event: Event) -> Attempt:  # noqa: ARG001
    if not attempt.finished or attempt.debrief is not None:
        raise illegal(event, "illegal.debrief", "a debrief comes once, after the end")
    return replace(attempt, debrief=legality.tellable(event))


_TOLD: Mapping[str, _Step] = {"scene": _scene, "ending": _ending, "debrief": _debrief}


def _may_tell(attempt: Attempt, event: Event) -> None:
    if not attempt.waiting:
        raise illegal(event, "illegal.told", "nothing was done that this could follow from")
    if len(attempt.scenes) > NODES:
        raise illegal(event, "illegal.long", f"a case has at most {NODES} situations")


def _short(event: Event, value: object) -> str:
    text = legality.text(event, value)
    if not 0 < len(text) <= SHORT:
        raise illegal(event, "illegal.data", "a short text was expected")
    return text


def _values(brief: Brief, event: Event) -> dict[str, int]:
    given: Any = event.data["indicators"]
    if not isinstance(given, Mapping) or set(given) != {it.id for it in brief.indicators}:
        raise illegal(event, "illegal.data", "a value for every indicator was expected")
    return {it.id: legality.whole(event, given[it.id], it.low, it.high) for it in brief.indicators}


def _options(event: Event, given: object) -> dict[str, str]:
    pairs = [_pair(event, it, "id", "text") for it in _list(event, given)]
    options = dict(pairs)
    if not pairs or len(options) < len(pairs):
        raise illegal(event, "illegal.repeated", "options with different ids were expected")
    return options


def _list(event: Event, given: object) -> list[object]:
    if not isinstance(given, list | tuple) or len(given) > 8:
        raise illegal(event, "illegal.data", "a short list was expected")
    return list(given)


def _pair(event: Event, given: object, first: str, second: str) -> tuple[str, str]:
    if not isinstance(given, Mapping) or set(given) != {first, second}:
        raise illegal(event, "illegal.data", f"{first} and {second} were expected")
    return legality.text(event, given[first]), legality.text(event, given[second])
