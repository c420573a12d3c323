"""One set of submissions of two notebooks each, graded by ``nbgrader autograde`` and by ``pamong grade``."""

import csv
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections import Counter
from copy import deepcopy
from pathlib import Path

import pytest
from nbgrader.api import Gradebook
from nbgrader.plugins import CsvExportPlugin

from pamong.course import BRIEF, Course
from pamong.grading.batch import grade
from pamong.grading.crew.workers import local
from pamong.grading.feedback import feedback
from pamong.grading.records.gradebook import Gradebook as OurGradebook

pytestmark = pytest.mark.kernel
HERE = Path(__file__).parent
MODULE = "m0-contoh"
RELEASE = "from pamong.cli import main; main()", "release", MODULE
SECOND = "penutup.ipynb"
AGAIN = ("p005", "p008")
"""Who is graded twice."""
ON_TIME = "2026-12-01 03:00:00.000000 UTC"
LATE = "2026-12-03 12:00:00.250000 UTC"
DUE = "2026-12-02 00:00:00"
PLUGIN = """
from nbgrader.plugins import LateSubmissionPlugin

class PerDay(LateSubmissionPlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        if student_id == "p003":
            return None
        return 2.5 + total_seconds_late // 86400

c = get_config()
c.AssignLatePenalties.plugin_class = PerDay
"""
QUERIES = {
    "submitted_assignment": """
        select s.student_id, a.name, s.timestamp, s.extension from submitted_assignment s
        join assignment a on a.id = s.assignment_id""",
    "submitted_notebook": """
        select s.student_id, p.name, n.flagged, n.late_submission_penalty from submitted_notebook n
        join notebook p on p.id = n.notebook_id
        join submitted_assignment s on s.id = n.assignment_id""",
    "grade": """
        select s.student_id, p.name, b.name, b.type, g.auto_score, g.manual_score, g.extra_credit,
               g.needs_manual_grade from grade g
        join base_cell b on b.id = g.cell_id join notebook p on p.id = b.notebook_id
        join submitted_notebook n on n.id = g.notebook_id
        join submitted_assignment s on s.id = n.assignment_id""",
    "comment": """
        select s.student_id, p.name, b.name, b.type, c.auto_comment, c.manual_comment from comment c
        join base_cell b on b.id = c.cell_id join notebook p on p.id = b.notebook_id
        join submitted_notebook n on n.id = c.notebook_id
        join submitted_assignment s on s.id = n.assignment_id""",
    "student": "select id, first_name, last_name, email, lms_user_id from student",
    "answer": """
        select s.student_id, b.name, w.fingerprint from pamong_answer w
        join grade g on g.id = w.grade_id join base_cell b on b.id = g.cell_id
        join submitted_notebook n on n.id = g.notebook_id
        join submitted_assignment s on s.id = n.assignment_id""",
}


def rows(course):
    """Everything in the gradebook that means something, by table."""
    with sqlite3.connect(course.gradebook) as connection:
        found = {
            name: sorted(connection.execute(query), key=repr) for name, query in QUERIES.items()
        }
    connection.close()
    return found


def change(course, statement, *values):
    with sqlite3.connect(course.gradebook) as connection:
        assert connection.execute(statement, values).rowcount > 0
    connection.close()


def python(course, *words):
    """Python in a process of its own, from the root of the course."""
    environment = os.environ | {"JUPYTER_RUNTIME_DIR": str(course.root.parent / ("run" + "x" * 60))}
    run = subprocess.run(
        [sys.executable, *words], cwd=course.root, env=environment, capture_output=True,
        text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    return run.stdout


def divided(root):
    """The small course, its module with a second notebook: half of the exercises, a set-up cell."""
    shutil.copytree(HERE / "course_small", root)
    shutil.copytree(HERE.parent / "templates", root / "templates")
    shutil.copy(HERE.parent / "nbgrader_config.py", root)
    course = Course.load(root)
    path = course.source(MODULE) / "module.ipynb"
    whole = json.loads(path.read_bytes())
    names = {"sikap", "refleksi", "uraian-q1"}
    first = [cell for cell in whole["cells"] if cell["id"] not in names]
    second = [cell for cell in whole["cells"] if cell["id"] in names]
    opening = deepcopy(next(cell for cell in first if cell["id"] == "buka"))
    opening["id"] = opening["metadata"]["nbgrader"]["grade_id"] = "buka-lagi"
    path.write_text(json.dumps(whole | {"cells": first}))
    path.with_name(SECOND).write_text(json.dumps(whole | {"cells": [opening, *second]}))
    return course


class Sheets:
    """The two released notebooks, to be changed as participants change them, and handed in."""

    def __init__(self, course):
        self.course = course
        self.pages = {
            path.name: json.loads(path.read_bytes())
            for path in course.release(MODULE).glob("*.ipynb")
        }

    def cell(self, name):
        cells = [cell for page in self.pages.values() for cell in page["cells"]]
        return next(cell for cell in cells if cell["id"] == name)

    def hand_in(self, participant, logs, stamp=ON_TIME, **raw):
        """Put a submission where ``collect`` would; ``raw`` replaces a notebook's content or leaves it out."""
        folder = self.course.submitted(participant, MODULE)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for name, page in self.pages.items():
            content = raw.get(name.removesuffix(".ipynb"), json.dumps(page).encode())
            if content:
                (folder / name).write_bytes(content)
        for name, content in logs.items():
            (folder / f"{name}.jsonl").write_bytes(content)
        (folder / "submission_secret.txt").write_text("rahasia" + participant)
        if stamp:
            (folder / "timestamp.txt").write_text(stamp)
        return folder


def hand_in_all(course, logs, written):
    played = logs(pemahaman="perfect", sikap="perfect", latihan="first")
    essay = {"refleksi": written("Saya akan mendengar dahulu.", "Saya akan *bertanya*.")}
    Sheets(course).hand_in("p001", played | essay)
    _partial(course).hand_in("p002", logs(pemahaman="random"), LATE)
    _rearranged(course).hand_in("p003", played, LATE)
    _altered(course).hand_in("p004", {}, stamp="")
    Sheets(course).hand_in("p005", played | essay, LATE)
    Sheets(course).hand_in("p006", played, penutup=b"")
    damaged = Sheets(course).hand_in("p007", logs(sikap="middle"), LATE, module=b'{"cells": [')
    (damaged / f"{SECOND}.rusak").write_bytes(b"bukan buku kerja")
    Sheets(course).hand_in("p008", essay)
    littered = Sheets(course).hand_in("p009", {"pemahaman": b"rusak\n\n", "sikap": b"\xff"})
    (littered / "catatan.ipynb").write_bytes((littered / SECOND).read_bytes())
    (littered / "sub").mkdir()
    (littered / "sub" / "pamong.py").write_text("raise SystemExit")


def _partial(course):
    """An essay typed into its cell, though the form was there for it."""
    sheets = Sheets(course)
    sheets.cell("uraian-q1")["source"] = "Langsung di sel: <b>tebal</b>\nbaris kedua"
    return sheets


def _rearranged(course):
    """One cell deleted, one copied, the essay split in two, cells of their own added."""
    sheets = Sheets(course)
    first, second = sheets.pages["module.ipynb"]["cells"], sheets.pages[SECOND]["cells"]
    first.remove(sheets.cell("pemahaman"))
    first.append(sheets.cell("latihan") | {"id": "salinan"})
    first.insert(0, {"cell_type": "markdown", "id": "catatan", "metadata": {}, "source": "Catatan"})
    essay = sheets.cell("uraian-q1")
    second.remove(essay)
    second += [essay | {"id": f"bagian{n}", "source": f"Bagian {n}"} for n in (1, 2)]
    return sheets


def _altered(course):
    """Locked cells edited, cells of another type, points raised, names defined before ours."""
    sheets = Sheets(course)
    sheets.cell("buka")["source"] = (
        "class Module:\n  exercise = points = lambda *_: 40\nmodule = Module()"
    )
    sheets.cell("pemahaman").update(source="40", cell_type="raw")
    sheets.cell("sikap")["metadata"]["nbgrader"].update(
        points=3000, locked=False, checksum="0" * 32
    )
    sheets.cell("uraian-q1").update(
        source="print('x')", cell_type="code", outputs=[], execution_count=1
    )
    return sheets


def mark(course):
    """What a person enters in formgrader between two gradings."""
    with api(course) as gradebook:
        for participant, manual in (("p005", 25.0), ("p008", 20.0)):
            given = gradebook.find_grade("uraian-q1", "penutup", MODULE, participant)
            given.manual_score, given.extra_credit, given.needs_manual_grade = manual, 2.0, False
            comment = gradebook.find_comment("uraian-q1", "penutup", MODULE, participant)
            comment.manual_comment = "Baik; lanjutkan."
        gradebook.find_grade("sikap", "penutup", MODULE, "p005").extra_credit = 4.0
        gradebook.db.commit()
        gradebook.grant_extension(MODULE, "p005", days=3)


@pytest.fixture(scope="module")
def pair(tmp_path_factory, logs, written):
    """The same submissions graded by nbgrader and by Pamong: twice, with a person's marks in between."""
    ours = divided(tmp_path_factory.mktemp("ours") / "root")
    python(ours, "-c", *RELEASE)
    with (ours.root / "nbgrader_config.py").open("a") as file:
        file.write(PLUGIN)
    change(ours, "update assignment set duedate = ?", DUE + ".000000")
    hand_in_all(ours, logs, written)
    theirs = Course.load(shutil.copytree(ours.root, tmp_path_factory.mktemp("theirs") / "root"))
    python(theirs, "-m", "nbgrader", "autograde", MODULE)
    grade(ours, [MODULE], crew=local(1))
    first = rows(theirs), rows(ours)
    for course in (ours, theirs):
        mark(course)
        again = {"refleksi": written("Saya berubah pikiran.")} | logs(pemahaman="perfect")
        Sheets(course).hand_in("p008", again, LATE)
    python(theirs, "-m", "nbgrader", "autograde", MODULE, "--force", "--student=p00[58]")
    grade(ours, [MODULE], participants=AGAIN, crew=local(1), force=True)
    return ours, theirs, first


def normalised(course, participant, name):
    """A graded notebook without what only a kernel knows: when a cell ran, and which Python it was."""
    page = json.loads((course.autograded(participant, MODULE) / name).read_bytes())
    page["metadata"].pop("language_info", None)
    for cell in page["cells"]:
        cell["metadata"].pop("execution", None)
    return json.dumps(page, sort_keys=True, indent=1)


def test_both_make_the_same_gradebook(pair):
    _, _, (theirs, ours) = pair
    assert len(theirs["grade"]) == 9 * 3
    for table, expected in theirs.items():
        assert ours[table] == expected, table


def test_both_make_the_same_gradebook_again_around_what_a_person_entered(pair):
    ours, theirs, _ = pair
    found, expected = rows(ours), rows(theirs)
    for table in expected:
        assert found[table] == expected[table], table


@pytest.mark.parametrize("participant", [f"p{n:03}" for n in range(1, 10)])
def test_both_make_the_same_notebooks(pair, participant):
    ours, theirs, _ = pair
    for name in ("module.ipynb", SECOND):
        assert normalised(ours, participant, name) == normalised(theirs, participant, name), name


def standing(course, table):
    """The rows of a table as a mapping: participant, notebook and cell to what follows."""
    return {row[:3]: row[3:] for row in rows(course)[table]}


def test_a_late_submission_loses_what_the_plug_in_says_and_an_extension_gives_it_back(pair):
    ours, _, (first, _) = pair
    lost = {row[:2]: row[3] for row in first["submitted_notebook"]}
    assert lost["p005", "module"] == lost["p005", "penutup"] == 3.5  # 2.5 and one whole day
    assert lost["p002", "module"] == 0  # never more than the score
    assert lost["p003", "module"] is None  # late, but the plug-in spares p003
    assert lost["p001", "module"] is lost["p004", "module"] is None  # on time; time unknown
    now = {row[:2]: row[3] for row in rows(ours)["submitted_notebook"]}
    assert now["p005", "module"] is now["p005", "penutup"] is None
    assert now["p008", "module"] == now["p008", "penutup"] == 3.5  # handed in again, late


def test_what_a_person_entered_outlives_grading_again(pair):
    ours, _, _ = pair
    found = standing(ours, "grade")
    essay = "penutup", "uraian-q1"
    assert found["p005", *essay] == ("GradeCell", None, 25.0, 2.0, 0)
    assert found["p008", *essay] == ("GradeCell", None, 20.0, 2.0, 1)  # another answer than marked
    assert found["p005", "penutup", "sikap"] == ("GradeCell", 30.0, None, 4.0, 0)
    words = standing(ours, "comment")
    assert words["p008", *essay] == ("SolutionCell", None, "Baik; lanjutkan.")
    assert words["p001", *essay] == ("SolutionCell", None, None)


def test_edited_locked_cells_are_as_they_were_released_and_earn_nothing(pair):
    ours, _, _ = pair
    found = standing(ours, "grade")
    assert found["p004", "module", "pemahaman"] == ("GradeCell", 0.0, None, None, 0)
    assert found["p004", "penutup", "sikap"] == ("GradeCell", 0.0, None, None, 0)
    assert found["p004", "penutup", "uraian-q1"] == ("GradeCell", None, None, None, 1)
    for name in ("module.ipynb", SECOND):
        source = json.loads((ours.source(MODULE) / name).read_bytes())["cells"]
        graded = json.loads((ours.autograded("p004", MODULE) / name).read_bytes())["cells"]
        assert [cell["id"] for cell in graded] == [cell["id"] for cell in source]
        assert [cell["cell_type"] for cell in graded] == [cell["cell_type"] for cell in source]
        codes = [
            cell for cell in zip(graded, source, strict=True) if cell[1]["cell_type"] == "code"
        ]
        assert all("".join(mine["source"]) == its["source"] for mine, its in codes)


def test_a_missing_notebook_does_not_cost_the_points_of_the_logs(pair):
    ours, _, _ = pair
    found = standing(ours, "grade")
    assert found["p006", "penutup", "sikap"][1] == 30.0
    assert found["p006", "penutup", "uraian-q1"][1:] == (0.0, None, None, 0)
    assert found["p007", "penutup", "uraian-q1"][1:] == (
        None,
        None,
        None,
        1,
    )  # unreadable: a person


def test_the_files_beside_the_notebooks_are_the_same(pair):
    def beside(course, participant):
        folder = course.autograded(participant, MODULE)
        files = {path.relative_to(folder) for path in folder.rglob("*") if path.is_file()}
        return {path for path in files if not path.name.endswith(BRIEF)}  # nbgrader's copies

    ours, theirs, _ = pair
    for participant in ("p001", "p006", "p009"):
        assert beside(ours, participant) == beside(theirs, participant), participant


def api(course):
    return Gradebook(course.gradebook_url, course.programme.course_id)


def without_ids(found):
    drop = {"id", "submission_id", "notebook_id", "assignment_id"}
    slim = [{key: value for key, value in one.items() if key not in drop} for one in found]
    return sorted(slim, key=lambda one: repr(sorted(one.items())))


def test_formgrader_reads_the_same_lists(pair):
    ours, theirs, _ = pair
    with api(ours) as mine, api(theirs) as its:
        for ask in (
            lambda book: book.submission_dicts(MODULE),
            lambda book: book.notebook_submission_dicts("penutup", MODULE),
            lambda book: book.student_dicts(),
            lambda book: [one.to_dict() for one in book.assignment_submissions(MODULE)],
            lambda book: [
                each.to_dict()
                for one in book.assignment_submissions(MODULE)
                for sheet in one.notebooks
                for each in (*sheet.grades, *sheet.comments)
            ],
        ):
            assert without_ids(ask(mine)) == without_ids(ask(its)) != []


def test_the_exported_table_is_the_same_and_counts_as_we_do(pair, tmp_path):
    texts = []
    for number, course in enumerate(pair[:2]):
        target = tmp_path / f"{number}.csv"
        with api(course) as gradebook:
            CsvExportPlugin(to=str(target)).export(gradebook)
        texts.append(target.read_text())
    assert texts[0] == texts[1]
    exported = {line["student_id"]: line for line in csv.DictReader(texts[0].splitlines())}
    book = OurGradebook.open(pair[0])
    scores = Counter()
    for row in book.rows(MODULE):
        scores[row.participant] += row.score
    lost = {person: sum(points.values()) for person, points in book.penalties(MODULE).items()}
    book.close()
    assert set(exported) == set(scores)
    for person, line in exported.items():
        assert float(line["raw_score"]) == scores[person], person
        assert float(line["late_submission_penalty"]) == lost.get(person, 0), person
    assert float(exported["p008"]["score"]) == scores["p008"] - 7.0


def visible(path):
    html = re.sub(r"<style>.*?</style>|<[^>]+>", " ", path.read_text(), flags=re.S)
    return re.sub(r"\s+", " ", html)


def test_feedback_is_a_page_for_the_module_or_one_for_each_notebook(pair):
    ours, theirs, _ = pair
    assert feedback(ours, MODULE, workers=1) == 9
    python(theirs, "-m", "nbgrader", "generate_feedback", MODULE, "--student=p008")
    whole = visible(ours.feedback("p008", MODULE) / "module.html")
    first, second = (
        visible(theirs.feedback("p008", MODULE) / f"{name}.html") for name in ("module", "penutup")
    )
    # 40 less 3,5 for each notebook: the 20 + 2 of an essay that waits for another look do not count.
    assert "nilai sementara modul ini 33 /100" in whole
    assert "sudah dikurangi 7 karena dikumpulkan setelah tenggat" in whole
    assert "buku kerja module " in first
    assert "nilai buku kerja ini 36,5 /40" in first
    assert "buku kerja penutup " in second
    assert "nilai sementara buku kerja ini 0 /60" in second
    for title in ("Pemahaman dasar", "Sikap di lapangan", "Refleksi: pertanyaan 1"):
        assert title in whole
        assert (title in first, title in second) == (title[0] == "P", title[0] != "P")


def test_nbgraders_database_commands_live_with_our_tables(pair):
    ours, _, _ = pair
    before = rows(ours)
    assert "p007" in python(ours, "-m", "nbgrader", "db", "student", "list")
    python(ours, "-m", "nbgrader", "db", "upgrade")
    assert rows(ours) == before
    assert grade(ours, [MODULE], crew=local(1)).changes == ()


def test_every_answer_cell_can_be_commented_on_also_one_without_points(released, hand_in):
    with api(released) as gradebook:
        gradebook.update_or_create_solution_cell("bebas", "module", MODULE)
    hand_in(released, "p001")
    grade(released, [MODULE], crew=local(1))
    with api(released) as gradebook:
        assert gradebook.find_comment("bebas", "module", MODULE, "p001").comment is None
