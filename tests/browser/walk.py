"""A whole module worked through in a browser, cell by cell, with a bot's head and a person's hands.

What to do comes from the bot that knows the exercise best; it is done by keys in the form
(``hands``), never by a mouse or a message behind it. With ``pictures`` it leaves one of every cell. The
module stands in its notebook or on the light page, where no kernel is needed.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, expect

from pamong import log, notebook
from pamong.course import Course, Exercise, Shelf
from pamong.event import Action, Event
from pamong.judgement import judge, read
from pamong.kind import Seat, replay
from pamong.outcome import Outcome
from pamong.play import play
from pamong.score import Context
from pamong.view.preview import Running
from tests.consent import consent

from .hand import WAIT, Hand, finish
from .hands import HANDS
from .keyboard import Keyboard
from .sight import QUICK, poor

OPENING = 60_000
HEIGHTS = {390: 844, 1366: 768}
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]}
BROKEN = re.compile(
    r"\b(undefined|null|NaN)\b|\{\w+\}|\[object|Traceback|%\(|\bTODO\b|\b(ui|view|debrief)\.[a-z]"
)
PATIENCE = 20.0
"""Seconds until what was done must be on disk."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """One visit to a module; ``complaints`` is what the page said on its console."""

    shelf: Shelf
    site: Running
    page: Page
    folder: Path
    light: bool = False
    pictures: Path | None = None
    complaints: list[str] = field(default_factory=list)

    # ---- what is on disk ----

    def logs(self) -> dict[str, bytes]:
        return {path.stem: path.read_bytes() for path in self.folder.glob("*.jsonl")}

    def events(self, exercise: str) -> tuple[Event, ...]:
        content = self.logs().get(exercise, b"")
        return log.parse(content, exercise).trusted()

    def outcome(self, name: str) -> Outcome:
        return judge(name, 1.0, self.logs(), self.shelf)

    def context(self, it: Exercise) -> Context:
        """What was played before and is looked back upon."""
        logs = self.logs()
        found = {name: read(name, logs, self.shelf) for name in it.kind.needs(it.brief)}
        known = {name: each for name, each in found.items() if each is not None}
        return Context(
            events={name: each.events for name, each in known.items()},
            states={name: each.state for name, each in known.items()},
            scores={name: each.score for name, each in known.items()},
        )

    # ---- from the first cell to the last ----

    def through(self) -> Iterator[str]:
        """Work through every cell in the order of the page; gives each exercise once it is finished."""
        if self.light:
            self.skip()
        cells = self.page.locator(".pm-part > *" if self.light else ".jp-Notebook .jp-Cell")
        for number in range(cells.count()):
            cell = cells.nth(number)
            if not cell.is_visible():
                continue
            self.picture(cell, f"{number:02}")
            for form in cell.locator("section.pm-form").all():
                name = str(form.get_attribute("aria-labelledby")).removeprefix("pm-")
                self.work(name, form, f"{number:02}")
                self.picture(cell, f"{number:02}-{name}-selesai")
                yield name

    def skip(self) -> None:
        """Past what stands on every page, by the first stop of the keyboard."""
        keyboard = Keyboard(self.page)
        keyboard.press("Tab")
        expect(self.page.locator(".pm-skip")).to_be_focused()
        keyboard.press("Enter")
        expect(self.page.locator("#isi")).to_be_focused()

    def work(self, name: str, form: Locator, number: str = "") -> None:
        """One exercise from its first act to the page that says it is finished."""
        it = self.shelf.latest()[name]
        steps = self._reacting(it) if it.kind.reactive else self._planned(it)
        for taken, (action, state) in enumerate(steps):
            if it.kind.reactive and taken in (3, 6, 12):
                self.picture(form, f"{number}-{name}-langkah{taken:02}")
            hand = Hand(form, it.brief, state)
            if action.act == "finish":
                self.picture(form, f"{number}-{name}-akhir")
                finish(hand, action.data)
            else:
                HANDS[it.brief.kind][action.act](hand, action.data)

    def _planned(self, it: Exercise) -> Iterator[tuple[Action, Any]]:
        """Acts that depend on nothing the page answers: known before the first click."""
        bot, rng = it.kind.bots["perfect"], Random(1)
        events = play(it.kind, it.brief, it.key, bot, rng=rng, skill=1.0, context=self.context(it))
        state = it.kind.start(it.brief)
        for event in events:
            if event.who == "participant":
                yield Action(event.act, event.data), state
            state = it.kind.apply(it.brief, state, event)

    def _reacting(self, it: Exercise) -> Iterator[tuple[Action, Any]]:
        """Acts that answer the other side, whose words are read from the log."""
        form, rng = self._form(it), Random(1)
        state = replay(it.kind, it.brief, self.events(it.brief.id) or self._fresh(it))
        while True:
            action = it.kind.bots["oracle"](Seat(it.brief, it.key, state, rng, 1.0))
            if action is None:
                return
            yield action, state
            state = self._answered(it, form, state)

    def _form(self, it: Exercise) -> Locator:
        return self.page.locator(f"section.pm-form[aria-labelledby='pm-{it.brief.id}']")

    def _fresh(self, it: Exercise) -> tuple[Event, ...]:
        """An attempt in which nothing has been done; the real one is opened by the first act."""
        return play(it.kind, it.brief, it.key, lambda _: None, rng=Random(1))

    def _answered(self, it: Exercise, form: Locator, before: Any) -> Any:
        """The state once something has come of an act, and the page shows all of it."""
        deadline = time.monotonic() + PATIENCE
        while True:
            _rests(form)
            Keyboard(self.page).settle()
            state = replay(it.kind, it.brief, self.events(it.brief.id))
            if state != before and not self._owed(it, state):
                return state
            assert time.monotonic() < deadline, f"{it.brief.id}: nobody answered"
            self.page.wait_for_timeout(20)

    def _owed(self, it: Exercise, state: Any) -> bool:
        return bool(it.kind.reactive and it.kind.reactive.respond(it.brief, it.key, state))

    # ---- what must hold of a page ----

    def faults(self) -> list[str]:
        """Everything wrong with the page as it stands: words, pictures, width, accessibility."""
        whole = ".pm-main" if self.light else ".jp-Notebook"
        shown = self.page.locator(whole).inner_text()
        found = [f"reads “{match.group()}”" for match in BROKEN.finditer(shown)]
        found += [f"says {text!r}" for text in self.complaints]
        found += Keyboard(self.page).faults()
        found += self.page.evaluate(FAULTS, whole)
        within = whole if self.light else ".pm-form"
        found += poor(self.page, within)
        wrong = Axe().run(self.page, context=within, options=RULES | QUICK).response["violations"]
        return found + [f"{each['id']}: {each['nodes'][0]['html'][:160]}" for each in wrong]

    def picture(self, part: Locator, name: str) -> None:
        """One picture of all of ``part``, however high."""
        if self.pictures is None or not part.bounding_box():
            return
        self.pictures.mkdir(parents=True, exist_ok=True)
        size = self.page.viewport_size
        box = part.bounding_box()
        assert size
        assert box
        if box["height"] < 2:
            return
        self.page.set_viewport_size({**size, "height": int(box["height"]) + 200})
        self.page.wait_for_timeout(100)
        part.screenshot(path=self.pictures / f"{name}.png")
        self.page.set_viewport_size(size)


FAULTS = """async (whole) => {
  const found = [];
  for (const name of ["html", "body", ".jp-WindowedPanel-outer", whole]) {
    const node = document.querySelector(name);
    if (node && node.scrollWidth > node.clientWidth) found.push(`${name} scrolls sideways`);
  }
  const images = [...document.querySelectorAll(`${whole} img`)];
  await Promise.all(images.map((image) => ((image.loading = "eager"), image.decode().catch(() => {}))));
  for (const image of images)
    if (!image.complete || !image.naturalWidth) found.push(`no picture: ${image.alt}`);
    else if (!image.alt) found.push(`no words for ${image.src.slice(0, 80)}`);
  for (const node of document.querySelectorAll(".pm-form .pm-notice.pm-act, .jp-OutputArea-output[data-mime-type*=error]"))
    if (node.checkVisibility()) found.push(`error shown: ${node.innerText.slice(0, 160)}`);
  return found;
}"""


def opened(browser: Browser, course: Course, module: str, site: Running, **more: Any) -> Walk:
    """The module open in a window ``width`` pixels wide, with every form drawn.

    ``light``: on the light page of a home (``running_home``) instead of in the notebook.
    """
    width, light = more.pop("width"), more.get("light", False)
    context = browser.new_context(
        viewport={"width": width, "height": HEIGHTS[width]},
        locale="id-ID",
        reduced_motion="reduce",
        bypass_csp=light,  # for axe; tests/browser/test_light_page.py holds the page to its policy
    )
    page = context.new_page()
    folder = site.folder / module if light else site.folder
    walk = Walk(shelf=course.shelf(module), site=site, page=page, folder=folder, **more)
    page.on("pageerror", lambda error: _note(walk, f"{error} {error.stack}"))
    page.on("console", lambda line: line.type == "error" and _note(walk, line.text))
    if light:
        consent(site)
    page.goto(site.page(f"pamong/modules/{module}/") if light else site.url)
    forms, place = _exercises(course, module), ".pm-spot " if light else ""
    expect(page.locator(f"{place}.pm-form")).to_have_count(forms, timeout=OPENING)
    expect(page.locator(f"{place}.pm-body")).to_have_count(forms, timeout=OPENING)
    if not light:
        expect(page.locator(".pamong-banner")).to_be_hidden(timeout=OPENING)
    return walk


def _exercises(course: Course, module: str) -> int:
    """How many cells of the released notebook show an exercise."""
    released = course.release(module) / "module.ipynb"
    cells = notebook.parse(released.read_bytes(), released.name)["cells"]
    return sum(
        "module.exercise(" in each["source"] for each in cells if each["cell_type"] == "code"
    )


def _rests(form: Locator) -> None:
    """Nothing in the form is under way any more."""
    expect(form.locator("[aria-busy=true]")).to_have_count(0, timeout=WAIT)
    expect(form.locator(".pm-status")).to_have_attribute("data-state", "saved", timeout=WAIT)


def _note(walk: Walk, text: str) -> None:
    """Only what goes wrong in our own code counts; Jupyter talks to itself a good deal."""
    if "pamong" in text or "/static/kinds/" in text:
        walk.complaints.append(text)
