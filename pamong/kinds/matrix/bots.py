"""Players of a decision matrix."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from pamong.catalogue import messages
from pamong.event import Action
from pamong.kind import Bot
from pamong.kind import Seat as AnySeat
from pamong.kinds import prose
from pamong.kinds.matrix import weighing
from pamong.kinds.matrix.case import Brief, Key
from pamong.kinds.matrix.play import State

Seat = AnySeat[Brief, Key, State]
Move = Callable[[Seat], Action | None]
"""The next action of one task, or None when that task is done."""
PAUSE = 0.002
"""Chance, per action, that a person stops there."""


def perfect(seat: Seat) -> Action | None:
    return _first(seat, _true_cell, _fitting_weight, _implied_rank, _critical, _reasoned)


def random(seat: Seat) -> Action | None:
    return _first(seat, _any_cell, _any_weight, _any_rank, _any_claim, _curt)


def middle(seat: Seat) -> Action | None:
    """Puts everything in the middle: values, weights, the alternatives as listed."""
    return _first(seat, _middle_cell, _equal_weight, _listed_rank, _first_claim, _curt)


def first(seat: Seat) -> Action | None:
    """Types the lowest value everywhere, and whatever else stands first."""
    return _first(seat, _lowest_cell, _only_weight, _listed_rank, _first_claim, _curt)


def normative(seat: Seat) -> Action | None:
    """Copies the facts with care and decides nothing: every criterion weighs the same, no order is
    changed, nothing is critical.
    """
    return _first(seat, _true_cell, _equal_weight, _listed_rank, _no_claim, _reasoned)


def person(seat: Seat) -> Action | None:
    """Misreads, misweighs and miscounts less often the abler it is; sometimes stops early."""
    if seat.rng.random() < PAUSE and seat.state.attempt:
        return None if seat.state.finished else Action("finish")
    return _first(seat, _read_cell, _rough_weight, _rough_rank, _rough_claim, _reasoned)


def _first(seat: Seat, *moves: Move) -> Action | None:
    if seat.state.finished:
        return None
    return next((action for move in moves if (action := move(seat))), Action("finish"))


def _cell(value: Callable[[Seat, str, str], float], seat: Seat) -> Action | None:
    if "fill" not in seat.brief.tasks:
        return None
    for row in seat.brief.rows:
        for criterion in seat.brief.criteria:
            if criterion.id not in seat.state.cells.get(row, {}):
                typed = min(max(value(seat, row, criterion.id), criterion.low), criterion.high)
                return Action(
                    "cell", {"alternative": row, "criterion": criterion.id, "value": typed}
                )
    return None


def _bounds(seat: Seat, column: str) -> tuple[float, float]:
    criterion = seat.brief.criteria[seat.brief.columns.index(column)]
    return criterion.low, criterion.high


def _misread(seat: Seat, row: str, column: str) -> float:
    true = seat.key.data[row][column]
    if seat.rng.random() < 0.55 + 0.45 * seat.skill:
        return true
    other = seat.rng.choice(seat.brief.rows)
    if other != row and seat.rng.random() < 0.6:
        return seat.key.data[other][column]
    return round(true * seat.rng.choice((0.1, 0.5, 0.9, 1.1, 2.0)), 1)


_true_cell = partial(_cell, lambda seat, row, column: seat.key.data[row][column])
_any_cell = partial(_cell, lambda seat, _, column: seat.rng.uniform(*_bounds(seat, column)))
_lowest_cell = partial(_cell, lambda seat, _, column: _bounds(seat, column)[0])
_middle_cell = partial(_cell, lambda seat, _, column: sum(_bounds(seat, column)) / 2)
_read_cell = partial(_cell, _misread)


def _weigh(weights: Callable[[Seat], dict[str, float]], seat: Seat) -> Action | None:
    """The next weight, or the next pair of weights compared."""
    brief, state = seat.brief, seat.state
    if "weight" not in brief.tasks:
        return None
    wanted = weights(seat)
    if brief.weighting == "ahp":
        pair = next(
            (each for each in weighing.pairs(brief.columns) if each not in state.ratios), None
        )
        if pair is None:
            return None
        ratio = min(max(wanted[pair[0]] / max(wanted[pair[1]], 0.01), 1 / 9), 9.0)
        return Action("compare", {"a": pair[0], "b": pair[1], "ratio": ratio})
    criterion = next((each for each in brief.columns if each not in state.weights), None)
    if criterion is None:
        return None
    return Action("weight", {"criterion": criterion, "value": 100 * wanted[criterion]})


def _mandated(seat: Seat) -> dict[str, float]:
    """The mandated weights; falling ones where the brief states no priorities."""
    if seat.key.mandate is not None:
        return dict(seat.key.mandate)
    size = len(seat.brief.columns)
    return {each: (size - n) / size for n, each in enumerate(seat.brief.columns)}


def _rounded(seat: Seat) -> dict[str, float]:
    noise = 0.25 * (1 - seat.skill)
    return {
        each: min(max(round((share + seat.rng.gauss(0, noise)) * 20) / 20, 0.05), 1.0)
        for each, share in _mandated(seat).items()
    }


_fitting_weight = partial(_weigh, _mandated)
_any_weight = partial(
    _weigh, lambda seat: {each: seat.rng.uniform(0.05, 1) for each in seat.brief.columns}
)
_equal_weight = partial(_weigh, lambda seat: dict.fromkeys(seat.brief.columns, 0.5))
_only_weight = partial(
    _weigh, lambda seat: {each: 0.05 + 0.95 * (n == 0) for n, each in enumerate(seat.brief.columns)}
)
_rough_weight = partial(_weigh, _rounded)


def _rank(order: Callable[[Seat], list[str]], seat: Seat) -> Action | None:
    if "rank" not in seat.brief.tasks or seat.state.ranking:
        return None
    return Action("rank", {"order": order(seat)})


def _implied(seat: Seat) -> list[str]:
    totals = seat.state.totals(seat.brief)
    rows = seat.brief.rows
    return list(rows if totals is None else weighing.implied_ranking(totals, rows))


def _swapped(seat: Seat) -> list[str]:
    order = _implied(seat)
    if seat.rng.random() > 0.4 + 0.6 * seat.skill:
        place = seat.rng.randrange(len(order) - 1)
        order[place], order[place + 1] = order[place + 1], order[place]
    return order


_implied_rank = partial(_rank, _implied)
_any_rank = partial(_rank, lambda seat: seat.rng.sample(seat.brief.rows, len(seat.brief.rows)))
_listed_rank = partial(_rank, lambda seat: list(seat.brief.rows))
_rough_rank = partial(_rank, _swapped)


def _claim(criterion: Callable[[Seat], str], seat: Seat) -> Action | None:
    if "sensitivity" not in seat.brief.tasks or seat.state.claim is not None:
        return None
    return Action("sensitive", {"criterion": criterion(seat)})


def _most_critical(seat: Seat) -> str:
    changes = seat.state.changes(seat.brief) or {}
    possible = {each: change for each, change in changes.items() if change is not None}
    return min(possible, key=possible.__getitem__) if possible else ""


def _guessed(seat: Seat) -> str:
    if seat.rng.random() < 0.15 + 0.7 * seat.skill:
        return _most_critical(seat)
    return seat.rng.choice(seat.brief.columns)


_critical = partial(_claim, _most_critical)
_any_claim = partial(_claim, lambda seat: seat.rng.choice(("", *seat.brief.columns)))
_first_claim = partial(_claim, lambda seat: seat.brief.columns[0])
_no_claim = partial(_claim, lambda seat: "")
_rough_claim = partial(_claim, _guessed)


def _recommend(text: Callable[[Seat, str], str], seat: Seat) -> Action | None:
    if "recommend" not in seat.brief.tasks or seat.state.choice:
        return None
    best = (seat.state.ranking or tuple(_implied(seat)))[0]
    return Action("recommend", {"alternative": best, "text": text(seat, best)})


def _argued(seat: Seat, best: str) -> str:
    """A few plain sentences, until they are long enough."""
    say, rng = messages("matrix"), seat.rng
    label = next(each.label for each in seat.brief.alternatives if each.id == best)
    criterion = rng.choice(seat.brief.criteria).label
    sentences = [say("person.opening", alternative=label, criterion=criterion)]
    more = [f"person.{n}" for n in range(1, 7)]
    rng.shuffle(more)
    while more and prose.count_words(" ".join(sentences)) < seat.brief.min_words:
        sentences.append(say(more.pop(), alternative=label, criterion=criterion))
    return " ".join(sentences)


_reasoned = partial(_recommend, _argued)
_curt = partial(_recommend, lambda _, best: best)

BOTS: dict[str, Bot] = {
    "perfect": perfect,
    "random": random,
    "first": first,
    "middle": middle,
    "normative": normative,
    "person": person,
}
