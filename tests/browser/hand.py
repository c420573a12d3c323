"""One hand at one form, by the keyboard alone: pressing, typing, marking, ordering, and the end that all kinds share."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Locator, expect

from pamong.catalogue import Catalogue, messages

from .keyboard import Keyboard

WAIT = 20_000
"""Milliseconds that the page may take to answer on a busy machine."""
FORM = messages("form")


@dataclass(frozen=True, slots=True)
class Hand:
    """One exercise on the page; ``state`` is how far it has come."""

    form: Locator
    brief: Any
    state: Any

    @property
    def say(self) -> Catalogue:
        return messages(self.brief.kind)

    @property
    def keys(self) -> Keyboard:
        return Keyboard(self.form.page)

    def press(self, key: str, area: Catalogue | None = None, within: Locator | None = None) -> None:
        self.keys.strike(button(within or self.form, area or self.say, key))

    def type(self, box: Locator, text: str) -> None:
        self.keys.write(box, text)

    def mark(self, value: str, within: Locator | None = None) -> None:
        self.keys.mark((within or self.form).locator(f"input[value='{value}']"))

    def pick(self, select: Locator, value: object) -> None:
        self.keys.pick(select, str(value))

    def order(self, box: Locator, wanted: Sequence[str]) -> None:
        """Bring a list into order by its upward buttons; a list that is right is kept as it is."""
        mine = f"{box.get_attribute('id')}-"
        moved = False
        for place, item in enumerate(wanted):
            steps = _rows(box).index(mine + item) - place
            if steps:
                row = box.locator(f"[id='{mine}{item}']")
                self.keys.strike(row.get_by_role("button").first, steps)
                moved = True
        if not moved:
            self.press("rank.keep", FORM, box)
        assert _rows(box) == [mine + item for item in wanted]


def _rows(box: Locator) -> list[str]:
    found: list[str] = box.locator("li").evaluate_all("rows => rows.map((row) => row.id)")
    return found


Act = Callable[[Hand, Mapping[str, Any]], None]


def button(where: Locator, area: Catalogue, key: str) -> Locator:
    """The button with this text; whatever stands in its gaps."""
    text = re.sub(r"\\\{\w+\\\}", ".*", re.escape(str(area.entries[key])))
    return where.get_by_role("button", name=re.compile(f"^{text}$"))


def finish(hand: Hand, data: Mapping[str, Any]) -> None:  # noqa: ARG001  # the signature of an act
    use = "practice" if hand.brief.use == "practice" else "graded"
    hand.press(f"finish.{use}", FORM)
    if use == "graded":
        hand.press("confirm.yes", FORM)
    expect(hand.form.locator(".pm-result")).to_be_visible(timeout=WAIT)
    hand.keys.settle()


def written(value: float) -> str:
    """A number as it is typed in Indonesia."""
    return f"{value:.6f}".rstrip("0").rstrip(".").replace(".", ",")


def place_of(things: Sequence[Any], wanted: str) -> int:
    return [thing.id for thing in things].index(wanted)
