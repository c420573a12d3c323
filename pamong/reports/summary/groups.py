"""Completion by region and by office. Marks are never shown by office."""

from __future__ import annotations

from typing import Final

import numpy as np

from pamong.catalogue import messages
from pamong.reports.markup import (
    UNKNOWN,
    Content,
    Html,
    Section,
    Table,
    join,
    number,
    paragraph,
    percent,
)
from pamong.reports.standing import Standing
from pamong.reports.suppression import SMALLEST, Group, hidden

say: Final = messages("report")


def groups(standing: Standing) -> Html:
    """Who has handed in by region, for facilitators also by office and with the mean mark by region."""
    names = sorted({person.region for person in standing.people})
    if not names:
        body = paragraph(say("groups.empty"))
        return Section(id="wilayah", heading=say("groups.heading.none"), body=body).html()
    regions = standing.all.regions
    masked = _masked(standing, names)
    rows = [_row(standing, name, regions == name, masked) for name in names]
    head = [say(f"groups.head.{name}") for name in ("region", "people", "submitted", "share")]
    if standing.named:
        head.append(say("groups.head.mark"))
    parts: list[Content] = [Table(head, rows).html()]
    if standing.named:
        parts += [paragraph(say("groups.roles"), "subtitle"), _roles(standing)]
    hidden_some = bool(masked) or not standing.named
    note = say("groups.note.masked") if hidden_some else say("groups.note")
    return Section(
        id="wilayah", heading=_heading(standing, names, masked), body=join(parts), note=note
    ).html()


def _masked(standing: Standing, names: list[str]) -> frozenset[str]:
    """Regions that are too small, together with the next one where subtraction would find them."""
    if len(names) < 2:
        return frozenset()
    regions = standing.all.regions
    return hidden({name: int((standing.here & (regions == name)).sum()) for name in names})


def _row(standing: Standing, name: str, region: Group, masked: frozenset[str]) -> tuple[str, ...]:
    here = standing.here & region
    people, done = standing.tally(region), standing.tally(region & standing.complete)
    known = people is not None and done is not None and name not in masked
    dark = say("masked")
    share = percent(done / people) if known and people and done is not None else UNKNOWN
    row = (name, str(people) if known else dark, str(done) if known else dark, share)
    if not standing.named:
        return row
    values = standing.all.final[here]
    values = values[~np.isnan(values)]
    return (*row, number(float(values.mean()), 0) if known and values.size >= SMALLEST else UNKNOWN)


def _roles(standing: Standing) -> Html:
    """How many of each office have handed in: for the facilitator's calls, without any mark."""
    roles = sorted({person.role for person in standing.people})
    rows = []
    for role in roles:
        group = np.array([person.role == role for person in standing.snapshot.people], dtype=bool)
        people = int((group & standing.here).sum())
        done = int((group & standing.here & standing.complete).sum())
        rows.append((role.capitalize(), str(people), str(done), percent(done / people)))
    head = [say(f"groups.head.{name}") for name in ("role", "people", "submitted", "share")]
    return Table(head, rows).html()


def _heading(standing: Standing, names: list[str], masked: frozenset[str]) -> str:
    regions = standing.all.regions
    shares = {}
    for name in names:
        people = standing.tally(regions == name)
        done = standing.tally((regions == name) & standing.complete)
        if name not in masked and people and done is not None and people >= SMALLEST:
            shares[name] = done / people
    if len(shares) < 2:
        return say("groups.heading.few")
    lowest = min(shares, key=lambda name: (shares[name], name))
    if max(shares.values()) - shares[lowest] < 0.05:
        return say("groups.heading.alike")
    return say("groups.heading", region=lowest, share=percent(shares[lowest]))
