"""Every kind of exercise in a real browser: on a phone and a desk, at its start, half-way and at its end."""

from __future__ import annotations

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from pamong.brief import load_brief
from pamong.kinds import KINDS

pytestmark = pytest.mark.browser
SCAFFOLDS = Path(__file__).parents[2] / "templates" / "exercises"
PHONE, NARROW, DESK = (
    {"width": 390, "height": 844},
    {"width": 320, "height": 640},
    {"width": 1366, "height": 768},
)
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]}
ENOUGH = 500
CONTROLS = """() => [...document.querySelectorAll(
  ".pm-form :is(a[href], button, input, select, textarea, summary)")]
  .filter((each) => !each.disabled && each.checkVisibility({ visibilityProperty: true })
    && !(each.type === "radio" && !reachable(each)))
  .length;
function reachable(radio) {
  const group = [...document.getElementsByName(radio.name)];
  return radio.checked || (!group.some((each) => each.checked) && group[0] === radio);
}"""
FOCUSED = """() => {
  const here = document.activeElement;
  if (!here || !here.closest(".pm-form")) return null;
  const style = getComputedStyle(here), box = here.closest("label, li, .pm-option") || here;
  const around = getComputedStyle(box);
  const seen = [style, around].some((one) => one.outlineStyle !== "none" || one.boxShadow !== "none");
  here.dataset.seen = "";
  return seen ? "" : here.outerHTML.slice(0, 200);
}"""


@pytest.fixture(params=sorted(KINDS))
def stage(request, staged):
    return staged(load_brief(SCAFFOLDS / f"{request.param}.brief.yaml"))


def sound(page: Page, width: int) -> None:
    """No accessibility fault, and nothing that scrolls sideways."""
    found = Axe().run(page, options=RULES).response["violations"]
    assert [(each["id"], each["nodes"][0]["html"][:200]) for each in found] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("share", [0, 0.5, 1], ids=["start", "midway", "end"])
def test_a_form_is_sound_on_a_phone_and_on_a_desk(stage, share):
    bot = "oracle" if "oracle" in stage.kind.bots else "perfect"
    acts = stage.play(bot, ENOUGH)
    if share < 1:
        stage.restart()
        stage.play(bot, round(acts * share))
    for viewport in (PHONE, DESK):
        sound(stage.open(viewport), viewport["width"])
    narrow = stage.open(NARROW)
    assert narrow.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]


def test_every_control_is_reached_by_keyboard_and_shows_it(stage):
    stage.play("random", 3)
    page = stage.open(DESK)
    expected = page.evaluate(CONTROLS)
    page.locator(".pm-form").evaluate("form => form.setAttribute('tabindex', '-1')")
    page.locator(".pm-form").focus()
    unmarked = []
    for _ in range(3 * expected + 10):
        page.keyboard.press("Tab")
        seen = page.evaluate(FOCUSED)
        if seen is None:
            break
        unmarked += [seen] if seen else []
    assert page.locator(".pm-form [data-seen]").count() >= expected
    assert unmarked == []
