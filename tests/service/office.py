"""A committee's office: two cohorts in three time zones, two modules, and a database in memory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime

from sqlalchemy import Connection

from pamong.programme import Cohort, ModulePlan, Programme, Slot
from pamong.service import people
from pamong.service.database import Database
from pamong.service.people import Person
from pamong.service.tables import metadata

NOW = datetime(2026, 12, 1, 3, tzinfo=UTC)
BY = {"by": "k01", "at": NOW}
PROGRAMME = Programme(
    title="Pelatihan Rekaan",
    course_id="rekaan",
    modules=(
        ModulePlan(id="m1", title="Satu", jp=1, deadline="2026-12-11T23:59"),
        ModulePlan(id="m2", title="Dua", jp=1),
    ),
    cohorts=(
        Cohort(id="a01", title="Satu", ends="2026-12-11"),
        Cohort(id="a02", title="Dua", ends="2027-06-30"),
    ),
    roles=("lurah", "camat"),
    schedule=(
        Slot(module="m2", closes="2026-12-05", grace=60),
        Slot(
            module="m2", cohort="a02", opens="2026-12-02", class_starts="2026-12-02 09.00 WITA",
            closes="2026-12-06 12:00 WIT", grace=0,
        ),
    ),
    retention_days=365,
)  # fmt: skip


def participant(id: str, **values: str) -> Person:
    """Somebody of the first cohort in Jakarta, unless said otherwise."""
    usual = {"office": "lurah", "region": "Umpama", "cohort": "a01", "name": f"{id} Rekaan"}
    return Person(id=id, role="peserta", **{**usual, **values})  # type: ignore[arg-type]


PEOPLE = (
    participant("p001", superior="p003"),
    participant("p002", zone="Asia/Makassar", region="Andaian", superior="p003"),
    participant("p003", zone="Asia/Jayapura", office="camat", cohort="a02"),
    Person(id="k01", name="Karim Rekaan", role="penyelenggara"),
    Person(id="w01", name="Wulan Rekaan", role="widyaiswara"),
)


@contextmanager
def office(*more: Person, url: str = "sqlite://") -> Iterator[Connection]:
    """A transaction on an empty database with these people in it."""
    with closing(Database(url)) as database:
        metadata.create_all(database._engine)
        with database.writing() as connection:
            for person in (*PEOPLE, *more):
                people.add(connection, person, at=NOW)
            yield connection
