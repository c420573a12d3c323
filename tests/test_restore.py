from copy import deepcopy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pamong.grading import essay
from pamong.grading.restore import fill, restore, stub

HOSTILE = '<script>alert(1)</script> [a](javascript:alert(1)) ![x](http://contoh) $x$ `c` | \\ "'


def answer(source=None, **changes):
    mark = {"grade_id": "q1", "grade": True, "solution": True, "locked": False, "points": 30}
    metadata = {"nbgrader": mark, "pamong": {"essay": {"exercise": "refleksi", "prompt": "q1"}}}
    made = {"cell_type": "markdown", "id": "q1", "metadata": metadata}
    return made | {"source": stub() if source is None else source} | changes


def code(source='module.points("x", 1)', **changes):
    mark = {"grade_id": "x", "grade": True, "solution": False, "locked": True, "points": 1}
    made = {"cell_type": "code", "id": "x", "metadata": {"nbgrader": mark}, "outputs": []}
    return made | {"source": source, "execution_count": None} | changes


def page(*cells, **metadata):
    return {"cells": list(cells), "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


SOURCE = page(code(), answer(), kernelspec={"name": "python3"})


def texts(notebook):
    return [cell["source"] for cell in notebook["cells"]]


def test_only_the_answers_text_comes_from_the_participant():
    theirs = page(
        code("def points(*_): return 15"),
        {"cell_type": "code", "id": "baru", "metadata": {}, "source": "import os", "outputs": []},
        answer("Saya mendengar", attachments={"a.svg": {}}),
        kernelspec={"name": "jahat"},
    )
    restored = restore(SOURCE, theirs)
    assert texts(restored) == ['module.points("x", 1)', "Saya mendengar"]
    assert restored["metadata"] == {"kernelspec": {"name": "python3"}}
    assert "attachments" not in restored["cells"][1]


def test_nothing_given_is_changed():
    theirs, source = page(answer("teks")), deepcopy(SOURCE)
    before = deepcopy(theirs)
    fill(restore(source, theirs), {})
    assert (source, theirs) == (SOURCE, before)


def test_a_missing_notebook_leaves_every_answer_blank():
    assert texts(restore(SOURCE, None))[1] == stub()


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ([code()], ""),
        ([answer("satu"), answer("satu")], "satu"),
        ([answer("satu"), answer("dua")], "satu\n\ndua"),
        ([answer(), answer("dua")], "dua"),
        ([answer("x = 1", cell_type="code", outputs=[])], "x \\= 1"),
        ([answer("mentah", cell_type="raw")], "mentah"),
        ([answer("tanpa metadata", metadata={})], "tanpa metadata"),
        ([answer("  \n ")], ""),
    ],
    ids=["deleted", "duplicated", "split", "half", "code", "raw", "metadata-lost", "blank"],
)
def test_a_mistreated_answer_cell_keeps_its_text(cells, expected):
    assert texts(restore(SOURCE, page(*cells)))[1] == (expected or stub())


def test_outputs_of_the_source_are_forgotten():
    source = page(code(outputs=[{"output_type": "stream"}], execution_count=3))
    assert restore(source, None)["cells"][0]["outputs"] == []
    assert restore(source, None)["cells"][0]["execution_count"] is None


def test_the_log_outranks_the_cell(written):
    filled = fill(restore(SOURCE, page(answer("lama"))), {"refleksi": written("satu", "dua")})
    assert texts(filled)[1] == "dua"


def test_a_text_deleted_in_the_form_is_blank_whatever_the_cell_says(written):
    filled = fill(restore(SOURCE, page(answer("lama"))), {"refleksi": written("satu", "")})
    assert filled["cells"][1]["metadata"]["pamong"]["answer"]["blank"] is True


def test_without_a_log_the_cells_own_text_counts():
    filled = fill(restore(SOURCE, page(answer("lama"))), {})
    assert texts(filled)[1] == "lama"
    assert filled["cells"][1]["metadata"]["pamong"]["answer"]["blank"] is False


def test_a_damaged_log_shows_what_is_intact_and_says_so(written):
    broken = written("satu") + b"rusak\n" + b"\n"
    noted = fill(restore(SOURCE, None), {"refleksi": broken})["cells"][1]
    assert noted["source"] == "satu"
    assert noted["metadata"]["pamong"]["answer"]["cause"].startswith("refleksi.jsonl, line 3:")


def test_an_unreadable_notebook_leaves_only_unlogged_essays_in_doubt(written):
    doubtful = fill(restore(SOURCE, None), {}, doubt="rusak")["cells"][1]
    certain = fill(restore(SOURCE, None), {"refleksi": written("satu")}, doubt="rusak")["cells"][1]
    assert doubtful["metadata"]["pamong"]["answer"]["cause"] == "rusak"
    assert "cause" not in certain["metadata"]["pamong"]["answer"]


def test_the_fingerprint_follows_the_text_alone(written):
    def name(text):
        filled = fill(restore(SOURCE, None), {"refleksi": written("x", text)})
        return filled["cells"][1]["metadata"]["pamong"]["answer"]["fingerprint"]

    assert name("satu") == name("satu") != name("dua")


def test_hostile_text_is_shown_as_text():
    shown = essay.literal(HOSTILE)
    assert "<" not in shown
    assert "](" not in shown
    assert essay.plain(shown) == HOSTILE


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["C", "Z"]), max_size=80))
def test_literal_text_can_be_read_back(text):
    assert essay.plain(essay.literal(text)) == text


def test_lines_and_paragraphs_stay_apart():
    assert essay.literal("satu\ndua\n\n\ntiga  ") == "satu  \ndua\n\n\ntiga"


def test_a_text_that_is_no_text_is_an_error(written):
    odd = written("x").replace(b'"x"', b"[1]")
    assert essay.read(odd, "refleksi", "q1").cause == "refleksi: the text of q1 is not text."


def test_a_log_that_says_nothing_of_a_prompt_leaves_the_cells_own_text(written):
    other = written("di formulir").replace(b'"q1"', b'"q2"')
    filled = fill(restore(SOURCE, page(answer("di dalam sel"))), {"refleksi": other})
    assert texts(filled)[1] == "di dalam sel"
    assert filled["cells"][1]["metadata"]["pamong"]["answer"]["blank"] is False
