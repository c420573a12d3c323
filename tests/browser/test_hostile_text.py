"""What participants write is a text on every page that anybody reads afterwards, whatever it is made of."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import dedent

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from pamong import log
from pamong.course import Course
from pamong.grading.batch import grade
from pamong.grading.crew.workers import local
from pamong.grading.feedback import feedback
from pamong.reports.report import report
from tests.conftest import MODULE, bot_logs, lay_out, put_submission, reflection_log
from tests.hostile import notebooks
from tests.test_bad_input import written

pytestmark = pytest.mark.browser
WAIT = 30_000
TOKEN = {"Authorization": "token uji"}
TEMPLATES = Path(__file__).parents[2] / "templates" / "exercises"
NASTY = {
    "script": "<script>window.hit = 1; alert(1)</script>",
    "closing": "</textarea></td></p></blockquote></style></script><iframe src=//192.0.2.1/a></iframe>",
    "picture": "<img src=//192.0.2.1/b onerror='window.hit = 1'><svg/onload=alert(2)>",
    "template": "{{7*7}} {% raw %} ${7*7} #{7*7}",
    "link": "[tautan](javascript:alert(3)) <a href='javascript:alert(4)'>sini</a>",
    "markdown": "![gambar](http://192.0.2.1/c.png) ![](data:image/svg+xml,x) **tebal** # judul",
    "latex": r"$$\input{/etc/passwd}$$ \input{/etc/passwd} \href{javascript:alert(5)}{x}",
    "typst": '#read("/etc/passwd") #import "@preview/a:1.0.0" $x$ @sitasi <label>',
    "formula": "=HYPERLINK(\"http://192.0.2.1/d\") +1+cmd|' /C calc'!A0 @SUM(A1)",
    "emoji": "keluarga 👨‍👩‍👧‍👦 bendera 🇮🇩 jempol 👍🏽",
    "hidden": "nol\u200blebar\u2060 \u200dsambung \ufeffawal",
    "wide": "panjang" * 150,
    "arabic": "مرحبا بكم",
    "turning": "harga \u202e000.1 \u2067dalam \u202dbalik",
}
"""Deliberately left open: the signs that turn text around."""
ALL = "\n".join(NASTY.values())
AFTER = "Sesudahnya tetap terbaca."
COMMENT = f"Catatan {NASTY['script']} {NASTY['turning']}\n{AFTER}"
LARGE = "kata " * 150_000 + "x" * 200_000
SHOWN = (
    "script",
    "closing",
    "picture",
    "template",
    "link",
    "markdown",
    "latex",
    "typst",
    "formula",
    "arabic",
)
ACTIVE = """root => [...root.querySelectorAll('*')].filter(node =>
  ['SCRIPT', 'IFRAME', 'OBJECT', 'EMBED', 'IMG', 'FORM', 'BASE', 'META', 'LINK'].includes(node.tagName)
  || [...node.attributes].some(it => it.name.startsWith('on') || /^\\s*javascript:/i.test(it.value))
).map(node => node.outerHTML.slice(0, 200))"""
TOO_WIDE = "[document.documentElement.scrollWidth, innerWidth]"
FORWARD = """(root, words) => {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  const found = [];
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const at = node.data.indexOf(words);
    if (at < 0) continue;
    const range = document.createRange();
    const place = offset => { range.setStart(node, offset); range.setEnd(node, offset + 1); return range.getBoundingClientRect(); };
    const first = place(at), second = place(at + 1);
    if (first.width && second.width && Math.abs(first.top - second.top) < 4) found.push(first.left < second.left);
  }
  return found;
}"""
"""Whether words that stand in a page run from left to right, for each place where they stand."""


@dataclass
class Watch:
    """A browser page that writes down whatever it is made to do."""

    page: Page
    asked: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on(
            "dialog", lambda dialog: (self.dialogs.append(dialog.message), dialog.dismiss())
        )

    def calm(self, *, own: str) -> None:
        """Nothing ran, nothing was asked for elsewhere than at ``own``."""
        assert self.dialogs == []
        assert [url for url in self.asked if not url.startswith((own, "data:", "blob:"))] == []
        assert self.page.evaluate("window.hit") is None


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """Three who wrote everything that should not act, graded, marked, and told of in all pages."""
    made = lay_out(tmp_path_factory.mktemp("teks") / "root")
    _add_canvas(made)
    command = [sys.executable, "-c", "from pamong.cli import main; main()", "release", MODULE]
    subprocess.run(command, cwd=made.root, check=True, capture_output=True)
    events, count = written("canvas:template", ALL)
    assert count > 3
    played = bot_logs(pemahaman="perfect", sikap="perfect")
    canvas = b"".join(log.encode(event) for event in events)
    put_submission(
        made, "p001", {**played, "canvas": canvas, "refleksi": reflection_log(f"{ALL}\n{AFTER}")}
    )
    put_submission(made, "p002", {**played, "refleksi": reflection_log(LARGE)})
    put_submission(
        made, "p003", played, notebook=notebooks.saved(notebooks.essay(f"{ALL}\n\n{AFTER}"))
    )
    grade(made, [MODULE], crew=local(2))
    with sqlite3.connect(made.gradebook) as connection:
        connection.execute("update comment set manual_comment = ?", (COMMENT,))
    connection.close()
    assert feedback(made, MODULE, workers=2) == 3
    report(made)
    return made


def _add_canvas(course: Course) -> None:
    """A graded exercise in which people write, whose marker sees what they wrote."""
    text = (TEMPLATES / "canvas.brief.yaml").read_text(encoding="utf-8")
    brief, _, key = text.partition("\nmodel:\n")
    brief = re.sub(r"(?m)^use: practice.*$", "use: graded", brief)
    brief = re.sub(r"(?m)^visibility: coach.*$", "visibility: marker", brief)
    source = course.source(MODULE)
    (source / "canvas.brief.yaml").write_text(brief, "utf-8")
    (course.graders / MODULE / "canvas.key.yaml").write_text(dedent(key), "utf-8")
    path = source / "module.ipynb"
    notebook = json.loads(path.read_text("utf-8"))
    place = next(n for n, it in enumerate(notebook["cells"]) if it.get("id") == "sikap")
    half = json.dumps(notebook["cells"][place]).replace("30", "15")
    copy = half.replace("sikap", "canvas")
    notebook["cells"][place : place + 1] = [json.loads(half), json.loads(copy)]
    path.write_text(json.dumps(notebook), "utf-8")


@pytest.fixture(scope="module")
def formgrader(course: Course) -> Iterator[str]:
    """The address of formgrader as markers start it."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    command = [
        sys.executable, "-m", "jupyter", "server", "--no-browser", "--IdentityProvider.token=uji",
        f"--ServerApp.port={port}", "--ServerApp.port_retries=0", "--ServerApp.allow_root=True",
        f"--ServerApp.root_dir={course.root}",
        "--ServerApp.jpserver_extensions={'nbgrader.server_extensions.formgrader': True}",
    ]  # fmt: skip
    private = {
        "JUPYTER_DATA_DIR": str(course.root / ".data"),
        "JUPYTER_RUNTIME_DIR": str(course.root / ".run"),
    }
    with subprocess.Popen(
        command, cwd=course.root, env=os.environ | private, stderr=subprocess.DEVNULL
    ) as server:
        try:
            _wait_until_open(port, server)
            yield f"http://127.0.0.1:{port}/"
        finally:
            server.send_signal(signal.SIGKILL)
            server.wait()


def _wait_until_open(port: int, server: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        with suppress(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port)).close()
            return
        with suppress(subprocess.TimeoutExpired):
            server.wait(timeout=0.1)
            break
    pytest.fail("the server did not open its port")


@pytest.fixture(scope="module")
def context(chromium: Browser) -> Iterator[BrowserContext]:
    made = chromium.new_context(viewport={"width": 1366, "height": 900}, reduced_motion="reduce")
    yield made
    made.close()


@pytest.fixture
def watch(context: BrowserContext) -> Iterator[Watch]:
    page = context.new_page()
    yield Watch(page)
    page.close()


def squeezed(text: str) -> str:
    """Without spaces and without the signs that a page may leave out."""
    return re.sub(r"[\s\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]", "", text)


def require_shown(text: str) -> None:
    found = squeezed(text)
    for name in SHOWN:
        assert squeezed(NASTY[name]) in found, name


@pytest.mark.parametrize("person", ["p001", "p003"])
def test_a_marker_reads_texts_and_nothing_acts(
    course: Course, formgrader: str, watch: Watch, person: str
) -> None:
    with sqlite3.connect(course.gradebook) as connection:
        (id,) = connection.execute(
            "select n.id from submitted_notebook n join submitted_assignment a on n.assignment_id = a.id "
            "where a.student_id = ?", (person,),
        ).fetchone()  # fmt: skip
    connection.close()
    page = watch.page
    page.set_extra_http_headers(TOKEN)
    page.goto(f"{formgrader}formgrader/submissions/{id}/")
    comment = page.locator("textarea.comment").first
    expect(comment).to_have_value(re.compile("Catatan <script>"), timeout=WAIT)
    require_shown(page.locator("#notebook-container, body").first.inner_text())
    cells = page.locator(
        ".nbgrader_cell .rendered_html, .nbgrader_cell .output_area, .nbgrader_cell .jp-RenderedHTMLCommon"
    )
    assert cells.count() > 0
    for place in range(cells.count()):
        assert cells.nth(place).evaluate(ACTIVE) == []
    runs = page.locator("body").evaluate(FORWARD, AFTER)
    assert runs
    assert all(runs)
    wide = page.evaluate(TOO_WIDE)
    assert wide[0] <= wide[1]
    watch.calm(own=formgrader)


@pytest.mark.parametrize("list_", ["formgrader/gradebook/" + MODULE, "formgrader/manage_students"])
def test_a_markers_lists_are_calm(formgrader: str, watch: Watch, list_: str) -> None:
    watch.page.set_extra_http_headers(TOKEN)
    watch.page.goto(f"{formgrader}{list_}")
    expect(watch.page.locator("table")).to_be_visible(timeout=WAIT)
    watch.calm(own=formgrader)


@pytest.mark.parametrize("person", ["p001", "p002", "p003"])
def test_its_owner_reads_texts_in_the_feedback_and_nothing_acts(
    course: Course, watch: Watch, person: str
) -> None:
    path, page = course.feedback(person, MODULE) / "module.html", watch.page
    page.goto(path.as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(it => it.open = true)")
    if person != "p002":
        require_shown(page.locator("body").inner_text())
        assert all(page.locator("body").evaluate(FORWARD, AFTER))
    assert page.locator("main").evaluate(ACTIVE) == []
    assert all(page.locator("body").evaluate(FORWARD, "pertanyaan"))
    wide = page.evaluate(TOO_WIDE)
    assert wide[0] <= wide[1]
    watch.calm(own="file:")
    print_ = (path.parent / "module.pdf").read_bytes()
    assert b"pdfuaid:part" in print_
    for asked in (b"/JavaScript", b"/JS", b"/URI", b"/Launch", b"192.0.2.1", b"root:x:"):
        assert asked not in print_, asked


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_feedback_is_accessible(course: Course, chromium: Browser, scheme: str) -> None:
    narrow = {"width": 390, "height": 844}
    context = chromium.new_context(viewport=narrow, color_scheme=scheme, bypass_csp=True)
    page = context.new_page()
    page.goto((course.feedback("p001", MODULE) / "module.html").as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(it => it.open = true)")
    found = Axe().run(page).response["violations"]
    context.close()
    assert [(it["id"], [node["html"][:120] for node in it["nodes"]]) for it in found] == []


def test_a_facilitator_reads_a_summary_in_which_nothing_acts(course: Course, watch: Watch) -> None:
    (path,) = (it for it in course.reports.glob("*.html") if "a01" in it.name)
    watch.page.goto(path.as_uri())
    expect(watch.page.locator("h1").first).to_be_visible()
    watch.calm(own="file:")
    assert "192.0.2.1" not in path.read_text("utf-8")
