"""Attendance in summaries: from the service where there is one, with names for facilitators only."""

import re
from datetime import UTC, datetime, timedelta

from pamong.reports import presence, summary
from pamong.reports.facts import Attendance
from pamong.reports.snapshot import take
from pamong.reports.standing import Standing
from pamong.roster import read_roster
from pamong.service import attendance, enrolling, meetings, people
from pamong.service.database import Database
from pamong.service.tables import metadata

START = datetime(2026, 12, 1, 1, tzinfo=UTC)
BY = {"by": "k01", "at": START}


def section(facts, cohort, edition="facilitator", module=""):
    return summary.attendance(Standing(whole=facts, cohort=cohort, edition=edition, module=module))


def text(html):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def invented(invent, people, missed):
    """Of two meetings the first ``missed`` people were at one."""
    facts = invent(people=people, cohorts=2).everybody(absent=0)
    seen = tuple(
        Attendance(participant=it.id, meetings=2, attended=1 if n < missed else 2, made_up=0)
        for n, it in enumerate(facts.people)
    )
    return facts.snapshot(attendance=seen)


def test_without_a_service_there_is_no_section_and_no_database_is_made(on_disk, now):
    facts = take(on_disk.course, now=now)
    assert facts.attendance == ()
    assert section(facts, "a01") == ""
    assert not (on_disk.course.folder / "service.db").exists()


def test_what_the_service_has_noted_is_told_by_name(on_disk, now):
    course = on_disk.course
    database = Database(course.service_url)
    metadata.create_all(database._engine)
    with database.writing() as connection:
        for person in read_roster(course.roster, course.programme).participants:
            people.add(connection, enrolling.person_of(person))
        one, two = (
            meetings.plan(
                connection, course.programme, cohort="a01", module="", title=f"Kelas {n}",
                starts=START + timedelta(days=n), ends=START + timedelta(days=n, hours=2), **BY,
            )
            for n in (0, 1)
        )  # fmt: skip
        for person in ("p000", "p002", "p004", "p006"):
            attendance.note(connection, one.id, person, "hadir", **BY)
        attendance.note(connection, two.id, "p002", "terlambat", **BY)
    database.close()
    facts = take(course, now=now)
    assert facts.attendance[1] == Attendance(participant="p002", meetings=2, attended=2, made_up=0)
    shown = text(section(facts, "a01"))
    assert "Kehadiran rata-rata 62%" in shown
    assert "Peserta Rekaan 0 1/2 0 50% Peserta Rekaan 4 1/2 0 50%" in shown
    assert "Peserta Rekaan 2 2/2 0 100%" in shown
    assert section(facts, "a02") == ""


def test_a_database_that_cannot_be_read_is_said_and_stops_no_summary(on_disk, now):
    (on_disk.course.folder / "service.db").write_bytes(b"not a database, but long enough" * 40)
    facts = take(on_disk.course, now=now)
    assert facts.attendance is None
    assert presence.read(on_disk.course, {"p000"}, now) is None
    assert "Kehadiran tidak dapat dibaca" in section(facts, "a01")


def test_leaders_read_means_of_five_and_more_and_no_names(invent):
    many = section(invented(invent, 40, 10), "a01", "leadership")
    assert "Kehadiran rata-rata 88%" in many
    assert "Peserta Contoh" not in many
    assert "Kehadiran disamarkan" in section(invented(invent, 8, 2), "a01", "leadership")
    whole = text(section(invented(invent, 40, 10), "", "leadership"))
    assert "Angkatan 1 88%" in whole
    assert "Peserta Contoh" in section(invented(invent, 40, 10), "a01")


def test_a_summary_of_one_module_says_nothing_of_meetings(invent):
    assert section(invented(invent, 40, 10), "a01", module="m5") == ""
