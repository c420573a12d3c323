"""What happens in a coalition: its events, and the state that they add up to without any key."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal, NamedTuple

from msgspec import Struct, field
from msgspec.structs import replace

from pamong.event import Event
from pamong.kind import illegal
from pamong.kinds import legality
from pamong.kinds.attempts import Attempts, opened_variant
from pamong.kinds.coalition.case import HIGHEST, STRATEGIES, Brief, Strategy, variants

Phase = Literal["map", "turns", "done", "debrief"]
Ending = Literal["", "won", "quorum", "veto"]
NEWS_LIMIT = 60


class Position(NamedTuple):
    """Where the participant puts an actor; 0 stands for an axis that is still open."""

    power: int
    interest: int

    @property
    def complete(self) -> bool:
        return bool(self.power and self.interest)


class Round(Struct, frozen=True, kw_only=True):
    """One turn and its consequences; the round before the first turn has no actions.

    ``support`` is None until the counterpart has told it.
    """

    actions: tuple[str, ...] = ()
    support: Mapping[str, int] | None = None
    news: tuple[str, ...] = ()


class Attempt(Struct, frozen=True, kw_only=True):
    number: int
    variant: str
    positions: Mapping[str, Position] = field(default_factory=dict)
    strategies: Mapping[str, Strategy] = field(default_factory=dict)
    order: tuple[str, ...] = ()
    rounds: tuple[Round, ...] = ()
    finished: bool = False
    debrief: Mapping[str, Any] | None = None

    @property
    def phase(self) -> Phase:
        if self.finished:
            return "done" if self.debrief is None else "debrief"
        return "turns" if self.rounds else "map"

    @property
    def begun(self) -> bool:
        return bool(self.positions or self.strategies or self.order)

    @property
    def waiting(self) -> bool:
        """Whether the consequences of the last act are still to be told."""
        return bool(self.rounds) and self.rounds[-1].support is None

    @property
    def turns(self) -> int:
        """Turns taken so far."""
        return max(0, len(self.rounds) - 1)

    @property
    def taken(self) -> tuple[str, ...]:
        """Every action taken so far, oldest first."""
        return tuple(move for each in self.rounds for move in each.actions)

    @property
    def support(self) -> Mapping[str, int] | None:
        """The latest support that was told."""
        told = [each.support for each in self.rounds if each.support is not None]
        return told[-1] if told else None


class State(Attempts[Attempt], frozen=True):
    @property
    def counted(self) -> Attempt | None:
        """The attempt that is scored: the last in which anything was done, however it went on."""
        begun = [attempt for attempt in self.attempts if attempt.begun]
        return begun[-1] if begun else None


def supporters(brief: Brief, support: Mapping[str, int]) -> tuple[str, ...]:
    return tuple(actor for actor in brief.people if support[actor] >= brief.threshold)


def tally(brief: Brief, support: Mapping[str, int]) -> int:
    """Votes of those who support."""
    won = supporters(brief, support)
    return sum(actor.votes for actor in brief.actors if actor.id in won)


def unmet(brief: Brief, support: Mapping[str, int]) -> tuple[str, ...]:
    """Veto holders who do not support."""
    won = supporters(brief, support)
    return tuple(actor for actor in brief.vetoes if actor not in won)


def outcome(brief: Brief, attempt: Attempt) -> Ending:
    """What the support told last comes to; empty before any was told."""
    if attempt.support is None:
        return ""
    if unmet(brief, attempt.support):
        return "veto"
    return "won" if tally(brief, attempt.support) >= brief.quorum else "quorum"


def ending(brief: Brief, state: State) -> str:
    attempt = state.counted
    return outcome(brief, attempt) if attempt is not None and attempt.finished else ""


def start(brief: Brief) -> State:  # noqa: ARG001  # the contract of a kind
    return State()


def apply(brief: Brief, state: State, event: Event) -> State:
    """The state after one more event; IllegalEvent when it breaks a rule."""
    if event.act == "open":
        return State((*state.attempts, _opened(brief, state, event)))
    step = _TOLD.get(event.act) if isinstance(event.act, str) else None
    if step is not None:
        attempt = _listening(state, event)
    else:
        step = _DONE.get(event.act) if isinstance(event.act, str) else None
        attempt = _acting(state, event)
    if step is None:
        raise illegal(event, "illegal.act", "no such act in this exercise")
    return State((*state.attempts[:-1], step(brief, attempt, event)))


def _opened(brief: Brief, state: State, event: Event) -> Attempt:
    by_authority = event.who == "counterpart"
    legality.may_open(brief, state, replace(event, who="system") if by_authority else event)
    before = state.current
    if before is not None and before.debrief is None:
        raise illegal(event, "illegal.waiting", "the debrief of the attempt before is due")
    among = None if brief.model is None else variants(brief.model)
    return Attempt(number=event.attempt, variant=opened_variant(event, among))


def _acting(state: State, event: Event) -> Attempt:
    legality.may_act(state, event)
    attempt = state.attempts[-1]
    if attempt.waiting:
        raise illegal(event, "illegal.waiting", "the consequences have not been told yet")
    return attempt


def _listening(state: State, event: Event) -> Attempt:
    if event.who != "counterpart":
        raise illegal(event, "illegal.who", f"{event.who!r} may not tell this")
    attempt = state.current
    if attempt is None:
        raise illegal(event, "illegal.order", "no attempt is open")
    if event.attempt != attempt.number:
        raise illegal(event, "illegal.attempt", f"attempt {event.attempt} is not under way")
    return attempt


def _mapping(attempt: Attempt, event: Event) -> None:
    if attempt.rounds:
        raise illegal(event, "illegal.locked", "the map is locked")


def _place(brief: Brief, attempt: Attempt, event: Event) -> Attempt:
    _mapping(attempt, event)
    data = legality.fields(event, "actor", "power", "interest")
    actor = legality.known(event, data["actor"], brief.people)
    position = Position(
        legality.whole(event, data["power"], 0, HIGHEST),
        legality.whole(event, data["interest"], 0, HIGHEST),
    )
    return replace(attempt, positions={**attempt.positions, actor: position})


def _strategy(brief: Brief, attempt: Attempt, event: Event) -> Attempt:
    _mapping(attempt, event)
    data = legality.fields(event, "actor", "strategy")
    actor = legality.known(event, data["actor"], brief.people)
    name = legality.known(event, data["strategy"], STRATEGIES)
    chosen = next(it for it in STRATEGIES if it == name)
    return replace(attempt, strategies={**attempt.strategies, actor: chosen})


def _rank(brief: Brief, attempt: Attempt, event: Event) -> Attempt:
    _mapping(attempt, event)
    order = legality.fields(event, "order")["order"]
    return replace(attempt, order=legality.permutation(event, order, brief.deciders))


def _lock(brief: Brief, attempt: Attempt, event: Event) -> Attempt:
    _mapping(attempt, event)
    legality.fields(event)
    if not mapped(brief, attempt):
        raise illegal(event, "illegal.unmapped", "the map is not complete")
    return replace(attempt, rounds=(Round(),))


def mapped(brief: Brief, attempt: Attempt) -> bool:
    """Whether every actor has a place and a strategy, and the order is given."""
    placed = all(
        actor in attempt.positions and attempt.positions[actor].complete for actor in brief.people
    )
    return placed and len(attempt.strategies) == len(brief.people) and bool(attempt.order)


def _turn(brief: Brief, attempt: Attempt, event: Event) -> Attempt:
    if not attempt.rounds:
        raise illegal(event, "illegal.unlocked", "the map is not locked yet")
    if attempt.turns >= brief.turns:
        raise illegal(event, "illegal.turns", f"there are {brief.turns} turns")
    moves = legality.several(event, legality.fields(event, "actions")["actions"], brief.moves)
    if not moves:
        raise illegal(event, "illegal.idle", "a turn has at least one action")
    if set(moves) & set(attempt.taken):
        raise illegal(event, "illegal.taken", "an action can be taken once")
    if brief.cost((*attempt.taken, *moves)) > brief.effort:
        raise illegal(event, "illegal.effort", "this costs more than is left")
    return replace(attempt, rounds=(*attempt.rounds, Round(actions=moves)))


def _finish(brief: Brief, attempt: Attempt, event: Event) -> Attempt:  # noqa: ARG001
    legality.fields(event)
    if not attempt.rounds:
        raise illegal(event, "illegal.unlocked", "the map is not locked yet")
    return replace(attempt, finished=True)


def _told(brief: Brief, attempt: Attempt, event: Event) -> Attempt:
    if not attempt.waiting:
        raise illegal(event, "illegal.order", "nothing has happened that could be told")
    data = legality.fields(event, "turn", "support", "news")
    legality.whole(event, data["turn"], attempt.turns, attempt.turns)
    told, news = data["support"], data["news"]
    if not isinstance(told, Mapping) or set(told) != set(brief.people):
        raise illegal(event, "illegal.data", "the support of every actor was expected")
    if not isinstance(news, list | tuple) or len(news) > NEWS_LIMIT:
        raise illegal(event, "illegal.data", "a list of texts was expected")
    heard = replace(
        attempt.rounds[-1],
        support={actor: legality.whole(event, told[actor], 0, 100) for actor in brief.people},
        news=tuple(legality.text(event, text) for text in news),
    )
    return replace(attempt, rounds=(*attempt.rounds[:-1], heard))


def _debriefed(brief: Brief, attempt: Attempt, event: Event) -> Attempt:  # noqa: ARG001
    if not attempt.finished or attempt.debrief is not None:
        raise illegal(event, "illegal.order", "a debrief comes once, after the end")
    return replace(attempt, debrief=legality.tellable(event))


_Step = Callable[[Brief, Attempt, Event], Attempt]
_DONE: Mapping[str, _Step] = {
    "place": _place,
    "strategy": _strategy,
    "rank": _rank,
    "lock": _lock,
    "turn": _turn,
    "finish": _finish,
}
_TOLD: Mapping[str, _Step] = {"support": _told, "debrief": _debriefed}
