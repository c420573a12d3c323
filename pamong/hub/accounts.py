"""Accounts of the system for a hub with real people: made on demand, never somebody else's.

A participant's account begins with the hub's prefix and belongs to our group, so that nobody whose
name in the roster is ``root`` or ``daemon`` becomes that. Staff's grading and the service have one each.
"""

from __future__ import annotations

import os
import re
import stat
import subprocess
from hashlib import sha256
from pathlib import Path

from pamong.errors import CourseError
from pamong.hub.settings import Settings
from pamong.service.people import GRADER

PARTICIPANTS, COURSE = "pamong-peserta", "pamong-kursus"
"""The groups of participants' accounts, and of those who read the course with its keys."""
GRADING, SERVICE = "pamong-penilai", "pamong-layanan"
"""The accounts of the grading server and of the service."""
_PLAIN = re.compile(r"[a-z0-9_-]+")
_LONGEST = 32


def account(settings: Settings, name: str) -> str:
    """The account of a server's owner; a name that no account can have gets a digest instead."""
    if name == GRADER:
        return GRADING
    found = settings.prefix + name
    if _PLAIN.fullmatch(name) and len(found) <= _LONGEST and found not in (GRADING, SERVICE):
        return found
    return settings.prefix + sha256(name.encode()).hexdigest()[:16]


def require(settings: Settings, name: str) -> int:
    """The user id of somebody's account, made where there is none; CourseError if it is not ours."""
    import pwd  # noqa: PLC0415  # Unix alone

    wanted = account(settings, name)
    group = COURSE if name == GRADER else PARTICIPANTS
    try:
        found = pwd.getpwnam(wanted)
    except KeyError:
        _add(wanted, group, settings.homes / wanted)
        found = pwd.getpwnam(wanted)
    if found.pw_uid < 100 or group not in _groups(wanted, found.pw_gid):
        raise CourseError(
            f"The account {wanted!r} was not made by this hub. "
            "Choose another prefix with PAMONG_HUB_ACCOUNTS."
        )
    home = Path(found.pw_dir)
    if home.is_symlink() or home.stat().st_uid != found.pw_uid:
        raise CourseError(f"{home} is not the home of {wanted!r}. Correct its owner.")
    home.chmod(0o700)
    return found.pw_uid


def prepare(settings: Settings) -> None:
    """Make the groups and the accounts of staff and service, and give them the course; as root."""
    for group in (PARTICIPANTS, COURSE):
        _run(["groupadd", "--force", "--system", group])
    require(settings, GRADER)
    _require_service(settings)


def share(folder: Path, owner: str, *, sticky: bool = False) -> None:
    """Let everybody of the course's group work in ``folder``, and nobody else look.

    ``sticky``: what lies directly in it can be removed by its own owner alone.
    """
    import grp  # noqa: PLC0415
    import pwd  # noqa: PLC0415

    user, group = pwd.getpwnam(owner).pw_uid, grp.getgrnam(COURSE).gr_gid
    for _, folders, files, here in os.fwalk(folder, follow_symlinks=False):
        top = here_is(folder, here)
        os.fchown(here, 0 if top and sticky else user, group)
        os.fchmod(here, 0o3770 if top and sticky else 0o2770)
        for name in files:
            _share_file(name, here, user, group)
        folders[:] = [name for name in folders if not name.startswith(".git")]


def here_is(folder: Path, descriptor: int) -> bool:
    """Whether an open folder is ``folder``."""
    return os.path.samestat(os.fstat(descriptor), folder.stat())


def _share_file(name: str, folder: int, user: int, group: int) -> None:
    try:
        file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
    except OSError:  # a link, or gone
        return
    try:
        found = os.fstat(file)
        if not stat.S_ISREG(found.st_mode) or found.st_nlink > 1 or name.startswith("service.db"):
            return
        os.fchown(file, user, group)
        os.fchmod(file, 0o660 | (found.st_mode & 0o110))
    finally:
        os.close(file)


def _require_service(settings: Settings) -> None:
    import pwd  # noqa: PLC0415

    try:
        pwd.getpwnam(SERVICE)
    except KeyError:
        _add(SERVICE, COURSE, settings.homes / SERVICE)


def _add(name: str, group: str, home: Path) -> None:
    command = ["useradd", "--create-home", "--home-dir", str(home), "--user-group"]
    command += ["--groups", group, "--shell", "/usr/sbin/nologin", "--key", "HOME_MODE=0700"]
    _run([*command, "--skel", "/nonexistent", "--", name])


def _groups(name: str, first: int) -> set[str]:
    import grp  # noqa: PLC0415

    return {grp.getgrgid(number).gr_name for number in os.getgrouplist(name, first)}


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode != 0:
        said = done.stderr.strip() or f"exit status {done.returncode}"
        raise CourseError(f"{command[0]} failed: {said}. Make the account by hand, then try again.")
