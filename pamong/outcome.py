"""What grading one exercise comes to: a score, nothing handed in, or an error that a person settles."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import force_setattr

from pamong.score import Score

CAUSE_LIMIT = 1000
"""Characters of a cause."""


class Scored(Struct, frozen=True):
    """Played and scored; ``points`` = score × maximum, rounded to four decimals."""

    points: float
    maximum: float
    score: Score


class Missing(Struct, frozen=True):
    """Nothing was played: no points."""

    maximum: float


class Errored(Struct, frozen=True):
    """Could not be judged. Never scores; a person looks at ``cause``.

    The cause may quote what a participant sent, so that it is made one line of visible characters.
    """

    maximum: float
    cause: str

    def __post_init__(self) -> None:
        force_setattr(self, "cause", _one_line(self.cause))


def _one_line(text: str) -> str:
    """No line breaks, terminal commands, NUL (which PostgreSQL refuses) or signs that turn text around."""
    line = " ".join(text[: 2 * CAUSE_LIMIT].split())
    line = "".join(each if each.isprintable() else ascii(each)[1:-1] for each in line)
    return line if len(line) <= CAUSE_LIMIT else f"{line[: CAUSE_LIMIT - 1]}…"


Outcome = Scored | Missing | Errored
