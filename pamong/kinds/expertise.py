"""How far a judgement agrees with experts: the formulas behind situational judgement."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import combinations_with_replacement, pairwise
from typing import Literal

from pamong.score import footrule, footrule_by_chance

Format = Literal["ranking", "best_worst", "rating"]
Marks = Mapping[str, int]
"""An answer as a number per option: its place from 1, 1 and -1 for best and worst, or its rating."""
LEVELS = (1, 2, 3, 4)
"""What a participant may give an option in the format ``rating``."""


def means(experts: Mapping[str, Sequence[int]]) -> dict[str, float]:
    """The experts' mean rating of each option, best first; equal ones by id."""
    found = {option: sum(ratings) / len(ratings) for option, ratings in experts.items()}
    return dict(sorted(found.items(), key=lambda each: (-each[1], each[0])))


def spread(ratings: Sequence[int]) -> float:
    """The standard deviation of one option's ratings (n - 1 in the denominator)."""
    centre = sum(ratings) / len(ratings)
    return math.sqrt(sum((each - centre) ** 2 for each in ratings) / max(len(ratings) - 1, 1))


def agreement(form: Format, expert: Mapping[str, float], marks: Marks) -> float:
    """How far ``marks`` agree with ``expert`` means: 1 fully, 0 as a guess does, less is worse.

    Ranking: Spearman's footrule (1906). Best and worst: the distance of both picks on the experts'
    scale. Rating: the shape of the profile alone, by Pearson correlation (Legree et al., 2010;
    McDaniel et al., 2011), as a share of what whole ratings can reach; 0 without differences.
    """
    if form == "ranking":
        chance = footrule_by_chance(len(expert))
        own = sorted(marks, key=marks.__getitem__)
        return (footrule(own, tuple(expert)) - chance) / (1 - chance)
    if form == "best_worst":
        reach = max(expert.values()) - min(expert.values())
        gap = expert[picked(marks, 1)] - expert[picked(marks, -1)]
        return gap / reach if reach > 0 else 0.0
    falling = tuple(expert.values())
    reachable = correlation(best_ratings(falling), falling)
    shape = correlation([marks[option] for option in expert], falling)
    return shape / reachable if reachable > 0 else 0.0


def complete(form: Format, options: int, marks: Marks) -> bool:
    """Whether ``marks`` say all that is asked about so many options."""
    return len(marks) == (2 if form == "best_worst" else options)


def picked(marks: Marks, sign: int) -> str:
    """The option marked as best (1) or worst (-1); empty when none is."""
    return next((option for option, mark in marks.items() if mark == sign), "")


def correlation(a: Sequence[float], b: Sequence[float]) -> float:
    """Pearson's r; 0 where either side does not vary."""
    centre_a, centre_b = sum(a) / len(a), sum(b) / len(b)
    product = math.fsum((x - centre_a) * (y - centre_b) for x, y in zip(a, b, strict=True))
    spread_a = math.fsum((x - centre_a) ** 2 for x in a)
    spread_b = math.fsum((y - centre_b) ** 2 for y in b)
    if spread_a < 1e-12 or spread_b < 1e-12:
        return 0.0
    return product / math.sqrt(spread_a * spread_b)


@cache
def best_ratings(falling: tuple[float, ...]) -> tuple[int, ...]:
    """The ratings 1..4 that correlate best with expert means, which fall from first to last."""
    candidates = combinations_with_replacement(LEVELS[::-1], len(falling))
    return max(candidates, key=lambda ratings: round(correlation(ratings, falling), 12))


def furthest(form: Format, expert: Mapping[str, float], marks: Marks) -> str:
    """The option on which ``marks`` differ most from the experts."""
    if form == "best_worst":
        best, worst = picked(marks, 1), picked(marks, -1)
        short = max(expert.values()) - expert[best]
        return best if short >= expert[worst] - min(expert.values()) else worst
    ideal = (
        tuple(range(1, len(expert) + 1))
        if form == "ranking"
        else best_ratings(tuple(expert.values()))
    )
    distance = {
        option: abs(marks[option] - mark) for option, mark in zip(expert, ideal, strict=True)
    }
    return max(distance, key=distance.__getitem__)


def tied(form: Format, expert: Mapping[str, float]) -> list[tuple[str, str]]:
    """Options with the same expert mean, where the format depends on their order."""
    pairs = list(pairwise(expert))
    if form == "best_worst":
        pairs = [pairs[0], pairs[-1]]
    if form == "rating":
        pairs = [(pairs[0][0], pairs[-1][1])]
    return [(a, b) for a, b in pairs if abs(expert[a] - expert[b]) < 1e-9]
