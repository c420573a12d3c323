"""A negotiation as static HTML, for markers, feedback and print: no script, everything escaped."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pamong.bargaining import Package
from pamong.catalogue import messages
from pamong.kinds import prose
from pamong.kinds.negotiation import plot
from pamong.kinds.negotiation.case import Brief, own_side
from pamong.kinds.negotiation.play import Attempt, Move, State
from pamong.kinds.prose import escape


def render(brief: Brief, state: State) -> str:
    """The attempt that counts: preparation, talk, terms, and the debrief where there is one."""
    say = messages("negotiation")
    attempt = state.counted
    if attempt is None:
        return prose.article(brief.title, _paragraph(say("render.untouched")))
    parts = [_paragraph(say("render.attempt", number=attempt.number))] if brief.attempts > 1 else []
    parts += [_outcome(brief, attempt), _preparation(brief, attempt), _course(brief, attempt)]
    parts += [_paragraph(text) for text in _afterwards(brief, attempt)]
    parts += _debrief(attempt)
    return prose.article(brief.title, *parts)


def _outcome(brief: Brief, attempt: Attempt) -> str:
    say = messages("negotiation")
    head = _heading(say("render.outcome"))
    if attempt.deal is None:
        return head + _paragraph(say(f"render.{attempt.ending or 'open'}"))
    own = own_side(brief)
    value = own.total(attempt.deal)
    result = say("render.deal", own=value, maximum=own.maximum, floor=own.floor)
    terms = prose.table(
        say("render.terms"),
        (say("render.issue"), say("render.option"), say("render.points")),
        (
            (issue.label, issue.options[index].label, str(brief.points[issue.id][index]))
            for issue, index in zip(brief.issues, attempt.deal, strict=True)
        ),
    )
    return head + _paragraph(result) + terms


def _preparation(brief: Brief, attempt: Attempt) -> str:
    say = messages("negotiation")
    prepared = attempt.preparation
    if prepared is None:
        return ""
    text = say(
        "render.prepared",
        floor=prepared.floor,
        target=prepared.target,
        priorities=_labels(brief, prepared.priorities),
        zone=say("render.zone_yes" if prepared.expects_zone else "render.zone_no"),
    )
    return _heading(say("render.preparation")) + _paragraph(text)


def _course(brief: Brief, attempt: Attempt) -> str:
    say = messages("negotiation")
    if not attempt.moves:
        return ""
    head = (say("render.speaker"), say("render.said"), say("render.points"))
    return prose.table(say("render.course"), head, _rows(brief, attempt))


def _rows(brief: Brief, attempt: Attempt) -> Iterator[tuple[str, str, str]]:
    say = messages("negotiation")
    own = own_side(brief)
    for move in attempt.moves:
        mine = move.who == "participant"
        speaker = say("render.me") if mine else brief.counterpart.name
        points = "" if move.package is None else str(own.total(move.package))
        yield speaker, _told(brief, move), points


def _told(brief: Brief, move: Move) -> str:
    say = messages("negotiation")
    if move.who == "counterpart":
        terms = f" {say('render.offer', package=_terms(brief, move.package))}"
        return move.text + (terms if move.package else "")
    if move.act == "greet":
        return next(it.text for it in brief.openings if it.id == move.subject)
    if move.act == "argue":
        return say("render.argue", text=_argument(brief, move.subject))
    if move.act == "offer":
        return say("render.offer", package=_terms(brief, move.package))
    return say(f"render.{move.act}", issue=_labels(brief, (move.subject,)) if move.subject else "")


def _afterwards(brief: Brief, attempt: Attempt) -> Iterator[str]:
    say = messages("negotiation")
    if attempt.ranking:
        yield say("render.ranking", issues=_labels(brief, attempt.ranking))
    if attempt.closing:
        text = next(it.text for it in brief.closings if it.id == attempt.closing)
        yield say("render.closing", text=text)


def _debrief(attempt: Attempt) -> list[str]:
    content: Any = attempt.debrief
    if not content:
        return []
    say = messages("negotiation")
    texts = [content.get("headline"), *_texts(content.get("paragraphs"))]
    told = [_paragraph(text) for text in texts if isinstance(text, str)]
    return [_heading(say("render.debrief")), *told, plot.svg(content)]


def _texts(value: object) -> list[object]:
    return list(value) if isinstance(value, list | tuple) else []


def _terms(brief: Brief, package: Package | None) -> str:
    return "; ".join(
        f"{issue.label}: {issue.options[index].label}"
        for issue, index in zip(brief.issues, package or (), strict=bool(package))
    )


def _argument(brief: Brief, name: str) -> str:
    return next(it.text for it in brief.arguments if it.id == name)


def _labels(brief: Brief, ids: tuple[str, ...]) -> str:
    labels = {issue.id: issue.label for issue in brief.issues}
    return ", ".join(labels[it] for it in ids)


def _heading(text: str) -> str:
    return f"<h4>{escape(text)}</h4>"


def _paragraph(text: str) -> str:
    return f"<p>{escape(text)}</p>"
