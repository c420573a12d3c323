"""Handing in to the database: whole, once, in time, signed, and nobody else's."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta

import pytest
from sqlalchemy import select

from pamong.cli import receipts as command
from pamong.course import Course
from pamong.errors import CourseError, Undelivered
from pamong.light.handin import receipt_values
from pamong.light.paper import pdf
from pamong.receipt import parse
from pamong.service import people, proof, schedule
from pamong.service.bundle import pack, unpack
from pamong.service.host import ServiceHost, meet
from pamong.service.schedule import Window
from pamong.service.service import Service
from pamong.service.tables import bundles, events, extensions, feedback, schedules, submissions
from pamong.service.verification import Genuine, Refused, verify
from pamong.signing import Keyring, Signer
from tests.values import replace

from .conftest import MODULE, NOW, Hands, service_at


@pytest.fixture(scope="module")
def shared(released_once, tmp_path_factory) -> Iterator[Service]:
    root = tmp_path_factory.mktemp("submissions") / "root"
    shutil.copytree(released_once, root)
    course = Course.load(root)
    service = service_at(course, course.service_url)
    with closing(service.database):
        yield service


@pytest.fixture
def service(shared) -> Service:
    """The service, in which nobody has done anything yet; its clock stands at NOW."""
    with shared.database.writing() as connection:
        for table in (feedback, submissions, bundles, events, extensions, schedules):
            connection.execute(table.delete())
    return replace(shared, clock=Hands())


def host(service: Service, person: str = "p001") -> ServiceHost:
    """Their pages, for one request."""
    with service.database.reading() as connection:
        found = meet(service, connection, people.find(connection, person))
    assert found is not None
    return found


def answer(service: Service, item: str = "l1", person: str = "p001", exercise: str = "latihan"):
    id = f"{exercise}-{item}-{service.clock().timestamp()}"
    message = {"type": "act", "seq": 1, "id": id, "act": "answer"}
    data = {"item": item, "chosen": ["a"]}
    told = host(service, person).dialogue(MODULE, exercise).receive({**message, "data": data})
    assert told["type"] == "ack", told


def hand_in(service: Service, person: str = "p001", **more):
    theirs = host(service, person)
    read = lambda: theirs.portfolio(MODULE)  # noqa: E731
    return theirs.outbox(MODULE).submit(read, statement=True, **more)


def rows(service: Service, table) -> list[dict]:
    with service.database.reading() as connection:
        return [dict(row) for row in connection.execute(select(table)).mappings()]


def closing_at(service: Service, minutes: int, grace: int | None = 30) -> None:
    """The module closes for cohort a01 so many minutes after NOW."""
    wanted = Window(
        closes=NOW + timedelta(minutes=minutes),
        grace=None if grace is None else timedelta(minutes=grace),
    )
    with service.database.writing() as connection:
        schedule.put(connection, service.course.programme, "a01", MODULE, wanted, by="k01", at=NOW)


# ---- what is kept ----


def test_the_files_the_row_and_the_signed_receipt_are_there_together(service):
    answer(service)
    made = hand_in(service)
    (row,) = rows(service, submissions)
    (bundle,) = rows(service, bundles)
    files = unpack(bundle["files"])
    assert (row["person"], row["module"], row["moment"]) == ("p001", MODULE, NOW)
    assert parse(row["receipt"], "row") == made
    assert row["content"] == bundle["content"] == made.content
    assert {"module.ipynb", "latihan.jsonl", "latihan.brief.yaml"} <= set(files)
    assert files["latihan.jsonl"] == host(service).portfolio(MODULE).files["latihan.jsonl"]
    assert proof.is_genuine(made, row["signature"], proof.keys(service.course))
    assert len(row["secret"]) == 128
    assert (made.moment, made.late, made.statement) == (NOW, False, True)
    assert [(it.exercise, it.events) for it in made.exercises][:1] == [("latihan", 2)]


def test_the_same_once_more_gives_the_receipt_that_there_is(service):
    answer(service)
    made = hand_in(service)
    service.clock.move(hours=1)
    assert hand_in(service) == made
    assert len(rows(service, submissions)) == 1


def test_many_at_once_hand_in_once(service):
    answer(service)
    gate, found = threading.Barrier(8), []

    def press() -> None:
        gate.wait()
        found.append(hand_in(service))

    threads = [threading.Thread(target=press) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(set(found)) == 1
    assert len(found) == 8
    assert len(rows(service, submissions)) == 1


def test_after_a_change_there_is_a_second_receipt_and_the_newest_comes_first(service):
    first = hand_in(service)
    answer(service)
    outbox = host(service).outbox(MODULE)
    assert outbox.outdated(host(service).portfolio(MODULE).events, {}) is True
    second = hand_in(service)
    assert second.moment > first.moment  # though the clock stands still
    assert outbox.receipts() == (second, first)
    assert outbox.outdated(host(service).portfolio(MODULE).events, {}) is False
    assert outbox.find(first.code.lower().replace("-", " ")) == first


def test_two_who_have_done_nothing_hand_in_the_same_files_each_for_themselves(service):
    mine, theirs = hand_in(service, "p001"), hand_in(service, "p002")
    assert mine.content == theirs.content
    assert mine.code != theirs.code
    assert host(service, "p002").outbox(MODULE).receipts() == (theirs,)
    assert host(service, "p002").outbox(MODULE).find(mine.code) is None


def test_what_changed_since_the_page_was_drawn_is_not_handed_in(service):
    seen = host(service).portfolio(MODULE).content
    answer(service)
    with pytest.raises(Undelivered) as caught:
        hand_in(service, seen=seen)
    assert caught.value.code == "changed"
    assert rows(service, submissions) == rows(service, bundles) == []


def test_what_was_read_before_the_newest_submission_never_becomes_the_newest(service):
    answer(service)
    theirs = host(service)
    old = theirs.portfolio(MODULE)  # this request now waits for the database
    service.clock.move(minutes=1)
    answer(service)
    newest = hand_in(service)
    with pytest.raises(Undelivered) as caught:
        theirs.outbox(MODULE).submit(lambda: old, statement=True, seen=old.content)
    assert caught.value.code == "changed"
    assert host(service).outbox(MODULE).receipts() == (newest,)


def test_of_two_notebooks_at_once_the_one_that_was_read_first_is_told_to_look_again(service):
    theirs = host(service)
    newest = []

    def read():
        found = theirs.portfolio(MODULE)
        other = replace(found, files={**found.files, "module.ipynb": b"{}"})
        newest.append(host(service).outbox(MODULE).submit(lambda: other, statement=True))
        return found

    with pytest.raises(Undelivered) as caught:
        theirs.outbox(MODULE).submit(read, statement=True)
    assert caught.value.code == "changed"
    assert list(host(service).outbox(MODULE).receipts()) == newest


def test_a_statement_given_later_makes_a_receipt_and_is_never_taken_back(service):
    theirs = host(service)
    read = lambda: theirs.portfolio(MODULE)  # noqa: E731
    without = theirs.outbox(MODULE).submit(read, statement=False)
    made = hand_in(service)
    assert (without.statement, made.statement) == (False, True)
    assert made.content == without.content
    assert theirs.outbox(MODULE).submit(read, statement=False) == made
    assert theirs.outbox(MODULE).receipts() == (made, without)


def test_a_crash_before_the_end_leaves_nothing(service, monkeypatch):
    def crash(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(proof, "sign", crash)  # between the files and the row
    with pytest.raises(KeyboardInterrupt):
        hand_in(service)
    assert rows(service, submissions) == rows(service, bundles) == []


def test_what_cannot_be_read_back_does_not_count_and_is_mended_by_the_next(service):
    made = hand_in(service)
    with service.database.writing() as connection:
        connection.execute(bundles.update().values(files=pack({"a": b"b"})))
    theirs = host(service).outbox(MODULE)
    with pytest.raises(Undelivered) as caught:
        theirs._read_back(made)
    assert caught.value.code == "unlike"
    assert hand_in(service) == made
    theirs._read_back(made)


# ---- in time ----


@pytest.mark.parametrize(("minutes", "late"), [(0, False), (60, False), (60.1, True), (90, True)])
def test_until_the_end_of_grace_it_is_taken_and_told_to_be_late(service, minutes, late):
    closing_at(service, 60)
    service.clock.move(minutes=minutes)
    assert hand_in(service).late is late


def test_after_that_it_is_refused_unless_there_is_an_extension(service):
    closing_at(service, 60)
    first = hand_in(service)
    answer(service)
    service.clock.move(minutes=91)
    with pytest.raises(Undelivered) as caught:
        hand_in(service)
    assert caught.value.code == "over"
    assert host(service).outbox(MODULE).receipts() == (first,)
    with service.database.writing() as connection:
        schedule.extend(
            connection, service.course.programme, [people.find(connection, "p001")], MODULE,
            until=NOW + timedelta(minutes=120), reason="dinas", by="k01", at=NOW,
        )  # fmt: skip
    assert hand_in(service).late is False
    with pytest.raises(Undelivered):
        hand_in(service, "p002")


def test_without_an_end_late_work_is_always_taken(service):
    closing_at(service, 60, grace=None)
    service.clock.move(days=30)
    assert hand_in(service).late is True


# ---- feedback ----


def test_feedback_is_that_of_the_newest_submission_that_has_some_and_of_its_owner(service):
    old = hand_in(service)
    answer(service)
    hand_in(service)
    hand_in(service, "p002")
    ids = {row["code"]: row["id"] for row in rows(service, submissions)}
    with service.database.writing() as connection:
        connection.execute(
            feedback.insert().values(
                submission=ids[old.code], notebook="module", page=b"<p>Baik", digest="", at=NOW
            )
        )
    (found,) = host(service).outbox(MODULE).feedback()
    assert (found.receipt, found.notebook, found.read()) == (old, "module", b"<p>Baik")
    assert host(service, "p002").outbox(MODULE).feedback() == ()


# ---- verifying ----


def signed(service: Service) -> tuple:
    made = hand_in(service)
    shown = host(service).outbox(MODULE).proof(made)
    return made, shown


def checked(service: Service, shown: object, keys: Keyring | None = None):
    return verify(str(shown), keys or proof.keys(service.course), service.database)


def test_a_receipt_is_genuine_by_code_by_text_by_paper_and_by_file(service, tmp_path):
    made, shown = signed(service)
    _, values = receipt_values(host(service), MODULE, made.code)
    paper = shown.seal(pdf(values, shown.text, made.moment, keyword=shown.keyword))
    (tmp_path / "kertas.pdf").write_bytes(paper)
    (tmp_path / "receipt.json").write_bytes(made.canonical())
    (tmp_path / "qr.txt").write_text(shown.text + "\n")
    ways = (made.code.lower(), shown.text, *sorted(tmp_path.iterdir()))
    found = [checked(service, way) for way in ways]
    assert found == [found[0]] * 5
    assert isinstance(found[0], Genuine)
    assert found[0].statement == proof.statement(made)
    assert (found[0].code, found[0].kept, found[0].newer) == (made.code, True, None)
    alone = verify(shown.text, proof.keys(service.course), None)
    assert isinstance(alone, Genuine)
    assert alone.kept is None


def test_a_forged_receipt_is_refused(service, tmp_path):
    made, shown = signed(service)
    _, values = receipt_values(host(service), MODULE, made.code)
    paper = shown.seal(pdf(values, shown.text, made.moment, keyword=shown.keyword))
    (tmp_path / "kertas.pdf").write_bytes(paper.replace(b"%%EOF", b"%% EOF"))
    later = shown.text.replace("2026-12-01T03", "2026-11-30T03")
    other = Signer.open(tmp_path / "kunci.pem")
    strange = proof.written(
        made, proof.sign(made, other), Keyring({other.id: other._key.public_key()})
    )
    forged = replace(made, participant="p002")
    (tmp_path / "receipt.json").write_bytes(forged.canonical())
    reasons = {
        later: "What it says is not what was signed",
        strange: f"It is signed with the key {other.id}",
        str(tmp_path / "kertas.pdf"): "This PDF is not the one that was signed",
        str(tmp_path / "receipt.json"): f"No receipt {forged.code} was ever given",
        "0000-0000-0000-0000": "No receipt 0000-0000-0000-0000 was ever given",
    }
    for way, reason in reasons.items():
        found = checked(service, way)
        assert isinstance(found, Refused), way
        assert found.reason.startswith(reason)


def test_a_receipt_that_was_handed_in_again_since_says_so(service):
    _, shown = signed(service)
    service.clock.move(hours=1)
    answer(service)
    newer = hand_in(service)
    found = checked(service, shown.text)
    assert isinstance(found, Genuine)
    assert found.newer == newer.moment
    assert found.kept is True


def test_what_is_no_receipt_at_all_is_told(service, tmp_path):
    (tmp_path / "catatan.txt").write_text("halo")
    with pytest.raises(CourseError, match="is no receipt: neither its PDF"):
        checked(service, tmp_path / "catatan.txt")
    with pytest.raises(CourseError, match="is neither a receipt's code"):
        checked(service, tmp_path / "tiada")


def test_the_command_says_what_a_receipt_stands_for(service, monkeypatch, capsys):
    made, shown = signed(service)
    monkeypatch.chdir(service.course.root)
    command.verify(made.code)
    out = capsys.readouterr().out
    assert out.startswith(f"GENUINE: receipt {made.code}, signed with the key ")
    assert "participant: p001" in out
    assert "received:    2026-12-01T03:00:00Z" in out
    command.verify(shown.text, keys=service.course.folder / proof.PUBLIC)
    assert "GENUINE" in capsys.readouterr().out


def test_a_bundle_is_read_within_bounds():
    files = {"a": b"x" * 1000, "b": b""}
    assert unpack(pack(files)) == files
    assert pack(files) == pack(dict(reversed(files.items())))
    for broken in (b"", pack(files)[:-3], b"x" * 50):
        with pytest.raises(Exception, match="A submission's files cannot be read"):
            unpack(broken)
