"""What an action plan is worth: steps served, roles that fit, time, load, risks, and measures.

A plan that serves few steps has easy roles, an easy schedule and no overload: those parts are
therefore multiplied by the share of the steps that it serves.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from msgspec.structs import replace

from pamong.catalogue import messages
from pamong.kinds import prose
from pamong.kinds.plan import measure, network, rules
from pamong.kinds.plan.case import Brief, Key, Task
from pamong.kinds.plan.draft import Draft, overloaded
from pamong.kinds.plan.play import State
from pamong.score import Context, Part, Score, above_baseline, weighted

WEIGHTS = {
    "coverage": 0.20, "roles": 0.25, "timing": 0.20, "load": 0.15, "risks": 0.15, "measures": 0.05,
}  # fmt: skip
IDLE = 0.5
"""What a plan as unfocused as taking the whole bank loses of its worth for the steps it serves."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A draft seen with its brief and key."""

    brief: Brief
    key: Key
    draft: Draft

    @property
    def tasks(self) -> tuple[Task, ...]:
        return self.draft.tasks(self.brief)

    def serving(self, step: str) -> tuple[str, ...]:
        """Scheduled tasks that serve ``step``: by the key, or tagged so in one's own words."""
        return tuple(
            task.id
            for task in self.tasks
            if self.draft.entry(task.id).start and step in self.serves(task.id)
        )

    def serves(self, task: str) -> tuple[str, ...]:
        marked = self.key.tasks.get(task)
        if marked is not None:
            return marked.serves
        own = self.draft.own[task]
        return (own.step,) if own.step and own.said else ()

    def covered(self) -> float:
        """The weighted share of the steps that a scheduled task serves."""
        weights = {step.id: self.key.steps.get(step.id, 1.0) for step in self.brief.steps}
        done = sum(weight for step, weight in weights.items() if self.serving(step))
        return done / sum(weights.values())

    def useful(self) -> frozenset[str]:
        """Tasks in the plan that serve a step, counter a risk, or are needed by one that does."""
        ids = [task.id for task in self.tasks]
        guards = {task for risk in self.key.risks.values() for task in risk.tasks}
        root = [id for id in ids if self.serves(id) or id in guards]
        return network.closure(root, self.brief.needs) & frozenset(ids)

    def idle_days(self) -> float:
        """Days of work in the plan that serve nothing."""
        useful = self.useful()
        return sum(task.days for task in self.tasks if task.id not in useful)

    def focus(self) -> float:
        """The share of work that serves something, 0 for what taking the whole bank earns."""
        days = sum(task.days for task in self.tasks)
        if not days:
            return 0.0
        bank = Draft(chosen=tuple(task.id for task in self.brief.tasks))
        everything = Plan(self.brief, self.key, bank)
        common = 1 - everything.idle_days() / sum(task.days for task in self.brief.tasks)
        share = 1 - self.idle_days() / days
        return above_baseline(share, common) if common < 1 else share

    def fit(self, task: Task) -> float:
        """0 unless one answers and somebody carries out; half for who answers, half for who does."""
        entry, marked = self.draft.entry(task.id), self.key.tasks.get(task.id)
        if not entry.well_formed:
            return 0.0
        answers = marked.accountable if marked else ()
        does = marked.responsible if marked else ()
        right = [person for person in entry.responsible if not does or person in does]
        answering = not answers or entry.accountable[0] in answers
        return 0.5 * answering + 0.5 * len(right) / len(entry.responsible)

    def by_habit(self) -> float:
        """What naming the same two people for every useful task earns at best."""
        marks = [each for each in self.key.tasks.values() if each.accountable and each.responsible]
        people = [person.id for person in self.brief.people]
        if not marks:
            return 0.0
        answering = max(sum(each in marked.accountable for marked in marks) for each in people)
        doing = max(sum(each in marked.responsible for marked in marks) for each in people)
        return min((answering + doing) / (2 * len(marks)), 0.9)

    def placed(self) -> tuple[int, int]:
        """How many tasks stand where they may, and how many are bound to anything or unscheduled."""
        bound = [
            task
            for task in self.tasks
            if task.needs or task.by is not None or not self.draft.entry(task.id).start
        ]
        wrong = [task for task in bound if rules.misplaced(self.brief, self.draft, task)]
        return len(bound) - len(wrong), len(bound)

    def shortest(self) -> int:
        """Weeks of the critical path through the tasks in the plan."""
        durations = {task.id: task.weeks for task in self.tasks}
        return network.solve(durations, {task.id: task.needs for task in self.tasks}).makespan

    def lasting(self) -> int:
        """The last week in which something is scheduled."""
        return max((self.draft.entry(task.id).finish for task in self.tasks), default=0)

    def assigned(self) -> float:
        """The share of the work that somebody carries out in some week."""
        days = sum(task.days for task in self.tasks)
        entries = {task.id: self.draft.entry(task.id) for task in self.tasks}
        given = (
            task.days
            for task in self.tasks
            if entries[task.id].start and entries[task.id].responsible
        )
        return sum(given) / days if days else 0.0

    def strained(self) -> tuple[int, int]:
        """Person-weeks above capacity, and those with any work."""
        loads = self.draft.loads(self.brief)
        over = sum(len(overloaded(loads[each.id], each.capacity)) for each in self.brief.people)
        return over, sum(days > 0 for load in loads.values() for days in load)

    def countered(self) -> tuple[str, ...]:
        """Risks tied to a task that counters them and has ended before they may strike."""
        return tuple(
            risk.id
            for risk in self.brief.risks
            if (task := self.draft.tie(risk.id)) in self.key.risks[risk.id].tasks
            and 0 < self.draft.entry(task).finish < risk.week
        )

    def measured(self) -> int:
        """Tasks whose indicator names a figure and a deadline, up to as many as are asked for."""
        checkable = (measure.checkable(self.draft.entry(task.id).indicator) for task in self.tasks)
        return min(sum(checkable), self.brief.indicators)


def score(brief: Brief, key: Key, state: State, context: Context) -> Score:  # noqa: ARG001  # stands alone
    """.20 steps + .25 roles + .20 time + .15 load + .15 risks + .05 measures; absent ones drop out."""
    plan = Plan(brief, key, state.draft)
    judges: tuple[Callable[[Plan], Part | None], ...] = (
        _coverage, _roles, _timing, _load, _risks, _measures,
    )  # fmt: skip
    return weighted([part for judge in judges if (part := judge(plan)) is not None])


def _part(name: str, value: float, reason: str, **values: object) -> Part:
    say = messages("plan")
    text = say(f"reason.{name}.{reason}", **values)
    return Part(name, say(f"part.{name}"), WEIGHTS[name], value, text)


def _scaled(plan: Plan, name: str, value: float, reason: str, **values: object) -> Part:
    """A part that is worth as much as the share of the steps served, which its reason then says."""
    share = plan.covered()
    part = _part(name, share * value, reason, **values)
    if share == 1 or not value:
        return part
    served = messages("plan")("reason.served", share=prose.percent(share))
    return replace(part, reason=f"{part.reason} {served}")


def _coverage(plan: Plan) -> Part:
    steps = plan.brief.steps
    absent = [step.label for step in steps if not plan.serving(step.id)]
    if len(absent) == len(steps):
        return _part("coverage", 0.0, "none")
    value = plan.covered() * (1 - IDLE * (1 - plan.focus()))
    idle = plan.idle_days()
    figures = {"idle": prose.decimal(idle), "days": prose.decimal(_days(plan))}
    if not absent:
        return _part("coverage", value, "idle" if idle else "all", of=len(steps), **figures)
    figures |= {"done": str(len(steps) - len(absent)), "of": str(len(steps))}
    figures["absent"] = "; ".join(absent)
    return _part("coverage", value, "some.idle" if idle else "some", **figures)


def _days(plan: Plan) -> float:
    return sum(task.days for task in plan.tasks)


def _roles(plan: Plan) -> Part:
    fits = [plan.fit(task) for task in plan.tasks]
    formed = sum(plan.draft.entry(task.id).well_formed for task in plan.tasks)
    if not formed:
        return _part("roles", 0.0, "none")
    value = above_baseline(sum(fits) / len(fits), plan.by_habit())
    right = sum(fit == 1 for fit in fits)
    reason = "all" if right == len(fits) else "some"
    return _scaled(plan, "roles", value, reason, formed=formed, right=right, of=len(fits))


def _timing(plan: Plan) -> Part:
    lasting = plan.lasting()
    if not lasting:
        return _part("timing", 0.0, "none")
    right, bound = plan.placed()
    shortest = plan.shortest()
    value = (right / bound if bound else 1.0) * min(1.0, shortest / lasting)
    weeks = {"shortest": shortest, "lasting": lasting}
    if right < bound:
        return _scaled(plan, "timing", value, "early", wrong=bound - right, of=bound, **weeks)
    return _scaled(plan, "timing", value, "tight" if lasting <= shortest else "loose", **weeks)


def _load(plan: Plan) -> Part:
    over, busy = plan.strained()
    assigned = plan.assigned()
    if not assigned:
        return _part("load", 0.0, "none")
    value = assigned * (1 - over / busy)
    if assigned < 1:
        return _scaled(
            plan, "load", value, "unassigned", share=prose.percent(1 - assigned), over=over
        )
    return _scaled(plan, "load", value, "over" if over else "all", over=over, busy=busy)


def _risks(plan: Plan) -> Part | None:
    """Corrected for what tying each risk to any task of the bank earns on average."""
    brief, key = plan.brief, plan.key
    if not brief.risks:
        return None
    done, of = len(plan.countered()), len(brief.risks)
    guards = sum(len(key.risks[risk.id].tasks) for risk in brief.risks)
    value = above_baseline(done / of, min(guards / of / len(brief.tasks), 0.9))
    if not done:
        return _part("risks", 0.0, "none")
    return _part("risks", value, "all" if done == of else "some", done=done, of=of)


def _measures(plan: Plan) -> Part | None:
    of = plan.brief.indicators
    if not of:
        return None
    done = plan.measured()
    return _part("measures", done / of, "all" if done == of else "some", done=done, of=of)
