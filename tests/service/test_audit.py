"""What staff do can be looked up by who, whom and what, and JSON holds all of it."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from pamong.service import audit

from .office import NOW, office


@pytest.fixture
def connection():
    with office() as found:
        yield found


def acts(lines):
    return [line.act for line in lines]


def test_the_newest_come_first_and_older_ones_follow_by_id(connection):
    for number in range(5):
        audit.record(connection, at=NOW, who="k01", act=f"a{number}", whom="p001")
    newest = audit.read(connection, limit=2)
    assert acts(newest) == ["a4", "a3"]
    assert acts(audit.read(connection, limit=2, before=newest[-1].id)) == ["a2", "a1"]


def test_lines_are_found_by_who_whom_and_the_beginning_of_an_act(connection):
    audit.record(connection, at=NOW, who="k01", act="extension.given", whom="p001")
    audit.record(connection, at=NOW, who="w01", act="extension.withdrawn", whom="p002")
    audit.record(connection, at=NOW, who="w01", act="schedule.set")
    assert acts(audit.read(connection, who="w01")) == ["schedule.set", "extension.withdrawn"]
    assert acts(audit.read(connection, whom="p001")) == ["extension.given"]
    assert acts(audit.read(connection, act="extension.")) == [
        "extension.withdrawn", "extension.given",
    ]  # fmt: skip
    assert audit.read(connection, act="extension%") == ()


def test_moments_days_and_spans_are_kept_as_text_and_numbers(connection):
    wita = timezone(timedelta(hours=8))
    audit.record(
        connection, at=NOW, who="k01", act="x",
        moment=datetime(2026, 12, 1, 8, tzinfo=wita), day=date(2026, 12, 2),
        span=timedelta(minutes=2), several=({"when": NOW}, {"p001"}),
    )  # fmt: skip
    (line,) = audit.read(connection)
    assert line.at == NOW
    assert line.at.tzinfo == UTC
    assert line.what == {
        "moment": "2026-12-01T00:00:00+00:00", "day": "2026-12-02", "span": 120.0,
        "several": [{"when": "2026-12-01T03:00:00+00:00"}, ["p001"]],
    }  # fmt: skip


def test_one_reading_is_bounded(connection):
    for _ in range(audit.MOST + 1):
        audit.record(connection, at=NOW, who="k01", act="x")
    assert len(audit.read(connection, limit=10_000)) == audit.MOST
    assert audit.read(connection, limit=-1) == ()
