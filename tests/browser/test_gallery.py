"""Every kind in every state, seen as a whole: by axe, by keyboard, at every width, in both themes.

One page is loaded once. Themes and widths are switched on it, and everything that can be unfolded stands open.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from pamong.kinds import KINDS
from pamong.view import gallery

from .sight import PALE, QUICK, SMALL, found

pytestmark = pytest.mark.browser
TEMPLATES = Path(__file__).parents[2] / "templates"
READY = 90_000
PHONE, DESK, NARROW, ZOOMED, A4 = 390, 1366, 320, 1366 // 2, 688
LOOKS = [(width, theme) for width in (DESK, PHONE) for theme in ("light", "dark")]
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SECOND = ("choice", "negotiation")
"""Kinds on which axe gives a second opinion of colours in the dark."""
WRITTEN = ("canvas", "ranking", "reflection")
"""Kinds whose worked example has a text that can be written in the middle."""

# Whatever is folded away is laid open, so that it is looked at too.
UNFOLD = """async () => {
  const closed = (form) => form.querySelector(".pm-fold-head[aria-expanded=false]");
  const next = () => [...document.querySelectorAll(".pm-plan")].map(closed).filter(Boolean);
  for (let folds = next(); folds.length; folds = next()) {
    for (const fold of folds) fold.click();
    await new Promise((done) => setTimeout(done));
  }
  for (const part of document.querySelectorAll("[data-scene] details")) part.open = true;
  await new Promise((done) => setTimeout(done, 300));
}"""
# What stands in several scenes of a kind in the very same words and marks needs to be looked at in one of them.
ONCE = """() => {
  const known = new Set();
  for (const body of document.querySelectorAll("[data-scene] .pm-body")) {
    const { id, dataset } = body.closest("[data-scene]");
    const text = body.innerHTML.replaceAll(id, dataset.kind).replace(/pm-?(day-|fold-)?\\d+/g, "pm");
    const controls = [...body.querySelectorAll("input, select, textarea")];
    const content = controls.map(({ value, checked, disabled }) => `${value} ${checked} ${disabled}`).join();
    const whole = `${dataset.kind} ${text} ${content}`;
    if (known.has(whole)) body.style.display = "none";
    known.add(whole);
  }
  return document.querySelectorAll(".pm-body[style]").length;
}"""
ALL = """() => document.querySelectorAll(".pm-body[style]").forEach((body) => body.removeAttribute("style"))"""
WIDE = """() => {
  const page = document.documentElement;
  const out = [...document.querySelectorAll("[data-scene] *")].filter((node) =>
    node.getBoundingClientRect().right > page.clientWidth + 1 && seen(node) && !node.closest(".pm-scroll"));
  return [page.scrollWidth > page.clientWidth, [...new Set(out.map(where))].slice(0, 5)];
}"""
UNMARKED = """() => {
  const missed = [];
  for (const node of controls("[data-scene]")) {
    if (node.closest("[data-scene][data-state=rival]")) continue;
    node.focus({ preventScroll: true });
    if (document.activeElement !== node) { missed.push(`no focus: ${where(node)}`); continue; }
    const marks = [node, node.closest("label") || node].map((each) => getComputedStyle(each))
      .filter((style) => style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2);
    if (!marks.length) missed.push(where(node));
  }
  document.activeElement.blur();
  return missed;
}"""
MUTE = """() => [...document.querySelectorAll("[data-scene] :is(svg, canvas, [role=img])")].filter((node) => {
  if (!seen(node) || node.closest("[aria-hidden=true]")) return false;
  const named = node.getAttribute("aria-label") || node.querySelector("title")?.textContent
    || document.getElementById(node.getAttribute("aria-labelledby"))?.textContent;
  return !(node.getAttribute("role") === "img" && named?.trim().length > 8);
}).map(where)"""
BARS = """() => [...document.querySelectorAll("[data-scene] :is(.pm-bar, .pm-gauge-bar, .pm-worth-bar, .pm-weight-bar, .pm-meter-track, .pm-weeks, .pm-columns)")]
  .filter((bar) => seen(bar) && !/\\S/.test(bar.closest("li, figure, .pm-med-standing, .pm-meter, .pm-plan-slot, .pm-gauge, .pm-canvas-progress")?.innerText || ""))
  .map(where)"""
DRAGGED = """() => [...document.querySelectorAll("[data-scene] :is([draggable=true], .pm-drag)")].filter((node) => {
  const form = node.closest(".pm-form");
  const rows = [...form.querySelectorAll(".pm-actor")].filter((row) => row.querySelectorAll("select:not(:disabled)").length >= 2);
  return !rows.some((row) => row.querySelector(".pm-badge").textContent.trim() === node.textContent.trim());
}).map(where)"""
UNLINKED = """() => [...document.querySelectorAll("[data-scene] .pm-error")].filter((node) => seen(node) && !node.hidden).filter((node) => {
  const control = document.querySelector(`[aria-describedby~="${node.id}"]`);
  return node.getAttribute("role") !== "alert" || !node.textContent.trim() || !control
    || (!control.matches("fieldset") && control.getAttribute("aria-invalid") !== "true");
}).map(where)"""
# Axe reads the whole page before it looks at a part of it, so everything else is taken away meanwhile.
ONLY = """([kind, state]) => {
  const other = ({ dataset }) => (kind && dataset.kind !== kind) || (state && dataset.state !== state);
  globalThis.away?.forEach(([place, scene]) => place.replaceWith(scene));
  globalThis.away = [...document.querySelectorAll("[data-scene]")].filter(other).map((scene) => {
    const place = document.createComment("");
    scene.replaceWith(place);
    return [place, scene];
  });
}"""
TONE = "() => getComputedStyle(document.querySelector('.pm-form')).backgroundColor"
DOUBLE = """() => {
  const ids = [...document.querySelectorAll("[id]")].map((node) => node.id);
  return [...new Set(ids.filter((id, at) => ids.indexOf(id) !== at))];
}"""


@pytest.fixture(scope="module")
def page(chromium):
    """All scenes, drawn and unfolded, after the late ones have become late."""
    with gallery.showing(TEMPLATES) as address:
        context = chromium.new_context(
            viewport={"width": DESK, "height": 900}, locale="id-ID", reduced_motion="reduce"
        )
        page = context.new_page()
        said: list[str] = []
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("console", lambda line: said.append(line.text))
        page.on(
            "request", lambda request: request.url.startswith(address) or said.append(request.url)
        )
        page.goto(f"{address}scenes")
        page.wait_for_selector("body[data-ready]", timeout=READY)
        for scene in page.locator("[data-scene][data-state=late] .pm-status").all():
            expect(scene).to_have_attribute("data-state", "late", timeout=READY)
        page.evaluate(UNFOLD)
        yield page
        context.close()
    assert said == []


def look(page: Page, width: int, theme: str) -> None:
    page.evaluate(ONLY, ["", ""])
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")


def only(page: Page, *, kind: str = "", state: str = "") -> None:
    """These scenes alone, all of them when nothing is named; ``look`` brings back the others."""
    page.evaluate(ONLY, [kind, state])


def faults(page: Page, **options: object) -> list[tuple[str, str]]:
    """What axe finds on the page: the rule and where."""
    asked = {"runOnly": TAGS, **QUICK, **options}
    wrong = Axe().run(page, context="main", options=asked).response["violations"]
    return [(each["id"], node["html"][:200]) for each in wrong for node in each["nodes"][:5]]


def test_every_kind_stands_there_in_every_state_that_it_can_be_in(page):
    states = page.evaluate(
        "() => [...document.querySelectorAll('[data-scene]')].map((it) => [it.dataset.kind, it.dataset.state])"
    )
    there = {kind: {state for name, state in states if name == kind} for kind in KINDS}
    always = {"new", "begun", "middle", "locked", "debrief-good", "debrief-poor", "second"}
    always |= {"refused", "late", "newer", "damaged"}
    assert {kind: always - known for kind, known in there.items() if always - known} == {}
    assert {kind for kind in KINDS if "absent" in there[kind]} == {
        name for name, kind in KINDS.items() if kind.reactive
    }
    assert {kind for kind in WRITTEN if "rival" not in there[kind]} == set()


def test_a_state_looks_like_what_it_is_called(page):
    marks = {
        "refused": ".pm-form > .pm-notice.pm-act",
        "late": ".pm-status[data-state=late]",
        "damaged": ".pm-form > .pm-notice.pm-act",
        "rival": ".pm-rival",
        "missing": ".pm-finish .pm-missing",
        "debrief-good": ".pm-score",
        "debrief-poor": ".pm-score",
        "locked": ".pm-result .pm-notice.pm-good",
        "absent": ".pm-head + .pm-notice.pm-look",
        "silent": ".pm-head + .pm-notice.pm-look",
    }
    bare = page.evaluate(
        """(marks) => Object.entries(marks).flatMap(([state, mark]) =>
          [...document.querySelectorAll(`[data-scene][data-state=${state}]`)].filter((scene) => !scene.querySelector(mark)))
          .map(({ id }) => id)""",
        {state: f":scope {mark}" for state, mark in marks.items()},
    )
    assert bare == []


def test_no_text_says_what_a_machine_would_say(page):
    shown = page.locator("main").inner_text()
    broken = re.compile(r"\b(undefined|NaN)\b|\{\w+\}|\[object|Traceback|%\(|\bTODO\b")
    assert broken.findall(shown) == []


def test_axe_finds_nothing_in_any_state(page):
    look(page, DESK, "light")
    assert page.evaluate(ONCE) > len(KINDS)
    wrong = []
    for kind in KINDS:
        only(page, kind=kind)
        wrong += faults(page)
    only(page)
    page.evaluate(ALL)
    assert wrong == []


def test_axe_finds_nothing_on_a_phone_in_the_dark_where_every_kind_is_discussed(page):
    look(page, PHONE, "dark")
    only(page, state="debrief-poor")
    wrong = faults(page)
    for kind in SECOND:
        only(page, kind=kind, state="debrief-poor")
        wrong += faults(page, rules={})
    assert wrong == []


@pytest.mark.parametrize(("width", "theme"), LOOKS)
def test_every_text_stands_out_from_what_is_behind_it(page, width, theme):
    look(page, width, theme)
    assert found(page, PALE, "main") == []


@pytest.mark.parametrize("width", [DESK, ZOOMED, PHONE, NARROW])
def test_nothing_is_wider_than_the_page(page, width):
    look(page, width, "light")
    assert found(page, WIDE) == [False, []]


@pytest.mark.parametrize("width", [DESK, PHONE])
def test_every_target_is_large_enough_for_a_finger(page, width):
    look(page, width, "light")
    assert found(page, SMALL) == []


def test_every_control_shows_that_it_has_the_focus(page):
    look(page, DESK, "light")
    page.keyboard.press("Tab")
    assert found(page, UNMARKED) == []


def test_every_picture_and_every_bar_says_in_words_what_it_shows(page):
    assert found(page, MUTE) == []
    assert found(page, BARS) == []


def test_whatever_can_be_dragged_can_be_chosen_too(page):
    assert page.locator(".pm-drag").count() > 0
    assert found(page, DRAGGED) == []


def test_no_two_things_on_the_page_share_an_address(page):
    assert page.evaluate(DOUBLE) == []


def test_nothing_moves_for_whoever_asks_for_stillness(page):
    look(page, DESK, "light")
    moving = """() => [...document.querySelectorAll("[data-scene] *")].map((node) => [node, getComputedStyle(node)])
      .filter(([, style]) => parseFloat(style.transitionDuration) || parseFloat(style.animationDuration))
      .map(([node]) => where(node))"""
    assert found(page, moving) == []


def test_what_is_chosen_is_seen_in_forced_colours(page):
    look(page, DESK, "light")
    page.emulate_media(forced_colors="active", reduced_motion="reduce")
    unseen = """() => [
      ...[...document.querySelectorAll("[data-scene] .pm-option.pm-on")]
        .filter((node) => parseFloat(getComputedStyle(node).borderTopWidth) < 3),
      ...[...document.querySelectorAll("[data-scene] .pm-bar > span")]
        .filter((node) => getComputedStyle(node).backgroundColor === getComputedStyle(node.parentElement).backgroundColor),
    ].map(where)"""
    try:
        assert found(page, unseen) == []
    finally:
        page.emulate_media(forced_colors="none")


def test_a_form_is_printed_whole_on_white_with_its_answers_and_without_its_buttons(page):
    look(page, A4, "dark")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print", color_scheme="dark")
    wrong = """() => [
      ...[...document.querySelectorAll("[data-scene] textarea")]
        .filter((node) => seen(node) && node.scrollHeight > node.clientHeight + 2),
      ...[...document.querySelectorAll("[data-scene] :is(.pm-button, .pm-moves, .pm-status)")].filter(seen),
      ...[...document.querySelectorAll("[data-scene] :is(details > *, .pm-canvas-part, .pm-canvas-grid)")]
        .filter((node) => !seen(node) && !node.closest(".pm-finish, .pm-words, .pm-leave, .pm-decide, .pm-canvas-tools")),
    ].map(where)"""
    try:
        assert found(page, wrong) == []
        assert found(page, WIDE) == [False, []]
        assert page.evaluate(TONE) == "rgb(255, 255, 255)"
    finally:
        page.emulate_media(media="screen")
        page.evaluate("dispatchEvent(new Event('afterprint'))")


def test_an_error_is_announced_and_belongs_to_its_field(page):
    look(page, DESK, "light")
    scenes = page.locator("[data-scene][data-state=middle]:has(.pm-number input:not([readonly]))")
    assert scenes.count() > 1
    for scene in scenes.all():
        box = scene.locator(".pm-number input:not([readonly])").first
        box.fill("dua belas")
        box.blur()
        expect(scene.locator(".pm-error:visible")).to_have_count(1)
    assert found(page, UNLINKED) == []
