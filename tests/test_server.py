"""The address of the form's files: kept for ever under the right revision, asked again otherwise."""

from __future__ import annotations

import asyncio

import pytest
from tornado.httpclient import AsyncHTTPClient, HTTPClientError
from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port
from tornado.web import Application

from pamong.catalogue import source
from pamong.view.assets import STATIC, revision
from pamong.view.server import routes


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
    assert answer.body == (STATIC / "form.js").read_bytes()


def test_a_kernel_from_before_an_upgrade_gets_the_current_files_and_asks_again():
    answer = fetched("0123456789ab/form.js")
    assert answer.headers["Cache-Control"] == "no-cache"
    assert answer.body == (STATIC / "form.js").read_bytes()


@pytest.mark.parametrize("area", ["form", "choice"])
def test_catalogues_lie_below_messages_wherever_they_are_kept(area):
    answer = fetched(f"{revision()}/messages/id/{area}.json")
    assert answer.body == source(area).read_bytes()


def test_files_travel_compressed():
    answer = fetched(f"{revision()}/components.js", **{"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert len(answer.body) < (STATIC / "components.js").stat().st_size / 2


@pytest.mark.parametrize(
    "path",
    ["../server.py", "..%2Fserver.py", "messages/../../server.json", "kinds/", "missing.js"],
)
def test_nothing_else_of_the_package_is_served(path):
    with pytest.raises(HTTPClientError) as refused:
        fetched(f"{revision()}/{path}")
    assert refused.value.code in {403, 404}
