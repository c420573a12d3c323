"""One gradebook in SQLite or PostgreSQL, shared by several who write."""

import shutil
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy
from sqlalchemy import text

from pamong.course import GRADEBOOK, Course
from pamong.errors import CourseError
from pamong.grading.mark import Handed, Mark
from pamong.grading.pipeline import GradedSubmission, Page
from pamong.grading.records.gradebook import INDEXES, Gradebook
from pamong.grading.records.reader import Reader
from pamong.grading.records.storage import Storage
from pamong.outcome import Errored, Missing, Scored
from pamong.reports import snapshot
from pamong.roster import read_roster
from pamong.score import Part, Score

HERE = Path(__file__).parent
MODULE = "m0-contoh"
PEOPLE = tuple(f"p{n:03}" for n in range(1, 101))
MARKED = PEOPLE[:10]
SCORE = Score(0.5, (Part("a", "A", 1.0, 0.5, "Karena."),))
MARKER = """
import sys
from nbgrader.api import Gradebook
url, module, rounds, people = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4].split(",")
for number in range(1, rounds + 1):
    with Gradebook(url, "kursus-contoh") as book:
        for person in people:
            grade = book.find_grade("uraian-q1", "module", module, person)
            grade.manual_score, grade.extra_credit = number, 0.5
            grade.needs_manual_grade = False
            book.db.commit()
            note = book.find_comment("uraian-q1", "module", module, person)
            note.manual_comment = f"{person}: catatan {number}"
            book.db.commit()
        book.submission_dicts(module)
"""
ROWS = """
select s.student_id, s.timestamp, b.name, b.type, g.auto_score, g.manual_score, g.extra_credit,
       g.needs_manual_grade, n.late_submission_penalty, n.flagged, a.fingerprint
from grade g join base_cell b on b.id = g.cell_id
join submitted_notebook n on n.id = g.notebook_id
join submitted_assignment s on s.id = n.assignment_id
left join pamong_answer a on a.grade_id = g.id
"""
NOTES = """
select s.student_id, b.name, b.type, c.auto_comment, c.manual_comment
from comment c join base_cell b on b.id = c.cell_id
join submitted_notebook n on n.id = c.notebook_id
join submitted_assignment s on s.id = n.assignment_id
"""


@pytest.fixture(params=["released", "released_there"], ids=["sqlite", "postgresql"])
def course(request):
    """The small course, released, with its gradebook in either database."""
    return request.getfixturevalue(request.param)


def graded(participant, points=20.0, answer="f", played=None):
    marks = (
        Mark("pemahaman", played or Scored(points, 40.0, SCORE), answer),
        Mark("sikap", Missing(30.0), "s"),
        Mark("uraian-q1", Handed(30.0), answer),
    )
    return GradedSubmission(
        participant=participant, module=MODULE, timestamp="2026-12-01 03:00:00.250000 UTC",
        pages=(Page(name="module.ipynb", marks=marks, content=b""),), version="v",
    )  # fmt: skip


def record(course, *batch, **options):
    with closing(Gradebook.open(course)) as book:
        return book.record(batch, by="pamong grade", **options)


def fetch(course, query):
    engine = sqlalchemy.create_engine(course.gradebook_url)
    with engine.connect() as connection:
        statement = text(query).columns(
            timestamp=sqlalchemy.DateTime, needs_manual_grade=sqlalchemy.Boolean,
            flagged=sqlalchemy.Boolean,
        )  # fmt: skip
        found = sorted((tuple(row) for row in connection.execute(statement)), key=repr)
    engine.dispose()
    return found


def run(course, *command):
    """A command as people run it, from the course's root."""
    start = ["-m"] if command[0] == "nbgrader" else ["-c", "from pamong.cli import main; main()"]
    rest = command if command[0] == "nbgrader" else command[1:]
    done = subprocess.run(
        [sys.executable, *start, *rest], cwd=course.root, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def refused(course):
    with pytest.raises(CourseError) as caught:
        Gradebook.open(course)
    return str(caught.value)


def addressed(tmp_path, url):
    """A course whose settings name this gradebook."""
    shutil.copytree(HERE / "course_small", tmp_path / "root")
    with (tmp_path / "root" / "course" / "programme.yaml").open("a") as file:
        file.write(f'gradebook: "{url}"\n')
    return Course.load(tmp_path / "root")


def test_a_course_keeps_its_gradebook_in_a_file_unless_it_says_otherwise(small):
    assert small.gradebook_url == f"sqlite:///{small.root}/course/gradebook.db"


def test_the_settings_name_another_database_and_the_environment_counts_first(tmp_path, monkeypatch):
    course = addressed(tmp_path, "postgresql://pamong@server/kursus")
    assert course.gradebook_url == "postgresql+psycopg://pamong@server/kursus"
    monkeypatch.setenv(GRADEBOOK, "sqlite:////srv/nilai.db")
    assert Course.load(course.root).gradebook_url == "sqlite:////srv/nilai.db"


def test_a_file_is_relative_to_the_root_wherever_the_command_is_run(tmp_path):
    course = addressed(tmp_path, "sqlite:///nilai/gradebook.db")
    assert course.gradebook_url == f"sqlite:///{course.root}/nilai/gradebook.db"


@pytest.mark.kernel
def test_the_course_may_lie_in_a_folder_of_any_name(tmp_path):
    name = "kelas 'é' 50% dan 20%20 a#b @x:y?z=1"
    shutil.copytree(HERE / "course_small", tmp_path / name)
    course = Course.load(tmp_path / name)
    Gradebook.open(course).close()
    assert course.gradebook.is_file()
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert snapshot.take(course).grades == ()


SETTING = f"`gradebook:` in course/programme.yaml or {GRADEBOOK}"
EXAMPLE = f"Write {SETTING} like postgresql+psycopg://user@server/database."


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("rahasia", f"The gradebook's address is no database URL. {EXAMPLE}"),
        (
            "postgresql://pamong@server:rahasia/kursus",
            f"The gradebook's address is no database URL. {EXAMPLE}",
        ),
        (
            "mysql://pamong:rahasia@server/kursus",
            f"The gradebook cannot be kept in mysql, only in SQLite or PostgreSQL. {EXAMPLE}",
        ),
        (
            "sqlite:///:memory:",
            f"The gradebook would be in memory only. Name a file in {SETTING}.",
        ),
        ("sqlite://", f"The gradebook would be in memory only. Name a file in {SETTING}."),
        (
            "postgresql+pg8000://pamong:rahasia@server/kursus",
            "The gradebook postgresql+pg8000://pamong:***@server/kursus needs a database driver "
            "that is not installed (No module named 'pg8000'). Run pip install 'pamong[postgres]', "
            "and let the URL begin with postgresql+psycopg://.",
        ),
        (
            "postgresql+psikop://pamong:rahasia@server/kursus?password=rahasia&sslpassword=rahasia",
            "The gradebook postgresql+psikop://pamong:***@server/kursus needs a database driver "
            "that is not installed (Can't load plugin: sqlalchemy.dialects:postgresql.psikop). "
            "Run pip install 'pamong[postgres]', and let the URL begin with postgresql+psycopg://.",
        ),
    ],
)
def test_an_address_that_is_wrong_is_told_without_its_password(tmp_path, url, message):
    assert refused(addressed(tmp_path, url)) == message


def test_a_server_that_is_away_is_told_without_the_password(tmp_path):
    url = "postgresql+psycopg://pamong:rahasia@/kursus?host=/tidak/ada"
    message = refused(addressed(tmp_path, url))
    assert message.startswith("The gradebook postgresql+psycopg://pamong:***@/kursus?host=")
    assert 'connection to server on socket "/tidak/ada/.s.PGSQL.5432" failed' in message
    assert message.endswith(
        f"Start the server, or correct {SETTING}. Nothing was written; run the command again."
    )
    assert "rahasia" not in message


def test_a_database_or_account_that_is_not_there_is_named(tmp_path, server):
    message = refused(addressed(tmp_path, server.url("tidak_ada")))
    assert 'database "tidak_ada" does not exist. Create it, or correct `gradebook:`' in message
    shutil.rmtree(tmp_path / "root")
    message = refused(addressed(tmp_path, server.url("postgres", user="siapa")))
    assert 'role "siapa" does not exist. Create it, or correct `gradebook:`' in message


def test_an_account_without_rights_is_told_to_get_them(server, released_there):
    name = released_there.gradebook_url.partition("@/")[2].partition("?")[0]
    engine = sqlalchemy.create_engine(released_there.gradebook_url)
    with engine.begin() as connection:
        connection.exec_driver_sql(f"create role tamu_{name} login")
    engine.dispose()
    with pytest.raises(CourseError) as caught:
        Gradebook(server.url(name, user=f"tamu_{name}"), released_there.ledger)
    assert str(caught.value).partition(" cannot be used: ")[2] == (
        "permission denied for table assignment. Give this account the rights to read and write "
        "it, or run the command once as its owner."
    )


def test_a_database_that_holds_something_else_is_refused(tmp_path, server):
    url = server.database()
    engine = sqlalchemy.create_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("create table belanja (id int)")
    engine.dispose()
    assert refused(addressed(tmp_path, url)).endswith(
        " holds other tables and no gradebook. Give the gradebook an empty database of its own."
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            b"bukan basis data" * 100,
            "file is not a database. It is not a gradebook of this nbgrader. "
            "Restore it from a backup.",
        ),
        (
            None,
            "unable to open database file. Make the folder it is in, move away a folder of its own name, and give this account the rights to "
            "write there.",
        ),
    ],
)
def test_a_file_that_is_no_database_says_what_to_do(small, content, message):
    small.gradebook.write_bytes(content) if content else small.gradebook.mkdir()
    told = f"The gradebook {small.gradebook} cannot be used: {message}"
    assert refused(small) == told
    with pytest.raises(CourseError) as caught:
        snapshot.take(small)
    assert str(caught.value) == told


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    course = addressed(tmp_path, f"sqlite:///{tmp_path}/berkas/gradebook.db")
    (tmp_path / "berkas").write_text("")
    assert refused(course) == (
        f"The gradebook {tmp_path}/berkas/gradebook.db cannot be made: Not a directory. "
        "Give this account the rights to write there."
    )


@pytest.mark.kernel
def test_two_who_make_the_gradebook_at_once_make_one(small, server, tmp_path):
    for course in (small, addressed(tmp_path / "lain", server.database())):
        with ThreadPoolExecutor(2) as pool:
            for book in pool.map(Gradebook.open, [course] * 2):
                assert book.rows(MODULE) == ()
                book.close()
        assert fetch(course, "select count(*) from alembic_version") == [(1,)]
        assert sorted(
            path.name for path in course.folder.iterdir() if "gradebook" in path.name
        ) == (["gradebook.db"] if course is small else [])


def test_the_indexes_that_nbgrader_lacks_are_there_and_used(course):
    for _ in range(2):
        Gradebook.open(course).close()
    engine = sqlalchemy.create_engine(course.gradebook_url)
    with engine.connect() as connection:
        for table, column in INDEXES:
            found = sqlalchemy.inspect(connection).get_indexes(table)
            assert [(one["name"], one["column_names"]) for one in found if not one["unique"]] == [
                (f"pamong_{table}_{column}", [column])
            ]
            if connection.dialect.name == "sqlite":
                explained = f"explain query plan select * from {table} where {column} = 'x'"  # noqa: S608
                assert f"INDEX pamong_{table}_{column}" in str(
                    connection.execute(text(explained)).all()
                )
    engine.dispose()


def test_many_may_open_a_gradebook_without_indexes_at_once(course):
    with ThreadPoolExecutor(8) as pool:
        for book in pool.map(Gradebook.open, [course] * 8):
            book.close()
    Gradebook.open(course).close()


def test_the_same_batch_makes_the_same_rows_in_either_database(released, released_there):
    batch = [
        graded("p001"), graded("P002", 40.0), graded("p-3", played=Errored(40.0, "rusak")),
        graded("a010", 0.1 + 0.2), graded("B 1"),
    ]  # fmt: skip
    for course in (released, released_there):
        record(course, *batch)
        record(course, graded("p001", 12.5, "lain"))
    assert fetch(released, ROWS) == fetch(released_there, ROWS)
    assert fetch(released, NOTES) == fetch(released_there, NOTES)
    books = [Gradebook.open(course) for course in (released, released_there)]
    assert books[0].rows(MODULE) == books[1].rows(MODULE)
    assert len(books[0].rows(MODULE)) == 15
    readers = [Reader(course) for course in (released, released_there)]
    assert readers[0].origins(MODULE) == readers[1].origins(MODULE) != {}
    for each in (*books, *readers):
        each.close()


def test_reports_read_the_same_from_either_database(released, released_there):
    batch = [graded(person, float(n)) for n, person in enumerate(("p003", "P003", "p001", "p002"))]
    taken = []
    for course in (released, released_there):
        with closing(Gradebook.open(course)) as book:
            book.enrol(read_roster(course.roster, course.programme))
            book.record(batch, by="pamong grade")
        taken.append(snapshot.take(course))
    here, there = taken
    assert len(here.grades) == 9
    assert [cell.id for cell in here.modules[0].cells] == ["pemahaman", "sikap", "uraian-q1"]
    assert here.submissions[0].at == "2026-12-01T03:00:00+00:00"
    assert here.fingerprint == there.fingerprint
    assert here.grades == there.grades


def test_a_look_and_a_ledger_that_fails_leave_either_database_alone(course):
    Gradebook.open(course).close()
    with closing(Reader(course)) as reader:
        assert len(reader.changes([graded("p001")])) == 3
    assert not course.ledger.exists()
    course.ledger.mkdir()
    with pytest.raises(CourseError, match="The ledger .* cannot be written"):
        record(course, graded("p001"))
    assert fetch(course, ROWS) == []
    assert fetch(course, "select id from student") == []


def test_no_cause_and_no_participant_stops_a_batch_in_either_database(course):
    hostile = "a\0b \ud800 '; drop table grade; -- 😀" + "x" * 5000
    record(course, graded("p" * 128, played=Errored(40.0, hostile)), graded("p002"))
    assert len(fetch(course, ROWS)) == 6
    (note,) = [row[3] for row in fetch(course, NOTES) if row[1] == "pemahaman"]
    assert r"a\x00b \ud800 '; drop table grade; -- 😀xxx" in note


def test_two_may_record_at_once_and_nothing_is_lost(course):
    def work(number):
        with closing(Gradebook.open(course)) as book:
            for start in range(0, 100, 10):
                batch = [graded(person, number) for person in PEOPLE[start : start + 10]]
                book.record(batch, by=f"penilai {number}")

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(work, (1.0, 2.0, 3.0)))
    found = fetch(course, ROWS)
    assert len(found) == 300
    last = {}
    for line in course.ledger.read_text().splitlines():
        head, _, rest = line.partition('"cell": "pemahaman"')
        person = head.partition('"participant": "')[2].partition('"')[0]
        if rest:
            last[person] = float(rest.partition('"new": {"points": ')[2].partition(",")[0])
    assert last == {row[0]: row[4] for row in found if row[2] == "pemahaman"}


@pytest.mark.kernel
def test_a_marker_and_a_grader_work_at_once_and_nothing_is_lost(course):
    batches = [PEOPLE[start : start + 25] for start in range(0, 100, 25)]
    with closing(Gradebook.open(course)) as book:
        book.record([graded(person) for person in PEOPLE], by="pamong grade")
        rounds, points = 6, 0
        command = [sys.executable, "-c", MARKER, course.gradebook_url, MODULE, str(rounds)]
        with subprocess.Popen(
            [*command, ",".join(MARKED)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as marker:
            while marker.poll() is None:
                points = points % 39 + 1
                for people in batches:
                    book.record([graded(person, float(points)) for person in people], by="x")
            assert (marker.returncode, marker.communicate()) == (0, ("", ""))
        rows = {(row.participant, row.cell): row for row in book.rows(MODULE)}
    assert {rows[person, "pemahaman"].auto for person in PEOPLE} == {float(points)}
    assert {
        person: (rows[person, "uraian-q1"].manual, rows[person, "uraian-q1"].comment)
        for person in PEOPLE
        if rows[person, "uraian-q1"].manual is not None
    } == {person: (rounds, f"{person}: catatan {rounds}") for person in MARKED}
    assert {rows[person, "uraian-q1"].score for person in MARKED} == {rounds + 0.5}
    assert not any(rows[person, "uraian-q1"].needs_person for person in MARKED)


def test_a_mark_that_is_being_saved_is_waited_for_and_kept(released_there):
    record(released_there, graded("p001"))
    engine = sqlalchemy.create_engine(released_there.gradebook_url)
    waiting = "select count(*) from pg_locks where not granted"
    with engine.connect() as marker, engine.connect() as watcher:
        marker.exec_driver_sql("update grade set manual_score = 7, needs_manual_grade = false")
        work = threading.Thread(target=record, args=(released_there, graded("p001", 30.0, "lain")))
        work.start()
        while not watcher.exec_driver_sql(waiting).scalar_one():
            watcher.rollback()
        marker.exec_driver_sql("update comment set manual_comment = 'Baik.'")
        marker.commit()
        work.join()
    engine.dispose()
    with closing(Gradebook.open(released_there)) as book:
        rows = {row.cell: row for row in book.rows(MODULE)}
    essay = rows["uraian-q1"]
    assert (essay.manual, essay.needs_person, essay.comment) == (7.0, True, "Baik.")
    assert (rows["pemahaman"].auto, rows["pemahaman"].manual) == (30.0, 7.0)


def test_readers_go_on_while_somebody_writes(course):
    record(course, graded("p001"))
    storage = Storage(course.gradebook_url)
    with storage.writing(["grade"]) as writer:
        writer.exec_driver_sql("update grade set auto_score = 1")
        with closing(Gradebook.open(course)) as book:
            assert {row.auto for row in book.rows(MODULE)} == {20.0, 0.0, None}
        writer.commit()
    with closing(Gradebook.open(course)) as book:
        assert {row.auto for row in book.rows(MODULE)} == {1.0}
    storage.close()


def test_a_reader_on_a_server_sees_one_moment(released_there):
    record(released_there, graded("p001"))
    storage = Storage(released_there.gradebook_url)
    with storage.reading() as reader:
        count = "select count(*) from grade"
        assert reader.exec_driver_sql(count).scalar_one() == 3
        record(released_there, graded("p002"))
        assert reader.exec_driver_sql(count).scalar_one() == 3
    with storage.reading() as reader:
        assert reader.exec_driver_sql(count).scalar_one() == 6
    storage.close()


def test_a_server_that_stops_meanwhile_leaves_nothing_half_done(released_there):
    storage = Storage(released_there.gradebook_url)
    engine = sqlalchemy.create_engine(released_there.gradebook_url)
    with (
        pytest.raises(CourseError, match="Nothing was written; run the command again.$"),
        storage.writing(["student"]) as writer,
    ):
        writer.exec_driver_sql("insert into student (id) values ('p001')")
        own = writer.exec_driver_sql("select pg_backend_pid()").scalar_one()
        with engine.begin() as other:
            other.exec_driver_sql(f"select pg_terminate_backend({own})")
        writer.commit()
    engine.dispose()
    assert fetch(released_there, "select id from student") == []
    with storage.writing(["student"]) as writer:  # the next one connects again
        assert writer.exec_driver_sql("select 1").scalar_one() == 1
    storage.close()


@pytest.mark.kernel
def test_nbgrader_and_pamong_grade_into_postgresql_what_they_grade_into_a_file(
    released, released_there, hand_in, logs, written
):
    played = logs(pemahaman="perfect") | {"refleksi": written("Saya mendengar dahulu.")}
    for course in (released, released_there):
        hand_in(course, "p001", played)
        hand_in(course, "p002", {"pemahaman": b"rusak\n\n"})
        hand_in(course, "p003", logs(pemahaman="random"))
    run(released, "pamong", "grade", MODULE)
    run(released_there, "nbgrader", "autograde", MODULE)
    theirs = [fetch(released_there, query) for query in (ROWS, NOTES)]
    assert theirs == [fetch(released, query) for query in (ROWS, NOTES)]
    assert len(theirs[0]) == 9
    run(released_there, "pamong", "grade", MODULE)
    assert [fetch(released_there, query) for query in (ROWS, NOTES)] == theirs
    for course in (released, released_there):
        run(course, "nbgrader", "export")
    assert (released.root / "grades.csv").read_text() == (
        (released_there.root / "grades.csv").read_text()
    )


def test_a_database_says_whether_it_is_well(course):
    with closing(Storage(course.gradebook_url)) as storage:
        assert storage.there
        assert storage.state() == "ok"
