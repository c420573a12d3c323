"""Limits on what a notebook may take, set on this process for as long as its cells run.

Time is limited twice: first ``Expired`` is raised in the cell, once a second, so that what it has shown
is kept. A cell that catches even that, or computes on in C code, ends with its process. Only C code that
waits for ever and ignores signals is left to whoever started the process. Signals reach the main thread
only; elsewhere only the output is limited.
"""

from __future__ import annotations

import math
import os
import resource
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

SECONDS = 30
"""Time that all cells of one notebook may take together."""
PROCESSOR_SECONDS = 20
"""Processor time that they may take, all threads counted."""
GRACE = 5
"""Seconds after which a cell that will not stop ends with its process."""
STOPPED = 75
"""The exit status of such a process; one that computes on in C code dies of SIGXCPU."""
MEMORY = 1024**3
"""Bytes of address space that a notebook may add to what the process has."""
OUTPUT = 2_000_000
"""Characters of output that are kept of one notebook."""
_ROOM = 64 * 1024**2
"""Bytes beyond the limit in which an error for want of memory can be described."""
_TICKS = ~0 << 3
"""The clock that Linux holds against a limit on processor time: CPUCLOCK_PROF of the process that asks."""


class Expired(BaseException):
    """The cells took too long; no ``except Exception`` in them may stop this."""


class Clock:
    """Whether a notebook's time is up."""

    def __init__(self) -> None:
        self.late = ""
        self.running = True
        self._since = math.inf

    def expire(self, why: str) -> None:
        """Raise Expired in the cell, and again as often as the timer calls while it runs on."""
        if not self.running:
            return
        self.late = self.late or why
        self._since = min(self._since, time.monotonic())
        if time.monotonic() - self._since > GRACE:
            os._exit(STOPPED)
        raise Expired(why)


@contextmanager
def limited(seconds: float, processor: float, memory: int) -> Iterator[Clock]:
    """Limit what this process takes until the end of the block."""
    clock = Clock()
    if threading.current_thread() is not threading.main_thread():
        yield clock
        return
    handlers = {
        signal.SIGALRM: f"the notebook ran longer than {seconds:g} s",
        signal.SIGPROF: f"the notebook took more than {processor:g} s of processor time",
    }
    before = {number: _expire_on(number, clock, why) for number, why in handlers.items()}
    space = resource.getrlimit(resource.RLIMIT_AS)
    burnt = resource.getrlimit(resource.RLIMIT_CPU)
    end = math.ceil(_burnt() + processor + GRACE)
    try:
        resource.setrlimit(resource.RLIMIT_CPU, (_lower(burnt, end), burnt[1]))
        signal.setitimer(signal.ITIMER_PROF, processor, 1)
        signal.setitimer(signal.ITIMER_REAL, seconds, 1)
        resource.setrlimit(resource.RLIMIT_AS, (_lower(space, _taken() + memory), space[1]))
        yield clock
    finally:
        clock.running = False
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.setitimer(signal.ITIMER_PROF, 0)
        resource.setrlimit(resource.RLIMIT_CPU, burnt)
        resource.setrlimit(resource.RLIMIT_AS, space)
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def room() -> Iterator[None]:
    """A little more memory, so that an error for want of it can be described."""
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    if soft == resource.RLIM_INFINITY:
        yield
        return
    resource.setrlimit(resource.RLIMIT_AS, (_lower((soft + _ROOM, hard), hard), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def _expire_on(number: int, clock: Clock, why: str) -> Any:
    def expire(_signal: int, _frame: FrameType | None) -> None:
        clock.expire(why)

    return signal.signal(number, expire)


def _lower(limits: tuple[int, int], wanted: int) -> int:
    """The lowest of some limits on a resource."""
    known = [each for each in (*limits, wanted) if each != resource.RLIM_INFINITY]
    return min(known, default=resource.RLIM_INFINITY)


def _burnt() -> float:
    """Seconds of processor time as the limit counts them, from which ``process_time`` strays as it grows."""
    try:
        return time.clock_gettime(_TICKS)
    except OSError:
        return time.process_time()


def _taken() -> int:
    """Bytes of address space of this process."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    return pages * resource.getpagesize()
