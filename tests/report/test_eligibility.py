"""Who may be proposed, by rules that can be read."""

from dataclasses import replace

import numpy as np
import pytest

from pamong.reports.eligibility import unmarked, verdicts
from pamong.reports.everybody import programme
from pamong.reports.facts import Grade

NONE = float("nan")


def judged(submitted=(True, True), percent=(80.0, 80.0), final=80.0, waiting=(False, False),
           due=(True, True), counts=(True, True)):  # fmt: skip
    found = verdicts(
        submitted=np.array([submitted]),
        percent=np.array([percent]),
        final=np.array([final]),
        waiting=np.array([waiting]),
        due=np.array(due),
        counts=np.array(counts),
        pass_mark=70.0,
    )
    return str(found.statuses[0])


@pytest.mark.parametrize(
    ("expected", "facts"),
    [
        ("eligible", {}),
        ("eligible", {"percent": (70.0, 70.0), "final": 70.0}),
        ("remedial", {"percent": (69.9, 99.0), "final": 84.0}),
        ("remedial", {"percent": (70.0, 70.0), "final": 69.99}),
        ("waiting", {"waiting": (False, True), "percent": (10.0, 10.0), "final": 10.0}),
        ("waiting", {"percent": (NONE, NONE), "final": NONE}),
        ("postponed", {"submitted": (True, False), "percent": (99.0, NONE)}),
        ("postponed", {"submitted": (True, False), "waiting": (True, False)}),
        ("eligible", {"submitted": (True, False), "percent": (80.0, NONE), "due": (True, False)}),
        ("eligible", {"percent": (80.0, 20.0), "due": (True, False)}),
        ("eligible", {"waiting": (False, True), "counts": (True, False)}),
        ("eligible", {"percent": (80.0, 10.0), "counts": (True, False)}),
        ("postponed", {"submitted": (True, False), "counts": (True, False)}),
    ],
)
def test_the_first_rule_that_holds_decides(expected, facts):
    assert judged(**facts) == expected


def test_the_modules_in_the_way_are_named():
    found = verdicts(
        submitted=np.array([[True, False, True]]),
        percent=np.array([[60.0, NONE, 90.0]]),
        final=np.array([75.0]),
        waiting=np.zeros((1, 3), dtype=bool),
        due=np.array([True, True, True]),
        counts=np.ones(3, dtype=bool),
        pass_mark=70.0,
    )
    assert found.missing.tolist() == [[False, True, False]]
    assert found.below.tolist() == [[True, False, False]]
    assert found.group("postponed").tolist() == [True]


def test_what_was_handed_in_and_has_no_mark_yet_waits():
    grades = (
        Grade(participant="p1", module="m1", cell="esai", score=0.0, pending=True),
        Grade(participant="p1", module="m2", cell="esai", score=9.0, pending=False),
    )
    submitted = np.array([[True, True, False], [True, False, False]])
    found = unmarked(
        grades, {"p1": 0, "p2": 1}, {"m1": 0, "m2": 1, "m3": 2}, submitted, np.ones(3, bool)
    )
    assert found.tolist() == [[True, False, False], [True, False, False]]


def test_nothing_waits_where_no_marks_are_given(invent):
    facts = invent(people=12, cohorts=1, modules=("m1", "m5")).everybody(absent=0, essay="marked")
    facts.grades = [it for it in facts.grades if it.module == "m5"]
    made = facts.snapshot()
    bare = replace(made.modules[0], cells=(), graded=False)
    waiting = programme(made).verdicts.group("waiting")
    silent = programme(replace(made, modules=(bare, made.modules[1]))).verdicts.group("waiting")
    assert (waiting.sum(), silent.sum()) == (12, 0)
