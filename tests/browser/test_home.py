"""The front door in a real browser: from the first visit to progress that comes back from a module."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import dataclass

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page, expect

from pamong.catalogue import messages
from pamong.course import Course
from pamong.view.preview import Running, running_home
from tests.conftest import MODULE

pytestmark = pytest.mark.browser
SAY = messages("home")
OPENING = 60_000
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1366, "height": 768}
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]}


@dataclass(frozen=True)
class Door:
    it: Running

    @property
    def kept(self):
        return self.it.folder / ".pamong" / "participant.json"

    def remembered(self) -> dict:
        return json.loads(self.kept.read_text())

    def clear(self) -> None:
        """As before the first visit."""
        self.kept.unlink(missing_ok=True)
        for log in self.it.folder.glob("*/*.jsonl"):
            log.unlink()

    def open(self, context: BrowserContext) -> Page:
        page = context.new_page()
        page.goto(self.it.url)
        return page


@pytest.fixture(scope="module")
def running(released_once, tmp_path_factory):
    folder = tmp_path_factory.mktemp("beranda") / "peserta"
    root = tmp_path_factory.mktemp("beranda") / "root"
    shutil.copytree(released_once, root)
    with running_home(Course.load(root), participant="p001", folder=folder) as it:
        yield Door(it)


@pytest.fixture
def door(running):
    running.clear()
    return running


@pytest.fixture
def visit(chromium):
    contexts = []

    def begin(viewport=DESK, **more) -> BrowserContext:
        more = {"locale": "id-ID", "reduced_motion": "reduce", **more}
        contexts.append(chromium.new_context(viewport=viewport, **more))
        return contexts[-1]

    yield begin
    for context in contexts:
        context.close()


def accept(page: Page) -> None:
    page.get_by_role("button", name=SAY("notice.agree")).click()
    expect(page.get_by_role("heading", name=SAY("tour.1"))).to_be_visible()
    page.get_by_role("button", name=SAY("tour.skip")).click()
    expect(page.locator("#tur")).to_be_hidden()


def faults(page: Page) -> list[str]:
    found = Axe().run(page, options=RULES).response["violations"]
    named = [f"{each['id']}: {each['nodes'][0]['html'][:160]}" for each in found]
    wide = page.evaluate(
        "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    )
    return [*named, *(["scrolls sideways"] if wide else [])]


def test_from_the_first_visit_to_a_module_and_back_with_progress(door, visit):
    page = door.open(visit(PHONE))
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    expect(page.get_by_role("heading", level=1)).to_have_text(SAY("notice.title"))
    page.get_by_role("button", name=SAY("notice.agree")).click()
    for number in range(1, 6):
        expect(page.get_by_role("heading", name=SAY(f"tour.{number}"))).to_be_focused()
        last = number == 5
        page.get_by_role("button", name=SAY("tour.done" if last else "tour.next")).click()
    expect(page.locator("#tur")).to_be_hidden()
    card = page.locator(f"#modul-{MODULE}")
    expect(card).to_contain_text(SAY("state.unstarted"))
    expect(card).to_contain_text(SAY("finished", finished=0, of=4))

    page.get_by_role("link", name=SAY("next.start", title="Latihan")).click()
    expect(page).to_have_url(re.compile(rf"/pamong/modules/{MODULE}/#pm-latihan$"))
    form = page.locator("section.pm-form[aria-labelledby='pm-latihan']")
    form.get_by_label("Mendengar").check(timeout=OPENING)
    expect(form.locator(".pm-status")).to_contain_text("Tersimpan", timeout=OPENING)
    form.get_by_role("button", name=messages("form")("finish.practice")).click()
    expect(form).to_contain_text(messages("form")("score.title"), timeout=OPENING)

    page.get_by_role("link", name="Beranda").click()
    expect(card).to_contain_text(SAY("state.running"))
    expect(card).to_contain_text(SAY("finished", finished=1, of=4))
    expect(page.locator(".home-saved")).to_contain_text(
        re.compile(r"Tersimpan hari ini pukul \d\d\.\d\d WIB")
    )
    go = page.get_by_role("link", name=SAY("next.exercise", title="Pemahaman dasar"))
    expect(go).to_have_attribute("href", f"/pamong/modules/{MODULE}/#pm-pemahaman")
    expect(page.locator("#tur")).to_be_hidden()
    assert errors == []


def test_the_first_visit_by_keyboard_alone(door, visit):
    page = door.open(visit())

    def reach(name: str) -> None:
        for _ in range(12):
            page.keyboard.press("Tab")
            if name in page.evaluate("document.activeElement.textContent"):
                return
        raise AssertionError(f"“{name}” cannot be reached")

    reach(SAY("notice.agree"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=SAY("tour.1"))).to_be_focused()
    reach(SAY("tour.next"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=SAY("tour.2"))).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("heading", name=SAY("tour.3"))).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_role("heading", name=SAY("tour.2"))).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#tur")).to_be_hidden()
    expect(page.locator(".home-go")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(rf"/pamong/modules/{MODULE}/#pm-latihan$"))


def test_the_tour_never_comes_again_unless_asked_for(door, visit):
    page = door.open(visit())
    with page.expect_response("**/pamong/remember"):
        page.get_by_role("button", name=SAY("notice.agree")).click()
    expect(page.locator("#tur")).to_be_visible()
    page.reload()  # in the middle of it
    expect(page.locator("#langkah")).to_be_visible()
    expect(page.locator("#tur")).to_be_hidden()
    again = page.get_by_role("button", name=SAY("foot.tour"))
    again.click()
    expect(page.get_by_role("heading", name=SAY("tour.1"))).to_be_focused()
    page.keyboard.press("Escape")
    expect(again).to_be_focused()


def test_a_changed_notice_comes_again_and_an_accepted_one_does_not(door, visit):
    page = door.open(visit())
    accept(page)
    page.reload()
    expect(page.locator("#langkah")).to_be_visible()
    page.get_by_role("link", name=SAY("foot.privacy")).click()
    expect(page.get_by_text("Anda menyatakan mengerti hari ini")).to_be_visible()
    door.kept.write_text(json.dumps({**door.remembered(), "notice": "0" * 16}))
    page.get_by_role("link", name="Pamong").click()
    expect(page.get_by_text("Pemberitahuan ini berubah sejak")).to_be_visible()


def test_the_last_choice_leads_except_where_a_notebook_is_too_heavy(door, visit):
    context = visit()
    page = door.open(context)
    accept(page)
    go = page.locator(".home-go")
    expect(go).to_have_attribute("href", f"/pamong/modules/{MODULE}/#pm-latihan")
    page.locator(".home-other").get_by_role("link", name=SAY("host.notebook")).click()
    expect(page).to_have_url(re.compile(rf"/notebooks/{MODULE}/module.ipynb"))
    expect(page.locator(".pm-form").first).to_be_visible(timeout=OPENING)
    assert door.remembered()["host"] == "notebook"  # told while the page was being left

    page.goto(door.it.url)
    expect(go).to_have_attribute("href", f"/notebooks/{MODULE}/module.ipynb")
    other = page.locator(".home-other a")
    expect(other).to_have_text(SAY("host.light"))
    page.set_viewport_size(PHONE)
    expect(go).to_have_attribute("href", f"/pamong/modules/{MODULE}/#pm-latihan")
    expect(other).to_have_text(SAY("host.notebook"))
    go.click()
    expect(page).to_have_url(re.compile("#pm-latihan$"))
    assert door.remembered()["host"] == "notebook"  # the screen chose, not the person


def test_a_slow_line_is_spared_the_notebook(door, visit):
    context = visit()
    context.add_init_script(
        "Object.defineProperty(navigator, 'connection', { value: { saveData: true } })"
    )
    page = door.open(context)
    accept(page)
    door.kept.write_text(json.dumps({**door.remembered(), "host": "notebook"}))
    page.reload()
    expect(page.locator(".home-go")).to_have_attribute(
        "href", f"/pamong/modules/{MODULE}/#pm-latihan"
    )


def test_without_scripts_the_door_opens_all_the_same(door, visit):
    page = door.open(visit(PHONE, java_script_enabled=False))
    page.get_by_role("button", name=SAY("notice.agree")).click()
    expect(page.locator(".home-go")).to_have_text(SAY("next.start", title="Latihan"))
    expect(page.get_by_role("button", name=SAY("foot.tour"))).to_be_hidden()


@pytest.mark.parametrize(
    ("viewport", "scheme"),
    [
        pytest.param(DESK, "light", id="1366"),
        pytest.param(DESK, "dark", id="1366 dark"),
        pytest.param(PHONE, "dark", id="390 dark"),
        pytest.param({"width": 320, "height": 568}, "light", id="320"),
        pytest.param({"width": 683, "height": 384}, "light", id="200 percent"),
    ],
)
def test_every_page_is_accessible_and_fits(door, visit, viewport, scheme):
    page = door.open(visit(viewport, color_scheme=scheme))
    assert faults(page) == []
    page.get_by_role("button", name=SAY("notice.agree")).click()
    expect(page.locator("#tur")).to_be_visible()
    assert faults(page) == []
    page.keyboard.press("Escape")
    assert faults(page) == []
    for path in ("help", "privacy"):
        page.goto(door.it.page(f"pamong/{path}"))
        assert faults(page) == []


def test_a_pointer_finds_every_target(door, visit):
    page = door.open(visit(PHONE))
    accept(page)
    small = page.evaluate(
        """() => [...document.querySelectorAll("main a, main button, footer a, footer button")]
          .filter((node) => node.checkVisibility() && node.getBoundingClientRect().height < 24)
          .map((node) => node.textContent)"""
    )
    assert small == []


def test_nothing_is_asked_of_another_host(door, visit):
    page = door.open(visit())
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    accept(page)
    for path in ("", "help", "privacy"):
        page.goto(f"{door.it.address}/pamong/{path}")
    assert asked
    assert all(url.startswith((door.it.address, "data:")) for url in asked)


def test_a_notebook_opened_by_its_own_address_asks_first_too(door, visit):
    context = visit()
    door.open(context)
    page = context.new_page()
    page.goto(door.it.page(f"notebooks/{MODULE}/module.ipynb"))
    expect(page.get_by_role("heading", level=1)).to_have_text(SAY("notice.title"), timeout=OPENING)
    page.get_by_role("button", name=SAY("notice.agree")).click()
    expect(page).to_have_url(re.compile(rf"/pamong/modules/{MODULE}/$"))
    page.goto(door.it.page(f"notebooks/{MODULE}/module.ipynb"))
    expect(page.locator(".pm-form").first).to_be_visible(timeout=OPENING)
