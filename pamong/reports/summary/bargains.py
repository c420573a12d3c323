"""What was agreed in the negotiations, and what more there would have been for both."""

from __future__ import annotations

from typing import Final

import numpy as np

from pamong.catalogue import messages
from pamong.reports import charts
from pamong.reports.logbook import Deal
from pamong.reports.markup import Html, Section, figure, join, number, paragraph
from pamong.reports.standing import Standing
from pamong.reports.statistics import Array
from pamong.reports.summary.findings import counted, title_of
from pamong.reports.suppression import SMALLEST

say: Final = messages("report")


def negotiation(standing: Standing) -> Html:
    """Agreements below the best line, and the value they left on the table."""
    possible = [deal for deal in standing.deals if deal.zone]
    if not standing.deals:
        body = paragraph(say("deals.empty"))
        return Section(id="perundingan", heading=say("deals.heading.none"), body=body).html()
    if not standing.named and len(possible) < SMALLEST:
        body = paragraph(say("deals.small"))
        return Section(id="perundingan", heading=say("deals.heading.none"), body=body).html()
    drawings = [_drawing(standing, *key) for key in dict.fromkeys(map(_key, possible))]
    remarks = [paragraph(text) for text in (*_walks(standing), *_limits(standing, possible))]
    note = say("deals.note" if standing.named else "deals.note.shape")
    if len(standing.snapshot.frontiers) > len(drawings):
        note += say("deals.note.lines")
    return Section(
        id="perundingan",
        heading=_heading(standing, possible),
        body=join((*drawings, *remarks)),
        note=note if drawings else "",
    ).html()


def _key(deal: Deal) -> tuple[str, str]:
    return deal.module, deal.exercise


def _heading(standing: Standing, possible: list[Deal]) -> str:
    agreed = [deal for deal in possible if deal.agreed]
    if not agreed:
        return say("deals.heading.apart", people=len(standing.deals))
    left = float(np.mean([deal.left for deal in agreed]))
    return say(
        "deals.heading",
        agreed=counted(standing, len(agreed), len(possible)),
        people=len(possible),
        left=number(left, 0),
    )


def _drawing(standing: Standing, module: str, exercise: str) -> Html:
    mine = {person.id for person in standing.people}
    everybody = [deal for deal in standing.snapshot.deals if _key(deal) == (module, exercise)]
    here = [deal for deal in everybody if deal.participant in mine]
    agreed = [deal for deal in here if deal.agreed]
    others = [deal for deal in everybody if deal.agreed and deal.participant not in mine]
    failed = len(here) - len(agreed)
    data = charts.Bargains(
        here=_points(agreed),
        others=_points(others),
        left=np.array([deal.left for deal in agreed]),
        frontiers=[
            np.array(line.points)
            for line in standing.snapshot.frontiers
            if line.exercise == exercise
        ],
        failed=say("deals.failed", count=counted(standing, failed, len(here))) if failed else "",
        shown=standing.named,
    )
    own, other, left = (
        float(np.mean([getattr(deal, name) for deal in agreed])) if agreed else float("nan")
        for name in ("own", "other", "left")
    )
    alt = say(
        "deals.alt",
        exercise=title_of(standing, module, exercise),
        agreed=counted(standing, len(agreed), len(here)),
        people=len(here),
        own=number(100 * own, 0) + "%",
        other=number(100 * other, 0) + "%",
        left=number(left, 0),
    )
    drawing = figure(charts.bargains(data, alt))
    if len({_key(deal) for deal in standing.deals if deal.zone}) < 2:
        return drawing
    return join((paragraph(title_of(standing, module, exercise), "subtitle"), drawing))


def _points(deals: list[Deal]) -> Array:
    return np.array([(deal.own, deal.other) for deal in deals], dtype=float).reshape(-1, 2)


def _walks(standing: Standing) -> list[str]:
    """Cases in which walking away was right."""
    apart = [deal for deal in standing.deals if not deal.zone]
    texts = []
    for key in dict.fromkeys(map(_key, apart)):
        deals = [deal for deal in apart if _key(deal) == key]
        right = sum(not deal.agreed for deal in deals)
        texts.append(
            say(
                "deals.walk",
                exercise=title_of(standing, *key),
                right=counted(standing, right, len(deals)),
                people=len(deals),
            )
        )
    return texts


def _limits(standing: Standing, possible: list[Deal]) -> list[str]:
    agreed = [deal for deal in possible if deal.agreed]
    beyond = sum(not deal.within for deal in agreed)
    if not agreed:
        return []
    if not beyond:
        return [say("deals.within")]
    return [say("deals.outside", count=counted(standing, beyond, len(agreed)), people=len(agreed))]
