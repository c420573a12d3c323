"""Situational judgement: formulas, reasons, and what authors are told."""

from itertools import permutations, product
from pathlib import Path
from random import Random

import pytest

from pamong.brief import load_brief
from pamong.event import Event
from pamong.kind import replay
from pamong.kinds import expertise, situational
from pamong.play import play
from pamong.score import Context
from tests.values import replace

BRIEF = load_brief(Path(__file__).with_name("situational.brief.yaml"))
FORMATS = ("ranking", "best_worst", "rating")


def _long(form):
    """Nine items, as a set for scoring would have."""
    items = tuple(replace(item, id=f"{item.id}{n}") for n in range(3) for item in BRIEF.items)
    key = replace(BRIEF.model, items={item.id: BRIEF.model.items[item.id[:-1]] for item in items})
    return replace(BRIEF, format=form, items=items, model=key)


def _state(brief, *answers):
    """The state after these answers (item and the rest of the data) and the end."""
    kind = situational.KIND
    acts = [("answer", answer) for answer in answers] + [("finish", {})]
    opening = ("open", kind.opening(brief, Random(1)))
    events = tuple(
        Event(
            n=n, id=str(n), at="2026-01-01T00:00:00.000Z", act=act, data=data, attempt=1,
            who="system" if act == "open" else "participant", exercise=brief.id, version=1,
        )
        for n, (act, data) in enumerate([opening, *acts], 1)
    )  # fmt: skip
    return replay(kind, brief, events)


def _mean(brief, bot, skill=0.5, runs=150):
    logs = (
        play(situational.KIND, brief, brief.model, bot, rng=Random(n), skill=skill)
        for n in range(runs)
    )
    states = (replay(situational.KIND, brief, log) for log in logs)
    return (
        sum(situational.score(brief, brief.model, state, Context()).value for state in states)
        / runs
    )


@pytest.mark.parametrize("form", FORMATS)
def test_the_perfect_bot_earns_everything(form):
    assert _mean(replace(BRIEF, format=form), situational.KIND.bots["perfect"], runs=1) == 1.0


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("bot", ["random", "middle"])
def test_answers_without_judgement_earn_next_to_nothing(form, bot):
    assert _mean(_long(form), situational.KIND.bots[bot]) < 0.12


def test_the_same_rating_for_everything_earns_nothing():
    brief = replace(BRIEF, format="rating")
    flat = [{"item": item.id, "ratings": dict.fromkeys("abcde", 3)} for item in brief.items]
    score = situational.score(brief, brief.model, _state(brief, *flat), Context())

    assert score.value == 0
    assert score.parts[1].reason == (
        "Belum tepat, karena semua pilihan Anda nilai sama sehingga pertimbangan Anda belum terlihat."
    )


def test_all_rankings_of_an_item_earn_nothing_on_average():
    """Correction for chance: the mean of agreement over all orders is 0."""
    expert = expertise.means(BRIEF.model.items["antre"].experts)
    found = [
        expertise.agreement("ranking", expert, {id: place for place, id in enumerate(order)})
        for order in permutations(expert)
    ]

    assert sum(found) / len(found) == pytest.approx(0, abs=1e-12)
    assert max(found) == 1


def test_all_pairs_of_best_and_worst_earn_nothing_on_average():
    expert = expertise.means(BRIEF.model.items["antre"].experts)
    found = [
        expertise.agreement("best_worst", expert, {a: 1, b: -1}) for a, b in permutations(expert, 2)
    ]

    assert sum(found) / len(found) == pytest.approx(0, abs=1e-12)
    assert (min(found), max(found)) == (-1, 1)


def test_no_ratings_correlate_better_than_the_best_ratings():
    """Looked for among falling ratings only; among all of them there is none better."""
    falling = (4.9, 4.1, 2.4, 1.8)
    best = max(expertise.correlation(each, falling) for each in product((1, 2, 3, 4), repeat=4))

    assert expertise.correlation(expertise.best_ratings(falling), falling) == pytest.approx(best)


def test_a_strict_and_a_lenient_rater_with_the_same_shape_earn_alike():
    """The level of ratings is a habit of the person, not judgement (McDaniel et al., 2011)."""
    expert = expertise.means(BRIEF.model.items["antre"].experts)
    lenient = expertise.agreement(
        "rating", expert, dict(zip("abecd", (4, 4, 3, 2, 2), strict=True))
    )
    strict = expertise.agreement("rating", expert, dict(zip("abecd", (3, 3, 2, 1, 1), strict=True)))

    assert lenient == pytest.approx(strict)


def test_a_later_answer_replaces_the_earlier_one():
    state = _state(
        BRIEF,
        {"item": "antre", "ranking": ["d", "c", "e", "b", "a"]},
        {"item": "antre", "ranking": ["a", "b", "e", "c", "d"]},
    )

    assert situational.item_scores(BRIEF, BRIEF.model, state) == {"antre": 1.0}
    assert situational.answers(BRIEF, state) == {"antre": "a>b>e>c>d"}


def test_an_incomplete_answer_is_kept_but_not_scored():
    brief = replace(BRIEF, format="best_worst")
    state = _state(brief, {"item": "antre", "best": "a", "worst": ""})

    assert situational.view(brief, state)["answers"] == {"antre": {"best": "a", "worst": ""}}
    assert situational.missing(brief, state)[0] == "Butir 1 belum dijawab."
    assert situational.item_scores(brief, brief.model, state) == {}


def test_the_reason_names_the_option_that_differs_most_and_why():
    state = _state(BRIEF, {"item": "antre", "ranking": ["a", "b", "c", "e", "d"]})
    parts = situational.score(BRIEF, BRIEF.model, state, Context()).parts

    assert parts[1].reason == (
        "Belum sepenuhnya tepat, karena “Menyampaikan kekurangan petugas kepada camat secara tertulis” "
        "Anda letakkan di urutan 4, sedangkan para ahli di urutan 3. "
        "Laporan perlu, tetapi tidak menolong warga hari itu."
    )
    assert parts[2].reason == "Butir ini belum Anda jawab, sehingga belum memberi nilai."


def test_the_debrief_explains_every_option_of_what_was_answered():
    state = _state(BRIEF, {"item": "titipan", "ranking": ["a", "e", "c", "d", "b"]})
    (item,) = situational.debrief(BRIEF, BRIEF.model, state)["items"]

    assert item["agreement"] == 1
    assert [option["id"] for option in item["options"]] == ["a", "e", "c", "d", "b"]
    assert item["options"][0]["why"] == "Rekan tetap dihormati dan antrean tetap adil."


def test_authors_are_told_of_few_experts_discord_and_ties():
    key = BRIEF.model

    def problems(experts):
        item = replace(key.items["antre"], experts={**key.items["antre"].experts, **experts})
        return situational.check(BRIEF, replace(key, items={**key.items, "antre": item}))

    few = {id: [ratings[0]] * 4 for id, ratings in key.items["antre"].experts.items()}
    assert problems(few) == (
        "Butir antre: baru 4 ahli yang menilai; kunci memerlukan paling sedikit 8 ahli.",
    )
    assert problems({"c": (1, 5, 1, 3, 1, 3, 1, 2)}) == (
        "Butir antre: para ahli belum sepakat tentang pilihan “c” (simpangan baku 1,46; batasnya 1). "
        "Perbaiki atau ganti pilihan itu.",
    )
    assert problems({"b": (5, 5, 4, 5, 5, 5, 4, 5)}) == (
        "Butir antre: rata-rata penilaian ahli untuk “a” dan “b” sama, sehingga urutannya tidak dapat "
        "dinilai.",
    )


def test_authors_are_told_of_options_without_ratings():
    item = replace(BRIEF.model.items["antre"], reasons={"a": "Karena."})
    key = replace(BRIEF.model, items={"antre": item})

    assert situational.check(BRIEF, key)[:3] == (
        "kunci items: “keluhan” belum ada",
        "kunci items: “titipan” belum ada",
        "kunci items antre: reasons: “b” belum ada",
    )


def test_a_rating_outside_its_scale_is_refused():
    with pytest.raises(ValueError, match="penilaian untuk “a” harus berupa angka 1 sampai 5"):
        situational.ItemKey(experts={"a": (6,)}, reasons={})


def test_ids_that_occur_twice_are_refused():
    with pytest.raises(ValueError, match="^items: id “antre” dipakai lebih dari satu kali$"):
        replace(BRIEF, items=(BRIEF.items[0], BRIEF.items[0]))
