"""Whatever keeps the database from answering is said in one way, with what to do next."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import QueuePool, create_engine, text

from pamong.errors import ServiceError
from pamong.service import database as module
from pamong.service.database import Database, sqlite_url

ADVICE = "Look whether it runs, whether its disk is full, and who may write to it."


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """A database with a table ``notes`` and no patience."""
    monkeypatch.setattr(module, "PATIENCE", 0)
    found = Database(sqlite_url(tmp_path / "service.db"))
    with closing(found):
        with found.writing() as connection:
            connection.execute(text("CREATE TABLE notes (text)"))
        yield found


def test_whoever_writes_while_another_process_does_is_told_so_and_can_write_afterwards(
    database: Database, tmp_path: Path
) -> None:
    note = text("INSERT INTO notes VALUES ('a')")
    with closing(sqlite3.connect(tmp_path / "service.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(ServiceError) as told, database.writing() as connection:
            connection.execute(note)
    expected = f"The database {database._engine.url!r} refuses (database is locked). {ADVICE}"
    assert str(told.value) == expected
    with database.writing() as connection:
        connection.execute(note)
    with database.reading() as connection:
        assert connection.execute(text("SELECT count(*) FROM notes")).scalar_one() == 1


def test_a_database_whose_connections_are_all_in_use_refuses_like_any_other(
    database: Database,
) -> None:
    database.close()
    database._engine = create_engine(
        database.url, poolclass=QueuePool, pool_size=1, max_overflow=0, pool_timeout=0
    )
    with database.reading(), pytest.raises(ServiceError) as told, database.reading():
        pass
    assert "refuses (QueuePool limit of size 1 overflow 0 reached" in str(told.value)
    assert str(told.value).endswith(f"). {ADVICE}")
    with database.reading() as connection:
        assert connection.execute(text("SELECT count(*) FROM notes")).scalar_one() == 0
