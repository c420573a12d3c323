"""One run from the command line: play what was named, say what came of it, keep it if wanted."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pamong.catalogue import messages
from pamong.course import Course
from pamong.errors import CourseError
from pamong.playtest import tell as words
from pamong.playtest.target import cases
from pamong.playtest.trial import Case, Trial, trials

FOLDER = "playtest"
"""Where saved outcomes lie among the course's reports."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """How to play and what to show; ``figure`` is a file for the drawing, ``save`` keeps everything."""

    rounds: int
    seed: int
    workers: int
    json: bool = False
    figure: Path | None = None
    save: bool = False


def run(targets: Sequence[str], wish: Wish, *, tell: Callable[[str], None]) -> bool:
    """Whether every promise was kept. Raises CourseError or AuthoringError before anything is played."""
    if wish.figure is not None and wish.figure.suffix != ".svg":
        raise CourseError(messages("playtest")("figure.suffix", path=wish.figure))
    found = cases(targets)
    _require_sound(found)
    played = trials(found, rounds=wish.rounds, seed=wish.seed, workers=wish.workers)
    problems = sum(len(trial.problems) for trial in played)
    if wish.json:
        tell(json.dumps([words.data(trial) for trial in played], ensure_ascii=False, indent=1))
    else:
        _show(played, problems, tell)
    saved = [*_drawn(played, wish.figure), *(_saved(played) if wish.save else ())]
    for path in () if wish.json else saved:
        entry = "saved.figure" if path.suffix == ".svg" else "saved"
        tell(messages("playtest")(entry, path=path))
    return not problems


def _require_sound(found: Sequence[Case]) -> None:
    """CourseError that lists what brief and key disagree about: such a case cannot be played."""
    problems = [
        f"{case.name}: {text}" for case in found for text in case.kind.check(case.brief, case.key)
    ]
    if problems:
        listed = "\n".join(f"  {each}" for each in problems)
        raise CourseError(messages("playtest")("unsound", problems=listed))


def _show(played: Sequence[Trial], problems: int, tell: Callable[[str], None]) -> None:
    say = messages("playtest")
    for trial in played:
        tell(words.page(trial) + "\n")
    tell(say("broken", count=problems) if problems else say("kept", count=len(played)))


def _drawn(played: Sequence[Trial], path: Path | None) -> Iterator[Path]:
    if path is None:
        return
    for number, trial in enumerate(played, 1):
        name = path.name if len(played) == 1 else f"{path.stem}-{number}{path.suffix}"
        yield _draw(trial, path.with_name(name))


def _saved(played: Sequence[Trial]) -> Iterator[Path]:
    folder = Course.load().reports / FOLDER
    for trial in played:
        path = folder / f"{trial.case.name}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps(words.data(trial), ensure_ascii=False, indent=1)
        path.write_text(f"{text}\n", encoding="utf-8")
        yield path
        yield _draw(trial, path.with_suffix(".svg"))


def _draw(trial: Trial, path: Path) -> Path:
    from pamong.playtest.drawing import svg  # noqa: PLC0415  # matplotlib takes a second

    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(svg(trial), encoding="utf-8")
    return path
