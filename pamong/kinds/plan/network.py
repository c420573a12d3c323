"""The critical path of tasks that wait for each other (Kelley & Walker, 1959).

Durations are whole weeks; ``needs`` names, for each task, those that must have ended before it
starts. Needs outside ``durations`` are not looked at.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

Durations = Mapping[str, int]
Needs = Mapping[str, Collection[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """``finish`` is the earliest week in which a task can end, ``slack`` the weeks it may slip without
    delaying the whole; ``path`` is one chain without slack, as long as the whole (``makespan``).
    """

    makespan: int
    finish: Mapping[str, int]
    slack: Mapping[str, int]
    path: tuple[str, ...]


def cycle(needs: Needs) -> tuple[str, ...]:
    """Tasks that wait for each other in a circle, the first one repeated at the end; empty if none."""
    done: set[str] = set()
    for first in needs:
        trail: list[str] = []
        found = _circle(first, needs, trail, done)
        if found:
            return found
    return ()


def _circle(task: str, needs: Needs, trail: list[str], done: set[str]) -> tuple[str, ...]:
    if task in trail:
        return (*trail[trail.index(task) :], task)
    if task in done:
        return ()
    trail.append(task)
    for need in needs.get(task, ()):
        found = _circle(need, needs, trail, done)
        if found:
            return found
    trail.pop()
    done.add(task)
    return ()


def ordered(durations: Durations, needs: Needs) -> tuple[str, ...]:
    """The tasks so that each stands behind what it needs; the needs must be free of circles."""
    order: dict[str, None] = {}

    def place(task: str) -> None:
        for need in needs.get(task, ()):
            if need in durations and need not in order:
                place(need)
        order.setdefault(task)

    for task in durations:
        place(task)
    return tuple(order)


def closure(tasks: Collection[str], needs: Needs) -> frozenset[str]:
    """The tasks with everything that they need, directly or not."""
    found: set[str] = set()
    waiting = list(tasks)
    while waiting:
        task = waiting.pop()
        if task not in found:
            found.add(task)
            waiting.extend(needs.get(task, ()))
    return frozenset(found)


def solve(durations: Durations, needs: Needs) -> Network:
    """The critical path by a forward and a backward pass."""
    order = ordered(durations, needs)
    inside = {task: [each for each in needs.get(task, ()) if each in durations] for task in order}
    finish: dict[str, int] = {}
    for task in order:
        finish[task] = max((finish[need] for need in inside[task]), default=0) + durations[task]
    makespan = max(finish.values(), default=0)
    latest = dict.fromkeys(order, makespan)
    for task in reversed(order):
        for need in inside[task]:
            latest[need] = min(latest[need], latest[task] - durations[task])
    slack = {task: latest[task] - finish[task] for task in order}
    return Network(
        makespan=makespan, finish=finish, slack=slack, path=_path(order, inside, finish, makespan)
    )


def _path(
    order: tuple[str, ...], inside: Mapping[str, list[str]], finish: Durations, makespan: int
) -> tuple[str, ...]:
    last = next((task for task in order if finish[task] == makespan), None)
    path: list[str] = []
    while last is not None:
        path.append(last)
        last = max(inside[last], key=finish.__getitem__, default=None)
    return tuple(reversed(path))
