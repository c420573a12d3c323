from hypothesis import given
from hypothesis import strategies as st

from pamong.reports import suppression

groups = st.dictionaries(st.text("abcdefgh", min_size=1, max_size=1), st.integers(0, 30))


def test_a_small_region_takes_the_next_one_with_it():
    sizes = {"utara": 12, "timur": 9, "barat": 15, "pulau": 2}
    assert suppression.hidden(sizes) == {"pulau", "timur"}


def test_nothing_is_hidden_where_all_groups_are_large_enough():
    assert suppression.hidden({"utara": 5, "timur": 9, "pulau": 0}) == frozenset()


@given(groups)
def test_subtraction_never_finds_a_small_group(sizes):
    """What an attacker gets: every shown size, and the total minus all of them."""
    out = suppression.hidden(sizes)
    shown = {name: size for name, size in sizes.items() if name not in out and size}
    assert all(size >= 5 for size in shown.values())
    rest = sum(sizes.values()) - sum(shown.values())
    assert rest == 0 or not shown or (rest >= 5 and len([n for n in out if sizes[n]]) >= 2)


@given(st.integers(0, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_bounds_hold_the_count_and_never_pin_down_fewer_than_five(pair):
    count, total = pair
    low, high = suppression.bounds(count, total)
    assert low <= count <= high
    assert 0 <= low <= high <= total
    if low == high and total > 0:
        assert total >= 5
        assert count in (0, total) or 5 <= count <= total - 5
