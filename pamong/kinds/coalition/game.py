"""Support, won by actions and by those already won; and the cheapest way to a decision.

Support depends on which actions have been taken, not on their order, so every plan can be tried.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

PLAN_LIMIT = 2**14
"""The most sets of actions that are searched."""
Support = tuple[int, ...]
"""0..100 per actor, in the order of the brief."""
Plan = tuple[int, ...]
"""Places of actions, ascending."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Game:
    """One variant by places instead of ids; a link is (source, target, change of support)."""

    base: Support
    effects: tuple[tuple[int, ...], ...]
    costs: tuple[int, ...]
    links: tuple[tuple[int, int, int], ...]
    votes: tuple[int, ...]
    vetoes: tuple[int, ...]
    quorum: int
    threshold: int
    budget: int

    def support(self, plan: Iterable[int]) -> Support:
        """The support once the actions of ``plan`` have been taken, influence included."""
        raised = list(self.base)
        for move in plan:
            raised = [a + b for a, b in zip(raised, self.effects[move], strict=True)]
        return self.influenced(raised)

    def influenced(self, raised: Sequence[int]) -> Support:
        """The least support in which everybody who supports has moved those they influence."""
        reached = list(raised)
        won: set[int] = set()
        while new := [
            actor
            for actor, value in enumerate(reached)
            if value >= self.threshold and actor not in won
        ]:
            won.update(new)
            for source, target, add in self.links:
                if source in new:
                    reached[target] += add
        return tuple(min(max(value, 0), 100) for value in reached)

    def tally(self, support: Support) -> int:
        """Votes of those who support."""
        return sum(
            votes
            for value, votes in zip(support, self.votes, strict=True)
            if value >= self.threshold
        )

    def unmet(self, support: Support) -> int:
        """How many veto holders do not support."""
        return sum(support[actor] < self.threshold for actor in self.vetoes)

    def wins(self, support: Support) -> bool:
        return self.tally(support) >= self.quorum and not self.unmet(support)

    def cost(self, plan: Iterable[int]) -> int:
        return sum(self.costs[move] for move in plan)


@dataclass(frozen=True, slots=True, kw_only=True)
class Solution:
    """``best`` is the cheapest winning plan (None: there is none within the budget), else the plan
    in ``reach`` comes nearest. ``needed`` are the actions that some winning plan cannot do without.
    """

    best: Plan | None
    reach: Plan
    needed: frozenset[int]
    winning: int


@cache
def solve(game: Game) -> Solution:
    """Every affordable plan tried: the cheapest that wins, of equally dear ones the shortest.

    The price of the cheapest winning coalition stands in for its size (Riker, 1962).
    """
    plans = {mask: places(mask) for mask in range(2 ** len(game.costs))}
    supports = _supports(game)
    affordable = [mask for mask, plan in plans.items() if game.cost(plan) <= game.budget]
    winning = [mask for mask in affordable if game.wins(supports[mask])]
    best = min(
        (plans[mask] for mask in winning),
        key=lambda plan: (game.cost(plan), len(plan), plan),
        default=None,
    )
    reach = max(
        affordable,
        key=lambda mask: (
            -game.unmet(supports[mask]), game.tally(supports[mask]), -game.cost(plans[mask]), -mask
        ),
    )  # fmt: skip
    needed = frozenset(
        move
        for mask in winning
        for move in plans[mask]
        if not game.wins(supports[mask & ~(1 << move)])
    )
    return Solution(best=best, reach=plans[reach], needed=needed, winning=len(winning))


def places(mask: int) -> Plan:
    """The actions in a set written as bits."""
    return tuple(move for move in range(mask.bit_length()) if mask >> move & 1)


def _supports(game: Game) -> list[Support]:
    """The support after every set of actions, by its bits."""
    raised: list[tuple[int, ...]] = [game.base]
    for effect in game.effects:
        raised += [tuple(a + b for a, b in zip(row, effect, strict=True)) for row in raised]
    return [game.influenced(row) for row in raised]
