"""Seals under the counterpart's replies: they save time, and change nothing."""

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from pamong import log
from pamong.counterpart import LocalCounterpart, verify
from pamong.counterpart_server import Table
from pamong.course import Exercise, Shelf
from pamong.errors import TamperedLog
from pamong.event import Event
from pamong.judgement import judge
from pamong.outcome import Errored, Scored
from pamong.play import play
from pamong.roster import Participant
from pamong.seal import SEALING_KEY, SECRET, Signet, key_beside, sealing_key
from pamong.session import Session
from pamong.simulate import Person, answer_logs
from pamong.store import FileStore
from tests.test_session import ticking
from tests.test_simulate import DEADLINE
from tests.values import replace

TEMPLATES = Path(__file__).parent.parent / "templates/exercises"
REACTIVE = ("branching", "coalition", "mediation", "negotiation")
SECRET_OF_COURSE = b"rahasia kursus yang cukup panjang"
SAID = "the counterpart would not have said this"
OURS = Signet(sealing_key(SECRET_OF_COURSE), "p001")


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    """The worked example of every reactive kind, graded: in two versions, so with two cases each."""
    folder = tmp_path_factory.mktemp("released")
    for kind in REACTIVE:
        brief = yaml.safe_load((TEMPLATES / f"{kind}.brief.yaml").read_text(encoding="utf-8"))
        key = brief.pop("model")
        for version in (1, 2):
            own = {**brief, "id": kind, "use": "graded", "version": version}
            for part, content in (("brief", own), ("key", key)):
                path = folder / f"{kind}.v{version}.{part}.yaml"
                path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return Shelf(folder)


def side(exercise: Exercise, participant: str = "p001") -> LocalCounterpart:
    return LocalCounterpart(
        exercise.kind,
        exercise.brief,
        exercise.key,
        participant=participant,
        secret=SECRET_OF_COURSE,
    )


@cache
def lines(shelf: Shelf, kind: str, bot: str, seed: int, participant: str = "p001") -> list[bytes]:
    """The lines of a log that a bot has played against the counterpart, which seals its replies."""
    exercise = shelf.get(kind, 1)
    other = side(exercise, participant)
    events = play(
        exercise.kind,
        exercise.brief,
        exercise.key,
        exercise.kind.bots[bot],
        rng=Random(seed),
        opening=lambda attempt: other.open(kind, 1, attempt),
        attempts=2,
    )
    sealed: list[Event] = []
    for place, event in enumerate(events):
        if event.who == "participant" or event.act == "open":
            sealed.append(event)
            due = other.respond(kind, 1, tuple(sealed)) if event.act != "open" else ()
            for action, reply in zip(due, events[place + 1 :], strict=False):
                sealed.append(replace(reply, seal=action.seal))
    assert len(sealed) == len(events)
    return [log.line(event) for event in sealed]


def reach(shelf: Shelf, content: bytes, signet: Signet = OURS, version: int = 1) -> int:
    found = json.loads(content.partition(b"\n")[0])["exercise"]
    exercise = shelf.get(found, version)
    events = log.parse(content, found).trusted()
    return signet.reach(exercise.kind, exercise.brief, exercise.key, events, content)


def alike(shelf: Shelf, content: bytes) -> Any:
    """The outcome of a log that the seals lead to, after it was found to be that without them."""
    (name,) = {json.loads(content.partition(b"\n")[0])["exercise"]}
    with_seals = judge(name, 10, {name: content}, shelf, OURS)
    assert with_seals == judge(name, 10, {name: content}, shelf)
    return with_seals


@pytest.mark.parametrize(
    ("kind", "bot"),
    [
        ("branching", "normative"),
        ("coalition", "person"),
        ("mediation", "normative"),
        ("negotiation", "trade"),
    ],
)
def test_the_newest_seal_covers_the_whole_of_a_finished_log(
    shelf: Shelf, kind: str, bot: str
) -> None:
    played = lines(shelf, kind, bot, 1)
    content = b"".join(played)
    last = max(place for place, each in enumerate(played, 1) if b'"seal":"' in each)
    assert reach(shelf, content) == last == len(played)
    assert isinstance(alike(shelf, content), Scored)


# ---------------------------------------------------------------- what somebody may do to a log


def _numbered(played: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**event, "n": place} for place, event in enumerate(played, 1)]


def _written(played: list[dict[str, Any]]) -> bytes:
    return b"".join(
        json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
        for event in played
    )


def _cut(played: list[dict[str, Any]], at: int, _: int) -> bytes:
    return _written(played[: at + 1])


def _drop(played: list[dict[str, Any]], at: int, _: int) -> bytes:
    return _written(_numbered([*played[:at], *played[at + 1 :]]))


def _repeat(played: list[dict[str, Any]], at: int, other: int) -> bytes:
    return _written(_numbered([*played[:other], played[at], *played[other:]]))


def _exchange(played: list[dict[str, Any]], at: int, other: int) -> bytes:
    one, two = played[at], played[other]
    played = [*played]
    played[at], played[other] = {**one, "data": two["data"]}, {**two, "data": one["data"]}
    return _written(played)


def _forge(played: list[dict[str, Any]], at: int, _: int) -> bytes:
    text = json.dumps(played[at]["data"])
    digit = next((place for place, letter in enumerate(text) if letter.isdigit()), -1)
    changed = text[:digit] + str(9 - int(text[digit])) + text[digit + 1 :] if digit >= 0 else text
    return _written([*played[:at], {**played[at], "data": json.loads(changed)}, *played[at + 1 :]])


def _reseal(played: list[dict[str, Any]], at: int, other: int) -> bytes:
    stolen = played[other].get("seal", "ab" * 16)
    return _written([*played[:at], {**played[at], "seal": stolen}, *played[at + 1 :]])


def _unseal(played: list[dict[str, Any]], at: int, _: int) -> bytes:
    bare = [{k: v for k, v in event.items() if k != "seal"} for event in played[at:]]
    return _written([*played[:at], *bare])


def _reformat(played: list[dict[str, Any]], at: int, _: int) -> bytes:
    before, after = _written(played[:at]), _written(played[at + 1 :])
    return before + json.dumps(played[at]).encode() + b"\n" + after


def _retime(played: list[dict[str, Any]], at: int, _: int) -> bytes:
    return _written([*played[:at], {**played[at], "at": "2020"}, *played[at + 1 :]])


def _nothing(played: list[dict[str, Any]], _: int, __: int) -> bytes:
    return _written(played)


Change = Callable[[list[dict[str, Any]], int, int], bytes]
CHANGES: tuple[Change, ...] = (
    _cut, _drop, _repeat, _exchange, _forge, _reseal, _unseal, _reformat, _retime, _nothing,
)  # fmt: skip


@settings(max_examples=60)
@given(
    st.sampled_from(REACTIVE),
    st.sampled_from(["random", "person", "normative"]),
    st.integers(0, 3),
    st.lists(
        st.tuples(st.sampled_from(CHANGES), st.integers(0, 500), st.integers(0, 500)),
        min_size=1,
        max_size=3,
    ),
)
def test_sealed_or_not_a_log_is_judged_alike_whatever_was_done_to_it(
    shelf: Shelf, kind: str, bot: str, seed: int, changes: list[tuple[Change, int, int]]
) -> None:
    content = b"".join(lines(shelf, kind, bot, seed))
    for change, at, other in changes:
        played = [json.loads(line) for line in content.splitlines()]
        content = change(played, at % len(played), other % len(played))
    if not content:
        return
    outcome = alike(shelf, content)
    covered = reach(shelf, content) if not log.parse(content, kind).damage else 0
    exercise = shelf.get(kind, 1)
    verify(  # what a seal covers would have been verified anyhow
        exercise.kind, exercise.brief, exercise.key, log.parse(content, kind).events[:covered]
    )
    assert isinstance(outcome, Scored | Errored)


def test_what_is_played_after_the_newest_seal_is_worked_out_as_ever(shelf: Shelf) -> None:
    played = [json.loads(line) for line in lines(shelf, "negotiation", "trade", 1)]
    asked = next(place for place, event in enumerate(played) if event["act"] == "offer")
    honest, reply = _written(played[: asked + 1]), played[asked + 1]
    assert 0 < reach(shelf, honest) < asked + 1
    assert reach(shelf, honest + _written([{**reply, "seal": ""}])) < asked + 1
    forged = {**reply, "seal": "", "data": {**reply["data"], "text": "Kami setuju."}}
    outcome = alike(shelf, honest + _written([forged]))
    assert outcome == Errored(10, str(TamperedLog("negotiation", asked + 2, SAID)))


def test_a_forged_reply_under_a_seal_is_refused_in_the_same_words(shelf: Shelf) -> None:
    played = [json.loads(line) for line in lines(shelf, "negotiation", "trade", 1)]
    for place, event in enumerate(played):
        if event["act"] == "reply":
            forged = {**event, "data": {**event["data"], "text": "Kami setuju saja."}}
            content = _written([*played[:place], forged, *played[place + 1 :]])
            assert reach(shelf, content) == 0
            assert alike(shelf, content) == Errored(
                10, str(TamperedLog("negotiation", place + 1, SAID))
            )


def test_a_seal_fits_one_participant_one_exercise_one_case_and_one_key_only(shelf: Shelf) -> None:
    content = b"".join(lines(shelf, "negotiation", "trade", 1))
    events = log.parse(content, "negotiation").trusted()
    exercise = shelf.get("negotiation", 1)
    case = exercise.kind, exercise.brief, exercise.key
    assert OURS.reach(*case, events, content) == len(events)
    assert replace(OURS, participant="p002").reach(*case, events, content) == 0
    assert Signet(sealing_key(b"rahasia lain"), "p001").reach(*case, events, content) == 0
    renamed = replace(exercise.brief, id="lain"), exercise.key
    assert OURS.reach(exercise.kind, *renamed, events, content) == 0
    newer = shelf.get("negotiation", 2)
    assert OURS.reach(newer.kind, newer.brief, newer.key, events, content) == 0
    firmer = replace(exercise.key, temper=replace(exercise.key.temper, insults=9))  # type: ignore[attr-defined, call-arg]
    assert OURS.reach(exercise.kind, exercise.brief, firmer, events, content) == 0
    reactive = exercise.kind.reactive
    assert reactive is not None
    raised = replace(exercise.kind, reactive=replace(reactive, engine=reactive.engine + 1))
    assert OURS.reach(raised, exercise.brief, exercise.key, events, content) == 0


def test_a_stolen_seal_saves_nothing_and_harms_nothing(shelf: Shelf) -> None:
    mine = lines(shelf, "negotiation", "trade", 1)
    theirs = lines(shelf, "negotiation", "trade", 1, "p002")
    honest = alike(shelf, b"".join(mine))
    taken = [json.loads(line) for line in theirs]
    assert reach(shelf, b"".join(theirs)) == 0
    assert isinstance(alike(shelf, b"".join(theirs)), Scored)
    stolen = [{**json.loads(line)} for line in mine]
    stolen[-1]["seal"] = taken[-1]["seal"]
    assert reach(shelf, _written(stolen)) == 0
    assert alike(shelf, _written(stolen)) == honest
    earlier = next(each["seal"] for each in stolen if each.get("seal"))
    stolen[-1]["seal"] = earlier
    assert reach(shelf, _written(stolen)) == 0
    assert alike(shelf, _written(stolen)) == honest


@pytest.mark.parametrize("seal", ["x" * 5000, "ß€😀", "0" * 32, "\x00"])
def test_whatever_stands_where_a_seal_belongs_is_no_seal(shelf: Shelf, seal: str) -> None:
    played = [json.loads(line) for line in lines(shelf, "negotiation", "trade", 1)]
    honest = alike(shelf, _written(played))
    for place in (0, 1, len(played) - 1):
        content = _written([*played[:place], {**played[place], "seal": seal}, *played[place + 1 :]])
        assert alike(shelf, content) == honest


# ---------------------------------------------------------------- who seals, and who need not


def test_a_session_writes_seals_that_cover_what_was_played(shelf: Shelf, tmp_path: Path) -> None:
    exercise, store = shelf.get("mediation", 1), FileStore(tmp_path)
    brief: Any = exercise.brief
    session = Session(
        exercise.kind,
        exercise.brief,
        store,
        participant="p001",
        clock=ticking(),
        counterpart=side(exercise),
    )
    session.act("a1", "begin", {"wording": brief.wordings["begin"][0].id})
    session.act("a2", "withdraw", {})
    session.act("a3", "finish", {})
    content = (tmp_path / "mediation.jsonl").read_bytes()
    assert content.count(b'"seal":"') == 3
    assert reach(shelf, content) == len(store.read("mediation"))


def test_a_process_of_its_own_seals_as_this_one_does(shelf: Shelf) -> None:
    exercise = shelf.get("negotiation", 1)
    table = Table((shelf,), SECRET_OF_COURSE)
    events = log.parse(b"".join(lines(shelf, "negotiation", "trade", 1)), "negotiation").trusted()
    first = next(place for place, event in enumerate(events) if event.who == "participant")
    for end in range(first + 1, first + 6):
        if events[end - 1].who == "participant":
            said = table.respond("p001", "negotiation", 1, events[:end])["actions"]
            assert [each["seal"] for each in said] == [
                each.seal for each in side(exercise).respond("negotiation", 1, events[:end])
            ]


def test_nobody_seals_a_transcript_that_was_tampered_with(shelf: Shelf) -> None:
    exercise = shelf.get("negotiation", 1)
    events = log.parse(b"".join(lines(shelf, "negotiation", "trade", 1)), "negotiation").trusted()
    place = next(place for place, event in enumerate(events) if event.act == "reply")
    forged = replace(events[place], data={**events[place].data, "text": "Kami setuju saja."})
    with pytest.raises(TamperedLog):
        side(exercise).respond("negotiation", 1, (*events[:place], forged, events[place + 1]))


def test_practice_has_no_seals() -> None:
    from tests.test_counterpart import BRIEF, KEY, KIND  # noqa: PLC0415

    other = LocalCounterpart(KIND, BRIEF, KEY, participant="p001", secret=SECRET_OF_COURSE)
    events = play(
        KIND,
        BRIEF,
        KEY,
        KIND.bots["trade"],
        rng=Random(1),
        opening=lambda attempt: other.open(BRIEF.id, 1, attempt),
    )
    last = max(place for place, event in enumerate(events, 1) if event.who == "participant")
    assert [action.seal for action in other.respond(BRIEF.id, 1, events[:last])] == [""]


def test_simulated_people_hand_in_logs_with_seals(shelf: Shelf) -> None:
    someone = Participant(id="p001", name="Ani", role="lurah", region="Contoh", cohort="a01")
    person = Person(someone, 0.6, 1.0, (DEADLINE,))
    logs = answer_logs(shelf, SECRET_OF_COURSE, person, 1)
    assert sorted(logs) == sorted(REACTIVE)
    for name, content in logs.items():
        assert (
            0
            < reach(shelf, content, version=2)
            == max(each.n for each in log.parse(content, name).events if each.who == "counterpart")
        )


# ---------------------------------------------------------------- keys


def test_the_key_of_seals_is_not_the_secret_nor_tells_it() -> None:
    assert sealing_key(SECRET_OF_COURSE) != SECRET_OF_COURSE
    assert len(sealing_key(b"s")) == 32
    assert repr(OURS) == "Signet(participant='p001')"


@pytest.mark.parametrize(
    ("files", "key"),
    [
        ({}, b""),
        ({SECRET: b"s" * 32}, sealing_key(b"s" * 32)),
        ({SECRET: b""}, b""),
        ({SECRET: b"s" * 31}, b""),
        ({SEALING_KEY: b"k" * 32}, b"k" * 32),
        ({SEALING_KEY: b""}, b""),
    ],
)
def test_a_key_is_found_beside_the_keys_and_nothing_short_is_one(
    tmp_path: Path, files: dict[str, bytes], key: bytes
) -> None:
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    assert key_beside(tmp_path) == key


def test_events_without_a_seal_are_written_as_they_always_were() -> None:
    event = Event(
        n=1, id="a", at="t", who="system", act="open", data={"b": [1.5, "é"]},
        exercise="x", version=1, attempt=1,
    )  # fmt: skip
    line = (
        '{"n":1,"id":"a","at":"t","who":"system","act":"open","data":{"b":[1.5,"é"]},'
        '"exercise":"x","version":1,"attempt":1}\n'
    ).encode()
    assert log.line(event) == line
    assert log.parse(line, "x").events == (event,)
    sealed = replace(event, seal="ab")
    assert log.parse(log.line(sealed), "x").events == (sealed,)
