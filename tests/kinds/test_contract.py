"""What every kind of exercise promises, tried on the kinds that have no other side."""

import json
from dataclasses import replace
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
from pamong.kinds import KINDS
from pamong.play import play
from pamong.score import Context

HERE = Path(__file__).parent
NAMES = ("situational", "choice", "matrix", "reflection")


def _case(name):
    kind_name, _, change = name.partition(":")
    brief = load_brief(HERE / f"{kind_name}.brief.yaml")
    if change == "ahp":
        brief = replace(brief, weighting="ahp")
    elif change:
        brief = replace(brief, format=change)
    return KINDS[kind_name], brief, brief.model


CASES = (*NAMES, "situational:best_worst", "situational:rating", "matrix:ahp")


def _event(brief, n, act, data, who="participant", attempt=1):
    return Event(
        n=n, id=f"e{n}", at="2026-01-01T00:00:00.000Z", who=who, act=act, data=data,
        exercise=brief.id, version=1, attempt=attempt,
    )  # fmt: skip


ids = st.sampled_from(
    ["", "a", "b", "c", "antre", "keluhan", "warga", "maklumat", "utara", "biaya", "q1", "p1", "x"]
)
odd = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.just(10**400), st.text(max_size=8), ids,
    st.just("a" * 20_001), st.just("\ud800"),
)  # fmt: skip
values = st.recursive(
    odd,
    lambda inner: st.one_of(
        st.lists(inner, max_size=5),
        st.dictionaries(ids, inner, max_size=4),
        st.permutations(["a", "b", "c", "d", "e"]),
        st.permutations(["utara", "timur", "selatan", "barat"]),
    ),
    max_leaves=6,
)
fields = st.sampled_from(
    [
        "item", "ranking", "best", "worst", "ratings", "chosen", "alternative", "criterion", "value",
        "a", "b", "ratio", "order", "text", "prompt", "events", "prediction",
    ]
)  # fmt: skip
SHAPES = {
    "answer": [
        ("item", "ranking"),
        ("item", "best", "worst"),
        ("item", "ratings"),
        ("item", "chosen"),
    ],
    "cell": [("alternative", "criterion", "value")],
    "weight": [("criterion", "value")],
    "compare": [("a", "b", "ratio")],
    "rank": [("order",)],
    "sensitive": [("criterion",)],
    "recommend": [("alternative", "text")],
    "text": [("prompt", "text")],
    "evidence": [("prompt", "events")],
    "predict": [("prediction", "value")],
    "finish": [()],
    "open": [("order",), ()],
}


@st.composite
def acts(draw):
    act = draw(st.sampled_from([*SHAPES, "again", ""]))
    names = draw(st.sampled_from(SHAPES.get(act, [()])))
    shaped = st.fixed_dictionaries(dict.fromkeys(names, values))
    data = draw(st.one_of(shaped, shaped, st.dictionaries(fields, values, max_size=4), values))
    who = draw(st.sampled_from(["participant"] * 6 + ["system", "counterpart"]))
    return who, act, data, draw(st.sampled_from([1, 1, 1, 0, 2]))


@pytest.mark.parametrize("name", CASES)
@given(moves=st.lists(acts(), max_size=25))
@settings(max_examples=60, deadline=None)
def test_any_act_is_applied_or_refused_as_illegal(name, moves):
    """Whatever a log holds, apply raises nothing but IllegalEvent, and the score stays in 0..1."""
    kind, brief, key = _case(name)
    state = kind.start(brief)
    taken = [_event(brief, 1, "open", kind.opening(brief, Random(1)), who="system")]
    state = kind.apply(brief, state, taken[0])
    refused = []
    for who, act, data, attempt in moves:
        event = _event(brief, len(taken) + 1, act, data, who, attempt)
        try:
            state = kind.apply(brief, state, event)
        except IllegalEvent as error:
            refused.append(error.code)
        else:
            taken.append(event)

    assert all(messages(kind.name)(code) for code in refused)
    assert replay(kind, brief, tuple(taken)) == state
    assert 0 <= kind.score(brief, key, state, Context()).value <= 1
    json.dumps(kind.view(brief, state), allow_nan=False)
    kind.render(brief, state).encode()
    assert all(isinstance(text, str) for text in kind.missing(brief, state))


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("who", ["participant", "counterpart"])
def test_only_the_system_opens_an_attempt(name, who):
    kind, brief, _ = _case(name)
    event = _event(brief, 1, "open", kind.opening(brief, Random(1)), who=who)

    with pytest.raises(IllegalEvent) as error:
        kind.apply(brief, kind.start(brief), event)

    assert error.value.code == "illegal.who"


@pytest.mark.parametrize("name", CASES)
def test_nothing_can_be_done_before_the_opening_or_after_the_end(name):
    kind, brief, key = _case(name)
    start = kind.start(brief)
    events = play(kind, brief, key, kind.bots["perfect"], rng=Random(1))
    end = replay(kind, brief, events)

    with pytest.raises(IllegalEvent) as before:
        kind.apply(brief, start, replace(events[1], n=1))
    with pytest.raises(IllegalEvent) as after:
        kind.apply(brief, end, replace(events[1], n=99))

    assert (before.value.code, after.value.code) == ("illegal.order", "illegal.finished")


@pytest.mark.parametrize("name", CASES)
def test_an_attempt_beyond_the_allowed_ones_is_refused(name):
    kind, brief, key = _case(name)
    events = play(kind, brief, key, kind.bots["perfect"], rng=Random(1), attempts=brief.attempts)
    more = replace(events[0], n=99, attempt=brief.attempts + 1)

    with pytest.raises(IllegalEvent) as error:
        kind.apply(brief, replay(kind, brief, events), more)

    assert error.value.code == "illegal.attempt"


@pytest.mark.parametrize("name", CASES)
def test_every_bot_ends_and_its_log_replays_alike(name):
    """A bot's play depends on its random numbers alone, and its log on nothing else."""
    kind, brief, key = _case(name)
    for label, bot in kind.bots.items():
        first = play(kind, brief, key, bot, rng=Random(7), skill=0.4)
        second = play(kind, brief, key, bot, rng=Random(7), skill=0.4)
        state = replay(kind, brief, first)

        assert (first, state.finished) == (second, True), label
        assert not kind.missing(brief, state) or label in {"random", "middle", "person", "first"}
        json.dumps([event.data for event in first])


@pytest.mark.parametrize("name", CASES)
def test_the_abler_the_person_the_better_the_score(name):
    kind, brief, key = _case(name)

    def mean(skill):
        logs = (
            play(kind, brief, key, kind.bots["person"], rng=Random(n), skill=skill)
            for n in range(60)
        )
        scores = [kind.score(brief, key, replay(kind, brief, log), Context()).value for log in logs]
        return sum(scores) / len(scores)

    low, high = mean(0.1), mean(0.9)
    assert low < high
    assert low > 0


@pytest.mark.parametrize("name", CASES)
def test_a_debrief_waits_for_the_end(name):
    kind, brief, key = _case(name)
    events = play(kind, brief, key, kind.bots["perfect"], rng=Random(1))

    assert kind.debrief(brief, key, replay(kind, brief, events[:-1])) is None
    assert json.dumps(kind.debrief(brief, key, replay(kind, brief, events)))


@pytest.mark.parametrize("name", CASES)
def test_the_page_is_told_nothing_of_the_model(name):
    kind, brief, key = _case(name)
    state = replay(kind, brief, play(kind, brief, key, kind.bots["first" if name == "choice" else "middle"], rng=Random(1)))  # fmt: skip
    shown = json.dumps([plain(brief), kind.view(brief, state)], ensure_ascii=False)

    assert "model" not in plain(brief)
    assert "Beban hanya berpindah" not in shown
    assert "Gaji petugas tidak termasuk" not in shown
    assert "mandate" not in shown


def test_what_a_participant_writes_is_never_markup():
    kind, brief, _ = _case("reflection")
    text = '<script>alert("x")</script> & <img src=x onerror=y>'
    events = (
        _event(brief, 1, "open", {}, who="system"),
        _event(brief, 2, "text", {"prompt": "q1", "text": text}),
    )

    html = kind.render(brief, replay(kind, brief, events))

    assert "<script" not in html
    assert "<img" not in html
    assert "&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt; &amp;" in html


@pytest.mark.parametrize("name", CASES)
def test_a_sound_pair_of_brief_and_key_has_no_problems(name):
    kind, brief, key = _case(name)

    assert kind.check(brief, key) == ()
