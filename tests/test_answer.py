import json
import math
from fractions import Fraction

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pamong import answer
from pamong.answer import Answer, believable, decode, encode, read_answer
from pamong.errors import CourseError

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**900), 2**900) | st.text(max_size=20)
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=20,
)  # fmt: skip


@given(PLAIN)
def test_every_plain_value_survives_the_way(value):
    assert believable(value) == ""
    assert decode(encode({"x": value})) == {"x": value}


@given(st.text(max_size=300) | st.binary(max_size=300))
def test_whatever_comes_is_data_or_a_value_error(text):
    try:
        found = decode(text)
    except ValueError:
        return
    assert isinstance(found, None | bool | int | float | str | list | dict)


@pytest.mark.parametrize(
    "text", ["NaN", "[Infinity]", "-Infinity", "[" * 200_000, b"\xff", "1" * 5000]
)
def test_what_json_does_not_know_is_refused(text):
    with pytest.raises(ValueError):  # noqa: PT011  # each decoder says it in its own way
        decode(text)


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (math.inf, "number"),
        ([math.nan], "number"),
        (2**1023, "number"),
        ("\ud800", "text"),
        ({"\udfff": 1}, "text"),
        (object(), "type"),
        ([{1}], "type"),
        ([{1: 2}], "key"),
        (True.__class__, "type"),
    ],
)
def test_a_value_that_is_not_plain_is_named(value, problem):
    assert believable(value) == problem


def test_values_may_be_nested_only_so_deep():
    value = []
    for _ in range(answer.DEPTH_LIMIT - 1):
        value = [value]
    assert believable(value) == ""
    assert believable([value]) == "deep"


class Always(int):
    __eq__ = lambda *_: True  # noqa: E731
    __hash__ = int.__hash__


def test_an_object_that_equals_everything_is_not_plain():
    assert believable(Always(1)) == "type"


@pytest.mark.parametrize(
    ("value", "expected", "same"),
    [
        (1, 1, True),
        (1.0, 1, True),
        (True, 1, False),
        (1, True, False),
        (None, 0, False),
        ("1", 1, False),
        ([1, [2]], (1, [2]), True),
        ([1, True], [1, 1], False),
        ({"a": 1}, {"a": 1}, True),
        ({"a": 1, "b": 2}, {"a": 1}, False),
        ([], {}, False),
    ],
)
def test_values_are_compared_strictly(value, expected, same):
    assert Answer("c", {"x": value}).equal("x", expected) is same


def test_close_knows_only_numbers():
    values = Answer("c", {"a": 0.1 + 0.2, "b": True, "c": "0.3", "d": None, "e": 2**1000})
    assert [values.close(name, 0.3) for name in values] == [True, False, False, False, False]
    assert values.close("b", 1) is False
    assert values.close("a", 0.5, tolerance=0.3) is True


def test_a_name_that_was_not_declared_is_a_slip_in_the_check():
    values = Answer("hitung", {}, declared=["total"])
    assert values["total"] is None
    for slip in (
        values.__getitem__,
        lambda name: values.equal(name, 1),
        lambda n: values.close(n, 1),
    ):
        with pytest.raises(CourseError, match="'hitung' declares no value 'rata'"):
            slip("rata")


@pytest.mark.parametrize("expected", [None, [], {}, 0, False, ""])
def test_a_value_that_is_not_there_equals_nothing(expected):
    assert Answer("c", {}, declared=["x"]).equal("x", expected) is False
    assert Answer("c", {}, open=True).equal("x", expected) is False


def test_none_is_a_value_where_the_code_left_it():
    assert Answer("c", {"x": None}, declared=["x"]).equal("x", None) is True


@pytest.mark.parametrize(
    "expected",
    [{1, 2}, b"x", range(3), Fraction(1, 2), numpy.float64(1), numpy.ones(2), math.nan, (1, {2}),
     {1: 2}, {"a": [{"b": b""}]}, 10**400],
    ids=repr,
)  # fmt: skip
def test_a_comparison_with_what_can_never_come_is_a_slip_in_the_check(expected):
    with pytest.raises(CourseError, match="No value 'x' of cell 'c' can ever equal"):
        Answer("c", {"x": 1}).equal("x", expected)


@pytest.mark.parametrize("expected", [math.nan, math.inf])
def test_nothing_is_close_to_what_is_no_number(expected):
    with pytest.raises(CourseError, match="No value 'x' of cell 'c' is close to"):
        Answer("c", {"x": 1}).close("x", expected)


def test_the_file_is_read_by_cell(tmp_path):
    with pytest.raises(CourseError, match="no code was run"):
        read_answer(tmp_path, "hitung")
    left = {"hitung": {"declared": ["total", "rata"], "values": {"total": 48}}}
    (tmp_path / answer.FILE).write_text(json.dumps(left))
    assert dict(read_answer(tmp_path, "hitung")) == {"total": 48, "rata": None}
    with pytest.raises(CourseError, match="no code cell 'lain'"):
        read_answer(tmp_path, "lain")


def test_shown_text_is_cut_and_has_no_control_characters():
    assert answer.shown("a\r\nb\x1b[2J\t\u202ec", 10) == "a\nb\ufffd[2J\t\ufffd"
