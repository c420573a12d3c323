"""What a hub for real people needs of its machine; it does not start with less."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from pamong.errors import CourseError
from pamong.hub.settings import Settings

_PROGRAMS = {"useradd": "passwd", "groupadd": "passwd", "prlimit": "util-linux"}
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


def require(settings: Settings) -> None:
    """CourseError with everything that is missing, each with its remedy."""
    found = list(_server(settings) if settings.mode == "server" else _demo(settings))
    if found:
        raise CourseError("The hub does not start:\n" + "\n".join(f"- {fault}" for fault in found))


def _demo(settings: Settings) -> Iterator[str]:
    if settings.address not in _LOOPBACK:
        yield (
            f"A demo isolates nobody from anybody, so it answers on this machine only, not at "
            f"{settings.address}. Leave --address out, or start with --server."
        )
    if settings.login != "roster":
        yield "A demo knows its own people only. Unset PAMONG_LOGIN, or start with --server."


def _server(settings: Settings) -> Iterator[str]:
    if os.geteuid() != 0:
        yield (
            "Only root can give each participant an account of their own. "
            "Start it as root, or try --demo."
        )
    for program, package in _PROGRAMS.items():
        if shutil.which(program) is None:
            yield f"{program} is missing. On Debian or Ubuntu: apt-get install {package}"
    for what in (Path(sys.executable), Path(sys.executable).resolve(), settings.root / "course"):
        if folder := closed(what.parent):
            yield (
                f"Other accounts cannot pass {folder} to reach {what}. Clone into /srv or /opt, and use "
                "the system's Python: PAMONG_PYTHON=/usr/bin/python3 scripts/setup serve"
            )
    if not settings.homes.is_dir():
        yield f"{settings.homes} does not exist. Make it, or name another with PAMONG_HUB_HOMES."


def closed(path: Path) -> Path | None:
    """The outermost folder that keeps other accounts from ``path``; None when none does."""
    for folder in reversed((path, *path.parents)):
        if folder.is_dir() and not folder.stat().st_mode & 0o001:
            return folder
    return None
