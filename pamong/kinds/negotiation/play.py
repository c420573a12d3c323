"""The course of a negotiation, replayed from its events without any key."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, Literal

from msgspec import Struct
from msgspec.structs import replace

from pamong.bargaining import Package
from pamong.event import Event, Who
from pamong.kind import illegal
from pamong.kinds.attempts import Attempts, opened_variant
from pamong.kinds.legality import TEXT_LIMIT, fields, known, permutation, several, tellable, whole
from pamong.kinds.negotiation.case import Brief

Ending = Literal["", "deal", "nodeal", "walkout", "deadline"]
Phase = Literal["prepare", "talk", "close", "done", "debrief"]

HIGHEST_POINTS = 1_000_000
LONGEST_TALK = 200
WITH_PACKAGE = ("counter", "accept", "deal")
REPLIES: Mapping[str, tuple[str, ...]] = {
    "greet": ("greeted",),
    "ask": ("info", "evasive", "enough"),
    "share": ("noted",),
    "argue": ("moved", "unmoved", "warned"),
    "offer": ("counter", "warned", "accept", "walkout", "deadline"),
    "accept": ("deal",),
    "walk": ("nodeal",),
}
"""What the counterpart may reply to each act at the table."""
ENDINGS: Mapping[str, Ending] = {
    "accept": "deal",
    "deal": "deal",
    "nodeal": "nodeal",
    "walkout": "walkout",
    "deadline": "deadline",
}


class Preparation(Struct, frozen=True, kw_only=True):
    """What the participant wrote down before the talk."""

    floor: int
    target: int
    priorities: tuple[str, ...]
    expects_zone: bool
    guess: tuple[str, ...]


class Move(Struct, frozen=True, kw_only=True):
    """One thing said at the table. ``act`` is the participant's act, or what the reply comes to;
    ``subject`` is the issue, argument or phrase it is about.
    """

    n: int
    who: Who
    act: str
    package: Package | None = None
    subject: str = ""
    rank: int = 0
    text: str = ""


class Attempt(Struct, frozen=True, kw_only=True):
    number: int
    variant: str
    preparation: Preparation | None = None
    moves: tuple[Move, ...] = ()
    ending: Ending = ""
    deal: Package | None = None
    ranking: tuple[str, ...] = ()
    closing: str = ""
    finished: bool = False
    debrief: Mapping[str, Any] | None = None

    @property
    def phase(self) -> Phase:
        if self.finished:
            return "done" if self.debrief is None else "debrief"
        if self.ending:
            return "close"
        return "prepare" if self.preparation is None else "talk"

    @property
    def own_moves(self) -> tuple[Move, ...]:
        return tuple(move for move in self.moves if move.who == "participant")

    @property
    def waiting(self) -> Move | None:
        """The participant's act that the counterpart has not answered yet."""
        last = self.moves[-1] if self.moves else None
        return last if last is not None and last.who == "participant" else None

    @property
    def offers(self) -> tuple[Package, ...]:
        """The participant's offers, oldest first."""
        return tuple(it.package for it in self.own_moves if it.act == "offer" and it.package)

    @property
    def standing(self) -> Package | None:
        """The counterpart's latest offer, which may be accepted while the talk goes on."""
        for move in reversed(self.moves):
            if move.who == "counterpart" and move.package is not None:
                return move.package
        return None

    def count(self, act: str) -> int:
        """How often the participant has done ``act``."""
        return sum(move.act == act for move in self.own_moves)

    def subjects(self, act: str) -> tuple[str, ...]:
        """What the participant's acts of one sort were about, in order."""
        return tuple(move.subject for move in self.own_moves if move.act == act)


class State(Attempts[Attempt], frozen=True):
    @property
    def counted(self) -> Attempt | None:
        """The attempt that is scored: the last one in which something was said at the table,
        else the last one that was prepared; None when nothing was done at all.
        """
        said = [attempt for attempt in self.attempts if attempt.moves]
        prepared = [attempt for attempt in self.attempts if attempt.preparation is not None]
        counted = said or prepared
        return counted[-1] if counted else None


def start(brief: Brief) -> State:  # noqa: ARG001 - the signature of every kind
    return State()


def apply(brief: Brief, state: State, event: Event) -> State:
    """The state after one more event; IllegalEvent when it breaks a rule."""
    if event.act == "open":
        return State((*state.attempts, _opened(brief, state, event)))
    step = _STEPS.get(event.act) if isinstance(event.act, str) else None
    if step is None:
        raise illegal(event, "illegal.act", f"a negotiation has no act {event.act!r}")
    attempt = state.current
    if attempt is None or event.attempt != attempt.number:
        raise illegal(event, "illegal.attempt", "the attempt is not under way")
    expected = "counterpart" if event.act in ("reply", "debrief") else "participant"
    if event.who != expected:
        raise illegal(event, "illegal.who", f"{event.who} may not do this")
    if attempt.finished and event.act != "debrief":
        raise illegal(event, "illegal.finished", "the attempt has ended")
    return State((*state.attempts[:-1], step(brief, attempt, event)))


def _opened(brief: Brief, state: State, event: Event) -> Attempt:
    before = state.current
    if event.who not in ("system", "counterpart"):
        raise illegal(event, "illegal.who", "a participant may not open an attempt")
    if before is not None and before.debrief is None:
        raise illegal(event, "illegal.open", "the attempt before has not been finished")
    if state.attempt >= brief.attempts:
        raise illegal(event, "illegal.attempts", f"there are {brief.attempts} attempts")
    if event.attempt != state.attempt + 1:
        raise illegal(event, "illegal.attempt", f"attempt {event.attempt!r} is out of order")
    among = None if brief.model is None else {it.id for it in brief.model.variants}
    return Attempt(number=state.attempt + 1, variant=opened_variant(event, among))


def _prepare(brief: Brief, attempt: Attempt, event: Event) -> Attempt:
    if attempt.preparation is not None:
        raise illegal(event, "illegal.prepared", "the preparation has been handed in")
    data = fields(event, "floor", "target", "priorities", "expects_zone", "guess")
    if not isinstance(data["expects_zone"], bool):
        raise illegal(event, "illegal.data", "expects_zone is neither true nor false")
    priorities = several(event, data["priorities"], _ids(brief))
    guess = permutation(event, data["guess"], _ids(brief)) if data["guess"] else ()
    if not 1 <= len(priorities) <= 3:
        raise illegal(event, "illegal.priorities", "one to three priorities are named")
    preparation = Preparation(
        floor=whole(event, data["floor"], 0, HIGHEST_POINTS),
        target=whole(event, data["target"], 0, HIGHEST_POINTS),
        priorities=priorities,
        expects_zone=data["expects_zone"],
        guess=guess,
    )
    return replace(attempt, preparation=preparation)


def _greet(brief: Brief, attempt: Attempt, event: Event) -> Attempt:
    _may_talk(attempt, event)
    if attempt.count("greet") or attempt.count("offer"):
        raise illegal(event, "illegal.greet", "a greeting comes once, before the first offer")
    return _said(attempt, event, subject=_known(event, "phrase", {it.id for it in brief.openings}))


def _ask(brief: Brief, attempt: Attempt, event: Event) -> Attempt:
    _may_talk(attempt, event)
    fields(event)
    if attempt.count("ask") >= brief.questions:
        raise illegal(event, "illegal.questions", f"there are {brief.questions} questions")
    return _said(attempt, event)


def _share(brief: Brief, attempt: Attempt, event: Event) -> Attempt:
    _may_talk(attempt, event)
    issue = _known(event, "issue", _ids(brief))
    if attempt.count("share") >= brief.shares:
        raise illegal(event, "illegal.shares", f"{brief.shares} priorities may be shared")
    if issue in attempt.subjects("share"):
        raise illegal(event, "illegal.shared", f"{issue} was shared before")
    return _said(attempt, event, subject=issue)


def _argue(brief: Brief, attempt: Attempt, event: Event) -> Attempt:
    _may_talk(attempt, event)
    argument = _known(event, "argument", {it.id for it in brief.arguments})
    if attempt.subjects("argue").count(argument) >= 2:
        raise illegal(event, "illegal.argued", f"{argument} was used twice")
    return _said(attempt, event, subject=argument)


def _offer(brief: Brief, attempt: Attempt, event: Event) -> Attempt:
    _may_talk(attempt, event)
    fields(event, "package")
    if attempt.count("offer") >= brief.rounds:
        raise illegal(event, "illegal.rounds", f"there are {brief.rounds} rounds")
    return _said(attempt, event, package=_package(brief, event))


def _accept(brief: Brief, attempt: Attempt, event: Event) -> Attempt:  # noqa: ARG001
    _may_talk(attempt, event)
    fields(event)
    if attempt.standing is None:
        raise illegal(event, "illegal.accept", "nothing has been offered")
    return _said(attempt, event)


def _walk(brief: Brief, attempt: Attempt, event: Event) -> Attempt:  # noqa: ARG001
    _may_talk(attempt, event)
    fields(event)
    return _said(attempt, event)


def _reply(brief: Brief, attempt: Attempt, event: Event) -> Attempt:
    asked = attempt.waiting
    if asked is None:
        raise illegal(event, "illegal.reply", "nobody has spoken to the counterpart")
    data: Any = event.data
    if not isinstance(data, Mapping) or not {"re", "text"} <= set(data) <= {
        "re",
        "text",
        "package",
        "issue",
        "rank",
    }:
        raise illegal(event, "illegal.data", "a reply has re and text")
    re, text = data["re"], data["text"]
    if not isinstance(re, str) or re not in REPLIES[asked.act]:
        raise illegal(event, "illegal.reply", f"{re!r} is no reply to {asked.act}")
    if not isinstance(text, str) or len(text) > TEXT_LIMIT:
        raise illegal(event, "illegal.data", "the text of a reply is text of bounded length")
    needs_package = re in WITH_PACKAGE or (re == "warned" and asked.act == "offer")
    if needs_package != ("package" in data):
        raise illegal(event, "illegal.data", f"{re} with or without a package")
    package = _package(brief, event) if needs_package else None
    agreed = {"accept": asked.package, "deal": attempt.standing}.get(re, package)
    if package != agreed:
        raise illegal(event, "illegal.reply", "the deal is not what was on the table")
    move = Move(
        n=event.n,
        who="counterpart",
        act=re,
        package=package,
        subject=known(event, data.get("issue"), _ids(brief)) if re == "info" else "",
        rank=_rank(brief, event) if re == "info" else 0,
        text=text.encode("utf-8", "replace").decode(),  # half a surrogate pair
    )
    ending = ENDINGS.get(re, "")
    return replace(
        attempt,
        moves=(*attempt.moves, move),
        ending=ending,
        deal=package if ending == "deal" else None,
    )


def _model(brief: Brief, attempt: Attempt, event: Event) -> Attempt:
    _after_talk(attempt, event)
    ranking = permutation(event, fields(event, "ranking")["ranking"], _ids(brief))
    return replace(attempt, ranking=ranking)


def _close(brief: Brief, attempt: Attempt, event: Event) -> Attempt:
    _after_talk(attempt, event)
    return replace(attempt, closing=_known(event, "phrase", {it.id for it in brief.closings}))


def _finish(brief: Brief, attempt: Attempt, event: Event) -> Attempt:  # noqa: ARG001
    _after_talk(attempt, event)
    fields(event)
    return replace(attempt, finished=True)


def _debrief(brief: Brief, attempt: Attempt, event: Event) -> Attempt:  # noqa: ARG001
    if not attempt.finished or attempt.debrief is not None:
        raise illegal(event, "illegal.debrief", "a debrief comes once, after the end")
    return replace(attempt, debrief=tellable(event))


_STEPS: Mapping[str, Callable[[Brief, Attempt, Event], Attempt]] = {
    "prepare": _prepare,
    "greet": _greet,
    "ask": _ask,
    "share": _share,
    "argue": _argue,
    "offer": _offer,
    "accept": _accept,
    "walk": _walk,
    "reply": _reply,
    "model": _model,
    "close": _close,
    "finish": _finish,
    "debrief": _debrief,
}


def _may_talk(attempt: Attempt, event: Event) -> None:
    if attempt.preparation is None:
        raise illegal(event, "illegal.unprepared", "the preparation has not been handed in")
    if attempt.ending:
        raise illegal(event, "illegal.ended", "the talk has ended")
    if attempt.waiting is not None:
        raise illegal(event, "illegal.waiting", "the counterpart has not answered yet")
    if len(attempt.moves) >= LONGEST_TALK:
        raise illegal(event, "illegal.long", f"a talk has at most {LONGEST_TALK} moves")


def _after_talk(attempt: Attempt, event: Event) -> None:
    if not attempt.ending:
        raise illegal(event, "illegal.talking", "the talk has not ended")


def _said(
    attempt: Attempt, event: Event, *, subject: str = "", package: Package | None = None
) -> Attempt:
    move = Move(n=event.n, who="participant", act=event.act, subject=subject, package=package)
    return replace(attempt, moves=(*attempt.moves, move))


def _known(event: Event, name: str, ids: Collection[str]) -> str:
    return known(event, fields(event, name)[name], ids)


def _rank(brief: Brief, event: Event) -> int:
    return whole(event, event.data.get("rank"), 1, len(brief.issues))


def _package(brief: Brief, event: Event) -> Package:
    package = event.data["package"]
    if not isinstance(package, Mapping) or set(package) != set(_ids(brief)):
        raise illegal(event, "illegal.package", "the package does not settle exactly every issue")
    return tuple(
        whole(event, package[issue.id], 0, len(issue.options) - 1) for issue in brief.issues
    )


def _ids(brief: Brief) -> tuple[str, ...]:
    return tuple(issue.id for issue in brief.issues)
