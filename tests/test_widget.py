"""The form in a notebook, without a browser: the exact messages that a page sends and gets."""

from __future__ import annotations

import logging
import re
from datetime import UTC, datetime

import pytest

from pamong.catalogue import messages
from pamong.errors import CounterpartUnavailable, LogFull
from pamong.kinds import choice
from pamong.store import FileStore, MemoryStore
from pamong.view import assets
from pamong.view.widget import STUB, ExerciseWidget, explain

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


def widget(store=None, **changes) -> tuple[ExerciseWidget, list[dict]]:
    made = ExerciseWidget(
        choice.KIND,
        brief(**changes),
        store if store is not None else MemoryStore(),
        participant="p-001",
        clock=lambda: NOW,
    )
    sent: list[dict] = []
    made.send = lambda content, buffers=None: sent.append(content)
    return made, sent


def says(made: ExerciseWidget, content: object) -> None:
    """What arrives when the page calls ``model.send(content)``."""
    made._handle_msg({"content": {"data": {"method": "custom", "content": content}}, "buffers": []})


def act(seq: int, name: str, data: object, id_: str | None = None) -> dict:
    return {"type": "act", "seq": seq, "id": id_ or f"d-{seq}", "act": name, "data": data}


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


def test_an_act_is_acknowledged_with_its_number_and_the_new_screen():
    made, sent = widget()
    says(made, act(1, "answer", {"item": "a", "chosen": ["dua"]}))
    (reply,) = sent
    assert (reply["type"], reply["seq"]) == ("ack", 1)
    assert reply["screen"]["view"]["answers"] == {"a": ["dua"]}
    assert reply["screen"]["saved"] == "pukul 13.30 WIB"


def test_an_act_is_in_the_file_before_it_is_acknowledged(tmp_path):
    made, _ = widget(FileStore(tmp_path))
    files: list[bytes] = []
    made.send = lambda *_: files.append((tmp_path / "pemanasan.jsonl").read_bytes())
    says(made, act(1, "answer", {"item": "a", "chosen": ["dua"]}))
    assert b'"chosen":["dua"]' in files[0]


def test_an_act_sent_again_after_a_reload_is_acknowledged_and_recorded_once():
    store = MemoryStore()
    first, _ = widget(store)
    says(first, act(1, "answer", {"item": "a", "chosen": ["dua"]}, "phone-1"))
    again, sent = widget(store)
    says(again, act(7, "answer", {"item": "a", "chosen": ["dua"]}, "phone-1"))
    assert [(reply["type"], reply["seq"]) for reply in sent] == [("ack", 7)]
    assert [event.act for event in store.read("pemanasan")] == ["open", "answer"]


def test_an_illegal_act_is_refused_in_plain_words_and_leaves_no_trace():
    store = MemoryStore()
    made, sent = widget(store)
    says(made, act(1, "answer", {"item": "zzz", "chosen": ["dua"]}))
    (reply,) = sent
    assert (reply["type"], reply["seq"], reply["again"]) == ("refuse", 1, False)
    assert reply["screen"]["n"] == 0
    assert store.read("pemanasan") == ()
    assert "zzz" not in reply["text"]
    assert reply["text"].endswith(".")


def test_a_full_disk_keeps_the_act_in_the_page():
    made, sent = widget(BrokenStore(OSError(28, "No space left on device")))
    says(made, act(1, "answer", {"item": "a", "chosen": ["dua"]}))
    assert (sent[0]["text"], sent[0]["again"]) == (TEXTS("problem.disk"), True)


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
    made, sent = widget(BrokenStore(ZeroDivisionError("a bug")))
    with caplog.at_level(logging.ERROR):
        says(made, act(1, "answer", {"item": "a", "chosen": ["dua"]}))
    assert sent[0]["text"] == TEXTS("problem.unexpected")
    assert "ZeroDivisionError: a bug" in caplog.text


def test_a_log_that_cannot_be_read_still_gives_a_title_and_a_sentence():
    made, _ = widget(UnreadableStore())
    assert made.screen == {
        "exercise": "pemanasan",
        "kind": "choice",
        "title": "Pemanasan",
        "problem": TEXTS("problem.unexpected"),
    }


def test_damage_in_the_log_is_told_and_the_file_is_kept(tmp_path):
    damaged = b'{"n": 1}\n{"n": 2}\n'
    (tmp_path / "pemanasan.jsonl").write_bytes(damaged)
    made, sent = widget(FileStore(tmp_path))
    assert made.screen["problem"] == TEXTS("problem.damaged")
    says(made, act(1, "answer", {"item": "a", "chosen": ["dua"]}))
    assert sent[0]["text"] == TEXTS("problem.damaged")
    assert (tmp_path / "pemanasan.jsonl").read_bytes() == damaged


def test_refresh_gives_the_screen_as_it_is_now():
    made, sent = widget()
    says(made, {"type": "refresh"})
    assert [(reply["type"], reply["screen"]["n"]) for reply in sent] == [("screen", 0)]


@pytest.mark.parametrize(
    "nonsense",
    [
        None,
        [],
        {},
        {"type": "act"},
        {"type": "act", "seq": "1", "id": "x", "act": "answer", "data": {}},
        {"type": "act", "seq": 1, "id": "x", "act": "answer", "data": []},
        {"type": "screen", "screen": {}},
    ],
)
def test_what_is_not_a_message_of_the_form_is_ignored(nonsense):
    made, sent = widget()
    says(made, nonsense)
    assert sent == []


def test_a_finished_practice_shows_its_score_and_a_graded_one_does_not():
    reasons = {option.id: "Karena demikian." for option in OPTIONS}
    model = choice.Key(items={"a": choice.ItemKey(correct=("dua",), reasons=reasons)})
    for changes, value in (({"use": "practice", "model": model}, 1.0), ({}, None)):
        made, sent = widget(**changes)
        says(made, act(1, "answer", {"item": "a", "chosen": ["dua"]}))
        says(made, act(2, "finish", {}))
        score = sent[-1]["screen"]["score"]
        assert (score and score["value"]) == value


def test_the_page_never_gets_the_model_of_a_practice():
    reasons = {option.id: "Karena rahasia." for option in OPTIONS}
    model = choice.Key(items={"a": choice.ItemKey(correct=("dua",), reasons=reasons)})
    made, sent = widget(use="practice", model=model)
    says(made, act(1, "answer", {"item": "a", "chosen": ["satu"]}))
    assert "Karena rahasia." not in str(made.get_state())
    assert "Karena rahasia." not in str(sent)


def test_drafts_are_kept_apart_by_participant_exercise_and_version():
    made, _ = widget()
    assert made.scope == "p-001/pemanasan/3"


def test_the_stub_is_the_same_for_every_exercise_and_names_no_server():
    assert "http" not in STUB
    assert "pamong/static/" in STUB


@pytest.mark.parametrize(
    ("area", "file"),
    [
        ("form", assets.STATIC / "form.js"),
        ("form", assets.STATIC / "components.js"),
        ("notebook", assets.PACKAGE / "labextension" / "static" / "remoteEntry.js"),
    ],
    ids=lambda value: getattr(value, "name", value),
)
def test_every_text_that_a_page_asks_for_is_in_its_catalogue(area, file):
    code = re.sub(r"/\*.*?\*/", "", file.read_text(encoding="utf-8"), flags=re.DOTALL)
    asked = set(re.findall(r'\b(?:say|show|trouble|play)\("([a-z.]+)"', code))
    assert asked
    assert asked <= set(messages(area).entries)
