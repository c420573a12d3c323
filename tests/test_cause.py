"""Why a graded cell stands otherwise than before."""

import pytest

from pamong.grading.mark import Handed, Mark
from pamong.grading.records.cause import cause
from pamong.grading.records.origin import Origin
from pamong.outcome import Errored

NOW = Origin("kiriman", "sumber", "kode")
MARK = Mark("sikap", Handed(30.0), "jawaban")


@pytest.mark.parametrize(
    ("answer", "before", "expected"),
    [
        ("lain", NOW, "the answer changed"),
        ("jawaban", Origin("kiriman", "dahulu", "kode"), "the module or its key changed"),
        ("jawaban", Origin("kiriman", "sumber", "dahulu"), "Pamong changed"),
        ("jawaban", Origin("dahulu", "sumber", "kode"), "something else in the submission changed"),
        (
            "lain",
            Origin("dahulu", "dahulu", "dahulu"),
            "the answer changed; the module or its key changed; Pamong changed",
        ),
        (
            "jawaban",
            Origin("", "sumber", "kode"),
            "graded anew: the earlier grading was errored, or nbgrader's",
        ),
        ("jawaban", NOW, "nothing that it rests on changed"),
        ("jawaban", None, "it is not known what the earlier grade rested on"),
        (None, None, "it is not known what the earlier grade rested on"),
        ("lain", None, "the answer changed"),
    ],
)
def test_the_cause_is_what_differs_from_the_earlier_grading(answer, before, expected):
    assert cause(MARK, NOW, first=False, answer=answer, before=before) == expected


def test_a_first_grading_is_one_whatever_is_known():
    assert cause(MARK, NOW, first=True, answer=None, before=None) == "first grading"


def test_an_error_is_told_in_one_line_with_its_text():
    mark = Mark("sikap", Errored(30.0, "log\n  rusak"), "jawaban")
    assert cause(mark, NOW, first=True, answer=None, before=None) == (
        "first grading; errored: log rusak"
    )
