"""The course of a mediation, replayed from its events without any key."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

from msgspec import Struct
from msgspec.structs import replace

from pamong.bargaining import Package
from pamong.event import Data, Event
from pamong.kind import illegal
from pamong.kinds.attempts import Attempts, opened_variant
from pamong.kinds.legality import fields, known, tellable
from pamong.kinds.mediation.answers import Answer, Consent, Ending, Fact, read_answer
from pamong.kinds.mediation.case import JOINT, SPOKEN, Brief, Spoken, party_ids, usable

Phase = Literal["talk", "ended", "done", "debrief"]
FREE = ("joint", "withdraw")
"""Acts that cost no step: going back to the joint table, and stopping."""


class Turn(Struct, frozen=True, kw_only=True):
    """One act of the mediator and what came back. ``place`` is where it was done (after moving, for
    a move); ``to`` the party addressed; ``about`` the interest or issue it is about.
    """

    n: int
    act: str
    place: str
    to: str = ""
    wording: str = ""
    about: str = ""
    draft: Package | None = None
    answer: Answer | None = None


class Attempt(Struct, frozen=True, kw_only=True):
    number: int
    variant: str
    turns: tuple[Turn, ...] = ()
    finished: bool = False
    debrief: Mapping[str, Any] | None = None

    @property
    def ending(self) -> Ending:
        answer = self.turns[-1].answer if self.turns else None
        return answer.ending if answer else ""

    @property
    def phase(self) -> Phase:
        if self.finished:
            return "done" if self.debrief is None else "debrief"
        return "ended" if self.ending else "talk"

    @property
    def place(self) -> str:
        return self.turns[-1].place if self.turns else JOINT

    @property
    def waiting(self) -> Turn | None:
        """The mediator's act that nobody has answered yet."""
        last = self.turns[-1] if self.turns else None
        return last if last is not None and last.answer is None else None

    @property
    def used(self) -> int:
        """Steps spent."""
        return sum(turn.act not in FREE for turn in self.turns)

    @property
    def facts(self) -> tuple[Fact, ...]:
        """The interests that came to light, oldest first."""
        return tuple(it.answer.fact for it in self.turns if it.answer and it.answer.fact)

    @property
    def drafts(self) -> tuple[Package, ...]:
        return tuple(it.draft for it in self.turns if it.draft is not None)

    @property
    def draft(self) -> Package | None:
        """The single text as it stands."""
        return self.drafts[-1] if self.drafts else None

    @property
    def agreed(self) -> Package | None:
        return self.draft if self.ending == "agreement" else None

    @property
    def permitted(self) -> tuple[str, ...]:
        """Confidential interests whose owner allowed them to be passed on."""
        return tuple(
            it.about for it in self.turns if it.answer is not None and it.answer.re == "granted"
        )

    @property
    def told(self) -> tuple[str, ...]:
        """Interests that were passed on, by right or not."""
        return tuple(
            it.about
            for it in self.turns
            if it.act == "disclose" or (it.answer is not None and it.answer.re == "leaked")
        )

    @property
    def leaks(self) -> tuple[Fact, ...]:
        """Confidential interests that the mediator spoke of before others without permission."""
        found = (
            self.fact(it.about)
            for it in self.turns
            if it.answer is not None and it.answer.re == "leaked"
        )
        return tuple(dict.fromkeys(fact for fact in found if fact is not None))

    @property
    def consent(self) -> dict[str, Consent]:
        """What each party last said to the draft as it stands."""
        found: dict[str, Consent] = {}
        for turn in self.turns:
            if turn.draft is not None:
                found = {}
            if turn.answer is not None:
                found |= turn.answer.consent
        return found

    @property
    def trust(self) -> Mapping[str, int]:
        """Each party's trust after the last answer; empty before the first."""
        return next((it.answer.trust for it in reversed(self.turns) if it.answer), {})

    def fact(self, name: str) -> Fact | None:
        return next((fact for fact in self.facts if fact.id == name), None)

    def where(self, name: str) -> str:
        """The place where an interest came to light."""
        return next(
            it.place for it in self.turns if it.answer and it.answer.fact == self.fact(name)
        )

    def asked(self, party: str) -> bool:
        return any(it.act == "ask" and it.to == party for it in self.turns)

    def count(self, act: str) -> int:
        return sum(turn.act == act for turn in self.turns)


class State(Attempts[Attempt], frozen=True):
    @property
    def counted(self) -> Attempt | None:
        """The attempt that is scored: the last one in which anything was done."""
        done = [attempt for attempt in self.attempts if attempt.turns]
        return done[-1] if done else None


def start(brief: Brief) -> State:  # noqa: ARG001 - the signature of every kind
    return State()


def apply(brief: Brief, state: State, event: Event) -> State:
    """The state after one more event; IllegalEvent when it breaks a rule."""
    if event.act == "open":
        return State((*state.attempts, _opened(brief, state, event)))
    attempt = state.current
    if attempt is None:
        raise illegal(event, "illegal.order", "no attempt is open")
    if event.attempt != attempt.number:
        raise illegal(event, "illegal.attempt", "the attempt is not under way")
    expected = "counterpart" if event.act in ("reply", "debrief") else "participant"
    if event.who != expected:
        raise illegal(event, "illegal.who", f"{event.who!r} may not do this")
    if attempt.finished and event.act != "debrief":
        raise illegal(event, "illegal.finished", "the attempt has ended")
    return State((*state.attempts[:-1], _stepped(brief, attempt, event)))


def _stepped(brief: Brief, attempt: Attempt, event: Event) -> Attempt:
    if event.act == "reply":
        return _replied(brief, attempt, event)
    if event.act == "debrief":
        return _debriefed(attempt, event)
    if event.act == "finish":
        fields(event)
        if not attempt.ending:
            raise illegal(event, "illegal.talking", "the mediation has not ended")
        return replace(attempt, finished=True)
    step = _STEPS.get(event.act) if isinstance(event.act, str) else None
    if step is None:
        raise illegal(event, "illegal.act", f"a mediation has no act {event.act!r}")
    if attempt.ending:
        raise illegal(event, "illegal.ended", "the mediation has ended")
    if attempt.waiting is not None:
        raise illegal(event, "illegal.waiting", "nobody has answered yet")
    return replace(attempt, turns=(*attempt.turns, step(brief, attempt, event)))


def _opened(brief: Brief, state: State, event: Event) -> Attempt:
    before = state.current
    if event.who not in ("system", "counterpart"):
        raise illegal(event, "illegal.who", "a participant may not open an attempt")
    if before is not None and before.debrief is None:
        raise illegal(event, "illegal.order", "the attempt before has not been finished")
    if event.attempt != state.attempt + 1 or state.attempt >= brief.attempts:
        raise illegal(event, "illegal.attempt", f"attempt {event.attempt!r} is not allowed")
    among = None if brief.model is None else {it.id for it in brief.model.variants}
    return Attempt(number=state.attempt + 1, variant=opened_variant(event, among))


def _replied(brief: Brief, attempt: Attempt, event: Event) -> Attempt:
    turn = attempt.waiting
    if turn is None:
        raise illegal(event, "illegal.reply", "nothing is to be answered")
    known_facts = {fact.id for fact in attempt.facts}
    answer = read_answer(brief, turn.act, event)
    if answer.fact is not None and answer.fact.id in known_facts:
        raise illegal(event, "illegal.reply", "this interest was known before")
    if answer.ending == "agreement" and (turn.act != "close" or attempt.draft is None):
        raise illegal(event, "illegal.reply", "nobody was asked to agree")
    return replace(attempt, turns=(*attempt.turns[:-1], replace(turn, answer=answer)))


def _debriefed(attempt: Attempt, event: Event) -> Attempt:
    if not attempt.finished or attempt.debrief is not None:
        raise illegal(event, "illegal.debrief", "a debrief comes once, after the end")
    return replace(attempt, debrief=tellable(event))


# ---------------------------------------------------------------- what the mediator does


def _begin(brief: Brief, attempt: Attempt, event: Event) -> Turn:
    data = fields(event, "wording")
    if attempt.turns:
        raise illegal(event, "illegal.begin", "the opening comes first")
    return _said(brief, attempt, event, data)


def _ask(brief: Brief, attempt: Attempt, event: Event) -> Turn:
    data = fields(event, "to", "wording")
    return _said(brief, attempt, event, data, to=_present(brief, attempt, event, data["to"]))


def _paraphrase(brief: Brief, attempt: Attempt, event: Event) -> Turn:
    data = fields(event, "interest", "wording")
    fact = _fact(attempt, event, data["interest"])
    to = _present(brief, attempt, event, fact.party)
    return _said(brief, attempt, event, data, to=to, about=fact.id)


def _caucus(brief: Brief, attempt: Attempt, event: Event) -> Turn:
    party = known(event, fields(event, "party")["party"], party_ids(brief))
    if party == attempt.place:
        raise illegal(event, "illegal.place", "the mediator is there already")
    return Turn(n=event.n, act="caucus", place=party, to=party)


def _joint(brief: Brief, attempt: Attempt, event: Event) -> Turn:  # noqa: ARG001
    fields(event)
    if attempt.place == JOINT:
        raise illegal(event, "illegal.place", "the mediator is there already")
    return Turn(n=event.n, act="joint", place=JOINT)


def _permission(brief: Brief, attempt: Attempt, event: Event) -> Turn:
    data = fields(event, "interest", "wording")
    fact = _fact(attempt, event, data["interest"])
    if not fact.confidential or fact.id in attempt.permitted:
        raise illegal(event, "illegal.permission", "no permission is needed")
    if attempt.place != fact.party:
        raise illegal(event, "illegal.absent", "permission is asked in the owner's caucus")
    return _said(brief, attempt, event, data, to=fact.party, about=fact.id)


def _disclose(brief: Brief, attempt: Attempt, event: Event) -> Turn:  # noqa: ARG001
    fact = _fact(attempt, event, fields(event, "interest")["interest"])
    if attempt.place == fact.party:
        raise illegal(event, "illegal.absent", "its owner knows this already")
    if fact.id in attempt.told or attempt.where(fact.id) == JOINT:
        raise illegal(event, "illegal.disclosed", "everybody has heard this")
    return Turn(n=event.n, act="disclose", place=attempt.place, about=fact.id)


def _propose(brief: Brief, attempt: Attempt, event: Event) -> Turn:
    draft = fields(event, "draft")["draft"]
    if not isinstance(draft, Mapping) or set(draft) != {issue.id for issue in brief.issues}:
        raise illegal(event, "illegal.draft", "the draft does not settle exactly every issue")
    package = []
    for issue in brief.issues:
        ids = [option.id for option in issue.options]
        package.append(ids.index(known(event, draft[issue.id], ids)))
    return Turn(n=event.n, act="propose", place=attempt.place, draft=tuple(package))


def _test(brief: Brief, attempt: Attempt, event: Event) -> Turn:
    data = fields(event, "to", "issue", "wording")
    to = _present(brief, attempt, event, data["to"])
    issue = known(event, data["issue"], {it.id for it in brief.issues})
    if attempt.draft is None:
        raise illegal(event, "illegal.nodraft", "there is no draft to test")
    return _said(brief, attempt, event, data, to=to, about=issue)


def _close(brief: Brief, attempt: Attempt, event: Event) -> Turn:
    data = fields(event, "wording")
    if attempt.draft is None:
        raise illegal(event, "illegal.nodraft", "there is no draft to agree on")
    if attempt.place != JOINT:
        raise illegal(event, "illegal.absent", "agreement is asked for at the joint table")
    return _said(brief, attempt, event, data)


def _withdraw(brief: Brief, attempt: Attempt, event: Event) -> Turn:  # noqa: ARG001
    fields(event)
    return Turn(n=event.n, act="withdraw", place=attempt.place)


_STEPS: Mapping[str, Callable[[Brief, Attempt, Event], Turn]] = {
    "begin": _begin,
    "ask": _ask,
    "paraphrase": _paraphrase,
    "reframe": _ask,
    "caucus": _caucus,
    "joint": _joint,
    "permission": _permission,
    "disclose": _disclose,
    "propose": _propose,
    "test": _test,
    "close": _close,
    "withdraw": _withdraw,
}


def _said(
    brief: Brief, attempt: Attempt, event: Event, data: Data, *, to: str = "", about: str = ""
) -> Turn:
    act: Spoken = next(it for it in SPOKEN if it == event.act)
    fitting = {wording.id for wording in usable(brief, act, attempt.place, to)}
    wording = known(event, data["wording"], fitting)
    return Turn(n=event.n, act=act, place=attempt.place, to=to, wording=wording, about=about)


def _present(brief: Brief, attempt: Attempt, event: Event, party: object) -> str:
    name = known(event, party, party_ids(brief))
    if attempt.place not in (JOINT, name):
        raise illegal(event, "illegal.absent", f"{name} is not in the room")
    return name


def _fact(attempt: Attempt, event: Event, name: object) -> Fact:
    known(event, name, {fact.id for fact in attempt.facts})
    return next(fact for fact in attempt.facts if fact.id == name)
