"""One grading run: what is graded, what is left as it is, and what a Ctrl-C leaves behind."""

import signal
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from pamong.doctor import examine
from pamong.errors import AuthoringError, CourseError
from pamong.grading import batch
from pamong.grading.batch import grade, total
from pamong.grading.crew.workers import grade_all, local
from pamong.grading.feedback import feedback
from pamong.grading.records import ledger
from pamong.grading.records.gradebook import Gradebook
from pamong.grading.release import release
from pamong.reports import snapshot

MODULE = "m0-contoh"
EVERYBODY = [f"p{number:03}" for number in range(1, 7)]


def rows(course):
    with closing(Gradebook.open(course)) as book:
        return book.rows(MODULE)


def entries(course):
    return list(ledger.read(course.ledger))


def run(course, **options):
    return grade(course, [MODULE], **({"crew": local(1)} | options))


def execute(course, statement, *values):
    with closing(sqlite3.connect(course.gradebook)) as connection, connection:
        connection.execute(statement, values)


def mark_by_hand(course, cell, points):
    execute(
        course,
        "update grade set manual_score = ?, needs_manual_grade = 0 "
        "where cell_id in (select id from base_cell where name = ?)",
        points,
        cell,
    )


def content(folder):
    return {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.fixture
def handed_in(released, logs, hand_in, written):
    """Six submissions: all play, every second one writes."""
    for number, participant in enumerate(EVERYBODY):
        essay = {"refleksi": written("Begini.")} if number % 2 else {}
        hand_in(released, participant, logs(pemahaman="perfect") | essay)
    return released


def test_a_run_grades_files_and_records_everybody(released, logs, hand_in, written):
    hand_in(released, "p001", logs(pemahaman="perfect") | {"refleksi": written("Begini.")})
    hand_in(released, "p002", {"pemahaman": b"rusak\n\n"})
    seen = []
    made = run(released, progress=lambda *step: seen.append(step))
    assert [step[:2] for step in seen] == [(0, 2), (1, 2), (2, 2)]
    assert seen[-1] == (2, 2, 1)
    (tally,) = made.tallies
    assert (tally.submissions, tally.scored, tally.missing, tally.errored) == (2, 1, 3, 1)
    assert tally.to_mark == 2
    assert [(one.participant, one.cell, one.settled) for one in made.troubles] == [
        ("p002", "pemahaman", False)
    ]
    folder = released.autograded("p001", MODULE)
    assert {path.name for path in folder.iterdir()} == {
        "module.ipynb", "gambar.svg", "pemahaman.jsonl", "refleksi.jsonl", "timestamp.txt",
        "submission_secret.txt",
    }  # fmt: skip
    assert len(made.changes) == 6
    assert str(tally) == (
        "2 submissions (0 unchanged): 1 cells scored, 3 empty, 1 errored; 2 wait for a marker."
    )


def test_what_has_not_changed_is_left_alone_and_still_counted(handed_in):
    first = run(handed_in)
    before = content(handed_in.folder / "autograded"), entries(handed_in)
    again = run(handed_in)
    assert (content(handed_in.folder / "autograded"), entries(handed_in)) == before
    (tally,) = again.tallies
    assert (tally.submissions, tally.unchanged, tally.scored, again.changes) == (6, 6, 0, ())
    assert tally.to_mark == first.tallies[0].to_mark == 3


def test_force_grades_also_what_has_not_changed(handed_in):
    run(handed_in)
    again = run(handed_in, force=True)
    assert (again.tallies[0].unchanged, again.tallies[0].scored) == (0, 6)
    assert again.changes == ()


def test_only_what_changed_is_graded_again_and_the_ledger_says_why(handed_in, hand_in, logs):
    run(handed_in)
    hand_in(handed_in, "p001", logs(pemahaman="first"))
    again = run(handed_in)
    assert again.tallies[0].unchanged == 5
    (change,) = again.changes
    assert (change.participant, change.cell) == ("p001", "pemahaman")
    assert change.cause == "the answer changed"
    last = entries(handed_in)[-1]
    assert (last.old.points, last.new.points) == (change.old.points, change.new.points)
    assert (last.cause, last.source) == (change.cause, change.origin.source)


def test_what_errored_is_tried_again_until_it_can_be_judged(handed_in, hand_in, logs):
    hand_in(handed_in, "p001", {"pemahaman": b"rusak\n\n"})
    assert [one.participant for one in run(handed_in).troubles] == ["p001"]
    again = run(handed_in)
    assert (again.tallies[0].unchanged, again.tallies[0].errored, again.changes) == (5, 1, ())
    hand_in(handed_in, "p001", logs(pemahaman="perfect"))
    (change,) = run(handed_in).changes
    assert change.cause == "the answer changed"


def test_an_errored_cell_that_was_marked_by_hand_waits_for_nobody(handed_in, hand_in):
    hand_in(handed_in, "p001", {"pemahaman": b"rusak\n\n"})
    assert run(handed_in).tallies[0].to_mark == 4
    mark_by_hand(handed_in, "pemahaman", 33.0)
    again = run(handed_in)
    assert [one.settled for one in again.troubles] == [True]
    assert again.tallies[0].to_mark == 3


def test_a_manual_mark_stays_and_is_asked_for_again_only_by_a_new_answer(
    handed_in, hand_in, written, logs
):
    run(handed_in)
    mark_by_hand(handed_in, "uraian-q1", 25.0)
    run(handed_in, force=True)
    hand_in(handed_in, "p002", logs(pemahaman="perfect") | {"refleksi": written("Begitu.")})
    hand_in(handed_in, "p004", logs(pemahaman="first") | {"refleksi": written("Begini.")})
    (asked, played) = run(handed_in).changes
    assert (asked.participant, asked.cell, asked.manual) == ("p002", "uraian-q1", 25.0)
    assert (played.participant, played.cell) == ("p004", "pemahaman")
    essays = {row.participant: row for row in rows(handed_in) if row.cell == "uraian-q1"}
    assert {row.score for row in essays.values()} == {25.0}
    assert [who for who, row in essays.items() if row.needs_person] == ["p002"]


def test_a_run_may_be_for_some_and_names_who_handed_in_nothing(released, hand_in):
    hand_in(released, "p001")
    hand_in(released, "p002")
    made = run(released, participants=["p002", "p777"])
    assert (made.tallies[0].submissions, made.unknown) == (1, ("p777",))


def test_a_dry_run_tells_what_a_real_one_then_does_and_changes_nothing(handed_in):
    before = content(handed_in.root)
    dry = run(handed_in, dry_run=True)
    assert content(handed_in.root) == before
    assert dry.dry
    real = run(handed_in)
    assert dry.changes == real.changes
    assert dry.tallies == real.tallies
    assert not real.dry


def test_a_dry_run_makes_no_table_in_a_gradebook_that_only_nbgrader_wrote_to(handed_in):
    for table in ("pamong_answer", "pamong_origin"):
        execute(handed_in, f"drop table if exists {table}")
    before = handed_in.gradebook.read_bytes()
    assert len(run(handed_in, dry_run=True).changes) == 18
    assert handed_in.gradebook.read_bytes() == before


def test_a_dry_run_of_a_new_key_tells_whose_score_moves(handed_in):
    run(handed_in)
    execute(handed_in, "update pamong_origin set source = 'dahulu'")
    execute(handed_in, "update grade set auto_score = 1 where auto_score > 1")
    dry = run(handed_in, dry_run=True)
    assert {change.cause for change in dry.changes} == {"the module or its key changed"}
    assert [change.participant for change in dry.changes] == EVERYBODY
    assert {(change.old.points, change.new.points) for change in dry.changes} == {(1.0, 40.0)}


def test_a_dry_run_without_a_gradebook_makes_none(released, hand_in):
    hand_in(released, "p001")
    released.gradebook.unlink()
    with pytest.raises(CourseError, match="holds no gradebook yet. Run `pamong release` first."):
        run(released, dry_run=True)
    assert not released.gradebook.exists()


def test_a_gradebook_that_is_gone_is_told_and_never_replaced_by_an_empty_one(released, hand_in):
    hand_in(released, "p001")
    run(released)
    released.gradebook.unlink()
    told = (
        f"The gradebook {released.gradebook} is gone, though {released.ledger} tells of grades. Restore it "
        "from a backup. Without one, move the ledger away, release every module and grade again: marks "
        "given by hand are lost with the gradebook."
    )
    for work in (
        lambda: run(released),
        lambda: run(released, dry_run=True),
        lambda: feedback(released, MODULE),
        lambda: release(released, MODULE),
        lambda: snapshot.take(released),
        lambda: Gradebook.open(released),
    ):
        with pytest.raises(CourseError) as caught:
            work()
        assert str(caught.value) == told
    assert told in {found.advice for found in examine(released)}
    assert not released.gradebook.exists()


def test_a_run_with_nothing_to_grade_says_what_to_do(released):
    with pytest.raises(CourseError, match="Nobody has handed in m0-contoh. Run `pamong collect`"):
        run(released)


def test_a_link_in_a_submission_is_not_followed(released, logs, hand_in, tmp_path):
    elsewhere = tmp_path / "milik-orang.jsonl"
    elsewhere.write_bytes(logs(pemahaman="perfect")["pemahaman"])
    folder = hand_in(released, "p001")
    Path(folder / "pemahaman.jsonl").symlink_to(elsewhere)
    made = run(released)
    assert (made.tallies[0].scored, made.tallies[0].errored) == (0, 1)
    kept = released.autograded("p001", MODULE) / "pemahaman.jsonl"
    assert kept.read_bytes() != elsewhere.read_bytes()


def test_all_modules_together_are_counted_under_no_name(handed_in):
    (tally,) = run(handed_in).tallies
    both = total([tally, tally])
    assert (both.module, both.submissions, both.to_mark) == ("", 12, 6)


def interrupted_after(count):
    """A crew during whose work somebody presses Ctrl-C."""

    def crew(sources, submissions):
        done = 0
        with closing(grade_all(sources, submissions, processes=1)) as stream:
            for each in stream:
                if done == count:
                    signal.raise_signal(signal.SIGINT)
                done += 1
                yield each

    return crew


@pytest.mark.parametrize("count", [0, 1, 3, 5])
def test_an_interrupted_run_records_what_it_has_and_the_next_one_does_the_rest(
    handed_in, count, monkeypatch
):
    monkeypatch.setattr(batch, "BATCH", 2)
    with pytest.raises(KeyboardInterrupt):
        run(handed_in, crew=interrupted_after(count))
    recorded = {row.participant for row in rows(handed_in)}
    filed = {path.name for path in (handed_in.folder / "autograded").glob("*")}
    told = {entry.participant for entry in entries(handed_in)}
    assert recorded == filed == told
    assert len(recorded) == count
    again = run(handed_in)
    assert again.tallies[0].unchanged == count
    assert {row.participant for row in rows(handed_in)} == set(EVERYBODY)
    assert len(entries(handed_in)) == 18


def test_a_ctrl_c_while_recording_lets_it_finish(handed_in, monkeypatch):
    record = Gradebook.record

    def slow(self, *batch, **options):
        signal.raise_signal(signal.SIGINT)
        return record(self, *batch, **options)

    monkeypatch.setattr(Gradebook, "record", slow)
    monkeypatch.setattr(batch, "BATCH", 2)
    with pytest.raises(KeyboardInterrupt):
        run(handed_in)
    assert len({row.participant for row in rows(handed_in)}) == 2
    assert len(entries(handed_in)) == 6


def test_a_crew_that_fails_loses_nothing_that_is_graded(handed_in):
    def crew(sources, submissions):
        with closing(grade_all(sources, submissions, processes=1)) as stream:
            yield next(stream)
            raise CourseError("Semua pekerja hilang.")

    with pytest.raises(CourseError, match="Semua pekerja hilang"):
        run(handed_in, crew=crew)
    assert len({row.participant for row in rows(handed_in)}) == 1


def test_a_run_says_what_lies_among_the_submissions_and_is_not_graded(released, hand_in):
    hand_in(released, "p001")
    hand_in(released, "bukan-peserta")
    (released.folder / "submitted" / "catatan.txt").write_text("lupa")
    remarks = grade(released, [MODULE], crew=local(1)).remarks
    assert len(remarks) == 2
    assert remarks[0].startswith("'catatan.txt' in ")
    assert remarks[1:] == (
        "bukan-peserta is not in the roster; what they handed in is graded all the same.",
    )


def test_a_roster_that_cannot_be_read_stops_the_run_since_some_cases_differ_by_office(handed_in):
    handed_in.roster.write_text("bukan,sebuah,daftar\n1,2,3\n")
    with pytest.raises(AuthoringError):
        run(handed_in)


def test_without_any_roster_everybody_is_graded_and_that_is_said(handed_in):
    handed_in.roster.unlink()
    made = run(handed_in)
    assert made.tallies[0].submissions == len(EVERYBODY)
    assert made.remarks == (
        f"There is no {handed_in.roster}: everybody is graded as if of no office.",
    )


def test_a_course_without_a_gradebook_is_told_so_and_gets_none_by_grading(handed_in):
    handed_in.gradebook.unlink()
    with pytest.raises(CourseError, match="pamong release"):
        run(handed_in)
    assert not list(handed_in.folder.glob("*gradebook*"))


def test_a_graded_notebook_that_a_power_cut_left_empty_is_made_again(handed_in):
    run(handed_in)
    page = handed_in.autograded("p001", MODULE) / "module.ipynb"
    page.write_bytes(b"")
    again = run(handed_in)
    assert again.tallies[0].unchanged == again.tallies[0].submissions - 1
    assert page.stat().st_size > 1000


def test_a_folder_that_cannot_be_written_is_told_and_what_was_filed_before_is_recorded(handed_in):
    folder = handed_in.autograded("p002", MODULE).parent
    folder.parent.mkdir()
    folder.write_text("di jalan")
    with pytest.raises(CourseError) as error:
        run(handed_in)
    assert str(error.value) == (
        f"{folder} cannot be written (File exists). What was graded before is recorded. "
        "Make room, or give this account the rights, then run the same command again."
    )
    assert {row.participant for row in rows(handed_in)} == {"p001"}


def test_nobody_of_those_asked_for_is_told_with_what_to_do(handed_in):
    with pytest.raises(CourseError) as error:
        run(handed_in, participants=[f"p{number}" for number in range(900, 908)])
    assert str(error.value) == (
        "Nothing of m0-contoh was handed in by p900, p901, p902, p903, p904 and 3 more. "
        "Run `pamong collect` first, or look at the ids in course/roster.csv."
    )
