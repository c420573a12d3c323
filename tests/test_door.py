"""nbgrader's own exchange commands over a service that is a process of its own, from release to feedback."""

import io
import json
import logging
import os
import shutil
import subprocess
import sys
from contextlib import closing, contextmanager, nullcontext

import pytest
from nbgrader.apps import (
    CollectApp,
    FetchAssignmentApp,
    FetchFeedbackApp,
    ListApp,
    NbGrader,
    NbGraderAPI,
    ReleaseAssignmentApp,
    ReleaseFeedbackApp,
    SubmitApp,
)
from nbgrader.server_extensions.assignment_list.handlers import AssignmentList

from pamong.catalogue import messages
from pamong.course import Course
from pamong.errors import CourseError, ServiceError, ServiceRefused
from pamong.grading.batch import grade
from pamong.grading.configuration import participant_settings
from pamong.grading.crew.workers import local
from pamong.grading.door import collecting, releasing
from pamong.grading.door.office import Counter, find
from pamong.grading.feedback.publishing import feedback
from pamong.service import audit
from pamong.service.bundle import pack
from pamong.service.tables import bundles, submissions
from pamong.wire import Handin

from .conftest import MODULE
from .service.conftest import service_at
from .service.process import Process

pytestmark = pytest.mark.kernel
COURSE = "kursus-contoh"
APPS = {
    "collect": CollectApp,
    "fetch_assignment": FetchAssignmentApp,
    "fetch_feedback": FetchFeedbackApp,
    "list": ListApp,
    "release_assignment": ReleaseAssignmentApp,
    "release_feedback": ReleaseFeedbackApp,
    "submit": SubmitApp,
}


class Shop:
    """A course, its service, and homes of participants, where commands are run as people run them."""

    def __init__(self, folder, course, process):
        self.folder, self.course, self.process = folder, course, process
        self.environment = {
            name: value for name, value in os.environ.items() if not name.startswith("PAMONG_")
        } | {"JUPYTER_DATA_DIR": str(folder / "data"), "JUPYTER_RUNTIME_DIR": str(folder / "run")}

    def home(self, who):
        home = self.folder / who
        if not home.exists():
            home.mkdir()
            (home / "nbgrader_config.py").write_text(participant_settings())
        return home

    def run(self, who, *command, fails=False):
        """One command of somebody's, in their home or, of staff, beside the course; what it logs."""
        told = io.StringIO()
        handler = logging.StreamHandler(told)
        with self.at(who):
            app = APPS[command[0]](log_level="DEBUG")
            app.initialize(list(command[1:]))
            app.log.addHandler(handler)
            try:
                with pytest.raises(SystemExit) if fails else nullcontext():
                    app.start()
            finally:
                app.log.removeHandler(handler)
        return told.getvalue()

    @contextmanager
    def at(self, who):
        """This process as somebody's own server at the hub."""
        with pytest.MonkeyPatch.context() as patch:
            for name, value in (self.environment | self.process.environment(who)).items():
                patch.setenv(name, value)
            patch.setenv("JUPYTER_PATH", "")
            patch.setenv("PAMONG_COURSE", COURSE)
            patch.chdir(self.course.root if who == "w01" else self.home(who))
            yield

    def process_of(self, who, *command):
        """The same as a process of its own."""
        return subprocess.run(
            [sys.executable, "-m", "nbgrader", *command],
            cwd=self.course.root if who == "w01" else self.home(who),
            env=self.environment | self.process.environment(who) | {"PAMONG_COURSE": COURSE},
            capture_output=True, text=True, check=False,
        )  # fmt: skip

    def ask(self, who, exercise, act, data, id):
        message = {"type": "act", "seq": 1, "id": id, "act": act, "data": data}
        return self.process.client(who).say(MODULE, exercise, message)


@pytest.fixture(scope="module")
def shop(released_once, tmp_path_factory):
    """The service has the course in one place, staff in another where no database is."""
    folder = tmp_path_factory.mktemp("door")
    shutil.copytree(released_once, folder / "service")
    shutil.copytree(released_once, folder / "root")
    served = Course.load(folder / "service")
    with closing(service_at(served, served.service_url).database), Process(served) as process:
        process.client("w01").unrelease(MODULE)
        yield Shop(folder, Course.load(folder / "root"), process)


@pytest.fixture(scope="module")
def fetched(shop):
    """Released by staff, fetched by p001, who has played and written something."""
    shop.told = [shop.process_of("w01", "release_assignment", MODULE).stderr]
    shop.told.append(shop.run("p001", "list"))
    shop.told.append(shop.run("p001", "fetch_assignment", MODULE))
    assert (
        shop.ask("p001", "latihan", "answer", {"item": "l1", "chosen": ["a"]}, "d-1")["type"]
        == "ack"
    )
    path = shop.home("p001") / MODULE / "module.ipynb"
    page = json.loads(path.read_bytes())
    next(cell for cell in page["cells"] if cell["id"] == "uraian-q1")["source"] = "Tulisan saya."
    path.write_text(json.dumps(page))
    return shop


@pytest.fixture(scope="module")
def collected(fetched):
    fetched.told.append(fetched.run("p001", "submit", MODULE))
    fetched.told.append(fetched.run("w01", "collect", MODULE))
    return fetched


def test_releasing_listing_and_fetching_say_what_nbgrader_says(fetched):
    released, listed, _ = fetched.told[:3]
    assert f"Released as: {COURSE} {MODULE}" in released
    assert f"{COURSE} {MODULE}\n" in listed
    assert "add --force to overwrite" in fetched.run(
        "w01", "release_assignment", MODULE, fails=True
    )
    assert "Overwriting files" in fetched.run("w01", "release_assignment", MODULE, "--force")
    assert "Assignment not found: lain" in fetched.run(
        "p001", "fetch_assignment", "lain", fails=True
    )


def test_what_is_fetched_is_the_release_once(fetched):
    there = {path.name: path.read_bytes() for path in fetched.course.release(MODULE).iterdir()}
    home = fetched.home("p001") / MODULE
    assert {path.name for path in home.iterdir()} == set(there)
    assert (home / "sikap.brief.yaml").read_bytes() == there["sikap.brief.yaml"]
    assert "already have a copy" in fetched.run("p001", "fetch_assignment", MODULE, fails=True)
    (home / "sikap.brief.yaml").unlink()
    told = fetched.run(
        "p001", "fetch_assignment", MODULE, "--ExchangeFetchAssignment.replace_missing_files=True"
    )
    assert "Replacing missing file 'sikap.brief.yaml'" in told
    assert b"uraian-q1" in (home / "module.ipynb").read_bytes()
    assert f"{COURSE} {MODULE} (already downloaded)" in fetched.run("p001", "list")


def test_collecting_lays_what_grading_reads(collected):
    target = collected.course.submitted("p001", MODULE)
    assert b"Tulisan saya." in (target / "module.ipynb").read_bytes()
    assert (target / "latihan.jsonl").read_bytes().count(b"\n") == 2
    assert len((target / "submission_secret.txt").read_text()) == 128
    assert (target / "timestamp.txt").read_text().endswith(" UTC")
    assert "1 new, 0 updated, 0 unchanged, 0 refused." in collected.told[-1]
    with collected.at("w01"):
        again = collecting.collect(collected.course, MODULE)
    assert (again.new, again.updated, again.unchanged) == (0, 0, 1)


def test_strict_fails_where_a_notebook_is_missing_and_nothing_is_handed_in(fetched):
    fetched.run("p002", "fetch_assignment", MODULE)
    path = fetched.home("p002") / MODULE / "module.ipynb"
    path.rename(path.with_name("lain.ipynb"))
    told = fetched.run("p002", "submit", MODULE, "--strict", fails=True)
    assert "module.ipynb: MISSING" in told
    assert "lain.ipynb: EXTRA" in told
    assert fetched.process.client("p002").submissions(MODULE) == []


def test_nobody_submits_collects_or_releases_for_another(collected):
    made = collected.process_of("p003", "collect", MODULE)
    assert made.returncode != 0
    with collected.at("p003"):
        for act in (
            lambda: collecting.collect(collected.course, MODULE),
            lambda: releasing.publish(collected.course, MODULE),
            lambda: find(collected.course).release(MODULE),
        ):
            with pytest.raises(ServiceRefused):
                act()
    assert "cannot be removed" in collected.run("w01", "list", "--inbound", "--remove", fails=True)


def test_feedback_goes_back_to_its_owner(collected):
    course = collected.course
    grade(course, [MODULE], crew=local(1))
    feedback(course, MODULE, workers=1, paper=False)
    assert "no feedback available" in collected.run("p001", "list", "--cached")
    told = collected.run("w01", "release_feedback", MODULE)
    assert f"Releasing feedback for student 'p001' on assignment '{COURSE}/{MODULE}/module'" in told
    assert "feedback ready to be fetched" in collected.run("p001", "list", "--cached")
    collected.run("p001", "fetch_feedback", MODULE)
    (page,) = (collected.home("p001") / MODULE / "feedback").rglob("*.html")
    assert page.read_bytes() == (course.feedback("p001", MODULE) / "module.html").read_bytes()
    assert "feedback already fetched" in collected.run("p001", "list", "--cached")
    assert f"{COURSE} p001 {MODULE}" in collected.run("w01", "list", "--inbound")
    with collected.at("w01"):
        assert releasing.publish(course, MODULE) == 1


def test_the_assignment_list_fetches_submits_and_shows_over_the_service(collected):
    manager = AssignmentList()
    manager.root_dir = str(collected.home("p003"))
    with collected.at("p003"):
        (listed,) = manager.list_assignments(course_id=COURSE)["value"]
        assert (listed["status"], listed["assignment_id"]) == ("released", MODULE)
        assert [it["notebook_id"] for it in listed["notebooks"]] == ["module"]
        assert manager.fetch_assignment(COURSE, MODULE) == {"success": True}
        assert manager.submit_assignment(COURSE, MODULE) == {"success": True}
        fetched, submitted = manager.list_assignments(course_id=COURSE)["value"]
        assert (fetched["status"], fetched["path"]) == ("fetched", MODULE)
        assert fetched["notebooks"][0]["path"] == f"{MODULE}/module.ipynb"
        (own,) = submitted["submissions"]
        assert (own["student_id"], own["has_exchange_feedback"]) == ("p003", False)
        assert manager.list_courses()["value"] == [COURSE]
        assert manager.submit_assignment(COURSE, "lain")["success"] is False


def test_formgrader_sees_what_is_released_and_collects(collected):
    with collected.at("w01"):
        app = NbGrader(log_level="WARN")
        app.initialize([])
        api = NbGraderAPI(config=app.config)
        assert not api.exchange_missing
        assert api.get_released_assignments() == {MODULE}
        assert api.collect(MODULE)["success"]
        assert api.unrelease(MODULE)["success"]
        assert api.get_released_assignments() == set()
        assert api.release_assignment(MODULE)["success"]


def test_a_page_that_belongs_to_no_submission_is_named(collected):
    course = collected.course
    stray = course.feedback("p003", MODULE)
    stray.mkdir(parents=True)
    (stray / "module.html").write_text("x")
    (stray / "timestamp.txt").write_text("2026-12-01 03:00:00.000000 UTC")
    with (
        collected.at("w01"),
        pytest.raises(CourseError, match=r"1 of \d pages belong to no submission") as caught,
    ):
        releasing.publish(course, MODULE)
    assert "p003" in str(caught.value)
    shutil.rmtree(stray)


def test_at_the_services_machine_the_same_is_done_in_its_database(collected):
    """What is there is the same as over HTTP, and the audit names the account."""
    served = collected.process.course
    office = find(served)
    assert isinstance(office, Counter)
    assert office.handed_in(MODULE) == collected.process.client("w01").handed_in(MODULE)
    made = collecting.collect(served, MODULE)
    assert (made.new, made.refused) == (len(office.handed_in(MODULE)), ())
    for name in ("module.ipynb", "timestamp.txt", "submission_secret.txt", "receipt.json"):
        ours, theirs = (it.submitted("p001", MODULE) / name for it in (served, collected.course))
        assert ours.read_bytes() == theirs.read_bytes()
    assert office.unrelease(MODULE)
    assert office.release(MODULE)
    with office.database.reading() as connection:
        assert audit.read(connection)[0].who.startswith("cli:")


def test_what_lies_in_nbgraders_folder_beside_a_service_is_told_and_not_taken(collected):
    course = collected.process.course
    inbound = course.exchange / course.programme.course_id / "inbound"
    for name in (f"p001+{MODULE}+2026-01-01 00:00:00 UTC+a", "p001+lain+2026-01-01 00:00:00 UTC+a"):
        (inbound / name).mkdir(parents=True)
    made = collecting.collect(course, MODULE)
    shutil.rmtree(inbound)
    (note,) = (each for each in made.notices if each.submission == str(course.exchange))
    assert note.reason == (
        "1 kiriman modul ini ada di folder ini dan tidak dikumpulkan: pelatihan ini mempunyai layanan "
        "(course/service.db), dan hanya layanan itu yang ditanya. Tanpa hub, pindahkan "
        "course/service.db, lalu kumpulkan lagi."
    )
    assert (made.new, made.updated) == (0, 0)


def test_of_several_submissions_the_one_that_was_asked_for_is_laid_and_a_broken_one_never(
    collected,
):
    served, office = collected.process.course, find(collected.process.course)
    (first,) = [it for it in office.handed_in(MODULE) if it.participant == "p001"]
    path = collected.home("p001") / MODULE / "module.ipynb"
    path.write_text(path.read_text().replace("Tulisan saya.", "Tulisan baru."))
    collected.run("p001", "submit", MODULE)
    released, target = served.release(MODULE), served.submitted("p001", MODULE)

    def take(**more):
        return collecting.take_in(
            office,
            MODULE,
            lambda person: served.submitted(person, MODULE),
            released,
            wanted="p001",
            **more,
        )

    assert take().updated == 1
    assert "Tulisan baru." in (target / "module.ipynb").read_text()
    assert take(before=first.moment).updated == 1
    assert "Tulisan saya." in (target / "module.ipynb").read_text()
    assert take(update=False).unchanged == 1
    newest = office.handed_in(MODULE)[0]
    with office.database.writing() as connection:
        its = bundles.c.content == newest.content
        connection.execute(bundles.update().where(its).values(files=pack({"module.ipynb": b"x"})))
    (note,) = take().refused
    assert note.submission.startswith(f"p001+{MODULE}+")
    assert note.reason == messages("collect", "id")("unlike")
    assert "Tulisan saya." in (target / "module.ipynb").read_text()


def test_what_is_damaged_of_one_person_stops_nobody_s_collecting(collected, tmp_path):
    served, office = collected.process.course, find(collected.process.course)
    for who in ("p002", "p003"):
        collected.process.client(who).submit(MODULE, Handin(statement=True))
    newest = {each.participant: each for each in reversed(office.handed_in(MODULE))}
    with office.database.writing() as connection:
        its = bundles.c.content == newest["p001"].content
        connection.execute(bundles.update().where(its).values(files=b"rusak"))
        its = submissions.c.code == newest["p002"].code
        connection.execute(submissions.update().where(its).values(receipt=b"{}"))
    for name, door in (("here", office), ("over HTTP", collected.process.client("w01"))):
        place = tmp_path / name
        made = collecting.take_in(door, MODULE, place.joinpath, served.release(MODULE))
        (note,) = made.refused
        assert note.submission.startswith(f"p001+{MODULE}+")
        assert "A submission's files cannot be read" in note.reason
        assert sorted(path.name for path in place.iterdir()) == ["p002", "p003"]


def test_a_database_that_fails_refuses_nobody_s_submission(collected, tmp_path):
    office = find(collected.process.course)
    with office.database.writing() as connection:
        connection.exec_driver_sql("ALTER TABLE bundles RENAME TO elsewhere")
    try:
        with pytest.raises(ServiceError, match="The database .* refuses"):
            collecting.take_in(office, MODULE, tmp_path.joinpath, tmp_path)
    finally:
        with office.database.writing() as connection:
            connection.exec_driver_sql("ALTER TABLE elsewhere RENAME TO bundles")


def test_without_a_service_it_is_nbgraders_folder(small):
    assert find(small) is None
    with pytest.raises(CourseError, match="release_assignment"):
        collecting.collect(small, MODULE)
    with pytest.raises(CourseError, match="There is no service here"):
        releasing.publish(small, MODULE)
