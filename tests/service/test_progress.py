"""How far everybody is: counts and moments of the logs, and for leaders nothing about a few."""

import random
from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event

from pamong.course import Course
from pamong.receipt import Played, Receipt
from pamong.service import people, privacy, progress, schedule
from pamong.service.progress import Standing, totals
from pamong.service.tables import bundles, events, feedback, submissions
from tests.values import replace

from .office import BY, NOW, office, participant

MODULE = "m0-contoh"


@pytest.fixture
def connection():
    progress._told.clear()  # as in a process that has not looked yet
    with office() as found:
        yield found


@pytest.fixture
def course(released_once):
    return Course.load(released_once)


def play(connection, person, logs, at=NOW):
    for exercise, content in logs.items():
        for n, line in enumerate(content.splitlines(keepends=True), 1):
            row = {"person": person, "module": MODULE, "exercise": exercise, "n": n, "id": str(n)}
            connection.execute(events.insert().values(**row, line=line, received=at))


def hand_in(connection, person, at, told=False):
    if connection.execute(bundles.select()).first() is None:
        connection.execute(bundles.insert().values(content="c", files=b""))
    row = {"person": person, "module": MODULE, "content": "c", "code": f"{person}{at}"}
    made = connection.execute(
        submissions.insert().values(**row, moment=at, receipt=b"", signature=b"", secret="")
    )
    if told:
        (number,) = made.inserted_primary_key
        page = {"submission": number, "notebook": "module", "page": b"", "digest": "d"}
        connection.execute(feedback.insert().values(**page, at=at))


def certify(connection, person, **played):
    """A receipt that tells of these exercises, as (state, events)."""
    made = Receipt(
        course="kursus-contoh", participant=person, module=MODULE, moment=NOW, content="0" * 64,
        exercises=tuple(
            Played(exercise=name, state=state, events=count)
            for name, (state, count) in played.items()
        ),
        statement=True, late=False,
    )  # fmt: skip
    hand_in(connection, person, NOW)
    connection.execute(submissions.update().values(receipt=made.canonical()))


def standings(connection, course):
    found = progress.standings(connection, course, people.listing(connection))
    return {one.person: one for one in found}


def test_counts_tell_what_was_begun_finished_and_handed_in(connection, course, logs):
    played = logs(pemahaman="perfect", sikap="middle")
    begun = {"pemahaman": played["pemahaman"].splitlines(keepends=True)[0]}
    play(connection, "p001", played, at=NOW)
    play(connection, "p002", begun, at=NOW + timedelta(hours=1))
    hand_in(connection, "p001", NOW + timedelta(hours=2), told=True)
    hand_in(connection, "p001", NOW + timedelta(hours=3))
    found = standings(connection, course)
    one, two, three = (found[id] for id in ("p001", "p002", "p003"))
    assert (one.begun, one.finished, one.started) == (2, 2, NOW)
    assert (one.submissions, one.submitted) == (2, NOW + timedelta(hours=3))
    assert (one.late, one.feedback) == (False, False)
    assert (two.begun, two.finished, two.submitted) == (1, 0, None)
    assert two.last == NOW + timedelta(hours=1)
    assert three == Standing(person="p003", module=MODULE, exercises=one.exercises)
    assert one.exercises >= 2


def test_an_extension_makes_a_submission_timely_and_feedback_on_the_newest_counts(
    connection, course
):
    late = course.programme.deadline(MODULE) + timedelta(hours=1)
    hand_in(connection, "p001", late, told=True)
    assert standings(connection, course)["p001"].late
    chosen = people.listing(connection, ids=("p001",))
    schedule.extend(
        connection, course.programme, chosen, MODULE, until=timedelta(days=1), reason="x", **BY
    )
    found = standings(connection, course)["p001"]
    assert (found.late, found.feedback) == (False, True)


def test_a_log_that_cannot_be_believed_is_begun_and_never_finished(connection, course, logs):
    play(connection, "p001", {"pemahaman": b"rusak\n"})
    play(connection, "p002", {"pemahaman": logs(pemahaman="perfect")["pemahaman"], "lain": b"{}\n"})
    found = standings(connection, course)
    assert (found["p001"].begun, found["p001"].finished) == (1, 0)
    assert (found["p002"].begun, found["p002"].finished) == (1, 1)


def test_only_logs_that_have_grown_are_read_again(connection, course, logs):
    whole = logs(pemahaman="perfect", sikap="middle")
    play(connection, "p001", whole)
    first = standings(connection, course)
    asked = []

    def hear(*about):
        asked.extend([about[2]] if about[2].startswith("SELECT") and "line" in about[2] else [])

    event.listen(connection, "before_cursor_execute", hear)
    assert standings(connection, course) == first
    assert asked == []
    play(connection, "p002", {"sikap": whole["sikap"]})
    assert standings(connection, course)["p002"].finished == 1
    assert len(asked) == 1


def test_a_quick_look_replays_nothing_and_spoils_nothing(connection, course, logs):
    play(connection, "p001", logs(pemahaman="perfect"))
    listed = people.listing(connection)
    (quick, *_) = progress.standings(connection, course, listed, replayed=False)
    assert (quick.begun, quick.finished, quick.started) == (1, 0, NOW)
    assert standings(connection, course)["p001"].finished == 1
    (quick, *_) = progress.standings(connection, course, listed, replayed=False)
    assert quick.finished == 1


def test_what_a_receipt_says_of_a_log_counts_until_the_log_has_grown(connection, course):
    # Nobody could replay these lines, so whatever is known of them comes from the receipt.
    play(connection, "p001", {"pemahaman": b"1\n2\n", "sikap": b"1\n2\n", "refleksi": b"1\n"})
    certify(
        connection, "p001",
        pemahaman=("finished", 2), sikap=("finished", 1), refleksi=("unread", 1),
    )  # fmt: skip
    found = standings(connection, course)["p001"]
    assert (found.begun, found.finished) == (3, 1)


def test_somebody_else_under_the_same_id_has_not_finished_what_the_first_had(
    connection, course, logs
):
    whole = logs(pemahaman="perfect")
    play(connection, "p001", whole)
    assert standings(connection, course)["p001"].finished == 1
    privacy.delete(connection, "p001", reason="x", **BY)
    people.add(connection, participant("p001"), at=NOW + timedelta(days=1))
    play(connection, "p001", {"pemahaman": b"1\n" * whole["pemahaman"].count(b"\n")})
    assert standings(connection, course)["p001"].finished == 0


def test_where_a_module_is_not_released_nobody_meets_an_exercise(connection, course, tmp_path):
    elsewhere = replace(course, root=tmp_path)
    play(connection, "p001", {"pemahaman": b"{}\n"})
    found = standings(connection, elsewhere)["p001"]
    assert (found.exercises, found.begun, found.started) == (0, 0, NOW)


def test_a_server_tells_the_same(connection, course, logs, server):
    with office(url=server.database()) as there:
        told = []
        for place in (connection, there):
            progress._told.clear()
            play(place, "p001", logs(pemahaman="perfect", sikap="middle"))
            play(place, "p002", {"pemahaman": b"rusak\n"})
            hand_in(place, "p001", NOW, told=True)
            told.append((standings(place, course), standings(place, course)))
    assert told[0] == told[1]


# For leaders ---------------------------------------------------------------------------------------

states = st.sampled_from(("", "started", "submitted", "late", "told"))


def standing(id, state):
    submitted = state in ("submitted", "late", "told")
    return Standing(
        person=id, module="m1", exercises=1, begun=int(bool(state)), finished=int(state == "told"),
        submissions=int(submitted), submitted=NOW if submitted else None, late=state == "late",
        feedback=state == "told",
    )  # fmt: skip


BELONGS = {
    "people": frozenset(("", "started", "submitted", "late", "told")),
    "started": frozenset(("started", "submitted", "late", "told")),
    "submitted": frozenset(("submitted", "late", "told")),
    "late": frozenset(("late",)),
    "finished": frozenset(("told",)),
    "feedback": frozenset(("told",)),
}


@given(st.lists(states, max_size=40))
def test_no_counts_together_tell_apart_one_to_four_people(found):
    """Whatever is computed from the counts of groups is about people who are in the same of them."""
    everybody = [participant(f"p{number}") for number in range(len(found))]
    known = [standing(one.id, state) for one, state in zip(everybody, found, strict=True)]
    for total in totals(everybody, known):
        shown = [name for name in BELONGS if getattr(total, name) is not None]
        alike = Counter(tuple(state in BELONGS[name] for name in shown) for state in found)
        assert not shown or all(people >= 5 for people in alike.values())
        assert [getattr(total, name) for name in shown] == [
            sum(state in BELONGS[name] for state in found) for name in shown
        ]
        assert total.people is not None or not shown


def test_large_groups_are_told():
    found = ["submitted"] * 6 + ["started"] * 5 + [""] * 5 + ["late"] * 5
    random.Random(1).shuffle(found)
    everybody = [participant(f"p{number}") for number in range(len(found))]
    (total,) = totals(everybody, map(standing, (one.id for one in everybody), found))
    assert (total.people, total.started, total.submitted, total.late) == (21, 16, 11, 5)
    assert Counter(found)["late"] == 5
