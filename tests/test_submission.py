"""What is read of one submission besides its answers."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pamong.grading.intake.submission import moment


@pytest.mark.parametrize(
    ("timestamp", "expected"),
    [
        ("2026-01-31 10:00:00.123456 UTC", datetime(2026, 1, 31, 10, 0, 0, 123456, tzinfo=UTC)),
        ("2026-01-31 10:00:00", datetime(2026, 1, 31, 10, tzinfo=UTC)),
        ("2026-01-31T17:00:00+07:00", datetime(2026, 1, 31, 10, tzinfo=UTC)),
        ("9999-12-31T23:00:00-07:00", None),
        ("kemarin", None),
        ("", None),
    ],
)
def test_a_time_stamp_is_a_moment_in_utc_or_nothing(timestamp, expected):
    assert moment(timestamp) == expected


@given(st.text())
def test_no_time_stamp_is_an_error(timestamp):
    found = moment(timestamp)
    assert found is None or found.tzinfo is UTC
