"""The address of the form's files: kept for ever under the right revision, asked again otherwise."""

from __future__ import annotations

import asyncio
import gzip
import http.client
import json
import os
import re
import subprocess
import sys

import pytest
from tornado.httpclient import AsyncHTTPClient, HTTPClientError
from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port
from tornado.web import Application

from pamong.catalogue import messages
from pamong.kinds import KINDS
from pamong.view.assets import STATIC, asset, revision, slim
from pamong.view.files import routes

from .test_nbgrader_roundtrip import free_port, wait_until_open


def fetched(path: str, **headers: str):
    """What a server with only these routes, below ``/user/a/``, answers to a browser."""

    async def ask():
        socket, port = bind_unused_port()
        server = HTTPServer(Application(routes("/user/a/"), compress_response=True))
        server.add_sockets([socket])
        try:
            url = f"http://127.0.0.1:{port}/user/a/pamong/static/{path}"
            return await AsyncHTTPClient().fetch(url, headers=headers, decompress_response=False)
        finally:
            server.stop()
            await server.close_all_connections()

    return asyncio.run(ask())


def test_the_current_revision_may_be_kept_for_ever():
    answer = fetched(f"{revision()}/form.js")
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert answer.body == asset("form.js").content


def test_a_kernel_from_before_an_upgrade_gets_the_current_files_and_asks_again():
    answer = fetched("0123456789ab/form.js")
    assert answer.headers["Cache-Control"] == "no-cache"
    assert answer.body == asset("form.js").content


def test_a_catalogue_is_whole():
    answer = fetched(f"{revision()}/messages/id/handin.json")
    assert json.loads(answer.body) == messages("handin", "id").entries


@pytest.mark.parametrize(
    ("area", "files", "made", "apart"),
    [
        (
            "form", ("form.js", "components.js"),
            ("use.", "finish.", "done.", "text.", "rank.", "status."), "problem.full",
        ),
        ("light", ("light.js",), ("state.", "news."), "refused.large"),
    ],
)  # fmt: skip
def test_a_frames_catalogue_has_what_its_code_asks_for_and_nothing_that_only_servers_say(
    area, files, made, apart
):
    shown = json.loads(fetched(f"{revision()}/messages/id/{area}.json").body)
    code = "".join((STATIC / name).read_text(encoding="utf-8") for name in files)
    code = re.sub(r"/\*.*?\*/", "", code, flags=re.DOTALL)
    entries = messages(area, "id").entries
    asked = set(re.findall(r'\bsay\("([a-z.]+)"', code))
    asked |= {key for key in entries if key.startswith(made)}
    assert asked <= shown.keys()
    assert shown.items() <= entries.items()
    assert apart in entries
    assert apart not in shown


@pytest.mark.parametrize("kind", KINDS)
def test_a_kinds_catalogue_has_what_its_view_asks_for_and_nothing_for_authors(kind):
    shown = json.loads(fetched(f"{revision()}/messages/id/{kind}.json").body)
    known = messages(kind, "id").entries
    assert shown.items() <= known.items()
    files = (STATIC / "kinds" / f"{kind}.js", *(STATIC / "kinds" / kind).glob("*.js"))
    code = "".join(path.read_text(encoding="utf-8") for path in files)
    asked = set(re.findall(r'\bsay\("([a-z_.]+)"', code))
    assert asked & set(known) <= set(shown)
    assert not any(key.startswith(("check.", "advise.", "reply.")) for key in shown)


def test_comments_and_indents_stay_at_home_and_every_line_keeps_its_place():
    code = "/* Of no use\n   to a browser. */\nconst a = 1; /* kept */\n  // gone\n  const b = `//${a}`;\n"
    assert slim(code) == "\n\nconst a = 1; /* kept */\n\nconst b = `//${a}`;\n"


def test_nothing_else_is_taken_from_any_file():
    for path in (*STATIC.glob("*.js"), *STATIC.glob("kinds/**/*.js"), *STATIC.glob("*.css")):
        code = path.read_text(encoding="utf-8")
        kept = slim(code)
        assert kept.count("\n") == code.count("\n"), path
        left = [line for line in kept.splitlines() if line]
        assert [line.strip() for line in code.splitlines() if line.strip() in left] == left, path


def test_files_travel_compressed():
    answer = fetched(f"{revision()}/components.js", **{"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(answer.body) == asset("components.js").content
    assert len(answer.body) < (STATIC / "components.js").stat().st_size / 3


@pytest.mark.parametrize(
    "path",
    [
        "../server.py",
        "..%2Fserver.py",
        "messages/../../server.json",
        "messages/xx/form.json",
        "messages/id/missing.json",
        "kinds/",
        "missing.js",
        "nol%00.js",
        "x" * 300 + ".js",
    ],
)
def test_nothing_else_of_the_package_is_served(path):
    with pytest.raises(HTTPClientError) as refused:
        fetched(f"{revision()}/{path}")
    assert refused.value.code in {403, 404}


@pytest.mark.kernel
def test_under_the_hub_the_pages_are_the_services_and_nothing_is_written_here(tmp_path):
    port = free_port()
    command = [
        sys.executable, "-m", "jupyter", "server", "--no-browser", "--IdentityProvider.token=uji",
        f"--ServerApp.port={port}", "--ServerApp.port_retries=0", "--ServerApp.allow_root=True",
        f"--ServerApp.root_dir={tmp_path}", "--ServerApp.base_url=/user/p001/",
        "--ServerApp.jpserver_extensions={'pamong.view.server': True}",
    ]  # fmt: skip
    environment = os.environ | {
        "PAMONG_SERVICE_URL": "http://127.0.0.1:9/services/pamong/",
        "JUPYTERHUB_BASE_URL": "/kursus/",
        "JUPYTER_RUNTIME_DIR": str(tmp_path / "run"),
    }

    def ask(path, method="GET"):
        asked = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        asked.request(method, f"/user/p001/pamong/{path}", headers={"Authorization": "token uji"})
        answer = asked.getresponse()
        answer.read()
        asked.close()
        return answer.status, answer.headers["Location"]

    with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as server:
        try:
            wait_until_open(port, server)
            assert ask("modules/m1/") == (302, "/kursus/services/pamong/modules/m1/")
            assert ask("") == (302, "/kursus/services/pamong/")
            assert ask(f"static/{revision()}/form.js")[0] == 200
            assert ask("modules/m1/exercises/a", "POST")[0] == 405
        finally:
            server.kill()
