"""How the marks are spread."""

from __future__ import annotations

from typing import Final

from pamong.catalogue import messages
from pamong.reports import charts
from pamong.reports.markup import UNKNOWN, Html, Section, Table, figure, number, paragraph
from pamong.reports.standing import Standing
from pamong.reports.statistics import Array
from pamong.reports.summary.findings import title_of

say: Final = messages("report")
EVEN = 3.0
"""Points between the highest and the lowest median below which parts count as equally hard."""


def spread(standing: Standing) -> Html:
    """Marks per module, or per graded exercise while there is only one module."""
    parts = _parts(standing)
    rows = [
        charts.Spread(label=label, here=here, others=others, shown=standing.named)
        for label, (here, others) in parts
    ]
    if not any(row.here.size for row in rows):
        body = paragraph(say("spread.empty"))
        return Section(id="sebaran", heading=say("spread.heading.none"), body=body).html()
    medians = [
        say(
            "spread.alt.row",
            label=row.label,
            here=_middle(standing, row.here),
            others=_middle(standing, row.others),
        )
        for row in rows
    ]
    mark = standing.snapshot.pass_mark
    alt = say("spread.alt" if standing.named else "spread.alt.mean", rows="; ".join(medians))
    note = say("spread.note" if standing.named else "spread.note.shape", mark=number(mark, 0))
    if standing.pending:
        note += say(
            "spread.note.pending" if standing.named else "spread.note.pending.some",
            count=standing.pending,
        )
    return Section(
        id="sebaran",
        heading=_heading(standing, rows),
        body=figure(charts.spreads(rows, mark, alt)),
        note=note,
        data=_table(standing, rows),
    ).html()


def _parts(standing: Standing) -> list[tuple[str, tuple[Array, Array]]]:
    started = standing.all.started
    if len(started) > 1:
        return [
            (module.title, standing.values(standing.all.percent[:, standing.all.column[module.id]]))
            for module in started
        ]
    parts = [(say("spread.row.total"), standing.values(standing.all.final))]
    parts += [
        (title_of(standing, *key), standing.values(standing.all.cells[key]))
        for key in standing.all.components
    ]
    return [part for part in parts if part[1][0].size or part[1][1].size]


def _heading(standing: Standing, rows: list[charts.Spread]) -> str:
    known = [row for row in rows if row.here.size]
    compared = known if len(standing.all.started) > 1 else known[1:]
    if len(compared) < 2:
        here, mark = known[0].here, standing.snapshot.pass_mark
        if not standing.named:
            return say("spread.heading.mean", mean=_middle(standing, here))
        return say(
            "spread.heading.one",
            median=_middle(standing, here),
            below=int((here < mark).sum()),
            people=here.size,
            mark=number(mark, 0),
        )
    best = max(compared, key=lambda row: standing.centre(row.here))
    worst = min(compared, key=lambda row: standing.centre(row.here))
    if standing.centre(best.here) - standing.centre(worst.here) < EVEN:
        return say("spread.heading.even", median=_middle(standing, known[0].here))
    return say("spread.heading.rows", best=best.label, worst=worst.label)


def _middle(standing: Standing, values: Array) -> str:
    return number(standing.centre(values), 0)


def _table(standing: Standing, rows: list[charts.Spread]) -> Table:
    if not standing.named:
        head = [say(f"spread.head.{name}") for name in ("label", "mean", "others")]
        return Table(
            head,
            [(it.label, _middle(standing, it.here), _middle(standing, it.others)) for it in rows],
        )
    head = [say(f"spread.head.{name}") for name in ("label", "people", "median", "others")]
    known = [
        (
            row.label,
            str(row.here.size),
            _middle(standing, row.here),
            _middle(standing, row.others),
        )
        for row in rows
    ]
    waiting = [
        (title_of(standing, *key), UNKNOWN, say("spread.pending", count=count), UNKNOWN)
        for key, count in standing.all.pending.items()
    ]
    return Table(head, known + waiting)
