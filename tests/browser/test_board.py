"""The sharing board in a real browser: a card written by keyboard, and how its pages look on both widths."""

from __future__ import annotations

import shutil
from contextlib import closing

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from pamong.catalogue import messages
from pamong.course import Course
from tests.service.conftest import WHO, Serving, service_at

pytestmark = pytest.mark.browser
SAY = messages("board", "id")
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1366, "height": 768}
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]}
TITLE = "Antrean loket turun setelah ada nomor panggil"
STORY = "Waktu tunggu turun dari 40 menjadi 15 menit. <script>alert(1)</script>"


@pytest.fixture(scope="module")
def address(released_once, tmp_path_factory):
    root = tmp_path_factory.mktemp("papan") / "root"
    shutil.copytree(released_once, root)
    course = Course.load(root)
    service = service_at(course, course.service_url)
    with closing(service.database), Serving(service) as serving:
        yield f"{serving.address}/services/pamong/"


@pytest.fixture
def as_(chromium):
    contexts = []

    def begin(who: str) -> Page:
        headers = {WHO: who}
        contexts.append(chromium.new_context(extra_http_headers=headers, reduced_motion="reduce"))
        return contexts[-1].new_page()

    yield begin
    for context in contexts:
        context.close()


def look(page: Page) -> None:
    """Nothing that axe finds and nothing wider than the window, on a phone and at a desk."""
    for size in (PHONE, DESK):
        page.set_viewport_size(size)
        found = Axe().run(page, options=RULES).response["violations"]
        assert [f"{each['id']}: {each['nodes'][0]['html'][:160]}" for each in found] == []
        assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")


def agree(page: Page, address: str) -> None:
    page.goto(f"{address}privacy")
    page.get_by_role("button", name=messages("home", "id")("notice.agree")).click()


def test_a_card_written_by_keyboard_is_read_by_staff_and_found_by_a_colleague(address, as_):
    author, staff, reader = as_("p001"), as_("k01"), as_("p002")
    agree(author, address)
    author.goto(f"{address}board/")
    look(author)
    author.get_by_role("link", name=SAY("share")).focus()
    author.keyboard.press("Enter")
    expect(author.get_by_role("heading", level=1)).to_have_text(SAY("write.praktik"))
    author.get_by_label(SAY("field.title")).focus()
    author.keyboard.type(TITLE)
    for _ in range(5):
        author.keyboard.press("Tab")
        author.keyboard.type(STORY)
    author.keyboard.press("Tab")
    author.keyboard.type(SAY("problem.layanan")[:6])
    author.keyboard.press("Tab")
    author.keyboard.press("Tab")
    author.keyboard.press("Space")
    look(author)
    author.keyboard.press("Tab")
    author.keyboard.press("Enter")
    expect(author.get_by_role("status")).to_have_text(SAY("done.sent"))
    look(author)

    staff.goto(f"{address}staff/board")
    card = staff.get_by_role("listitem").filter(has=staff.get_by_role("heading", name=TITLE))
    expect(card).to_contain_text("Ani Rekaan")
    look(staff)
    card.get_by_role("button", name=SAY("queue.show")).click()
    expect(staff.get_by_role("status")).to_have_text(SAY("queue.done.done"))

    agree(reader, address)
    reader.goto(f"{address}board/")
    reader.get_by_label(SAY("search.words")).fill("nomor panggil")
    reader.keyboard.press("Enter")
    expect(reader.get_by_role("status")).to_have_text(SAY("list.found", count=1))
    look(reader)
    reader.get_by_role("link", name=TITLE).click()
    expect(reader.get_by_role("article")).to_contain_text("<script>alert(1)</script>")
    expect(reader.get_by_role("article")).not_to_contain_text("Ani")
    look(reader)
