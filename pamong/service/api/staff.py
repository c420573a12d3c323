"""What staff's programs ask: release, collect, give feedback back, extend, see how far everybody is."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime
from typing import Any

from pamong import wire
from pamong.light.host import NotThere
from pamong.outbox import FEEDBACK_LIMIT
from pamong.service import handover, people, progress, schedule
from pamong.service.api.operation import Call, Malformed, Operation
from pamong.service.people import Role

TEACHING: tuple[Role, ...] = ("widyaiswara", "penyelenggara")
RUNNING: tuple[Role, ...] = ("penyelenggara",)
_CENTURY = (datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))
"""Moments that can be meant: those beyond cannot be told in every zone."""


def release(call: Call) -> wire.Done:
    module, service = _module(call), call.service
    with service.database.writing() as connection:
        done = handover.release(
            connection, service.course, module, by=call.person.id, at=service.clock()
        )
    return wire.Done(changed=int(done))


def unrelease(call: Call) -> wire.Done:
    module, service = _module(call), call.service
    with service.database.writing() as connection:
        done = handover.unrelease(connection, module, by=call.person.id, at=service.clock())
    return wire.Done(changed=int(done))


def handed_in(call: Call) -> list[wire.Handed]:
    module = _module(call)
    with call.service.database.reading() as connection:
        return handover.handed_in(connection, module)


def bundle(call: Call) -> wire.Bundle:
    with call.service.database.reading() as connection:
        found = handover.bundle(connection, int(call.place["id"]))
    if found is None:
        raise NotThere(call.place["id"])
    return found


def publish(call: Call) -> wire.Done:
    service = call.service
    with service.database.writing() as connection:
        done = handover.publish(
            connection,
            int(call.place["id"]),
            call.place["notebook"],
            call.body,
            by=call.person.id,
            at=service.clock(),
        )
    if done is None:
        raise NotThere(call.place["id"])
    return wire.Done(changed=int(done))


def extend(call: Call) -> wire.Done:
    """Give extensions, all or none of them."""
    service, wanted = call.service, list[wire.Extension](call.body)
    changed, alike = 0, defaultdict(list)
    for one in wanted:
        if not _CENTURY[0] < one.until < _CENTURY[1]:
            raise Malformed(f"{one.until} is no moment at which a module can close.")
        alike[_module(call, one.module), one.until, one.reason].append(one.person)
    with service.database.writing() as connection:
        for (module, until, reason), ids in alike.items():
            found = [people.find(connection, id) for id in ids]
            if missing := [id for id, it in zip(ids, found, strict=True) if it is None]:
                raise NotThere(", ".join(missing))
            changed += len(
                schedule.extend(
                    connection,
                    service.course.programme,
                    [person for person in found if person is not None],
                    module,
                    until=until,
                    reason=reason,
                    by=call.person.id,
                    at=service.clock(),
                )
            )
    return wire.Done(changed=changed)


def extensions(call: Call) -> list[wire.Extension]:
    with call.service.database.reading() as connection:
        found = schedule.given(connection)
    return [
        wire.Extension(person=one.person, module=one.module, until=one.until, reason=one.reason)
        for one in found
    ]


def advance(call: Call) -> list[wire.Progress]:
    module, course = _module(call), call.service.course
    with call.service.database.reading() as connection:
        everybody = people.listing(connection)
        known = progress.standings(connection, course, everybody)
    cohorts = {person.id: person.cohort for person in everybody}
    return [
        wire.Progress(
            participant=one.person,
            cohort=cohorts[one.person],
            exercises=one.exercises,
            begun=one.begun,
            finished=one.finished,
            last=one.last,
            submissions=one.submissions,
            submitted=one.submitted,
            late=one.late,
            feedback=one.feedback,
        )
        for one in known
        if one.module == module
    ]


def totals(call: Call) -> list[wire.Total]:
    with call.service.database.reading() as connection:
        everybody = people.listing(connection)
        known = progress.standings(connection, call.service.course, everybody)
    return [
        wire.Total(**{name: getattr(one, name) for name in wire.Total.__struct_fields__})
        for one in progress.totals(everybody, known)
    ]


def _module(call: Call, named: str = "") -> str:
    module = named or call.place["module"]
    if module not in [plan.id for plan in call.service.course.programme.modules]:
        raise NotThere(module)
    return module


def _staff(method: Any, path: str, does: Any, summary: str, gives: Any, **more: Any) -> Operation:
    more = {"roles": RUNNING, **more}
    return Operation(
        method=method, path=f"staff/{path}", does=does, summary=summary, gives=gives, **more
    )


OPERATIONS = (
    _staff(
        "put",
        "modules/{module}/release",
        release,
        "Let participants have a module",
        wire.Done,
        roles=TEACHING,
        refuses=(409,),
    ),
    _staff(
        "delete",
        "modules/{module}/release",
        unrelease,
        "Take a module back; what participants have done stays",
        wire.Done,
        roles=TEACHING,
    ),
    _staff(
        "get",
        "modules/{module}/submissions",
        handed_in,
        "Every submission of a module, the newest first",
        list[wire.Handed],
        roles=TEACHING,
    ),
    _staff(
        "get",
        "submissions/{id}",
        bundle,
        "One submission with everything in it",
        wire.Bundle,
        roles=TEACHING,
    ),
    _staff(
        "put",
        "submissions/{id}/feedback/{notebook}",
        publish,
        "Give a page of feedback back to its owner",
        wire.Done,
        roles=TEACHING,
        takes="text/html",
        limit=FEEDBACK_LIMIT,
    ),
    _staff(
        "get",
        "modules/{module}/progress",
        advance,
        "How far every participant has come in a module",
        list[wire.Progress],
        roles=TEACHING,
    ),
    _staff(
        "get",
        "totals",
        totals,
        "How far the cohorts have come, without anything that tells of a few",
        list[wire.Total],
        roles=("pimpinan", *TEACHING),
    ),
    _staff(
        "get",
        "extensions",
        extensions,
        "Every extension that was given",
        list[wire.Extension],
        roles=TEACHING,
    ),
    _staff(
        "put",
        "extensions",
        extend,
        "Give participants deadlines of their own, all or none",
        wire.Done,
        takes=list[wire.Extension],
        refuses=(409,),
    ),
)
