import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pamong import notebook
from pamong.errors import CourseError


def cell(**changes):
    return {"cell_type": "markdown", "id": "a", "metadata": {}, "source": "teks", **changes}


def page(*cells):
    return {"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


@given(st.lists(st.text(max_size=30), max_size=4))
def test_what_is_written_is_read_back(texts):
    cells = [cell(id=f"c{n}", source=text) for n, text in enumerate(texts)]
    once = notebook.serialise(page(*cells))
    assert notebook.parse(once, "a.ipynb") == page(*cells)
    assert notebook.serialise(notebook.parse(once, "a.ipynb")) == once


def test_lines_of_source_and_outputs_stand_apart_as_jupyter_saves_them():
    output = {"output_type": "stream", "name": "stdout", "text": "x\ny"}
    shown = {"output_type": "display_data", "data": {"text/html": "p\nq", "a+json": {"b": 1}}}
    code = cell(cell_type="code", source="a\nb", outputs=[output, shown], execution_count=1)
    written = json.loads(notebook.serialise(page(code)))["cells"][0]
    assert written["source"] == ["a\n", "b"]
    assert written["outputs"][0]["text"] == ["x\n", "y"]
    assert written["outputs"][1]["data"] == {"text/html": ["p\n", "q"], "a+json": {"b": 1}}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "it is not JSON (Expecting value: line 1 column 1 (char 0))"),
        (b"\xff\xfe", "it is not JSON ('utf-8' codec can't decode byte 0xff in position 0"),
        (b"[" * 100_000, "it is not JSON (maximum recursion depth exceeded"),
        (b'{"nbformat": 3}', "it is not a notebook of format 4"),
        (b"[]", "it is not a notebook of format 4"),
        (b'{"nbformat": 4}', "it has no cells, or a cell without type, metadata or text"),
        (b'{"nbformat": 4, "cells": [3]}', "it has no cells, or a cell without type"),
        (
            b'{"nbformat": 4, "cells": [{"cell_type": "code", "metadata": {}, "source": [1]}]}',
            "it has no cells, or a cell without type, metadata or text",
        ),
    ],
)
def test_what_is_no_notebook_is_refused_with_its_reason(content, reason):
    with pytest.raises(CourseError) as error:
        notebook.parse(content, "module.ipynb")
    assert str(error.value).startswith(f"module.ipynb cannot be read: {reason}")


def test_a_notebook_beyond_the_limit_is_refused_unread():
    with pytest.raises(CourseError, match="more than 20971520 bytes"):
        notebook.parse(b" " * (notebook.SIZE_LIMIT + 1), "module.ipynb")


def test_cells_are_found_by_grade_id_whatever_stands_in_the_metadata():
    graded = {"nbgrader": {"grade_id": "q1", "grade": True, "points": 3}}
    odd = [{"nbgrader": []}, {"nbgrader": {"grade_id": 7}}, {}]
    content = page(cell(metadata=graded), *(cell(metadata=each) for each in odd))
    assert notebook.named(content, "q1") == (content["cells"][0],)
    assert [notebook.grade_id(each) for each in content["cells"]] == ["q1", "", "", ""]
    assert [notebook.points(each) for each in notebook.graded(content)] == [3.0]
    assert not notebook.is_answer(content["cells"][1])


def test_an_authored_notebook_needs_an_id_of_its_own_for_every_cell():
    notebook.validate(page(cell(), cell(id="b")), "module.ipynb")
    with pytest.raises(CourseError, match="give every cell an id of its own"):
        notebook.validate(page(cell(), cell()), "module.ipynb")


def test_an_authored_notebook_must_follow_the_schema():
    with pytest.raises(CourseError, match=r"module\.ipynb is not a valid notebook"):
        notebook.validate(page(cell(cell_type="lagu")), "module.ipynb")
