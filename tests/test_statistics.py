"""Known values were worked by hand or taken from the cited papers' formulas."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from pamong.reports import statistics

GUTTMAN = np.array([[1, 1, 1, 1], [1, 1, 1, 0], [1, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 0]], float)

binary = arrays.arrays(
    float,
    st.tuples(st.integers(2, 12), st.integers(2, 6)),
    elements=st.sampled_from([0.0, 1.0]),
)
shares = arrays.arrays(float, st.integers(1, 20), elements=st.floats(0, 1, width=16))


def test_alpha_of_a_guttman_scale_is_the_hand_worked_value():
    # item variances .2 + .3 + .3 + .2 = 1, variance of 0..4 = 2.5: 4/3 · (1 − 1/2.5)
    assert statistics.alpha(GUTTMAN) == pytest.approx(0.8)


@given(binary)
def test_alpha_of_zero_one_items_is_kr20(scores):
    total = scores.sum(axis=1)
    value = statistics.alpha(scores)
    if total.var() == 0:
        assert math.isnan(value)
        return
    items, p = scores.shape[1], scores.mean(axis=0)
    kr20 = items / (items - 1) * (1 - (p * (1 - p)).sum() / total.var())
    assert value == pytest.approx(kr20, abs=1e-9)


@pytest.mark.parametrize("shape", [(0, 4), (1, 4), (5, 1), (5, 4)])
def test_alpha_is_unknown_without_people_items_or_spread(shape):
    assert math.isnan(statistics.alpha(np.ones(shape)))


def test_alpha_leaves_out_people_with_gaps():
    gap = np.vstack([GUTTMAN, [1, math.nan, 0, 1]])
    assert statistics.alpha(gap) == pytest.approx(0.8)


def test_corrected_item_total_leaves_the_item_out_of_the_total():
    first = np.corrcoef(GUTTMAN[:, 0], GUTTMAN[:, 1:].sum(axis=1))[0, 1]
    assert statistics.corrected_item_total(GUTTMAN)[0] == pytest.approx(first)
    assert first == pytest.approx(0.514496, abs=1e-6)


def test_a_reversed_key_shows_as_a_negative_correlation():
    reversed_key = GUTTMAN.copy()
    reversed_key[:, 2] = 1 - reversed_key[:, 2]
    assert statistics.corrected_item_total(reversed_key)[2] < -0.5


@given(binary)
def test_corrected_item_total_is_a_correlation_or_unknown(scores):
    for value in statistics.corrected_item_total(scores):
        assert math.isnan(value) or -1 <= value <= 1


def test_wilson_interval_of_ten_in_ten_is_the_published_one():
    low, high = statistics.wilson(10, 10)
    assert (low, high) == (pytest.approx(0.722467, abs=1e-6), pytest.approx(1.0))


def test_wilson_interval_of_eighty_one_in_263_is_the_published_one():
    # Newcombe (1998), Statistics in Medicine 17, table I, method 3
    assert statistics.wilson(81, 263) == (
        pytest.approx(0.2553, abs=1e-4),
        pytest.approx(0.3662, abs=1e-4),
    )


@given(st.integers(0, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_interval_holds_the_share_and_stays_in_range(pair):
    successes, trials = pair
    low, high = statistics.wilson(successes, trials)
    assert 0 <= low <= high <= 1
    if trials:
        assert low - 1e-9 <= successes / trials <= high + 1e-9


def test_measurement_error_is_the_spread_that_reliability_leaves_unexplained():
    totals = np.array([60.0, 70.0, 80.0])
    assert statistics.measurement_error(totals, 0.75) == pytest.approx(5.0)
    assert math.isnan(statistics.measurement_error(totals, -0.2))
    assert math.isnan(statistics.measurement_error(totals, math.nan))


def test_class_gain_comes_from_class_means_of_matched_people():
    before = np.array([0.4, 0.6, 0.5, math.nan, 0.1])
    after = np.array([0.7, 0.8, 0.6, 0.9, math.nan])
    gain = statistics.class_gain(before, after)
    assert gain.people == 3
    assert (gain.before, gain.after) == (pytest.approx(0.5), pytest.approx(0.7))
    assert gain.gain == pytest.approx(0.4)
    assert math.isnan(gain.low)
    assert gain.effect == pytest.approx(2.0)


def test_class_gain_of_nobody_and_of_a_perfect_class_is_unknown():
    nobody = statistics.class_gain(np.array([]), np.array([]))
    perfect = statistics.class_gain(np.ones(8), np.ones(8))
    assert nobody.people == 0
    assert math.isnan(nobody.gain)
    assert math.isnan(perfect.gain)
    assert math.isnan(perfect.low)


@given(shares)
def test_class_gain_interval_is_ordered_and_repeatable(before):
    after = np.minimum(1, before + 0.25)
    first = statistics.class_gain(before, after, draws=200)
    again = statistics.class_gain(before, after, draws=200)
    assert repr(first) == repr(again)
    if not math.isnan(first.low):
        assert first.low <= first.high


def test_class_gain_interval_covers_a_steady_gain():
    rng = np.random.default_rng(7)
    before = rng.uniform(0.3, 0.7, 60)
    gain = statistics.class_gain(before, before + 0.5 * (1 - before))
    assert gain.low == pytest.approx(0.5)
    assert gain.high == pytest.approx(0.5)


def cohorts(shift):
    rng = np.random.default_rng(11)
    groups = np.repeat([str(n) for n in range(1, 9)], 40)
    values = rng.normal(70, 10, groups.size)
    values[groups == "3"] += shift
    return values, groups


def test_one_weak_cohort_of_eight_is_found_and_no_other():
    found = [d.group for d in statistics.deviations(*cohorts(-10)) if d.p < 0.05]
    assert found == ["3"]


def test_equal_cohorts_raise_an_alarm_in_about_one_programme_of_twenty():
    rng = np.random.default_rng(5)
    groups = np.repeat([str(n) for n in range(1, 9)], 20)
    alarms = sum(
        any(d.p < 0.05 for d in statistics.deviations(rng.normal(70, 10, 160), groups, draws=199))
        for _ in range(100)
    )
    assert alarms <= 12  # binomial(100, 0.05): more than 12 in one run of 2 000


def test_deviations_need_two_groups_of_two_and_some_spread():
    assert statistics.deviations(np.array([]), np.array([], dtype=str)) == ()
    assert statistics.deviations(np.array([1.0, 2.0]), np.array(["a", "b"])) == ()
    assert statistics.deviations(np.ones(6), np.array(list("aaabbb"))) == ()


@given(arrays.arrays(float, st.integers(0, 40), elements=st.floats(0, 100, width=16)))
def test_density_is_between_zero_and_one(values):
    heap = statistics.density(values, np.linspace(0, 100, 101))
    assert heap.min() >= 0
    assert heap.max() == pytest.approx(1 if values.size else 0)
