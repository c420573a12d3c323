"""Several pages on one exercise, over lines that drop, repeat, reorder, and hosts that die."""

import json
from collections import deque
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
)

from pamong.brief import load_brief
from pamong.dialogue import Dialogue
from pamong.kind import replay
from pamong.kinds import KINDS
from pamong.session import Session
from pamong.store import FileStore, MemoryStore

BRIEF = load_brief(
    Path(__file__).parent / "browser/course/course/source/m0-contoh/pemanasan.brief.yaml"
)
KIND = KINDS[BRIEF.kind]
PAGES, HOSTS = 3, 2
CHOICES = [
    ("answer", {"item": item.id, "chosen": [option.id]})
    for item in BRIEF.items
    for option in item.options
]
ACTS = [*CHOICES, *CHOICES, ("finish", {}), ("again", {}), ("answer", {"item": "tidak-ada"})]


def wandering(seed: int):
    """A clock that is set forth and back."""
    rng, start = Random(seed), datetime(2026, 11, 22, tzinfo=UTC)
    return lambda: start + timedelta(seconds=rng.uniform(-(10**6), 10**6))


class Page:
    """What form.js does with acts: one on its way at a time, until its own id is answered."""

    def __init__(self, name: str) -> None:
        self.name, self.made = name, 0
        self.waiting: deque[dict] = deque()
        self.acknowledged: list[str] = []
        self.refused: set[str] = set()
        self.screen: dict = {}

    def act(self, act: str, data: dict) -> None:
        self.made += 1
        id = f"{self.name}-{self.made}"
        self.waiting.append({"type": "act", "seq": self.made, "id": id, "act": act, "data": data})

    def hear(self, answer: dict) -> None:
        if not self.waiting or answer["id"] != self.waiting[0]["id"] or answer.get("again"):
            return
        done = self.waiting.popleft()
        self.screen = answer["screen"]
        if answer["type"] == "ack":
            self.acknowledged.append(done["id"])
        else:
            self.refused.add(done["id"])


class Exercise(RuleBasedStateMachine):
    """Pages, hosts, and every message that is under way between them."""

    requests = Bundle("requests")
    answers = Bundle("answers")

    def __init__(self) -> None:
        super().__init__()
        self._place = TemporaryDirectory()
        self.folder = Path(self._place.name)
        self.path = self.folder / f"{BRIEF.id}.jsonl"
        self.pages = [Page(f"h{number}") for number in range(PAGES)]
        self.before = b""

    @initialize()
    def start(self) -> None:
        self.hosts = [self._host(number) for number in range(HOSTS)]

    def _host(self, number: int) -> Dialogue:
        store = FileStore(self.folder)
        return Dialogue(KIND, BRIEF, store, participant="p001", clock=wandering(number))

    # ---- what can happen ----

    @rule(page=st.integers(0, PAGES - 1), act=st.sampled_from(ACTS))
    def press(self, page: int, act: tuple[str, dict]) -> None:
        self.pages[page].act(*act)

    @rule(target=requests, page=st.integers(0, PAGES - 1), copies=st.integers(0, 2))
    def send(self, page: int, copies: int):
        waiting = self.pages[page].waiting
        return multiple(*[(page, json.dumps(waiting[0]))] * copies) if waiting else multiple()

    @rule(
        target=answers,
        request=consumes(requests),
        host=st.integers(0, HOSTS - 1),
        heard=st.integers(0, 2),
    )
    def arrive(self, request: tuple[int, str], host: int, heard: int):
        """In any order, at any host; the answer gets lost, or is heard twice."""
        page, message = request
        answer = self.hosts[host].receive(json.loads(message))
        return multiple(*[(page, answer)] * heard)

    @rule(answer=consumes(answers), other=st.none() | st.integers(0, PAGES - 1))
    def hear(self, answer: tuple[int, dict], other: int | None) -> None:
        """Pages on one kernel also hear what was meant for others."""
        page, content = answer
        self.pages[page].hear(content)
        if other is not None:
            self.pages[other].hear(content)

    @rule(host=st.integers(0, HOSTS - 1), half=st.integers(0, 60))
    def die(self, host: int, half: int) -> None:
        """A host is killed, half a line written, and started again."""
        if half and self.path.exists():
            line = b'{"n":1000,"id":"tak-utuh","at":"2026-11-22T00:00:00.000Z","who":"participant"'
            with self.path.open("ab") as file:
                file.write(line[:half])
        self.hosts[host] = self._host(host)

    # ---- what always holds ----

    @invariant()
    def nothing_on_disk_is_ever_changed(self) -> None:
        content = self.path.read_bytes() if self.path.exists() else b""
        whole = content[: content.rfind(b"\n") + 1]
        assert whole.startswith(self.before)
        self.before = whole

    @invariant()
    def everything_acknowledged_is_there_once_and_in_order(self) -> None:
        events = [json.loads(line) for line in self.before.splitlines()]
        ids = [event["id"] for event in events]
        assert [event["n"] for event in events] == list(range(1, len(events) + 1))
        assert len(set(ids)) == len(ids)
        for page in self.pages:
            mine = [id for id in ids if id in set(page.acknowledged)]
            assert mine == page.acknowledged

    def teardown(self) -> None:
        """Every page gets through in the end; then the log is a history of one hand after another."""
        try:
            for page in self.pages:
                while page.waiting:
                    page.hear(self.hosts[0].receive(page.waiting[0]))
            self._is_sequential(FileStore(self.folder).read(BRIEF.id))
        finally:
            self._place.cleanup()

    def _is_sequential(self, events: tuple) -> None:
        alone = Session(
            KIND, BRIEF, MemoryStore(), participant="p001", clock=lambda: datetime.now(UTC)
        )
        for event in events:
            if event.act != "open" or not event.id.endswith(":open"):
                act = "again" if event.act == "open" else event.act
                alone.act(event.id, act, event.data if act != "again" else {})
        for one, other in zip(alone.events(), events, strict=True):
            told = ("n", "id", "who", "act", "data", "attempt", "version")
            assert [getattr(one, name) for name in told] == [getattr(other, name) for name in told]
        assert replay(KIND, BRIEF, events) == replay(KIND, BRIEF, alone.events())
        for page in self.pages:
            made = {f"{page.name}-{place}" for place in range(1, page.made + 1)}
            assert made == {*page.acknowledged, *page.refused}


TestExercise = Exercise.TestCase
TestExercise.settings = settings(max_examples=120, stateful_step_count=40)
