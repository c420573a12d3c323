"""A module without a kernel, in a real browser, beside a notebook on the same answers."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from pamong import log
from pamong.catalogue import messages
from pamong.course import Course
from pamong.view.preview import Running, running_home
from tests.consent import consent
from tests.values import replace

from .conftest import OPENING, Line

pytestmark = pytest.mark.browser
MODULE = "m1-komunikasi-kolaborasi"
HEAVIEST = "m5-negosiasi-mediasi"
EXERCISES = 12
FORM, LIGHT, PREVIEW = messages("form"), messages("light"), messages("preview")
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]}
WAIT = 20_000
EXPECTED = re.compile(r"ERR_|404|reading 'schema'")
"""A line that was cut, a page that is not there, and Notebook 7's own complaint."""
WEIGHT = 150_000
"""Bytes that a first visit may transfer in all."""


@dataclass(frozen=True)
class Place:
    """A home, and the network line to it."""

    it: Running
    line: Line

    def page(self, path: str) -> str:
        port = self.it.address.rpartition(":")[2]
        return self.it.page(path).replace(f":{port}/", f":{self.line.port}/")

    def module(self, module: str = MODULE) -> str:
        return self.page(f"pamong/modules/{module}/")

    def events(self, exercise: str) -> list[dict]:
        path = self.it.folder / MODULE / f"{exercise}.jsonl"
        if not path.exists():
            return []
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]

    def clear(self) -> None:
        for path in self.it.folder.glob("*/*.jsonl"):
            path.unlink()


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    course = Course.load(Path(__file__).parents[2])
    with running_home(course, folder=tmp_path_factory.mktemp("peserta")) as it:
        consent(it)
        yield it


@pytest.fixture
def place(home):
    line = Line(int(home.address.rpartition(":")[2]))
    place = Place(home, line)
    place.clear()
    yield place
    line.close()


@pytest.fixture
def contexts(chromium: Browser, place):  # noqa: ARG001  # the line must outlive the browser's connections
    """Browsers of their own, as on several devices; whatever they say on the console fails the test."""
    opened: list[BrowserContext] = []
    complaints: list[str] = []

    def context(width: int = 1366) -> BrowserContext:
        size = {"width": width, "height": 768}
        made = chromium.new_context(viewport=size, locale="id-ID", reduced_motion="reduce")
        made.on("weberror", lambda error: complaints.append(str(error.error)))
        made.on(
            "console",
            lambda said: (
                said.type == "error" and "pamong" in said.page.url and complaints.append(said.text)
            ),
        )
        opened.append(made)
        return made

    yield context
    for each in opened:
        each.close()
    assert [text for text in complaints if not EXPECTED.search(text)] == []


def visit(context: BrowserContext, place: Place, module: str = MODULE) -> Page:
    page = context.new_page()
    page.goto(place.module(module))
    drawn(page)
    return page


def drawn(page: Page) -> None:
    expect(page.locator(".pm-waiting")).to_have_count(0, timeout=OPENING)
    expect(page.locator(".pm-spot .pm-body")).to_have_count(
        page.locator(".pm-spot").count(), timeout=OPENING
    )


def form(page: Page, exercise: str) -> Locator:
    return page.locator(f"section.pm-form[aria-labelledby='pm-{exercise}']")


def text(page: Page) -> Locator:
    """The first box of the reflection."""
    return form(page, "refleksi").locator("textarea").first


def saved(where: Locator) -> None:
    expect(where.locator(".pm-status")).to_have_attribute("data-state", "saved", timeout=WAIT)
    expect(where.locator(".pm-status")).to_contain_text("Tersimpan pukul", timeout=WAIT)


def write(page: Page, words: str) -> None:
    text(page).fill(words)
    text(page).blur()
    saved(form(page, "refleksi"))


# ---- the page ----


def test_a_module_is_drawn_without_a_kernel_code_or_english(contexts, place):
    page = visit(contexts(), place)
    expect(page.locator(".pm-spot .pm-body")).to_have_count(EXERCISES)
    shown = page.locator("body").inner_text()
    assert "Komunikasi Efektif dan Kolaborasi" in shown
    assert not any(word in shown for word in ("module.", "import ", "Loading", "undefined"))
    expect(page).to_have_title("Komunikasi Efektif dan Kolaborasi · Pamong")


def test_an_answer_is_on_disk_when_the_page_says_so_and_there_after_a_reload(contexts, place):
    page = visit(contexts(390), place)
    option = form(page, "uji-a").get_by_role("radio").first
    option.check()
    saved(form(page, "uji-a"))
    assert place.events("uji-a")[-1]["act"] == "answer"
    page.reload()
    drawn(page)
    expect(option).to_be_checked()


def test_the_contents_say_how_far_one_is(contexts, place):
    page = visit(contexts(), place)
    part = page.locator(".pm-contents [data-part='terapan']")
    expect(part).to_contain_text("0 dari 5 latihan selesai")
    write(page, "Saya mendengar lebih lama.")
    part.locator("summary").click()
    expect(part.locator("[data-for='refleksi']")).to_contain_text("berjalan")
    part.locator("[data-for='refleksi'] a").click()
    expect(form(page, "refleksi").get_by_role("heading").first).to_be_in_viewport()


def test_a_lost_line_stops_nothing_and_what_was_typed_arrives_later(contexts, place):
    page = visit(contexts(), place)
    place.line.cut()
    text(page).fill("Ditulis tanpa jaringan.")
    expect(form(page, "refleksi").locator(".pm-status")).to_have_attribute(
        "data-state", "late", timeout=WAIT
    )
    assert place.events("refleksi") == []
    place.line.mend()
    saved(form(page, "refleksi"))
    assert place.events("refleksi")[-1]["data"]["text"] == "Ditulis tanpa jaringan."


def test_what_one_module_still_owes_never_reaches_another_with_an_exercise_of_the_same_name(
    contexts, place
):
    story, other, context = "praktik-baik", "m2-manajemen-perubahan", contexts()
    page = visit(context, place)
    place.line.cut()
    form(page, story).locator("textarea").first.fill("Cerita dari modul pertama.")
    page.evaluate("document.activeElement.blur()")
    expect(form(page, story).locator(".pm-status")).to_have_attribute(
        "data-state", "late", timeout=WAIT
    )
    page.close()
    place.line.mend()
    page = visit(context, place, other)
    expect(form(page, story).locator("textarea").first).to_have_value("")
    expect(form(page, story).locator(".pm-status")).to_have_attribute("data-state", "saved")
    page = visit(context, place)
    saved(form(page, story))
    assert place.events(story)[-1]["data"]["value"] == "Cerita dari modul pertama."
    assert not (place.it.folder / other / f"{story}.jsonl").exists()


@pytest.mark.parametrize("width", [320, 1366])
def test_nothing_is_wider_than_the_window_and_nothing_bars_anybody(chromium, place, width):
    context = chromium.new_context(viewport={"width": width, "height": 700}, bypass_csp=True)
    page = visit(context, place)
    root = "document.documentElement"
    assert page.evaluate(f"{root}.scrollWidth - {root}.clientWidth") == 0
    found = Axe().run(page, options=RULES).response["violations"]
    assert [(each["id"], each["nodes"][0]["html"][:120]) for each in found] == []
    context.close()


# ---- weight ----


@pytest.mark.parametrize("module", [MODULE, HEAVIEST])
def test_a_first_visit_is_light_and_asks_nobody_else(contexts, place, module):
    context = contexts(390)
    first = context.new_page()
    first.goto(place.page("pamong/tiada"))
    page = context.new_page()
    line = context.new_cdp_session(page)
    line.send("Network.enable")
    line.send("Network.clearBrowserCache")
    sizes: list[float] = []
    hosts: set[str] = set()
    line.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    context.on("request", lambda request: hosts.add(request.url.split("/")[2].split(":")[0]))
    page.goto(place.module(module))
    drawn(page)
    page.wait_for_load_state("networkidle")
    assert hosts <= {"127.0.0.1", ""}
    assert 30_000 < sum(sizes) <= WEIGHT


# ---- several pages at once ----


def test_what_was_begun_on_a_phone_goes_on_in_the_notebook_and_back(contexts, place):
    phone = visit(contexts(390), place)
    write(phone, "Ditulis di ponsel.")
    phone.close()
    desk = contexts().new_page()
    desk.goto(place.page(f"notebooks/{MODULE}/module.ipynb"))
    expect(desk.locator(".jp-Cell .pm-body")).to_have_count(EXERCISES, timeout=OPENING)
    expect(text(desk)).to_have_value("Ditulis di ponsel.")
    text(desk).fill("Dilanjutkan di kantor.")
    text(desk).blur()
    saved(form(desk, "refleksi"))
    home = desk.locator(".pamong-bar").get_by_role("link").first
    assert home.get_attribute("href").endswith("/pamong/")
    assert text(visit(contexts(390), place)).input_value() == "Dilanjutkan di kantor."


def test_two_open_pages_learn_of_each_other_and_say_so(contexts, place):
    one, other = visit(contexts(), place), visit(contexts(), place)
    form(other, "refleksi").scroll_into_view_if_needed()
    write(one, "Dari halaman pertama.")
    expect(text(other)).to_have_value("Dari halaman pertama.", timeout=15_000)
    notice = form(other, "refleksi").get_by_text(FORM("elsewhere.title"))
    expect(notice).to_be_visible()
    form(other, "refleksi").get_by_role("button", name=FORM("elsewhere.close")).click()
    expect(notice).to_have_count(0)
    expect(form(one, "refleksi").get_by_text(FORM("elsewhere.title"))).to_have_count(0)


def test_a_page_learns_at_once_when_it_sends_and_shows_what_it_displaced(contexts, place):
    one, other = visit(contexts(), place), visit(contexts(), place)
    text(other).click()
    other.keyboard.type("Dari halaman kedua.")
    write(one, "Dari halaman pertama.")
    other.keyboard.type(" Lagi.")
    expect(text(other)).to_be_focused()
    saved(form(other, "refleksi"))
    assert place.events("refleksi")[-1]["data"]["text"] == "Dari halaman kedua. Lagi."
    told = form(other, "refleksi").locator(".pm-notice", has_text=FORM("text.other.title"))
    expect(told).to_contain_text("Dari halaman pertama.")
    expect(text(other)).to_be_focused()
    told.get_by_role("button", name=FORM("text.other.adopt")).click()
    expect(text(other)).to_have_value("Dari halaman pertama.")
    saved(form(other, "refleksi"))
    assert place.events("refleksi")[-1]["data"]["text"] == "Dari halaman pertama."


def test_a_text_that_came_too_late_is_kept_in_sight(contexts, place):
    """Another page has locked the answers while this one was typing."""
    other = visit(contexts(), place)
    box = form(other, "kesepakatan-angkatan").locator("textarea").first
    box.fill("Aturan pertama.")
    box.blur()
    saved(form(other, "kesepakatan-angkatan"))
    place.line.cut()
    box.fill("Aturan yang terlambat.")
    lock(place)
    place.line.mend()
    told = form(other, "kesepakatan-angkatan").locator(
        ".pm-notice", has_text=FORM("text.lost.title")
    )
    expect(told).to_contain_text("Aturan yang terlambat.", timeout=WAIT)
    expect(form(other, "kesepakatan-angkatan").locator(".pm-status")).to_have_attribute(
        "data-state", "saved"
    )


def test_whoever_writes_is_told_well_before_a_log_is_full(contexts, place):
    page = visit(contexts(390), place)
    told = form(page, "refleksi").locator(".pm-notice", has_text=FORM("scarce"))
    write(page, "Saya mendengar lebih lama.")
    expect(told).to_have_count(0)
    path = place.it.folder / MODULE / "refleksi.jsonl"
    last = log.parse(path.read_bytes(), "refleksi").events[-1]
    data = {**last.data, "text": "kata " * 3999}
    more = (replace(last, n=last.n + n, id=f"x{n}", data=data) for n in range(1, 186))
    with path.open("ab") as file:
        file.writelines(map(log.encode, more))
    page.reload()
    drawn(page)
    expect(told).to_be_visible()


def lock(place: Place) -> None:
    """End the exercise as the other page would: by an event that its log takes."""
    path = place.it.folder / MODULE / "kesepakatan-angkatan.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines()
    last = json.loads(lines[-1])
    end = {**last, "n": last["n"] + 1, "id": "lain-1", "act": "finish", "data": {}}
    path.write_text("\n".join([*lines, json.dumps(end)]) + "\n", encoding="utf-8")


# ---- a new release ----


def released(place: Place, exercise: str, version: int) -> Path:
    """The exercise's brief under another version, in the folder of the open page."""
    path = place.it.folder / MODULE / f"{exercise}.brief.yaml"
    content = path.read_text(encoding="utf-8")
    lines = [
        f"version: {version}" if line.startswith("version:") else line
        for line in content.splitlines()
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def restored(place):
    """The briefs as they were, after the test."""
    folder = place.it.folder / MODULE
    before = {path: path.read_bytes() for path in folder.glob("*.brief.yaml")}
    yield
    for path, content in before.items():
        path.write_bytes(content)


@pytest.mark.usefixtures("restored")
def test_what_was_begun_goes_on_and_what_was_not_is_new_while_the_page_is_open(contexts, place):
    page = visit(contexts(), place)
    write(page, "Dimulai pada versi pertama.")
    first = place.events("refleksi")[-1]["version"]
    for exercise in ("refleksi", "uji-a"):
        released(place, exercise, 8)
    write(page, "Dilanjutkan sesudah rilis.")
    assert place.events("refleksi")[-1]["version"] == first
    expect(form(page, "refleksi").get_by_text(FORM("newer"))).to_be_visible()
    form(page, "uji-a").get_by_role("radio").first.click()
    expect(form(page, "uji-a").get_by_text(FORM("problem.outdated"))).to_be_visible(timeout=WAIT)
    expect(form(page, "uji-a").get_by_text(FORM("replaced"))).to_be_visible()
    assert place.events("uji-a") == []
    form(page, "uji-a").get_by_role("radio").first.check()
    saved(form(page, "uji-a"))
    assert {event["version"] for event in place.events("uji-a")} == {8}
    expect(page.locator("[data-news]")).to_contain_text(LIGHT("news.edition"), timeout=15_000)


@pytest.mark.usefixtures("restored")
def test_a_text_that_was_being_typed_outlives_a_release(contexts, place):
    page = visit(contexts(), place)
    place.line.cut()
    text(page).fill("Ditulis sebelum rilis.")
    page.wait_for_timeout(300)
    released(place, "refleksi", 9)
    place.line.mend()
    expect(form(page, "refleksi").get_by_text(FORM("replaced"))).to_be_visible(timeout=WAIT)
    expect(text(page)).to_have_value("Ditulis sebelum rilis.")
    saved(form(page, "refleksi"))
    last = place.events("refleksi")[-1]
    assert (last["version"], last["data"]["text"]) == (9, "Ditulis sebelum rilis.")


# ---- the server ----


def test_an_unknown_module_is_a_plain_page_with_a_way_back(contexts, place):
    page = contexts().new_page()
    page.goto(place.module("m9-tiada"))
    expect(page.get_by_role("heading", level=1)).to_have_text(LIGHT("trouble.missing.title"))
    page.get_by_role("link", name=LIGHT("trouble.home")).click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert "trouble" not in page.url


def test_a_page_whose_scripts_did_not_arrive_comes_again_when_the_line_is_back(chromium, place):
    context = chromium.new_context(locale="id-ID")
    context.route("**/form.js", lambda route: route.abort())
    page = context.new_page()
    page.goto(place.module())
    expect(page.locator(".pm-waiting").first).to_be_visible()
    context.unroute("**/form.js")
    drawn(page)
    context.close()
