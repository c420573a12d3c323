"""What hands do in the forms where somebody answers: cases, coalitions, talks and mediations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .hand import Act, Hand, button, place_of

# ---- a coalition ----


def _order(hand: Hand, data: Mapping[str, Any]) -> None:
    hand.order(hand.form.locator("fieldset:has(> .pm-ranks)"), data["order"])


def _put(hand: Hand, data: Mapping[str, Any]) -> None:
    actor = hand.form.locator(".pm-actor").nth(place_of(hand.brief.actors, data["actor"]))
    hand.pick(actor.locator("select").nth(0), str(data["power"]))
    hand.pick(actor.locator("select").nth(1), str(data["interest"]))


def _treat(hand: Hand, data: Mapping[str, Any]) -> None:
    actor = hand.form.locator(".pm-actor").nth(place_of(hand.brief.actors, data["actor"]))
    hand.pick(actor.locator("select").nth(2), data["strategy"])


def _lock(hand: Hand, data: Mapping[str, Any]) -> None:  # noqa: ARG001  # the signature of an act
    hand.press("ui.lock")
    hand.press("ui.lock.yes")


def _turn(hand: Hand, data: Mapping[str, Any]) -> None:
    for move in data["actions"]:
        hand.mark(move)
    hand.press("ui.run")


# ---- a branching case ----


def _begin(hand: Hand, data: Mapping[str, Any]) -> None:  # noqa: ARG001  # the signature of an act
    hand.press("ui.begin")


def _choose(hand: Hand, data: Mapping[str, Any]) -> None:
    hand.mark(data["option"])
    hand.type(hand.form.locator("textarea"), data["reason"])
    hand.press("ui.decide")


# ---- a negotiation ----


def _prepare(hand: Hand, data: Mapping[str, Any]) -> None:
    numbers, selects = hand.form.locator(".pm-number input"), hand.form.locator(".pm-three select")
    hand.type(numbers.nth(0), str(data["floor"]))
    hand.type(numbers.nth(1), str(data["target"]))
    for place, issue in enumerate(data["priorities"]):
        hand.pick(selects.nth(place), issue)
    hand.mark("yes" if data["expects_zone"] else "no")
    if data["guess"]:
        hand.keys.strike(hand.form.get_by_text(hand.say("ui.guess"), exact=True))
        hand.order(hand.form.locator("fieldset:has(> .pm-ranks)"), data["guess"])
    hand.press("ui.prepare.send")


def _greet(hand: Hand, data: Mapping[str, Any]) -> None:
    hand.mark(data["phrase"])
    hand.press("ui.greet.send")


def _ask(hand: Hand, data: Mapping[str, Any]) -> None:  # noqa: ARG001  # the signature of an act
    hand.press("ui.ask.send")


def _tell(hand: Hand, data: Mapping[str, Any]) -> None:
    hand.pick(hand.form.get_by_label(hand.say("ui.share.which")), data["issue"])
    hand.press("ui.share.send")


def _offer(hand: Hand, data: Mapping[str, Any]) -> None:
    for place, issue in enumerate(hand.brief.issues):
        select = hand.form.locator(".pm-issue-mine select").nth(place)
        hand.pick(select, str(data["package"][issue.id]))
    _surely(hand, "ui.offer")


def _surely(hand: Hand, key: str) -> None:
    """Press, and press again where the page asks first."""
    hand.press(key)
    sure = button(hand.form, hand.say, f"{key}.yes")
    if sure.count():
        hand.keys.strike(sure)


def _model(hand: Hand, data: Mapping[str, Any]) -> None:
    hand.order(hand.form.locator("fieldset:has(> .pm-ranks)"), data["ranking"])


def _close(hand: Hand, data: Mapping[str, Any]) -> None:
    hand.mark(data["phrase"])


# ---- a mediation ----


def _say(hand: Hand, act: str, data: Mapping[str, Any]) -> None:
    if act != "begin":
        hand.press(f"ui.act.{act}", within=hand.form.locator(".pm-med-acts"))
    joint = hand.state.current.place == "joint"
    if "to" in data and joint:
        hand.mark(data["to"])
    if "interest" in data:
        hand.mark(data["interest"])
    if "issue" in data:
        about = hand.form.get_by_label(hand.say("ui.about.test"))
        hand.pick(about, data["issue"])
    if "wording" in data:
        hand.mark(data["wording"])
    hand.press("ui.send.disclose" if act == "disclose" else "ui.send.say")


def _go(hand: Hand, data: Mapping[str, Any]) -> None:
    names = ["", *(party.id for party in hand.brief.parties)]
    places = hand.form.locator(".pm-med-places button")
    hand.keys.strike(places.nth(names.index(data.get("party", ""))))


def _propose(hand: Hand, data: Mapping[str, Any]) -> None:
    for place, issue in enumerate(hand.brief.issues):
        select = hand.form.locator(".pm-med-draft select").nth(place)
        hand.pick(select, data["draft"][issue.id])
    hand.press("ui.propose")


def _saying(act: str) -> Act:
    return lambda hand, data: _say(hand, act, data)


SPEECH = ("begin", "ask", "paraphrase", "reframe", "permission", "disclose", "test", "close")
TALKS: Mapping[str, Mapping[str, Act]] = {
    "branching": {"begin": _begin, "choose": _choose},
    "coalition": {
        "place": _put,
        "strategy": _treat,
        "rank": _order,
        "lock": _lock,
        "turn": _turn,
    },
    "mediation": {
        **{act: _saying(act) for act in SPEECH},
        "caucus": _go,
        "joint": _go,
        "propose": _propose,
    },
    "negotiation": {
        "prepare": _prepare,
        "greet": _greet,
        "ask": _ask,
        "share": _tell,
        "offer": _offer,
        "accept": lambda hand, data: _surely(hand, "ui.accept"),
        "walk": lambda hand, data: _surely(hand, "ui.walk"),
        "model": _model,
        "close": _close,
    },
}
