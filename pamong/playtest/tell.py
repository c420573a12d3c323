"""The outcome of a trial as text for a terminal, and as JSON for other programs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from pamong import locale
from pamong.catalogue import messages
from pamong.playtest.promises import DEGENERATE, band
from pamong.playtest.rounds import ABLE, RANDOM, Row
from pamong.playtest.trial import Trial

BAR = 25
"""Cells of a text bar from 0 to 1."""


def page(trial: Trial) -> str:
    """Title, table with bars, endings, blind play, and every broken promise."""
    say = messages("playtest")
    table = _columns([_head(), *(_cells(trial, row) for row in trial.rows)])
    return "\n".join(
        (
            say("title", title=trial.case.brief.title, name=trial.case.name),
            *table,
            *_endings(trial),
            *_blind(trial),
            *(say("problem", problem=problem) for problem in trial.problems),
        )
    )


def data(trial: Trial) -> dict[str, Any]:
    """Everything that ``page`` says, with the score of every play."""
    restart = trial.restart
    return {
        "exercise": trial.case.name,
        "kind": trial.case.brief.kind,
        "rows": [
            {
                "bot": row.bot,
                "variant": row.variant,
                "skill": row.skill,
                "plays": row.plays,
                "mean": round(row.mean, 6),
                "sd": round(row.sd, 6),
                "full": round(row.full, 6),
                "endings": dict(row.endings),
                "scores": list(row.scores),
            }
            for row in trial.rows
        ],
        "endings": {name: list(bots) for name, bots in trial.endings.items()},
        "blind": {
            "attempts": restart.attempts,
            "allowed": restart.allowed,
            "best": round(restart.best, 6),
            "chance": round(restart.chance, 6),
        }
        if restart
        else None,
        "problems": list(trial.problems),
    }


def label(row: Row) -> str:
    """A bot's name, with what it does where the catalogue says so."""
    say = messages("playtest")
    if row.skill is not None:
        return say("bot.able" if row.skill == ABLE else "bot.weak", bot=row.bot)
    gloss = say.entries.get(f"bot.{row.bot}")
    return f"{row.bot} ({gloss})" if gloss else row.bot


def decimal(value: float) -> str:
    """A score, always with both decimals."""
    return locale.decimal(value, least=2)


def percent(share: float) -> str:
    return locale.percent(share)


def bar(row: Row) -> str:
    """Where 90 of 100 plays lie between 0 and 1, with a dot at the mean."""
    scores = sorted(row.scores) or [0.0]
    low, high = (scores[round(share * (len(scores) - 1))] for share in (0.05, 0.95))
    cells = ["·"] * BAR
    cells[_cell(low) : _cell(high) + 1] = ["─"] * (_cell(high) + 1 - _cell(low))
    cells[_cell(row.mean)] = "●"
    return "".join(cells)


def _cell(value: float) -> int:
    return min(int(value * BAR), BAR - 1)


def _head() -> tuple[str, ...]:
    say = messages("playtest")
    names = ("bot", "variant", "plays", "mean", "sd", "full", "bar", "band")
    return tuple(say(f"head.{name}") for name in names)


def _cells(trial: Trial, row: Row) -> tuple[str, ...]:
    wanted = band(trial.case.key, row.bot) if row.skill is None else None
    return (
        label(row),
        row.variant,
        str(row.plays),
        decimal(row.mean),
        f"±{decimal(row.sd)}",
        percent(row.full),
        bar(row),
        "" if wanted is None else f"{decimal(wanted[0])}–{decimal(wanted[1])}",
    )


def _columns(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    used = [place for place in range(len(rows[0])) if any(row[place] for row in rows[1:])]
    widths = {place: max(len(row[place]) for row in rows) for place in used}
    right = range(2, 6)
    for row in rows:
        cells = (
            row[place].rjust(widths[place]) if place in right else row[place].ljust(widths[place])
            for place in used
        )
        yield f"  {'  '.join(cells).rstrip()}"


def _endings(trial: Trial) -> Iterator[str]:
    say = messages("playtest")
    for name, bots in trial.endings.items():
        yield say("ending" if bots else "ending.none", ending=name, bots=", ".join(bots))


def _blind(trial: Trial) -> Iterator[str]:
    say = messages("playtest")
    full = [
        f"{bot} {percent(max(row.full for row in rows))}"
        for bot in DEGENERATE
        if (rows := [row for row in trial.rows if row.bot == bot])
    ]
    if full:
        yield say("full", shares=", ".join(full))
    restart = trial.restart
    if restart is None:
        return
    if restart.attempts is None:
        plays = sum(row.plays for row in trial.rows if row.bot == RANDOM)
        yield say("restart.never", plays=plays, best=decimal(restart.best), allowed=restart.allowed)
        return
    yield say(
        "restart",
        attempts=restart.attempts,
        allowed=restart.allowed,
        best=decimal(restart.best),
        chance=percent(restart.chance),
    )
