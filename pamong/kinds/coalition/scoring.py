"""What a coalition is worth: a map like the experts', a cheap majority, and an eye for who decides.

Map and strategies count only above the best answer that is the same for everybody: who spares
himself the judgement of each actor earns nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

from pamong.catalogue import messages
from pamong.kinds import prose
from pamong.kinds.coalition import voting
from pamong.kinds.coalition.case import (
    HIGHEST,
    LOWEST,
    STRATEGIES,
    Brief,
    Key,
    Place,
    Strategy,
    expected,
    game_of,
    kinship,
)
from pamong.kinds.coalition.game import Solution, solve
from pamong.kinds.coalition.play import Attempt, Position, State, outcome, tally, unmet
from pamong.score import Context, Part, Score, above_baseline, weighted

WEIGHTS = {"placement": 0.35, "strategy": 0.20, "coalition": 0.35, "priority": 0.10}
NEAR_MISS = 0.20
"""The most that a coalition earns whose veto holders agree but whose votes fall short."""
FAR = 1.5
"""Steps on an axis from which a misplacement is named."""


def score(brief: Brief, key: Key, state: State, context: Context) -> Score:  # noqa: ARG001  # stands alone
    """.35 placement + .20 strategy + .35 coalition + .10 priority of the last begun attempt."""
    attempt = state.counted or Attempt(number=1, variant="")
    return weighted(
        (
            _placement(brief, key, attempt),
            _strategy(brief, key, attempt),
            _coalition(brief, key, attempt),
            _priority(brief, attempt),
        )
    )


def closeness(place: Place, position: Position | None) -> float:
    """1 on the experts' place, 0 in the opposite corner of the grid or where nothing was said."""
    if position is None or not position.complete:
        return 0.0
    steps = abs(position.power - place.power) + abs(position.interest - place.interest)
    return 1 - steps / (2 * (HIGHEST - LOWEST))


def fit(place: Place, strategy: Strategy | None) -> float:
    """1 for the experts' strategy, .5 for a neighbouring one, 0 for the opposite or none."""
    wanted = expected(place)
    return kinship(wanted, strategy) if wanted and strategy else 0.0


def best_uniform_place(places: Mapping[str, Place]) -> float:
    """Mean closeness of the best single place for everybody."""
    scale = range(LOWEST, HIGHEST + 1)
    return max(
        _mean([closeness(place, Position(power, interest)) for place in places.values()])
        for power in scale
        for interest in scale
    )


def best_uniform_strategy(places: Mapping[str, Place]) -> float:
    """Mean fit of the best single strategy for everybody."""
    return max(_mean([fit(place, each) for place in places.values()]) for each in STRATEGIES)


def decisive(brief: Brief) -> dict[str, int]:
    """Swings of everybody who has votes or a veto (Banzhaf, 1965)."""
    actors = [actor for actor in brief.actors if actor.id in brief.deciders]
    counts = voting.swings(
        [actor.votes for actor in actors],
        [place for place, actor in enumerate(actors) if actor.veto],
        brief.quorum,
    )
    return {actor.id: count for actor, count in zip(actors, counts, strict=True)}


def misplaced(brief: Brief, key: Key, attempt: Attempt) -> list[str]:
    """Actors that stand far from the experts' place on some axis, the furthest first."""
    far = {}
    for actor in brief.people:
        place, own = key.placement[actor], attempt.positions.get(actor)
        if own is not None and own.complete:
            steps = max(abs(own.power - place.power), abs(own.interest - place.interest))
            if steps >= FAR:
                far[actor] = steps
    return sorted(far, key=lambda actor: -far[actor])


def _part(name: str, value: float, reason: str, **values: object) -> Part:
    say = messages("coalition")
    label = say(f"part.{name}")
    return Part(name, label, WEIGHTS[name], value, say(f"reason.{name}.{reason}", **values))


def _placement(brief: Brief, key: Key, attempt: Attempt) -> Part:
    if not attempt.positions:
        return _part("placement", 0.0, "open")
    values = [closeness(key.placement[it], attempt.positions.get(it)) for it in brief.people]
    own, same = _mean(values), best_uniform_place(key.placement)
    value = above_baseline(own, same)
    far = misplaced(brief, key, attempt)
    told = {"own": prose.percent(own), "same": prose.percent(same)}
    if not value:
        return _part("placement", value, "uniform", **told)
    if not far:
        return _part("placement", value, "close", **told)
    names = ", ".join(brief.names[actor] for actor in far[:3])
    return _part("placement", value, "far", names=names, **told)


def _strategy(brief: Brief, key: Key, attempt: Attempt) -> Part:
    if not attempt.strategies:
        return _part("strategy", 0.0, "open")
    fits = [fit(key.placement[it], attempt.strategies.get(it)) for it in brief.people]
    value = above_baseline(_mean(fits), best_uniform_strategy(key.placement))
    right = sum(each == 1 for each in fits)
    reason = "uniform" if not value else "all" if right == len(fits) else "some"
    return _part("strategy", value, reason, right=right, of=len(fits), near=fits.count(0.5))


def _coalition(brief: Brief, key: Key, attempt: Attempt) -> Part:
    if attempt.support is None or not attempt.turns:
        return _part("coalition", 0.0, "open")
    came_to = outcome(brief, attempt)
    if came_to == "veto":
        names = ", ".join(brief.names[actor] for actor in unmet(brief, attempt.support))
        return _part("coalition", 0.0, "veto", names=names)
    if came_to == "quorum":
        have = tally(brief, attempt.support)
        value = NEAR_MISS * _progress(brief, attempt, have)
        return _part("coalition", value, "quorum", have=have, quorum=brief.quorum)
    spent, least = brief.cost(attempt.taken), cheapest(brief, key, attempt.variant)
    reason = "cheapest" if spent <= least else "won"
    value = min(1.0, least / spent)
    return _part("coalition", value, reason, spent=spent, least=least, of=brief.effort)


def solution(brief: Brief, key: Key, variant: str) -> Solution:
    return solve(game_of(brief, key, variant))


def cheapest(brief: Brief, key: Key, variant: str) -> int:
    """The price of the cheapest winning plan; the whole effort where there is none."""
    best = solution(brief, key, variant).best
    return brief.effort if best is None else game_of(brief, key, variant).cost(best)


def _progress(brief: Brief, attempt: Attempt, have: int) -> float:
    """How far the votes came from those at the start towards the quorum, 0..1."""
    first = attempt.rounds[0].support
    had = tally(brief, first) if first is not None else 0
    return max(0, have - had) / (brief.quorum - had) if had < brief.quorum else 0.0


def _priority(brief: Brief, attempt: Attempt) -> Part:
    if not attempt.order:
        return _part("priority", 0.0, "open")
    counts = decisive(brief)
    value = voting.agreement(attempt.order, counts)
    first = max(counts.values())
    names = ", ".join(brief.names[actor] for actor in counts if counts[actor] == first)
    reason = "same" if value > 0.999 else "near" if value >= 0.5 else "far"
    return _part("priority", value, reason, names=names)


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)
