"""Nothing that a page called saved is ever lost, and no page calls saved what is not on disk."""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.error import URLError

import psutil
import pytest
from playwright.sync_api import BrowserContext, Page, expect

from pamong.catalogue import messages
from pamong.course import Course
from pamong.view.preview import Running, running_home
from tests.consent import consent

from .conftest import HERE, MODULE, OPENING, Line, _ask

pytestmark = pytest.mark.browser
TEXTS, FRAME = messages("form"), messages("notebook")
WAIT = 30_000
"""Milliseconds that the page may take on a busy machine."""
SENTENCES = (
    "Saya mulai dengan mendengarkan.",
    "Pedagang memilih wakilnya sendiri.",
    "Kewenangan dinas ditanyakan lebih dahulu.",
    "Hasilnya dicatat bersama.",
)
AGREEMENT = "Mengundang perwakilan pedagang berdialog di kantor kecamatan"
WITNESS = """
window.claims = [];
new MutationObserver(() => {
  for (const status of document.querySelectorAll(".pm-form .pm-status[data-state='saved']")) {
    const form = status.closest(".pm-form");
    const title = form.getAttribute("aria-labelledby").replace("pm-", "");
    for (const box of form.querySelectorAll("textarea")) box.value && window.claims.push([title, box.value]);
    for (const one of form.querySelectorAll("input:checked")) window.claims.push([title, one.value]);
  }
}).observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
"""
"""Writes down whatever a form shows while its status line says that all is saved."""
LOOKOUT = """
const banner = document.querySelector(".pamong-banner");
window.seen = false;
new MutationObserver(() => (window.seen ||= !banner.hidden)).observe(banner, { attributes: true });
"""
"""Remembers that the banner was there, however soon it was gone again."""


@dataclass
class Home:
    """A participant's server with one module; both hosts serve it from the same folder."""

    it: Running
    line: Line
    started: list[subprocess.Popen] = field(default_factory=list)

    @property
    def port(self) -> int:
        return int(self.it.url.split(":")[2].split("/")[0])

    @property
    def folder(self) -> Path:
        return self.it.folder / MODULE

    @property
    def token(self) -> str:
        return self.it.url.split("token=")[1]

    def address(self, path: str) -> str:
        return f"http://127.0.0.1:{self.line.port}/{path}?token={self.token}"

    @property
    def server(self) -> psutil.Process:
        return psutil.Process((self.started or [self.it.server])[-1].pid)

    def log(self, exercise: str) -> Path:
        return self.folder / f"{exercise}.jsonl"

    def events(self, exercise: str) -> list[dict]:
        path = self.log(exercise)
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def texts(self, exercise: str = "catatan") -> list[str]:
        return [event["data"]["text"] for event in self.events(exercise) if event["act"] == "text"]

    def kernels(self) -> list[psutil.Process]:
        found = []
        for child in self.server.children(recursive=True):
            with suppress(psutil.NoSuchProcess):  # as a zombie is none either
                if "pamong.view.kernel" in child.cmdline():
                    found.append(child)
        return found

    def other_kernels(self, seen: set[int]) -> list[psutil.Process]:
        """The kernels that are not in ``seen``, as soon as there is one."""
        deadline = time.monotonic() + OPENING / 1000
        while not (found := [kernel for kernel in self.kernels() if kernel.pid not in seen]):
            assert time.monotonic() < deadline, "no kernel came back"
            threading.Event().wait(0.02)
        return found

    def ask(self, path: str, method: str = "GET"):
        headers = {"Authorization": f"token {self.token}"}
        return _ask(f"http://127.0.0.1:{self.port}/{path}", headers, method)

    def restart(self) -> None:
        """Kill the server as a power cut would, and start it as it was."""
        command, environment = self.server.cmdline(), self.server.environ()
        old = (self.started or [self.it.server])[-1]
        old.kill()
        old.wait()
        quiet = {"stdin": subprocess.PIPE, "stdout": subprocess.DEVNULL}  # stdin is its leash
        quiet["stderr"] = subprocess.DEVNULL
        self.started.append(subprocess.Popen(command, env=environment, **quiet))

    def is_up(self) -> bool:
        try:
            self.ask("api/status")
        except URLError:
            return False
        return True

    def rouse(self) -> None:
        """Wait for a server that was started a moment ago."""
        deadline = time.monotonic() + OPENING / 1000
        while not self.is_up():
            assert time.monotonic() < deadline, "the server did not come back"
            threading.Event().wait(0.1)

    def clear(self) -> None:
        """As before the first visit."""
        self.rouse()
        for session in self.ask("api/sessions"):
            self.ask(f"api/sessions/{session['id']}", "DELETE")
        for path in [*self.folder.glob("*.jsonl"), *self.folder.glob("*.torn")]:
            path.unlink()
        for brief in (HERE / "course/course/source" / MODULE).glob("*.brief.yaml"):
            shutil.copy(brief, self.folder)


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    root = tmp_path_factory.mktemp("root") / "root"
    shutil.copytree(HERE / "course", root)
    course = Course.load(root)
    shutil.copytree(course.folder / "source" / MODULE, course.release(MODULE))
    with running_home(course, folder=tmp_path_factory.mktemp("answers")) as it:
        consent(it)
        started: list[subprocess.Popen] = []
        yield it, started
        for process in started:
            process.terminate()
            process.communicate()


@pytest.fixture
def home(served):
    it, started = served
    home = Home(it, Line(int(it.url.split(":")[2].split("/")[0])), started)
    home.clear()
    yield home
    home.line.close()


def new_context(chromium, **options) -> BrowserContext:
    viewport = {"width": 1366, "height": 768}
    context = chromium.new_context(viewport=viewport, locale="id-ID", **options)
    context.add_init_script(WITNESS)
    return context


@pytest.fixture
def context(chromium, home):  # noqa: ARG001  # the line must outlive the browser's connections
    context = new_context(chromium)
    yield context
    context.close()


def light(context: BrowserContext, home: Home, *, clock: bool = False) -> Page:
    """A new tab with the light page, every form drawn."""
    page = context.new_page()
    if clock:
        page.clock.install()
    page.goto(home.address(f"pamong/modules/{MODULE}/"))
    expect(page.locator(".pm-form .pm-status")).to_have_count(3, timeout=OPENING)
    return page


def notebook(context: BrowserContext, home: Home) -> Page:
    page = context.new_page()
    page.goto(home.address(f"notebooks/{MODULE}/module.ipynb"))
    expect(page.locator(".pm-form .pm-status")).to_have_count(3, timeout=OPENING)
    expect(page.locator(".pamong-banner")).to_be_hidden(timeout=OPENING)
    return page


HOSTS = {"light": light, "notebook": notebook}


def form(page: Page, exercise: str):
    return page.locator(f".pm-form[aria-labelledby='pm-{exercise}']")


def box(page: Page):
    return form(page, "catatan").get_by_role("textbox")


def status(page: Page, exercise: str = "catatan"):
    return form(page, exercise).locator(".pm-status")


def saved(page: Page, exercise: str = "catatan", timeout: float = WAIT) -> None:
    expect(status(page, exercise)).to_contain_text("Tersimpan pukul", timeout=timeout)


def warned(page: Page, exercise: str = "catatan") -> None:
    expect(status(page, exercise)).to_contain_text(TEXTS("status.late"), timeout=WAIT)


def honest(page: Page, home: Home) -> None:
    """Everything that was called saved is on disk now, every act once and in its place."""
    for exercise in ("pemanasan", "penataan", "catatan"):
        events = home.events(exercise)
        assert [event["n"] for event in events] == list(range(1, len(events) + 1))
        assert len({event["id"] for event in events}) == len(events)
    for exercise, value in page.evaluate("window.claims"):
        said = json.dumps([event["data"] for event in home.events(exercise)], ensure_ascii=False)
        assert json.dumps(value, ensure_ascii=False) in said, (exercise, value)


def in_order(typed: list[str], found: list[str]) -> bool:
    """Whether the texts on disk came about in the order in which they were typed."""
    places = [typed.index(text) for text in found if text in typed]
    return places == sorted(places)


def add(page: Page, sentence: str) -> str:
    box(page).press("ControlOrMeta+End")
    page.keyboard.insert_text(sentence + " ")
    return box(page).input_value()


# ---- the line ----


@pytest.mark.parametrize("seconds", [8, 60])
def test_what_is_typed_while_the_line_is_cut_is_saved_when_it_is_back(context, home, seconds):
    page = light(context, home, clock=True)
    typed = [add(page, "Awal.")]
    page.clock.run_for(2_500)
    saved(page)
    home.line.cut()
    for place in range(seconds // 4):
        typed.append(add(page, SENTENCES[place % 4]))
        page.clock.run_for(4_000)
    warned(page)
    honest(page, home)
    assert home.texts() == typed[:1]
    home.line.mend()
    page.clock.run_for(6_000)
    page.clock.resume()
    saved(page)
    honest(page, home)
    assert home.texts()[-1] == typed[-1] == box(page).input_value()
    assert in_order(typed, home.texts())


def test_an_answer_that_gets_lost_makes_no_second_act(context, home):
    page, arrived = light(context, home), []

    def lose(route):
        arrived.append(route.request.post_data_json)
        route.fetch()
        route.abort("connectionreset")

    page.route("**/exercises/catatan", lose)
    text = add(page, SENTENCES[0])
    box(page).blur()
    warned(page)
    assert home.texts() == [text]
    page.unroute("**/exercises/catatan")
    saved(page)
    assert home.texts() == [text]
    assert len({message["id"] for message in arrived if message["type"] == "act"}) == 1
    honest(page, home)


def test_a_line_on_which_nothing_ever_comes_back_is_given_up_and_tried_again(context, home):
    page = light(context, home, clock=True)
    held = []
    page.route("**/exercises/catatan", lambda route: held.append(route) or None)
    text = add(page, SENTENCES[1])
    page.clock.run_for(8_000)
    warned(page)
    page.unroute("**/exercises/catatan")
    page.clock.run_for(20_000)
    page.clock.resume()
    saved(page)
    for route in held:
        with suppress(Exception):
            route.continue_()
    assert home.texts() == [text]
    honest(page, home)


@pytest.mark.parametrize("host", HOSTS)
def test_a_line_that_is_cut_again_and_again_loses_nothing(context, home, host):
    page, typed = HOSTS[host](context, home), []
    for sentence in SENTENCES:
        home.line.cut()
        typed.append(add(page, sentence))
        box(page).blur()
        home.line.mend()
    saved(page)
    expect(box(page)).to_have_value(typed[-1])
    assert home.texts()[-1] == typed[-1]
    assert in_order(typed, home.texts())
    honest(page, home)


# ---- processes that die ----


def test_a_server_killed_again_and_again_while_somebody_types_loses_nothing(context, home):
    page, typed = light(context, home), []
    for sentence in SENTENCES[:2]:
        typed.append(add(page, sentence))
        box(page).blur()
        home.restart()
        honest(page, home)
        saved(page, timeout=OPENING)
    assert home.texts()[-1] == typed[-1]
    assert in_order(typed, home.texts())
    honest(page, home)


def test_a_kernel_killed_again_and_again_while_somebody_types_loses_nothing(context, home):
    page, typed = notebook(context, home), []
    for sentence in SENTENCES[:2]:
        typed.append(add(page, sentence))
        page.evaluate(f"() => {{ {LOOKOUT} }}")
        for kernel in home.kernels():
            with suppress(psutil.NoSuchProcess):
                kernel.send_signal(signal.SIGKILL)
        page.wait_for_function("window.seen", timeout=OPENING)
        expect(page.locator(".pamong-banner")).to_be_hidden(timeout=OPENING)
        expect(box(page)).to_have_value(typed[-1])
    saved(page)
    assert home.texts()[-1] == typed[-1]
    assert in_order(typed, home.texts())
    honest(page, home)


def test_a_kernel_that_dies_again_while_it_comes_back_is_waited_for(context, home):
    page = notebook(context, home)
    text = add(page, SENTENCES[0])
    seen: set[int] = set()
    for _ in range(2):
        for kernel in home.other_kernels(seen):
            seen.add(kernel.pid)
            kernel.send_signal(signal.SIGKILL)
    home.other_kernels(seen)
    expect(page.locator(".pamong-banner")).to_be_visible(timeout=OPENING)
    expect(page.locator(".pamong-banner")).to_be_hidden(timeout=OPENING)
    saved(page)
    assert home.texts()[-1] == text == box(page).input_value()
    honest(page, home)


def test_a_kernel_that_was_culled_comes_back_at_a_press_with_what_was_typed(context, home):
    page = notebook(context, home)
    form(page, "pemanasan").get_by_label(AGREEMENT).check()
    saved(page, "pemanasan")
    (session,) = home.ask("api/sessions")
    home.ask(f"api/kernels/{session['kernel']['id']}", "DELETE")
    text = add(page, SENTENCES[2])
    warned(page)
    honest(page, home)
    page.on("dialog", lambda dialog: dialog.accept())  # something is unsaved: the browser asks
    button = page.locator(".pamong-banner button")
    button.click(timeout=OPENING)
    expect(button).to_be_hidden(timeout=OPENING)
    expect(page.locator(".pm-form .pm-status")).to_have_count(3, timeout=OPENING)
    expect(form(page, "pemanasan").get_by_label(AGREEMENT)).to_be_checked()
    saved(page)
    assert home.texts()[-1] == text == box(page).input_value()
    honest(page, home)


# ---- the browser ----


@pytest.mark.parametrize("host", HOSTS)
def test_a_tab_that_crashes_without_a_line_gives_back_what_was_typed(context, home, host):
    page = HOSTS[host](context, home)
    home.line.cut()
    text = add(page, SENTENCES[3])
    form(page, "pemanasan").get_by_label(AGREEMENT).check()
    warned(page, "pemanasan")
    with suppress(Exception):
        page.goto("chrome://crash", timeout=500)
    home.line.mend()
    again = HOSTS[host](context, home)
    expect(box(again)).to_have_value(text)
    saved(again)
    saved(again, "pemanasan")
    assert home.texts() == [text]
    assert [event["act"] for event in home.events("pemanasan")] == ["open", "answer"]
    honest(again, home)


def test_a_text_that_only_the_browser_has_is_not_called_saved_while_it_is_drawn(context, home):
    page = light(context, home)
    add(page, SENTENCES[0])
    saved(page)
    context.route("**/exercises/catatan", lambda route: route.abort("connectionreset"))
    text = add(page, SENTENCES[1])
    warned(page)
    page.close()
    again = light(context, home)
    expect(box(again)).to_have_value(text)
    warned(again)
    assert ["catatan", text] not in again.evaluate("window.claims")
    context.unroute("**/exercises/catatan")
    saved(again)
    assert home.texts()[-1] == text


def test_a_text_left_in_a_closed_tab_does_not_overwrite_what_was_written_elsewhere(context, home):
    """The one who wrote both decides."""
    page = light(context, home)
    add(page, "Bersama.")
    saved(page)
    home.line.cut()
    mine = add(page, "Ditulis tanpa jaringan.")
    warned(page)
    page.close()
    home.line.mend()
    elsewhere = "Ditulis di gawai lain."
    phone = new_context(context.browser)
    other = light(phone, home)
    box(other).fill(elsewhere)
    box(other).blur()
    saved(other)
    phone.close()
    again = light(context, home)
    expect(form(again, "catatan")).to_contain_text(TEXTS("text.rival"), timeout=WAIT)
    expect(form(again, "catatan")).to_contain_text(mine.strip())
    assert home.texts()[-1] == elsewhere
    form(again, "catatan").get_by_role("button", name=TEXTS("text.rival.mine")).click()
    saved(again)
    assert home.texts()[-1] == mine


REFUSED = """
Object.defineProperty(window, "localStorage", { get() { throw new DOMException("denied", "SecurityError"); } });
"""
FULL = """
try { for (let n = 0; ; n += 1) localStorage.setItem(`isi${n}`, "x".repeat(n < 4 ? 1_000_000 : n < 40 ? 30_000 : 10)); }
catch { /* full */ }
"""


@pytest.mark.parametrize("script", [REFUSED, FULL], ids=["refused", "full"])
def test_a_browser_that_keeps_nothing_still_saves_and_still_warns(context, home, script):
    context.add_init_script(script)
    page = light(context, home)
    typed = [add(page, SENTENCES[0])]
    saved(page)
    home.line.cut()
    typed.append(add(page, SENTENCES[1]))
    warned(page)
    honest(page, home)
    home.line.mend()
    saved(page)
    assert home.texts()[-1] == typed[-1]
    honest(page, home)


def test_a_number_that_cannot_be_saved_is_not_called_saved_after_a_reload(staged):
    from pamong.brief import load_brief  # noqa: PLC0415

    stage = staged(load_brief(HERE.parents[1] / "templates/exercises/matrix.brief.yaml"))
    page = stage.open({"width": 1366, "height": 768})
    number = page.locator(".pm-number input").first
    number.fill("banyak")
    number.blur()
    page.reload()
    expect(page.locator(".pm-number input").first).to_have_value("banyak", timeout=WAIT)
    expect(page.locator(".pm-status")).to_have_text(re.compile("Menyimpan|Belum tersimpan"))


@pytest.mark.parametrize("hours", [-30, 30])
def test_a_clock_that_is_set_changes_neither_warning_nor_saving(context, home, hours):
    page = light(context, home, clock=True)
    home.line.cut()
    text = add(page, SENTENCES[0])
    now = page.evaluate("Date.now()")
    page.clock.set_system_time(now + hours * 3_600_000)
    page.clock.run_for(2_000)
    expect(status(page)).to_contain_text(TEXTS("status.saving"))
    page.clock.run_for(7_000)
    warned(page)
    home.line.mend()
    page.clock.run_for(6_000)
    page.clock.resume()
    saved(page)
    assert home.texts() == [text]
    honest(page, home)


# ---- the disk ----


@contextmanager
def full(home: Home, host: str):
    """Neither server nor kernel may make a file longer than it is."""
    processes = [home.server, *(home.kernels() if host == "notebook" else [])]
    limits = [process.rlimit(psutil.RLIMIT_FSIZE) for process in processes]
    for process, (_, hard) in zip(processes, limits, strict=True):
        process.rlimit(psutil.RLIMIT_FSIZE, (10, hard))
    try:
        yield
    finally:
        for process, limit in zip(processes, limits, strict=True):
            process.rlimit(psutil.RLIMIT_FSIZE, limit)


@contextmanager
def read_only(home: Home, host: str):  # noqa: ARG001  # as its siblings
    """The folder as a file system that takes nothing."""
    folder = str(home.folder)
    try:
        subprocess.run(["mount", "--bind", folder, folder], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("Only root can make a folder read-only for every process.")
    try:
        subprocess.run(["mount", "-o", "remount,ro,bind", folder], check=True)
        yield
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


@contextmanager
def replaced(home: Home, host: str):  # noqa: ARG001  # as its siblings
    """A folder in the place of the log."""
    path, aside = home.log("catatan"), home.folder / "catatan.aside"
    path.rename(aside)
    path.mkdir()
    try:
        yield
    finally:
        path.rmdir()
        aside.rename(path)


@pytest.mark.parametrize(
    ("host", "trouble"),
    [("light", full), ("light", read_only), ("light", replaced), ("notebook", full)],
)
def test_what_the_disk_refuses_is_said_kept_and_saved_later(context, home, host, trouble):
    page = HOSTS[host](context, home)
    typed = [add(page, SENTENCES[0])]
    saved(page)
    before = home.log("catatan").read_bytes()
    with trouble(home, host):
        typed.append(add(page, SENTENCES[1]))
        expect(form(page, "catatan")).to_contain_text(TEXTS("problem.disk"), timeout=WAIT)
        warned(page)
        expect(box(page)).to_have_value(typed[-1])
    assert home.log("catatan").read_bytes() == before
    saved(page)
    expect(form(page, "catatan")).not_to_contain_text(TEXTS("problem.disk"))
    assert home.texts() == typed
    honest(page, home)


# ---- several pages ----


@pytest.mark.parametrize(
    "hosts", [("light", "light"), ("light", "notebook"), ("notebook", "notebook")]
)
def test_two_pages_in_different_fields_keep_what_both_wrote(context, home, hosts):
    one, other = (HOSTS[host](context, home) for host in hosts)
    text = add(one, SENTENCES[0])
    form(other, "pemanasan").get_by_label(AGREEMENT).check()
    saved(one)
    saved(other, "pemanasan")
    form(one, "pemanasan").get_by_label("Perwakilan pedagang yang dipilih").check()
    saved(one, "pemanasan")
    assert home.texts()[-1] == text
    chosen = [
        event["data"]["chosen"]
        for event in home.events("pemanasan")
        if event["who"] == "participant"
    ]
    assert chosen == [["dialog"], ["pedagang"]]
    expect(form(one, "pemanasan").get_by_label(AGREEMENT)).to_be_checked(timeout=WAIT)
    for page in (one, other):
        honest(page, home)


@pytest.mark.parametrize("hosts", [("light", "light"), ("light", "notebook")])
def test_two_pages_in_the_same_field_lose_neither_text(context, home, hosts):
    one, other = (HOSTS[host](context, home) for host in hosts)
    first, second = add(one, SENTENCES[0]), add(other, SENTENCES[1])
    saved(one)
    saved(other)
    assert {first, second} <= set(home.texts())
    for page in (one, other):
        honest(page, home)


def test_a_form_open_while_a_new_version_is_released_loses_nothing(context, home):
    page = light(context, home)
    typed = [add(page, SENTENCES[0])]
    saved(page)
    path = home.folder / "catatan.brief.yaml"
    path.write_text(path.read_text().replace("version: 1", "version: 2"))
    typed.append(add(page, SENTENCES[1]))
    saved(page)
    assert home.texts() == typed
    assert {event["version"] for event in home.events("catatan")} == {1}
    page.reload()
    expect(box(page)).to_have_value(typed[-1], timeout=OPENING)
    honest(page, home)


def test_an_unbegun_form_open_while_a_new_version_is_released_keeps_what_is_typed(context, home):
    page = light(context, home)
    path = home.folder / "catatan.brief.yaml"
    path.write_text(path.read_text().replace("version: 1", "version: 2"))
    text = add(page, SENTENCES[0])
    box(page).blur()
    expect(box(page)).to_have_value(text, timeout=WAIT)
    expect(form(page, "catatan").locator(".pm-status")).to_have_attribute(
        "data-state", "saved", timeout=WAIT
    )
    assert {event["version"] for event in home.events("catatan")} <= {2}
    honest(page, home)
