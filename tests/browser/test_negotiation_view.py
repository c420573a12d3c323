"""A whole negotiation in a real browser: by keyboard, on a phone, without an accessibility fault."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from pamong.brief import load_brief
from pamong.catalogue import messages
from pamong.view.assets import STATIC

pytestmark = pytest.mark.browser
CASE = Path(__file__).parent.parent / "kinds" / "negotiation.brief.yaml"
VIEWS = (STATIC / "kinds" / "negotiation.js", *(STATIC / "kinds" / "negotiation").glob("*.js"))
PHONE = {"width": 390, "height": 844}
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]}


@pytest.fixture
def table(staged) -> Page:
    """The case of tests/kinds on a phone; anything on the console fails the test."""
    page = staged(load_brief(CASE)).open(PHONE)
    expect(page.locator(".pm-nego")).to_be_visible(timeout=20_000)
    return page


def sound(page: Page) -> None:
    """No accessibility fault, and nothing that scrolls sideways."""
    assert Axe().run(page, options=RULES).response["violations"] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def prepare(page: Page) -> None:
    page.get_by_label("Pilihan cadangan Anda").fill("35")
    page.get_by_label("Sasaran Anda").fill("80")
    page.get_by_label("Isu terpenting bagi Anda").select_option("anggaran")
    page.get_by_label("Ada. Kesepakatan layak diupayakan.").check()
    page.get_by_role("button", name="Serahkan persiapan dan mulai berunding").click()
    expect(page.get_by_text("Putaran 1 dari 8", exact=True)).to_be_visible()


def offer(page: Page, *choices: str) -> None:
    labels = ("Mulai operasi", "Petugas dari mitra", "Biaya yang", "Akses data", "Lokasi loket")
    for label, choice in zip(labels, choices, strict=True):
        page.get_by_label(f"Usulan Anda untuk {label}").select_option(choice)
    page.get_by_role("button", name="Ajukan usulan").click()


def test_a_negotiation_is_played_from_preparation_to_debrief(table: Page) -> None:
    sound(table)
    table.get_by_role("button", name="Serahkan persiapan").click()
    expect(table.get_by_text("Isilah nilai pilihan cadangan.")).to_be_visible()
    prepare(table)
    sound(table)
    table.get_by_role("button", name="Tanyakan (tersisa 3)").click()
    expect(table.get_by_text("Yang penting bagi mereka")).to_be_visible()
    table.get_by_label("Isu yang Anda sampaikan").select_option("anggaran")
    table.get_by_role("button", name="Sampaikan (tersisa 2)").click()
    expect(table.get_by_text("Sudah disampaikan: Biaya yang ditanggung mitra.")).to_be_visible()
    offer(table, "0", "2", "4", "0", "4")
    expect(table.get_by_text("Putaran 2 dari 8", exact=True)).to_be_visible()
    offer(table, "0", "4", "4", "0", "4")
    expect(table.get_by_text("Putaran 3 dari 8", exact=True)).to_be_visible()
    sound(table)
    accept = table.get_by_role("button", name="Terima usulan mereka")
    accept.click()
    sound(table)
    table.get_by_role("button", name="Ya, sepakat").click()
    expect(table.get_by_role("heading", name="Apa yang penting bagi mereka?")).to_be_visible()
    sound(table)
    table.get_by_role("button", name="Pakai urutan ini").click()
    table.get_by_label("Hasil ini milik bersama").check()
    table.get_by_role("button", name="Selesai dan lihat pembahasan").click()
    expect(table.get_by_role("heading", name="Cara Anda berunding")).to_be_visible()
    picture = table.get_by_role("img", name=re.compile("Peta hasil"))
    expect(picture).to_be_visible()
    described = picture.locator("desc").text_content() or ""
    assert "Paling menguntungkan bersama: Anda" in described
    sound(table)


def test_a_half_made_package_and_preparation_survive_a_reload(table: Page) -> None:
    table.get_by_label("Pilihan cadangan Anda").fill("35")
    table.get_by_label("Isu terpenting bagi Anda").select_option("anggaran")
    table.get_by_label("Isu terpenting bagi Anda").press("Tab")
    table.reload()
    expect(table.get_by_label("Pilihan cadangan Anda")).to_have_value("35")
    prepare(table)
    table.get_by_label("Usulan Anda untuk Akses data").select_option("2")
    table.reload()
    expect(table.get_by_label("Usulan Anda untuk Akses data")).to_have_value("2")


def test_leaving_below_the_fallback_and_the_last_word_are_asked_twice(table: Page) -> None:
    prepare(table)
    offer(table, "4", "4", "2", "4", "0")
    expect(table.get_by_text("di bawah pilihan cadangan Anda (35 poin)")).to_be_visible()
    table.get_by_role("button", name="Batal").click()
    table.get_by_role("button", name="Akhiri tanpa kesepakatan").click()
    expect(table.get_by_text("Langkah ini tidak dapat dibatalkan.")).to_be_visible()
    table.get_by_role("button", name="Ya, akhiri").click()
    expect(table.get_by_text("Anda mengakhiri perundingan tanpa kesepakatan.")).to_be_visible()


def test_the_focus_is_never_lost_when_a_stage_ends_by_keyboard(table: Page) -> None:
    prepare(table)
    table.wait_for_function("document.activeElement.className === 'pm-nego'")
    walk = table.get_by_role("button", name="Akhiri tanpa kesepakatan")
    walk.focus()
    walk.press("Enter")
    table.get_by_role("button", name="Ya, akhiri").press("Enter")
    expect(table.get_by_role("heading", name="Menutup pertemuan")).to_be_visible()
    table.wait_for_function("document.activeElement.className === 'pm-nego'")


def test_every_text_that_the_view_asks_for_is_in_the_catalogue() -> None:
    entries = messages("negotiation").entries
    asked = {
        key
        for path in VIEWS
        for key in re.findall(r'say\(\s*"([a-z_.]+)"', path.read_text(encoding="utf-8"))
    }
    assert len(asked) > 60
    assert asked <= set(entries)
