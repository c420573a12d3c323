"""What one replayed answer log says for statistics: answers, decisions, time at work, quality.

Pure: an exercise, its state and its events in, plain facts out. Nothing here decides what may be read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any

from pamong.course import Exercise
from pamong.event import Event
from pamong.kind import Brief
from pamong.kinds import prose
from pamong.reports.facts import Opinion, Question, Story
from pamong.score import Context

PAUSE = 5.0
"""Minutes without an event after which somebody counts as away; longer gaps count as this long."""
EVALUATION = "evaluasi"
"""How the id of an exercise begins in which participants judge the programme."""
_QUALITY = frozenset({"plan", "coalition", "mediation", "matrix"})
"""Kinds whose score is made of parts that mean the same for everybody."""
STEM = 240
"""Characters of a question that a report quotes."""


def minutes(events: Sequence[Event]) -> float:
    """Time at work: the gaps between events, each at most PAUSE; 0 where clocks cannot be read."""
    try:
        moments = [datetime.fromisoformat(event.at) for event in events]
        gaps = [(b - a).total_seconds() / 60 for a, b in pairwise(moments)]
    except (ValueError, TypeError, OverflowError):
        return 0.0
    return round(sum(min(max(gap, 0.0), PAUSE) for gap in gaps), 2)


def answers(source: Exercise, state: Any) -> Mapping[str, str]:
    """The options that were chosen in a multiple choice."""
    if source.kind.name != "choice":
        return {}
    return dict(source.kind.answers(source.brief, state))


def steps(source: Exercise, state: Any) -> tuple[tuple[tuple[str, str], ...], str]:
    """The decisions of a graded branching case in their order, and its ending (empty before)."""
    if source.kind.name != "branching" or source.brief.use != "graded" or state.counted is None:
        return (), ""
    attempt = state.counted
    pairs = zip(attempt.scenes, attempt.choices, strict=False)
    taken = tuple((scene.node, choice.option) for scene, choice in pairs)
    return taken, source.kind.ending(source.brief, state)


def parts(source: Exercise, state: Any) -> Mapping[str, float]:
    """The parts of a graded score by their labels, where it stands alone and is finished."""
    kind, brief = source.kind, source.brief
    if kind.name not in _QUALITY or brief.use != "graded" or not state.finished:
        return {}
    if kind.needs(brief) or source.key is None:
        return {}
    found = kind.score(brief, source.key, state, Context())
    return {part.label: round(part.value, 4) for part in found.parts if part.weight > 0}


def questions(module: str, source: Exercise) -> Iterator[Question]:
    """The items of a graded multiple choice with their keys."""
    if source.kind.name != "choice" or source.brief.use != "graded":
        return
    brief: Any = source.brief
    key: Any = source.key
    for item in brief.items:
        yield Question(
            module=module,
            form=brief.id,
            id=item.id,
            stem=prose.excerpt(item.stem, STEM),
            options=tuple((option.id, option.text) for option in item.options),
            correct=tuple(key.items[item.id].correct),
        )


def story(module: str, source: Exercise) -> Story | None:
    """The titles of a graded branching case; None for anything else."""
    if source.kind.name != "branching" or source.brief.use != "graded":
        return None
    key: Any = source.key
    return Story(
        module=module,
        exercise=source.brief.id,
        title=source.brief.title,
        situations={name: node.title for name, node in key.nodes.items()},
        options={
            f"{name}.{option.id}": option.text
            for name, node in key.nodes.items()
            for option in node.options
        },
        endings={name: ending.title for name, ending in key.endings.items()},
    )


def judges_the_programme(brief: Brief) -> bool:
    """Whether reports gather the answers without names, whatever the exercise's visibility."""
    return brief.kind == "canvas" and brief.id.startswith(EVALUATION)


def opinions(module: str, cohort: str, source: Exercise, state: Any) -> Iterator[Opinion]:
    """The answers of a finished evaluation, without anything that says whose they are."""
    if not judges_the_programme(source.brief):
        return
    brief: Any = source.brief
    if not state.finished:
        return
    for stage in brief.stages:
        cells = state.cells(stage.id)
        for field in stage.fields:
            value = cells.get(field.id)
            if isinstance(value, str | int | float) and value != "":
                yield _opinion(module, cohort, stage.title, field, value)


def _opinion(module: str, cohort: str, group: str, field: Any, value: Any) -> Opinion:
    offered = [option.id for option in field.options]
    texts = {option.id: option.text for option in field.options}
    place, count = -1, 0
    if field.type == "rating":
        place, count = int(value) - 1, 5
    elif value in offered:
        place, count = offered.index(value), len(offered)
    answer = value if isinstance(value, str) else f"{value:g}"
    return Opinion(
        module=module,
        cohort=cohort,
        group=group,
        question=field.label,
        answer=texts.get(answer, answer),
        place=place,
        offered=count,
    )
