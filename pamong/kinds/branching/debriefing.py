"""What the participant learns once the case is over: what each decision cost, and what would have served."""

from __future__ import annotations

from typing import Any

from pamong.catalogue import messages
from pamong.kinds.branching.appraisal import Appraisal, appraise, best_course
from pamong.kinds.branching.case import Brief, Key
from pamong.kinds.branching.graph import Place, option_of
from pamong.kinds.branching.play import Attempt
from pamong.kinds.branching.scoring import caps, told


def debrief(brief: Brief, key: Key, attempt: Attempt) -> dict[str, Any]:
    """The content of the debrief event.

    The best course is told only where the next attempt is none or another variant: a participant
    who may try the same case again learns which decision to think over, not what to choose.
    """
    found = appraise(brief, key, attempt)
    open_to_all = attempt.number >= brief.attempts or len(key.variants) > 1
    return {
        "headline": _headline(found),
        "paragraphs": _paragraphs(key, found, last=attempt.number >= brief.attempts),
        "caps": [it.reason for it in caps(brief, key, found)],
        "decisions": [
            {
                "number": it.number,
                "title": key.nodes[it.place.node].title,
                "choice": option_of(key, it.place.node, it.option).text,
                "points": it.points,
                "text": told(key, it),
            }
            for it in found.decisions
        ],
        "costliest": found.costliest.number if found.costliest else 0,
        "course": _course(key, found) if open_to_all else None,
        "principles": _principles(key, found),
    }


def _headline(found: Appraisal) -> str:
    say = messages("branching")
    if not found.is_clean:
        return say("debrief.unclean")
    for bar, entry in ((0.999, "best"), (0.75, "good"), (0.4, "fair")):
        if found.value >= bar:
            return say(f"debrief.{entry}")
    return say("debrief.weak")


def _paragraphs(key: Key, found: Appraisal, *, last: bool) -> list[str]:
    say = messages("branching")
    costliest = found.costliest
    told_all = []
    if costliest is not None:
        title = key.nodes[costliest.place.node].title
        told_all.append(
            say("debrief.costliest", number=costliest.number, title=title, points=costliest.points)
        )
    if last and key.explain:
        told_all.append(key.explain)
    return told_all


def _course(key: Key, found: Appraisal) -> dict[str, Any]:
    """The best way on from the decision that cost most (from the start, where none did)."""
    costliest = found.costliest
    origin: Place = costliest.place if costliest else found.graph.origin
    steps = best_course(found.graph, origin)
    place = origin
    for _, option in steps:
        edge = next(it for it in found.graph.offered(place) if it.id == option)
        place = found.graph.after(place, edge)
    return {
        "from": costliest.number if costliest else 1,
        "steps": [
            {"title": key.nodes[node].title, "choice": option_of(key, node, option).text}
            for node, option in steps
        ],
        "ending": key.endings[place.node].title,
        "indicators": {
            it.id: value for it, value in zip(found.graph.indicators, place.values, strict=True)
        },
    }


def _principles(key: Key, found: Appraisal) -> list[dict[str, Any]]:
    """At which decisions each principle was honoured, and at which a better choice would have been."""
    kept: dict[str, list[int]] = {name: [] for name in key.principles}
    missed: dict[str, list[int]] = {name: [] for name in key.principles}
    for it in found.decisions:
        chosen = option_of(key, it.place.node, it.option).principles
        for name in chosen:
            kept[name].append(it.number)
        if it.points > 0 and it.best is not None:
            better = option_of(key, it.place.node, it.best.id).principles
            for name in (each for each in better if each not in chosen):
                missed[name].append(it.number)
    return [
        {"text": text, "kept": kept[name], "missed": missed[name]}
        for name, text in key.principles.items()
        if kept[name] or missed[name]
    ]
