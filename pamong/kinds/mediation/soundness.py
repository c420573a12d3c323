"""Whether a brief and its key make a case worth mediating, and one that may be mediated."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from math import prod

from pamong import bargaining
from pamong.catalogue import messages
from pamong.kinds import prose
from pamong.kinds.mediation.answers import HIGHEST_TRUST
from pamong.kinds.mediation.case import (
    JOINT,
    SPOKEN,
    Brief,
    Interest,
    Key,
    Spoken,
    Variant,
    Wording,
    usable,
)
from pamong.kinds.mediation.reach import unreachable
from pamong.kinds.mediation.scoring import analysis
from pamong.kinds.wellformed import same_ids

FEWEST, MOST = 24, 20_000
"""Drafts that a case may have."""
TELLING = 2
"""Characters beyond which a variant's id, which stands in the participant's log, might tell its meaning."""
NAIVE_LIMIT = 0.5
"""What the middle of every issue may be worth without a remark."""


def check(brief: Brief, key: Key) -> tuple[str, ...]:
    """Everything that is wrong, in plain Indonesian; empty for a sound case."""
    say = messages("mediation")
    size = prod(len(issue.options) for issue in brief.issues)
    structural = [
        *_id_problems(brief, key),
        *_size_problems(brief),
        *_wording_problems(brief, key),
        *_interest_problems(brief, key),
        *_trust_problems(brief, key),
        *_red_line(brief),
    ]
    if not FEWEST <= size <= MOST:
        structural.append(say("check.size", size=size, fewest=FEWEST, most=MOST))
    points = [*_variant_names(brief, key), *chain(*(_points(brief, it) for it in key.variants))]
    if structural or points:
        return (*structural, *points)
    zones = chain(*(_zone(brief, key, it) for it in key.variants))
    hidden = (say(f"check.{why}", id=it) for it, why in unreachable(brief, key))
    return (*zones, *hidden)


def advise(brief: Brief, key: Key) -> tuple[str, ...]:
    """What an author should look at: a sound key is taken for granted."""
    if check(brief, key):
        return ()
    say = messages("mediation")
    return (
        *_telltale(brief, key),
        *_unfelt(brief, key),
        *(
            say("advise.middle", variant=it.id, value=prose.percent(value))
            for it in key.variants
            if (value := _naive(brief, it)) >= NAIVE_LIMIT
        ),
        *((say("advise.variants"),) if len(key.variants) == 1 and brief.use == "graded" else ()),
    )


# ---------------------------------------------------------------- ids and sizes


def _id_problems(brief: Brief, key: Key) -> Iterator[str]:
    say = messages("mediation")
    groups: list[tuple[str, list[str]]] = [
        ("parties", [it.id for it in brief.parties]),
        ("issues", [it.id for it in brief.issues]),
        ("wordings", [it.id for group in brief.wordings.values() for it in group]),
        ("interests", [it.id for group in key.interests.values() for it in group]),
        ("variants", [it.id for it in key.variants]),
        *((f"issues.{issue.id}", [it.id for it in issue.options]) for issue in brief.issues),
    ]
    for group, ids in groups:
        for name in dict.fromkeys(ids):
            if ids.count(name) > 1:
                yield say("check.twice", group=group, id=name)
            if not name or "." in name:
                yield say("check.id", group=group, id=name)
    if JOINT in {it.id for it in brief.parties}:
        yield say("check.joint", id=JOINT)
    parties = {it.id for it in brief.parties}
    yield from same_ids("interests", key.interests, parties)
    yield from same_ids("trust", key.trust, parties)
    yield from _foreign("alternatives", key.alternatives, parties)


def _foreign(field: str, given: Iterable[str], known: set[str]) -> Iterator[str]:
    say = messages("mediation")
    yield from (say("check.unknown", field=field, id=it) for it in given if it not in known)


def _size_problems(brief: Brief) -> Iterator[str]:
    say = messages("mediation")
    if not 2 <= len(brief.parties) <= 3:
        yield say("check.parties", count=len(brief.parties))
    if not 2 <= len(brief.issues) <= 6:
        yield say("check.issues", count=len(brief.issues))
    yield from (say("check.options", id=it.id) for it in brief.issues if len(it.options) < 2)
    if not 8 <= brief.steps <= 40:
        yield say("check.steps", steps=brief.steps)


def _red_line(brief: Brief) -> Iterator[str]:
    """Cases of sexual violence may not be settled outside court (UU 12/2022), so not mediated."""
    say = messages("mediation")
    told = [brief.title, *(it.position for it in brief.parties), *(it.label for it in brief.issues)]
    told += [option.text for issue in brief.issues for option in issue.options]
    for mark in messages("mediation").entries["red_line.marks"]:
        if any(mark in text.casefold() for text in told):
            yield say("check.red_line", mark=mark)


# ---------------------------------------------------------------- wordings


def _wording_problems(brief: Brief, key: Key) -> Iterator[str]:
    say = messages("mediation")
    ids = {it.id for group in brief.wordings.values() for it in group}
    yield from same_ids("wordings", key.wordings, ids)
    yield from _foreign("reasons", key.reasons, ids)
    parties = {it.id for it in brief.parties}
    for act in SPOKEN:
        group = brief.wordings.get(act, ())
        if not 3 <= len(group) <= 12:
            yield say("check.wordings", act=act, count=len(group))
        for wording in group:
            if wording.to and wording.to not in parties:
                yield say("check.unknown", field=f"wordings.{wording.id}.to", id=wording.to)
        for place, to in _audiences(brief, act):
            good = [key.wordings.get(it.id) == "good" for it in usable(brief, act, place, to)]
            if group and not 0 < sum(good) < len(good):
                yield say(
                    "check.no_good" if not any(good) else "check.all_good",
                    act=act,
                    place=place,
                    to=to or say("check.everybody"),
                )


def _audiences(brief: Brief, act: Spoken) -> Iterator[tuple[str, str]]:
    """Every place and addressee with which an act can be done."""
    parties = [it.id for it in brief.parties]
    if act in ("begin", "close"):
        yield JOINT, ""
        return
    if act != "permission":
        yield from ((JOINT, party) for party in parties)
    yield from ((party, party) for party in parties)


def _telltale(brief: Brief, key: Key) -> Iterator[str]:
    """Where the good wording gives itself away by its length or its place."""
    say = messages("mediation")
    groups = [group for group in brief.wordings.values() if len(group) > 1]
    given_away = {
        "longest": [max(group, key=_length) for group in groups],
        "shortest": [min(group, key=_length) for group in groups],
        "first": [group[0] for group in groups],
        "last": [group[-1] for group in groups],
    }
    for name, chosen in given_away.items():
        if chosen and all(key.wordings.get(it.id) == "good" for it in chosen):
            yield say(f"advise.{name}")


def _length(wording: Wording) -> int:
    return len(wording.text)


# ---------------------------------------------------------------- interests


def _interest_problems(brief: Brief, key: Key) -> Iterator[str]:
    say = messages("mediation")
    written = {f"{issue.id}.{it.id}" for issue in brief.issues for it in issue.options}
    owners = {it.id: party for party, group in key.interests.items() for it in group}
    for party, group in key.interests.items():
        if not 1 <= len(group) <= 6:
            yield say("check.interests", party=party, count=len(group))
        for interest in group:
            yield from _foreign(f"{interest.id}.served_by", interest.served_by, written)
            yield from _one_interest(interest, party, owners)


def _one_interest(interest: Interest, party: str, owners: dict[str, str]) -> Iterator[str]:
    say = messages("mediation")
    if not interest.served_by:
        yield say("check.unserved", id=interest.id)
    if not 0 < interest.weight <= 100:
        yield say("check.weight", id=interest.id)
    if not 0 <= interest.opens.trust <= HIGHEST_TRUST:
        yield say("check.opens_trust", id=interest.id, most=HIGHEST_TRUST)
    after = interest.opens.after
    if after and owners.get(after, party) == party:
        yield say("check.after", id=interest.id, after=after)


def _unfelt(brief: Brief, key: Key) -> Iterator[str]:
    """Interests whose clause is worth least to their own owner in every variant."""
    say = messages("mediation")
    for party, group in key.interests.items():
        for interest in group:
            for name in interest.served_by:
                issue, _, option = name.partition(".")
                index = next(
                    place
                    for it in brief.issues
                    if it.id == issue
                    for place, clause in enumerate(it.options)
                    if clause.id == option
                )
                rows = [it.points[party][issue] for it in key.variants]
                if all(row[index] == min(row) < max(row) for row in rows):
                    yield say("advise.unfelt", id=interest.id, clause=name)


def _trust_problems(brief: Brief, key: Key) -> Iterator[str]:
    say = messages("mediation")
    for party in (it.id for it in brief.parties):
        if not 1 <= key.trust.get(party, 1) <= 4:
            yield say("check.trust", party=party)


# ---------------------------------------------------------------- points


def _variant_names(brief: Brief, key: Key) -> Iterator[str]:
    say = messages("mediation")
    if not 1 <= len(key.variants) <= 12:
        yield say("check.variants", count=len(key.variants))
    known = {it.id for group in key.interests.values() for it in group}
    for variant in key.variants:
        if brief.use == "graded" and len(variant.id) > TELLING:
            yield say("check.telling", variant=variant.id)
        yield from _foreign(f"variants.{variant.id}.weights", variant.weights, known)
        if any(not 0 <= weight <= 100 for weight in variant.weights.values()):
            yield say("check.weights", variant=variant.id)


def _points(brief: Brief, variant: Variant) -> Iterator[str]:
    """What would make the analysis meaningless."""
    say = messages("mediation")
    parties = {it.id for it in brief.parties}
    ids = {it.id for it in brief.issues}
    yield from same_ids(f"{variant.id}.points", variant.points, parties)
    yield from same_ids(f"{variant.id}.batna", variant.batna, parties)
    for party in sorted(parties.intersection(variant.points)):
        rows = variant.points[party]
        if set(rows) != ids:
            yield from same_ids(f"{variant.id}.points.{party}", rows, ids)
            continue
        wrong = [
            issue.id
            for issue in brief.issues
            if len(rows[issue.id]) != len(issue.options) or min(rows[issue.id], default=-1) < 0
        ]
        yield from (
            say("check.points_row", variant=variant.id, party=party, issue=it) for it in wrong
        )
        most = sum(max(row, default=0) for row in rows.values())
        floor = variant.batna.get(party, 0)
        if not 0 <= floor < most:
            yield say("check.fallback", variant=variant.id, party=party, points=floor, most=most)


def _zone(brief: Brief, key: Key, variant: Variant) -> Iterator[str]:
    say = messages("mediation")
    found = analysis(brief, variant)
    if key.agreement_zone == "empty":
        if found.zone:
            yield say("check.zone_not_empty", variant=variant.id, zone=found.zone)
    elif found.best is None:
        yield say("check.zone_empty", variant=variant.id)


def _naive(brief: Brief, variant: Variant) -> float:
    middle = bargaining.middle([len(issue.options) for issue in brief.issues])
    return analysis(brief, variant).value(middle)
