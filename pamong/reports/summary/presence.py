"""Who was at the meetings, where a service has noted it."""

from __future__ import annotations

from html import escape
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
    paragraph,
    percent,
)
from pamong.reports.standing import Standing

say: Final = messages("report")


def attendance(standing: Standing) -> Html:
    """Everybody's attendance for facilitators, the mean for leaders; nothing where nobody noted any."""
    if standing.module:
        return Html("")
    if standing.snapshot.attendance is None:
        body = paragraph(say("presence.unread"))
        return Section(id="kehadiran", heading=say("presence.heading.none"), body=body).html()
    if np.isnan(standing.all.presence[standing.here]).all():
        return Html("")
    mean = _mean(standing, standing.cohort)
    heading = say("presence.heading", share=mean)
    if mean == UNKNOWN:
        heading = say("presence.heading.masked")
    parts: list[Content] = []
    if not standing.cohort:
        parts = [_by_cohort(standing)]
    elif standing.named:
        parts = [_by_person(standing)]
    return Section(
        id="kehadiran", heading=heading, body=join(parts), note=say("presence.note"), flows=True
    ).html()


def _mean(standing: Standing, cohort: str) -> str:
    """The mean of a cohort ("" for everybody), where this edition may show it."""
    shares = standing.all.presence
    rows = ~np.isnan(shares)
    if cohort:
        rows &= standing.all.cohorts == cohort
    if not rows.any() or not standing.seen(shares, cohort):
        return UNKNOWN
    return percent(float(shares[rows].mean()))


def _by_cohort(standing: Standing) -> Html:
    rows = [(title, _mean(standing, name)) for name, title in standing.snapshot.cohorts]
    return Table([say("gain.head.cohort"), say("presence.head.share")], rows).html()


def _by_person(standing: Standing) -> Html:
    """Whoever missed most stands first."""
    known = [person for person in standing.people if person.id in standing.all.attended]
    told = [(standing.all.attended[person.id], person.name) for person in known]
    rows = [
        (name, f"{it.attended}/{it.meetings}", str(it.made_up), percent(it.share))
        for it, name in sorted(told, key=lambda pair: (pair[0].share, pair[1]))
    ]
    head = [say(f"presence.head.{name}") for name in ("person", "attended", "made_up", "share")]
    label = escape(say("presence.list", count=len(rows)))
    table = Table(head, rows).html()
    return Html(f'<details class="more"><summary>{label}</summary>{table}</details>')
