"""What a page of feedback says, before it has a look: plain values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup

from pamong.score import Cap, Part

NOTHING = Markup("")


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """One part of a score; ``of`` are the points that it could bring, None where there are none."""

    name: str
    label: str
    value: float
    reason: str
    of: float | None

    @property
    def left(self) -> float:
        """Points that this part could still have brought."""
        return (1 - self.value) * (self.of or 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One choice on the way through a branching case; ``cost`` of 100, None where that is not told."""

    title: str
    choice: str
    reason: str
    led: str
    cost: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """What somebody did in one exercise, and what it led to.

    ``record`` is everything as the kind renders it; ``lesson`` a principle that was missed.
    """

    record: Markup = NOTHING
    attempt: int = 0
    attempts: int = 1
    path: tuple[Decision, ...] = ()
    ending: str = ""
    led: tuple[str, ...] = ()
    plot: Markup = NOTHING
    lesson: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One exercise or essay of a page; ``score`` is None where there are no points (yet)."""

    kind: str
    title: str
    status: str
    score: float | None = None
    maximum: float | None = None
    shares: tuple[Share, ...] = ()
    caps: tuple[Cap, ...] = ()
    question: str = ""
    text: tuple[str, ...] = ()
    story: Story = Story()  # frozen
    comment: str = ""

    @property
    def left(self) -> float:
        """Points that were there to be had and were not."""
        if self.score is None or self.maximum is None:
            return 0.0
        return max(0.0, self.maximum - self.score)

    @property
    def reached(self) -> float:
        """The share of the points, 0..1; 0 where there are none."""
        return self.score / self.maximum if self.maximum and self.score is not None else 0.0

    @property
    def missed(self) -> tuple[str, ...]:
        """The parts where most was left, the dearest first; at most three.

        Where one part earns all points and the others only say why, it is those that tell.
        """
        earning = [each for each in self.shares if each.of]
        telling = [each for each in self.shares if not each.of and each.value < 1]
        if len(earning) == 1 and telling:
            worst = sorted(telling, key=lambda it: it.value)
            return tuple(each.label for each in worst[:3] if each.value <= worst[0].value + 0.25)
        most = max((each.left for each in earning), default=0.0)
        dear = [each for each in earning if each.left > 0 and each.left >= most / 2]
        return tuple(each.label for each in sorted(dear, key=lambda it: -it.left)[:3])


@dataclass(frozen=True, slots=True, kw_only=True)
class Counsel:
    """What the whole page comes to, in sentences."""

    headline: str
    strong: tuple[str, ...]
    left: tuple[str, ...]
    practise: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The feedback of one participant on one module; ``part`` names a notebook where it is that alone."""

    programme: str
    module: str
    participant: str
    submitted: str
    score: float
    maximum: float
    waiting: int
    sections: tuple[Section, ...]
    counsel: Counsel
    late: float = 0.0
    """Points that ``score`` has lost for a late submission."""
    part: str = ""
    moment: datetime | None = None
    """When it was handed in."""

    @property
    def reached(self) -> float:
        """The share of the points, 0..1; 0 where there are none."""
        return self.score / self.maximum if self.maximum else 0.0


def shares(parts: tuple[Part, ...], maximum: float | None) -> tuple[Share, ...]:
    """The parts of a score with the points that each could bring out of ``maximum``."""
    total = sum(part.weight for part in parts)
    return tuple(
        Share(
            name=part.name,
            label=part.label,
            value=part.value,
            reason=part.reason,
            of=maximum * part.weight / total if maximum and total and part.weight else None,
        )
        for part in parts
    )
