"""Where a hub keeps what, and on which ports; the same values for all its processes.

``scripts/serve`` hands them on in the environment, so that every process of one hub agrees.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from tempfile import gettempdir
from typing import Literal, cast

from pamong.errors import CourseError

Mode = Literal["demo", "server"]
"""One trusted person on loopback, or real people with an account of the system each."""
Login = Literal["roster", "oauth", "lti"]
_MODES, _LOGINS = ("demo", "server"), ("roster", "oauth", "lti")
_NAMES = {
    "mode": "PAMONG_HUB_MODE",
    "state": "PAMONG_HUB_STATE",
    "address": "PAMONG_HUB_ADDRESS",
    "port": "PAMONG_HUB_PORT",
    "public": "PAMONG_PUBLIC_URL",
    "login": "PAMONG_LOGIN",
    "homes": "PAMONG_HUB_HOMES",
    "prefix": "PAMONG_HUB_ACCOUNTS",
    "trusted": "PAMONG_TRUSTED_PROXIES",
}
STATE = ".hub"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """One hub. ``port`` is the one that browsers use; the next three are for its parts, on loopback.

    ``prefix`` begins the names of participants' accounts; ``trusted`` are addresses of proxies in
    front of ours whose word about the client is taken.
    """

    root: Path
    mode: Mode
    state: Path
    address: str = "127.0.0.1"
    port: int = 8000
    public: str = ""
    login: Login = "roster"
    homes: Path = Path("/home")
    prefix: str = "pm-"
    trusted: tuple[str, ...] = ()

    @property
    def hub_port(self) -> int:
        return self.port + 1

    @property
    def proxy_port(self) -> int:
        return self.port + 2

    @property
    def service_port(self) -> int:
        return self.port + 3

    @property
    def local_url(self) -> str:
        """The hub as this machine reaches it, without a slash at its end."""
        host = "127.0.0.1" if self.address in ("", "0.0.0.0", "::") else self.address  # noqa: S104
        return f"http://{host}:{self.port}"

    @property
    def public_url(self) -> str:
        """The hub as people reach it, without a slash at its end."""
        return self.public.rstrip("/") or self.local_url

    @property
    def hub_api(self) -> str:
        return f"http://127.0.0.1:{self.hub_port}/hub/api"

    @property
    def service_url(self) -> str:
        """The service as servers on this machine reach it."""
        return f"http://127.0.0.1:{self.port}/services/pamong/"

    @property
    def run(self) -> Path:
        """What lasts as long as servers run: short, since a socket's name has at most 107 bytes."""
        mark = sha256(os.fsencode(self.state)).hexdigest()[:8]
        if self.mode == "server":
            return Path("/run/pamong") / mark
        return Path(gettempdir()) / f"pamong-{os.getuid()}-{mark}"

    def environment(self) -> dict[str, str]:
        """These settings for a process that reads them with ``from_environment``."""
        values = {name: str(getattr(self, name)) for name in _NAMES if name != "trusted"}
        values["trusted"] = ",".join(self.trusted)
        return {_NAMES[name]: value for name, value in values.items()}


def from_environment(root: Path, given: Mapping[str, str] = os.environ) -> Settings:
    """The settings in the environment; CourseError names the variable that makes no sense."""

    def told(name: str, default: str) -> str:
        return given.get(_NAMES[name], "").strip() or default

    root = root.resolve()
    return Settings(
        root=root,
        mode=cast(Mode, _one_of("mode", told("mode", "demo"), _MODES)),
        state=Path(told("state", str(root / STATE))).resolve(),
        address=told("address", "127.0.0.1"),
        port=_port(told("port", "8000")),
        public=told("public", ""),
        login=cast(Login, _one_of("login", told("login", "roster"), _LOGINS)),
        homes=Path(told("homes", "/home")),
        prefix=given.get(_NAMES["prefix"], "pm-"),
        trusted=tuple(part.strip() for part in told("trusted", "").split(",") if part.strip()),
    )


def _one_of(name: str, value: str, known: tuple[str, ...]) -> str:
    if value not in known:
        raise CourseError(f"{_NAMES[name]} is {value!r}. Set it to one of {', '.join(known)}.")
    return value


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) <= 65532:
        raise CourseError(f"{_NAMES['port']} is {text!r}. Set it to a number up to 65532.")
    return int(text)
