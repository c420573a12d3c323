"""The action plan of a change project: tasks, weeks, roles, risks and measures that fit together.

The required steps follow a change model such as Kotter's (1996) eight steps or ADKAR (Hiatt, 2006).
Time is judged by the critical path method (Kelley & Walker, 1959), roles by a responsibility
assignment matrix (RACI), and work by what each person can carry per week. No text is judged except
whether an indicator names a figure and a deadline.
"""

from __future__ import annotations

from pamong import kind
from pamong.kinds.plan.authoring import advise, check
from pamong.kinds.plan.bots import BOTS
from pamong.kinds.plan.case import Brief, Guarded, Key, Marked, Person, Risk, Step, Task
from pamong.kinds.plan.debriefing import debrief
from pamong.kinds.plan.play import State, apply, missing, opening, start
from pamong.kinds.plan.scoring import score
from pamong.kinds.plan.screen import render, view
from pamong.kinds.plan.worksheet import worksheet

__all__ = [
    "KIND", "Brief", "Guarded", "Key", "Marked", "Person", "Risk", "State", "Step", "Task",
]  # fmt: skip

KIND = kind.Kind(
    name="plan",
    brief=Brief,
    key=Key,
    start=start,
    apply=apply,
    opening=opening,
    missing=missing,
    view=view,
    debrief=debrief,
    score=score,
    render=render,
    worksheet=worksheet,
    bots=BOTS,
    check=check,
    advise=advise,
)
