"""The other side, in this process and in its own."""

import os
import subprocess
import sys
from collections.abc import Iterator
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from random import Random

import msgspec
import pytest

from pamong.brief import load_brief
from pamong.counterpart import HttpCounterpart, LocalCounterpart, expected_replies, verify
from pamong.counterpart_server import Table
from pamong.course import Shelf
from pamong.errors import CounterpartError, CounterpartUnavailable, OtherEngine, TamperedLog
from pamong.event import Event
from pamong.kinds import KINDS
from pamong.play import play
from tests.values import replace

HERE = Path(__file__).parent
KIND = KINDS["negotiation"]
BRIEF = load_brief(HERE / "kinds/negotiation.brief.yaml")
KEY = BRIEF.model  # type: ignore[attr-defined]


def transcript(bot: str = "trade") -> tuple[Event, ...]:
    return play(KIND, BRIEF, KEY, KIND.bots[bot], rng=Random(1))


def shelf(tmp_path: Path) -> Shelf:
    tmp_path.mkdir(exist_ok=True, parents=True)
    text = (HERE / "kinds/negotiation.brief.yaml").read_text(encoding="utf-8")
    (tmp_path / f"{BRIEF.id}.v1.brief.yaml").write_text(text, encoding="utf-8")
    return Shelf(tmp_path)


def test_a_transcript_as_it_was_played_is_verified() -> None:
    verify(KIND, BRIEF, KEY, transcript())


@pytest.mark.parametrize("bot", sorted(set(KIND.bots) - {"hard"}))
def test_every_altered_reply_is_found(bot: str) -> None:
    events = transcript(bot)
    for place, event in enumerate(events):
        if event.who == "counterpart" and event.act == "reply":
            forged = replace(event, data={**event.data, "text": "Baik, kami setuju saja."})
            with pytest.raises(TamperedLog, match=f"event {event.n}: the counterpart would not"):
                verify(KIND, BRIEF, KEY, (*events[:place], forged, *events[place + 1 :]))


def test_a_reply_left_out_is_found() -> None:
    events = transcript()
    place = next(p for p, event in enumerate(events) if event.act == "reply")
    with pytest.raises(TamperedLog, match="a reply of the counterpart is missing"):
        verify(KIND, BRIEF, KEY, (*events[:place], *events[place + 1 :]))


def test_a_move_exchanged_for_another_is_found() -> None:
    events = transcript()
    place = next(p for p, event in enumerate(events) if event.act == "share")
    other = "data" if events[place].data["issue"] != "data" else "staf"
    forged = replace(events[place], data={"issue": other})
    with pytest.raises(TamperedLog):
        verify(KIND, BRIEF, KEY, (*events[:place], forged, *events[place + 1 :]))


def test_a_payoff_variant_of_ones_own_making_is_found() -> None:
    events = transcript()
    forged = replace(events[0], data={"variant": "milik-saya"})
    with pytest.raises(TamperedLog, match="no such payoff variant"):
        verify(KIND, BRIEF, KEY, (forged, *events[1:]))


def test_a_log_played_on_another_engine_is_told_apart_from_a_forged_one() -> None:
    events = transcript()
    older = replace(events[0], data={**events[0].data, "engine": 0})
    with pytest.raises(
        OtherEngine, match="played against counterpart engine 0, engine 1 is installed"
    ):
        verify(KIND, BRIEF, KEY, (older, *events[1:]))


def test_the_replies_of_this_engine_are_the_ones_it_always_gave() -> None:
    """Raise ENGINE in the counterpart, then this fingerprint, when the policy or a wording changes."""
    said = [
        (event.act, event.data)
        for bot in ("capitulate", "concede", "random", "trade", "walker")
        for event in transcript(bot)
        if event.who == "counterpart"
    ]
    assert KIND.reactive is not None
    assert (KIND.reactive.engine, sha256(msgspec.json.encode(said)).hexdigest()[:16]) == (
        1,
        "b76406164a74a66b",
    )


def test_the_variant_depends_on_participant_and_attempt_and_is_the_same_again() -> None:
    def variants(participant: str) -> list[object]:
        side = LocalCounterpart(KIND, BRIEF, KEY, participant=participant, secret=b"s")
        return [side.open(BRIEF.id, 1, attempt)["variant"] for attempt in range(1, 6)]

    assert variants("p001") == variants("p001")
    assert all(one != other for one, other in pairwise(variants("p001")))
    assert len({tuple(variants(f"p{n:03}")) for n in range(40)}) == 2


def test_a_transcript_may_grow_but_not_be_rewritten(tmp_path: Path) -> None:
    table = Table((shelf(tmp_path),), b"rahasia")
    opening = table.open("p001", BRIEF.id, 1, 1)["data"]
    events = play(
        KIND, BRIEF, KEY, KIND.bots["trade"], rng=Random(1), opening=lambda attempt: opening
    )
    asked = next(place for place, event in enumerate(events) if event.act == "ask")
    first = table.respond("p001", BRIEF.id, 1, events[: asked + 1])
    assert table.respond("p001", BRIEF.id, 1, events[: asked + 1]) == first
    other = replace(events[asked], act="walk", id="lain")
    with pytest.raises(CounterpartError, match="differs from the one that was played"):
        table.respond("p001", BRIEF.id, 1, (*events[:asked], other))


def test_an_attempt_opened_with_another_variant_is_refused(tmp_path: Path) -> None:
    table = Table((shelf(tmp_path),), b"rahasia")
    right = table.open("p001", BRIEF.id, 1, 1)["data"]["variant"]
    wrong = next(v for v in KIND.reactive.variants(KEY) if v != right)  # type: ignore[union-attr]
    events = play(
        KIND,
        BRIEF,
        KEY,
        KIND.bots["trade"],
        rng=Random(1),
        opening=lambda attempt: {"variant": wrong},
    )
    with pytest.raises(CounterpartError, match="attempt 1 was opened by somebody else"):
        table.respond("p001", BRIEF.id, 1, events[:2])


def test_an_exercise_that_was_not_released_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CounterpartError, match="lain version 1 has not been released"):
        Table((shelf(tmp_path),), b"rahasia").open("p001", "lain", 1, 1)


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    (tmp_path / "course").mkdir()
    (tmp_path / "course/programme.yaml").write_text(
        "{title: Uji, course_id: uji, roles: [lurah], cohorts: [], modules: [{id: m, title: M, jp: 1}]}",
        encoding="utf-8",
    )
    shelf(tmp_path / "graders/m/released")
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "pamong.counterpart_server"),
            *("--course", str(tmp_path), "--port-file", str(tmp_path / "port")),
        ],
        env={**os.environ, "PAMONG_COUNTERPART_TOKEN": "kunci"},
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        port = process.stdout.readline().strip()
        yield f"http://127.0.0.1:{port}"
        process.terminate()


def test_a_process_of_its_own_plays_as_this_one_would(address: str) -> None:
    far = HttpCounterpart(address, "kunci", participant="p001")
    opening = far.open(BRIEF.id, 1, 1)
    events = play(
        KIND, BRIEF, KEY, KIND.bots["trade"], rng=Random(1), opening=lambda attempt: opening
    )
    for place, event in enumerate(events):
        if event.who == "participant":
            so_far = events[: place + 1]
            assert far.respond(BRIEF.id, 1, so_far) == expected_replies(KIND, BRIEF, KEY, so_far)


def test_a_wrong_token_is_turned_away(address: str) -> None:
    with pytest.raises(CounterpartError, match="refused \\(403\\)"):
        HttpCounterpart(address, "salah", participant="p001").open(BRIEF.id, 1, 1)


def test_nobody_there_says_how_to_start_one() -> None:
    with pytest.raises(CounterpartUnavailable, match="Start it with `pamong preview`"):
        HttpCounterpart("http://127.0.0.1:9", "kunci", participant="p001").open("x", 1, 1)
