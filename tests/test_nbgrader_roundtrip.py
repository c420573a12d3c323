"""The whole way by nbgrader's own commands, in processes of their own, from the repository root."""

import contextlib
import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from pamong.course import Course
from pamong.grading.batch import grade

pytestmark = pytest.mark.kernel
HERE = Path(__file__).parent
MODULE = "m0-contoh"
STAMP = "2026-12-01 03:00:00.000000 UTC"
GRADES = """
select s.student_id, s.timestamp, s.extension, b.name, g.auto_score, g.manual_score,
       g.extra_credit, g.needs_manual_grade, n.late_submission_penalty, n.flagged
from grade g join base_cell b on b.id = g.cell_id
join submitted_notebook n on n.id = g.notebook_id
join submitted_assignment s on s.id = n.assignment_id order by s.student_id, b.name
"""
PAGES = """
select s.student_id, n.id from submitted_notebook n
join submitted_assignment s on s.id = n.assignment_id
"""
COMMENTS = """
select s.student_id, b.name, b.type, c.auto_comment, c.manual_comment
from comment c join base_cell b on b.id = c.cell_id
join submitted_notebook n on n.id = c.notebook_id
join submitted_assignment s on s.id = n.assignment_id order by s.student_id, b.name
"""


class Shop:
    """A repository root and a participant's home, where commands are run as people run them."""

    def __init__(self, folder):
        self.root, self.home = folder / "root", folder / "home"
        shutil.copytree(HERE / "course_small", self.root)
        shutil.copytree(HERE.parent / "templates", self.root / "templates")
        shutil.copy(HERE.parent / "nbgrader_config.py", self.root)
        self.home.mkdir()
        self.environment = os.environ | {
            "JUPYTER_DATA_DIR": str(folder / "data"),
            "JUPYTER_RUNTIME_DIR": str(folder / ("runtime" + "x" * 60)),
        }
        self.course = Course.load(self.root)

    def run(self, *command, cwd=None):
        run = subprocess.run(
            [sys.executable, "-m", *command],
            cwd=cwd or self.root, env=self.environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert run.returncode == 0, run.stderr
        return run.stderr

    def nbgrader(self, *command):
        return self.run("nbgrader", *command)

    def participate(self, *command):
        """A participant's command: their own folder, no configuration of the course."""
        place = f"--Exchange.root={self.course.exchange}"
        return self.run("nbgrader", *command, "--course", "kursus-contoh", place, cwd=self.home)

    def arrive(self, participant, logs, notebook=None):
        """A submission put into the exchange, as ``nbgrader submit`` of another account would."""
        inbound = self.course.exchange / "kursus-contoh" / "inbound"
        folder = inbound / f"{participant}+{MODULE}+{STAMP}+abc"
        shutil.copytree(self.course.release(MODULE), folder)
        if notebook is not None:
            (folder / "module.ipynb").write_bytes(notebook)
        if notebook == b"":
            (folder / "module.ipynb").unlink()
        for name, content in logs.items():
            (folder / f"{name}.jsonl").write_bytes(content)
        (folder / "timestamp.txt").write_text(STAMP)
        (folder / "submission_secret.txt").write_text("rahasia" + participant)


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def wait_until_open(port, server):
    """Until the port accepts a connection; fails when the server ends or a minute has passed."""
    for _ in range(600):
        with contextlib.suppress(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port)).close()
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.wait(timeout=0.1)
            break
    pytest.fail("the server did not open its port")


def rows(course, query):
    with sqlite3.connect(course.gradebook) as connection:
        found = connection.execute(query).fetchall()
    connection.close()
    return found


def hostile(release):
    """A notebook that defines its own points, adds, splits, retypes and deletes cells."""
    page = json.loads((release / "module.ipynb").read_bytes())
    cells = {cell["id"]: cell for cell in page["cells"]}
    own = {"cell_type": "code", "id": "curang", "metadata": {}, "outputs": [], "execution_count": 1}
    own["source"] = "class Module:\n  exercise = points = lambda *_: 40\nmodule = Module()"
    essay = cells["uraian-q1"]
    first = essay | {"source": "Bagian satu", "id": "satu"}
    second = essay | {"source": "<script>alert(1)</script>", "id": "dua", "cell_type": "raw"}
    page["cells"] = [cells["buka"], own, cells["sikap"], first, second]
    page["cells"][2]["source"] = "30"
    return json.dumps(page).encode()


@pytest.fixture(scope="module")
def shop(tmp_path_factory, logs, written):
    """Everything up to the collected submissions, by nbgrader's commands."""
    shop = Shop(tmp_path_factory.mktemp("nbgrader"))
    shop.nbgrader("generate_assignment", MODULE)
    shop.nbgrader("release_assignment", MODULE)
    shop.participate("fetch_assignment", MODULE)
    played = logs(pemahaman="perfect", sikap="perfect", latihan="first")
    essay = {"refleksi": written("Saya akan mendengar dahulu.")}
    for name, content in (played | essay).items():
        (shop.home / MODULE / f"{name}.jsonl").write_bytes(content)
    shop.participate("submit", MODULE)
    shop.arrive("p001", logs(pemahaman="random", sikap="middle") | essay)
    shop.arrive("p002", {})
    shop.arrive("p003", {"pemahaman": b"rusak\n\n", "sikap": played["sikap"] + b'{"n": 9'})
    shop.arrive("p004", {}, hostile(shop.course.release(MODULE)))
    shop.arrive("p005", played, b"")
    shop.arrive("p006", played, b"{rusak")
    shop.nbgrader("collect", MODULE)
    return shop


@pytest.fixture(scope="module")
def other(shop, tmp_path_factory):
    """The same collected submissions in another root, graded by Pamong."""
    root = tmp_path_factory.mktemp("pamong") / "root"
    shutil.copytree(shop.root, root)
    course = Course.load(root)
    grade(course, MODULE, workers=1)
    return course


@pytest.fixture(scope="module")
def graded(shop, other):  # noqa: ARG001  # ``other`` must copy the root before it is graded here
    """The shop after ``nbgrader autograde``."""
    shop.nbgrader("autograde", MODULE)
    return shop


def test_what_participants_fetch_holds_no_key(shop):
    fetched = shop.home / MODULE
    together = b"".join(
        path.read_bytes() for path in fetched.iterdir() if path.suffix != ".jsonl"
    ).decode()
    for secret in ("HIDDEN", "module.points", "experts", "Surat itu untuk warga"):
        assert secret not in together


def test_generate_assignment_and_pamong_release_make_the_same(shop, released):
    for folder in (Course.release, lambda course, module: course.keys(module) / "released"):
        ours, theirs = folder(released, MODULE), folder(shop.course, MODULE)
        assert {path.name: path.read_bytes() for path in ours.iterdir()} == {
            path.name: path.read_bytes() for path in theirs.iterdir()
        }


def test_generate_assignment_refuses_to_change_what_was_released(shop, tmp_path):
    shutil.copytree(shop.root, tmp_path / "root")
    brief = tmp_path / "root" / "course" / "source" / MODULE / "sikap.brief.yaml"
    brief.write_text(brief.read_text().replace("Sikap di lapangan", "Sikap"))
    command = [sys.executable, "-m", "nbgrader", "generate_assignment", MODULE, "--force"]
    run = subprocess.run(
        command, cwd=tmp_path / "root", env=shop.environment, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert run.returncode == 1
    assert "versi 1 sudah dirilis dengan isi lain; naikkan version menjadi 2" in run.stderr


def test_everybody_is_collected(shop):
    found = {path.name for path in (shop.course.folder / "submitted").iterdir()}
    assert {"p001", "p002", "p003", "p004", "p005", "p006"} < found
    assert len(found) == 7


def test_both_ways_of_grading_make_the_same_gradebook(graded, other):
    assert rows(graded.course, GRADES) == rows(other, GRADES)
    assert rows(graded.course, COMMENTS) == rows(other, COMMENTS)


def test_the_scores_are_what_was_earned(graded):
    found = {(row[0], row[3]): (row[4], row[7]) for row in rows(graded.course, GRADES)}
    expected = {
        ("p002", "pemahaman"): (0.0, 0),
        ("p002", "uraian-q1"): (0.0, 0),
        ("p003", "pemahaman"): (None, 1),
        ("p003", "sikap"): (30.0, 0),
        ("p004", "pemahaman"): (0.0, 0),
        ("p004", "sikap"): (0.0, 0),
        ("p004", "uraian-q1"): (None, 1),
        ("p005", "pemahaman"): (40.0, 0),
        ("p006", "sikap"): (30.0, 0),
        ("p006", "uraian-q1"): (None, 1),
    }
    assert {place: found[place] for place in expected} == expected


def test_a_manual_mark_outlives_both_ways_of_grading_again(graded):
    with sqlite3.connect(graded.course.gradebook) as connection:
        connection.execute(
            "update grade set manual_score = 21, needs_manual_grade = 0 where auto_score is null"
        )
    connection.close()
    before = rows(graded.course, GRADES)
    graded.nbgrader("autograde", MODULE, "--force", "--student", "p001")
    assert rows(graded.course, GRADES) == before
    assert grade(graded.course, MODULE, workers=1).changes == ()
    assert rows(graded.course, GRADES) == before


def test_feedback_reaches_its_owner_and_nobody_else(graded):
    graded.nbgrader("generate_feedback", MODULE, "--force")
    graded.nbgrader("release_feedback", MODULE)
    graded.participate("fetch_feedback", MODULE)
    (page,) = (graded.home / MODULE / "feedback").rglob("*.html")
    html = page.read_text()
    assert "Saya akan mendengar dahulu." in html
    for secret in ("HIDDEN", "module.points", "experts", "guidance"):
        assert secret not in html
    released = list((graded.course.exchange / "kursus-contoh" / "feedback").glob("*.html"))
    assert len(released) == 7


def test_formgrader_shows_the_essay_for_a_mark_and_runs_none_of_it(graded):
    token, port = "uji", free_port()
    command = [
        sys.executable, "-m", "jupyter", "server", "--no-browser", f"--IdentityProvider.token={token}",
        f"--ServerApp.port={port}", "--ServerApp.port_retries=0", "--ServerApp.allow_root=True", f"--ServerApp.root_dir={graded.root}",
        "--ServerApp.jpserver_extensions={'nbgrader.server_extensions.formgrader': True}",
    ]  # fmt: skip
    with subprocess.Popen(
        command, cwd=graded.root, env=graded.environment, stderr=subprocess.DEVNULL
    ) as server:
        try:
            wait_until_open(port, server)
            for participant, expected in (
                ("p001", "Saya akan mendengar dahulu"),
                ("p004", "&lt;script&gt;alert"),
            ):
                page = dict(rows(graded.course, PAGES))[participant]
                url = f"http://127.0.0.1:{port}/formgrader/submissions/{page}/?token={token}"
                with urllib.request.urlopen(url) as answer:
                    html = answer.read().decode()
                assert expected in html
                assert "<script>alert" not in html
                assert 'id="uraian-q1"' in html
        finally:
            server.send_signal(signal.SIGKILL)
            server.wait()
