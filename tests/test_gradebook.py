import json
import sqlite3
from contextlib import closing

import pytest

from pamong.errors import CourseError
from pamong.grading.mark import Handed, Mark
from pamong.grading.pipeline import GradedSubmission, Page
from pamong.grading.records.gradebook import Gradebook, effective
from pamong.grading.records.ledger import Standing
from pamong.grading.records.origin import code
from pamong.grading.records.reader import Reader
from pamong.outcome import Errored, Missing, Scored
from pamong.roster import read_roster
from pamong.score import Part, Score

MODULE = "m0-contoh"
SCORE = Score(0.5, (Part("a", "A", 1.0, 0.5, "Karena."),))


@pytest.fixture
def book(released):
    gradebook = Gradebook.open(released)
    yield gradebook
    gradebook.close()


def graded(participant="p001", essay=None, played=None, answer="f", **changes):
    marks = (
        Mark("pemahaman", played or Scored(20.0, 40.0, SCORE), answer),
        Mark("sikap", Missing(30.0), "s"),
        Mark("uraian-q1", essay or Handed(30.0), answer),
    )
    fixed = {"timestamp": "2026-12-01 03:00:00.000000 UTC", "version": "v"}
    return GradedSubmission(
        participant=participant, module=MODULE, pages=(page(*marks),), **(fixed | changes)
    )


def page(*marks):
    return Page(name="module.ipynb", marks=marks, content=b"")


def record(book, *batch, **options):
    return book.record(batch, by="pamong grade", **options)


def rows(book, participant="p001"):
    return {row.cell: row for row in book.rows(MODULE, (participant,))}


def standings(book):
    return {cell: (row.auto, row.needs_person) for cell, row in rows(book).items()}


def mark_by_hand(course, cell, points, comment=None):
    """What formgrader does when a marker gives points."""
    with sqlite3.connect(course.gradebook) as connection:
        connection.execute(
            "update grade set manual_score = ?, needs_manual_grade = 0 "
            "where cell_id in (select id from base_cell where name = ? and type = 'GradeCell')",
            (points, cell),
        )
        connection.execute(
            "update comment set manual_comment = ? "
            "where cell_id in (select id from base_cell where name = ? and type = 'SolutionCell')",
            (comment, cell),
        )
    connection.close()


def ledger(course):
    return [json.loads(line) for line in course.ledger.read_text().splitlines()]


def comments(course):
    with sqlite3.connect(course.gradebook) as connection:
        found = connection.execute(
            "select b.name, c.auto_comment from comment c join base_cell b on b.id = c.cell_id "
            "order by b.name"
        ).fetchall()
    connection.close()
    return found


def test_what_was_graded_stands_in_the_gradebook(book):
    record(book, graded())
    assert standings(book) == {
        "pemahaman": (20.0, False),
        "sikap": (0.0, False),
        "uraian-q1": (None, True),
    }


def test_an_errored_cell_has_no_points_and_tells_the_marker_why(book, released):
    record(book, graded(played=Errored(40.0, "rusak")))
    assert rows(book)["pemahaman"].auto is None
    assert rows(book)["pemahaman"].needs_person
    assert comments(released) == [
        (
            "pemahaman",
            "Belum dapat dinilai otomatis. Periksa dan beri nilai secara manual. Penyebab: rusak",
        ),
        ("uraian-q1", None),
    ]
    record(book, graded())
    assert dict(comments(released))["pemahaman"] is None


def test_a_blank_essay_is_no_points_with_a_comment(book, released):
    record(book, graded(essay=Missing(30.0)))
    assert standings(book)["uraian-q1"] == (0.0, False)
    assert comments(released) == [("uraian-q1", "Tidak ada jawaban.")]


def test_grading_again_changes_nothing_and_says_nothing(book, released):
    assert len(record(book, graded())) == 3
    lines = len(ledger(released))
    assert record(book, graded()) == ()
    assert len(ledger(released)) == lines == 3


def test_a_manual_mark_is_kept_and_not_asked_for_again(book, released):
    record(book, graded())
    mark_by_hand(released, "uraian-q1", 25.0, "Baik.")
    mark_by_hand(released, "pemahaman", 33.0)
    record(book, graded())
    essay = rows(book)["uraian-q1"]
    assert (essay.manual, essay.score, essay.needs_person, essay.comment) == (
        25,
        25,
        False,
        "Baik.",
    )
    assert rows(book)["pemahaman"].score == 33.0
    assert not rows(book)["pemahaman"].needs_person


def test_a_manual_mark_is_looked_at_again_when_its_answer_changed(book, released):
    record(book, graded())
    mark_by_hand(released, "uraian-q1", 25.0)
    record(book, graded(answer="lain"))
    essay = rows(book)["uraian-q1"]
    assert (essay.manual, essay.needs_person) == (25.0, True)
    record(book, graded(answer="lain"))
    assert rows(book)["uraian-q1"].needs_person


def test_to_look_what_would_change_tells_and_does_nothing(book, released):
    with closing(Reader(released)) as reader:
        (change, *_) = reader.changes([graded()])
    assert (change.participant, change.cell, change.old) == ("p001", "pemahaman", None)
    assert change.new == Standing(20.0, False)
    assert book.rows(MODULE) == ()
    assert not released.ledger.exists()


def test_the_ledger_tells_who_what_when_and_from_what(book, released):
    record(book, graded())
    record(book, graded(played=Errored(40.0, "rusak"), version="w"))
    entry = ledger(released)[-1]
    assert entry["by"].startswith("pamong grade (")
    assert entry["at"].endswith("Z")
    assert entry | {"by": "", "at": ""} == {
        "at": "",
        "by": "",
        "participant": "p001",
        "module": MODULE,
        "cell": "pemahaman",
        "old": {"points": 20.0, "needs_person": False},
        "new": {"points": None, "needs_person": True},
        "cause": "the module or its key changed; errored: rusak",
        "submission": "",
        "source": "w",
        "code": code(),
    }


def test_a_batch_is_recorded_whole_or_not_at_all(book, released):
    odd = GradedSubmission(
        participant="p002", module=MODULE, timestamp="", version="v",
        pages=(page(Mark("asing", Missing(1.0), "")),),
    )  # fmt: skip
    with pytest.raises(CourseError, match="knows no graded cell 'asing'. Run `pamong release m0"):
        record(book, graded(), odd)
    assert book.rows(MODULE) == ()
    assert not released.ledger.exists()


def test_a_ledger_that_cannot_be_written_stops_the_recording(book, released):
    released.ledger.mkdir()
    with pytest.raises(CourseError, match="The ledger .* cannot be written"):
        record(book, graded())
    assert book.rows(MODULE) == ()


def test_a_resubmission_moves_the_time_it_was_handed_in(book, released):
    record(book, graded())
    record(book, graded(timestamp="2026-12-02 04:00:00.000000 UTC"))
    record(book, graded(timestamp="kapan-kapan"))
    with sqlite3.connect(released.gradebook) as connection:
        found = connection.execute("select timestamp from submitted_assignment").fetchall()
    connection.close()
    assert found == [("2026-12-02 04:00:00.000000",)]


def test_an_iso_time_with_a_zone_is_stored_as_utc(book, released):
    record(book, graded(timestamp="2026-12-02T11:00:00+07:00"))
    with sqlite3.connect(released.gradebook) as connection:
        found = connection.execute("select timestamp from submitted_assignment").fetchall()
    connection.close()
    assert found == [("2026-12-02 04:00:00.000000",)]


def test_a_module_that_was_never_released_is_named(book):
    lost = graded()
    other = GradedSubmission(
        participant="p001", module="m9", timestamp="", version="", pages=lost.pages
    )
    with pytest.raises(CourseError, match="holds no notebook of m9. Run `pamong release m9` first"):
        record(book, other)


def test_a_database_that_is_no_gradebook_is_refused(tmp_path):
    with pytest.raises(CourseError, match="The gradebook lacks assignment, base_cell"):
        Gradebook(f"sqlite:///{tmp_path / 'kosong.db'}", tmp_path / "ledger.jsonl")


def test_the_roster_enters_and_renames_people_and_removes_nobody(book, released):
    roster = read_roster(released.roster, released.programme)
    record(book, graded("p900"))
    assert book.enrol(roster) == (3, 0, 1)
    assert book.enrol(roster) == (0, 0, 1)
    with sqlite3.connect(released.gradebook) as connection:
        connection.execute("update student set first_name = 'Lama' where id = 'p001'")
    connection.close()
    assert book.enrol(roster) == (0, 1, 1)


@pytest.mark.parametrize(
    ("auto", "manual", "extra", "expected"),
    [
        (5.0, None, None, 5.0),
        (5.0, 7.0, None, 7.0),
        (5.0, 0.0, 1.0, 1.0),
        (None, None, 3.0, 0.0),
        (None, None, None, 0.0),
    ],
)
def test_a_cell_counts_as_nbgrader_counts_it(auto, manual, extra, expected):
    assert effective(auto, manual, extra) == expected


@pytest.mark.kernel
def test_the_first_roster_makes_the_gradebook(small):
    gradebook = Gradebook.open(small)
    assert gradebook.enrol(read_roster(small.roster, small.programme)) == (3, 0, 0)
    assert gradebook.rows(MODULE) == ()
    gradebook.close()


def test_an_error_of_the_machine_does_not_ask_again_for_a_mark_that_was_given(book, released):
    record(book, graded(answer="f"))
    mark_by_hand(released, "uraian-q1", 25)
    record(book, graded(essay=Errored(30.0, "mati"), answer=""))
    assert rows(book)["uraian-q1"].manual == 25
    assert not rows(book)["uraian-q1"].needs_person
    record(book, graded(answer="f"))
    assert not rows(book)["uraian-q1"].needs_person
    record(book, graded(answer="lain"))
    assert rows(book)["uraian-q1"].needs_person
