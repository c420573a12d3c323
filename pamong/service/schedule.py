"""When each participant may work on each module: the cohort's schedule, and extensions of their own.

A cohort's line in the database counts before programme.yaml's ``schedule``, that before the module's
``deadline``. All moments are aware; a person reads them in the zone that they live in.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import Connection, RowMapping, select

from pamong import locale
from pamong.errors import ServiceError
from pamong.programme import Due, Programme, Slot
from pamong.service import audit
from pamong.service.people import Person
from pamong.service.tables import extensions, schedules

State = Literal["early", "open", "grace", "closed"]
"""Not yet; in time; late, but taken; no longer taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """From when until when; None is no bound. ``until`` is the person's own extension.

    Late work is taken for ``grace`` after the deadline, at any time when that is None.
    """

    opens: datetime | None = None
    class_starts: datetime | None = None
    closes: datetime | None = None
    grace: timedelta | None = None
    until: datetime | None = None

    @property
    def deadline(self) -> datetime | None:
        """The end of the time that is not late: an extension, where it is later than the closing."""
        if self.closes is None or self.until is None:
            return self.closes
        return max(self.closes, self.until)

    @property
    def ends(self) -> datetime | None:
        """After this moment nothing is taken; None when late work is always taken."""
        deadline = self.deadline
        return None if deadline is None or self.grace is None else deadline + self.grace

    def state(self, now: datetime) -> State:
        """Where ``now`` lies; the very moment of an end is before it."""
        if self.opens is not None and now < self.opens:
            return "early"
        if not self.is_late(now):
            return "open"
        ends = self.ends
        return "grace" if ends is None or now <= ends else "closed"

    def is_late(self, moment: datetime) -> bool:
        """Whether work handed in at ``moment`` is late."""
        deadline = self.deadline
        return deadline is not None and moment > deadline


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension:
    """One person's later closing of one module, with who gave it and why."""

    person: str
    module: str
    until: datetime
    reason: str
    by: str
    at: datetime


ENDLESS = timedelta(days=3650)
"""What somebody without a deadline has more than those who have one."""


def zone(programme: Programme, person: Person) -> str:
    """The time zone that a person reads moments in, as an IANA name."""
    return person.zone or programme.time_zone


def told(programme: Programme, person: Person, moment: datetime | None) -> str:
    """A moment as this person reads it, in their own zone; empty when there is none."""
    return locale.moment(moment, zone(programme, person)) if moment else ""


def window(connection: Connection, programme: Programme, person: Person, module: str) -> Window:
    """The times of one person in one module; ServiceError when the programme has no such module."""
    found = cohort_window(connection, programme, person.cohort, _module(programme, module))
    query = select(extensions.c.until).where(
        extensions.c.person == person.id, extensions.c.module == module
    )
    return replace(found, until=connection.execute(query).scalar())


def windows(connection: Connection, programme: Programme, person: Person) -> dict[str, Window]:
    """The times of one person in every module of the programme, in its order."""
    cohorts = calendar(connection, programme, (person.cohort,))
    query = select(extensions.c.module, extensions.c.until).where(extensions.c.person == person.id)
    own: dict[str, datetime] = {row.module: row.until for row in connection.execute(query)}
    return {module: replace(found, until=own.get(module)) for (_, module), found in cohorts.items()}


def cohort_window(connection: Connection, programme: Programme, cohort: str, module: str) -> Window:
    """The times of a cohort in one module, before anybody's extension."""
    query = select(schedules).where(schedules.c.cohort == cohort, schedules.c.module == module)
    row = connection.execute(query).mappings().first()
    return planned(programme, cohort, module) if row is None else _window(row)


def calendar(
    connection: Connection, programme: Programme, cohorts: Collection[str] | None = None
) -> dict[tuple[str, str], Window]:
    """The times of every cohort, or of these, in every module, by cohort and module."""
    query = select(schedules)
    set_by_hand = {
        (row["cohort"], row["module"]): _window(row) for row in connection.execute(query).mappings()
    }
    if cohorts is None:
        cohorts = [cohort.id for cohort in programme.cohorts]
    places = [(cohort, plan.id) for cohort in cohorts for plan in programme.modules]
    return {place: set_by_hand.get(place) or planned(programme, *place) for place in places}


def planned(programme: Programme, cohort: str, module: str) -> Window:
    """What programme.yaml says; without a line in its ``schedule``, late work is taken at any time."""
    slot = programme.slot(cohort, module)
    if slot is None:
        return Window(closes=programme.deadline(module))
    found = slotted(programme, slot)
    return found if found.closes else replace(found, closes=programme.deadline(module))


def slotted(programme: Programme, slot: Slot) -> Window:
    """What a line of a schedule says."""
    named = programme.time_zone
    return Window(
        opens=slot.moment("opens", named),
        class_starts=slot.moment("class_starts", named),
        closes=slot.moment("closes", named),
        grace=None if slot.grace is None else timedelta(minutes=slot.grace),
    )


def _window(row: RowMapping) -> Window:
    grace = row["grace"]
    return Window(
        opens=row["opens"],
        class_starts=row["class_starts"],
        closes=row["closes"],
        grace=None if grace is None else timedelta(minutes=grace),
    )


def put(
    connection: Connection,
    programme: Programme,
    cohort: str,
    module: str,
    wanted: Window,
    *,
    by: str,
    at: datetime,
) -> bool:
    """Set the times of a cohort in a module, whether or not they change; says whether they did.

    ServiceError when cohort or module do not exist or the moments are out of order.
    """
    _module(programme, module)
    _cohort(programme, cohort)
    moments = [wanted.opens, wanted.class_starts, wanted.closes]
    there = [moment for moment in moments if moment is not None]
    if there != sorted(there):
        raise ServiceError(
            f"{cohort}, {module}: opens, class_starts and closes must follow each other in time."
        )
    if wanted.grace is not None and wanted.grace < timedelta():
        raise ServiceError(f"{cohort}, {module}: grace cannot be negative.")
    before = cohort_window(connection, programme, cohort, module)
    wanted = replace(wanted, until=None)
    if wanted == before:
        return False
    values = {name: getattr(wanted, name) for name in ("opens", "class_starts", "closes")}
    grace = None if wanted.grace is None else int(wanted.grace / timedelta(minutes=1))
    place = (schedules.c.cohort == cohort) & (schedules.c.module == module)
    connection.execute(schedules.delete().where(place))
    connection.execute(
        schedules.insert().values(cohort=cohort, module=module, **values, grace=grace)
    )
    audit.record(
        connection, at=at, who=by, act="schedule.set", cohort=cohort, module=module,
        before=_as_told(before), after=_as_told(wanted),
    )  # fmt: skip
    return True


def clear(connection: Connection, cohort: str, module: str, *, by: str, at: datetime) -> bool:
    """Let programme.yaml count again for a cohort in a module; says whether it did not."""
    place = (schedules.c.cohort == cohort) & (schedules.c.module == module)
    gone = connection.execute(schedules.delete().where(place)).rowcount > 0
    if gone:
        audit.record(
            connection, at=at, who=by, act="schedule.cleared", cohort=cohort, module=module
        )
    return gone


def extend(
    connection: Connection,
    programme: Programme,
    people: Iterable[Person],
    module: str,
    *,
    until: datetime | timedelta,
    reason: str,
    by: str,
    at: datetime,
) -> tuple[Extension, ...]:
    """Let these people hand in a module until a moment, or for a span after their cohort closes.

    Returns what has changed: whoever has that long already is left as they are. ServiceError without
    a reason, or when a module that is to be extended never closes.
    """
    if not reason.strip():
        raise ServiceError("An extension needs a reason: it is what others will ask for.")
    listed = tuple(people)
    times = calendar(connection, programme, {person.cohort for person in listed})
    _module(programme, module)
    given = []
    for person in listed:
        closes = times[person.cohort, module].closes
        if closes is None:
            raise ServiceError(
                f"{module} never closes for {person.cohort or person.id}: there is nothing to extend."
            )
        end = closes + until if isinstance(until, timedelta) else until
        there = _until(connection, person.id, module)
        if end <= (closes if there is None else max(there, closes)):
            continue
        given.append(
            Extension(
                person=person.id, module=module, until=end, reason=reason.strip(), by=by, at=at
            )
        )
    _keep(connection, given)
    return tuple(given)


def _keep(connection: Connection, given: Collection[Extension]) -> None:
    for one in given:
        its = (extensions.c.person == one.person) & (extensions.c.module == one.module)
        connection.execute(extensions.delete().where(its))
        values = {name: getattr(one, name) for name in Extension.__dataclass_fields__}
        connection.execute(extensions.insert().values(values))
        audit.record(
            connection, at=one.at, who=one.by, act="extension.given", whom=one.person,
            module=one.module, until=one.until, reason=one.reason,
        )  # fmt: skip


def withdraw(
    connection: Connection, people: Iterable[Person], module: str, *, by: str, at: datetime
) -> tuple[str, ...]:
    """Take the extensions of a module from these people; returns who had one."""
    gone = []
    for person in people:
        its = (extensions.c.person == person.id) & (extensions.c.module == module)
        if connection.execute(extensions.delete().where(its)).rowcount:
            gone.append(person.id)
            audit.record(
                connection, at=at, who=by, act="extension.withdrawn", whom=person.id, module=module
            )
    return tuple(gone)


def given(connection: Connection, *, person: str = "", module: str = "") -> tuple[Extension, ...]:
    """Every extension, or of one person or module, by module and person."""
    query = select(extensions).order_by(extensions.c.module, extensions.c.person)
    for column, value in ((extensions.c.person, person), (extensions.c.module, module)):
        if value:
            query = query.where(column == value)
    return tuple(Extension(**row) for row in connection.execute(query).mappings())


def deadlines(
    connection: Connection, programme: Programme, people: Iterable[Person]
) -> dict[tuple[str, str], datetime | None]:
    """The deadline of each of these people in every module, by person and module."""
    listed = tuple(people)
    times = calendar(connection, programme, {person.cohort for person in listed})
    own = {(one.person, one.module): one.until for one in given(connection)}
    return {
        (person.id, plan.id): replace(
            times[person.cohort, plan.id], until=own.get((person.id, plan.id))
        ).deadline
        for person in listed
        for plan in programme.modules
    }


def dues(connection: Connection, programme: Programme, people: Iterable[Person]) -> tuple[Due, ...]:
    """The deadlines of these people in every module, for nbgrader; none where nobody has one."""
    known = deadlines(connection, programme, people)
    found = []
    for plan in programme.modules:
        its = {person: moment for (person, module), moment in known.items() if module == plan.id}
        there = [moment for moment in its.values() if moment is not None]
        if not there:
            continue
        earliest = min(there)
        more = {
            person: ENDLESS if moment is None else moment - earliest
            for person, moment in its.items()
        }
        found.append(Due(module=plan.id, earliest=earliest, more=more))
    return tuple(found)


def _until(connection: Connection, person: str, module: str) -> datetime | None:
    its = (extensions.c.person == person) & (extensions.c.module == module)
    return connection.execute(select(extensions.c.until).where(its)).scalar()


def _as_told(window: Window) -> dict[str, object]:
    return {name: getattr(window, name) for name in ("opens", "class_starts", "closes", "grace")}


def _module(programme: Programme, module: str) -> str:
    known = [plan.id for plan in programme.modules]
    if module not in known:
        raise ServiceError(f"There is no module {module}. There are: {', '.join(known)}.")
    return module


def _cohort(programme: Programme, cohort: str) -> str:
    known = [one.id for one in programme.cohorts]
    if cohort not in known:
        raise ServiceError(f"There is no cohort {cohort}. There are: {', '.join(known)}.")
    return cohort
