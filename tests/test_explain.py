"""Why a graded cell stands as it does."""

from contextlib import closing

import pytest

from pamong.errors import CourseError
from pamong.grading.batch import grade
from pamong.grading.crew.workers import local
from pamong.grading.explain import explain
from pamong.grading.mark import Handed
from pamong.grading.records.gradebook import Gradebook
from pamong.grading.records.ledger import Standing
from pamong.outcome import Errored, Missing, Scored

MODULE = "m0-contoh"


def run(course):
    return grade(course, [MODULE], crew=local(1))


@pytest.fixture
def graded(released, logs, hand_in, written):
    played = logs(pemahaman="perfect", sikap="person")
    hand_in(released, "p001", played | {"refleksi": written("Begini.", "Begitu.")})
    run(released)
    return released


def test_what_was_played_scored_and_recorded_agree(graded):
    found = explain(graded, "p001", "pemahaman")
    assert (found.role, found.module, found.cell) == ("lurah", MODULE, "pemahaman")
    assert isinstance(found.mark.outcome, Scored)
    assert (found.mark.points, found.recorded.auto, found.recorded.maximum) == (40.0, 40.0, 40.0)
    assert [step.act for step in found.play.steps][:2] == ["open", "answer"]
    assert found.play.steps[-1].act == "finish"
    assert (found.play.attempts, found.play.finished, found.play.version) == (1, True, 1)
    assert (found.play.released, found.play.damage, found.play.undone) == ((1,), "", ())
    (entry,) = found.history
    assert (entry.old, entry.new, entry.cause) == (None, Standing(40.0, False), "first grading")
    assert entry.source == found.source


def test_an_essay_is_found_by_its_cell_and_waits_for_a_person(graded):
    found = explain(graded, "p001", "uraian-q1", MODULE)
    assert found.mark.outcome == Handed(30.0)
    assert found.exercise == "refleksi"
    assert [step.text for step in found.play.steps if step.act == "text"] == [
        "Begini. prompt=q1 “Apa yang akan Anda lakukan berbeda?”",
        "Begitu. prompt=q1 “Apa yang akan Anda lakukan berbeda?”",
    ]
    assert (found.recorded.auto, found.recorded.needs_person) == (None, True)


def test_an_essay_is_found_by_the_exercise_it_is_written_in(graded):
    assert explain(graded, "p001", "refleksi").cell == "uraian-q1"


def test_what_is_for_a_coach_is_told_without_its_content(graded):
    found = explain(graded, "p001", "sikap")
    assert found.play.visibility == "coach"
    assert {step.text for step in found.play.steps} == {""}
    assert len(found.play.steps) > 2


def test_practice_has_a_path_and_no_points(graded, hand_in, logs):
    hand_in(graded, "p001", logs(latihan="person"))
    found = explain(graded, "p001", "latihan")
    assert (found.cell, found.mark, found.recorded, found.history) == ("", None, None, ())
    assert found.play.steps[0].act == "open"


def test_nothing_played_is_missing(graded, hand_in):
    hand_in(graded, "p002")
    found = explain(graded, "p002", "pemahaman")
    assert (found.mark.outcome, found.play, found.recorded) == (Missing(40.0), None, None)


def test_a_damaged_log_is_told_up_to_the_damage(graded, hand_in, logs):
    lines = logs(pemahaman="perfect")["pemahaman"].splitlines(keepends=True)
    hand_in(graded, "p001", {"pemahaman": b"".join([*lines[:2], b"rusak\n", *lines[3:]])})
    run(graded)
    found = explain(graded, "p001", "pemahaman")
    assert [step.n for step in found.play.steps] == [1, 2]
    assert found.play.damage.startswith("pemahaman.jsonl, line 3: not an event")
    assert isinstance(found.mark.outcome, Errored)
    (_, last) = found.history
    assert last.old == Standing(40.0, False)
    assert last.new == Standing(None, True)
    assert last.cause.startswith("the answer changed; errored: pemahaman.jsonl, line 3: not an")


@pytest.mark.parametrize("content", [b"rusak\n", b"\x00\xff\n\n", b"[]\n" * 9])
def test_a_log_that_is_damaged_from_the_start_is_told_too(graded, hand_in, content):
    hand_in(graded, "p001", {"pemahaman": content})
    found = explain(graded, "p001", "pemahaman")
    assert (found.play.steps, found.play.version) == ((), 0)
    assert found.play.damage.startswith("pemahaman.jsonl, line 1: not an event")


def test_the_event_that_breaks_a_rule_is_marked(graded, hand_in, logs):
    lines = logs(pemahaman="perfect")["pemahaman"].splitlines(keepends=True)
    broken = lines[1].replace(b'"item":"', b'"item":"x')
    hand_in(graded, "p001", {"pemahaman": b"".join([lines[0], broken, *lines[2:]])})
    found = explain(graded, "p001", "pemahaman")
    assert [step.n for step in found.play.steps if step.fault] == [2]
    assert len(found.play.steps) == len(lines)
    assert "event 2 (answer)" in found.mark.outcome.cause


def test_a_version_that_was_never_released_is_told_with_the_path(graded, hand_in, logs):
    content = logs(pemahaman="perfect")["pemahaman"].replace(b'"version":1', b'"version":9')
    hand_in(graded, "p001", {"pemahaman": content})
    found = explain(graded, "p001", "pemahaman")
    assert (found.play.version, found.play.released) == (9, (1,))
    assert "played on version 9, released versions are 1" in found.mark.outcome.cause
    assert found.play.steps


@pytest.mark.parametrize(
    ("participant", "exercise", "module", "message"),
    [
        ("p00", "pemahaman", "", "Nobody is called p00. Nearest: p003, p002, p001."),
        ("xyz", "pemahaman", "", "Nobody is called xyz. There are: p001, p002, p003."),
        (
            "p003", "pemahaman", "",
            "p003 has handed in nothing for m0-contoh. "
            "If they say that they have, run `pamong collect m0-contoh` again.",
        ),
        ("p001", "pemahamn", "", "There is no exercise pemahamn. Nearest: pemahaman, latihan."),
        (
            "p001", "zzz", MODULE,
            "There is no exercise zzz in m0-contoh. "
            "There are: latihan, pemahaman, refleksi, sikap, uraian-q1.",
        ),
    ],
)  # fmt: skip
def test_an_error_says_what_to_ask_instead(graded, participant, exercise, module, message):
    with pytest.raises(CourseError) as caught:
        explain(graded, participant, exercise, module)
    assert str(caught.value) == message


def test_what_is_recorded_may_differ_from_what_it_comes_to_now(graded, hand_in, logs):
    hand_in(graded, "p001", logs(pemahaman="first"))
    found = explain(graded, "p001", "pemahaman")
    assert found.mark.points < found.recorded.auto == 40.0


def test_looking_changes_nothing(graded):
    before = {path: path.read_bytes() for path in sorted(graded.root.rglob("*")) if path.is_file()}
    explain(graded, "p001", "pemahaman")
    after = {path: path.read_bytes() for path in sorted(graded.root.rglob("*")) if path.is_file()}
    assert before == after


def test_without_any_grading_there_is_no_row_and_no_history(released, hand_in, logs):
    hand_in(released, "p001", logs(pemahaman="perfect"))
    found = explain(released, "p001", "pemahaman")
    assert (found.recorded, found.history, found.mark.points) == (None, (), 40.0)
    with closing(Gradebook.open(released)) as book:
        assert book.rows(MODULE) == ()
