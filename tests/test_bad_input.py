"""What somebody pastes into a text field is a text, wherever it is shown afterwards."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest

from pamong import log
from pamong.dialogue import Dialogue
from pamong.errors import IllegalEvent
from pamong.event import Event
from pamong.grading.batch import grade
from pamong.grading.crew.workers import local
from pamong.grading.feedback import feedback
from pamong.kind import replay
from pamong.store import FileStore
from tests.kinds.cases import NAMES, bot_logs, case
from tests.values import replace

NASTY = {
    "script": "<script>window.hit = 1</script>",
    "attribute": '" autofocus onfocus="window.hit = 1" x=\'',
    "picture": "<img src=x onerror='window.hit = 1'><svg/onload=hit()>",
    "closing": "</p></td></li></textarea></style></script><iframe src=//contoh.id>",
    "comment": "--><!-- ]]> &lt;b&gt; &amp;amp;",
    "template": "{{ 7 * 7 }} {% raise %} ${7*7} #{7*7} %(x)s {0}",
    "markdown": "[tautan](javascript:hit()) ![](https://contoh.id/x.png) $$\\href{x}{y}$$ `a` **b** # c",
    "emoji": "keluarga 👨\u200d👩\u200d👧\u200d👦 bendera 🇮🇩 jempol 👍🏽",
    "arabic": "مرحبا بكم في الحوار",
    "bidi": "harga \u202e000.1\u202c dan \u2066dalam\u2069 \u200f",
    "controls": "nol \x00 lonceng \x07 lari \x1b[31m hapus \x7f",
    "surrogate": "setengah \ud83d emoji",
    "wide": "kata" * 400,
}
ALL = " ".join(NASTY.values())
PLAIN = "Teks biasa"
CONTROLS = dict.fromkeys([*range(32), 127], " ")


class Tags(HTMLParser):
    """What a page is made of, and what stands in it."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags, self.text = [], ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list) -> None:
        self.tags.append((tag, tuple(name for name, _ in attrs)))

    def handle_endtag(self, tag: str) -> None:
        self.tags.append(("/", tag))

    def handle_comment(self, data: str) -> None:
        self.tags.append(("!", data))

    def handle_data(self, data: str) -> None:
        self.text += data


def words(text: str) -> str:
    return " ".join(text.encode("utf-8", "replace").decode().split())


# ---- what the log tells, rendered ----


def spots(value: object, path: tuple = ()) -> Iterator[tuple]:
    """Where there are texts in the data of an event."""
    if isinstance(value, str):
        yield path
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from spots(inner, (*path, key))
    elif isinstance(value, list | tuple):
        for place, inner in enumerate(value):
            yield from spots(inner, (*path, place))


def got(value, path: tuple) -> str:
    for step in path:
        value = value[step]
    return value


def put(value, path: tuple, text: str):
    if not path:
        return text
    first, *rest = path
    if isinstance(value, dict):
        return {**value, first: put(value[first], tuple(rest), text)}
    return [put(each, tuple(rest), text) if n == first else each for n, each in enumerate(value)]


def written(name: str, text: str) -> tuple[tuple[Event, ...], int]:
    """The fullest log of a case with ``text`` in every place where a participant may write freely."""
    kind, brief, _ = case(name)
    longest = max(bot_logs(name), key=len)
    state, events, count = kind.start(brief), [], 0
    for event in longest:
        typed = event
        if event.who == "participant":
            for path in spots(event.data):
                try:
                    probe = replace(event, data=put(event.data, path, "Bebas #1 &c"))
                    kind.apply(brief, state, probe)
                except IllegalEvent:
                    continue
                longer = f"{text} {got(event.data, path)}"
                typed, count = replace(typed, data=put(typed.data, path, longer)), count + 1
        state = kind.apply(brief, state, typed)
        events.append(typed)
    return tuple(events), count


FREE = [name for name in NAMES if written(name, PLAIN)[1]]


def test_every_kind_in_which_people_write_is_tried() -> None:
    kinds = {name.partition(":")[0] for name in FREE}
    assert {"reflection", "canvas", "ranking", "matrix", "plan"} <= kinds


@pytest.mark.parametrize("name", FREE)
def test_a_written_text_is_rendered_as_text_and_as_nothing_else(name: str) -> None:
    kind, brief, _ = case(name)
    plain = Tags(kind.render(brief, replay(kind, brief, written(name, PLAIN)[0])))
    found = Tags(kind.render(brief, replay(kind, brief, written(name, ALL)[0])))
    assert found.tags == plain.tags
    if PLAIN in plain.text:
        assert words(ALL) in words(found.text)


@pytest.mark.parametrize("name", FREE)
def test_a_written_text_is_on_disk_as_it_was_typed(name: str, tmp_path: Path) -> None:
    """Half a character, which no file can hold, is the only thing that is replaced, and visibly so."""
    kind, brief, _ = case(name)
    form = dialogue(kind, brief, FileStore(tmp_path))
    events, _ = written(name, ALL)
    acts = [each for each in events if each.who == "participant" or each.attempt > 1]
    for event in acts:
        opens = event.act == "open"
        answer = form.receive(act(event.id, "again" if opens else event.act, event.data))
        assert answer["type"] == "ack", (event.act, answer.get("text"))
    found = log.parse((tmp_path / f"{brief.id}.jsonl").read_bytes(), brief.id).trusted()
    mine = [event.data for event in found if event.who == "participant"]
    typed = json.dumps([event.data for event in acts if event.who == "participant"])
    assert mine == json.loads(typed.replace("\\ud83d emoji", "\\ufffd emoji"))


def dialogue(kind, brief, store) -> Dialogue:
    return Dialogue(kind, brief, store, participant="p001", clock=lambda: datetime.now(UTC))


def act(id: str, name: str, data: object, **more: object) -> dict:
    return {"type": "act", "seq": 1, "id": id, "act": name, "data": data, **more}


# ---- what a page may send ----

LONG = 1_000_000


@pytest.fixture
def form(tmp_path: Path) -> Dialogue:
    kind, brief, _ = case("reflection")
    return dialogue(kind, brief, FileStore(tmp_path))


def prompt() -> str:
    return case("reflection")[1].prompts[0].id


@pytest.mark.parametrize(
    "message",
    [
        None, [], "act", 7, {}, {"type": "act"}, {"type": ["act"]}, {"type": "look"},
        act("x" * 201, "text", {}), act("a", "x" * 201, {}), act(7, "text", {}), act("a", None, {}),
        act("a", "text", []), act("a", "text", "teks"), {**act("a", "text", {}), "seq": "1"},
        {"type": "look", "n": "0"}, {"type": "hapus", "n": 0},
    ],
)  # fmt: skip
def test_what_is_no_message_gets_no_answer_and_leaves_no_trace(form: Dialogue, message) -> None:
    assert form.receive(message) is None
    assert form.look()["n"] == 0


@pytest.mark.parametrize(
    "data",
    [
        {}, {"prompt": "q"}, {"prompt": [], "text": "a"}, {"prompt": {"a": 1}, "text": "a"},
        {"prompt": None, "text": None}, {"prompt": "x", "text": "a", "more": 1},
        {"prompt": "tidak-ada", "text": "a"}, {1: 2}, {"prompt": float("nan"), "text": 10**400},
    ],
)  # fmt: skip
def test_data_of_wrong_types_are_refused_in_a_plain_sentence(form: Dialogue, data) -> None:
    answer = form.receive(act("a", "text", data))
    assert (answer["type"], answer["again"], answer["id"]) == ("refuse", False, "a")
    assert is_sentence(answer["text"])
    assert form.look()["n"] == 0


@pytest.mark.parametrize(
    "text",
    ["x" * LONG, "👨\u200d👩\u200d👧" * 20_000, "\x01" * 20_000, ["x"] * 5000],
    ids=["long", "emoji", "controls", "list"],
)
def test_what_is_too_large_is_refused_in_a_plain_sentence(form: Dialogue, text) -> None:
    answer = form.receive(act("a", "text", {"prompt": prompt(), "text": text}))
    assert (answer["type"], answer["again"]) == ("refuse", False)
    assert is_sentence(answer["text"])
    assert form.look()["n"] == 0


def test_data_nested_without_end_are_refused_in_a_plain_sentence(form: Dialogue) -> None:
    data: dict = {}
    for _ in range(100_000):
        data = {"a": data}
    answer = form.receive(act("a", "text", data))
    assert (answer["type"], is_sentence(answer["text"])) == ("refuse", True)


def is_sentence(text: str) -> bool:
    """Formal Indonesian for a participant: no code, no name of an error."""
    return text.endswith(".") and text[0].isupper() and not set(text) & set("{}[]<>_`")


def test_old_messages_sent_again_change_nothing(tmp_path: Path) -> None:
    kind, brief, _ = case("choice")
    form = dialogue(kind, brief, FileStore(tmp_path))
    events = [e for e in max(bot_logs("choice"), key=len) if e.who == "participant"]
    recording = [act(event.id, event.act, event.data, n=0, page="p") for event in events]
    for message in recording:
        assert form.receive(message)["type"] == "ack"
    before, screen = (tmp_path / f"{brief.id}.jsonl").read_bytes(), form.look()
    for message in [*reversed(recording), *recording]:
        assert form.receive(message)["type"] == "ack"
    assert (tmp_path / f"{brief.id}.jsonl").read_bytes() == before
    assert form.look() == screen


# ---- what a marker and the writer read ----


def test_a_written_text_is_text_on_the_feedback_page(released, logs, hand_in) -> None:
    typed = ALL.replace("\ud83d emoji", "\ufffd emoji")
    pages = {}
    for participant, text in (("p001", PLAIN), ("p002", typed)):
        played = logs(pemahaman="perfect", sikap="perfect")
        played["refleksi"] = reflection(text)
        hand_in(released, participant, played)
    grade(released, ["m0-contoh"], crew=local(1))
    assert feedback(released, "m0-contoh", workers=1) == 2
    for participant in ("p001", "p002"):
        path = released.feedback(participant, "m0-contoh") / "module.html"
        pages[participant] = Tags(path.read_text())
    assert pages["p002"].tags == pages["p001"].tags
    assert words(typed.translate(CONTROLS)) in words(pages["p002"].text.translate(CONTROLS))


def reflection(text: str) -> bytes:
    head = {"at": "2026-12-01T02:00:00.000Z", "exercise": "refleksi", "version": 1, "attempt": 1}
    entries = [
        {"act": "open", "who": "system", "data": {}},
        {"act": "text", "who": "participant", "data": {"prompt": "q1", "text": text}},
    ]
    lines = [{"n": n, "id": f"d:{n}", **head, **each} for n, each in enumerate(entries, 1)]
    return b"".join(json.dumps(line).encode() + b"\n" for line in lines)
