"""Answer logs as bytes."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pamong import log
from pamong.errors import DamagedLog, LogFull
from pamong.event import Draft, Event

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)
DRAFTS = st.lists(
    st.builds(
        Draft,
        id=st.uuids().map(str),
        who=st.sampled_from(["participant", "counterpart", "system"]),
        act=st.text(min_size=1, max_size=12),
        attempt=st.integers(1, 3),
        at=st.just("2026-11-22T01:02:03.000Z"),
        data=st.dictionaries(st.text(max_size=8), JSON, max_size=3),
    ),
    max_size=6,
).map(tuple)


def written(drafts: tuple[Draft, ...]) -> tuple[tuple[Event, ...], list[bytes]]:
    events = log.number("kasus", 2, drafts, 0)
    return events, [log.encode(event) for event in events]


def line(n: object = 1, **changes: object) -> bytes:
    event = {
        "n": n, "id": f"d:{n}", "at": "2026-11-22T01:02:03.000Z", "who": "participant",
        "act": "answer", "data": {}, "exercise": "kasus", "version": 1, "attempt": 1,
    }  # fmt: skip
    return json.dumps({**event, **changes}).encode() + b"\n"


@given(DRAFTS)
def test_what_is_written_is_read_back(drafts: tuple[Draft, ...]) -> None:
    events, lines = written(drafts)
    assert log.parse(b"".join(lines), "kasus") == log.Log(events)


@given(DRAFTS, st.data())
def test_no_prefix_of_bytes_loses_an_event_that_was_written_whole(
    drafts: tuple[Draft, ...], data: st.DataObject
) -> None:
    events, lines = written(drafts)
    content = b"".join(lines)
    cut = data.draw(st.integers(0, len(content)))
    found = log.parse(content[:cut], "kasus")
    whole = content[:cut].count(b"\n")
    assert found.events[:whole] == events[:whole]
    assert len(found.events) in (whole, whole + 1)
    assert found.damage == ()


@given(st.binary(max_size=300))
def test_any_bytes_are_read_without_an_exception(content: bytes) -> None:
    log.parse(content, "kasus")


def test_a_torn_last_line_is_reported_and_the_rest_kept() -> None:
    found = log.parse(line(1) + line(2) + b'{"n":3,"id":', "kasus")
    assert [event.n for event in found.events] == [1, 2]
    assert found.torn == b'{"n":3,"id":'
    assert found.trusted() == found.events


@pytest.mark.parametrize(
    ("content", "line_number", "reason"),
    [
        (b"\xff\xfe\n" + line(2), 1, "not an event"),
        (line(1) + b"{}\n", 2, "not an event (Object missing required field `n`)"),
        (line(1) + line(3), 2, "event number 3 where 2 belongs"),
        (line(2) + line(1), 1, "event number 2 where 1 belongs"),
        (line(1, exercise="lain"), 1, "an event of 'lain', not of 'kasus'"),
        (line(1, attempt=0), 1, "attempt and version count from 1"),
        (line(1, data={"x": float("nan")}), 1, "not an event"),
        (line("1"), 1, "not an event (Expected `int`, got `str` - at `$.n`)"),
        (line(1, who="grader"), 1, "not an event (Invalid enum value 'grader' - at `$.who`)"),
        (
            line(1).replace(b"{}", b'{"x":' + b"[" * 40 + b"]" * 40 + b"}"),
            1,
            "nested deeper than 16",
        ),
        (line(1).replace(b"{}", b'{"x":' + b"[" * 9000 + b"]" * 9000 + b"}"), 1, "not an event"),
        (line(1, data={"x": "y" * 70_000}), 1, "the line has"),
    ],
)
def test_damage_names_its_line(content: bytes, line_number: int, reason: str) -> None:
    found = log.parse(content, "kasus")
    assert found.damage[0].line == line_number
    assert found.damage[0].reason.startswith(reason)
    with pytest.raises(DamagedLog, match=f"kasus.jsonl, line {line_number}: "):
        found.trusted()


DEEP = line(1).replace(b"{}", b'{"x":' + b"[" * 40 + b"]" * 40 + b"}")
WIDE = line(1, data={"x": [[]] * 30})
PIECES = st.one_of(
    st.builds(line, st.integers(1, 4)),
    st.sampled_from(
        [b"\n", b" \n", b"{}\n", b"[{}\n", b"{\n", line(2).rstrip(b"\n"), line(1)[:-40], DEEP, WIDE]
    ),
    st.binary(max_size=6),
)


@given(st.lists(PIECES, max_size=6).map(b"".join))
def test_a_log_read_at_once_is_read_as_line_by_line(content: bytes) -> None:
    """Behind a torn tail every line is looked at by itself."""
    content += b"\n"
    at_once, one_by_one = (log.parse(it, "kasus") for it in (content, content + b'{"n"'))
    assert at_once.events == one_by_one.events
    assert [str(it) for it in at_once.damage] == [str(it) for it in one_by_one.damage]


def test_damage_in_the_middle_keeps_every_other_event() -> None:
    found = log.parse(line(1) + b"garbage\n" + line(3) + line(4), "kasus")
    assert [event.n for event in found.events] == [1, 3, 4]
    assert [damage.line for damage in found.damage] == [2]


def test_a_log_of_fifty_megabytes_is_refused_unread() -> None:
    found = log.parse(b"x" * (50 * 1024 * 1024), "kasus")
    assert found.events == ()
    assert found.damage[0].reason == "the log has 52428800 bytes, more than 4194304"


def test_an_event_over_the_limit_is_not_encoded() -> None:
    draft = Draft(id="d", who="participant", act="text", attempt=1, at="", data={"t": "a" * 65_536})
    (event,) = log.number("kasus", 1, (draft,), 0)
    with pytest.raises(LogFull, match="exceed the limit of 65536. Nothing was written."):
        log.encode(event)


def test_an_empty_log_is_healthy() -> None:
    assert log.parse(b"", "kasus") == log.Log(())
