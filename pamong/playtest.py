"""Bots play an exercise so that a miscalibrated case is found before participants meet it."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from statistics import fmean, pstdev

from pamong.brief import load_brief, load_key
from pamong.kind import AnyKind, Brief, Key, replay
from pamong.kinds import KINDS
from pamong.play import play
from pamong.score import Context

ORDER = "order"
"""Name under ``calibration`` of a chain such as ``capitulate < split < trade <= oracle``."""
_BOUND = re.compile(r"\s*(<=|>=|<|>)\s*([01](?:\.\d+)?|\.\d+)\s*")
_LINK = re.compile(r"\s*(<=|<)\s*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """How one bot fared on one payoff variant (empty: the kind has none), over ``plays`` plays.

    ``deals`` counts the plays that ended in an agreement, where the kind knows agreements.
    """

    bot: str
    variant: str
    plays: int
    mean: float
    sd: float
    deals: int

    def __str__(self) -> str:
        return (
            f"{self.bot:12} {self.variant:12} {self.mean:5.2f} ±{self.sd:4.2f}"
            f"  {self.deals:3}/{self.plays}"
        )


def playtest(
    kind: AnyKind, brief: Brief, key: Key, *, rounds: int = 20, seed: int = 1
) -> tuple[Row, ...]:
    """Every bot on every variant, ``rounds`` plays each; the same table for the same seed."""
    variants = kind.reactive.variants(key) if kind.reactive else ("",)
    return tuple(
        _row(kind, brief, key, bot=bot, variant=variant, plays=rounds, seed=seed)
        for bot in kind.bots
        for variant in variants
    )


def playtest_files(
    brief_path: Path, key_path: Path | None = None, *, rounds: int = 20, seed: int = 1
) -> tuple[tuple[Row, ...], tuple[str, ...]]:
    """The table and every problem of the case in two YAML files (practice: the brief alone)."""
    brief = load_brief(brief_path)
    kind = KINDS[brief.kind]
    key = load_key(key_path, kind) if key_path else getattr(brief, "model", None)
    if key is None:
        raise ValueError(f"{brief_path} has no model; give its key file too")
    rows = playtest(kind, brief, key, rounds=rounds, seed=seed)
    return rows, (*kind.check(brief, key), *verify_calibration(key, rows))


def verify_calibration(key: Key, rows: Sequence[Row]) -> tuple[str, ...]:
    """Each promise of ``key.calibration`` that the table does not keep, in plain Indonesian.

    A bound holds for every variant; so does the chain ``order``, link by link.
    """
    problems: list[str] = []
    variants = dict.fromkeys(row.variant for row in rows)
    for variant in variants:
        means = {row.bot: row.mean for row in rows if row.variant == variant}
        for name, promise in key.calibration.items():
            found = _chain(promise, means) if name == ORDER else _bound(name, promise, means)
            problems += [f"{variant}: {problem}" if variant else problem for problem in found]
    return tuple(dict.fromkeys(problems))


def _row(
    kind: AnyKind,
    brief: Brief,
    key: Key,
    *,
    bot: str,
    variant: str,
    plays: int,
    seed: int,
) -> Row:
    scores, deals = [], 0
    for number in range(plays):
        rng = Random(f"{seed}|{brief.id}|{bot}|{variant}|{number}")  # noqa: S311  # plays, not secrets
        opening = (lambda attempt: {"variant": variant}) if kind.reactive else None
        skill = (number + 0.5) / plays
        events = play(kind, brief, key, kind.bots[bot], rng=rng, skill=skill, opening=opening)
        scores.append(kind.score(brief, key, replay(kind, brief, events), Context()).value)
        deals += any(
            event.who == "counterpart" and event.data.get("re") in ("deal", "accept")
            for event in events
        )
    return Row(
        bot=bot,
        variant=variant,
        plays=plays,
        mean=fmean(scores),
        sd=pstdev(scores),
        deals=deals,
    )


def _bound(bot: str, promise: str, means: Mapping[str, float]) -> list[str]:
    match = _BOUND.fullmatch(promise)
    if match is None:
        return [f"kalibrasi {bot}: “{promise}” bukan batas seperti “<= 0.30”"]
    if bot not in means:
        return [f"kalibrasi {bot}: tidak ada bot bernama {bot}"]
    sign, limit = match[1], float(match[2])
    if _holds(means[bot], sign, limit):
        return []
    return [f"kalibrasi {bot}: rata-rata {means[bot]:.3f}, seharusnya {sign} {limit:.2f}"]


def _chain(promise: str, means: Mapping[str, float]) -> list[str]:
    names = _LINK.split(promise.strip())
    problems = []
    for left, sign, right in zip(names[::2], names[1::2], names[2::2], strict=False):
        unknown = [name for name in (left, right) if name not in means]
        if unknown:
            problems += [f"kalibrasi order: tidak ada bot bernama {name}" for name in unknown]
        elif not _holds(means[left], sign, means[right]):
            problems.append(
                f"kalibrasi order: {left} ({means[left]:.3f}) seharusnya {sign} "
                f"{right} ({means[right]:.3f})"
            )
    return problems


def _holds(value: float, sign: str, limit: float) -> bool:
    close = abs(value - limit) < 1e-9
    if sign == "<=":
        return value < limit or close
    if sign == ">=":
        return value > limit or close
    return (value < limit if sign == "<" else value > limit) and not close


def main(arguments: Sequence[str]) -> int:
    """``python -m pamong.playtest case.brief.yaml [case.key.yaml]``: the table and the problems."""
    rows, problems = playtest_files(*map(Path, arguments))
    sys.stdout.write("".join(f"{row}\n" for row in rows))
    sys.stdout.write("".join(f"! {problem}\n" for problem in problems))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
