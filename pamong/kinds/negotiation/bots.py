"""Ways to bargain, from giving in at once to knowing everything: they calibrate a case."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pamong import bargaining, kind
from pamong.bargaining import Package, Side
from pamong.event import Action, Data
from pamong.kinds.negotiation.case import (
    Brief,
    Key,
    Phrase,
    bargain_of,
    importance,
    lawful,
    other_side,
    own_side,
    variant_of,
)
from pamong.kinds.negotiation.play import Attempt, State
from pamong.kinds.negotiation.speech import as_data
from pamong.kinds.normative import most_procedural

Seat = kind.Seat[Brief, Key, State]
Talk = Callable[[Seat, Attempt], Action]


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """What surrounds the talk: how well a bot prepares, greets, reads the other side and closes.

    ``opening`` and ``closing`` give the id of a phrase, or nothing.
    """

    prepare: Callable[[Seat], Data]
    ranking: Callable[[Seat, Attempt], tuple[str, ...]]
    opening: Callable[[Seat], str]
    closing: Callable[[Seat], str]


def played(manner: Manner, talk: Talk) -> kind.Bot:
    """A bot that prepares, talks, ranks, closes and finishes."""

    def bot(seat: Seat) -> Action | None:
        attempt = seat.state.current
        if attempt is None or attempt.finished:
            return None
        if attempt.preparation is None:
            return Action("prepare", manner.prepare(seat))
        if not attempt.ending:
            return _greeting(seat, attempt, manner) or talk(seat, attempt)
        return _ending(seat, attempt, manner)

    return bot


def _greeting(seat: Seat, attempt: Attempt, manner: Manner) -> Action | None:
    phrase = "" if attempt.moves else manner.opening(seat)
    return Action("greet", {"phrase": phrase}) if phrase else None


def _ending(seat: Seat, attempt: Attempt, manner: Manner) -> Action:
    if not attempt.ranking:
        return Action("model", {"ranking": list(manner.ranking(seat, attempt))})
    phrase = "" if attempt.closing else manner.closing(seat)
    if phrase:
        return Action("close", {"phrase": phrase})
    return Action("finish")


def offer(brief: Brief, package: Package) -> Action:
    return Action("offer", {"package": as_data(brief, package)})


def ranked(brief: Brief, side: Side) -> tuple[str, ...]:
    """Issue ids by how much they can matter to a side."""
    weights = importance(side.points)
    order = sorted(range(len(weights)), key=lambda place: -weights[place])
    return tuple(brief.issues[place].id for place in order)


def wished(side: Side) -> Package:
    """The package a side likes best."""
    return tuple(options.index(max(options)) for options in side.points)


# ---------------------------------------------------------------- preparation and understanding


def _naive_preparation(seat: Seat) -> Data:
    own = own_side(seat.brief)
    return {
        "floor": own.floor,
        "target": own.floor,
        "priorities": [ranked(seat.brief, own)[0]],
        "expects_zone": True,
        "guess": [],
    }


def _careless_preparation(seat: Seat) -> Data:
    return {**_naive_preparation(seat), "floor": 0, "target": 0}


def _good_preparation(seat: Seat) -> Data:
    own = own_side(seat.brief)
    return {
        "floor": own.floor,
        "target": max(own.floor + 1, round(own.maximum * 0.8)),
        "priorities": list(ranked(seat.brief, own)[:2]),
        "expects_zone": seat.key.agreement_zone == "exists",
        "guess": [],
    }


def _mirrored(seat: Seat, attempt: Attempt) -> tuple[str, ...]:  # noqa: ARG001
    """Takes the other side's priorities for its own."""
    return ranked(seat.brief, own_side(seat.brief))


def listened(seat: Seat, attempt: Attempt) -> tuple[str, ...]:
    """What was answered, then the issues on which the other side gave way least."""
    told = [move.subject for move in attempt.moves if move.act == "info"]
    yielded = _yielded(seat.brief, attempt)
    rest = sorted(
        (place for place, issue in enumerate(seat.brief.issues) if issue.id not in told),
        key=lambda place: yielded[place],
    )
    return (*told, *(seat.brief.issues[place].id for place in rest))


def _known(seat: Seat, attempt: Attempt) -> tuple[str, ...]:
    return ranked(seat.brief, _other(seat, attempt))


def _silent(seat: Seat) -> str:  # noqa: ARG001  # as its siblings
    return ""


def _respectful(seat: Seat) -> str:
    return next(iter(seat.key.respectful), "")


def _face_saving(seat: Seat) -> str:
    return next(iter(seat.key.face_saving), "")


def _official(phrases: Sequence[Phrase]) -> str:
    """The phrase that sounds most like procedure and courtesy."""
    return phrases[most_procedural([it.text for it in phrases])].id if phrases else ""


CARELESS = Manner(
    prepare=_careless_preparation, ranking=_mirrored, opening=_silent, closing=_silent
)
NAIVE = Manner(prepare=_naive_preparation, ranking=_mirrored, opening=_silent, closing=_silent)
SKILLED = Manner(
    prepare=_good_preparation, ranking=listened, opening=_respectful, closing=_face_saving
)
KNOWING = Manner(
    prepare=_good_preparation, ranking=_known, opening=_respectful, closing=_face_saving
)
OFFICIAL = Manner(
    prepare=_naive_preparation,
    ranking=listened,
    opening=lambda seat: _official(seat.brief.openings),
    closing=lambda seat: _official(seat.brief.closings),
)


# ---------------------------------------------------------------- what to say at the table


def _capitulate(seat: Seat, attempt: Attempt) -> Action:
    """Offers the middle once and takes the answer."""
    if attempt.standing is None:
        return offer(seat.brief, _middle(seat.brief))
    return Action("accept")


def _hard(seat: Seat, attempt: Attempt) -> Action:
    """Only ever asks for everything."""
    if attempt.count("offer") >= seat.brief.rounds:
        return Action("walk")
    return offer(seat.brief, wished(own_side(seat.brief)))


def _split(seat: Seat, attempt: Attempt) -> Action:
    """Insists on the middle of every issue; in the end takes their offer if it beats no deal."""
    own, middle, standing = own_side(seat.brief), _middle(seat.brief), attempt.standing
    last = attempt.count("offer") >= seat.brief.rounds - 1
    bar = own.floor if last else own.total(middle)
    if standing is not None and own.total(standing) >= bar:
        return Action("accept")
    return offer(seat.brief, middle)


def _normative(seat: Seat, attempt: Attempt) -> Action:
    """Courteous throughout: one question, the argument that sounds most official, then the fair
    middle of everything, without ever trading.
    """
    if not attempt.count("ask") and seat.brief.questions:
        return Action("ask")
    arguments = seat.brief.arguments
    if not attempt.count("argue") and arguments:
        said = arguments[most_procedural([it.text for it in arguments])]
        return Action("argue", {"argument": said.id})
    return _split(seat, attempt)


def _concede(seat: Seat, attempt: Attempt) -> Action:
    """Gives way evenly, one step on one issue after the other, without asking or trading."""
    own, standing = own_side(seat.brief), attempt.standing
    steps = attempt.count("offer") * max(1, len(seat.brief.issues) // 3)
    package = list(wished(own))
    contested = [
        place
        for place, options in enumerate(own.points)
        if standing is None or options[standing[place]] < max(options)
    ]
    for step in range(steps if contested else 0):
        place = contested[step % len(contested)]
        package[place] = _next_best(own.points[place], package[place])
    asked = max(own.floor, own.total(tuple(package)))
    if standing is not None and own.total(standing) >= asked:
        return Action("accept")
    return offer(seat.brief, tuple(package))


def _next_best(options: tuple[int, ...], option: int) -> int:
    """The option worth least less than ``option``; itself when nothing is."""
    worse = [it for it in range(len(options)) if options[it] < options[option]]
    return max(worse, key=lambda it: options[it], default=option)


def _random(seat: Seat, attempt: Attempt) -> Action:
    """Offers packages worth at least .6 of the maximum to itself, whatever they mean to others."""
    own = own_side(seat.brief)
    bar = max(own.floor, 0.6 * own.maximum)
    if attempt.standing is not None and own.total(attempt.standing) >= bar:
        return Action("accept")
    return offer(seat.brief, seat.rng.choice(worth(seat.brief, bar)))


def _trade(seat: Seat, attempt: Attempt) -> Action:
    """Asks and shares first, then offers what costs the other side least for what it wants."""
    return explore(seat, attempt) or _bargain(seat, attempt)


def _oracle(seat: Seat, attempt: Attempt) -> Action:
    """Knows the other side's points: asks and shares for form's sake, then makes the best trade."""
    first = explore(seat, attempt)
    if first is not None:
        return first
    bargain = bargain_of(seat.brief, variant_of(seat.key, attempt.variant))
    if bargain.best is None:
        return Action("walk")
    standing = attempt.standing
    if standing is not None and bargain.value(standing) >= 0.999:
        return Action("accept")
    return offer(seat.brief, _approach(bargain, attempt.count("offer"), seat.brief.rounds))


def _walker(seat: Seat, attempt: Attempt) -> Action:
    """Explores, makes two good offers, and leaves rather than go below its fallback."""
    first = explore(seat, attempt)
    if first is not None:
        return first
    if attempt.count("offer") >= 2:
        return Action("walk")
    return _bargain(seat, attempt)


def explore(seat: Seat, attempt: Attempt) -> Action | None:
    """One question, the own priorities, then the questions that are left."""
    asked, shared = attempt.count("ask"), attempt.count("share")
    if asked == 0 and seat.brief.questions > 0:
        return Action("ask")
    if shared < min(1, seat.brief.shares):
        return Action("share", {"issue": ranked(seat.brief, own_side(seat.brief))[shared]})
    if asked < min(seat.brief.questions, len(seat.brief.issues)):
        return Action("ask")
    return None


def _bargain(seat: Seat, attempt: Attempt) -> Action:
    """The next offer on the way down from the own wish, chosen by what was heard; or acceptance."""
    own, rounds = own_side(seat.brief), seat.brief.rounds
    made = attempt.count("offer")
    bar = max(own.floor + 1, _descent(made, rounds) * own.maximum)
    package = kindest(seat, attempt, bar)
    standing = attempt.standing
    if standing is not None and is_lawful(seat.brief, standing):
        if own.total(standing) >= own.total(package):
            return Action("accept")
        if made == rounds - 1 and own.total(standing) > own.floor:
            return Action("accept")
    return offer(seat.brief, package)


def _descent(made: int, rounds: int) -> float:
    """Own share asked for after ``made`` offers: from .95 to .60, fast first."""
    progress = min(1.0, made / max(1, rounds - 1))
    return 0.95 - 0.35 * math.pow(progress, 0.7)


def kindest(seat: Seat, attempt: Attempt, bar: float) -> Package:
    """Among the lawful packages worth ``bar``, the one that seems best for the other side."""
    allowed, own = lawful(seat.brief), own_side(seat.brief)
    appeal = [0.0]
    for place, (weight, wish) in enumerate(
        zip(_guessed_weights(seat, attempt), _guessed_wishes(seat, attempt), strict=True)
    ):
        size = max(1, len(seat.brief.issues[place].options) - 1)
        row = [weight * (1 - abs(option - wish) / size) for option in allowed[place]]
        appeal = [done + value for done in appeal for value in row]
    points = bargaining.totals(own.points, allowed)
    bar = min(bar, max(points))
    ranked_places = (
        (round(liked, 6), value, place)
        for place, (liked, value) in enumerate(zip(appeal, points, strict=True))
        if value >= bar
    )
    return bargaining.packages(allowed)[max(ranked_places)[2]]


def _guessed_weights(seat: Seat, attempt: Attempt) -> tuple[float, ...]:
    told = [move.subject for move in attempt.moves if move.act == "info"]
    return tuple(
        4.0 - told.index(issue.id) if issue.id in told else 1.0 for issue in seat.brief.issues
    )


def _guessed_wishes(seat: Seat, attempt: Attempt) -> Package:
    """Their first counter-offer shows what they want; before it, the opposite of the own wish."""
    for move in attempt.moves:
        if move.who == "counterpart" and move.package is not None:
            return move.package
    own = own_side(seat.brief)
    return tuple(options.index(min(options)) for options in own.points)


def _approach(bargain: bargaining.Bargain, made: int, rounds: int) -> Package:
    """Efficient packages, from an ambitious one down to the best joint one."""
    best = bargain.best or ()
    goal = bargain.own.total(best)
    share = min(1.0, made / max(1, rounds // 2))
    highest = bargain.frontier[0][0]
    bar = highest - (highest - goal) * share
    wanted = [pair for pair in bargain.frontier if pair[0] >= max(bar, goal)]
    own, other = wanted[-1] if wanted else (goal, bargain.other.total(best))
    if own == goal:
        return best
    return next(
        it
        for it in bargaining.packages(bargain.lawful)
        if bargain.own.total(it) == own and bargain.other.total(it) == other
    )


def _yielded(brief: Brief, attempt: Attempt) -> tuple[float, ...]:
    """How far their last counter-offer is from their first, per issue."""
    counters = [it.package for it in attempt.moves if it.who == "counterpart" and it.package]
    if not counters:
        return tuple(0.0 for _ in brief.issues)
    sizes = [max(1, len(issue.options) - 1) for issue in brief.issues]
    return tuple(
        abs(a - b) / size for a, b, size in zip(counters[0], counters[-1], sizes, strict=True)
    )


def worth(brief: Brief, bar: float) -> list[Package]:
    """Lawful packages worth at least ``bar`` points to the participant (at best: the best one)."""
    own, allowed = own_side(brief), lawful(brief)
    every = bargaining.packages(allowed)
    points = bargaining.totals(own.points, allowed)
    bar = min(bar, max(points))
    return [package for package, value in zip(every, points, strict=True) if value >= bar]


def _middle(brief: Brief) -> Package:
    return bargaining.middle([len(issue.options) for issue in brief.issues])


def _other(seat: Seat, attempt: Attempt) -> Side:
    return other_side(seat.brief, variant_of(seat.key, attempt.variant))


def is_lawful(brief: Brief, package: Package) -> bool:
    return all(option in allowed for option, allowed in zip(package, lawful(brief), strict=True))


capitulate = played(CARELESS, _capitulate)
hard = played(NAIVE, _hard)
split = played(NAIVE, _split)
concede = played(NAIVE, _concede)
at_random = played(NAIVE, _random)
normative = played(OFFICIAL, _normative)
trade = played(SKILLED, _trade)
oracle = played(KNOWING, _oracle)
walker = played(SKILLED, _walker)
