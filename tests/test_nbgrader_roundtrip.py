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
from pamong.grading.crew.workers import local

pytestmark = pytest.mark.kernel
HERE = Path(__file__).parent
MODULE = "m0-contoh"
STAMP = "2026-12-01 03:00:00.000000 UTC"
GRADES = """
select s.student_id, b.name, g.auto_score, g.manual_score, g.extra_credit, g.needs_manual_grade
from grade g join base_cell b on b.id = g.cell_id
join submitted_notebook n on n.id = g.notebook_id
join submitted_assignment s on s.id = n.assignment_id order by s.student_id, b.name
"""
PAGES = """
select s.student_id, n.id from submitted_notebook n
join submitted_assignment s on s.id = n.assignment_id
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
    shop.arrive("p004", {}, hostile(shop.course.release(MODULE)))
    shop.arrive("p006", played, b"{rusak")
    shop.nbgrader("collect", MODULE)
    return shop


@pytest.fixture(scope="module")
def graded(shop):
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
    assert {"p001", "p004", "p006"} < found
    assert len(found) == 4


def test_the_scores_are_what_was_earned(graded):
    found = {(row[0], row[1]): row[2:] for row in rows(graded.course, GRADES)}
    expected = {
        ("p004", "pemahaman"): (0.0, None, None, 0),
        ("p004", "sikap"): (0.0, None, None, 0),
        ("p004", "uraian-q1"): (None, None, None, 1),
        ("p006", "pemahaman"): (40.0, None, None, 0),
        ("p006", "uraian-q1"): (None, None, None, 1),
    }
    assert {place: found[place] for place in expected} == expected


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
    assert len(released) == 4


@contextlib.contextmanager
def formgrader(shop):
    """A server with formgrader as instructors start it; yields a function that asks it for JSON or a page."""
    port = free_port()
    command = [
        sys.executable, "-m", "jupyter", "server", "--no-browser", "--IdentityProvider.token=uji",
        f"--ServerApp.port={port}", "--ServerApp.port_retries=0", "--ServerApp.allow_root=True", f"--ServerApp.root_dir={shop.root}",
        "--ServerApp.jpserver_extensions={'nbgrader.server_extensions.formgrader': True}",
    ]  # fmt: skip

    def ask(path, **changes):
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}/formgrader/{path}",
            headers={"Authorization": "token uji", "Content-Type": "application/json"},
            data=json.dumps(changes).encode() if changes else None,
            method="PUT" if changes else "GET",
        )
        with urllib.request.urlopen(request) as answer:  # noqa: S310
            return answer.read().decode()

    with subprocess.Popen(
        command, cwd=shop.root, env=shop.environment, stderr=subprocess.DEVNULL
    ) as server:
        try:
            wait_until_open(port, server)
            yield ask
        finally:
            server.send_signal(signal.SIGKILL)
            server.wait()


def test_formgrader_shows_and_marks_what_was_graded_and_runs_none_of_it(graded):
    pages = dict(rows(graded.course, PAGES))
    with formgrader(graded) as ask:
        for participant, expected in (
            ("p001", "Saya akan mendengar dahulu"),
            ("p004", "&lt;script&gt;alert"),
        ):
            html = ask(f"submissions/{pages[participant]}/")
            assert expected in html
            assert "<script>alert" not in html
            assert 'id="uraian-q1"' in html
        listed = {one["student"]: one for one in json.loads(ask(f"api/submissions/{MODULE}"))}
        assert listed["p001"]["autograded"] is True
        assert listed["p001"]["needs_manual_grade"] is True
        assert listed["p006"]["score"] == 70.0
        grades = json.loads(ask(f"api/grades?submission_id={pages['p001']}"))
        comments = json.loads(ask(f"api/comments?submission_id={pages['p001']}"))
        (essay,) = (grade for grade in grades if grade["name"] == "uraian-q1")
        assert (essay["auto_score"], essay["max_score"]) == (None, 30.0)
        ask(f"api/grade/{essay['id']}", manual_score=21, extra_credit=3)
        ask(f"api/comment/{comments[0]['id']}", manual_comment="Sudah baik.")
    marked = ("p001", "uraian-q1", None, 21.0, 3.0, 0)
    assert marked in rows(graded.course, GRADES)
    assert grade(graded.course, [MODULE], crew=local(1), force=True).changes == ()
    assert marked in rows(graded.course, GRADES)
