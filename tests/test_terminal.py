"""How far a long command says it has come."""

from itertools import chain, repeat

import pytest

from pamong.cli import terminal
from pamong.cli.terminal import Pace, progress_bar


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def test_a_pace_tells_the_rate_what_is_left_and_what_failed():
    pace = Pace(clock := Clock())
    for done in range(1, 101):
        clock.now += 0.1
        pace.step(done, 1900, done // 50)
    assert str(pace) == "10/s, about 3:00 left, 2 errored"


def test_a_quick_start_promises_nothing_for_the_rest():
    pace = Pace(clock := Clock())
    clock.now = 1.0
    pace.step(1000, 1100, 0)
    for done in range(1001, 1041):
        clock.now += 1.0
        pace.step(done, 1100, 0)
    assert str(pace) == "1.0/s, about 1:00 left"


@pytest.mark.parametrize("steps", [[], [(0, 9, 0)], [(4, 9, 0)], [(9, 9, 0)], [(0, 0, 0)]])
def test_too_little_to_go_by_gives_no_estimate(steps):
    pace = Pace(Clock())
    for step in steps:
        pace.step(*step)
    assert str(pace) == ""


def test_where_nobody_watches_a_line_now_and_then_is_enough(capsys, monkeypatch):
    moments = chain([0.0, 0.0], (second / 2 for second in range(200)), repeat(100.0))
    monkeypatch.setattr(terminal, "monotonic", lambda: next(moments))
    with progress_bar("submissions") as step:
        for done in range(60):
            step(done, 60)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert 1 <= len(captured.err.splitlines()) <= 9
    assert captured.err.startswith("submissions: ")
