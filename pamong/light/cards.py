"""The home page in words: one card for each module, and the one step to take next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pamong import locale
from pamong.catalogue import messages
from pamong.light.moment import Clock, deadline
from pamong.light.pages import Frame
from pamong.light.progress import NextStep, Progress, State, Step, foremost
from pamong.light.remembered import HostName

_TONES: Mapping[State, str] = {
    "running": "pm-info", "sent": "pm-good", "changed": "pm-look", "graded": "pm-good",
    "broken": "pm-act",
}  # fmt: skip
_SUBMIT = "kirim"
"""The anchor of the place where a module is handed in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Where a step leads; ``notebook`` is empty where there is no notebook to open."""

    light: str
    notebook: str
    preferred: HostName

    @property
    def href(self) -> str:
        return self.notebook if self.preferred == "notebook" and self.notebook else self.light

    @property
    def other_name(self) -> HostName:
        return "light" if self.href == self.notebook else "notebook"

    @property
    def other(self) -> str:
        return self.light if self.other_name == "light" else self.notebook


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One line of a card; ``tone`` is an urgency of ``moment`` or empty."""

    name: str
    text: str
    note: str = ""
    tone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One module as the page shows it."""

    progress: Progress
    number: str
    badge: str
    tone: str
    facts: tuple[Fact, ...]
    problems: tuple[str, ...]
    top: Link | None
    """The module from its beginning; None where there is nothing to open."""
    link: Link | None
    """The step to take next; None where there is none."""
    action: str
    aria: str
    receipt: str
    feedback: str
    resend: Link | None
    """Where to hand in again, when that is not the next step already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Next:
    """The one step that the page offers first."""

    card: Card
    action: str
    note: str
    minutes: str
    saved: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What the links of a page depend on: its frame, and whether and how modules open as notebooks."""

    frame: Frame
    notebooks: bool = False
    preferred: HostName = ""

    def link(self, module: str, anchor: str = "") -> Link:
        place = f"#{anchor}" if anchor else ""
        book = f"{self.frame.notebooks}{module}/module.ipynb" if self.notebooks else ""
        return Link(
            light=self.frame.module(module) + place,
            notebook=book,
            preferred=self.preferred or "light",
        )


def home_values(modules: Sequence[Progress], clock: Clock, desk: Desk) -> dict[str, Any]:
    """What the template of the home page is filled with, apart from who reads it."""
    cards = [_card(each, place, clock, desk) for place, each in enumerate(modules, 1)]
    first = foremost(modules, clock.now)
    chosen = next((card for card in cards if first and card.progress.id == first.id), None)
    return {
        "cards": cards,
        "next": _next(chosen, clock) if chosen else None,
        "sent": sum(each.state in ("sent", "changed", "graded") for each in modules),
        "opened": any(each.exercises for each in modules),
    }


def _card(module: Progress, place: int, clock: Clock, desk: Desk) -> Card:
    say, open_ = messages("home"), module.state not in ("closed", "broken")
    anchor = f"pm-{module.step.exercise}" if module.next == "exercise" and module.step else _SUBMIT
    asks = module.next in ("exercise", "submit", "resubmit")
    action = say(f"open.{_verb(module)}") if asks else ""
    return Card(
        progress=module,
        number=say("module.number", number=place),
        badge=say(f"state.{module.state}"),
        tone=_TONES.get(module.state, ""),
        facts=tuple(_facts(module, clock)),
        problems=tuple(_problems(module)),
        top=desk.link(module.id) if open_ else None,
        link=desk.link(module.id, anchor) if asks else None,
        action=action,
        aria=say("open.of", action=action, module=module.title) if asks else "",
        receipt=desk.frame.module(module.id, f"receipts/{module.sent.code}") if module.sent else "",
        feedback=desk.frame.module(module.id, "feedback") if module.feedback else "",
        resend=desk.link(module.id, _SUBMIT) if _unsent(module) else None,
    )


def _unsent(module: Progress) -> bool:
    """Whether changes after sending would be forgotten over the next exercise."""
    return module.state == "changed" and module.next == "exercise"


def _verb(module: Progress) -> NextStep | str:
    return "start" if module.next == "exercise" and module.state == "unstarted" else module.next


def _facts(module: Progress, clock: Clock) -> list[Fact]:
    say, found = messages("home"), []
    if module.exercises:
        found.append(_time(module))
    if module.opens:
        found.append(Fact(name=say("fact.opens"), text=clock.full(module.opens)))
    if module.deadline and module.state != "closed":
        due = deadline(module.deadline, clock)
        settled = module.state in ("sent", "graded")
        found.append(
            Fact(
                name=say("deadline"),
                text=due.text,
                note="" if settled and due.urgency == "passed" else due.left,
                tone="" if settled else due.urgency,
            )
        )
    if module.last:
        found.append(Fact(name=say("fact.saved"), text=clock.near(module.last)))
    if module.sent:
        found.append(Fact(name=say("fact.sent"), text=clock.near(module.sent.moment)))
    return found


def _time(module: Progress) -> Fact:
    say = messages("home")
    whole = locale.decimal(sum(minutes for _, minutes in module.minutes), 0)
    parts = [
        say("minutes.part", part=say(f"part.{part}"), minutes=minutes)
        for part, minutes in module.minutes
        if part
    ]
    begun = module.finished and module.remaining
    left = say("minutes.left", minutes=module.remaining) if begun else ""
    return Fact(
        name=say("fact.minutes"),
        text=left or say("minutes", minutes=whole),
        note=" · ".join(parts),
    )


def _problems(module: Progress) -> list[str]:
    say = messages("home")
    found = [say(key) for key in module.problems]
    for key, titles in (("damaged", module.damaged), ("version", module.outdated)):
        if titles:
            found.append(say(f"problem.{key}", titles=locale.listing(titles)))
    return found


def _next(card: Card, clock: Clock) -> Next:
    say, module = messages("home"), card.progress
    verb = _verb(module)
    step = module.step if module.next == "exercise" else None
    title = step.title if step else module.title
    return Next(
        card=card,
        action=say(f"next.{verb}", title=title),
        note=_note(step) if step else say(f"next.{verb}.note"),
        minutes=say("next.minutes", minutes=step.minutes) if step else "",
        saved=say("saved", moment=clock.near(module.last)) if module.last else "",
    )


def _note(step: Step) -> str:
    return messages("home")("next.uncounted") if step.badge == "uncounted" else ""
