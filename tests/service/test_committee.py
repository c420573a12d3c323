"""The committee's commands, as typed, over the small course."""

import sqlite3
import zipfile
from contextlib import closing
from datetime import UTC, datetime

import pytest
from typer.testing import CliRunner

from pamong.catalogue import speaking
from pamong.cli import app
from pamong.errors import PamongError
from pamong.roster import read_roster
from pamong.service import audit, people
from pamong.service.database import Database

MODULE = "m0-contoh"
HEAD = "id,name,role,region,cohort,superior\n"
LATE = "2026-12-13 06:30:00.000000 UTC"


class Desk:
    """A course, and commands typed in its folder."""

    def __init__(self, course):
        self.course = course

    def __call__(self, *words, code=0):
        with speaking("id"):
            result = CliRunner().invoke(app, words, terminal_width=200)
        if isinstance(result.exception, PamongError):
            return str(result.exception)
        assert result.exit_code == code, result.output
        return result.output

    def audit(self, **about):
        with (
            closing(Database(self.course.service_url)) as database,
            database.reading() as connection,
        ):
            return [line.act for line in audit.read(connection, **about)]

    def person(self, id):
        if not self.course.has_service:
            return None
        with (
            closing(Database(self.course.service_url)) as database,
            database.reading() as connection,
        ):
            return people.find(connection, id)

    def roster(self):
        return [
            one.id for one in read_roster(self.course.roster, self.course.programme).participants
        ]


@pytest.fixture
def desk(released, monkeypatch):
    monkeypatch.chdir(released.root)
    return Desk(released)


@pytest.fixture
def enrolled(desk):
    desk("roster", "import")
    return desk


def test_a_roster_is_imported_as_its_dry_run_said(desk, tmp_path):
    path = tmp_path / "baru.csv"
    path.write_text(HEAD + "p001,Ani Rekaan,camat,X,a01,\np010,Baru,lurah,X,a01,p001\n")
    assert desk("roster", "import").endswith("3 added, 0 updated, 0 in it but not in the roster.\n")
    told = desk("roster", "import", str(path), "--dry-run").splitlines()
    assert desk.roster() == ["p001", "p002", "p003"]
    assert told == [
        "changed  p001  Ani Rekaan, a01  office lurah → camat, region Kelurahan Umpama → X, superior p003 → –",
        "new  p010  Baru, a01",
        "removed  p002  Budi Rekaan, a01",
        "removed  p003  Citra Rekaan, a01",
        "1 new, 1 changed, 0 moved, 0 returned, 2 removed, 0 as they were.",
        "A dry run: nothing was changed.",
    ]
    done = desk("roster", "import", str(path)).splitlines()
    assert done[:-1] == told[:-1]
    assert done[-1] == "Gradebook: 1 added, 0 updated, 2 in it but not in the roster."
    assert desk.course.roster.read_bytes() == path.read_bytes()
    assert not desk.person("p002").active
    assert desk("roster", "import").splitlines()[0].endswith("0 removed, 2 as they were.")


def test_a_wrong_roster_changes_nothing_and_names_its_lines(enrolled, tmp_path):
    path = tmp_path / "rusak.csv"
    path.write_text(HEAD + "p001,,lurah,X,a01,\n")
    before = enrolled.course.roster.read_bytes()
    assert "rusak.csv:2:1: name: kolom name wajib diisi" in enrolled("roster", "import", str(path))
    assert enrolled.course.roster.read_bytes() == before
    assert enrolled.person("p001").active


def test_staff_come_and_go(desk, tmp_path):
    path = tmp_path / "staff.csv"
    path.write_text("id,name,role\nk01,Karim,penyelenggara\nw01,Wulan,widyaiswara\n")
    assert "2 new" in desk("staff", "import", str(path), "--dry-run")
    assert desk.person("k01") is None
    desk("staff", "import", str(path))
    assert desk("staff", "add", "g01", "Gita", "pimpinan") == "new  g01  Gita, pimpinan\n"
    assert desk("staff", "remove", "w01") == "removed  w01  Wulan, widyaiswara\n"
    assert "w01" not in desk("staff", "list")
    assert "k01 is the last penyelenggara" in desk("staff", "remove", "k01")


def test_times_are_set_and_more_time_is_given_and_taken_back(enrolled):
    assert enrolled(
        "schedule", "set", MODULE, "--closes", "2026-12-12 18.00 WITA", "--grace", "60"
    ) == (f"a01  {MODULE}: set.\n")
    shown = enrolled("schedule", "show")
    assert "  –      –      2026-12-12 17:00 WIB  2026-12-12 18:00 WIB\n" in shown
    more = ("extend", MODULE, "--role", "lurah", "--days", "2", "--reason", "dinas mendesak")
    told = enrolled(*more, "--dry-run").splitlines()
    assert told == [
        "p001  Ani Rekaan, a01: 14 Desember 2026 pukul 17.00 WIB",
        "p002  Budi Rekaan, a01: 14 Desember 2026 pukul 17.00 WIB",
        f"2 have more time for {MODULE}, 0 had as much already.",
        "A dry run: nothing was changed.",
    ]
    assert enrolled.audit(act="extension") == []
    assert enrolled(*more).splitlines() == told[:-1]
    assert "2026-12-14 17:00 WIB\n" in enrolled("schedule", "show", "--person", "p001")
    assert enrolled("extend", MODULE, "--person", "p001", "--remove").startswith("p001\n1 of 1 had")
    assert enrolled.audit(act="extension") == ["extension.withdrawn"] + ["extension.given"] * 2
    lines = enrolled("audit", "--whom", "p002", "--act", "extension").splitlines()
    assert len(lines) == 1
    assert "  cli:" in lines[0]
    assert "reason dinas mendesak" in lines[0]
    assert "p009 cannot be found" in enrolled(*more, "--person", "p009")
    assert "Nobody is all that" in enrolled(*more, "--cohort", "b")


@pytest.mark.parametrize(
    "words",
    [
        ("extend", MODULE, "--days", "2", "--reason", "x"),
        ("extend", MODULE, "--person", "p001", "--reason", "x"),
        ("extend", MODULE, "--person", "p001", "--until", "lusa", "--reason", "x"),
        ("schedule", "set", MODULE, "--grace", "sejam"),
        ("attendance", "makeup", "x", "p001"),
    ],
)
def test_wrong_usage_is_told_as_such(enrolled, words):
    assert "Usage: " in enrolled(*words, code=2)


def test_a_schedule_goes_to_a_spreadsheet_and_back(enrolled, tmp_path):
    path = tmp_path / "jadwal.csv"
    enrolled("schedule", "save", str(path))
    assert enrolled("schedule", "load", str(path)) == "0 of 1 lines changed something.\n"
    path.write_text(path.read_text().replace("2026-12-11 23:59 WIB", "2026-12-20"))
    assert enrolled("schedule", "load", str(path)) == (
        f"a01  {MODULE}: set.\n1 of 1 lines changed something.\n"
    )
    assert enrolled("schedule", "clear", MODULE) == f"{MODULE}: cleared for a01.\n"
    assert "2026-12-11 23:59 WIB  always\n" in enrolled("schedule", "show")


def test_a_place_is_taken_over_and_the_roster_follows(enrolled):
    told = enrolled("move", "replace", "p003", "p103", "Dewi Rekaan", "--dry-run")
    assert told.endswith("A dry run: nothing was changed.\n")
    assert enrolled.roster() == ["p001", "p002", "p003"]
    enrolled("move", "replace", "p003", "p103", "Dewi Rekaan")
    enrolled("move", "office", "p001", "--region", "Kelurahan Baru")
    people_now = read_roster(enrolled.course.roster, enrolled.course.programme).participants
    assert [(one.id, one.region, one.superior) for one in people_now] == [
        ("p001", "Kelurahan Baru", "p103"), ("p002", "Kelurahan Andaian", "p103"),
        ("p103", "Kecamatan Simulasi", ""),
    ]  # fmt: skip
    # The next import of the file that the move has written changes nothing.
    assert "0 removed, 3 as they were" in enrolled("roster", "import")
    assert "There is no cohort b" in enrolled("move", "cohort", "p001", "b")


def test_a_meeting_is_planned_noted_and_summed_up(enrolled, tmp_path):
    words = ("attendance", "plan", "a01", "Kelas 1", "--starts", "2020-12-01 08:00")
    meeting = enrolled(*words, "--module", MODULE).split()[0]
    path = tmp_path / "hadir.csv"
    enrolled("attendance", "export", meeting, str(path))
    text = path.read_text(encoding="utf-8-sig").replace("p001,Ani Rekaan,", "p001,Ani Rekaan,hadir")
    path.write_text(text.replace("p002,Budi Rekaan,", "p002,Budi Rekaan,dinas"))
    told = "p001  – → hadir\np002  – → dinas\n2 changes.\n"
    assert enrolled("attendance", "import", meeting, str(path), "--dry-run") == (
        told + "A dry run: nothing was changed.\n"
    )
    assert enrolled("attendance", "import", meeting, str(path)) == told
    assert enrolled("attendance", "close", meeting) == "1 are noted as alpa: p003.\n"
    enrolled("attendance", "makeup", meeting, "p002", "--task", "ringkasan")
    enrolled("attendance", "makeup", meeting, "p002", "--done")
    enrolled("attendance", "mark", meeting, "p003", "sakit", "--note", "demam")
    assert enrolled("attendance", "show", "--summary").splitlines() == [
        "p001  100%  1 of 1", "p002  100%  0 of 1, 1 made up", "p003  0%  0 of 1",
    ]  # fmt: skip
    assert "p002  dinas  (csv, cli:" in enrolled("attendance", "show", meeting)
    assert "1 Desember 2020 pukul 08.00 WIB, 120 min" in enrolled("attendance", "show")


def penalties(course):
    query = (
        "select s.student_id, n.late_submission_penalty is not null from submitted_notebook n "
        "join submitted_assignment s on s.id = n.assignment_id order by s.student_id"
    )
    with closing(sqlite3.connect(course.gradebook)) as connection:
        return dict(connection.execute(query).fetchall())


def test_grading_takes_deadlines_and_extensions_from_the_schedule(enrolled, logs, hand_in):
    course = enrolled.course
    with (course.root / "nbgrader_config.py").open("a") as file:
        file.write("\nc = get_config()\nc.LateSubmissionPlugin.penalty_method = 'zero'\n")
    played = logs(pemahaman="perfect")
    for person in ("p001", "p002"):
        hand_in(course, person, played, stamp=LATE)
    enrolled("extend", MODULE, "--person", "p002", "--until", "2026-12-14", "--reason", "x")
    told = enrolled("grade", "--workers", "1")
    assert "The schedule gives 2 submissions another deadline than they had." in told
    assert penalties(course) == {"p001": 1, "p002": 0}
    enrolled("extend", MODULE, "--person", "p001", "--until", "2026-12-14", "--reason", "x")
    assert "gives" not in enrolled("grade", "--workers", "1", "--dry-run")
    assert penalties(course) == {"p001": 1, "p002": 0}
    # Nothing is graded anew, and yet the penalty goes.
    assert "(1 unchanged)" not in told
    enrolled("grade", "--workers", "1")
    assert penalties(course) == {"p001": 0, "p002": 0}


def test_personal_data_are_handed_out_and_deleted(enrolled, logs, hand_in, tmp_path):
    course = enrolled.course
    hand_in(course, "p001", logs(pemahaman="perfect"))
    hand_in(course, "p0011", {})
    enrolled("grade", "--workers", "1", "--participant", "p001")
    path = tmp_path / "p001.zip"
    enrolled("data", "export", "p001", str(path))
    with zipfile.ZipFile(path) as bundle:
        assert MODULE in bundle.read("nilai.csv").decode("utf-8-sig")
    gone = ("data", "delete", "p001", "--reason", "permintaan")
    assert enrolled(*gone).endswith("Run the command again with --yes to delete it for good.\n")
    assert enrolled.person("p001")
    assert course.submitted("p001", MODULE).is_dir()
    told = enrolled(*gone, "--yes")
    assert "deleted course/submitted/p001\n" in told
    assert "deleted course/autograded/p001\n" in told
    assert enrolled.person("p001") is None
    assert enrolled.roster() == ["p002", "p003"]
    assert course.submitted("p0011", MODULE).is_dir()
    with closing(sqlite3.connect(course.gradebook)) as connection:
        query = "select first_name from student where id = 'p001'"
        assert connection.execute(query).fetchall() == [(None,)]
    assert enrolled.audit(whom="p001")[0] == "data.deleted"
    ledger = course.ledger.read_text()
    assert "p001" in ledger
    assert "Ani" not in ledger


def test_data_expire_when_programme_yaml_says_so(enrolled):
    assert (
        enrolled("data", "expire")
        == "programme.yaml sets no retention_days: nobody's data expire.\n"
    )
    path = enrolled.course.folder / "programme.yaml"
    text = path.read_text().replace("Angkatan I}", "Angkatan I, ends: 2020-01-01}")
    path.write_text(text + "retention_days: 30\n")
    listed = enrolled("data", "expire")
    assert "3 people's data have expired." in listed
    assert enrolled.person("p001")
    assert datetime.now(UTC).year > 2020
    assert "3 people's data are deleted." in enrolled("data", "expire", "--yes")
    assert enrolled.person("p001") is None


def test_progress_is_told_by_person_and_for_leaders_in_sums(enrolled):
    assert f"p001    {MODULE}  –" in enrolled("progress")
    (row,) = [line for line in enrolled("progress", "--totals").splitlines() if "a01" in line]
    assert row.split() == ["a01", MODULE, "hidden", "hidden", "hidden", "hidden", "hidden"]
