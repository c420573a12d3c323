"""A mediation as static HTML, for markers, feedback and print: no script, everything escaped."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pamong.catalogue import messages
from pamong.kinds import prose
from pamong.kinds.mediation.case import Brief
from pamong.kinds.mediation.play import Attempt, State
from pamong.kinds.mediation.screen import lines
from pamong.kinds.prose import escape


def render(brief: Brief, state: State) -> str:
    """The attempt that counts: outcome, text of the agreement, notes, talk, and the debrief."""
    say = messages("mediation")
    attempt = state.counted
    if attempt is None:
        return prose.article(brief.title, _paragraph(say("render.untouched")))
    parts = [_paragraph(say("render.attempt", number=attempt.number))] if brief.attempts > 1 else []
    parts.append(_heading(say("render.outcome")))
    parts.append(_paragraph(say(f"ui.ending.{attempt.ending or 'open'}")))
    parts += [*_draft(brief, attempt), *_notes(brief, attempt), _talk(brief, attempt)]
    return prose.article(brief.title, *parts, *_debrief(attempt))


def _draft(brief: Brief, attempt: Attempt) -> Iterator[str]:
    if attempt.draft is None:
        return
    say = messages("mediation")
    caption = say("render.agreement" if attempt.agreed else "render.draft")
    rows = (
        (issue.label, issue.options[index].text)
        for issue, index in zip(brief.issues, attempt.draft, strict=True)
    )
    yield prose.table(caption, (say("render.issue"), say("render.clause")), rows)


def _notes(brief: Brief, attempt: Attempt) -> Iterator[str]:
    if not attempt.facts:
        return
    say = messages("mediation")
    names = _names(brief)
    rows = (
        (names[fact.party], fact.label, say("ui.secret") if fact.confidential else "")
        for fact in attempt.facts
    )
    head = (say("render.party"), say("render.interest"), say("render.note"))
    yield prose.table(say("render.notes"), head, rows)


def _talk(brief: Brief, attempt: Attempt) -> str:
    say = messages("mediation")
    names = _names(brief)
    rows = []
    for turn in attempt.turns:
        for line in lines(brief, attempt, turn):
            mine = say("render.me") if line["who"] == "me" else ""
            rows.append((names.get(line.get("by", ""), mine), line["text"]))
    return prose.table(say("render.talk"), (say("render.speaker"), say("render.said")), rows)


def _debrief(attempt: Attempt) -> list[str]:
    content: Any = attempt.debrief
    if not content:
        return []
    told = content.get("paragraphs")
    texts = [content.get("headline"), *(told if isinstance(told, list | tuple) else [])]
    found = [_paragraph(text) for text in texts if isinstance(text, str)]
    return [_heading(messages("mediation")("render.debrief")), *found]


def _names(brief: Brief) -> dict[str, str]:
    return {party.id: party.name for party in brief.parties}


def _heading(text: str) -> str:
    return f"<h4>{escape(text)}</h4>"


def _paragraph(text: str) -> str:
    return f"<p>{escape(text)}</p>"
