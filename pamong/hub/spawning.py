"""Servers of one person each, started in turn: whoever comes when all turns are taken waits and is told so.

JupyterHub itself would answer with an error instead. Nothing slow happens in the hub's own thread.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from jupyterhub.spawner import LocalProcessSpawner, SimpleLocalProcessSpawner
from jupyterhub.utils import wait_for_server

from pamong.catalogue import messages
from pamong.course import Course
from pamong.errors import CourseError
from pamong.hub import accounts, told
from pamong.hub.roles import SERVICE
from pamong.hub.settings import Settings
from pamong.service.database import Database
from pamong.service.people import GRADER

MEMORY = 4 << 30
"""Bytes of address space of one process of a participant."""
PROCESSES = 256
"""Processes and threads of one account."""
READY = 60
"""Seconds until a server answers; its turn goes to the next then."""


@dataclass(frozen=True, slots=True)
class House:
    """What every server of one hub is started with."""

    settings: Settings
    course: Course
    database: Database
    turns: asyncio.Semaphore
    waiting: set[str] = field(default_factory=set)


class InTurn(LocalProcessSpawner):  # type: ignore[misc]
    """A process of the owner's own account, with limits."""

    house: House

    async def start(self) -> tuple[str, int]:
        house, name = self.house, self.user.name
        house.waiting.add(name)
        try:
            async with house.turns:
                house.waiting.discard(name)
                self.environment = await asyncio.to_thread(self.settle)
                self.default_url = "/lab" if name == GRADER else "/tree"
                ip, port = await super().start()
                await self._answering(ip, port)
                return ip, port
        finally:
            house.waiting.discard(name)

    async def _answering(self, ip: str, port: int) -> None:
        """Wait until it answers; CourseError when it ends instead, which its log explains."""
        answer = asyncio.ensure_future(wait_for_server(ip, port, timeout=READY))
        while not answer.done():
            await asyncio.wait({answer}, timeout=0.5)
            if not answer.done() and await self.poll() is not None:
                answer.cancel()
                raise CourseError(f"The server of {self.user.name} ended at once. Read the log.")
        await answer

    async def progress(self) -> AsyncIterator[dict[str, Any]]:
        """How far it is, for the page that waits."""
        say = messages("hub", self.house.course.programme.language)
        while self.user.name in self.house.waiting:
            count = len(self.house.waiting)
            yield {"progress": 5, "message": say("pending.queue", count=count)}
            await asyncio.sleep(1)
        for step in range(20, 95, 5):
            yield {"progress": step, "message": say("pending.starting")}
            await asyncio.sleep(1)

    def settle(self) -> dict[str, str]:
        """Account, home and all that the server is told; runs in a thread."""
        house, name = self.house, self.user.name
        owner = accounts.require(house.settings, name)
        return told.tell(
            house.settings, house.course, house.database, name, owner, datetime.now(UTC)
        )

    def make_preexec_fn(self, name: str) -> Any:
        return super().make_preexec_fn(accounts.account(self.house.settings, name))

    def user_env(self, env: dict[str, str]) -> dict[str, str]:
        import pwd  # noqa: PLC0415  # Unix alone

        own = pwd.getpwnam(accounts.account(self.house.settings, self.user.name))
        return env | {"USER": own.pw_name, "HOME": own.pw_dir, "SHELL": "/bin/sh"}


class OnePerson(InTurn, SimpleLocalProcessSpawner):  # type: ignore[misc]
    """A process of this account, whoever asked: for a demonstration to one person."""

    def settle(self) -> dict[str, str]:
        house, name = self.house, self.user.name
        home = told.home(house.settings, name)
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        return told.tell(
            house.settings, house.course, house.database, name, os.getuid(), datetime.now(UTC)
        )

    def make_preexec_fn(self, name: str) -> Any:
        home = told.home(self.house.settings, name)
        return lambda: os.chdir(home)

    def user_env(self, env: dict[str, str]) -> dict[str, str]:
        home = told.home(self.house.settings, self.user.name)
        return env | {"HOME": str(home)}


def configure(c: Any, settings: Settings, course: Course, database: Database) -> None:
    """Start servers so, at most twice as many at a time as there are processors."""
    turns = asyncio.Semaphore(2 * (os.cpu_count() or 1))
    base = InTurn if settings.mode == "server" else OnePerson
    house = House(settings, course, database, turns)
    c.JupyterHub.spawner_class = type("Server", (base,), {"house": house})
    c.JupyterHub.concurrent_spawn_limit = 0  # whoever is too many waits in turn instead
    c.JupyterHub.active_server_limit = 0
    c.JupyterHub.allow_named_servers = False
    c.JupyterHub.cleanup_servers = False
    c.JupyterHub.tornado_settings = {
        "slow_spawn_timeout": 2,
        "slow_stop_timeout": 5,
        "oauth_no_confirm_list": {f"service-{SERVICE}", f"jupyterhub-user-{GRADER}"},  # both ours
    }
    c.Spawner.cmd = [*_limits(settings), sys.executable, "-m", "pamong.hub.workplace"]
    c.Spawner.default_url = "/tree"
    c.Spawner.start_timeout = 1800
    c.Spawner.http_timeout = READY
    c.Spawner.consecutive_failure_limit = 0
    c.Spawner.env_keep = ["PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "VIRTUAL_ENV"]


def _limits(settings: Settings) -> list[str]:
    if settings.mode != "server":
        return []
    found = shutil.which("prlimit")
    if found is None:
        raise CourseError("prlimit is missing. On Debian or Ubuntu: apt-get install util-linux")
    return [found, f"--as={MEMORY}", f"--nproc={PROCESSES}", "--core=0", "--"]
