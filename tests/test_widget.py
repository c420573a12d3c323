"""The form in a notebook, without a browser: a dialogue behind an anywidget model."""

from __future__ import annotations

from datetime import UTC, datetime

from pamong.catalogue import messages
from pamong.dialogue import Dialogue, Where
from pamong.kinds import choice
from pamong.store import MemoryStore
from pamong.view.assets import revision
from pamong.view.widget import STUB, ExerciseWidget

NOW = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)
OPTIONS = tuple(choice.Option(id=id, text=id) for id in ("satu", "dua", "tiga"))


def brief(version: int = 3) -> choice.Brief:
    return choice.Brief(
        kind="choice",
        id="pemanasan",
        version=version,
        title="Pemanasan",
        use="graded",
        stakes="formative",
        visibility="marker",
        minutes=5,
        items=(choice.Item(id="a", stem="Mana?", options=OPTIONS),),
    )


def dialogue(store: MemoryStore, version: int = 3) -> Dialogue:
    return Dialogue(
        choice.KIND,
        brief(version),
        store,
        participant="p-001",
        clock=lambda: NOW,
        where=Where(course="k1", module="m1"),
    )


def widget(find) -> tuple[ExerciseWidget, list[dict]]:
    made, sent = ExerciseWidget(find), []
    made.send = lambda content, buffers=None: sent.append(content)
    return made, sent


def says(made: ExerciseWidget, content: object) -> None:
    """What arrives when the page calls ``model.send(content)``."""
    made._handle_msg({"content": {"data": {"method": "custom", "content": content}}, "buffers": []})


def act(seq: int, **more) -> dict:
    data = {"item": "a", "chosen": ["dua"]}
    return {"type": "act", "seq": seq, "id": f"d-{seq}", "act": "answer", "data": data, **more}


def test_a_message_of_the_page_is_answered_by_the_dialogue():
    store = MemoryStore()
    made, sent = widget(lambda: dialogue(store))
    says(made, act(1))
    assert [(reply["type"], reply["seq"], reply["id"]) for reply in sent] == [("ack", 1, "d-1")]
    assert [event.act for event in store.read("pemanasan")] == ["open", "answer"]


def test_what_is_not_a_message_of_the_form_is_not_answered():
    made, sent = widget(lambda: dialogue(MemoryStore()))
    says(made, {"type": "screen", "screen": {}})
    assert sent == []


def test_the_model_has_all_that_the_page_needs_to_begin():
    made, _ = widget(lambda: dialogue(MemoryStore()))
    state = made.get_state()
    assert state["scope"] == "k1/p-001/m1/pemanasan/3"
    assert state["screen"]["title"] == "Pemanasan"
    assert (state["language"], state["revision"]) == ("id", revision())
    assert state["trouble"] == messages("form")("view.failed")


def test_a_version_released_while_the_notebook_is_open_is_played_from_the_next_message_on():
    store, versions = MemoryStore(), iter((3, 4, 4))
    made, sent = widget(lambda: dialogue(store, next(versions)))
    says(made, {"type": "look", "n": 0, "version": 3, "page": "pc"})
    says(made, act(1, version=4))
    assert [reply["type"] for reply in sent] == ["screen", "ack"]
    assert {event.version for event in store.read("pemanasan")} == {4}


def test_the_stub_is_the_same_for_every_exercise_and_names_no_server():
    assert "http" not in STUB
    assert "pamong/static/" in STUB


def test_a_page_is_answered_even_where_the_exercise_cannot_be_found():
    found = iter([dialogue(MemoryStore())])

    def find():
        for each in found:
            return each
        raise OSError("the folder is away")

    made, sent = widget(find)
    says(made, act(1))
    says(made, {"type": "refresh"})
    says(made, {"type": "look", "n": 0})
    text = messages("form")("problem.disk")
    assert sent == [
        {"type": "refuse", "seq": 1, "id": "d-1", "text": text, "again": True},
        {
            "type": "screen",
            "screen": {
                "exercise": "pemanasan", "kind": "choice", "title": "Pemanasan", "problem": text,
            },
        },
    ]  # fmt: skip
