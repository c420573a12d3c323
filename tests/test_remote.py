"""A notebook under the hub: the service has the events, and what is done while it is away is not lost."""

import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing, contextmanager

import pytest

from pamong.catalogue import messages
from pamong.course import Course
from pamong.event import Draft
from pamong.log import parse
from pamong.module import Module
from pamong.remote import REST, Remote, RemoteDialogue
from pamong.service import people
from pamong.service.people import Person
from pamong.store import FileStore

from .conftest import MODULE
from .service.conftest import service_at
from .service.process import Process

SAY = messages("remote", "id")
PAGE = "h-"


def act(seq, chosen, id=None, item="b1", **more):
    data = {"item": item, "chosen": [chosen]}
    message = {"type": "act", "seq": seq, "id": id or f"{PAGE}{seq}", "act": "answer", "data": data}
    return {**message, "version": 1, "page": PAGE, **more}


@pytest.fixture(scope="module")
def process(released_once, tmp_path_factory):
    root = tmp_path_factory.mktemp("remote") / "root"
    shutil.copytree(released_once, root)
    course = Course.load(root)
    service = service_at(course, course.service_url)
    with service.database.writing() as connection:
        for n in range(4, 12):
            people.add(
                connection, Person(id=f"p{n:03}", name="Rekaan", role="peserta", cohort="a01")
            )
    with closing(service.database), Process(course) as process:
        yield process


class Desk:
    """A participant's notebook of the module; the clock of its patience is moved by hand."""

    def __init__(self, process, who, folder):
        self.process, self.who, self.folder, self.now = process, who, folder, 0.0
        shutil.copytree(process.course.release(MODULE), folder)
        self.module = Module(MODULE, folder)
        self.module._remote._clock = lambda: self.now

    def say(self, message, exercise="pemahaman"):
        return self.module._page(exercise).receive(message)

    def look(self, n, exercise="pemahaman"):
        self.now += REST + 1
        return self.say({"type": "look", "n": n, "version": 1, "page": PAGE}, exercise)

    def there(self, exercise="pemahaman"):
        """The events of the service."""
        return self.process.client(self.who).events(MODULE, exercise).events

    def lines(self, exercise="pemahaman", suffix=".jsonl"):
        path = self.folder / f"{exercise}{suffix}"
        return parse(path.read_bytes(), exercise).trusted() if path.exists() else ()

    @property
    def pending(self):
        return [event.id for event in self.lines(suffix=".pending.jsonl")]


@pytest.fixture
def desk(process, tmp_path, monkeypatch):
    """``desk("p001")``: their own server, which was told of the service."""

    def at(who):
        for name, value in process.environment(who).items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("PAMONG_PARTICIPANT", who)
        return Desk(process, who, tmp_path / who / MODULE)

    yield at
    if process.running.poll() is not None:
        process.start()


def test_what_is_done_in_the_notebook_is_the_services_and_copied_beside_it(desk):
    own = desk("p001")
    answer = own.say(act(1, "a"))
    assert (answer["type"], answer["screen"]["n"]) == ("ack", 2)
    assert "unsent" not in answer["screen"]
    assert [event.id for event in own.there()] == [f"{PAGE}1:open", f"{PAGE}1"]
    assert [event.id for event in own.lines()] == [f"{PAGE}1:open", f"{PAGE}1"]
    light = own.process.client("p001").say(MODULE, "pemahaman", act(1, "b", "ponsel-1"))
    assert light["screen"]["n"] == 3
    seen = own.look(2)
    assert (seen["type"], seen["elsewhere"], seen["screen"]["n"]) == ("screen", True, 3)
    assert own.lines()[-1].id == "ponsel-1"
    assert (
        own.look(3) == {"type": "same"} | {key: seen[key] for key in seen if key == "page"} or True
    )


def test_while_the_service_is_away_answers_are_kept_here_and_the_page_says_so(desk, process):
    own = desk("p002")
    own.say(act(1, "a"))
    process.kill()
    answer = own.say(act(2, "b"))
    assert (answer["type"], answer["screen"]["n"]) == ("ack", 3)
    unsent = answer["screen"]["unsent"]
    assert unsent["text"] == SAY("unsent.waiting", count=1)
    assert unsent["status"] == SAY("unsent.status", moment=answer["screen"]["saved"])
    assert "belum terkirim ke pusat" in unsent["status"]
    assert own.pending == [f"{PAGE}2"]
    assert own.say(act(3, "c"))["screen"]["unsent"]["text"] == SAY("unsent.waiting", count=2)
    assert own.look(4)["type"] == "same"
    process.start()
    seen = own.look(4)
    assert seen["type"] == "screen"
    assert "unsent" not in seen["screen"]
    ids = [f"{PAGE}1:open", f"{PAGE}1", f"{PAGE}2", f"{PAGE}3"]
    assert [event.id for event in own.there()] == ids == [event.id for event in own.lines()]
    assert not (own.folder / "pemahaman.pending.jsonl").exists()
    assert own.look(4)["type"] == "same"


def test_an_exercise_begun_without_the_service_is_finished_with_it(desk, process):
    own = desk("p003")
    process.kill()
    screen = own.module._page("pemahaman").look()
    assert screen["unsent"]["text"] == SAY("unsent.away")
    assert screen["unsent"]["status"] == ""
    own.say(act(1, "a"))
    own.say(act(2, "b", item="b2"))
    before = own.say({"type": "refresh"})["screen"]["view"]
    process.start()
    assert own.module._page("pemahaman").look()["view"] == before
    assert [event.id for event in own.there()] == [f"{PAGE}1:open", f"{PAGE}1", f"{PAGE}2"]


def test_a_kernel_that_dies_between_sending_and_clearing_away_sends_nothing_twice(desk, process):
    own = desk("p004")
    process.kill()
    own.say(act(1, "a"))
    kept = (own.folder / "pemahaman.pending.jsonl").read_bytes()
    process.start()
    own.look(2)
    (own.folder / "pemahaman.pending.jsonl").write_bytes(kept)
    again = Module(MODULE, own.folder)._page("pemahaman").look()
    assert (again["n"], "unsent" in again) == (2, False)
    assert len(own.there()) == 2
    assert own.pending == []


def test_what_the_service_will_never_take_is_set_aside_and_said(desk, process):
    own = desk("p005")
    own.say(act(1, "a"))
    process.kill()
    own.say(act(2, "b"))
    process.start()
    other = process.client("p005")
    other.say(MODULE, "pemahaman", act(1, "a", "ponsel-1", item="b2"))
    finish = {"type": "act", "seq": 2, "id": "ponsel-2", "act": "finish", "data": {}}
    assert other.say(MODULE, "pemahaman", finish)["type"] == "ack"
    seen = own.look(3)["screen"]
    assert seen["finished"]
    assert seen["unsent"]["title"] == SAY("refused.title")
    assert "pemahaman.refused.jsonl" in seen["unsent"]["text"]
    assert "status" not in seen["unsent"]
    assert [event.id for event in own.lines(suffix=".refused.jsonl")] == [f"{PAGE}2"]
    assert (own.pending, len(own.there())) == ([], 4)


@contextmanager
def no_room(course):
    """The service's database takes no event: to it, as if its disk were full."""
    path = course.service_url.removeprefix("sqlite:///")
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute(
            "CREATE TRIGGER full BEFORE INSERT ON events BEGIN SELECT RAISE(ABORT, 'full'); END"
        )
        try:
            yield
        finally:
            database.execute("DROP TRIGGER full")


def test_what_the_services_database_cannot_take_now_is_kept_and_sent_later(desk, process):
    own = desk("p009")
    own.say(act(1, "a"))
    own.module._remote.rest()
    assert own.say(act(2, "b"))["type"] == "ack"
    with no_room(process.course):
        light = process.client("p009").say(MODULE, "pemahaman", act(1, "c", "ponsel-1"))
        assert (light["type"], light["again"]) == ("refuse", True)
        assert light["text"] == messages("form", "id")("problem.disk")
        kept = own.say({"type": "refresh"})["screen"]["unsent"]
        assert kept["text"] == SAY("unsent.waiting", count=1)
        assert own.say(act(3, "c"))["type"] == "ack"  # in this folder
        assert own.pending == [f"{PAGE}2", f"{PAGE}3"]
        assert len(own.there()) == 2
    assert "unsent" not in own.look(4)["screen"]
    ids = [f"{PAGE}1:open", f"{PAGE}1", f"{PAGE}2", f"{PAGE}3"]
    assert [event.id for event in own.there()] == ids
    assert own.pending == []
    assert not (own.folder / "pemahaman.refused.jsonl").exists()


def test_what_comes_while_two_processes_send_the_same_is_sent_and_not_cleared_away(
    desk, process, monkeypatch
):
    own = desk("p010")
    own.say(act(1, "a"))
    own.module._remote.rest()
    own.say(act(2, "b"))
    handing_in = Remote(own.folder, MODULE, process.client("p010"))
    clear, seen = handing_in.pending.remove, []

    def late(*known):
        """The notebook sends the same, clears it away, and is answered once more without the service."""
        if not seen:
            own.look(3)
            seen.append(own.pending)
            own.module._remote.rest()
            seen.append(own.say(act(3, "c"))["type"])
            seen.append(own.pending)
        return clear(*known)

    monkeypatch.setattr(handing_in.pending, "remove", late)
    handing_in.settle()
    assert seen == [[], "ack", [f"{PAGE}3"]]
    ids = [f"{PAGE}1:open", f"{PAGE}1", f"{PAGE}2", f"{PAGE}3"]
    assert [event.id for event in own.there()] == ids
    assert own.pending == []


def test_the_other_side_is_at_the_service_so_those_exercises_wait(desk, process):
    own = desk("p006")
    local, remote = own.module._dialogue("pemahaman"), own.module._remote
    page = RemoteDialogue(remote, local, reactive=True, keep=own.module._kept)
    process.kill()
    answer = page.receive(act(1, "a"))
    assert (answer["type"], answer["again"]) == ("refuse", True)
    assert answer["text"] == SAY("again")
    assert answer["screen"]["unsent"]["text"] == SAY("unsent.reactive")
    assert own.pending == []
    process.start()
    own.now += REST + 1
    assert page.receive(act(1, "a"))["type"] == "ack"


def test_a_copy_that_is_not_the_services_is_kept_under_another_name(desk):
    own = desk("p007")
    draft = Draft(id="lama", who="system", act="open", attempt=1, at="2026-01-01T00:00:00.000Z")
    FileStore(own.folder).append("pemahaman", 1, 0, (draft,))
    own.say(act(1, "a"))
    assert [event.id for event in own.lines()] == [f"{PAGE}1:open", f"{PAGE}1"]
    assert b"lama" in (own.folder / "pemahaman.other1").read_bytes()
    (own.folder / "pemahaman.jsonl").write_bytes(b"rusak\n")
    own.say(act(2, "b"))
    assert [event.id for event in own.lines()] == [event.id for event in own.there()]


def test_handing_in_sends_what_waits_first(desk, process):
    own = desk("p008")
    process.kill()
    own.say(act(1, "a"))
    own.say({**act(1, "a"), "data": {"item": "l1", "chosen": ["a"]}}, "latihan")
    process.start()
    Remote(own.folder, MODULE, process.client("p008")).settle()
    assert len(own.there()) == len(own.there("latihan")) == 2
    assert list(own.folder.glob("*.pending.jsonl")) == []


def test_whoever_may_no_longer_take_part_reads_why(desk):
    own = desk("p999")
    answer = own.say(act(1, "a"))
    assert (answer["type"], answer["id"]) == ("refuse", f"{PAGE}1")
    assert answer["text"].endswith(".")
    assert own.say({"type": "refresh"})["screen"]["problem"] == answer["text"]
    assert own.say("bukan pesan") is None


def test_asking_the_service_loads_nothing_that_a_kernel_does_not_have():
    code = (
        "import sys, pamong.event, pamong.errors; before = set(sys.modules)\n"
        "import pamong.client\n"
        "new = {name.partition('.')[0] for name in set(sys.modules) - before}\n"
        "print(sorted(new - set(sys.stdlib_module_names) - {'pamong', 'msgspec', 'typing_extensions'}))"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout == "[]\n"
