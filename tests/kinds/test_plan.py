"""Action plan: the critical path against brute force, loads, the rule check's words, and the score."""

import json
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pamong.brief import load_brief, plain
from pamong.catalogue import messages
from pamong.errors import IllegalEvent
from pamong.event import Event
from pamong.kind import replay
from pamong.kinds import plan
from pamong.kinds.plan import measure, network, reference, rules
from pamong.play import play
from pamong.score import Context
from tests.values import replace

TEMPLATE = Path(__file__).parents[2] / "templates/exercises/plan.brief.yaml"
CASE = load_brief(TEMPLATE)
KIND = plan.KIND


def _brief(**changes):
    """Two steps, four useful tasks and one idle one, three people, one risk, six weeks."""
    task, step = plan.Task, plan.Step
    fields = {
        "kind": "plan", "id": "kecil", "version": 1, "title": "Rencana Contoh", "use": "practice",
        "stakes": "formative", "visibility": "owner", "minutes": 10, "weeks": 6, "own": 1,
        "indicators": 1, "oversight": 0.5, "model": _key(),
        "steps": (step(id="mulai", label="Mulai"), step(id="pakai", label="Pakai")),
        "tasks": (
            task(id="ukur", text="Ukur", weeks=1, days=2),
            task(id="latih", text="Latih", weeks=2, days=4, needs=("ukur",)),
            task(id="uji", text="Uji", weeks=1, days=2, needs=("latih",), by=5),
            task(id="siap", text="Siapkan cadangan", weeks=1, days=1),
            task(id="rapat", text="Rapat koordinasi", weeks=3, days=9),
        ),
        "people": (
            plan.Person(id="lurah", name="Bu Ratih", role="Lurah", capacity=1),
            plan.Person(id="kasi", name="Bu Sekar", role="Kepala seksi", capacity=2.5),
            plan.Person(id="staf", name="Pak Wira", role="Petugas", capacity=2.5),
        ),
        "risks": (plan.Risk(id="putus", text="Jaringan putus.", week=4),),
    }  # fmt: skip
    return plan.Brief(**(fields | changes))


def _key(**changes):
    mark = plan.Marked
    fields = {
        "tasks": {
            "ukur": mark(serves=("mulai",), accountable=("lurah",), responsible=("staf",), reason="a"),
            "latih": mark(accountable=("kasi",), responsible=("staf",), reason="b"),
            "uji": mark(serves=("pakai",), accountable=("kasi",), responsible=("staf",), reason="c"),
            "siap": mark(accountable=("lurah",), responsible=("kasi",), reason="d"),
            "rapat": mark(reason="e"),
        },
        "risks": {"putus": plan.Guarded(tasks=("siap",), reason="f")},
    }  # fmt: skip
    return plan.Key(**(fields | changes))


BRIEF = _brief()
KEY = BRIEF.model
GOOD = (
    ("choose", {"tasks": ["ukur", "latih", "uji", "siap"]}),
    ("schedule", {"task": "ukur", "start": 1, "weeks": 1}),
    ("schedule", {"task": "latih", "start": 2, "weeks": 2}),
    ("schedule", {"task": "uji", "start": 4, "weeks": 1}),
    ("schedule", {"task": "siap", "start": 2, "weeks": 1}),
    *(
        ("role", {"task": task, "person": person, "role": role})
        for task, person, role in (
            ("ukur", "lurah", "A"), ("ukur", "staf", "R"), ("latih", "kasi", "A"),
            ("latih", "staf", "R"), ("uji", "kasi", "A"), ("uji", "staf", "R"),
            ("siap", "lurah", "A"), ("siap", "kasi", "R"),
        )
    ),
    ("mitigate", {"risk": "putus", "task": "siap"}),
    ("indicator", {"task": "uji", "text": "Waktu tunggu 15 menit pada minggu 4"}),
    ("evidence", {"task": "uji", "text": "Catatan harian"}),
)  # fmt: skip


def _event(brief, n, act, data, who="participant"):
    return Event(
        n=n, id=str(n), at="2026-01-01T00:00:00.000Z", who=who, act=act, data=data, attempt=1,
        exercise=brief.id, version=1,
    )  # fmt: skip


def _state(*acts, brief=BRIEF):
    events = [_event(brief, 1, "open", {}, "system")]
    events += [_event(brief, n, act, data) for n, (act, data) in enumerate(acts, 2)]
    return replay(KIND, brief, tuple(events))


def _score(state, brief=BRIEF, key=KEY):
    return KIND.score(brief, key, state, Context())


def _parts(state, brief=BRIEF, key=KEY):
    return {part.name: part for part in _score(state, brief, key).parts}


def _found(*acts, brief=BRIEF):
    return [finding.text for finding in _state(*acts, ("test", {}), brief=brief).found]


def _play(bot, seed=1, skill=0.5, brief=CASE):
    log = play(KIND, brief, brief.model, KIND.bots[bot], rng=Random(seed), skill=skill)
    return replay(KIND, brief, log)


# ---- the critical path ----


@st.composite
def networks(draw):
    """Durations and needs of up to eight tasks that wait only for earlier ones."""
    size = draw(st.integers(1, 8))
    durations = {f"t{n}": draw(st.integers(1, 5)) for n in range(size)}
    needs = {f"t{n}": tuple(f"t{m}" for m in range(n) if draw(st.booleans())) for n in range(size)}
    shuffled = draw(st.permutations(sorted(durations)))
    return {id: durations[id] for id in shuffled}, needs


def _chains(needs, task):
    yield (task,)
    for need in needs[task]:
        for chain in _chains(needs, need):
            yield (*chain, task)


@given(networks())
@settings(max_examples=100)
def test_the_critical_path_is_the_longest_of_all_chains(case):
    durations, needs = case
    length = {
        task: max(sum(durations[each] for each in chain) for chain in _chains(needs, task))
        for task in durations
    }

    found = network.solve(durations, needs)

    assert found.makespan == max(length.values())
    assert dict(found.finish) == length
    assert sum(durations[task] for task in found.path) == found.makespan
    assert all(a in needs[b] for a, b in zip(found.path, found.path[1:], strict=False))


@given(networks())
@settings(max_examples=100)
def test_a_task_may_take_its_slack_longer_and_no_more(case):
    durations, needs = case
    found = network.solve(durations, needs)

    for task, slack in found.slack.items():
        longer = durations | {task: durations[task] + slack}
        beyond = durations | {task: durations[task] + slack + 1}
        assert network.solve(longer, needs).makespan == found.makespan
        assert network.solve(beyond, needs).makespan == found.makespan + 1


def test_a_circle_of_needs_is_named():
    assert network.cycle({"a": ("b",), "b": ("c",), "c": ("b",)}) == ("b", "c", "b")
    assert network.cycle({"a": ("b",), "b": (), "c": ("b", "a")}) == ()


# ---- load ----


def test_work_is_shared_by_those_who_do_it_and_spread_over_its_weeks():
    state = _state(
        ("choose", {"tasks": ["latih"]}),
        ("schedule", {"task": "latih", "start": 3, "weeks": 4}),
        ("role", {"task": "latih", "person": "lurah", "role": "C"}),
        ("role", {"task": "latih", "person": "kasi", "role": "AR"}),
        ("role", {"task": "latih", "person": "staf", "role": "R"}),
    )

    assert state.draft.loads(BRIEF) == {
        "lurah": [0, 0, 0.5, 0.5, 0.5, 0.5],
        "kasi": [0, 0, 1.0, 1.0, 1.0, 1.0],
        "staf": [0, 0, 0.5, 0.5, 0.5, 0.5],
    }


def test_who_is_only_informed_carries_nothing():
    acts = (
        ("choose", {"tasks": ["ukur"]}),
        ("schedule", {"task": "ukur", "start": 1, "weeks": 1}),
        ("role", {"task": "ukur", "person": "lurah", "role": "I"}),
    )

    assert sum(_state(*acts).draft.loads(BRIEF)["lurah"]) == 0


# ---- the rule check ----


def test_a_sound_plan_breaks_no_rule():
    state = _state(*GOOD, ("test", {}))

    assert (state.found, state.tests, state.changed) == ((), 1, False)
    assert KIND.missing(BRIEF, state) == ()


@pytest.mark.parametrize(
    ("acts", "text"),
    [
        (
            [("role", {"task": "uji", "person": "lurah", "role": "A"})],
            "Kegiatan 3 mempunyai dua penanggung jawab akhir (A). Sisakan satu orang saja.",
        ),
        (
            [("role", {"task": "uji", "person": "kasi", "role": ""})],
            "Kegiatan 3 belum mempunyai penanggung jawab akhir (A).",
        ),
        (
            [("role", {"task": "uji", "person": "staf", "role": "I"})],
            "Kegiatan 3 belum mempunyai pelaksana (R).",
        ),
        (
            [
                ("role", {"task": "uji", "person": "kasi", "role": "C"}),
                ("role", {"task": "uji", "person": "staf", "role": ""}),
            ],
            "Kegiatan 3 belum mempunyai penanggung jawab akhir (A) dan pelaksana (R).",
        ),
        (
            [("schedule", {"task": "latih", "start": 2, "weeks": 5}),
             ("schedule", {"task": "uji", "start": 4, "weeks": 2})],
            "Kegiatan 3 dimulai minggu 4, padahal Kegiatan 2 yang mendahuluinya baru selesai minggu 6.",
        ),
        (
            [("schedule", {"task": "uji", "start": 6, "weeks": 1})],
            "Kegiatan 3 selesai minggu 6, padahal paling lambat minggu 5.",
        ),
        (
            [("choose", {"tasks": ["ukur", "uji", "siap"]})],
            "Kegiatan 3 memerlukan Kegiatan 2, yang belum ada di rencana.",
        ),
        (
            [("schedule", {"task": "siap", "start": 4, "weeks": 1})],
            "Penangkal Risiko 1 (Kegiatan 4) baru selesai minggu 4, padahal risiko dapat muncul mulai minggu 4.",
        ),
        (
            [("mitigate", {"risk": "putus", "task": ""})],
            "Risiko 1 belum mempunyai kegiatan penangkal di rencana.",
        ),
        (
            [("indicator", {"task": "ukur", "text": "Selesai pada minggu 2"})],
            "Indikator Kegiatan 1 belum memuat angka.",
        ),
        (
            [("indicator", {"task": "ukur", "text": "Semua 4 loket terukur"})],
            "Indikator Kegiatan 1 belum memuat tenggat, misalnya “minggu 6”.",
        ),
        (
            [("indicator", {"task": "ukur", "text": "Terlaksana dengan baik"})],
            "Indikator Kegiatan 1 belum memuat angka dan tenggat, misalnya “15 menit pada minggu 6”.",
        ),
        (
            [("role", {"task": "siap", "person": "staf", "role": "R"}),
             ("schedule", {"task": "siap", "start": 1, "weeks": 1})],
            "Pak Wira kelebihan beban pada minggu 1: 2,5 hari, padahal waktunya 2 hari.",
        ),
    ],
)  # fmt: skip
def test_a_broken_rule_is_told_in_plain_words(acts, text):
    people = tuple(replace(p, capacity=2) if p.id == "staf" else p for p in BRIEF.people)

    assert _found(*GOOD, *acts, brief=replace(BRIEF, people=people)) == [text]


def test_an_overload_of_several_weeks_is_one_finding():
    people = tuple(replace(p, capacity=1.5) if p.id == "staf" else p for p in BRIEF.people)

    assert _found(*GOOD, brief=replace(BRIEF, people=people)) == [
        "Pak Wira kelebihan beban pada minggu 1, 2, 3, dan 4. Paling berat minggu 1: 2 hari, padahal "
        "waktunya 1,5 hari."
    ]


def test_what_was_put_right_leaves_the_list_and_what_is_new_waits_for_the_next_check():
    broken = ("schedule", {"task": "uji", "start": 6, "weeks": 1})
    state = _state(
        *GOOD, broken, ("test", {}), GOOD[3], ("mitigate", {"risk": "putus", "task": ""})
    )

    assert KIND.view(BRIEF, state)["check"] == {
        "tests": 1, "changed": True, "before": 1, "findings": [],
    }  # fmt: skip
    assert len(rules.findings(BRIEF, state.draft)) == 1


@pytest.mark.parametrize(
    ("text", "figure", "deadline"),
    [
        ("15 menit pada minggu 6", True, True),
        ("80% warga puas pada akhir Maret 2027", True, True),
        ("tiga loket sebelum 12/03/2027", True, True),
        ("selesai minggu ke-6", False, True),
        ("turun menjadi 20 menit", True, False),
        ("berjalan lancar", False, False),
        ("Bertahap pada pekan 3", False, True),
    ],
)
def test_only_a_figure_and_a_deadline_are_looked_for(text, figure, deadline):
    assert (measure.has_figure(text), measure.has_deadline(text)) == (figure, deadline)


# ---- what is missing ----


def test_what_is_missing_is_named_in_the_order_of_the_page():
    state = _state(
        ("choose", {"tasks": ["latih"]}), ("own", {"task": "own1", "text": "Belum jelas"})
    )

    assert KIND.missing(BRIEF, _state()) == (
        "Rencana masih kosong. Pilih kegiatan dari daftar.",
        "Risiko 1: kegiatan penangkal belum dipilih.",
    )
    assert KIND.missing(BRIEF, state) == (
        "Kegiatan 6: tulislah dengan paling sedikit 4 kata.",
        "Kegiatan 6: langkah yang didukung belum dipilih.",
        "Kegiatan 2: minggu mulai belum ditentukan.",
        "Kegiatan 6: minggu mulai belum ditentukan.",
        "Kegiatan 2: penanggung jawab akhir (A) atau pelaksana (R) belum ada.",
        "Kegiatan 6: penanggung jawab akhir (A) atau pelaksana (R) belum ada.",
        "Risiko 1: kegiatan penangkal belum dipilih.",
        "Indikator dan bukti baru terisi lengkap untuk 0 dari 1 kegiatan.",
    )


# ---- events ----


@pytest.mark.parametrize(
    ("act", "data", "code"),
    [
        ("choose", {"tasks": ["ukur", "ukur"]}, "illegal.repeated"),
        ("choose", {"tasks": ["own1"]}, "illegal.unknown"),
        ("choose", {"tasks": "ukur"}, "illegal.data"),
        ("schedule", {"task": "rapat", "start": 1, "weeks": 3}, "illegal.absent"),
        ("schedule", {"task": "latih", "start": 1, "weeks": 1}, "illegal.number"),
        ("schedule", {"task": "latih", "start": 6, "weeks": 2}, "illegal.number"),
        ("schedule", {"task": "latih", "start": True, "weeks": 2}, "illegal.number"),
        ("schedule", {"task": "latih", "start": 10**400, "weeks": 2}, "illegal.number"),
        ("role", {"task": "ukur", "person": "camat", "role": "A"}, "illegal.unknown"),
        ("role", {"task": "ukur", "person": "kasi", "role": "X"}, "illegal.unknown"),
        ("role", {"task": "own1", "person": "kasi", "role": "A"}, "illegal.absent"),
        ("mitigate", {"risk": "putus", "task": "own1"}, "illegal.unknown"),
        ("own", {"task": "own2", "text": "Empat kata cukup saja"}, "illegal.unknown"),
        ("own", {"task": "own1", "text": "a" * 20_001}, "illegal.long"),
        ("size", {"task": "own1", "weeks": 1, "days": float("nan")}, "illegal.number"),
        ("serve", {"task": "own1", "step": []}, "illegal.unknown"),
        ("test", {"x": 1}, "illegal.data"),
        ("dance", {}, "illegal.act"),
    ],
)
def test_what_the_page_cannot_send_is_refused(act, data, code):
    with pytest.raises(IllegalEvent) as error:
        _state(*GOOD, (act, data))

    assert error.value.code == code


ODD = st.one_of(
    st.none(), st.booleans(), st.integers(-2, 9), st.floats(), st.just(10**400), st.text(max_size=4),
    st.sampled_from(["ukur", "uji", "own1", "kasi", "A", "AR", "", "putus", "mulai", "a" * 20_001, "\ud800"]),
    st.lists(st.sampled_from(["ukur", "uji", "own1", 1]), max_size=4),
)  # fmt: skip
SHAPES = {
    "choose": ("tasks",), "own": ("task", "text"), "serve": ("task", "step"),
    "size": ("task", "weeks", "days"), "schedule": ("task", "start", "weeks"),
    "role": ("task", "person", "role"), "mitigate": ("risk", "task"), "indicator": ("task", "text"),
    "evidence": ("task", "text"), "test": (), "finish": (), "open": (), "again": (),
}  # fmt: skip


@st.composite
def hostile(draw):
    act = draw(st.sampled_from([*SHAPES]))
    shaped = st.fixed_dictionaries(dict.fromkeys(SHAPES[act], ODD))
    who = draw(st.sampled_from(["participant"] * 5 + ["system", "counterpart"]))
    return act, draw(st.one_of(shaped, shaped, ODD)), who, draw(st.sampled_from([1, 1, 1, 0, 2]))


@given(st.lists(hostile(), max_size=25))
@settings(max_examples=150)
def test_any_act_is_applied_or_refused_as_illegal(moves):
    taken = [_event(BRIEF, 1, "open", {}, "system"), _event(BRIEF, 2, *GOOD[0])]
    state = replay(KIND, BRIEF, tuple(taken))
    refused = []
    for act, data, who, attempt in moves:
        event = replace(_event(BRIEF, len(taken) + 1, act, data, who), attempt=attempt)
        try:
            state = KIND.apply(BRIEF, state, event)
        except IllegalEvent as error:
            refused.append(error.code)
        else:
            taken.append(event)

    assert all(messages("plan")(code) for code in refused)
    assert replay(KIND, BRIEF, tuple(taken)) == state
    assert 0 <= _score(state).value <= 1
    json.dumps(KIND.view(BRIEF, state), allow_nan=False)
    json.dumps(KIND.debrief(BRIEF, KEY, state), allow_nan=False)
    KIND.render(BRIEF, state).encode()


def test_nothing_can_be_done_before_the_opening_or_after_the_end():
    act = _event(BRIEF, 1, *GOOD[0])
    for state, code in (
        (KIND.start(BRIEF), "illegal.order"),
        (_state(*GOOD, ("finish", {})), "illegal.finished"),
    ):
        with pytest.raises(IllegalEvent) as error:
            KIND.apply(BRIEF, state, act)
        assert error.value.code == code


@pytest.mark.parametrize("bot", [*KIND.bots])
def test_every_bot_ends_and_its_log_replays_alike(bot):
    log = play(KIND, CASE, CASE.model, KIND.bots[bot], rng=Random(7), skill=0.4)

    assert log == play(KIND, CASE, CASE.model, KIND.bots[bot], rng=Random(7), skill=0.4)
    assert replay(KIND, CASE, log).finished
    json.dumps([event.data for event in log])


def test_a_task_taken_back_in_has_kept_its_place_and_its_people():
    state = _state(*GOOD, ("choose", {"tasks": ["ukur"]}), GOOD[0])

    assert state.draft == _state(*GOOD).draft


def test_a_longer_own_task_keeps_its_place_as_far_as_the_weeks_allow():
    state = _state(
        ("own", {"task": "own1", "text": "Mengajak karang taruna membantu"}),
        ("schedule", {"task": "own1", "start": 5, "weeks": 1}),
        ("size", {"task": "own1", "weeks": 3, "days": 2.5}),
    )
    entry = state.draft.entry("own1")

    assert (entry.start, entry.weeks, entry.finish) == (4, 3, 6)


def test_half_a_surrogate_pair_is_kept_from_the_page():
    state = _state(*GOOD, ("evidence", {"task": "uji", "text": "a\ud800"}))

    assert state.draft.entry("uji").evidence == "a?"


# ---- the score ----


def test_a_sound_plan_earns_everything():
    assert {name: part.value for name, part in _parts(_state(*GOOD)).items()} == {
        "coverage": 1, "roles": 1, "timing": 1, "load": 1, "risks": 1, "measures": 1,
    }  # fmt: skip
    assert _score(_state(*GOOD)).value == 1


def test_the_parts_weigh_as_documented_and_absent_ones_drop_out():
    weights = {name: part.weight for name, part in _parts(_state(*GOOD)).items()}
    bare = _brief(risks=(), indicators=0, model=_key(risks={}))

    assert weights == {
        "coverage": 0.20, "roles": 0.25, "timing": 0.20, "load": 0.15, "risks": 0.15,
        "measures": 0.05,
    }  # fmt: skip
    assert list(_parts(_state(brief=bare), bare, bare.model)) == [
        "coverage", "roles", "timing", "load",
    ]  # fmt: skip


def test_an_empty_plan_earns_nothing():
    assert _score(_state()).value == 0
    assert _score(_state(("test", {}), ("finish", {}))).value == 0


def test_a_tiny_plan_earns_little():
    """One task, served well: no overload, no precedence to break, one right pair of people."""
    state = _state(
        ("choose", {"tasks": ["ukur"]}),
        ("schedule", {"task": "ukur", "start": 1, "weeks": 1}),
        ("role", {"task": "ukur", "person": "lurah", "role": "A"}),
        ("role", {"task": "ukur", "person": "staf", "role": "R"}),
        ("indicator", {"task": "ukur", "text": "4 loket pada minggu 1"}),
    )
    parts = _parts(state)

    assert {parts[name].value for name in ("coverage", "roles", "timing", "load")} == {0.5}
    assert parts["load"].reason == (
        "Tidak seorang pun bekerja melebihi waktunya dalam 2 minggu kerja perorangan. Nilai bagian ini "
        "dikalikan dengan porsi langkah wajib yang sudah didukung (50%)."
    )
    assert parts["risks"].value == 0


def test_work_that_nobody_does_is_not_a_light_load():
    roles_of_uji = [("role", {"task": "uji", "person": "staf", "role": "C"})]
    part = _parts(_state(*GOOD, *roles_of_uji))["load"]

    assert part.value == pytest.approx(7 / 9)
    assert part.reason.startswith(
        "22% pekerjaan belum terjadwal atau belum mempunyai pelaksana (R)"
    )


def test_idle_work_costs_half_of_the_steps_part_at_most():
    tasks = ["ukur", "latih", "uji", "siap", "rapat"]
    part = _parts(
        _state(*GOOD, ("choose", {"tasks": tasks}), ("schedule", {"task": "rapat", "start": 1, "weeks": 3}))
    )["coverage"]  # fmt: skip

    assert part.value == 0.5
    assert part.reason == (
        "Semua 2 langkah wajib didukung, tetapi 9 dari 18 hari kerja dipakai untuk kegiatan yang tidak "
        "mendukung langkah atau risiko mana pun."
    )


def test_time_lost_beyond_the_critical_path_costs_its_share():
    late = ("schedule", {"task": "uji", "start": 5, "weeks": 1})
    part = _parts(_state(*GOOD, late))["timing"]

    assert part.value == pytest.approx(4 / 5)
    assert part.reason == (
        "Urutan dan tenggat terpenuhi. Rencana berlangsung 5 minggu, padahal dapat selesai dalam 4 minggu."
    )


def test_naming_the_same_two_people_throughout_earns_nothing_for_roles():
    """Somebody fits for half of the tasks; that is what habit earns, and it counts as nothing."""
    same = [
        ("role", {"task": task, "person": person, "role": role})
        for task in ("ukur", "latih", "uji", "siap")
        for person, role in (("lurah", ""), ("kasi", "A"), ("staf", "R"))
    ]

    assert _parts(_state(*GOOD, *same))["roles"].value == 0


def test_a_guard_that_comes_too_late_counters_nothing():
    assert _parts(_state(*GOOD, ("schedule", {"task": "siap", "start": 4, "weeks": 1})))["risks"].value == 0  # fmt: skip


def test_a_guard_that_is_not_scheduled_counters_nothing():
    acts = [each for each in GOOD if each[1].get("task") != "siap" or each[0] != "schedule"]

    assert _parts(_state(*acts))["risks"].value == 0


def test_two_who_answer_for_a_task_are_as_bad_as_none():
    one, none = (
        _parts(_state(*GOOD, ("role", {"task": "uji", "person": person, "role": role})))[
            "roles"
        ].value
        for person, role in (("lurah", "A"), ("kasi", ""))
    )

    assert one == none < 1


def test_a_task_starts_the_week_after_what_it_needs_at_the_earliest():
    same_week = [("schedule", {"task": "latih", "start": 2, "weeks": 3})]
    right, wrong = _state(*GOOD), _state(*GOOD, *same_week)

    assert not rules.misplaced(BRIEF, right.draft, BRIEF.tasks[2])
    assert rules.misplaced(BRIEF, wrong.draft, BRIEF.tasks[2])


def test_an_own_task_serves_the_step_it_is_tagged_with_once_it_says_something():
    tasks = [each for each in GOOD if each[1].get("task") not in ("uji", "latih")]
    chosen = ("choose", {"tasks": ["ukur", "siap"]})

    def covered(text):
        state = _state(
            *tasks, chosen, ("own", {"task": "own1", "text": text}),
            ("serve", {"task": "own1", "step": "pakai"}),
            ("schedule", {"task": "own1", "start": 4, "weeks": 1}),
        )  # fmt: skip
        return _parts(state)["coverage"].value

    assert covered("Membuka janji temu di loket satu") == 1
    assert covered("Membuka loket") < 0.5


# ---- bots and the worked example ----


def test_the_best_bot_finds_a_plan_that_keeps_every_rule():
    state = _play("perfect")

    assert rules.findings(CASE, state.draft) == ()
    assert _score(state, CASE, CASE.model).value == 1


@pytest.mark.parametrize(
    ("bot", "most"), [("normative", 0.3), ("first", 0.45), ("everything", 0.6), ("random", 0.3)]
)
def test_plans_made_without_thought_stay_low(bot, most):
    scores = [_score(_play(bot, seed), CASE, CASE.model).value for seed in range(20)]

    assert sum(scores) / len(scores) <= most


def test_the_abler_the_person_the_better_the_plan():
    def mean(skill):
        return (
            sum(_score(_play("person", n, skill), CASE, CASE.model).value for n in range(30)) / 30
        )

    assert mean(0.1) + 0.2 < mean(0.9)


def test_even_a_well_led_plan_of_everything_does_not_win():
    """The whole bank, soonest, with people who fit: the load and the idle work tell."""
    chosen = [task.id for task in CASE.tasks]
    acts = [("choose", {"tasks": chosen})]
    finish = network.solve({t.id: t.weeks for t in CASE.tasks}, CASE.needs).finish
    for task in CASE.tasks:
        marked = CASE.model.tasks[task.id]
        first = finish[task.id] - task.weeks + 1
        acts.append(("schedule", {"task": task.id, "start": first, "weeks": task.weeks}))
        acts.append(("role", {"task": task.id, "person": marked.accountable[0], "role": "A"}))
        doer = next(p for p in marked.responsible[::-1])
        role = "AR" if doer == marked.accountable[0] else "R"
        acts.append(("role", {"task": task.id, "person": doer, "role": role}))
    guards = {"tersisih": "latih", "tertinggal": "temui", "jaringan": "cadangan", "penuh": "uji"}
    acts += [("mitigate", {"risk": risk, "task": task}) for risk, task in guards.items()]

    assert _score(_state(*acts, brief=CASE), CASE, CASE.model).value < 0.85


def test_the_worked_example_is_sound():
    assert KIND.check(CASE, CASE.model) == ()
    assert KIND.advise(CASE, CASE.model) == ()


@given(st.integers(0, 10_000), st.sampled_from(["random", "person"]), st.floats(0, 1))
@settings(max_examples=25)
def test_any_play_scores_within_bounds_and_replays_alike(seed, bot, skill):
    log = play(KIND, CASE, CASE.model, KIND.bots[bot], rng=Random(seed), skill=skill)
    state = replay(KIND, CASE, log)

    assert replay(KIND, CASE, log) == state
    assert 0 <= _score(state, CASE, CASE.model).value <= 1


def test_a_search_result_keeps_capacity_precedence_and_weeks():
    project = reference.project(CASE, CASE.model)
    slots = reference.best(project)

    assert max(reference.strain(project, slots).values()) == 0
    for task in CASE.tasks:
        if task.id in slots:
            assert all(slots[need].finish < slots[task.id].start for need in task.needs)
            assert slots[task.id].finish <= (task.by or CASE.weeks)


# ---- what is shown ----


def test_the_page_is_told_nothing_of_the_key():
    state = _play("first")
    shown = json.dumps([plain(CASE), KIND.view(CASE, state)], ensure_ascii=False)

    assert "accountable" not in shown
    assert "serves" not in shown
    assert "Prosedur, pembagian tugas, dan pengukuran bulanan" not in shown
    assert KIND.debrief(CASE, CASE.model, _state(brief=CASE)) is None


def test_the_debrief_shows_the_critical_path_and_who_would_have_fitted():
    debrief = KIND.debrief(BRIEF, KEY, _state(*GOOD, ("finish", {})))

    assert (debrief["own"]["path"], debrief["own"]["shortest"], debrief["own"]["lasting"]) == ([1, 2, 3], 4, 4)  # fmt: skip
    assert debrief["own"]["bars"][3] == {
        "number": 4, "text": "Siapkan cadangan", "start": 2, "finish": 2, "critical": False, "slack": 3,
    }  # fmt: skip
    assert debrief["tasks"][4] == {
        "number": 5, "chosen": False, "useful": False, "reason": "e", "accountable": [],
        "responsible": [], "own_accountable": [], "own_responsible": [],
    }  # fmt: skip
    assert debrief["risks"] == [{"id": "putus", "countered": True, "could": [4], "reason": "f"}]
    assert debrief["good"]["lasting"] == 4


def test_a_marker_reads_tasks_roles_and_texts_escaped():
    text = "<script>alert(1)</script> & beri tahu warga"
    state = _state(*GOOD, ("own", {"task": "own1", "text": text}), ("serve", {"task": "own1", "step": "pakai"}))  # fmt: skip
    html = KIND.render(BRIEF, state)

    assert "<script" not in html
    assert "6. &lt;script&gt;alert(1)&lt;/script&gt; &amp; beri tahu warga" in html
    assert "(kegiatan sendiri, untuk langkah: Pakai)" in html
    assert "Bu Ratih: penanggung jawab akhir (A); Pak Wira: pelaksana (R)" in html
    assert "Waktu tunggu 15 menit pada minggu 4" in html
    assert KIND.render(BRIEF, _state()).endswith("<p>Rencana belum diisi.</p></section>")


# ---- what authors are told ----


def _task(**changes):
    return (*BRIEF.tasks[1:], replace(BRIEF.tasks[0], **changes))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"tasks": _task(needs=("uji",))}, "tasks: needs berputar dan tidak pernah dapat dimulai: latih → ukur → uji → latih"),
        ({"tasks": _task(needs=("x",))}, "tasks ukur: needs menyebut x, yang tidak ada di tasks"),
        ({"tasks": _task(weeks=7)}, "tasks ukur: weeks harus antara 1 dan 6, lama seluruh rencana"),
        ({"tasks": _task(days=0)}, "tasks ukur: days harus lebih dari 0 dan paling banyak 100"),
        ({"tasks": _task(by=0)}, "tasks ukur: by harus antara 1, yaitu lama kegiatan itu, dan 6"),
        ({"tasks": _task(id="own1")}, "tasks own1: id ini dipakai untuk kegiatan yang ditulis peserta; pilih id lain"),
        ({"weeks": 60}, "weeks: harus antara 2 dan 52"),
        ({"oversight": float("nan")}, "oversight: harus antara 0 dan 2"),
        ({"risks": (plan.Risk(id="putus", text="x", week=7),)}, "risks putus: week harus antara 2 dan 6"),
    ],
)  # fmt: skip
def test_a_brief_that_cannot_work_names_the_place(changes, message):
    if "own1" in message:
        changes = {"tasks": (*BRIEF.tasks[3:], *(plan.Task(id=i, text=i, weeks=1, days=1) for i in ("a", "b", "own1")))}  # fmt: skip
    with pytest.raises(ValueError, match=".") as error:
        _brief(**changes)

    assert str(error.value) == message


def _marked(id, **changes):
    return {**KEY.tasks, id: replace(KEY.tasks[id], **changes)}


@pytest.mark.parametrize(
    ("key", "message"),
    [
        (_key(tasks=_marked("uji", serves=())), "Langkah pakai: tidak ada kegiatan yang mendukungnya."),
        (_key(tasks=_marked("uji", serves=("jauh",))), "Kunci kegiatan uji: serves menyebut langkah jauh, yang tidak ada di soal."),
        (_key(tasks=_marked("uji", accountable=("camat",))), "Kunci kegiatan uji: orang camat tidak ada di soal."),
        (_key(risks={"putus": plan.Guarded(tasks=(), reason="f")}), "Risiko putus: tidak ada kegiatan yang menangkalnya."),
        (_key(risks={"putus": plan.Guarded(tasks=("x",), reason="f")}), "Kunci risiko putus: kegiatan x tidak ada di soal."),
        (_key(risks={"putus": plan.Guarded(tasks=("uji",), reason="f")}),
         "Risiko putus: penangkal tercepat baru selesai minggu 4 (ukur → latih → uji), padahal risiko dapat muncul mulai minggu 4."),
        (_key(steps={"jauh": 2}), "Kunci steps: langkah jauh tidak ada di soal."),
    ],
)  # fmt: skip
def test_a_key_that_does_not_fit_is_explained(key, message):
    assert KIND.check(BRIEF, key) == (message,)


def test_a_plan_that_nobody_has_time_for_names_who_is_short():
    people = tuple(replace(p, capacity=0.5) if p.id == "staf" else p for p in BRIEF.people)
    brief = replace(BRIEF, people=people)

    assert KIND.check(brief, KEY) == (
        "Tidak ditemukan rencana yang dapat dipikul dengan capacity yang ada. Yang kekurangan waktu: "
        "staf (kurang 1,5 hari per minggu).",
    )


def test_a_plan_that_does_not_fit_into_its_weeks_names_the_chain():
    brief = _brief(weeks=3, risks=(plan.Risk(id="putus", text="x", week=3),), tasks=tuple(
        replace(task, by=None) for task in BRIEF.tasks))  # fmt: skip

    assert KIND.check(brief, KEY) == (
        "Langkah pakai: baru dapat didukung minggu 4 (ukur → latih → uji), setelah rencana berakhir.",
    )


def test_authors_are_advised_of_what_deserves_a_second_look():
    people = (*BRIEF.people, plan.Person(id="tamu", name="Bu Tamu", role="Tamu", capacity=1))
    tasks = BRIEF.tasks[:4]
    key = _key(tasks={id: KEY.tasks[id] for id in ("ukur", "latih", "uji", "siap")})
    brief = replace(BRIEF, people=people, tasks=tasks)

    assert KIND.advise(brief, key) == (
        "Langkah mulai hanya didukung kegiatan ukur, sehingga peserta tidak mempunyai pilihan.",
        "Langkah pakai hanya didukung kegiatan uji, sehingga peserta tidak mempunyai pilihan.",
        "Setiap kegiatan berguna, sehingga mengambil semuanya tidak pernah salah. Tambahkan kegiatan "
        "yang menarik tetapi tidak mendukung apa pun.",
        "Orang tamu: tidak disebut sebagai penanggung jawab atau pelaksana yang sesuai di kegiatan mana "
        "pun.",
    )
