"""What a case promises about its bots: the calibration in its key, and rules that hold for every case."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from pamong.catalogue import messages
from pamong.kind import Key
from pamong.playtest.rounds import ABLE, RANDOM, WEAK, Row

ORDER = "order"
"""Name under ``calibration`` of a chain such as ``capitulate < split < trade <= oracle``."""
NORMATIVE = "normative"
DEGENERATE = ("first", "middle", "agree", "everything")
"""Ways to answer without reading: always the first, always the middle, yes to everything, all of it."""
BEST = ("perfect", "oracle")
_BOUND = re.compile(r"\s*(<=|>=|<|>)\s*([01](?:\.\d+)?|\.\d+)\s*")
_LINK = re.compile(r"\s*(<=|<)\s*")


@dataclass(frozen=True, slots=True)
class Rule:
    """A bound on the mean of these bots, wherever the key's calibration does not name them itself."""

    name: str
    bots: tuple[str, ...]
    promise: str


RULES = (
    Rule("normative", (NORMATIVE,), "<= 0.70"),
    Rule("random", (RANDOM,), "<= 0.45"),
    Rule("degenerate", DEGENERATE, "<= 0.60"),
    Rule("best", BEST, ">= 0.95"),
)


def verify_calibration(key: Key, rows: Sequence[Row]) -> tuple[str, ...]:
    """Each promise of ``key.calibration`` that the table does not keep, in plain Indonesian.

    A bound holds for every variant; so does the chain ``order``, link by link.
    """
    return _verify(key.calibration, rows)


def verify_rules(key: Key, rows: Sequence[Row]) -> tuple[str, ...]:
    """Each rule for every case that the table breaks; the key's own word on a bot goes first."""
    say, problems = messages("playtest"), list[str]()
    played = {row.bot for row in rows}
    for rule in RULES:
        own = {bot: rule.promise for bot in rule.bots if bot in played - set(key.calibration)}
        if broken := _verify(own, rows):
            problems.append(say("rule", problems="; ".join(broken), why=say(f"rule.{rule.name}")))
    return (*problems, *_skill(rows), *_faults(rows))


def band(key: Key, bot: str) -> tuple[float, float] | None:
    """Where the mean of a bot should lie, by the key or else by the rules; None: anywhere."""
    promises = {name: rule.promise for rule in RULES for name in rule.bots} | dict(key.calibration)
    match = _BOUND.fullmatch(promises.get(bot, "")) if bot != ORDER else None
    if match is None:
        return None
    limit = float(match[2])
    return (0.0, limit) if match[1].startswith("<") else (limit, 1.0)


def _verify(promises: Mapping[str, str], rows: Sequence[Row]) -> tuple[str, ...]:
    problems: list[str] = []
    for variant in dict.fromkeys(row.variant for row in rows):
        means = {row.bot: row.mean for row in rows if row.variant == variant and row.skill is None}
        for name, promise in promises.items():
            found = _chain(promise, means) if name == ORDER else _bound(name, promise, means)
            problems += [_in_variant(variant, problem) for problem in found]
    return tuple(dict.fromkeys(problems))


def _in_variant(variant: str, problem: str) -> str:
    if not variant:
        return problem
    return messages("playtest")("variant", variant=variant, problem=problem)


def _bound(bot: str, promise: str, means: Mapping[str, float]) -> Iterator[str]:
    say, match = messages("playtest"), _BOUND.fullmatch(promise)
    if match is None:
        yield say("bound.unreadable", bot=bot, promise=promise)
    elif bot not in means:
        yield say("bot.unknown", name=bot, bot=bot)
    elif not _holds(means[bot], match[1], float(match[2])):
        yield say("bound.broken", bot=bot, mean=means[bot], sign=match[1], limit=float(match[2]))


def _chain(promise: str, means: Mapping[str, float]) -> Iterator[str]:
    say, names = messages("playtest"), _LINK.split(promise.strip())
    for left, sign, right in zip(names[::2], names[1::2], names[2::2], strict=False):
        unknown = [name for name in (left, right) if name not in means]
        yield from (say("bot.unknown", name=ORDER, bot=name) for name in unknown)
        if not unknown and not _holds(means[left], sign, means[right]):
            yield say(
                "order.broken",
                left=left,
                low=means[left],
                sign=sign,
                right=right,
                high=means[right],
            )


def _holds(value: float, sign: str, limit: float) -> bool:
    close = abs(value - limit) < 1e-9
    if sign == "<=":
        return value < limit or close
    if sign == ">=":
        return value > limit or close
    return (value < limit if sign == "<" else value > limit) and not close


def _skill(rows: Sequence[Row]) -> Iterator[str]:
    """Who is able must earn more than who is not, over all variants."""
    weak, able = ([row.mean for row in rows if row.skill == skill] for skill in (WEAK, ABLE))
    if weak and able and fmean(able) <= fmean(weak):
        yield messages("playtest")("skill", weak=fmean(weak), able=fmean(able))


def _faults(rows: Sequence[Row]) -> Iterator[str]:
    say = messages("playtest")
    for row in rows:
        if row.fault:
            yield _in_variant(row.variant, say("fault", bot=row.bot, fault=row.fault))
        if row.stuck:
            yield _in_variant(row.variant, say("stuck", bot=row.bot, count=row.stuck))
