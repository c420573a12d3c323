"""A mediation: what is legal, what comes back, what it is worth, what an author is told."""

import json
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pamong.brief import load_brief, plain
from pamong.catalogue import messages
from pamong.counterpart import LocalCounterpart, verify
from pamong.errors import IllegalEvent, TamperedLog
from pamong.event import Action, Event
from pamong.kind import Seat, replay
from pamong.kinds import KINDS
from pamong.kinds.mediation.analysis import prospects
from pamong.kinds.mediation.case import Opens, choices, sides, variant_of
from pamong.kinds.mediation.conduct import rules
from pamong.play import play
from pamong.score import Context
from pamong.session import Session
from pamong.store import MemoryStore
from tests.values import replace

ROOT = Path(__file__).parents[2]
KIND = KINDS["mediation"]
BRIEF = load_brief(ROOT / "templates/exercises/mediation.brief.yaml")
KEY = BRIEF.model
GRADED = replace(BRIEF, use="graded", model=None)
BEST = {"dinding": "kupas", "biaya": "cicil", "waktu": "libur", "kabar": "diam"}
POOR = {"dinding": "turun", "biaya": "semua", "waktu": "segera", "kabar": "maaf"}


class Play:
    """One attempt, led act by act."""

    def __init__(self, variant="a", brief=BRIEF, key=KEY):
        self.brief, self.key, self.events = brief, key, []
        self.state = KIND.start(brief)
        who = "system" if brief.use == "practice" else "counterpart"
        self.record(who, "open", {"variant": variant})

    def record(self, who, act, data):
        event = Event(
            n=len(self.events) + 1, id=f"e{len(self.events) + 1}", at="2026-01-01T00:00:00.000Z",
            who=who, act=act, data=data, exercise=self.brief.id, version=1, attempt=self.state.attempt + (act == "open"),
        )  # fmt: skip
        self.state = KIND.apply(self.brief, self.state, event)
        self.events.append(event)

    def do(self, act, **data):
        self.record("participant", act, data)
        for reply in KIND.reactive.respond(self.brief, self.key, self.state):
            self.record("counterpart", reply.act, reply.data)
        return self.events[-1].data

    @property
    def attempt(self):
        return self.state.current

    @property
    def score(self):
        return KIND.score(self.brief, self.key, self.state, Context())

    def part(self, name):
        return next(part for part in self.score.parts if part.name == name)


def heard():
    """Ibu A has been asked twice at the joint table and trusts the mediator."""
    play = Play()
    play.do("begin", wording="o2")
    play.do("ask", to="a", wording="t1")
    play.do("paraphrase", interest="kamar", wording="p3")
    return play


def confided():
    """Ibu A has told in caucus what is confidential."""
    play = heard()
    play.do("caucus", party="a")
    play.do("ask", to="a", wording="k2")
    play.do("ask", to="a", wording="k2")
    return play


def refused(play, act, **data):
    with pytest.raises(IllegalEvent) as error:
        play.record("participant", act, data)
    assert messages("mediation")(error.value.code)
    return error.value.code


@cache
def log(bot, variant="a", seed=1, skill=0.5):
    opening = lambda attempt: {"variant": variant}  # noqa: E731
    return play(KIND, BRIEF, KEY, KIND.bots[bot], rng=Random(seed), skill=skill, opening=opening)


def value(bot, variant="a", seed=1, skill=0.5):
    state = replay(KIND, BRIEF, log(bot, variant, seed, skill))
    return KIND.score(BRIEF, KEY, state, Context()).value


# ---------------------------------------------------------------- trust, interests, confidence


def test_an_open_question_brings_an_interest_to_light_and_a_judging_one_costs_trust():
    play = Play()
    play.do("begin", wording="o2")
    told = play.do("ask", to="a", wording="t1")
    hurt = play.do("ask", to="a", wording="t3")

    assert told["re"] == "told"
    assert told["fact"] == {
        "id": "kamar", "party": "a", "confidential": False,
        "label": "kamar yang kering dan sehat bagi ibunya",
    }  # fmt: skip
    assert "Ibu saya tidur di kamar itu." in told["lines"][0]["text"]
    assert (hurt["re"], told["trust"]["a"], hurt["trust"]["a"]) == ("hurt", 3, 2)


def test_a_leading_question_is_agreed_with_and_reveals_nothing():
    play = Play()
    play.do("begin", wording="o2")
    answer = play.do("ask", to="a", wording="t2")

    assert answer["re"] == "yes"
    assert "fact" not in answer


def test_a_confidential_interest_waits_for_trust_and_the_caucus():
    early = Play()
    early.do("begin", wording="o1")
    early.do("caucus", party="a")
    wary = early.do("ask", to="a", wording="k2")
    open_table = heard()
    open_table.do("ask", to="a", wording="t1")
    private = open_table.do("ask", to="a", wording="t1")

    assert (wary["re"], private["re"]) == ("wary", "private")
    assert [(fact.id, fact.confidential) for fact in confided().attempt.facts] == [
        ("kamar", False), ("tuntas", False), ("tabungan", True),
    ]  # fmt: skip


def test_an_interest_that_waits_for_openness_comes_after_a_permitted_disclosure():
    play = confided()
    granted = play.do("permission", interest="tabungan", wording="i2")
    play.do("joint")
    play.do("ask", to="b", wording="t1")
    play.do("paraphrase", interest="dapur", wording="p3")
    play.do("caucus", party="b")
    play.do("ask", to="b", wording="k2")
    waiting = play.do("ask", to="b", wording="k2")
    passed_on = play.do("disclose", interest="tabungan")
    told = play.do("ask", to="b", wording="k2")

    assert [it["re"] for it in (granted, waiting, passed_on, told)] == [
        "granted", "waiting", "heard", "told",
    ]  # fmt: skip
    assert told["fact"]["id"] == "pinjaman"
    assert play.attempt.leaks == ()


@pytest.mark.parametrize("how", ["disclose", "paraphrase"])
def test_speaking_of_a_secret_before_others_without_permission_is_a_leak_that_caps_the_score(how):
    play = confided()
    play.do("joint")
    data = {"wording": "p3"} if how == "paraphrase" else {}
    answer = play.do(how, interest="tabungan", **data)

    assert answer["re"] == "leaked"
    assert answer["trust"] == {"a": 1, "b": 3}
    assert [(cap.limit, cap.reason) for cap in play.score.caps] == [
        (
            0.5,
            "Anda menyampaikan hal rahasia dari Ibu A (“cara membayar yang terjangkau karena "
            "tabungannya habis”) tanpa izin. Karena itu nilai paling tinggi 50 persen.",
        )
    ]


def test_an_otherwise_faultless_mediation_that_leaks_earns_half():
    assert value("gossip") == 0.5
    assert value("attentive") > 0.99


def test_a_secret_is_denied_to_whoever_presses_for_it():
    play = confided()

    assert play.do("permission", interest="tabungan", wording="i1")["re"] == "denied"
    assert play.attempt.permitted == ()


def test_a_party_whose_trust_is_gone_leaves():
    play = Play()
    play.do("ask", to="a", wording="t3")
    answer = play.do("ask", to="a", wording="t3")

    assert (answer["trust"]["a"], answer["ending"]) == (0, "walkout")
    assert KIND.ending(BRIEF, play.state) == "walkout"
    assert play.part("outcome").value == 0


def test_a_long_talk_with_one_party_alone_slights_the_other():
    play = confided()
    play.do("ask", to="a", wording="k2")
    play.do("ask", to="a", wording="k2")
    answer = play.do("joint")

    assert (answer["re"], answer["trust"]["b"]) == ("slighted", 3)


# ---------------------------------------------------------------- drafts and endings


def test_those_present_say_truthfully_what_they_think_of_a_draft_and_never_points():
    play = heard()
    play.do("ask", to="b", wording="t1")
    answer = play.do("propose", draft=POOR)

    assert answer["consent"]["a"] == {"light": "content", "issue": ""}
    assert answer["consent"]["b"] == {"light": "refuse", "issue": "kabar"}
    assert not any(digit in json.dumps(answer["lines"]) for digit in "0123456789")


def test_in_caucus_only_the_party_there_hears_the_draft():
    play = confided()

    assert set(play.do("propose", draft=BEST)["consent"]) == {"a"}


def test_a_tested_clause_tells_which_clauses_would_sit_better():
    play = heard()
    play.do("ask", to="b", wording="t1")
    play.do("propose", draft=POOR)
    answer = play.do("test", to="b", issue="kabar", wording="u2")

    assert answer["re"] == "tested"
    assert "Tidak ada kabar kepada tetangga" in answer["lines"][0]["text"]
    assert "Ketua RT menyampaikan secara lisan" in answer["lines"][0]["text"]


def test_all_accept_what_leaves_nobody_below_the_own_alternative():
    play = heard()
    play.do("ask", to="b", wording="t1")
    play.do("propose", draft=BEST)
    answer = play.do("close", wording="c3")

    assert (answer["re"], answer["ending"]) == ("agreed", "agreement")
    assert play.part("outcome").value == 1


def test_one_party_below_its_alternative_is_enough_to_decline():
    play = heard()
    play.do("ask", to="b", wording="t1")
    lights = play.do("propose", draft={**BEST, "kabar": "bersama", "dinding": "turun"})["consent"]
    answer = play.do("close", wording="c3")

    assert (lights["a"]["light"], lights["b"]["light"]) == ("content", "doubt")
    assert (answer["re"], answer["ending"]) == ("imposed", "")


def test_putting_a_refused_draft_again_costs_trust_and_conduct():
    play = heard()
    play.do("ask", to="b", wording="t1")
    before = play.do("propose", draft=POOR)
    again = play.do("propose", draft=POOR)
    kept = {it.name: it.value for it in rules(BRIEF, KEY, KEY.variants[0], play.attempt)}

    assert (again["re"], before["trust"]["b"] - again["trust"]["b"]) == ("imposed", 1)
    assert kept["patience"] == 0.5


def test_a_draft_before_any_question_is_premature():
    play = Play()

    assert play.do("propose", draft=BEST)["re"] == "premature"
    assert play.attempt.trust == {"a": 1, "b": 2}


def test_the_steps_run_out_without_an_agreement():
    play = Play(brief=replace(BRIEF, steps=8))
    for _ in range(7):
        assert play.do("reframe", to="a", wording="r1")["ending"] == ""

    assert play.do("reframe", to="a", wording="r1")["ending"] == "steps"
    assert refused(play, "reframe", to="a", wording="r1") == "illegal.ended"


def empty_zone():
    variants = tuple(replace(it, batna={"a": 90, "b": 90}) for it in KEY.variants)
    return replace(KEY, variants=variants, agreement_zone="empty")


def test_stopping_is_right_where_there_is_no_zone_and_better_when_the_interests_are_known():
    key = empty_zone()
    brief = replace(BRIEF, model=key)
    guess, known = Play(brief=brief, key=key), Play(brief=brief, key=key)
    guess.do("withdraw")
    for to in ("a", "b"):
        known.do("begin", wording="o2") if to == "a" else None
        known.do("ask", to=to, wording="t1")
        known.do("caucus", party=to)
        known.do("reframe", to=to, wording="r1")
        known.do("ask", to=to, wording="k2")
        known.do("joint")
    known.do("withdraw")

    assert KIND.check(brief, key) == ()
    assert (guess.part("outcome").value, known.part("outcome").value) == (0.5, 1.0)
    assert {part.name for part in known.score.parts} == {"outcome", "coverage", "process"}
    assert "agreement" not in KIND.endings(brief, key)


def test_stopping_where_a_zone_exists_earns_no_outcome():
    play = Play()
    play.do("withdraw")

    assert play.part("outcome").value == 0


# ---------------------------------------------------------------- what is legal


def test_acts_are_refused_where_their_time_or_place_is_not():
    play = confided()
    cases = {
        "illegal.begin": ("begin", {"wording": "o2"}),
        "illegal.absent": ("ask", {"to": "b", "wording": "k2"}),
        "illegal.place": ("caucus", {"party": "a"}),
        "illegal.unknown": ("ask", {"to": "a", "wording": "t1"}),
        "illegal.nodraft": ("test", {"to": "a", "issue": "dinding", "wording": "u2"}),
        "illegal.permission": ("permission", {"interest": "kamar", "wording": "i2"}),
        "illegal.draft": ("propose", {"draft": {"dinding": "kupas"}}),
        "illegal.talking": ("finish", {}),
        "illegal.act": ("again", {}),
    }

    assert [refused(play, act, **data) for act, data in cases.values()] == list(cases)


def test_what_everybody_heard_cannot_be_disclosed():
    play = heard()
    play.do("caucus", party="b")

    assert refused(play, "disclose", interest="kamar") == "illegal.disclosed"


def test_nothing_happens_before_the_opening_or_after_the_end():
    first = Play().events[0]
    ask = replace(first, n=2, who="participant", act="ask", data={"to": "a", "wording": "t1"})
    with pytest.raises(IllegalEvent) as before:
        KIND.apply(BRIEF, KIND.start(BRIEF), ask)
    ended = Play()
    ended.do("withdraw")
    ended.do("finish")

    assert before.value.code == "illegal.order"
    assert refused(ended, "ask", to="a", wording="t1") == "illegal.finished"


ids = st.sampled_from(
    [
        "",
        "a",
        "b",
        "joint",
        "o2",
        "t1",
        "k2",
        "p3",
        "i2",
        "u2",
        "c3",
        "kamar",
        "tabungan",
        "dinding",
        "kupas",
    ]
)
odd = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.just(10**400), st.text(max_size=8), ids,
    st.just("a" * 20_001), st.just("\ud800"),
)  # fmt: skip
values = st.recursive(
    odd,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(ids, inner, max_size=4), st.just(BEST), st.just({"a": 2, "b": 3})
    ),
    max_leaves=6,
)  # fmt: skip
SHAPES = {
    "begin": ("wording",), "ask": ("to", "wording"), "paraphrase": ("interest", "wording"),
    "reframe": ("to", "wording"), "caucus": ("party",), "joint": (), "permission": ("interest", "wording"),
    "disclose": ("interest",), "propose": ("draft",), "test": ("to", "issue", "wording"), "close": ("wording",),
    "withdraw": (), "finish": (), "reply": ("re", "lines", "trust", "ending"), "debrief": (), "open": ("variant",), "": (),
}  # fmt: skip


@st.composite
def moves(draw):
    act = draw(st.sampled_from(list(SHAPES)))
    shaped = st.fixed_dictionaries(dict.fromkeys(SHAPES[act], st.one_of(ids, values)))
    data = draw(st.one_of(shaped, shaped, shaped, values))
    who = draw(st.sampled_from(["participant"] * 6 + ["system", "counterpart"]))
    return who, act, data, draw(st.sampled_from([True, True, True, False]))


@given(st.lists(moves(), max_size=20))
@settings(max_examples=150)
def test_any_act_is_applied_or_refused_as_illegal(found):
    play, codes = Play(), []
    for who, act, data, answered in found:
        try:
            play.record(who, act, data)
        except IllegalEvent as error:
            codes.append(error.code)
            continue
        for reply in KIND.reactive.respond(BRIEF, KEY, play.state) if answered else ():
            play.record("counterpart", reply.act, reply.data)

    assert all(messages("mediation")(code) for code in codes)
    assert replay(KIND, BRIEF, tuple(play.events)) == play.state
    assert 0 <= play.score.value <= 1
    json.dumps(KIND.view(BRIEF, play.state), allow_nan=False)
    KIND.render(BRIEF, play.state).encode("utf-8", "replace")


@pytest.mark.parametrize(
    "data",
    [
        {"re": "told", "lines": [], "trust": {"a": 2}, "ending": ""},
        {"re": "told", "lines": [], "trust": {"a": 2, "b": True}, "ending": ""},
        {"re": "agreed", "lines": [], "trust": {"a": 2, "b": 2}, "ending": ""},
        {"re": "told", "lines": [], "trust": {"a": 2, "b": 2}, "ending": "agreement"},
        {"re": "told", "lines": [{"by": "x", "text": ""}], "trust": {"a": 2, "b": 2}, "ending": ""},
        {"re": "told", "lines": [], "trust": {"a": 2, "b": 2}, "ending": "", "fact": {"id": 1}},
        {"re": "told", "lines": [], "trust": {"a": 2, "b": 2}, "ending": "", "consent": {"a": "yes"}},
    ],
)  # fmt: skip
def test_a_reply_that_no_party_could_give_is_refused(data):
    play = Play()
    play.record("participant", "ask", {"to": "a", "wording": "t1"})
    with pytest.raises(IllegalEvent):
        play.record("counterpart", "reply", data)


# ---------------------------------------------------------------- replay and verification


@pytest.mark.parametrize("bot", sorted(KIND.bots))
def test_every_bot_ends_and_its_log_is_verified(bot):
    events = log(bot)

    assert replay(KIND, BRIEF, events).finished
    assert events == play(
        KIND, BRIEF, KEY, KIND.bots[bot], rng=Random(1), opening=lambda _: {"variant": "a"}
    )
    verify(KIND, BRIEF, KEY, events)


def test_every_forged_reply_is_found():
    events = log("attentive")
    for place, event in enumerate(events):
        if event.act == "reply":
            forged = replace(event, data={**event.data, "trust": {"a": 5, "b": 1}})
            with pytest.raises(TamperedLog, match=f"event {event.n}: the counterpart would not"):
                verify(KIND, BRIEF, KEY, (*events[:place], forged, *events[place + 1 :]))


def test_an_agreement_that_nobody_gave_is_found():
    play = heard()
    play.do("ask", to="b", wording="t1")
    play.do("propose", draft=POOR)
    play.record("participant", "close", {"wording": "c3"})
    trust = dict(play.attempt.trust)
    play.record(
        "counterpart", "reply", {"re": "agreed", "lines": [], "trust": trust, "ending": "agreement"}
    )

    with pytest.raises(TamperedLog):
        verify(KIND, BRIEF, KEY, tuple(play.events))


def test_a_graded_session_never_carries_the_key():
    other = LocalCounterpart(KIND, GRADED, KEY, participant="p001", secret=b"s")
    session = Session(
        KIND, GRADED, MemoryStore(), participant="p001", clock=_clock, counterpart=other
    )
    rng = Random(2)
    for number in range(100):
        state = replay(KIND, GRADED, session.events())
        action = (
            KIND.bots["attentive"](Seat(GRADED, KEY, state, rng))
            if state.attempt
            else Action("begin", {"wording": "o2"})
        )
        if action is None:
            break
        screen = session.act(f"x{number}", action.act, action.data)
        if screen["view"]["phase"] == "talk":
            shown = json.dumps(screen, ensure_ascii=False)
            assert "weight" not in shown
            assert "batna" not in shown
            if not any(fact["id"] == "pinjaman" for fact in screen["view"]["facts"]):
                assert "pinjaman" not in shown.casefold()

    assert state.finished
    verify(KIND, GRADED, KEY, session.events())


def _clock():
    return datetime(2026, 1, 1, tzinfo=UTC)


def test_a_graded_debrief_keeps_missed_interests_for_the_next_attempt():
    first = Play(brief=GRADED)
    first.do("ask", to="a", wording="t3")
    first.do("withdraw")
    debrief = first.do("finish")
    last = Play(brief=replace(GRADED, attempts=1))
    last.do("withdraw")

    assert {it["label"] for it in debrief["interests"]} == {"Satu kepentingan yang belum terungkap"}
    assert debrief["wordings"] == []
    assert "pinjaman" in json.dumps(last.do("finish"))


# ---------------------------------------------------------------- score


def test_an_untouched_mediation_earns_nothing():
    score = KIND.score(BRIEF, KEY, KIND.start(BRIEF), Context())

    assert score.value == 0
    assert {part.reason for part in score.parts} == {"Belum ada yang dikerjakan."}


@pytest.mark.parametrize("variant", ["a", "b"])
def test_strategies_fall_where_they_should(variant):
    found = {bot: value(bot, variant) for bot in KIND.bots}

    assert found["oracle"] == 1
    assert found["attentive"] >= 0.95
    assert found["gossip"] == 0.5
    assert max(found[bot] for bot in ("normative", "first", "middle", "agree", "blunt")) <= 0.40
    assert sum(value("random", variant, seed) for seed in range(30)) / 30 <= 0.30


def test_the_abler_the_person_the_better_the_score():
    low, high = (
        sum(value("person", "a", seed, skill) for seed in range(25)) / 25 for skill in (0.1, 0.9)
    )

    assert 0.1 < low < high - 0.3


@given(
    st.sampled_from(["random", "person"]),
    st.sampled_from("ab"),
    st.integers(0, 10**6),
    st.floats(0, 1),
)
@settings(max_examples=40)
def test_the_score_of_any_play_is_in_range_and_under_its_cap(bot, variant, seed, skill):
    events = play(KIND, BRIEF, KEY, KIND.bots[bot], rng=Random(seed), skill=skill, opening=lambda _: {"variant": variant})  # fmt: skip
    state = replay(KIND, BRIEF, events)
    found = KIND.score(BRIEF, KEY, state, Context())

    assert 0 <= found.value <= (0.5 if state.counted.leaks else 1)
    assert all(part.reason.endswith(".") for part in found.parts)
    assert state.counted.used <= BRIEF.steps


def test_the_random_bot_does_not_look_at_the_key():
    other = replace(
        KEY, wordings=dict.fromkeys(KEY.wordings, "judging"), interests={"a": (), "b": ()}
    )
    seat = Seat(BRIEF, KEY, Play().state, Random(3))

    assert KIND.bots["random"](seat) == KIND.bots["random"](replace(seat, key=other, rng=Random(3)))


def test_the_best_package_is_the_one_with_the_largest_product_of_gains():
    found = prospects(sides(BRIEF, variant_of(KEY, "a")), choices(BRIEF))

    assert found.points(found.best) == (83, 82)
    assert (found.gain, found.value(found.best)) == (37 * 36, 1.0)
    assert found.is_efficient(found.best)
    assert found.value((0, 0, 0, 0)) == 0


def test_only_the_last_attempt_in_which_something_was_done_counts():
    done = Play()
    done.do("withdraw")
    done.do("finish")
    done.record("system", "open", {"variant": "b"})

    assert done.state.counted.number == 1


# ---------------------------------------------------------------- what the page and the marker see


def test_wordings_are_shown_in_an_order_that_changes_with_every_turn():
    play, orders = Play(), []
    for _ in range(6):
        orders.append(tuple(KIND.view(BRIEF, play.state)["wordings"]["reframe"]))
        play.do("reframe", to="a", wording="r1")

    assert len(set(orders)) > 2
    assert {frozenset(order) for order in orders} == {frozenset({"r1", "r2", "r3"})}


def test_the_view_offers_only_wordings_that_fit_the_place():
    shown = KIND.view(BRIEF, confided().state)

    assert sorted(shown["wordings"]["ask"]) == ["k1", "k2", "k3"]
    assert shown["place"] == "a"
    assert [fact["label"] for fact in shown["facts"] if fact["confidential"]] == [
        "cara membayar yang terjangkau karena tabungannya habis"
    ]


def test_the_page_is_told_nothing_of_the_model_before_it_comes_to_light():
    shown = json.dumps([plain(BRIEF), KIND.view(BRIEF, heard().state)], ensure_ascii=False)

    assert "Tabungan saya habis" not in shown
    assert "leading" not in shown


def test_the_rendered_talk_is_escaped_and_holds_the_agreement():
    state = replay(KIND, BRIEF, log("oracle"))
    html = KIND.render(replace(BRIEF, title="<script>x</script>"), state)

    assert "<script" not in html
    assert "&lt;script&gt;x" in html
    assert "Isi kesepakatan" in html
    assert "bagian Ibu A dicicil selama enam bulan." in html


def test_what_is_missing_is_said_until_the_mediation_has_ended():
    play = Play()
    assert KIND.missing(BRIEF, play.state) == ("Mediasi belum dimulai.",)
    play.do("reframe", to="a", wording="r1")
    assert KIND.missing(BRIEF, play.state) == ("Mediasi belum selesai.",)
    play.do("withdraw")
    assert KIND.missing(BRIEF, play.state) == ()


# ---------------------------------------------------------------- what an author is told


def with_interest(name, **changes):
    interests = {
        party: tuple(replace(it, **changes) if it.id == name else it for it in group)
        for party, group in KEY.interests.items()
    }
    return replace(KEY, interests=interests)


def test_the_scaffold_is_sound_and_nothing_about_it_is_remarked():
    assert KIND.check(BRIEF, KEY) == ()
    assert KIND.advise(BRIEF, KEY) == ()


def test_an_empty_zone_must_be_declared_and_a_declared_one_must_be_empty():
    full = replace(KEY, agreement_zone="empty")
    bare = replace(empty_zone(), agreement_zone="exists")

    assert KIND.check(BRIEF, bare)[0] == (
        "varian a: tidak ada rancangan yang menguntungkan semua pihak. Ubah poin, atau nyatakan agreement_zone: empty"
    )
    assert KIND.check(BRIEF, full)[0] == (
        "varian a: agreement_zone menyatakan kosong, padahal 122 rancangan dapat diterima semua pihak"
    )


def test_an_interest_that_no_play_can_reveal_is_named():
    late = with_interest("tabungan", opens=Opens(place="caucus", trust=5, after="pinjaman"))

    assert KIND.check(BRIEF, late) == (
        "interests: kepentingan “tabungan” tidak pernah dapat terungkap; periksa opens (trust, after) dan kalimat yang baik",
        "interests: kepentingan “pinjaman” tidak pernah dapat terungkap; periksa opens (trust, after) dan kalimat yang baik",
    )


def test_an_interest_that_needs_more_steps_than_there_are_is_named():
    assert KIND.check(replace(BRIEF, steps=8), KEY) == (
        "interests: kepentingan “pinjaman” tidak dapat terungkap dalam jumlah langkah yang tersedia",
    )


def test_an_interest_without_a_clause_and_unknown_clauses_are_named():
    assert KIND.check(BRIEF, with_interest("nama", served_by=())) == (
        "interests: kepentingan “nama” tidak dijawab oleh satu butir pun (served_by kosong)",
    )
    assert KIND.check(BRIEF, with_interest("nama", served_by=("kabar.pesta",))) == (
        "nama.served_by: “kabar.pesta” tidak dikenal",
    )


def test_a_list_of_wordings_without_a_good_one_is_named_with_its_place():
    key = replace(KEY, wordings={**KEY.wordings, "t1": "leading"})

    assert KIND.check(BRIEF, key) == (
        "wordings.ask: tidak ada kalimat yang baik untuk tempat “joint” kepada “a”",
        "wordings.ask: tidak ada kalimat yang baik untuk tempat “joint” kepada “b”",
    )


def test_too_many_drafts_are_refused_with_the_count_and_the_limit():
    options = tuple(replace(BRIEF.issues[0].options[0], id=f"x{n}") for n in range(400))
    issues = (replace(BRIEF.issues[0], options=options), *BRIEF.issues[1:])

    assert (
        "issues: ada 25600 kemungkinan rancangan; batasnya 24 sampai 20000. Ubah jumlah isu atau butir"
        in KIND.check(replace(BRIEF, issues=issues), KEY)
    )


def test_a_case_of_sexual_violence_is_refused():
    assert KIND.check(replace(BRIEF, title="Damai untuk perkara pelecehan seksual"), KEY) == (
        "perkara ini memuat “pelecehan seksual”. Perkara kekerasan seksual tidak boleh diselesaikan dengan mediasi "
        "(UU 12/2022); pakailah jenis latihan lain",
    )


def test_an_author_hears_when_the_good_wording_is_always_the_longest():
    longest = {
        act: tuple(
            replace(
                it, text=it.text + " " + "Silakan bercerita seperlunya dan setenang mungkin." * 4
            )
            if KEY.wordings[it.id] == "good"
            else it
            for it in group
        )
        for act, group in BRIEF.wordings.items()
    }

    assert KIND.advise(replace(BRIEF, wordings=longest), KEY) == (
        "wordings: kalimat yang baik selalu yang terpanjang; peserta dapat menebaknya",
    )


def test_an_author_hears_when_a_serving_clause_is_worst_for_its_owner():
    assert KIND.advise(BRIEF, with_interest("tabungan", served_by=("biaya.tunai",))) == (
        "interests: butir “biaya.tunai” menjawab kepentingan “tabungan”, tetapi poinnya paling rendah bagi pemiliknya",
    )


def test_a_telling_variant_id_is_refused_in_a_graded_case():
    key = replace(KEY, variants=(replace(KEY.variants[0], id="nama-berat"), KEY.variants[1]))

    assert KIND.check(GRADED, key) == (
        "variants: id “nama-berat” terlihat oleh peserta; pakailah satu atau dua huruf saja",
    )
