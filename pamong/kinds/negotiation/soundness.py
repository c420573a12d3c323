"""Whether a brief and its key make a case worth bargaining over."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

from pamong import bargaining
from pamong.bargaining import Side
from pamong.catalogue import messages
from pamong.kinds.negotiation.case import (
    Brief,
    Key,
    Variant,
    bargain_of,
    importance,
    lawful,
    other_side,
    own_side,
)

FEWEST, MOST = 200, 20_000
"""Packages that a case may have."""
TELLING = 2
"""Characters beyond which a variant's id, which stands in the participant's log, might tell its meaning."""
NAIVE_LIMIT = 0.5
"""The most that the middle of every issue may be worth."""
UNEVEN = 1.5
"""An issue is worth trading when it matters this many times more to one side than to the other."""


def check(brief: Brief, key: Key) -> tuple[str, ...]:
    """Everything that is wrong, in plain Indonesian; empty for a sound case."""
    structural = (
        *_brief_problems(brief),
        *_phrase_problems(brief, key),
        *_temper_problems(key),
        *_name_problems(brief, key),
    )
    points = tuple(_points_problems(brief, key))
    if points or _size(brief) > MOST:
        return (*structural, *points)
    variants = (problem for it in key.variants for problem in _variant_problems(brief, key, it))
    return (*structural, *variants)


def advise(brief: Brief, key: Key) -> tuple[str, ...]:
    """Options that no sensible deal holds, and issues that one side does not care about."""
    if check(brief, key):
        return ()
    say = messages("negotiation")
    own = own_side(brief)
    others = [other_side(brief, variant) for variant in key.variants]
    found: list[str] = []
    for place, issue in enumerate(brief.issues):
        if len(set(own.points[place])) == 1:
            found.append(say("advise.idle", issue=issue.id))
        if any(_sort(own, other, place) == "compatible" for other in others):
            continue  # the best clause for both beats every other one, as it should
        found += (
            say("advise.dominated", issue=issue.id, option=issue.options[number].label)
            for number in lawful(brief)[place]
            if all(_dominated(own, other, place, number, lawful(brief)) for other in others)
        )
    return tuple(found)


def _dominated(own: Side, other: Side, place: int, number: int, allowed: bargaining.Lawful) -> bool:
    """Whether another lawful clause is at least as good for both sides, and better for one."""
    mine, theirs = own.points[place], other.points[place]
    return any(
        mine[each] >= mine[number]
        and theirs[each] >= theirs[number]
        and (mine[each], theirs[each]) != (mine[number], theirs[number])
        for each in allowed[place]
    )


def _size(brief: Brief) -> int:
    """How many packages can be proposed."""
    return prod(len(issue.options) for issue in brief.issues)


def _name_problems(brief: Brief, key: Key) -> Iterator[str]:
    """A graded variant's id is in the participant's log, so it must not describe the variant."""
    if brief.use == "graded":
        telling = [it.id for it in key.variants if len(it.id) > TELLING]
        yield from (messages("negotiation")("check.telling", variant=name) for name in telling)


def _brief_problems(brief: Brief) -> Iterator[str]:
    say = messages("negotiation")
    ids = [issue.id for issue in brief.issues]
    for group, names in (
        ("issues", ids),
        ("arguments", [argument.id for argument in brief.arguments]),
        ("openings", [phrase.id for phrase in brief.openings]),
        ("closings", [phrase.id for phrase in brief.closings]),
    ):
        yield from (
            say("check.twice", group=group, id=name)
            for name in dict.fromkeys(names)
            if names.count(name) > 1
        )
    if not 2 <= len(ids) <= 8:
        yield say("check.issues", count=len(ids))
    yield from (say("check.options", issue=it.id) for it in brief.issues if len(it.options) < 2)
    size = _size(brief)
    if not FEWEST <= size <= MOST:
        yield say("check.size", size=size, fewest=FEWEST, most=MOST)
    if not 3 <= brief.rounds <= 15:
        yield say("check.rounds", rounds=brief.rounds)
    if brief.questions < 0 or brief.shares < 0:
        yield say("check.negative")
    for argument in brief.arguments:
        if argument.issue and argument.issue not in ids:
            yield say("check.argument_issue", id=argument.id, issue=argument.issue)
        if argument.type in ("objective", "interest") and not argument.issue:
            yield say("check.argument_needs", id=argument.id)


def _phrase_problems(brief: Brief, key: Key) -> Iterator[str]:
    say = messages("negotiation")
    for group, phrases, good in (
        ("openings", brief.openings, key.respectful),
        ("closings", brief.closings, key.face_saving),
    ):
        known = {phrase.id for phrase in phrases}
        yield from (say("check.phrase", group=group, id=it) for it in good if it not in known)
        if known and not 0 < len(known.intersection(good)) < len(known):
            yield say("check.phrases", group=group)


def _temper_problems(key: Key) -> Iterator[str]:
    say = messages("negotiation")
    temper = key.temper
    bounds = (
        ("beta", temper.beta, 0.1, 4.0),
        ("opening", temper.opening, 0.5, 1.0),
        ("reciprocity", temper.reciprocity, 0.0, 2.0),
        ("insults", temper.insults, 1, 10),
    )
    for name, value, low, high in bounds:
        if not low <= value <= high:
            yield say("check.temper", name=name, value=value, low=low, high=high)


def _points_problems(brief: Brief, key: Key) -> Iterator[str]:
    """What would make the analysis meaningless."""
    say = messages("negotiation")
    names = [variant.id for variant in key.variants]
    if not names or len(set(names)) < len(names) or not all(names) or len(names) > 12:
        yield say("check.variants")
    owners = [
        ("points", brief.points, brief.batna),
        *((it.id, it.points, it.batna) for it in key.variants),
    ]
    for owner, points, fallback in owners:
        if set(points) != {issue.id for issue in brief.issues}:
            yield say("check.points_issues", owner=owner)
            continue
        for issue in brief.issues:
            row = points[issue.id]
            if len(row) != len(issue.options) or min(row, default=-1) < 0:
                yield say("check.points_row", owner=owner, issue=issue.id)
        most = sum(max(points[issue.id], default=0) for issue in brief.issues)
        if not 0 <= fallback.points < most:
            yield say("check.fallback", owner=owner, points=fallback.points, most=most)
    yield from (
        say("check.all_barred", issue=issue.id)
        for issue, allowed in zip(brief.issues, lawful(brief), strict=True)
        if not allowed
    )


def _variant_problems(brief: Brief, key: Key, variant: Variant) -> Iterator[str]:
    say = messages("negotiation")
    own, other = own_side(brief), other_side(brief, variant)
    bargain = bargain_of(brief, variant)
    if key.agreement_zone == "empty":
        if bargain.zone:
            yield say("check.zone_not_empty", variant=variant.id, zone=bargain.zone)
        return
    if not bargain.zone or not bargain.gain:
        yield say("check.zone_empty", variant=variant.id)
        return
    sorts = [_sort(own, other, place) for place in range(len(brief.issues))]
    if "own" not in sorts or "other" not in sorts:
        yield say("check.no_trade", variant=variant.id)
    yield from (
        say(f"check.no_{sort}", variant=variant.id)
        for sort in ("compatible", "distributive")
        if sort not in sorts
    )
    naive = bargain.value(bargaining.middle([len(issue.options) for issue in brief.issues]))
    if naive >= NAIVE_LIMIT:
        yield say("check.middle", variant=variant.id, value=f"{naive:.2f}")


def _sort(own: Side, other: Side, place: int) -> str:
    """Whether both want the same (``compatible``), want opposite things alike (``distributive``),
    or an issue matters clearly more to one side (``own``, ``other``).
    """
    mine, theirs = own.points[place], other.points[place]
    if mine.index(max(mine)) == theirs.index(max(theirs)):
        return "compatible"
    weight = importance(own.points)[place] / own.maximum
    weight_theirs = importance(other.points)[place] / other.maximum
    if weight >= UNEVEN * weight_theirs:
        return "own"
    return "other" if weight_theirs >= UNEVEN * weight else "distributive"
