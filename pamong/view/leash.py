"""Runs a module for as long as the process that started it lives: ``python -m pamong.view.leash MODULE …``.

That process holds the other end of standard input. When the pipe breaks, by ``kill -9`` too, the module
is asked to stop and, should it not, made to.
"""

from __future__ import annotations

import os
import runpy
import signal
import sys
import time
from threading import Thread

PATIENCE = 10.0
"""Seconds between asking and making."""


def _follow() -> None:
    while os.read(0, 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(PATIENCE)
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    Thread(target=_follow, name="pamong-leash", daemon=True).start()
    del sys.argv[0]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
