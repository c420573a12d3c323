"""What ``scripts/bench pages`` measures: bytes, moments and memory of a participant's pages in a browser.

Moments end when every form in sight can be used. The slow line is 1.6 Mbps with 150 ms to the server
and back, emulated by the browser.
"""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

import psutil
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from pamong.course import NOTEBOOK, Course
from pamong.view.preview import Running, running_home

REPOSITORY = Path(__file__).resolve().parent.parent
MODULE = "m5-negosiasi-mediasi"
SLOW = {
    "offline": False,
    "latency": 150,
    "downloadThroughput": 1_600_000 / 8,
    "uploadThroughput": 1_600_000 / 8,
}
READY = "() => performance.getEntriesByName('pamong-open').length > 0 && document.querySelector('.pm-body')"
LONGEST = 180_000
"""Milliseconds that a page may take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One opening of a page: bytes over the line, requests, seconds until usable, foreign addresses."""

    bytes: int
    requests: int
    seconds: float
    foreign: tuple[str, ...]


def main() -> None:
    course = Course.load(REPOSITORY)
    print(f"{MODULE}, Python {sys.version.split()[0]}, {os.cpu_count()} cores")
    print(f"{'page':<34}{'requests':>9}{'KB':>9}{'seconds':>9}")
    with (
        TemporaryDirectory(prefix="pamong-pages-") as folder,
        running_home(course, folder=Path(folder)) as site,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=os.environ["PAMONG_CHROMIUM"])
        _memory(browser, site, "opened once")
        for name, path in (
            ("light page", f"/pamong/modules/{MODULE}/"),
            ("notebook", f"/notebooks/{MODULE}/{NOTEBOOK}"),
        ):
            _page(browser, site, name, path)
        _memory(browser, site, "opened six times")
        browser.close()


def _page(browser: Browser, site: Running, name: str, path: str) -> None:
    for line, slow in (("", False), (", slow line", True)):
        with _visitor(browser, site) as context:
            for time_ in ("first visit", "again"):
                found = _visit(context, _address(site, path), slow=slow)
                _tell(f"{name}, {time_}{line}", found)


def _tell(name: str, found: Visit) -> None:
    print(f"{name:<34}{found.requests:>9}{found.bytes / 1000:>9.1f}{found.seconds:>9.2f}")
    for address in found.foreign:
        print(f"  !! asked for {address}")


@contextmanager
def _visitor(browser: Browser, site: Running) -> Iterator[BrowserContext]:
    """Somebody who has logged in and accepted the privacy notice, and has seen nothing else yet."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="id-ID")
    notice = context.request.get(site.url).text()
    fields = dict(re.findall(r'name="(_xsrf|notice)" value="([^"]+)"', notice))
    context.request.post(_address(site, "/pamong/consent"), form=fields)
    yield context
    context.close()


def _visit(context: BrowserContext, address: str, *, slow: bool) -> Visit:
    page = context.new_page()
    devtools = context.new_cdp_session(page)
    devtools.send("Network.enable")
    if slow:
        devtools.send("Network.emulateNetworkConditions", SLOW)
    sizes: list[int] = []
    asked: list[str] = []
    devtools.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    page.on("request", lambda request: asked.append(request.url))
    begun = time.perf_counter()
    page.goto(address)
    page.wait_for_function(READY, timeout=LONGEST)
    seconds = time.perf_counter() - begun
    page.wait_for_timeout(1500)
    page.close()
    home = urlsplit(address).netloc
    foreign = tuple(each for each in asked if urlsplit(each).netloc not in (home, ""))
    return Visit(bytes=int(sum(sizes)), requests=len(sizes), seconds=seconds, foreign=foreign)


def _memory(browser: Browser, site: Running, opened: str) -> None:
    """What the server and the kernel of an open notebook hold; it is played again to the same kernel."""
    with _visitor(browser, site) as context:
        page: Page = context.new_page()
        page.goto(_address(site, f"/notebooks/{MODULE}/{NOTEBOOK}"))
        page.wait_for_function(READY, timeout=LONGEST)
        server = psutil.Process(site.server.pid)
        kernels = [each for each in server.children(recursive=True) if "kernel" in _line(each)]
        print(f"{'server, notebook ' + opened:<43}{server.memory_info().rss / 1e6:>9.1f} MB")
        for kernel in kernels:
            print(f"{'kernel, module ' + opened:<43}{kernel.memory_info().rss / 1e6:>9.1f} MB")


def _line(process: psutil.Process) -> str:
    return " ".join(process.cmdline())


def _address(site: Running, path: str) -> str:
    parts = urlsplit(site.url)
    return f"{parts.scheme}://{parts.netloc}{path}"


if __name__ == "__main__":
    main()
