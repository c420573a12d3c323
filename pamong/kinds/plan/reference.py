"""A good plan, found by search: what the best bot plays, authors are warned by, and a debrief shows.

Selections of tasks that serve every step and counter every risk are tried, shortest critical path
and least work first; each is scheduled week by week (serial schedule generation; Kolisch, 1996)
with people who fit and have time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import combinations, islice, product
from random import Random

from pamong.kinds.plan import network
from pamong.kinds.plan.case import Brief, Key
from pamong.kinds.plan.draft import SAME

COMBINATIONS, SELECTIONS, TRIES = 20_000, 12, 4
"""How many ways to serve every step are looked at, how many selections are scheduled, how often."""
LONGER, CREW = 3, 2
"""Weeks that a task may take beyond its shortest time, and people who share one, in the search."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    id: str
    weeks: int
    days: float
    needs: tuple[str, ...]
    by: int
    accountable: tuple[str, ...]
    responsible: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A brief and its key, reduced to what the search looks at; ``capacity`` may be infinite."""

    weeks: int
    oversight: float
    jobs: tuple[Job, ...]
    capacity: tuple[tuple[str, float], ...]
    steps: tuple[tuple[str, ...], ...]
    risks: tuple[tuple[int, tuple[str, ...]], ...]

    @property
    def needs(self) -> dict[str, tuple[str, ...]]:
        return {job.id: job.needs for job in self.jobs}

    @property
    def durations(self) -> dict[str, int]:
        return {job.id: job.weeks for job in self.jobs}


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    start: int
    weeks: int
    accountable: str
    responsible: tuple[str, ...]

    @property
    def finish(self) -> int:
        return self.start + self.weeks - 1


Slots = Mapping[str, Slot]


def project(brief: Brief, key: Key, *, limited: bool = True) -> Project:
    """``limited`` False: as if everybody had all the time."""
    everybody = tuple(person.id for person in brief.people)
    jobs = tuple(
        Job(
            id=task.id,
            weeks=task.weeks,
            days=task.days,
            needs=task.needs,
            by=task.by or brief.weeks,
            accountable=key.tasks[task.id].accountable or everybody,
            responsible=key.tasks[task.id].responsible or everybody,
        )
        for task in brief.tasks
    )
    return Project(
        weeks=brief.weeks,
        oversight=brief.oversight,
        jobs=jobs,
        capacity=tuple((p.id, p.capacity if limited else float("inf")) for p in brief.people),
        steps=tuple(
            tuple(id for id, marked in key.tasks.items() if step.id in marked.serves)
            for step in brief.steps
        ),
        risks=tuple((risk.week, key.risks[risk.id].tasks) for risk in brief.risks),
    )


@lru_cache(maxsize=32)
def best(project: Project) -> Slots | None:
    """The plan with the shortest way to the end among those found; None when none fits."""
    found: tuple[float, Slots] | None = None
    for chosen in islice(selections(project), SELECTIONS):
        shortest = network.solve(_among(project.durations, chosen), project.needs).makespan
        for seed in range(TRIES):
            slots = _scheduled(project, chosen, Random(seed))  # noqa: S311  # breaks ties
            if slots is None:
                continue
            stretch = max(slot.finish for slot in slots.values()) / shortest
            if found is None or stretch < found[0]:
                found = (stretch, slots)
            if stretch <= 1:
                return slots
    return found[1] if found else None


def selections(project: Project) -> Iterator[frozenset[str]]:
    """Sets of tasks that serve every step and counter every risk, the most sparing first."""
    picks = islice(product(*project.steps, *(tasks for _, tasks in project.risks)), COMBINATIONS)
    sets = dict.fromkeys(network.closure(set(pick), project.needs) for pick in picks)
    days = {job.id: job.days for job in project.jobs}

    def effort(chosen: frozenset[str]) -> tuple[int, float, list[str]]:
        durations = _among(project.durations, chosen)
        makespan = network.solve(durations, project.needs).makespan
        return makespan, sum(days[id] for id in chosen), sorted(chosen)

    return iter(sorted(sets, key=effort))


def _among(durations: Mapping[str, int], chosen: frozenset[str]) -> dict[str, int]:
    return {id: weeks for id, weeks in durations.items() if id in chosen}


@dataclass(slots=True)
class _Board:
    """Free days per person and week, while tasks are put in."""

    project: Project
    free: dict[str, list[float]]
    slots: dict[str, Slot] = field(default_factory=dict)

    def put(self, job: Job, slot: Slot) -> None:
        for person, days in self.burden(job, slot).items():
            for week in range(slot.start - 1, slot.finish):
                self.free[person][week] -= days
        self.slots[job.id] = slot

    def burden(self, job: Job, slot: Slot) -> dict[str, float]:
        """Days per week that the task asks of each person."""
        share = job.days / len(slot.responsible) / slot.weeks
        burden = dict.fromkeys(slot.responsible, share)
        burden[slot.accountable] = burden.get(slot.accountable, 0.0) + self.project.oversight
        return burden

    def spare(self, job: Job, slot: Slot) -> float:
        """The days left over in the fullest week; negative: it does not fit."""
        return min(
            min(self.free[person][slot.start - 1 : slot.finish]) - days
            for person, days in self.burden(job, slot).items()
        )


def _scheduled(project: Project, chosen: frozenset[str], rng: Random) -> Slots | None:
    """One pass: the most urgent task first, at the earliest time that people have."""
    jobs = {job.id: job for job in project.jobs if job.id in chosen}
    latest = _latest(project, jobs)
    board = _Board(project, {id: [days] * project.weeks for id, days in project.capacity})
    noise = {id: rng.uniform(0, 2) if rng.random() < 0.5 else 0.0 for id in jobs}
    urgent = sorted(jobs, key=lambda task: (latest[task] - jobs[task].weeks + noise[task], task))
    while urgent:
        id = next(each for each in urgent if all(need in board.slots for need in jobs[each].needs))
        slot = _earliest(board, jobs[id], latest[id])
        if slot is None:
            return None
        board.put(jobs[id], slot)
        urgent.remove(id)
    return board.slots


def _latest(project: Project, jobs: Mapping[str, Job]) -> dict[str, int]:
    """The last week in which each task may end, for its own sake, its risk's and those that wait."""
    latest = {id: min(job.by, project.weeks) for id, job in jobs.items()}
    durations = {id: job.weeks for id, job in jobs.items()}
    finish = network.solve(durations, project.needs).finish
    for week, tasks in project.risks:
        soonest = min((id for id in tasks if id in jobs), key=finish.__getitem__)
        latest[soonest] = min(latest[soonest], week - 1)
    for id in reversed(network.ordered(durations, project.needs)):
        for need in jobs[id].needs:
            latest[need] = min(latest[need], latest[id] - jobs[id].weeks)
    return latest


def _earliest(board: _Board, job: Job, latest: int) -> Slot | None:
    """The slot that ends first; among equals the one that leaves people most time."""
    first = 1 + max((board.slots[need].finish for need in job.needs), default=0)
    for finish in range(first + job.weeks - 1, latest + 1):
        fits = []
        soonest = max(first, finish - job.weeks + 1 - LONGER)
        for start in range(finish - job.weeks + 1, soonest - 1, -1):
            for accountable, team in _teams(job):
                slot = Slot(
                    start=start, weeks=finish - start + 1, accountable=accountable, responsible=team
                )
                spare = board.spare(job, slot)
                if spare >= -SAME:
                    fits.append((accountable not in team, -len(team), spare, slot))
            if fits:
                return max(fits, key=lambda fit: fit[:3])[3]
    return None


def _teams(job: Job) -> Sequence[tuple[str, tuple[str, ...]]]:
    crews = [crew for size in range(1, CREW + 1) for crew in combinations(job.responsible, size)]
    return [(accountable, crew) for accountable in job.accountable for crew in crews]


def strain(project: Project, slots: Slots) -> dict[str, float]:
    """Per person the days asked beyond ``project``'s capacity in that person's fullest week."""
    board = _Board(project, {id: [days] * project.weeks for id, days in project.capacity})
    jobs = {job.id: job for job in project.jobs}
    for id, slot in slots.items():
        board.put(jobs[id], slot)
    return {person: max(0.0, -min(free)) for person, free in board.free.items()}
