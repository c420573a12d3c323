"""Handing in with a real browser: nothing unsaved is left behind, and Terkirim is only said of what arrived."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import dataclass

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Route, expect

from pamong.catalogue import messages
from pamong.course import Course
from pamong.exchange import feedback_name
from pamong.view.preview import Running, running_home
from tests.conftest import MODULE, bot_logs
from tests.consent import consent

pytestmark = pytest.mark.browser
SAY = messages("handin")
OPENING = 60_000
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1366, "height": 768}
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]}


@dataclass(frozen=True)
class Desk:
    """A participant's home on a real server, and the exchange behind it."""

    it: Running
    course: Course

    @property
    def folder(self):
        return self.it.folder / MODULE

    @property
    def exchange(self):
        return self.course.exchange / "kursus-contoh"

    def arrived(self) -> list:
        return sorted((self.exchange / "inbound").iterdir())

    def clear(self) -> None:
        """As after the privacy notice, before anything else."""
        shutil.rmtree(self.it.folder / ".pamong", ignore_errors=True)
        consent(self.it)
        for log in self.folder.glob("*.jsonl"):
            log.unlink()
        shutil.rmtree(self.exchange, ignore_errors=True)
        (self.exchange / "inbound").mkdir(parents=True)

    def answer(self, **bots) -> None:
        for name, content in bot_logs(**bots).items():
            (self.folder / f"{name}.jsonl").write_bytes(content)

    def publish(self, html: str) -> None:
        """Feedback on the newest submission, as nbgrader publishes it."""
        (secret,) = self.it.folder.glob(".pamong/nbgrader_cache/*/*/submission_secret.txt")
        (self.exchange / "feedback").mkdir()
        name = feedback_name(secret.read_text(), "module")
        (self.exchange / "feedback" / name).write_text(html)


@pytest.fixture(scope="module")
def served(released_once, tmp_path_factory):
    root = tmp_path_factory.mktemp("kirim") / "root"
    shutil.copytree(released_once, root)
    course, folder = Course.load(root), tmp_path_factory.mktemp("peserta")
    with running_home(course, participant="p001", exchange=course.exchange, folder=folder) as it:
        yield Desk(it, course)


@pytest.fixture
def desk(served):
    served.clear()
    return served


@pytest.fixture
def visit(chromium, desk):
    contexts, complaints = [], []

    def begin(viewport=DESK, path=f"pamong/modules/{MODULE}/", **more) -> Page:
        more = {"locale": "id-ID", "reduced_motion": "reduce", **more}
        contexts.append(chromium.new_context(viewport=viewport, **more))
        page = contexts[-1].new_page()
        if "notebooks" not in path:  # Jupyter's own pages complain of themselves
            page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(desk.it.page(path))
        return page

    yield begin
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def page(visit) -> Page:
    return ready(visit())


def ready(page: Page, key: str = "send") -> Page:
    """The page with the panel drawn: it comes when its place is near."""
    place = page.locator("[data-handin], .pamong-handin")
    place.wait_for(state="attached", timeout=OPENING)
    expect(page.locator(".pm-waiting")).to_have_count(0, timeout=OPENING)
    place.evaluate("place => place.scrollIntoView()")
    expect(button(page, key)).to_be_visible(timeout=OPENING)
    return page


def button(page: Page, key: str):
    return page.get_by_role("button", name=SAY(key), exact=True)


def panel(page: Page):
    return page.get_by_role("region", name=SAY("title"))


def confirm(page: Page) -> None:
    button(page, "send").click()
    panel(page).get_by_role("checkbox").check()
    button(page, "confirm.yes").click()


def sent(page: Page) -> str:
    """The code that stands below Terkirim."""
    expect(panel(page).get_by_text(SAY("sent.title"), exact=True)).to_be_visible()
    return panel(page).locator(".handin-short").inner_text().removeprefix("Kode ")


def receipt(folder) -> dict:
    return json.loads((folder / "receipt.json").read_text())


def faults(page: Page, part: str = ".pm-handin") -> list[str]:
    found = Axe().run(page, context=part, options=RULES).response["violations"]
    named = [f"{each['id']}: {each['nodes'][0]['html'][:160]}" for each in found]
    wide = page.evaluate(
        "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    )
    return [*named, *(["scrolls sideways"] if wide else [])]


def test_from_the_last_exercise_to_a_receipt(page, desk):
    expect(panel(page)).to_contain_text(SAY("incomplete.title", count=3, of=3))
    confirm(page)
    code = sent(page)
    (folder,) = desk.arrived()
    assert receipt(folder)["statement"] is True
    expect(button(page, "send.again")).to_be_visible()
    with page.expect_download() as download:
        panel(page).get_by_role("link", name=SAY("receipt.pdf"), exact=True).click()
    assert download.value.suggested_filename == f"{MODULE}-{code}.pdf"
    panel(page).get_by_role("link", name=SAY("receipt"), exact=True).click()
    expect(page.get_by_role("heading", name=SAY("page.title"))).to_be_visible()
    expect(page.locator("main")).to_contain_text(receipt(folder)["content"])
    assert faults(page, "body") == []


def test_what_is_incomplete_leads_to_its_exercise(page):
    panel(page).get_by_role("link", name="Sikap di lapangan").click()
    expect(page.locator("#pm-sikap")).to_be_focused()
    expect(page.locator("#pm-sikap")).to_be_in_viewport()


def test_what_is_finished_meanwhile_is_no_longer_named(page, desk):
    desk.answer(pemahaman="perfect", sikap="perfect")
    page.reload()
    ready(page)
    expect(panel(page)).to_contain_text(SAY("incomplete.title", count=1, of=3))
    expect(panel(page).get_by_role("link", name="Sikap di lapangan")).to_have_count(0)


def test_nothing_leaves_without_the_statement(page, desk):
    button(page, "send").click()
    button(page, "confirm.yes").click()
    box = panel(page).get_by_role("checkbox")
    expect(box).to_be_focused()
    expect(
        panel(page).get_by_role("alert").filter(has_text=SAY("statement.missing"))
    ).to_be_visible()
    assert desk.arrived() == []
    box.check()
    button(page, "confirm.yes").click()
    sent(page)


def test_one_may_go_back(page, desk):
    button(page, "send").click()
    button(page, "confirm.no").click()
    expect(button(page, "send")).to_be_visible()
    assert desk.arrived() == []


def test_by_keyboard_alone(page, desk):
    button(page, "send").focus()
    page.keyboard.press("Enter")
    expect(panel(page).get_by_text(SAY("confirm.title"))).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    expect(button(page, "confirm.yes")).to_be_focused()
    page.keyboard.press("Enter")
    sent(page)
    assert len(desk.arrived()) == 1
    page.keyboard.press("Tab")
    expect(panel(page).get_by_role("link", name=SAY("receipt"), exact=True)).to_be_focused()


def test_a_text_that_is_still_being_saved_goes_along(page, desk):
    box = page.get_by_role("textbox").first
    box.fill("Kata terakhir sebelum mengirim.")
    confirm(page)
    sent(page)
    (folder,) = desk.arrived()
    assert "Kata terakhir sebelum mengirim." in (folder / "refleksi.jsonl").read_text()


def test_a_text_that_cannot_be_saved_holds_the_handing_in_back(page, desk):
    page.clock.install()
    page.route("**/exercises/refleksi", lambda route: route.abort())
    page.get_by_role("textbox").first.fill("Belum tersimpan.")
    button(page, "send").click()
    expect(panel(page).get_by_text(SAY("saving"))).to_be_visible()
    page.clock.run_for(25_000)
    notice = panel(page).locator(".pm-notice").filter(has_text=SAY("unsaved.title"))
    notice.get_by_role("link", name="Refleksi").click()
    expect(page.locator("#pm-refleksi")).to_be_focused()
    assert desk.arrived() == []
    page.unroute("**/exercises/refleksi")
    page.clock.run_for(10_000)
    expect(page.locator(".pm-status[data-state='saved']")).to_have_count(4)
    page.clock.resume()
    confirm(page)
    sent(page)
    assert "Belum tersimpan." in (desk.arrived()[0] / "refleksi.jsonl").read_text()


def test_a_double_click_and_two_tabs_hand_in_once(visit, desk):
    tabs = [ready(visit()), ready(visit())]
    for tab in tabs:
        button(tab, "send").click()
        panel(tab).get_by_role("checkbox").check()
    for tab in tabs:
        button(tab, "confirm.yes").dblclick()
    assert sent(tabs[0]) == sent(tabs[1])
    assert len(desk.arrived()) == 1


def test_an_answer_after_handing_in_is_said_to_be_missing_there(page, desk):
    confirm(page)
    first = sent(page)
    desk.answer(pemahaman="perfect")
    page.reload()
    ready(page, "send.again")
    expect(panel(page).get_by_text(SAY("changed.title"))).to_be_visible()
    button(page, "send.again").click()
    panel(page).get_by_role("checkbox").check()
    button(page, "confirm.yes").click()
    assert sent(page) != first
    panel(page).get_by_text(SAY("earlier", count=1)).click()
    expect(
        panel(page).get_by_role("link", name=SAY("receipt.of", code=first), exact=True)
    ).to_be_visible()
    assert len(desk.arrived()) == 2


def test_an_answer_on_the_page_that_handed_in_ends_what_it_says_is_sent(page):
    confirm(page)
    sent(page)
    page.get_by_role("textbox").first.fill("Ditulis setelah mengirim.")
    page.get_by_role("textbox").first.blur()
    expect(page.locator(".pm-status[data-state='saved']")).to_have_count(4)
    button(page, "send.again").scroll_into_view_if_needed()
    expect(panel(page).get_by_text(SAY("changed.title"))).to_be_visible()
    expect(panel(page).get_by_text(SAY("sent.title"), exact=True)).to_have_count(0)
    expect(button(page, "send.again")).to_be_visible()


def test_what_arrived_although_the_answer_was_lost_is_found(page, desk):
    def lose(route: Route) -> None:
        if route.request.method != "POST":
            return route.fallback()
        route.fetch()
        return route.abort()

    page.route("**/submission", lose)
    confirm(page)
    sent(page)
    assert len(desk.arrived()) == 1


def test_while_nobody_knows_it_is_not_called_sent(page, desk):
    page.clock.install()
    button(page, "send").click()
    panel(page).get_by_role("checkbox").check()
    page.route("**/submission", lambda route: route.abort())
    button(page, "confirm.yes").click()
    expect(panel(page).get_by_text(SAY("checking"))).to_be_visible()
    lost = panel(page).get_by_text(SAY("lost.title"))
    for _ in range(
        80
    ):  # the page asks again after a while of its clock, the line refuses in its own time
        if lost.is_visible():
            break
        page.clock.run_for(5_000)
    expect(lost).to_be_visible()
    expect(panel(page).get_by_text(SAY("sent.title"), exact=True)).to_have_count(0)
    assert desk.arrived() == []
    page.unroute("**/submission")
    page.clock.resume()
    button(page, "check").click()
    expect(panel(page).get_by_text(SAY("failed.title"))).to_be_visible()
    confirm(page)
    sent(page)


def test_an_exchange_that_takes_nothing_is_told_with_what_to_do(page, desk):
    shutil.rmtree(desk.exchange)
    confirm(page)
    expect(
        panel(page).get_by_role("alert").filter(has_text=SAY("undelivered.missing"))
    ).to_be_visible()
    expect(panel(page).get_by_text(SAY("sent.title"), exact=True)).to_have_count(0)
    (desk.exchange / "inbound").mkdir(parents=True)
    confirm(page)
    sent(page)


@pytest.mark.parametrize(
    ("width", "theme"), [(320, "light"), (390, "dark"), (1366, "light"), (1366, "dark")]
)
def test_axe_finds_nothing_in_any_state(visit, desk, width, theme):
    page = ready(visit({"width": width, "height": 800}, color_scheme=theme))
    assert faults(page) == []
    button(page, "send").click()
    expect(button(page, "confirm.yes")).to_be_visible()
    button(page, "confirm.yes").click()
    expect(panel(page).get_by_text(SAY("statement.missing"))).to_be_visible()
    assert faults(page) == []
    panel(page).get_by_role("checkbox").check()
    button(page, "confirm.yes").click()
    sent(page)
    assert faults(page) == []
    desk.answer(pemahaman="perfect")
    page.reload()
    ready(page, "send.again")
    expect(panel(page).get_by_text(SAY("changed.title"))).to_be_visible()
    assert faults(page) == []
    panel(page).get_by_role("link", name=SAY("receipt"), exact=True).click()
    expect(page.get_by_role("heading", name=SAY("page.title"))).to_be_visible()
    assert faults(page, "body") == []


HOSTILE = """<!doctype html><html lang="id"><head><title>Umpan balik</title></head><body>
<script>parent.document.title = "dibajak"; document.body.textContent = "dibajak";</script>
<p onclick="alert(1)">Jawaban Anda sudah baik.</p><img src="http://192.0.2.1/x" onerror="parent.document.title='dibajak'" alt="">
<details><summary>Rincian</summary><div style="height: 2000px"></div></details>
<div style="height: 3000px"></div><p>Akhir.</p></body></html>"""


@pytest.mark.parametrize("viewport", [PHONE, DESK])
def test_published_feedback_is_shown_whole_and_nothing_in_it_runs(visit, desk, viewport):
    page = ready(visit(viewport))
    confirm(page)
    sent(page)
    desk.publish(HOSTILE)
    page.reload()
    ready(page, "send.again")
    panel(page).get_by_role("link", name=SAY("feedback")).click()
    frame = page.frame_locator(".handin-frame")
    expect(frame.get_by_text("Jawaban Anda sudah baik.")).to_be_visible()
    expect(page).to_have_title("Umpan balik: Modul Contoh · Pamong")
    box = page.locator(".handin-frame")
    for height in ("3", "5", "3"):
        expect(box).to_have_css("height", re.compile(rf"^{height}[0-4]\d\d(\.\d+)?px$"))
        frame.get_by_text("Rincian").click()
    assert faults(page, "main > :not(iframe)") == []


def test_the_same_panel_ends_the_notebook(visit, desk):
    page = ready(visit(path=f"notebooks/{MODULE}/module.ipynb"))
    expect(page.locator(".pm-form .pm-body")).to_have_count(5, timeout=OPENING)
    panel(page).get_by_role("link", name="Sikap di lapangan").click()
    expect(page.locator("#pm-sikap")).to_be_focused()
    confirm(page)
    sent(page)
    (folder,) = desk.arrived()
    assert (folder / "module.ipynb").read_bytes() == (
        desk.course.release(MODULE) / "module.ipynb"
    ).read_bytes()
