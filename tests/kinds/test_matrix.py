"""Decision matrix: the formulas against brute force, the score, and what authors are told."""

from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pamong.brief import load_brief
from pamong.event import Event
from pamong.kind import replay
from pamong.kinds import matrix
from pamong.kinds.matrix import scoring, weighing
from pamong.play import play
from pamong.score import Context
from tests.values import replace

BRIEF = load_brief(Path(__file__).with_name("matrix.brief.yaml"))
KEY = BRIEF.model
KIND = matrix.KIND
AHP = replace(BRIEF, weighting="ahp")


def _play(bot, brief=BRIEF, seed=1, skill=0.5):
    return replay(
        KIND, brief, play(KIND, brief, KEY, KIND.bots[bot], rng=Random(seed), skill=skill)
    )


def _state(brief, *acts):
    events = tuple(
        Event(
            n=n, id=str(n), at="2026-01-01T00:00:00.000Z", act=act, data=data, attempt=1,
            who="system" if act == "open" else "participant", exercise=brief.id, version=1,
        )
        for n, (act, data) in enumerate([("open", {}), *acts], 1)
    )  # fmt: skip
    return replay(KIND, brief, events)


def _parts(brief, state):
    return {part.name: part for part in scoring.score(brief, KEY, state, Context()).parts}


@pytest.mark.parametrize("brief", [BRIEF, AHP])
def test_the_perfect_bot_earns_everything(brief):
    assert scoring.score(brief, KEY, _play("perfect", brief), Context()).value == 1


@pytest.mark.parametrize("brief", [BRIEF, AHP])
def test_random_play_earns_little(brief):
    scores = [
        scoring.score(brief, KEY, _play("random", brief, seed), Context()).value
        for seed in range(80)
    ]

    assert sum(scores) / len(scores) < 0.2


def test_equal_weights_earn_nothing_for_the_mandate():
    assert _parts(BRIEF, _play("middle"))["mandate"].value == 0


def test_the_parts_weigh_as_published_and_absent_tasks_drop_out():
    full = {name: part.weight for name, part in _parts(AHP, _play("perfect", AHP)).items()}
    short = replace(BRIEF, tasks=("rank",), data=KEY.data, model=KEY)

    assert full == {
        "facts": 0.25, "consistency": 0.15, "ranking": 0.30, "mandate": 0.15, "sensitivity": 0.15,
    }  # fmt: skip
    assert list(_parts(short, _play("perfect", short))) == ["ranking"]
    assert scoring.score(short, KEY, _play("perfect", short), Context()).value == 1


def test_values_within_tolerance_are_right():
    cells = [("utara", "biaya", 425), ("utara", "jarak", 151), ("timur", "biaya", 300)]
    acts = [("cell", {"alternative": a, "criterion": c, "value": v}) for a, c, v in cells]
    part = _parts(BRIEF, _state(BRIEF, *acts))["facts"]

    assert part.value == pytest.approx(2 / 12)
    assert part.reason == (
        "Sebagian sudah tepat, yaitu 2 dari 12 nilai; periksa kembali nilai lainnya di dalam berkas."
    )


def test_a_consistent_comparison_of_pairs_gives_its_weights_back():
    shares, ratio = weighing.from_pairs("abc", {("a", "b"): 2, ("a", "c"): 6, ("b", "c"): 3})

    assert shares == pytest.approx({"a": 0.6, "b": 0.3, "c": 0.1})
    assert ratio == pytest.approx(0, abs=1e-9)


def test_the_consistency_ratio_is_that_of_a_published_example():
    """Ratios 3, 5, 3 between three criteria: λ = 3.0385, CR = 0.033."""
    shares, ratio = weighing.from_pairs("abc", {("a", "b"): 3, ("a", "c"): 5, ("b", "c"): 3})

    assert shares == pytest.approx({"a": 0.637, "b": 0.258, "c": 0.105}, abs=0.001)
    assert ratio == pytest.approx(0.0332, abs=0.0002)


def test_contradictory_pairs_earn_nothing_for_consistency():
    pairs = [("biaya", "jarak", 9), ("jarak", "akses", 9), ("akses", "biaya", 9)]
    acts = [("compare", {"a": a, "b": b, "ratio": ratio}) for a, b, ratio in pairs]
    part = _parts(AHP, _state(AHP, *acts))["consistency"]

    assert part.value == 0
    assert part.reason.startswith("Perbandingan Anda belum ajek (rasio ")


def test_a_pair_compared_the_other_way_round_is_the_same_pair():
    one = _state(AHP, ("compare", {"a": "biaya", "b": "jarak", "ratio": 4}))
    other = _state(AHP, ("compare", {"a": "jarak", "b": "biaya", "ratio": 0.25}))

    assert one == other


def _searched(data, shares, criterion, steps=4000):
    """The smallest change of one weight that changes the winner, by trying all of them."""
    first = weighing.totals(data, shares)
    winner = max(first, key=first.__getitem__)
    others = {each: share for each, share in shares.items() if each != criterion}
    found = []
    for step in range(steps + 1):
        weight = step / steps
        scale = (1 - weight) / sum(others.values())
        tried = {criterion: weight, **{each: share * scale for each, share in others.items()}}
        sums = weighing.totals(data, tried)
        if max(sums.values()) > sums[winner] + 1e-9:
            found.append(abs(weight - shares[criterion]))
    return min(found, default=None)


@given(
    st.lists(st.lists(st.integers(0, 10), min_size=3, max_size=3), min_size=2, max_size=4),
    st.lists(st.integers(1, 10), min_size=3, max_size=3),
)
@settings(max_examples=80)
def test_the_closed_form_of_the_critical_weight_agrees_with_trying_all_weights(rows, weights):
    raw = {f"r{n}": dict(zip("xyz", row, strict=True)) for n, row in enumerate(rows)}
    data = weighing.scaled(raw, {"x": "up", "y": "up", "z": "down"})
    shares = weighing.normalised(dict(zip("xyz", weights, strict=True)))
    sums = sorted(weighing.totals(data, shares).values())
    if sums[-1] - sums[-2] < 1e-6:
        return

    changes = weighing.changes_of_winner(data, shares)

    for criterion, change in changes.items():
        searched = _searched(data, shares, criterion)
        assert (searched is None) == (change is None)
        if searched is not None:
            assert searched == pytest.approx(change, abs=1 / 2000)


def test_the_named_criterion_is_right_when_its_weight_changes_the_winner_first():
    changes = {"a": 0.2, "b": 0.05, "c": None, "d": 0.4}

    assert [scoring.claim_worth(changes, claim) for claim in "badc"] == [1, 0.5, 0, 0]
    assert scoring.claim_worth(changes, "") == 0
    assert scoring.claim_worth({"a": None}, "") == 1


def test_a_ranking_is_judged_by_ones_own_weights():
    """A person who weighs differently and concludes accordingly is coherent."""
    acts = [
        ("cell", {"alternative": row, "criterion": column, "value": value})
        for row, cells in KEY.data.items()
        for column, value in cells.items()
    ]
    weights = {"biaya": 10, "jarak": 90, "akses": 0}
    acts += [("weight", {"criterion": each, "value": value}) for each, value in weights.items()]
    coherent = _state(BRIEF, *acts, ("rank", {"order": ["selatan", "barat", "utara", "timur"]}))
    swapped = _state(BRIEF, *acts, ("rank", {"order": ["barat", "selatan", "utara", "timur"]}))

    assert _parts(BRIEF, coherent)["ranking"].value == 1
    assert _parts(BRIEF, swapped)["ranking"].value == pytest.approx(0.6)
    assert _parts(BRIEF, swapped)["ranking"].reason == (
        "Belum sepenuhnya sejalan, karena menurut nilai dan bobot Anda sendiri Lahan Selatan berada di "
        "urutan 1."
    )


def test_a_ranking_on_equal_scores_has_no_basis():
    state = _play("middle")

    assert _parts(BRIEF, state)["ranking"].value == 0
    assert _parts(BRIEF, state)["ranking"].reason == (
        "Belum dapat dinilai, karena nilai dan bobot Anda membuat semua pilihan sama kuat."
    )


def test_what_is_missing_is_said_in_the_order_of_the_form():
    assert matrix.missing(BRIEF, _state(BRIEF)) == (
        "Nilai untuk Lahan Utara belum lengkap.",
        "Nilai untuk Lahan Timur belum lengkap.",
        "Nilai untuk Lahan Selatan belum lengkap.",
        "Nilai untuk Lahan Barat belum lengkap.",
        "Bobot kriteria belum lengkap atau semuanya nol.",
        "Urutan pilihan belum ditentukan.",
        "Pertanyaan tentang bobot yang paling menentukan belum dijawab.",
        "Pilihan yang Anda sarankan belum ditentukan.",
        "Alasan saran memerlukan paling sedikit 10 kata (sekarang 0).",
    )
    assert "Perbandingan kriteria baru 0 dari 3." in matrix.missing(AHP, _state(AHP))


def test_the_rendered_decision_shows_values_weights_and_reasons():
    html = KIND.render(BRIEF, _play("perfect"))

    assert '<th scope="col">Biaya (juta rupiah)</th>' in html
    assert "<td>420</td>" in html
    assert "<td>50%</td>" in html
    assert "<ol><li>Lahan " in html


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"tasks": ("recommend",)},
            "tasks: harus memuat paling sedikit satu dari fill, rank, atau",
        ),
        ({"data": {}}, "data: isilah hanya bila fill tidak termasuk tasks"),
        (
            {"tasks": ("rank",), "data": {"utara": {}}},
            "data: harus memuat nilai yang berada di dalam",
        ),
        ({"weighting": "ahp", "tasks": ("fill",)}, "weighting: ahp memerlukan tugas weight"),
        ({"tasks": ("fill", "fill")}, "tasks: id “fill” dipakai lebih dari satu kali"),
    ],
)
def test_unsound_briefs_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        replace(BRIEF, **changes)


def test_a_mandate_that_does_not_sum_to_one_is_refused():
    with pytest.raises(ValueError, match=r"jumlahnya harus 1 \(sekarang 0,9\)"):
        replace(KEY, mandate={"biaya": 0.5, "jarak": 0.4})


def test_authors_are_told_of_values_out_of_place():
    wide = replace(KEY, data={**KEY.data, "utara": {"biaya": 5000, "jarak": 1, "akses": 1}})
    flat = {row: {**cells, "akses": 3} for row, cells in KEY.data.items()}

    assert matrix.KIND.check(BRIEF, wide) == (
        "Kunci data: harus memuat nilai yang berada di dalam batas untuk setiap alternatif dan kriteria, "
        "tidak lebih.",
    )
    assert matrix.KIND.check(BRIEF, replace(KEY, data=flat)) == (
        "Kriteria Akses truk: nilainya sama untuk semua alternatif, sehingga tidak membedakan apa pun.",
    )
    assert matrix.KIND.check(BRIEF, replace(KEY, tolerance={"biaya": 5})) == (
        "kunci tolerance: “akses” belum ada",
        "kunci tolerance: “jarak” belum ada",
    )
