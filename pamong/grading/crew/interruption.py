"""Ctrl-C, or an order to end, between two steps, never in the middle of one that has to be whole."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interruption:
    """Inside, the first of SIGNALS raises KeyboardInterrupt, at once or when the ``whole`` step has ended.

    What follows on it is whole as well: every further one is let pass. Nothing is done outside the
    main thread, which alone gets signals, in forked children, and for a signal that is ignored anyway.
    """

    def __init__(self) -> None:
        self._asked = self._busy = False
        self._process = os.getpid()
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Interruption:
        if threading.current_thread() is threading.main_thread():
            heeded = (each for each in SIGNALS if signal.getsignal(each) != signal.SIG_IGN)
            self._before = {each: signal.signal(each, self._ask) for each in heeded}
        return self

    def __exit__(self, *_: object) -> None:
        for each, before in self._before.items():
            signal.signal(each, before)

    @contextmanager
    def whole(self) -> Iterator[None]:
        """A step that a Ctrl-C waits for."""
        asked, self._busy = self._asked, True
        try:
            yield
        finally:
            self._busy = False
        if self._asked and not asked:
            raise KeyboardInterrupt

    def _ask(self, _number: int, _frame: FrameType | None) -> None:
        if self._asked or os.getpid() != self._process:
            return
        self._asked = True
        if not self._busy:
            raise KeyboardInterrupt
