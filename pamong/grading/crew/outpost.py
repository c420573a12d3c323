"""The far end of ``pamong.grading.crew.cluster``: processes that grade on a worker's machine, one per thread.

Dask runs the public functions here. What a run is graded with is kept in memory and in a folder that goes
with the process; nothing a submission does reaches the worker itself.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import platform
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from tempfile import mkdtemp
from typing import Any

from pamong.grading.crew.workers import PATIENCE, grade_all
from pamong.grading.intake.submission import Submission
from pamong.grading.records.origin import code

DEADLINE = 3 * PATIENCE
"""Seconds for one submission; the process sees to its own limits long before that."""
STARTING = 60
"""Seconds in which a process must have imported everything."""
IDLE = 600
"""Seconds without work after which a process ends, and a run is forgotten when another begins."""
LIBRARIES = ("distributed", "ipython", "msgspec", "nbgrader", "PyYAML")
"""Packages whose version a grade may depend on, or the way to it."""
_SERVE = "import sys; from pamong.grading.crew.outpost import serve; serve(int(sys.argv[1]))"


@dataclass(frozen=True, slots=True)
class Identity:
    """What grades on a machine; two machines with the same come to the same marks."""

    parts: Mapping[str, str]

    def difference(self, other: Identity) -> str:
        """What ``other`` has instead, in words; empty when nothing."""
        return ", ".join(
            f"{name} {other.parts.get(name, 'none')} instead of {mine}"
            for name, mine in self.parts.items()
            if other.parts.get(name) != mine
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What became of a submission on a worker: ``graded`` as bytes, or the reason why there is nothing."""

    worker: str
    graded: bytes = b""
    problem: str = ""
    unknown: bool = False
    """Whether the worker was never prepared for this run, or has been started anew since."""
    mismatch: str = ""
    """What the worker has that the run did not begin with; it must not be asked again."""


def identity() -> Identity:
    """What this process would grade with."""
    python = ".".join(platform.python_version_tuple()[:2])
    libraries = {name: _version(name) for name in LIBRARIES}
    return Identity({"Pamong's code": code(), "Python": python, **libraries})


def prepare(run: str, expected: Identity, sources: bytes, dask_worker: Any = None) -> None:
    """Keep what a run is graded with; sent twice, the first is kept.

    Runs that nobody has asked about for long are forgotten: their client may have been killed.
    """
    for old, bench in tuple(_benches.items()):
        if time.monotonic() - bench.used > IDLE:
            forget(old)
    folder = getattr(dask_worker, "local_directory", None)
    _benches.setdefault(run, _Bench(expected=expected, sources=sources, folder=folder))


def grade(run: str, submission: bytes) -> Answer:
    """Grade one pickled submission in a process of its own; never raises, so that nothing is logged."""
    from distributed import get_worker  # noqa: PLC0415  # the process that grades needs none of it

    worker = get_worker().address
    bench = _benches.get(run)
    if bench is None:
        return Answer(worker=worker, unknown=True)
    try:
        with bench.seat() as seat:
            return Answer(worker=worker, graded=seat.ask(submission))
    except _Mismatch as error:
        return Answer(worker=worker, mismatch=str(error))
    except (OSError, EOFError, pickle.UnpicklingError) as error:
        reason = f"its grading process was lost ({type(error).__name__})"
        return Answer(worker=worker, problem=reason)


def forget(run: str) -> None:
    """End the processes of a run, whatever they are doing, and drop what it was graded with."""
    bench = _benches.pop(run, None)
    if bench is not None:
        bench.close()


def serve(descriptor: int) -> None:
    """Grade what comes through a pipe, one submission at a time, until it is closed or long idle."""
    pipe = Connection(descriptor)
    os.register_at_fork(after_in_child=pipe.close)  # only this process may hold it open
    try:
        pipe.send(identity())
        sources = pickle.loads(pipe.recv_bytes())  # noqa: S301  # from the worker that began this
        stream = grade_all(sources, _incoming(pipe), processes=1, in_flight=1)
        with contextlib.closing(stream):
            for _, graded in stream:
                pipe.send(graded)
    except (EOFError, OSError):  # the worker is gone
        pass
    finally:
        shutil.rmtree(os.environ["TMPDIR"], ignore_errors=True)


def _incoming(pipe: Connection) -> Iterator[Submission]:
    with contextlib.suppress(EOFError):
        while pipe.poll(IDLE):
            yield pickle.loads(pipe.recv_bytes())  # noqa: S301  # likewise


class _Mismatch(Exception):
    """A process would grade with something else than the run began with."""


class _Seat:
    """A fresh process that grades for one run; it and its folder end together."""

    def __init__(self, expected: Identity, sources: bytes, folder: str | None) -> None:
        self._folder = mkdtemp(prefix="pamong-", dir=folder)
        self._pipe, far = Pipe()
        paths = os.pathsep.join(filter(None, sys.path))
        with far:
            self._process = subprocess.Popen(  # noqa: S603  # this interpreter
                [sys.executable, "-P", "-c", _SERVE, str(far.fileno())],
                pass_fds=[far.fileno()],
                env={**os.environ, "PYTHONPATH": paths, "TMPDIR": self._folder},
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                start_new_session=True,
            )
        try:
            self._greet(expected)
            self._pipe.send_bytes(sources)
        except BaseException:
            self.end()
            raise

    def _greet(self, expected: Identity) -> None:
        found = pickle.loads(self._receive(STARTING))  # noqa: S301  # from the process begun here
        if difference := expected.difference(found):
            raise _Mismatch(difference)

    def ask(self, submission: bytes) -> bytes:
        """The graded submission, pickled; EOFError or OSError when the process is lost or too slow."""
        self._pipe.send_bytes(submission)
        return self._receive(DEADLINE)

    def _receive(self, seconds: int) -> bytes:
        if not self._pipe.poll(seconds):
            raise TimeoutError
        return self._pipe.recv_bytes()

    @property
    def ended(self) -> bool:
        return self._process.poll() is not None

    def kill(self) -> None:
        """Kill the process and everything it has begun; whoever waits for it gets EOFError."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)

    def end(self) -> None:
        """Kill the process and clear up behind it."""
        self.kill()
        self._process.wait()
        self._pipe.close()
        shutil.rmtree(self._folder, ignore_errors=True)


@dataclass(slots=True, kw_only=True)
class _Bench:
    """One run on this worker: what it is graded with, and the processes that do so."""

    expected: Identity
    sources: bytes
    folder: str | None
    used: float = field(default_factory=time.monotonic)
    _idle: list[_Seat] = field(default_factory=list)
    _taken: set[_Seat] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _closed: bool = False

    @contextlib.contextmanager
    def seat(self) -> Iterator[_Seat]:
        """A process for one thread; one that fails is ended."""
        self.used = time.monotonic()
        seat = self._free() or _Seat(self.expected, self.sources, self.folder)
        with self._lock:
            self._taken.add(seat)
            if self._closed:
                seat.kill()  # whoever asks it gets EOFError
        try:
            yield seat
        except BaseException:
            with self._lock:
                self._taken.discard(seat)
            seat.end()
            raise
        with self._lock:
            self._taken.discard(seat)
            if not self._closed:
                self._idle.append(seat)
                return
        seat.end()

    def _free(self) -> _Seat | None:
        while True:
            with self._lock:
                if not self._idle:
                    return None
                seat = self._idle.pop()
            if not seat.ended:
                return seat
            seat.end()

    def close(self) -> None:
        """End every process; the threads that wait for one clear up behind it."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
            for seat in self._taken:
                seat.kill()
        for seat in idle:
            seat.end()


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "none"


_benches: dict[str, _Bench] = {}
"""The runs that this worker grades for."""
