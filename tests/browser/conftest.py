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
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import BrowserContext, Page, expect, sync_playwright

from pamong.course import Course
from pamong.view.preview import Running, running

HERE = Path(__file__).parent
MODULE = "m0-contoh"
OPENING = 60_000
"""Milliseconds that opening a module may take on a busy machine."""
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
        with near, socket.create_connection(("127.0.0.1", self._target)) as far:
            ends = {near: far, far: near}
            self._live |= set(ends)
            with suppress(OSError):
                self._carry(ends)
            self._live -= set(ends)

    def _carry(self, ends: dict[socket.socket, socket.socket]) -> None:
        while self._open:
            for end in select.select(list(ends), [], [], 1)[0]:
                content = end.recv(65536)
                if not content:
                    return
                ends[end].sendall(content)


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
        browser = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        yield browser
        browser.close()


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
