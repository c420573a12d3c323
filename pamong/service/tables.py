"""What the service keeps, as tables of SQLAlchemy that SQLite and PostgreSQL hold alike.

Every moment is UTC. A change here needs a migration in ``migrations/versions``, which a test holds equal.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.types import TypeDecorator

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
metadata = MetaData(naming_convention=NAMES)


class Moment(TypeDecorator[datetime]):
    """A moment with its zone, kept and returned in UTC; one without a zone is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value} has no time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


ID = String(64)
NAME = String(200)

# Who takes part ------------------------------------------------------------------------------------

people = Table(
    "people",
    metadata,
    Column("id", ID, primary_key=True),
    Column("name", NAME, nullable=False),
    Column("role", ID, nullable=False),  # peserta, widyaiswara, penyelenggara, pimpinan
    Column(
        "office", ID, nullable=False, default=""
    ),  # lurah, camat, walikota, bupati; staff have none
    Column("region", NAME, nullable=False, default=""),
    Column("cohort", ID, nullable=False, default="", index=True),
    Column("superior", ID, nullable=False, default=""),
    Column("zone", ID, nullable=False, default=""),
    Column("nip", String(18), nullable=False, default=""),
    Column("active", Boolean, nullable=False, default=True),
    Column("replaces", ID, nullable=False, default=""),
    Column("changed", Moment, nullable=False),
)
credentials = Table(
    "credentials",
    metadata,
    Column("person", ID, ForeignKey("people.id", ondelete="CASCADE"), primary_key=True),
    Column("hash", NAME, nullable=False),
    Column("since", Moment, nullable=False),
)
login_cards = Table(
    "login_cards",
    metadata,
    Column(
        "digest", String(64), primary_key=True
    ),  # of the secret on the card, which is nowhere kept
    Column("person", ID, ForeignKey("people.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("issued", Moment, nullable=False),
    Column("expires", Moment, nullable=False),
    Column("used", Moment),
)
login_failures = Table(
    "login_failures",
    metadata,
    Column("key", NAME, primary_key=True),  # a person at an address, or an address
    Column("count", Integer, nullable=False),
    Column("since", Moment, nullable=False),
)

# When --------------------------------------------------------------------------------------------

schedules = Table(
    "schedules",
    metadata,
    Column("cohort", ID, primary_key=True),
    Column("module", ID, primary_key=True),
    Column("opens", Moment),
    Column("class_starts", Moment),
    Column("closes", Moment),
    Column(
        "grace", Integer
    ),  # minutes after closing in which late work is taken; none: at any time
)
extensions = Table(
    "extensions",
    metadata,
    Column("person", ID, ForeignKey("people.id", ondelete="CASCADE"), primary_key=True),
    Column("module", ID, primary_key=True),
    Column("until", Moment, nullable=False),
    Column("reason", Text, nullable=False, default=""),
    Column("by", ID, nullable=False),
    Column("at", Moment, nullable=False),
)
releases = Table(
    "releases",
    metadata,
    Column("module", ID, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("by", ID, nullable=False),
)
meetings = Table(
    "meetings",
    metadata,
    Column("id", ID, primary_key=True),
    Column("cohort", ID, nullable=False, index=True),
    Column("module", ID, nullable=False, default=""),
    Column("title", NAME, nullable=False),
    Column("starts", Moment, nullable=False),
    Column("ends", Moment, nullable=False),
    Column("secret", String(64), nullable=False),  # what the QR code on the screen is made from
)
attendance = Table(
    "attendance",
    metadata,
    Column("meeting", ID, ForeignKey("meetings.id", ondelete="CASCADE"), primary_key=True),
    Column("person", ID, ForeignKey("people.id", ondelete="CASCADE"), primary_key=True),
    Column("status", ID, nullable=False),  # hadir, terlambat, izin, sakit, dinas, alpa
    Column("how", ID, nullable=False),  # qr, hand, csv
    Column("by", ID, nullable=False),
    Column("at", Moment, nullable=False),
    Column("note", Text, nullable=False, default=""),
    Column("makeup", Text, nullable=False, default=""),
    Column("made_up", Moment),
)

# What they do --------------------------------------------------------------------------------------

remembered = Table(
    "remembered",
    metadata,
    Column("person", ID, ForeignKey("people.id", ondelete="CASCADE"), primary_key=True),
    Column("content", JSON, nullable=False),
)
events = Table(
    "events",
    metadata,
    Column("person", ID, ForeignKey("people.id", ondelete="CASCADE"), primary_key=True),
    Column("module", ID, primary_key=True),
    Column("exercise", ID, primary_key=True),
    Column("n", Integer, primary_key=True, autoincrement=False),
    Column("id", NAME, nullable=False),
    Column("line", LargeBinary, nullable=False),  # the event as a line of an answer log
    Column("received", Moment, nullable=False),
    UniqueConstraint("person", "module", "exercise", "id"),
)
bundles = Table(
    "bundles",
    metadata,
    Column("content", String(64), primary_key=True),  # the hash on receipts
    Column("files", LargeBinary, nullable=False),  # packed: names to bytes
)
submissions = Table(
    "submissions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("person", ID, ForeignKey("people.id", ondelete="CASCADE"), nullable=False),
    Column("module", ID, nullable=False),
    Column("moment", Moment, nullable=False),
    Column("content", String(64), ForeignKey("bundles.content"), nullable=False),
    Column("code", ID, nullable=False, unique=True),
    Column("receipt", LargeBinary, nullable=False),  # canonical
    Column("signature", LargeBinary, nullable=False),
    Column("secret", String(128), nullable=False),  # nbgrader's, under which feedback is found
    UniqueConstraint("person", "module", "moment"),
    Index("ix_submissions_module_person", "module", "person"),
)
feedback = Table(
    "feedback",
    metadata,
    Column("submission", ForeignKey("submissions.id", ondelete="CASCADE"), primary_key=True),
    Column("notebook", NAME, primary_key=True),
    Column("page", LargeBinary, nullable=False),
    Column("digest", String(64), nullable=False),  # SHA-256 of the page
    Column("at", Moment, nullable=False),
)

# What they do together -------------------------------------------------------------------------------

waiting = Table(
    "waiting",
    metadata,
    Column("person", ID, ForeignKey("people.id", ondelete="CASCADE"), primary_key=True),
    Column("module", ID, nullable=False),
    Column("exercise", ID, nullable=False),
    Column("seats", Integer, nullable=False),  # 2, or 3 with a mediator
    Column(
        "line_agreed", Boolean, nullable=False, default=False
    ),  # also with a superior or subordinate
    Column("since", Moment, nullable=False),
    Column("seen", Moment, nullable=False),  # whoever has closed the page is given to nobody
)
rooms = Table(
    "rooms",
    metadata,
    Column("id", ID, primary_key=True),
    Column("cohort", ID, nullable=False, index=True),
    Column("module", ID, nullable=False),
    Column("exercise", ID, nullable=False),
    Column("version", Integer, nullable=False),
    Column("variant", ID, nullable=False),
    Column("state", ID, nullable=False),  # open, closed
    Column("opened", Moment, nullable=False),
    Column("deadline", Moment, nullable=False),
)
seats = Table(
    "seats",
    metadata,
    Column("room", ID, ForeignKey("rooms.id", ondelete="CASCADE"), primary_key=True),
    Column("seat", ID, primary_key=True),
    Column("person", ID, nullable=False, index=True),  # empty: the simulated counterpart
    Column("seen", Moment),
)
room_events = Table(
    "room_events",
    metadata,
    Column("room", ID, ForeignKey("rooms.id", ondelete="CASCADE"), primary_key=True),
    Column("n", Integer, primary_key=True, autoincrement=False),
    Column("id", NAME, nullable=False),
    Column("seat", ID, nullable=False),
    Column("channel", ID, nullable=False, default="joint"),
    Column("at", Moment, nullable=False),
    Column("act", ID, nullable=False),
    Column("data", JSON, nullable=False),
    UniqueConstraint("room", "id"),
)
posts = Table(
    "posts",
    metadata,
    Column("id", ID, primary_key=True),
    Column("sort", ID, nullable=False),  # praktik, saran
    Column("person", ID, ForeignKey("people.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("anonymous", Boolean, nullable=False, default=False),
    Column("component", ID, nullable=False, default=""),  # a module's id
    Column("problem", ID, nullable=False, default=""),
    Column("title", NAME, nullable=False),
    Column("body", JSON, nullable=False),
    Column("words", Text, nullable=False, default=""),  # what is searched
    Column("state", ID, nullable=False, index=True),  # waiting, shown, refused, withdrawn
    Column("reason", Text, nullable=False, default=""),
    Column("revision", Integer, nullable=False, default=1),  # what a moderator has read
    Column("at", Moment, nullable=False),
    Column("moderated", Moment),
    Column("moderator", ID, nullable=False, default=""),
)
asked = Table(
    "asked",
    metadata,
    Column("post", ID, ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True),
    Column("person", ID, ForeignKey("people.id", ondelete="CASCADE"), primary_key=True),
    Column("id", ID, nullable=False, unique=True),  # by chance: in addresses instead of the person
    Column("at", Moment, nullable=False),
    Column("answer", Text, nullable=False, default=""),
    Column("anonymous", Boolean, nullable=False, default=False),
    Column("answered", Moment),
    Column("state", ID, default="asked", nullable=False),  # declined, waiting, shown, refused
    Column("reason", Text, nullable=False, default=""),
    Column("revision", Integer, nullable=False, default=0),
    Column("moderated", Moment),
    Column("moderator", ID, nullable=False, default=""),
    Column("thanked", Moment),
)

# Who did what ------------------------------------------------------------------------------------

audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("who", ID, nullable=False),  # a person, or "cli:<account>"
    Column("act", ID, nullable=False),
    Column("whom", ID, nullable=False, default="", index=True),
    Column("what", JSON, nullable=False),
)
