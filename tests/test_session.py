"""One participant at one exercise."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from pamong.brief import load_brief
from pamong.counterpart import LocalCounterpart
from pamong.errors import CounterpartUnavailable, IllegalEvent
from pamong.event import Action, Data, Draft, Event
from pamong.kind import Brief
from pamong.kinds import KINDS
from pamong.session import Session
from pamong.store import FileStore, MemoryStore, Store

HERE = Path(__file__).parent
PRACTICE = load_brief(HERE / "course_small/course/source/m0-contoh/latihan.brief.yaml")
NEGOTIATION = load_brief(HERE / "kinds/negotiation.brief.yaml")
PREPARED = {
    "floor": 35,
    "target": 80,
    "priorities": ["anggaran"],
    "expects_zone": True,
    "guess": [],
}


def ticking() -> Any:
    start, step = datetime(2026, 11, 22, 6, 30, tzinfo=UTC), count()
    return lambda: start + timedelta(seconds=next(step))


def session(brief: Brief, store: Store | None = None, **options: Any) -> Session[Any, Any, Any]:
    return Session(
        KINDS[brief.kind],
        brief,
        MemoryStore() if store is None else store,
        participant="p001",
        clock=ticking(),
        **options,
    )


def local() -> LocalCounterpart:
    return LocalCounterpart(
        KINDS["negotiation"], NEGOTIATION, NEGOTIATION.model, participant="p001", secret=b"rahasia"  # type: ignore[attr-defined]
    )  # fmt: skip


class Absent:
    """A counterpart that can be called away."""

    def __init__(self) -> None:
        self.there = True
        self._side = local()

    def open(self, exercise: str, version: int, attempt: int) -> Data:
        self._require()
        return self._side.open(exercise, version, attempt)

    def respond(self, exercise: str, version: int, events: tuple[Event, ...]) -> tuple[Action, ...]:
        self._require()
        return self._side.respond(exercise, version, events)

    def _require(self) -> None:
        if not self.there:
            raise CounterpartUnavailable("away")


def test_looking_at_an_exercise_records_nothing() -> None:
    one = session(PRACTICE)
    screen = one.screen()
    assert one.events() == ()
    assert (screen["n"], screen["saved"], screen["finished"]) == (0, None, False)


def test_what_is_shown_before_the_first_act_is_what_is_logged_with_it() -> None:
    one = session(PRACTICE)
    before = one.screen()["view"]
    after = one.act("d:1", "answer", {"item": "l1", "chosen": ["b"]})["view"]
    assert before["order"] == after["order"]
    assert [event.act for event in one.events()] == ["open", "answer"]


def test_an_act_is_acknowledged_with_the_local_time_of_the_programme() -> None:
    screen = session(PRACTICE, time_zone="Asia/Makassar").act(
        "d:1", "answer", {"item": "l1", "chosen": ["b"]}
    )
    assert screen["saved"] == "pukul 14.30 WITA"


def test_the_same_act_sent_twice_is_recorded_once() -> None:
    one = session(PRACTICE)
    for _ in range(2):
        one.act("d:1", "answer", {"item": "l1", "chosen": ["b"]})
    assert [event.id for event in one.events()] == ["d:1:open", "d:1"]


def test_an_illegal_act_records_nothing_not_even_the_opening() -> None:
    one = session(PRACTICE)
    with pytest.raises(IllegalEvent, match="latihan, event 2 \\(answer\\)"):
        one.act("d:1", "answer", {"item": "tidak-ada", "chosen": ["b"]})
    assert one.events() == ()


def test_practice_shows_its_score_and_debrief_once_it_is_finished() -> None:
    one = session(PRACTICE)
    screen = one.act("d:1", "answer", {"item": "l1", "chosen": ["a"]})
    assert screen["score"] is None
    screen = one.act("d:2", "finish", {})
    assert screen["score"]["value"] == 1.0
    assert screen["debrief"] is not None
    assert "model" not in screen["brief"]


def test_a_reopened_exercise_is_where_it_was_left(tmp_path: Path) -> None:
    session(PRACTICE, FileStore(tmp_path)).act("d:1", "answer", {"item": "l1", "chosen": ["b"]})
    again = session(PRACTICE, FileStore(tmp_path))
    assert again.screen()["n"] == 2
    assert again.screen()["view"] == session(PRACTICE, FileStore(tmp_path)).screen()["view"]


def test_the_other_side_answers_in_the_same_screen() -> None:
    one = session(NEGOTIATION, counterpart=local())
    one.act("d:1", "prepare", PREPARED)
    one.act("d:2", "ask", {})
    assert [(event.who, event.act) for event in one.events()] == [
        ("system", "open"),
        ("participant", "prepare"),
        ("participant", "ask"),
        ("counterpart", "reply"),
    ]


def test_a_reply_that_could_not_be_had_is_fetched_later() -> None:
    side, store = Absent(), MemoryStore()
    one = session(NEGOTIATION, store, counterpart=side)
    one.act("d:1", "prepare", PREPARED)
    side.there = False
    screen = one.act("d:2", "ask", {})
    assert screen["problem"]
    assert one.events()[-1].act == "ask"
    side.there = True
    assert session(NEGOTIATION, store, counterpart=side).screen()["problem"] is None
    assert one.events()[-1].act == "reply"


def test_without_a_counterpart_nothing_is_opened() -> None:
    one = session(NEGOTIATION)
    assert one.screen()["counterpart"] == "absent"
    with pytest.raises(CounterpartUnavailable):
        one.act("d:1", "prepare", PREPARED)
    assert one.events() == ()


def test_the_next_attempt_is_opened_on_request_only_after_the_first_has_ended() -> None:
    one = session(NEGOTIATION, counterpart=local())
    one.act("d:1", "prepare", PREPARED)
    with pytest.raises(IllegalEvent):
        one.act("d:2", "again", {})
    one.act("d:3", "walk", {})
    one.act("d:4", "finish", {})
    screen = one.act("d:5", "again", {})
    assert screen["attempt"] == {"number": 2, "of": 2}
    assert one.events()[-1].act == "open"


class Interrupted(MemoryStore):
    """A store in which another page writes first, once."""

    def __init__(self, drafts: Iterator[Draft]) -> None:
        super().__init__()
        self._drafts = drafts

    def append(
        self, exercise: str, version: int, expected: int, drafts: tuple[Draft, ...]
    ) -> tuple[Event, ...]:
        for other in self._drafts:
            super().append(exercise, version, len(self.read(exercise)), (other,))
            break
        return super().append(exercise, version, expected, drafts)


def test_an_act_in_a_second_page_is_placed_behind_the_first_pages() -> None:
    other = Draft(
        id="lain:1", who="participant", act="answer", attempt=1, at="2026-11-22T06:00:00Z",
        data={"item": "l1", "chosen": ["c"]},
    )  # fmt: skip
    store = Interrupted(iter(()))
    one = session(PRACTICE, store)
    one.act("d:1", "answer", {"item": "l1", "chosen": ["b"]})
    store._drafts = iter((other,))
    one.act("d:2", "answer", {"item": "l1", "chosen": ["a"]})
    assert [event.id for event in one.events()] == ["d:1:open", "d:1", "lain:1", "d:2"]
