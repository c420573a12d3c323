"""What comes back after each act of the mediator: a pure function of brief, key and state."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from msgspec.structs import replace

from pamong.errors import TamperedLog
from pamong.event import Action
from pamong.kinds.mediation import debriefing
from pamong.kinds.mediation.answers import Answer, Consent, Fact, as_reply
from pamong.kinds.mediation.case import Brief, Key, variant_of
from pamong.kinds.mediation.play import Attempt, State, Turn
from pamong.kinds.mediation.room import PERMITS, Room
from pamong.kinds.mediation.speech import Speaker

ENGINE = 1
"""Raise this with any change to a party's conduct or wording: logs are verified by replay."""


def variants(key: Key) -> tuple[str, ...]:
    return tuple(variant.id for variant in key.variants)


def respond(brief: Brief, key: Key, state: State) -> tuple[Action, ...]:
    """The reply due to the mediator's last act, or the debrief due after the end."""
    attempt = state.current
    if attempt is None:
        return ()
    try:
        variant = variant_of(key, attempt.variant)
    except KeyError:
        raise TamperedLog(brief.id, 0, f"the key has no variant {attempt.variant!r}") from None
    if attempt.finished and attempt.debrief is None:
        return (Action("debrief", debriefing.debrief(brief, key, variant, attempt)),)
    turn = attempt.waiting
    if turn is None:
        return ()
    moment = Moment(Room(brief, key, variant), attempt, turn)
    return (Action("reply", as_reply(moment.answer())),)


@dataclass(frozen=True, slots=True)
class Moment:
    """One act of the mediator, seen by the parties."""

    room: Room
    attempt: Attempt
    turn: Turn

    @property
    def before(self) -> Attempt:
        return replace(self.attempt, turns=self.attempt.turns[:-1])

    @property
    def speaker(self) -> Speaker:
        return Speaker(self.room.brief, self.attempt, self.turn)

    def answer(self) -> Answer:
        """The reaction to the act, and the ending that it brings about, if any."""
        found = _REACTIONS[self.turn.act](self)
        trust = self.room.trust(self.attempt)
        found = replace(found, trust=trust)
        gone = [party for party, level in trust.items() if level == 0]
        if found.ending:
            return found
        if gone:
            said = tuple((it, self.speaker.say("reply.walkout", it)) for it in gone)
            return replace(found, ending="walkout", lines=(*found.lines, *said))
        if self.attempt.used >= self.room.brief.steps:
            said = (("", self.speaker.say("reply.steps")),)
            return replace(found, ending="steps", lines=(*found.lines, *said))
        return found

    def all_say(self, re: str, key: str, parties: tuple[str, ...]) -> Answer:
        said = tuple((it, self.speaker.say(key, it)) for it in parties)
        return Answer(re=re, lines=said, trust={})

    def one_says(self, re: str, key: str, **values: str) -> Answer:
        said = ((self.turn.to, self.speaker.say(key, self.turn.to, **values)),)
        return Answer(re=re, lines=said, trust={})

    def present(self) -> tuple[str, ...]:
        return self.room.present(self.turn.place)


def _begun(moment: Moment) -> Answer:
    quality = moment.room.quality(moment.turn)
    re = {"good": "opened", "judging": "hurt"}.get(quality or "", "cool")
    return moment.all_say(re, f"reply.begin.{re}", moment.present())


def _blunt(moment: Moment) -> Answer | None:
    """The answer to a wording that judges, or that puts words into somebody's mouth."""
    quality = moment.room.quality(moment.turn)
    if quality == "judging":
        return moment.one_says("hurt", "reply.hurt")
    return moment.one_says("yes", "reply.yes") if quality != "good" else None


def _asked(moment: Moment) -> Answer:
    room, turn, before = moment.room, moment.turn, moment.before
    blunt = _blunt(moment)
    if blunt is not None:
        return blunt
    trust = room.trust(moment.attempt)
    told = _told(moment, trust)
    if told is not None:
        return told
    why = room.barrier(turn, before, trust)
    return moment.one_says(why, f"reply.{why}")


def _told(moment: Moment, trust: dict[str, int]) -> Answer | None:
    """A party speaks of what it needs; the first time that this interest comes to light."""
    room, party = moment.room, moment.turn.to
    found = room.revealed(moment.turn, moment.before, trust)
    if found is None:
        return None
    said = moment.speaker.told(
        party, found.text, foremost=room.is_foremost(found, party), secret=found.confidential
    )
    fact = Fact(id=found.id, party=party, label=found.label, confidential=found.confidential)
    return Answer(re="told", lines=((party, said),), trust={}, fact=fact)


def _paraphrased(moment: Moment) -> Answer:
    if moment.room.is_leak(moment.turn, moment.before):
        return _leaked(moment, moment.turn.to)
    blunt = _blunt(moment)
    if blunt is not None:
        return blunt
    told = _told(moment, moment.room.trust(moment.attempt))
    return told or moment.one_says("confirmed", "reply.confirmed")


def _reframed(moment: Moment) -> Answer:
    blunt = _blunt(moment)
    if blunt is not None:
        return blunt
    told = _told(moment, moment.room.trust(moment.attempt))
    calmed = bool(moment.room.change(moment.turn, moment.before))
    re = "calmed" if calmed else "noted"
    return told or moment.one_says(re, f"reply.{re}")


def _came(moment: Moment) -> Answer:
    again = any(it.place == moment.turn.place for it in moment.before.turns)
    return moment.one_says("came", "reply.came_again" if again else "reply.came")


def _sat(moment: Moment) -> Answer:
    slighted = moment.room.slighted(moment.before)
    if slighted:
        return moment.all_say("slighted", "reply.slighted", slighted)
    return Answer(re="sat", lines=(("", moment.speaker.say("reply.sat")),), trust={})


def _permitted(moment: Moment) -> Answer:
    quality = moment.room.quality(moment.turn)
    if quality == "judging":
        return moment.one_says("hurt", "reply.hurt")
    trusting = moment.room.trust(moment.attempt)[moment.turn.to] >= PERMITS
    re = "granted" if quality == "good" and trusting else "denied"
    return moment.one_says(re, f"reply.{re}")


def _disclosed(moment: Moment) -> Answer:
    fact = moment.before.fact(moment.turn.about)
    owner = fact.party if fact else ""
    if moment.room.is_leak(moment.turn, moment.before):
        return _leaked(moment, owner)
    hearers = tuple(it for it in moment.present() if it != owner)
    return moment.all_say("heard", "reply.heard", hearers)


def _leaked(moment: Moment, owner: str) -> Answer:
    """The owner protests where it sits at the table, and hears of it later where it does not."""
    hearers = tuple(it for it in moment.present() if it != owner)
    said = [(it, moment.speaker.say("reply.leaked.hearer", it)) for it in hearers]
    if owner not in moment.present():
        names = {party.id: party.name for party in moment.room.brief.parties}
        said.append(("", moment.speaker.say("reply.leaked.spread", party=names[owner])))
    said.append((owner, moment.speaker.say("reply.leaked.owner", owner)))
    return Answer(re="leaked", lines=tuple(said), trust={})


def _considered(moment: Moment) -> Answer:
    room, turn, before = moment.room, moment.turn, moment.before
    draft = turn.draft or ()
    views = {it: room.consent(it, draft) for it in moment.present()}
    lines = _views(moment, views)
    re = "considered"
    if room.refusing(turn, before):
        re, lines = "imposed", (*_pressed(moment), *lines)
    elif before.draft is None and not all(before.asked(it) for it in room.parties):
        unasked = (it for it in moment.present() if not before.asked(it))
        early = tuple((it, moment.speaker.say("reply.premature", it)) for it in unasked)
        re, lines = "premature", (*early, *lines)
    return Answer(re=re, lines=lines, trust={}, consent=views)


def _views(moment: Moment, views: Mapping[str, Consent]) -> tuple[tuple[str, str], ...]:
    return tuple((it, moment.speaker.view(it, view)) for it, view in views.items())


def _pressed(moment: Moment) -> tuple[tuple[str, str], ...]:
    refusing = moment.room.refusing(moment.turn, moment.before)
    return tuple((it, moment.speaker.say("reply.imposed", it)) for it in refusing)


def _tested(moment: Moment) -> Answer:
    """A true answer about this issue alone: how heavy it is, and which clauses would sit better."""
    room, turn = moment.room, moment.turn
    blunt = _blunt(moment)
    if blunt is not None:
        return blunt
    place = next(p for p, issue in enumerate(room.brief.issues) if issue.id == turn.about)
    side, draft = room.side(turn.to), moment.attempt.draft or ()
    row, now = side.points[place], draft[place]
    better = sorted((it for it in range(len(row)) if row[it] > row[now]), key=lambda it: -row[it])
    ranges = [max(points) - min(points) for points in side.points]
    weight = "heavy" if ranges[place] >= sorted(ranges)[-1 - (len(ranges) > 2)] else "light"
    said = moment.speaker.tested(turn.to, place, tuple(better), weight)
    return Answer(re="tested" if better else "fine", lines=((turn.to, said),), trust={})


def _closed(moment: Moment) -> Answer:
    room, turn, before = moment.room, moment.turn, moment.before
    draft = before.draft or ()
    quality = room.quality(turn)
    if room.refusing(turn, before):
        views = {it: room.consent(it, draft) for it in room.parties}
        return Answer(re="imposed", lines=_pressed(moment), trust={}, consent=views)
    if all(room.accepts(it, draft) for it in room.parties) and quality != "judging":
        agreed = moment.all_say("agreed", "reply.agreed", room.parties)
        return replace(agreed, ending="agreement")
    views = {it: room.consent(it, draft) for it in room.parties}
    lines = _views(moment, views)
    if quality == "judging":
        lines = tuple((it, moment.speaker.say("reply.hurt", it)) for it in room.parties)
    return Answer(re="declined", lines=lines, trust={}, consent=views)


def _stopped(moment: Moment) -> Answer:
    stopped = moment.all_say("stopped", "reply.stopped", moment.room.parties)
    return replace(stopped, ending="stopped")


_REACTIONS: Mapping[str, Callable[[Moment], Answer]] = {
    "begin": _begun,
    "ask": _asked,
    "paraphrase": _paraphrased,
    "reframe": _reframed,
    "caucus": _came,
    "joint": _sat,
    "permission": _permitted,
    "disclose": _disclosed,
    "propose": _considered,
    "test": _tested,
    "close": _closed,
    "withdraw": _stopped,
}
