"""Negotiation: what may be done when, how the other side answers, and what it all earns."""

import re
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from pamong.catalogue import messages
from pamong.counterpart import verify
from pamong.errors import IllegalEvent, TamperedLog
from pamong.event import Event
from pamong.kind import replay
from pamong.kinds.negotiation import KIND, case
from pamong.kinds.negotiation.play import State
from pamong.play import play
from pamong.score import Context, Score
from tests.values import replace

PATH = Path(__file__).parent / "negotiation.brief.yaml"
BRIEF: case.Brief = msgspec.convert(yaml.safe_load(PATH.read_text(encoding="utf-8")), case.Brief)
assert BRIEF.model is not None
KEY: case.Key = BRIEF.model
IDS = [issue.id for issue in BRIEF.issues]
PREPARE = {
    "floor": 35,
    "target": 80,
    "priorities": ["anggaran", "jadwal"],
    "expects_zone": True,
    "guess": [],
}
WISHED, MIDDLE, BEST = (0, 0, 4, 0, 4), (2, 2, 2, 2, 2), (3, 4, 4, 1, 4)
THEIRS = (4, 4, 0, 4, 4)


def package(*options: int) -> dict[str, Any]:
    return {"package": dict(zip(IDS, options, strict=True))}


class Game:
    """Plays acts one by one and lets the counterpart answer."""

    def __init__(self, brief: case.Brief = BRIEF, key: case.Key = KEY, variant: str = "a") -> None:
        self.brief, self.key, self.events = brief, key, list[Event]()
        self.variant = variant
        self.state = State()

    def record(self, who: Any, act: str, data: Any, attempt: int | None = None) -> None:
        number = self.state.attempt if attempt is None else attempt
        event = Event(
            n=len(self.events) + 1,
            id=f"e{len(self.events) + 1}",
            at="2026-01-01T00:00:00.000Z",
            who=who,
            act=act,
            data=data,
            exercise=self.brief.id,
            version=self.brief.version,
            attempt=number,
        )
        self.state = KIND.apply(self.brief, self.state, event)
        self.events.append(event)

    def open(self) -> "Game":
        self.record("system", "open", {"variant": self.variant}, self.state.attempt + 1)
        return self

    def do(self, act: str, **data: Any) -> dict[str, Any]:
        """One act of the participant; returns what the counterpart answered, if anything."""
        self.record("participant", act, data)
        assert KIND.reactive is not None
        answer: dict[str, Any] = {}
        for action in KIND.reactive.respond(self.brief, self.key, self.state):
            self.record("counterpart", action.act, action.data)
            answer = dict(action.data)
        return answer

    def offer(self, *options: int) -> dict[str, Any]:
        return self.do("offer", **package(*options))

    def prepared(self, **changes: Any) -> "Game":
        self.open().do("prepare", **{**PREPARE, **changes})
        return self

    def score(self) -> Score:
        return KIND.score(self.brief, self.key, self.state, Context())

    def part(self, name: str) -> float:
        return next(part.value for part in self.score().parts if part.name == name)


def prepared(**changes: Any) -> Game:
    return Game().prepared(**changes)


def options(answer: dict[str, Any]) -> tuple[int, ...]:
    return tuple(answer["package"][issue] for issue in IDS)


def side(variant: str = "a") -> Any:
    return case.other_side(BRIEF, case.variant_of(KEY, variant))


def with_floor(points: int) -> case.Key:
    """The key with another fallback of the counterpart in every variant."""
    changed = tuple(replace(it, batna=case.Alternative(points=points)) for it in KEY.variants)
    zone: Any = "empty" if points > 90 else "exists"
    return replace(KEY, variants=changed, agreement_zone=zone)


# ---------------------------------------------------------------- what may be done when

ILLEGAL: list[tuple[str, str, str, Any, str]] = [
    ("opened", "participant", "offer", package(*MIDDLE), "illegal.unprepared"),
    ("opened", "counterpart", "prepare", PREPARE, "illegal.who"),
    ("opened", "participant", "sing", {}, "illegal.act"),
    ("opened", "participant", "prepare", {}, "illegal.data"),
    ("opened", "participant", "prepare", None, "illegal.data"),
    ("opened", "participant", "prepare", {**PREPARE, "floor": True}, "illegal.number"),
    ("opened", "participant", "prepare", {**PREPARE, "floor": float("nan")}, "illegal.number"),
    ("opened", "participant", "prepare", {**PREPARE, "floor": -1}, "illegal.number"),
    ("opened", "participant", "prepare", {**PREPARE, "priorities": []}, "illegal.priorities"),
    ("opened", "participant", "prepare", {**PREPARE, "priorities": ["x"]}, "illegal.unknown"),
    ("opened", "participant", "prepare", {**PREPARE, "guess": IDS[:2]}, "illegal.incomplete"),
    ("opened", "participant", "prepare", {**PREPARE, "expects_zone": 1}, "illegal.data"),
    ("opened", "participant", "finish", {}, "illegal.talking"),
    ("prepared", "participant", "prepare", PREPARE, "illegal.prepared"),
    ("prepared", "participant", "accept", {}, "illegal.accept"),
    ("prepared", "participant", "offer", {"package": {}}, "illegal.package"),
    ("prepared", "participant", "offer", package(0, 0, 0, 0, 5), "illegal.number"),
    ("prepared", "participant", "offer", package(0, 0, 0, 0, True), "illegal.number"),
    ("prepared", "participant", "greet", {"phrase": "x"}, "illegal.unknown"),
    ("prepared", "participant", "share", {"issue": ["staf"]}, "illegal.unknown"),
    ("prepared", "participant", "argue", {"argument": "x" * 30_000}, "illegal.unknown"),
    ("prepared", "participant", "model", {"ranking": IDS}, "illegal.talking"),
    ("prepared", "counterpart", "reply", {"re": "info", "text": ""}, "illegal.reply"),
    ("prepared", "system", "open", {"variant": "a"}, "illegal.open"),
    ("offered", "participant", "greet", {"phrase": "hormat"}, "illegal.greet"),
    ("walked", "participant", "offer", package(*MIDDLE), "illegal.ended"),
    ("walked", "participant", "model", {"ranking": IDS[:3]}, "illegal.incomplete"),
    ("walked", "participant", "close", {"phrase": "hormat"}, "illegal.unknown"),
    ("finished", "participant", "close", {"phrase": "bersama"}, "illegal.finished"),
    ("finished", "counterpart", "debrief", {}, "illegal.debrief"),
]


def at_stage(stage: str) -> Game:
    game = Game().open()
    if stage == "opened":
        return game
    game.do("prepare", **PREPARE)
    if stage == "offered":
        game.offer(*WISHED)
    if stage in ("walked", "finished"):
        game.do("walk")
    if stage == "finished":
        game.do("finish")
    return game


@pytest.mark.parametrize(("stage", "who", "act", "data", "code"), ILLEGAL)
def test_an_act_out_of_place_is_refused_with_a_reason_people_can_read(
    stage: str, who: Any, act: str, data: Any, code: str
) -> None:
    game = at_stage(stage)
    with pytest.raises(IllegalEvent) as caught:
        game.record(who, act, data, 2 if act == "open" else None)
    assert caught.value.code == code
    assert messages("negotiation")(code).endswith(".")


def test_the_counterpart_must_answer_before_the_participant_goes_on() -> None:
    game = prepared()
    game.record("participant", "ask", {})
    with pytest.raises(IllegalEvent, match="has not answered"):
        game.record("participant", "ask", {})


def test_questions_priorities_arguments_and_rounds_are_limited() -> None:
    game = prepared()
    for issue in ("anggaran", "jadwal"):
        game.do("share", issue=issue)
    for _ in range(3):
        game.do("ask")
    for _ in range(2):
        game.do("argue", argument="beban")
    for act, data, code in (
        ("share", {"issue": "data"}, "illegal.shares"),
        ("ask", {}, "illegal.questions"),
        ("argue", {"argument": "beban"}, "illegal.argued"),
    ):
        with pytest.raises(IllegalEvent) as caught:
            game.do(act, **data)
        assert caught.value.code == code


def test_a_second_attempt_opens_only_after_the_first_and_no_third_one() -> None:
    game = at_stage("finished").open()
    game.do("prepare", **PREPARE)
    game.do("walk")
    game.do("finish")
    with pytest.raises(IllegalEvent) as caught:
        game.open()
    assert caught.value.code == "illegal.attempts"


def test_a_deal_that_was_not_on_the_table_is_refused() -> None:
    game = prepared()
    game.record("participant", "offer", package(*MIDDLE))
    with pytest.raises(IllegalEvent, match="not what was on the table"):
        game.record("counterpart", "reply", {"re": "accept", "text": "", **package(*WISHED)})


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 9) | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=5,
)
ACTS: st.SearchStrategy[tuple[str, Any]] = st.one_of(
    st.tuples(st.sampled_from(["ask", "accept", "walk", "finish", "again", "reply"]), st.just({})),
    st.tuples(st.just("prepare"), st.just(PREPARE)),
    st.tuples(st.just("offer"), st.tuples(*[st.integers(0, 4)] * 5).map(lambda it: package(*it))),
    st.tuples(st.just("share"), st.sampled_from(IDS).map(lambda it: {"issue": it})),
    st.tuples(
        st.just("argue"),
        st.sampled_from([it.id for it in BRIEF.arguments]).map(lambda it: {"argument": it}),
    ),
    st.tuples(st.just("greet"), st.just({"phrase": "langsung"})),
    st.tuples(st.just("model"), st.permutations(IDS).map(lambda it: {"ranking": it})),
    st.tuples(st.just("close"), st.just({"phrase": "bersama"})),
    st.tuples(st.text(max_size=6) | st.sampled_from(["prepare", "offer", "model"]), JUNK),
)


@settings(max_examples=80)
@given(st.lists(ACTS, max_size=40), st.booleans())
def test_whatever_is_tried_applies_or_is_refused_and_scores_within_bounds(
    acts: Sequence[tuple[str, Any]], begin: bool
) -> None:
    game = Game().open()
    if begin:
        game.do("prepare", **PREPARE)
    refused = set[str]()
    for act, data in acts:
        try:
            game.record("participant", act, data)
        except IllegalEvent as error:
            refused.add(error.code)
            continue
        assert KIND.reactive is not None
        for action in KIND.reactive.respond(BRIEF, KEY, game.state):
            game.record("counterpart", action.act, action.data)
        assert 0 <= game.score().value <= 1
    assert all(code in messages("negotiation").entries for code in refused)
    assert msgspec.json.encode(KIND.view(BRIEF, game.state))
    assert KIND.render(BRIEF, game.state)
    assert replay(KIND, BRIEF, tuple(game.events)) == game.state
    verify(KIND, BRIEF, KEY, tuple(game.events))


# ---------------------------------------------------------------- how the other side answers


def test_it_opens_with_its_own_wish_and_never_offers_itself_less_than_its_fallback() -> None:
    for seed in range(20):
        rng = Random(seed)
        game = prepared()
        for turn in range(BRIEF.rounds):
            answer = game.offer(*(rng.randrange(5) for _ in IDS))
            if answer["re"] not in ("counter", "warned"):
                break
            assert side().total(options(answer)) >= side().floor
            assert turn or side().share(options(answer)) >= 0.9


def test_it_spreads_its_concessions_until_priorities_are_shared() -> None:
    silent, open_hearted = prepared(), prepared()
    open_hearted.do("share", issue="anggaran")
    for asked in [(0, 1, 4, 0, 4), (0, 2, 4, 0, 4), (0, 3, 4, 0, 4), (1, 3, 4, 0, 4)]:
        even, traded = options(silent.offer(*asked)), options(open_hearted.offer(*asked))
    assert traded[2] == 4
    assert even[2] <= 2
    own = case.own_side(BRIEF)
    assert own.total(traded) > own.total(even)


def test_on_no_issue_does_it_ask_for_less_than_is_offered() -> None:
    answer = options(prepared().offer(0, 4, 4, 0, 4))
    assert answer[1] == 4
    assert answer[4] == 4


def test_repeating_an_offer_moves_it_less_than_conceding() -> None:
    stubborn, moving = prepared(), prepared()
    for step in range(5):
        first, second = stubborn.offer(0, 1, 4, 0, 4), moving.offer(0, min(4, 1 + step), 4, 0, 4)
    assert side().share(options(first)) > side().share(options(second))


def test_it_accepts_what_is_as_good_as_its_own_next_offer() -> None:
    answer = prepared().offer(*THEIRS)
    assert answer["re"] == "accept"
    assert options(answer) == THEIRS


def test_in_the_last_round_it_takes_a_fair_offer_or_leaves() -> None:
    fair, meagre = prepared(), prepared()
    for _ in range(BRIEF.rounds - 1):
        fair.offer(1, 2, 4, 1, 4)
        meagre.offer(0, 2, 4, 0, 4)
    assert side().share((1, 2, 4, 1, 4)) < side().fallback + 0.1
    assert fair.offer(2, 3, 4, 2, 4)["re"] == "accept"
    assert meagre.offer(0, 2, 4, 0, 4)["re"] == "deadline"


def test_the_first_question_is_answered_and_the_next_one_after_something_was_shared() -> None:
    game = prepared()
    assert game.do("ask")["issue"] == "staf"
    assert game.do("ask")["re"] == "evasive"
    game.do("share", issue="anggaran")
    answer = game.do("ask")
    assert (answer["re"], answer["issue"], answer["rank"]) == ("info", "jadwal", 2)


def test_it_warns_after_two_insulting_offers_and_leaves_after_three() -> None:
    game = prepared()
    replies = [game.offer(*WISHED)["re"] for _ in range(3)]
    assert replies == ["counter", "warned", "walkout"]
    assert game.state.current is not None
    assert game.state.current.ending == "walkout"


def test_a_good_argument_works_once_on_its_issue() -> None:
    game = prepared()
    assert game.do("argue", argument="beban")["re"] == "moved"
    assert game.do("argue", argument="beban")["re"] == "unmoved"


def test_an_argument_makes_it_accept_earlier() -> None:
    plain, argued = prepared(), prepared()
    argued.do("argue", argument="beban")
    argued.do("argue", argument="antrean")
    for step in range(BRIEF.rounds):
        offer = (1, min(4, 2 + step // 2), 4, 1, 4)
        if plain.state.current and not plain.state.current.ending:
            plain.offer(*offer)
        if argued.state.current and not argued.state.current.ending:
            argued.offer(*offer)
    assert plain.state.current is not None
    assert argued.state.current is not None
    assert argued.state.current.count("offer") < plain.state.current.count("offer")


def test_no_argument_makes_it_accept_less_than_its_fallback() -> None:
    game = Game(key=replace(KEY, temper=case.Temper(beta=4, reciprocity=2))).prepared()
    game.do("argue", argument="beban")
    game.do("argue", argument="antrean")
    below = (0, 3, 4, 0, 2)
    assert side().total(below) == side().floor - 1
    replies = [game.offer(*asked)["re"] for asked in [(0, 2, 4, 0, 2), *[below] * 7]]
    assert replies == ["counter"] * 7 + ["deadline"]


@pytest.mark.parametrize("argument", ["lapor", "hina"])
def test_a_threat_or_an_attack_hardens_it_once(argument: str) -> None:
    calm, harsh = prepared(), prepared()
    assert harsh.do("argue", argument=argument)["re"] == "warned"
    assert harsh.do("argue", argument=argument)["re"] == "unmoved"
    for asked in [(0, step, 4, 0, 4) for step in range(5)]:
        mild, hard = calm.offer(*asked), harsh.offer(*asked)
    assert side().share(options(hard)) > side().share(options(mild))


def test_a_disclosed_fallback_counts_only_when_it_beats_the_standing_offer() -> None:
    game = prepared()
    assert game.do("argue", argument="loket")["re"] == "unmoved"
    later = prepared()
    later.offer(1, 1, 4, 1, 4)
    assert later.do("argue", argument="loket")["re"] == "moved"


def test_the_greeting_is_answered_in_kind() -> None:
    warm, cool = prepared(), prepared()
    catalogue = messages("negotiation").entries
    assert warm.do("greet", phrase="hormat")["text"] in catalogue["reply.greeted"]
    assert cool.do("greet", phrase="langsung")["text"] in catalogue["reply.greeted_cool"]


def test_every_class_of_reply_has_at_least_three_wordings() -> None:
    entries = messages("negotiation").entries
    replies = {key: text for key, text in entries.items() if key.startswith("reply.")}
    assert all(isinstance(text, list) and len(text) >= 3 for text in replies.values())
    assert sum(len(text) for text in replies.values()) >= 90


# ---------------------------------------------------------------- forged logs


def traded() -> Game:
    events = play(KIND, BRIEF, KEY, KIND.bots["trade"], rng=Random(1))
    game = Game()
    for event in events:
        game.record(event.who, event.act, event.data, event.attempt)
    return game


def test_an_honest_log_is_believed() -> None:
    verify(KIND, BRIEF, KEY, tuple(traded().events))


def test_a_changed_reply_is_detected() -> None:
    events = traded().events
    place = next(i for i, it in enumerate(events) if it.data.get("re") == "counter")
    events[place] = replace(events[place], data={**events[place].data, **package(*WISHED)})
    with pytest.raises(TamperedLog) as caught:
        verify(KIND, BRIEF, KEY, tuple(events))
    assert caught.value.n == place + 1


def test_a_changed_move_is_detected() -> None:
    events = traded().events
    place = next(i for i, it in enumerate(events) if it.act == "offer")
    events[place] = replace(events[place], data=package(0, 0, 4, 0, 3))
    with pytest.raises(TamperedLog):
        verify(KIND, BRIEF, KEY, tuple(events))


def test_a_deleted_move_is_detected() -> None:
    events = traded().events
    place = next(i for i, it in enumerate(events) if it.act == "share")
    del events[place : place + 2]
    with pytest.raises(TamperedLog):
        verify(KIND, BRIEF, KEY, tuple(events))


def test_another_variant_is_detected() -> None:
    events = traded().events
    for variant in ("b", "z"):
        with pytest.raises((TamperedLog, IllegalEvent)):
            verify(KIND, BRIEF, KEY, (replace(events[0], data={"variant": variant}), *events[1:]))


# ---------------------------------------------------------------- what it earns


def test_the_best_joint_package_earns_the_whole_outcome() -> None:
    game = prepared()
    for _ in range(BRIEF.rounds):
        if game.offer(*BEST)["re"] == "accept":
            break
    assert game.part("outcome") == 1.0


def test_the_naive_compromise_earns_nothing_for_the_outcome() -> None:
    game = prepared()
    while game.offer(*MIDDLE)["re"] != "accept":
        pass
    assert game.part("outcome") == 0.0


def test_a_deal_below_the_own_fallback_earns_nothing_for_the_outcome() -> None:
    game = prepared()
    game.offer(*THEIRS)
    assert game.part("outcome") == 0.0
    reason = next(part.reason for part in game.score().parts if part.name == "outcome")
    assert reason == (
        "Kesepakatan bernilai 20 poin bagi Anda, di bawah pilihan cadangan Anda (35 poin). "
        "Tanpa kesepakatan, hasil Anda lebih baik."
    )


def test_no_deal_earns_everything_where_no_deal_is_best_and_nothing_elsewhere() -> None:
    for key, value in ((KEY, 0.0), (with_floor(99), 1.0)):
        game = Game(key=key).prepared()
        assert game.part("outcome") == 0.0
        game.do("walk")
        assert game.part("outcome") == value


def test_where_no_agreement_is_possible_stopping_oneself_is_worth_more_than_being_left() -> None:
    late, rude = Game(key=with_floor(99)).prepared(), Game(key=with_floor(99)).prepared()
    for game, choices in ((late, (4, 4, 0, 4, 0)), (rude, (0, 0, 4, 0, 4))):
        while not game.state.attempts[-1].ending:
            game.offer(*choices)
    assert (late.state.attempts[-1].ending, late.part("outcome")) == ("deadline", 0.4)
    assert (rude.state.attempts[-1].ending, rude.part("outcome")) == ("walkout", 0.25)


def test_to_foresee_that_no_agreement_is_possible_is_good_preparation() -> None:
    for expected, value in ((True, 0.75), (False, 1.0)):
        game = Game(key=with_floor(99)).prepared(expects_zone=expected)
        assert game.part("preparation") == value


@pytest.mark.parametrize(
    ("changes", "value"),
    [
        ({}, 1.0),
        ({"floor": 30}, 0.75),
        ({"target": 35}, 0.75),
        ({"target": 101}, 0.75),
        ({"priorities": ["staf"]}, 0.75),
        ({"priorities": ["anggaran", "staf"]}, 0.875),
        ({"priorities": ["anggaran", "lokasi"]}, 1.0),
    ],
)
def test_preparation_is_judged_by_fallback_target_priorities_and_zone(
    changes: dict[str, Any], value: float
) -> None:
    assert prepared(**changes).part("preparation") == value


def test_the_ranking_of_the_other_side_counts_above_chance_and_ties_count_either_way() -> None:
    rankings = {
        ("staf", "jadwal", "lokasi", "data", "anggaran"): 1.0,
        ("staf", "lokasi", "jadwal", "data", "anggaran"): 1.0,
        ("anggaran", "data", "lokasi", "jadwal", "staf"): 0.0,
    }
    for ranking, value in rankings.items():
        game = prepared()
        game.do("walk")
        game.do("model", ranking=list(ranking))
        assert game.part("model") == value


def test_a_promise_beyond_the_office_or_without_legal_basis_caps_the_score() -> None:
    issue = BRIEF.issues[0]
    tainted = (
        replace(issue.options[0], authority="pusat"),
        *issue.options[1:4],
        replace(issue.options[4], legal_basis=()),
    )
    brief = replace(BRIEF, issues=(replace(issue, options=tainted), *BRIEF.issues[1:]))
    for asked, reason in (
        ((0, 4, 2, 4, 4), "hanya dapat dijanjikan oleh pusat"),
        ((4, 4, 2, 4, 4), "tidak memiliki dasar hukum"),
    ):
        game = Game(brief=brief).prepared()
        for _ in range(brief.rounds):
            if game.offer(*asked)["re"] == "accept":
                break
        (cap,) = game.score().caps
        assert cap.limit == 0.40
        assert reason in cap.reason
        assert "Mulai operasi" in cap.reason
        assert game.score().value <= 0.40


def test_the_last_attempt_counts_once_something_was_said_in_it() -> None:
    game = prepared()
    game.offer(*THEIRS)
    game.do("finish")
    first = game.score()
    game.open()
    assert game.score() == first
    game.do("prepare", **PREPARE)
    assert game.score() == first
    game.do("ask")
    assert game.score() != first


def test_an_own_aim_does_not_punish_claiming() -> None:
    claimed = (1, 4, 4, 0, 4)
    shared, own = Game(), Game(brief=replace(BRIEF, aim="own"))
    for game in (shared, own):
        game.prepared()
        game.do("share", issue="anggaran")
        for _ in range(BRIEF.rounds):
            if game.offer(*claimed)["re"] == "accept":
                break
    assert own.part("outcome") > shared.part("outcome")
    assert own.part("outcome") == 1.0


def kept(game: Game) -> set[str]:
    assert game.state.current is not None
    debrief = game.state.current.debrief
    assert debrief is not None
    return {rule["name"] for rule in debrief["rules"] if rule["kept"]}


def test_the_rules_of_conduct_are_read_from_the_log() -> None:
    good = traded()
    assert kept(good) == {
        "respect",
        "explore",
        "ambition",
        "trade",
        "firm",
        "flexible",
        "civil",
        "face",
    }
    poor = prepared()
    poor.do("greet", phrase="langsung")
    poor.do("argue", argument="hina")
    poor.offer(*THEIRS)
    poor.do("close", phrase="menang")
    poor.do("finish")
    assert kept(poor) == {"flexible"}


def test_rules_about_offers_are_not_held_against_somebody_who_offered_nothing() -> None:
    game = prepared()
    game.do("walk")
    game.do("model", ranking=IDS)
    game.do("close", phrase="bersama")
    game.do("finish")
    assert game.state.current is not None
    assert game.state.current.debrief is not None
    told = {rule["name"] for rule in game.state.current.debrief["rules"]}
    assert told == {"respect", "explore", "ambition", "trade", "civil", "face"}


# ---------------------------------------------------------------- what people see


def test_the_screen_never_shows_the_other_side_s_points_before_the_debrief() -> None:
    game = traded()
    fallback = "Membuka loket sendiri."
    before = msgspec.json.encode(
        KIND.view(BRIEF, replay(KIND, BRIEF, tuple(game.events[:-1])))
    ).decode()
    after = msgspec.json.encode(KIND.view(BRIEF, game.state)).decode()
    assert "other_points" not in before
    assert fallback not in before
    assert "other_points" in after
    assert fallback in after


def test_what_is_missing_is_told_step_by_step() -> None:
    game = Game()
    told = [KIND.missing(BRIEF, game.state)]
    for act, data in (
        ("prepare", PREPARE),
        ("walk", {}),
        ("model", {"ranking": IDS}),
        ("close", {"phrase": "bersama"}),
    ):
        if not game.events:
            game.open()
        game.do(act, **data)
        told.append(KIND.missing(BRIEF, game.state))
    assert told == [
        ("Lembar persiapan belum diisi.",),
        ("Perundingan belum selesai.",),
        ("Urutan isu pihak lain belum disusun.", "Kalimat penutup belum dipilih."),
        ("Kalimat penutup belum dipilih.",),
        (),
    ]


def test_the_debrief_says_what_was_left_on_the_table_without_jargon() -> None:
    game = prepared()
    while game.offer(*MIDDLE)["re"] != "accept":
        pass
    debrief = game.do("finish")
    text = " ".join([debrief["headline"], *debrief["paragraphs"]])
    assert "masih dapat memperoleh 40 poin lagi" in text
    assert "nilai yang tertinggal di meja" in text
    assert "petugas dari mitra (“2 orang”)" in text
    assert not re.search(r"pareto|nash|batna|zopa", text, re.IGNORECASE)
    assert debrief["best"] == [0.71, 0.74]
    assert debrief["deal"] == [0.5, 0.5]


def test_the_static_summary_is_escaped_and_carries_the_plot_with_its_values_in_words() -> None:
    evil = "<script>alert(1)</script>"
    brief = replace(
        BRIEF,
        title=evil,
        counterpart=replace(BRIEF.counterpart, name=evil),
        closings=(case.Phrase(id="bersama", text=evil),),
    )
    game = Game(brief=brief).prepared()
    game.offer(*THEIRS)
    game.do("close", phrase="bersama")
    game.do("finish")
    html = KIND.render(brief, game.state)
    assert "<script" not in html
    assert "&lt;script&gt;" in html
    assert "Kesepakatan: peserta 20 persen, pihak lain 100 persen." in html
    assert "<title>" in html


def test_a_forged_debrief_cannot_break_the_summary() -> None:
    game = prepared()
    game.do("walk")
    game.record("participant", "finish", {})
    junk = {
        "headline": 3,
        "paragraphs": "x",
        "frontier": [[1, "<b>"], None],
        "deal": [2],
    }
    with pytest.raises(IllegalEvent, match="its data are not JSON"):
        game.record("counterpart", "debrief", {**junk, "deal": [float("nan"), 2]})
    game.record("counterpart", "debrief", junk)
    assert "<b>" not in KIND.render(BRIEF, game.state)


# ---------------------------------------------------------------- cases and players


def test_the_case_of_these_tests_is_sound() -> None:
    assert KIND.check(BRIEF, KEY) == ()


@pytest.mark.parametrize(
    ("brief", "key", "problem"),
    [
        (replace(BRIEF, rounds=2), KEY, "Jumlah putaran 2; seharusnya 3 sampai 15."),
        (replace(BRIEF, points={**BRIEF.points, "x": (1,)}), KEY, "points: points harus memuat"),
        (
            replace(BRIEF, points={**BRIEF.points, "data": (1, 2)}),
            KEY,
            "points: poin isu data harus satu bilangan bulat",
        ),
        (replace(BRIEF, batna=case.Alternative(points=100)), KEY, "pilihan cadangan 100 poin"),
        (BRIEF, with_floor(99), None),
        (BRIEF, replace(with_floor(99), agreement_zone="exists"), "tidak ada paket yang"),
        (BRIEF, replace(KEY, agreement_zone="empty"), "dinyatakan tanpa ruang sepakat"),
        (BRIEF, replace(KEY, respectful=("x",)), "Kunci menyebut openings “x”"),
        (BRIEF, replace(KEY, variants=()), "variants: sediakan 1 sampai 12"),
        (BRIEF, replace(KEY, temper=case.Temper(beta=9)), "temper.beta = 9; seharusnya 0.1"),
    ],
)
def test_an_unsound_case_is_named_in_plain_words(
    brief: case.Brief, key: case.Key, problem: str | None
) -> None:
    problems = KIND.check(brief, key)
    if problem is None:
        assert problems == ()
    else:
        assert any(problem in it for it in problems)


def test_a_case_without_anything_to_trade_is_unsound() -> None:
    mirrored = tuple(
        replace(it, points={name: tuple(reversed(row)) for name, row in BRIEF.points.items()})
        for it in KEY.variants
    )
    problems = KIND.check(BRIEF, replace(KEY, variants=mirrored))
    assert "tidak ada pasangan isu yang dapat dipertukarkan" in " ".join(problems)


@settings(max_examples=25)
@given(st.floats(0, 1), st.integers(0, 10_000), st.sampled_from(["a", "b"]))
def test_a_simulated_person_always_finishes_legally_and_reproducibly(
    skill: float, seed: int, variant: str
) -> None:
    logs = [
        play(
            KIND,
            BRIEF,
            KEY,
            KIND.bots["person"],
            rng=Random(seed),
            skill=skill,
            opening=lambda attempt: {"variant": variant},
        )
        for _ in range(2)
    ]
    assert logs[0] == logs[1]
    assert replay(KIND, BRIEF, logs[0]).finished


def test_abler_people_do_better_on_average() -> None:
    means = []
    for skill in (0.05, 0.5, 0.95):
        scores = []
        for seed in range(25):
            events = play(
                KIND, BRIEF, KEY, KIND.bots["person"], rng=Random(seed), skill=skill + seed / 1e6
            )
            scores.append(KIND.score(BRIEF, KEY, replay(KIND, BRIEF, events), Context()).value)
        means.append(sum(scores) / len(scores))
    assert means[0] + 0.1 < means[1] < means[2] - 0.1
