"""Every statistic against somebody else's computation of it, or against one written out here."""

import math

import numpy as np
import pandas as pd
import pingouin
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.multivariate import factor
from statsmodels.stats import proportion

from pamong.reports import statistics


def scores(people=200, items=10, seed=4, spread=1.0):
    """Items that one ability explains, each with its own ease and noise."""
    rng = np.random.default_rng(seed)
    ability = rng.normal(0, spread, people)
    ease = np.linspace(-1, 1, items)
    chance = 1 / (1 + np.exp(-(1.3 * ability[:, None] + ease)))
    return (rng.random((people, items)) < chance).astype(float)


@pytest.mark.parametrize("seed", range(4))
def test_alpha_is_pingouins(seed):
    table = scores(seed=seed)
    theirs, _ = pingouin.cronbach_alpha(data=pd.DataFrame(table))
    assert statistics.alpha(table) == pytest.approx(theirs)


def test_alpha_of_right_and_wrong_items_is_kuder_and_richardsons():
    table = scores()
    p, items = table.mean(axis=0), table.shape[1]
    kr20 = items / (items - 1) * (1 - (p * (1 - p)).sum() / table.sum(axis=1).var())
    assert statistics.alpha(table) == pytest.approx(kr20)


@pytest.mark.parametrize("seed", range(4))
def test_omega_is_the_common_share_of_statsmodels_factor(seed):
    table = scores(people=400, seed=seed) @ np.diag(np.linspace(1, 2, 10))
    # The factor's correlations are scaled back to covariances, whose total the sum score has.
    deviations = table.std(axis=0, ddof=1)
    fit = factor.Factor(table, n_factor=1, method="ml").fit()
    common = float((fit.loadings[:, 0] * deviations).sum()) ** 2
    unique = float((fit.uniqueness * deviations**2).sum())
    assert statistics.omega(table) == pytest.approx(common / (common + unique), abs=0.01)


def test_omega_equals_alpha_where_all_items_measure_alike_and_exceeds_it_elsewhere():
    rng = np.random.default_rng(9)
    ability, noise = rng.normal(size=(20_000, 1)), rng.normal(size=(20_000, 6))
    alike = ability + noise
    assert statistics.omega(alike) == pytest.approx(6 / 7, abs=0.01)
    assert statistics.omega(alike) == pytest.approx(statistics.alpha(alike), abs=0.002)
    unlike = ability * np.array([2, 2, 1, 0.5, 0.2, 0.1]) + noise
    # 5.8 squared of common variance, six of noise.
    assert statistics.omega(unlike) == pytest.approx(5.8**2 / (5.8**2 + 6), abs=0.01)
    assert statistics.omega(unlike) > statistics.alpha(unlike) + 0.03


def test_the_corrected_correlation_leaves_the_item_out_of_the_total():
    table = scores()
    theirs = [
        stats.pearsonr(table[:, item], np.delete(table, item, axis=1).sum(axis=1)).statistic
        for item in range(table.shape[1])
    ]
    assert statistics.corrected_item_total(table) == pytest.approx(theirs)


@pytest.mark.parametrize(("successes", "trials"), [(0, 9), (3, 9), (9, 9), (120, 317)])
def test_the_score_interval_is_statsmodels(successes, trials):
    theirs = proportion.proportion_confint(successes, trials, method="wilson")
    assert statistics.wilson(successes, trials) == pytest.approx(theirs, abs=1e-9)


def test_the_error_of_a_mark_by_hand():
    totals = np.array([50.0, 60.0, 70.0, 80.0])  # standard deviation √(500/3)
    assert statistics.measurement_error(totals, 0.84) == pytest.approx(math.sqrt(500 / 3) * 0.4)
    assert math.isnan(statistics.measurement_error(totals, -0.2))


def test_the_gain_and_its_interval_are_those_of_scipys_bootstrap():
    rng = np.random.default_rng(3)
    before = rng.beta(4, 6, 120)
    after = np.clip(before + rng.normal(0.2, 0.1, 120), 0, 1)
    ours = statistics.class_gain(before, after)
    assert ours.gain == pytest.approx((after.mean() - before.mean()) / (1 - before.mean()))

    def gain(x, y, axis=-1):
        return (y.mean(axis=axis) - x.mean(axis=axis)) / (1 - x.mean(axis=axis))

    theirs = stats.bootstrap(
        (before, after), gain, paired=True, method="percentile", n_resamples=4000,
        vectorized=True, rng=np.random.default_rng(5),
    ).confidence_interval  # fmt: skip
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), abs=0.01)


def test_the_paired_effect_is_t_over_the_root_of_n():
    rng = np.random.default_rng(3)
    before, after = rng.normal(0, 1, 40), rng.normal(0.5, 1, 40)
    theirs = pingouin.ttest(after, before, paired=True)["T"].iloc[0] / math.sqrt(40)
    assert statistics.paired_effect(before, after) == pytest.approx(theirs)


def test_only_people_with_both_tests_count_for_the_gain():
    before = np.array([0.2, np.nan, 0.4, 0.6, 0.2, 0.2])
    after = np.array([0.6, 1.0, np.nan, 0.8, 0.6, 0.6])
    found = statistics.class_gain(before, after)
    assert (found.people, found.before, found.after) == (4, pytest.approx(0.3), pytest.approx(0.65))
    assert found.gain == pytest.approx(0.35 / 0.7)
    assert math.isnan(found.low)  # four people are too few for an interval


def test_a_deviation_of_two_groups_has_the_probability_of_a_permutation_test():
    rng = np.random.default_rng(8)
    values = np.concatenate([rng.normal(60, 10, 30), rng.normal(66, 10, 30)])
    groups = np.repeat(np.array(["a", "b"]), 30)
    ours = statistics.deviations(values, groups, draws=4000)
    theirs = stats.permutation_test(
        (values[:30], values[30:]), lambda x, y, axis: x.mean(axis) - y.mean(axis),
        vectorized=True, n_resamples=4000, rng=np.random.default_rng(1),
    ).pvalue  # fmt: skip
    assert [it.p for it in ours] == pytest.approx([theirs, theirs], abs=0.01)
    assert ours[0].mean == pytest.approx(values[:30].mean())
    # Half the confidence interval of the difference, as both deviate by half of it.
    half = pingouin.ttest(values[30:], values[:30])["CI95"].iloc[0]
    assert ours[0].high - ours[0].low == pytest.approx((half[1] - half[0]) / 2, rel=0.08)


def test_the_chance_of_any_false_alarm_among_ten_cohorts_is_five_percent():
    rng = np.random.default_rng(12)
    groups = np.array([f"a{n % 10}" for n in range(200)])
    alarms = sum(
        any(it.p < 0.05 for it in statistics.deviations(rng.normal(size=200), groups, draws=200))
        for _ in range(120)
    )
    # 120 trials at 5%: more than 12 alarms happen once in 100 times.
    assert stats.binom.sf(12, 120, 0.05) < 0.01
    assert alarms <= 12


@given(st.lists(st.floats(0, 100), max_size=30))
def test_a_density_is_between_nothing_and_one(values):
    found = statistics.density(np.array(values), np.linspace(0, 100, 51))
    assert ((found >= 0) & (found <= 1)).all()


@pytest.mark.parametrize(
    "table", [np.empty((0, 0)), np.ones((1, 3)), np.ones((9, 3)), np.ones((9, 1))]
)
def test_what_cannot_be_computed_is_unknown(table):
    assert math.isnan(statistics.alpha(table))
    assert math.isnan(statistics.omega(table))
    assert np.isnan(statistics.corrected_item_total(table)).all()
