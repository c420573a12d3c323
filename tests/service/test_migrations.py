"""A database is brought from nothing, or from where it stands, to the tables of this version."""

from __future__ import annotations

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect

from pamong.errors import ServiceError
from pamong.service.database import Database, sqlite_url
from pamong.service.tables import metadata


def differences(database):
    with database.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return compare_metadata(context, metadata)


def test_migrations_lead_to_the_tables_that_the_code_expects(tmp_path):
    database = Database(sqlite_url(tmp_path / "service.db"))
    database.upgrade()
    assert differences(database) == []
    database.upgrade()
    database.close()


def test_migrations_lead_there_on_postgresql_too(server):
    database = Database(server.database())
    database.upgrade()
    assert differences(database) == []
    with database.reading() as connection:
        assert "alembic_version" in inspect(connection).get_table_names()
    database.close()


def test_a_file_that_is_no_database_is_told_with_what_to_do(tmp_path):
    path = tmp_path / "service.db"
    path.write_text("not a database at all", encoding="utf-8")
    with pytest.raises(ServiceError, match=r"Look whether it runs, whether its disk is full"):
        Database(sqlite_url(path)).upgrade()
