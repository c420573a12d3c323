"""The parties' words: varied, formal, and the same again in every replay."""

from __future__ import annotations

from dataclasses import dataclass

from pamong.catalogue import messages
from pamong.kinds.mediation.answers import Consent
from pamong.kinds.mediation.case import Brief
from pamong.kinds.mediation.play import Attempt, Turn


def inline(label: str) -> str:
    """The label of an issue inside a sentence: in lower case, unless it begins with an acronym."""
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]


def issue_label(brief: Brief, name: str) -> str:
    """The label of an issue as it reads inside a sentence; empty when there is none of that name."""
    return next((inline(it.label) for it in brief.issues if it.id == name), "")


@dataclass(frozen=True, slots=True)
class Speaker:
    """Finds words for one turn; variants are chosen by hash of where in the talk it is."""

    brief: Brief
    attempt: Attempt
    turn: Turn

    def say(self, key: str, party: str = "", /, **values: str) -> str:
        where = f"{self.attempt.variant}|{self.attempt.number}|{self.turn.n}"
        return messages("mediation").vary(key, f"{self.brief.id}|{where}|{party}", **values)

    def told(self, party: str, text: str, *, foremost: bool, secret: bool) -> str:
        """An interest in its owner's own words, with how much it weighs and whether it may be told."""
        parts = [text]
        if foremost:
            parts.insert(0, self.say("reply.foremost", party))
        if secret:
            parts.append(self.say("reply.secret", party))
        return " ".join(parts)

    def view(self, party: str, view: Consent) -> str:
        issue = issue_label(self.brief, view.issue)
        return self.say(f"reply.view.{view.light}", party, issue=issue)

    def tested(self, party: str, place: int, better: tuple[int, ...], weight: str) -> str:
        """What a party says about one clause; ``better`` are options it likes more, best first."""
        issue = self.brief.issues[place]
        label = inline(issue.label)
        if not better:
            return self.say("reply.tested.fine", party, issue=label)
        said = [self.say(f"reply.tested.{weight}", party, issue=label)]
        said.append(self.say("reply.tested.best", party, clause=issue.options[better[0]].text))
        if len(better) > 1:
            clause = issue.options[better[1]].text
            said.append(self.say("reply.tested.second", party, clause=clause))
        return " ".join(said)
