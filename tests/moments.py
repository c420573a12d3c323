"""Something happens between two steps of what a process does to files, at every step in turn."""

import os
import sys
from collections.abc import Callable, Iterator
from signal import SIGKILL

_STEPS = {"open", "os.mkdir", "os.rename", "os.chmod", "os.remove", "os.rmdir", "os.scandir", "fcntl.flock"}  # fmt: skip
_WRAPPED = ("fsync",)
"""Calls that Python does not audit."""


def interrupted(work: Callable[[], None], event: Callable[[], None], limit: int = 2000) -> Iterator[int]:  # fmt: skip
    """Do ``work`` in a process of its own until ``event`` comes at step 1, 2, 3 …

    Yields what became of each: 0 done, 1 it raised, -9 killed; the last one was done before its event.
    """
    for step in range(1, limit):
        pid = os.fork()
        if not pid:
            _work(work, event, step)
        _, status = os.waitpid(pid, 0)
        code = os.waitstatus_to_exitcode(status)
        if code == 2:
            yield 0
            return
        yield code
    raise AssertionError("it never ends")


def killed() -> None:
    """The event of a process that is killed, or a machine that is switched off."""
    os.kill(os.getpid(), SIGKILL)


def _work(work: Callable[[], None], event: Callable[[], None], step: int) -> None:
    left, quiet = step, False

    def pass_by() -> None:
        nonlocal left, quiet
        left -= 1
        if left == 0:
            quiet = True
            event()
            quiet = False

    def hook(name: str, _: object) -> None:
        if name in _STEPS and not quiet and left > 0:
            pass_by()

    code = 1
    try:
        for name in _WRAPPED:
            call = getattr(os, name)
            setattr(os, name, lambda *given, call=call: (pass_by(), call(*given))[1])
        sys.addaudithook(hook)
        work()
        code = 0 if left <= 0 else 2
    finally:
        os._exit(code)
