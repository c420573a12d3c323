"""What a grade rests on, and that nothing is graded twice from the same."""

from contextlib import closing
from dataclasses import replace

from pamong.grading.batch import grade
from pamong.grading.crew.workers import local
from pamong.grading.intake.submission import load
from pamong.grading.records.origin import Origin, code, origin
from pamong.grading.records.reader import Reader
from pamong.grading.source import load_source

MODULE = "m0-contoh"


def run(released, **options):
    made = grade(released, [MODULE], crew=local(1), **options)
    return made.tallies[0], made


def test_a_submission_that_has_not_changed_is_not_graded_again(released, logs, hand_in):
    hand_in(released, "p001", logs(pemahaman="perfect"))
    first, _ = run(released)
    again, made = run(released)
    assert (first.unchanged, first.scored) == (0, 1)
    assert (again.submissions, again.unchanged, again.scored) == (1, 1, 0)
    assert made.changes == ()


def test_force_grades_it_all_the_same(released, logs, hand_in):
    hand_in(released, "p001", logs(pemahaman="perfect"))
    run(released)
    again, made = run(released, force=True)
    assert (again.unchanged, again.scored) == (0, 1)
    assert made.changes == ()


def test_a_changed_answer_is_graded_again_and_nobody_elses(released, logs, hand_in):
    hand_in(released, "p001", logs(pemahaman="perfect"))
    hand_in(released, "p002", logs(pemahaman="perfect"))
    run(released)
    (released.submitted("p001", MODULE) / "pemahaman.jsonl").unlink()
    again, made = run(released)
    assert (again.unchanged, again.missing) == (1, 3)
    assert [(one.participant, one.new.points) for one in made.changes] == [("p001", 0.0)]


def test_what_is_errored_is_tried_again(released, hand_in):
    hand_in(released, "p001", {"pemahaman": b"rusak\n\n"})
    run(released)
    again, _ = run(released)
    assert (again.unchanged, again.errored) == (0, 1)


def test_a_graded_notebook_that_is_gone_is_made_again(released, logs, hand_in):
    hand_in(released, "p001", logs(pemahaman="perfect"))
    run(released)
    page = released.autograded("p001", MODULE) / "module.ipynb"
    page.unlink()
    again, _ = run(released)
    assert again.unchanged == 0
    assert page.is_file()


def test_a_dry_run_is_no_grading(released, logs, hand_in):
    hand_in(released, "p001", logs(pemahaman="perfect"))
    run(released, dry_run=True)
    with closing(Reader(released)) as reader:
        assert reader.origins(MODULE) == {}
    assert run(released)[0].unchanged == 0


def test_an_origin_names_submission_source_and_code(released, logs, hand_in):
    hand_in(released, "p001", logs(pemahaman="perfect"))
    run(released)
    source, submission = load_source(released, MODULE), load(released, "p001", MODULE)
    with closing(Reader(released)) as reader:
        assert reader.origins(MODULE) == {"p001": origin(source, submission)}
    assert origin(source, submission) == Origin(submission.fingerprint, source.version, code())


def test_everything_that_a_grade_may_depend_on_changes_the_origin(released, logs, hand_in):
    hand_in(released, "p001", logs(pemahaman="perfect"))
    source, one = load_source(released, MODULE), load(released, "p001", MODULE)
    others = [
        replace(one, participant="p002"),
        replace(one, role="lain"),
        replace(one, timestamp="2027-01-31 03:00:00.000000 UTC"),
        replace(one, notebooks={"module.ipynb": b"{}"}),
        replace(one, logs={}),
        replace(one, logs={"sikap": one.logs["pemahaman"]}),
        replace(one, doubts={"module.ipynb": "rusak"}),
    ]
    found = {origin(source, each).submission for each in (one, *others)}
    assert len(found) == 8
    touched = replace(source, files={**source.files, "baru.yaml": b""})
    assert origin(touched, one).source != origin(source, one).source
