"""A course on disk, and what was released of it."""

import shutil
from concurrent.futures import ThreadPoolExecutor

import pytest

from pamong.errors import CourseError, UnknownVersion
from pamong.grading.batch import grade
from pamong.grading.filing import file
from pamong.grading.intake.submission import load
from pamong.judgement import judge
from pamong.outcome import Errored, Scored

MODULE = "m0-contoh"


def test_a_version_that_was_never_released_names_those_that_were(released):
    with pytest.raises(UnknownVersion, match="played on version 4, released versions are 1."):
        released.shelf(MODULE).get("pemahaman", 4)


def test_a_secret_that_was_cut_off_is_not_believed(released):
    with ThreadPoolExecutor(8) as pool:
        (found,) = set(pool.map(lambda _: released.secret(), range(8)))
    assert len(found) == 32
    path = released.graders / ".secret"
    assert path.stat().st_mode & 0o777 == 0o600
    path.write_bytes(b"")
    with pytest.raises(CourseError, match="is damaged. Restore it from the backup."):
        released.secret()


def test_a_frozen_key_that_was_changed_scores_nothing(released, logs):
    played = logs(pemahaman="perfect")
    assert isinstance(judge("pemahaman", 10, played, released.shelf(MODULE)), Scored)
    key = released.shelf(MODULE).folder / "pemahaman.v1.key.yaml"
    key.write_text(key.read_text().replace("correct: [a]", "correct: [b]"))
    outcome = judge("pemahaman", 10, played, released.shelf(MODULE))
    assert isinstance(outcome, Errored)
    assert "pemahaman.v1.key.yaml was changed after its release." in outcome.cause


def test_a_module_edited_since_its_release_is_not_graded(released, hand_in):
    hand_in(released, "p001")
    path = released.source(MODULE) / "module.ipynb"
    path.write_text(path.read_text().replace("### BEGIN", "###  BEGIN"))
    with pytest.raises(CourseError, match="has changed since its release. Run `pamong release"):
        grade(released, [MODULE])


def test_a_graders_folder_that_is_gone_is_named(released, hand_in):
    hand_in(released, "p001")
    shutil.move(released.graders, released.root / "lain")
    with pytest.raises(CourseError, match="graders' folder .*/graders is not there. Put it back"):
        grade(released, [MODULE])


def test_two_runs_may_file_the_same_notebook_at_once(released, hand_in, logs):
    hand_in(released, "p001", logs(pemahaman="perfect"))
    submission = load(released, "p001", MODULE)
    with ThreadPoolExecutor(8) as pool:
        list(
            pool.map(lambda n: file(released, submission, {"module.ipynb": b"{%d}" % n}), range(40))
        )
    folder = released.autograded("p001", MODULE)
    assert (folder / "module.ipynb").read_text().startswith("{")
    assert [path.name for path in folder.parent.iterdir()] == [MODULE]
