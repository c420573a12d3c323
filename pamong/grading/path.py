"""What happened in an exercise, one readable line for each event, with the words of its brief."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from pamong.event import Event
from pamong.kind import Brief

LENGTH = 400
"""Characters of an event's content that are told."""
GLOSS = 60
"""Characters of what an id stands for."""
_WORDS = ("text", "label", "title", "name", "stem", "situation", "statement")
"""Fields of a brief's things that say what their id stands for; the first one there counts."""
_SAID = ("text", "headline", "lines")
"""Parts of an event that come first, since they are what a person reads."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One event: ``day`` and ``at`` in the programme's zone, ``text`` its content in one line.

    ``fault`` is set on the event at which judging stopped.
    """

    n: int
    day: str
    at: str
    attempt: int
    who: str
    act: str
    text: str
    fault: bool = False


def steps(
    brief: Brief, events: Sequence[Event], *, zone: str, fault: int = 0, open_to_marker: bool = True
) -> tuple[Step, ...]:
    """The events of one log; without their content where a marker may not see it. Never raises."""
    glossary, offered = _glossary(brief), dict[str, str]()
    told = []
    for event in events:
        offered |= dict(_options(event.data))
        day, at = _local(event.at, zone)
        told.append(
            Step(
                n=event.n,
                day=day,
                at=at,
                attempt=event.attempt,
                who=event.who,
                act=printable(event.act),
                text=_text(brief, event.data, glossary, offered) if open_to_marker else "",
                fault=event.n == fault,
            )
        )
    return tuple(told)


def printable(text: str) -> str:
    """``text`` in one line, without anything that could act on a terminal."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def shortened(text: str, length: int) -> str:
    """``text`` in at most so many characters."""
    return text if len(text) <= length else text[: max(0, length - 1)].rstrip() + "…"


def _local(at: str, zone: str) -> tuple[str, str]:
    try:
        moment = datetime.fromisoformat(at)
        local = moment.astimezone(ZoneInfo(zone)) if moment.tzinfo else moment
    except (ValueError, OverflowError):
        return "", shortened(printable(at), 8)
    return f"{local:%Y-%m-%d %Z}".strip(), f"{local:%H:%M:%S}"


def _text(
    brief: Brief,
    data: Mapping[str, Any],
    glossary: Mapping[str, str],
    offered: Mapping[str, str],
) -> str:
    """The content as ``name=value``, each id with what it stands for in the things that it names."""
    things = _things(brief)
    near: dict[str, str] = {}
    for value in data.values():
        if isinstance(value, str) and value in things:
            near |= _glossary(things[value])
    words = {**glossary, **near, **offered}
    said = [_value(data[name], words, 1) for name in _SAID if name in data]
    rest = [f"{printable(k)}={_value(v, words)}" for k, v in data.items() if k not in _SAID]
    return shortened(" ".join(said + rest), LENGTH)


def _value(value: Any, glossary: Mapping[str, str], depth: int = 0) -> str:
    match value:
        case str():
            text = printable(value[: 2 * LENGTH])
            if value in glossary:
                return f"{text} “{glossary[value]}”" if not depth else text
            return f"“{text}”" if " " in text or not text else text
        case bool() | None:
            return {True: "yes", False: "no", None: "–"}[value]
        case int() | float():
            return _number(value)
        case Mapping() if depth < 3:
            inner = (
                f"{printable(str(k))}: {_value(v, glossary, depth + 1)}" for k, v in value.items()
            )
            return "{" + ", ".join(inner) + "}"
        case list() if depth < 3:
            alone = depth if len(value) == 1 else depth + 1
            inner = (_value(each, glossary, alone) for each in value)
            return f"[{', '.join(inner)}]" if depth else ", ".join(inner) or "–"
        case _:
            return "…"


def _number(value: float) -> str:
    try:
        return f"{float(value):g}" if abs(value) < 10**15 else f"{float(value):.3e}"
    except OverflowError:
        return "a huge number"


def _glossary(thing: Any) -> dict[str, str]:
    """What each id in a thing stands for; ids that stand for several things are left out."""
    found: dict[str, str] = {}
    twice = set()
    for each in _walk(thing):
        id, words = each.id, _words(each)
        if words and found.setdefault(id, words) != words:
            twice.add(id)
    return {id: words for id, words in found.items() if id not in twice}


def _things(brief: Brief) -> dict[str, Any]:
    return {each.id: each for each in _walk(brief) if each is not brief}


def _walk(thing: Any) -> Iterator[Any]:
    """Every part of a brief that has an id."""
    if is_dataclass(thing) and not isinstance(thing, type):
        if isinstance(getattr(thing, "id", None), str):
            yield thing
        for field in fields(thing):
            yield from _walk(getattr(thing, field.name))
    elif isinstance(thing, Mapping):
        for inner in thing.values():
            yield from _walk(inner)
    elif isinstance(thing, list | tuple):
        for inner in thing:
            yield from _walk(inner)


def _words(thing: Any) -> str:
    texts = (getattr(thing, name, "") for name in _WORDS)
    found = next((text for text in texts if isinstance(text, str) and text.strip()), "")
    return shortened(printable(found), GLOSS)


def _options(data: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What a counterpart offers to choose from, as ids and texts."""
    offered = data.get("options")
    for each in offered if isinstance(offered, list) else ():
        if isinstance(each, Mapping) and isinstance(each.get("id"), str):
            words = each.get("text", each.get("label", ""))
            if isinstance(words, str):
                yield each["id"], shortened(printable(words), GLOSS)
