"""The light page over HTTP: what a browser gets, what messages do, and what nobody ever sees."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
from datetime import UTC, datetime
from html import unescape
from threading import Event, current_thread, main_thread
from types import SimpleNamespace

import pytest
from tornado.httpclient import AsyncHTTPClient, HTTPResponse
from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port
from tornado.web import Application, RequestHandler

from pamong.catalogue import messages
from pamong.course import Course
from pamong.light.home import agree, due
from pamong.light.host import FolderHost
from pamong.light.pages import prose
from pamong.light.request import BODY_LIMIT, mounted
from pamong.light.routes import ROUTES
from pamong.store import FileStore

from .conftest import MODULE
from .test_host import enrolled

TEXTS = messages("light")
PAGE = f"pamong/modules/{MODULE}/"
ACT = {
    "type": "act", "seq": 1, "id": "pc-1", "act": "answer",
    "data": {"item": "l1", "chosen": ["a"]},
}  # fmt: skip


class Ground(RequestHandler):
    """A server that knows everybody as p001."""

    def get_current_user(self) -> str:
        return "p001"


class Strange(RequestHandler):
    """A server at which nobody is logged in."""

    def get_login_url(self) -> str:
        return "/masuk"


@pytest.fixture
def host(released_once, tmp_path) -> FolderHost:
    course = Course.load(released_once)
    shutil.copytree(course.release(MODULE), tmp_path / "root" / MODULE)
    host = FolderHost(tmp_path / "root", enrolled(course))
    agree(host, due(host).version, datetime.now(UTC))
    return host


def asked(
    host, *requests: tuple[str, object], ground=Ground, method="POST", hanging=(), **settings
) -> list[HTTPResponse]:
    """The answers to requests (path, and what is posted, or None) below ``/user/a/``.

    While they are asked, ``hanging`` is under way: paths that nobody may wait for.
    """

    async def ask() -> list[HTTPResponse]:
        routes = [("/user/a/" + path, visit) for path, visit in ROUTES]
        application = Application(
            mounted(routes, ground, lambda _: host), base_url="/user/a/", **settings
        )
        socket, port = bind_unused_port()
        server, client = HTTPServer(application), AsyncHTTPClient(max_clients=99)
        server.add_sockets([socket])
        begun = [
            asyncio.ensure_future(
                client.fetch(f"http://127.0.0.1:{port}/user/a/{path}", raise_error=False)
            )
            for path, _ in hanging
        ]
        try:
            found = []
            for path, content in requests:
                body = (
                    content
                    if content is None or isinstance(content, bytes)
                    else json.dumps(content)
                )
                found.append(
                    await client.fetch(
                        f"http://127.0.0.1:{port}/user/a/{path}",
                        method="GET" if content is None else method,
                        body=body,
                        raise_error=False,
                        follow_redirects=False,
                    )
                )
            return found
        finally:
            for each in begun:
                each.cancel()
            server.stop()
            await server.close_all_connections()

    return asyncio.run(ask())


def get(host, path: str, **more) -> HTTPResponse:
    return asked(host, (path, None), **more)[0]


def post(host, exercise: str, content: object, **more) -> HTTPResponse:
    return asked(host, (f"{PAGE}exercises/{exercise}", content), **more)[0]


def said(answer: HTTPResponse) -> dict:
    return json.loads(answer.body)


# ---- the page ----


def test_the_page_has_the_texts_and_the_exercises_as_they_stand(host):
    answer = get(host, PAGE)
    page = answer.body.decode()
    assert answer.code == 200
    assert '<h1 id="modul-contoh">Modul Contoh</h1>' in page
    assert re.findall(r'data-exercise="([a-z-]+)"', page) == [
        "latihan", "pemahaman", "sikap", "refleksi",
    ]  # fmt: skip
    screens = json.loads(re.search(r'id="pm-screens">(.*?)</script>', page, re.DOTALL)[1])
    assert {name: screen["n"] for name, screen in screens.items()} == dict.fromkeys(screens, 0)
    assert "Karena" not in page.split("pm-screens")[0]


def test_no_key_and_no_model_comes_with_the_page(host):
    page = get(host, PAGE).body.decode()
    assert "Mendengar membuka percakapan" not in page
    assert "calibration" not in page


def test_an_address_of_ours_may_be_kept_and_everything_is_asked_from_here(host):
    page = get(host, PAGE).body.decode()
    addresses = re.findall(r'(?:src|href)="([^"#]+)"', page)
    assert addresses
    assert all(each.startswith(("/user/a/pamong/", "data:,")) for each in addresses)
    assert f'src="/user/a/{PAGE}files/gambar.svg"' in page


def test_the_policy_allows_nothing_from_elsewhere_and_nothing_inline(host):
    policy = get(host, PAGE).headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    page = get(host, PAGE).body.decode()
    assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", page)


def test_a_picture_may_not_run_anything(host):
    answer = get(host, f"{PAGE}files/gambar.svg")
    assert answer.headers["Content-Type"] == "image/svg+xml"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "script-src" not in answer.headers["Content-Security-Policy"]


def test_what_was_typed_cannot_become_markup(host):
    bad = "</script><script>alert(1)</script><img src=x onerror=alert(1)>"
    message = {
        "type": "act",
        "seq": 1,
        "id": "pc-1",
        "act": "text",
        "data": {"prompt": "q1", "text": bad},
    }
    answered, page = asked(host, (f"{PAGE}exercises/refleksi", message), (PAGE, None))
    assert said(answered)["type"] == "ack"
    assert b"<script>alert" not in page.body
    assert b"<img src=x" not in page.body


# ---- messages ----


def test_an_act_is_answered_when_it_is_on_disk(host):
    answer = said(post(host, "latihan", ACT))
    assert (answer["type"], answer["id"]) == ("ack", "pc-1")
    assert [event.act for event in FileStore(host.root / MODULE).read("latihan")] == [
        "open",
        "answer",
    ]


def test_one_question_tells_which_exercises_have_changed(host):
    known = {"latihan": 0, "sikap": 0, "tiada": 0}
    _, before, after = asked(
        host,
        (f"{PAGE}looks", known),
        (f"{PAGE}exercises/latihan", ACT),
        (f"{PAGE}looks", known),
    )
    assert said(before)["type"] == "ack"
    assert said(after)["changed"] == ["latihan"]
    assert re.fullmatch("[0-9a-f]{12}", said(after)["edition"])


@pytest.mark.parametrize(
    ("content", "code", "key", "again"),
    [
        (b"{", 400, "refused.unread", False),
        (b"\xff\xfe", 400, "refused.unread", False),
        (b'{"type": "look", "n": NaN}', 400, "refused.unread", False),
        (b"[" * 100_000, 400, "refused.unread", False),
        ({"type": "nonsense"}, 400, "refused.unread", False),
        (b'"' + b"x" * BODY_LIMIT + b'"', 413, "refused.large", False),
    ],
)
def test_a_message_that_cannot_be_taken_is_refused_in_plain_words(host, content, code, key, again):
    answer = post(host, "latihan", content)
    assert answer.code == code
    assert said(answer) == {"text": TEXTS(key), "again": again}
    assert not (host.root / MODULE / "latihan.jsonl").exists()


def test_a_message_to_an_exercise_that_is_not_there_says_so(host):
    answer = post(host, "tiada", ACT)
    assert (answer.code, said(answer)["text"]) == (404, TEXTS("refused.missing"))


def test_a_message_forged_by_another_site_is_refused(host):
    answer = post(host, "latihan", ACT, xsrf_cookies=True)
    assert answer.code == 403
    assert said(answer)["text"] == TEXTS("refused.stale")
    assert not (host.root / MODULE / "latihan.jsonl").exists()


def test_the_page_brings_the_cookie_that_messages_need(host):
    assert "_xsrf=" in get(host, PAGE, xsrf_cookies=True).headers["Set-Cookie"]


def test_nothing_is_shown_to_somebody_who_is_not_logged_in(host):
    page, figure, message = asked(
        host,
        (PAGE, None),
        (f"{PAGE}files/gambar.svg", None),
        (f"{PAGE}exercises/latihan", ACT),
        ground=Strange,
    )
    assert [page.code, figure.code, message.code] == [302, 302, 403]


# ---- what goes wrong ----


@pytest.mark.parametrize(
    "path",
    [
        "pamong/modules/m9/",
        "pamong/modules/../",
        f"{PAGE}files/module.ipynb",
        "pamong/tiada",
        f"{PAGE}x",
    ],
)
def test_an_unknown_address_is_a_plain_page(host, path):
    answer = get(host, path)
    page = unescape(answer.body.decode())
    assert answer.code == 404
    assert TEXTS("trouble.missing") in page
    assert 'href="/user/a/pamong/"' in page


@pytest.mark.parametrize(
    ("method", "path", "body", "code", "kind"),
    [
        ("PUT", "pamong/help", b"x", 405, "method"),
        ("POST", "pamong/consent", b"x" * (BODY_LIMIT + 1), 413, "large"),
        ("POST", "pamong/consent", b"x", 403, "stale"),
        ("PUT", f"{PAGE}exercises/latihan", b"x", 405, "method"),
        ("POST", f"{PAGE}submission", b"x" * (BODY_LIMIT + 1), 413, "large"),
    ],
)
def test_what_a_server_refuses_by_itself_is_told_with_what_to_do(
    host, method, path, body, code, kind
):
    (answer,) = asked(host, (path, body), method=method, xsrf_cookies=kind == "stale")
    told = unescape(answer.body.decode())
    own = "refused" if "json" in answer.headers["Content-Type"] else "trouble"
    assert answer.code == code
    assert TEXTS(f"{own}.{kind}") in told
    assert own == ("refused" if PAGE in path else "trouble")
    assert not re.search(r"xsrf|Forbidden|Not Allowed|Too Large", told)


def test_a_module_that_is_not_open_yet_is_not_called_a_wrong_address(host):
    shutil.rmtree(host.root / MODULE)
    answer = get(host, f"pamong/modules/{MODULE}/")
    assert answer.code == 404
    assert TEXTS("trouble.closed") in unescape(answer.body.decode())


def test_an_exchange_that_hangs_keeps_nobody_from_saving(host):
    stop = Event()

    class Hanging(FolderHost):
        def outbox(self, module):
            stop.wait(60)
            return super().outbox(module)

    stuck = Hanging(host.root, host.enrolment)
    crowd = [(f"{PAGE}submission", None)] * 40 + [("pamong/", None)] * 40
    try:
        answer = asked(stuck, (f"{PAGE}exercises/latihan", ACT), hanging=crowd)[0]
        assert said(answer)["type"] == "ack"
        assert not stop.is_set()
    finally:
        stop.set()


def test_folders_are_looked_through_for_kernels_off_the_event_loop(host):
    found = []

    class Kernels:
        def find_kernel_specs(self):
            found.append(current_thread() is main_thread())
            return {"python3": "here"}

    server = SimpleNamespace(extension_manager=SimpleNamespace(extension_apps={"notebook"}))
    answer = get(host, "pamong/", serverapp=server, kernel_spec_manager=Kernels())
    assert "/user/a/notebooks/" in answer.body.decode()
    assert found == [False]


def test_a_first_test_that_changes_no_grade_says_so_everywhere(host):
    path = host.root / MODULE / "module.ipynb"
    book = path.read_text(encoding="utf-8")
    path.write_text(book.replace('"points": 40', '"points": 0'), encoding="utf-8")
    page = get(host, PAGE).body.decode()
    screens = json.loads(re.search(r'id="pm-screens">(.*?)</script>', page, re.DOTALL)[1])
    assert {name: screen["badge"] for name, screen in screens.items()} == {
        "latihan": "practice", "pemahaman": "uncounted", "sikap": "graded", "refleksi": "graded",
    }  # fmt: skip
    panel = said(get(host, f"{PAGE}submission"))
    assert [each["exercise"] for each in panel["exercises"] if each["graded"]] == [
        "sikap", "refleksi",
    ]  # fmt: skip
    for id in ("a", "b"):
        act = ("answer", {"item": "l1", "chosen": ["a"]}) if id == "a" else ("finish", {})
        post(host, "latihan", {"type": "act", "seq": 1, "id": id, "act": act[0], "data": act[1]})
    home = unescape(get(host, "pamong/").body.decode())
    assert messages("home")("next.uncounted") in home


def test_without_an_enrolment_there_is_only_a_plain_page():
    answer = get(None, PAGE)
    assert answer.code == 404
    assert TEXTS("trouble.missing.title") in unescape(answer.body.decode())


def test_a_fault_is_a_plain_page_and_its_traceback_is_for_operators(host, caplog):
    (host.root / MODULE / "module.ipynb").write_text("{", encoding="utf-8")
    answer = get(host, PAGE)
    page = unescape(answer.body.decode())
    assert answer.code == 500
    assert TEXTS("trouble.unexpected") in page
    assert not re.search(r"Traceback|Error|module\.ipynb|tornado", page)
    assert "Traceback" in caplog.text
    assert "module.ipynb cannot be read" in caplog.text


def test_a_log_that_cannot_be_read_hides_no_other_exercise(host):
    (host.root / MODULE / "latihan.jsonl").write_bytes(b"garbage\n")
    page = get(host, PAGE).body.decode()
    screens = json.loads(re.search(r'id="pm-screens">(.*?)</script>', page, re.DOTALL)[1])
    assert screens["latihan"]["problem"] == messages("form")("problem.damaged")
    assert screens["pemahaman"]["view"]


def test_a_log_that_cannot_be_read_keeps_no_news_of_another(host):
    (host.root / MODULE / "latihan.jsonl").write_bytes(b'garbage\n{"n":2')
    (host.root / MODULE / "pemahaman.jsonl").mkdir()
    known = {"latihan": 0, "pemahaman": 0, "sikap": 3, "refleksi": 0}
    (answer,) = asked(host, (f"{PAGE}looks", known))
    assert said(answer)["changed"] == ["latihan", "pemahaman", "sikap"]


# ---- markdown ----


def test_headings_are_anchored_and_no_anchor_is_given_twice():
    ids: set[str] = set()
    first = prose("## Bahas bersama\n\n### Bahas *bersama*", "/m/", ids)
    second = prose("## Bahas bersama", "/m/", ids)
    assert re.findall(r'id="([^"]+)"', first + second) == [
        "bahas-bersama", "bahas-bersama-2", "bahas-bersama-3",
    ]  # fmt: skip


def test_a_table_scrolls_by_itself_and_needs_no_inline_style():
    html = prose("| Isi | Angka |\n|---|---:|\n| a | 1 |", "/m/", set())
    assert '<div class="pm-scroll" tabindex="0"><table>' in html
    assert '<td class="pm-right">1</td>' in html
    assert "style=" not in html


def test_a_table_without_a_word_in_its_corner_has_no_empty_heading():
    html = prose("| | Angka |\n|---|---|\n| a | 1 |", "/m/", set())
    assert "<th></th>" not in html
    assert "<td></td>" in html


def test_a_figure_comes_from_the_module_and_keeps_its_words():
    html = prose("![Dua pihak & satu](figures/a.svg)", "/pamong/modules/m1/", set())
    assert 'src="/pamong/modules/m1/files/figures/a.svg"' in html
    assert 'alt="Dua pihak &amp; satu"' in html


def test_a_module_opens_only_after_the_privacy_notice_and_then_leads_there(released_once, tmp_path):
    course = Course.load(released_once)
    shutil.copytree(course.release(MODULE), tmp_path / "root" / MODULE)
    host = FolderHost(tmp_path / "root", enrolled(course))
    sent = get(host, PAGE)
    assert (sent.code, sent.headers["Location"]) == (302, f"/user/a/pamong/privacy?module={MODULE}")
    notice = get(host, f"pamong/privacy?module={MODULE}").body.decode()
    version, module = re.findall(r'name="(?:notice|module)" value="([^"]+)"', notice)
    for asked_for, place in ((module, PAGE), ("entah", "pamong/")):
        form = f"notice={version}&module={asked_for}".encode()
        agreed = asked(host, ("pamong/consent", form))[0]
        assert (agreed.code, agreed.headers["Location"]) == (303, f"/user/a/{place}")
    assert get(host, PAGE).code == 200


def test_an_address_without_its_last_slash_leads_to_the_module(host):
    answer = get(host, PAGE.removesuffix("/"))
    assert (answer.code, answer.headers["Location"]) == (301, f"/user/a/{PAGE}")
