"""Scores and their parts."""

import math
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pamong.score import Cap, Part, above_baseline, footrule, footrule_by_chance, weighted

UNIT = st.floats(0, 1)


def part(value: float, weight: float = 1.0) -> Part:
    return Part("hasil", "Hasil", weight, value, "Karena demikian.")


@given(st.lists(st.tuples(UNIT, st.floats(0.01, 10)), min_size=1), st.lists(UNIT))
def test_a_score_lies_between_zero_and_one_and_under_every_cap(
    parts: list[tuple[float, float]], limits: list[float]
) -> None:
    score = weighted([part(*given) for given in parts], [Cap(limit, "") for limit in limits])
    assert 0 <= score.value <= min([1.0, *limits]) + 1e-6


def test_parts_count_by_their_weight() -> None:
    assert weighted([part(1.0, 3), part(0.0, 1)]).value == 0.75


@pytest.mark.parametrize("value", [math.nan, math.inf, -0.01, 1.01])
def test_a_part_outside_zero_to_one_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="not one in 0..1"):
        weighted([part(value)])


@pytest.mark.parametrize("weights", [[], [0.0], [-1.0, 2.0], [math.nan]])
def test_weights_must_be_real_and_some_of_them_positive(weights: list[float]) -> None:
    with pytest.raises(ValueError, match="weight"):
        weighted([part(0.5, weight) for weight in weights])


def test_what_comes_for_nothing_counts_nothing() -> None:
    assert above_baseline(0.3, 0.4) == 0.0
    assert above_baseline(0.7, 0.4) == pytest.approx(0.5)
    assert above_baseline(1.0, 0.4) == 1.0


@pytest.mark.parametrize("n", [2, 3, 4, 5])
def test_the_footrule_by_chance_is_the_mean_over_all_rankings(n: int) -> None:
    items = [str(place) for place in range(n)]
    found = [footrule(ranking, items) for ranking in permutations(items)]
    assert sum(found) / len(found) == pytest.approx(footrule_by_chance(n))
    assert (min(found), max(found)) == (pytest.approx(0.0), 1.0)


def test_rankings_of_different_items_cannot_be_compared() -> None:
    with pytest.raises(ValueError, match="do not hold the same items"):
        footrule(["a", "b"], ["a", "c"])
