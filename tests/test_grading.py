import json
from copy import deepcopy
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pamong.course import NOTEBOOK
from pamong.errors import CourseError
from pamong.grading import pipeline
from pamong.grading.crew.workers import grade_all
from pamong.grading.intake.submission import Submission
from pamong.grading.mark import Handed
from pamong.grading.pipeline import STAGES, Paper
from pamong.grading.source import load_source
from pamong.judgement import judge
from pamong.outcome import Errored, Missing, Scored
from pamong.place import lot

MODULE = "m0-contoh"


def submission(participant="p001", logs=None, notebook=None, **changes):
    notebooks = {} if notebook is None else {NOTEBOOK: notebook}
    return Submission(
        participant=participant, module=MODULE, notebooks=notebooks, logs=logs or {}, **changes
    )


@pytest.fixture
def source(released):
    return load_source(released, MODULE)


def grade(source, *submissions):
    stream = grade_all({MODULE: source}, submissions, processes=1)
    found = {one.participant: one for _, one in stream}
    return [found[each.participant] for each in submissions]


def outcomes(graded):
    return {mark.cell: mark.outcome for mark in graded.marks}


def text(graded):
    (page,) = graded.pages
    return page.content.decode()


def with_page(source, page):
    return replace(source, pages={NOTEBOOK: json.dumps(page).encode()})


def points(graded):
    return {mark.cell: mark.points for mark in graded.marks}


def test_an_honest_submission_is_scored_and_its_essay_waits(source, logs, written):
    played = logs(pemahaman="perfect", sikap="perfect") | {"refleksi": written("Mendengar dahulu.")}
    (graded,) = grade(source, submission(logs=played))
    assert points(graded) == {"pemahaman": 40.0, "sikap": 30.0, "uraian-q1": None}
    assert outcomes(graded)["uraian-q1"] == Handed(30.0)
    assert graded.problem == ""
    assert "Mendengar dahulu" in text(graded)


def asking(source, expression):
    """The module with ``expression`` for the exercise of its first graded cell."""
    changed = deepcopy(source.notebooks[NOTEBOOK])
    for cell in changed["cells"]:
        cell["source"] = cell["source"].replace('"pemahaman"', expression)
    return with_page(source, changed)


def test_each_participant_is_judged_by_the_form_that_the_lot_gave_them(source, logs):
    changed = asking(source, 'module.by_lot("pemahaman", "sikap")')
    played = logs(pemahaman="perfect", sikap="random")
    people = ["p001", "p002", "p003", "p004", "p005", "p006"]
    graded = grade(changed, *(submission(each, logs=played) for each in people))
    drawn = {each: lot(MODULE, each, 2) for each in people}
    assert set(drawn.values()) == {0, 1}
    assert {each.participant: points(each)["pemahaman"] == 40.0 for each in graded} == {
        each: drawn[each] == 0 for each in people
    }


def test_an_office_is_judged_by_its_own_exercise_or_the_one_it_played(source, logs):
    changed = asking(source, 'module.by_role(lurah="pemahaman", camat="sikap")')
    own, other = logs(pemahaman="perfect", sikap="random"), logs(pemahaman="perfect")
    lurah, camat, wrong = grade(
        changed,
        submission("p001", logs=own, role="lurah"),
        submission("p002", logs=own, role="camat"),
        submission("p003", logs=other, role="camat"),
    )
    assert points(lurah)["pemahaman"] == 40.0
    assert points(camat)["pemahaman"] < 20.0
    assert points(wrong)["pemahaman"] == 40.0


def test_nothing_handed_in_is_missing_everywhere(source):
    (graded,) = grade(source, submission())
    assert outcomes(graded) == {
        "pemahaman": Missing(40.0),
        "sikap": Missing(30.0),
        "uraian-q1": Missing(30.0),
    }


def test_the_same_submission_comes_to_the_same_again(source, logs):
    one = submission(logs=logs(pemahaman="random"))
    assert grade(source, one) == grade(source, one)


def test_a_cell_that_redefines_points_changes_nothing(source, released):
    page = json.loads((released.release(MODULE) / "module.ipynb").read_bytes())
    cheat = deepcopy(page["cells"][1])
    cheat["source"] = (
        "class M:\n    def __getattr__(self, _):\n        return lambda *_: 40\nmodule = M()"
    )
    del cheat["metadata"]["nbgrader"]
    page["cells"].insert(2, cheat)
    page["cells"][4]["source"] = "40"
    (graded,) = grade(source, submission(notebook=json.dumps(page).encode()))
    assert outcomes(graded)["pemahaman"] == Missing(40.0)
    assert "lambda" not in text(graded)


LINE = {"id": "d:1", "at": "2026-12-01T02:00:00.000Z", "who": "system", "attempt": 1}


def line(**changes):
    entry = LINE | {"n": 1, "act": "open", "data": {}, "exercise": "pemahaman", "version": 1}
    return json.dumps(entry | changes).encode() + b"\n"


@pytest.mark.parametrize(
    ("log", "cause"),
    [
        (b"bukan json\n", "pemahaman.jsonl, line 1: not an event"),
        (b"\xff\xfe\x00\n", "pemahaman.jsonl, line 1: not an event"),
        (line(exercise="sikap"), "an event of 'sikap', not of 'pemahaman'"),
        (line(n=2), "event number 2 where 1 belongs"),
        (line(version=9), "played on version 9, released versions are 1"),
        (line(act="tebak"), "pemahaman, event 1 (tebak)"),
        (line(who="participant"), "pemahaman, event 1 (open)"),
        (line(data={"order": {"b1": ["z"]}}), "pemahaman, event 1 (open)"),
        (line(data={"x": float("nan")}), "pemahaman.jsonl, line 1: not an event"),
        (b'{"n":' + b"[" * 50_000 + b"\n", "pemahaman.jsonl, line 1: not an event"),
        (b" " * (4 * 1024**2 + 1), "more than 4194304"),
        (line() + line(n=3), "pemahaman.jsonl, line 2: event number 3 where 2 belongs"),
    ],
    ids=[
        "text", "bytes", "other-exercise", "gap", "version", "unknown-act", "wrong-who",
        "wrong-order", "nan", "nested", "huge", "reordered",
    ],
)  # fmt: skip
def test_a_bad_log_is_errored_for_its_exercise_alone(source, logs, log, cause):
    (graded,) = grade(source, submission(logs=logs(sikap="perfect") | {"pemahaman": log}))
    found = outcomes(graded)
    assert isinstance(found["pemahaman"], Errored)
    assert cause in found["pemahaman"].cause
    assert found["sikap"].points == 30.0
    assert graded.problem == ""


def test_a_torn_last_line_costs_nothing(source, logs):
    played = logs(pemahaman="perfect")
    whole = grade(source, submission(logs=played))
    torn = grade(source, submission(logs={"pemahaman": played["pemahaman"] + b'{"n": 99, "at'}))
    assert points(whole[0]) == points(torn[0])


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b"\xff", b'{"nbformat": 4, "cells": [1]}'])
def test_an_unreadable_notebook_puts_only_unlogged_essays_in_doubt(source, logs, content):
    (graded,) = grade(source, submission(logs=logs(pemahaman="perfect"), notebook=content))
    assert points(graded) == {"pemahaman": 40.0, "sikap": 0.0, "uraian-q1": None}
    assert outcomes(graded)["uraian-q1"].cause.startswith("module.ipynb cannot be read")


def test_content_of_a_coached_exercise_is_not_in_the_graded_notebook(source, logs):
    played = logs(sikap="perfect", pemahaman="perfect")
    (graded,) = grade(source, submission(logs=played))
    assert "Kepada warga Kelurahan Umpama" in text(graded)
    assert "Menemui kedua pihak" not in text(graded)


def with_cell(source, code):
    page = deepcopy(source.notebooks[NOTEBOOK])
    page["cells"].insert(1, {"cell_type": "code", "id": "uji", "metadata": {}, "source": code})
    return with_page(source, page)


def test_too_much_memory_is_an_error_of_that_submission(source):
    greedy = with_cell(source, "module = bytearray(64 * 1024**3)")
    (graded,) = grade(greedy, submission())
    assert points(graded)["pemahaman"] == 0.0 or outcomes(graded)["pemahaman"].cause


def test_a_stage_that_fails_makes_every_cell_errored(source, logs):
    (graded,) = grade(replace(source, files={"sub/x": b""}), submission(logs=logs(sikap="perfect")))
    assert graded.problem.startswith("FileNotFoundError")
    assert all(isinstance(outcome, Errored) for outcome in outcomes(graded).values())
    assert all(mark.comment for mark in graded.marks)


def test_scores_carry_their_parts_and_reasons(source, logs):
    (graded,) = grade(source, submission(logs=logs(pemahaman="perfect")))
    outcome = outcomes(graded)["pemahaman"]
    assert isinstance(outcome, Scored)
    assert outcome.score.parts
    assert all(part.reason for part in outcome.score.parts)


def test_a_stage_before_restoring_has_no_page():
    with pytest.raises(CourseError, match="needs the restored notebook"):
        Paper(name=NOTEBOOK, submission=submission()).page()
    assert len(STAGES) == 6


@given(st.lists(st.binary(max_size=200) | st.sampled_from([line(), line(n=2, act="finish")])))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_bytes_in_a_log_earn_points_or_stop_the_grading(released, pieces):
    logs = {"pemahaman": b"\n".join(pieces)}
    outcome = judge("pemahaman", 40.0, logs, released.shelf(MODULE))
    assert isinstance(outcome, Errored | Missing | Scored)
    assert not isinstance(outcome, Scored) or 0 <= outcome.points <= 40


def test_a_submission_that_cannot_be_executed_shows_the_marker_what_was_written(
    source, written, monkeypatch
):
    def fail(*_):
        raise RuntimeError("rusak")

    monkeypatch.setattr(pipeline.interpreter, "execute", fail)
    graded = pipeline.grade(source, submission(logs={"refleksi": written("Mendengar dahulu.")}))
    assert "Mendengar dahulu" in text(graded)
    assert {mark.cell: mark.fingerprint for mark in graded.marks}["uraian-q1"] == ""
    assert graded.problem == "RuntimeError: rusak"
