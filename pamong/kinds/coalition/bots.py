"""Ways to build a coalition, from ticking boxes to knowing everything: they calibrate a case."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pamong import kind
from pamong.event import Action
from pamong.kinds import normative as procedure
from pamong.kinds.coalition.case import (
    CENTRE,
    HIGHEST,
    LOWEST,
    STRATEGIES,
    Brief,
    Key,
    Strategy,
    expected,
    game_of,
    quadrant,
)
from pamong.kinds.coalition.game import Game
from pamong.kinds.coalition.play import Attempt, State, outcome
from pamong.kinds.coalition.scoring import decisive, solution

Seat = kind.Seat[Brief, Key, State]


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How a bot maps an actor, orders the voters, and picks the actions of a turn ([]: stop)."""

    place: Callable[[Seat, str], tuple[int, int]]
    strategy: Callable[[Seat, str], Strategy]
    order: Callable[[Seat], list[str]]
    turn: Callable[[Seat, Attempt], list[str]]


def played(manner: Manner) -> kind.Bot:
    """A bot that maps everybody, locks the map, takes its turns and finishes."""

    def bot(seat: Seat) -> Action | None:
        attempt = seat.state.current
        if attempt is None or attempt.finished:
            return None
        if not attempt.rounds:
            return _mapping(seat, attempt, manner)
        open_turn = attempt.turns < seat.brief.turns and affordable(seat.brief, attempt)
        moves = manner.turn(seat, attempt) if open_turn else []
        return Action("turn", {"actions": moves}) if moves else Action("finish")

    return bot


def _mapping(seat: Seat, attempt: Attempt, manner: Manner) -> Action:
    for actor in seat.brief.people:
        if actor not in attempt.positions:
            power, interest = manner.place(seat, actor)
            return Action("place", {"actor": actor, "power": power, "interest": interest})
        if actor not in attempt.strategies:
            return Action("strategy", {"actor": actor, "strategy": manner.strategy(seat, actor)})
    if not attempt.order:
        return Action("rank", {"order": manner.order(seat)})
    return Action("lock")


def affordable(brief: Brief, attempt: Attempt) -> list[str]:
    """Actions that are not taken yet and cost no more than is left."""
    left = brief.effort - brief.cost(attempt.taken)
    return [it.id for it in brief.actions if it.id not in attempt.taken and it.cost <= left]


def _fill(brief: Brief, attempt: Attempt, wishes: Sequence[str], share: float = 1.0) -> list[str]:
    """From the head of ``wishes`` as many actions as ``share`` of the effort that is left pays."""
    may = affordable(brief, attempt)
    left = (brief.effort - brief.cost(attempt.taken)) * share
    taken: list[str] = []
    for move in wishes:
        cost = brief.cost((move,))
        if move in may and (cost <= left or not taken):
            taken.append(move)
            left -= cost
    return taken


def _evenly(wishes: Callable[[Seat], Sequence[str]]) -> Callable[[Seat, Attempt], list[str]]:
    """Spreads all effort over all turns, whatever comes of it."""

    def turn(seat: Seat, attempt: Attempt) -> list[str]:
        share = 1 / (seat.brief.turns - attempt.turns)
        return _fill(seat.brief, attempt, wishes(seat), share)

    return turn


def _listed(seat: Seat) -> list[str]:
    return list(seat.brief.deciders)


def _by_votes(seat: Seat) -> list[str]:
    votes = {actor.id: actor.votes for actor in seat.brief.actors}
    return sorted(seat.brief.deciders, key=lambda actor: -votes[actor])


def _decisive_first(seat: Seat) -> list[str]:
    counts = decisive(seat.brief)
    return sorted(counts, key=lambda actor: -counts[actor])


def _cheap_first(seat: Seat) -> list[str]:
    return [move.id for move in sorted(seat.brief.actions, key=lambda move: move.cost)]


def _dear_first(seat: Seat) -> list[str]:
    return [move.id for move in sorted(seat.brief.actions, key=lambda move: -move.cost)]


def _procedural_first(seat: Seat) -> list[str]:
    texts = [f"{move.label} {move.about}" for move in seat.brief.actions]
    return [seat.brief.moves[place] for place in procedure.by_procedure(texts)]


def _gamble(seat: Seat, attempt: Attempt) -> list[str]:
    moves = affordable(seat.brief, attempt)
    seat.rng.shuffle(moves)
    return _fill(seat.brief, attempt, moves, seat.rng.random())


# ---------------------------------------------------------------- those who know the key


def _rounded(value: float) -> int:
    return min(max(round(value), LOWEST), HIGHEST)


def _true_place(seat: Seat, actor: str) -> tuple[int, int]:
    place = seat.key.placement[actor]
    return _rounded(place.power), _rounded(place.interest)


def _true_strategy(seat: Seat, actor: str) -> Strategy:
    return expected(seat.key.placement[actor]) or "monitor"


def _best_plan(seat: Seat, attempt: Attempt) -> list[str]:
    if attempt.turns:
        return []
    best = solution(seat.brief, seat.key, attempt.variant).best or ()
    return [seat.brief.moves[place] for place in best]


def _greedy_turn(seat: Seat, attempt: Attempt) -> list[str]:
    """A third of the effort on whatever wins most votes at once, without looking ahead."""
    if outcome(seat.brief, attempt) == "won":
        return []
    brief, game = seat.brief, game_of(seat.brief, seat.key, attempt.variant)
    taken = [brief.moves.index(move) for move in attempt.taken]
    gain = {move: _gain(brief, game, taken, move) for move in affordable(brief, attempt)}
    best_first = sorted(gain, key=lambda move: gain[move], reverse=True)
    return _fill(brief, attempt, best_first, 1 / (brief.turns - attempt.turns))


def _gain(brief: Brief, game: Game, taken: list[int], move: str) -> tuple[float, float]:
    place = brief.moves.index(move)
    before, after = game.support(taken), game.support([*taken, place])
    votes = game.tally(after) - game.tally(before)
    moved = sum(after) - sum(before)
    return votes / game.costs[place], moved / game.costs[place]


# ---------------------------------------------------------------- somebody of some ability


def _judged_place(seat: Seat, actor: str) -> tuple[int, int]:
    place, noise = seat.key.placement[actor], 0.35 + 1.5 * (1 - seat.skill)
    power, interest = (seat.rng.gauss(it, noise) for it in (place.power, place.interest))
    return _rounded(power), _rounded(interest)


def _judged_strategy(seat: Seat, actor: str) -> Strategy:
    """Mostly what the own map says; who knows less of it takes any."""
    attempt, rng = seat.state.current, seat.rng
    if attempt is None or rng.random() > 0.35 + 0.6 * seat.skill:
        return rng.choice(STRATEGIES)
    own = attempt.positions[actor]
    found = quadrant(own.power, own.interest)
    return rng.choice(STRATEGIES) if found is None else found


def _judged_order(seat: Seat) -> list[str]:
    counts = decisive(seat.brief)
    noise = (1 - seat.skill) * max(counts.values()) * 0.8
    felt = {actor: count + seat.rng.gauss(0, noise + 0.01) for actor, count in counts.items()}
    return sorted(felt, key=lambda actor: -felt[actor])


def _judged_turn(seat: Seat, attempt: Attempt) -> list[str]:
    """A few actions a turn; the abler, the more of them are of use, and the sooner it is enough."""
    rng, brief = seat.rng, seat.brief
    if outcome(brief, attempt) == "won" and rng.random() < 0.4 + 0.6 * seat.skill:
        return []
    best = solution(brief, seat.key, attempt.variant).best or ()
    useful = [brief.moves[place] for place in best]
    wishes: list[str] = []
    may = affordable(brief, attempt)
    for _ in range(rng.choice((1, 2, 2, 3))):
        left = [move for move in may if move not in wishes]
        good = [move for move in left if move in useful]
        if left:
            wishes.append(
                rng.choice(good if good and rng.random() < 0.2 + 0.75 * seat.skill else left)
            )
    return _fill(brief, attempt, wishes)


BOTS: dict[str, kind.Bot] = {
    "random": played(
        Manner(
            place=lambda seat, _: (seat.rng.randint(1, 5), seat.rng.randint(1, 5)),
            strategy=lambda seat, _: seat.rng.choice(STRATEGIES),
            order=lambda seat: seat.rng.sample(seat.brief.deciders, len(seat.brief.deciders)),
            turn=_gamble,
        )
    ),
    "first": played(
        Manner(
            place=lambda *_: (LOWEST, LOWEST),
            strategy=lambda *_: STRATEGIES[0],
            order=_listed,
            turn=_evenly(lambda seat: seat.brief.moves),
        )
    ),
    "middle": played(
        Manner(
            place=lambda *_: (CENTRE, CENTRE),
            strategy=lambda *_: "inform",
            order=_listed,
            turn=_evenly(_cheap_first),
        )
    ),
    "agree": played(
        Manner(
            place=lambda *_: (HIGHEST, HIGHEST),
            strategy=lambda *_: "close",
            order=_listed,
            turn=_evenly(_dear_first),
        )
    ),
    "normative": played(
        Manner(
            place=lambda *_: (HIGHEST - 1, HIGHEST - 1),
            strategy=lambda *_: "close",
            order=_by_votes,
            turn=_evenly(_procedural_first),
        )
    ),
    "greedy": played(
        Manner(place=_true_place, strategy=_true_strategy, order=_by_votes, turn=_greedy_turn)
    ),
    "oracle": played(
        Manner(place=_true_place, strategy=_true_strategy, order=_decisive_first, turn=_best_plan)
    ),
    "person": played(
        Manner(
            place=_judged_place,
            strategy=_judged_strategy,
            order=_judged_order,
            turn=_judged_turn,
        )
    ),
}
