"""One exercise as a page talks to it: the exact messages in and out, the same for every page."""

from __future__ import annotations

import logging
import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from pamong.catalogue import PACKAGE, messages
from pamong.dialogue import Dialogue, Where, explain
from pamong.errors import CounterpartUnavailable, LogFull, ServiceError, StaleAppend
from pamong.kinds import choice
from pamong.log import LOG_LIMIT
from pamong.store import RESERVE, FileStore, MemoryStore
from pamong.view.assets import STATIC

NOW = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)
TEXTS = messages("form")
OPTIONS = tuple(choice.Option(id=id, text=id) for id in ("satu", "dua", "tiga"))


def brief(**changes) -> choice.Brief:
    content = {
        "kind": "choice",
        "id": "pemanasan",
        "version": 3,
        "title": "Pemanasan",
        "use": "graded",
        "stakes": "formative",
        "visibility": "marker",
        "minutes": 5,
        "items": (choice.Item(id="a", stem="Mana?", options=OPTIONS),),
    }
    return choice.Brief(**content | changes)


def dialogue(
    store=None, *, newer=False, language="", course="k1", module="m1", counts=True, **changes
) -> Dialogue:
    return Dialogue(
        choice.KIND,
        brief(**changes),
        store if store is not None else MemoryStore(),
        participant="p-001",
        clock=lambda: NOW,
        language=language,
        where=Where(course=course, module=module, counts=counts, newer=newer),
    )


def act(seq: int, name: str, data: object, id_: str | None = None, **more) -> dict:
    return {"type": "act", "seq": seq, "id": id_ or f"d-{seq}", "act": name, "data": data, **more}


def chosen(seq: int, option: str, id_: str | None = None, **more) -> dict:
    return act(seq, "answer", {"item": "a", "chosen": [option]}, id_, **more)


class BrokenStore(MemoryStore):
    """A store whose disk fails in the way it was told to."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error

    def append(self, *_):
        raise self.error


class UnreadableStore(MemoryStore):
    def read(self, _):
        raise ZeroDivisionError("a bug")


def test_an_act_is_acknowledged_with_its_number_and_id_and_the_new_screen():
    reply = dialogue().receive(chosen(1, "dua"))
    assert (reply["type"], reply["seq"], reply["id"]) == ("ack", 1, "d-1")
    assert reply["screen"]["view"]["answers"] == {"a": ["dua"]}
    assert reply["screen"]["saved"] == "pukul 13.30 WIB"
    assert "elsewhere" not in reply


def test_what_fails_after_an_act_was_recorded_does_not_deny_it():
    def view(it, state):
        if state.attempt and state.current.answers:
            raise ZeroDivisionError("a bug")
        return choice.KIND.view(it, state)

    store = MemoryStore()
    kind = replace(choice.KIND, view=view)
    about = {"participant": "p-001", "clock": lambda: NOW}
    reply = Dialogue(kind, brief(), store, **about).receive(chosen(1, "dua"))
    assert (reply["type"], reply["id"]) == ("ack", "d-1")
    assert reply["screen"]["problem"] == TEXTS("view.failed")
    assert store.read("pemanasan")[-1].id == "d-1"


def test_an_act_is_in_the_file_before_it_is_acknowledged(tmp_path):
    dialogue(FileStore(tmp_path)).receive(chosen(1, "dua"))
    assert b'"chosen":["dua"]' in (tmp_path / "pemanasan.jsonl").read_bytes()


def test_an_act_sent_again_after_a_reload_is_acknowledged_and_recorded_once():
    store = MemoryStore()
    dialogue(store).receive(chosen(1, "dua", "phone-1"))
    again = dialogue(store).receive(chosen(7, "dua", "phone-1"))
    assert (again["type"], again["seq"]) == ("ack", 7)
    assert [event.act for event in store.read("pemanasan")] == ["open", "answer"]


def test_an_illegal_act_is_refused_in_plain_words_and_leaves_no_trace():
    store = MemoryStore()
    reply = dialogue(store).receive(act(1, "answer", {"item": "zzz", "chosen": ["dua"]}))
    assert (reply["type"], reply["seq"], reply["again"]) == ("refuse", 1, False)
    assert reply["screen"]["n"] == 0
    assert store.read("pemanasan") == ()
    assert "zzz" not in reply["text"]
    assert reply["text"].endswith(".")


def test_a_full_disk_keeps_the_act_in_the_page():
    reply = dialogue(BrokenStore(OSError(28, "No space left on device"))).receive(chosen(1, "dua"))
    assert (reply["text"], reply["again"]) == (TEXTS("problem.disk"), True)


def test_a_database_that_refuses_keeps_the_act_in_the_page_and_is_logged(caplog):
    refusing = BrokenStore(ServiceError("The database service.db refuses (locked)."))
    with caplog.at_level(logging.ERROR):
        reply = dialogue(refusing).receive(chosen(1, "dua"))
    assert (reply["text"], reply["again"]) == (TEXTS("problem.disk"), True)
    assert caplog.messages == ["pemanasan: The database service.db refuses (locked)."]


def test_an_act_that_others_were_always_faster_than_stays_in_the_page():
    stale = StaleAppend("pemanasan", 1, 2)
    assert explain(stale, brief()) == (TEXTS("problem.unexpected"), True)


@pytest.mark.parametrize(
    ("error", "key"),
    [
        (CounterpartUnavailable("down"), "problem.unavailable"),
        (LogFull("pemanasan", 5, 4), "problem.full"),
        (ZeroDivisionError("a bug"), "problem.unexpected"),
    ],
)
def test_whatever_fails_is_told_in_indonesian_and_not_sent_again(error, key):
    assert explain(error, brief()) == (TEXTS(key), False)


def test_a_bug_is_logged_for_operators_and_never_shown(caplog):
    with caplog.at_level(logging.ERROR):
        reply = dialogue(BrokenStore(ZeroDivisionError("a bug"))).receive(chosen(1, "dua"))
    assert reply["text"] == TEXTS("problem.unexpected")
    assert "ZeroDivisionError: a bug" in caplog.text


def test_a_log_that_cannot_be_read_still_gives_a_title_and_a_sentence():
    assert dialogue(UnreadableStore()).look() == {
        "exercise": "pemanasan",
        "kind": "choice",
        "title": "Pemanasan",
        "problem": TEXTS("view.failed"),
    }


def test_damage_in_the_log_is_told_and_the_file_is_kept(tmp_path):
    damaged = b'{"n": 1}\n{"n": 2}\n'
    (tmp_path / "pemanasan.jsonl").write_bytes(damaged)
    made = dialogue(FileStore(tmp_path))
    assert made.look()["problem"] == TEXTS("problem.damaged")
    assert made.receive(chosen(1, "dua"))["text"] == TEXTS("problem.damaged")
    assert (tmp_path / "pemanasan.jsonl").read_bytes() == damaged


def test_refresh_gives_the_screen_as_it_is_now():
    reply = dialogue().receive({"type": "refresh"})
    assert (reply["type"], reply["screen"]["n"]) == ("screen", 0)


@pytest.mark.parametrize(
    "nonsense",
    [
        None,
        [],
        {},
        {"type": "act"},
        {"type": "act", "seq": "1", "id": "x", "act": "answer", "data": {}},
        {"type": "act", "seq": 1, "id": "x", "act": "answer", "data": []},
        {"type": "act", "seq": 1, "id": "x" * 201, "act": "answer", "data": {}},
        {"type": "look", "n": "0"},
        {"type": "screen", "screen": {}},
    ],
)
def test_what_is_not_a_message_of_the_form_is_ignored(nonsense):
    assert dialogue().receive(nonsense) is None


def test_an_event_that_is_too_large_is_refused_and_the_log_stays_as_it_was(tmp_path):
    made = dialogue(FileStore(tmp_path))
    made.receive(chosen(1, "dua"))
    before = (tmp_path / "pemanasan.jsonl").read_bytes()
    reply = made.receive(chosen(2, "x" * 70_000))
    assert (reply["type"], reply["again"]) == ("refuse", False)
    assert (tmp_path / "pemanasan.jsonl").read_bytes() == before


def test_a_finished_practice_shows_its_score_and_a_graded_one_does_not():
    reasons = {option.id: "Karena demikian." for option in OPTIONS}
    model = choice.Key(items={"a": choice.ItemKey(correct=("dua",), reasons=reasons)})
    for changes, value in (({"use": "practice", "model": model}, 1.0), ({}, None)):
        made = dialogue(**changes)
        made.receive(chosen(1, "dua"))
        score = made.receive(act(2, "finish", {}))["screen"]["score"]
        assert (score and score["value"]) == value


def test_the_page_never_gets_the_model_of_a_practice():
    reasons = {option.id: "Karena rahasia." for option in OPTIONS}
    model = choice.Key(items={"a": choice.ItemKey(correct=("dua",), reasons=reasons)})
    made = dialogue(use="practice", model=model)
    assert "Karena rahasia." not in str(made.receive(chosen(1, "satu")))
    assert "Karena rahasia." not in str(made.look())


def test_drafts_are_kept_apart_by_course_participant_module_exercise_and_version():
    here, there = dialogue(module="m1"), dialogue(module="m2", course="k2")
    assert here.scope == "k1/p-001/m1/pemanasan/3"
    assert there.scope == "k2/p-001/m2/pemanasan/3"


@pytest.mark.parametrize(
    ("use", "stakes", "counts", "badge"),
    [
        ("practice", "formative", False, "practice"),
        ("graded", "formative", True, "checked"),
        ("graded", "summative", True, "graded"),
        ("graded", "summative", False, "uncounted"),
    ],
)
def test_a_badge_says_what_answers_are_for(use, stakes, counts, badge):
    reasons = {option.id: "Karena demikian." for option in OPTIONS}
    model = choice.Key(items={"a": choice.ItemKey(correct=("dua",), reasons=reasons)})
    about = {"use": use, "stakes": stakes, "model": model if use == "practice" else None}
    assert dialogue(counts=counts, **about).look()["badge"] == badge
    assert TEXTS(f"use.{badge}")


def test_whoever_writes_is_told_well_before_no_text_fits_any_more(tmp_path):
    store = FileStore(tmp_path)
    made = dialogue(store)
    made.receive(chosen(1, "dua"))
    path = store.path("pemanasan")
    for share, told in ((0.85, False), (0.95, True)):
        blank = b" " * (int(share * (LOG_LIMIT - RESERVE)) - path.stat().st_size)
        with path.open("ab") as file:
            file.write(blank)
        assert store.room("pemanasan") == pytest.approx(1 - share, abs=1e-6)
        assert ("scarce" in made._dressed({"finished": False})) is told
    assert "scarce" not in made._dressed({"finished": True})


# ---- several pages at once ----


def test_a_look_at_what_the_page_knows_is_answered_by_one_word():
    made = dialogue()
    made.receive(chosen(1, "dua"))
    assert made.receive({"type": "look", "n": 2}) == {"type": "same"}


def test_a_look_brings_what_another_page_did_and_says_so():
    made = dialogue()
    made.receive(chosen(1, "dua", "phone-1"))
    reply = made.receive({"type": "look", "n": 0, "page": "pc", "version": 3})
    assert (reply["type"], reply["elsewhere"], reply["page"]) == ("screen", True, "pc")
    assert reply["screen"]["view"]["answers"] == {"a": ["dua"]}


def test_what_a_page_did_itself_is_not_told_as_somebody_elses():
    made = dialogue()
    made.receive(chosen(1, "dua", "pc-1"))
    reply = made.receive({"type": "look", "n": 0, "page": "pc", "version": 3})
    assert (reply["type"], "elsewhere" in reply) == ("screen", False)


def test_an_act_on_an_old_screen_brings_what_it_found_and_what_it_made():
    made = dialogue()
    made.receive(chosen(1, "dua", "phone-1"))
    reply = made.receive(chosen(1, "tiga", "pc-1", page="pc", n=0, version=3))
    assert reply["elsewhere"] is True
    assert reply["before"]["view"]["answers"] == {"a": ["dua"]}
    assert reply["screen"]["view"]["answers"] == {"a": ["tiga"]}


def test_an_act_that_was_lost_on_the_way_back_is_nobody_elses():
    made = dialogue()
    made.receive(chosen(1, "dua", "before-the-reload-1"))
    reply = made.receive(chosen(1, "dua", "before-the-reload-1", page="pc", n=0, version=3))
    assert (reply["type"], "elsewhere" in reply) == ("ack", False)


# ---- versions ----


def test_a_page_of_an_earlier_version_is_refused_and_gets_the_new_one():
    store = MemoryStore()
    made = dialogue(store)
    reply = made.receive(chosen(1, "dua", version=2))
    assert (reply["type"], reply["text"]) == ("refuse", TEXTS("problem.outdated"))
    assert reply["screen"]["brief"]["version"] == 3
    assert store.read("pemanasan") == ()
    assert made.receive({"type": "look", "n": 0, "version": 2})["type"] == "screen"


def test_the_screen_says_that_there_is_a_newer_version():
    assert dialogue(newer=True).look()["newer"] is True
    assert "newer" not in dialogue().look()


# ---- words ----


@pytest.mark.parametrize(
    ("area", "file"),
    [
        ("form", STATIC / "form.js"),
        ("form", STATIC / "components.js"),
        ("light", STATIC / "light.js"),
        ("notebook", PACKAGE / "labextension" / "static" / "remoteEntry.js"),
    ],
    ids=lambda value: getattr(value, "name", value),
)
def test_every_text_that_a_page_asks_for_is_in_its_catalogue(area, file):
    code = re.sub(r"/\*.*?\*/", "", file.read_text(encoding="utf-8"), flags=re.DOTALL)
    asked = set(re.findall(r'\b(?:say|show|trouble|play)\("([a-z.]+)"', code))
    assert asked
    assert asked <= set(messages(area).entries)
