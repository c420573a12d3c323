"""The service's database: many who read, and writes that are durable when their block has ended.

SQLite keeps a write-ahead log and syncs every commit; PostgreSQL does so by itself. Hub, service and
commands may use it at the same time.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnection

from pamong.course import Course
from pamong.errors import ServiceError

PATIENCE = 20
"""Seconds to wait for another process that is writing."""
_WRITES = "pamong_writes"


class Database:
    """The tables of ``pamong.service.tables`` at ``url``; ``upgrade`` before first use."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._engine = _engine(url)

    @classmethod
    def there(cls, course: Course) -> Database:
        """The database of a course that has a service; ServiceError where none is there, and none is made."""
        if not course.has_service:
            raise ServiceError(
                f"There is no service here: {course.folder / 'service.db'} does not exist. "
                "`scripts/serve` and `pamong roster import` make it."
            )
        return cls(course.service_url)

    def upgrade(self) -> None:
        """Bring the tables to the state of this version; ServiceError when that cannot be."""
        from pamong.service.migrations import upgrade  # noqa: PLC0415  # alembic takes a while

        with _told(self._engine):
            upgrade(self._engine)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One consistent look; ServiceError when the database does not answer."""
        with _told(self._engine), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction, durable at the end of the block and undone by whatever is raised in it.

        On SQLite nobody else writes meanwhile: keep the block short.
        """
        writer = self._engine.execution_options(**{_WRITES: True})
        with _told(self._engine), writer.begin() as connection:
            yield connection

    def close(self) -> None:
        """Give back every connection."""
        self._engine.dispose()


def _engine(url: str) -> Engine:
    """More connections than a process has threads: whoever waits to write takes none from who reads."""
    place = make_url(url)
    if place.get_backend_name() != "sqlite":
        return create_engine(
            url, pool_size=32, max_overflow=32, pool_pre_ping=True, hide_parameters=True
        )
    in_memory = place.database in (None, "", ":memory:")  # which keeps to a pool of its own
    engine = create_engine(
        url,
        connect_args={"timeout": PATIENCE, "check_same_thread": False},
        hide_parameters=True,  # what people wrote is nothing for a log
        **({} if in_memory else {"pool_size": 64, "max_overflow": 0}),
    )
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # transactions are begun by us
    for setting in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {setting}")


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get(_WRITES)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def _told(engine: Engine) -> Iterator[None]:
    try:
        yield
    except (DBAPIError, NoConnection) as error:
        reason = error.orig if isinstance(error, DBAPIError) else error.args[0]
        raise ServiceError(
            f"The database {engine.url!r} refuses ({reason}). "
            "Look whether it runs, whether its disk is full, and who may write to it."
        ) from error


def sqlite_url(path: Path) -> str:
    """A file as the URL of a database."""
    return f"sqlite:///{str(path).replace('%', '%25').replace('?', '%3F')}"
