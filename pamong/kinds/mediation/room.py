"""What the parties feel and think, deterministic given the key, the variant and the turns.

Trust grows with being heard and falls with judgement, pressure and indiscretion (after Moore, 1986);
a party opens up where it feels safe; its view of a draft follows its own points and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pamong.bargaining import Package, Side
from pamong.kinds.mediation.answers import ACCEPTING, HIGHEST_TRUST, Consent, Light
from pamong.kinds.mediation.case import (
    JOINT,
    Brief,
    Interest,
    Key,
    Quality,
    Variant,
    party_ids,
    sides,
    weights,
)
from pamong.kinds.mediation.play import Attempt, Turn
from pamong.kinds.memo import remembered

LEAK = 3
"""Trust that an owner loses when a confidential interest is passed on without permission."""
LOPSIDED = 5
"""Turns more in one caucus than in another after which the neglected party feels slighted."""
PERMITS = 3
"""Trust from which a party allows a confidential interest to be passed on."""
HAPPY = 0.5
"""Share of what a party could gain at most that makes it content with a draft."""
DOUBT = 0.75
"""A draft worth this share of a party's alternative is doubted; one worth less is refused."""


@dataclass(frozen=True, slots=True)
class Room:
    """The parties of one attempt."""

    brief: Brief
    key: Key
    variant: Variant

    @property
    def parties(self) -> tuple[str, ...]:
        return party_ids(self.brief)

    def side(self, party: str) -> Side:
        return sides(self.brief, self.variant)[self.parties.index(party)]

    def present(self, place: str) -> tuple[str, ...]:
        return self.parties if place == JOINT else (place,)

    def quality(self, turn: Turn) -> Quality | None:
        return self.key.wordings.get(turn.wording) if turn.wording else None

    # ------------------------------------------------------------ trust

    def trust(self, attempt: Attempt) -> dict[str, int]:
        """Each party's trust after every turn, the unanswered one too; one that fell to 0 stays there."""
        return dict(_trust(self.brief, self.key, self.variant, attempt.turns))

    def change(self, turn: Turn, before: Attempt) -> dict[str, int]:
        """What one turn does to trust."""
        if self.is_leak(turn, before):
            return self._betrayed(turn, before)
        quality = self.quality(turn)
        if quality == "judging":
            return dict.fromkeys((turn.to,) if turn.to else self.present(turn.place), -1)
        if turn.act in ("propose", "close"):
            return self._pressed(turn, before)
        if turn.act == "joint":
            return dict.fromkeys(self.slighted(before), -1)
        if turn.act == "disclose":
            fact = before.fact(turn.about)
            hearers = (it for it in self.present(turn.place) if fact and it != fact.party)
            return dict.fromkeys(hearers, 1)
        return self._heard(turn, before) if quality == "good" else {}

    def _heard(self, turn: Turn, before: Attempt) -> dict[str, int]:
        """Each good opening, paraphrase of one interest and reframing for one party counts once."""
        if turn.act == "begin":
            return dict.fromkeys(self.parties, 1)
        if turn.act not in ("paraphrase", "reframe"):
            return {}
        again = any(
            (it.act, it.to, it.about) == (turn.act, turn.to, turn.about)
            and self.quality(it) == "good"
            for it in before.turns
        )
        return {} if again else {turn.to: 1}

    def _betrayed(self, turn: Turn, before: Attempt) -> dict[str, int]:
        fact = before.fact(turn.about)
        owner = fact.party if fact else turn.to
        return {it: -LEAK if it == owner else -1 for it in (owner, *self.present(turn.place))}

    def _pressed(self, turn: Turn, before: Attempt) -> dict[str, int]:
        """Parties that were not asked before a first draft, or had refused this very draft."""
        change = dict.fromkeys(self.refusing(turn, before), -1)
        if turn.act == "propose" and before.draft is None:
            unasked = (it for it in self.parties if not before.asked(it))
            change |= dict.fromkeys(unasked, -1)
        return change

    def slighted(self, before: Attempt) -> tuple[str, ...]:
        """Parties that feel neglected when the mediator comes back to the joint table; once each."""
        time = caucuses(self.brief, before)
        most = max(time.values())
        done = {it for turn in before.turns if turn.act == "joint" for it in _neglected(turn)}
        return tuple(it for it in self.parties if most - time[it] >= LOPSIDED and it not in done)

    def refusing(self, turn: Turn, before: Attempt) -> tuple[str, ...]:
        """Parties present that had turned down the draft which is now put to them again."""
        draft = before.draft if turn.act == "close" else turn.draft
        present = self.present(turn.place)
        return tuple(it for it in present if draft is not None and (draft, it) in refusals(before))

    def is_leak(self, turn: Turn, before: Attempt) -> bool:
        """Whether a confidential interest is spoken of before others without its owner's permission."""
        fact = before.fact(turn.about) if turn.act in ("disclose", "paraphrase") else None
        if fact is None or not fact.confidential or fact.id in before.permitted:
            return False
        return turn.place != fact.party

    # ------------------------------------------------------------ interests

    def revealed(self, turn: Turn, before: Attempt, trust: dict[str, int]) -> Interest | None:
        """The next interest that a good wording brings to light."""
        if self.quality(turn) != "good":
            return None
        hidden = self._hidden(turn, before)
        return next((it for it in hidden if not self._barrier(it, turn, before, trust)), None)

    def barrier(self, turn: Turn, before: Attempt, trust: dict[str, int]) -> str:
        """What keeps the next interest hidden: ``private``, ``wary``, ``waiting``; ``enough``: none is."""
        hidden = self._hidden(turn, before)
        return self._barrier(hidden[0], turn, before, trust) if hidden else "enough"

    def _hidden(self, turn: Turn, before: Attempt) -> list[Interest]:
        known = {fact.id for fact in before.facts}
        return [
            it
            for it in self.key.interests[turn.to]
            if it.id not in known and turn.act in it.opens.acts
        ]

    def _barrier(
        self, interest: Interest, turn: Turn, before: Attempt, trust: dict[str, int]
    ) -> str:
        opens = interest.opens
        if opens.place == "caucus" and turn.place == JOINT:
            return "private"
        if trust[turn.to] < opens.trust:
            return "wary"
        heard = any(
            it.about == opens.after and it.act == "disclose" and it.place in (JOINT, turn.to)
            for it in before.turns
        )
        return "waiting" if opens.after and not heard else ""

    def is_foremost(self, interest: Interest, party: str) -> bool:
        """Whether nothing weighs more for this party."""
        weighed = weights(self.key, self.variant, party)
        return weighed[interest.id] >= max(weighed.values())

    # ------------------------------------------------------------ drafts

    def consent(self, party: str, draft: Package) -> Consent:
        """What a party thinks of a draft, and the issue on which it misses most."""
        side = self.side(party)
        light = _light(side, draft)
        losses = [max(row) - row[at] for row, at in zip(side.points, draft, strict=True)]
        heaviest = self.brief.issues[losses.index(max(losses))].id
        return Consent(light=light, issue="" if light == "content" else heaviest)

    def accepts(self, party: str, draft: Package) -> bool:
        return self.consent(party, draft).light in ACCEPTING


def _light(side: Side, draft: Package) -> Light:
    points = side.total(draft)
    if points >= side.floor + HAPPY * (side.maximum - side.floor):
        return "content"
    if points >= side.floor:
        return "willing"
    return "doubt" if points >= DOUBT * side.floor else "refuse"


def caucuses(brief: Brief, attempt: Attempt) -> dict[str, int]:
    """Turns spent in caucus with each party."""
    return {party: sum(turn.place == party for turn in attempt.turns) for party in party_ids(brief)}


def refusals(attempt: Attempt) -> set[tuple[Package, str]]:
    """Which party turned down which draft, as far as the mediator was told."""
    found: set[tuple[Package, str]] = set()
    draft: Package | None = None
    for turn in attempt.turns:
        draft = turn.draft or draft
        if draft is not None and turn.answer is not None:
            turned = (it for it, view in turn.answer.consent.items() if view.light not in ACCEPTING)
            found |= {(draft, party) for party in turned}
    return found


def _neglected(turn: Turn) -> tuple[str, ...]:
    slighted = turn.answer is not None and turn.answer.re == "slighted"
    return tuple(by for by, _ in turn.answer.lines) if slighted and turn.answer else ()


@remembered(256)
def _trust(brief: Brief, key: Key, variant: Variant, turns: tuple[Turn, ...]) -> Mapping[str, int]:
    """Trust after ``turns``, from what it was after all but the last, which a log has come by before."""
    room = Room(brief, key, variant)
    if not turns:
        return {party: key.trust[party] for party in room.parties}
    level = dict(_trust(brief, key, variant, turns[:-1]))
    before = Attempt(number=1, variant=variant.id, turns=turns[:-1])
    for party, change in room.change(turns[-1], before).items():
        if level[party]:
            level[party] = min(HIGHEST_TRUST, max(0, level[party] + change))
    return level
