"""The released module 5 on a phone, as a lurah plays it: everything real, nothing stubbed.

The tests share one visit, because opening a module is what takes the time; each plays exercises of
its own.
"""

from __future__ import annotations

import re
import signal
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from pamong.catalogue import Catalogue, messages
from pamong.course import Course
from pamong.view.preview import running

from .conftest import OPENING, Line, Site
from .test_participant_view import ENGLISH, scrolls

pytestmark = pytest.mark.browser
ROOT = Path(__file__).parents[2]
MODULE = "m5-negosiasi-mediasi"
FORMS = 13
WAIT = 20_000
FORM, TALK, FRAME = messages("form"), messages("negotiation"), messages("notebook")
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]}
OFFERS = ((0, 1, 0, 4, 4), (1, 1, 1, 4, 4), (2, 2, 2, 4, 4))


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("five")
    with running(Course.load(ROOT), MODULE, released=True, folder=folder) as it:
        line = Line(int(it.url.split(":")[2].split("/")[0]))
        yield Site(it, line)
        line.close()


@pytest.fixture(scope="module")
def page(chromium, site):
    context = chromium.new_context(
        viewport={"width": 390, "height": 844}, locale="id-ID", reduced_motion="reduce"
    )
    page = context.new_page()
    page.goto(site.url)
    drawn(page)
    yield page
    context.close()


def drawn(page: Page) -> None:
    expect(page.locator(".pm-body")).to_have_count(FORMS, timeout=OPENING)
    expect(page.locator(".pamong-banner")).to_be_hidden(timeout=OPENING)


def form(page: Page, exercise: str) -> Locator:
    return page.locator(f"section.pm-form[aria-labelledby='pm-{exercise}']")


def button(where: Locator, area: Catalogue, key: str) -> Locator:
    """The button with this text; whatever stands in its gaps."""
    text = re.sub(r"\\\{\w+\\\}", ".*", re.escape(str(area.entries[key])))
    return where.get_by_role("button", name=re.compile(f"^{text}$"))


def saved(where: Locator) -> None:
    where.page.wait_for_timeout(150)
    expect(where.locator(".pm-status")).to_contain_text("Tersimpan pukul", timeout=WAIT)


def findings(page: Page) -> list[tuple[str, list[str]]]:
    found = Axe().run(page, context=".pm-form", options=RULES).response["violations"]
    return [(each["id"], [node["html"][:120] for node in each["nodes"]]) for each in found]


def keeps_focus(page: Page) -> None:
    """The focus settles in a form; a busy machine may need a moment."""
    page.wait_for_function("document.activeElement.closest('.pm-form') !== null")


def test_it_opens_by_itself_without_code_or_english(page):
    shown = page.locator("body").inner_text()
    assert "Negosiasi dan Mediasi" in shown
    assert ENGLISH.findall(shown) == []
    assert not re.search(r"\b(undefined|null|NaN)\b|\{\w+\}|\[object", shown)
    expect(page.locator(".cm-editor:visible")).to_have_count(0)


def test_no_kind_of_form_has_an_accessibility_fault_even_where_something_is_missing(page):
    for exercise in ("bandingkan-alternatif", "sikap-mediator", "refleksi"):
        where = form(page, exercise)
        button(where, FORM, "finish.graded").click()
        expect(where.locator(".pm-missing")).to_be_visible(timeout=WAIT)
    practice = form(page, "latihan-negosiasi")
    button(practice, TALK, "ui.prepare.send").click()
    expect(practice.get_by_text(TALK("ui.error.floor"))).to_be_visible()
    keeps_focus(page)
    assert findings(page) == []


@pytest.mark.parametrize("width", [320, 390])
def test_a_phone_never_scrolls_sideways(page, width):
    page.set_viewport_size({"width": width, "height": 844})
    assert scrolls(page) == [0, 0, 0, 0]


def test_a_graded_negotiation_to_its_debrief_survives_a_killed_kernel_and_a_reload(page, site):
    table = form(page, "relokasi-pkl")
    prepare(table)
    assert findings(page) == []
    talk(table)
    expect(table.get_by_role("heading", name=TALK("ui.model"))).to_be_visible(timeout=WAIT)
    close(table)
    debrief = table.get_by_role("heading", name=TALK("ui.weights"))
    expect(debrief).to_be_visible(timeout=WAIT)
    keeps_focus(page)
    assert findings(page) == []
    assert scrolls(page) == [0, 0, 0, 0]
    assert {event["who"] for event in site.events("relokasi-pkl")} >= {"counterpart"}
    outcome = table.locator(".pm-notice").first.inner_text()
    assert re.search(r"bernilai \d+ .*poin bagi Anda", outcome)

    (kernel,) = site.kernels()
    kernel.send_signal(signal.SIGKILL)
    expect(page.locator(".pamong-banner")).to_contain_text(FRAME("restarting"), timeout=WAIT)
    drawn(page)
    expect(debrief).to_be_visible(timeout=WAIT)
    page.reload()
    drawn(page)
    expect(debrief).to_be_visible(timeout=WAIT)
    assert table.locator(".pm-notice").first.inner_text() == outcome

    button(table, FORM, "again").click()
    expect(table.locator(".pm-head")).to_contain_text("percobaan ke-2 dari 2", timeout=WAIT)
    expect(table.get_by_role("heading", level=2)).to_be_focused()
    picks = form(page, "refleksi").get_by_role("checkbox")
    form(page, "refleksi").get_by_text("Pertanyaan 1", exact=True).scroll_into_view_if_needed()
    expect(picks).not_to_have_count(0, timeout=WAIT)


def prepare(table: Locator) -> None:
    table.get_by_label(TALK("ui.floor")).fill("42")
    table.get_by_label(TALK("ui.target")).fill("80")
    table.get_by_label(TALK("ui.first")).select_option("jaga")
    table.get_by_label(TALK("ui.zone.yes")).check()
    table.page.wait_for_timeout(500)
    button(table, TALK, "ui.prepare.send").click()
    expect(table.locator(".pm-meeting")).to_contain_text("Putaran 1 dari 8", timeout=WAIT)
    expect(table.get_by_text("Trotoar Jalan Umpama Raya dipakai 48 pedagang")).to_be_hidden()


def talk(table: Locator) -> None:
    table.get_by_role("radio", name=re.compile("^Terima kasih sudah datang")).check()
    button(table, TALK, "ui.greet.send").click()
    saved(table)
    button(table, TALK, "ui.ask.send").click()
    expect(table.get_by_text(TALK("ui.learned"))).to_be_visible(timeout=WAIT)
    for offer in OFFERS:
        for place, choice in enumerate(offer):
            table.locator(".pm-issue-mine select").nth(place).select_option(str(choice))
        button(table, TALK, "ui.offer").click()
        saved(table)
        if not table.locator(".pm-meeting").count():
            return
    button(table, TALK, "ui.accept").click()
    expect(table.get_by_text(TALK("ui.accept.sure"))).to_be_visible()
    button(table, TALK, "ui.accept.yes").click()


def close(table: Locator) -> None:
    button(table, FORM, "rank.keep").click()
    table.get_by_role("radio").first.check()
    saved(table)
    button(table, FORM, "finish.graded").click()
    button(table, FORM, "confirm.yes").click()
