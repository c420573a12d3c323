from dataclasses import dataclass, field

import pytest

from pamong.kinds.memo import remembered


@dataclass(frozen=True)
class Brief:
    """Frozen, but without a hash, as the kinds' own."""

    options: dict[str, int] = field(default_factory=dict)


def counting(size):
    calls = []

    @remembered(size)
    def total(brief, name):
        calls.append((brief, name))
        return sum(brief.options.values())

    return total, calls


def test_the_same_arguments_are_computed_once():
    total, calls = counting(4)
    brief = Brief({"a": 1, "b": 2})
    assert [total(brief, "x"), total(brief, "x"), total(brief, "".join("x"))] == [3, 3, 3]
    assert len(calls) == 1


def test_equal_but_different_objects_are_different_arguments():
    total, calls = counting(4)
    assert total(Brief({"a": 1}), "x") == total(Brief({"a": 1}), "x") == 1
    assert len(calls) == 2


def test_no_more_than_so_many_results_are_kept_and_none_is_mixed_up():
    total, calls = counting(2)
    briefs = [Brief({"a": number}) for number in range(50)]
    assert [total(each, "x") for each in briefs] == list(range(50))
    assert [total(Brief({"a": number}), "x") for number in range(50)] == list(range(50))
    assert total(briefs[0], "x") == 0
    assert len(calls) == 101


def test_an_argument_by_keyword_is_refused_since_it_would_not_be_told_apart():
    total, _ = counting(2)
    with pytest.raises(TypeError, match="total takes no arguments by keyword"):
        total(Brief(), name="x")


def test_a_tuple_is_known_by_what_it_holds():
    @remembered(4)
    def first(things):
        return things[0]

    one, other = Brief({"a": 1}), Brief({"a": 1})
    assert first((one,)) is one
    assert first((other,)) is other
    assert first((one, other)) is one
