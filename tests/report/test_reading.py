"""Facts from single answer logs."""

from dataclasses import fields
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pamong.course import Exercise
from pamong.event import Event
from pamong.kind import replay
from pamong.kinds import canvas
from pamong.kinds.canvas.case import Field, Option, Stage
from pamong.reports import reading
from pamong.reports.facts import Opinion
from tests.values import replace


def events(*minutes):
    start = datetime(2026, 12, 10, 8, tzinfo=UTC)
    return [
        Event(n=n, id=f"e{n}", at=(start + timedelta(minutes=at)).isoformat(), who="participant",
              act="answer", data={}, exercise="uji", version=1, attempt=1)
        for n, at in enumerate(minutes, 1)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("moments", "expected"),
    [((), 0), ((0,), 0), ((0, 2, 3), 3), ((0, 2, 60, 61), 8), ((0, 3, 1), 3)],
)
def test_time_at_work_counts_a_long_pause_as_five_minutes_and_no_time_backwards(moments, expected):
    assert reading.minutes(events(*moments)) == expected


@given(st.lists(st.text(max_size=30), max_size=5))
def test_clocks_that_cannot_be_read_give_no_time(stamps):
    found = [
        Event(n=n, id="e", at=at, who="participant", act="a", data={}, exercise="x", version=1,
              attempt=1)
        for n, at in enumerate(stamps, 1)
    ]  # fmt: skip
    assert reading.minutes(found) >= 0


def test_naive_and_aware_clocks_in_one_log_give_no_time():
    first, second = events(0)[0], events(1)[0]
    assert reading.minutes([first, replace(second, at="2026-12-10T08:01:00")]) == 0.0


EVALUATION = canvas.Brief(
    kind="canvas", id="evaluasi-akhir", version=1, title="Evaluasi", use="practice",
    stakes="formative", visibility="marker", minutes=5,
    stages=(
        Stage(
            id="penyelenggara", title="Penyelenggara",
            fields=(
                Field(id="ruang", type="rating", label="Ruang nyaman"),
                Field(id="lama", type="choice", label="Lama pelatihan", options=(
                    Option(id="kurang", text="Terlalu pendek"), Option(id="pas", text="Cukup"),
                )),
                Field(id="saran", type="text", label="Saran", required=False),
            ),
        ),
    ),
    model=canvas.Key(),
)  # fmt: skip


def judged(**values):
    acts = [("system", "open", {})]
    acts += [
        ("participant", "set", {"stage": "penyelenggara", "field": field, "value": value})
        for field, value in values.items()
    ]
    acts.append(("participant", "finish", {}))
    found = tuple(
        Event(n=n, id=f"e{n}", at="2026-12-10T08:00:00Z", who=who, act=act, data=data,
              exercise="evaluasi-akhir", version=1, attempt=1)
        for n, (who, act, data) in enumerate(acts, 1)
    )  # fmt: skip
    source = Exercise(kind=canvas.KIND, brief=EVALUATION, key=EVALUATION.model)
    state = replay(canvas.KIND, EVALUATION, found)
    return list(reading.opinions("m6", "a01", source, state))


def test_an_evaluation_becomes_answers_that_nobody_signs():
    found = judged(ruang=4, lama="pas", saran="Lebih banyak kasus")
    told = [(it.question, it.answer, it.place, it.offered) for it in found]
    assert told == [
        ("Ruang nyaman", "4", 3, 5),
        ("Lama pelatihan", "Cukup", 1, 2),
        ("Saran", "Lebih banyak kasus", -1, 0),
    ]
    assert {field.name for field in fields(Opinion)} == {
        "module", "cohort", "group", "question", "answer", "place", "offered",
    }  # fmt: skip


def test_only_exercises_that_are_called_so_are_evaluations():
    source = Exercise(kind=canvas.KIND, brief=replace(EVALUATION, id="lain"), key=canvas.Key())
    assert list(reading.opinions("m6", "a01", source, None)) == []
