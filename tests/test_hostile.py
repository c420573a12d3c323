"""Everything that can be in a submission: bounded, errored with its cause, and nobody else's trouble."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nbconvert.exporters import HTMLExporter
from traitlets.config import Config

from pamong import notebook
from pamong.course import Course
from pamong.enrolment import Enrolment
from pamong.errors import CourseError
from pamong.grading import essay
from pamong.grading.batch import grade
from pamong.grading.configuration import configure
from pamong.grading.crew.workers import local
from pamong.grading.feedback import feedback
from pamong.grading.intake.collect import collect
from pamong.grading.intake.submission import SUBMISSION_LIMIT, Submission, load, remarks, submitters
from pamong.grading.mark import Handed
from pamong.grading.pipeline import GradedSubmission
from pamong.grading.pipeline import grade as grade_one
from pamong.grading.records.gradebook import Gradebook
from pamong.grading.source import load_source
from pamong.light import paper
from pamong.light.pages import Frame, render
from pamong.log import DAMAGE_LIMIT, Unread, parse
from pamong.outcome import Errored, Missing, Scored
from tests.conftest import bot_logs, put_submission, reflection_log
from tests.hostile import folders, logs, notebooks
from tests.test_bad_input import Tags, words

MODULE = "m0-contoh"
STAMP = "2026-12-01 03:00:00.000000 UTC"
WHOLE = {"pemahaman": 40.0, "sikap": 30.0, "uraian-q1": None}


@pytest.fixture(scope="module")
def honest():
    """The logs of somebody who has done everything."""
    return bot_logs(pemahaman="perfect", sikap="perfect") | {
        "refleksi": reflection_log("Mendengar.")
    }


def put(path, content):
    """Write a file, or make one as long as a number says, without filling the disk."""
    with path.open("wb") as file:
        if isinstance(content, int):
            file.truncate(content)
        else:
            file.write(content)


@dataclass(frozen=True)
class Corpus:
    """What grading everything at once came to."""

    course: Course
    graded: dict[str, GradedSubmission]
    run: object
    cost: float
    """How many honest submissions could have been graded in the time of one of these."""
    before: dict

    def outcomes(self, name):
        return {mark.cell: mark.outcome for mark in self.graded[name].marks}

    def points(self, name):
        return {mark.cell: mark.points for mark in self.graded[name].marks}


def around(root):
    """Everything around a submission that grading must leave as it is."""
    found = {}
    for part in ("graders", "course/source", "course/release", "milik-orang"):
        for path in (root / part).rglob("*"):
            found[path] = (path.lstat().st_mtime_ns, path.lstat().st_size)
    return found


@pytest.fixture(scope="module")
def corpus(released_once, tmp_path_factory, honest):
    usual = course_at(released_once, tmp_path_factory.mktemp("jujur") / "root")
    for number in range(100):
        put_submission(usual, f"p{number:03}", honest)
    start = time.perf_counter()
    grade(usual, [MODULE], crew=local(2))
    honestly = (time.perf_counter() - start) / 100
    root = tmp_path_factory.mktemp("bermusuhan") / "root"
    course = course_at(released_once, root)
    lay_out(course, honest)
    before, graded = around(root), {}

    def crew(sources, submissions):
        with closing(local(2)(sources, submissions)) as stream:
            for submission, one in stream:
                graded[one.participant] = one
                yield submission, one

    start = time.perf_counter()
    run = grade(course, [MODULE], crew=crew)
    each = (time.perf_counter() - start) / len(graded)
    yield Corpus(course, graded, run, each / honestly, before)
    subprocess.run(["rm", "-rf", str(root)], check=True)  # Python cannot remove what is so deep


def course_at(released, root):
    shutil.copytree(released, root)
    return Course.load(root)


def lay_out(course, honest):
    """One submission for every entry, named after it, and honest ones among them."""
    for person in ("p001", "p002", "p003"):
        others = put_submission(course, person, honest)
    for name, (content, _) in logs.DAMAGED_LOGS.items():
        put(put_submission(course, f"log-{name}", honest) / "pemahaman.jsonl", content)
    for name, content in logs.HARMLESS_LOGS.items():
        put(put_submission(course, f"aneh-{name}", honest) / "pemahaman.jsonl", content)
    played = {name: honest[name] for name in ("pemahaman", "sikap")}
    pages = {name: content for name, (content, _) in notebooks.UNREADABLE.items()}
    for prefix, entries in (
        ("buku", pages), ("terbaca", notebooks.READABLE), ("kosong", notebooks.EMPTY),
    ):  # fmt: skip
        for name, content in entries.items():
            put(put_submission(course, f"{prefix}-{name}", played) / "module.ipynb", content)
    for name, spoil in spoilers().items():
        mine = played if name in folders.SPOILED_NOTEBOOKS else honest
        spoil(put_submission(course, name, mine), others)


def spoilers():
    found = folders.SPOILED_LOGS | folders.SPOILED_NOTEBOOKS | folders.SPOILED_FOLDERS
    found |= folders.HARMLESS_FOLDERS | folders.HARMLESS_RECEIPTS
    if os.geteuid() != 0:
        del found["log-is-a-device"]
    return found


def test_everything_is_graded_in_bounded_time(corpus):
    assert corpus.cost < 30
    assert len(corpus.graded) == len(submitters(corpus.course, MODULE)) > 130


def test_nobody_else_loses_anything(corpus):
    for person in ("p001", "p002", "p003"):
        assert corpus.points(person) == WHOLE


def test_nothing_around_the_submissions_is_changed(corpus):
    assert around(corpus.course.root) == corpus.before


@pytest.mark.parametrize("name", logs.DAMAGED_LOGS)
def test_a_log_that_cannot_be_believed_is_errored_alone(corpus, name):
    outcome = corpus.outcomes(f"log-{name}")["pemahaman"]
    assert isinstance(outcome, Errored)
    assert logs.DAMAGED_LOGS[name][1] in outcome.cause
    assert outcome.cause.isprintable()
    assert len(outcome.cause) <= 1000
    assert corpus.points(f"log-{name}") == WHOLE | {"pemahaman": None}


@pytest.mark.parametrize("name", logs.HARMLESS_LOGS)
def test_an_odd_log_earns_only_what_is_in_it(corpus, name):
    outcome = corpus.outcomes(f"aneh-{name}")["pemahaman"]
    assert isinstance(outcome, Scored)
    assert outcome.points == (40.0 if name == "as-many-answers-as-fit" else 0.0)


@pytest.mark.parametrize("name", notebooks.UNREADABLE)
def test_a_notebook_that_cannot_be_read_puts_its_essay_in_doubt(corpus, name):
    outcome = corpus.outcomes(f"buku-{name}")["uraian-q1"]
    assert isinstance(outcome, Errored)
    assert outcome.cause.startswith(notebooks.UNREADABLE[name][1])
    assert outcome.cause.isprintable()
    assert corpus.points(f"buku-{name}") == WHOLE


@pytest.mark.parametrize("name", notebooks.READABLE)
def test_an_odd_notebook_shows_the_marker_the_essay_in_it(corpus, name):
    assert corpus.outcomes(f"terbaca-{name}")["uraian-q1"] == Handed(30.0)
    assert corpus.points(f"terbaca-{name}") == WHOLE
    (page,) = corpus.graded[f"terbaca-{name}"].pages
    (cell,) = notebook.named(notebook.parse(page.content, "graded"), "uraian-q1")
    assert essay.plain(cell["source"]) == notebooks.ESSAY


@pytest.mark.parametrize("name", notebooks.EMPTY)
def test_a_notebook_without_the_essay_earns_nothing(corpus, name):
    assert corpus.outcomes(f"kosong-{name}")["uraian-q1"] == Missing(30.0)


@pytest.mark.parametrize("name", set(folders.SPOILED_LOGS) & set(spoilers()))
def test_what_is_no_plain_file_is_never_read_as_a_log(corpus, name):
    outcome = corpus.outcomes(name)["pemahaman"]
    assert isinstance(outcome, Errored)
    assert outcome.cause.startswith(f"pemahaman.jsonl: {folders.LINK}.")
    assert corpus.points(name) == WHOLE | {"pemahaman": None}


@pytest.mark.parametrize("name", folders.SPOILED_NOTEBOOKS)
def test_what_is_no_plain_file_is_never_read_as_a_notebook(corpus, name):
    cause = f"module.ipynb cannot be read: {folders.LINK}."
    assert corpus.outcomes(name)["uraian-q1"] == Errored(30.0, cause)
    assert corpus.points(name) == WHOLE


@pytest.mark.parametrize("name", folders.SPOILED_FOLDERS)
def test_what_is_no_folder_is_errored_throughout(corpus, name):
    for outcome in corpus.outcomes(name).values():
        assert isinstance(outcome, Errored)
        assert folders.NO_FOLDER in outcome.cause


@pytest.mark.parametrize("name", [*folders.HARMLESS_FOLDERS, *folders.HARMLESS_RECEIPTS])
def test_what_grading_has_no_use_for_changes_nothing(corpus, name):
    assert corpus.points(name) == WHOLE
    filed = {path.name for path in corpus.course.autograded(name, MODULE).iterdir()}
    assert filed <= {
        "module.ipynb", "gambar.svg", "timestamp.txt", "submission_secret.txt",
        "pemahaman.jsonl", "sikap.jsonl", "refleksi.jsonl",
    }  # fmt: skip


def test_the_gradebook_holds_all_of_it(corpus):
    gradebook = Gradebook.open(corpus.course)
    rows = gradebook.rows(MODULE)
    gradebook.close()
    assert len(rows) == 3 * len(corpus.graded)
    for row in rows:
        assert row.auto == corpus.points(row.participant)[row.cell]


def test_grading_again_leaves_what_was_settled_and_tries_the_rest(corpus):
    errored = [
        name
        for name in corpus.graded
        if any(isinstance(outcome, Errored) for outcome in corpus.outcomes(name).values())
    ]
    again = grade(corpus.course, [MODULE], crew=local(2))
    assert again.tallies[0].unchanged == len(corpus.graded) - len(errored)
    assert again.changes == ()
    assert {one.participant for one in again.troubles} == set(errored)


def test_what_is_not_a_participants_folder_is_left_and_named(released, honest):
    base = released.folder / "submitted"
    put_submission(released, "p001", honest)
    put_submission(released, "tamu.1", honest)
    for name in folders.STRAY_NAMES:
        (base / name / MODULE).mkdir(parents=True)
    (base / ".DS_Store").write_text("")
    (base / "catatan.txt").write_text("")
    (base / "p002").symlink_to("p001")
    os.mkfifo(base / "pipa")
    assert submitters(released, MODULE) == ("p001", "tamu.1")
    told = remarks(released, ["p001", "tamu.1"])
    assert len(told) == len(folders.STRAY_NAMES) - 1 + 3 + 1  # hidden ones are nobody's business
    assert f"'catatan.txt' in {base} is not graded: it is no folder." in told
    assert f"'p002' in {base} is not graded: it is a link." in told
    assert f"'spasi di sini' in {base} is not graded: its name cannot be a participant's." in told
    assert told[-1] == "tamu.1 is not in the roster; what they handed in is graded all the same."
    assert all(line.isascii() and line.isprintable() for line in told)
    assert grade(released, [MODULE], crew=local(1)).tallies[0].submissions == 2


def test_so_many_strays_are_told_in_few_lines(released):
    for n in range(10_000):
        (released.folder / "submitted" / f"{n} x").mkdir(parents=True)
    told = remarks(released, [])
    assert (len(told), told[-1]) == (21, "And 9980 more of this sort.")


def test_names_that_differ_by_case_are_different_people(released, honest):
    put_submission(released, "p001", honest)
    put_submission(released, "P001")
    run = grade(released, [MODULE], crew=local(1))
    assert (run.tallies[0].submissions, run.tallies[0].scored) == (2, 2)
    assert remarks(released, submitters(released, MODULE)) == (
        "P001 is not in the roster; what they handed in is graded all the same.",
    )


@pytest.fixture
def open_to_all(released):
    """A course in a folder that every account may enter."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        shutil.copytree(released.root, Path(folder, "root"))
        yield Course.load(Path(folder, "root"))


@contextmanager
def as_somebody_else():
    """Without the rights of root, to whom no mode is an obstacle; others need no change."""
    if os.geteuid() != 0:
        yield
        return
    nobody = 65534
    os.seteuid(nobody)
    try:
        yield
    finally:
        os.seteuid(0)


def test_what_may_not_be_read_is_in_doubt_and_not_missing(open_to_all, honest):
    course = open_to_all
    folder = put_submission(course, "p001", {"pemahaman": honest["pemahaman"]})
    put_submission(course, "p002", honest)
    for path in folder.iterdir():
        path.chmod(0)
    with as_somebody_else():
        found = load(course, "p001", MODULE)
    assert found.logs == {"pemahaman": Unread.FORBIDDEN.value}
    reason = "module.ipynb cannot be read: the account that grades may not read it."
    assert found.doubts == {"module.ipynb": reason}
    folder.chmod(0)
    with as_somebody_else():
        found = load(course, "p001", MODULE)
        assert submitters(course, MODULE) == ("p001", "p002")
    assert set(found.logs.values()) == {Unread.FORBIDDEN.value}
    (graded,) = (grade_one(load_source(course, MODULE), found),)
    assert all(isinstance(mark.outcome, Errored) for mark in graded.marks)
    folder.parent.chmod(0)
    with as_somebody_else():
        assert submitters(course, MODULE) == ("p002",)
        told = remarks(course, [])
    folder.parent.chmod(0o755)
    folder.chmod(0o755)
    place = folder.parents[1]
    assert told == (f"'p001' in {place} is not graded: this account may not read it.",)


def test_a_file_that_grows_shrinks_or_goes_while_it_is_read_is_read_once_at_most(released, honest):
    folder = put_submission(released, "p001", honest)
    path, content = folder / "pemahaman.jsonl", honest["pemahaman"]
    stop = time.monotonic() + 1
    writer = subprocess.Popen(
        [
            sys.executable, "-c",
            "import os, sys\npath, text = sys.argv[1], open(sys.argv[1], 'rb').read()\n"
            "while True:\n"
            "    open(path, 'wb').write(text * 200)\n    open(path, 'r+b').truncate(7)\n"
            "    os.unlink(path)\n    open(path, 'wb').write(text)",
            str(path),
        ]
    )  # fmt: skip
    try:
        while time.monotonic() < stop:
            found = load(released, "p001", MODULE).logs.get("pemahaman", b"")
            assert len(found) <= 200 * len(content)
            parse(found, "pemahaman")
    finally:
        writer.kill()
        writer.wait()


def test_a_submission_has_one_limit_for_all_its_files(released, honest):
    folder = put_submission(released, "p001", honest)
    put(folder / "refleksi.jsonl", SUBMISSION_LIMIT)
    put(folder / "module.ipynb", SUBMISSION_LIMIT)
    found = load(released, "p001", MODULE)
    sizes = [len(content) for part in (found.logs, found.notebooks) for content in part.values()]
    assert sum(sizes) < SUBMISSION_LIMIT
    assert found.doubts["module.ipynb"].endswith("the submission has more than 12582912 bytes.")
    assert parse(found.logs["refleksi"], "refleksi").damage[0].reason == (
        "the log has more than 4194304 bytes"
    )


GREEDY = """
import resource, sys
from pathlib import Path
from pamong.course import Course
from pamong.grading.batch import grade
from pamong.grading.intake.collect import collect
from pamong.grading.crew.workers import local

run = grade(Course.load(Path(sys.argv[1])), ["m0-contoh"], crew=local(2))
status = dict(line.split(":") for line in Path("/proc/self/status").read_text().splitlines())
own = int(status["VmHWM"].split()[0])  # ru_maxrss would begin with what the process before exec held
children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
print(run.tallies[0].submissions, run.tallies[0].errored, own // 1024, children // 1024)
"""


def test_submissions_as_large_as_may_be_are_graded_in_a_gigabyte(released):
    size = SUBMISSION_LIMIT - 64 * 1024
    page = notebooks.raw(b'"' + b"x" * size + b'"')
    first = put_submission(released, "p001", notebook=page)
    for n in range(35):
        folder = released.submitted(f"q{n:03}", MODULE)
        folder.mkdir(parents=True)
        (folder / "module.ipynb").hardlink_to(first / "module.ipynb")
    done = subprocess.run(
        [sys.executable, "-c", GREEDY, str(released.root)],
        check=True,
        capture_output=True,
        text=True,
    )
    submissions, errored, parent, child = map(int, done.stdout.split())
    assert (submissions, errored) == (36, 0)
    assert parent < 768
    assert child < 512


def test_a_log_of_nothing_but_damage_is_given_up_early():
    found = parse(b"\n" * 4_000_000, "pemahaman")
    assert len(found.damage) == DAMAGE_LIMIT


def test_a_text_of_brackets_is_a_text():
    content = logs.line(data={"text": "[{" * 9000 + '\\"'})
    assert not parse(content, "pemahaman").damage


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner, max_size=4),
    max_leaves=9,
)  # fmt: skip
PAGE = notebooks.page(notebooks.essay(), notebooks.CODE)


def places(value, at=()):
    """The way to everything in a JSON value."""
    yield at
    if isinstance(value, dict | list):
        steps = value.items() if isinstance(value, dict) else enumerate(value)
        for step, inner in steps:
            yield from places(inner, (*at, step))


def changed(value, at, new):
    if not at:
        return new
    copy = value.copy()
    copy[at[0]] = changed(value[at[0]], at[1:], new)
    return copy


@given(st.sampled_from(list(places(PAGE))), JSON)
@settings(max_examples=200)
def test_no_change_to_a_notebook_does_more_than_make_it_unreadable(at, new):
    content = json.dumps(changed(PAGE, at, new)).encode()
    try:
        found = notebook.skim(content, "module.ipynb")
    except CourseError:
        return
    for cell in found["cells"]:
        assert isinstance(cell["source"], str)
        assert isinstance(notebook.grade_id(cell), str)


@given(st.data())
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_change_to_the_bytes_of_a_submission_earns_points_or_raises(released, honest, data):
    files = {"module.ipynb": notebooks.saved(), **honest}
    name = data.draw(st.sampled_from(sorted(files)))
    content = bytearray(files[name])
    start = data.draw(st.integers(0, len(content)))
    length = data.draw(st.sampled_from([0, 1, 2, 40]))
    content[start : start + length] = data.draw(st.binary(max_size=40))
    files[name] = bytes(content)
    graded = grade_one(
        load_source(released, MODULE),
        Submission(
            participant="p001",
            module=MODULE,
            notebooks={"module.ipynb": files.pop("module.ipynb")},
            logs=files,
        ),
    )
    assert graded.problem == ""
    for mark in graded.marks:
        assert isinstance(mark.outcome, Scored | Missing | Errored | Handed)
        assert (mark.points or 0.0) <= (WHOLE[mark.cell] or 0.0)


SPECIAL = "bukan berkas biasa, melainkan tautan atau sejenisnya."
NOT_COLLECTED = {
    **{name: f"pemahaman.jsonl {SPECIAL}" for name in spoilers() if name.startswith("log-")},
    "log-is-a-folder": "",
    "notebook-is-a-folder": "",
    "notebook-is-a-full-folder": "",
    "notebook-is-a-link": f"module.ipynb {SPECIAL}",
    "notebook-is-a-pipe": f"module.ipynb {SPECIAL}",
    "folder-is-a-link": "tidak dapat dibaca (Not a directory).",
    "folder-is-a-link-to-itself": "tidak dapat dibaca (Not a directory).",
    "folder-is-a-file": "tidak dapat dibaca (Not a directory).",
    "folder-is-a-pipe": "tidak dapat dibaca (Not a directory).",
    "ten-thousand-files": "isinya lebih dari 500 berkas.",
    "thousand-levels": "folder di dalamnya bertingkat lebih dari 16.",
    "links-beside": f"kunci {SPECIAL}",
    "secret-is-a-folder": "",
    "sparse": "pemahaman.jsonl membuat ukurannya melebihi batas (20 MiB per berkas).",
}
"""Why an arrival is refused, by the name of its sender; empty where what is good of it is taken."""


@pytest.fixture
def inbox(released, honest):
    """The exchange with one arrival for everything that can be wrong with a folder, and an honest one."""
    folder = released.exchange / "kursus-contoh" / "inbound"
    folder.mkdir(parents=True)
    others = put_submission(released, "p003", honest)

    def arrive(name):
        made = folder / f"{name}+{MODULE}+{STAMP}+abc"
        shutil.copytree(put_submission(released, name, honest), made)
        shutil.rmtree(released.submitted(name, MODULE).parent)
        return made

    arrive("p001")
    for name, spoil in spoilers().items():
        spoil(arrive(name), others)
    put(arrive("sparse") / "pemahaman.jsonl", 1024**4)
    yield folder
    subprocess.run(["rm", "-rf", str(released.root)], check=True)


@pytest.mark.usefixtures("inbox")
def test_what_arrives_is_refused_with_its_reason_or_made_harmless(released):
    before = around(released.root)
    collected = collect(released, MODULE)
    reasons = {note.submission.partition("+")[0]: note.reason for note in collected.refused}
    assert reasons == {name: reason for name, reason in NOT_COLLECTED.items() if reason}
    taken = set(submitters(released, MODULE))
    assert taken == {"p001", "p003", "sparse", *spoilers()} - set(reasons)
    for name in taken:
        names = {path.name for path in released.submitted(name, MODULE).iterdir()}
        stamp = released.submitted(name, MODULE) / "timestamp.txt"
        assert stamp.read_text() == STAMP
        assert "module.ipynb" in names
    assert not list((released.folder / "submitted").glob("*/.*"))
    assert around(released.root) == before
    run = grade(released, [MODULE], crew=local(2))
    errored = {one.participant: one.cause for one in run.troubles}
    assert set(errored) == {"log-is-a-folder"}


@pytest.mark.usefixtures("inbox")
def test_a_secret_that_nbgrader_could_not_read_is_dropped(released):
    collect(released, MODULE)
    kept = {
        name: (released.submitted(name, MODULE) / "submission_secret.txt").exists()
        for name in (
            "p001",
            "secret-bytes",
            "secret-of-a-megabyte",
            "secret-is-a-folder",
            "secret-path",
        )
    }
    assert kept == {
        "p001": True,
        "secret-bytes": False,
        "secret-of-a-megabyte": False,
        "secret-is-a-folder": False,
        "secret-path": True,
    }


def arrival(course, name):
    folder = course.exchange / "kursus-contoh" / "inbound" / os.fsdecode(name)
    folder.mkdir(parents=True)
    return folder


@pytest.mark.parametrize(
    "name",
    [
        f"p 1+{MODULE}+{STAMP}+x", f"p'\"1+{MODULE}+{STAMP}+x", f"🙂+{MODULE}+{STAMP}+x",
        f"p1\u202e+{MODULE}+{STAMP}+x", f"p\n1+{MODULE}+{STAMP}+x", f"{'p' * 129}+{MODULE}+{STAMP}+x",
        f"é+{MODULE}+{STAMP}+x", f"p..1+{MODULE}+{STAMP}+x", f".p1+{MODULE}+{STAMP}+x",
        f"[red]x+{MODULE}+{STAMP}+x", f"+{MODULE}+{STAMP}+x", f"p1+{MODULE}+0000-01-01 00:00:00.0 UTC+x",
        f"p1+{MODULE}+10000-01-01 00:00:00.0 UTC+x", f"p1+{MODULE}+{STAMP.replace('UTC', 'WIB')}+x",
        f"p1+{MODULE}+[red]+x", b"p\xff1+" + f"{MODULE}+{STAMP}+x".encode(),
    ],
)  # fmt: skip
def test_a_name_that_is_nobodys_is_refused_in_visible_characters(released, name):
    arrival(released, name)
    collected = collect(released, MODULE)
    (note,) = collected.refused
    assert note.submission.isprintable()
    assert str(collected).encode()
    assert not (released.folder / "submitted").exists()


@pytest.mark.parametrize("spoil", folders.SPOILED_FOLDERS.values())
def test_a_good_arrival_takes_the_place_of_whatever_lies_there(released, honest, spoil):
    others = put_submission(released, "p003", honest)
    spoil(put_submission(released, "p001"), others)
    shutil.copytree(others, arrival(released, f"p001+{MODULE}+{STAMP}+x"), dirs_exist_ok=True)
    assert collect(released, MODULE).updated == 1
    folder = released.submitted("p001", MODULE)
    assert not folder.is_symlink()
    assert (folder / "pemahaman.jsonl").read_bytes() == honest["pemahaman"]
    assert (others / "pemahaman.jsonl").read_bytes() == honest["pemahaman"]


@pytest.mark.parametrize("stamp", [b"zzzz", b"\xff", b"9" * 5000, b"9999-12-31"])
def test_a_stamp_that_is_no_time_hides_no_honest_submission(released, honest, stamp):
    (put_submission(released, "p001") / "timestamp.txt").write_bytes(stamp)
    made = arrival(released, f"p001+{MODULE}+{STAMP}+x")
    shutil.copytree(put_submission(released, "p002", honest), made, dirs_exist_ok=True)
    assert collect(released, MODULE).updated == 1


@pytest.mark.parametrize("spoil", [folders.folder_is_a_link, folders.folder_is_a_file])
def test_nothing_is_written_where_a_participants_folder_leads_elsewhere(released, honest, spoil):
    others = put_submission(released, "p003", honest)
    elsewhere = released.root / "milik-orang"
    elsewhere.mkdir()
    spoil(put_submission(released, "p001").parent, elsewhere)
    shutil.copytree(others, arrival(released, f"p001+{MODULE}+{STAMP}+x"), dirs_exist_ok=True)
    (note,) = collect(released, MODULE).refused
    assert note.reason.startswith("folder peserta di course/submitted bukan folder biasa")
    assert list(elsewhere.iterdir()) == []


def test_an_arrival_of_an_account_without_a_name_is_refused(released):
    made = arrival(released, f"p001+{MODULE}+{STAMP}+x")
    if os.geteuid() != 0:
        pytest.skip("only root can give files away")
    os.chown(made, 54321, -1)
    (note,) = collect(released, MODULE).refused
    assert note.reason == "dikumpulkan atas nama p001, tetapi milik akun 54321."


def test_text_stays_text_for_markers_and_in_the_feedback(released):
    config = Config()
    configure(config, released.root)
    put_submission(released, "p001", {"refleksi": reflection_log(notebooks.ACTIVE)})
    put_submission(released, "p002", notebook=notebooks.saved(notebooks.essay(notebooks.ACTIVE)))
    grade(released, [MODULE], crew=local(2))
    feedback(released, MODULE, workers=1)
    exporter = HTMLExporter(config=config, template_name="basic")  # formgrader's, without its frame
    for person in ("p001", "p002"):
        shown, _ = exporter.from_filename(str(released.autograded(person, MODULE) / "module.ipynb"))
        (page,) = released.feedback(person, MODULE).glob("*.html")
        for html in (shown, page.read_text(encoding="utf-8")):
            assert "alert(1)" in html
            for tag in (
                "<script>alert",
                "<img src=x",
                'href="javascript',
                "<svg onload",
                "<iframe",
            ):
                assert tag not in html


@pytest.mark.parametrize(
    "name",
    [
        notebooks.ACTIVE,
        '=1+1 #read("/etc/passwd") {{7*7}} \u202e\u2067👨‍👩‍👧 مرحبا \ue000',
        "x" * 2000,
    ],
)
def test_a_name_is_a_text_on_the_pages_and_the_print_of_a_receipt(name):
    facts = {"code": "ABCD", "content": "0" * 64, "signed": True, "exercises": []}
    pages = []
    for written in ("Ani Rekaan", name):
        enrolment = Enrolment(
            participant="p001", name=written, role="lurah", cohort="a01", programme="Pelatihan",
            course_id="c", time_zone="Asia/Jakarta", modules=(),
        )  # fmt: skip
        values = {**facts, "facts": [("Program", "Pelatihan"), ("Peserta", written)]}
        frame = Frame(base="/", enrolment=enrolment)
        pages.append(Tags(render("receipt.html", frame, module=MODULE, mark="data:,", **values)))
        assert b"pdfuaid:part" in paper.pdf(values, "PAMONG", datetime(2026, 12, 1, tzinfo=UTC))
    assert pages[0].tags == pages[1].tags
    assert words(name) in words(pages[1].text)
