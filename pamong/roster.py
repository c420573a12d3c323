"""Who takes part: ``roster.csv`` read strictly, with every error by line, and put into the gradebook."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from pamong import locale
from pamong.catalogue import messages
from pamong.errors import AuthoringError, Problem
from pamong.programme import Programme

COLUMNS = ("id", "name", "role", "region", "cohort", "superior")
ZONE = "zona"
"""The column that may be missing: WIB, WITA or WIT, where a participant lives."""
NIP = "nip"
"""The column that may be missing: the number of a civil servant, which transcripts show."""
SIZE_LIMIT = 4 * 1024 * 1024
ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,31}")
NIP_PATTERN = re.compile(r"(\d{18})?", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Participant:
    """One row; ``superior`` is the id of another participant, or empty.

    ``zone`` is the time zone that they live in, as an IANA name, or empty: the programme's.
    ``nip`` has 18 digits, or is empty.
    """

    id: str
    name: str
    role: str
    region: str
    cohort: str
    superior: str = ""
    zone: str = ""
    nip: str = ""


@dataclass(frozen=True, slots=True)
class Roster:
    """Every participant, in file order."""

    participants: tuple[Participant, ...]

    def by_id(self) -> dict[str, Participant]:
        return {participant.id: participant for participant in self.participants}

    def cohort(self, cohort: str) -> tuple[Participant, ...]:
        return tuple(person for person in self.participants if person.cohort == cohort)

    def roles(self) -> Counter[str]:
        return Counter(participant.role for participant in self.participants)


def read_roster(path: Path, programme: Programme) -> Roster:
    """The roster in a CSV file (comma or semicolon, UTF-8 with or without a mark).

    AuthoringError lists every wrong line: missing columns, empty or repeated ids, unknown role or
    cohort, a superior who is not in the list or is above themselves.
    """
    rows = read_rows(path, COLUMNS)
    problems: list[Problem] = []
    people = [(line, _participant(row)) for line, row in rows]
    ids = Counter(person.id for _, person in people)
    superiors = {person.id: person.superior for _, person in people}
    for line, person in people:
        for field, key, values in _faults(person, ids, superiors, programme):
            problems.append(Problem(path, line, 1, field, messages("roster")(key, **values)))
    if problems:
        raise AuthoringError(tuple(problems))
    return Roster(tuple(person for _, person in people))


def _participant(row: dict[str, str]) -> Participant:
    written = row.get(ZONE, "")
    zone = {letters: name for name, letters in locale.ZONES.items()}.get(written.upper(), written)
    # Spreadsheets keep a long number as text by an apostrophe, people write it in groups.
    nip = "".join(row.get(NIP, "").removeprefix("'").split())
    return Participant(**{column: row[column] for column in COLUMNS}, zone=zone, nip=nip)


def _faults(
    person: Participant, ids: Counter[str], superiors: dict[str, str], programme: Programme
) -> list[tuple[str, str, dict[str, object]]]:
    cohorts = [cohort.id for cohort in programme.cohorts]
    checks: tuple[tuple[bool, str, str, dict[str, object]], ...] = (
        (bool(ID.fullmatch(person.id)), "id", "id", {"id": person.id}),
        (ids[person.id] == 1, "id", "repeated", {"id": person.id}),
        (bool(person.name), "name", "empty", {"field": "name"}),
        (bool(person.region), "region", "empty", {"field": "region"}),
        (person.role in programme.roles, "role", "choice",
         {"value": person.role, "known": ", ".join(programme.roles)}),
        (person.cohort in cohorts, "cohort", "choice",
         {"value": person.cohort, "known": ", ".join(cohorts)}),
        (person.zone in ("", *locale.ZONES), ZONE, "choice",
         {"value": person.zone, "known": ", ".join(locale.ZONES.values())}),
        (bool(NIP_PATTERN.fullmatch(person.nip)), NIP, "nip", {"value": person.nip}),
        (not person.superior or person.superior in superiors, "superior", "superior.unknown",
         {"id": person.superior}),
        (not _in_circle(person.id, superiors), "superior", "superior.circle", {"id": person.id}),
    )  # fmt: skip
    return [(field, key, values) for right, field, key, values in checks if not right]


def _in_circle(start: str, superiors: dict[str, str]) -> bool:
    seen: set[str] = set()
    current = superiors.get(start, "")
    while current and current not in seen:
        if current == start:
            return True
        seen.add(current)
        current = superiors.get(current, "")
    return False


def written(roster: Roster, before: str = "") -> str:
    """A roster as CSV in the columns, the order and with the further values of the file ``before``.

    Who was not in it follows after its people.
    """
    lines = before.removeprefix("\ufeff")
    delimiter = delimiter_of(lines)
    reader = csv.DictReader(io.StringIO(lines, newline=""), delimiter=delimiter)
    names = {name.strip().lower(): name for name in reader.fieldnames or COLUMNS}
    known = {(row.get(names["id"]) or "").strip(): row for row in reader}
    people = roster.participants
    for column, used in ((ZONE, any(p.zone for p in people)), (NIP, any(p.nip for p in people))):
        if used:
            names.setdefault(column, column)
    order = {id: number for number, id in enumerate(known)}
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(names.values()), delimiter=delimiter, lineterminator="\n")
    writer.writeheader()
    for person in sorted(people, key=lambda one: order.get(one.id, len(order))):
        row = known.get(person.id, {})
        values = {names[column]: getattr(person, column) for column in COLUMNS}
        own = {ZONE: locale.ZONES.get(person.zone, person.zone), NIP: person.nip}
        values |= {names[column]: value for column, value in own.items() if column in names}
        kept = {name: row.get(name) or "" for name in names.values()}
        writer.writerow(kept | values)
    return text.getvalue()


def read_rows(path: Path, columns: tuple[str, ...]) -> list[tuple[int, dict[str, str]]]:
    """The rows of a CSV file with their lines, by columns in small letters; there must be ``columns``.

    AuthoringError when it is no such file, or has no row.
    """
    say = messages("roster")
    try:
        with path.open("rb") as file:
            content = file.read(SIZE_LIMIT + 1)
        text = content.decode("utf-8-sig")
    except OSError as error:
        raise _problem(path, 0, say("unreadable", reason=error.strerror)) from error
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise _problem(path, line, say("encoding")) from error
    if len(content) > SIZE_LIMIT:
        raise _problem(path, 0, say("large", limit=SIZE_LIMIT))
    reader = csv.DictReader(
        io.StringIO(text, newline=""), delimiter=delimiter_of(text), strict=True
    )
    head = [name.strip().lower() for name in reader.fieldnames or []]
    if absent := [column for column in columns if column not in head]:
        raise _problem(path, 1, say("columns", absent=", ".join(absent)))
    reader.fieldnames = head
    rows: list[tuple[int, dict[str, str]]] = []
    try:
        for row in reader:
            if not any(value for value in row.values() if isinstance(value, str)):
                continue  # spreadsheets leave empty rows behind
            if None in row or None in row.values():
                raise _problem(path, reader.line_num, say("width", expected=len(head)))
            rows.append((reader.line_num, {key: value.strip() for key, value in row.items()}))
    except csv.Error as error:
        raise _problem(path, reader.line_num, str(error)) from error
    if not rows:
        raise _problem(path, 1, say("nobody"))
    return rows


def ids_in(text: str) -> tuple[str, ...]:
    """The ids of a roster as it stands, right or wrong; none where there is no such column."""
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter_of(text))
    names = [name for name in reader.fieldnames or () if name.strip().lower() == "id"]
    found = ((row.get(name) or "").strip() for row in reader for name in names)
    return tuple(filter(None, found))


def harmless(text: str) -> str:
    """``text`` for a cell of a CSV file, such that a spreadsheet takes it for no formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def delimiter_of(text: str) -> str:
    """What separates the columns of a CSV text: a semicolon where its head has more of them."""
    head = text.partition("\n")[0]
    return ";" if head.count(";") > head.count(",") else ","


def _problem(path: Path, line: int, message: str) -> AuthoringError:
    return AuthoringError((Problem(path, line, 1, "", message),))
