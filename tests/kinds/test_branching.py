"""Branching cases: what may be done when, what follows, what each decision cost, what is refused."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pamong.brief import load_brief
from pamong.catalogue import messages
from pamong.counterpart import LocalCounterpart, verify
from pamong.errors import IllegalEvent, OtherEngine, TamperedLog
from pamong.event import Event
from pamong.kind import replay
from pamong.kinds import prose
from pamong.kinds.branching import KIND, case
from pamong.kinds.branching.appraisal import appraise
from pamong.kinds.branching.graph import Graph, Place, graph_of
from pamong.kinds.branching.play import Attempt, State
from pamong.kinds.branching.regret import outlooks, scale
from pamong.play import play
from pamong.score import Context, Score
from tests.values import replace

PATH = Path(__file__).parents[2] / "templates" / "exercises" / "branching.brief.yaml"
SAMPLE: Any = load_brief(PATH)
SAMPLE_KEY: case.Key = SAMPLE.model
SAY = messages("branching")


def option(id: str, to: str, **more: Any) -> case.Option:
    return case.Option(id=id, text=f"Pilihan {id}", to=to, feedback=f"Akibat {id}", **more)


def node(*options: case.Option, title: str = "Keadaan") -> case.Node:
    return case.Node(title=title, text="Sesuatu terjadi.", options=options)


END = case.Ending(title="Selesai", text="Kasus berakhir.")


def key_of(nodes: dict[str, case.Node], **more: Any) -> case.Key:
    return case.Key(start="s1", nodes=nodes, endings=more.pop("endings", {"akhir": END}), **more)


def brief_of(key: case.Key, **more: Any) -> case.Brief:
    indicators = (
        case.Indicator(id="warga", label="Kepercayaan", start=50, weight=3, limit=10),
        case.Indicator(id="biaya", label="Biaya", start=50, direction="down", limit=95),
    )
    return case.Brief(
        **{
            "kind": "branching", "id": "kecil", "version": 1, "title": "Kasus kecil",
            "use": "practice", "stakes": "formative", "visibility": "owner", "minutes": 5,
            "role": case.Role(name="Lurah", summary="Anda memimpin."), "situation": "Begini.",
            "indicators": indicators, "integrity": "Jangan menerima pemberian.", "attempts": 2,
            "reason_words": 2, "model": key, **more,
        }
    )  # fmt: skip


# Two decisions. Greedy takes a (+10 now), but b opens the way to +40; c is a tempting violation.
SMALL_KEY = key_of(
    {
        "s1": node(
            option("a", "s2", effects={"warga": 10}),
            option("b", "s2", effects={"warga": -4}, sets=("siap",), principles=("sabar",)),
            option("c", "s2", effects={"warga": 30}, violation="menerima pemberian"),
            title="Pagi",
        ),
        "s2": node(
            option("a", "akhir", effects={"warga": 40}, needs=("siap",), closed="Belum siap."),
            option("b", "akhir", effects={"warga": 5, "biaya": 10}),
            option("c", "habis", effects={"warga": -20}, lacks=("siap",)),
            option("d", "habis", effects={"warga": -60}, condition={"warga": "< 60"}),
            title="Siang",
        ),
    },
    endings={"akhir": END, "habis": replace(END, title="Habis")},
    principles={"sabar": "Bersabarlah di awal."},
)
SMALL = brief_of(SMALL_KEY)


class Game:
    """Plays acts one by one and lets the world answer."""

    def __init__(
        self, brief: case.Brief = SMALL, variant: str = "a", key: case.Key | None = None
    ) -> None:
        self.brief, self.variant = brief, variant
        told = key or brief.model
        assert told is not None
        self.key = told
        self.events: list[Event] = []
        self.state = State()

    def record(self, who: Any, act: Any, data: Any, attempt: Any = None) -> None:
        event = Event(
            n=len(self.events) + 1, id=f"e{len(self.events) + 1}", at="2026-01-01T00:00:00.000Z",
            who=who, act=act, data=data, exercise=self.brief.id, version=1,
            attempt=self.state.attempt if attempt is None else attempt,
        )  # fmt: skip
        self.state = KIND.apply(self.brief, self.state, event)
        self.events.append(event)

    def open(self) -> "Game":
        self.record(
            "system", "open", {"variant": self.variant, "engine": 1}, self.state.attempt + 1
        )
        return self

    def do(self, act: str, **data: Any) -> dict[str, Any]:
        self.record("participant", act, data)
        assert KIND.reactive is not None
        answer: dict[str, Any] = {}
        for action in KIND.reactive.respond(self.brief, self.key, self.state):
            self.record("counterpart", action.act, action.data)
            answer = {"act": action.act, **action.data}
        return answer

    def choose(self, *options: str) -> "Game":
        for each in options:
            self.do("choose", option=each, reason="karena begitu")
        return self

    def begun(self) -> "Game":
        self.open().do("begin")
        return self

    @property
    def current(self) -> Attempt:
        assert self.state.current is not None
        return self.state.current

    def score(self) -> Score:
        return KIND.score(self.brief, self.key, self.state, Context())


def played(*options: str, brief: case.Brief = SMALL) -> Game:
    return Game(brief).begun().choose(*options)


# ---------------------------------------------------------------- what may be done when

ILLEGAL: list[tuple[str, str, Any, Any, str]] = [
    ("opened", "participant", "choose", {"option": "a", "reason": "karena begitu"}, "illegal.unbegun"),
    ("opened", "participant", "finish", {}, "illegal.incomplete"),
    ("opened", "participant", "begin", {"x": 1}, "illegal.data"),
    ("opened", "participant", "lain", {}, "illegal.act"),
    ("opened", "participant", ["begin"], {}, "illegal.act"),
    ("opened", "counterpart", "begin", {}, "illegal.who"),
    ("opened", "counterpart", "scene", {}, "illegal.told"),
    ("begun", "participant", "begin", {}, "illegal.begun"),
    ("begun", "participant", "choose", {"option": "z", "reason": "karena begitu"}, "illegal.unknown"),
    ("begun", "participant", "choose", {"option": ["a"], "reason": "karena begitu"}, "illegal.unknown"),
    ("begun", "participant", "choose", {"option": "a"}, "illegal.data"),
    ("begun", "participant", "choose", {"option": "a", "reason": 7}, "illegal.data"),
    ("begun", "participant", "choose", {"option": "a", "reason": "karena"}, "illegal.reason"),
    ("begun", "participant", "choose", {"option": "a", "reason": "a " * 10_001}, "illegal.long"),
    ("begun", "participant", "scene", {}, "illegal.who"),
    ("begun", "participant", "finish", {}, "illegal.incomplete"),
    ("begun", "system", "open", {"variant": "a"}, "illegal.order"),
    ("begun", "counterpart", "debrief", {}, "illegal.debrief"),
    ("second", "participant", "choose", {"option": "a", "reason": "dua kata"}, "illegal.unknown"),
    ("ended", "participant", "choose", {"option": "b", "reason": "dua kata"}, "illegal.ended"),
    ("ended", "counterpart", "scene", {}, "illegal.told"),
    ("done", "participant", "finish", {}, "illegal.finished"),
    ("done", "counterpart", "debrief", {}, "illegal.debrief"),
]  # fmt: skip


@pytest.mark.parametrize(("stage", "who", "act", "data", "code"), ILLEGAL)
def test_what_breaks_the_rules_is_refused_with_its_own_reason(stage, who, act, data, code):
    game = Game().open()
    if stage != "opened":
        game.do("begin")
    if stage == "second":
        game.choose("a")
    if stage in ("ended", "done"):
        game.choose("b", "b")
    if stage == "done":
        game.do("finish")
    before = game.state

    with pytest.raises(IllegalEvent) as error:
        game.record(who, act, data)

    assert error.value.code == code
    assert SAY(code)
    assert game.state == before


def test_a_scene_that_is_still_to_come_cannot_be_answered():
    game = Game().open()
    game.record("participant", "begin", {})

    with pytest.raises(IllegalEvent) as error:
        game.record("participant", "choose", {"option": "a", "reason": "dua kata"})

    assert error.value.code == "illegal.waiting"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"indicators": {"warga": 50}}, "illegal.data"),
        ({"indicators": {"warga": True, "biaya": 50}}, "illegal.number"),
        ({"indicators": {"warga": 10**400, "biaya": 50}}, "illegal.number"),
        ({"indicators": {"warga": float("nan"), "biaya": 50}}, "illegal.number"),
        ({"options": []}, "illegal.repeated"),
        ({"options": [{"id": "a", "text": "x"}] * 2}, "illegal.repeated"),
        ({"options": [{"id": "a"}]}, "illegal.data"),
        ({"options": "ab"}, "illegal.data"),
        ({"options": [{"id": "a", "text": "x"}] * 9}, "illegal.data"),
        ({"node": ""}, "illegal.data"),
        ({"title": None}, "illegal.data"),
        ({"closed": [{"text": "x", "why": 3}]}, "illegal.data"),
    ],
)
def test_a_scene_of_the_wrong_shape_is_refused(change, code):
    game = Game().open()
    game.record("participant", "begin", {})
    assert KIND.reactive is not None
    (scene,) = KIND.reactive.respond(game.brief, game.key, game.state)

    with pytest.raises(IllegalEvent) as error:
        game.record("counterpart", "scene", {**scene.data, **change})

    assert error.value.code == code


odd = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(), st.just(10**400), st.just("\ud800"),
        st.just("x" * 20_001), st.sampled_from(["a", "b", "s1", "warga", "dua kata saja"]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.sampled_from(["id", "text", "why", "warga", "biaya"]), inner, max_size=3),
    ),
    max_leaves=5,
)  # fmt: skip
NAMES = ["option", "reason", "node", "title", "text", "indicators", "consequence", "options", "closed",
         "ending", "variant", "engine"]  # fmt: skip


@given(
    moves=st.lists(
        st.tuples(
            st.sampled_from(["participant"] * 4 + ["counterpart", "system"]),
            st.sampled_from(["open", "begin", "choose", "choose", "finish", "scene", "ending", "debrief", "", None]),
            st.one_of(
                st.builds(lambda o: {"option": o, "reason": "dua kata"}, st.sampled_from("abcd")),
                st.just({}),
                st.dictionaries(st.sampled_from(NAMES), odd, max_size=7),
                odd,
            ),
            st.sampled_from([1, 1, 1, 2, 0]),
        ),
        max_size=20,
    ),
    faithful=st.booleans(),
)  # fmt: skip
@settings(max_examples=150)
def test_any_act_is_applied_or_refused_as_illegal(moves, faithful):
    game = Game().begun() if faithful else Game()
    refused = []
    for who, act, data, attempt in moves:
        try:
            if faithful and who == "participant" and isinstance(data, dict):
                game.do(act, **data)
            else:
                game.record(who, act, data, attempt)
        except IllegalEvent as error:
            refused.append(error.code)

    assert all(SAY(code) for code in refused)
    assert replay(KIND, game.brief, tuple(game.events)) == game.state
    json.dumps(KIND.view(game.brief, game.state), allow_nan=False, default=dict)
    KIND.render(game.brief, game.state).encode()
    try:
        assert 0 <= game.score().value <= 1
    except TamperedLog:
        assert not faithful


# ---------------------------------------------------------------- what follows from a choice


def test_the_world_tells_the_scene_its_options_and_what_the_last_choice_led_to():
    game = Game().open()
    first = game.do("begin")
    second = game.do("choose", option="b", reason="karena begitu")

    assert (first["act"], first["node"], first["title"], first["consequence"]) == (
        "scene",
        "s1",
        "Pagi",
        "",
    )
    assert {it["id"]: it["text"] for it in first["options"]} == {
        "a": "Pilihan a", "b": "Pilihan b", "c": "Pilihan c",
    }  # fmt: skip
    assert (second["consequence"], second["indicators"]) == ("Akibat b", {"warga": 46, "biaya": 50})
    assert {it["id"] for it in second["options"]} == {"a", "b", "d"}


def test_an_option_out_of_reach_is_shown_with_its_reason_or_not_at_all():
    scene = Game().begun()
    scene.choose("a")
    told = KIND.view(scene.brief, scene.state)["scene"]

    assert {it["id"] for it in told["options"]} == {"b", "c"}
    assert told["closed"] == [{"text": "Pilihan a", "why": "Belum siap."}]


def test_an_ending_closes_the_case_and_names_itself():
    game = played("a", "c")

    assert KIND.ending(game.brief, game.state) == "habis"
    assert KIND.endings(game.brief, game.key) == ("akhir", "habis")
    assert KIND.missing(game.brief, game.state) == ()
    assert game.current.phase == "ended"


def test_what_is_missing_is_said_before_and_within_the_case():
    assert KIND.missing(SMALL, State()) == ("Kasus belum dimulai.",)
    assert KIND.missing(SMALL, played("a").state) == (
        "Kasus belum sampai di akhir. Ambillah keputusan berikutnya.",
    )


def test_values_stop_at_the_ends_of_their_scales():
    key = key_of({"s1": node(option("a", "s2", effects={"warga": 70}), option("b", "s2")),
                  "s2": node(option("a", "akhir", effects={"biaya": -70}), option("b", "akhir"))})  # fmt: skip

    game = played("a", "a", brief=brief_of(key))

    assert KIND.view(game.brief, game.state)["indicators"] == {"warga": 100, "biaya": 0}


def test_the_shown_order_is_the_same_again_and_differs_between_attempts():
    orders = set()
    for number in range(1, 6):
        brief = replace(SAMPLE, attempts=5)
        game = Game(brief)
        for _ in range(number):
            if game.state.attempt:
                finish(game)
            scene = game.open().do("begin")
        orders.add(tuple(it["id"] for it in scene["options"]))

    assert len(orders) > 1


def finish(game: Game) -> None:
    while game.current.outcome is None:
        options = game.current.scenes[-1].options
        game.do("choose", option=next(iter(options)), reason="lima kata ada di sini")
    game.do("finish")


# ---------------------------------------------------------------- scoring


def paths(
    graph: Graph, place: Place | None = None
) -> Iterator[tuple[tuple[str, ...], float, bool]]:
    """Every path: its options, the worth of its end, and whether it keeps clear of violations."""
    place = place or graph.origin
    offered = graph.offered(place)
    if not offered:
        yield (), graph.worth(place.values), True
        return
    for edge in offered:
        after = graph.after(place, edge)
        clean = not edge.violates and not graph.breaches(place.values, after.values)
        for rest, worth, further in paths(graph, after):
            yield (edge.id, *rest), worth, clean and further


def test_the_best_course_is_the_one_that_pays_later_and_breaks_no_rule():
    assert played("b", "a").score().value == 1.0
    assert played("a", "b").score().value < 1.0
    assert played("c", "b").score().value <= 0.40


def test_losses_add_up_to_the_distance_from_the_best_path():
    """1 − Σ loss equals (U − b) / (Vmax − b) with b the mean of random play, where no rule is broken."""
    key = replace(SMALL_KEY, nodes={**SMALL_KEY.nodes, "s1": replace(
        SMALL_KEY.nodes["s1"], options=SMALL_KEY.nodes["s1"].options[:2])})  # fmt: skip
    brief = brief_of(key)
    found = list(paths(graph_of(brief, key, "a")))
    best = max(worth for _, worth, _ in found)
    graph = graph_of(brief, key, "a")
    mean = outlooks(graph)[graph.origin].mean

    for options, worth, clean in found:
        score = played(*options, brief=brief).score()
        expected = max(0.0, 1 - (best - worth) / mean)
        assert score.value == pytest.approx(min(expected, 1.0 if clean else 0.40), abs=1e-6)


def test_each_decision_is_a_part_with_its_price_and_reason():
    score = played("a", "b").score()

    assert [part.label for part in score.parts] == ["Keputusan 1: Pagi", "Keputusan 2: Siang"]
    first, second = score.parts
    assert second.value == 1.0
    assert (
        second.reason
        == "“Pilihan b” adalah pilihan terbaik di titik ini; tidak ada nilai yang terlewat."
    )
    assert "Pilihan a" in first.reason
    assert "dari 100 poin terlewat" in first.reason
    total = sum(part.weight * part.value for part in score.parts) / sum(
        p.weight for p in score.parts
    )
    assert score.value == pytest.approx(total, abs=1e-6)


def test_a_violation_and_a_breach_cap_the_score_each_with_its_reason():
    key = key_of(
        {
            "s1": node(
                option("a", "s2", effects={"warga": 30}, violation="menerima pemberian"),
                option("b", "s2", effects={"biaya": 1}),
                title="Pagi",
            ),
            "s2": node(
                option("a", "akhir", effects={"warga": 30, "biaya": 46}),
                option("b", "akhir", effects={"warga": -30}),
                title="Siang",
            ),
        }
    )
    score = played("a", "a", brief=brief_of(key)).score()

    assert [cap.reason for cap in score.caps] == [
        "Keputusan 1 (“Pagi”) melanggar integritas: menerima pemberian. Karena itu nilai paling tinggi 40%.",
        "Pada keputusan 2 (“Siang”), Biaya melewati batas aman. Karena itu nilai paling tinggi 40%.",
    ]
    assert score.value <= 0.40


def test_what_a_violation_gains_is_not_counted_in_its_favour():
    violated = appraise(SMALL, SMALL_KEY, played("c", "b").current)

    assert all(it.loss >= 0 for it in violated.decisions)
    assert violated.decisions[0].best is not None
    assert violated.decisions[0].best.id == "b"


def test_nothing_begun_earns_nothing_and_an_abandoned_attempt_counts_as_played_out_worst():
    untouched = KIND.score(SMALL, SMALL_KEY, Game().open().state, Context())
    assert (untouched.value, untouched.parts[0].reason) == (0.0, "Kasus belum dimulai.")
    assert Game().begun().score().value == 0.0

    game = played("b", "a")
    game.do("finish")
    assert game.score().value == 1.0
    game.open()
    assert game.score().value == 1.0, "an attempt that was not begun does not count"
    game.do("begin")
    assert game.score().value == 0.0, "one that was begun does"
    game.choose("b")
    worst = played("b", "d").score().value
    assert game.score().value == pytest.approx(worst, abs=1e-6)
    assert game.score().parts[-1].reason.startswith("Kasus ditinggalkan setelah 1 keputusan.")


def test_answers_and_item_scores_tell_what_was_chosen_where():
    game = played("a", "b")

    assert KIND.answers(game.brief, game.state) == {"s1": "a", "s2": "b"}
    scores = KIND.item_scores(game.brief, game.key, game.state)
    assert scores["s2"] == 1.0
    assert 0 <= scores["s1"] < 1
    assert KIND.answers(SMALL, State()) == KIND.item_scores(SMALL, SMALL_KEY, State()) == {}


@st.composite
def cases(draw: Any) -> case.Brief:
    """Random acyclic cases of three or four layers, with flags and conditions, without dead ends."""
    depth = draw(st.integers(2, 4))
    layers = [[f"n{level}{at}" for at in range(draw(st.integers(1, 2)))] for level in range(depth)]
    layers[0] = ["s1"]
    effect = st.fixed_dictionaries({"warga": st.integers(-12, 12), "biaya": st.integers(-12, 12)})
    nodes = {}
    for level, names in enumerate(layers):
        targets = layers[level + 1] if level + 1 < depth else ["akhir"]
        for name in names:
            options = [
                option(
                    letter,
                    draw(st.sampled_from(targets)),
                    effects=draw(effect),
                    sets=("f",) if draw(st.booleans()) else (),
                    needs=("f",) if at > 1 and draw(st.booleans()) else (),
                    condition={"warga": ">= 50"} if at > 1 and draw(st.booleans()) else {},
                    violation="menerima pemberian" if at == 1 and draw(st.booleans()) else "",
                )
                for at, letter in enumerate("abc"[: draw(st.integers(2, 3))])
            ]
            nodes[name] = node(*options)
    return brief_of(key_of(nodes))


@given(brief=cases())
@settings(max_examples=60)
def test_in_any_case_regrets_telescope_and_no_path_beats_the_oracle(brief):
    assert brief.model is not None
    graph = graph_of(brief, brief.model, "a")
    origin = outlooks(graph)[graph.origin]
    assume(origin.worst > 1e-6)
    found = list(paths(graph))
    assert origin.paths == len(found)
    clean_best = max(worth for _, worth, clean in found if clean)
    assert origin.value == pytest.approx(clean_best)
    best = KIND.bots["oracle"]
    log = play(KIND, brief, brief.model, best, rng=Random(1))
    top = KIND.score(brief, brief.model, replay(KIND, brief, log), Context()).value
    assert top == pytest.approx(1.0)
    greatest = 0.0
    for options, worth, clean in found:
        game = played(*options, brief=brief)
        loss = sum(it.loss for it in appraise(brief, brief.model, game.current).decisions) * scale(
            graph
        )
        greatest = max(greatest, loss)
        if clean:
            assert loss == pytest.approx(clean_best - worth, abs=1e-9)
        assert loss >= clean_best - worth - 1e-9
        assert game.score().value <= top
        assert clean or game.score().value <= brief.cap
    assert greatest == pytest.approx(origin.worst, abs=1e-9)


# ---------------------------------------------------------------- verification


def test_an_honest_log_is_accepted_and_a_changed_scene_is_not():
    game = played("a", "b")
    game.do("finish")
    events = tuple(game.events)
    verify(KIND, SMALL, SMALL_KEY, events)

    at = next(i for i, it in enumerate(events) if it.act == "scene" and it.data["node"] == "s2")
    better = {**events[at].data, "indicators": {"warga": 99, "biaya": 0}}
    forged = (*events[:at], replace(events[at], data=better), *events[at + 1 :])

    with pytest.raises(TamperedLog, match="would not have said this"):
        verify(KIND, SMALL, SMALL_KEY, forged)
    with pytest.raises(TamperedLog, match="is missing"):
        verify(KIND, SMALL, SMALL_KEY, (*events[:at], replace(events[at + 1], n=at + 1)))
    with pytest.raises(OtherEngine):
        older = replace(events[0], data={"variant": "a", "engine": 99})
        verify(KIND, SMALL, SMALL_KEY, (older, *events[1:]))


def test_a_log_that_the_key_denies_is_not_scored():
    graded = Game(replace(SMALL, use="graded", model=None), variant="zz", key=SMALL_KEY).open()
    graded.record("participant", "begin", {})

    with pytest.raises(TamperedLog, match="no variant 'zz'"):
        graded.score()


def test_two_attempts_in_a_row_never_get_the_same_variant():
    other = LocalCounterpart(KIND, SAMPLE, SAMPLE_KEY, participant="p1", secret=b"s")

    variants = [other.open(SAMPLE.id, 1, number)["variant"] for number in (1, 2)]

    assert sorted(variants) == ["a", "b"]


# ---------------------------------------------------------------- debrief and render


def test_the_debrief_names_the_costliest_decision_and_the_way_on_from_there():
    game = played("a", "b", brief=replace(SMALL, attempts=1))
    told = game.do("finish")

    assert told["costliest"] == 1
    assert told["course"]["from"] == 1
    assert [it["choice"] for it in told["course"]["steps"]] == ["Pilihan b", "Pilihan a"]
    assert told["course"]["indicators"] == {"warga": 86, "biaya": 50}
    assert told["principles"] == [{"text": "Bersabarlah di awal.", "kept": [], "missed": [1]}]
    assert told["decisions"][1]["points"] == 0
    assert told["paragraphs"][0].startswith("Yang paling mahal adalah keputusan 1 (“Pagi”)")


def test_who_may_try_the_same_case_again_is_not_told_the_best_course():
    told = played("a", "b").do("finish")

    assert told["course"] is None
    assert "Pilihan b" not in json.dumps(told["paragraphs"], ensure_ascii=False)


@pytest.mark.parametrize(
    ("options", "headline"),
    [
        (("b", "a"), "Anda mengambil jalan terbaik yang tersedia dalam kasus ini."),
        (("c", "b"), "Ada garis integritas atau batas aman yang terlewati. "
         "Seberapa pun baik hasil lainnya, nilai kasus ini dibatasi."),
        (("a", "c"), "Sebagian besar nilai yang dapat diraih dalam kasus ini terlewat."),
    ],
)  # fmt: skip
def test_the_headline_fits_what_was_done(options, headline):
    assert played(*options).do("finish")["headline"] == headline


def test_render_shows_the_path_with_reasons_escaped_and_nothing_of_the_key():
    game = Game().begun()
    game.do("choose", option="a", reason='<script>alert("x")</script> & lain')
    html = KIND.render(game.brief, game.state)

    assert "&lt;script&gt;" in html
    assert "<script" not in html
    assert "Kasus belum diselesaikan." in html
    assert "Bersabarlah" not in html
    game.choose("b").do("finish")
    after = KIND.render(game.brief, game.state)
    assert "Kasus berakhir." in after
    assert "Yang paling mahal adalah keputusan 1" in after
    assert "Belum dikerjakan." in KIND.render(SMALL, State())


def test_the_page_is_told_nothing_that_is_still_to_come():
    game = Game().begun()
    shown = json.dumps(KIND.view(game.brief, game.state), ensure_ascii=False)

    assert "Akibat" not in shown
    assert "Siang" not in shown
    assert "Habis" not in shown


# ---------------------------------------------------------------- check and advise


def with_s1(*options: case.Option) -> case.Key:
    return key_of(
        {
            "s1": node(*options),
            "s2": node(option("a", "akhir", effects={"warga": 1}), option("b", "akhir")),
        }
    )


PAIR = (option("a", "s2", effects={"warga": 5}), option("b", "s2"))
BROKEN: list[tuple[case.Key, str]] = [
    (with_s1(option("a", "s9"), PAIR[1]), "pilihan s1.a: tujuan “s9” bukan simpul dan bukan akhir"),
    (with_s1(option("a", "s2", effects={"x": 1}), PAIR[1]), "pilihan s1.a: indikator “x” tidak ada di soal"),
    (with_s1(option("a", "s2", condition={"x": "> 1"}), PAIR[1]), "pilihan s1.a: indikator “x” tidak ada di soal"),
    (with_s1(option("a", "s2", needs=("f",)), PAIR[1]),
     "pilihan s1.a: tanda “f” tidak pernah dipasang oleh pilihan mana pun (sets)"),
    (with_s1(option("a", "s2", principles=("p",)), PAIR[1]), "pilihan s1.a: prinsip “p” tidak ada di principles"),
    (replace(with_s1(*PAIR), start="s7"), "start: simpul “s7” tidak ada"),
    (with_s1(option("a", "akhir"), option("b", "akhir", effects={"warga": 2})),
     "simpul s2: tidak ada pilihan yang menuju ke sini"),
    (key_of({"s1": node(*PAIR), "s2": node(option("a", "s3"), option("b", "akhir")),
             "s3": node(option("a", "s2"), option("b", "akhir"))}),
     "cabang berputar: s2 → s3 → s2. Peserta tidak boleh kembali ke keadaan yang sudah lewat"),
    (key_of({"s1": node(option("a", "s2"), option("b", "s2")),
             "s2": node(option("a", "akhir"), option("b", "akhir"))}),
     "varian a: semua jalan sama nilainya, jadi tidak ada yang dapat dinilai"),
    (key_of({"s1": node(*PAIR), "s2": node(
        option("a", "akhir", condition={"warga": ">= 55"}), option("b", "akhir", condition={"warga": ">= 60"}))}),
     "varian a: di simpul s2 tidak ada pilihan yang tersedia ketika warga 50, biaya 50"),
    (with_s1(option("a", "s2", violation="x", effects={"warga": 3}), option("b", "s2", violation="x")),
     "varian a: setiap jalan melanggar integritas atau melewati batas aman; sediakan jalan yang bersih"),
    (replace(with_s1(*PAIR), variants=(case.Variant(id="a", changes={"s1.z": case.Change(to="s2")}),)),
     "varian a: tidak ada pilihan “s1.z”; tulislah simpul.pilihan, misalnya s2.b"),
    (replace(with_s1(*PAIR), variants=(case.Variant(id="a", changes={"s1.a": case.Change(to="s8")}),)),
     "pilihan a: s1.a: tujuan “s8” bukan simpul dan bukan akhir"),
    (replace(with_s1(*PAIR), variants=(case.Variant(id="a", changes={"s1.a": case.Change(effects={"y": 1})}),)),
     "pilihan a: s1.a: indikator “y” tidak ada di soal"),
]  # fmt: skip


@pytest.mark.parametrize(("key", "problem"), BROKEN)
def test_a_broken_case_is_refused_with_what_is_wrong(key, problem):
    assert KIND.check(brief_of(key), key) == (problem,)


def test_a_case_with_too_many_paths_is_refused_with_the_count_and_the_limit():
    three = "abc"
    nodes = {
        f"s{n}": node(*(option(it, f"s{n + 1}" if n < 10 else "akhir", effects={"warga": at}) for at, it in enumerate(three)))
        for n in range(1, 11)
    }  # fmt: skip
    key = key_of(nodes)

    assert KIND.check(brief_of(key), key) == (
        "varian a: ada 59049 jalan, batasnya 50000; kurangi simpul atau pilihan",
    )


def test_a_case_with_too_many_places_is_refused_before_it_is_searched():
    nodes = {
        f"s{n}": node(
            option("a", f"s{n + 1}" if n < 30 else "akhir", effects={"warga": 1}),
            option("b", f"s{n + 1}" if n < 30 else "akhir", sets=(f"f{n}",)),
            *(
                [option("c", "akhir", needs=tuple(f"f{i}" for i in range(1, 30)))]
                if n == 30
                else []
            ),
        )
        for n in range(1, 31)
    }
    key = key_of(nodes)

    assert KIND.check(brief_of(key), key) == (
        "varian a: keadaan yang mungkin lebih dari 50000; kurangi simpul, tanda, atau indikator",
    )


def test_a_telling_variant_name_is_refused_in_a_graded_case():
    key = replace(with_s1(*PAIR), variants=(case.Variant(id="mudah"),))
    brief = brief_of(key, use="graded", model=None)

    assert KIND.check(brief, key) == (
        "varian mudah: id varian terbaca di log peserta; pakailah paling banyak dua huruf, misalnya a",
    )


def advice(*options: case.Option, **more: Any) -> tuple[str, ...]:
    key = replace(with_s1(*options), **more)
    return KIND.advise(brief_of(key), key)


def test_an_author_is_advised_of_options_that_teach_nothing():
    long = replace(PAIR[0], text="Pilihan yang jauh lebih panjang daripada yang lain")
    dull = option("c", "s2", effects={"warga": -5, "biaya": 5})
    locked = option("c", "s2", condition={"warga": "> 99"})
    flag = option("c", "s2", effects={"biaya": -5}, sets=("lupa",))

    assert (
        "simpul s1: pilihan a (50 huruf) jauh lebih panjang daripada b (9 huruf); yang terpanjang terasa paling benar"
        in advice(long, PAIR[1])
    )
    assert (
        "pilihan s1.c: kalah dari a pada setiap indikator; beri pilihan ini kelebihan yang nyata"
        in advice(*PAIR, dull)
    )
    assert "pilihan s1.c: syaratnya tidak pernah terpenuhi" in advice(*PAIR, locked)
    assert (
        "pilihan s1.c: tanda “lupa” dipasang, tetapi tidak pernah dipakai (needs atau lacks)"
        in advice(*PAIR, flag)
    )
    assert "akhir sepi: tidak ada jalan yang sampai ke sini" in advice(
        *PAIR, endings={"akhir": END, "sepi": END}
    )
    assert "varian b: jalan terbaiknya sama dengan varian a; percobaan kedua hanya salinan" in advice(*PAIR, variants=(case.Variant(id="a"), case.Variant(id="b")))  # fmt: skip


def test_an_option_between_two_extremes_is_never_best():
    extremes = (
        option("a", "s2", effects={"warga": 20}),
        option("b", "s2", effects={"biaya": -20}),
        option("c", "s2", effects={"warga": 5, "biaya": -5}),
    )

    assert "pilihan s1.c: tidak pernah terbaik, bagaimanapun indikator dibobot" in advice(*extremes)


def test_best_options_that_share_an_id_or_the_greatest_length_give_themselves_away():
    def best(to: str) -> tuple[case.Option, ...]:
        return (
            replace(option("a", to, effects={"warga": 9}), text="Pilihan terbaik"),
            option("b", to, effects={"biaya": -9}),
        )

    key = key_of({f"s{n}": node(*best(f"s{n + 1}" if n < 3 else "akhir")) for n in (1, 2, 3)})
    found = KIND.advise(brief_of(key), key)

    assert (
        "di semua simpul pilihan terbaik adalah yang terpanjang; peserta dapat menebak tanpa membaca"
        in found
    )
    assert "di semua simpul pilihan terbaik ber-id “a”; id terbaca di log peserta, acaklah" in found


def test_a_case_that_check_refuses_gets_no_advice():
    key = with_s1(option("a", "s9"), PAIR[1])

    assert KIND.advise(brief_of(key), key) == ()


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: option("a", "s2", condition={"warga": "20"}),
         "pilihan a: syarat “20” untuk warga tidak terbaca; tulislah seperti “>= 20”"),
        (lambda: case.Indicator(id="i", label="I", start=5, limit=10),
         "indikator i: nilai start harus berada antara low dan high serta belum melewati limit"),
        (lambda: case.Indicator(id="i", label="I", start=5, low=9, high=2),
         "indikator i: low harus lebih kecil daripada high, keduanya antara -1.000.000 dan 1.000.000"),
        (lambda: case.Indicator(id="i", label="I", start=5, weight=float("nan")),
         "indikator i: weight harus lebih besar dari 0, paling tinggi 1.000"),
        (lambda: replace(SMALL, cap=1.0), "cap harus antara 0.1 dan 0.9"),
        (lambda: replace(SMALL, reason_words=51), "reason_words harus antara 0 dan 50"),
    ],
)  # fmt: skip
def test_a_field_out_of_range_is_named(build, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        build()


# ---------------------------------------------------------------- the worked example


def test_the_worked_example_is_sound_and_needs_no_second_look():
    assert KIND.check(SAMPLE, SAMPLE_KEY) == ()
    assert KIND.advise(SAMPLE, SAMPLE_KEY) == ()


def mean(bot: str, variant: str, *, skill: float = 0.5, plays: int = 30) -> float:
    logs = (
        play(KIND, SAMPLE, SAMPLE_KEY, KIND.bots[bot], rng=Random(n), skill=skill,
             opening=lambda attempt: {"variant": variant})
        for n in range(plays)
    )  # fmt: skip
    scores = [
        KIND.score(SAMPLE, SAMPLE_KEY, replay(KIND, SAMPLE, log), Context()).value for log in logs
    ]
    return sum(scores) / plays


@pytest.mark.parametrize("variant", case.variant_ids(SAMPLE_KEY))
def test_the_worked_example_rewards_judgement_and_nothing_else(variant):
    assert mean("oracle", variant, plays=1) == 1.0
    assert mean("random", variant) <= 0.45
    assert mean("normative", variant, plays=1) <= 0.70
    assert mean("greedy", variant, plays=1) <= 0.70
    for bot in ("first", "middle", "longest", "cautious"):
        assert mean(bot, variant, plays=1) <= 0.60
    assert mean("worst", variant, plays=1) == 0.0
    assert mean("person", variant, skill=0.9) > mean("person", variant, skill=0.1)


@pytest.mark.parametrize("bot", KIND.bots)
def test_every_bot_ends_and_its_log_is_accepted(bot):
    log = play(KIND, SAMPLE, SAMPLE_KEY, KIND.bots[bot], rng=Random(3), attempts=2)

    assert replay(KIND, SAMPLE, log).finished
    assert log == play(KIND, SAMPLE, SAMPLE_KEY, KIND.bots[bot], rng=Random(3), attempts=2)
    verify(KIND, SAMPLE, SAMPLE_KEY, log)


def test_the_random_bot_does_not_look_at_the_key():
    brief: Any = replace(SMALL, use="graded", model=None)
    game = Game()
    game.open().do("begin")
    seat: Any = type("Seat", (), {"brief": brief, "state": game.state, "rng": Random(1)})()

    action = KIND.bots["random"](seat)

    assert action is not None
    assert action.act == "choose"


def test_a_choice_that_is_itself_a_quotation_is_quoted_once():
    spoken = prose.within_quotes("“Ibu sudah menunggu,” kata Anda.")
    assert spoken == "‘Ibu sudah menunggu,’ kata Anda."
