"""The counterpart's words: varied, formal, and the same again in every replay."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pamong.bargaining import Package
from pamong.catalogue import messages
from pamong.kinds.negotiation.case import Argument, Brief
from pamong.kinds.negotiation.play import Attempt, Move

Step = Literal["first", "concession", "selfish", "same", "insult"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tone:
    """How a counter-offer is introduced: what the participant just did, and what was shared."""

    step: Step
    shared: tuple[str, ...] = ()


def as_data(brief: Brief, package: Package) -> dict[str, int]:
    """A package as it is written in an event."""
    return {issue.id: index for issue, index in zip(brief.issues, package, strict=True)}


def inline(label: str) -> str:
    """The label of an issue inside a sentence: in lower case, unless it begins with an acronym."""
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]


@dataclass(frozen=True, slots=True)
class Speaker:
    """Finds words for one reply; variants are chosen by hash of where in the talk it is."""

    brief: Brief
    attempt: Attempt
    move: Move

    def greeted(self, *, respectful: bool) -> str:
        return self._say("reply.greeted" if respectful else "reply.greeted_cool")

    def noted(self, issue: str) -> str:
        return self._say("reply.noted", issue=self._label(issue))

    def enough(self) -> str:
        return self._say("reply.enough")

    def evasive(self) -> str:
        return self._say("reply.evasive")

    def informed(self, issue: str, rank: int) -> str:
        return self._say(f"reply.info.{min(rank, 3)}", issue=self._label(issue))

    def to_argument(self, re: str, argument: Argument) -> str:
        key = f"reply.{re}.{argument.type}" if re != "unmoved" else "reply.unmoved"
        return self._say(key, issue=self._label(argument.issue) if argument.issue else "")

    def ending(self, ending: str) -> str:
        return self._say(f"reply.{ending}")

    def counter(self, package: Package, tone: Tone) -> str:
        """Words around a counter-offer: the reaction, what has moved, what is still far, the time."""
        moved = self._nearer(package, tone)
        sentences = [self._say(f"reply.step.{tone.step}"), self._movement(package, moved, tone)]
        apart = self._furthest(package, moved)
        if apart and tone.step != "insult":
            sentences.append(self._say("reply.apart", issue=self._label(apart)))
        left = self.brief.rounds - self.attempt.count("offer")
        if left <= 2:
            sentences.append(self._say(f"reply.left.{left}"))
        return " ".join(sentences)

    def _nearer(self, package: Package, tone: Tone) -> int | None:
        """An issue on which this counter-offer came nearer; one that was shared where there is."""
        before, offer = self.attempt.standing, self.move.package
        if before is None or offer is None:
            return None
        rows = enumerate(zip(before, package, offer, strict=True))
        nearer = [place for place, (old, new, to) in rows if abs(new - to) < abs(old - to)]
        shared = [place for place in nearer if self.brief.issues[place].id in tone.shared]
        return next(iter(shared or nearer), None)

    def _movement(self, package: Package, moved: int | None, tone: Tone) -> str:
        if moved is None:
            still = self.attempt.standing is not None
            return self._say("reply.still" if still else "reply.opening")
        issue = self.brief.issues[moved]
        key = "reply.gave_shared" if issue.id in tone.shared else "reply.gave"
        option = issue.options[package[moved]].label
        return self._say(key, issue=inline(issue.label), option=option)

    def _furthest(self, package: Package, moved: int | None) -> str:
        """The issue on which both last offers lie far apart, and furthest; empty when none does."""
        offer = self.move.package or package
        gaps = [
            0.0 if place == moved else abs(mine - yours) / max(1, len(issue.options) - 1)
            for place, (issue, mine, yours) in enumerate(
                zip(self.brief.issues, package, offer, strict=True)
            )
        ]
        widest = max(gaps)
        return self.brief.issues[gaps.index(widest)].id if widest >= 0.5 else ""

    def _label(self, issue: str) -> str:
        return next(inline(it.label) for it in self.brief.issues if it.id == issue)

    def _say(self, key: str, **values: object) -> str:
        seed = f"{self.brief.id}|{self.attempt.variant}|{self.attempt.number}|{self.move.n}"
        return messages("negotiation").vary(key, seed, **values)
