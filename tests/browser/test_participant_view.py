"""What a participant sees and can do in Notebook 7, with everything real."""

from __future__ import annotations

import re
import signal
from itertools import pairwise

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from pamong.catalogue import messages

from .conftest import OPENING, visit

pytestmark = pytest.mark.browser
TEXTS, FRAME = messages("form"), messages("notebook")
ENGLISH = re.compile(
    r"\b(import|module\.|kernel|jupyter|trusted|untitled|error|traceback|file|edit|view|run|"
    r"settings|help|click|cell|code|loading|widget|nbgrader|save|checkpoint|python)\b",
    re.IGNORECASE,
)
WAIT = 15_000
AGREEMENT = "Mengundang perwakilan pedagang berdialog di kantor kecamatan"


def form(page: Page, title: str):
    return page.locator(".pm-form", has=page.get_by_role("heading", name=title))


def warm_up(page: Page):
    return form(page, "Menata pedagang di Pasar Rekaan")


def decision(page: Page):
    return form(page, "Keputusan di lapangan")


def essay(page: Page):
    return form(page, "Catatan untuk diri sendiri")


def saved(where) -> None:
    expect(where.locator(".pm-status")).to_contain_text("Tersimpan pukul", timeout=WAIT)


def scrolls(page: Page) -> list[int]:
    """Width beyond the window of everything that could scroll sideways."""
    return page.evaluate(
        """() => ["html", "body", ".jp-WindowedPanel-outer", ".jp-Notebook"].map((name) => {
             const node = document.querySelector(name);
             return node.scrollWidth - node.clientWidth;
        })"""
    )


# ---- opening ----


def test_a_module_opens_by_itself_and_shows_neither_code_nor_english(page):
    shown = page.locator("body").inner_text()
    assert ENGLISH.findall(shown) == []
    assert "Modul Contoh: Menata Pasar" in shown
    assert "Jawaban diambil dari formulir." not in shown


def test_the_page_has_a_title_a_language_and_headings_in_order(page):
    expect(page).to_have_title("Modul Contoh: Menata Pasar")
    assert page.evaluate("document.documentElement.lang") == "id"
    levels = page.evaluate(
        """() => [...document.querySelectorAll("h1, h2, h3, h4")]
             .filter((node) => node.offsetParent).map((node) => Number(node.tagName[1]))"""
    )
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(below - above <= 1 for above, below in pairwise(levels))


def test_the_page_opens_at_its_top(page):
    assert page.evaluate("document.querySelector('.jp-WindowedPanel-outer').scrollTop") == 0
    expect(page.get_by_role("heading", name="Modul Contoh")).to_be_in_viewport()


def test_nothing_is_asked_from_the_internet(context, site):
    hosts = set()
    context.on("request", lambda request: hosts.add(request.url.split("/")[2].split(":")[0]))
    visit(context, site)
    assert hosts <= {"127.0.0.1", ""}


def test_opening_and_answering_leaves_the_notebook_file_as_it_was(page, site):
    before = (site.folder / "module.ipynb").read_bytes()
    warm_up(page).get_by_label(AGREEMENT).check()
    saved(warm_up(page))
    page.reload()
    expect(page.locator(".pm-body")).to_have_count(3, timeout=OPENING)
    assert (site.folder / "module.ipynb").read_bytes() == before


# ---- answering ----


def test_an_answer_is_on_disk_when_the_page_says_so(page, site):
    warm_up(page).get_by_label(AGREEMENT).check()
    saved(warm_up(page))
    last = site.events("pemanasan")[-1]
    assert (last["act"], last["data"]) == ("answer", {"item": "langkah", "chosen": ["dialog"]})


def test_after_a_reload_everything_is_there(page, context, site):
    warm_up(page).get_by_label(AGREEMENT).check()
    essay(page).get_by_role("textbox").fill("Saya akan bertanya lebih dahulu.")
    saved(essay(page))
    page.close()
    again = visit(context, site)
    expect(warm_up(again).get_by_label(AGREEMENT)).to_be_checked()
    expect(essay(again).get_by_role("textbox")).to_have_value("Saya akan bertanya lebih dahulu.")


def test_text_is_saved_two_seconds_after_a_pause_without_leaving_the_box(page, site):
    box = essay(page).get_by_role("textbox")
    box.press_sequentially("Bertanya lebih dahulu")
    saved(essay(page))
    assert site.events("catatan")[-1]["data"]["text"] == "Bertanya lebih dahulu"
    expect(box).to_be_focused()
    expect(essay(page)).to_contain_text("3 kata dari paling sedikit 8 kata")


def test_finishing_too_early_says_what_is_missing_and_leads_there(page):
    finish = warm_up(page).get_by_role("button", name=TEXTS("finish.practice"))
    finish.click()
    summary = warm_up(page).get_by_role("status").filter(has_text="Bagian yang masih kurang: 2")
    expect(summary).to_be_visible()
    summary.get_by_role("link").nth(1).click()
    focused = page.evaluate("document.activeElement.closest('fieldset').innerText")
    assert focused.startswith("Siapa saja yang perlu hadir")


def test_a_practice_ends_in_a_score_with_reasons_and_another_attempt(page):
    practice = warm_up(page)
    practice.get_by_label(AGREEMENT).check()
    practice.get_by_label("Perwakilan pedagang yang dipilih").check()
    practice.get_by_role("button", name=TEXTS("finish.practice")).click()
    expect(practice.locator(".pm-score")).to_contain_text("dari 100", timeout=WAIT)
    expect(practice.locator(".pm-parts li")).to_have_count(2)
    practice.get_by_role("button", name="Mulai percobaan ke-2 dari 2").click()
    expect(practice.locator(".pm-head")).to_contain_text("percobaan ke-2 dari 2", timeout=WAIT)
    expect(practice.get_by_label(AGREEMENT)).not_to_be_checked()


def test_a_graded_exercise_asks_before_it_locks_and_shows_no_score(page, site):
    graded = decision(page)
    graded.get_by_label("Menolak tanpa membahasnya").check()
    graded.get_by_role("button", name=TEXTS("finish.graded")).click()
    expect(graded).to_contain_text(TEXTS("confirm"), timeout=WAIT)
    assert [event["act"] for event in site.events("penataan")] == ["open", "answer"]
    graded.get_by_role("button", name=TEXTS("confirm.yes")).click()
    expect(graded).to_contain_text(TEXTS("done.graded"), timeout=WAIT)
    expect(graded.locator(".pm-score")).to_have_count(0)
    expect(graded.get_by_label("Menolak tanpa membahasnya")).to_be_disabled()


# ---- when things break ----


def test_a_killed_kernel_comes_back_and_what_was_typed_meanwhile_is_saved(page, site):
    warm_up(page).get_by_label(AGREEMENT).check()
    saved(warm_up(page))
    (kernel,) = site.kernels()
    kernel.send_signal(signal.SIGKILL)
    essay(page).get_by_role("textbox").fill("Ditulis ketika sambungan terputus.")
    essay(page).get_by_role("textbox").blur()
    expect(page.locator(".pamong-banner")).to_contain_text(FRAME("restarting"), timeout=WAIT)
    expect(page.locator(".pamong-banner")).to_be_hidden(timeout=OPENING)
    expect(warm_up(page).get_by_label(AGREEMENT)).to_be_checked()
    box = essay(page).get_by_role("textbox")
    expect(box).to_have_value("Ditulis ketika sambungan terputus.")
    saved(essay(page))
    assert site.events("catatan")[-1]["data"]["text"] == "Ditulis ketika sambungan terputus."


def test_without_a_network_the_page_warns_and_then_saves_by_itself(page, site):
    site.line.cut()
    box = essay(page).get_by_role("textbox")
    box.fill("Ditulis tanpa jaringan.")
    expect(essay(page).get_by_role("alert")).to_have_text(TEXTS("status.late"), timeout=WAIT)
    site.line.mend()
    saved_later = essay(page).locator(".pm-status")
    expect(saved_later).to_contain_text("Tersimpan pukul", timeout=OPENING)
    texts = [event["data"].get("text") for event in site.events("catatan")]
    assert texts[-1] == "Ditulis tanpa jaringan."


def test_a_draft_survives_closing_the_page_without_a_network(page, context, site):
    site.line.cut()
    essay(page).get_by_role("textbox").fill("Draf yang belum terkirim.")
    warm_up(page).get_by_label(AGREEMENT).check()
    expect(warm_up(page).get_by_role("alert")).to_have_text(TEXTS("status.late"), timeout=WAIT)
    assert site.events("catatan") == []
    page.close()
    site.line.mend()
    again = visit(context, site)
    expect(essay(again).get_by_role("textbox")).to_have_value("Draf yang belum terkirim.")
    expect(warm_up(again).get_by_label(AGREEMENT)).to_be_checked(timeout=WAIT)
    saved(essay(again))
    assert site.events("catatan")[-1]["data"]["text"] == "Draf yang belum terkirim."
    assert [event["act"] for event in site.events("pemanasan")] == ["open", "answer"]


def test_closing_with_something_unsaved_asks_first(page, site):
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    site.line.cut()
    essay(page).get_by_role("textbox").fill("Belum tersimpan.")
    page.close(run_before_unload=True)
    page.wait_for_event("close")
    assert asked == ["beforeunload"]


# ---- keyboard, phone, accessibility, bars ----


def test_an_exercise_is_done_with_the_keyboard_alone(page, site):
    cells = page.locator(".jp-Cell").count()
    page.locator("body").press("Tab")
    for _ in range(30):
        if page.evaluate("document.activeElement.type") == "radio":
            break
        page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    page.keyboard.type("bbaddxz")
    saved(warm_up(page))
    chosen = site.events("pemanasan")[-1]["data"]["chosen"]
    expect(warm_up(page).locator("input[type=radio]:checked")).to_have_value(chosen[0])
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    expect(warm_up(page).locator("input[type=checkbox]:checked")).to_have_count(1)
    for _ in range(12):
        if page.evaluate("document.activeElement.innerText") == TEXTS("finish.practice"):
            break
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(warm_up(page).locator(".pm-score")).to_be_visible(timeout=WAIT)
    assert page.locator(".jp-Cell").count() == cells


def test_clicking_and_typing_in_the_reading_text_changes_nothing(page):
    before = page.locator(".jp-Cell").all_inner_texts()
    text = page.get_by_role("paragraph").filter(has_text="Dialog yang baik dimulai dari")
    text.click()
    page.keyboard.type("bbaddxz")
    page.keyboard.press("Enter")
    page.keyboard.press("Control+Enter")
    text.dblclick()
    page.keyboard.type("x")
    assert page.locator(".jp-Cell").all_inner_texts() == before
    expect(page.locator(".cm-editor:visible")).to_have_count(0)


@pytest.mark.parametrize("width", [320, 390])
def test_a_phone_never_scrolls_sideways_and_fingers_can_hit_everything(page, width):
    page.set_viewport_size({"width": width, "height": 844})
    expect(warm_up(page)).to_be_visible()
    assert scrolls(page) == [0, 0, 0, 0]
    small = page.evaluate(
        """() => [...document.querySelectorAll(".pm-form :is(button, select, textarea, summary, label.pm-option)")]
             .filter((node) => node.offsetParent && node.getBoundingClientRect().height < 44)
             .map((node) => node.outerHTML.slice(0, 80))"""
    )
    assert small == []


def test_axe_finds_nothing_in_our_forms(page):
    def findings() -> list:
        found = Axe().run(page, context=".pm-form").response["violations"]
        return [(each["id"], [node["html"][:120] for node in each["nodes"]]) for each in found]

    assert findings() == []
    warm_up(page).get_by_role("button", name=TEXTS("finish.practice")).click()
    expect(warm_up(page).locator(".pm-missing")).to_be_visible()
    decision(page).get_by_label("Menolak tanpa membahasnya").check()
    decision(page).get_by_role("button", name=TEXTS("finish.graded")).click()
    expect(decision(page)).to_contain_text(TEXTS("confirm"), timeout=WAIT)
    assert findings() == []
    warm_up(page).get_by_label(AGREEMENT).check()
    warm_up(page).get_by_label("Calon penyewa kios").check()
    warm_up(page).get_by_role("button", name=TEXTS("finish.practice")).click()
    expect(warm_up(page).locator(".pm-score")).to_be_visible(timeout=WAIT)
    assert findings() == []


def test_a_first_visit_and_its_kernel_stay_within_their_bars(context, site):
    page = context.new_page()
    network = context.new_cdp_session(page)
    network.send("Network.enable")
    sizes: list[int] = []
    network.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    page.goto(site.url)
    expect(page.locator(".pm-body")).to_have_count(3, timeout=OPENING)
    assert sum(sizes) <= 2_000_000
    (kernel,) = site.kernels()
    assert kernel.memory_info().rss <= 60_000_000
