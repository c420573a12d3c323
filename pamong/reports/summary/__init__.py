"""The cohort summary: one function makes one section, and SECTIONS is their order.

Every heading is the computed finding, so it cannot contradict what stands under it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from pamong.reports.markup import Html
from pamong.reports.standing import Standing
from pamong.reports.summary.bargains import negotiation
from pamong.reports.summary.learning import gain, items
from pamong.reports.summary.marks import spread
from pamong.reports.summary.overview import header, key_numbers, meeting, method
from pamong.reports.summary.participation import completion, people

SECTIONS: Final[tuple[Callable[[Standing], Html], ...]] = (
    header,
    key_numbers,
    meeting,
    completion,
    people,
    spread,
    gain,
    items,
    negotiation,
    method,
)

__all__ = [
    "SECTIONS",
    "completion",
    "gain",
    "header",
    "items",
    "key_numbers",
    "meeting",
    "method",
    "negotiation",
    "people",
    "spread",
]
