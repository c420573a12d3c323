"""What a hand presses in a form stays in its place until it lets go, whatever arrives meanwhile."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from pamong.brief import load_brief

from .hand import FORM, WAIT, Hand, button

pytestmark = pytest.mark.browser
SCAFFOLDS = Path(__file__).parents[2] / "templates" / "exercises"
PHONE = {"width": 390, "height": 844}
TEXT = "Pada 15 Oktober 2026 papan informasi mencakup 46 keluarga di sekitar lapangan dan pasar."
FRAMES = "() => new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(go)))"


def last_text(staged, kind: str):
    """A form in which one text and the end are still to be done, and the box for that text."""
    stage = staged(load_brief(SCAFFOLDS / f"{kind}.brief.yaml"))
    acts = stage.play("perfect", 500)
    stage.restart()
    stage.play("perfect", acts - 2)
    page = stage.open(PHONE)
    return stage, page, page.locator("textarea").last


def test_a_press_that_saves_a_text_and_moves_the_page_still_finishes(staged):
    stage, page, box = last_text(staged, "canvas")
    finish = button(page.locator(".pm-form"), FORM, "finish.practice")
    Hand(page.locator(".pm-form"), stage.brief, None).type(box, TEXT)
    page.add_style_tag(content="body { padding-bottom: 100vh }")
    finish.evaluate("node => node.scrollIntoView({ block: 'center' })")
    finish.hover()
    with page.expect_response("**/send"):
        page.mouse.down()
    page.evaluate(FRAMES)
    page.mouse.up()
    expect(page.locator(".pm-result")).to_be_visible(timeout=WAIT)


def test_finishing_straight_after_the_last_word_does_not_say_that_it_is_unsaved(staged):
    stage, page, box = last_text(staged, "matrix")
    hand = Hand(page.locator(".pm-form"), stage.brief, None)
    page.locator("select").last.select_option(stage.brief.alternatives[0].id)
    hand.type(box, " ".join([TEXT] * 3))
    hand.press("finish.practice", FORM)
    expect(page.locator(".pm-result")).to_be_visible(timeout=WAIT)
