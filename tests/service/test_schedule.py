"""The times of cohorts and people: what counts before what, and in whose time zone."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pamong import locale
from pamong.errors import AuthoringError, ServiceError
from pamong.programme import Slot, due
from pamong.service import audit, people, schedule, timetable
from pamong.service.schedule import Window

from .office import BY, NOW, PEOPLE, PROGRAMME, office

P001, P002, P003 = PEOPLE[:3]
MINUTE = timedelta(minutes=1)


@pytest.fixture
def connection():
    with office() as found:
        yield found


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


# What is written -----------------------------------------------------------------------------------

walls = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)).map(
    lambda moment: moment.replace(second=0, microsecond=0)
)
zones = st.sampled_from(sorted(locale.ZONES))


@given(walls, zones, zones, st.sampled_from("T "), st.sampled_from(":."), st.booleans())
def test_letters_of_a_zone_count_before_the_zone_of_the_programme(
    wall, written, usual, between, point, small
):
    letters = locale.ZONES[written]
    text = f"{wall:%Y-%m-%d}{between}{wall:%H}{point}{wall:%M}"
    expected = wall.replace(tzinfo=ZoneInfo(written))
    assert due(f"{text} {letters.lower() if small else letters}", usual) == expected
    assert due(text, written) == expected
    assert due(f"{wall.isoformat()}{expected:%z}", usual) == expected


@given(walls, zones)
def test_a_moment_comes_back_from_the_list_that_it_is_written_to(wall, zone):
    moment = wall.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    assert due(timetable._written(moment, zone), "Asia/Jakarta") == moment


@pytest.mark.parametrize("text", ["", "besok", "2026-13-01", "2026-12-01T08:00+07:00 WIB", "WIB"])
def test_what_is_no_moment_is_refused(text):
    with pytest.raises(ValueError, match=r".*"):
        due(text, "Asia/Jakarta")


def test_a_day_alone_opens_with_its_first_minute_and_closes_with_its_last():
    slot = Slot(module="m1", opens="2026-12-02", closes="2026-12-02")
    assert slot.moment("opens", "Asia/Jakarta") == utc(2026, 12, 1, 17)
    assert slot.moment("closes", "Asia/Jakarta") == utc(2026, 12, 2, 16, 59)


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"opens": "lusa"}, "opens: “lusa” bukan waktu"),
        ({"opens": "2026-12-03", "closes": "2026-12-02"}, "harus berurutan"),
        ({"grace": -1}, "tidak boleh negatif"),
    ],
)
def test_a_line_of_the_schedule_that_cannot_be_says_so(values, text):
    with pytest.raises(ValueError, match=text):
        Slot(module="m1", **values)


@pytest.mark.parametrize(
    ("slots", "text"),
    [
        ((Slot(module="m9"),), "module “m9” tidak ada; pilihan: m1, m2"),
        ((Slot(module="m1", cohort="b"),), "cohort “b” tidak ada; pilihan: a01, a02"),
        ((Slot(module="m1"), Slot(module="m1")), "muncul lebih dari sekali"),
    ],
)
def test_a_schedule_names_modules_and_cohorts_that_there_are_once(slots, text):
    with pytest.raises(ValueError, match=text):
        replace(PROGRAMME, schedule=slots)


# What counts before what -----------------------------------------------------------------------------


def test_without_a_line_the_deadline_counts_and_late_work_is_always_taken(connection):
    found = schedule.window(connection, PROGRAMME, P001, "m1")
    assert found == Window(closes=utc(2026, 12, 11, 16, 59))
    assert found.state(utc(2000, 1, 1)) == "open"
    assert found.state(utc(2099, 1, 1)) == "grace"


def test_a_cohorts_own_line_counts_before_that_of_all_cohorts(connection):
    assert schedule.window(connection, PROGRAMME, P001, "m2") == Window(
        closes=utc(2026, 12, 5, 16, 59), grace=timedelta(hours=1)
    )
    assert schedule.window(connection, PROGRAMME, P003, "m2") == Window(
        opens=utc(2026, 12, 1, 17), class_starts=utc(2026, 12, 2, 1),
        closes=utc(2026, 12, 6, 3), grace=timedelta(),
    )  # fmt: skip


def test_what_was_set_counts_before_programme_yaml_until_it_is_cleared(connection):
    wanted = Window(closes=utc(2026, 12, 20), grace=timedelta(minutes=5))
    assert schedule.put(connection, PROGRAMME, "a01", "m1", wanted, **BY)
    assert not schedule.put(connection, PROGRAMME, "a01", "m1", wanted, **BY)
    assert schedule.window(connection, PROGRAMME, P001, "m1") == wanted
    assert schedule.windows(connection, PROGRAMME, P001)["m1"] == wanted
    assert schedule.calendar(connection, PROGRAMME)["a01", "m1"] == wanted
    assert schedule.clear(connection, "a01", "m1", **BY)
    assert not schedule.clear(connection, "a01", "m1", **BY)
    assert schedule.window(connection, PROGRAMME, P001, "m1").closes == utc(2026, 12, 11, 16, 59)
    assert [line.act for line in audit.read(connection)] == ["schedule.cleared", "schedule.set"]
    assert audit.read(connection)[1].what["before"]["closes"] == "2026-12-11T16:59:00+00:00"


def test_what_cannot_be_is_not_set(connection):
    wrong = Window(opens=utc(2026, 12, 3), closes=utc(2026, 12, 2))
    for cohort, module, window, text in (
        ("a01", "m1", wrong, "must follow each other"),
        ("a01", "m1", Window(grace=-MINUTE), "cannot be negative"),
        ("b", "m1", Window(), "There is no cohort b. There are: a01, a02."),
        ("a01", "m9", Window(), "There is no module m9. There are: m1, m2."),
    ):
        with pytest.raises(ServiceError, match=text):
            schedule.put(connection, PROGRAMME, cohort, module, window, **BY)
    assert audit.read(connection) == ()


moments = st.none() | st.datetimes(datetime(2026, 12, 1), datetime(2026, 12, 3)).map(
    lambda moment: moment.replace(tzinfo=UTC)
)


@given(
    moments, moments, moments,
    st.none() | st.timedeltas(timedelta(), timedelta(hours=9)), moments.filter(bool),
)  # fmt: skip
def test_a_moment_is_early_open_grace_or_closed_in_this_order(opens, closes, until, grace, now):
    window = Window(opens=opens, closes=closes, grace=grace, until=until)
    order = ["early", "open", "grace", "closed"]
    states = [window.state(now + timedelta(hours=hours)) for hours in range(0, 80, 5)]
    assert [order.index(state) for state in states] == sorted(map(order.index, states))
    assert window.state(now) != "closed" or window.is_late(now)
    for end, inside, after in (
        (window.deadline, "open", "grace" if grace else "closed"),
        (window.ends, "grace" if grace else "open", "closed"),
    ):
        if end is not None and not (opens and end < opens) and grace is not None:
            assert window.state(end) == inside
            assert window.state(end + timedelta(microseconds=1)) in (after, "early")
    if until is not None and closes is not None:
        assert window.deadline == max(until, closes)


# Extensions ----------------------------------------------------------------------------------------


def test_a_whole_region_gets_more_time_and_reads_it_on_its_own_clock(connection):
    chosen = people.listing(connection, region="andaian")
    end = due("2026-12-20", PROGRAMME.time_zone)
    given = schedule.extend(
        connection, PROGRAMME, chosen, "m1", until=end, reason=" dinas mendesak ", **BY
    )
    assert [(one.person, one.until, one.reason) for one in given] == [
        ("p002", utc(2026, 12, 20, 16, 59), "dinas mendesak")
    ]
    window = schedule.window(connection, PROGRAMME, P002, "m1")
    told = schedule.told(PROGRAMME, P002, window.deadline)
    assert told == "21 Desember 2026 pukul 00.59 WITA"
    assert window.state(utc(2026, 12, 20, 16)) == "open"
    assert schedule.window(connection, PROGRAMME, P001, "m1").until is None
    (line,) = audit.read(connection, whom="p002")
    assert (line.who, line.act) == ("k01", "extension.given")
    assert line.what["reason"] == "dinas mendesak"


def test_a_span_begins_at_each_cohorts_own_end(connection):
    given = schedule.extend(
        connection, PROGRAMME, (P001, P003), "m2", until=timedelta(days=2), reason="x", **BY
    )
    assert {one.person: one.until for one in given} == {
        "p001": utc(2026, 12, 7, 16, 59), "p003": utc(2026, 12, 8, 3),
    }  # fmt: skip


def test_who_has_that_long_already_keeps_what_they_have(connection):
    longer = utc(2026, 12, 31)
    schedule.extend(connection, PROGRAMME, (P001,), "m1", until=longer, reason="x", **BY)
    given = schedule.extend(
        connection, PROGRAMME, (P001, P002), "m1", until=utc(2026, 12, 15), reason="x", **BY
    )
    assert [one.person for one in given] == ["p002"]
    assert schedule.window(connection, PROGRAMME, P001, "m1").until == longer
    assert [one.person for one in schedule.given(connection, module="m1")] == ["p001", "p002"]


def test_an_extension_needs_a_reason_and_an_end_to_put_off(connection):
    with pytest.raises(ServiceError, match="needs a reason"):
        schedule.extend(connection, PROGRAMME, (P001,), "m1", until=NOW, reason=" ", **BY)
    endless = replace(PROGRAMME, schedule=())
    with pytest.raises(ServiceError, match="m2 never closes for a01"):
        schedule.extend(connection, endless, (P001,), "m2", until=NOW, reason="x", **BY)


def test_an_extension_can_be_taken_back(connection):
    span = timedelta(days=1)
    schedule.extend(connection, PROGRAMME, (P001,), "m1", until=span, reason="x", **BY)
    assert schedule.withdraw(connection, (P001, P002), "m1", **BY) == ("p001",)
    assert schedule.given(connection) == ()
    assert audit.read(connection, limit=1)[0].act == "extension.withdrawn"


def test_nbgrader_gets_the_earliest_deadline_and_what_each_has_more(connection):
    span = timedelta(days=3)
    schedule.extend(connection, PROGRAMME, (P002,), "m2", until=span, reason="x", **BY)
    first, second = schedule.dues(connection, PROGRAMME, (P001, P002, P003))
    assert (first.module, first.earliest) == ("m1", utc(2026, 12, 11, 16, 59))
    assert set(first.more.values()) == {timedelta()}
    assert second.earliest == utc(2026, 12, 5, 16, 59)
    assert second.more == {
        "p001": timedelta(), "p002": span, "p003": timedelta(hours=10, minutes=1),
    }  # fmt: skip


def test_who_never_has_a_deadline_is_never_late_for_nbgrader(connection):
    endless = replace(PROGRAMME, schedule=(PROGRAMME.schedule[1],))
    _, second = schedule.dues(connection, endless, (P001, P003))
    assert second.more == {"p001": schedule.ENDLESS, "p003": timedelta()}
    assert schedule.dues(connection, replace(endless, schedule=()), (P001,))[1:] == ()


# As a list -----------------------------------------------------------------------------------------


def test_a_list_comes_back_as_it_was_written_and_changes_nothing(connection, tmp_path):
    path = tmp_path / "jadwal.csv"
    path.write_text(timetable.written(connection, PROGRAMME))
    assert "a02,m2,2026-12-02 00:00 WIB,2026-12-02 08:00 WIB,2026-12-06 10:00 WIB,0" in (
        path.read_text().splitlines()
    )
    slots = timetable.read(path, PROGRAMME)
    assert len(slots) == 4
    assert timetable.put(connection, PROGRAMME, slots, **BY) == ()
    path.write_text(path.read_text().replace("2026-12-05", "2026-12-08"))
    changed = timetable.put(connection, PROGRAMME, timetable.read(path, PROGRAMME), **BY)
    assert [(slot.cohort, slot.module) for slot in changed] == [("a01", "m2")]
    assert schedule.window(connection, PROGRAMME, P001, "m2").closes == utc(2026, 12, 8, 16, 59)


def test_every_wrong_line_of_a_list_is_named(tmp_path):
    path = tmp_path / "jadwal.csv"
    path.write_text(
        "cohort;module;opens;class_starts;closes;grace\n"
        "b;m1;;;2026-12-05;\n"
        "a01;m1;;;kapan;\n"
        "a01;m2;2026-12-05;;2026-12-04;\n"
        "a02;m2;;;;-1\n"
    )
    with pytest.raises(AuthoringError) as error:
        timetable.read(path, PROGRAMME)
    assert [(one.line, one.field) for one in error.value.problems] == [
        (2, "cohort"), (3, ""), (4, ""), (5, "grace"),
    ]  # fmt: skip
    assert "'b' tidak dikenal; pilihan: a01, a02" in str(error.value)
