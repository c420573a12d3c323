"""A whole negotiation in a real browser: by keyboard, on a phone, without an accessibility fault."""

from __future__ import annotations

import json
import os
import re
import shutil
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect, sync_playwright

from pamong.brief import load_brief
from pamong.catalogue import messages
from pamong.counterpart import LocalCounterpart
from pamong.kinds import KINDS
from pamong.session import Session
from pamong.store import MemoryStore
from pamong.view.assets import STATIC

pytestmark = pytest.mark.browser
CASE = Path(__file__).parent.parent / "kinds" / "negotiation.brief.yaml"
VIEWS = (STATIC / "kinds" / "negotiation.js", *(STATIC / "kinds" / "negotiation").glob("*.js"))
PHONE = {"width": 390, "height": 844}
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]}
TYPES = {".js": "text/javascript", ".css": "text/css", ".woff2": "font/woff2"}
PAGE = """<!doctype html><html lang="id"><head><meta charset="utf-8"><title>Perundingan</title>
<meta name="viewport" content="width=device-width,initial-scale=1"><link rel="icon" href="data:,">
<link rel="stylesheet" href="/form.css"></head><body><main><h1>Modul</h1><div id="form"></div></main>
<script type="module">
import { mount } from "/form.js";
const first = await (await fetch("/first")).json();
let receive = () => {};
const send = async (message) => {
  const answer = await fetch("/send", { method: "POST", body: JSON.stringify(message) });
  receive(await answer.json());
};
const listen = (take) => { receive = take; return () => {}; };
mount(document.getElementById("form"), { ...first, send, listen });
</script></body></html>"""


def host(session: Session[Any, Any, Any]) -> type[BaseHTTPRequestHandler]:
    """A page with one form, and the act behind each of its messages."""

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            return

        def do_GET(self) -> None:
            if self.path == "/":
                return self._answer(PAGE.encode(), "text/html; charset=utf-8")
            if self.path == "/first":
                texts = {area: messages(name).entries for area, name in AREAS.items()}
                first = {"scope": "uji", "screen": session.screen(), "messages": texts}
                return self._answer(json.dumps(first).encode(), "application/json")
            file = STATIC / self.path.lstrip("/")
            return self._answer(file.read_bytes(), TYPES[file.suffix])

        def do_POST(self) -> None:
            message = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            screen = session.act(message["id"], message["act"], message["data"])
            answer = {"type": "ack", "seq": message["seq"], "screen": screen}
            self._answer(json.dumps(answer).encode(), "application/json")

        def _answer(self, content: bytes, sort: str) -> None:
            self.send_response(200)
            self.send_header("Content-Type", sort)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    return Handler


AREAS = {"form": "form", "kind": "negotiation"}


@pytest.fixture
def table() -> Iterator[Page]:
    """The case of tests/kinds on a phone; anything on the console fails the test."""
    brief: Any = load_brief(CASE)
    kind = KINDS["negotiation"]
    other = LocalCounterpart(kind, brief, brief.model, participant="p001", secret=b"rahasia")
    session: Session[Any, Any, Any] = Session(
        kind,
        brief,
        MemoryStore(),
        participant="p001",
        clock=lambda: datetime.now(UTC),
        counterpart=other,
    )
    server = ThreadingHTTPServer(("127.0.0.1", 0), host(session))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    complaints: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("PAMONG_CHROMIUM") or shutil.which("chromium"),
            args=["--no-sandbox", "--disable-gpu"],
        )
        page = browser.new_page(viewport=PHONE, reduced_motion="reduce")
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda line: complaints.append(line.text))
        page.goto(f"http://127.0.0.1:{server.server_port}/")
        expect(page.locator(".pm-nego")).to_be_visible(timeout=20_000)
        yield page
        browser.close()
    server.shutdown()
    server.server_close()
    assert complaints == []


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
