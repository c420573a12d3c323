"""What is wrong in one authored module, across its files: everything that can be known before release."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from pamong import authoring
from pamong.course import Course
from pamong.errors import Problem
from pamong.inspection import (
    cells,
    edition,
    law,
    minutes,
    pictures,
    readability,
    references,
    secrecy,
)
from pamong.inspection.material import Material, gather

__all__ = ["errors", "gather", "inspect", "inspect_material"]


def inspect(course: Course, module: str) -> tuple[Problem, ...]:
    """Every problem of a module's briefs, keys, legal cards and notebook, errors first.

    No error among them means releasable; warnings are for the author to weigh.
    """
    return inspect_material(gather(course, module))


def inspect_material(material: Material) -> tuple[Problem, ...]:
    """As ``inspect``, of a module that was read already."""
    today = datetime.now(ZoneInfo(material.course.programme.time_zone)).date()
    found = dict.fromkeys(
        (
            *material.problems,
            *references.problems(material),
            *cells.problems(material),
            *edition.problems(material),
            *secrecy.problems(material),
            *pictures.problems(material),
            *minutes.problems(material),
            *law.problems(material, today),
            *_advice(material),
            *readability.problems(material),
        )
    )
    return tuple(sorted(found, key=lambda each: each.severity != "error"))


def errors(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Those problems that stand in the way of a release."""
    return tuple(each for each in problems if each.severity == "error")


def _advice(material: Material) -> Iterator[Problem]:
    """What the kinds themselves would have an author look at."""
    for work in material.works.values():
        if work.key is not None:
            for text in work.kind.advise(work.brief, work.key):
                yield authoring.remark(work.source, text, "warning")
