"""Stakeholder map and coalition: what may be done when, what comes of it, and what it earns."""

import json
from hashlib import sha256
from itertools import combinations, permutations, product
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pamong.brief import load_brief, plain
from pamong.catalogue import messages
from pamong.counterpart import verify
from pamong.errors import IllegalEvent, TamperedLog
from pamong.event import Event
from pamong.kind import replay
from pamong.kinds.coalition import KIND, case, voting
from pamong.kinds.coalition.game import Game, solve
from pamong.kinds.coalition.play import State
from pamong.kinds.coalition.scoring import best_uniform_place, decisive, fit
from pamong.play import play
from pamong.score import Context
from tests.values import replace

BRIEF = load_brief(Path(__file__).parents[2] / "templates/exercises/coalition.brief.yaml")
KEY = BRIEF.model
PEOPLE, DECIDERS = list(BRIEF.people), list(BRIEF.deciders)
SAY = messages("coalition")


class Table:
    """Plays acts one by one and lets the counterpart answer."""

    def __init__(self, brief: Any = BRIEF, key: Any = KEY, variant: str = "a") -> None:
        self.brief, self.key, self.variant = brief, key, variant
        self.events: list[Event] = []
        self.state = State()

    def record(self, who: Any, act: Any, data: Any, attempt: int | None = None) -> None:
        n = len(self.events) + 1
        event = Event(
            n=n, id=f"e{n}", at="2026-01-01T00:00:00.000Z", who=who, act=act, data=data,
            exercise=self.brief.id, version=self.brief.version,
            attempt=self.state.attempt if attempt is None else attempt,
        )  # fmt: skip
        self.state = KIND.apply(self.brief, self.state, event)
        self.events.append(event)

    def do(self, act: str, **data: Any) -> "Table":
        self.record("participant", act, data)
        for reply in KIND.reactive.respond(self.brief, self.key, self.state):
            self.record("counterpart", reply.act, reply.data)
        return self

    def open(self) -> "Table":
        self.record("system", "open", {"variant": self.variant}, self.state.attempt + 1)
        return self

    def mapped(self, place: Any = None, strategy: Any = None, order: Any = None) -> "Table":
        for actor in PEOPLE:
            power, interest = place(actor) if place else (3, 3)
            self.do("place", actor=actor, power=power, interest=interest)
            self.do("strategy", actor=actor, strategy=strategy(actor) if strategy else "close")
        return self.do("rank", order=order or DECIDERS)

    def locked(self, **how: Any) -> "Table":
        return self.open().mapped(**how).do("lock")

    def turn(self, *actions: str) -> "Table":
        return self.do("turn", actions=list(actions))

    @property
    def support(self) -> Any:
        return self.state.current.support

    def parts(self) -> dict[str, float]:
        score = KIND.score(self.brief, self.key, self.state, Context())
        return {part.name: part.value for part in score.parts}

    def reason(self, name: str) -> str:
        score = KIND.score(self.brief, self.key, self.state, Context())
        return next(part.reason for part in score.parts if part.name == name)


def expert(actor: str) -> tuple[int, int]:
    return int(KEY.placement[actor].power), int(KEY.placement[actor].interest)


def fitting(actor: str) -> Any:
    return case.expected(KEY.placement[actor])


# ---------------------------------------------------------------- support, and the best plan


games = st.integers(3, 5).flatmap(
    lambda actors: st.integers(1, 5).flatmap(
        lambda moves: st.builds(
            Game,
            base=st.tuples(*[st.integers(0, 80)] * actors),
            effects=st.tuples(*[st.tuples(*[st.integers(-30, 50)] * actors)] * moves),
            costs=st.tuples(*[st.integers(1, 4)] * moves),
            links=st.lists(
                st.tuples(
                    st.integers(0, actors - 1), st.integers(0, actors - 1), st.integers(1, 40)
                ),
                max_size=4,
            ).map(tuple),
            votes=st.tuples(*[st.integers(0, 4)] * actors),
            vetoes=st.lists(st.integers(0, actors - 1), max_size=2, unique=True).map(tuple),
            quorum=st.integers(1, 8),
            threshold=st.just(60),
            budget=st.integers(1, 10),
        )
    )
)


def brute_force(game: Game) -> tuple[int | None, int]:
    """The price of the cheapest winning plan and their number, with influence settled link by link."""

    def wins(plan: tuple[int, ...]) -> bool:
        raw = [
            base + sum(game.effects[move][actor] for move in plan)
            for actor, base in enumerate(game.base)
        ]
        won: set[int] = set()
        for _ in range(len(raw) + 1):
            reached = [
                value
                + sum(
                    add for source, target, add in game.links if target == actor and source in won
                )
                for actor, value in enumerate(raw)
            ]
            won |= {actor for actor, value in enumerate(reached) if value >= game.threshold}
        return set(game.vetoes) <= won and sum(game.votes[actor] for actor in won) >= game.quorum

    moves = range(len(game.costs))
    plans = [plan for size in range(len(moves) + 1) for plan in combinations(moves, size)]
    prices = [sum(game.costs[move] for move in plan) for plan in plans if wins(plan)]
    within = [price for price in prices if price <= game.budget]
    return min(within, default=None), len(within)


@given(games)
@settings(max_examples=150)
def test_the_cheapest_plan_is_the_one_that_trying_every_plan_finds(game):
    found = solve(game)
    price, number = brute_force(game)

    assert (None if found.best is None else game.cost(found.best), found.winning) == (price, number)
    assert found.best is None or game.wins(game.support(found.best))
    assert game.cost(found.reach) <= game.budget


@given(games, st.randoms(use_true_random=False))
@settings(max_examples=60)
def test_support_does_not_depend_on_the_order_of_actions(game, rng):
    moves = list(range(len(game.costs)))
    once = game.support(moves)
    rng.shuffle(moves)

    assert game.support(moves) == once


def test_who_is_won_moves_those_they_influence():
    """The technical unit brings the subdistrict head along: 40 + 5 + 20, five beyond the threshold."""
    game = Table().locked().turn("rancang")

    assert (game.support["lh"], game.support["camat"]) == (65, 65)
    news = game.state.current.rounds[1].news
    assert news[0] == KEY.stories["rancang"]
    drawn = [text.format(source="Satuan Pelaksana Lingkungan Hidup Kecamatan", name="Camat Andaian")
             for text in SAY.entries["news.drawn"]]  # fmt: skip
    assert news[-1] in drawn


# ---------------------------------------------------------------- who decides


@pytest.mark.parametrize(
    ("votes", "vetoes", "quorum", "swings"),
    [
        ((3, 2, 1), (), 4, (3, 1, 1)),
        ((50, 49, 1), (), 51, (3, 1, 1)),
        ((4, 4, 4, 2, 2, 1), (), 12, (10, 10, 10, 6, 6, 0)),
        ((1, 1, 1), (0,), 2, (3, 1, 1)),
        ((0, 1, 1), (0,), 1, (3, 1, 1)),
    ],
    ids=["three", "majority", "council of 1958", "veto", "veto without votes"],
)
def test_swings_are_those_of_the_textbook(votes, vetoes, quorum, swings):
    """Banzhaf (1965); the six of 1958, where the smallest member could never decide."""
    assert voting.swings(votes, vetoes, quorum) == swings


@given(
    st.lists(st.integers(0, 5), min_size=1, max_size=6),
    st.integers(1, 12),
    st.sets(st.integers(0, 5), max_size=2),
)
def test_swings_are_those_that_enumeration_by_subsets_finds(votes, quorum, held):
    held = {voter for voter in held if voter < len(votes)}

    def wins(members):
        return held <= set(members) and sum(votes[it] for it in members) >= quorum

    everybody = range(len(votes))
    subsets = [set(c) for size in range(len(votes) + 1) for c in combinations(everybody, size)]
    expected = tuple(
        sum(wins(each) and not wins(each - {voter}) for each in subsets if voter in each)
        for voter in everybody
    )

    assert voting.swings(votes, held, quorum) == expected


def test_an_order_is_worth_nothing_on_average_before_it_is_cut_at_zero():
    counts = {"a": 3, "b": 1, "c": 1, "d": 0}
    values = [voting.agreement(order, counts) for order in permutations(counts)]

    assert voting.agreement(["a", "c", "b", "d"], counts) == 1
    assert voting.agreement(["d", "c", "b", "a"], counts) == 0
    assert values.count(1) == 2


def test_few_votes_with_a_veto_decide_more_than_many_without():
    counts = decisive(BRIEF)

    assert counts["camat"] == counts["lh"] > counts["rw"] > counts["lmk"] > counts["pkk"] > 0
    assert set(counts) == set(DECIDERS) == set(PEOPLE) - {"media", "bank"}


# ---------------------------------------------------------------- what may be done when

PLACE = {"actor": "rw", "power": 4, "interest": 5}
SUPPORT = {"turn": 0, "support": dict.fromkeys(PEOPLE, 50), "news": []}
ILLEGAL: list[tuple[str, str, Any, Any, str]] = [
    ("new", "participant", "place", PLACE, "illegal.order"),
    ("new", "participant", "open", {"variant": "a"}, "illegal.who"),
    ("new", "system", "open", {"variant": "z"}, "illegal.unknown"),
    ("new", "system", "open", {"variant": 3}, "illegal.data"),
    ("new", "system", "open", {}, "illegal.data"),
    ("new", "counterpart", "support", SUPPORT, "illegal.order"),
    ("opened", "system", "open", {"variant": "a"}, "illegal.order"),
    ("opened", "counterpart", "place", PLACE, "illegal.who"),
    ("opened", "participant", "sing", {}, "illegal.act"),
    ("opened", "participant", ["place"], {}, "illegal.act"),
    ("opened", "participant", "place", {**PLACE, "actor": "x"}, "illegal.unknown"),
    ("opened", "participant", "place", {**PLACE, "actor": ["rw"]}, "illegal.unknown"),
    ("opened", "participant", "place", {**PLACE, "power": 6}, "illegal.number"),
    ("opened", "participant", "place", {**PLACE, "power": True}, "illegal.number"),
    ("opened", "participant", "place", {**PLACE, "power": 10**400}, "illegal.number"),
    ("opened", "participant", "place", {**PLACE, "interest": float("nan")}, "illegal.number"),
    ("opened", "participant", "place", {"actor": "rw"}, "illegal.data"),
    ("opened", "participant", "place", None, "illegal.data"),
    ("opened", "participant", "strategy", {"actor": "rw", "strategy": "x"}, "illegal.unknown"),
    ("opened", "participant", "rank", {"order": DECIDERS[:2]}, "illegal.incomplete"),
    ("opened", "participant", "rank", {"order": PEOPLE}, "illegal.data"),
    ("opened", "participant", "rank", {"order": ["media", *DECIDERS[1:]]}, "illegal.unknown"),
    ("opened", "participant", "rank", {"order": DECIDERS[:1] * 7}, "illegal.repeated"),
    ("opened", "participant", "lock", {}, "illegal.unmapped"),
    ("opened", "participant", "turn", {"actions": ["data"]}, "illegal.unlocked"),
    ("opened", "participant", "finish", {}, "illegal.unlocked"),
    ("opened", "counterpart", "support", SUPPORT, "illegal.order"),
    ("half", "participant", "lock", {}, "illegal.unmapped"),
    ("locked", "participant", "place", PLACE, "illegal.locked"),
    ("locked", "participant", "strategy", {"actor": "rw", "strategy": "close"}, "illegal.locked"),
    ("locked", "participant", "rank", {"order": DECIDERS}, "illegal.locked"),
    ("locked", "participant", "lock", {}, "illegal.locked"),
    ("locked", "participant", "turn", {"actions": []}, "illegal.idle"),
    ("locked", "participant", "turn", {"actions": ["x"]}, "illegal.unknown"),
    ("locked", "participant", "turn", {"actions": ["data", "data"]}, "illegal.repeated"),
    ("locked", "participant", "turn", {"actions": "data"}, "illegal.data"),
    ("locked", "participant", "turn",
     {"actions": ["sosialisasi", "kunjungan", "rancang", "surat"]}, "illegal.effort"),
    ("locked", "counterpart", "support", SUPPORT, "illegal.order"),
    ("turned", "participant", "turn", {"actions": ["data"]}, "illegal.taken"),
    ("spent", "participant", "turn", {"actions": ["lapak"]}, "illegal.turns"),
    ("waiting", "participant", "turn", {"actions": ["lapak"]}, "illegal.waiting"),
    ("waiting", "participant", "finish", {}, "illegal.waiting"),
    ("waiting", "participant", "support", SUPPORT, "illegal.who"),
    ("waiting", "counterpart", "support", {**SUPPORT, "turn": 1}, "illegal.number"),
    ("waiting", "counterpart", "support", {**SUPPORT, "support": {"rw": 50}}, "illegal.data"),
    ("waiting", "counterpart", "support",
     {**SUPPORT, "support": dict.fromkeys(PEOPLE, 101)}, "illegal.number"),
    ("waiting", "counterpart", "support", {**SUPPORT, "news": "x"}, "illegal.data"),
    ("waiting", "counterpart", "support", {**SUPPORT, "news": ["x" * 20_001]}, "illegal.long"),
    ("undebriefed", "system", "open", {"variant": "a"}, "illegal.waiting"),
    ("undebriefed", "counterpart", "debrief", ["x"], "illegal.data"),
    ("finished", "participant", "place", PLACE, "illegal.finished"),
    ("finished", "counterpart", "debrief", {}, "illegal.order"),
]  # fmt: skip


def _at(stage: str) -> Table:
    game = Table()
    if stage == "new":
        return game
    game.open()
    if stage == "opened":
        return game
    if stage == "half":
        return game.mapped().do("place", actor="rw", power=0, interest=5)
    game.mapped()
    if stage == "waiting":
        game.record("participant", "lock", {})
        return game
    game.do("lock")
    if stage in ("turned", "undebriefed", "finished"):
        game.turn("data")
    if stage == "spent":
        game.turn("data").turn("surat").turn("kader")
    if stage == "undebriefed":
        game.record("participant", "finish", {})
    return game.do("finish") if stage == "finished" else game


@pytest.mark.parametrize(("stage", "who", "act", "data", "code"), ILLEGAL)
def test_what_breaks_a_rule_is_refused_for_a_reason_in_words(stage, who, act, data, code):
    game = _at(stage)
    attempt = game.state.attempt + 1 if act == "open" else max(game.state.attempt, 1)

    with pytest.raises(IllegalEvent) as error:
        game.record(who, act, data, attempt)

    assert (error.value.code, bool(SAY(code))) == (code, True)


def test_an_attempt_beyond_the_allowed_ones_is_refused():
    game = Table()
    for _ in range(BRIEF.attempts):
        game.locked().turn("data").do("finish")

    with pytest.raises(IllegalEvent) as error:
        game.open()

    assert error.value.code == "illegal.attempt"


NAMES = st.sampled_from([*PEOPLE, *BRIEF.moves, *case.STRATEGIES, "a", "x", "", "\ud800"])
ODD = st.one_of(
    st.none(), st.booleans(), st.integers(-2, 7), st.floats(), st.just(10**400), NAMES,
    st.lists(NAMES, max_size=4), st.just(DECIDERS), st.just("a" * 20_001),
    st.just(dict.fromkeys(PEOPLE, 50)),
)  # fmt: skip
FIELDS = {
    "open": ("variant",), "place": ("actor", "power", "interest"), "strategy": ("actor", "strategy"),
    "rank": ("order",), "lock": (), "turn": ("actions",), "finish": (),
    "support": ("turn", "support", "news"), "debrief": (),
}  # fmt: skip


@st.composite
def acts(draw):
    act = draw(st.sampled_from([*FIELDS, "again"]))
    data = draw(st.fixed_dictionaries(dict.fromkeys(FIELDS.get(act, ()), ODD)))
    who = draw(st.sampled_from(["participant"] * 4 + ["counterpart", "system"]))
    return who, act, draw(st.one_of(st.just(data), st.just(data), ODD)), draw(st.integers(0, 2))


@pytest.mark.parametrize("stage", ["new", "opened", "locked", "waiting", "turned", "finished"])
@given(moves=st.lists(acts(), max_size=12))
@settings(max_examples=40)
def test_any_act_is_applied_or_refused_as_illegal(stage, moves):
    """Whatever a log holds, apply raises nothing but IllegalEvent, and the score stays in 0..1."""
    game = _at(stage)
    refused = []
    for who, act, data, attempt in moves:
        try:
            game.record(who, act, data, attempt)
        except IllegalEvent as error:
            refused.append(error.code)

    assert all(SAY(code) for code in refused)
    assert replay(KIND, BRIEF, tuple(game.events)) == game.state
    assert 0 <= KIND.score(BRIEF, KEY, game.state, Context()).value <= 1
    json.dumps(KIND.view(BRIEF, game.state), allow_nan=False)
    KIND.render(BRIEF, game.state).encode()
    assert all(isinstance(text, str) for text in KIND.missing(BRIEF, game.state))


# ---------------------------------------------------------------- the counterpart and its log


@pytest.mark.parametrize("variant", ["a", "b", "c"])
@pytest.mark.parametrize("bot", sorted(KIND.bots))
def test_every_bot_ends_and_its_log_is_verified(bot, variant):
    how = {"skill": 0.5, "opening": lambda attempt: {"variant": variant}}
    log = play(KIND, BRIEF, KEY, KIND.bots[bot], rng=Random(3), **how)

    verify(KIND, BRIEF, KEY, log)
    assert log == play(KIND, BRIEF, KEY, KIND.bots[bot], rng=Random(3), **how)
    assert replay(KIND, BRIEF, log).finished


def test_a_forged_consequence_is_found():
    game = Table().locked().turn("data").do("finish")
    place = next(n for n, it in enumerate(game.events) if it.data.get("turn") == 1)
    told = game.events[place]
    forged = replace(told, data={**told.data, "support": {**told.data["support"], "lh": 100}})
    dropped = (*game.events[:place], *game.events[place + 1 :])

    for log in ((*game.events[:place], forged, *game.events[place + 1 :]), dropped):
        with pytest.raises((TamperedLog, IllegalEvent)):
            verify(KIND, BRIEF, KEY, tuple(log))
    verify(KIND, BRIEF, KEY, tuple(game.events))


def test_nothing_is_told_before_the_map_is_locked():
    game = Table().open().mapped()

    assert all(event.who != "counterpart" for event in game.events)
    assert KIND.view(BRIEF, game.state)["standing"] is None
    game.do("lock")
    assert game.events[-1].data == {"turn": 0, "support": dict(KEY.base), "news": []}


def test_a_graded_brief_and_its_page_hold_nothing_of_the_key():
    graded = replace(BRIEF, use="graded", model=None)
    game = Table(brief=graded).locked().turn("data")
    shown = json.dumps([plain(graded), KIND.view(graded, game.state)], ensure_ascii=False)

    assert not [place.reason for place in KEY.placement.values() if place.reason in shown]
    assert KEY.stories["rancang"] not in shown
    assert KEY.explain not in shown


def test_engine_is_raised_with_the_policy_or_the_wording():
    """Raise ENGINE in the counterpart, then this fingerprint, when either changes."""
    actors = tuple(case.Actor(id=it, name=it.upper(), clue="…", votes=1) for it in "abcdef")
    brief = replace(
        BRIEF, id="kecil", use="graded", model=None, actors=(replace(actors[0], veto=True), *actors[1:]), quorum=3,
        actions=tuple(case.Move(id=f"m{n}", label=f"Aksi {n}", cost=n) for n in (1, 2, 3)),
    )  # fmt: skip
    places = {
        it: case.Place(power=1 + n % 5, interest=2 + n % 2 * 2, reason="…", strategy="inform")
        for n, it in enumerate("abcdef")
    }
    key = case.Key(
        placement=places, base=dict.fromkeys("abcdef", 50), stories={"m1": "Kabar."}, explain="…",
        effects={"m1": {"a": 10}, "m2": {"b": 10, "a": -10}, "m3": {"c": 10}},
        links=(case.Link(source="a", target="d", add=10),),
    )  # fmt: skip
    game = Table(brief, key)
    for turns in ((["m1"], ["m3"]), (["m1"], ["m2"])):
        game.open()
        for actor in brief.people:
            game.do("place", actor=actor, power=5, interest=1)
            game.do("strategy", actor=actor, strategy="close")
        game.do("rank", order=list("fedcba")).do("lock")
        for actions in turns:
            game.turn(*actions)
        game.do("finish")
    told = [(it.act, it.data) for it in game.events if it.who == "counterpart"]

    assert (KIND.reactive.engine, sha256(msgspec.json.encode(told)).hexdigest()[:16]) == (
        1,
        "61eedf99a2abcb28",
    )


# ---------------------------------------------------------------- what it earns


def test_an_untouched_exercise_earns_nothing():
    assert KIND.score(BRIEF, KEY, State(), Context()).value == 0
    assert KIND.score(BRIEF, KEY, Table().open().state, Context()).value == 0


def test_everybody_in_one_place_with_one_strategy_earns_nothing():
    for at, strategy in product(((3, 3), (5, 5), (2, 4)), case.STRATEGIES):
        same = (
            Table()
            .open()
            .mapped(dict.fromkeys(PEOPLE, at).get, dict.fromkeys(PEOPLE, strategy).get)
        )
        assert (same.parts()["placement"], same.parts()["strategy"]) == (0, 0)
    game = Table().open().mapped()
    assert "tidak lebih tinggi daripada menaruh semua pihak di satu petak" in game.reason(
        "placement"
    )


def test_the_experts_map_earns_everything_and_a_slip_is_named():
    assert Table().open().mapped(expert, fitting).parts() | {"coalition": 0, "priority": 0} == {
        "placement": 1, "strategy": 1, "coalition": 0, "priority": 0,
    }  # fmt: skip
    game = Table().open().mapped(lambda it: (1, 1) if it == "lh" else expert(it), fitting)
    same = best_uniform_place(KEY.placement)
    assert game.parts()["placement"] == pytest.approx((1 - 7 / 8 / 9 - same) / (1 - same))
    assert game.reason("placement").endswith(
        "Paling jauh: Satuan Pelaksana Lingkungan Hidup Kecamatan."
    )


@pytest.mark.parametrize(
    ("strategy", "value"), [("close", 1), ("satisfy", 0.5), ("inform", 0.5), ("monitor", 0)]
)
def test_a_neighbouring_strategy_earns_half(strategy, value):
    assert fit(KEY.placement["rw"], strategy) == value


@pytest.mark.parametrize(
    ("turns", "value", "came_to"),
    [
        ((("rancang",), ("kunjungan", "kader")), 1.0, "won"),
        ((("rancang", "kunjungan", "kader"), ("lapak",)), 7 / 9, "won"),
        ((("kunjungan", "kader", "pinggir"),), 0.0, "veto"),
        ((("surat",),), 0.0, "veto"),
        ((("rancang",),), 0.2 * 3 / 8, "quorum"),
        ((("rancang", "kunjungan"),), 0.2 * 7 / 8, "quorum"),
    ],
)
def test_a_coalition_is_worth_what_the_cheapest_one_would_have_cost(turns, value, came_to):
    """Cheapest price over own price (after Riker, 1962); nothing past an unmet veto."""
    game = Table().locked()
    for actions in turns:
        game.turn(*actions)
    game.do("finish")

    assert game.parts()["coalition"] == pytest.approx(value)
    assert KIND.ending(BRIEF, game.state) == came_to
    assert came_to in KIND.endings(BRIEF, KEY)


def test_a_veto_is_told_by_name():
    game = Table().locked().turn("surat")

    assert game.reason("coalition") == (
        "Keputusan gagal karena pemegang veto belum mendukung: Camat Andaian, "
        "Satuan Pelaksana Lingkungan Hidup Kecamatan."
    )


def test_the_last_begun_attempt_counts():
    game = Table().locked(place=expert, strategy=fitting).turn("rancang", "kunjungan", "kader")
    game.do("finish").open()
    assert game.parts()["coalition"] == 1

    game.do("place", actor="rw", power=1, interest=1)
    assert game.parts()["coalition"] == 0
    assert KIND.ending(BRIEF, game.state) == ""


def test_the_answers_are_told_after_the_last_attempt_only():
    game = Table().locked().turn("surat").do("finish")
    first = game.state.current.debrief
    game.locked().turn("surat").do("finish")
    last = game.state.current.debrief

    assert (first["map"], first["plan"], first["power"], first["last"]) == ([], [], [], False)
    assert first["look"]
    assert KEY.explain not in first["paragraphs"]
    assert last["plan"] == ["kunjungan", "rancang", "kader"]
    assert [each["actor"] for each in last["map"]] == PEOPLE
    assert last["power"][0] == {"actor": "camat", "share": 0.3016}
    assert "paling sering menentukan: Camat Andaian, Satuan" in last["power_text"]
    assert (last["headline"], last["look"]) == (
        "Keputusan belum tercapai: 0 suara terkumpul, tetapi pemegang veto belum mendukung "
        "(Camat Andaian, Satuan Pelaksana Lingkungan Hidup Kecamatan).",
        [],
    )


def test_the_abler_the_person_the_better_the_score():
    def mean(skill):
        logs = (
            play(KIND, BRIEF, KEY, KIND.bots["person"], rng=Random(n), skill=skill)
            for n in range(30)
        )
        return (
            sum(KIND.score(BRIEF, KEY, replay(KIND, BRIEF, it), Context()).value for it in logs)
            / 30
        )

    assert 0.1 < mean(0.1) < mean(0.5) < mean(0.9)


# ---------------------------------------------------------------- for authors


def test_the_scaffold_is_sound():
    assert KIND.check(BRIEF, KEY) == ()
    assert KIND.advise(BRIEF, KEY) == ()


def _changed(**changes: Any) -> tuple[str, ...]:
    return KIND.check(BRIEF, replace(KEY, **changes))


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"base": {**KEY.base, "x": 1}}, "kunci base: “x” tidak dikenal di soal"),
        ({"placement": {k: v for k, v in KEY.placement.items() if k != "rw"}},
         "kunci placement: “rw” belum ada"),
        ({"effects": {**KEY.effects, "data": {"x": 5}}},
         "kunci effects.data: aktor “x” tidak ada di soal"),
        ({"links": (case.Link(source="rw", target="x", add=5),)},
         "kunci links: aktor “x” tidak ada di soal"),
        ({"links": (case.Link(source="rw", target="rw", add=5),)},
         "kunci links: “rw” memengaruhi dirinya sendiri"),
        ({"links": (case.Link(source="rw", target="lmk", add=-5),)},
         "kunci links: pengaruh rw kepada lmk harus lebih besar dari 0. "
         "Pengaruh yang merugikan ditulis pada effects."),
        ({"stories": {"x": "…"}}, "kunci stories: aksi “x” tidak ada di soal"),
        ({"variants": (case.Variant(id="a", base={"x": 1}, effects={"y": {"z": 1}}),)},
         "kunci variants.a.effects: aksi “y” tidak ada di soal"),
        ({"base": {**KEY.base, "rw": 101}}, "kunci base: dukungan awal “rw” harus 0 sampai 100"),
        ({"placement": {**KEY.placement, "rw": case.Place(power=6, interest=1, reason="x")}},
         "kunci placement: kuasa dan kepentingan “rw” harus 1 sampai 5"),
        ({"placement": {**KEY.placement, "rw": case.Place(power=3, interest=1, reason="x")}},
         "kunci placement: “rw” berada di tengah sumbu, jadi strateginya harus ditulis "
         "(strategy: close, satisfy, inform, atau monitor)"),
        ({"effects": {**KEY.effects, "audiensi": {}}, "variants": ()},
         "aksi “audiensi” tidak mengubah dukungan siapa pun. "
         "Isi effects untuk aksi ini atau hapus aksinya."),
        ({"base": dict.fromkeys(PEOPLE, 80), "variants": ()},
         "varian a: keputusan sudah menang sebelum aksi apa pun diambil. "
         "Turunkan dukungan awal atau naikkan kuorum."),
        ({"base": {**KEY.base, "lh": 0}, "variants": ()},
         "varian a: tidak ada rencana yang menang dengan 10 tenaga. Yang paling jauh: "),
        ({"variants": (case.Variant(id="a"), case.Variant(id="a"))},
         "variants: setiap varian memerlukan id yang berbeda dan tidak kosong"),
    ],
)  # fmt: skip
def test_a_mistake_in_the_key_is_told_with_the_id_concerned(changes, text):
    assert any(problem.startswith(text) for problem in _changed(**changes))


def test_a_graded_case_needs_nameless_variants_and_one_for_each_attempt():
    graded = replace(BRIEF, use="graded", model=None)

    assert KIND.check(graded, replace(KEY, variants=())) == (
        "attempts: 2, tetapi hanya ada satu varian. Percobaan kedua akan mengulang rencana yang "
        "sudah dibuka; tambahkan varian.",
    )
    named = (case.Variant(id="mudah"), case.Variant(id="b"))
    assert KIND.check(graded, replace(KEY, variants=named)) == (
        "varian mudah: id varian terbaca dalam catatan peserta. "
        "Pakai satu atau dua huruf saja, misalnya a, b, c.",
    )


def test_what_teaches_little_is_advised_against():
    dear = replace(BRIEF, actions=tuple(replace(it, cost=3) if it.id == "surat" else it for it in BRIEF.actions))  # fmt: skip
    poor = {**KEY.effects, "surat": {"rw": -10}, "siaran": {"media": 25}}
    advice = KIND.advise(dear, replace(KEY, effects=poor))
    assert "aksi “surat” lebih mahal daripada “lapak” dan tidak lebih baik bagi siapa pun" in advice

    assert "aksi “siaran” tidak diperlukan dalam satu pun rencana yang menang" in advice

    alike = {it: case.Place(power=5, interest=5, reason="x") for it in PEOPLE}
    advice = KIND.advise(BRIEF, replace(KEY, placement=alike))
    assert (
        "semua aktor berada di kuadran yang sama, sehingga peta tidak membedakan apa pun" in advice
    )


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"quorum": 14}, "quorum 14 harus 1 sampai 13 (jumlah seluruh suara)"),
        ({"turns": 0}, "threshold harus 1 sampai 100 dan turns 1 sampai 6"),
        ({"effort": 0}, "actions: setiap aksi berbiaya sekurang-kurangnya 1 tenaga"),
        ({"actions": tuple(case.Move(id=f"m{n}", label="x", cost=1) for n in range(15))},
         "actions: 15 aksi menghasilkan 32768 rencana yang mungkin. Sediakan sekurang-kurangnya "
         "3 aksi dan paling banyak 16384 rencana (14 aksi)."),
        ({"actors": BRIEF.actors[:5]}, "actors: jumlahnya harus 6 sampai 12, sekarang 5"),
    ],
)  # fmt: skip
def test_a_brief_that_cannot_be_played_is_refused(changes, text):
    with pytest.raises(ValueError, match="^" + text.replace("(", r"\(").replace(")", r"\)")):
        replace(BRIEF, **changes)


def test_the_rendered_page_is_escaped_and_without_the_key():
    actors = (replace(BRIEF.actors[0], name="<b>PKK</b>"), *BRIEF.actors[1:])
    brief = replace(BRIEF, actors=actors)
    game = Table(brief=brief).locked().turn("kader")
    html = KIND.render(brief, game.state)

    assert "&lt;b&gt;PKK&lt;/b&gt;" in html
    assert "<b>" not in html
    assert "Belum diselesaikan. Suara terkumpul 1 dari 8; tenaga terpakai 1 dari 10." in html
    assert not [it.reason for it in KEY.placement.values() if it.reason in html]
    assert KIND.render(BRIEF, State()).count("Latihan ini belum dikerjakan.") == 1
