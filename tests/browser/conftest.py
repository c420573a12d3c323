"""A real Jupyter server, real kernels, a real browser, and a network line that can be cut."""

from __future__ import annotations

import json
import os
import select
import shutil
import socket
import threading
import urllib.request
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from random import Random

import psutil
import pytest
from playwright.sync_api import BrowserContext, Page, expect, sync_playwright

from pamong.catalogue import messages
from pamong.counterpart import LocalCounterpart
from pamong.course import Course
from pamong.dialogue import Dialogue
from pamong.kinds import KINDS
from pamong.play import play
from pamong.session import Session
from pamong.store import MemoryStore
from pamong.view.assets import STATIC
from pamong.view.preview import Running, running

HERE = Path(__file__).parent
MODULE = "m0-contoh"
OPENING = 60_000
"""Milliseconds that opening a module may take on a busy machine."""
ANSWERING = 30_000
"""Milliseconds that anything else may take there; whoever waits for less says so."""
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class Line:
    """A TCP relay to ``port``: ``cut`` drops what is connected and accepts nothing until ``mend``."""

    def __init__(self, port: int) -> None:
        self._target, self._open, self._live = port, True, set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        self._open = False
        for end in list(self._live):
            _shut(end)

    def mend(self) -> None:
        self._open = True

    def close(self) -> None:
        self.cut()
        _shut(self._listener)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            if self._open:
                threading.Thread(target=self._relay, args=(near,), daemon=True).start()
            else:
                near.close()

    def _relay(self, near: socket.socket) -> None:
        with near, suppress(OSError), _reach(self._target) as far:  # the server may be down
            ends = {near: far, far: near}
            self._live |= set(ends)
            try:
                self._carry(ends)
            finally:
                self._live -= set(ends)

    def _carry(self, ends: dict[socket.socket, socket.socket]) -> None:
        while self._open:
            for end in select.select(list(ends), [], [], 1)[0]:
                content = end.recv(65536)
                if not content:
                    return
                ends[end].sendall(content)


def _reach(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port))


def _shut(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)


@dataclass(frozen=True)
class Site:
    """The running preview as a browser behind ``line`` sees it."""

    it: Running
    line: Line

    @property
    def folder(self) -> Path:
        return self.it.folder

    @property
    def url(self) -> str:
        return self.it.url.replace(f":{self._port}/", f":{self.line.port}/")

    @property
    def _port(self) -> int:
        return int(self.it.url.split(":")[2].split("/")[0])

    def events(self, exercise: str) -> list[dict]:
        path = self.folder / f"{exercise}.jsonl"
        if not path.exists():
            return []
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]

    def kernels(self) -> list[psutil.Process]:
        children = psutil.Process(self.it.server.pid).children(recursive=True)
        return [child for child in children if "pamong.view.kernel" in child.cmdline()]

    def clear(self) -> None:
        """As before the first visit: no answers, no kernels."""
        token = self.it.url.split("token=")[1]
        start = self.it.url.split("/notebooks/")[0]
        headers = {"Authorization": f"token {token}"}
        for session in _ask(f"{start}/api/sessions", headers):
            _ask(f"{start}/api/sessions/{session['id']}", headers, method="DELETE")
        for log in self.folder.glob("*.jsonl"):
            log.unlink()


def _ask(url: str, headers: dict, method: str = "GET"):
    request = urllib.request.Request(url, headers=headers, method=method)  # noqa: S310
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
        content = answer.read()
    return json.loads(content) if content else None


@pytest.fixture(scope="module")
def chromium():
    """A browser for one file of tests: while it is open, no other test could run an event loop."""
    found = os.environ.get("PAMONG_CHROMIUM") or shutil.which("chromium")
    assert found, "Chromium is missing; scripts/test installs it or says how."
    with sync_playwright() as playwright:
        expect.set_options(timeout=ANSWERING)
        browser = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        yield browser
        browser.close()


PAGE = """<!doctype html><html lang="id"><head><meta charset="utf-8"><title>Latihan</title>
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
TYPES = {".js": "text/javascript", ".css": "text/css", ".woff2": "font/woff2"}


class Stage:
    """One form, a session behind it and a bot to play it some way on; no Jupyter around it."""

    def __init__(self, brief, browser) -> None:
        self.brief, self.kind, self._browser = brief, KINDS[brief.kind], browser
        self.complaints, self._pages = [], []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _host(self))
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.restart()

    def restart(self) -> None:
        """As before the first act."""
        other = None
        if self.kind.reactive:
            other = LocalCounterpart(
                self.kind, self.brief, self.brief.model, participant="p001", secret=b"rahasia"
            )
        store = MemoryStore()
        parts = {"participant": "p001", "clock": lambda: datetime.now(UTC), "counterpart": other}
        self.session = Session(self.kind, self.brief, store, **parts)
        self.dialogue = Dialogue(self.kind, self.brief, store, **parts)

    def play(self, bot: str, acts: int) -> int:
        """Let a bot do at most so many acts; returns how many it did."""
        rng, brief = Random(1), self.brief
        events = play(self.kind, brief, brief.model, self.kind.bots[bot], rng=rng, skill=0.7)
        done = [event for event in events if event.who == "participant"][:acts]
        for event in done:
            self.session.act(event.id, event.act, event.data)
        return len(done)

    def open(self, viewport: dict) -> Page:
        """The form in a new tab; what it says on the console ends up in ``complaints``."""
        page = self._browser.new_page(viewport=viewport, reduced_motion="reduce", locale="id-ID")
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda line: self.complaints.append(line.text))
        page.goto(f"http://127.0.0.1:{self._server.server_port}/")
        expect(page.locator(".pm-body")).to_be_visible(timeout=OPENING)
        self._pages.append(page)
        return page

    def close(self) -> None:
        for page in self._pages:
            page.close()
        self._server.shutdown()
        self._server.server_close()


def _host(stage: Stage) -> type[BaseHTTPRequestHandler]:
    """A page with one form, and the act behind each of its messages."""

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            return

        def do_GET(self) -> None:
            if self.path == "/":
                return self._answer(PAGE.encode(), "text/html; charset=utf-8")
            if self.path == "/first":
                texts = {
                    "form": messages("form").entries,
                    "kind": messages(stage.kind.name).entries,
                }
                scope = f"uji/{stage.brief.id}"
                first = {"scope": scope, "screen": stage.session.screen(), "messages": texts}
                return self._answer(json.dumps(first).encode(), "application/json")
            file = STATIC / self.path.lstrip("/")
            return self._answer(file.read_bytes(), TYPES[file.suffix])

        def do_POST(self) -> None:
            message = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            answer = stage.dialogue.receive(message)
            self._answer(json.dumps(answer).encode(), "application/json")

        def _answer(self, content: bytes, sort: str) -> None:
            self.send_response(200)
            self.send_header("Content-Type", sort)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    return Handler


@pytest.fixture
def staged(chromium):
    """``staged(brief)``: the form of a practice exercise by itself; nothing may be said on the console."""
    stages = []

    def stage(brief) -> Stage:
        stages.append(Stage(brief, chromium))
        return stages[-1]

    yield stage
    for each in stages:
        each.close()
    assert [complaint for each in stages for complaint in each.complaints] == []


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    course = Course.load(HERE / "course")
    with running(course, MODULE, folder=tmp_path_factory.mktemp("answers")) as it:
        yield it


@pytest.fixture
def site(server):
    line = Line(int(server.url.split(":")[2].split("/")[0]))
    site = Site(server, line)
    site.clear()
    yield site
    line.close()


@pytest.fixture
def context(chromium, site):  # noqa: ARG001  # the line must outlive the browser's connections
    context = chromium.new_context(viewport={"width": 1366, "height": 768}, locale="id-ID")
    yield context
    context.close()


@pytest.fixture
def page(context, site) -> Page:
    return visit(context, site)


def visit(context: BrowserContext, site: Site) -> Page:
    """A new tab with the module open and every form drawn."""
    page = context.new_page()
    page.goto(site.url)
    expect(page.locator(".pm-form")).to_have_count(3, timeout=OPENING)
    expect(page.locator(".pm-body")).to_have_count(3, timeout=OPENING)
    expect(page.locator(".pamong-banner")).to_be_hidden(timeout=OPENING)
    return page
