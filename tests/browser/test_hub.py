"""One real hub, as ``scripts/serve`` starts it: who lands where, who is kept out, and what a crash of it costs."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from pamong.catalogue import messages
from pamong.course import Course
from pamong.hub import tokens
from pamong.hub.settings import from_environment
from pamong.service import login_cards
from pamong.service.database import Database
from tests.conftest import lay_out

from .test_handin import confirm, ready, sent

ROOT = Path(__file__).parents[2]
SAY, DESK = messages("hub", "id"), messages("desk", "id")
IN_NOTEBOOK = messages("notebook", "id")
HOME, HANDIN, LIGHT = messages("home", "id"), messages("handin", "id"), messages("light", "id")
PATIENCE = 120_000
"""Milliseconds that a server may take on a busy machine."""


@dataclass(frozen=True)
class Hub:
    url: str
    root: Path
    process: subprocess.Popen
    password: str

    @property
    def hub_process(self) -> psutil.Process:
        """The hub itself, which the supervisor keeps running."""
        children = psutil.Process(self.process.pid).children(recursive=True)
        return next(it for it in children if "jupyterhub" in it.cmdline() and "-f" in it.cmdline())

    @property
    def database(self) -> Database:
        return Database(Course.load(self.root).service_url)

    def status(self, path: str) -> int:
        try:
            with urllib.request.urlopen(f"{self.url}{path}", timeout=10) as answer:  # noqa: S310
                return answer.status
        except urllib.error.HTTPError as error:
            with error:
                return error.code
        except OSError:
            return 0

    def await_(self, path: str, status: int = 200) -> None:
        """Until ``path`` answers so."""
        for _ in range(900):
            if self.status(path) == status:
                return
            assert self.process.poll() is None, self.said
            time.sleep(0.1)
        raise AssertionError(f"{path} never answered {status}\n{self.said}")

    def await_words(self, pattern: str) -> re.Match[str]:
        """Until its log says ``pattern``: its supervisor asks for itself whether the hub answers."""
        for _ in range(900):
            if found := re.search(pattern, self.said):
                return found
            assert self.process.poll() is None, self.said
            time.sleep(0.1)
        raise AssertionError(f"it never said {pattern}\n{self.said}")

    @property
    def said(self) -> str:
        """The last that it wrote to its log."""
        return (self.root.parent / "hub.log").read_text(encoding="utf-8")[-4000:]


def four_ports() -> int:
    """A port that is free, as are the next three."""
    while True:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        taken = []
        for number in range(port, port + 4):
            with socket.socket() as probe:
                taken.append(probe.connect_ex(("127.0.0.1", number)) == 0)
        if not any(taken) and port < 65000:
            return port


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hub")
    course = lay_out(folder / "root")
    shutil.copy(ROOT / "jupyterhub_config.py", course.root)
    port = four_ports()
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PAMONG_", "JUPYTER"))}
    entry = "from pamong.cli import main; main()"
    command = [
        sys.executable,
        "-c",
        entry,
        "serve",
        "--folder",
        str(folder / "demo"),
        "--port",
        str(port),
    ]
    with (folder / "hub.log").open("wb") as log:
        process = subprocess.Popen(
            command, cwd=course.root, env=environment, stdout=log, stderr=log
        )
    try:
        found = Hub(f"http://127.0.0.1:{port}", folder / "demo", process, "")
        found.await_("/hub/health")
        found.await_("/services/pamong/health")
        told = found.await_words(r"(?s)it isolates nobody from anybody.*Password of all: (\w+)")
        yield Hub(found.url, found.root, process, told[1])
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)
    left = [
        it
        for it in psutil.process_iter(["cmdline"])
        if str(folder) in " ".join(it.info["cmdline"] or [])
    ]
    assert left == []


@pytest.fixture
def page(chromium, hub):
    """A telephone; only the hub may be asked for anything."""
    context = chromium.new_context(viewport={"width": 390, "height": 800}, locale="id-ID")
    asked = []
    context.on("request", lambda request: asked.append(request.url))
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    yield page
    context.close()
    assert [url for url in asked if not url.startswith((hub.url, "data:", "blob:"))] == []


def login(page, hub, name: str, password: str = "") -> None:
    page.goto(f"{hub.url}/")
    page.get_by_label(SAY("login.name")).fill(name)
    page.get_by_label(SAY("login.password"), exact=True).fill(password or hub.password)
    page.get_by_role("button", name=SAY("login.submit")).click()


def sound(page) -> None:
    """Nothing that axe finds, and nothing wider than the screen."""
    found = Axe().run(page).response["violations"]
    assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in found] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def statuses(page, hub, *paths: str) -> dict[str, int]:
    return {path: page.goto(f"{hub.url}{path}").status for path in paths}


def test_a_participant_lands_at_home_and_is_kept_out_of_everything_else(page, hub):
    login(page, hub, "p001")
    page.wait_for_url(f"{hub.url}/services/pamong/")
    kept_out = statuses(
        page, hub, "/user/penilai/lab", "/user/penilai/formgrader/", "/hub/spawn/penilai",
        "/user/p002/tree", "/hub/spawn/p002", "/services/pamong/staff/", "/hub/api/users", "/hub/api/users/p002", "/hub/admin",
    )  # fmt: skip
    assert {path: status for path, status in kept_out.items() if status not in (403, 404)} == {}
    sound(page)


def test_a_participant_has_a_notebook_of_their_own_without_any_extension_of_staff(page, hub):
    login(page, hub, "p001")
    page.wait_for_url(f"{hub.url}/services/pamong/")
    page.goto(f"{hub.url}/hub/spawn")
    page.wait_for_url(f"{hub.url}/user/p001/tree**")
    expect(page.get_by_text("m0-contoh")).to_be_visible(timeout=PATIENCE)
    kept_out = statuses(
        page,
        hub,
        *(
            f"/user/p001/{path}"
            for path in ("formgrader/", "assignments", "courses", "api/terminals")
        ),
    )
    assert {path: status for path, status in kept_out.items() if status not in (403, 404)} == {}
    answer = page.goto(f"{hub.url}/user/p001/api/contents/m0-contoh")
    assert "module.ipynb" in [it["name"] for it in answer.json()["content"]]


def test_from_the_notebook_at_the_hub_the_pages_of_the_service_are_a_click_away(page, hub):
    login(page, hub, "p001")
    page.wait_for_url(f"{hub.url}/services/pamong/")
    refused = []
    page.on("response", lambda it: refused.append(it.url) if it.status >= 400 else None)
    page.goto(f"{hub.url}/hub/spawn?next=/user/p001/notebooks/m0-contoh/module.ipynb")
    bar = page.get_by_role("navigation", name=IN_NOTEBOOK("bar"))
    expect(bar.get_by_role("link")).to_have_text(
        [IN_NOTEBOOK(key) for key in ("bar.home", "bar.light", "bar.handin")], timeout=PATIENCE
    )
    assert [url for url in refused if "/pamong/" in url] == []
    bar.get_by_role("link", name=IN_NOTEBOOK("bar.handin")).click()
    page.wait_for_url(f"{hub.url}/services/pamong/**")
    assert page.url.endswith("/modules/m0-contoh/#kirim") or "privacy" in page.url


def test_staff_land_at_their_desk_and_share_one_grading_server(page, hub):
    login(page, hub, "instruktur")
    page.wait_for_url(f"{hub.url}/services/pamong/staff/**")
    assert statuses(page, hub, "/hub/admin", "/hub/spawn", "/user/p002/") == {
        "/hub/admin": 403, "/hub/spawn": 404, "/user/p002/": 404,
    }  # fmt: skip
    page.goto(f"{hub.url}/hub/spawn/penilai")
    page.wait_for_url(f"{hub.url}/user/penilai/lab**")
    assert page.goto(f"{hub.url}/user/penilai/formgrader/").status == 200
    shown = page.goto(f"{hub.url}/user/penilai/api/contents/").json()["content"]
    assert {"course", "graders"} <= {it["name"] for it in shown}


def test_the_committee_looks_after_servers_and_leaders_have_none(page, hub):
    login(page, hub, "panitia")
    page.wait_for_url(f"{hub.url}/services/pamong/staff/**")
    assert statuses(page, hub, "/hub/admin") == {"/hub/admin": 200}
    page.context.clear_cookies()
    login(page, hub, "pimpinan")
    page.wait_for_url(f"{hub.url}/services/pamong/staff/**")
    kept_out = statuses(
        page,
        hub,
        "/hub/admin",
        "/hub/spawn",
        "/hub/spawn/penilai",
        "/user/penilai/lab",
        "/user/p001/",
    )
    assert {path: status for path, status in kept_out.items() if status not in (403, 404)} == {}
    page.goto(f"{hub.url}/hub/home")
    expect(page.get_by_role("link", name=SAY("home.front"))).to_be_visible()
    expect(page.get_by_role("link", name=SAY("home.start"))).to_have_count(0)
    sound(page)


def test_whoever_is_unknown_or_guesses_is_refused_in_plain_words(page, hub):
    login(page, hub, "orang-luar")
    expect(page.get_by_role("alert")).to_contain_text(SAY("login.wrong"))
    for _ in range(5):
        login(page, hub, "p003", "salah-besar")
    login(page, hub, "p003")
    expect(page.get_by_role("alert")).to_contain_text(SAY("login.locked"))
    sound(page)


def test_a_card_is_scanned_once_and_makes_an_own_password(page, hub):
    course = Course.load(hub.root)
    command = [
        sys.executable,
        "-c",
        "from pamong.cli import main; main()",
        "serve",
        "--folder",
        str(hub.root),
        "card",
        "p002",
    ]
    told = subprocess.run(command, cwd=course.root, check=True, capture_output=True, text=True)
    code = told.stdout.split()[0]
    assert len(code.replace("-", "")) == login_cards.LENGTH
    page.goto(f"{hub.url}/hub/kartu#{code}")
    expect(page.get_by_label(SAY("kartu.code"))).to_have_value(code)
    assert (
        page.url == f"{hub.url}/hub/kartu"
    )  # nobody who looks over a shoulder later reads it there
    sound(page)

    def choose(password: str) -> None:
        page.get_by_label(SAY("kartu.password"), exact=True).fill(password)
        page.get_by_label(SAY("kartu.again")).fill(password)
        page.get_by_role("button", name=SAY("kartu.submit")).click()

    choose("12345678")
    expect(page.get_by_role("alert")).to_contain_text(SAY("sandi.simple"))
    expect(page.get_by_label(SAY("kartu.code"))).to_have_value(code)
    sound(page)
    choose("mangga-muda-7")
    page.wait_for_url(f"{hub.url}/services/pamong/")
    page.context.clear_cookies()
    page.goto(f"{hub.url}/hub/kartu#{code}")
    choose("mangga-muda-8")
    expect(page.get_by_role("alert")).to_contain_text(SAY("kartu.wrong"))
    login(page, hub, "p002", "mangga-muda-7")
    page.wait_for_url(f"{hub.url}/services/pamong/")


def test_a_hub_that_is_killed_comes_back_and_cuts_off_nobody_who_works(page, hub):
    login(page, hub, "p001")
    page.wait_for_url(f"{hub.url}/services/pamong/")
    page.goto(f"{hub.url}/hub/spawn")
    page.wait_for_url(f"{hub.url}/user/p001/tree**")
    server = page.goto(f"{hub.url}/user/p001/api/status").json()["started"]
    victim = hub.hub_process
    victim.kill()
    victim.wait(20)
    assert page.goto(f"{hub.url}/user/p001/api/status").json()["started"] == server
    assert page.goto(f"{hub.url}/services/pamong/").status == 200
    hub.await_("/hub/health")
    assert hub.hub_process.pid != victim.pid
    assert page.goto(f"{hub.url}/user/p001/api/status").json()["started"] == server
    settings = from_environment(hub.root, {"PAMONG_HUB_PORT": hub.url.rpartition(":")[2]})
    request = urllib.request.Request(  # noqa: S310
        f"{settings.hub_api}/users/p001",
        headers={"Authorization": f"token {tokens.tokens(hub.root / '.hub')['operator']}"},
    )
    with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310
        assert json.load(answer)["server"] == "/user/p001/"


def test_the_health_page_tells_what_ails_the_hub_and_nothing_else(hub):
    with urllib.request.urlopen(f"{hub.url}/hub/sehat", timeout=20) as answer:  # noqa: S310
        assert json.load(answer) == {"well": True, "database": "ok", "service": "ok", "disk": "ok"}


def step(page, hub, name: str) -> str:
    """Start a step at the desk, wait until it has ended, and return what it printed."""
    page.goto(f"{hub.url}/services/pamong/staff/")
    page.get_by_role("button", name=DESK(f"step.{name}.do")).click()
    if name == "feedback":  # somebody can still hand in
        page.get_by_role("button", name=DESK("step.sure")).click()
    page.wait_for_url("**/staff/work/*")
    expect(page.locator(".pm-tag")).not_to_have_text(DESK("work.running"), timeout=PATIENCE)
    printed = page.locator(".st-printed").inner_text()
    assert page.locator(".pm-tag").inner_text() == DESK("work.done"), printed
    return printed


def test_from_play_to_feedback_and_report_by_clicking_alone(page, hub):
    login(page, hub, "p001")
    page.get_by_role("button", name=HOME("notice.agree")).click()
    page.locator("[data-skip]").click()
    expect(page.get_by_role("link", name=LIGHT("nav.logout"))).to_be_visible()
    notebook = page.locator("[data-notebook]").first.get_attribute("data-notebook")
    assert notebook.startswith("/hub/spawn?next=%2Fuser%2Fp001%2Fnotebooks%2F")
    page.get_by_role("link", name="Modul contoh").first.click()
    first = page.locator("fieldset").first
    first.get_by_role("radio").first.check()
    expect(page.get_by_text(re.compile("^Tersimpan")).first).to_be_visible(timeout=PATIENCE)
    ready(page)
    confirm(page)
    code = sent(page)
    page.get_by_role("link", name=HANDIN("receipt"), exact=True).click()
    expect(page.locator("main")).to_contain_text(code)
    page.context.clear_cookies()

    login(page, hub, "panitia")
    page.wait_for_url(f"{hub.url}/services/pamong/staff/**")
    expect(page.get_by_role("link", name=DESK("tool.formgrader"))).to_be_visible()
    assert "1 new" in step(page, hub, "collect")
    step(page, hub, "grade")
    step(page, hub, "feedback")
    step(page, hub, "report")
    page.get_by_role("link", name=DESK("nav.reports")).click()
    page.get_by_role("link", name="HTML").first.click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.context.clear_cookies()

    login(page, hub, "pimpinan")
    page.wait_for_url(f"{hub.url}/services/pamong/staff/**")
    page.get_by_role("link", name=DESK("nav.reports")).click()
    expect(page.get_by_role("cell", name=DESK("edition.facilitator"))).to_have_count(0)
    page.get_by_role("link", name="HTML").first.click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.context.clear_cookies()

    login(page, hub, "p001")
    page.wait_for_url(f"{hub.url}/services/pamong/")
    page.get_by_role("link", name=re.compile(HOME("feedback"))).first.click()
    expect(page.frame_locator("iframe").get_by_role("heading").first).to_be_visible()
