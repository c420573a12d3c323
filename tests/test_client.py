"""Whoever asks the service gets values or one of two errors, never half an answer, and the token stays here."""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from pamong import client, wire
from pamong.client import Client
from pamong.errors import CourseError, ServiceRefused, ServiceUnreachable

ME = {
    "id": "p001", "name": "Rekaan", "role": "peserta", "office": "lurah", "cohort": "a01",
    "course": "k", "programme": "P", "language": "id", "zone": "Asia/Jakarta",
}  # fmt: skip


class Answers(HTTPServer):
    """Gives the answers in ``script`` one after another, and remembers what it was asked."""

    def __init__(self, *script):
        self.script, self.asked = list(script), []
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_port}/services/pamong"

    def handle_error(self, *_):
        """Whoever hung up was meant to."""


class _Handler(BaseHTTPRequestHandler):
    def _answer(self):
        length = int(self.headers.get("Content-Length", 0))
        asked = (self.command, self.path, dict(self.headers), self.rfile.read(length))
        self.server.asked.append(asked)
        status, headers, content = self.server.script.pop(0)
        self.send_response(status)
        for name, value in {"Content-Length": len(content), **headers}.items():
            self.send_header(name, str(value))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PUT = _answer  # noqa: N815

    def log_message(self, *_):
        """Nothing on the terminal."""


@pytest.fixture
def answering(monkeypatch):
    """``answering((status, headers, content), …)`` is a server that says just this."""
    monkeypatch.setattr(client, "PAUSE", 0.0)
    running = []

    def start(*script):
        server = Answers(*script)
        running.append((server, threading.Thread(target=server.serve_forever, daemon=True)))
        running[-1][1].start()
        return server

    yield start
    for server, thread in running:
        server.shutdown()
        thread.join()
        server.server_close()


def said(content):
    return 200, {}, json.dumps(content).encode()


def test_an_answer_is_read_as_what_it_has_to_be(answering):
    server = answering(said(ME))
    assert Client(server.url, "rahasia").me() == wire.Me(**ME)
    method, path, headers, _ = server.asked[0]
    assert (method, path) == ("GET", "/services/pamong/api/v1/me")
    assert headers["Authorization"] == "token rahasia"


def test_names_cannot_lead_to_another_address(answering):
    server = answering(said([]))
    Client(server.url, "t").submissions("../me?x=1")
    assert server.asked[0][1] == "/services/pamong/api/v1/modules/..%2Fme%3Fx%3D1/submissions"


def test_what_may_be_repeated_is_asked_again_while_there_is_no_answer(answering):
    server = answering((503, {}, b""), (502, {}, b"<html>"), said(ME))
    assert Client(server.url, "t").me().id == "p001"
    assert len(server.asked) == 3


def test_an_act_is_sent_once_because_its_page_repeats_it(answering):
    server = answering((503, {}, b""))
    with pytest.raises(ServiceUnreachable):
        Client(server.url, "t").say("m", "e", {"type": "act"})
    assert len(server.asked) == 1


def test_a_refusal_says_what_the_service_says_and_is_not_repeated(answering):
    told = json.dumps({"text": "Modul ini sudah ditutup.", "again": False}).encode()
    server = answering((409, {}, told))
    with pytest.raises(ServiceRefused, match="Modul ini sudah ditutup.") as caught:
        Client(server.url, "t").release("m")
    assert (caught.value.status, caught.value.again) == (409, False)
    assert len(server.asked) == 1


def test_a_redirect_takes_the_token_nowhere(answering):
    elsewhere = answering()
    server = answering((302, {"Location": f"{elsewhere.url}/api/v1/me"}, b""))
    with pytest.raises(ServiceRefused):
        Client(server.url, "t").me()
    assert elsewhere.asked == []


def test_no_proxy_hears_the_token(answering, monkeypatch):
    proxy, server = answering(), answering(said(ME))
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{proxy.server_port}")
    monkeypatch.delenv("no_proxy", raising=False)
    assert Client(server.url, "t").me().id == "p001"
    assert proxy.asked == []


@pytest.mark.parametrize(
    "content", [b"", b"{", b"<html>masuk</html>", b"[]", b'{"id": 1}', b"\xff"]
)
def test_what_is_not_its_answer_is_none(answering, content):
    server = answering(*[(200, {}, content)] * 3)
    with pytest.raises(ServiceUnreachable, match="not its answer"):
        Client(server.url, "t").me()


def test_a_page_that_was_cut_off_is_none(answering):
    server = answering(*[(200, {"Content-Length": 100}, b"<html>")] * 3)
    with pytest.raises(ServiceUnreachable):
        Client(server.url, "t").feedback("m", "C", "module")


def test_an_answer_without_end_is_none(answering, monkeypatch):
    monkeypatch.setattr(client, "ANSWER_LIMIT", 10)
    server = answering(*[(200, {}, b"x" * 11)] * 3)
    with pytest.raises(ServiceUnreachable, match="more than 10 bytes"):
        Client(server.url, "t").file("m", "module.ipynb")


def test_nobody_at_the_address_is_told_apart_from_a_refusal(answering):
    server = answering()
    server.server_close()
    with pytest.raises(ServiceUnreachable, match="does not answer"):
        Client(server.url, "t").me()


def test_the_environment_says_where_the_service_is(monkeypatch):
    monkeypatch.delenv(client.ADDRESS, raising=False)
    monkeypatch.delenv(client.TOKEN, raising=False)
    assert Client.from_environment() is None
    monkeypatch.setenv(client.ADDRESS, "http://hub:8000/services/pamong/")
    with pytest.raises(CourseError, match="JUPYTERHUB_API_TOKEN is not"):
        Client.from_environment()
    monkeypatch.setenv(client.TOKEN, "t")
    assert isinstance(Client.from_environment(), Client)
    monkeypatch.setenv(client.ADDRESS, "file:///etc/passwd")
    with pytest.raises(CourseError, match="http://"):
        Client.from_environment()
