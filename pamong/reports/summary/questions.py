"""Whether the tests measure anything: their items, the options that nobody needs, answers that travel."""

from __future__ import annotations

import math
from functools import cache
from html import escape
from typing import Final

import numpy as np

from pamong.catalogue import messages
from pamong.reports import charts
from pamong.reports.facts import Question
from pamong.reports.items import FEWEST_FOR_ITEMS, FEWEST_IN_GROUP, Departure, Item, Taken, Test
from pamong.reports.markup import (
    Content,
    Html,
    Section,
    Table,
    figure,
    join,
    number,
    paragraph,
    percent,
)
from pamong.reports.snapshot import Snapshot
from pamong.reports.standing import Edition, Standing
from pamong.reports.summary.findings import title_of

say: Final = messages("report")
SHOWN = 10
"""Doubtful items below the chart; the table of data has all."""
QUOTED = 8
"""Questions whose options are shown."""


def items(standing: Standing) -> Html:
    """Whether the tests' items do their work, judged by everybody's answers."""
    return _items(standing.whole, standing.edition, standing.module)


@cache
def _items(whole: Snapshot, edition: Edition, module: str) -> Html:
    """The same for every cohort, so it is drawn once."""
    standing = Standing(whole=whole, edition=edition, module=module)
    found = standing.all.items
    enough = [item for item in found if item.people >= FEWEST_FOR_ITEMS]
    if not enough:
        heading = say("items.heading.few" if found else "items.heading.none")
        body = paragraph(say("items.empty", fewest=FEWEST_FOR_ITEMS))
        return Section(id="butir", heading=heading, body=body).html()
    bad = sorted((item for item in enough if item.flag), key=_discrimination)
    tests = _tests(standing, enough)
    body, data = Html(_reliabilities(standing, tests).html()), None
    if standing.named:
        flagged = _table(standing, bad[:SHOWN]).html() if bad else Html("")
        label = escape(say("items.tests"))
        folded = Html(f'<details class="data"><summary>{label}</summary>{body}</details>')
        body = join((figure(_item_map(standing, enough, bad, tests)), flagged, folded))
        data = _table(standing, enough)
    return Section(
        id="butir",
        heading=_items_heading(len(enough), len(bad)),
        body=body,
        note=_items_note(standing, enough),
        data=data,
        flows=True,
    ).html()


def _discrimination(item: Item) -> float:
    return 0.0 if math.isnan(item.discrimination) else item.discrimination


def _items_heading(everything: int, bad: int) -> str:
    if not bad:
        key = "items.heading.good.single" if everything == 1 else "items.heading.good"
        return say(key, items=everything)
    return say("items.heading", good=everything - bad, items=everything, bad=bad)


def _tests(standing: Standing, enough: list[Item]) -> list[Test]:
    judged = {(item.module, item.exercise, item.form) for item in enough}
    return [
        it
        for it in standing.all.tests
        if (it.module, it.exercise, it.form) in judged and len(it.items) > 1
    ]


def _item_map(standing: Standing, enough: list[Item], bad: list[Item], tests: list[Test]) -> Html:
    rows = [
        say(
            "items.alt.row",
            label=label_of(standing, item),
            p=percent(item.easiness),
            r=number(item.discrimination, 2),
        )
        for item in bad
    ]
    stated = say("items.alt.bad", rows="; ".join(rows)) if bad else say("items.alt.good")
    return charts.item_map(
        np.array([item.easiness for item in enough]),
        np.array([item.discrimination for item in enough]),
        [item.id if item.flag else "" for item in enough],
        say("items.alt", items=len(enough), bad=stated),
        [(_test_name(standing, test), test.reliability) for test in tests],
    )


def _test_name(standing: Standing, test: Test) -> str:
    title = title_of(standing, test.module, test.exercise)
    return say("items.form", exercise=title, form=test.form) if test.form else title


def _reliabilities(standing: Standing, tests: list[Test]) -> Table:
    head = ("test", "items", "alpha", "omega", "error")
    return Table(
        [say(f"items.tests.{name}") for name in head],
        [
            (
                _test_name(standing, test),
                str(len(test.items)),
                number(test.reliability, 2),
                number(test.omega, 2),
                say("items.tests.points", points=number(test.error, 1)),
            )
            for test in tests
        ],
    )


def _items_note(standing: Standing, enough: list[Item]) -> str:
    if not standing.named:
        return say("items.note.tests")
    cohorts = max(1, len({person.cohort for person in standing.snapshot.people}))
    size = max(round(len(standing.snapshot.people) / cohorts), 5)
    return say(
        "items.note",
        people=max(item.people for item in enough),
        cohort=size,
        error=number(1 / math.sqrt(size - 2), 2),
    )


def label_of(standing: Standing, item: Item) -> str:
    """An item as people find it: its exercise, its form if there are several, its own name."""
    title = title_of(standing, item.module, item.exercise)
    if item.form:
        title = say("items.form", exercise=title, form=item.form)
    return say("items.label", exercise=title, item=item.id)


def _table(standing: Standing, rows: list[Item]) -> Table:
    head = ("item", "easy", "discrimination", "advice")
    return Table(
        [say(f"items.head.{name}") for name in head],
        [
            (
                label_of(standing, item),
                percent(item.easiness),
                number(item.discrimination, 2),
                say(f"items.advice.{item.flag or 'good'}"),
            )
            for item in rows
        ],
        left=(0, 3),
    )


def distractors(standing: Standing) -> Html:
    """The options of doubtful questions, and how many options hardly anybody takes."""
    if not standing.named:
        return Html("")
    return _distractors(standing.whole, standing.module)


@cache
def _distractors(whole: Snapshot, module: str) -> Html:
    standing = Standing(whole=whole, module=module)
    known = [it for it in standing.all.items if it.takers and it.people >= FEWEST_FOR_ITEMS]
    if not known:
        body = paragraph(say("options.empty", fewest=FEWEST_FOR_ITEMS))
        return Section(id="pengecoh", heading=say("options.heading.none"), body=body).html()
    doubtful = [it for it in known if it.flag in ("negative", "ambiguous", "weak")]
    dead = [it for it in known if any(taken.dead for taken in it.takers)]
    shown = sorted(doubtful, key=_discrimination)[:QUOTED]
    quoted = [_quoted(standing, item) for item in shown]
    parts = quoted or [paragraph(say("options.fine"))]
    return Section(
        id="pengecoh",
        heading=say("options.heading", lures=sum(map(_lures, known)), dead=sum(map(_dead, known))),
        body=join(parts),
        note=say("options.note"),
        data=_dead_table(standing, dead) if dead else None,
        flows=True,
    ).html()


def _lures(item: Item) -> int:
    return sum(taken.lure for taken in item.takers)


def _dead(item: Item) -> int:
    return sum(taken.dead for taken in item.takers)


def _quoted(standing: Standing, item: Item) -> Html:
    question: Question = standing.all.questions[item.module, item.form or item.exercise, item.id]
    title = paragraph(label_of(standing, item), "subtitle")
    stem = paragraph(question.stem, "plain")
    rows: list[tuple[Content, ...]] = [
        (taken.text, _bar(taken), number(taken.ability, 1), _remark(taken)) for taken in item.takers
    ]
    head = [say(f"options.head.{name}") for name in ("option", "share", "ability", "remark")]
    return Html(
        f'<div class="question">{title}{stem}'
        f"{Table(head, rows, left=(0, 1, 3), kind='options').html()}</div>"
    )


def _bar(taken: Taken) -> Html:
    kind = "right" if taken.right else "lure" if taken.lure else "other"
    share = percent(taken.share)
    return Html(
        f'<span class="share"><svg viewBox="0 0 100 8" width="100" height="8" aria-hidden="true">'
        f'<rect width="100" height="8" class="empty"/>'
        f'<rect width="{100 * taken.share:.1f}" height="8" class="{kind}"/></svg>'
        f"{escape(share)}</span>"
    )


def _remark(taken: Taken) -> str:
    if taken.right:
        return say("options.right")
    if taken.lure:
        return say("options.lure")
    return say("options.dead") if taken.dead else ""


def _dead_table(standing: Standing, found: list[Item]) -> Table:
    return Table(
        [say(f"options.head.{name}") for name in ("item", "option", "share")],
        [
            (label_of(standing, item), taken.text, percent(taken.share))
            for item in found
            for taken in item.takers
            if taken.dead
        ],
        left=(0, 1),
    )


def drift(standing: Standing) -> Html:
    """Items that one cohort knows suspiciously well, and items that treat offices differently."""
    if not standing.named:
        return Html("")
    found, unfair = standing.all.drift, standing.all.unfair
    heading = say("drift.heading.none")
    if found:
        groups = {it.group for it in found}
        heading = say("drift.heading", items=len(found), cohorts=len(groups))
    if not standing.all.items:
        heading = say("drift.heading.open")
    names = dict(standing.snapshot.cohorts)
    parts: list[Content] = []
    if found:
        parts.append(_departures(standing, found, names))
    if unfair:
        parts.append(paragraph(say("drift.unfair"), "subtitle"))
        parts.append(_unfair(standing, unfair))
    elif standing.all.items:
        parts.append(paragraph(say("drift.fair")))
    return Section(
        id="kebocoran",
        heading=heading,
        body=join(parts),
        note=say("drift.note", fewest=FEWEST_IN_GROUP),
    ).html()


def _departures(standing: Standing, found: tuple[Departure, ...], names: dict[str, str]) -> Html:
    head = [say(f"drift.head.{name}") for name in ("item", "cohort", "people", "rate", "expected")]
    rows = [
        (
            _departed(standing, it),
            names.get(it.group, it.group),
            str(it.people),
            percent(it.rate),
            percent(it.expected),
        )
        for it in found
    ]
    return Table(head, rows, left=(0, 1)).html()


def _unfair(standing: Standing, found: tuple[Departure, ...]) -> Html:
    """Which way an item leans, without any share of right answers by office."""
    rows = [
        (
            _departed(standing, it),
            it.group.capitalize(),
            say("drift.easier" if it.rate > it.expected else "drift.harder"),
        )
        for it in found
    ]
    head = [say(f"drift.head.{name}") for name in ("item", "role", "lean")]
    return Table(head, rows, left=(0, 1, 2)).html()


def _departed(standing: Standing, it: Departure) -> str:
    short = title_of(standing, it.module, it.form)
    return say("items.label", exercise=short, item=it.item)
