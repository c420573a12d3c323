"""Which cases somebody may play live, and the way from a wish to a room."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from pamong.errors import PamongError
from pamong.kind import replay
from pamong.kinds import KINDS
from pamong.light.host import Host, ModuleContent, NotThere
from pamong.service import schedule
from pamong.service.people import Person
from pamong.service.rooms import pairing, table
from pamong.service.rooms.case import is_playable, size
from pamong.service.rooms.pairing import Waiting, Wish
from pamong.service.rooms.room import PROGRAM
from pamong.service.service import Service


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """A case that may be played live; ``ready`` is False while one's own graded attempts come first.

    A table shows both sides after the end, so a graded case would give away what is still to be found
    out. That is over when nothing is taken any more: late work counts as well.
    """

    module: str
    module_title: str
    exercise: str
    title: str
    minutes: int
    seats: int
    graded: bool
    ready: bool


def offered(service: Service, host: Host, person: Person, now: datetime) -> tuple[Offered, ...]:
    """The released negotiations and mediations that somebody meets in their modules."""
    with service.database.reading() as connection:
        times = schedule.windows(connection, service.course.programme, person)
    found: list[Offered] = []
    for module, window in times.items():
        if window.state(now) == "early":
            continue
        try:
            content = host.module(module)
        except (NotThere, OSError):
            continue
        over = window.state(now) == "closed"
        found.extend(_cases(service, host, content, over=over))
    return tuple(found)


def _cases(
    service: Service, host: Host, content: ModuleContent, *, over: bool
) -> Iterator[Offered]:
    keys = service.course.keys(content.id)
    shelf = service.course.shelf(content.id)
    for name in dict.fromkeys(content.exercises):
        brief = content.briefs[name]
        if brief.kind not in ("negotiation", "mediation"):
            continue
        versions = shelf.versions(name)
        if not versions:
            continue
        exercise = table.released(keys, name, versions[-1])
        if is_playable(exercise):
            yield Offered(
                module=content.id,
                module_title=content.title,
                exercise=name,
                title=brief.title,
                minutes=brief.minutes,
                seats=size(exercise),
                graded=brief.use == "graded",
                ready=brief.use == "practice" or over or _is_done(host, content, name),
            )


def _is_done(host: Host, content: ModuleContent, name: str) -> bool:
    """Whether nothing is left to be found out by the own graded attempts."""
    brief = content.briefs[name]
    kind = KINDS[brief.kind]
    try:
        state = replay(kind, brief, host.store(content.id).read(name))
    except (PamongError, OSError):
        return False
    return bool(state.finished and state.attempt >= brief.attempts)


def join(service: Service, person: Person, case: Offered, *, agreed: bool, now: datetime) -> str:
    """Wait for others and be seated as soon as there are; the own room's id, or empty while one waits."""
    wish = Wish(
        person=person.id, module=case.module, exercise=case.exercise, seats=case.seats,
        line_agreed=agreed, since=now, seen=now,
    )  # fmt: skip
    with service.database.writing() as connection:
        pairing.enter(connection)
        if there := table.open_of(connection, person.id, now):
            return there
        pairing.wait(connection, wish)
        return _seated(service, connection, person, wish, now)


def look(service: Service, person: Person, now: datetime) -> tuple[str, Wish | None]:
    """The own open room, if there is one now, and what one waits for; a sign that one is still there."""
    with service.database.writing() as connection:
        pairing.enter(connection)
        if there := table.open_of(connection, person.id, now):
            return there, None
        wish = pairing.standing(connection, person.id)
        if wish is None:
            return "", None
        pairing.wait(connection, replace(wish, seen=now, since=now))
        return _seated(service, connection, person, wish, now), wish


def _seated(
    service: Service, connection: Connection, person: Person, wish: Wish, now: datetime
) -> str:
    def opened(group: tuple[Waiting, ...]) -> None:
        ids = [it.wish.person for it in group]
        place = (wish.module, wish.exercise)
        table.open_room(connection, service.course, place, ids, person.cohort, now)

    while pairing.seat(connection, wish, now, opened):
        pass
    return table.open_of(connection, person.id, now) or ""


def alone(service: Service, person: Person, case: Offered, now: datetime) -> str:
    """Open a room at once with the program on the other seat; the id. Only for two seats."""
    with service.database.writing() as connection:
        pairing.enter(connection)
        if there := table.open_of(connection, person.id, now):
            return there
        pairing.leave(connection, person.id)
        place = (case.module, case.exercise)
        return table.open_room(
            connection, service.course, place, (person.id, PROGRAM), person.cohort, now
        )


def cancel(service: Service, person: Person) -> None:
    """Wait no longer."""
    with service.database.writing() as connection:
        pairing.leave(connection, person.id)
