"""What is stored about one person: all of it to take along, or gone when they or its time ask for it.

Deleting leaves no name: the grade ledger and the lines of audit keep the id alone, and one line of audit
keeps the hashes of receipts, so that a printed receipt can still be held against it.
"""

from __future__ import annotations

import csv
import io
import json
import os
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, func, or_, select

from pamong.catalogue import messages
from pamong.durable import sync
from pamong.programme import Programme
from pamong.roster import harmless
from pamong.service import audit, people
from pamong.service.bundle import unpack
from pamong.service.people import Person
from pamong.service.tables import (
    asked,
    attendance,
    bundles,
    credentials,
    events,
    extensions,
    feedback,
    login_cards,
    login_failures,
    meetings,
    posts,
    remembered,
    room_events,
    rooms,
    seats,
    submissions,
)
from pamong.service.tables import audit as lines
from pamong.service.tables import people as table

README = "BACA-SAYA.txt"
_MOMENT = (2026, 1, 1, 0, 0, 0)
"""The time of every file in an archive, so that equal data are equal bytes."""
_WORDS = ("text", "note", "message")
"""What somebody wrote in their own words within a room."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deleted:
    """How much was deleted of a person, by what it was, and their receipts that stay known by hash."""

    person: str
    rows: Mapping[str, int]
    receipts: tuple[Mapping[str, str], ...]


# To take along -------------------------------------------------------------------------------------


def files(connection: Connection, person: str) -> dict[str, bytes]:
    """Everything stored about a person, as files by name; ServiceError when nobody has the id.

    Without secrets (passwords' hashes, nbgrader's names for feedback) and without what others wrote.
    """
    known = people.require(connection, person)
    say = messages("privacy")
    found: dict[str, bytes] = {"orang.json": _json(asdict(known))}
    found |= _answers(connection, person)
    found |= _submissions(connection, person)
    for name, rows in (
        ("presensi.csv", _attendance(connection, person)),
        ("perpanjangan.csv", _rows(connection, extensions, person)),
    ):
        found[name] = as_csv(rows)
    found["papan.json"] = _json(
        {
            "kiriman": _rows(connection, posts, person),
            "saran": _rows(connection, asked, person),
        }
    )
    found["ruang.json"] = _json(_rooms(connection, person))
    found["ingatan.json"] = _json(_rows(connection, remembered, person))
    found["masuk.json"] = _json(
        {
            "sandi": _rows(connection, credentials, person, without=("hash",)),
            "kartu": _rows(connection, login_cards, person, without=("digest",)),
        }
    )
    found["tindakan.csv"] = as_csv(_acts(connection, person))
    listed = "\n".join(f"- {name}" for name in sorted(found))
    text = say("readme", name=known.name, id=known.id, files=listed)
    found[README] = text.encode()
    return found


def archive(found: Mapping[str, bytes]) -> bytes:
    """Files as one ZIP; equal files are equal bytes."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name in sorted(found):
            entry = zipfile.ZipInfo(name, date_time=_MOMENT)
            entry.external_attr = 0o600 << 16
            bundle.writestr(entry, found[name], zipfile.ZIP_DEFLATED)
    return content.getvalue()


def put(path: Path, content: bytes) -> None:
    """Write a file that its owner alone can read, whole or not at all; OSError."""
    draft = path.with_name(f".{path.name}.new")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    sync(path.parent)


def exported(connection: Connection, person: str, *, by: str, at: datetime) -> dict[str, bytes]:
    """``files``, with a line of audit that says who asked for them."""
    found = files(connection, person)
    audit.record(connection, at=at, who=by, act="data.exported", whom=person, files=len(found))
    return found


def _answers(connection: Connection, person: str) -> Iterator[tuple[str, bytes]]:
    query = select(events).where(events.c.person == person)
    logs: dict[str, list[bytes]] = {}
    order = (events.c.module, events.c.exercise, events.c.n)
    for row in connection.execute(query.order_by(*order)).mappings():
        name = f"jawaban/{row['module']}/{row['exercise']}.jsonl"
        logs.setdefault(name, []).append(row["line"])
    return ((name, b"".join(found)) for name, found in logs.items())


def _submissions(connection: Connection, person: str) -> Iterator[tuple[str, bytes]]:
    query = (
        select(submissions, bundles.c.files)
        .join(bundles, bundles.c.content == submissions.c.content)
        .where(submissions.c.person == person)
        .order_by(submissions.c.moment)
    )
    for row in connection.execute(query).mappings().all():
        folder = f"kiriman/{row['module']}/{row['moment']:%Y%m%dT%H%M%S}"
        yield f"{folder}/tanda-terima.json", row["receipt"]
        yield f"{folder}/tanda-terima.sig", row["signature"]
        for name, content in unpack(row["files"]).items():
            yield f"{folder}/berkas/{name}", content
        its = feedback.c.submission == row["id"]
        for page in connection.execute(select(feedback).where(its)).mappings():
            yield f"{folder}/umpan-balik/{page['notebook']}.html", page["page"]


def _attendance(connection: Connection, person: str) -> list[dict[str, Any]]:
    query = (
        select(attendance, meetings.c.title, meetings.c.module, meetings.c.starts)
        .join(meetings, meetings.c.id == attendance.c.meeting)
        .where(attendance.c.person == person)
        .order_by(meetings.c.starts)
    )
    return [dict(row) for row in connection.execute(query).mappings()]


def _rooms(connection: Connection, person: str) -> list[dict[str, Any]]:
    """The rooms somebody sat in, with what they did there; what the others did is theirs."""
    query = (
        select(seats.c.seat, rooms).join(rooms, rooms.c.id == seats.c.room)
        .where(seats.c.person == person).order_by(rooms.c.opened)
    )  # fmt: skip
    found = []
    for row in connection.execute(query).mappings().all():
        own = (room_events.c.room == row["id"]) & (room_events.c.seat == row["seat"])
        acts = select(room_events).where(own).order_by(room_events.c.n)
        done = [dict(act) for act in connection.execute(acts).mappings()]
        found.append({**row, "perbuatan": done})
    return found


def _acts(connection: Connection, person: str) -> list[dict[str, Any]]:
    query = select(lines).where(or_(lines.c.whom == person, lines.c.who == person))
    return [dict(row) for row in connection.execute(query.order_by(lines.c.id)).mappings()]


def _rows(
    connection: Connection, of: Table, person: str, without: Sequence[str] = ()
) -> list[dict[str, Any]]:
    columns = [column for column in of.c if column.name not in without]
    query = select(*columns).where(of.c.person == person)
    return [dict(row) for row in connection.execute(query).mappings()]


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=2, default=str).encode()


def as_csv(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """Rows with equal columns as a CSV file that a spreadsheet opens and takes for no formulas."""
    text = io.StringIO(newline="")
    if rows:
        writer = csv.DictWriter(text, list(rows[0]))
        writer.writeheader()
        for row in rows:
            writer.writerow({key: _cell(value) for key, value in row.items()})
    return text.getvalue().encode("utf-8-sig")


def _cell(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else str(value or "")
    return harmless(text)


# Gone ----------------------------------------------------------------------------------------------


def delete(connection: Connection, person: str, *, reason: str, by: str, at: datetime) -> Deleted:
    """Delete everything about a person; ServiceError when nobody has the id.

    What others did with them in a room stays theirs, without this person's id and words. The lines of
    audit about them keep who did what and when, and lose the rest.
    """
    people.require(connection, person)
    counts = {name: _count(connection, of, person) for name, of in _OWN.items()}
    receipts = tuple(_receipts(connection, person))
    _leave_rooms(connection, person)
    its = select(submissions.c.content).where(submissions.c.person == person).distinct()
    contents = connection.execute(its).scalars().all()
    connection.execute(lines.update().where(lines.c.whom == person).values(what={}))
    failed = login_failures.c.key.startswith(f"{person}@", autoescape=True)
    connection.execute(login_failures.delete().where(failed))
    for column in (table.c.superior, table.c.replaces):
        connection.execute(table.update().where(column == person).values({column.name: ""}))
    connection.execute(submissions.delete().where(submissions.c.person == person))
    connection.execute(table.delete().where(table.c.id == person))  # its rows elsewhere go with it
    _forget_bundles(connection, contents)
    audit.record(
        connection, at=at, who=by, act="data.deleted", whom=person,
        reason=reason, rows=counts, receipts=receipts,
    )  # fmt: skip
    return Deleted(person=person, rows=counts, receipts=receipts)


_OWN: Mapping[str, Table] = {
    "events": events,
    "submissions": submissions,
    "attendance": attendance,
    "extensions": extensions,
    "posts": posts,
    "advice": asked,
    "seats": seats,
    "cards": login_cards,
}


def expired(connection: Connection, programme: Programme, today: date) -> tuple[Person, ...]:
    """The participants whose cohort ended longer ago than ``retention_days``; nobody without those."""
    if programme.retention_days is None:
        return ()
    kept = timedelta(days=programme.retention_days)
    over = {
        cohort.id
        for cohort in programme.cohorts
        if cohort.ends and date.fromisoformat(cohort.ends) + kept < today
    }
    everybody = people.listing(connection, active=None)
    return tuple(person for person in everybody if person.cohort in over)


def _receipts(connection: Connection, person: str) -> Iterator[Mapping[str, str]]:
    query = select(submissions).where(submissions.c.person == person).order_by(submissions.c.moment)
    for row in connection.execute(query).mappings():
        moment = row["moment"].isoformat()
        yield {
            "module": row["module"],
            "moment": moment,
            "code": row["code"],
            "content": row["content"],
        }


def _count(connection: Connection, of: Table, person: str) -> int:
    query = select(func.count()).select_from(of).where(of.c.person == person)
    return connection.execute(query).scalar_one()


def _leave_rooms(connection: Connection, person: str) -> None:
    """Empty a person's seats, and take their own words out of what stays for the others."""
    query = select(seats.c.room, seats.c.seat).where(seats.c.person == person)
    for room, seat in connection.execute(query).all():
        own = (room_events.c.room == room) & (room_events.c.seat == seat)
        acts = connection.execute(select(room_events).where(own)).mappings().all()
        for act in acts:
            its = (room_events.c.room == room) & (room_events.c.n == act["n"])
            wordless = _wordless(act["data"])
            connection.execute(room_events.update().where(its).values(data=wordless))
    connection.execute(seats.update().where(seats.c.person == person).values(person=""))


def _wordless(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: "" if key in _WORDS and isinstance(inner, str) else _wordless(inner)
            for key, inner in value.items()
        }
    return [_wordless(inner) for inner in value] if isinstance(value, list) else value


def _forget_bundles(connection: Connection, contents: Sequence[str]) -> None:
    """Delete the files of submissions that nobody else has handed in as well."""
    for content in contents:
        its = select(submissions.c.id).where(submissions.c.content == content)
        if connection.execute(its).first() is None:
            connection.execute(bundles.delete().where(bundles.c.content == content))
