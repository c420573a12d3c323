"""What an order is worth, why, and what authors are told about their key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

from pamong.catalogue import messages
from pamong.kinds import prose, wellformed
from pamong.kinds.ranking import ordering
from pamong.kinds.ranking.case import Brief, Item, ItemKey, Key
from pamong.kinds.ranking.ordering import Groups
from pamong.kinds.ranking.play import State
from pamong.score import Context, Part, Score, weighted

SHARES = {"coherence": 0.30, "ratings": 0.35, "order": 0.35}
"""What makes an item whose order follows from ratings: own order as own ratings, both as the key's."""
NEAR = 0.999


def groups_of(item: Item, key: ItemKey) -> Groups:
    """The reference order with its ties; not for a sequence, which knows pairs only."""
    return ordering.grouped(reference_totals(key)) if item.basis == "criteria" else key.order


def reference_totals(key: ItemKey) -> dict[str, float]:
    return {thing: sum(ratings.values()) for thing, ratings in key.ratings.items()}


def aspects(brief: Brief, item: Item, key: ItemKey, state: State) -> dict[str, float]:
    """What an item is judged on, each in 0..1; 0 where nothing was answered."""
    own = state.ranked.get(item.id)
    if item.basis == "sequence":
        return {
            "order": _clip(ordering.precedence(own, ordering.closure(key.before)) if own else 0)
        }
    order = _clip(ordering.agreement(own, groups_of(item, key)) if own else 0.0)
    if item.basis == "consensus":
        return {"order": order}
    totals = state.totals(brief, item)
    if totals is None:
        return {"coherence": 0.0, "ratings": 0.0, "order": order}
    coherence = ordering.agreement(own, ordering.grouped(totals)) if own else 0.0
    cells = [(thing, each.id) for thing in item.ids for each in brief.rated_on]
    mine = [state.rated[item.id][thing][each] for thing, each in cells]
    likeness = ordering.likeness(mine, [key.ratings[thing][each] for thing, each in cells])
    return {"coherence": _clip(coherence), "ratings": _clip(likeness), "order": order}


def worth(brief: Brief, item: Item, key: ItemKey, state: State) -> float:
    found = aspects(brief, item, key, state)
    total = sum(SHARES[name] for name in found)
    return sum(SHARES[name] * value for name, value in found.items()) / total


def _clip(value: float) -> float:
    return min(max(value, 0.0), 1.0)


def answered(item: Item, state: State) -> bool:
    return item.id in state.ranked or item.id in state.rated


def item_scores(brief: Brief, key: Key, state: State) -> Mapping[str, float]:
    return {
        item.id: worth(brief, item, key.items[item.id], state)
        for item in brief.items
        if answered(item, state)
    }


def score(brief: Brief, key: Key, state: State, context: Context) -> Score:  # noqa: ARG001  # stands alone
    """The mean over all items; an item that was not answered earns nothing."""
    return weighted(
        tuple(
            chain.from_iterable(
                _parts(brief, place, key.items[item.id], state)
                for place, item in enumerate(brief.items, 1)
            )
        )
    )


def _parts(brief: Brief, place: int, key: ItemKey, state: State) -> list[Part]:
    """The parts of one item, whose weights make 1."""
    say, item = messages("ranking"), brief.items[place - 1]
    found = aspects(brief, item, key, state)
    if len(found) == 1:
        reason = order_reason(item, key, state)
        return [Part(item.id, say("part.item", number=place), 1.0, found["order"], reason)]
    reasons = {
        "coherence": coherence_reason(brief, item, state, found["coherence"]),
        "ratings": ratings_reason(brief, item, key, state, found["ratings"]),
        "order": order_reason(item, key, state),
    }
    return [
        Part(
            f"{item.id}.{name}",
            say(f"part.{name}", number=place),
            SHARES[name],
            value,
            reasons[name],
        )
        for name, value in found.items()
    ]


# ---- reasons ----


def order_reason(item: Item, key: ItemKey, state: State) -> str:
    """Where the order differs most from the key's, and why it should not."""
    say, own = messages("ranking"), state.ranked.get(item.id)
    if own is None:
        return say("reason.unanswered")
    if item.basis == "sequence":
        return _sequence_reason(item, key, own)
    ranges = ordering.ranges(groups_of(item, key))
    off = {each: _outside(n, ranges[each]) for n, each in enumerate(own, 1)}
    worst = max(item.ids, key=lambda each: off[each])
    if off[worst] == 0:
        return say("reason.match")
    low, high = ranges[worst]
    return say(
        "reason.order",
        how=_how(ordering.agreement(own, groups_of(item, key))),
        thing=prose.excerpt(item.texts[worst]),
        own=own.index(worst) + 1,
        reference=say("places.one" if low == high else "places.some", low=low, high=high),
        why=key.reasons[worst],
    ).strip()


def _sequence_reason(item: Item, key: ItemKey, own: Sequence[str]) -> str:
    say, pairs = messages("ranking"), ordering.closure(key.before)
    turned = ordering.broken(own, pairs)
    if not turned:
        return say("reason.valid")
    first, second = turned[0]
    blame = max((first, second), key=lambda each: sum(each in pair for pair in turned))
    return say(
        "reason.sequence",
        how=_how(ordering.precedence(own, pairs)),
        first=prose.excerpt(item.texts[first]),
        second=prose.excerpt(item.texts[second]),
        why=key.reasons[blame],
    ).strip()


def coherence_reason(brief: Brief, item: Item, state: State, value: float) -> str:
    say, own, totals = messages("ranking"), state.ranked.get(item.id), state.totals(brief, item)
    if own is None or totals is None:
        return say("reason.coherence.open")
    if len(set(totals.values())) == 1:
        return say("reason.coherence.flat")
    if value >= NEAR:
        return say("reason.coherence.follows")
    ranges = ordering.ranges(ordering.grouped(totals))
    worst = max(own, key=lambda each: _outside(own.index(each) + 1, ranges[each]))
    earlier = own.index(worst) + 1 < ranges[worst][0]
    return say(
        "reason.coherence.early" if earlier else "reason.coherence.late",
        thing=prose.excerpt(item.texts[worst]),
        total=totals[worst],
        own=own.index(worst) + 1,
    )


def ratings_reason(brief: Brief, item: Item, key: ItemKey, state: State, value: float) -> str:
    say = messages("ranking")
    if state.totals(brief, item) is None:
        return say("reason.ratings.open")
    if value >= NEAR:
        return say("reason.ratings.match")
    rated = state.rated[item.id]
    thing, criterion = max(
        ((thing, each) for thing in item.ids for each in brief.rated_on),
        key=lambda cell: abs(rated[cell[0]][cell[1].id] - key.ratings[cell[0]][cell[1].id]),
    )
    return say(
        "reason.ratings.differ",
        how=_how(value),
        criterion=criterion.label,
        thing=prose.excerpt(item.texts[thing]),
        own=rated[thing][criterion.id],
        reference=prose.decimal(key.ratings[thing][criterion.id], 1),
        why=key.reasons[thing],
    ).strip()


def _outside(place: int, bounds: tuple[int, int]) -> int:
    """By how many places ``place`` lies outside of ``bounds``."""
    return max(bounds[0] - place, place - bounds[1], 0)


def _how(value: float) -> str:
    say = messages("ranking")
    return say("how.near" if value >= 0.7 else "how.part" if value > 0 else "how.none")


# ---- afterwards ----


def debrief(brief: Brief, key: Key, state: State) -> dict[str, Any] | None:
    if not state.finished:
        return None
    return {
        "items": [
            _explained(brief, item, key.items[item.id], state)
            for item in brief.items
            if item.id in state.ranked
        ]
    }


def _explained(brief: Brief, item: Item, key: ItemKey, state: State) -> dict[str, Any]:
    """The nearest right order, each thing with the participant's own place and the reason."""
    own = state.ranked[item.id]
    if item.basis == "sequence":
        pairs = ordering.closure(key.before)
        right = ordering.nearest_valid(own, pairs)
        turned = {each for pair in ordering.broken(own, pairs) for each in pair}
        fits = {each: each not in turned for each in own}
    else:
        groups = groups_of(item, key)
        right, ranges = ordering.nearest(own, groups), ordering.ranges(groups)
        fits = {each: _outside(n, ranges[each]) == 0 for n, each in enumerate(own, 1)}
    return {
        "id": item.id,
        "value": worth(brief, item, key, state),
        "reasons": [part.reason for part in _parts(brief, brief.items.index(item) + 1, key, state)],
        "things": [
            {
                "id": each,
                "own": own.index(each) + 1,
                "fits": fits[each],
                "why": key.reasons[each],
                "ratings": dict(key.ratings.get(each, {})),
            }
            for each in right
        ],
    }


# ---- what authors are told ----


def check(brief: Brief, key: Key) -> tuple[str, ...]:
    """Items without a key, a key that does not fit the basis, loops, ratings or orders that are not whole."""
    problems = [*wellformed.same_ids("items", key.items, (item.id for item in brief.items))]
    for item in brief.items:
        if item.id in key.items:
            problems += _item_problems(brief, item, key.items[item.id])
    return tuple(problems)


def _item_problems(brief: Brief, item: Item, key: ItemKey) -> list[str]:
    say = messages("ranking")
    problems = [*wellformed.same_ids(f"items {item.id}: reasons", key.reasons, item.ids)]
    parts = {"sequence": "before", "criteria": "ratings", "consensus": "order"}
    wanted = parts[item.basis]
    problems += (
        say("check.other", item=item.id, field=name, basis=item.basis)
        for name in parts.values()
        if getattr(key, name) and name != wanted
    )
    if not getattr(key, wanted):
        return [*problems, say("check.none", item=item.id, field=wanted, basis=item.basis)]
    found = {"before": _chain_problems, "order": _group_problems}
    if wanted == "ratings":
        return problems + _rating_problems(brief, item, key)
    return problems + found[wanted](item, key)


def _chain_problems(item: Item, key: ItemKey) -> list[str]:
    say = messages("ranking")
    foreign = sorted({each for chain in key.before for each in chain} - set(item.ids))
    if foreign:
        return [say("check.foreign", item=item.id, field="before", thing=each) for each in foreign]
    loops = sorted(a for a, b in ordering.closure(key.before) if a == b)
    return [say("check.loop", item=item.id, things=", ".join(loops))] if loops else []


def _group_problems(item: Item, key: ItemKey) -> list[str]:
    say = messages("ranking")
    given = [each for group in key.order for each in group]
    problems = [*wellformed.same_ids(f"items {item.id}: order", given, item.ids)]
    twice = sorted({each for each in given if given.count(each) > 1})
    problems += (say("check.twice", item=item.id, thing=each) for each in twice)
    if not problems and (len(key.order) < 2 or not all(key.order)):
        problems.append(say("check.flat", item=item.id, field="order"))
    return problems


def _rating_problems(brief: Brief, item: Item, key: ItemKey) -> list[str]:
    say = messages("ranking")
    names = [each.id for each in brief.rated_on]
    problems = [*wellformed.same_ids(f"items {item.id}: ratings", key.ratings, item.ids)]
    for thing, ratings in key.ratings.items():
        problems += wellformed.same_ids(f"items {item.id}: ratings {thing}", ratings, names)
        if not all(1 <= value <= 5 for value in ratings.values()):
            problems.append(say("check.ratings", item=item.id, thing=thing))
    if not problems and len(ordering.grouped(reference_totals(key))) < 2:
        problems.append(say("check.flat", item=item.id, field="ratings"))
    return problems


def advise(brief: Brief, key: Key) -> tuple[str, ...]:
    """Keys so loose that much is right, and an order as written that is right already."""
    say = messages("ranking")
    found = []
    for item in brief.items:
        if item.id not in key.items:
            continue
        each = key.items[item.id]
        pairs, of = _fixed(item, each), len(item.ids) * (len(item.ids) - 1) // 2
        if 2 * len(pairs) < of:
            found.append(say("advise.loose", item=item.id, fixed=len(pairs), of=of))
        if not brief.shuffle and ordering.precedence(item.ids, pairs) > 0.5:
            found.append(say("advise.given", item=item.id))
    return tuple(found)


def _fixed(item: Item, key: ItemKey) -> ordering.Pairs:
    """The pairs whose order the key fixes."""
    if item.basis == "sequence":
        return ordering.closure(key.before)
    groups = groups_of(item, key)
    return frozenset(
        (a, b)
        for place, group in enumerate(groups)
        for a in group
        for later in groups[place + 1 :]
        for b in later
    )
