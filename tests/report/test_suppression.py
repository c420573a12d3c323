from itertools import combinations

import numpy as np
from hypothesis import given, settings
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


@st.composite
def requests(draw):
    """A few people and the groups of them that somebody would like to count."""
    people = draw(st.integers(6, 14))
    one = st.lists(st.booleans(), min_size=people, max_size=people)
    return people, [np.array(group) for group in draw(st.lists(one, min_size=1, max_size=9))]


@settings(max_examples=150)
@given(requests())
def test_no_sum_or_difference_of_what_was_told_is_a_small_group(asked):
    """The attack tries every set of one to four people by itself, without the ledger's shortcuts."""
    people, groups = asked
    ledger = suppression.Ledger()
    everybody = np.ones(people, dtype=bool)
    ledger.know(everybody)
    told = [everybody, *(group for group in groups if ledger.tell(group) and group.any())]
    assert given_away(told) == []


@settings(max_examples=60)
@given(requests())
def test_a_group_is_refused_only_where_it_would_give_a_small_one_away(asked):
    people, groups = asked
    ledger = suppression.Ledger()
    told = [np.ones(people, dtype=bool)]
    ledger.know(told[0])
    for group in groups:
        if ledger.tell(group):
            told.append(group)
        else:
            assert given_away([*told, group]) != []


def given_away(groups):
    """Sets of one to four people whose indicator is a linear combination of the groups."""
    matrix = np.array(groups, dtype=float)
    people = matrix.shape[1]
    outside = np.eye(people) - np.linalg.pinv(matrix) @ matrix
    return [
        some
        for size in range(1, 5)
        for some in combinations(range(people), size)
        if np.abs(outside[:, list(some)].sum(axis=1)).max() < 1e-7
    ]


def test_two_counts_that_differ_by_two_people_are_not_both_told():
    ledger = suppression.Ledger()
    ledger.know(np.ones(40, dtype=bool))
    handed_in, passed = np.arange(40) < 30, np.arange(40) < 28
    assert [ledger.tell(handed_in), ledger.tell(passed), ledger.tell(handed_in)] == [
        True, False, True,
    ]  # fmt: skip
