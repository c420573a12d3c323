"""JupyterHub's own pages as a participant meets them: in their language, in the house's look, from the hub alone."""

import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from pamong.catalogue import messages

CONFIG = Path(__file__).with_name("hub_config.py")
SAY = messages("hub", "id")
ENGLISH = re.compile(
    r"\b(server|sign|log(in|out)|user|password|error|home|token|start|the|your|not)\b", re.I
)


@contextmanager
def hub(folder: Path, language: str):
    """A hub that answers; what it said is in ``hub.log``."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = {
        **os.environ,
        "HUB_FOLDER": str(folder),
        "HUB_PORT": str(port),
        "HUB_LANGUAGE": language,
    }
    command = [sys.executable, "-m", "jupyterhub", "-f", str(CONFIG)]
    with (folder / "hub.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
    try:
        url = f"http://127.0.0.1:{port}/hub/"
        await_answer(process, f"{url}health", folder)
        yield url
    finally:
        process.terminate()
        process.wait(30)


def await_answer(process, url: str, folder: Path) -> None:
    for _ in range(600):
        try:
            with urllib.request.urlopen(url, timeout=5):  # noqa: S310
                return
        except OSError:
            assert process.poll() is None, (folder / "hub.log").read_text(encoding="utf-8")
            time.sleep(0.1)
    raise AssertionError((folder / "hub.log").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def indonesian(tmp_path_factory):
    with hub(tmp_path_factory.mktemp("hub"), "id") as url:
        yield url


@pytest.fixture(scope="module")
def english(tmp_path_factory):
    with hub(tmp_path_factory.mktemp("hub-en"), "en") as url:
        yield url


@pytest.fixture
def page(chromium, indonesian):
    """A telephone; only the hub may be asked for anything."""
    context = chromium.new_context(viewport={"width": 390, "height": 800}, locale="id-ID")
    asked = []
    context.on("request", lambda request: asked.append(request.url))
    yield context.new_page()
    context.close()
    home = indonesian.removesuffix("hub/")
    assert [url for url in asked if not url.startswith((home, "data:"))] == []


def login(page, url: str, name: str, password: str = "sandi-uji") -> None:  # noqa: S107
    page.goto(f"{url}login")
    page.get_by_label(SAY("login.name")).fill(name)
    page.get_by_label(SAY("login.password"), exact=True).fill(password)
    page.get_by_role("button", name=SAY("login.submit")).click()


def sound(page) -> None:
    """Nothing that axe finds, no English, and nothing wider than the screen."""
    found = Axe().run(page).response["violations"]
    assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in found] == []
    assert page.locator("html").get_attribute("lang") == "id"
    assert ENGLISH.findall(page.locator("body").inner_text()) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_login_is_in_indonesian_and_says_so_when_the_password_is_wrong(page, indonesian):
    page.goto(f"{indonesian}login")
    assert page.title() == "Masuk – Pelatihan Uji"
    sound(page)
    login(page, indonesian, "p001", "salah")
    expect(page.get_by_role("alert")).to_contain_text(SAY("login.wrong"))
    expect(page.get_by_label(SAY("login.name"))).to_have_value("p001")
    expect(page.get_by_label(SAY("login.password"), exact=True)).to_be_focused()
    sound(page)


def test_the_password_can_be_looked_at(page, indonesian):
    page.goto(f"{indonesian}login")
    box = page.get_by_label(SAY("login.password"), exact=True)
    page.get_by_role("button", name=SAY("login.reveal")).click()
    expect(box).to_have_attribute("type", "text")
    page.get_by_role("button", name=SAY("login.conceal")).click()
    expect(box).to_have_attribute("type", "password")


def test_a_form_that_stood_open_too_long_asks_for_one_more_try(page, indonesian):
    page.goto(f"{indonesian}login")
    page.locator("input[name=_xsrf]").first.evaluate("it => (it.value = 'kedaluwarsa')")
    login_again = page.get_by_role("button", name=SAY("login.submit"))
    page.get_by_label(SAY("login.name")).fill("p001")
    page.get_by_label(SAY("login.password"), exact=True).fill("sandi-uji")
    login_again.click()
    expect(page.get_by_role("alert")).to_contain_text(SAY("login.expired"))


def test_waiting_for_a_server_is_explained_and_shows_progress(page, indonesian):
    login(page, indonesian, "menunggu")
    expect(page.get_by_role("heading", level=1)).to_have_text(SAY("pending.title"))
    bar = page.get_by_role("progressbar", name=SAY("pending.progress"))
    expect(bar).to_be_visible()
    sound(page)


def test_a_server_that_fails_is_told_without_what_went_wrong_inside(page, indonesian):
    login(page, indonesian, "gagal")
    page.goto(f"{indonesian}spawn-pending/gagal")
    expect(page.get_by_role("heading", level=1)).to_have_text(SAY("closed.failed.title"))
    expect(page.get_by_role("link", name=SAY("closed.failed.start"))).to_be_visible()
    assert "image" not in page.content()
    sound(page)


def test_home_and_leaving(page, indonesian):
    login(page, indonesian, "pulang")
    page.goto(f"{indonesian}home")
    expect(page.get_by_role("heading", level=1)).to_have_text(SAY("home.title"))
    sound(page)
    page.get_by_role("link", name=SAY("nav.logout")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(SAY("login.title"))


def test_an_unknown_address_leads_back(page, indonesian):
    answer = page.goto(f"{indonesian}tidak-ada?redirects=9")
    assert answer.status == 404
    assert page.url == f"{indonesian}tidak-ada"
    expect(page.get_by_role("heading", level=1)).to_have_text(SAY("error.404.title"))
    sound(page)
    page.get_by_role("link", name=SAY("error.home")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(SAY("login.title"))


def test_another_language_is_a_setting_away(chromium, english):
    page = chromium.new_page(locale="en-GB")
    page.goto(f"{english}login")
    assert page.title() == "Sign in – Pelatihan Uji"
    assert page.locator("html").get_attribute("lang") == "en"
    page.close()
