"""The exact analysis of a bargain, against definitions written out naively."""

import math
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pamong.bargaining import Bargain, Package, Side, analyse, every_option, middle, totals

ROW = st.lists(st.integers(0, 20), min_size=3, max_size=3).map(tuple)
POINTS = st.tuples(ROW, ROW, ROW).filter(lambda points: any(any(row) for row in points))
FLOOR = st.integers(0, 25)
OPPOSED = Side(((0, 10), (10, 0)), 0)


@st.composite
def bargains(draw: st.DrawFn) -> Bargain:
    own, other = draw(POINTS), draw(POINTS)
    return analyse(Side(own, draw(FLOOR)), Side(other, draw(FLOOR)), every_option(own))


def every(bargain: Bargain) -> list[Package]:
    return list(product(*bargain.lawful))


@given(bargains())
def test_the_best_joint_package_has_the_largest_product_of_gains(bargain: Bargain) -> None:
    gains = [
        (bargain.own.total(it) - bargain.own.floor)
        * (bargain.other.total(it) - bargain.other.floor)
        for it in every(bargain)
        if bargain.own.total(it) >= bargain.own.floor
        and bargain.other.total(it) >= bargain.other.floor
    ]
    assert bargain.zone == len(gains)
    assert (bargain.best is None) == (not gains)
    if bargain.best is not None:
        assert bargain.gain == max(gains)
        assert bargain.value(bargain.best) == 1.0


@given(bargains())
def test_the_frontier_holds_exactly_what_nothing_dominates(bargain: Bargain) -> None:
    points = {(bargain.own.total(it), bargain.other.total(it)) for it in every(bargain)}
    efficient = {
        (own, other)
        for own, other in points
        if not any(a >= own and b >= other and (a, b) != (own, other) for a, b in points)
    }
    assert set(bargain.frontier) == efficient
    assert list(bargain.frontier) == sorted(efficient, reverse=True)


@given(bargains())
def test_every_measure_of_a_package_lies_between_zero_and_one(bargain: Bargain) -> None:
    for package in every(bargain):
        for measure in (bargain.ratio, bargain.value, bargain.nearness, bargain.claimed):
            assert 0 <= measure(package) <= 1


def test_a_package_below_a_floor_is_worth_nothing() -> None:
    bargain = analyse(Side(((0, 10), (10, 0)), 5), OPPOSED, every_option(OPPOSED.points))
    assert bargain.value((0, 1)) == 0.0


def test_value_is_the_root_of_the_share_of_the_best_product() -> None:
    own, other = Side(((0, 4, 10), (0, 5, 10)), 0), Side(((10, 4, 0), (10, 5, 0)), 0)
    bargain = analyse(own, other, every_option(own.points))
    assert bargain.gain == 100
    assert bargain.value((1, 1)) == pytest.approx(math.sqrt(9 * 9 / 100))


def test_only_lawful_packages_are_analysed() -> None:
    own, other = Side(((0, 10), (0, 10)), 0), Side(((10, 0), (0, 5)), 0)
    free = analyse(own, other, every_option(own.points))
    bound = analyse(own, other, ((0, 1), (0,)))
    assert free.best == (0, 1)
    assert bound.best is not None
    assert bound.best[1] == 0
    assert bound.zone == 2


def test_without_common_ground_there_is_no_best_package() -> None:
    bargain = analyse(Side(((0, 10),), 6), Side(((10, 0),), 6), ((0, 1),))
    assert (bargain.best, bargain.zone, bargain.value((0,))) == (None, 0, 0.0)


def test_the_same_sides_are_analysed_once_per_process() -> None:
    own = Side(((0, 7), (3, 0)), 1)
    assert analyse(own, OPPOSED, ((0, 1), (0, 1))) is analyse(own, OPPOSED, ((0, 1), (0, 1)))


def test_totals_follow_the_order_of_the_packages() -> None:
    assert totals(((1, 2), (10, 20)), ((0, 1), (1, 0))) == (21, 11, 22, 12)


def test_the_middle_of_two_is_the_earlier_one() -> None:
    assert middle([5, 4, 1]) == (2, 1, 0)
