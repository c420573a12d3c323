"""What was agreed in the negotiations, and what more there would have been for both."""

from __future__ import annotations

from typing import Final

import numpy as np

from pamong.catalogue import messages
from pamong.reports import charts
from pamong.reports.facts import Deal
from pamong.reports.markup import Html, Section, Table, figure, join, number, paragraph, percent
from pamong.reports.standing import Standing
from pamong.reports.statistics import Array
from pamong.reports.summary.findings import group_of, title_of

say: Final = messages("report")


def negotiation(standing: Standing) -> Html:
    """Agreements below the best line, and the value they left on the table."""
    possible = [deal for deal in standing.deals if deal.zone]
    if not standing.named:
        seen = {key for key in set(map(_key, possible)) if _seen(standing, key)}
        possible = [deal for deal in possible if _key(deal) in seen]
    if not standing.deals:
        body = paragraph(say("deals.empty"))
        return Section(id="perundingan", heading=say("deals.heading.none"), body=body).html()
    if not standing.named and not possible:
        body = paragraph(say("deals.small"))
        return Section(id="perundingan", heading=say("deals.heading.none"), body=body).html()
    drawings = [_drawing(standing, *key) for key in dict.fromkeys(map(_key, possible))]
    remarks = [paragraph(text) for text in (*_walks(standing), *_limits(standing))]
    note = say("deals.note" if standing.named else "deals.note.shape")
    if len(standing.snapshot.frontiers) > len(drawings):
        note += say("deals.note.lines")
    return Section(
        id="perundingan",
        heading=_heading(standing, possible),
        body=join((*drawings, *remarks)),
        note=note if drawings else "",
        data=_table(standing, possible) if drawings else None,
    ).html()


def _table(standing: Standing, possible: list[Deal]) -> Table:
    """The means of the agreements, with their number where single people may be seen."""
    rows = []
    for key in dict.fromkeys(map(_key, possible)):
        here = [deal for deal in possible if _key(deal) == key]
        agreed = [deal for deal in here if deal.agreed]
        count = [f"{len(agreed)}/{len(here)}"] if standing.named else []
        own, other, left = (
            float(np.mean([getattr(deal, name) for deal in agreed])) if agreed else float("nan")
            for name in ("own", "other", "left")
        )
        shares = [percent(own), percent(other), number(left, 0)]
        rows.append((title_of(standing, *key), *count, *shares))
    names = ("exercise", "agreed", "own", "other", "left")
    head = [say(f"deals.head.{name}") for name in names if standing.named or name != "agreed"]
    return Table(head, rows)


def _seen(standing: Standing, key: tuple[str, str]) -> bool:
    """Whether an edition without names may show the mean of this cohort's agreements."""
    agreed = [it.participant for it in standing.snapshot.deals if _key(it) == key and it.agreed]
    known = np.where(group_of(standing, agreed), 1.0, np.nan)
    return standing.seen(known, standing.cohort) and standing.seen(known, "")


def _key(deal: Deal) -> tuple[str, str]:
    return deal.module, deal.exercise


def _heading(standing: Standing, possible: list[Deal]) -> str:
    agreed = [deal for deal in possible if deal.agreed]
    if not agreed:
        return say("deals.heading.apart", people=len(standing.deals))
    left = float(np.mean([deal.left for deal in agreed]))
    if not standing.named:
        return say("deals.heading.mean", left=number(left, 0))
    return say(
        "deals.heading",
        agreed=len(agreed),
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
        failed=say("deals.failed", count=failed) if failed and standing.named else "",
        shown=standing.named,
    )
    own, other, left = (
        float(np.mean([getattr(deal, name) for deal in agreed])) if agreed else float("nan")
        for name in ("own", "other", "left")
    )
    alt = say(
        "deals.alt" if standing.named else "deals.alt.mean",
        exercise=title_of(standing, module, exercise),
        agreed=len(agreed),
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
    if not standing.named:
        return []
    apart = [deal for deal in standing.deals if not deal.zone]
    texts = []
    for key in dict.fromkeys(map(_key, apart)):
        deals = [deal for deal in apart if _key(deal) == key]
        right = sum(not deal.agreed for deal in deals)
        texts.append(
            say(
                "deals.walk",
                exercise=title_of(standing, *key),
                right=right,
                people=len(deals),
            )
        )
    return texts


def _limits(standing: Standing) -> list[str]:
    agreed = [deal for deal in standing.deals if deal.agreed]
    beyond = sum(not deal.within for deal in agreed)
    if not agreed or not standing.named:
        return []
    if not beyond:
        return [say("deals.within")]
    return [say("deals.outside", count=beyond, people=len(agreed))]
