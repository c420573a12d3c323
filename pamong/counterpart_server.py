"""The counterpart of graded exercises as a loopback process of its own, where the keys are.

POST /open and /respond with a bearer token. A transcript that does not extend the one this process
has already answered is refused, so that a participant cannot try many replies in secret.
"""

from __future__ import annotations

import argparse
import asyncio
import hmac
import os
import sys
from pathlib import Path
from typing import Any

import msgspec
from tornado import web
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets

from pamong.counterpart import LocalCounterpart
from pamong.course import Course, Exercise, Shelf
from pamong.drafts import Drafts
from pamong.errors import CounterpartError, PamongError
from pamong.event import Event

BODY_LIMIT = 4 * 1024 * 1024


class Table:
    """Every exercise that can be played, and what has been said at each so far."""

    def __init__(self, shelves: tuple[Shelf, ...], secret: bytes) -> None:
        self._shelves, self._secret = shelves, secret
        self._said: dict[tuple[str, str], tuple[Exercise, tuple[Event, ...]]] = {}

    def open(self, participant: str, exercise: str, version: int, attempt: int) -> dict[str, Any]:
        """The opening of an attempt; the same one each time it is asked for."""
        side = self._side(participant, exercise, version)
        return {"data": side.open(exercise, version, attempt)}

    def respond(
        self, participant: str, exercise: str, version: int, events: tuple[Event, ...]
    ) -> dict[str, Any]:
        """The replies due; CounterpartError when ``events`` rewrites what was answered before."""
        found = self._find(exercise, version)
        before, said = self._said.get((participant, exercise), (found, ()))
        said = said if before is found else ()
        known = [(event.id, event.act, event.data) for event in said]
        if [(event.id, event.act, event.data) for event in events[: len(said)]] != known:
            raise CounterpartError("this transcript differs from the one that was played")
        self._check_openings(participant, exercise, version, events)
        actions = self._side(participant, exercise, version).respond(exercise, version, events)
        self._said[participant, exercise] = (found, events)
        return {"actions": msgspec.to_builtins(actions)}

    def _check_openings(
        self, participant: str, exercise: str, version: int, events: tuple[Event, ...]
    ) -> None:
        side = self._side(participant, exercise, version)
        for event in events:
            if event.act == "open" and event.data != side.open(exercise, version, event.attempt):
                raise CounterpartError(f"attempt {event.attempt} was opened by somebody else")

    def _side(self, participant: str, exercise: str, version: int) -> LocalCounterpart:
        found = self._find(exercise, version)
        return LocalCounterpart(
            found.kind, found.brief, found.key, participant=participant, secret=self._secret
        )

    def _find(self, exercise: str, version: int) -> Exercise:
        """One and the same object for as long as the exercise stays as it is."""
        for shelf in self._shelves:
            if version in shelf.versions(exercise):
                return shelf.get(exercise, version)
        raise CounterpartError(f"{exercise} version {version} has not been released")


class _Handler(web.RequestHandler):
    def initialize(self, table: Table, token: str) -> None:
        self._table, self._token = table, token

    async def post(self, what: str) -> None:
        given = self.request.headers.get("Authorization", "")
        if not hmac.compare_digest(given.encode(), f"Bearer {self._token}".encode()):
            raise web.HTTPError(403)
        try:
            answer = getattr(self, f"_{what}")(msgspec.json.decode(self.request.body))
        except (PamongError, msgspec.DecodeError, KeyError, TypeError) as error:
            self.set_status(409 if isinstance(error, PamongError) else 400)
            answer = {"error": str(error)}
        self.finish(msgspec.json.encode(answer))

    def _open(self, body: dict[str, Any]) -> dict[str, Any]:
        return self._table.open(
            str(body["participant"]), str(body["exercise"]), body["version"], body["attempt"]
        )

    def _respond(self, body: dict[str, Any]) -> dict[str, Any]:
        events = msgspec.convert(body["events"], tuple[Event, ...])
        return self._table.respond(
            str(body["participant"]), str(body["exercise"]), body["version"], events
        )


def application(course: Course, token: str, source: str = "") -> web.Application:
    """The two endpoints over every released module of ``course``; of ``source`` as it is written."""
    shelves: tuple[Shelf, ...] = tuple(
        Drafts(course, plan.id) if plan.id == source else course.shelf(plan.id)
        for plan in course.programme.modules
    )
    settings = {"table": Table(shelves, course.secret()), "token": token}
    return web.Application([(r"/(open|respond)", _Handler, settings)])


async def serve(course: Course, token: str, port_file: Path, source: str = "") -> None:
    """Listen on a free loopback port, tell its number on stdout and in ``port_file``, serve until stopped."""
    (socket,) = bind_sockets(0, "127.0.0.1")
    server = HTTPServer(application(course, token, source), max_body_size=BODY_LIMIT)
    server.add_sockets([socket])
    draft = port_file.with_suffix(".part")
    draft.write_text(str(socket.getsockname()[1]), encoding="ascii")
    draft.replace(port_file)
    sys.stdout.write(f"{socket.getsockname()[1]}\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--course", type=Path, required=True, help="folder that holds course/")
    parser.add_argument("--port-file", type=Path, required=True)
    parser.add_argument("--source", default="", help="module to play as it is being written")
    options = parser.parse_args()
    token = os.environ["PAMONG_COUNTERPART_TOKEN"]
    asyncio.run(serve(Course.load(options.course), token, options.port_file, options.source))


if __name__ == "__main__":
    main()
