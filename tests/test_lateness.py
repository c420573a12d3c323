"""Penalties as nbgrader's own step gives them, whatever its configuration says."""

import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from nbformat.v4 import new_notebook
from nbgrader.api import Gradebook as Nbgraders
from nbgrader.preprocessors import AssignLatePenalties

from pamong.course import Course
from pamong.errors import CourseError
from pamong.grading.batch import grade
from pamong.grading.crew.workers import local
from pamong.grading.records.gradebook import Gradebook
from pamong.grading.records.lateness import _settings, load_penalty, no_penalty
from pamong.programme import Due

MODULE = "m0-contoh"
LATE = "2026-12-04 06:30:00.000000 UTC"
ZERO = "\nc = get_config()\nc.LateSubmissionPlugin.penalty_method = 'zero'\n"
CUSTOM = """
from nbgrader.plugins import LateSubmissionPlugin
class Own(LateSubmissionPlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return {rule}
c = get_config()
c.AssignLatePenalties.plugin_class = Own
"""
RULES = {
    "none": "",
    "zero": ZERO,
    "by the hour": CUSTOM.format(rule="total_seconds_late / 3600"),
    "too much": CUSTOM.format(rule="score + 1"),
    "a gift": CUSTOM.format(rule="-5"),
    "nothing": CUSTOM.format(rule="None"),
}


def configure(course, text):
    with (course.root / "nbgrader_config.py").open("a") as file:
        file.write(text)


def execute(course, statement):
    with sqlite3.connect(course.gradebook) as connection:
        found = connection.execute(statement).fetchall()
    connection.close()
    return found


def penalties(course):
    return execute(
        course,
        "select s.student_id, n.late_submission_penalty from submitted_notebook n "
        "join submitted_assignment s on s.id = n.assignment_id order by s.student_id",
    )


@pytest.fixture(scope="module")
def late_once(released_once, tmp_path_factory, logs, hand_in):
    """Three graded submissions, two of them late, one of these with an extension and a person's marks."""
    course = Course.load(shutil.copytree(released_once, tmp_path_factory.mktemp("late") / "root"))
    played = logs(pemahaman="perfect", sikap="middle")
    for person, stamp in (("p001", "2026-12-01 03:00:00 UTC"), ("p002", LATE), ("p003", LATE)):
        hand_in(course, person, played, stamp=stamp)
    execute(course, "update assignment set duedate = '2026-12-03 00:00:00.000000'")
    grade(course, [MODULE], crew=local(1))
    execute(
        course,
        "update submitted_assignment set extension = '1970-01-02 00:00:00.000000' "
        "where student_id = 'p003'",
    )
    execute(course, "update grade set extra_credit = 1.5 where auto_score = 40")
    execute(course, "update grade set manual_score = 11 where auto_score = 0")
    execute(course, "update submitted_notebook set late_submission_penalty = 9")
    return course.root


@pytest.fixture
def late(late_once, tmp_path):
    return Course.load(shutil.copytree(late_once, tmp_path / "late"))


@pytest.mark.parametrize("rule", RULES)
def test_the_penalty_is_the_one_that_nbgraders_step_assigns(late, rule, tmp_path):
    configure(late, RULES[rule])
    theirs = Course.load(shutil.copytree(late.root, tmp_path / "theirs"))
    for person in ("p001", "p002", "p003"):
        who = {"student": person, "assignment": MODULE, "notebook": "module"}
        step = AssignLatePenalties(config=_settings(theirs.root))
        step.preprocess(new_notebook(), {"nbgrader": who | {"db_url": theirs.gradebook_url}})
    grade(late, [MODULE], crew=local(1), force=True)
    found = penalties(late)
    assert found == penalties(theirs)
    assert found[0] == ("p001", None)
    assert rule != "zero" or found[1] == ("p002", 40 + 1.5 + 6 + 11)
    assert (found[1][1] is None) == (rule in ("none", "nothing"))


def test_without_a_penalty_nbgrader_is_not_imported(released):
    code = (
        "import sys; from pathlib import Path; from pamong.course import Course; "
        "from pamong.grading.records.lateness import load_penalty, no_penalty; "
        "assert load_penalty(Course.load(Path.cwd())) is no_penalty; "
        "assert not [name for name in sys.modules if name.startswith(('nbgrader', 'nbconvert'))]"
    )
    subprocess.run([sys.executable, "-c", code], cwd=released.root, check=True)


def test_a_step_that_is_switched_off_takes_nothing(released):
    configure(released, ZERO + "c.AssignLatePenalties.enabled = False\n")
    assert load_penalty(released) is no_penalty


def test_a_plug_in_that_fails_records_nothing_and_says_what_to_do(late):
    configure(late, CUSTOM.format(rule="1 / 0"))
    before = penalties(late)
    with pytest.raises(CourseError) as error:
        grade(late, [MODULE], crew=local(1), force=True)
    assert str(error.value) == (
        "The plug-in for late submissions failed for p002: ZeroDivisionError: division by zero. "
        "Nothing of this batch was recorded. Correct it, or AssignLatePenalties and "
        "LateSubmissionPlugin in nbgrader_config.py, then run the command again."
    )
    assert penalties(late) == before


def test_a_penalty_that_is_no_number_is_refused(late):
    configure(late, CUSTOM.format(rule="float('nan')"))
    with pytest.raises(CourseError, match="late submissions answered nan for p002"):
        grade(late, [MODULE], crew=local(1), force=True)


def test_a_plug_in_that_is_not_there_is_named(released):
    configure(released, "\nget_config().AssignLatePenalties.plugin_class = 'tidak.ada'\n")
    with pytest.raises(CourseError, match="late submissions cannot be loaded: .*tidak"):
        load_penalty(released)


def test_a_broken_configuration_is_named(released):
    configure(released, "\nrusak(\n")
    with pytest.raises(CourseError, match=r"nbgrader_config\.py cannot be read: "):
        load_penalty(released)


def test_the_schedule_sets_due_date_and_extensions_and_the_penalties_are_nbgraders(late, tmp_path):
    configure(late, ZERO)
    grade(late, [MODULE], crew=local(1), force=True)
    assert [points is not None for _, points in penalties(late)] == [False, True, True]
    due = Due(
        module=MODULE,
        earliest=datetime(2026, 12, 1, 7, tzinfo=ZoneInfo("Asia/Jakarta")),
        more={"p001": timedelta(hours=3), "p002": timedelta(days=4), "p009": timedelta(days=1)},
    )
    gradebook = Gradebook.open(late)
    assert gradebook.schedule([due, replace(due, module="m9")], load_penalty(late)) == 3
    assert gradebook.schedule([due], load_penalty(late)) == 0
    gradebook.close()
    rows = execute(late, "select duedate from assignment")
    assert rows == [("2026-12-01 00:00:00.000000",)]
    assert execute(late, "select extension from submitted_assignment order by student_id") == [
        ("1970-01-01 03:00:00.000000",), ("1970-01-05 00:00:00.000000",),
        ("1970-01-02 00:00:00.000000",),
    ]  # fmt: skip
    found = penalties(late)
    assert [points is not None for _, points in found] == [False, False, True]
    theirs = Course.load(shutil.copytree(late.root, tmp_path / "theirs"))
    for person in ("p001", "p002", "p003"):
        who = {"student": person, "assignment": MODULE, "notebook": "module"}
        step = AssignLatePenalties(config=_settings(theirs.root))
        step.preprocess(new_notebook(), {"nbgrader": who | {"db_url": theirs.gradebook_url}})
    assert penalties(theirs) == found


def test_a_server_keeps_due_dates_and_extensions_alike(released_there, logs, hand_in):
    hand_in(released_there, "p001", logs(pemahaman="perfect"), stamp=LATE)
    grade(released_there, [MODULE], crew=local(1))
    earliest = datetime(2026, 12, 1, 7, tzinfo=ZoneInfo("Asia/Jakarta"))
    due = Due(module=MODULE, earliest=earliest, more={"p001": timedelta(days=2, hours=3)})
    with closing(Gradebook.open(released_there)) as gradebook:
        assert gradebook.schedule([due], no_penalty) == 1
        assert gradebook.schedule([due], no_penalty) == 0
    with Nbgraders(released_there.gradebook_url) as theirs:
        found = theirs.find_submission(MODULE, "p001")
        assert found.duedate == datetime(2026, 12, 3, 3)  # nbgrader's are naive UTC
