"""Who came how far, and whom to call."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from typing import Final

import numpy as np

from pamong.catalogue import messages
from pamong.reports import charts
from pamong.reports.contacts import FALL, LOW, Contact, contacts
from pamong.reports.drawing import EMPTY, INK, MIST, TEAL
from pamong.reports.facts import ModuleFacts
from pamong.reports.markup import Html, Section, Table, figure, join, number, paragraph, percent
from pamong.reports.standing import Standing
from pamong.reports.summary.findings import counted
from pamong.reports.suppression import Group

say: Final = messages("report")
LISTED = 12
"""People shown in the list before the rest folds away."""


@dataclass(frozen=True, slots=True)
class _Stage:
    """How many of this cohort came this far, and how many of those well; as text and as a bar."""

    label: str
    done: str
    well: str
    told: bool
    bar: charts.Bar


def completion(standing: Standing) -> Html:
    """How far people came, and where they were lost."""
    started = standing.all.started
    if not started or not standing.people:
        body = paragraph(say("completion.empty"))
        return Section(id="penyelesaian", heading=say("completion.none"), body=body).html()
    by_module = len(started) > 1
    stages = _modules(standing) if by_module else _exercises(standing, started[0])
    mark = number(standing.snapshot.pass_mark, 0)
    row = "completion.alt.row.module" if by_module else "completion.alt.row"
    rows = [say(row, label=it.label, done=it.done, well=it.well, mark=mark) for it in stages]
    alt = say("completion.alt", people=len(standing.people), rows="; ".join(rows))
    if not any(stage.told for stage in stages):
        share = standing.share(standing.complete)
        text = say("completion.masked.text")
        if share is not None:
            text += say("completion.masked.all", share=percent(share))
        return Section(
            id="penyelesaian", heading=_heading(standing, started), body=paragraph(text)
        ).html()
    drawing = figure(charts.bars([stage.bar for stage in stages], alt))
    well = say("completion.head.well.module" if by_module else "completion.head.well", mark=mark)
    data = Table(
        (say("completion.head.label"), say("completion.head.done"), well),
        [(stage.label, stage.done, stage.well) for stage in stages],
    )
    return Section(
        id="penyelesaian",
        heading=_heading(standing, started),
        body=join((drawing, _legend(mark, by_module=by_module))),
        data=data,
    ).html()


def _heading(standing: Standing, started: tuple[ModuleFacts, ...]) -> str:
    people, done = len(standing.people), standing.tally(standing.complete)
    if not standing.all.submitted[standing.here].any():
        return say("completion.none")
    if done is None:
        return say("completion.masked", people=people)
    if len(started) == 1:
        module = started[0].title
        if done == people == 1:
            return say("completion.all.single", module=module)
        if done == people:
            return say("completion.all", people=people, module=module)
        return say("completion.one", done=done, people=people, module=module)
    if done == people:
        key = "completion.all.many.single" if people == 1 else "completion.all.many"
        return say(key, people=people, count=len(started))
    return say("completion.many", done=done, people=people) + _loss(standing, started)


def _loss(standing: Standing, started: tuple[ModuleFacts, ...]) -> str:
    """Between which two modules most people stopped, if more than one did."""
    sums = [standing.all.submitted[standing.here, standing.all.column[m.id]].sum() for m in started]
    lost = np.diff([len(standing.people), *sums])
    worst = int(lost.argmin())
    if lost[worst] >= -1 or not standing.named:
        return ""
    return say("completion.loss", module=started[worst].title)


def _modules(standing: Standing) -> list[_Stage]:
    mark = standing.snapshot.pass_mark
    stages = []
    for module in standing.all.started:
        column = standing.all.column[module.id]
        submitted = standing.all.submitted[:, column]
        passed = standing.all.percent[:, column] >= mark
        stages.append(_stage(standing, module.title, submitted, submitted & passed))
    return stages


def _exercises(standing: Standing, module: ModuleFacts) -> list[_Stage]:
    """With a single module: who handed it in, then every exercise whose log may be read."""
    submitted = standing.all.submitted[:, standing.all.column[module.id]]
    stages = [_stage(standing, say("completion.row.module"), submitted, submitted)]
    for exercise in module.played if standing.named else ():
        key = module.id, exercise.id
        begun, finished = standing.all.begun[key], standing.all.finished[key]
        stages.append(_stage(standing, exercise.title, begun, finished))
    return stages


def _stage(standing: Standing, label: str, reached: Group, well: Group) -> _Stage:
    people, done, good = len(standing.people), standing.tally(reached), standing.tally(well)
    shown, shown_good = counted(standing, reached), counted(standing, well)
    masked = done is None
    bar = charts.Bar(
        label=label,
        done=done or 0,
        well=0 if masked or good is None else good,
        well_text=shown_good,
        total=people,
        elsewhere=standing.share(reached),
        text=shown if masked else say("completion.row.text", done=shown, people=people),
    )
    return _Stage(label, shown, shown_good, not masked, bar)


def _legend(mark: str, *, by_module: bool) -> Html:
    keys = ("well", "done", "empty") if by_module else ("finished", "begun", "untouched")
    swatches = "".join(
        f'<span><i style="background:{colour}"></i>'
        f"{escape(say(f'completion.legend.{key}', mark=mark))}</span>"
        for key, colour in zip(keys, (TEAL, MIST, EMPTY), strict=True)
    )
    tick = f'<span><i class="tick" style="background:{INK}"></i>'
    everybody = escape(say("completion.legend.all"))
    return Html(f'<p class="legend">{swatches}{tick}{everybody}</span></p>')


def people(standing: Standing) -> Html:
    """Whom to call and why; nothing at all in an edition without names."""
    if not standing.named:
        return Html("")
    found = contacts(standing)
    note = say("contacts.note", low=number(LOW, 0), fall=number(100 * FALL, 0))
    if not found:
        return Section(
            id="dihubungi",
            heading=say("contacts.heading.none"),
            body=paragraph(say("contacts.empty")),
            note=note,
        ).html()
    urgent = sum(contact.urgent for contact in found)
    body = _list(standing, found[:LISTED])
    rest = found[LISTED:]
    if rest and not standing.cohort:
        body = join((body, paragraph(say("contacts.elsewhere", count=len(rest)))))
    elif rest:
        label = escape(say("contacts.rest", count=len(rest)))
        more = _list(standing, rest)
        body = join(
            (body, Html(f'<details class="more"><summary>{label}</summary>{more}</details>'))
        )
    heading = say("contacts.heading", urgent=urgent, watch=len(found) - urgent)
    return Section(id="dihubungi", heading=heading, body=body, note=note, flows=True).html()


def _list(standing: Standing, found: Iterable[Contact]) -> Html:
    parts = "modules" if len(standing.all.started) > 1 else "exercises"
    head = ("person", parts, "mark", "reasons", "step")
    rows = [_row(standing, contact) for contact in found]
    titles = [say(f"contacts.head.{name}") for name in head]
    return Table(titles, rows, left=(0, 1, 3, 4), kind="people").html()


def _row(standing: Standing, contact: Contact) -> tuple[Html | str, ...]:
    parts = "modules" if len(standing.all.started) > 1 else "exercises"
    person, marks = contact.person, [number(value, 0) for value in contact.percent]
    reasons = "".join(
        f'<span class="chip{" urgent" if reason.urgent else ""}">{escape(reason.text)}</span>'
        for reason in contact.reasons
    )
    spark = charts.sparkline(
        contact.percent,
        standing.snapshot.pass_mark,
        say(f"contacts.spark.{parts}", marks=", ".join(marks)),
    )
    role = escape(f"{person.role.capitalize()}, {person.region}")
    return (
        Html(f"{escape(person.name)}<small>{role}</small>"),
        spark,
        number(contact.final, 0),
        Html(f'<span class="chips">{reasons}</span>'),
        say(f"contacts.step.{contact.step}"),
    )
