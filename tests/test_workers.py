"""Whatever happens to one submission, the others are graded."""

import fcntl
import json
import mmap
import os
import signal
import tempfile
import termios
import threading
from concurrent.futures.process import BrokenProcessPool
from copy import deepcopy
from dataclasses import replace

import pytest

from pamong.course import NOTEBOOK
from pamong.grading import workfolder
from pamong.grading.crew import workers
from pamong.grading.crew.workers import grade_all
from pamong.grading.intake.submission import Submission
from pamong.grading.source import load_source
from pamong.outcome import Errored, Missing

MODULE = "m0-contoh"


def submission(participant="p001", logs=None):
    return Submission(participant=participant, module=MODULE, notebooks={}, logs=logs or {})


@pytest.fixture
def source(released):
    return load_source(released, MODULE)


def grade(source, *submissions, processes=1):
    stream = grade_all({MODULE: source}, submissions, processes=processes)
    found = {one.participant: one for _, one in stream}
    return [found[each.participant] for each in submissions]


def outcomes(graded):
    return {mark.cell: mark.outcome for mark in graded.marks}


def points(graded):
    return {mark.cell: mark.points for mark in graded.marks}


def with_cell(source, code):
    page = deepcopy(source.notebooks[NOTEBOOK])
    page["cells"].insert(1, {"cell_type": "code", "id": "uji", "metadata": {}, "source": code})
    return replace(source, pages={NOTEBOOK: json.dumps(page).encode()})


KILLER = (
    "import os, pathlib, signal\n"
    "path = pathlib.Path('sikap.jsonl')\n"
    "if path.exists() and b'mati' in path.read_bytes():\n"
    "    os.kill(os.getpid(), signal.SIGKILL)"
)


def test_a_submission_that_kills_its_process_costs_nobody_else_anything(source, logs):
    good = logs(pemahaman="perfect")
    crowd = [submission(f"p{n:03}", good) for n in range(40)]
    crowd[7] = submission("p007", {"sikap": b"mati"})
    found = grade(with_cell(source, KILLER), *crowd)
    assert len(found) == 40
    assert all(points(one)["pemahaman"] == 40.0 for one in found if one.participant != "p007")
    (dead,) = (one for one in found if one.participant == "p007")
    cause = (
        "The grading process died: a cell could not be stopped, or took too much memory. "
        "What was handed in is in submitted/p007/m0-contoh."
    )
    assert dead.problem == cause
    assert set(outcomes(dead).values()) == {Errored(40.0, cause), Errored(30.0, cause)}


STUBBORN = (
    "import pathlib, signal\n"
    "path = pathlib.Path('sikap.jsonl')\n"
    "if path.exists() and b'macet' in path.read_bytes():\n"
    "    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM})\n"
    "    while True:\n"
    "        signal.sigtimedwait({signal.SIGUSR1}, 60)"
)


def test_a_submission_that_ignores_its_deadline_is_given_up(source, logs, monkeypatch):
    monkeypatch.setattr(workers, "PATIENCE", 2)
    crowd = [submission(f"p{n:03}", logs(pemahaman="perfect")) for n in range(4)]
    crowd[1] = submission("p001", {"sikap": b"macet"})
    found = grade(with_cell(source, STUBBORN), *crowd)
    assert [points(one)["pemahaman"] for one in found] == [40.0, None, 40.0, 40.0]
    assert found[1].problem == (
        "Grading took longer than 2 s and could not be interrupted. "
        "What was handed in is in submitted/p001/m0-contoh."
    )


def _die_answering(pipe):
    """Give back more than a pipe holds, and be gone once some of it is on its way."""

    def watch():
        while not any(fcntl.ioctl(pipe, termios.FIONREAD, bytes(4))):
            pass
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=watch, daemon=True).start()
    return bytes(200 * 1024**2)


def test_a_process_that_ends_in_the_middle_of_its_answer_holds_up_nobody(source):
    with workers._pool({MODULE: source}, 1) as pool:
        answers = pool._result_queue._writer
        future = pool.submit(_die_answering, answers.fileno())
        (process,) = pool._processes.values()
        process.join()
        workers._kill(pool)
        try:
            with pytest.raises(BrokenProcessPool):
                future.result(timeout=60)
        finally:
            answers.close()


THREAD = (
    "import threading, time\nthreading.Thread(target=time.sleep, args=(999,), daemon=True).start()"
)


def test_a_thread_that_a_cell_leaves_behind_reaches_no_other_submission(source, logs):
    crowd = [submission(f"p{n:03}", logs(pemahaman="perfect")) for n in range(3)]
    found = grade(with_cell(source, THREAD), *crowd)
    assert [points(one)["pemahaman"] for one in found] == [40.0] * 3


def test_what_is_mapped_where_grading_starts_leaves_it_no_less_memory(source, logs):
    nothing = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x4000  # MAP_NORESERVE
    with mmap.mmap(-1, 5 * 1024**3, flags=nothing):
        (found,) = grade(with_cell(source, THREAD), submission("p001", logs(pemahaman="perfect")))
    assert points(found)["pemahaman"] == 40.0


def test_what_a_cell_writes_past_python_does_not_reach_the_screen(source, capfd):
    grade(with_cell(source, "import os\nos.write(1, b'liar'); os.write(2, b'liar')"), submission())
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("in_memory", [True, False])
def test_no_process_leaves_keys_or_answers_behind(source, logs, tmp_path, monkeypatch, in_memory):
    own = tmp_path / "own"
    own.mkdir()
    monkeypatch.delenv("TMPDIR", raising=False)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tidak-ada" if in_memory else own))
    monkeypatch.setattr(workfolder, "IN_MEMORY", own if in_memory else tmp_path / "tidak-ada")
    crowd = [submission("p001", logs(pemahaman="perfect")), submission("p002", {"sikap": b"mati"})]
    grade(with_cell(source, KILLER), *crowd)
    stream = grade_all({MODULE: source}, iter([submission(f"p{n:03}") for n in range(9)]))
    next(stream)
    assert list(own.iterdir()) != []
    stream.close()
    assert list(own.iterdir()) == []


def test_one_process_or_two_come_to_the_same(source, logs):
    crowd = [submission(f"p{n:03}", logs(pemahaman="random")) for n in range(12)]
    assert grade(source, *crowd) == grade(source, *crowd, processes=2)


def test_submissions_are_read_only_as_fast_as_they_are_graded(source):
    asked = []

    def handed_in():
        for n in range(200):
            asked.append(n)
            yield submission(f"p{n:03}")

    stream = grade_all({MODULE: source}, handed_in(), processes=1)
    next(stream)
    assert len(asked) <= workers.IN_FLIGHT + 1
    stream.close()


def test_nothing_to_grade_is_no_trouble(source):
    assert grade(source) == []
    assert set(outcomes(grade(source, submission())[0]).values()) == {Missing(40.0), Missing(30.0)}
