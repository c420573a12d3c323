"""What a page of feedback comes to: what went well, where points were left, and one thing to practise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pamong import locale
from pamong.catalogue import messages
from pamong.grading.feedback.page import Counsel, Section

STRONG = 0.7
"""The share of the points from which an exercise is named among the strong ones."""
WORTH = 0.05
"""Points below which nothing is said to have been left."""
_LEVELS = ((0.85, "high"), (0.7, "good"), (0.5, "middle"), (0.0, "start"))


def counsel(sections: Sequence[Section], practice: Mapping[str, str]) -> Counsel:
    """The counsel on what is marked; ``practice`` holds the title of a practice exercise by kind."""
    marked = [each for each in sections if each.score is not None and each.maximum]
    strong = sorted((it for it in marked if it.reached >= STRONG), key=_by_reach)[:2]
    left = sorted((it for it in marked if it.left >= WORTH), key=lambda it: -it.left)[:3]
    waiting = any(each.status == "waiting" for each in sections)
    return Counsel(
        headline=_headline(marked, waiting=waiting),
        strong=tuple(_strong(each) for each in strong),
        left=tuple(_left(each) for each in left),
        practise=_practise(left[0] if left else None, practice, waiting=waiting or not marked),
    )


def _by_reach(section: Section) -> tuple[float, float]:
    return -section.reached, -(section.maximum or 0.0)


def _headline(marked: Sequence[Section], *, waiting: bool) -> str:
    say, of = messages("feedback"), sum(each.maximum or 0.0 for each in marked)
    if all(each.status == "blank" for each in marked):
        return say("headline.waiting" if waiting else "headline.none")
    share = sum(each.score or 0.0 for each in marked) / of if of else 0.0
    return say(f"headline.{next(word for bar, word in _LEVELS if share >= bar)}")


def _strong(section: Section) -> str:
    return messages("feedback")("strong.line", **_figures(section))


def _left(section: Section) -> str:
    say, figures = messages("feedback"), _figures(section)
    if section.status == "blank":
        return say("left.blank", **figures)
    if section.missed:
        return say("left.parts", parts=locale.listing(section.missed), **figures)
    return say("left.line", **figures)


def rest(section: Section) -> str:
    """The points that this section could still have brought, and by what; empty where there were none."""
    if section.left < WORTH or not section.shares:
        return ""
    say, points = messages("feedback"), locale.decimal(section.left)
    if section.caps or not section.missed:
        return say("left.here", points=points)
    return say("left.here.parts", points=points, parts=locale.listing(section.missed))


def _figures(section: Section) -> dict[str, str]:
    return {
        "title": section.title,
        "score": locale.decimal(section.score or 0.0),
        "of": locale.decimal(section.maximum or 0.0),
        "points": locale.decimal(section.left),
    }


def _practise(dearest: Section | None, practice: Mapping[str, str], *, waiting: bool) -> str:
    """One thing: what the dearest part asks for, and where it can be tried again."""
    say = messages("feedback")
    if dearest is None:
        return say("practise.waiting" if waiting else "practise.none")
    if dearest.status == "blank":
        return say("practise.blank", title=dearest.title)
    told = _advice(dearest)
    if dearest.kind in practice:
        told += " " + say("practise.again", title=practice[dearest.kind])
    return told


def _advice(section: Section) -> str:
    say = messages("feedback")
    if section.story.lesson:
        return say("practise.principle", title=section.title, principle=section.story.lesson)
    part = max(section.shares, key=lambda each: each.left, default=None)
    name = part.name.rpartition(".")[2] if part else ""
    for key in (f"practise.{section.kind}.{name}", f"practise.{section.kind}"):
        if key in say.entries:
            return say(key, title=section.title)
    return say("practise.other", title=section.title)
