"""Every kind of exercise in every state, on one page: bots play the worked examples, the real dialogue draws.

What a hand would have to bring about (a refusal, a line that fails, a text that two pages wrote) the page
does by itself, with answers given here. No kernel, no course and no line are needed.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from random import Random
from typing import Any, Literal

from jinja2 import Environment, PackageLoader, StrictUndefined
from msgspec import structs

from pamong.brief import load_brief
from pamong.catalogue import messages, spoken
from pamong.counterpart import LocalCounterpart
from pamong.dialogue import Dialogue, Where
from pamong.errors import CounterpartUnavailable, DamagedLog
from pamong.event import Action, Draft, Event
from pamong.kind import AnyKind
from pamong.kinds import KINDS
from pamong.play import play
from pamong.store import MemoryStore, Store
from pamong.view.assets import STATIC

PERSON = "galeri"
ENOUGH = 4
"""Attempts that every exercise of the gallery allows."""
MOMENT = datetime(2026, 9, 14, 3, 20, tzinfo=UTC)
ABLE, WEAK = ("oracle", "perfect"), ("random",)
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".woff2": "font/woff2",
}
Step = Literal["", "finish", "act", "rival"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """One form of the gallery.

    ``step`` is what the page does with it: press the finish button, send ``act`` and get ``answer``
    (None: nobody answers), or write a text elsewhere and come back.
    """

    kind: str
    state: str
    screen: Mapping[str, Any]
    step: Step = ""
    act: Mapping[str, Any] = field(default_factory=dict)
    answer: Mapping[str, Any] | None = None

    @property
    def id(self) -> str:
        return f"{self.kind}-{self.state}"


class _Silent:
    """Another side that has gone away."""

    def open(self, exercise: str, version: int, attempt: int) -> Mapping[str, Any]:  # noqa: ARG002
        raise CounterpartUnavailable("Nobody answers in this scene.")

    def respond(
        self,
        exercise: str,  # noqa: ARG002
        version: int,  # noqa: ARG002
        events: tuple[Event, ...],  # noqa: ARG002
    ) -> tuple[Action, ...]:
        raise CounterpartUnavailable("Nobody answers in this scene.")


class _Torn(MemoryStore):
    """A log that something else wrote into."""

    def read(self, exercise: str) -> tuple[Event, ...]:
        raise DamagedLog(exercise, 3, "not an event")


class Stage:
    """The worked example ``brief`` in one state after another."""

    def __init__(self, brief: Any) -> None:
        self._kind: AnyKind = KINDS[brief.kind]
        self._key: Any = brief.model if hasattr(brief, "model") else None
        self._practice = replace(brief, attempts=ENOUGH)
        gone = {"model": None} if self._key is not None else {}
        self._graded = replace(self._practice, use="graded", **gone)

    def scenes(self) -> Iterator[Scene]:
        """One scene per state that this kind can be in."""
        able, weak = self._able, self._weak
        steps = _deeds(able)
        yield self._scene("new", ())
        begun = _until(able, max(1, len(steps) // 4))
        yield self._scene("begun", begun)
        middle = _until(able, (2 * len(steps)) // 3)
        yield self._scene("middle", middle)
        yield self._scene("missing", begun, step="finish")
        yield self._scene("complete", _until(able, len(steps) - 1), graded=True, step="finish")
        yield self._scene("locked", able, graded=True)
        yield self._scene("debrief-good", able)
        yield self._scene("debrief-poor", weak)
        yield self._scene(
            "second", _until(self._twice, len(_deeds(weak)) + max(1, len(steps) // 3))
        )
        yield self._refused(middle)
        yield self._scene("late", middle, step="act", act=_act(steps[(2 * len(steps)) // 3]))
        yield self._scene("rival", middle, step="rival")
        yield self._scene("newer", middle, newer=True)
        yield self._scene("damaged", (), store=_Torn())
        if self._kind.reactive:
            yield self._scene("absent", (), other=None, graded=True)
            asked = self._asking()
            yield self._scene("silent", asked, other=_Silent(), graded=True)

    @cached_property
    def _able(self) -> tuple[Event, ...]:
        return self._played(ABLE, 1)

    @cached_property
    def _weak(self) -> tuple[Event, ...]:
        return self._played(WEAK, 1)

    @cached_property
    def _twice(self) -> tuple[Event, ...]:
        first, second = self._weak, self._played(ABLE, 1)
        return first + tuple(structs.replace(event, attempt=2) for event in second)

    def _played(self, bots: tuple[str, ...], attempts: int) -> tuple[Event, ...]:
        kind, brief = self._kind, self._practice
        bot = next(kind.bots[name] for name in bots if name in kind.bots)
        return play(kind, brief, self._key, bot, rng=Random(1), skill=0.6, attempts=attempts)  # noqa: S311

    def _asking(self) -> tuple[Event, ...]:
        """Up to the first act that the other side owes an answer to."""
        replied = next(n for n, event in enumerate(self._able[2:], 2) if event.who == "counterpart")
        return self._able[:replied]

    def _refused(self, events: tuple[Event, ...]) -> Scene:
        act = {"type": "act", "seq": 1, "id": "g-refused", "act": "again", "data": {}}
        answer = self._dialogue(events).receive(act) or {}
        answer["screen"] = self._named(answer["screen"], "refused")
        return self._scene("refused", events, step="act", act=act, answer=answer)

    def _scene(
        self, state: str, events: tuple[Event, ...], *, graded: bool = False, **more: Any
    ) -> Scene:
        told = {name: more.pop(name) for name in ("step", "act", "answer") if name in more}
        screen = self._named(self._dialogue(events, graded=graded, **more).look(), state)
        return Scene(kind=self._kind.name, state=state, screen=screen, **told)

    def _named(self, screen: Mapping[str, Any], state: str) -> Mapping[str, Any]:
        """As if every scene were an exercise of its own, so that no two share an address on the page."""
        title = f"{screen['title']} ({messages('gallery')(f'state.{state}').lower()})"
        return {**screen, "exercise": f"{self._kind.name}-{state}", "title": title}

    def _dialogue(
        self,
        events: tuple[Event, ...],
        *,
        graded: bool = False,
        store: Store | None = None,
        newer: bool = False,
        **other: Any,
    ) -> Dialogue:
        brief, kind = self._graded if graded else self._practice, self._kind
        store = store or MemoryStore()
        if events:
            store.append(brief.id, brief.version, 0, _drafts(events))
        side = LocalCounterpart(kind, brief, self._key, participant=PERSON, secret=b"galeri")
        return Dialogue(
            kind,
            brief,
            store,
            participant=PERSON,
            clock=lambda: MOMENT,
            counterpart=other.get("other", side if kind.reactive else None),
            where=Where(newer=newer),
        )


def _deeds(events: tuple[Event, ...]) -> tuple[Event, ...]:
    return tuple(event for event in events if event.who == "participant")


def _until(events: tuple[Event, ...], deeds: int) -> tuple[Event, ...]:
    """As many acts of the participant, and what the other side says to them."""
    acts = [n for n, event in enumerate(events) if event.who == "participant"]
    end = acts[deeds] if deeds < len(acts) else len(events)
    return events[:end]


def _drafts(events: tuple[Event, ...]) -> tuple[Draft, ...]:
    at = MOMENT.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return tuple(
        Draft(id=f"g{n}", who=it.who, act=it.act, attempt=it.attempt, at=at, data=it.data)
        for n, it in enumerate(events)
    )


def _act(event: Event) -> Mapping[str, Any]:
    return {"id": "g-late", "act": event.act, "data": event.data}


def examples(templates: Path) -> Iterator[Any]:
    """The worked example of every kind, in the order of their names."""
    for kind in KINDS:
        yield load_brief(templates / "exercises" / f"{kind}.brief.yaml")


def scenes(templates: Path) -> tuple[Scene, ...]:
    """All scenes of all kinds."""
    with _unheard():
        return tuple(scene for brief in examples(templates) for scene in Stage(brief).scenes())


@contextmanager
def _unheard() -> Iterator[None]:
    """Damage that is only staged is not told to operators."""
    told = logging.getLogger("pamong.dialogue")
    before, told.disabled = told.disabled, True
    try:
        yield
    finally:
        told.disabled = before


def pages(shown: tuple[Scene, ...]) -> Mapping[str, bytes]:
    """The gallery and the frame around it, by their paths."""
    loader = PackageLoader("pamong.view")
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined)
    kinds = list(dict.fromkeys(scene.kind for scene in shown))
    states = list(dict.fromkeys(scene.state for scene in shown))
    told = {
        "language": spoken(),
        "say": messages("gallery"),
        "kinds": kinds,
        "states": states,
        "scenes": shown,
        "data": {
            "scenes": [_plain(scene) for scene in shown],
            "messages": {area: dict(messages(area).entries) for area in ("form", *kinds)},
        },
    }
    return {
        "/": environment.get_template("frame.html").render(told).encode(),
        "/scenes": environment.get_template("gallery.html").render(told).encode(),
    }


def _plain(scene: Scene) -> dict[str, Any]:
    names = ("id", "kind", "screen", "step", "act", "answer")
    return {name: getattr(scene, name) for name in names} | {"scope": f"{PERSON}/{scene.id}"}


@contextmanager
def showing(templates: Path, *, port: int = 0) -> Iterator[str]:
    """The gallery on loopback for as long as the block lasts; gives its address."""
    server = ThreadingHTTPServer(("127.0.0.1", port), _handler(pages(scenes(templates))))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


def show(templates: Path, *, port: int = 0, tell: Callable[[str], None]) -> None:
    """Serve the gallery until Ctrl-C."""
    with showing(templates, port=port) as address:
        tell(messages("gallery")("ready", url=address))
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            tell(messages("gallery")("stopped"))


def _handler(content: Mapping[str, bytes]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            return

        def do_GET(self) -> None:
            path, _, _ = self.path.partition("?")
            if path in content:
                return self._answer(content[path], "text/html; charset=utf-8")
            file = (STATIC / path.removeprefix("/static/")).resolve()
            if not file.is_relative_to(STATIC) or file.suffix not in TYPES or not file.is_file():
                return self.send_error(404)
            return self._answer(file.read_bytes(), TYPES[file.suffix])

        def _answer(self, body: bytes, sort: str) -> None:
            self.send_response(200)
            self.send_header("Content-Type", sort)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            self.wfile.write(body)

    return Handler
