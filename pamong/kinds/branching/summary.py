"""A branching case as static HTML, for markers, feedback and print: no script, everything escaped."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pamong.catalogue import messages
from pamong.kinds import prose
from pamong.kinds.branching.case import Brief
from pamong.kinds.branching.play import Attempt, State
from pamong.kinds.branching.screen import values
from pamong.kinds.prose import escape


def render(brief: Brief, state: State) -> str:
    """The attempt that counts: every decision with its reason, the indicators, the ending, the debrief."""
    say = messages("branching")
    attempt = state.counted
    if attempt is None:
        return prose.article(brief.title, _paragraph(say("render.untouched")))
    parts = [_paragraph(say("render.attempt", number=attempt.number))] if brief.attempts > 1 else []
    parts += [_path(attempt), _indicators(brief, attempt), _ending(attempt)]
    return prose.article(brief.title, *parts, *_debrief(attempt.debrief))


def _path(attempt: Attempt) -> str:
    say = messages("branching")
    rows = [
        (scene.title, scene.options[choice.option], choice.reason)
        for scene, choice in zip(attempt.scenes, attempt.choices, strict=False)
    ]
    if not rows:
        return _paragraph(say("render.no_choice"))
    head = (say("ui.situation"), say("ui.choice"), say("ui.reason"))
    return prose.table(say("render.path"), head, rows)


def _indicators(brief: Brief, attempt: Attempt) -> str:
    say, passed = messages("branching"), values(attempt)
    if not passed:
        return ""
    head = (
        say("ui.indicator"),
        say("ui.at_start"),
        *(say("ui.after", number=number) for number in range(1, len(passed))),
    )
    rows = [(it.label, *(str(point[it.id]) for point in passed)) for it in brief.indicators]
    return prose.table(say("ui.indicators"), head, rows)


def _ending(attempt: Attempt) -> str:
    if attempt.outcome is None:
        return _paragraph(messages("branching")("render.unfinished"))
    return f"<h4>{escape(attempt.outcome.title)}</h4>" + prose.paragraphs(attempt.outcome.text)


def _debrief(content: Mapping[str, Any] | None) -> list[str]:
    """The debrief as far as it is texts; whatever else a log holds is left out."""
    if not content:
        return []
    told = [content.get("headline"), *_list(content.get("paragraphs")), *_list(content.get("caps"))]
    told += [it.get("text") for it in _list(content.get("decisions")) if isinstance(it, Mapping)]
    head = f"<h4>{escape(messages('branching')('ui.debrief'))}</h4>"
    return [head, *(_paragraph(text) for text in told if isinstance(text, str))]


def _list(value: object) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else []


def _paragraph(text: str) -> str:
    return f"<p>{escape(text)}</p>"
