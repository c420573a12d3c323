"""Ways to mediate, from reading out a compromise to knowing everything: they calibrate a case."""

from __future__ import annotations

from collections.abc import Callable

from pamong import bargaining, kind
from pamong.bargaining import Package
from pamong.event import Action
from pamong.kinds.mediation.answers import ACCEPTING, Fact
from pamong.kinds.mediation.case import (
    JOINT,
    SPOKEN,
    Brief,
    Key,
    Quality,
    Spoken,
    as_data,
    choices,
    party_ids,
    usable,
    variant_of,
)
from pamong.kinds.mediation.drafting import best_guess
from pamong.kinds.mediation.play import Attempt, State
from pamong.kinds.mediation.scoring import analysis
from pamong.kinds.normative import most_procedural

Seat = kind.Seat[Brief, Key, State]
Talk = Callable[[Seat, Attempt], Action]
Choose = Callable[[Seat, Spoken, str, str], str]
RESERVE = 7
"""Steps that an able mediator keeps for the draft."""


def played(talk: Talk) -> kind.Bot:
    """A bot that talks until there is an ending, then finishes."""

    def bot(seat: Seat) -> Action | None:
        attempt = seat.state.current
        if attempt is None or attempt.finished:
            return None
        return Action("finish") if attempt.ending else talk(seat, attempt)

    return bot


def propose(brief: Brief, draft: Package) -> Action:
    return Action("propose", {"draft": as_data(brief, draft)})


# ---------------------------------------------------------------- wordings


def worded(seat: Seat, act: Spoken, place: str, to: str, quality: Quality) -> str:
    """The first wording of that quality, else the first at all."""
    offered = usable(seat.brief, act, place, to)
    rated = [it.id for it in offered if seat.key.wordings.get(it.id) == quality]
    return rated[0] if rated else offered[0].id


def well(seat: Seat, act: Spoken, place: str, to: str) -> str:
    return worded(seat, act, place, to, "good")


def badly(seat: Seat, act: Spoken, place: str, to: str) -> str:
    return worded(seat, act, place, to, "judging")


def earliest(seat: Seat, act: Spoken, place: str, to: str) -> str:
    return usable(seat.brief, act, place, to)[0].id


def politely(seat: Seat, act: Spoken, place: str, to: str) -> str:
    offered = usable(seat.brief, act, place, to)
    return offered[most_procedural([it.text for it in offered])].id


def by_chance(seat: Seat, act: Spoken, place: str, to: str) -> str:
    return seat.rng.choice(usable(seat.brief, act, place, to)).id


# ---------------------------------------------------------------- careless ways


def _hasty(draft: Callable[[Brief], Package], say: Choose) -> Talk:
    """Reads out one draft, asks for agreement, and gives up."""

    def talk(seat: Seat, attempt: Attempt) -> Action:
        if attempt.draft is None:
            return propose(seat.brief, draft(seat.brief))
        if not attempt.count("close"):
            return Action("close", {"wording": say(seat, "close", JOINT, "")})
        return Action("withdraw")

    return talk


def _middle(brief: Brief) -> Package:
    return bargaining.middle([len(issue.options) for issue in brief.issues])


def _outset(brief: Brief) -> Package:
    return tuple(0 for _ in brief.issues)


def _procedural(brief: Brief) -> Package:
    return tuple(most_procedural([it.text for it in issue.options]) for issue in brief.issues)


def _ceremonious(seat: Seat, attempt: Attempt) -> Action:
    """Opens, asks and repeats at the joint table in the most official words, then reads out a text."""
    if not attempt.turns:
        return Action("begin", {"wording": politely(seat, "begin", JOINT, "")})
    for party in party_ids(seat.brief):
        if not attempt.asked(party):
            wording = politely(seat, "ask", JOINT, party)
            return Action("ask", {"to": party, "wording": wording})
    repeated = {it.about for it in attempt.turns if it.act == "paraphrase"}
    for fact in attempt.facts:
        if fact.id not in repeated:
            wording = politely(seat, "paraphrase", JOINT, fact.party)
            return Action("paraphrase", {"interest": fact.id, "wording": wording})
    return _hasty(_procedural, politely)(seat, attempt)


def _opened_first(seat: Seat, attempt: Attempt) -> Action:
    if not attempt.turns:
        return Action("begin", {"wording": earliest(seat, "begin", JOINT, "")})
    for party in party_ids(seat.brief):
        if not attempt.asked(party):
            return Action("ask", {"to": party, "wording": earliest(seat, "ask", JOINT, party)})
    return _hasty(_outset, earliest)(seat, attempt)


def _yielding(seat: Seat, attempt: Attempt) -> Action:
    """Asks nothing; changes whatever the first objector complains about to the next option."""
    if attempt.draft is None:
        return propose(seat.brief, _middle(seat.brief))
    objection = next((it for it in attempt.consent.values() if it.light not in ACCEPTING), None)
    if objection is None:
        return Action("close", {"wording": earliest(seat, "close", JOINT, "")})
    ids = [issue.id for issue in seat.brief.issues]
    place = ids.index(objection.issue)
    draft = list(attempt.draft)
    draft[place] = (draft[place] + 1) % len(seat.brief.issues[place].options)
    return propose(seat.brief, tuple(draft))


def _blunt(seat: Seat, attempt: Attempt) -> Action:
    """Asks on and on in words that judge."""
    parties = party_ids(seat.brief)
    party = parties[len(attempt.turns) % len(parties)]
    return Action("ask", {"to": party, "wording": badly(seat, "ask", JOINT, party)})


def _aimless(seat: Seat, attempt: Attempt) -> Action:
    """Any act that the rules allow, in any wording."""
    return seat.rng.choice(possible(seat, attempt, by_chance))


def possible(seat: Seat, attempt: Attempt, say: Choose) -> list[Action]:
    """One action of every sort that the rules allow now, in words chosen by ``say``."""
    rng, place = seat.rng, attempt.place
    present = party_ids(seat.brief) if place == JOINT else (place,)
    party = rng.choice(present)
    others = [it for it in party_ids(seat.brief) if it != place]
    draft = tuple(rng.choice(options) for options in choices(seat.brief))
    found = [
        Action("ask", {"to": party, "wording": say(seat, "ask", place, party)}),
        Action("reframe", {"to": party, "wording": say(seat, "reframe", place, party)}),
        Action("caucus", {"party": rng.choice(others)}),
        propose(seat.brief, draft),
    ]
    if not attempt.turns:
        found.append(Action("begin", {"wording": say(seat, "begin", place, "")}))
    if place != JOINT:
        found.append(Action("joint"))
    if attempt.used > seat.brief.steps // 2:
        found.append(Action("withdraw"))
    return [*found, *_about_facts(seat, attempt, say), *_about_draft(seat, attempt, party, say)]


def _about_facts(seat: Seat, attempt: Attempt, say: Choose) -> list[Action]:
    place, found = attempt.place, []
    for fact in attempt.facts:
        if place in (JOINT, fact.party):
            wording = say(seat, "paraphrase", place, fact.party)
            found.append(Action("paraphrase", {"interest": fact.id, "wording": wording}))
        if may_ask_permission(attempt, fact) and place == fact.party:
            wording = say(seat, "permission", place, fact.party)
            found.append(Action("permission", {"interest": fact.id, "wording": wording}))
        if may_tell(attempt, fact) and place != fact.party:
            found.append(Action("disclose", {"interest": fact.id}))
    return found


def _about_draft(seat: Seat, attempt: Attempt, party: str, say: Choose) -> list[Action]:
    if attempt.draft is None:
        return []
    place, issue = attempt.place, seat.rng.choice(seat.brief.issues).id
    wording = say(seat, "test", place, party)
    found = [Action("test", {"to": party, "issue": issue, "wording": wording})]
    if place == JOINT:
        found.append(Action("close", {"wording": say(seat, "close", place, "")}))
    return found


def may_ask_permission(attempt: Attempt, fact: Fact) -> bool:
    return fact.confidential and fact.id not in attempt.permitted and fact.id not in attempt.told


def may_tell(attempt: Attempt, fact: Fact) -> bool:
    return fact.id not in attempt.told and attempt.where(fact.id) != JOINT


# ---------------------------------------------------------------- careful ways


def attend(seat: Seat, attempt: Attempt, *, ask_leave: bool = True) -> Action:
    """Opens, asks, repeats, talks in private, asks leave, and drafts from what it has heard."""
    if not attempt.turns:
        return Action("begin", {"wording": well(seat, "begin", JOINT, "")})
    left = seat.brief.steps - attempt.used
    if left > RESERVE:
        found = _explore(seat, attempt, ask_leave=ask_leave)
        if found is not None:
            return found
    return _settle(seat, attempt, best_guess(seat.brief, seat.key, attempt))


def _oracle(seat: Seat, attempt: Attempt) -> Action:
    """Leads the talk attentively, and knows what suits everybody best."""
    if not attempt.turns:
        return Action("begin", {"wording": well(seat, "begin", JOINT, "")})
    best = analysis(seat.brief, variant_of(seat.key, attempt.variant)).best
    if seat.brief.steps - attempt.used > RESERVE - 3:
        found = _explore(seat, attempt, ask_leave=True)
        if found is not None and not _is_idle(seat, attempt, found):
            return found
    if best is None:
        return Action("withdraw")
    return _settle(seat, attempt, best)


def _is_idle(seat: Seat, attempt: Attempt, action: Action) -> bool:
    """Whether everything is known already, so that exploring is a waste of steps."""
    total = sum(len(group) for group in seat.key.interests.values())
    return len(attempt.facts) == total and action.act != "caucus"


def _explore(seat: Seat, attempt: Attempt, *, ask_leave: bool) -> Action | None:
    parties = party_ids(seat.brief)
    if attempt.place == JOINT:
        for party in parties:
            found = _listen(seat, attempt, party)
            if found is not None:
                return found
    else:
        found = _confer(seat, attempt, attempt.place, ask_leave=ask_leave)
        if found is not None:
            return found
    nearest = sorted(parties, key=lambda it: sum(turn.place == it for turn in attempt.turns))
    for party in nearest:
        if party != attempt.place and _is_worth_a_visit(attempt, party, ask_leave=ask_leave):
            return Action("caucus", {"party": party})
    return None


def _is_worth_a_visit(attempt: Attempt, party: str, *, ask_leave: bool) -> bool:
    if not any(it.place == party for it in attempt.turns):
        return True
    return _waits(attempt, party) and bool(_news(attempt, party, ask_leave=ask_leave))


def _waits(attempt: Attempt, party: str) -> bool:
    """Whether a party wanted to hear about the others first, when it was last asked in caucus."""
    asked = [it for it in attempt.turns if (it.act, it.place) == ("ask", party)]
    answer = asked[-1].answer if asked else None
    return answer is not None and answer.re == "waiting"


def _listen(seat: Seat, attempt: Attempt, party: str) -> Action | None:
    """Asks while answers come, and repeats what was heard where that may raise trust."""
    place = attempt.place
    heard = [it for it in attempt.facts if it.party == party]
    repeated = {it.about for it in attempt.turns if it.act == "paraphrase"}
    open_talk = [it for it in heard if not it.confidential or place == party]
    if open_talk and not repeated.intersection(it.id for it in heard):
        wording = well(seat, "paraphrase", place, party)
        return Action("paraphrase", {"interest": open_talk[0].id, "wording": wording})
    last = next((it for it in reversed(attempt.turns) if (it.act, it.to) == ("ask", party)), None)
    told = last is not None and last.answer is not None and last.answer.re == "told"
    if last is None or (told and place == party) or (last.place != place):
        return Action("ask", {"to": party, "wording": well(seat, "ask", place, party)})
    return None


def _confer(seat: Seat, attempt: Attempt, party: str, *, ask_leave: bool) -> Action | None:
    """In caucus: listens, asks leave to pass on what is confidential, passes on what may be."""
    last = attempt.turns[-1]
    wary = last.act == "ask" and last.answer is not None and last.answer.re == "wary"
    if wary and not any(it.act == "reframe" and it.to == party for it in attempt.turns):
        wording = well(seat, "reframe", party, party)
        return Action("reframe", {"to": party, "wording": wording})
    if last.act in ("disclose", "reframe"):
        return Action("ask", {"to": party, "wording": well(seat, "ask", party, party)})
    found = _listen(seat, attempt, party)
    if found is not None:
        return found
    for fact in attempt.facts:
        asked = any((it.act, it.about) == ("permission", fact.id) for it in attempt.turns)
        if ask_leave and fact.party == party and may_ask_permission(attempt, fact) and not asked:
            wording = well(seat, "permission", party, party)
            return Action("permission", {"interest": fact.id, "wording": wording})
    news = _news(attempt, party, ask_leave=ask_leave) if _waits(attempt, party) else []
    return Action("disclose", {"interest": news[0].id}) if news else None


def _news(attempt: Attempt, party: str, *, ask_leave: bool) -> list[Fact]:
    """What another party said that may be told here (or may not, where leave is not asked for)."""
    found = [
        fact
        for fact in attempt.facts
        if fact.party != party
        and may_tell(attempt, fact)
        and (not fact.confidential or fact.id in attempt.permitted or not ask_leave)
    ]
    return sorted(found, key=lambda fact: not fact.confidential)


def _settle(seat: Seat, attempt: Attempt, wanted: Package) -> Action:
    """Back at the joint table: proposes, tests the sorest clause with each party, closes."""
    left = seat.brief.steps - attempt.used
    if attempt.place != JOINT:
        return Action("joint")
    if attempt.draft is None:
        return propose(seat.brief, wanted)
    for party in party_ids(seat.brief) if left > 2 else ():
        issue = _sore(seat, attempt, party)
        if issue:
            wording = well(seat, "test", JOINT, party)
            return Action("test", {"to": party, "issue": issue, "wording": wording})
    tried = wanted in attempt.drafts
    if not tried and left >= 2:
        return propose(seat.brief, wanted)
    views = attempt.consent.values()
    if views and all(it.light in ACCEPTING for it in views):
        return Action("close", {"wording": well(seat, "close", JOINT, "")})
    return Action("withdraw")


def _sore(seat: Seat, attempt: Attempt, party: str) -> str:
    """The issue that weighs on a party and was not tested with it; any, before the first test."""
    tested = {it.about for it in attempt.turns if (it.act, it.to) == ("test", party)}
    view = attempt.consent.get(party)
    if view is not None and view.issue:
        return "" if view.issue in tested else view.issue
    return "" if tested else seat.brief.issues[0].id


def _heedless(seat: Seat, attempt: Attempt) -> Action:
    return attend(seat, attempt, ask_leave=False)


def rated(action: Action, wording: str) -> Action:
    """The same action in another wording."""
    return Action(action.act, {**action.data, "wording": wording})


def spoken_act(action: Action) -> Spoken | None:
    return next((it for it in SPOKEN if it == action.act), None)


middle = played(_hasty(_middle, earliest))
first = played(_opened_first)
agree = played(_yielding)
normative = played(_ceremonious)
blunt = played(_blunt)
at_random = played(_aimless)
gossip = played(_heedless)
attentive = played(attend)
oracle = played(_oracle)
