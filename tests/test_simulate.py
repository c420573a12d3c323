"""A realistic cohort."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from pamong import log
from pamong.course import Course
from pamong.errors import CourseError
from pamong.judgement import judge
from pamong.outcome import Scored
from pamong.roster import Participant, Roster
from pamong.simulate import ABSENT, HALF, LATE, answer_logs, cast, simulate
from tests.test_judgement import frozen

DEADLINE = datetime(2026, 12, 11, 16, 59, tzinfo=UTC)
ROSTER = Roster(
    tuple(
        Participant(
            id=f"p{n:03}", name=f"Orang {n}", role="lurah", region="Contoh", cohort=f"a0{n % 8}"
        )
        for n in range(1, 318)
    )
)


def test_shares_of_late_half_finished_and_absent_are_as_declared() -> None:
    people = cast(ROSTER, DEADLINE, seed=1)
    present = [person for person in people if person.handed_in]
    assert abs(1 - len(present) / 317 - ABSENT) < 0.03
    assert abs(sum(p.share < 1 for p in present) / 317 - HALF) < 0.04
    assert abs(sum(p.handed_in[-1] > DEADLINE for p in present) / 317 - LATE) < 0.03
    assert sum(len(person.handed_in) == 2 for person in people) == 1
    assert sum(person.torn for person in people) == 1


def test_abilities_vary_and_follow_from_the_seed() -> None:
    one, again, other = (cast(ROSTER, DEADLINE, seed=seed) for seed in (1, 1, 2))
    assert one == again
    assert one != other
    assert max(p.skill for p in one) - min(p.skill for p in one) > 0.5


def test_every_simulated_log_can_be_judged_and_abler_people_score_more(tmp_path: Path) -> None:
    shelf = frozen(tmp_path / "released")
    points: dict[bool, list[float]] = {True: [], False: []}
    for person in cast(ROSTER, DEADLINE, seed=3)[:60]:
        if not person.handed_in or person.share < 1:
            continue
        logs = answer_logs(shelf, b"rahasia", person, seed=3)
        outcome = judge("pemahaman", 10, logs, shelf)
        assert isinstance(outcome, Scored)
        points[person.skill > 0.55].append(outcome.points)
    assert sum(points[True]) / len(points[True]) > sum(points[False]) / len(points[False])


def test_moments_of_work_go_forward_and_end_before_handing_in(tmp_path: Path) -> None:
    shelf = frozen(tmp_path / "released")
    person = next(p for p in cast(ROSTER, DEADLINE, seed=1) if p.handed_in and p.share == 1)
    for name, content in answer_logs(shelf, b"s", person, seed=1).items():
        moments = [datetime.fromisoformat(event.at) for event in log.parse(content, name).events]
        assert moments == sorted(moments)
        assert moments[-1] < person.handed_in[-1]


def test_half_finished_people_leave_exercises_out(tmp_path: Path) -> None:
    shelf = frozen(tmp_path / "released")
    half = next(p for p in cast(ROSTER, DEADLINE, seed=1) if p.handed_in and p.share < 1)
    assert len(answer_logs(shelf, b"s", half, seed=1)) < len(shelf.latest())


def test_bots_do_not_hand_in_where_nobody_collects(released: Course) -> None:
    (released.folder / "service.db").touch()
    with pytest.raises(
        CourseError, match="This course has a service, and `pamong collect` asks that"
    ):
        simulate(released, "m0-contoh", ROSTER, seed=1, workers=1, progress=lambda _done, _of: None)
    assert not released.exchange.exists()
