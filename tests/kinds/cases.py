"""The exercises on which every kind's promises are tried, and the logs that bots leave on them."""

from dataclasses import replace
from functools import cache
from pathlib import Path
from random import Random

from pamong.brief import load_brief
from pamong.kinds import KINDS
from pamong.play import play

HERE = Path(__file__).parent
TEMPLATES = HERE.parent.parent / "templates" / "exercises"
CHANGES = {
    "situational:best_worst": {"format": "best_worst"},
    "situational:rating": {"format": "rating"},
    "matrix:ahp": {"weighting": "ahp"},
}
"""Other ways in which a kind can be played than the one its case shows."""


def _found():
    for kind in KINDS:
        for label, folder in ((kind, HERE), (f"{kind}:template", TEMPLATES)):
            if (folder / f"{kind}.brief.yaml").is_file():
                yield label
    yield from CHANGES


NAMES = tuple(_found())


@cache
def case(name):
    """The kind, brief and key of a case."""
    kind, _, change = name.partition(":")
    folder = TEMPLATES if change == "template" else HERE
    brief = replace(load_brief(folder / f"{kind}.brief.yaml"), **CHANGES.get(name, {}))
    return KINDS[kind], brief, brief.model


def best(kind):
    """The bot that plays as well as can be."""
    return kind.bots.get("perfect") or kind.bots["oracle"]


@cache
def bot_logs(name):
    """A log of every bot, and of an able and an unable person."""
    kind, brief, key = case(name)
    person = kind.bots["person"]
    able = (
        play(kind, brief, key, person, rng=Random(4), skill=skill, attempts=brief.attempts)
        for skill in (0.1, 0.9)
    )
    every = (play(kind, brief, key, bot, rng=Random(3)) for bot in kind.bots.values())
    return (*able, *every)
