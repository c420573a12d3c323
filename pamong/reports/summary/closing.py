"""What ends a programme: what participants think of it, who may be proposed, what the committee signs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from html import escape
from typing import Final

import numpy as np

from pamong import locale
from pamong.catalogue import messages
from pamong.reports import ranges
from pamong.reports.eligibility import STATUSES, named, qualification, rounded
from pamong.reports.facts import Opinion
from pamong.reports.markup import (
    UNKNOWN,
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
from pamong.reports.standing import Standing
from pamong.reports.summary.findings import counted
from pamong.reports.suppression import SMALLEST
from pamong.roster import Participant

say: Final = messages("report")
VOICES = 12
"""Remarks that are quoted."""


def evaluation(standing: Standing) -> Html:
    """What people answered in the evaluation, without names and for five and more only."""
    found = [
        it
        for it in standing.snapshot.opinions
        if not standing.cohort or it.cohort == standing.cohort
    ]
    rated = [it for it in found if it.place >= 0]
    asked = list(dict.fromkeys((it.module, it.group, it.question) for it in rated))
    answers = {
        key: [it for it in rated if (it.module, it.group, it.question) == key] for key in asked
    }
    enough = {key: its for key, its in answers.items() if len(its) >= SMALLEST}
    if not enough or _differenced(standing):
        text = say("evaluation.few" if found else "evaluation.none")
        heading = say("evaluation.heading.few" if found else "evaluation.heading.none")
        return Section(id="evaluasi", heading=heading, body=paragraph(text)).html()
    names = {key: _asked(key, enough) for key in enough}
    rows = [(names[key], _counts(its)) for key, its in enough.items()]
    means = {key: _mean(_counts(its)) for key, its in enough.items()}
    lowest = min(means, key=lambda key: (means[key], names[key]))
    stated = [
        say("evaluation.alt.row", question=names[key], mean=number(mean))
        for key, mean in means.items()
    ]
    body: list[Content] = [paragraph(say("evaluation.mean"), "note")]
    if standing.named:
        alt = say("evaluation.alt", rows="; ".join(stated))
        body = [figure(ranges.opinions(rows, alt)), *_voices(found)]
    return Section(
        id="evaluasi",
        heading=say("evaluation.heading", question=names[lowest], mean=number(means[lowest])),
        body=join([*body, _means(enough, means)]),
        note=say("evaluation.note"),
        flows=True,
    ).html()


def _asked(key: tuple[str, str, str], every: Iterable[tuple[str, str, str]]) -> str:
    """A question, behind its module and its part where it is asked in several of them."""
    module, group, question = key
    same = [it for it in every if it[2] == question]
    parts = [module.partition("-")[0].upper()] if len({it[0] for it in same}) > 1 else []
    parts += [group] if group and len({it[1] for it in same}) > 1 else []
    return " · ".join([*parts, question])


def _differenced(standing: Standing) -> bool:
    """Whether the answers of another cohort, left out as too few, could be found by subtraction."""
    if standing.cohort:
        return False
    people = Counter((it.question, it.cohort) for it in standing.snapshot.opinions if it.place >= 0)
    return any(count < SMALLEST for count in people.values())


def _counts(answers: list[Opinion]) -> list[int]:
    places = Counter(it.place for it in answers)
    return [places[place] for place in range(max(it.offered for it in answers))]


def _mean(counts: list[int]) -> float:
    return sum((place + 1) * count for place, count in enumerate(counts)) / max(sum(counts), 1)


def _means(
    enough: dict[tuple[str, str, str], list[Opinion]], means: dict[tuple[str, str, str], float]
) -> Html:
    head = [say(f"evaluation.head.{name}") for name in ("question", "group", "mean", "best")]
    return Table(
        head,
        [
            (_asked(key, enough), key[1], number(means[key]), str(max(it.offered for it in its)))
            for key, its in enough.items()
        ],
        left=(0, 1),
    ).html()


def _voices(found: list[Opinion]) -> list[Html]:
    """Free remarks under their questions, shortened nowhere and signed by nobody, where enough wrote."""
    told = [it for it in found if it.place < 0 and it.answer.strip()]
    if len(told) < SMALLEST:
        return []
    asked: dict[tuple[str, str, str], list[str]] = {}
    for it in told:
        asked.setdefault((it.module, it.group, it.question), []).append(it.answer.strip())
    # One of each question in turn, so that a long list does not hide the next question.
    turns = sorted(
        (turn, place) for place, its in enumerate(asked.values()) for turn in range(len(its))
    )
    shares = Counter(place for _, place in turns[:VOICES])
    shown = min(len(told), VOICES)
    parts = [paragraph(say("evaluation.voices", shown=shown, all=len(told)), "subtitle")]
    for place, (key, texts) in enumerate(asked.items()):
        quoted = "".join(f"<li>{escape(text)}</li>" for text in texts[: shares[place]])
        if quoted:
            parts += [
                paragraph(_asked(key, asked), "asked"),
                Html(f'<ul class="voices">{quoted}</ul>'),
            ]
    return parts


def eligibility(standing: Standing) -> Html:
    """Who may be proposed, who repeats something, whose result is postponed; the rules beside it."""
    if not (standing.all.due & standing.all.counts).any() or not standing.people:
        body = paragraph(say("eligible.early"))
        return Section(id="kelulusan", heading=say("eligible.heading.early"), body=body).html()
    found = standing.all.verdicts
    rows = [
        (say(f"eligible.status.{status}"), counted(standing, found.group(status)),
         say(f"eligible.rule.{status}", mark=number(standing.snapshot.pass_mark, 0)))
        for status in STATUSES
    ]  # fmt: skip
    head = [say(f"eligible.head.{name}") for name in ("status", "people", "rule")]
    parts = [Table(head, rows, left=(0, 2)).html()]
    if standing.named:
        parts.append(_open(standing) if standing.cohort else _by_cohort(standing))
    done = standing.tally(found.group("eligible"))
    people = len(standing.people)
    heading = say("eligible.heading.masked", people=people)
    if done is not None:
        heading = say("eligible.heading", done=done, people=people)
        if _ahead(standing):
            heading = say("eligible.heading.part", done=done, people=people)
    closing = "eligible.note.presence" if standing.all.attended else "eligible.note"
    note = " ".join([*_remarks(standing), say(closing)])
    return Section(id="kelulusan", heading=heading, body=join(parts), note=note, flows=True).html()


def _ahead(standing: Standing) -> list[str]:
    """The modules that count and are not due yet, without which a final mark is only a part."""
    pairs = zip(standing.snapshot.modules, standing.all.due, strict=True)
    return [module.title for module, due in pairs if module.counts and not due]


def _remarks(standing: Standing) -> Iterator[str]:
    """What the modules do not add to: those that come later, and those that do not count."""
    if ahead := _ahead(standing):
        yield say("eligible.note.part", modules=locale.listing(ahead))
    aside = [module.title for module in standing.snapshot.modules if not module.counts]
    if aside:
        yield say("eligible.note.aside", modules=locale.listing(aside))


def _by_cohort(standing: Standing) -> Html:
    """How many of each status every cohort has."""
    found = standing.all.verdicts
    rows = [
        (
            title,
            *(
                str(int((found.group(it) & (standing.all.cohorts == name)).sum()))
                for it in STATUSES
            ),
        )
        for name, title in standing.snapshot.cohorts
    ]
    statuses = [say(f"eligible.status.{status}") for status in STATUSES]
    return Table([say("gain.head.cohort"), *statuses], rows).html()


def _open(standing: Standing) -> Html:
    """Everybody who is not eligible yet, with what is missing."""
    found = standing.all.verdicts
    rows: list[tuple[Content, ...]] = []
    for person in standing.people:
        row = standing.all.row[person.id]
        status = str(found.statuses[row])
        if status != "eligible":
            rows.append(
                (
                    person.name,
                    _called(standing, row),
                    _reason(standing, row, status),
                    _final(standing, row),
                )
            )
    if not rows:
        return paragraph(say("eligible.nobody"))
    head = [say(f"eligible.head.{name}") for name in ("person", "status", "reason", "mark")]
    label = escape(say("eligible.list", count=len(rows)))
    table = Table(head, rows, left=(0, 1, 2)).html()
    return Html(f'<details class="more"><summary>{label}</summary>{table}</details>')


def _reason(standing: Standing, row: int, status: str) -> str:
    found = standing.all.verdicts
    short = [module.id.partition("-")[0].upper() for module in standing.snapshot.modules]
    which = found.missing if status == "postponed" else found.below
    names = [name for name, holds in zip(short, which[row], strict=True) if holds]
    if status == "waiting":
        return say("eligible.reason.waiting")
    if not names:
        return say("eligible.reason.final")
    key = "eligible.reason.missing" if status == "postponed" else "eligible.reason.below"
    return say(key, modules=locale.listing(names))


def record(standing: Standing) -> Html:
    """A sheet that the committee completes and signs; a proposal, not a decision."""
    whole = standing.cohort and standing.people and not standing.module
    if not standing.named or not whole or not standing.all.due.any():
        return Html("")
    found = standing.all.verdicts
    statuses = Table(
        [say("eligible.head.status"), say("eligible.head.people")],
        [(say(f"eligible.status.{it}"), counted(standing, found.group(it))) for it in STATUSES],
    ).html()
    parts: list[Content] = [
        paragraph(_opening(standing)),
        statuses,
        _attendance(standing),
        paragraph(say("record.decision")),
        Html('<div class="lines"><p></p><p></p><p></p></div>'),
        _signatures(),
    ]
    title = say("record.heading", cohort=standing.title)
    return Html(
        f'<section class="part record flows" id="berita-acara"><h2>{escape(title)}</h2>'
        f"{join(parts)}</section>"
    )


def _opening(standing: Standing) -> str:
    first, last = standing.snapshot.dates.get(standing.cohort, ("", ""))
    dates = ""
    if first and last:
        dates = say("record.dates", first=locale.day(first), last=locale.day(last))
    hours = sum(module.jp for module in standing.snapshot.modules)
    return say(
        "record.opening",
        programme=standing.snapshot.programme,
        cohort=standing.title,
        dates=dates,
        people=len(standing.people),
        modules=len(standing.snapshot.modules),
        jp=hours,
        fingerprint=standing.whole.fingerprint,
    )


def _attendance(standing: Standing) -> Html:
    rows = [_line(standing, place, person) for place, person in enumerate(_sorted(standing), 1)]
    names = ["person", "modules", "mark", "band", "status"]
    if not standing.all.attended:
        head = [say(f"record.head.{name}") for name in names]
        return Table(head, rows, left=(0, 3, 4)).html()
    head = [say(f"record.head.{name}") for name in (*names[:2], "presence", *names[2:])]
    here = [standing.all.attended.get(person.id) for person in _sorted(standing)]
    shares = [percent(it.share) if it else UNKNOWN for it in here]
    seen = [(*row[:2], share, *row[2:]) for row, share in zip(rows, shares, strict=True)]
    return Table(head, seen, left=(0, 4, 5)).html()


def _sorted(standing: Standing) -> list[Participant]:
    return sorted(standing.people, key=lambda person: (person.name, person.id))


def _line(standing: Standing, place: int, person: Participant) -> tuple[Content, ...]:
    row = standing.all.row[person.id]
    final, status = float(standing.all.final[row]), str(standing.all.verdicts.statuses[row])
    done = int(standing.all.submitted[row].sum())
    band = _band(standing, final) if status in ("eligible", "remedial") else UNKNOWN
    return (
        f"{place}. {person.name}",
        f"{done}/{len(standing.snapshot.modules)}",
        _final(standing, row),
        band,
        _called(standing, row),
    )


def _called(standing: Standing, row: int) -> str:
    """The status of one person, in words that a transcript uses too."""
    return named(str(standing.all.verdicts.statuses[row]), part=bool(standing.all.part[row]))


def _final(standing: Standing, row: int) -> str:
    """The final mark of one person, or what it is so far."""
    mark = number(rounded(float(standing.all.final[row])), 2)
    known = not np.isnan(standing.all.final[row])
    return say("eligible.mark.part", mark=mark) if known and standing.all.part[row] else mark


def _band(standing: Standing, final: float) -> str:
    return qualification(standing.snapshot.bands, final) or UNKNOWN


def _signatures() -> Html:
    places = "".join(
        f"<div><p>{escape(say(f'record.sign.{name}'))}</p><p class='line'></p>"
        f"<p>{escape(say('record.sign.name'))}</p></div>"
        for name in ("chair", "secretary", "facilitator")
    )
    return Html(f'<div class="signatures">{places}</div>')
