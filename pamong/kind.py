"""What a kind of exercise is: the contract that every module in ``pamong.kinds`` fills.

A kind is pure: no files, no clock, no network, no Jupyter. Randomness comes in as ``rng``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any, ClassVar, Generic, Literal, Protocol, TypeVar

from pamong.catalogue import LANGUAGE, messages, speaking
from pamong.errors import IllegalEvent
from pamong.event import Action, Data, Event
from pamong.score import Context, Score

Use = Literal["practice", "graded"]
Stakes = Literal["formative", "summative"]
Visibility = Literal["owner", "coach", "marker"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """The part of an exercise that a participant may see; kinds add their own fields.

    ``visibility`` says who besides the owner may ever see the content of an answer: nobody
    (``owner``), the coach, or the marker. ``model`` is the key of a practice exercise, open to all.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    kind: str
    id: str
    version: int
    title: str
    use: Use
    stakes: Stakes
    visibility: Visibility
    minutes: int
    intro: str = ""
    attempts: int = 1

    def __post_init__(self) -> None:
        say = messages("kinds")
        if not 1 <= self.minutes <= 90:
            raise ValueError(say("brief.minutes", least=1, most=90, minutes=self.minutes))
        if self.version < 1:
            raise ValueError(say("brief.version", version=self.version))
        if not 1 <= self.attempts <= 5:
            raise ValueError(say("brief.attempts", least=1, most=5, attempts=self.attempts))
        if not self.title.strip():
            raise ValueError(say("blank", field="title"))
        has_model = getattr(self, "model", None) is not None
        if has_model and self.use == "graded":
            raise ValueError(say("brief.open_model"))
        if not has_model and self.use == "practice" and hasattr(self, "model"):
            raise ValueError(say("brief.no_model"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """The part of an exercise that only graders see; kinds add their own fields.

    ``calibration`` maps a bot's name to a bound on its score, such as ``"<= 0.30"`` or ``">= 0.90"``,
    or a chain such as ``"capitulate < split < trade"`` under the name ``order``.
    """

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    calibration: Mapping[str, str] = field(default_factory=dict)


class State(Protocol):
    """What every kind's state tells: which attempt is under way (0: none yet) and whether it ended."""

    @property
    def attempt(self) -> int: ...

    @property
    def finished(self) -> bool: ...


B = TypeVar("B", bound=Brief)
K = TypeVar("K", bound=Key)
S = TypeVar("S", bound=State)


@dataclass(frozen=True, slots=True)
class Seat(Generic[B, K, S]):
    """What a bot knows when it moves; ``skill`` in 0..1 is how able a simulated person is.

    ``context`` holds what was played before in the same module, for kinds that look back on it.
    """

    brief: B
    key: K
    state: S
    rng: Random
    skill: float = 0.5
    context: Context = field(default_factory=Context)


Bot = Callable[[Seat[Any, Any, Any]], Action | None]
"""Returns its next action, or None when it has finished."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reactive(Generic[B, K, S]):
    """The other side of a reactive kind; runs only where the key is.

    ``variants`` names the payoff variants of a key. ``respond`` gives the counterpart's actions that
    are due after the last recorded event (at the start of an attempt: after ``open``). ``engine``
    numbers the policy and the wording of the replies: raise it with any change to either, because
    logs are verified by playing them again.
    """

    engine: int
    variants: Callable[[K], tuple[str, ...]]
    respond: Callable[[B, K, S], tuple[Action, ...]]

    def replies(self, brief: B, key: K, state: S) -> tuple[Action, ...]:
        """What ``respond`` gives, always in the language of the courses: it is written to the log."""
        with speaking(LANGUAGE):
            return self.respond(brief, key, state)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind(Generic[B, K, S]):
    """One kind of exercise.

    ``opening`` gives the data of the ``open`` event that starts an attempt: what is shown in which
    order. ``start`` and ``apply`` make ``replay``: apply raises IllegalEvent, never anything else.
    ``view`` is the JSON that the browser draws, ``debrief`` the JSON it adds once an answer may be
    discussed (None: not yet). ``missing`` names what is still to be done, as catalogue-ready text.
    ``answers`` maps item id to the answer given, for item statistics (empty where there are none).
    ``item_scores`` maps item id to 0..1.
    """

    name: str
    brief: type[B]
    key: type[K]
    start: Callable[[B], S]
    apply: Callable[[B, S, Event], S]
    opening: Callable[[B, Random], Data]
    missing: Callable[[B, S], tuple[str, ...]]
    view: Callable[[B, S], dict[str, Any]]
    debrief: Callable[[B, K, S], dict[str, Any] | None]
    score: Callable[[B, K, S, Context], Score]
    render: Callable[[B, S], str]
    bots: Mapping[str, Bot]
    reactive: Reactive[B, K, S] | None = None
    answers: Callable[[B, S], Mapping[str, str]] = lambda brief, state: {}
    item_scores: Callable[[B, K, S], Mapping[str, float]] = lambda brief, key, state: {}
    asks_everybody_alike: bool = False
    """Whether its items are questions that all answer, so that statistics of items mean something."""
    needs: Callable[[B], tuple[str, ...]] = lambda brief: ()
    """Exercises whose logs, states and scores this one's score looks at (its Context)."""
    picks: Callable[[B, Context], Mapping[str, Any]] = lambda brief, context: {}
    """JSON that the page offers from the logs of those exercises."""
    check: Callable[[B, K], tuple[str, ...]] = lambda brief, key: ()
    """Problems between a brief and its key that no single field shows, in plain Indonesian."""
    advise: Callable[[B, K], tuple[str, ...]] = lambda brief, key: ()
    """What an author should look at but may release, such as an option that no key makes best."""
    endings: Callable[[B, K], tuple[str, ...]] = lambda brief, key: ()
    """The ways in which a play can end, each of which some bot should reach."""
    ending: Callable[[B, S], str] = lambda brief, state: ""
    """The one of ``endings`` that the scored attempt came to; empty before."""
    worksheet: Callable[[B], str] = lambda brief: ""
    """The exercise on paper, as HTML to be printed and written on."""


AnyKind = Kind[Any, Any, Any]


def illegal(event: Event, code: str, reason: str) -> IllegalEvent:
    """The error for an event that breaks a rule; ``code`` is a key of the kind's catalogue."""
    return IllegalEvent(event.exercise, event.n, event.act, code, reason)


def replay(kind: Kind[B, K, S], brief: B, events: tuple[Event, ...]) -> S:
    """The state that a log yields: pure, total, deterministic, and in need of no key."""
    state = kind.start(brief)
    for event in events:
        state = kind.apply(brief, state, event)
    return state
