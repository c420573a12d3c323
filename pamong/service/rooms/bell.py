"""Wakes whoever waits for news of a room or of the list; in one process, without a thread."""

from __future__ import annotations

import asyncio
from collections import defaultdict


class Bell:
    """Waiters by name; those of other processes look by themselves now and then."""

    def __init__(self) -> None:
        self._waiting: defaultdict[str, set[asyncio.Event]] = defaultdict(set)

    def ring(self, *names: str) -> None:
        """Wake everybody who waits under one of these names; on the event loop."""
        for name in names:
            for event in self._waiting.pop(name, ()):
                event.set()

    async def wait(self, name: str, seconds: float, event: asyncio.Event) -> None:
        """Return when it rings, when ``event`` is set, or when the time is over."""
        self._waiting[name].add(event)
        try:
            await asyncio.wait_for(event.wait(), seconds)
        except TimeoutError:
            pass
        finally:
            self._waiting[name].discard(event)
            if not self._waiting[name]:
                del self._waiting[name]
