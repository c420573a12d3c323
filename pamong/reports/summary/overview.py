"""The top and the foot of a summary: whose it is, five numbers, what to discuss, how it was made."""

from __future__ import annotations

import math
from collections import Counter
from datetime import datetime
from html import escape
from typing import Final

from pamong import locale
from pamong.catalogue import messages
from pamong.reports.contacts import contacts
from pamong.reports.markup import UNKNOWN, Html, number, percent
from pamong.reports.standing import Standing
from pamong.reports.statistics import Array
from pamong.reports.summary.findings import findings
from pamong.reports.suppression import SMALLEST

say: Final = messages("report")


def header(standing: Standing) -> Html:
    """Whose summary this is, and as of when."""
    snapshot = standing.snapshot
    edition = say(f"page.edition.{standing.edition}")
    taken = say("header.taken", moment=_taken(standing))
    return Html(
        f'<header class="masthead"><p class="over"><span>{escape(snapshot.programme)}</span>'
        f"<span>{escape(edition)}</span></p>"
        f"<h1>{escape(say('page.title', cohort=standing.title))}</h1>{_about(standing)}"
        f'<p class="sub">{escape(_composition(standing))} {escape(taken)}</p></header>'
    )


def _about(standing: Standing) -> str:
    """The module that the summary is about, when it is not about all."""
    titles = [module.title for module in standing.snapshot.modules if module.id == standing.module]
    return "".join(f'<p class="about">{escape(title)}</p>' for title in titles)


def _taken(standing: Standing) -> str:
    return locale.moment(
        datetime.fromisoformat(standing.snapshot.taken), standing.snapshot.time_zone
    )


def _composition(standing: Standing) -> str:
    people = len(standing.people)
    if not people:
        return say("header.nobody")
    rest = len(standing.snapshot.people) - people
    others = say("header.alone")
    if not standing.cohort:
        others = say("header.cohorts", cohorts=len({it.cohort for it in standing.snapshot.people}))
    elif rest:
        cohorts = len({person.cohort for person in standing.snapshot.people}) - 1
        others = say("header.others", people=rest, cohorts=cohorts)
    if not standing.named:
        return say("header.people.total", people=people, others=others)
    roles = Counter(person.role for person in standing.people).most_common()
    named = " · ".join(say("header.role", count=count, role=role) for role, count in roles)
    return say("header.people", people=people, roles=named, others=others)


def key_numbers(standing: Standing) -> Html:
    """The five numbers that everybody asks for first."""
    cards = (_completed, _mark, _gained, _reliable, _to_call)
    items = "".join(
        f'<div class="card"><dt>{escape(label)}</dt>'
        f'<dd class="value">{value}</dd><dd class="aside">{escape(aside)}</dd></div>'
        for value, label, aside in (card(standing) for card in cards)
    )
    return Html(f'<section class="keys" aria-label="{say("key.title")}"><dl>{items}</dl></section>')


def _completed(standing: Standing) -> tuple[Html, str, str]:
    started, people = standing.all.started, len(standing.people)
    done = standing.tally(standing.complete)
    value = Html(UNKNOWN if done is None else f"{done}<small>/{people}</small>")
    if not started:
        return value, say("key.completed.none"), say("key.completed.note.none")
    label = say("key.completed.many", count=len(started))
    if len(started) == 1:
        label = say("key.completed.one", module=started[0].title)
    if not people:
        return Html(UNKNOWN), label, ""
    if done is None:
        return value, label, say("key.completed.note.masked")
    here, all_ = percent(done / people), standing.share(standing.complete)
    if all_ is None or not standing.cohort:
        return value, label, here
    return value, label, say("key.completed.note", here=here, all=percent(all_))


def _mark(standing: Standing) -> tuple[Html, str, str]:
    here, others = standing.values(standing.all.final)
    ahead = bool((standing.all.counts & ~standing.all.due).any())
    label = say("key.mark.provisional" if standing.pending or ahead else "key.mark")
    if not here.size:
        return Html(UNKNOWN), label, say("key.mark.note.none")
    aside = say("key.mark.note", others=number(_average(others)))
    if not others.size:
        aside = ""
    return Html(number(_average(here))), label, aside


def _average(values: Array) -> float:
    return float(values.mean()) if values.size else math.nan


def _gained(standing: Standing) -> tuple[Html, str, str]:
    gain = standing.gain
    aside = say("key.gain.note", low=number(gain.low, 2), high=number(gain.high, 2))
    if math.isnan(gain.low):
        full = standing.matched >= SMALLEST
        aside = say("key.gain.note.perfect" if full else "key.gain.note.none")
    return Html(number(gain.gain, 2)), say("key.gain"), aside


def _reliable(standing: Standing) -> tuple[Html, str, str]:
    reliability, error = standing.all.reliability
    aside = say("key.reliability.note", error=number(error))
    if math.isnan(error):
        aside = say("key.reliability.note.none")
    label = say("key.reliability", count=len(standing.all.components))
    return Html(number(reliability, 2)), label, aside


def _to_call(standing: Standing) -> tuple[Html, str, str]:
    if not standing.named:
        return Html(UNKNOWN), say("key.contacts"), say("key.contacts.note.masked")
    found = contacts(standing)
    urgent = sum(contact.urgent for contact in found)
    value = f'<span class="alert">{urgent}</span>' if urgent else "0"
    return Html(value), say("key.contacts"), say("key.contacts.note", count=len(found) - urgent)


def meeting(standing: Standing) -> Html:
    """What to talk about in the evaluation meeting."""
    points = "".join(
        f"<li><strong>{escape(found.title)}</strong> {escape(found.text)}</li>"
        for found in findings(standing)
    )
    title = escape(say("findings.title"))
    return Html(f'<section class="findings"><h2>{title}</h2><ol>{points}</ol></section>')


def method(standing: Standing) -> Html:
    """How the figures were made, and the marks by which data and code can be found again."""
    snapshot = standing.snapshot
    text = [say("method.text")]
    if not standing.named:
        text.append(say("method.suppressed"))
    if snapshot.unread:
        text.append(say("method.unread", count=snapshot.unread))
    print_ = say(
        "method.print",
        fingerprint=snapshot.fingerprint,
        taken=_taken(standing),
        code=snapshot.code,
    )
    return Html(
        f'<section class="method"><h2>{escape(say("method.title"))}</h2>'
        f'<p>{escape(" ".join(text))}</p><p class="print">{escape(print_)}</p></section>'
    )
