"""What a preview copies, how it follows its author, what its kernels may know; the running one is in tests/browser."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from random import Random

import pytest

from pamong import log
from pamong.brief import fingerprint, load_brief, load_key
from pamong.counterpart import LocalCounterpart
from pamong.counterpart_server import Table
from pamong.course import BRIEF, KEY, NOTEBOOK, Course
from pamong.drafts import Drafts, is_source
from pamong.errors import CounterpartError, CourseError, UnknownVersion
from pamong.inspection import inspect
from pamong.kinds import KINDS
from pamong.play import play
from pamong.roster import Participant
from pamong.scaffold import new_exercise
from pamong.view.preview import _enrolled, _usual_folder, running, running_home
from pamong.view.site import surroundings
from pamong.view.watch import Watch
from pamong.view.workplace import AUTHOR, Workplace

MODULE = "m0-contoh"
BROWSER = Path(__file__).parent / "browser" / "course"
TALK = "pasar-malam"
"""A graded negotiation."""


@pytest.fixture
def plain(tmp_path) -> Course:
    shutil.copytree(BROWSER, tmp_path / "root")
    return Course.load(tmp_path / "root")


@pytest.fixture
def course(small) -> Course:
    """The small course with a graded negotiation in it."""
    new_exercise(small, "negotiation", MODULE, TALK, graded=True, points=0)
    return small


@pytest.fixture
def work(tmp_path) -> Path:
    return tmp_path / "work"


def edit(path: Path, before: str, after: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert before in text
    draft = path.with_name(f".{path.name}.new")  # at once, as editors save
    draft.write_text(text.replace(before, after), encoding="utf-8")
    draft.replace(path)


def answered(course: Course, folder: Path, exercise: str, bot: str = "person") -> Path:
    """A log as the preview's form would have written it."""
    brief = load_brief(course.source(MODULE) / f"{exercise}{BRIEF}")
    kind = KINDS[brief.kind]
    key = brief.model if brief.model else load_key(course.keys(MODULE) / f"{exercise}{KEY}", kind)
    side = LocalCounterpart(kind, brief, key, participant=AUTHOR, secret=course.secret())
    opening = (
        (lambda attempt: side.open(exercise, brief.version, attempt)) if kind.reactive else None
    )
    events = play(kind, brief, key, kind.bots[bot], rng=Random(1), opening=opening)
    path = folder / f"{exercise}.jsonl"
    path.write_bytes(b"".join(log.encode(event) for event in events))
    return path


# ---- the working copy ----


def test_the_source_is_shown_without_its_hidden_tests(plain, work):
    assert Workplace(plain, MODULE, work).refresh().set_aside == ()
    text = (work / NOTEBOOK).read_text(encoding="utf-8")
    assert "HIDDEN TESTS" not in text
    assert "module.points" not in text
    cells = json.loads(text)["cells"]
    assert ["".join(it["source"]) for it in cells if it["id"] == "penataan"] == [
        'module.exercise("penataan")'
    ]


def test_the_source_is_shown_even_when_there_is_a_release(plain, work):
    shutil.copytree(plain.source(MODULE), plain.release(MODULE))
    edit(plain.source(MODULE) / f"pemanasan{BRIEF}", "title: ", "title: Baru ")
    Workplace(plain, MODULE, work).refresh()
    assert load_brief(work / f"pemanasan{BRIEF}").title.startswith("Baru")


def test_the_release_is_shown_on_request(plain, work):
    shutil.copytree(plain.source(MODULE), plain.release(MODULE))
    edit(plain.source(MODULE) / f"pemanasan{BRIEF}", "title: ", "title: Baru ")
    Workplace(plain, MODULE, work, released=True).refresh()
    assert not load_brief(work / f"pemanasan{BRIEF}").title.startswith("Baru")


@pytest.mark.parametrize(
    ("module", "released", "remedy"),
    [("m0-contoh", True, "Release the module first"), ("m9", False, "Write the module")],
)
def test_what_is_not_there_is_not_shown(plain, work, module, released, remedy):
    with pytest.raises(CourseError, match=remedy):
        Workplace(plain, module, work, released=released)


def test_source_and_release_keep_their_answers_apart(plain):
    source, release = (_usual_folder(plain, MODULE, released=it) for it in (False, True))
    assert source != release


def test_answers_of_an_earlier_preview_are_kept(course, work):
    place = Workplace(course, MODULE, work)
    place.refresh()
    kept = answered(course, work, "latihan").read_bytes()
    (course.source(MODULE) / "latihan.jsonl").write_text("other\n", encoding="utf-8")
    edit(course.source(MODULE) / f"latihan{BRIEF}", "title: ", "title: Baru ")
    assert place.refresh().files == (f"latihan{BRIEF}",)
    assert (work / "latihan.jsonl").read_bytes() == kept


def test_nothing_is_written_when_nothing_changed(course, work):
    place = Workplace(course, MODULE, work)
    assert NOTEBOOK in place.refresh().files
    assert place.refresh().files == ()


def test_a_brief_that_cannot_be_read_leaves_the_last_good_one(course, work):
    place = Workplace(course, MODULE, work)
    place.refresh()
    good = (work / f"latihan{BRIEF}").read_bytes()
    edit(course.source(MODULE) / f"latihan{BRIEF}", "kind: ", "kind: [")
    assert place.refresh().files == ()
    assert (work / f"latihan{BRIEF}").read_bytes() == good


def test_a_notebook_that_cannot_be_read_leaves_the_last_good_one(course, work):
    place = Workplace(course, MODULE, work)
    place.refresh()
    (course.source(MODULE) / NOTEBOOK).write_text("{", encoding="utf-8")
    assert place.refresh().files == ()
    assert json.loads((work / NOTEBOOK).read_text(encoding="utf-8"))["cells"]


def test_a_brief_waits_for_a_key_that_cannot_be_read(course, work):
    place = Workplace(course, MODULE, work)
    place.refresh()
    edit(course.keys(MODULE) / f"{TALK}{KEY}", "variants:", "variants: [")
    edit(course.source(MODULE) / f"{TALK}{BRIEF}", "title: ", "title: Baru ")
    assert place.refresh().files == ()
    edit(course.keys(MODULE) / f"{TALK}{KEY}", "variants: [", "variants:")
    assert place.refresh().files == (f"{TALK}{BRIEF}",)


@pytest.mark.parametrize(
    ("exercise", "before", "after"),
    [
        ("latihan", "version: 1", "version: 2"),
        (TALK, "version: 1", "version: 2"),
        (TALK, "rounds: 6", "rounds: 3"),
    ],
)
def test_answers_that_no_longer_fit_the_brief_are_set_aside(course, work, exercise, before, after):
    place = Workplace(course, MODULE, work)
    place.refresh()
    kept = answered(course, work, exercise, "person" if exercise == "latihan" else "split")
    content = kept.read_bytes()
    edit(course.source(MODULE) / f"{exercise}{BRIEF}", before, after)
    assert place.refresh().set_aside == (exercise,)
    assert not kept.exists()
    assert (work / f"{exercise}.jsonl.lama-1").read_bytes() == content


@pytest.mark.parametrize(
    ("before", "after"), [("beta: 0.6", "beta: 2.0"), ("- id: a ", "- id: z ")]
)
def test_answers_that_no_longer_fit_the_key_are_set_aside(course, work, before, after):
    place = Workplace(course, MODULE, work)
    place.refresh()
    answered(course, work, TALK, "trade")
    assert place.refresh().set_aside == ()
    key = course.keys(MODULE) / f"{TALK}{KEY}"
    edit(key, before, after)
    if "id" in before:
        edit(key, "- id: b ", "- id: y ")
    assert place.refresh().set_aside == (TALK,)


def test_answers_set_aside_before_are_not_overwritten(course, work):
    place = Workplace(course, MODULE, work)
    place.refresh()
    (work / "latihan.jsonl.lama-1").write_text("first", encoding="utf-8")
    (work / "latihan.jsonl").write_text("torn", encoding="utf-8")
    (work / "latihan.jsonl").write_text('{"n": 1}\n', encoding="utf-8")
    assert place.refresh().set_aside == ("latihan",)
    assert (work / "latihan.jsonl.lama-1").read_text(encoding="utf-8") == "first"
    assert (work / "latihan.jsonl.lama-2").is_file()


def test_answers_to_an_earlier_release_stay_where_they_are(released, work):
    place = Workplace(released, MODULE, work, released=True, participant="p001")
    place.refresh()
    kept = answered(released, work, "latihan")
    release_again(released, "latihan")
    assert place.refresh().set_aside == ()
    assert kept.is_file()
    assert load_brief(work / f"latihan{BRIEF}").version == 2


def release_again(course: Course, exercise: str) -> None:
    """A second version of an exercise, as a release leaves it behind."""
    path = course.release(MODULE) / f"{exercise}{BRIEF}"
    edit(path, "version: 1", "version: 2")
    shutil.copy(path, course.shelf(MODULE).folder / f"{exercise}.v2{BRIEF}")
    index = course.shelf(MODULE).folder / "index.json"
    known = json.loads(index.read_text(encoding="utf-8"))
    known[exercise]["v2"] = {**known[exercise]["v1"], "brief": fingerprint(path)}
    index.write_text(json.dumps(known), encoding="utf-8")


# ---- drafts ----


def test_drafts_follow_brief_and_key(course):
    drafts = Drafts(course, MODULE)
    first = drafts.get(TALK, 1)
    assert drafts.get(TALK, 1) is first
    edit(course.keys(MODULE) / f"{TALK}{KEY}", "beta: 0.6", "beta: 2.0")
    assert drafts.get(TALK, 1).key.temper.beta == 2.0
    edit(course.keys(MODULE) / f"{TALK}{KEY}", "beta: 2.0", "beta: cepat")
    assert drafts.get(TALK, 1).key.temper.beta == 2.0
    assert drafts.versions(TALK) == (1,)
    assert TALK in drafts.latest()


def test_what_never_could_be_read_is_no_draft(course):
    edit(course.source(MODULE) / f"latihan{BRIEF}", "kind: ", "kind: [")
    drafts = Drafts(course, MODULE)
    assert drafts.versions("latihan") == ()
    assert "latihan" not in drafts.latest()
    with pytest.raises(UnknownVersion):
        drafts.get("latihan", 1)


def test_the_other_side_starts_afresh_with_a_new_key_and_only_then(course):
    table = Table((Drafts(course, MODULE),), course.secret())
    brief = load_brief(course.source(MODULE) / f"{TALK}{BRIEF}")
    kind, key = KINDS["negotiation"], course.keys(MODULE) / f"{TALK}{KEY}"
    opening = table.open("p", TALK, 1, 1)["data"]

    def talk(bot):
        log = play(kind, brief, load_key(key, kind), kind.bots[bot], rng=Random(1), opening=lambda _: opening)  # fmt: skip
        last = [n for n, event in enumerate(log) if event.who == "participant" and event.act != "prepare"]  # fmt: skip
        return log[: last[0] + 1]

    table.respond("p", TALK, 1, talk("trade"))
    with pytest.raises(CounterpartError, match="differs from the one that was played"):
        table.respond("p", TALK, 1, talk("hard"))
    edit(key, "beta: 0.6", "beta: 2.0")
    assert table.respond("p", TALK, 1, talk("hard"))["actions"]


def test_only_a_folder_of_the_source_is_one_where_a_module_is_written(course, tmp_path):
    assert is_source(course.source(MODULE))
    assert not is_source(course.release(MODULE))
    assert not is_source(course.source(MODULE) / "figures")
    assert not is_source(tmp_path / "elsewhere")


# ---- following the author ----


@pytest.fixture
def news(course, work, tmp_path):
    """A watch over the course; gives the news once they fulfil a condition."""
    place, path, said = Workplace(course, MODULE, work), tmp_path / "news.json", []
    place.refresh()
    watch = Watch(
        course, MODULE, place, path, check=lambda: inspect(course, MODULE), tell=said.append
    )
    watch.start()

    def wait(fulfilled):
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            found = json.loads(path.read_text(encoding="utf-8"))
            if fulfilled(found):
                return found
            watch._stop.wait(0.05)
        raise AssertionError(found)

    yield wait
    watch.stop()


def test_news_begin_with_what_is_wrong(news):
    found = news(lambda it: True)
    assert (found["revision"], found["book"], found["exercises"]) == (0, 0, {})
    assert found["headline"].startswith("Pratinjau penulis, diperiksa pukul ")


def test_a_saved_brief_is_news_of_its_exercise(course, news, work):
    edit(course.source(MODULE) / f"latihan{BRIEF}", "title: ", "title: Baru ")
    found = news(lambda it: it["revision"])
    assert (found["book"], found["exercises"]) == (0, {"latihan": 1})
    assert load_brief(work / f"latihan{BRIEF}").title.startswith("Baru")


def test_a_saved_key_is_news_of_its_exercise(course, news):
    edit(course.keys(MODULE) / f"{TALK}{KEY}", "beta: 0.6", "beta: 2.0")
    assert news(lambda it: it["revision"])["exercises"] == {TALK: 1}


def test_a_saved_notebook_is_news_of_the_whole_page(course, news):
    edit(course.source(MODULE) / NOTEBOOK, "# ", "# Baru ")
    assert news(lambda it: it["revision"])["book"] == 1


def test_a_mistake_is_told_with_file_and_line_and_then_no_more(course, news):
    path = course.source(MODULE) / f"latihan{BRIEF}"
    edit(path, "minutes: ", "minutes: x")
    found = news(lambda it: it["severity"] == "error")
    assert found["lines"][0].startswith(f"course/source/{MODULE}/latihan{BRIEF}:")
    assert ": minutes: harus bilangan bulat" in found["lines"][0]
    edit(path, "minutes: x", "minutes: ")
    assert "minutes" not in "".join(news(lambda it: it["severity"] != "error")["lines"])


def test_answers_set_aside_are_told(course, news, work):
    answered(course, work, "latihan")
    edit(course.source(MODULE) / f"latihan{BRIEF}", "version: 1", "version: 2")
    found = news(lambda it: it["notes"])
    assert found["notes"][0].startswith("Jawaban percobaan untuk latihan tidak cocok lagi")
    assert found["exercises"] == {"latihan": 1}


def test_answers_set_aside_are_told_until_the_exercise_is_begun_again(course, news, work):
    answered(course, work, "latihan")
    path = course.source(MODULE) / f"latihan{BRIEF}"
    edit(path, "version: 1", "version: 2")
    notes = news(lambda it: it["notes"])["notes"]
    edit(path, "title: ", "title: Baru ")
    assert news(lambda it: it["revision"] == 2)["notes"] == notes
    answered(course, work, "latihan")
    edit(path, "title: Baru ", "title: ")
    assert news(lambda it: it["revision"] == 3)["notes"] == []


# ---- processes ----


def test_the_kernel_is_told_nothing_about_the_graders(small, tmp_path, monkeypatch):
    monkeypatch.setenv("PAMONG_GRADERS", str(small.graders))
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    environment = surroundings(small, "", tmp_path)
    assert "NBGRADER_EXECUTION" not in environment
    assert {name for name in environment if name.startswith("PAMONG_")} == {
        "PAMONG_COURSE",
        "PAMONG_LANGUAGE",
        "PAMONG_PARTICIPANT",
        "PAMONG_ROLE",
        "PAMONG_TIME_ZONE",
    }


def test_a_participant_is_enrolled_with_the_clock_where_they_live(small, tmp_path):
    about = {"id": "p9", "name": "Ani", "role": "lurah", "region": "Timur", "cohort": "a01"}
    there = _enrolled(small, Participant(**about, zone="Asia/Jayapura"), tmp_path)
    here = _enrolled(small, Participant(**about), tmp_path)
    assert (there.clock_zone, here.clock_zone) == ("Asia/Jayapura", small.programme.time_zone)


STARTED = """
import os, sys, time
from contextlib import ExitStack
from pathlib import Path
from pamong.view.site import _start
with ExitStack() as stack:
    _start("server", ["http.server", "0", "--bind", "127.0.0.1"], os.environ, Path(sys.argv[1]), stack)
    print("started", flush=True)
    time.sleep(600)
"""


def test_what_a_preview_has_started_ends_with_it_even_when_it_is_killed(tmp_path):
    environment = os.environ | {"PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-c", STARTED, str(tmp_path)]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE) as preview:
        try:
            assert preview.stdout.readline() == b"started\n"
            port = said_in(tmp_path / "server.log", r"port (\d+)")
            with socket.create_connection(("127.0.0.1", int(port)), timeout=60) as line:
                preview.kill()
                with suppress(ConnectionResetError):  # the end, too
                    assert line.recv(1) == b""
        finally:
            preview.kill()


def said_in(path, pattern, patience=60):
    deadline = time.monotonic() + patience
    while not (found := re.search(pattern, path.read_text() if path.exists() else "")):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return found[1]


def test_a_module_is_looked_at_as_the_first_office_or_the_one_asked_for(small, tmp_path):
    assert surroundings(small, "", tmp_path)["PAMONG_ROLE"] == "lurah"
    assert surroundings(small, "camat", tmp_path)["PAMONG_ROLE"] == "camat"


def test_an_unknown_office_is_named_with_those_there_are(small, tmp_path):
    with (
        pytest.raises(
            CourseError,
            match="Tidak ada jabatan “gubernur” dalam course/programme.yaml. Yang ada: lurah,",
        ),
        running(small, MODULE, role="gubernur", folder=tmp_path),
    ):
        pass


def test_an_unknown_module_is_named_with_those_there_are(small, tmp_path):
    with (
        pytest.raises(
            CourseError,
            match="Tidak ada modul “m9” dalam course/programme.yaml. Yang ada: m0-contoh.",
        ),
        running(small, "m9", folder=tmp_path),
    ):
        pass


def test_a_port_that_is_taken_is_refused_before_anything_is_promised(small, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        told = []
        with (
            pytest.raises(CourseError, match=f"Port {port} sedang dipakai atau bukan port"),
            running(small, MODULE, port=port, folder=tmp_path, tell=told.append),
        ):
            pass
    assert told == []


def refusal(course, folder, participant=""):
    """Why a home does not open there."""
    with (
        pytest.raises(CourseError) as refused,
        running_home(course, participant=participant, folder=folder),
    ):
        pytest.fail("a home that should not have opened")
    return str(refused.value)


def test_a_folder_belongs_to_one_participant_and_one_preview_at_a_time(released, tmp_path):
    folder = tmp_path / "rumah"
    with running_home(released, participant="p001", folder=folder):
        assert refusal(released, folder, "p001") == (
            f"Folder {folder} sedang dipakai pratinjau lain. "
            "Hentikan pratinjau itu, atau pilih folder lain dengan --folder."
        )
    assert refusal(released, folder, "p002") == (
        f"Folder {folder} berisi jawaban p001. "
        "Pilih folder lain dengan --folder, atau buka sebagai p001."
    )


def test_a_folder_that_cannot_be_one_is_refused_in_a_sentence(released, tmp_path):
    file = tmp_path / "berkas"
    file.write_text("")
    assert refusal(released, file) == (
        f"Folder {file} tidak dapat dipakai (Not a directory). Pilih folder lain dengan --folder."
    )
