"""Everything that a hub would miss, in one file; and back again, whole or not at all.

In it: the hub's database and secrets, the service's database, and the course with its keys, gradebook,
submissions, grades and ledger. Databases are copied as of one moment while they are in use, wherever they
are. Every file's digest stands in the list at the end, and a restore looks at all of them before it touches
anything.
"""

from __future__ import annotations

import errno
import hashlib
import io
import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from sqlalchemy import make_url

from pamong import document, durable
from pamong.course import DATABASE, GRADEBOOK, Course
from pamong.errors import CourseError
from pamong.hub.settings import Settings
from pamong.programme import Programme

MANIFEST = "manifest.json"
FORMAT = 1
_STATE = ("tokens.json", "cookie_secret", "demo-password")
_MADE_ANEW = ("exchange", "downloaded")
"""Folders of a course, directly in it, that are filled again by themselves."""
_LEFT_OUT = (".ipynb_checkpoints", "__pycache__", ".git")
_SQLITE = (".db", ".sqlite")
_BESIDE = ("-wal", "-shm", "-journal")
_PROGRAMME = "course/programme.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What is in a backup: how many files, how many bytes they have, and of when it is."""

    files: int
    size: int
    at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Base:
    """A database of the course: ``file`` is None on PostgreSQL, and ``usual`` where a course has it."""

    name: str
    setting: str
    url: str
    file: Path | None
    usual: bool

    @property
    def dump(self) -> str:
        """What it is called in a backup when it is on PostgreSQL."""
        return f"postgresql/{self.name}.sql"

    @property
    def copy(self) -> str:
        """What it is called in a backup when it is a file outside the course's folders."""
        return f"sqlite/{self.name}.db"


def save(settings: Settings, course: Course, to: Path, now: datetime) -> Made:
    """Write a backup to ``to``, readable by its owner alone; CourseError. The hub may be running."""
    if to.exists():
        raise CourseError(f"{to} is there already. Name another file.")
    draft = to.with_name(f".{to.name}.new")
    listed: dict[str, dict[str, object]] = {}
    try:
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with (
            os.fdopen(handle, "wb") as file,
            TemporaryDirectory(prefix="pamong-") as scratch,
        ):
            with tarfile.open(fileobj=file, mode="w:gz", compresslevel=6) as archive:
                for name, path in _everything(settings, course, Path(scratch)):
                    listed[name] = _add(archive, name, path)
                about = {"format": FORMAT, "at": now.isoformat(), "files": listed}
                _add_bytes(archive, MANIFEST, json.dumps(about).encode())
            file.flush()
            os.fsync(file.fileno())
        draft.replace(to)
        durable.sync(to.parent)
    finally:
        with suppress(FileNotFoundError):
            draft.unlink()
    size = sum(int(str(each["size"])) for each in listed.values())
    return Made(files=len(listed), size=size, at=now.isoformat())


def restore(settings: Settings, course: Course, source: Path, now: datetime) -> Made:
    """Put a backup in place of what is there, which is kept beside it; CourseError.

    The hub must be stopped. Until every file has been read and found intact nothing is touched.
    """
    scratch = settings.root / f".restore-{os.getpid()}"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(mode=0o700)
    try:
        made = _unpack(source, scratch)
        course = _as_saved(course, scratch)
        _require_same_bases(course, scratch, source)
        _swap(settings, course, scratch, now.strftime("%Y%m%d-%H%M%S"))
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return made


def _everything(settings: Settings, course: Course, scratch: Path) -> Iterator[tuple[str, Path]]:
    for name in _STATE:
        if (settings.state / name).is_file():
            yield f"state/{name}", settings.state / name
    hub = settings.state / "hub.sqlite"
    if hub.is_file():
        yield "state/hub.sqlite", _copied(hub, scratch / "hub.sqlite")
    yield from _of_course(course, scratch)


def _of_course(course: Course, scratch: Path) -> Iterator[tuple[str, Path]]:
    bases = _bases(course)
    files = {base.file.resolve() for base in bases if base.file}
    walked = set()
    for top, folder in _folders(course):
        for path in _files(folder.resolve(), _MADE_ANEW if top == "course" else ()):
            walked.add(path)
            name = f"{top}/{path.relative_to(folder.resolve()).as_posix()}"
            is_database = path in files or path.suffix in _SQLITE
            yield name, _copied(path, scratch / "database") if is_database else path
    for base in bases:
        if base.file is None:
            yield base.dump, _dumped(base.url, scratch / "dump.sql")
        elif base.file.resolve() not in walked:
            yield from _elsewhere(base, base.file, scratch)


def _elsewhere(base: _Base, file: Path, scratch: Path) -> Iterator[tuple[str, Path]]:
    if file.is_file():
        yield base.copy, _copied(file.resolve(), scratch / "database")
    elif base.name == "service" or not base.usual:  # before a release there is no gradebook
        raise CourseError(
            f"The {base.name}'s database {file} is not there. Set {base.setting} as the hub has "
            "it. Nothing was saved."
        )


def _bases(course: Course) -> tuple[_Base, ...]:
    """The service's database and the gradebook; CourseError for one that cannot be saved."""
    named = (
        ("service", DATABASE, course.service_url, course.folder / "service.db"),
        ("gradebook", f"{GRADEBOOK} (or gradebook:)", course.gradebook_url, course.gradebook),
    )
    found = []
    for name, setting, url, usual in named:
        file = _file(url, setting)
        found.append(_Base(name=name, setting=setting, url=url, file=file, usual=file == usual))
    return tuple(found)


def _file(url: str, setting: str) -> Path | None:
    parts = make_url(url)
    kind, name = parts.get_backend_name(), parts.database or ""
    if kind == "postgresql":
        return None
    if kind != "sqlite" or not name.startswith("/"):
        raise CourseError(
            f"{parts.render_as_string()} cannot be saved or put back. Let {setting} name a file "
            "like sqlite:////folder/name.db, or PostgreSQL. Nothing was changed."
        )
    return Path(name)


def _folders(course: Course) -> tuple[tuple[str, Path], ...]:
    return ("course", course.folder), ("graders", course.graders)


def _files(folder: Path, made_anew: tuple[str, ...]) -> Iterator[Path]:
    for place, folders, files in os.walk(folder):
        left_out = (*_LEFT_OUT, *(made_anew if Path(place) == folder else ()))
        folders[:] = sorted(name for name in folders if name not in left_out)
        for name in sorted(files):
            path = Path(place) / name
            if path.is_file() and not path.is_symlink() and not name.endswith(_BESIDE):
                yield path


def _copied(path: Path, to: Path) -> Path:
    """A database of SQLite as of one moment, whoever writes to it meanwhile; CourseError."""
    to.unlink(missing_ok=True)
    try:
        with (
            closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as origin,
            closing(sqlite3.connect(to)) as copy,
        ):
            origin.backup(copy)
        shutil.copymode(path, to)
    except sqlite3.Error as error:
        raise CourseError(f"{path} cannot be copied ({error}). Nothing was saved.") from error
    return to


def _dumped(url: str, to: Path) -> Path:
    _postgres(["pg_dump", "--clean", "--if-exists", "--no-owner", f"--file={to}"], url)
    return to


def _postgres(command: list[str], url: str) -> None:
    """Run one of PostgreSQL's programs on a database; its password goes by the environment."""
    parts = make_url(url)
    if shutil.which(command[0]) is None:
        raise CourseError(f"{command[0]} is missing. On Debian: apt-get install postgresql-client")
    where = parts.set(drivername="postgresql", password=None).render_as_string()
    environment = dict(os.environ)
    if parts.password:
        environment["PGPASSWORD"] = str(parts.password)
    done = subprocess.run(  # noqa: S603  # PostgreSQL's own
        [*command, f"--dbname={where}"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise CourseError(f"{command[0]} failed for {where}: {done.stderr.strip()[-500:]}.")


def _add(archive: tarfile.TarFile, name: str, path: Path) -> dict[str, object]:
    """Put one file in as it is now; a file that grows meanwhile (the ledger) is cut there."""
    content = path.read_bytes()
    found = path.stat()
    _add_bytes(archive, name, content, found.st_mode & 0o777, found.st_mtime)
    return {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def _add_bytes(
    archive: tarfile.TarFile, name: str, content: bytes, mode: int = 0o600, moment: float = 0.0
) -> None:
    about = tarfile.TarInfo(name)
    about.size, about.mode, about.mtime = len(content), mode, moment
    archive.addfile(about, io.BytesIO(content))


def _unpack(source: Path, to: Path) -> Made:
    found: dict[str, dict[str, object]] = {}
    about: dict[str, object] = {}
    try:
        with tarfile.open(source, "r:gz") as archive:
            for member in archive:
                content = _content(archive, member, source)
                if member.name == MANIFEST:
                    about = json.loads(content)
                    continue
                path = to / member.name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
                path.chmod(member.mode & 0o777)
                digest = hashlib.sha256(content).hexdigest()
                found[member.name] = {"size": len(content), "sha256": digest}
    except (tarfile.TarError, EOFError, ValueError, OSError) as error:
        raise CourseError(f"{source} cannot be read ({error}). {_UNTOUCHED}") from error
    if about.get("format") != FORMAT or about.get("files") != found:
        raise CourseError(f"{source} is not whole: files differ from its list. {_UNTOUCHED}")
    size = sum(int(str(each["size"])) for each in found.values())
    return Made(files=len(found), size=size, at=str(about["at"]))


_UNTOUCHED = "Nothing was changed; take another backup."
_TOPS = ("state", "course", "graders", "postgresql", "sqlite")


def _content(archive: tarfile.TarFile, member: tarfile.TarInfo, source: Path) -> bytes:
    parts = PurePosixPath(member.name).parts
    known = member.name == MANIFEST or (len(parts) > 1 and parts[0] in _TOPS and ".." not in parts)
    file = archive.extractfile(member) if member.isreg() and known else None
    if file is None:
        raise CourseError(f"{source} holds {member.name!r}, which is no backup's. {_UNTOUCHED}")
    return file.read()


def _as_saved(course: Course, scratch: Path) -> Course:
    """The course with the settings that will be its own: they say where keys and gradebook are."""
    path = scratch / _PROGRAMME
    if not path.is_file():
        return course
    return Course(course.root, document.convert(document.read(path), Programme))


def _require_same_bases(course: Course, scratch: Path, source: Path) -> None:
    """CourseError when a database would stay what it is now, or go where nobody looks for it."""
    for base in _bases(course):
        dumped, copied = (scratch / base.dump).is_file(), (scratch / base.copy).is_file()
        if base.file is None:
            same = dumped and not copied
        else:
            same = not dumped and (copied or _is_in(course, base.file))
        if not same:
            where = make_url(base.url).render_as_string()
            raise CourseError(
                f"{source} does not hold the {base.name}'s database as one to put at {where}. Set "
                f"{base.setting} as it was where the backup was made. Nothing was changed."
            )


def _is_in(course: Course, file: Path) -> bool:
    return any(file.resolve().is_relative_to(folder.resolve()) for _, folder in _folders(course))


def _swap(settings: Settings, course: Course, scratch: Path, mark: str) -> None:
    """Put everything in place by renaming; what was there is kept, and put back if anything fails."""
    try:
        with ExitStack() as undo:
            for fresh, place in _places(settings, course, scratch):
                _put(fresh, place, mark, undo)
            _load_dumps(course, scratch)
            undo.pop_all()
    except OSError as error:
        reason = error.strerror or error
        raise CourseError(f"{error.filename}: {reason}. Nothing was changed.") from error


def _places(settings: Settings, course: Course, scratch: Path) -> Iterator[tuple[Path, Path]]:
    for top, place in _folders(course):
        if (scratch / top).is_dir():
            yield scratch / top, place
    for base in _bases(course):
        if base.file and (scratch / base.copy).is_file():
            yield scratch / base.copy, base.file
    settings.state.mkdir(mode=0o700, parents=True, exist_ok=True)
    for path in sorted((scratch / "state").glob("*")):
        yield path, settings.state / path.name


def _put(fresh: Path, place: Path, mark: str, undo: ExitStack) -> None:
    """Rename what is at ``place``, with what SQLite keeps beside it, and put ``fresh`` there."""
    for beside in ("", *_BESIDE):
        old = place.with_name(f"{place.name}{beside}")
        if old.exists() or old.is_symlink():
            kept = old.with_name(f"{place.name}.before-{mark}{beside}")
            old.rename(kept)
            undo.callback(kept.rename, old)
    undo.callback(_remove, place)
    place.parent.mkdir(parents=True, exist_ok=True)
    try:
        fresh.rename(place)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        shutil.move(fresh, place)  # another disk


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _load_dumps(course: Course, scratch: Path) -> None:
    """Replace the databases on PostgreSQL, each whole or not at all; CourseError says which were."""
    changed = ""
    for base in _bases(course):
        if base.file is not None:
            continue
        options = ["--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1"]
        try:
            _postgres(["psql", *options, f"--file={scratch / base.dump}"], base.url)
        except CourseError as error:
            told = changed or "Nothing was changed."
            raise CourseError(f"{error} {told}") from error
        changed = (
            f"The {base.name}'s database was replaced already, all else is as it was: "
            "mend the cause and restore once more."
        )
