"""Seeded defects are found where they are, and healthy tests are left alone."""

import dataclasses

import numpy as np
import pytest
import statsmodels.api as statsmodels
from scipy import stats

from pamong.reports import items
from pamong.reports.everybody import programme


def altered(made, change, exercise="postes"):
    """The snapshot with one test's plays changed by ``change``."""
    plays = [change(play) if play.exercise == exercise else play for play in made.plays]
    return programme(made.snapshot(plays=tuple(plays)))


def item_of(everybody, name, exercise="postes"):
    (found,) = [it for it in everybody.items if (it.exercise, it.id) == (exercise, name)]
    return found


def with_item(play, name, score, answer):
    return dataclasses.replace(
        play, items=play.items | {name: score}, answers={**play.answers, name: answer}
    )


def test_a_question_that_the_able_read_otherwise_is_ambiguous_and_names_the_option(invent):
    made = invent(people=317).everybody()

    def ambiguous(play):
        able = made.ability[play.participant] > 0.4
        luck = made.extra.random() < 0.45
        right = not able and luck
        return with_item(play, "s4", float(right), "a" if right else "c" if able else "b")

    found = item_of(altered(made, ambiguous), "s4")
    assert found.flag in ("ambiguous", "negative")
    assert [taken.option for taken in found.takers if taken.lure] == ["c"]


def test_an_option_that_nobody_takes_is_dead_and_the_others_are_not(invent):
    made = invent(people=317).everybody()

    def without(play):
        wrong = not play.items["s3"]
        answer = "c" if wrong and play.answers["s3"] == "d" else play.answers["s3"]
        return with_item(play, "s3", play.items["s3"], answer)

    found = item_of(altered(made, without), "s3")
    assert [taken.option for taken in found.takers if taken.dead] == ["d"]
    assert found.flag == ""


def test_a_guessed_item_is_weak_and_a_reversed_key_negative(invent):
    made = invent(people=317).everybody()
    rng = np.random.default_rng(5)
    guessed = altered(made, lambda it: with_item(it, "s5", float(rng.random() < 0.5), "a"))
    assert item_of(guessed, "s5").flag == "weak"
    turned = altered(made, lambda it: with_item(it, "s5", 1 - it.items["s5"], "a"))
    assert item_of(turned, "s5").flag == "negative"


def test_shares_and_abilities_of_options_are_those_of_the_people_who_took_them(invent):
    made = invent(people=160).everybody()
    everybody = programme(made.snapshot())
    (test,) = [it for it in everybody.tests if it.exercise == "postes"]
    found = item_of(everybody, "s7")
    place = test.items.index("s7")
    rest = np.delete(test.scores, place, axis=1).sum(axis=1)
    standard = (rest - rest.mean()) / rest.std()
    for taken in found.takers:
        who = [answer["s7"] == taken.option for answer in test.answers]
        assert taken.people == sum(who)
        assert taken.share == pytest.approx(sum(who) / len(who))
        assert taken.ability == pytest.approx(standard[who].mean())


def test_healthy_tests_are_flagged_no_more_often_than_stated(invent):
    """Stated are 2.5% of the items that correlate with the others by 0.3 or more."""
    flagged = total = 0
    for seed in range(20, 32):
        for item in programme(invent(people=200, seed=seed).everybody().snapshot()).items:
            total += 1
            flagged += item.flag in ("weak", "negative", "ambiguous")
    assert total == 12 * 16
    assert stats.binom.sf(10, total, 0.025) < 0.02
    assert flagged <= 10


def test_few_people_are_no_reason_to_flag_anything(invent):
    everybody = programme(invent(people=24, cohorts=1).everybody().snapshot())
    assert {item.flag for item in everybody.items} == {""}
    assert everybody.drift == ()


def leaked(made, cohort, share=0.95, names=("s2",)):
    """Somebody has sent the answers of some items to one cohort."""
    cohorts = {person.id: person.cohort for person in made.people}

    def known(play):
        for name in names:
            if cohorts[play.participant] == cohort and made.extra.random() < share:
                play = with_item(play, name, 1.0, "a")
        return play

    return altered(made, known)


def test_an_answer_that_travelled_to_one_cohort_is_found_there(invent):
    found = leaked(invent(people=317, cohorts=8).everybody(absent=0), "a06").drift
    assert [(it.item, it.group) for it in found] == [("s2", "a06")]
    assert found[0].rate > found[0].expected + 0.2
    assert found[0].p < 0.05


def test_a_cohort_that_is_better_at_everything_is_not_suspected(invent):
    made = invent(people=317, cohorts=8).everybody(absent=0)
    assert leaked(made, "a06", 0.5, tuple(f"s{n}" for n in range(1, 11))).drift == ()


def test_healthy_programmes_raise_no_alarm_about_leaks_or_fairness(invent):
    """Five in a hundred may; of sixteen, three or fewer do in 99 of 100 cases."""
    assert stats.binom.sf(3, 16, 0.05) < 0.01
    leaks = unfair = 0
    for seed in range(40, 56):
        everybody = programme(invent(people=240, cohorts=6, seed=seed).everybody().snapshot())
        leaks += bool(everybody.drift)
        unfair += bool(everybody.unfair)
    assert leaks <= 3
    assert unfair <= 3


def test_an_item_that_one_office_cannot_know_is_unfair_to_it(invent):
    made = invent(people=317, cohorts=4).everybody(absent=0)
    roles = {person.id: person.role for person in made.people}

    def harder(play):
        known = roles[play.participant] != "camat" or made.extra.random() < 0.15
        return play if known else with_item(play, "s8", 0.0, "b")

    found = altered(made, harder).unfair
    assert {(it.item, it.group, it.rate < it.expected) for it in found if it.group == "camat"} == {
        ("s8", "camat", True)
    }


def test_what_is_expected_of_a_group_is_the_regression_on_the_rest_of_the_test(invent):
    everybody = leaked(invent(people=317, cohorts=8).everybody(absent=0), "a06")
    (test,) = [it for it in everybody.tests if it.exercise == "postes"]
    place = test.items.index("s2")
    rest = np.delete(test.scores, place, axis=1).sum(axis=1)
    fit = statsmodels.OLS(test.scores[:, place], statsmodels.add_constant(rest)).fit()
    here = everybody.cohorts[list(test.rows)] == "a06"
    (found,) = everybody.drift
    assert found.expected == pytest.approx(fit.fittedvalues[here].mean())
    assert found.rate == pytest.approx(test.scores[here, place].mean())
    error = fit.resid.std() * np.sqrt(1 / here.sum() - 1 / here.size)
    asked = 8 * (len(test.items) + 10 + 6)  # cohorts × items of three tests
    tail = stats.norm.sf(fit.resid[here].mean() / error)
    assert found.p == pytest.approx(min(1, tail * asked), rel=1e-6)


def test_forms_of_one_test_are_asked_about_together(invent):
    """Half of the people sit the same questions first, the other half last."""
    made = invent(people=120, cohorts=2).everybody(absent=0)
    tests = programme(made.snapshot()).tests
    same = [dataclasses.replace(it, form="uji") for it in tests if it.exercise != "sikap"]
    groups = programme(made.snapshot()).cohorts
    found = items._by_form(same)  # the pooling itself
    assert [len(pooled) for pooled in found.values()] == [2]
    assert items.departures(same, groups, upward=True) == ()
