"""What a host knows of a participant's modules, gathered so that one that is broken hides no other."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from pamong.dialogue import badge
from pamong.errors import LogError, PamongError
from pamong.event import Event
from pamong.kind import Brief
from pamong.light.host import Host, ModuleContent, NotOpen, NotThere
from pamong.light.progress import BROKEN, Known, Sent, Step, Trace, trace
from pamong.outbox import Outgoing
from pamong.outline import Spot, Text
from pamong.programme import ModulePlan
from pamong.receipt import Receipt

log = logging.getLogger(__name__)

_LIMIT = 50_000
_traces: dict[tuple[str, str, str, int, int, str], Trace] = {}
"""What logs of so many events, ending so, have told: they only grow, and replaying them takes longest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """Every module of the participant's programme in its order, and the exercises met in them."""

    modules: tuple[Known, ...]
    briefs: tuple[Brief, ...]


def survey(host: Host) -> Survey:
    """Look at all modules; raises nothing."""
    plans = host.enrolment.modules
    contents = [_content(host, plan.id) for plan in plans]
    known = zip(plans, contents, strict=True)
    return Survey(
        modules=tuple(_known(host, plan, content) for plan, content in known),
        briefs=tuple(_briefs(contents)),
    )


def briefs(host: Host) -> tuple[Brief, ...]:
    """The exercises that the participant meets in all modules that can be read."""
    return tuple(_briefs(_content(host, plan.id) for plan in host.enrolment.modules))


def _briefs(contents: Iterable[ModuleContent | NotThere | str]) -> Iterator[Brief]:
    for content in contents:
        if isinstance(content, ModuleContent):
            yield from (content.briefs[name] for name in dict.fromkeys(content.exercises))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Handed:
    """What is known of a module's submissions; ``unread`` receipts cannot be believed."""

    outbox: Outgoing | None = None
    receipts: tuple[Receipt, ...] = ()
    unread: int = 0
    graded: bool = False
    feedback: bool = False


def _handed(host: Host, module: str) -> _Handed:
    outbox = None
    try:
        outbox = host.outbox(module)
        outbox.settle()
        found = outbox.receipts()
        told = outbox.feedback() if found else ()
        unread = outbox.unread()
    except (PamongError, OSError) as error:
        log.warning("%s: %s", module, error)
        return _Handed(unread=_lost(outbox))
    return _Handed(
        outbox=outbox,
        receipts=found,
        unread=unread,
        graded=any(each.receipt == found[0] for each in told),
        feedback=bool(told),
    )


def _lost(outbox: Outgoing | None) -> int:
    """How many receipts there are, where something about them went wrong."""
    try:
        return outbox.unread() + len(outbox.receipts()) if outbox else 0
    except (PamongError, OSError):
        return 1


def _known(host: Host, plan: ModulePlan, content: ModuleContent | NotThere | str) -> Known:
    handed = _handed(host, plan.id)
    problems = ["problem.receipt"] if handed.unread else []
    steps: tuple[Step, ...] = ()
    traces: dict[str, Trace] = {}
    if isinstance(content, ModuleContent):
        steps = tuple(_steps(content))
        traces = {name: _trace(host, content, name) for name in content.exercises}
    elif content == "broken" or handed.receipts:
        problems.append(BROKEN)
    return Known(
        id=plan.id,
        title=plan.title,
        deadline=host.enrolment.deadline(plan.id),
        opens=content.opens if isinstance(content, NotOpen) else None,
        steps=steps,
        traces=traces,
        sent=_sent(host, plan.id, handed, traces),
        graded=handed.graded,
        feedback=handed.feedback,
        problems=tuple(problems),
    )


def _sent(host: Host, module: str, handed: _Handed, traces: Mapping[str, Trace]) -> Sent | None:
    """The newest submission, held against what is there now as the panel for handing in does."""
    if handed.outbox is None or not handed.receipts:
        return None
    newest = handed.receipts[0]
    events = {name: it.n for name, it in traces.items() if it.n or it.trouble != "damaged"}
    try:
        pages = host.pages(module)
    except (PamongError, OSError):  # what is gone is told as such
        pages = {}
    changed = handed.outbox.outdated(events, pages)
    return Sent(moment=newest.moment, code=newest.code, changed=changed)


def _content(host: Host, module: str) -> ModuleContent | NotThere | str:
    """The module, or the error where it is not there, or “broken” where it cannot be read."""
    try:
        return host.module(module)
    except NotThere as error:
        return error
    except (PamongError, OSError, ValueError) as error:
        log.warning("%s: %s", module, error)
        return "broken"


def _steps(content: ModuleContent) -> Iterator[Step]:
    seen: set[str] = set()
    for piece in content.pieces:
        match piece:
            case Text(part=part, minutes=minutes) if minutes:
                yield Step(part=part, minutes=minutes)
            case Spot(part=part, exercise=exercise) if exercise not in seen:
                seen.add(exercise)
                brief = content.briefs[exercise]
                yield Step(
                    part=part,
                    minutes=brief.minutes,
                    exercise=exercise,
                    title=brief.title,
                    badge=badge(brief, counts=exercise not in content.uncounted),
                )


def _trace(host: Host, content: ModuleContent, exercise: str) -> Trace:
    brief = content.briefs[exercise]
    try:
        events = host.store(content.id).read(exercise)
        if not events:
            return Trace()
        last = events[-1]
        key = (host.enrolment.participant, content.id, exercise, brief.version, last.n, last.id)
        return _traces.get(key) or _told(key, brief, events)
    except (LogError, OSError) as error:
        log.warning("%s: %s", exercise, error)
        return Trace(trouble="damaged")


def _told(
    key: tuple[str, str, str, int, int, str], brief: Brief, events: tuple[Event, ...]
) -> Trace:
    if len(_traces) >= _LIMIT:
        _traces.clear()
    found = _traces[key] = trace(brief, events)
    return found
