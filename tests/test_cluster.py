"""Grading by real Dask workers: processes with an empty folder and another home, one scheduler for all tests."""

import io
import itertools
import json
import logging
import os
import re
import shutil
import socket
import subprocess
import sys
from contextlib import ExitStack, closing, contextmanager
from copy import deepcopy
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from distributed import Client

import pamong
from pamong.course import NOTEBOOK, Course
from pamong.errors import CourseError
from pamong.grading.crew.cluster import IN_FLIGHT, remote
from pamong.grading.crew.outpost import Identity, identity
from pamong.grading.crew.workers import grade_all
from pamong.grading.intake.submission import Submission
from pamong.grading.source import load_source
from pamong.outcome import Errored

MODULE = "m0-contoh"
LOST = (
    "went away; 1 submissions had come back. What was graded before is recorded; "
    "the same command goes on from there."
)
KILLER = (
    "import os, pathlib, signal\n"
    "path = pathlib.Path('sikap.jsonl')\n"
    "if path.exists() and b'mati' in path.read_bytes():\n"
    "    os.kill(os.getpid(), signal.SIGKILL)"
)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def dask(role, folder, *arguments, environment=None):
    """One process of a cluster that knows nothing of the course; its log is ``folder/log``."""
    folder.mkdir()
    home = folder / "home"
    home.mkdir()
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", f"distributed.cli.dask_{role}", *arguments, "--no-dashboard"],
            cwd=home,
            env={**os.environ, "HOME": str(home), "TMPDIR": str(home), **(environment or {})},
            stdout=log,
            stderr=log,
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@contextmanager
def scheduler(folder):
    url = f"tcp://127.0.0.1:{free_port()}"
    host, port = url.removeprefix("tcp://").split(":")
    with dask("scheduler", folder, "--host", host, "--port", port) as process:
        Client(url, set_as_default=False, timeout=60).close()
        yield url, process


@contextmanager
def worker(url, folder, **environment):
    options = ("--nthreads", "1", "--no-nanny", "--name", folder.name)
    with dask("worker", folder, url, *options, environment=environment) as process:
        yield process


def names(url, count):
    """The addresses of the workers by their names, as soon as there are ``count``."""
    with Client(url, set_as_default=False, timeout=60) as client:
        client.wait_for_workers(count, timeout=60)
        workers = client.scheduler_info(n_workers=-1)["workers"]
        return {each["name"]: address for address, each in workers.items()}


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """The address of a scheduler with the workers ``satu`` and ``dua``, and their folder."""
    root = tmp_path_factory.mktemp("cluster")
    with (
        scheduler(root / "scheduler") as (url, _),
        worker(url, root / "satu"),
        worker(url, root / "dua"),
    ):
        names(url, 2)
        yield url, root


@pytest.fixture(scope="module")
def source(released_once):
    return load_source(Course.load(released_once), MODULE)


def submission(participant, logs=None, notebook=None):
    notebooks = {} if notebook is None else {NOTEBOOK: notebook}
    return Submission(participant=participant, module=MODULE, notebooks=notebooks, logs=logs or {})


@pytest.fixture
def crowd(logs):
    played = logs(pemahaman="perfect", sikap="random")
    return [submission(f"p{n:03}", played) for n in range(40)]


def by_participant(stream):
    """What came back, by participant; nobody may come back twice."""
    found = {}
    for handed, graded in stream:
        assert handed.participant == graded.participant
        assert graded.participant not in found
        found[graded.participant] = graded
    return found


def here(source, submissions):
    return by_participant(grade_all({MODULE: source}, submissions, processes=1))


def there(url, source, submissions, **options):
    return by_participant(remote(url, **options)({MODULE: source}, submissions))


def deadly(source):
    """The module with a first cell that kills the process of whoever asks for it."""
    page = deepcopy(source.notebooks[NOTEBOOK])
    page["cells"].insert(1, {"cell_type": "code", "id": "uji", "metadata": {}, "source": KILLER})
    return replace(source, pages={NOTEBOOK: json.dumps(page).encode()})


def test_a_cluster_comes_to_the_same_as_this_machine(cluster, source, logs, written):
    played = logs(pemahaman="perfect", sikap="random") | {"refleksi": written("Mendengar dahulu.")}
    handed = [
        submission("p001", played),
        submission("p002"),
        submission("p003", {"pemahaman": b"{rusak\n" * 3}),
        submission("p004", played, notebook=b"\xff{"),
        submission("p005", {"sikap": b"mati"}),
        submission("p006", played),
    ]
    changed = deadly(source)
    found = there(cluster[0], changed, handed)
    assert found == here(changed, handed)
    assert (
        found["p005"].problem
        == "The grading process died: a cell could not be stopped, or took too much memory. "
        "What was handed in is in submitted/p005/m0-contoh."
    )
    assert {type(mark.outcome) for mark in found["p005"].marks} == {Errored}


def test_nothing_of_a_run_stays_on_a_worker(cluster, source, crowd):
    url, root = cluster
    there(url, source, crowd[:4])
    left = [path.name for path in root.rglob("*") if not path.is_relative_to(root / "scheduler")]
    assert not [name for name in left if name.startswith("pamong") or name.endswith(".yaml")]
    assert grandchildren(url) == []


def test_sources_are_sent_once_to_each_worker(cluster, source, crowd):
    url, root = cluster
    before = [prepared(root / name) for name in ("satu", "dua")]
    there(url, source, crowd)
    assert [prepared(root / name) for name in ("satu", "dua")] == [count + 1 for count in before]


def prepared(folder):
    return (folder / "log").read_text().count("'prepare'")


def test_only_a_few_submissions_are_read_ahead(cluster, source, crowd):
    read = []
    stream = remote(cluster[0])({MODULE: source}, (read.append(one) or one for one in crowd))
    with closing(stream):
        next(stream)
        assert len(read) == 2 * IN_FLIGHT


def grandchildren(url):
    """The processes that workers of ``url`` have begun, once those that are ending have ended."""
    with Client(url, set_as_default=False) as client:
        found = client.run(os.getpid).values()
    children = [child for pid in found for child in psutil.Process(pid).children(recursive=True)]
    return psutil.wait_procs(children, timeout=20)[1]


def test_a_run_that_is_broken_off_leaves_nothing_behind(cluster, source, crowd):
    url, _ = cluster
    stream = remote(url)({MODULE: source}, crowd)
    next(stream)
    stream.close()
    assert grandchildren(url) == []
    with Client(url, set_as_default=False) as client:
        assert client.run_on_scheduler(tasks) == []


def tasks(dask_scheduler):
    return [key for key in dask_scheduler.tasks if str(key).startswith("pamong")]


def test_a_killed_worker_loses_nothing_and_doubles_nothing(cluster, source, crowd, tmp_path):
    url, _ = cluster
    with worker(url, tmp_path / "tiga") as doomed:
        names(url, 3)
        stream = remote(url)({MODULE: source}, crowd)
        first = next(stream)
        children = psutil.Process(doomed.pid).children(recursive=True)
        doomed.kill()
        found = by_participant(itertools.chain([first], stream))
        assert psutil.wait_procs(children, timeout=20)[1] == []
    assert found == here(source, crowd)


def test_a_lost_grading_process_is_replaced(cluster, source, crowd):
    url, _ = cluster
    stream = remote(url)({MODULE: source}, crowd)
    first = next(stream)
    with Client(url, set_as_default=False) as client:
        pids = client.run(os.getpid).values()
    for child in (child for pid in pids for child in psutil.Process(pid).children()):
        child.kill()
    assert by_participant(itertools.chain([first], stream)) == here(source, crowd)


def test_a_worker_that_has_been_started_anew_is_prepared_anew(cluster, source, crowd):
    url, _ = cluster
    stream = remote(url)({MODULE: source}, crowd)
    first = next(stream)
    with Client(url, set_as_default=False) as client:
        client.run(forget_everything)
    assert by_participant(itertools.chain([first], stream)) == here(source, crowd)


def forget_everything():
    from pamong.grading.crew import outpost  # noqa: PLC0415  # as a worker has it, to which this is sent

    for run in tuple(outpost._benches):
        outpost.forget(run)


@pytest.fixture
def altered(tmp_path):
    """A PYTHONPATH with a Pamong that errs: whatever it is given, nothing can be graded."""
    folder = tmp_path / "altered"
    ignored = shutil.ignore_patterns("__pycache__", "static", "fonts", "labextension")
    shutil.copytree(Path(pamong.__file__).parent, folder / "pamong", ignore=ignored)
    with (folder / "pamong" / "grading" / "pipeline.py").open("a") as file:
        file.write(
            "\n\ndef grade(source, submission):\n    return refuse(source, submission, 'x')\n"
        )
    return str(folder)


def test_another_release_grades_nothing_whenever_it_joins(
    cluster, source, crowd, altered, tmp_path, caplog, monkeypatch
):
    url, root = cluster
    monkeypatch.setattr("pamong.grading.crew.cluster.TICK", 0.01)
    joined = {}

    def arriving():
        yield from crowd[:20]
        late.enter_context(worker(url, tmp_path / "lain", PYTHONPATH=altered))
        joined.update(names(url, 3))
        yield from crowd[20:]

    with ExitStack() as late, caplog.at_level(logging.WARNING):
        found = there(url, source, arriving())
        assert found == here(source, crowd)
        start = f"The worker {joined['lain']} is left out: it has Pamong's code "
        assert [record.message[: len(start)] for record in caplog.records] == [start]

        before = [prepared(root / name) for name in ("satu", "dua")]
        with pytest.raises(CourseError) as caught:
            there(url, source, crowd)
    assert re.sub(r"[0-9a-f]{16}", "…", str(caught.value)) == (
        f"Workers at {url} would not grade as this machine does: {joined['lain']} has Pamong's code … "
        "instead of …. Nothing was sent. Install the same release of Pamong, from the same lock, "
        "there and here, start the workers anew, or stop those that are not meant for Pamong."
    )
    assert [prepared(root / name) for name in ("satu", "dua")] == before
    assert prepared(tmp_path / "lain") == 0


@pytest.fixture
def dasks_log(monkeypatch):
    """What Dask's own log would have put on the terminal."""
    kept = io.StringIO()
    for name in ("distributed", "distributed.client"):
        handlers = [logging.StreamHandler(kept)]
        monkeypatch.setattr(logging.getLogger(name), "handlers", handlers)
    return kept


def test_a_scheduler_that_goes_away_is_said_plainly(source, crowd, tmp_path, capfd, dasks_log):
    with scheduler(tmp_path / "scheduler") as (url, process), worker(url, tmp_path / "satu"):
        names(url, 1)
        stream = remote(url)({MODULE: source}, crowd)
        next(stream)
        process.kill()
        with pytest.raises(CourseError) as caught:
            for _ in stream:
                pass
    assert (
        re.sub("; [0-9]+ subm", "; 1 subm", str(caught.value))
        == f"The Dask scheduler at {url} {LOST}"
    )
    assert dasks_log.getvalue() == ""
    assert capfd.readouterr() == ("", "")


def test_workers_that_all_go_away_are_said_plainly(source, crowd, tmp_path, capfd):
    with scheduler(tmp_path / "scheduler") as (url, _):
        with pytest.raises(CourseError) as caught:
            there(url, source, crowd, patience=2)
        assert str(caught.value) == (
            f"The Dask scheduler at {url} has no workers. Start some with `dask worker {url}`, "
            "then run the command again."
        )
        with worker(url, tmp_path / "satu") as only:
            names(url, 1)
            stream = remote(url, patience=2)({MODULE: source}, crowd)
            next(stream)
            only.kill()
            with pytest.raises(CourseError) as caught:
                for _ in stream:
                    pass
    assert re.sub("; [0-9]+ subm", "; 1 subm", str(caught.value)) == (
        f"No Dask worker of {url} is left, and none came within 2 s; 1 submissions had come "
        "back. What was graded before is recorded; the same command goes on from there."
    )
    assert capfd.readouterr() == ("", "")


def test_a_scheduler_that_is_not_there_is_said_plainly(source, crowd, capfd):
    url = f"tcp://127.0.0.1:{free_port()}"
    with pytest.raises(CourseError) as caught:
        there(url, source, crowd, patience=0.5)
    assert re.sub(r" \(.*\)\.", " (…).", str(caught.value)) == (
        f"No Dask scheduler answers at {url} (…). Start one with `dask scheduler`, or see "
        "docs/cluster.md for addresses and certificates."
    )
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    "url", ["", "10.0.0.5:8786", "http://a:1", "tcp://a", "tcp://a:x", "tcp://:1"]
)
def test_an_address_that_is_none_is_refused(url):
    with pytest.raises(CourseError) as caught:
        remote(url)
    assert str(caught.value) == (
        f"{url} is not the address of a Dask scheduler. Give it as its log shows it, such as "
        "tcp://10.0.0.5:8786 or tls://10.0.0.5:8786."
    )


def test_without_dask_the_way_to_install_it_is_said(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(CourseError) as caught:
        remote("tcp://10.0.0.5:8786")
    assert str(caught.value) == (
        'Grading on a cluster needs Dask. Run: pip install "pamong[cluster]"'
    )


def test_what_differs_is_named():
    mine = Identity({"Pamong's code": "a", "Python": "3.12", "msgspec": "1"})
    other = Identity({"Pamong's code": "a", "Python": "3.11"})
    assert mine.difference(other) == "Python 3.11 instead of 3.12, msgspec none instead of 1"
    assert mine.difference(mine) == ""
    assert set(identity().parts) >= {"Pamong's code", "Python", "distributed"}
