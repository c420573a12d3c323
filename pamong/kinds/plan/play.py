"""What happens in an action plan: its events, and the state that they add up to."""

from __future__ import annotations

from random import Random

from msgspec import Struct, field
from msgspec.structs import replace

from pamong import kind
from pamong.event import Data, Event
from pamong.kinds import legality
from pamong.kinds.plan import rules
from pamong.kinds.plan.case import MOST_DAYS, Brief
from pamong.kinds.plan.draft import ROLES, Draft, Own

# Events of an attempt (task: an id of the bank, or "own1", "own2", … for one's own):
#   open      (system)      {}
#   choose    (participant) {"tasks": [bank id, ...]}            the whole choice from the bank
#   own       (participant) {"task": own id, "text": str}        a blank text takes it out again
#   serve     (participant) {"task": own id, "step": id}
#   size      (participant) {"task": own id, "weeks": 1.., "days": number}
#   schedule  (participant) {"task", "start": 1.., "weeks": at least the shortest}
#   role      (participant) {"task", "person": id, "role": "R"|"A"|"AR"|"C"|"I"|""}
#   mitigate  (participant) {"risk": id, "task": bank id or ""}
#   indicator (participant) {"task", "text": str}
#   evidence  (participant) {"task", "text": str}
#   test      (participant) {}                                   looks for broken rules
#   finish    (participant) {}


class State(Struct, frozen=True, kw_only=True):
    """``found`` is what the last of ``tests`` found; ``changed``: something was done since."""

    attempt: int = 0
    finished: bool = False
    draft: Draft = field(default_factory=Draft)
    tests: int = 0
    found: tuple[rules.Finding, ...] = ()
    changed: bool = False


def start(brief: Brief) -> State:  # noqa: ARG001  # the contract of a kind
    return State()


def opening(brief: Brief, rng: Random) -> Data:  # noqa: ARG001  # nothing is shuffled
    return {}


def apply(brief: Brief, state: State, event: Event) -> State:
    if event.act == "open":
        legality.may_open(brief, state, event)
        legality.fields(event)
        return State(attempt=event.attempt)
    legality.may_act(state, event)
    if event.act == "finish":
        legality.fields(event)
        return replace(state, finished=True)
    if event.act == "test":
        legality.fields(event)
        found = rules.findings(brief, state.draft)
        return replace(state, tests=state.tests + 1, found=found, changed=False)
    move = _MOVES.get(event.act)
    if move is None:
        raise kind.illegal(event, "illegal.act", "no such act in this exercise")
    return replace(state, draft=move(brief, state.draft, event), changed=True)


def _choose(brief: Brief, draft: Draft, event: Event) -> Draft:
    tasks = legality.fields(event, "tasks")["tasks"]
    among = [task.id for task in brief.tasks]
    chosen = set(legality.several(event, tasks, among))
    return replace(draft, chosen=tuple(id for id in among if id in chosen))


def _own(brief: Brief, draft: Draft, event: Event) -> Draft:
    data = legality.fields(event, "task", "text")
    task = legality.known(event, data["task"], brief.own_ids)
    text = legality.text(event, data["text"])
    return draft.with_own(task, replace(draft.own.get(task, Own()), text=text))


def _serve(brief: Brief, draft: Draft, event: Event) -> Draft:
    data = legality.fields(event, "task", "step")
    task = legality.known(event, data["task"], brief.own_ids)
    step = legality.known(event, data["step"], [each.id for each in brief.steps])
    return draft.with_own(task, replace(draft.own.get(task, Own()), step=step))


def _size(brief: Brief, draft: Draft, event: Event) -> Draft:
    """A larger task keeps its place as far as the weeks allow."""
    data = legality.fields(event, "task", "weeks", "days")
    task = legality.known(event, data["task"], brief.own_ids)
    weeks = legality.whole(event, data["weeks"], 1, brief.weeks)
    days = legality.number(event, data["days"], 0.5, MOST_DAYS)
    sized = draft.with_own(task, replace(draft.own.get(task, Own()), weeks=weeks, days=days))
    entry = draft.entry(task)
    if not entry.start:
        return sized
    length = max(entry.weeks, weeks)
    first = min(entry.start, brief.weeks - length + 1)
    return sized.with_entry(task, replace(entry, start=first, weeks=length))


def _planned(brief: Brief, draft: Draft, event: Event, value: object) -> str:
    """The id of a task that is in the plan."""
    task = legality.known(event, value, brief.numbers)
    if all(each.id != task for each in draft.tasks(brief)):
        raise kind.illegal(event, "illegal.absent", f"{task} is not in the plan")
    return task


def _schedule(brief: Brief, draft: Draft, event: Event) -> Draft:
    data = legality.fields(event, "task", "start", "weeks")
    id = _planned(brief, draft, event, data["task"])
    shortest = next(task.weeks for task in draft.tasks(brief) if task.id == id)
    first = legality.whole(event, data["start"], 1, brief.weeks - shortest + 1)
    weeks = legality.whole(event, data["weeks"], shortest, brief.weeks - first + 1)
    return draft.with_entry(id, replace(draft.entry(id), start=first, weeks=weeks))


def _role(brief: Brief, draft: Draft, event: Event) -> Draft:
    data = legality.fields(event, "task", "person", "role")
    id = _planned(brief, draft, event, data["task"])
    person = legality.known(event, data["person"], [each.id for each in brief.people])
    role = legality.known(event, data["role"], ("", *ROLES))
    roles = {**draft.entry(id).roles, person: role}
    kept = {each: roles[each] for each in roles if roles[each]}
    return draft.with_entry(id, replace(draft.entry(id), roles=kept))


def _mitigate(brief: Brief, draft: Draft, event: Event) -> Draft:
    data = legality.fields(event, "risk", "task")
    risk = legality.known(event, data["risk"], [each.id for each in brief.risks])
    task = legality.known(event, data["task"], ["", *(each.id for each in brief.tasks)])
    return replace(draft, ties={**draft.ties, risk: task})


def _indicator(brief: Brief, draft: Draft, event: Event) -> Draft:
    id, text = _text(brief, draft, event)
    return draft.with_entry(id, replace(draft.entry(id), indicator=text))


def _evidence(brief: Brief, draft: Draft, event: Event) -> Draft:
    id, text = _text(brief, draft, event)
    return draft.with_entry(id, replace(draft.entry(id), evidence=text))


def _text(brief: Brief, draft: Draft, event: Event) -> tuple[str, str]:
    data = legality.fields(event, "task", "text")
    return _planned(brief, draft, event, data["task"]), legality.text(event, data["text"])


_MOVES = {
    "choose": _choose,
    "own": _own,
    "serve": _serve,
    "size": _size,
    "schedule": _schedule,
    "role": _role,
    "mitigate": _mitigate,
    "indicator": _indicator,
    "evidence": _evidence,
}


def missing(brief: Brief, state: State) -> tuple[str, ...]:
    """What is not filled in yet, in the order of the page; whether it is right is no matter here."""
    return rules.gaps(brief, state.draft)
