"""How far one participant has come in one module, and what to do next there.

Pure, and in need of no key: it looks at what stands in the module, what the logs say, and receipts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

from pamong.errors import LogError, PamongError
from pamong.event import Event
from pamong.kind import Brief, replay
from pamong.kinds import KINDS

State = Literal["closed", "broken", "unstarted", "running", "sent", "changed", "graded"]
Trouble = Literal["", "damaged", "version"]
NextStep = Literal["exercise", "submit", "resubmit", "receipt", "feedback", ""]

BROKEN = "problem.folder"
"""The problem of a module whose files are missing or cannot be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Something that a module asks for in its order; without an ``exercise`` it is reading.

    ``badge`` says what the answers are for, as ``pamong.dialogue`` does.
    """

    part: str
    minutes: int
    exercise: str = ""
    title: str = ""
    badge: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """What one answer log tells: how many events, whether the exercise is finished, the last save."""

    n: int = 0
    finished: bool = False
    last: datetime | None = None
    trouble: Trouble = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """The newest submission; ``changed`` says that answers are no longer the ones it holds."""

    moment: datetime
    code: str
    changed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """All that is known of one module for one person; nothing of it is ever a score."""

    id: str
    title: str
    deadline: datetime | None = None
    opens: datetime | None = None
    """When a module that is not there yet will be."""
    steps: tuple[Step, ...] = ()
    traces: Mapping[str, Trace] = field(default_factory=dict)
    sent: Sent | None = None
    graded: bool = False
    """Feedback on the newest submission has been published."""
    feedback: bool = False
    """Feedback on some submission has been published."""
    problems: tuple[str, ...] = ()
    """Keys of sentences about what could not be read, besides damaged logs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """One module on the home page; ``minutes`` by part in their order, ``remaining`` minutes in all."""

    id: str
    title: str
    state: State
    exercises: int
    finished: int
    minutes: tuple[tuple[str, int], ...]
    remaining: int
    next: NextStep
    step: Step | None
    last: datetime | None
    deadline: datetime | None
    opens: datetime | None
    sent: Sent | None
    feedback: bool
    problems: tuple[str, ...]
    damaged: tuple[str, ...]
    """Titles of exercises whose log cannot be believed."""
    outdated: tuple[str, ...]
    """Titles of exercises that were played on another version than the one here."""


def trace(brief: Brief, events: tuple[Event, ...]) -> Trace:
    """What a healthy log of the exercise says; a log of another version is told as such."""
    if not events:
        return Trace()
    last = moment(events[-1].at)
    if any(event.version != brief.version for event in events):
        return Trace(n=len(events), last=last, trouble="version")
    try:
        finished = replay(KINDS[brief.kind], brief, events).finished
    except LogError:
        raise
    except PamongError:
        return Trace(n=len(events), last=last, trouble="damaged")
    return Trace(n=len(events), finished=finished, last=last)


def moment(at: str) -> datetime | None:
    """The moment that an event was recorded; None when its ``at`` is not one."""
    try:
        found = datetime.fromisoformat(at)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def progress(known: Known) -> Progress:
    """Where the person stands in a module."""
    met = [step for step in known.steps if step.exercise]
    traces = {step.exercise: known.traces.get(step.exercise, Trace()) for step in met}
    open_steps = [step for step in met if not traces[step.exercise].finished]
    state = _state(known, traces.values())
    asked = next((step for step in open_steps if not traces[step.exercise].trouble), None)
    return Progress(
        id=known.id,
        title=known.title,
        state=state,
        exercises=len(met),
        finished=len(met) - len(open_steps),
        minutes=_minutes(known.steps),
        remaining=_remaining(known.steps, traces) if open_steps else 0,
        next=_next(state, asked),
        step=asked,
        last=max((each.last for each in traces.values() if each.last), default=None),
        deadline=known.deadline,
        opens=known.opens,
        sent=known.sent,
        feedback=known.graded or known.feedback,
        problems=known.problems,
        damaged=_titles(met, traces, "damaged"),
        outdated=_titles(met, traces, "version"),
    )


def foremost(modules: Iterable[Progress], now: datetime) -> Progress | None:
    """The module to go on with: what can still be in time first, then the one worked on last."""
    asking = [each for each in modules if each.next in ("exercise", "submit", "resubmit")]
    return min(asking, key=lambda each: _rank(each, now), default=None)


def _rank(module: Progress, now: datetime) -> tuple[bool, bool, bool, float]:
    late = module.deadline is not None and now > module.deadline
    last = -module.last.timestamp() if module.last else 0.0
    return late, module.next == "exercise" and module.sent is not None, not module.last, last


def _state(known: Known, traces: Iterable[Trace]) -> State:
    if not known.steps:
        return "broken" if BROKEN in known.problems else "closed"
    if known.sent and known.sent.changed:
        return "changed"
    if known.graded:
        return "graded"
    if known.sent:
        return "sent"
    return "running" if any(each.n or each.trouble for each in traces) else "unstarted"


def _next(state: State, asked: Step | None) -> NextStep:
    if state in ("closed", "broken"):
        return ""
    if state == "graded":
        return "feedback"
    if state == "sent":
        return "exercise" if asked else "receipt"
    if asked:
        return "exercise"
    return "resubmit" if state == "changed" else "submit"


def _minutes(steps: Iterable[Step]) -> tuple[tuple[str, int], ...]:
    spent: dict[str, int] = {}
    for step in steps:
        spent[step.part] = spent.get(step.part, 0) + step.minutes
    return tuple((part, minutes) for part, minutes in spent.items() if minutes)


def _remaining(steps: tuple[Step, ...], traces: Mapping[str, Trace]) -> int:
    """Minutes of unfinished exercises, and of reading after which nothing has been begun."""
    begun = [place for place, step in enumerate(steps) if step.exercise and traces[step.exercise].n]
    reached = max(begun, default=-1)
    return sum(
        step.minutes
        for place, step in enumerate(steps)
        if (not traces[step.exercise].finished if step.exercise else place > reached)
    )


def _titles(met: Iterable[Step], traces: Mapping[str, Trace], trouble: Trouble) -> tuple[str, ...]:
    return tuple(step.title for step in met if traces[step.exercise].trouble == trouble)
