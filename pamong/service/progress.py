"""How far everybody has come in every module: counts and moments, never an answer or a score.

What a log of a certain length told stays known, so that only logs that have grown since are replayed, and
those alone that are longer than when they were handed in.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from sqlalchemy import ColumnElement, Connection, func, select

from pamong import log, notebook, outline, receipt
from pamong.course import BRIEF, NOTEBOOK, Course
from pamong.edition import cached_brief
from pamong.errors import DamagedReceipt, PamongError
from pamong.kind import Brief, replay
from pamong.kinds import KINDS
from pamong.outline import Spot
from pamong.place import Person as Player
from pamong.service import schedule
from pamong.service.people import Person
from pamong.service.tables import events, feedback, submissions
from pamong.service.tables import people as table

SMALLEST = 5
"""People that a count for leaders stands for at least."""
AT_ONCE = 200
"""Logs that one look at the database reads."""
_LIMIT = 100_000
Key = tuple[str, str, str]
"""A person, a module, an exercise."""
_PLACE = (events.c.person, events.c.module, events.c.exercise)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One person in one module; ``exercises`` are those that they meet there.

    ``late`` is of the newest submission, by the times that hold now; ``feedback`` says that theirs on
    it was handed out.
    """

    person: str
    module: str
    exercises: int
    begun: int = 0
    finished: int = 0
    started: datetime | None = None
    last: datetime | None = None
    submissions: int = 0
    submitted: datetime | None = None
    late: bool = False
    feedback: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """How many of a cohort's people have come how far in a module; None where that tells of too few."""

    cohort: str
    module: str
    people: int | None
    started: int | None
    finished: int | None
    submitted: int | None
    late: int | None
    feedback: int | None


@dataclass(frozen=True, slots=True)
class _Log:
    """What a log of so many events has told; ``finished`` is None until it is replayed."""

    finished: bool | None
    began: datetime
    last: datetime


Known = tuple[str, Key, int, datetime]
"""A course, a log, its number of events, and since when its owner is as they are."""
_told: dict[Known, _Log] = {}
"""Logs only grow, so that what one of a certain length has told stays true."""


def standings(
    connection: Connection, course: Course, people: Iterable[Person], *, replayed: bool = True
) -> tuple[Standing, ...]:
    """Where these people stand in every module, person by person in the order of the programme.

    Unless ``replayed``, a log that nobody has looked into counts as unfinished: that takes no time.
    Otherwise the first look of a process may take seconds; a server asks in a thread of its own.
    """
    listed = tuple(people)
    ids = frozenset(person.id for person in listed)
    logs = _logs(connection, course, ids, replayed=replayed)
    handed = _handed(connection, ids)
    deadlines = schedule.deadlines(connection, course.programme, listed)
    found = []
    for person in listed:
        for plan in course.programme.modules:
            place = person.id, plan.id
            own = logs.get(place, {})
            played = frozenset(own)
            met = _met(course.release(plan.id), plan.id, person, played)
            standing = Standing(
                person=person.id,
                module=plan.id,
                exercises=len(met),
                begun=len(met & played),
                finished=sum(own[exercise].finished is True for exercise in met & played),
                started=min((one.began for one in own.values()), default=None),
                last=max((one.last for one in own.values()), default=None),
            )
            found.append(_with(standing, handed.get(place), deadlines[place]))
    return tuple(found)


def _logs(
    connection: Connection, course: Course, ids: Collection[str], *, replayed: bool
) -> dict[tuple[str, str], dict[str, _Log]]:
    """The logs of these people, by person and module, then by exercise."""
    since = {row.id: row.changed for row in connection.execute(select(table.c.id, table.c.changed))}
    query = select(*_PLACE, func.max(events.c.n)).group_by(*_PLACE)
    if len(ids) == 1:
        query = query.where(events.c.person.in_(ids))
    wanted: list[Known] = [
        (str(course.root), (person, module, exercise), count, since[person])
        for person, module, exercise, count in connection.execute(query)
        if person in ids
    ]
    unknown = [known for known in wanted if not _is_known(known, replayed=replayed)]
    if unknown and len(_told) + len(unknown) > _LIMIT:
        _told.clear()
        unknown = wanted
    if unknown:
        states = _states(connection, ids)
        _learn(connection, course if replayed else None, unknown, states)
    found: dict[tuple[str, str], dict[str, _Log]] = defaultdict(dict)
    for known in wanted:
        person, module, exercise = known[1]
        found[person, module][exercise] = _told[known]
    return found


def _is_known(known: Known, *, replayed: bool) -> bool:
    told = _told.get(known)
    return told is not None and (not replayed or told.finished is not None)


def _learn(
    connection: Connection,
    course: Course | None,
    unknown: Iterable[Known],
    states: Mapping[tuple[Key, int], bool],
) -> None:
    """Look into logs; what a receipt says of one as long as it is now need not be replayed.

    Without the ``course`` none is.
    """
    groups: dict[tuple[str, str], list[Known]] = defaultdict(list)
    for known in unknown:
        _, (_, module, exercise), _, _ = known
        groups[module, exercise].append(known)
    for place, group in groups.items():
        for number in range(0, len(group), AT_ONCE):
            some = group[number : number + AT_ONCE]
            moments = _moments(connection, place, some)
            new = [key[0] for _, key, count, _ in some if (key, count) not in states]
            lines = _read(connection, place, new) if new and course else {}
            for known in some:
                _, key, count, _ = known
                finished = states.get((key, count))
                if finished is None and course:
                    finished = _is_finished(course, key, lines[key[0]])
                _told[known] = _Log(finished, moments[key[0], 1], moments[key[0], count])


def _moments(
    connection: Connection, place: tuple[str, str], some: Sequence[Known]
) -> dict[tuple[str, int], datetime]:
    """When the first and the last event of each log was received, by person and number."""
    ends = {1, *(count for _, _, count, _ in some)}
    query = select(events.c.person, events.c.n, events.c.received).where(
        *_of(place, [key[0] for _, key, _, _ in some]), events.c.n.in_(ends)
    )
    return {(person, n): received for person, n, received in connection.execute(query)}


def _read(
    connection: Connection, place: tuple[str, str], people: Collection[str]
) -> dict[str, bytes]:
    """These people's logs of one exercise, each as the bytes of a file."""
    query = select(events.c.person, events.c.line).where(*_of(place, people))
    lines: dict[str, list[bytes]] = defaultdict(list)
    for person, line in connection.execute(query.order_by(events.c.person, events.c.n)):
        lines[person].append(line)
    return {person: b"".join(found) for person, found in lines.items()}


def _of(place: tuple[str, str], people: Collection[str]) -> tuple[ColumnElement[bool], ...]:
    """Whose events of which exercise, such that the primary key finds them."""
    module, exercise = place
    return events.c.person.in_(people), events.c.module == module, events.c.exercise == exercise


def _states(connection: Connection, ids: Collection[str]) -> dict[tuple[Key, int], bool]:
    """Whether logs of a certain length were finished when they were handed in."""
    its = submissions.c
    query = select(its.person, its.module, its.code, its.receipt)
    if len(ids) == 1:
        query = query.where(its.person.in_(ids))
    found: dict[tuple[Key, int], bool] = {}
    for person, module, code, content in connection.execute(query):
        with suppress(DamagedReceipt):
            for played in receipt.parse(content, code).exercises:
                if played.state != "unread":
                    key = person, module, played.exercise
                    found[key, played.events] = played.state == "finished"
    return found


def _is_finished(course: Course, key: Key, content: bytes) -> bool:
    """Whether a log is that of a finished exercise; one that cannot be believed is not."""
    _, module, exercise = key
    try:
        found = log.parse(content, exercise).trusted()
        brief = _brief(course, module, exercise, found[0].version)
        return bool(replay(KINDS[brief.kind], brief, found).finished)
    except (PamongError, OSError):
        return False


def _brief(course: Course, module: str, exercise: str, version: int) -> Brief:
    """The exercise in the version that was played; CourseError or OSError when it is not there."""
    path = course.release(module) / f"{exercise}{BRIEF}"
    if path.is_file() and (brief := cached_brief(path)).version == version:
        return brief
    return cached_brief(course.shelf(module).folder / f"{exercise}.v{version}{BRIEF}")


def _met(folder: Path, module: str, person: Person, played: frozenset[str]) -> frozenset[str]:
    """The exercises that somebody meets in a module; none where it is not released."""
    try:
        changed = (folder / NOTEBOOK).stat().st_mtime_ns
        return _outlined(
            folder / NOTEBOOK, changed, module, Player(person.id, person.office), played
        )
    except (PamongError, OSError):
        return frozenset()


@lru_cache(maxsize=8192)
def _outlined(
    path: Path, _changed: int, module: str, player: Player, played: frozenset[str]
) -> frozenset[str]:
    pieces = outline.outline(_book(path, _changed), module, player, played)
    return frozenset(piece.exercise for piece in pieces if isinstance(piece, Spot))


@lru_cache(maxsize=64)
def _book(path: Path, _changed: int) -> notebook.Notebook:
    return notebook.parse(path.read_bytes(), path.name)


@dataclass(frozen=True, slots=True)
class _Handed:
    count: int
    newest: datetime
    feedback: bool


def _handed(connection: Connection, people: Collection[str]) -> dict[tuple[str, str], _Handed]:
    """How often these people handed in a module, when last, and whether that came back."""
    its = submissions.c
    pages = select(feedback.c.submission).distinct().subquery()
    query = select(its.person, its.module, its.moment, pages.c.submission.is_not(None)).select_from(
        submissions.outerjoin(pages, pages.c.submission == its.id)
    )
    if len(people) == 1:
        query = query.where(its.person.in_(people))
    found: dict[tuple[str, str], _Handed] = {}
    for person, module, moment, told in connection.execute(query.order_by(its.moment)):
        if person in people:
            before = found.get((person, module))
            found[person, module] = _Handed(before.count + 1 if before else 1, moment, bool(told))
    return found


def _with(standing: Standing, handed: _Handed | None, deadline: datetime | None) -> Standing:
    if handed is None:
        return standing
    return replace(
        standing,
        submissions=handed.count,
        submitted=handed.newest,
        late=deadline is not None and handed.newest > deadline,
        feedback=handed.feedback,
    )


# For leaders ---------------------------------------------------------------------------------------


def totals(people: Iterable[Person], known: Iterable[Standing]) -> tuple[Total, ...]:
    """Every cohort in every module, such that no sum or difference of counts tells of one to four people.

    Of a cohort the groups are told one by one for as long as they part its people into none or at least
    SMALLEST. Sums over cohorts that are told are safe, others are not there to be made.
    """
    cohorts = {person.id: person.cohort for person in people}
    groups: dict[tuple[str, str], list[Standing]] = defaultdict(list)
    for standing in known:
        groups[cohorts[standing.person], standing.module].append(standing)
    return tuple(_total(*place, found) for place, found in sorted(groups.items()))


def _total(cohort: str, module: str, found: list[Standing]) -> Total:
    everybody = frozenset(one.person for one in found)
    sets = {
        "submitted": frozenset(one.person for one in found if one.submissions),
        "started": frozenset(one.person for one in found if one.begun or one.submissions),
        "late": frozenset(one.person for one in found if one.late),
        "finished": frozenset(one.person for one in found if 0 < one.exercises == one.finished),
        "feedback": frozenset(one.person for one in found if one.feedback),
    }
    seen = len(everybody) >= SMALLEST
    parts = [everybody]
    counts: dict[str, int | None] = {}
    for name, group in sets.items():
        finer = [part for each in parts for part in (each & group, each - group) if part]
        told = seen and all(len(part) >= SMALLEST for part in finer)
        counts[name] = len(group) if told else None
        parts = finer if told else parts
    return Total(cohort=cohort, module=module, people=len(everybody) if seen else None, **counts)
