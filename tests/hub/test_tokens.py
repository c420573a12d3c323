"""The service's own process before a hub that answers as JupyterHub does: whose token counts, and what cookies are like."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, urlsplit

import pytest

from pamong.course import Course
from pamong.hub import supervisor
from pamong.hub.settings import from_environment
from pamong.service.database import Database
from pamong.service.people import Person, add
from pamong.service.tables import remembered

OWN, START = "access:services!service=pamong", "/services/pamong/"
TOKENS = {
    "kunci-p001": ("p001", "user", [OWN, "read:users:name!user=p001"]),
    "kunci-lain": ("p001", "user", ["access:services!service=lain", "read:users:name!user=p001"]),
    "kunci-peladen": ("p001", "user", ["access:servers!server=p001/", "users:activity!user=p001"]),
    "kunci-hampa": ("p001", "user", []),
    "kunci-pergi": ("p003", "user", [OWN]),
    "kunci-asing": ("p999", "user", [OWN]),
    "kunci-layanan": ("pemangkas", "service", [OWN, "list:users"]),
    "kunci-samaran": ("p001", "service", [OWN]),
}
"""What the hub says of each token: whose, of what kind, and what it may."""
CODE, SECURE = "sandi-sekali-pakai", {"X-Forwarded-Proto": "https"}


class Hub(BaseHTTPRequestHandler):
    """``/user`` and ``/oauth2/token`` of the hub's API."""

    def do_GET(self):
        found = TOKENS.get(self.headers["Authorization"].partition(" ")[2])
        if found is None:
            self.answer(403, {"status": 403, "message": "Forbidden"})
            return
        name, kind, scopes = found
        self.answer(200, {"kind": kind, "name": name, "scopes": scopes, "groups": [], "session_id": None})  # fmt: skip

    def do_POST(self):
        asked = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        known = asked.get("code") == [CODE] and "code_verifier" in asked
        self.answer(200 if known else 400, {"access_token": "kunci-p001", "token_type": "Bearer"})

    def answer(self, status, content):
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Nothing of it is of interest."""


@dataclass
class Running:
    port: int
    database: Database
    told: list[str] = field(default_factory=list)

    def ask(self, path, method="GET", body=None, **headers):
        """Status, headers and content; names of headers with a dash for each underscore."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        with closing(HTTPConnection("127.0.0.1", self.port, timeout=30)) as line:
            line.request(method, f"{START}{path}", body, named)
            answer = line.getresponse()
            return answer.status, answer.headers, answer.read()

    def remembers(self):
        with self.database.reading() as connection:
            return connection.execute(remembered.select()).all()


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]


@pytest.fixture(scope="module")
def service(released_once, tmp_path_factory):
    root = tmp_path_factory.mktemp("tokens") / "root"
    shutil.copytree(released_once, root)
    course = Course.load(root)
    database = Database(course.service_url)
    database.upgrade()
    with database.writing() as connection:
        add(connection, Person(id="p001", name="Ani Rekaan", role="peserta", cohort="a01"))
        add(connection, Person(id="p003", name="Cici", role="peserta", cohort="a01", active=False))
    hub = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    Thread(target=hub.serve_forever, daemon=True).start()
    port = free_port()
    settings = from_environment(root, {})
    settings.state.mkdir()
    told = supervisor.part("service", settings).environment | {
        "JUPYTERHUB_API_URL": f"http://127.0.0.1:{hub.server_port}/hub/api",
        "JUPYTERHUB_SERVICE_URL": f"http://127.0.0.1:{port}",
    }
    ours = {k: v for k, v in os.environ.items() if not k.startswith(("PAMONG_", "JUPYTERHUB_"))}
    command = [sys.executable, "-m", "pamong.service", "--course", str(root)]
    with subprocess.Popen(command, env=ours | told, stderr=subprocess.PIPE, text=True) as process:
        found = Running(port, database)
        for line in process.stderr:
            found.told.append(line)
            if "listening" in line:
                break
        yield found
        process.terminate()
        found.told += process.communicate(timeout=60)[1].splitlines()
    hub.shutdown()
    hub.server_close()
    database.close()
    for secret in (*TOKENS, CODE):
        assert secret not in "\n".join(found.told)


def me(service, token):
    return service.ask("api/v1/me", Authorization=f"token {token}")


def test_a_token_with_the_services_scope_is_its_owner(service):
    status, _, content = me(service, "kunci-p001")
    assert (status, json.loads(content)["id"]) == (200, "p001")


@pytest.mark.parametrize("token", sorted(set(TOKENS) - {"kunci-p001"}))
def test_any_other_token_is_refused_for_reading_and_for_writing(service, token):
    """Without the scope, of somebody who has left or is not known, of a service, also under a person's name."""
    status, _, content = me(service, token)
    assert status in (401, 403), content
    assert b"Ani" not in content
    posted = service.ask("remember", "POST", b'{"seen": "x"}', Authorization=f"token {token}")
    assert posted[0] in (401, 403)
    page, _, content = service.ask("", Authorization=f"token {token}")
    assert page in (302, 403)
    assert b"Ani" not in content
    assert service.remembers() == []


def test_a_token_that_the_hub_does_not_know_is_nobodys(service):
    assert me(service, "kunci-karangan")[0] == 401
    assert service.ask(f"?token={'kunci-p001'}")[0] == 302  # addresses are written down everywhere
    assert service.ask("api/v1/me?token=kunci-p001")[0] == 401


def cookies(headers):
    found = SimpleCookie()
    for line in headers.get_all("Set-Cookie") or []:
        found.load(line)
    return found


def login(service, **headers):
    """Where the hub sends a browser that has logged in: the state's cookie, and those of the session."""
    status, told, _ = service.ask("", **headers)
    assert status == 302
    (state,) = parse_qs(urlsplit(told["Location"]).query)["state"]
    (begun,) = [it for name, it in cookies(told).items() if name.endswith("oauth-state")]
    status, told, content = service.ask(
        f"oauth_callback?code={CODE}&state={state}", Cookie=f"{begun.key}={begun.coded_value}", **headers
    )  # fmt: skip
    assert status == 302, content
    return begun, cookies(told)


def test_cookies_are_out_of_reach_of_scripts_other_sites_and_open_lines(service):
    for headers in ({}, SECURE):
        begun, made = login(service, **headers)
        session = made["service-pamong"]
        for cookie in (begun, session):
            assert cookie["httponly"], cookie
            assert cookie["path"].startswith(START), cookie
        for cookie in (begun, *(it for it in made.values() if it.value)):
            assert cookie["samesite"] == "Lax", cookie
            assert bool(cookie["secure"]) is bool(headers), cookie
    status, _, _ = service.ask("", Cookie=f"service-pamong={session.coded_value}")
    assert status in (200, 302, 303)
    assert json.loads(service.ask("api/v1/me", Cookie=f"service-pamong={session.coded_value}")[2])["id"] == "p001"  # fmt: skip


def test_a_session_alone_writes_nothing_not_even_beside_a_token_that_is_none(service):
    _, made = login(service)
    cookie = f"service-pamong={made['service-pamong'].coded_value}"
    for more in ({}, {"Authorization": "token kunci-karangan"}, {"X_XSRFToken": "x"}):
        status, _, _ = service.ask("remember", "POST", b'{"seen": "x"}', Cookie=cookie, **more)
        assert status in (401, 403), more
    assert service.remembers() == []


def test_a_form_of_a_page_that_is_too_old_is_refused_and_holds_up_nobody(service):
    """With a token that is not the cookie's any more, the hub's own check would wait for itself."""
    _, made = login(service)
    cookie = f"service-pamong={made['service-pamong'].coded_value}"
    for old in ("", "; _xsrf=lama"):
        status, _, _ = service.ask(
            "consent", "POST", b"_xsrf=lama&notice=1", Cookie=f"{cookie}{old}",
            Sec_Fetch_Mode="navigate", Content_Type="application/x-www-form-urlencoded",
        )  # fmt: skip
        assert status == 403
    assert me(service, "kunci-p001")[0] == 200
    assert service.remembers() == []


def test_a_login_that_somebody_else_began_or_that_was_changed_is_refused(service):
    begun, _ = login(service)
    state = f"{begun.key}={begun.coded_value}"
    for query, cookie in (("code=x&state=x", state), (f"code={CODE}&state=x", ""), ("", state)):
        status, headers, _ = service.ask(f"oauth_callback?{query}", Cookie=cookie)
        assert status in (400, 403)
        assert not [name for name in cookies(headers) if re.fullmatch("service-pamong", name)]
    changed = begun.coded_value.replace("|", "!")
    assert service.ask("api/v1/me", Cookie=f"service-pamong={changed}")[0] == 401
