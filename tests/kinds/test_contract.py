"""What every kind of exercise promises, tried on every kind there is."""

import json
from contextlib import suppress
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pamong.brief import plain
from pamong.catalogue import messages
from pamong.errors import IllegalEvent, TamperedLog
from pamong.event import Event
from pamong.kind import replay
from pamong.play import play
from pamong.score import Context
from tests.kinds.cases import NAMES, best, bot_logs, case
from tests.values import replace

ALONE = [name for name in NAMES if case(name)[0].reactive is None]
"""Cases without another side."""
EFFORTLESS = {"random", "middle", "person", "first", "agree", "normative", "last"}
"""Bots that may leave something undone."""


def _event(brief, n, act, data, who="participant", attempt=1):
    return Event(
        n=n, id=f"e{n}", at="2026-01-01T00:00:00.000Z", who=who, act=act, data=data,
        exercise=brief.id, version=1, attempt=attempt,
    )  # fmt: skip


ODD = (
    None, True, False, 0, 1, -1, 3, 0.5, float("nan"), float("inf"), 10**400, "", "x", "a" * 20_001, "\ud800",
    [], {}, [[]], [None], {"": None}, ["x", "x"], {"x": "x"},
)  # fmt: skip


@st.composite
def steps(draw, name):
    """What bots did, with acts left out, repeated, exchanged, and changed inside."""
    logs = bot_logs(name)
    log = list(draw(st.sampled_from(logs)))
    others = [event for each in logs for event in each]
    for _ in range(draw(st.integers(0, 6))):
        if not log:
            break
        place = draw(st.integers(0, len(log) - 1))
        change = draw(st.sampled_from(["drop", "twice", "swap", "foreign", "data", "data", "data", "who", "attempt", "act"]))  # fmt: skip
        event = log[place]
        if change == "drop":
            del log[place]
        elif change == "twice":
            log.insert(place, event)
        elif change == "swap":
            other = draw(st.integers(0, len(log) - 1))
            log[place], log[other] = log[other], event
        elif change == "foreign":
            log.insert(place, draw(st.sampled_from(others)))
        elif change == "who":
            log[place] = replace(event, who=draw(st.sampled_from(["participant", "system", "counterpart"])))  # fmt: skip
        elif change == "attempt":
            log[place] = replace(event, attempt=draw(st.integers(0, 3)))
        elif change == "act":
            log[place] = replace(event, act=draw(st.sampled_from(["", "again", *{e.act for e in others}])))  # fmt: skip
        else:
            log[place] = replace(event, data=spoilt(draw, event.data))
    return log


def spoilt(draw, data):
    """``data`` with one value, however deep, replaced, removed or added."""
    if isinstance(data, dict) and data and draw(st.booleans()):
        key = draw(st.sampled_from(sorted(data, key=str)))
        return {**data, key: spoilt(draw, data[key])}
    if isinstance(data, list | tuple) and data and draw(st.booleans()):
        place = draw(st.integers(0, len(data) - 1))
        return [*data[:place], spoilt(draw, data[place]), *data[place + 1 :]]
    if isinstance(data, dict):
        key = draw(st.sampled_from([*sorted(data, key=str), "x", "", 7]))
        rest = {name: value for name, value in data.items() if name != key}
        return draw(st.sampled_from([rest, {**rest, key: draw(st.sampled_from(ODD))}]))
    if isinstance(data, list | tuple):
        extra = draw(st.sampled_from([*data, *ODD]))
        return draw(st.sampled_from([[*data, extra], data[1:], data[::-1]]))
    return draw(st.sampled_from(ODD))


def scored(kind, brief, key, state):
    """The score in 0..1 of a state, and what is told with it."""
    assert 0 <= kind.score(brief, key, state, Context()).value <= 1
    assert all(0 <= value <= 1 for value in kind.item_scores(brief, key, state).values())
    json.dumps(kind.debrief(brief, key, state), allow_nan=False)


def examine(kind, brief, state):
    """Whatever state a log leads to can be shown and told, without the key."""
    json.dumps(kind.view(brief, state), allow_nan=False)
    kind.render(brief, state).encode()
    assert all(isinstance(text, str) for text in kind.missing(brief, state))
    assert all(isinstance(value, str) for value in kind.answers(brief, state).values())
    assert isinstance(kind.ending(brief, state), str)


@pytest.mark.parametrize("name", NAMES)
@given(data=st.data())
@settings(max_examples=75, suppress_health_check=list(HealthCheck))
def test_any_log_is_applied_or_refused_as_illegal(name, data):
    """Whatever a log holds, apply raises nothing but IllegalEvent, and the score stays in 0..1."""
    kind, brief, key = case(name)
    state, taken, refused = kind.start(brief), [], []
    for step in data.draw(steps(name)):
        event = replace(step, n=len(taken) + 1)
        try:
            state = kind.apply(brief, state, event)
        except IllegalEvent as error:
            refused.append(error.code)
        else:
            taken.append(event)
    assert all(messages(kind.name)(code) for code in refused)
    assert replay(kind, brief, tuple(taken)) == state
    examine(kind, brief, state)
    with suppress(*([] if kind.reactive is None else [TamperedLog])):  # forged replies
        scored(kind, brief, key, state)


@pytest.mark.parametrize("name", [name for name in NAMES if name not in ALONE])
@given(data=st.data())
@settings(max_examples=75, suppress_health_check=list(HealthCheck))
def test_the_other_side_answers_whatever_a_participant_may_do(name, data):
    """After every act that is accepted the counterpart's replies are legal, and the same again."""
    kind, brief, key = case(name)
    state, taken = kind.start(brief), []
    for step in data.draw(steps(name)):
        if step.who == "counterpart":
            continue
        event = replace(step, n=len(taken) + 1)
        try:
            state = kind.apply(brief, state, event)
        except IllegalEvent:
            continue
        taken.append(event)
        if event.who == "participant":
            replies = kind.reactive.respond(brief, key, state)
            assert replies == kind.reactive.respond(brief, key, state)
            for reply in replies:
                told = json.loads(json.dumps(dict(reply.data), allow_nan=False))
                told = _event(brief, len(taken) + 1, reply.act, told, "counterpart", event.attempt)
                state = kind.apply(brief, state, told)
                taken.append(told)
    assert replay(kind, brief, tuple(taken)) == state
    examine(kind, brief, state)
    scored(kind, brief, key, state)


@pytest.mark.parametrize(
    ("name", "who"),
    [(name, "participant") for name in NAMES] + [(name, "counterpart") for name in ALONE],
)
def test_only_an_authority_opens_an_attempt(name, who):
    kind, brief, _ = case(name)
    event = _event(brief, 1, "open", kind.opening(brief, Random(1)), who=who)

    with pytest.raises(IllegalEvent) as error:
        kind.apply(brief, kind.start(brief), event)

    assert error.value.code == "illegal.who"


@pytest.mark.parametrize("name", NAMES)
def test_nothing_can_be_done_before_the_opening_or_after_the_end(name):
    kind, brief, key = case(name)
    start = kind.start(brief)
    events = play(kind, brief, key, best(kind), rng=Random(1))
    end = replay(kind, brief, events)

    with pytest.raises(IllegalEvent) as before:
        kind.apply(brief, start, replace(events[1], n=1))
    with pytest.raises(IllegalEvent) as after:
        kind.apply(brief, end, replace(events[1], n=99))

    assert before.value.code in {"illegal.order", "illegal.attempt"}
    assert after.value.code == "illegal.finished"


@pytest.mark.parametrize("name", NAMES)
def test_an_attempt_beyond_the_allowed_ones_is_refused(name):
    kind, brief, key = case(name)
    events = play(kind, brief, key, best(kind), rng=Random(1), attempts=brief.attempts)
    more = replace(events[0], n=99, attempt=brief.attempts + 1)

    with pytest.raises(IllegalEvent) as error:
        kind.apply(brief, replay(kind, brief, events), more)

    assert error.value.code in {"illegal.attempt", "illegal.attempts"}


@pytest.mark.parametrize("name", NAMES)
def test_every_bot_ends_and_its_log_replays_alike(name):
    """A bot's play depends on its random numbers alone, and its log on nothing else."""
    kind, brief, key = case(name)
    for label, bot in kind.bots.items():
        first = play(kind, brief, key, bot, rng=Random(7), skill=0.4)
        second = play(kind, brief, key, bot, rng=Random(7), skill=0.4)
        state = replay(kind, brief, first)

        assert (first, state.finished) == (second, True), label
        if kind.reactive is None:
            assert not kind.missing(brief, state) or label in EFFORTLESS, label
        json.dumps([event.data for event in first])


@pytest.mark.parametrize("name", NAMES)
def test_the_abler_the_person_the_better_the_score(name):
    kind, brief, key = case(name)
    plays = 60 if kind.reactive is None else 25

    def mean(skill):
        logs = (
            play(kind, brief, key, kind.bots["person"], rng=Random(n), skill=skill)
            for n in range(plays)
        )
        scores = [kind.score(brief, key, replay(kind, brief, log), Context()).value for log in logs]
        return sum(scores) / len(scores)

    low, high = mean(0.1), mean(0.9)
    assert low < high
    assert low > 0


@pytest.mark.parametrize("name", NAMES)
def test_an_untouched_exercise_is_worth_nothing(name):
    kind, brief, key = case(name)
    opened = _event(brief, 1, "open", kind.opening(brief, Random(1)), who="system")
    for state in (kind.start(brief), kind.apply(brief, kind.start(brief), opened)):
        assert kind.score(brief, key, state, Context()).value == 0


@pytest.mark.parametrize("name", ALONE)
def test_a_debrief_waits_for_the_end(name):
    kind, brief, key = case(name)
    events = play(kind, brief, key, best(kind), rng=Random(1))

    assert kind.debrief(brief, key, replay(kind, brief, events[:-1])) is None
    assert json.dumps(kind.debrief(brief, key, replay(kind, brief, events)))


@pytest.mark.parametrize("name", NAMES)
def test_the_page_is_told_nothing_of_the_model(name):
    kind, brief, key = case(name)
    bot = kind.bots.get("middle") or kind.bots.get("first") or kind.bots["random"]
    events = play(kind, brief, key, bot, rng=Random(1))
    state = replay(kind, brief, events[: len(events) // 2])
    shown = json.dumps([plain(brief), kind.view(brief, state)], ensure_ascii=False)

    assert "model" not in plain(brief)
    assert "Beban hanya berpindah" not in shown
    assert "Gaji petugas tidak termasuk" not in shown
    assert "mandate" not in shown


def test_what_a_participant_writes_is_never_markup():
    kind, brief, _ = case("reflection")
    text = '<script>alert("x")</script> & <img src=x onerror=y>'
    events = (
        _event(brief, 1, "open", {}, who="system"),
        _event(brief, 2, "text", {"prompt": "q1", "text": text}),
    )

    html = kind.render(brief, replay(kind, brief, events))

    assert "<script" not in html
    assert "<img" not in html
    assert "&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt; &amp;" in html


@pytest.mark.parametrize("name", NAMES)
def test_a_sound_pair_of_brief_and_key_has_no_problems(name):
    kind, brief, key = case(name)

    assert kind.check(brief, key) == ()
    assert all(isinstance(text, str) for text in kind.advise(brief, key))
