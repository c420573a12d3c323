"""Rounds of play: every bot on every payoff variant, the random one by the hundred."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from statistics import fmean, pstdev

from pamong.errors import IllegalEvent
from pamong.kind import AnyKind, Brief, Key
from pamong.play import Game
from pamong.score import Context

ROUNDS = 200
"""Plays of the random bot, shared out over the payoff variants."""
OTHERS = 20
"""Plays of any other bot that does not always do the same, per variant."""
RANDOM, PERSON = "random", "person"
WEAK, ABLE = 0.1, 0.9
"""Skills of the two persons who are compared."""
FULL = 0.995
"""A score that counts as full marks."""
Settings = Sequence[Context]
"""What was played before in the same module, in turn; empty for most kinds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """How one bot fared on one payoff variant (empty: the kind has none), play by play.

    A bot that never throws dice has one play. ``skill`` is that of a person of fixed ability, None
    elsewhere. ``stuck`` counts the plays that never ended; ``fault`` is the rule that was broken.
    """

    bot: str
    variant: str
    scores: tuple[float, ...]
    endings: Mapping[str, int] = field(default_factory=dict)
    skill: float | None = None
    stuck: int = 0
    fault: str = ""

    @property
    def plays(self) -> int:
        return len(self.scores)

    @property
    def mean(self) -> float:
        return fmean(self.scores) if self.scores else 0.0

    @property
    def sd(self) -> float:
        return pstdev(self.scores) if self.scores else 0.0

    @property
    def full(self) -> float:
        """The share of plays that earned full marks."""
        return sum(score >= FULL for score in self.scores) / max(self.plays, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """What one row of the table asks for."""

    bot: str
    variant: str
    plays: int
    skill: float | None = None


class Dice(Random):
    """A random source that remembers whether it was asked for anything."""

    thrown = False

    def random(self) -> float:
        self.thrown = True
        return super().random()

    def getrandbits(self, k: int, /) -> int:
        self.thrown = True
        return super().getrandbits(k)


def playtest(
    kind: AnyKind, brief: Brief, key: Key, *, rounds: int = ROUNDS, seed: int = 1
) -> tuple[Row, ...]:
    """Every bot on every variant; the same table for the same seed."""
    return tuple(
        played(kind, brief, key, each, seed=seed, settings=())
        for each in schedule(kind, key, rounds)
    )


def schedule(kind: AnyKind, key: Key, rounds: int) -> Iterator[Round]:
    """The rows of a table, ``rounds`` plays of the random bot among them, others at most OTHERS."""
    variants = kind.reactive.variants(key) if kind.reactive else ("",)
    for bot in kind.bots:
        plays = -(-rounds // len(variants)) if bot == RANDOM else min(rounds, OTHERS)
        for variant in variants:
            yield Round(bot=bot, variant=variant, plays=plays)
    if PERSON in kind.bots:
        for skill in (WEAK, ABLE):
            for variant in variants:
                yield Round(bot=PERSON, variant=variant, plays=min(rounds, OTHERS), skill=skill)


def played(
    kind: AnyKind, brief: Brief, key: Key, wanted: Round, *, seed: int, settings: Settings
) -> Row:
    """One row. A bot that threw no dice in its first play is not asked for a second one."""
    scores, endings = [], Counter[str]()
    stuck, fault = 0, ""
    for number in range(wanted.plays):
        dice = Dice(f"{seed}|{brief.id}|{wanted.bot}|{wanted.variant}|{wanted.skill}|{number}")
        skill = (number + 0.5) / wanted.plays if wanted.skill is None else wanted.skill
        context = settings[number % len(settings)] if settings else Context()
        data = {"variant": wanted.variant} if kind.reactive else kind.opening(brief, dice)
        game = Game(kind, brief, key)
        try:
            game.attempt(1, data, kind.bots[wanted.bot], rng=dice, skill=skill, context=context)
        except IllegalEvent as error:
            fault = fault or str(error)
            break
        stuck += not game.state.finished
        endings[kind.ending(brief, game.state)] += 1
        scores.append(kind.score(brief, key, game.state, context).value)
        if not dice.thrown and wanted.bot != PERSON and len(settings) < 2:
            break
    return Row(
        bot=wanted.bot,
        variant=wanted.variant,
        scores=tuple(scores),
        endings={name: count for name, count in endings.items() if name},
        skill=wanted.skill,
        stuck=stuck,
        fault=fault,
    )
