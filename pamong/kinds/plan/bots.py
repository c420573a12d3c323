"""Players of an action plan. All fill in what is still open, in the order of the page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pamong.catalogue import messages
from pamong.event import Action
from pamong.kind import Bot
from pamong.kind import Seat as AnySeat
from pamong.kinds import normative as propriety
from pamong.kinds.plan import network, reference, rules
from pamong.kinds.plan.case import Brief, Key, Risk, Task
from pamong.kinds.plan.play import State

Seat = AnySeat[Brief, Key, State]
PAUSE = 0.002
"""Chance, per action, that a person stops there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Player:
    """How somebody decides: which tasks, when (start, weeks), who has which role next, what counters a
    risk, and what an indicator says. ``role`` None: nothing more to say about that task.
    """

    choose: Callable[[Seat], list[str]]
    when: Callable[[Seat, Task], tuple[int, int]]
    role: Callable[[Seat, Task], tuple[str, str] | None]
    tie: Callable[[Seat, Risk], str]
    indicator: Callable[[Seat, Task], str]

    def __call__(self, seat: Seat) -> Action | None:
        if seat.state.finished:
            return None
        if not seat.state.draft.chosen:
            return Action("choose", {"tasks": self.choose(seat)})
        steps = (self._schedule, self._role, self._tie, self._measure)
        return next((act for step in steps if (act := step(seat))), Action("finish"))

    def _schedule(self, seat: Seat) -> Action | None:
        for task in in_order(seat):
            if not seat.state.draft.entry(task.id).start:
                first, weeks = self.when(seat, task)
                return Action("schedule", {"task": task.id, "start": first, "weeks": weeks})
        return None

    def _role(self, seat: Seat) -> Action | None:
        for task in seat.state.draft.tasks(seat.brief):
            move = self.role(seat, task)
            if move is not None:
                return Action("role", {"task": task.id, "person": move[0], "role": move[1]})
        return None

    def _tie(self, seat: Seat) -> Action | None:
        for risk in seat.brief.risks:
            if risk.id not in seat.state.draft.ties:
                return Action("mitigate", {"risk": risk.id, "task": self.tie(seat, risk)})
        return None

    def _measure(self, seat: Seat) -> Action | None:
        say, draft = messages("plan"), seat.state.draft
        tasks = draft.tasks(seat.brief)
        for task in tasks[: rules.wanted(seat.brief, draft)]:
            if not draft.entry(task.id).indicator:
                text = self.indicator(seat, task)
                return Action("indicator", {"task": task.id, "text": text})
            if not draft.entry(task.id).evidence:
                text = say.vary("person.evidence", task.id)
                return Action("evidence", {"task": task.id, "text": text})
        return None


def in_order(seat: Seat) -> tuple[Task, ...]:
    """The tasks in the plan, each behind what it needs."""
    tasks = {task.id: task for task in seat.state.draft.tasks(seat.brief)}
    durations = {id: task.weeks for id, task in tasks.items()}
    order = network.ordered(durations, seat.brief.needs)
    return tuple(tasks[id] for id in order)


# ---- ways to decide ----


def _soonest(seat: Seat, task: Task) -> tuple[int, int]:
    """Right after everything that it needs."""
    draft = seat.state.draft
    behind = max((draft.entry(need).finish for need in task.needs), default=0)
    return min(behind + 1, seat.brief.weeks - task.weeks + 1), task.weeks


def _anywhere(seat: Seat, task: Task) -> tuple[int, int]:
    return seat.rng.randint(1, seat.brief.weeks - task.weeks + 1), task.weeks


def _one_by_one(seat: Seat, task: Task) -> tuple[int, int]:
    """Behind whatever was scheduled last."""
    last = max((entry.finish for entry in seat.state.draft.entries.values()), default=0)
    return min(last + 1, seat.brief.weeks - task.weeks + 1), task.weeks


def _fixed(roles: Callable[[Seat, Task], dict[str, str]]) -> Callable[..., tuple[str, str] | None]:
    """The next role that differs from those wanted."""

    def role(seat: Seat, task: Task) -> tuple[str, str] | None:
        given = seat.state.draft.entry(task.id).roles
        wanted = roles(seat, task)
        return next(((who, what) for who, what in wanted.items() if given.get(who) != what), None)

    return role


def _head_answers(seat: Seat, _: Task) -> dict[str, str]:
    """The first person answers for everything, the second carries it out, all others are consulted."""
    first, second, *others = (person.id for person in seat.brief.people)
    return {first: "A", second: "R", **dict.fromkeys(others, "C")}


def _all_do(seat: Seat, _: Task) -> dict[str, str]:
    first, *others = (person.id for person in seat.brief.people)
    return {first: "A", **dict.fromkeys(others, "R")}


def _first_guard(seat: Seat, _: Risk) -> str:
    return seat.state.draft.chosen[0]


def _full(seat: Seat, task: Task) -> str:
    finish = seat.state.draft.entry(task.id).finish or 1
    return messages("plan").vary("person.indicator", task.id, week=finish)


def _vague(_: Seat, task: Task) -> str:
    return messages("plan").vary("person.vague", task.id)


# ---- best ----


def _slots(seat: Seat) -> reference.Slots:
    return reference.best(reference.project(seat.brief, seat.key)) or {}


def _best_tasks(seat: Seat) -> list[str]:
    return list(_slots(seat)) or [seat.brief.tasks[0].id]


def _best_time(seat: Seat, task: Task) -> tuple[int, int]:
    slot = _slots(seat).get(task.id)
    return (slot.start, slot.weeks) if slot else _soonest(seat, task)


def _best_roles(seat: Seat, task: Task) -> dict[str, str]:
    slot = _slots(seat).get(task.id)
    if slot is None:
        return {}
    roles = dict.fromkeys(slot.responsible, "R")
    return roles | {slot.accountable: "AR" if slot.accountable in roles else "A"}


def _best_guard(seat: Seat, risk: Risk) -> str:
    draft = seat.state.draft
    inside = [id for id in seat.key.risks[risk.id].tasks if id in draft.chosen]
    return min(inside, key=lambda task: draft.entry(task).finish, default="")


# ---- chance ----


def _some_tasks(seat: Seat) -> list[str]:
    tasks = [task.id for task in seat.brief.tasks]
    return seat.rng.sample(tasks, seat.rng.randint(2, len(tasks)))


def _any_role(seat: Seat, task: Task) -> tuple[str, str] | None:
    given = seat.state.draft.entry(task.id).roles
    if len(given) >= len(seat.brief.people) - 1:
        return None
    open_people = [each.id for each in seat.brief.people if each.id not in given]
    return seat.rng.choice(open_people), seat.rng.choice(("R", "A", "C", "I"))


def _any_guard(seat: Seat, _: Risk) -> str:
    return seat.rng.choice(seat.state.draft.chosen)


# ---- people ----


def _sensible_tasks(seat: Seat) -> list[str]:
    """Starts from what a plan needs and adds or forgets some; fillers tempt the less able."""
    wanted = set(_slots(seat))
    right = 0.45 + 0.53 * seat.skill
    chosen = [
        task.id
        for task in seat.brief.tasks
        if seat.rng.random() < (right if task.id in wanted else 0.75 * (1 - seat.skill) + 0.05)
    ]
    return chosen or [seat.brief.tasks[0].id]


def _sensible_time(seat: Seat, task: Task) -> tuple[int, int]:
    if seat.rng.random() < 0.35 + 0.6 * seat.skill:
        first, weeks = _soonest(seat, task)
        late = seat.rng.randint(0, 1) if seat.rng.random() > seat.skill else 0
        return min(first + late, seat.brief.weeks - weeks + 1), weeks
    return _anywhere(seat, task)


def _sensible_role(seat: Seat, task: Task) -> tuple[str, str] | None:
    entry, marked = seat.state.draft.entry(task.id), seat.key.tasks[task.id]
    free = [person.id for person in seat.brief.people if person.id not in entry.roles]
    for role, fitting, done in (
        ("A", marked.accountable, entry.accountable),
        ("R", marked.responsible, entry.responsible),
    ):
        if not done and free:
            inside = [person for person in free if person in fitting]
            knows = bool(inside) and seat.rng.random() < 0.25 + 0.73 * seat.skill
            return seat.rng.choice(inside if knows else free), role
    second = free and len(entry.roles) < 3 and seat.rng.random() < 0.3 * (1 - seat.skill)
    return (seat.rng.choice(free), seat.rng.choice(("A", "C", "I", "R"))) if second else None


def _sensible_guard(seat: Seat, risk: Risk) -> str:
    if seat.rng.random() < 0.2 + 0.75 * seat.skill:
        return _best_guard(seat, risk) or _any_guard(seat, risk)
    return _any_guard(seat, risk)


def _sensible_indicator(seat: Seat, task: Task) -> str:
    good = seat.rng.random() < 0.2 + 0.75 * seat.skill
    return _full(seat, task) if good else _vague(seat, task)


_person = Player(
    choose=_sensible_tasks,
    when=_sensible_time,
    role=_sensible_role,
    tie=_sensible_guard,
    indicator=_sensible_indicator,
)


def person(seat: Seat) -> Action | None:
    """Fills in the page, then checks the rules and puts right what the check shows, if able to."""
    if seat.state.draft.chosen and seat.rng.random() < PAUSE:
        return None if seat.state.finished else Action("finish")
    action = _person(seat)
    if action is None or action.act != "finish":
        return action
    if not seat.state.tests:
        return Action("test")
    wrong = [
        task for task in in_order(seat)
        if rules.misplaced(seat.brief, seat.state.draft, task) and _movable(seat, task)
    ]  # fmt: skip
    if wrong and seat.rng.random() < 0.3 + 0.68 * seat.skill:
        first, weeks = _soonest(seat, wrong[0])
        return Action("schedule", {"task": wrong[0].id, "start": first, "weeks": weeks})
    return action


def _movable(seat: Seat, task: Task) -> bool:
    entry = seat.state.draft.entry(task.id)
    return (entry.start, entry.weeks) != _soonest(seat, task)


def _bank(seat: Seat) -> list[str]:
    return [task.id for task in seat.brief.tasks]


def _first_half(seat: Seat) -> list[str]:
    return _bank(seat)[: (len(seat.brief.tasks) + 1) // 2]


def _proper(seat: Seat) -> list[str]:
    """The most procedural third of the bank: meetings, reports, circulars."""
    places = propriety.by_procedure([task.text for task in seat.brief.tasks])
    return [seat.brief.tasks[place].id for place in places[: max(3, len(places) // 3)]]


def _proper_guard(seat: Seat, _: Risk) -> str:
    texts = {task.id: task.text for task in seat.brief.tasks}
    chosen = seat.state.draft.chosen
    return chosen[propriety.most_procedural([texts[id] for id in chosen])]


BOTS: dict[str, Bot] = {
    "perfect": Player(
        choose=_best_tasks, when=_best_time, role=_fixed(_best_roles), tie=_best_guard,
        indicator=_full,
    ),
    "random": Player(
        choose=_some_tasks, when=_anywhere, role=_any_role, tie=_any_guard, indicator=_vague
    ),
    "first": Player(
        choose=_first_half, when=_one_by_one, role=_fixed(_head_answers), tie=_first_guard,
        indicator=_vague,
    ),
    "everything": Player(
        choose=_bank, when=_soonest, role=_fixed(_all_do), tie=_first_guard, indicator=_full
    ),
    "normative": Player(
        choose=_proper, when=_one_by_one, role=_fixed(_head_answers), tie=_proper_guard,
        indicator=_vague,
    ),
    "person": person,
}  # fmt: skip
