"""One submission into nbgrader's filesystem exchange: whole or not at all, and read back afterwards.

It is written under a dotted name of its own, made durable, and renamed to the name that ``nbgrader
submit`` would give it. The inbound folder need not be readable: nothing here ever lists it.
"""

from __future__ import annotations

import ctypes
import errno
import os
import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import md5, sha256
from pathlib import Path

from pamong.durable import sync
from pamong.errors import Undelivered

TIMESTAMP = "timestamp.txt"
SECRET = "submission_secret.txt"  # noqa: S105  # a file name
TEMPORARY = ".pamong-"
"""How names of what is being written begin: dotted, and without the + that collecting looks for."""
FUTURE = timedelta(days=60)
"""From further ahead nothing is collected: it would stand before every honest later submission."""
FILE_LIMIT = 20 * 1024 * 1024
"""Bytes of one file that collecting accepts."""
_STAMP = "%Y-%m-%d %H:%M:%S.%f UTC"
_FILE, _FOLDER = 0o644, 0o777
"""As nbgrader sets them: who collects may be another account, and removes the folder one day."""
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
_CODES: Mapping[int, str] = {
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT, errno.EFBIG), "full"),
    **dict.fromkeys((errno.EROFS, errno.EACCES, errno.EPERM), "refused"),
    **dict.fromkeys((errno.ENOENT, errno.ENOTDIR, errno.ESTALE), "missing"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """A submission as files: contents by name, ``secret`` under which its feedback will be found."""

    participant: str
    module: str
    moment: datetime
    secret: str
    files: Mapping[str, bytes]

    @property
    def stamp(self) -> str:
        """The moment as nbgrader writes it, in UTC."""
        return self.moment.astimezone(UTC).strftime(_STAMP)

    @property
    def record(self) -> str:
        """What nbgrader calls this submission on the participant's side."""
        return f"{self.participant}+{self.module}+{self.stamp}"

    @property
    def name(self) -> str:
        """The folder's name in the exchange, which nobody else can guess."""
        return f"{self.record}+{sha256(self.secret.encode()).hexdigest()[:32]}"

    def stamps(self) -> Mapping[str, bytes]:
        """The two files by which nbgrader knows a submission."""
        return {TIMESTAMP: self.stamp.encode(), SECRET: self.secret.encode()}

    def contents(self) -> Mapping[str, bytes]:
        """Every file of the folder."""
        return {**self.files, **self.stamps()}


def inbound(exchange: str | Path, course: str) -> Path:
    """Where submissions to a course go."""
    return Path(exchange) / course / "inbound"


def feedback_name(secret: str, notebook: str) -> str:
    """The file under which ``nbgrader release_feedback`` publishes the feedback on a notebook."""
    return f"{md5((secret + notebook).encode(), usedforsecurity=False).hexdigest()}.html"


def deliver(folder: Path, parcel: Parcel, *, temporary: str, durable: bool = True) -> None:
    """Put ``parcel`` into ``folder`` and read it back; Undelivered where that cannot be had.

    ``temporary`` is the name to write under; what an interrupted delivery left there is removed.
    Without ``durable`` a power cut may undo it: for simulations.
    """
    discard(folder, temporary)
    try:
        _write(folder / temporary, parcel.contents(), durable=durable)
        (folder / temporary).rename(folder / parcel.name)
    except OSError as error:
        discard(folder, temporary)
        raise _undelivered(folder, error) from error
    confirm(folder, parcel, durable=durable)


def confirm(folder: Path, parcel: Parcel, *, durable: bool = True) -> None:
    """Make what stands under the parcel's name durable and read it back; else take it away again."""
    try:
        if durable:
            _settle(folder, folder / parcel.name)
        if holds(folder, parcel):
            return
    except OSError as error:
        discard(folder, parcel.name)
        raise _undelivered(folder, error) from error
    discard(folder, parcel.name)
    raise Undelivered("unlike", folder, "what is there is not what was written")


def holds(folder: Path, parcel: Parcel) -> bool:
    """Whether the exchange holds ``parcel``, every byte of it; Undelivered when nobody can say."""
    wanted = parcel.contents()
    return fetch(folder, parcel.name, {k: len(v) for k, v in wanted.items()}) == wanted


def fetch(folder: Path, name: str, sizes: Mapping[str, int] | None = None) -> dict[str, bytes]:
    """The files of a submission, by name; none where there is none of that name.

    Of each file no more than a byte beyond what ``sizes`` expects. Undelivered when nobody can say.
    """
    found: dict[str, bytes] = {}
    try:
        folder.stat()
        with os.scandir(folder / name) as entries:
            for entry in entries:
                with Path(entry.path).open("rb") as file:
                    most = FILE_LIMIT if sizes is None else sizes.get(entry.name, 0)
                    found[entry.name] = file.read(most + 1)
    except FileNotFoundError as error:
        if error.filename == str(folder / name):
            return {}
        raise _undelivered(folder, error) from error
    except OSError as error:
        raise _undelivered(folder, error) from error
    return found


def discard(folder: Path, name: str) -> bool:
    """Remove what lies under ``name``, for whoever collects at once; whether it is gone."""
    hidden = folder / name
    if not name.startswith(TEMPORARY):  # no half of it may ever be seen
        hidden = folder / f"{TEMPORARY}{sha256(name.encode()).hexdigest()[:32]}"
        with suppress(OSError):
            (folder / name).rename(hidden)
    shutil.rmtree(hidden, ignore_errors=True)
    return not os.path.lexists(folder / name)


def _write(place: Path, contents: Mapping[str, bytes], *, durable: bool) -> None:
    place.mkdir(mode=0o700)
    for name, content in contents.items():
        handle = os.open(place / name, _NEW, _FILE)
        with os.fdopen(handle, "wb") as file:
            os.fchmod(handle, _FILE)
            file.write(content)
            file.flush()
            if durable:
                os.fsync(handle)
    place.chmod(_FOLDER)
    if durable:
        sync(place)


def _settle(folder: Path, place: Path) -> None:
    """Make the new name durable; a folder that only takes things in cannot be opened for that."""
    try:
        sync(folder)
    except PermissionError:
        handle = os.open(place, os.O_RDONLY)
        try:
            if ctypes.CDLL(None, use_errno=True).syncfs(handle):
                raise OSError(ctypes.get_errno(), "syncfs") from None
        except AttributeError:  # not Linux
            os.sync()
        finally:
            os.close(handle)


def _undelivered(folder: Path, error: OSError) -> Undelivered:
    code = _CODES.get(error.errno or 0, "unreachable")
    return Undelivered(code, folder, error.strerror or type(error).__name__)
