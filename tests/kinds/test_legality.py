"""What comes from a log is believed only after these checks."""

import math
from types import SimpleNamespace

import pytest
from msgspec.structs import replace

from pamong.errors import IllegalEvent
from pamong.event import Event
from pamong.kinds import legality

EVENT = Event(
    n=3, id="e3", at="2026-01-01T00:00:00.000Z", who="participant", act="cell", data={"a": 1},
    exercise="lokasi", version=1, attempt=1,
)  # fmt: skip


def _code(check, *arguments):
    with pytest.raises(IllegalEvent) as error:
        check(EVENT, *arguments)
    assert error.value.n == 3
    return error.value.code


@pytest.mark.parametrize(
    "value", [True, False, math.nan, math.inf, -math.inf, 10**400, "5", None, [5], {}, 5.01, -0.01]
)
def test_only_a_finite_number_within_bounds_is_a_number(value):
    assert _code(legality.number, value, 0, 5) == "illegal.number"


@pytest.mark.parametrize("value", [True, 2.0, math.nan, "2", 10**400, 0, 6])
def test_only_a_whole_number_within_bounds_is_whole(value):
    assert _code(legality.whole, value, 1, 5) == "illegal.number"


def test_bounds_belong_to_the_range():
    assert legality.number(EVENT, 5, 0, 5) == 5.0
    assert legality.whole(EVENT, 1, 1, 5) == 1


@pytest.mark.parametrize("value", ["c", "", None, 1, ["a"], {"a": 1}, True])
def test_only_an_id_among_those_given_is_known(value):
    assert _code(legality.known, value, ("a", "b")) == "illegal.unknown"


@pytest.mark.parametrize("value", ["c", "", None, 1, ["a"], {"a": 1}, True])
def test_only_the_id_of_something_given_finds_it(value):
    given = [SimpleNamespace(id="a"), SimpleNamespace(id="b")]
    assert _code(legality.one, value, given) == "illegal.unknown"
    assert legality.one(EVENT, "b", given) is given[1]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ({"a": None, "b": [1, "x", {"c": 2.5}]}, ""),
        ({"a": 10**30}, ""),
        ({"a": math.nan}, "not JSON"),
        ({"a": [None, math.inf]}, "not JSON"),
        ({"a": object()}, "not JSON"),
        (["a"], "must have fields"),
    ],
)
def test_only_data_that_a_page_can_be_told_are_told(data, reason):
    event = replace(EVENT, data=data)
    if not reason:
        assert legality.tellable(event) is data
        return
    with pytest.raises(IllegalEvent, match=reason) as error:
        legality.tellable(event)
    assert error.value.code == "illegal.data"


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("ab", "illegal.data"),
        ({"a": 1}, "illegal.data"),
        (["a", "b", "a"], "illegal.data"),
        (["a", "a"], "illegal.repeated"),
        (["a", "x"], "illegal.unknown"),
        (["a", ["b"]], "illegal.unknown"),
        (["a"], "illegal.incomplete"),
    ],
)
def test_only_every_id_once_is_a_permutation(value, code):
    assert _code(legality.permutation, value, ("a", "b")) == code


@pytest.mark.parametrize("names", [(), ("b",), ("a", "b")])
def test_data_hold_exactly_the_fields_of_the_act(names):
    assert _code(legality.fields, *names) == "illegal.data"


def test_data_that_are_no_mapping_are_refused():
    event = replace(EVENT, data=["a"])
    with pytest.raises(IllegalEvent):
        legality.fields(event, "a")


def test_the_message_names_exercise_event_and_reason():
    with pytest.raises(
        IllegalEvent, match=r"^lokasi, event 3 \(cell\): a number from 0 to 5 was expected\.$"
    ):
        legality.number(EVENT, 9, 0, 5)
