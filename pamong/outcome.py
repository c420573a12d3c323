"""What grading one exercise comes to: a score, nothing handed in, or an error that a person settles."""

from __future__ import annotations

from dataclasses import dataclass

from pamong.score import Score


@dataclass(frozen=True, slots=True)
class Scored:
    """Played and scored; ``points`` = score × maximum, rounded to four decimals."""

    points: float
    maximum: float
    score: Score


@dataclass(frozen=True, slots=True)
class Missing:
    """Nothing was played: no points."""

    maximum: float


@dataclass(frozen=True, slots=True)
class Errored:
    """Could not be judged. Never scores; a person looks at ``cause``."""

    maximum: float
    cause: str


Outcome = Scored | Missing | Errored
