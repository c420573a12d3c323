"""Things in order: what an order is worth, why, and what authors are told."""

import json
from itertools import permutations
from pathlib import Path
from random import Random
from statistics import fmean

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pamong.brief import load_brief, plain
from pamong.catalogue import messages
from pamong.errors import IllegalEvent
from pamong.event import Event
from pamong.kind import replay
from pamong.kinds import ranking
from pamong.kinds.ranking import ordering
from pamong.play import play
from pamong.score import Context, above_baseline, footrule, footrule_by_chance
from tests.values import replace

KIND = ranking.KIND
BRIEF = load_brief(Path(__file__).parents[2] / "templates" / "exercises" / "ranking.brief.yaml")
KEY = BRIEF.model
STEPS, PROBLEMS, FIRE = BRIEF.items
VALID = ["catat", "rancang", "uji", "latih", "umumkan", "evaluasi"]
BY_KEY = ["saluran", "data", "kader", "antrean", "cat"]


def _event(n, act, data, who="participant", attempt=1):
    return Event(
        n=n, id=f"e{n}", at="2026-01-01T00:00:00.000Z", who=who, act=act, data=data,
        exercise=BRIEF.id, version=1, attempt=attempt,
    )  # fmt: skip


def _state(*acts, brief=BRIEF, end=True):
    opening = _event(1, "open", KIND.opening(brief, Random(1)), who="system")
    acts = (*acts, ("finish", {})) if end else acts
    return replay(
        KIND, brief, (opening, *(_event(n, act, data) for n, (act, data) in enumerate(acts, 2)))
    )


def _rank(item, order):
    return ("rank", {"item": item, "order": list(order)})


def _rates(change=lambda value: value):
    return [
        ("rate", {"item": "masalah", "thing": thing, "criterion": each, "value": change(value)})
        for thing, ratings in KEY.items["masalah"].ratings.items()
        for each, value in ((name, int(given)) for name, given in ratings.items())
    ]


def _parts(*acts):
    return {part.name: part for part in KIND.score(BRIEF, KEY, _state(*acts), Context()).parts}


# ---- sequence ----


@pytest.mark.parametrize("moved", [("latih", "umumkan"), ("umumkan", "latih")])
def test_every_order_of_steps_that_keeps_what_must_precede_counts_fully(moved):
    order = ["catat", "rancang", "uji", *moved, "evaluasi"]

    part = _parts(_rank("standar", order))["standar"]

    assert (part.value, part.reason) == (
        1.0,
        "Tepat, setiap langkah sudah berada sesudah langkah yang menjadi syaratnya.",
    )


def test_a_turned_pair_costs_little_and_the_reason_names_it():
    order = ["catat", "uji", "rancang", "latih", "umumkan", "evaluasi"]

    part = _parts(_rank("standar", order))["standar"]

    assert part.value == pytest.approx(1 - 2 / 14)
    assert part.reason == (
        "Hampir tepat, terutama karena “Menguji rancangan waktu di satu loket selama dua pekan” Anda "
        "letakkan sebelum “Menyusun rancangan waktu bersama petugas dan wakil warga”, padahal "
        "seharusnya sesudahnya. Rancangan bertumpu pada catatan dan disusun oleh orang yang akan "
        "menjalankannya."
    )


def test_the_reverse_earns_nothing_rather_than_less():
    assert _parts(_rank("standar", VALID[::-1]))["standar"].value == 0


def test_the_debrief_shows_the_valid_order_nearest_to_ones_own():
    own = ["rancang", "catat", "uji", "umumkan", "latih", "evaluasi"]
    (item,) = KIND.debrief(BRIEF, KEY, _state(_rank("standar", own)))["items"]

    assert [(each["id"], each["own"], each["fits"]) for each in item["things"]] == [
        ("catat", 2, False),
        ("rancang", 1, False),
        ("uji", 3, True),
        ("umumkan", 4, True),
        ("latih", 5, True),
        ("evaluasi", 6, True),
    ]


# ---- consensus ----


@pytest.mark.parametrize("tied", [("hunian", "air"), ("air", "hunian")])
def test_things_that_the_key_calls_equal_may_change_places(tied):
    part = _parts(_rank("kebakaran", ["hitung", "rentan", *tied, "dokumen", "laporan"]))[
        "kebakaran"
    ]

    assert (part.value, part.reason) == (1.0, "Tepat, urutan Anda sama dengan urutan acuan.")


def test_the_reason_is_about_the_thing_that_is_furthest_from_its_place():
    order = ["laporan", "hitung", "rentan", "hunian", "air", "dokumen"]

    part = _parts(_rank("kebakaran", order))["kebakaran"]

    assert 0 < part.value < 0.5
    assert part.reason == (
        "Belum sepenuhnya tepat, terutama karena “Menyusun laporan tertulis yang lengkap untuk "
        "pimpinan” Anda letakkan di urutan 1, sedangkan acuannya di urutan 6. Kabar singkat cukup "
        "pada jam pertama; laporan lengkap menunggu data yang benar."
    )


def test_a_tied_place_is_told_as_a_range():
    order = ["hunian", "hitung", "rentan", "air", "dokumen", "laporan"]

    assert "di urutan 1, sedangkan acuannya di urutan 3 sampai 4." in (
        _parts(_rank("kebakaran", order))["kebakaran"].reason
    )


# ---- criteria ----


def test_ratings_and_order_like_the_key_earn_everything():
    parts = _parts(*_rates(), _rank("masalah", BY_KEY))

    assert {name: part.value for name, part in parts.items() if name.startswith("masalah")} == {
        "masalah.coherence": 1.0,
        "masalah.ratings": 1.0,
        "masalah.order": 1.0,
    }


def test_whoever_is_lenient_throughout_keeps_part_of_the_ratings():
    parts = _parts(*_rates(lambda value: min(value + 1, 5)), _rank("masalah", BY_KEY))

    assert 0.3 < parts["masalah.ratings"].value < 0.7


@pytest.mark.parametrize("level", [1, 2, 3, 4, 5])
def test_the_same_rating_for_everything_earns_nothing(level):
    parts = _parts(*_rates(lambda _: level), _rank("masalah", BY_KEY))

    assert parts["masalah.ratings"].value == 0
    assert parts["masalah.coherence"].value == 0
    assert parts["masalah.coherence"].reason == (
        "Semua hal Anda nilai sama tinggi, sehingga urutan Anda tidak dapat diturunkan dari "
        "penilaian itu."
    )


def test_an_order_against_ones_own_ratings_is_told_apart_from_one_against_the_key():
    order = ["cat", "saluran", "data", "kader", "antrean"]

    parts = _parts(*_rates(), _rank("masalah", order))

    assert parts["masalah.ratings"].value == 1
    assert parts["masalah.coherence"].reason == (
        "Urutan Anda belum sejalan dengan penilaian Anda sendiri, terutama karena “Warna dinding "
        "ruang rapat sudah pudar” yang jumlah nilainya 3 Anda letakkan terlalu awal, yaitu di "
        "urutan 1."
    )


def test_equal_totals_of_ones_own_leave_the_order_between_them_free():
    equal = [
        ("rate", {"item": "masalah", "thing": thing, "criterion": each, "value": level})
        for thing, level in (("saluran", 5), ("data", 5), ("kader", 3), ("antrean", 2), ("cat", 1))
        for each in ("urgency", "seriousness", "growth")
    ]
    for order in (BY_KEY, ["data", "saluran", "kader", "antrean", "cat"]):
        assert _parts(*equal, _rank("masalah", order))["masalah.coherence"].value == 1


def test_the_reason_names_the_rating_that_is_furthest_off():
    changed = [
        (
            act,
            {**data, "value": 5}
            if (data["thing"], data["criterion"]) == ("cat", "growth")
            else data,
        )
        for act, data in _rates()
    ]

    assert _parts(*changed, _rank("masalah", BY_KEY))["masalah.ratings"].reason == (
        "Belum sepenuhnya tepat, terutama pada Pertumbuhan untuk “Warna dinding ruang rapat sudah "
        "pudar”, yang Anda nilai 5, sedangkan acuannya 1. Tidak ada warga yang dirugikan dan "
        "keadaannya tidak memburuk."
    )  # fmt: skip


def test_an_untouched_exercise_earns_nothing_and_says_so():
    parts = _parts()

    assert {part.value for part in parts.values()} == {0.0}
    assert parts["kebakaran"].reason == (
        "Urutan butir ini belum Anda tetapkan, sehingga belum memberi nilai."
    )
    assert parts["masalah.coherence"].reason == (
        "Penilaian atau urutan butir ini belum lengkap, sehingga keduanya belum dapat dibandingkan."
    )


# ---- formulas ----


@given(st.permutations(list("abcdef")), st.permutations(list("abcdef")))
def test_without_ties_agreement_is_the_footrule_corrected_for_chance(own, reference):
    expected = above_baseline(footrule(own, reference), footrule_by_chance(6))

    assert max(ordering.agreement(own, [[each] for each in reference]), 0) == pytest.approx(
        expected
    )


@pytest.mark.parametrize("sizes", [(1, 1, 1, 1), (2, 1, 2), (3, 2), (1, 4), (4, 1)])
def test_a_random_order_agrees_with_nothing_on_average_whatever_the_ties(sizes):
    things = iter("abcde")
    groups = [[next(things) for _ in range(size)] for size in sizes]
    orders = permutations([each for group in groups for each in group])

    assert fmean(ordering.agreement(order, groups) for order in orders) == pytest.approx(
        0, abs=1e-9
    )


def test_a_random_order_keeps_half_of_all_pairs_on_average():
    pairs = ordering.closure([["a", "b", "c"], ["a", "d"]])
    found = [ordering.precedence(order, pairs) for order in permutations("abcde")]

    assert (fmean(found), max(found)) == (pytest.approx(0), 1.0)


def test_chains_imply_what_follows_from_them():
    assert ordering.closure([["a", "b"], ["b", "c"]]) == {("a", "b"), ("a", "c"), ("b", "c")}


# ---- acts ----


def test_what_is_missing_is_told_in_the_order_of_the_form():
    state = _state(
        _rank("standar", VALID), ("explain", {"item": "standar", "text": " "}), end=False
    )

    assert KIND.missing(BRIEF, state) == (
        "Alasan pada butir 1 belum Anda tulis.",
        "Penilaian pada butir 2 belum lengkap.",
        "Urutan pada butir 2 belum Anda tetapkan.",
        "Alasan pada butir 2 belum Anda tulis.",
        "Urutan pada butir 3 belum Anda tetapkan.",
        "Alasan pada butir 3 belum Anda tulis.",
    )


@pytest.mark.parametrize(
    ("act", "data", "code"),
    [
        ("rank", {"item": "standar", "order": VALID[1:]}, "illegal.incomplete"),
        ("rank", {"item": "standar", "order": [*VALID[1:], VALID[1]]}, "illegal.repeated"),
        ("rank", {"item": "x", "order": VALID}, "illegal.unknown"),
        ("rank", {"item": "standar", "order": BY_KEY}, "illegal.unknown"),
        ("rank", {"item": "standar"}, "illegal.data"),
        ("rate", {"item": "standar", "thing": "uji", "criterion": "urgency", "value": 3}, "illegal.act"),
        ("rate", {"item": "masalah", "thing": "cat", "criterion": "urgency", "value": True}, "illegal.number"),
        ("rate", {"item": "masalah", "thing": "cat", "criterion": "urgency", "value": 6}, "illegal.number"),
        ("rate", {"item": "masalah", "thing": "cat", "criterion": "cost", "value": 3}, "illegal.unknown"),
        ("explain", {"item": "standar", "text": "a" * 20_001}, "illegal.long"),
        ("explain", {"item": "standar", "text": 1}, "illegal.data"),
        ("fly", {}, "illegal.act"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_with_its_reason(act, data, code):
    with pytest.raises(IllegalEvent) as error:
        _state((act, data))

    assert error.value.code == code


def test_no_reason_is_taken_where_none_is_asked():
    silent = replace(BRIEF, reasons=False)

    with pytest.raises(IllegalEvent):
        _state(("explain", {"item": "standar", "text": "Karena."}), brief=silent)
    assert all("Alasan" not in text for text in KIND.missing(silent, KIND.start(silent)))


IDS = st.sampled_from(["standar", "masalah", "kebakaran", "cat", "urgency", "", "x"])
ODD = st.one_of(
    st.none(), st.booleans(), st.integers(-2, 7), st.floats(), st.just(10**400), IDS, st.just("\ud800"),
    st.permutations(VALID), st.permutations(BY_KEY), st.lists(IDS, max_size=3),
    st.dictionaries(IDS, IDS, max_size=2),
)  # fmt: skip
SHAPES = {
    "rank": ("item", "order"),
    "rate": ("item", "thing", "criterion", "value"),
    "explain": ("item", "text"),
    "open": ("order",),
    "finish": (),
    "": ("item",),
}


@st.composite
def _acts(draw):
    act = draw(st.sampled_from(list(SHAPES)))
    shaped = st.fixed_dictionaries(dict.fromkeys(SHAPES[act], ODD))
    who = draw(st.sampled_from(["participant"] * 6 + ["system", "counterpart"]))
    return act, draw(st.one_of(shaped, shaped, ODD)), who, draw(st.sampled_from([1, 1, 1, 0, 2]))


@given(st.lists(_acts(), max_size=25))
@settings(max_examples=80)
def test_any_act_is_applied_or_refused_as_illegal(moves):
    state, taken = _state(end=False), [_event(1, "open", KIND.opening(BRIEF, Random(1)), "system")]
    refused = []
    for act, data, who, attempt in moves:
        event = _event(len(taken) + 1, act, data, who, attempt)
        try:
            state = KIND.apply(BRIEF, state, event)
        except IllegalEvent as error:
            refused.append(error.code)
        else:
            taken.append(event)

    assert all(messages("ranking")(code) for code in refused)
    assert replay(KIND, BRIEF, tuple(taken)) == state
    assert 0 <= KIND.score(BRIEF, KEY, state, Context()).value <= 1
    json.dumps([KIND.view(BRIEF, state), KIND.debrief(BRIEF, KEY, state)], allow_nan=False)
    KIND.render(BRIEF, state).encode()


# ---- what people see ----


def test_the_rendered_answer_shows_ratings_order_and_reason_escaped():
    state = _state(
        *_rates(), _rank("masalah", BY_KEY), ("explain", {"item": "masalah", "text": "<b>Air</b>"})
    )

    html = KIND.render(BRIEF, state)

    assert (
        '<tr><th scope="row">Saluran air RW 03 tersumbat</th><td>5</td><td>4</td><td>5</td>'
        "<td>14</td></tr>"
    ) in html
    assert "<ol><li>Saluran air RW 03 tersumbat</li>" in html
    assert "&lt;b&gt;Air&lt;/b&gt;" in html
    assert html.count("<em>Belum dijawab.</em>") == 4


def test_the_page_is_told_nothing_of_the_model():
    shown = json.dumps([plain(BRIEF), KIND.view(BRIEF, _state(_rank("standar", VALID)))])

    assert "before" not in shown
    assert "Tanpa catatan awal" not in shown


def test_item_statistics_know_what_was_answered():
    state = _state(_rank("kebakaran", FIRE.ids))

    assert KIND.answers(BRIEF, state) == {"kebakaran": ">".join(FIRE.ids)}
    assert list(KIND.item_scores(BRIEF, KEY, state)) == ["kebakaran"]


# ---- bots ----


@pytest.mark.parametrize("name", KIND.bots)
def test_a_bot_ends_and_depends_on_its_random_numbers_alone(name):
    first, second = (
        play(KIND, BRIEF, KEY, KIND.bots[name], rng=Random(7), skill=0.4) for _ in range(2)
    )

    assert (first, replay(KIND, BRIEF, first).finished) == (second, True)


def _mean(name, skill=0.5, rounds=40):
    logs = (
        play(KIND, BRIEF, KEY, KIND.bots[name], rng=Random(n), skill=skill) for n in range(rounds)
    )
    return fmean(KIND.score(BRIEF, KEY, replay(KIND, BRIEF, log), Context()).value for log in logs)


def test_only_judgement_earns_a_good_score():
    assert _mean("perfect", rounds=3) == 1
    assert _mean("random") < 0.3
    assert max(_mean("middle"), _mean("agree")) < 0.3
    assert _mean("normative", rounds=5) < 0.5
    assert _mean("person", 0.1) + 0.3 < _mean("person", 0.9)


# ---- authors ----


def _problems(item, **changes):
    changed = replace(KEY.items[item], **changes)
    return KIND.check(BRIEF, replace(KEY, items={**KEY.items, item: changed}))


def test_the_worked_example_is_sound():
    assert (KIND.check(BRIEF, KEY), KIND.advise(BRIEF, KEY)) == ((), ())


@pytest.mark.parametrize(
    ("item", "changes", "problem"),
    [
        ("standar", {"before": (("uji", "latih"), ("latih", "uji"))},
         "Butir standar: before berputar pada latih, uji, sehingga tidak ada urutan yang sah."),
        ("standar", {"before": (("uji", "terbang"),)},
         "Butir standar: before menyebut “terbang”, yang tidak ada di antara things."),
        ("standar", {"before": ()}, "Butir standar: basis: sequence memerlukan bidang before pada kunci."),
        ("standar", {"order": (("uji",),)},
         "Butir standar: bidang order pada kunci tidak dipakai untuk basis: sequence; hapus bidang "
         "itu atau ganti basis."),
        ("masalah", {"ratings": {each: {"urgency": 3, "seriousness": 3, "growth": 3} for each in BY_KEY}},
         "Butir masalah: menurut ratings pada kunci, semua hal setara, sehingga urutannya tidak dapat "
         "dinilai."),
        ("masalah", {"ratings": {**KEY.items["masalah"].ratings,
                                 "cat": {"urgency": 0, "seriousness": 1, "growth": 1}}},
         "Butir masalah: penilaian acuan untuk “cat” harus 1 sampai 5."),
        ("masalah", {"ratings": {**KEY.items["masalah"].ratings, "cat": {"urgency": 1, "growth": 1}}},
         "kunci items masalah: ratings cat: “seriousness” belum ada"),
        ("kebakaran", {"order": (tuple(FIRE.ids),)},
         "Butir kebakaran: menurut order pada kunci, semua hal setara, sehingga urutannya tidak dapat "
         "dinilai."),
        ("kebakaran", {"order": (*KEY.items["kebakaran"].order, ("air",))},
         "Butir kebakaran: order memuat “air” lebih dari satu kali."),
    ],
)  # fmt: skip
def test_authors_are_told_what_does_not_fit(item, changes, problem):
    assert _problems(item, **changes) == (problem,)


def test_a_chain_of_one_step_is_refused():
    with pytest.raises(ValueError, match="^before: jumlahnya harus 2 sampai 8, sekarang 1$"):
        ranking.ItemKey(reasons={}, before=(("uji",),))


def test_authors_are_told_of_a_key_that_leaves_much_free():
    loose = replace(KEY.items["standar"], before=(("catat", "rancang"),))

    assert KIND.advise(BRIEF, replace(KEY, items={**KEY.items, "standar": loose})) == (
        "Butir standar: kunci hanya menentukan 1 dari 15 pasangan, sehingga banyak urutan dianggap "
        "benar. Tambahkan syarat atau kurangi hal yang setara.",
    )


def test_authors_are_told_when_the_order_as_written_gives_itself_away():
    things = tuple(next(each for each in STEPS.things if each.id == id) for id in VALID)
    given = replace(BRIEF, shuffle=False, items=(replace(STEPS, things=things), PROBLEMS, FIRE))

    assert KIND.advise(given, KEY) == (
        "Butir standar: urutan yang tertulis sudah mendekati kunci dan tidak diacak. Acak urutannya "
        "di berkas ini atau pakai shuffle: true.",
    )


def test_criteria_of_ones_own_replace_urgency_seriousness_and_growth():
    own = (
        ranking.Criterion(id="benefit", label="Manfaat"),
        ranking.Criterion(id="cost", label="Biaya"),
    )
    view = KIND.view(replace(BRIEF, criteria=own), KIND.start(BRIEF))

    assert [each["label"] for each in view["criteria"]] == ["Manfaat", "Biaya"]
