"""The database behind a gradebook: SQLite or PostgreSQL by URL, shared safely with nbgrader.

Whoever writes here is alone while doing so, waits for others instead of failing, and leaves them time
to write; whatever the database refuses is told as a CourseError without the password.
"""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, NullPool, create_engine, event, inspect, make_url
from sqlalchemy.exc import DBAPIError, NoSuchModuleError, SQLAlchemyError

from pamong.course import GRADEBOOK
from pamong.errors import CourseError

WAIT = 60
"""Seconds to wait while another process writes."""
REACH = 10
"""Seconds to wait for a server to answer at all."""
PATIENCE = 400
"""Milliseconds to wait for all locks at once; below PostgreSQL's own second before it ends deadlocks."""
PAUSE = 0.15
"""Seconds, at most, that SQLite is left to others after a transaction; they try every tenth of one."""
CACHE = 64 * 1024
"""KiB of changed pages that a transaction may keep in memory."""
_READS = "pamong_reads"
_SETTING = f"`gradebook:` in course/programme.yaml or {GRADEBOOK}"
_EXAMPLE = "postgresql+psycopg://user@server/database"
_LOCKED, _RETRY = "55P03", "Nothing was written. Settle that, then run the command again."
_ADVICE: Mapping[str, str] = {
    r"locked|55P03": f"Another program has been writing for {WAIT} seconds. Close it, then try again.",
    r"no such (table|column)|42P01|42703": "It is not a gradebook of this nbgrader. Run nbgrader db upgrade.",
    r"not a database": "It is not a gradebook of this nbgrader. Restore it from a backup.",
    r"malformed": "It is damaged. Restore it from a backup.",
    r"permission denied|must be owner|42501|readonly": (
        "Give this account the rights to read and write it, or run the command once as its owner."
    ),
    r"unable to open": (
        "Make the folder it is in, move away a folder of its own name, and give this account the rights to "
        "write there."
    ),
    r"password|authentication|28P01|28000": (
        f"Correct user and password in {GRADEBOOK}, or in a file that PGPASSFILE names."
    ),
    r"does not exist|3D000": f"Create it, or correct {_SETTING}.",
    r"too many (clients|connections)|connection|resolve|timeout expired|terminated|08\d\d\d|57P0\d": (
        f"Start the server, or correct {_SETTING}. Nothing was written; run the command again."
    ),
    r"full|53100": "Make room on the disk. Nothing was written; run the command again.",
}
"""What to do next, by what the driver's message or the SQLSTATE holds; the first that fits counts."""


class Storage:
    """One database, known to exist only once it is first used; ``place`` is its address without password."""

    def __init__(self, url: str) -> None:
        address = _address(url)
        self.file = Path(address.database or "") if _is_sqlite(address) else None
        self.place = str(self.file or _shown(address))
        self._engine = _engine(address, self.place)
        self._free = 0.0

    @property
    def there(self) -> bool:
        """Whether there is a file, or anything in the server's database; asking makes neither."""
        return self.file.exists() if self.file is not None else bool(self.tables())

    def tables(self) -> tuple[str, ...]:
        """The names of the tables that are there."""
        with self.reading() as connection:
            return tuple(inspect(connection).get_table_names())

    def state(self) -> str:
        """``ok``, or what is damaged; a server answers for itself."""
        with self.reading() as connection:
            if self.file is None:
                return "ok"
            return str(connection.exec_driver_sql("PRAGMA quick_check(1)").scalar_one())

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that sees one moment, whatever others commit meanwhile, and stops nobody."""
        with self.explained(), self._engine.connect() as connection:
            if self.file is None:
                level = connection.execution_options(isolation_level="REPEATABLE READ")
                level.exec_driver_sql("SET TRANSACTION READ ONLY")
                yield level
            else:
                yield connection.execution_options(**{_READS: True})

    @contextmanager
    def writing(self, tables: Iterable[str]) -> Iterator[Connection]:
        """A transaction that is alone in writing to ``tables``; undone unless the caller commits it."""
        if self.file is not None:
            time.sleep(max(0.0, self._free - time.monotonic()))
        with self.explained(), self._engine.connect() as connection:
            if self.file is None:
                _lock(connection, tables)
            else:
                connection.begin()
            start = time.monotonic()
            try:
                yield connection
            finally:
                connection.rollback()
                end = time.monotonic()
                # SQLite keeps no queue: a program that polls would never get in between two of ours.
                self._free = end + min(end - start, PAUSE)

    @contextmanager
    def creating(self) -> Iterator[None]:
        """One process at a time; for what a server's transactions cannot hold together."""
        with self.explained(), self._engine.connect() as connection:
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(hashtext('pamong'))")
            yield

    def close(self) -> None:
        """Give the connections back."""
        self._engine.dispose()

    @contextmanager
    def explained(self) -> Iterator[None]:
        """Whatever the database refuses inside, as a CourseError that says what to do."""
        try:
            yield
        except DBAPIError as error:
            raise CourseError(_told(self.place, error)) from error


def _address(url: str) -> URL:
    try:
        address = make_url(url)
    except (SQLAlchemyError, ValueError):
        # The cause may quote a part of the password.
        message = f"The gradebook's address is no database URL. Write {_SETTING} like {_EXAMPLE}."
        raise CourseError(message) from None
    backend = address.get_backend_name()
    if backend not in ("sqlite", "postgresql"):
        raise CourseError(
            f"The gradebook cannot be kept in {backend}, only in SQLite or PostgreSQL. "
            f"Write {_SETTING} like {_EXAMPLE}."
        )
    if backend == "sqlite" and address.database in (None, "", ":memory:"):
        raise CourseError(f"The gradebook would be in memory only. Name a file in {_SETTING}.")
    return address


def _shown(address: URL) -> str:
    """The address without any password; drivers take one among the options too."""
    secret = [name for name in address.query if "password" in name]
    return address.difference_update_query(secret).render_as_string(hide_password=True)


def _is_sqlite(address: URL) -> bool:
    return address.get_backend_name() == "sqlite"


def _engine(address: URL, place: str) -> Engine:
    try:
        if _is_sqlite(address):
            return _sqlite(address)
        options = {} if "connect_timeout" in address.query else {"connect_timeout": REACH}
        return create_engine(address, connect_args=options, pool_pre_ping=True)
    except (ImportError, NoSuchModuleError) as error:
        raise CourseError(
            f"The gradebook {place} needs a database driver that is not installed ({error}). "
            "Run pip install 'pamong[postgres]', and let the URL begin with postgresql+psycopg://."
        ) from None


def _sqlite(address: URL) -> Engine:
    """Transactions that take the write lock at once, so that they cannot deadlock.

    The journal stays as nbgrader makes it (a rollback journal, synced in full). A write-ahead log
    would let readers read during our commits, which take milliseconds, but it corrupts on network
    file systems, needs three files in every backup, and ``nbgrader db upgrade`` backs up one. Instead
    a transaction keeps its changed pages in memory, so that readers are shut out at commit only.
    No connection outlives its transaction, so that forked workers inherit none.
    """
    engine = create_engine(address, connect_args={"timeout": WAIT}, poolclass=NullPool)

    @event.listens_for(engine, "connect")
    def settle(connection: sqlite3.Connection, _record: Any) -> None:
        connection.isolation_level = None
        connection.execute(f"PRAGMA cache_size = -{CACHE}")
        connection.execute("PRAGMA cache_spill = OFF")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        reads = connection.get_execution_options().get(_READS)
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")

    return engine


def _lock(connection: Connection, tables: Iterable[str]) -> None:
    """Take the right to write away from everybody else, as SQLite does; readers go on.

    nbgrader takes its locks in another order. Waiting for all of them in short turns lets go of the
    ones already held, so that it is never nbgrader whose transaction is ended as a deadlock.
    """
    end = time.monotonic() + WAIT
    names = ", ".join(f'"{table}"' for table in tables)
    while True:
        try:
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = {PATIENCE}")
            connection.exec_driver_sql(f"LOCK TABLE {names} IN SHARE ROW EXCLUSIVE MODE")
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = {WAIT * 1000}")
        except DBAPIError as error:
            connection.rollback()
            if _state(error) != _LOCKED or time.monotonic() > end:
                raise
        else:
            return


def _state(error: DBAPIError) -> str:
    return getattr(error.orig, "sqlstate", None) or ""


def _told(place: str, error: DBAPIError) -> str:
    cause = (str(error.orig).strip() or type(error.orig).__name__).splitlines()[0].rstrip(".")
    found = f"{_state(error)} {cause}"
    fitting = (advice for sign, advice in _ADVICE.items() if re.search(sign, found))
    return f"The gradebook {place} cannot be used: {cause}. {next(fitting, _RETRY)}"
