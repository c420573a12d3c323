import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pamong.grading.mark import Handed, Mark, annotate, marks, unmarked
from pamong.grading.restore import fingerprint
from pamong.outcome import Errored, Missing, Scored

MIME = "application/vnd.pamong.outcome+json"
SOURCE = 'module.exercise("adu")\n### BEGIN HIDDEN TESTS\nmodule.points("adu", 15)'


def outcome(**changes):
    part = {"name": "a", "label": "A", "weight": 1.0, "value": 0.5, "reason": "Karena."}
    made = {"exercise": "adu", "outcome": "scored", "points": 7.5, "maximum": 15.0, "value": 0.5}
    return made | {"parts": [part], "caps": []} | changes


def result(data, text="7.5"):
    bundle = {"text/plain": text} | ({} if data is None else {MIME: data})
    return {"output_type": "execute_result", "data": bundle, "metadata": {}}


def stream(name="stderr", text="DeprecationWarning: x"):
    return {"output_type": "stream", "name": name, "text": text}


FAILED = {"output_type": "error", "ename": "KeyError", "evalue": "'x'", "traceback": []}


def page(*outputs, source=SOURCE, points=15):
    mark = {"grade_id": "adu", "grade": True, "solution": False, "points": points}
    cell = {"cell_type": "code", "metadata": {"nbgrader": mark}, "outputs": list(outputs)}
    return {"cells": [cell | {"source": source}]}


def mark(*outputs, **options):
    (found,) = marks(page(*outputs, **options), {"adu": b"log"})
    return found


def test_a_believable_outcome_is_scored_with_its_parts():
    found = mark(stream("stdout"), {"output_type": "display_data", "data": {}}, result(outcome()))
    assert isinstance(found.outcome, Scored)
    assert (found.points, found.comment) == (7.5, None)
    assert found.outcome.score.parts[0].reason == "Karena."
    assert found.fingerprint == fingerprint(b"log")


def test_nothing_played_is_no_points_and_nobodys_work():
    found = mark(result(outcome(outcome="missing", points=0.0), "0.0"))
    assert found.outcome == Missing(15.0)
    assert (found.points, found.comment) == (0.0, "Tidak ada jawaban.")


def test_an_errored_outcome_scores_nothing_and_keeps_its_cause():
    found = mark(result(outcome(outcome="errored", cause="rusak"), "0.0"))
    assert found.outcome == Errored(15.0, "rusak")
    assert found.points is None
    assert found.comment.endswith("Penyebab: rusak")


@pytest.mark.parametrize(
    ("outputs", "cause"),
    [
        ([], "The cell shows 0 results instead of one outcome."),
        ([result(outcome()), result(outcome())], "The cell shows 2 results instead of one outcome."),
        ([result(None, "15")], "The cell shows '15', no outcome."),
        ([result(None, ["15"])], "The cell shows '15', no outcome."),
        ([result("teks")], "The cell shows '7.5', no outcome."),
        ([stream(), result(outcome())], "stderr: DeprecationWarning: x"),
        ([result(outcome()), FAILED], "KeyError: 'x'"),
        ([result(outcome(exercise="lain"))], "The outcome is that of 'lain'."),
        ([result(outcome(maximum=30))], "The outcome is out of 30, the cell of 15.0 points."),
        ([result(outcome(points=float("nan")), "nan")], "nan is not a number of points."),
        ([result(outcome(points=float("inf")), "inf")], "inf is not a number of points."),
        ([result(outcome(points=-3), "-3")], "-3.0 points lie outside 0..15.0."),
        ([result(outcome(points=15.5), "15.5")], "15.5 points lie outside 0..15.0."),
        ([result(outcome(points=True), "True")], "True is not a number of points."),
        ([result(outcome(points=None))], "None is not a number of points."),
        ([result(outcome(), "np.float64(7.5)")], "could not convert string to float"),
        ([result(outcome(), "oops")], "could not convert string to float: 'oops'"),
        ([result(outcome(), "15")], "The cell shows '15' beside 7.5 points."),
        ([result(outcome(outcome="win"))], "'win' is not an outcome."),
        ([result(outcome(value=2))], "A score of 2.0 lies outside 0..1."),
        ([result(outcome(parts=[{"name": "a"}]))], "The parts of the score cannot be read"),
        ([result({"exercise": "adu", "maximum": 15, "outcome": "errored"})], "No cause was given."),
    ],
)  # fmt: skip
def test_anything_doubtful_is_errored(outputs, cause):
    found = mark(*outputs)
    assert isinstance(found.outcome, Errored)
    assert found.outcome.cause.startswith(cause)
    assert found.points is None


def test_a_cell_that_asks_for_no_points_never_gets_any():
    assert isinstance(mark(result(outcome()), source="15").outcome, Errored)


def essay(**answer):
    nbgrader = {"grade_id": "q", "grade": True, "solution": True, "points": 10}
    pamong = {"answer": answer} if answer else {}
    cell = {"cell_type": "markdown", "metadata": {"nbgrader": nbgrader, "pamong": pamong}}
    return marks({"cells": [cell | {"source": "teks"}]}, {})


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({"blank": False, "fingerprint": "f"}, Mark("q", Handed(10.0), "f")),
        ({"blank": True, "fingerprint": "f"}, Mark("q", Missing(10.0), "f")),
        (
            {"blank": True, "fingerprint": "f", "cause": "rusak"},
            Mark("q", Errored(10.0, "rusak"), "f"),
        ),
        (
            {},
            Mark(
                "q",
                Errored(10.0, "The answer was not read; grade with Pamong's preprocessors."),
                "",
            ),
        ),
    ],
    ids=["written", "blank", "damaged", "unread"],
)
def test_an_essay_waits_for_a_person_unless_nothing_was_written(answer, expected):
    assert essay(**answer) == (expected,)


def test_the_cause_is_shown_under_the_cell_for_the_marker():
    errored = page(FAILED)
    shown = annotate(errored, marks(errored, {}))["cells"][0]["outputs"]
    assert shown[:-1] == [FAILED]
    assert "KeyError: 'x'" in shown[-1]["data"]["text/plain"]
    assert len(errored["cells"][0]["outputs"]) == 1
    fine = page(result(outcome()))
    assert json.dumps(annotate(fine, marks(fine, {}))) == json.dumps(fine)


def test_what_cannot_be_executed_is_errored_cell_by_cell():
    (found,) = unmarked(page(), {"adu": b"log"}, "mati")
    assert found == Mark("adu", Errored(15.0, "mati"), fingerprint(b"log"))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip
FIELDS = ("exercise", "outcome", "points", "maximum", "value", "parts", "caps", "cause")


@given(
    st.dictionaries(st.sampled_from(FIELDS), JSON),
    st.text(max_size=6) | st.floats().map(repr) | st.lists(st.text(max_size=3), max_size=3),
)
def test_whatever_a_cell_shows_its_points_lie_within_its_worth(changes, text):
    found = mark(result(outcome(**changes), text))
    assert found.points is None or 0 <= found.points <= 15
    assert (found.points is None) == isinstance(found.outcome, Errored)
