"""Who meets which exercise where a notebook shows one of several."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pamong.module import Module
from pamong.place import Person, Place, lot, places

BY_OFFICE = Place(("tim-lurah", "tim-camat"), ("lurah", "camat"))


@given(st.text(max_size=20), st.text(max_size=20), st.integers(1, 9))
def test_a_lot_is_below_the_count_and_always_the_same(module, participant, count):
    assert 0 <= lot(module, participant, count) < count
    assert lot(module, participant, count) == lot(module, participant, count)


def test_two_places_with_the_forms_exchanged_are_counterbalanced():
    first, second = Place(("a", "b")), Place(("b", "a"))
    people = [Person(f"p{n:03}") for n in range(317)]
    pairs = Counter((first.pick("m1", each), second.pick("m1", each)) for each in people)
    assert set(pairs) == {("a", "b"), ("b", "a")}
    assert min(pairs.values()) > 317 * 0.4


def test_an_office_meets_its_own_exercise_and_an_unknown_one_the_first():
    assert BY_OFFICE.pick("m1", Person("p1", "camat")) == "tim-camat"
    assert BY_OFFICE.pick("m1", Person("p1", "bupati")) == "tim-lurah"
    assert BY_OFFICE.pick("m1", Person("p1")) == "tim-lurah"


def test_what_was_played_counts_when_ones_own_was_not():
    camat = Person("p1", "camat")
    assert BY_OFFICE.pick("m1", camat, {"tim-lurah"}) == "tim-lurah"
    assert BY_OFFICE.pick("m1", camat, {"tim-lurah", "tim-camat"}) == "tim-camat"


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('module.exercise("uji")', (Place(("uji",)),)),
        ('module.exercise(module.by_lot("a", "b"))', (Place(("a", "b")),)),
        (
            'module.exercise(module.by_role(lurah="tim-lurah", camat="tim-camat"))',
            (BY_OFFICE,),
        ),
        ("module.exercise(name)", ()),
        ('other.exercise("uji")', ()),
        ("%matplotlib inline", ()),
        ("module.exercise()", ()),
    ],
)
def test_a_cell_is_read_without_running_it(source, found):
    assert places(source, "exercise") == found


def test_comments_of_hidden_tests_do_not_hide_the_points():
    source = 'module.exercise("a")\n### BEGIN HIDDEN TESTS\nmodule.points(module.by_lot("a", "b"), 5)\n### END HIDDEN TESTS'
    assert places(source, "points") == (Place(("a", "b")),)


def test_a_notebook_follows_the_office_that_its_server_tells(monkeypatch, tmp_path):
    monkeypatch.setenv("PAMONG_PARTICIPANT", "p001")
    monkeypatch.setenv("PAMONG_ROLE", "camat")
    module = Module("m1", tmp_path)
    assert module.by_role(lurah="tim-lurah", camat="tim-camat") == "tim-camat"
    assert module.by_lot("a", "b") == ("a", "b")[lot("m1", "p001", 2)]
    (tmp_path / "tim-lurah.jsonl").write_bytes(b"{}\n")
    assert module.by_role(lurah="tim-lurah", camat="tim-camat") == "tim-lurah"
