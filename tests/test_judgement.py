"""From answer logs to outcomes."""

from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pamong import log
from pamong.brief import load_brief, load_key
from pamong.course import Shelf
from pamong.event import Event
from pamong.judgement import judge
from pamong.kinds import KINDS
from pamong.outcome import Errored, Missing, Scored
from pamong.play import play

SMALL = Path(__file__).parent / "course_small"


def frozen(folder: Path) -> Shelf:
    """The small course's exercises as released in version 1."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in (SMALL / "course/source/m0-contoh").glob("*.brief.yaml"):
        (folder / path.name.replace(".brief", ".v1.brief")).write_bytes(path.read_bytes())
    for path in (SMALL / "graders/m0-contoh").glob("*.key.yaml"):
        (folder / path.name.replace(".key", ".v1.key")).write_bytes(path.read_bytes())
    return Shelf(folder)


@pytest.fixture(scope="session")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    return frozen(tmp_path_factory.mktemp("released"))


def events(bot: str = "perfect") -> tuple[Event, ...]:
    brief = load_brief(SMALL / "course/source/m0-contoh/pemahaman.brief.yaml")
    kind = KINDS[brief.kind]
    key = load_key(SMALL / "graders/m0-contoh/pemahaman.key.yaml", kind)
    return play(kind, brief, key, kind.bots[bot], rng=Random(1))


def written(played: tuple[Event, ...]) -> bytes:
    return b"".join(log.encode(event) for event in played)


def test_a_perfect_play_earns_the_maximum(shelf: Shelf) -> None:
    outcome = judge("pemahaman", 15, {"pemahaman": written(events())}, shelf)
    assert isinstance(outcome, Scored)
    assert (outcome.points, outcome.maximum) == (15, 15)


@pytest.mark.parametrize("logs", [{}, {"pemahaman": b""}, {"lain": b"x"}])
def test_nothing_played_is_missing(shelf: Shelf, logs: dict[str, bytes]) -> None:
    assert judge("pemahaman", 15, logs, shelf) == Missing(15)


def test_a_torn_last_line_does_not_cost_the_rest(shelf: Shelf) -> None:
    whole = written(events())
    outcome = judge("pemahaman", 15, {"pemahaman": whole + b'{"n":'}, shelf)
    assert outcome == judge("pemahaman", 15, {"pemahaman": whole}, shelf)


PLAYED = written(events())
LINES = PLAYED.splitlines(keepends=True)


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        (b"\xff" + PLAYED, "pemahaman.jsonl, line 1: not an event"),
        (LINES[1] + LINES[0] + b"".join(LINES[2:]), "pemahaman.jsonl, line 1: event number 2"),
        (b"".join(LINES[:1] + LINES[2:]), "pemahaman.jsonl, line 2: event number 3 where 2"),
        (PLAYED.replace(b'"exercise":"pemahaman"', b'"exercise":"sikap"'), "an event of 'sikap'"),
        (
            PLAYED.replace(b'"version":1', b'"version":7'),
            "played on version 7, released versions are 1",
        ),
        (
            LINES[0] + LINES[1].replace(b'"version":1', b'"version":2'),
            "the log mixes versions [1, 2]",
        ),
        (b"x" * (50 * 1024 * 1024), "the log has 52428800 bytes, more than 4194304"),
        (LINES[0].replace(b'"act":"open"', b'"act":"finish"'), "pemahaman, event 1 (finish)"),
        (PLAYED.replace(b'"chosen":["a"]', b'"chosen":NaN'), "not an event"),
        (PLAYED.replace(b'"chosen":["a"]', b'"chosen":{"a":1}'), "pemahaman, event 2 (answer)"),
    ],
)
def test_what_cannot_be_believed_is_errored_with_its_cause(
    shelf: Shelf, content: bytes, cause: str
) -> None:
    outcome = judge("pemahaman", 15, {"pemahaman": content}, shelf)
    assert isinstance(outcome, Errored)
    assert cause in outcome.cause


@given(st.binary(max_size=400))
def test_no_bytes_whatever_make_judging_fail(shelf: Shelf, content: bytes) -> None:
    judge("pemahaman", 15, {"pemahaman": content}, shelf)


@given(st.lists(st.integers(0, len(LINES) - 1), max_size=6))
def test_lines_in_any_order_never_earn_more_than_the_maximum(
    shelf: Shelf, order: list[int]
) -> None:
    content = b"".join(LINES[place] for place in order)
    outcome = judge("pemahaman", 15, {"pemahaman": content}, shelf)
    assert not isinstance(outcome, Scored) or 0 <= outcome.points <= 15
