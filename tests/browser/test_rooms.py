"""Live rooms in real browsers: two people agree, one goes away, a line is cut; by mouse, by keyboard, on a phone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.service.conftest import WHO, Hands, Serving
from tests.service.tables import MEDIATION, NEGOTIATION, laid

from .conftest import Line
from .sight import QUICK, poor

DESK, PHONE = {"width": 1366, "height": 768}, {"width": 390, "height": 844}
SILENCE = 180


@pytest.fixture(scope="module")
def hands():
    return Hands()


@pytest.fixture(scope="module")
def address(released_once, tmp_path_factory, hands):
    """The service with its clock in our hands; pages look again after a tenth of a second."""
    service = laid(released_once, tmp_path_factory.mktemp("rooms") / "root", hands)
    with (
        closing(service.database),
        Serving(service, rooms_tick=0.1, rooms_silence=SILENCE) as serving,
    ):
        yield f"{serving.address}/services/pamong/"


@contextmanager
def person(chromium: Browser, address: str, who: str, size: dict) -> Iterator[Page]:
    """Somebody in the lobby; whatever a page of theirs complains about fails the test."""
    context = chromium.new_context(viewport=size, extra_http_headers={WHO: who}, locale="id-ID")
    page, wrong = context.new_page(), []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto(f"{address}rooms/")
    if "privacy" in page.url:
        page.locator("main form button").click()
        page.goto(f"{address}rooms/")
    yield page
    context.close()
    assert wrong == []


def ask(page: Page, case: str = NEGOTIATION) -> None:
    page.locator(f"[data-case$='/{case}'] [data-join]").click()


def seated(*pages: Page) -> tuple[Page, ...]:
    """Everybody at the table, whose turn it is first."""
    for page in pages:
        page.wait_for_url("**/rooms/*/")
        expect(page.locator(".room-where")).to_be_visible()
    return tuple(sorted(pages, key=lambda page: not page.locator("[data-turn=mine]").count()))


def offer(page: Page, *options: int) -> None:
    rows = page.locator(".pm-issue-row select")
    for place, option in enumerate(options):
        rows.nth(place).select_option(str(option))
    page.get_by_role("button", name="Ajukan usulan").click()


def say(page: Page, text: str) -> None:
    page.get_by_label("Pesan Anda").fill(text)
    page.get_by_role("button", name="Kirim pesan").click()


def sound(page: Page) -> None:
    """Axe finds nothing, and nothing stands out to the side."""
    found = Axe().run(page, context="body", options=QUICK).response["violations"]
    assert [(each["id"], node["html"][:200]) for each in found for node in each["nodes"]] == []
    assert poor(page, "body") == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    text = page.locator("main").inner_text()
    assert not any(word in text for word in ("undefined", "NaN", "[object", "{"))


def test_two_people_meet_talk_and_agree(chromium, address):
    with (
        person(chromium, address, "p002", DESK) as one,
        person(chromium, address, "p004", PHONE) as other,
    ):
        sound(one)
        ask(one)
        expect(one.locator("[data-waits]")).to_be_focused()
        sound(one)
        ask(other)
        first, second = seated(one, other)
        for page in (first, second):
            sound(page)
        expect(first.get_by_role("status").first).to_have_text("Giliran Anda mengajukan usulan")
        second.get_by_label("Pesan Anda").fill("Sedang saya ketik")
        say(first, "Selamat pagi <img src=x onerror=alert(1)>")
        expect(second.get_by_role("log")).to_contain_text("<img src=x onerror=alert(1)>")
        expect(second.get_by_label("Pesan Anda")).to_have_value("Sedang saya ketik")
        offer(first, 1, 3, 2, 4)
        expect(second.get_by_role("status").first).to_have_text("Giliran Anda menjawab usulan")
        expect(first.get_by_role("button", name="Ajukan usulan")).to_have_count(0)
        sound(second)
        offer(second, 1, 3, 3, 4)
        accept = first.get_by_role("button", name="Setujui usulan ini")
        accept.focus()
        first.keyboard.press("Enter")
        first.get_by_role("button", name="Ya, setuju").focus()
        first.keyboard.press("Enter")
        for page in (first, second):
            expect(page.locator(".room-end h2")).to_have_text("Anda bersepakat")
            expect(page.locator(".room-total")).to_have_count(2)
            page.locator(".room-end summary").first.click()
            sound(page)
        totals = [page.locator(".room-total b").all_inner_texts() for page in (first, second)]
        assert totals[0] == totals[1][::-1]
        first.reload()
        expect(first.locator(".room-end h2")).to_have_text("Anda bersepakat")


def test_whoever_stays_behind_goes_on_with_the_program_and_the_other_may_come_back(
    chromium, address, hands
):
    with (
        person(chromium, address, "p002", PHONE) as one,
        person(chromium, address, "p004", DESK) as other,
    ):
        ask(one)
        ask(other)
        first, second = seated(one, other)
        room = second.url
        second.route("**/look?*", lambda route: route.abort())
        offer(first, 0, 4, 0, 4)
        expect(second.get_by_role("log")).to_contain_text("Mengajukan usulan")
        # Only now is no question of theirs under way that could be taken for a sign of life.
        expect(second.locator(".room-lost")).to_be_visible()
        second.goto("about:blank")
        second.unroute("**/look?*")
        hands.move(seconds=SILENCE + 1)
        silent = first.locator("[data-silent]")
        expect(silent.get_by_role("button")).to_have_text(
            ["Tunggu lagi", "Teruskan dengan program", "Keluar dari ruang"]
        )
        sound(first)
        silent.get_by_role("button", name="Teruskan dengan program").click()
        expect(first.locator("[data-turn=mine]")).to_be_visible()
        expect(first.get_by_role("log")).to_contain_text("dimainkan program")
        second.goto(room)
        second.get_by_role("button", name="Duduk kembali").click()
        expect(first.get_by_role("log")).to_contain_text("sudah kembali")
        first.get_by_role("button", name="Akhiri tanpa kesepakatan").click()
        first.get_by_role("button", name="Ya, akhiri").click()
        expect(second.locator(".room-end h2")).to_contain_text("Berakhir tanpa kesepakatan")


def test_a_page_whose_line_was_cut_says_so_and_goes_on_where_the_talk_is(chromium, address):
    line = Line(urlsplit(address).port)
    cut = f"http://127.0.0.1:{line.port}/services/pamong/"
    with (
        closing(line),
        person(chromium, address, "p002", DESK) as one,
        person(chromium, cut, "p005", DESK) as other,
    ):
        ask(one)
        ask(other)
        seated(one, other)
        first, second = one, other
        line.cut()
        expect(second.locator(".room-lost")).to_be_visible()
        say(first, "Masih di sini?")
        expect(first.get_by_role("log")).to_contain_text("Masih di sini?")
        line.mend()
        expect(second.get_by_role("log")).to_contain_text("Masih di sini?")
        expect(second.locator(".room-lost")).to_have_count(0)
        expect(second.locator(".pm-line")).to_have_count(1)
        first.get_by_role("button", name="Akhiri tanpa kesepakatan").click()
        first.get_by_role("button", name="Ya, akhiri").click()
        expect(second.locator(".room-end")).to_be_visible()


def test_three_people_mediate_and_a_caucus_is_heard_by_two(chromium, address):
    with (
        person(chromium, address, "p003", PHONE) as one,
        person(chromium, address, "p004", DESK) as two,
        person(chromium, address, "p005", DESK) as three,
    ):
        for page in (one, two, three):
            ask(page, MEDIATION)
        mediator, *parties = seated(one, two, three)
        sound(mediator)
        mediator.get_by_label("Kepada", exact=True).select_option(index=1)
        say(mediator, "Hanya untuk kita berdua")
        expect(mediator.get_by_role("log")).to_contain_text("Hanya untuk kita berdua")
        mediator.get_by_label("Kepada", exact=True).select_option(index=0)
        for row in mediator.locator(".pm-issue-row select").all():
            row.select_option("1")
        mediator.get_by_role("button", name="Letakkan rancangan di meja").click()
        for page in parties:
            expect(page.get_by_role("button", name="Setujui usulan ini")).to_be_visible()
        heard = ["berdua" in page.get_by_role("log").inner_text() for page in parties]
        assert sorted(heard) == [False, True]
        for page in parties:
            page.get_by_role("button", name="Setujui usulan ini").click()
            page.get_by_role("button", name="Ya, setuju").click()
        for page in (mediator, *parties):
            expect(page.locator(".room-end h2")).to_have_text("Anda bersepakat")
        mediator.locator(".room-end summary").first.click()
        sound(mediator)
