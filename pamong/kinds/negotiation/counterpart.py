"""How the simulated other side bargains: deterministic given the key, the variant and the moves.

It concedes by the clock (Faratin, Sierra & Jennings, 1998), which the participant's own concessions
drive; believes in a fixed pie until the participant shares priorities (Thompson & Hastie, 1990);
accepts what is at least as good as its own next offer; and never goes below its floor.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

from msgspec import Struct
from msgspec.structs import replace

from pamong.bargaining import Package, Side
from pamong.errors import TamperedLog
from pamong.event import Action
from pamong.kinds.memo import remembered
from pamong.kinds.negotiation import debriefing, speech
from pamong.kinds.negotiation.case import (
    Argument,
    Brief,
    Key,
    Temper,
    Variant,
    importance,
    other_side,
    own_side,
    variant_of,
)
from pamong.kinds.negotiation.play import Attempt, Move, State

ENGINE = 1
"""Raise this with any change to the policy below or to a reply's wording: logs are verified by replay."""
MARGIN = 0.02
"""How far above its floor the counterpart still aims at the very end."""
DEADLINE_MARGIN = 0.10
"""What a last offer must give it above its floor."""
INSULT = 0.7
"""An offer worth less than this share of its floor is an insult."""
PERSUASION = 0.06
"""How much of its maximum a good argument makes a whole concession on one issue cheaper."""
HARDENING = 0.05
"""How much a threat or an attack raises its aspiration."""
DISCLOSURE = 0.5
"""Rounds that pass on its clock when the participant credibly discloses a better fallback."""
STALLING = 0.25
"""Rounds that pass on its clock for an offer that gives it nothing."""
_EQUAL = 1e-9


class Mood(Struct, frozen=True):
    """What the counterpart keeps in mind; ``clock`` runs from 0 to 1 over the talk."""

    clock: float = 0.0
    hardening: float = 0.0
    insults: int = 0
    softened: frozenset[int] = frozenset()
    shared: tuple[int, ...] = ()
    used: frozenset[str] = frozenset()
    answered: int = 0
    last: Package | None = None


def respond(brief: Brief, key: Key, state: State) -> tuple[Action, ...]:
    """The reply due to the participant's last act, or the debrief due after the end."""
    attempt = state.current
    if attempt is None:
        return ()
    try:
        variant = variant_of(key, attempt.variant)
    except KeyError:
        raise TamperedLog(brief.id, 0, f"the key has no variant {attempt.variant!r}") from None
    if attempt.finished and attempt.debrief is None:
        return (Action("debrief", debriefing.debrief(brief, key, variant, attempt)),)
    if attempt.waiting is None:
        return ()
    table = Table(brief, key, variant, attempt, other_side(brief, variant))
    return (Action("reply", table.reply(attempt.waiting)),)


def ranking(brief: Brief, variant: Variant) -> tuple[str, ...]:
    """The counterpart's issues, the most important first; ties in the order of the brief."""
    weights = importance(other_side(brief, variant).points)
    order = sorted(range(len(weights)), key=lambda index: -weights[index])
    return tuple(brief.issues[index].id for index in order)


@dataclass(frozen=True, slots=True)
class Table:
    """One moment of one talk, seen from the counterpart's chair."""

    brief: Brief
    key: Key
    variant: Variant
    attempt: Attempt
    side: Side

    def reply(self, move: Move) -> dict[str, object]:
        """What the counterpart says to the participant's latest move."""
        mood = self._mood()
        speaker = speech.Speaker(self.brief, self.attempt, move)
        if move.act == "offer" and move.package is not None:
            return self._to_offer(mood, move.package, speaker)
        if move.act == "ask":
            return self._to_question(mood, speaker)
        if move.act == "argue":
            return self._to_argument(mood, move.subject, speaker)
        if move.act == "greet":
            respectful = move.subject in self.key.respectful
            return {"re": "greeted", "text": speaker.greeted(respectful=respectful)}
        if move.act == "share":
            return {"re": "noted", "text": speaker.noted(move.subject)}
        if move.act == "accept":
            package = speech.as_data(self.brief, self.attempt.standing or ())
            return {"re": "deal", "package": package, "text": speaker.ending("deal")}
        return {"re": "nodeal", "text": speaker.ending("nodeal")}

    def _mood(self) -> Mood:
        """What has come of everything said before the latest move."""
        return _mood(self.brief, self.key, self.variant, self.attempt.moves[:-1])

    def after(self, mood: Mood, move: Move, standing: Package | None) -> Mood:
        if move.act == "share":
            return replace(mood, shared=(*mood.shared, self._place(move.subject)))
        if move.act == "argue":
            after = self._persuaded(mood, move.subject, standing)
            return replace(after, used=mood.used | {move.subject})
        if move.act == "offer" and move.package is not None:
            return self._heard(mood, move.package)
        return replace(mood, answered=mood.answered + 1) if move.act == "info" else mood

    def _heard(self, mood: Mood, offer: Package) -> Mood:
        """Its clock after an offer: concessions speed it up (after Hindriks et al., 2007)."""
        side, temper = self.side, self.key.temper
        step = 1.0
        if mood.last is not None:
            gained = side.share(offer) - side.share(mood.last)
            conceded = 1 + temper.reciprocity * min(1.0, gained / 0.1)
            step = conceded if gained > _EQUAL else STALLING
        insulted = side.share(offer) < INSULT * side.fallback
        return replace(
            mood,
            clock=mood.clock + step / self.brief.rounds,
            insults=mood.insults + insulted,
            last=offer,
        )

    def _persuaded(self, mood: Mood, subject: str, standing: Package | None) -> Mood:
        argument = self._argument(subject)
        if argument.type in ("threat", "attack") and subject not in mood.used:
            return replace(mood, hardening=mood.hardening + HARDENING)
        if not self._is_moving(mood, argument, standing):
            return mood
        if argument.type == "alternative":
            return replace(mood, clock=mood.clock + DISCLOSURE / self.brief.rounds)
        return replace(mood, softened=mood.softened | {self._place(argument.issue)})

    def _is_moving(self, mood: Mood, argument: Argument, standing: Package | None) -> bool:
        """Whether an argument counts: once each, on its issue, and a disclosed fallback only when
        it is better than what lies on the table.
        """
        if argument.id in mood.used:
            return False
        if argument.type == "alternative":
            own = own_side(self.brief)
            return standing is not None and own.total(standing) < own.floor
        if argument.type in ("objective", "interest"):
            return bool(argument.issue) and self._place(argument.issue) not in mood.softened
        return False

    def _to_argument(self, mood: Mood, subject: str, speaker: speech.Speaker) -> dict[str, object]:
        argument = self._argument(subject)
        if argument.type in ("threat", "attack"):
            re = "unmoved" if subject in mood.used else "warned"
        else:
            re = "moved" if self._is_moving(mood, argument, self.attempt.standing) else "unmoved"
        return {"re": re, "text": speaker.to_argument(re, argument)}

    def _to_question(self, mood: Mood, speaker: speech.Speaker) -> dict[str, object]:
        """Answers are true and about ranking only; after the first they ask for something back."""
        ranked = ranking(self.brief, self.variant)
        if mood.answered >= len(ranked):
            return {"re": "enough", "text": speaker.enough()}
        if mood.answered and not mood.shared:
            return {"re": "evasive", "text": speaker.evasive()}
        rank = mood.answered + 1
        issue = ranked[mood.answered]
        text = speaker.informed(issue, rank)
        return {"re": "info", "issue": issue, "rank": rank, "text": text}

    def _to_offer(self, mood: Mood, offer: Package, speaker: speech.Speaker) -> dict[str, object]:
        after = self._heard(mood, offer)
        side, temper = self.side, self.key.temper
        if after.insults >= temper.insults:
            return {"re": "walkout", "text": speaker.ending("walkout")}
        last_round = self.attempt.count("offer") >= self.brief.rounds
        counter = self._counter(after, offer)
        pleased = self._felt(after, offer) >= self._felt(after, counter) - _EQUAL
        enough = side.share(offer) >= side.fallback + DEADLINE_MARGIN - _EQUAL
        if side.total(offer) >= side.floor and (pleased or (last_round and enough)):
            package = speech.as_data(self.brief, offer)
            return {"re": "accept", "package": package, "text": speaker.ending("accept")}
        if last_round:
            return {"re": "deadline", "text": speaker.ending("deadline")}
        warned = after.insults > mood.insults and after.insults == temper.insults - 1
        tone = speech.Tone(
            step=self._step(mood, offer, insulted=after.insults > mood.insults),
            shared=tuple(self.brief.issues[place].id for place in after.shared),
        )
        return {
            "re": "warned" if warned else "counter",
            "package": speech.as_data(self.brief, counter),
            "text": speaker.counter(counter, tone),
        }

    def _step(self, mood: Mood, offer: Package, *, insulted: bool) -> speech.Step:
        if insulted:
            return "insult"
        if mood.last is None:
            return "first"
        if offer == mood.last:
            return "same"
        gained = self.side.share(offer) - self.side.share(mood.last)
        return "concession" if gained > _EQUAL else "selfish"

    def _counter(self, mood: Mood, offer: Package) -> Package:
        wanted = aspiration(self.key.temper, self.side.fallback, mood.clock) + mood.hardening
        prices = _prices(self.side, tuple(sorted(mood.softened)))
        return counter_offer(prices, min(wanted, 1.0), offer, mood.shared)

    def _felt(self, mood: Mood, package: Package) -> float:
        """Utility of a package after the arguments that were heard."""
        prices = _prices(self.side, tuple(sorted(mood.softened)))
        return 1 - sum(prices[issue][option] for issue, option in enumerate(package))

    def _place(self, issue: str) -> int:
        return next(place for place, it in enumerate(self.brief.issues) if it.id == issue)

    def _argument(self, name: str) -> Argument:
        return next(it for it in self.brief.arguments if it.id == name)


def aspiration(temper: Temper, fallback: float, clock: float) -> float:
    """The utility aimed at: from ``temper.opening`` down to just above the floor."""
    low = min(fallback + MARGIN, temper.opening)
    return low + (temper.opening - low) * (1 - math.pow(min(1.0, clock), 1 / temper.beta))


Prices = tuple[tuple[float, ...], ...]
"""Per issue and option what it costs the counterpart, as a share of its maximum."""


@lru_cache(maxsize=512)
def _prices(side: Side, softened: tuple[int, ...]) -> Prices:
    """Costs of each option against the best one, cheaper on issues it was persuaded on."""
    prices = []
    for place, options in enumerate(side.points):
        reach = (max(options) - min(options)) / side.maximum
        discount = min(PERSUASION, reach / 2) / reach if place in softened and reach else 0.0
        row = ((max(options) - points) / side.maximum for points in options)
        prices.append(tuple(price * (1 - discount) for price in row))
    return tuple(prices)


def counter_offer(
    prices: Prices, aspiration: float, offer: Package, shared: tuple[int, ...]
) -> Package:
    """The next package of a counterpart that believes in a fixed pie until told otherwise.

    On ``shared`` issues it meets the participant's last offer as far as its aspiration allows; what
    it may still give up is spread evenly over the other issues. On no issue does it ask for less
    than the participant already offers.
    """
    budget = 1 - aspiration
    chosen: dict[int, int] = {}
    if shared:
        chosen = _meet(prices, budget, offer, shared)
        budget -= sum(prices[issue][option] for issue, option in chosen.items())
    rest = [issue for issue in range(len(prices)) if issue not in chosen]
    while settled := _settled(prices, budget, offer, rest):
        chosen |= {issue: offer[issue] for issue in settled}
        budget -= sum(prices[issue][offer[issue]] for issue in settled)
        rest = [issue for issue in rest if issue not in settled]
    spread = _spread([prices[issue] for issue in rest], budget)
    chosen |= dict(zip(rest, spread, strict=True))
    return tuple(chosen[issue] for issue in range(len(prices)))


def _settled(prices: Prices, budget: float, offer: Package, rest: list[int]) -> list[int]:
    """Issues on which the offer costs no more than an even share of the budget."""
    even = _even([prices[issue] for issue in rest], budget)
    return [
        issue for issue in rest if prices[issue][offer[issue]] <= even * max(prices[issue]) + _EQUAL
    ]


def _even(prices: list[tuple[float, ...]], budget: float) -> float:
    """The share of every issue that the budget allows to give up."""
    total = sum(max(row) for row in prices)
    return min(1.0, max(0.0, budget) / total) if total else 0.0


def _meet(prices: Prices, budget: float, offer: Package, shared: tuple[int, ...]) -> dict[int, int]:
    """Options of the shared issues nearest to the offer that the budget allows; the cheapest of
    equally near ones.
    """

    def merit(options: tuple[int, ...]) -> tuple[float, float]:
        pairs = tuple(zip(shared, options, strict=True))
        away = sum(abs(o - offer[i]) / max(1, len(prices[i]) - 1) for i, o in pairs)
        return (round(away, 9), sum(prices[i][o] for i, o in pairs))

    choices: Iterable[Package] = product(*(range(len(prices[issue])) for issue in shared))
    affordable: list[Package] = [
        options
        for options in choices
        if sum(prices[i][o] for i, o in zip(shared, options, strict=True)) <= budget + _EQUAL
    ]
    nearest = min(affordable, key=merit)
    return dict(zip(shared, nearest, strict=True))


def _spread(prices: list[tuple[float, ...]], budget: float) -> tuple[int, ...]:
    """Options that give up as equal a share of every issue as the budget allows."""
    reach = [max(row) for row in prices]
    even = _even(prices, budget)
    neighbours = [_around(row, even * most) for row, most in zip(prices, reach, strict=True)]

    def merit(options: tuple[int, ...]) -> tuple[float, float]:
        shares = [
            row[option] / most if most else even
            for row, option, most in zip(prices, options, reach, strict=True)
        ]
        cost = sum(row[option] for row, option in zip(prices, options, strict=True))
        return (round(sum((share - even) ** 2 for share in shares), 9), -cost)

    affordable = (
        options
        for options in product(*neighbours)
        if sum(row[o] for row, o in zip(prices, options, strict=True)) <= max(0.0, budget) + _EQUAL
    )
    return min(affordable, key=merit)


def _around(row: tuple[float, ...], price: float) -> tuple[int, ...]:
    """The dearest option that costs at most ``price``, and the next dearer one."""
    order = sorted(range(len(row)), key=lambda option: (row[option], option))
    below = [option for option in order if row[option] <= price + _EQUAL]
    above = [option for option in order if row[option] > price + _EQUAL]
    return (below[-1], *above[:1])


@remembered(256)
def _mood(brief: Brief, key: Key, variant: Variant, moves: tuple[Move, ...]) -> Mood:
    """The mood after ``moves``, from what it was before the last, which a log has come by before."""
    if not moves:
        return Mood()
    before = Attempt(number=1, variant=variant.id, moves=moves[:-1])
    table = Table(brief, key, variant, before, other_side(brief, variant))
    return table.after(_mood(brief, key, variant, before.moves), moves[-1], before.standing)
