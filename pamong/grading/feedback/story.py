"""What somebody did in one exercise and what it led to, from a state that was replayed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from markupsafe import Markup
from msgspec.structs import replace

from pamong.course import Exercise
from pamong.grading.feedback.page import NOTHING, Decision, Story
from pamong.kinds.branching.play import Attempt
from pamong.kinds.negotiation import plot


def story(played: Exercise, state: Any) -> Story:
    """The story of a state; what a log may hold besides texts and numbers is left out."""
    attempt = getattr(state, "counted", None)
    told = getattr(attempt, "debrief", None)
    debrief: Mapping[str, Any] = told if isinstance(told, Mapping) else {}
    case = attempt if isinstance(attempt, Attempt) else None
    ending = case.outcome if case else None
    return Story(
        record=_record(played, state),
        attempt=attempt.number if attempt is not None else 0,
        attempts=played.brief.attempts,
        path=tuple(_path(case, debrief)) if case else (),
        ending=ending.title if ending else "",
        led=(*((ending.text,) if ending else ()), *_texts(debrief)),
        plot=_plot(debrief) if played.kind.name == "negotiation" else NOTHING,
        lesson=_lesson(debrief),
    )


def _record(played: Exercise, state: Any) -> Markup:
    """All of it as the kind renders it, without the debrief, which the page tells by itself."""
    if any(getattr(each, "debrief", None) for each in getattr(state, "attempts", ())):
        state = replace(state, attempts=tuple(replace(it, debrief=None) for it in state.attempts))
    return Markup(played.kind.render(played.brief, state))  # noqa: S704  # kinds escape what they show


def _path(attempt: Attempt, debrief: Mapping[str, Any]) -> Iterator[Decision]:
    """The choices in order; what each led to was told with the next situation, or with the ending."""
    led = [scene.consequence for scene in attempt.scenes[1:]]
    led += [attempt.outcome.consequence] if attempt.outcome else []
    led += [""] * (len(attempt.choices) - len(led))
    costs = _costs(debrief)
    pairs = zip(attempt.scenes, attempt.choices, led, strict=False)
    for number, (scene, choice, consequence) in enumerate(pairs, 1):
        yield Decision(
            title=scene.title,
            choice=scene.options[choice.option],
            reason=choice.reason,
            led=consequence,
            cost=costs.get(number),
        )


def _costs(debrief: Mapping[str, Any]) -> dict[int, int]:
    found = {}
    for each in _list(debrief.get("decisions")):
        number, points = (each.get(name) for name in ("number", "points")) if _is(each) else (0, 0)
        if type(number) is int and type(points) is int and 0 <= points <= 100:
            found[number] = points
    return found


def _texts(debrief: Mapping[str, Any]) -> Iterator[str]:
    """The headline and the paragraphs of a debrief."""
    for each in (debrief.get("headline"), *_list(debrief.get("paragraphs"))):
        if isinstance(each, str) and each.strip():
            yield each.strip()


def _plot(debrief: Mapping[str, Any]) -> Markup:
    return Markup(plot.svg(debrief)) if debrief else NOTHING  # noqa: S704  # numbers and our own words


def _lesson(debrief: Mapping[str, Any]) -> str:
    """The principle that was missed most often."""
    missed = {
        each["text"]: len(_list(each.get("missed")))
        for each in _list(debrief.get("principles"))
        if _is(each) and isinstance(each.get("text"), str)
    }
    most = max(missed, key=missed.__getitem__, default="")
    return most if missed.get(most) else ""


def _is(value: object) -> bool:
    return isinstance(value, Mapping)


def _list(value: object) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else []
