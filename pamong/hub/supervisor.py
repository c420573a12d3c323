"""Proxy, service and hub as three processes, each started again when it dies, all ended together.

The proxy and the service outlive the hub, and participants' servers outlive all of them: whoever works
notices nothing of a hub that starts again. Ctrl-C ends the servers, too; SIGTERM leaves them running.
"""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from typing import TextIO

from pamong.errors import CourseError
from pamong.hub import accounts, proxy
from pamong.hub.bond import bound
from pamong.hub.roles import SERVICE
from pamong.hub.settings import Settings
from pamong.hub.tokens import tokens

PATIENCE = 120.0
"""Seconds until the hub has to answer."""
LONGEST_PAUSE = 30.0
"""Seconds between two attempts to start what dies at once."""
SHARED = 0o007
"""What others than owner and group must not do with new files of the course."""
STEADY = 20.0
"""Seconds after which a process counts as having started well."""
PARTS = ("proxy", "service", "hub")
_KEPT = ("PATH", "LANG", "LC_ALL", "HOME", "TMPDIR", "VIRTUAL_ENV", "LD_LIBRARY_PATH", "TZ")
_OWN = ("PAMONG_", "PG", "SSL_", "JUPYTERHUB_CRYPT")
_LOGIN = ("PAMONG_OAUTH_", "PAMONG_LTI_", "JUPYTERHUB_CRYPT")
"""What the hub alone needs to know."""
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One process; ``account`` is whom it runs as, empty for who starts it."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    account: str = ""


class Kept:
    """A part that is kept running."""

    def __init__(self, part: Part, log: TextIO | None) -> None:
        self.part, self._log = part, log
        self._pause, self._next, self._since = 1.0, 0.0, 0.0
        self.process: subprocess.Popen[bytes] | None = None
        self.deaths = 0

    def look(self) -> None:
        """Start it, or start it again, unless that has just failed."""
        now = time.monotonic()
        if self.process is not None:
            if self.process.poll() is None:
                return
            self.deaths += 1
            self.process = None
            steady = now - self._since >= STEADY
            self._pause = 1.0 if steady else min(self._pause * 2, LONGEST_PAUSE)
            self._next = now + (0.0 if steady else self._pause / 2)
        if now >= self._next:
            self._since = now
            self.process = _start(self.part, self._log)

    def end(self, patience: float = 20.0) -> None:
        """Ask it to stop, and see to it."""
        if self.process is None:
            return
        with suppress(ProcessLookupError):
            self.process.terminate()
        try:
            self.process.wait(patience)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def part(name: str, settings: Settings) -> Part:
    """How one of PARTS is run."""
    secret = tokens(settings.state)
    bare = {k: v for k, v in os.environ.items() if k in _KEPT}
    if name == "proxy":
        return Part(name=name, command=tuple(proxy.command(settings)), environment=bare)
    own = bare | {k: v for k, v in os.environ.items() if k.startswith(_OWN)}
    own |= settings.environment()
    if name == "service":
        command = (sys.executable, "-m", "pamong.service", "--course", str(settings.root))
        own = {k: v for k, v in own.items() if not k.startswith(_LOGIN)}
        environment = own | _service_environment(settings, secret["pamong"])
        if settings.mode == "demo":
            return Part(name=name, command=command, environment=environment)
        environment |= {"HOME": str(settings.homes / accounts.SERVICE)}
        return Part(name=name, command=command, environment=environment, account=accounts.SERVICE)
    config = settings.root / "jupyterhub_config.py"
    command = (sys.executable, "-m", "jupyterhub", "-f", str(config))
    return Part(name=name, command=command, environment=own)


@contextmanager
def alone(settings: Settings) -> Iterator[int]:
    """Be the only one who runs, restores or replaces this hub; CourseError when somebody else does.

    Whoever holds the descriptor that this gives holds the lock.
    """
    settings.state.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (settings.state / "lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise CourseError(f"The hub in {settings.state} is running. Stop it first.") from error
        yield lock.fileno()


def run(settings: Settings, ready: Say, *, log: TextIO | None = None) -> bool:
    """Keep all parts running until a signal; True after Ctrl-C. CourseError when the hub does not start.

    ``ready`` is told the hub's address once it answers.
    """
    asked: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda which, _: asked.append(which))
    kept = [Kept(part(name, settings), log) for name in PARTS]
    deadline, up = time.monotonic() + PATIENCE, False
    try:
        while not asked:
            for each in kept:
                each.look()
            if not up:
                up = answers(f"{settings.local_url}/hub/health")
                if up:
                    ready(settings.public_url)
                elif kept[-1].deaths > 1 or time.monotonic() > deadline:
                    raise CourseError("The hub does not start. Read what it said above.")
            time.sleep(0.2)
        if signal.SIGINT in asked and up:
            stop_servers(settings)
    finally:
        for each in reversed(kept):
            each.end()
    return signal.SIGINT in asked


def stop_servers(settings: Settings) -> None:
    """Ask the hub to end every server, and itself; quiet when it does not answer."""
    request = urllib.request.Request(  # noqa: S310  # loopback
        f"{settings.hub_api}/shutdown",
        data=json.dumps({"servers": True, "proxy": False}).encode(),
        headers={"Authorization": f"token {tokens(settings.state)['operator']}"},
        method="POST",
    )
    with suppress(urllib.error.URLError, OSError):
        urllib.request.urlopen(request, timeout=10).close()  # noqa: S310
        for _ in range(150):
            if not answers(f"http://127.0.0.1:{settings.hub_port}/hub/health"):
                return
            time.sleep(0.2)


def answers(url: str) -> bool:
    """Whether somebody answers there with 200."""
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310  # loopback
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _start(part: Part, log: TextIO | None) -> subprocess.Popen[bytes]:
    account = part.account or None
    return subprocess.Popen(  # noqa: S603  # our own commands
        bound(list(part.command)),
        env=dict(part.environment),
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT if log else None,
        start_new_session=True,  # Ctrl-C is for this process; it ends the others in order
        user=account,
        group=account,
        extra_groups=[accounts.COURSE] if account else None,
        umask=SHARED if account else -1,
    )


def replace(settings: Settings, name: str) -> None:
    """Become one part, for whoever supervises by other means (systemd); does not return."""
    wanted = part(name, settings)
    command = list(wanted.command)
    if wanted.account:
        identity = [f"--reuid={wanted.account}", f"--regid={wanted.account}", "--init-groups"]
        command = ["setpriv", *identity, "--", *command]
        os.umask(SHARED)
    with ExitStack() as stack:
        if name == "hub":  # and nobody restores a backup under its feet
            fcntl.fcntl(stack.enter_context(alone(settings)), fcntl.F_SETFD, 0)
        os.execvpe(command[0], command, dict(wanted.environment))  # noqa: S606  # our own commands


def _service_environment(settings: Settings, token: str) -> dict[str, str]:
    """What the service's process is told, as JupyterHub would tell a service that it starts."""
    return {
        "JUPYTERHUB_SERVICE_NAME": SERVICE,
        "JUPYTERHUB_SERVICE_URL": f"http://127.0.0.1:{settings.service_port}",
        "JUPYTERHUB_SERVICE_PREFIX": f"/services/{SERVICE}/",
        "JUPYTERHUB_API_TOKEN": token,
        "JUPYTERHUB_API_URL": settings.hub_api,
        "JUPYTERHUB_BASE_URL": "/",
        "JUPYTERHUB_HOST": "",
        "JUPYTERHUB_CLIENT_ID": f"service-{SERVICE}",
        "JUPYTERHUB_OAUTH_ACCESS_SCOPES": f'["access:services!service={SERVICE}"]',
        "JUPYTERHUB_OAUTH_SCOPES": f'["access:services!service={SERVICE}"]',
        "JUPYTERHUB_PUBLIC_URL": f"{settings.public_url}/services/{SERVICE}/",
        "JUPYTERHUB_PUBLIC_HUB_URL": f"{settings.public_url}/hub/",
    }
