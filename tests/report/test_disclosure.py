"""The edition without names is attacked: from all of its pages nothing about one to four people follows."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pamong.reports import summary
from pamong.reports.eligibility import STATUSES
from pamong.reports.everybody import programme
from pamong.reports.facts import Cell, Grade, ModuleFacts, Submission
from pamong.reports.snapshot import Snapshot
from pamong.reports.standing import Standing
from pamong.roster import Participant

MODULES = ("m1", "m2")


@st.composite
def programmes(draw):
    """Small cohorts in two regions; who handed in what, with which mark, is anybody's guess."""
    sizes = draw(st.lists(st.integers(1, 12), min_size=1, max_size=3))
    people, submissions, grades = [], [], []
    for cohort, size in enumerate(sizes):
        for _ in range(size):
            person = Participant(
                id=f"p{len(people):02}", name="Nama Orang", role="lurah",
                region=draw(st.sampled_from(["utara", "utara", "timur"])), cohort=f"a{cohort}",
            )  # fmt: skip
            people.append(person)
            for module in MODULES:
                mark = draw(st.sampled_from([None, 40.0, 90.0, 90.0, 90.0]))
                if mark is not None:
                    submissions.append(Submission(participant=person.id, module=module, at=""))
                    grades.append(
                        Grade(participant=person.id, module=module, cell="uji", score=mark,
                              pending=draw(st.sampled_from([False, False, False, True])))
                    )  # fmt: skip
    return Snapshot(
        taken="2026-12-12T03:30:00+00:00", code="", fingerprint="", programme="Pelatihan",
        time_zone="Asia/Jakarta", pass_mark=70.0,
        cohorts=tuple((f"a{n}", f"Angkatan {n}") for n in range(len(sizes))),
        people=tuple(people),
        modules=tuple(
            ModuleFacts(id=name, title=name, weight=1.0, due="", played=(),
                        cells=(Cell(id="uji", title="Uji", maximum=100.0),))
            for name in MODULES
        ),
        submissions=tuple(submissions), grades=tuple(grades), plays=(), deals=(), frontiers=(),
        unread=0,
    )  # fmt: skip


def pages(facts):
    """Every page of the edition: each cohort and everybody, about each module and about all."""
    for cohort in (*dict(facts.cohorts), ""):
        for module in (*MODULES, ""):
            yield Standing(whole=facts, cohort=cohort, edition="leadership", module=module)


def counted(page):
    """The groups that a page may count, as it asks for them."""
    everybody = page.all
    groups = [page.complete, *(everybody.verdicts.group(status) for status in STATUSES)]
    for module in everybody.started:
        column = everybody.column[module.id]
        submitted = everybody.submitted[:, column]
        passed = submitted & (everybody.percent[:, column] >= 70)
        groups += [submitted, passed]
    for name in set(everybody.regions.tolist()):
        region = everybody.regions == name
        groups += [region, region & page.complete]
    for group in groups:
        if page.tally(group) is not None:
            yield group & page.here
        if page.share(group) is not None:
            yield group


def given_away(told, people):
    """Sets of one to four people that a sum or difference of what was told amounts to."""
    if not told:
        return []
    outside = np.eye(people) - np.linalg.pinv(np.array(told, float)) @ np.array(told, float)
    found = []
    for size in range(1, 5):
        sets = np.array(list(combinations(range(people), size)), dtype=int).reshape(-1, size)
        left = np.abs(outside[:, sets].sum(axis=2)).max(axis=0)
        found += [tuple(map(int, one)) for one in sets[left < 1e-7]]
    return found


@settings(max_examples=80)
@given(programmes())
def test_all_counts_of_all_pages_together_give_no_small_group_away(facts):
    people = len(facts.people)
    told = [group for page in pages(facts) for group in counted(page) if group.any()]
    # How many people belong to a cohort is no secret.
    known = [np.array([it.cohort == name for it in facts.people]) for name, _ in facts.cohorts]
    assert set(given_away([*told, *known], people)) == set(given_away(known, people))


@settings(max_examples=80)
@given(programmes())
def test_all_means_of_all_pages_together_give_no_small_group_away(facts):
    """The attacker knows how many people each mean is of."""
    people = len(facts.people)
    everybody = programme(facts)
    variables = [everybody.final, *everybody.percent.T, *everybody.cells.values()]
    for values in variables:
        known = ~np.isnan(values)
        told = []
        for page in pages(facts):
            here, others = page.values(values)
            told += [known & page.here] if here.size else []
            told += [known & ~page.here] if others.size else []
        assert given_away([group for group in told if group.any()], people) == []


@settings(max_examples=6)
@given(programmes())
def test_every_page_of_it_can_be_written(facts):
    for page in pages(facts):
        whole = "".join(section(page) for section in summary.SECTIONS)
        assert "Nama Orang" not in whole
        assert "lurah" not in whole.lower()


def made(invent, absent):
    """Everybody has handed in, except these."""
    facts = invent(people=160).everybody(absent=0, essay="marked").snapshot()
    kept = {"submissions": facts.submissions, "grades": facts.grades, "plays": facts.plays}
    changed = {
        name: tuple(it for it in facts_ if it.participant not in absent)
        for name, facts_ in kept.items()
    }
    return invent(people=160).snapshot(**changed)


COUNTING = ("completion", "people", "eligibility", "record")


@pytest.mark.parametrize("cohort", ["a03", "a04", ""])
def test_pages_look_the_same_whether_two_or_three_people_are_missing(invent, cohort):
    # p002 and every eighth one after it are the third cohort.
    two = Standing(whole=made(invent, {"p002", "p010"}), cohort=cohort, edition="leadership")
    three = Standing(
        whole=made(invent, {"p018", "p026", "p034"}), cohort=cohort, edition="leadership"
    )
    for name in COUNTING:
        section = getattr(summary, name)
        first, second = section(two), section(three)
        assert first.replace(two.whole.fingerprint, "") == second.replace(
            three.whole.fingerprint, ""
        )


def test_a_cohort_of_three_takes_the_next_one_out_of_sight(invent):
    made = invent(people=160)
    moved = tuple(
        person if person.cohort != "a08" else Participant(
            id=person.id, name=person.name, role=person.role, region=person.region,
            cohort="a08" if n < 24 else "a07",
        )
        for n, person in enumerate(made.people)
    )  # fmt: skip
    made.people = moved
    facts = made.everybody(absent=0).snapshot()
    means = {
        name: Standing(whole=facts, cohort=name, edition="leadership").values(
            programme(facts).final
        )[0]
        for name, _ in facts.cohorts
    }
    assert [name for name, values in means.items() if not values.size] == ["a01", "a08"]
    chart = summary.cohorts(Standing(whole=facts, cohort="a03", edition="leadership"))
    assert "Angkatan 8<" not in chart
    assert "Angkatan 1<" not in chart
    assert "Angkatan 2<" in chart


def test_the_marks_of_single_people_cannot_be_read_off_its_charts(invent):
    """Neither dots nor densities nor medians: with five people a median is somebody's mark."""
    facts = invent(people=40, cohorts=8).everybody(absent=0).snapshot()
    page = Standing(whole=facts, cohort="a03", edition="leadership")
    values = programme(facts).final[page.here]
    assert values.size == 5
    assert page.centre(values) == pytest.approx(values.mean())
    assert summary.boundaries(page).count("<svg") == 0
    assert summary.paths(page) == summary.people(page) == summary.distractors(page) == ""
