"""The cohort summary: one function makes one section, and SECTIONS is their order.

Every heading is the computed finding, so it cannot contradict what stands under it. A section that an
edition must not have is empty.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from pamong.reports.markup import Html
from pamong.reports.standing import Standing
from pamong.reports.summary.bargains import negotiation
from pamong.reports.summary.cases import paths
from pamong.reports.summary.closing import eligibility, evaluation, record
from pamong.reports.summary.comparison import boundaries, cohorts
from pamong.reports.summary.groups import groups
from pamong.reports.summary.learning import gain
from pamong.reports.summary.marks import spread
from pamong.reports.summary.overview import header, key_numbers, meeting, method
from pamong.reports.summary.participation import completion, people
from pamong.reports.summary.presence import attendance
from pamong.reports.summary.questions import distractors, drift, items
from pamong.reports.summary.work import quality, time

SECTIONS: Final[tuple[Callable[[Standing], Html], ...]] = (
    header,
    key_numbers,
    meeting,
    completion,
    people,
    spread,
    boundaries,
    gain,
    cohorts,
    items,
    distractors,
    drift,
    negotiation,
    paths,
    quality,
    time,
    groups,
    attendance,
    evaluation,
    eligibility,
    method,
    record,
)

__all__ = [
    "SECTIONS",
    "attendance",
    "boundaries",
    "cohorts",
    "completion",
    "distractors",
    "drift",
    "eligibility",
    "evaluation",
    "gain",
    "groups",
    "header",
    "items",
    "key_numbers",
    "meeting",
    "method",
    "negotiation",
    "paths",
    "people",
    "quality",
    "record",
    "spread",
    "time",
]
