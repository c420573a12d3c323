"""Who was at a meeting: the code of the moment, what staff note, lists, and work that makes up."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pamong.errors import AuthoringError, ServiceError
from pamong.service import attendance, audit, meetings, people
from pamong.service.attendance import Mark

from .office import BY, NOW, PEOPLE, PROGRAMME, office, participant

P001, P002, P003 = PEOPLE[:3]
MINUTE = timedelta(minutes=1)
SECRET = "ab" * 32


@pytest.fixture
def connection():
    with office() as found:
        yield found


def planned(connection, *, cohort="a01", starts=NOW, module="m1", title="Kelas 1"):
    return meetings.plan(
        connection, PROGRAMME, cohort=cohort, module=module, title=title,
        starts=starts, ends=starts + 90 * MINUTE, **BY,
    )  # fmt: skip


@pytest.fixture
def meeting(connection):
    return planned(connection)


def come(connection, meeting, person, now, *, read=None):
    code = meetings.code(meetings.secret(connection, meeting.id), read or now)
    return attendance.check_in(connection, meeting.id, person, code, now=now)


# The code ------------------------------------------------------------------------------------------

instants = st.integers(60_000, 4_000_000_000_000).map(
    lambda milliseconds: datetime.fromtimestamp(milliseconds / 1000, UTC)
)


@given(instants, st.integers(0, 200_000))
def test_a_code_counts_while_it_is_shown_and_for_the_next_one_and_no_longer(read, later):
    now = read + timedelta(milliseconds=later)
    steps = int(now.timestamp()) // meetings.STEP - int(read.timestamp()) // meetings.STEP
    assert meetings.valid(SECRET, meetings.code(SECRET, read), now) == (steps < meetings.STEPS)


@given(instants)
def test_the_code_of_the_next_step_is_not_known_before(now):
    change = timedelta(seconds=meetings.changes_in(now))
    assert 0 < change.total_seconds() <= meetings.STEP
    later = now + change + timedelta(milliseconds=1)
    assert meetings.code(SECRET, later) != meetings.code(SECRET, now)
    assert not meetings.valid(SECRET, meetings.code(SECRET, later), now)


def test_every_meeting_has_codes_of_its_own(connection, meeting):
    other = planned(connection, starts=NOW + 100 * MINUTE)
    wrong = meetings.code(meetings.secret(connection, other.id), NOW)
    assert attendance.check_in(connection, meeting.id, P001, wrong, now=NOW) == "code"
    for text in ("", "x", "ü" * 10, wrong + "0"):
        assert attendance.check_in(connection, meeting.id, P001, text, now=NOW) == "code"


@pytest.mark.parametrize(
    ("minutes", "came"),
    [(-31, "time"), (-30, "hadir"), (0, "hadir"), (15, "hadir"), (16, "terlambat"),
     (90, "terlambat"), (91, "time")],
)  # fmt: skip
def test_who_comes_is_there_late_or_not_let_in_by_the_clock_of_the_service(
    connection, meeting, minutes, came
):
    found = come(connection, meeting, P001, NOW + minutes * MINUTE)
    assert (found.status if isinstance(found, Mark) else found) == came


def test_only_active_participants_of_the_cohort_are_noted(connection, meeting):
    for person in (P003, PEOPLE[3], replace(P001, active=False)):
        assert come(connection, meeting, person, NOW) == "cohort"
    assert attendance.check_in(connection, "none", P001, "x", now=NOW) == "unknown"
    assert attendance.marks(connection, meeting.id) == {}


def test_a_repeat_keeps_the_first_and_what_staff_have_noted(connection, meeting):
    first = come(connection, meeting, P001, NOW)
    assert come(connection, meeting, P001, NOW + 20 * MINUTE) == first
    attendance.note(connection, meeting.id, "p002", "dinas", text="banjir", **BY)
    assert come(connection, meeting, P002, NOW).status == "dinas"
    assert (first.how, first.by, first.at) == ("qr", "p001", NOW)


def test_no_meeting_tells_its_secret(connection, meeting):
    secret = meetings.secret(connection, meeting.id)
    told = [meeting, meetings.listing(connection), audit.read(connection)]
    assert secret not in str(told)


# Meetings ------------------------------------------------------------------------------------------


def test_the_same_meeting_planned_again_is_changed_and_keeps_its_codes(connection, meeting):
    secret = meetings.secret(connection, meeting.id)
    again = planned(connection, title="Kelas satu")
    assert (again.id, again.title) == (meeting.id, "Kelas satu")
    assert meetings.secret(connection, meeting.id) == secret
    assert meetings.listing(connection) == (again,)
    assert planned(connection, title="Kelas satu") == again
    assert [line.act for line in audit.read(connection)] == ["meeting.planned"] * 2


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"cohort": "b"}, "There is no cohort b. There are: a01, a02."),
        ({"module": "m9"}, "There is no module m9. There are: m1, m2."),
        ({"title": " "}, "has no title"),
        ({"ends": NOW}, "ends before it starts"),
    ],
)
def test_a_meeting_that_cannot_be_is_not_planned(connection, values, text):
    usual = {"cohort": "a01", "module": "", "title": "x", "starts": NOW, "ends": NOW + MINUTE}
    with pytest.raises(ServiceError, match=text):
        meetings.plan(connection, PROGRAMME, **{**usual, **values}, **BY)


def test_a_meeting_at_which_somebody_was_is_not_cancelled(connection, meeting):
    come(connection, meeting, P001, NOW)
    with pytest.raises(ServiceError, match="Somebody is noted at Kelas 1"):
        meetings.cancel(connection, meeting.id, **BY)
    other = planned(connection, starts=NOW + 100 * MINUTE)
    meetings.cancel(connection, other.id, **BY)
    assert meetings.listing(connection) == (meeting,)


# By hand -------------------------------------------------------------------------------------------


def test_a_note_by_hand_replaces_what_was_noted_and_is_audited(connection, meeting):
    come(connection, meeting, P001, NOW)
    assert attendance.note(connection, meeting.id, "p001", "izin", text="rapat", **BY)
    assert not attendance.note(connection, meeting.id, "p001", "izin", text="rapat", **BY)
    found = attendance.mark(connection, meeting.id, "p001")
    assert (found.status, found.note, found.how, found.by) == ("izin", "rapat", "hand", "k01")
    line = audit.read(connection)[0]
    assert (line.act, line.whom) == ("attendance.noted", "p001")
    assert (line.what["before"], line.what["status"]) == ("hadir", "izin")
    with pytest.raises(ServiceError, match="bolos is no status. There are: hadir, terlambat"):
        attendance.note(connection, meeting.id, "p001", "bolos", **BY)


def test_closing_notes_alpa_for_whom_nothing_is_noted(connection, meeting):
    come(connection, meeting, P001, NOW)
    with pytest.raises(ServiceError, match="Kelas 1 has not ended yet"):
        attendance.close(connection, meeting.id, by="k01", at=NOW)
    later = {"by": "k01", "at": meeting.ends}
    assert attendance.close(connection, meeting.id, **later) == ("p002",)
    assert attendance.close(connection, meeting.id, **later) == ()
    assert attendance.marks(connection, meeting.id)["p002"].status == "alpa"


def test_work_that_makes_up_is_asked_of_the_absent_and_completed(connection, meeting):
    come(connection, meeting, P001, NOW)
    with pytest.raises(ServiceError, match="p001 is not noted as absent"):
        attendance.ask_makeup(connection, meeting.id, "p001", "ringkasan", **BY)
    attendance.note(connection, meeting.id, "p002", "sakit", **BY)
    with pytest.raises(ServiceError, match="No work that makes up"):
        attendance.complete_makeup(connection, meeting.id, "p002", **BY)
    attendance.ask_makeup(connection, meeting.id, "p002", " ringkasan ", **BY)
    attendance.complete_makeup(connection, meeting.id, "p002", **BY)
    attendance.note(connection, meeting.id, "p002", "izin", **BY)
    found = attendance.mark(connection, meeting.id, "p002")
    assert (found.status, found.makeup, found.made_up) == ("izin", "ringkasan", NOW)
    assert [line.act for line in audit.read(connection, whom="p002")] == [
        "attendance.noted", "makeup.completed", "makeup.asked", "attendance.noted",
    ]  # fmt: skip


# Lists ---------------------------------------------------------------------------------------------


def test_a_list_comes_back_and_changes_what_was_changed_in_it(connection, meeting, tmp_path):
    people.add(connection, participant("p004", name="=1+1"), at=NOW)
    come(connection, meeting, P001, NOW)
    attendance.note(connection, meeting.id, "p002", "izin", text="-rapat", **BY)
    path = tmp_path / "hadir.csv"
    path.write_text(attendance.written(connection, meeting.id), encoding="utf-8-sig")
    assert "p004,'=1+1,,,," in path.read_text(encoding="utf-8-sig").splitlines()
    assert attendance.read_list(connection, meeting.id, path) == ()
    path.write_text(path.read_text(encoding="utf-8-sig").replace("izin,", "Sakit,"))
    entries = attendance.read_list(connection, meeting.id, path)
    assert [(one.person, one.before, one.status, one.note) for one in entries] == [
        ("p002", "izin", "sakit", "-rapat")
    ]
    attendance.note_list(connection, meeting.id, entries, **BY)
    found = attendance.mark(connection, meeting.id, "p002")
    assert (found.status, found.how) == ("sakit", "csv")
    assert attendance.read_list(connection, meeting.id, path) == ()


def test_every_wrong_line_of_a_list_is_named(connection, meeting, tmp_path):
    path = tmp_path / "hadir.csv"
    path.write_text("id;status\np003;hadir\np001;ada\np002;izin\np002;izin\n")
    with pytest.raises(AuthoringError) as error:
        attendance.read_list(connection, meeting.id, path)
    assert [(one.line, one.message) for one in error.value.problems] == [
        (2, "'p003' bukan peserta angkatan ini"),
        (3, "'ada' tidak dikenal; pilihan: hadir, terlambat, izin, sakit, dinas, alpa"),
        (4, "'p002' muncul lebih dari sekali"),
        (5, "'p002' muncul lebih dari sekali"),
    ]


# Summaries -----------------------------------------------------------------------------------------


def test_a_summary_counts_meetings_that_have_ended_and_work_that_made_up(connection):
    first, second = planned(connection), planned(connection, starts=NOW + 200 * MINUTE)
    planned(connection, starts=NOW + 9000 * MINUTE)
    come(connection, first, P001, NOW)
    come(connection, second, P001, second.starts + 20 * MINUTE)
    attendance.note(connection, first.id, "p002", "dinas", **BY)
    attendance.ask_makeup(connection, first.id, "p002", "x", **BY)
    attendance.complete_makeup(connection, first.id, "p002", **BY)
    one, two = attendance.summaries(connection, now=second.ends, cohort="a01")
    assert (one.attended, one.made_up, one.share) == (2, 0, 1.0)
    assert one.counts == {"hadir": 1, "terlambat": 1}
    assert (two.meetings, two.attended, two.made_up, two.share) == (2, 0, 1, 0.5)
    assert two.counts == {"dinas": 1, "": 1}
    assert attendance.summaries(connection, now=NOW, cohort="a01")[0].share is None


def test_a_meeting_with_another_cohort_counts_for_one_of_the_same_module(connection):
    first = planned(connection)
    planned(connection, cohort="a02", module="m1")
    planned(connection, cohort="a02", module="m2", starts=NOW + MINUTE)
    come(connection, first, P001, NOW)
    people.update(connection, replace(P001, cohort="a02"), at=NOW)
    found = {one.person: one for one in attendance.summaries(connection, now=NOW + 999 * MINUTE)}
    assert (found["p001"].meetings, found["p001"].attended) == (2, 1)
    assert found["p003"].attended == 0
