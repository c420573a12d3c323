"""A participant's own good-practice canvas as the draft of a card; nothing leaves it without them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from pamong.errors import PamongError
from pamong.event import Event
from pamong.kind import replay
from pamong.kinds import KINDS
from pamong.kinds.canvas import case, sheet
from pamong.light.host import Host
from pamong.service.board.text import Draft, cleaned

KIND = "canvas"
STORY = ("situasi", "tindakan", "hasil", "pelajaran")
"""Fields by which a canvas is one of a good practice."""
CONDITION, INSTEAD = "syarat", "pengganti"
"""The columns of what has to be there before others can do the same, and what would do instead."""
SHARING, UNNAMED, NEVER = "berbagi", "tanpa", "tidak"
"""The field that says whether to share, and two of its values."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What stands on the canvas of one module."""

    module: str
    title: str
    draft: Draft


def sources(host: Host) -> tuple[Source, ...]:
    """The canvases in which a participant has told a good practice and has not said to keep it.

    A module that cannot be read offers none.
    """
    found: list[Source] = []
    for plan in host.enrolment.modules:
        with suppress(PamongError, OSError):
            found += _of_module(host, plan.id, plan.title)
    return tuple(found)


def source(host: Host, module: str) -> Source | None:
    """The first canvas of one module; None where there is none to take over."""
    plan = host.enrolment.plan(module)
    if plan is None:
        return None
    with suppress(PamongError, OSError):
        return next(_of_module(host, plan.id, plan.title), None)
    return None


def draft(brief: case.Brief, events: tuple[Event, ...], module: str) -> Draft | None:
    """What a log tells; None where that is nothing, or sharing was refused."""
    state = replay(KINDS[KIND], brief, events)
    cells = {id: value for stage in brief.stages for id, value in state.cells(stage.id).items()}
    body = {name: cleaned(str(cells.get(name, ""))) for name in STORY}
    if cells.get(SHARING) == NEVER or not any(body.values()):
        return None
    lines = [line for stage in brief.stages for line in _conditions(state, stage)]
    return Draft(
        sort="praktik",
        body=body | {CONDITION: "\n".join(lines)},
        component=module,
        anonymous=cells.get(SHARING) == UNNAMED,
    )


def _of_module(host: Host, module: str, title: str) -> Iterator[Source]:
    content, store = host.module(module), host.store(module)
    for name in dict.fromkeys(content.exercises):
        brief = content.briefs[name]
        if not (isinstance(brief, case.Brief) and _tells(brief)):
            continue
        taken = draft(brief, store.read(name), module)
        if taken:
            yield Source(module=module, title=title, draft=taken)


def _tells(brief: case.Brief) -> bool:
    return {each.id for stage in brief.stages for each in stage.fields} >= set(STORY)


def _conditions(state: sheet.State, stage: case.Stage) -> Iterator[str]:
    for row in sheet.used(state, stage).values():
        wanted = cleaned(str(row.cells.get(CONDITION, "")))
        instead = cleaned(str(row.cells.get(INSTEAD, "")))
        if wanted:
            yield f"- {wanted}" + (f" ({instead})" if instead else "")
