"""One exercise on trial: its table, its endings, what blind restarting earns, what it fails to keep."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from math import ceil, log
from multiprocessing import get_context
from pathlib import Path
from random import Random

from pamong.brief import load_brief, load_key
from pamong.catalogue import messages
from pamong.course import BRIEF, Exercise
from pamong.errors import CourseError, PamongError
from pamong.kind import AnyKind, Brief, Key, replay
from pamong.kinds import KINDS
from pamong.play import play
from pamong.playtest.promises import verify_calibration, verify_rules
from pamong.playtest.rounds import RANDOM, ROUNDS, Round, Row, played, schedule
from pamong.score import Context

GOAL = 0.70
"""The score at which a blind player stops restarting."""
EARLIER = 8
"""Persons whose play of earlier exercises a reflection looks back on, in turn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """An exercise as it is authored, with those of its module that it looks back on."""

    name: str
    kind: AnyKind
    brief: Brief
    key: Key
    earlier: Mapping[str, Exercise] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Restart:
    """What playing at random again and again earns.

    ``attempts`` is the median number of attempts until ``GOAL`` (None: never seen), ``best`` the
    expected best score of as many attempts as the brief allows, ``chance`` that of reaching GOAL in them.
    """

    attempts: int | None
    allowed: int
    best: float
    chance: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """The outcome for one case; ``endings`` names the bots that reached each ending."""

    case: Case
    rows: tuple[Row, ...]
    endings: Mapping[str, tuple[str, ...]]
    restart: Restart | None
    problems: tuple[str, ...]


def file_case(brief_path: Path, key_path: Path | None = None) -> Case:
    """The case in YAML files: a practice brief alone, or a graded one with its key."""
    brief = load_brief(brief_path)
    kind = KINDS[brief.kind]
    key = load_key(key_path, kind) if key_path else getattr(brief, "model", None)
    if key is None:
        raise CourseError(messages("playtest")("model.missing", path=brief_path))
    earlier = dict(_beside(brief_path, kind.needs(brief)))
    return Case(name=brief.id, kind=kind, brief=brief, key=key, earlier=earlier)


def trials(
    cases: Sequence[Case], *, rounds: int = ROUNDS, seed: int = 1, workers: int = 1
) -> tuple[Trial, ...]:
    """Every case on trial; the rows of all tables are shared out over ``workers`` processes."""
    jobs = [
        (place, each)
        for place, case in enumerate(cases)
        for each in schedule(case.kind, case.key, rounds)
    ]
    settings = [_settings(case, seed) for case in cases]
    rows: dict[int, list[Row]] = defaultdict(list)
    for (place, _), row in zip(jobs, _rows(cases, settings, jobs, seed, workers), strict=True):
        rows[place].append(row)
    return tuple(_trial(case, tuple(rows[place])) for place, case in enumerate(cases))


def playtest_files(
    brief_path: Path, key_path: Path | None = None, *, rounds: int = ROUNDS, seed: int = 1
) -> tuple[tuple[Row, ...], tuple[str, ...]]:
    """The table and every problem of the case in two YAML files (practice: the brief alone)."""
    (trial,) = trials((file_case(brief_path, key_path),), rounds=rounds, seed=seed)
    return trial.rows, trial.problems


def _trial(case: Case, rows: tuple[Row, ...]) -> Trial:
    endings = {
        ending: tuple(dict.fromkeys(row.bot for row in rows if ending in row.endings))
        for ending in case.kind.endings(case.brief, case.key)
    }
    say = messages("playtest")
    return Trial(
        case=case,
        rows=rows,
        endings=endings,
        restart=_restart(rows, case.brief.attempts),
        problems=(
            *case.kind.check(case.brief, case.key),
            *verify_calibration(case.key, rows),
            *verify_rules(case.key, rows),
            *(say("ending.unreached", ending=name) for name, bots in endings.items() if not bots),
        ),
    )


def _restart(rows: Sequence[Row], allowed: int) -> Restart | None:
    scores = sorted(score for row in rows if row.bot == RANDOM for score in row.scores)
    if not scores:
        return None
    count = len(scores)
    hit = sum(score >= GOAL for score in scores) / count
    best = sum(
        score * ((place / count) ** allowed - ((place - 1) / count) ** allowed)
        for place, score in enumerate(scores, 1)
    )
    return Restart(
        attempts=_median_wait(hit),
        allowed=allowed,
        best=best,
        chance=1 - (1 - hit) ** allowed,
    )


def _median_wait(chance: float) -> int | None:
    """Tries until an event of this chance has been seen by half of those who try."""
    if chance <= 0:
        return None
    return 1 if chance >= 0.5 else ceil(log(0.5) / log(1 - chance))


# ---- sharing out the work ----

_DESK: list[tuple[Sequence[Case], Sequence[tuple[Context, ...]], int]] = []
"""What a forked process plays from: inherited, never sent."""


def _rows(
    cases: Sequence[Case],
    settings: Sequence[tuple[Context, ...]],
    jobs: Sequence[tuple[int, Round]],
    seed: int,
    workers: int,
) -> Iterator[Row]:
    if workers < 2 or os.name != "posix":
        _sit(cases, settings, seed)
        yield from map(_play, jobs)
        return
    longest = sorted(range(len(jobs)), key=lambda place: -jobs[place][1].plays)
    with ProcessPoolExecutor(
        workers,
        mp_context=get_context("fork"),
        initializer=_sit,
        initargs=(cases, settings, seed),
    ) as pool:
        futures = {place: pool.submit(_play, jobs[place]) for place in longest}
        try:
            for place in range(len(jobs)):
                yield futures[place].result()
        except KeyboardInterrupt:
            for process in tuple((pool._processes or {}).values()):  # noqa: SLF001  # public from 3.14
                process.kill()
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _sit(cases: Sequence[Case], settings: Sequence[tuple[Context, ...]], seed: int) -> None:
    _DESK[:] = [(cases, settings, seed)]


def _play(job: tuple[int, Round]) -> Row:
    cases, settings, seed = _DESK[0]
    place, wanted = job
    case = cases[place]
    return played(case.kind, case.brief, case.key, wanted, seed=seed, settings=settings[place])


# ---- what a reflection looks back on ----


def _settings(case: Case, seed: int) -> tuple[Context, ...]:
    """What persons of rising ability played before, where the kind looks back on it."""
    if not case.kind.needs(case.brief):
        return ()
    return tuple(_earlier(case, number, seed) for number in range(EARLIER))


def _earlier(case: Case, number: int, seed: int) -> Context:
    events, states, scores = {}, {}, {}
    for name, it in case.earlier.items():
        rng = Random(f"{seed}|{case.name}|{name}|{number}")  # noqa: S311  # plays, not secrets
        skill = (number + 0.5) / EARLIER
        events[name] = play(it.kind, it.brief, it.key, it.kind.bots["person"], rng=rng, skill=skill)
        states[name] = replay(it.kind, it.brief, events[name])
        scores[name] = it.kind.score(it.brief, it.key, states[name], Context())
    return Context(events=events, states=states, scores=scores)


def _beside(path: Path, names: Sequence[str]) -> Iterator[tuple[str, Exercise]]:
    """Practice exercises that lie beside a file; others cannot be played from it alone."""
    for name in names:
        try:
            case = file_case(path.with_name(f"{name}{BRIEF}"))
        except (PamongError, OSError):
            continue
        yield name, Exercise(case.kind, case.brief, case.key)
