"""What happened in an exercise, one readable line for each event."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pamong.event import Event
from pamong.grading.path import LENGTH, printable, shortened, steps
from tests.kinds.cases import NAMES, bot_logs, case
from tests.values import replace

ZONE = "Asia/Makassar"


def event(n=1, act="answer", at="2026-12-01T16:30:00.000Z", **data):
    return Event(
        n=n, id=f"e{n}", at=at, who="participant", act=act, data=data,
        exercise="x", version=1, attempt=1,
    )  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_every_kind_tells_every_event_in_one_short_line(name):
    brief = case(name)[1]
    for events in bot_logs(name):
        told = steps(brief, events, zone=ZONE)
        assert [step.n for step in told] == [each.n for each in events]
        for step, each in zip(told, events, strict=True):
            assert (step.who, step.act) == (each.who, each.act)
            assert len(step.text) <= LENGTH
            assert step.text.isprintable()
            assert bool(step.text) == bool(each.data)


def test_times_are_in_the_zone_of_the_programme_and_odd_ones_as_they_stand():
    told = steps(case("choice")[1], [event(), event(at="kapan-kapan saja")], zone=ZONE)
    assert [(step.day, step.at) for step in told] == [
        ("2026-12-02 WITA", "00:30:00"),
        ("", "kapan-k…"),
    ]


def test_an_id_is_told_with_the_words_of_the_brief():
    brief = case("choice")[1]
    item = brief.items[0]
    (told,) = steps(brief, [event(item=item.id, chosen=[item.options[0].id])], zone=ZONE)
    assert told.text.startswith(f"item={item.id} “{shortened(printable(item.stem), 60)}”")
    assert f"“{shortened(printable(item.options[0].text), 60)}”" in told.text


def test_what_the_other_side_offers_gives_the_next_choice_its_words():
    scene = event(text="Apa?", options=[{"id": "a", "text": "Pergi ke pasar"}])
    (_, told) = steps(case("choice")[1], [scene, event(2, option="a")], zone=ZONE)
    assert told.text == "option=a “Pergi ke pasar”"


def test_what_only_its_owner_may_see_is_not_told():
    events = [event(text="rahasia"), event(2, options=[{"id": "a", "text": "rahasia"}])]
    told = steps(case("choice")[1], events, zone=ZONE, open_to_marker=False)
    assert [step.text for step in told] == ["", ""]


def test_the_event_at_which_judging_stopped_is_marked():
    told = steps(case("choice")[1], [event(), event(2)], zone=ZONE, fault=2)
    assert [step.fault for step in told] == [False, True]


def test_nothing_in_a_log_can_act_on_the_terminal():
    (told,) = steps(case("choice")[1], [event(text="\x1b[31mmerah\n\u202ebalik")], zone=ZONE)
    assert told.text == "“[31mmerah balik”"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just(10**400),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)


@given(
    data=st.dictionaries(st.text(max_size=9) | st.just("options"), JSON, max_size=5), at=st.text()
)
def test_whatever_an_event_holds_it_is_one_printable_line(data, at):
    odd = replace(event(at=at), data=data)
    (told,) = steps(case("negotiation")[1], [odd], zone=ZONE)
    assert told.text.isprintable()
    assert len(told.text) <= LENGTH
