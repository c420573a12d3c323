"""A course as small as it can be: fresh for every test, played by bots, or already released."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest

from pamong import log
from pamong.brief import load_brief, load_key
from pamong.course import BRIEF, KEY, Course
from pamong.kinds import KINDS
from pamong.play import play

HERE = Path(__file__).parent
MODULE = "m0-contoh"
STAMP = "2026-12-01 03:00:00.000000 UTC"


def lay_out(target):
    """The small course with everything that a repository root has beside it."""
    shutil.copytree(HERE / "course_small", target)
    shutil.copy(HERE.parent / "nbgrader_config.py", target)
    shutil.copytree(HERE.parent / "templates", target / "templates")
    return Course.load(target)


@pytest.fixture
def small(tmp_path):
    """The small course, never released."""
    return lay_out(tmp_path / "root")


@pytest.fixture(scope="session")
def released_once(tmp_path_factory):
    """The small course released by a process of its own, as an author would."""
    course = lay_out(tmp_path_factory.mktemp("released") / "root")
    command = [sys.executable, "-c", "from pamong.cli import main; main()", "release", MODULE]
    subprocess.run(command, cwd=course.root, check=True, capture_output=True)
    return course.root


@pytest.fixture
def released(released_once, tmp_path):
    """The small course with a release and an empty gradebook."""
    shutil.copytree(released_once, tmp_path / "root")
    return Course.load(tmp_path / "root")


@pytest.fixture(scope="session")
def logs():
    """Answer logs of the small course, written by bots: ``logs(pemahaman="expert", ...)``."""
    return bot_logs


@pytest.fixture(scope="session")
def hand_in():
    """Put a submission where ``pamong collect`` would: ``hand_in(course, "p001", logs)``."""
    return put_submission


@pytest.fixture(scope="session")
def written():
    """The log of a reflection in which these texts were typed one after another."""
    return reflection_log


def bot_logs(**bots):
    """The log of each named exercise, played by the named bot."""
    source = HERE / "course_small" / "course" / "source" / MODULE
    keys = HERE / "course_small" / "graders" / MODULE
    found = {}
    for name, bot in bots.items():
        brief = load_brief(source / f"{name}{BRIEF}")
        kind = KINDS[brief.kind]
        model = getattr(brief, "model", None)
        key = model if model is not None else load_key(keys / f"{name}{KEY}", kind)
        events = play(kind, brief, key, kind.bots[bot], rng=Random(1))
        found[name] = b"".join(log.encode(event) for event in events)
    return found


def reflection_log(*texts, prompt="q1", exercise="refleksi"):
    """The log of a reflection in which ``texts`` were saved one after another."""
    entries = [{"act": "open", "who": "system", "data": {}}]
    entries += [
        {"act": "text", "who": "participant", "data": {"prompt": prompt, "text": text}}
        for text in texts
    ]
    fixed = {"at": "2026-12-01T02:00:00.000Z", "exercise": exercise, "version": 1, "attempt": 1}
    return b"".join(
        json.dumps({"n": n, "id": f"d:{n}", **fixed, **entry}).encode() + b"\n"
        for n, entry in enumerate(entries, 1)
    )


def put_submission(course, participant, logs=None, *, notebook=None, stamp=STAMP):
    """One collected submission; the released notebook unless another (or b"" for none) is given."""
    folder = course.submitted(participant, MODULE)
    folder.mkdir(parents=True, exist_ok=True)
    if notebook is None:
        released = course.release(MODULE) / "module.ipynb"
        notebook = released.read_bytes() if released.is_file() else b""
    if notebook:
        (folder / "module.ipynb").write_bytes(notebook)
    for name, content in (logs or {}).items():
        (folder / f"{name}.jsonl").write_bytes(content)
    (folder / "timestamp.txt").write_text(stamp)
    (folder / "submission_secret.txt").write_text("rahasia" + participant)
    return folder
