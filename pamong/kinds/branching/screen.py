"""What the browser draws, and what is still to be done."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pamong.catalogue import messages
from pamong.kinds.branching.case import Brief
from pamong.kinds.branching.play import Attempt, Outcome, Scene, State


def view(brief: Brief, state: State) -> dict[str, Any]:
    """JSON for the page: what was shown and chosen so far, never what is still to come."""
    attempt = state.current or Attempt(number=1, variant="")
    start = {it.id: it.start for it in brief.indicators}
    passed = values(attempt) or [start]
    return {
        "phase": attempt.phase,
        "attempt": attempt.number,
        "attempts": brief.attempts,
        "waiting": attempt.waiting,
        "number": len(attempt.scenes),
        "scene": _scene(attempt),
        "outcome": _outcome(attempt.outcome),
        "consequence": consequence(attempt),
        "indicators": dict(passed[-1]),
        "before": dict(passed[-2]) if len(passed) > 1 else None,
        "path": [
            {
                "title": scene.title,
                "choice": scene.options[choice.option],
                "reason": choice.reason,
            }
            for scene, choice in zip(attempt.scenes, attempt.choices, strict=False)
        ],
        "course": [dict(it) for it in passed],
        "debrief": attempt.debrief,
    }


def values(attempt: Attempt) -> list[Mapping[str, int]]:
    """The indicators at the start and after each choice whose consequence is known."""
    shown = [scene.values for scene in attempt.scenes]
    return [*shown, attempt.outcome.values] if attempt.outcome else shown


def consequence(attempt: Attempt) -> str:
    """What the latest choice led to; empty before the first."""
    if attempt.outcome is not None:
        return attempt.outcome.consequence
    return attempt.scenes[-1].consequence if attempt.scenes else ""


def missing(brief: Brief, state: State) -> tuple[str, ...]:  # noqa: ARG001  # the contract of a kind
    """What the attempt under way still lacks."""
    attempt = state.current
    if attempt is not None and attempt.outcome is not None:
        return ()
    begun = attempt is not None and attempt.begun
    return (messages("branching")("missing.ending" if begun else "missing.begin"),)


def _scene(attempt: Attempt) -> dict[str, Any] | None:
    if not attempt.scenes or attempt.outcome is not None:
        return None
    scene: Scene = attempt.scenes[-1]
    return {
        "node": scene.node,
        "title": scene.title,
        "text": scene.text,
        "options": [{"id": id, "text": text} for id, text in scene.options.items()],
        "closed": [{"text": text, "why": why} for text, why in scene.closed],
    }


def _outcome(outcome: Outcome | None) -> dict[str, Any] | None:
    if outcome is None:
        return None
    return {"ending": outcome.ending, "title": outcome.title, "text": outcome.text}
