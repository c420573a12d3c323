"""What a participant's programs ask: modules and their files, messages, submissions, feedback."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from mimetypes import guess_type
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from pamong import wire
from pamong.catalogue import messages
from pamong.light.host import NotOpen, NotThere
from pamong.outbox import Outgoing
from pamong.portfolio import Portfolio, bare
from pamong.receipt import Receipt
from pamong.service import handover, schedule
from pamong.service.api.operation import Call, Document, Malformed, Operation
from pamong.service.tables import submissions

HANDIN_LIMIT = 16 * 1024 * 1024
"""Bytes of one submission as it is sent: all notebooks, as base64."""


def me(call: Call) -> wire.Me:
    programme, person = call.service.course.programme, call.person
    return wire.Me(
        id=person.id,
        name=person.name,
        role=person.role,
        office=person.office,
        cohort=person.cohort,
        course=programme.course_id,
        programme=programme.title,
        language=programme.language,
        zone=schedule.zone(programme, person),
    )


def modules(call: Call) -> list[wire.Module]:
    programme, person = call.service.course.programme, call.person
    query = (
        select(submissions.c.module, func.count())
        .where(submissions.c.person == person.id)
        .group_by(submissions.c.module)
    )
    with call.service.database.reading() as connection:
        released = handover.released(connection)
        windows = schedule.windows(connection, programme, person)
        counts: dict[str, int] = {row[0]: row[1] for row in connection.execute(query)}
    found = []
    for plan in programme.modules:
        window = _window(call, windows[plan.id])
        shown = plan.id in released and not _early(call, window.state)
        names = handover.files(call.service.course, plan.id) if shown else ()
        found.append(
            wire.Module(
                id=plan.id,
                title=plan.title,
                released=plan.id in released,
                notebooks=[name for name in names if name.endswith(".ipynb")],
                window=window,
                submissions=counts.get(plan.id, 0),
            )
        )
    return found


def files(call: Call) -> list[wire.FileInfo]:
    contents = {name: path.read_bytes() for name, path in _files(call).items()}
    return [
        wire.FileInfo(name=name, size=len(content), sha256=sha256(content).hexdigest())
        for name, content in contents.items()
    ]


def file(call: Call) -> Document:
    name = call.place["file"]
    path = _files(call).get(name)
    if path is None:
        raise NotThere(name)
    return Document(path.read_bytes(), guess_type(name)[0] or "application/octet-stream")


def message(call: Call) -> dict[str, Any]:
    dialogue = call.host().dialogue(call.place["module"], call.place["exercise"])
    answer = dialogue.receive(call.body)
    if answer is None:
        raise Malformed(messages("api")("message"))
    return answer


def events(call: Call) -> wire.Events:
    module, exercise = call.place["module"], call.place["exercise"]
    host = call.host()
    host.dialogue(module, exercise)  # NotThere where there is no such exercise
    there = host.store(module).read(exercise)
    shown = [
        wire.Event(**{name: getattr(event, name) for name in wire.Event.__struct_fields__})
        for event in there[call.since :]
    ]
    return wire.Events(n=len(there), events=shown)


def submit(call: Call) -> wire.Submission:
    host, module = call.host(), call.place["module"]
    handin: wire.Handin = call.body

    def read() -> Portfolio:
        found = host.portfolio(module)
        own = {name: bare(page, name) for name, page in handin.notebooks.items()}
        pages = {name: own.get(name, page) for name, page in found.pages.items()}
        return replace(found, files={**found.files, **pages})

    host.module(module)
    outbox = host.outbox(module)
    made = outbox.submit(read, statement=handin.statement, seen=handin.seen)
    return _submission(outbox, made, _feedback(call, module))


def own(call: Call) -> list[wire.Submission]:
    module = call.place["module"]
    outbox, pages = call.host().outbox(module), _feedback(call, module)
    return [_submission(outbox, made, pages) for made in outbox.receipts()]


def feedback(call: Call) -> Document:
    code, notebook = call.place["code"], call.place["notebook"]
    with call.service.database.reading() as connection:
        page = handover.page(connection, call.person.id, call.place["module"], code, notebook)
    if page is None:
        raise NotThere(notebook)
    return Document(page, "text/html; charset=utf-8")


def _files(call: Call) -> Mapping[str, Path]:
    """The files that this person may have of a module; NotOpen before it is released and opens."""
    module, service = call.place["module"], call.service
    if module not in [plan.id for plan in service.course.programme.modules]:
        raise NotThere(module)
    if call.person.role == "pimpinan":
        raise NotThere(module)
    with service.database.reading() as connection:
        released = module in handover.released(connection)
        window = schedule.window(connection, service.course.programme, call.person, module)
    if not released or _early(call, window.state(service.clock())):
        raise NotOpen(module)
    return handover.files(service.course, module)


def _early(call: Call, state: schedule.State) -> bool:
    """Whether a module is not yet for this person; those who teach it look at any time."""
    return call.person.role == "peserta" and state == "early"


def _window(call: Call, found: schedule.Window) -> wire.Window:
    state = found.state(call.service.clock())
    moment = found.opens if state == "early" else found.deadline
    when = schedule.told(call.service.course.programme, call.person, moment)
    return wire.Window(
        state=state,
        opens=_utc(found.opens),
        class_starts=_utc(found.class_starts),
        deadline=_utc(found.deadline),
        ends=_utc(found.ends),
        extended=found.until is not None,
        words=messages("api")(f"window.{state}" if when else "window.always", moment=when),
    )


def _utc(moment: datetime | None) -> datetime | None:
    return moment.astimezone(UTC) if moment else None


def _submission(
    outbox: Outgoing, made: Receipt, pages: Mapping[str, dict[str, str]]
) -> wire.Submission:
    proof = outbox.proof(made)
    return wire.Submission(
        code=made.code,
        moment=made.moment,
        content=made.content,
        late=made.late,
        statement=made.statement,
        receipt=made.canonical().decode(),
        proof=proof.text if proof else "",
        feedback=pages.get(made.code, {}),
    )


def _feedback(call: Call, module: str) -> Mapping[str, dict[str, str]]:
    """The hashes of this person's pages of feedback, by code and notebook."""
    with call.service.database.reading() as connection:
        handed = handover.handed_in(connection, module, call.person.id)
    return {each.code: each.feedback for each in handed}


OPERATIONS = (
    Operation(
        method="get",
        path="me",
        summary="Who asks, as the service knows them",
        does=me,
        gives=wire.Me,
    ),
    Operation(
        method="get",
        path="modules",
        summary="Every module of the programme, and when one may work on it",
        does=modules,
        gives=list[wire.Module],
    ),
    Operation(
        method="get",
        path="modules/{module}/files",
        summary="The released files of a module",
        does=files,
        gives=list[wire.FileInfo],
    ),
    Operation(
        method="get",
        path="modules/{module}/files/{file}",
        summary="One released file; its ETag changes with it",
        does=file,
        gives="application/octet-stream",
        refuses=(304,),
    ),
    Operation(
        method="post",
        path="modules/{module}/exercises/{exercise}/messages",
        summary="A message of a page to an exercise, and the answer: act, look or refresh",
        does=message,
        takes=dict[str, Any],
        gives=dict[str, Any],
        roles=("peserta",),
    ),
    Operation(
        method="get",
        path="modules/{module}/exercises/{exercise}/events",
        summary="One's own answer log, or what came after an event",
        does=events,
        gives=wire.Events,
        roles=("peserta",),
        since=True,
    ),
    Operation(
        method="post",
        path="modules/{module}/submissions",
        summary="Hand in a module: the notebooks given, the answer logs as the service has them",
        does=submit,
        takes=wire.Handin,
        gives=wire.Submission,
        roles=("peserta",),
        limit=HANDIN_LIMIT,
        refuses=(409,),
    ),
    Operation(
        method="get",
        path="modules/{module}/submissions",
        summary="One's own submissions with their receipts, the newest first",
        does=own,
        gives=list[wire.Submission],
        roles=("peserta",),
    ),
    Operation(
        method="get",
        path="modules/{module}/submissions/{code}/feedback/{notebook}",
        summary="The page of feedback on one's own submission",
        does=feedback,
        gives="text/html",
        roles=("peserta",),
        refuses=(304,),
    ),
)
