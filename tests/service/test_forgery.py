"""What somebody makes up or sends once more: receipts, events, replies, names, clocks. Nothing of it counts."""

from __future__ import annotations

import json
import shutil
from base64 import b64encode
from contextlib import closing
from datetime import timedelta

import pytest
from sqlalchemy import select

from pamong import log, signing
from pamong.course import Course
from pamong.receipt import parse
from pamong.service import proof, schedule
from pamong.service.schedule import Window
from pamong.service.tables import events, schedules, submissions
from pamong.service.verification import Genuine, Refused, verify
from pamong.signing import Signer, packed

from .conftest import MODULE, NOW, Client, Hands, Serving, service_at
from .test_host import question

V1 = "pamong/api/v1"
MESSAGES = f"{V1}/modules/{MODULE}/exercises/latihan/messages"
ANSWER = {"type": "act", "seq": 1, "id": "a-1", "act": "answer", "data": {"item": "l1", "chosen": ["a"]}}  # fmt: skip
FACTS = {
    "course": "lain", "participant": "p002", "module": "m9", "moment": "2026-11-30T03:00:00Z",
    "late": True, "content": "f" * 64, "receipt": "f" * 64,
}  # fmt: skip
"""Another value for every field of what is signed."""


@pytest.fixture(scope="module")
def shared(released_once, tmp_path_factory):
    root = tmp_path_factory.mktemp("forgery") / "root"
    shutil.copytree(released_once, root)
    course = Course.load(root)
    found = service_at(course, course.service_url, Hands())
    with closing(found.database), Serving(found) as serving:
        yield found, Client(serving.address)


@pytest.fixture
def service(shared):
    """The service, in which nobody has done anything yet; its clock stands at NOW."""
    service, _ = shared
    service.clock.now = NOW
    with service.database.writing() as connection:
        for table in (submissions, events, schedules):
            connection.execute(table.delete())
    return service


@pytest.fixture
def client(shared, service):  # noqa: ARG001  # emptied before
    return shared[1]


def act(client, **changed):
    return client.post(MESSAGES, {**ANSWER, **changed})


def written(service, who="p001"):
    """The events of somebody as the service keeps them."""
    query = (
        select(events.c.line).where(events.c.person == who).order_by(events.c.exercise, events.c.n)
    )
    with service.database.reading() as connection:
        return [json.loads(line) for line in connection.execute(query).scalars()]


def submit(client):
    answer = client.post(f"{V1}/modules/{MODULE}/submissions", {"statement": True})
    assert answer.status == 200, answer.text
    return answer.said


# ---- receipts ----


def keyring(path, signer):
    """What somebody has who was given only that key."""
    signing.publish(path, signer)
    return signing.keyring(path)


def checked(service, shown):
    return verify(shown, proof.keys(service.course), service.database)


def signed(facts, signer, key=""):
    """What the service would have written, had it signed this."""
    content = json.dumps(facts, separators=(",", ":"))
    signature = signer.sign(b"pamong receipt 1\n" + content.encode())
    return f"{content}\n{key or signer.id} {packed(signature)}"


def test_a_receipt_that_somebody_else_signed_is_refused_under_whatever_key_it_claims(
    service, client, tmp_path
):
    text = submit(client)["proof"]
    facts, key = json.loads(text.partition("\n")[0]), text.split()[-2]
    assert isinstance(checked(service, text), Genuine)
    theirs = Signer.open(tmp_path / "own.pem")
    assert "none of this course's" in checked(service, signed(facts, theirs)).reason
    assert "not what was signed" in checked(service, signed(facts, theirs, key)).reason
    only = keyring(tmp_path / "keys.json", theirs)
    assert isinstance(verify(text, only, service.database), Refused)


@pytest.mark.parametrize("field", sorted(FACTS))
def test_a_receipt_in_which_anything_was_changed_is_refused(service, client, field):
    first, _, rest = submit(client)["proof"].partition("\n")
    facts = json.loads(first)
    assert facts[field] != FACTS[field]
    forged = json.dumps({**facts, field: FACTS[field]}, separators=(",", ":"))
    assert "not what was signed" in checked(service, f"{forged}\n{rest}").reason


def test_no_byte_of_a_receipts_signature_can_be_another(service, client):
    text = submit(client)["proof"]
    for place in range(len(text) - 86, len(text), 9):
        other = "A" if text[place] != "A" else "B"
        found = checked_or_none(service, text[:place] + other + text[place + 1 :])
        assert not isinstance(found, Genuine), place


def checked_or_none(service, text):
    return checked(service, text) if proof.read(text) else None


def test_a_receipt_stands_for_nobody_else_and_is_found_for_nobody_else(service, client):
    made = submit(client)
    assert checked(service, made["proof"]).statement.participant == "p001"
    other = client.as_("p002")
    assert other.get(f"pamong/modules/{MODULE}/receipts/{made['code']}").status == 404
    theirs = submit(other)
    assert theirs["content"] == made["content"]  # both have done nothing
    assert theirs["code"] != made["code"]
    with service.database.writing() as connection:  # even somebody who can write in the database
        row = connection.execute(select(submissions).where(submissions.c.person == "p002")).one()
        copied = submissions.update().where(submissions.c.id == row.id)
        connection.execute(copied.values(receipt=made["receipt"].encode()))
    refused = checked(service, theirs["code"])
    assert isinstance(refused, Refused)
    assert "not what was signed" in refused.reason


def test_an_old_receipt_that_is_shown_again_is_told_to_be_old(service, client):
    first = submit(client)
    service.clock.move(minutes=1)
    act(client)
    second = submit(client)
    assert second["code"] != first["code"]
    assert checked(service, first["proof"]).newer == parse(second["receipt"].encode(), "x").moment
    assert checked(service, second["proof"]).newer is None


# ---- events ----


def test_a_message_that_is_sent_again_counts_once_and_says_the_same(service, client):
    told = [act(client) for _ in range(3)]
    assert {answer.status for answer in told} == {200}
    assert len({json.dumps(answer.said["screen"], sort_keys=True) for answer in told}) == 1
    assert [event["id"] for event in written(service)].count("a-1") == 1


def test_a_message_that_is_sent_again_with_another_content_changes_nothing(service, client):
    act(client)
    before = written(service)
    act(client, data={"item": "l1", "chosen": ["b"]})
    assert written(service) == before


CLAIMS = (
    {"who": "counterpart"}, {"who": "p002"}, {"participant": "p002"}, {"person": "p002"}, {"n": 99},
    {"attempt": 7}, {"t": "2020-01-01T00:00:00Z"}, {"at": "2020-01-01T00:00:00Z"}, {"version": 9},
    {"exercise": "pemahaman"}, {"module": "m9"}, {"points": 100}, {"score": 1}, {"seal": "x" * 64},
    {"reply": {"act": "accept", "data": {}}}, {"replies": [{"who": "counterpart"}]},
)  # fmt: skip


def test_whatever_else_a_message_claims_is_refused_or_not_written_down(service, client):
    taken = 0
    for place, forged in enumerate(CLAIMS):
        with service.database.writing() as connection:
            connection.execute(events.delete())
        answer = act(client, id=f"a-{place}", **forged)
        assert answer.status == 400 or answer.said["type"] in ("ack", "refuse"), forged
        found = written(service)
        assert {event["who"] for event in found} <= {"participant", "system"}, forged
        assert {event["exercise"] for event in found} <= {"latihan"}, forged
        assert "2020" not in json.dumps(found), forged
        ((name, value),) = forged.items()
        assert value not in [event.get(name) for event in found], forged
        taken += answer.status == 200 and answer.said["type"] == "ack"
    assert taken, "not one was such as a page sends"
    assert written(service, "p002") == []


def graded(service, client, id, **more):
    """An answer to a graded question that would be taken, under this id."""
    return client.post(
        f"{V1}/modules/{MODULE}/exercises/pemahaman/messages",
        {**ANSWER, **question(service), "id": id, **more},
    )


@pytest.mark.parametrize("id", ["reply:1", "a-1:r1", "opening:1", ":"])
def test_no_page_takes_the_id_of_a_reply_before_it_is_given(service, client, id):
    assert graded(service, client, id).said["type"] == "refuse"
    assert [event for event in written(service) if event["who"] == "participant"] == []
    assert graded(service, client, "a-1").said["type"] == "ack"


def test_a_log_that_a_page_hands_in_is_left_aside_for_the_services_own(service, client):
    act(client)
    forged = log_line(service)
    sent = {"latihan.jsonl": forged, "pemahaman.jsonl": forged, "receipt.json": forged}
    answer = client.post(
        f"{V1}/modules/{MODULE}/submissions", {"statement": True, "notebooks": sent}
    )
    assert answer.status in (200, 400)
    (handed,) = client.as_("w01").get(f"{V1}/staff/modules/{MODULE}/submissions").said or [None]
    if handed:
        files = client.as_("w01").get(f"{V1}/staff/submissions/{handed['id']}").said["files"]
        assert "pemahaman.jsonl" not in files
        assert forged not in files.values()


def log_line(service):
    """A log of p001's own with one event more, in base64 as notebooks are sent."""
    lines = [json.dumps(event).encode() + b"\n" for event in written(service)]
    assert log.parse(b"".join(lines), "latihan").trusted()
    return b64encode(b"".join([*lines, lines[-1]])).decode()


# ---- time ----


@pytest.mark.parametrize("claimed", [{}, {"at": NOW.isoformat()}, {"t": NOW.isoformat()}])
def test_after_the_end_nothing_graded_is_taken_whatever_clock_is_claimed(service, client, claimed):
    with service.database.writing() as connection:
        closes = Window(closes=NOW + timedelta(hours=1), grace=timedelta())
        programme = service.course.programme
        schedule.put(connection, programme, "a01", MODULE, closes, by="k01", at=NOW)
    assert graded(service, client, "a-1").said["type"] == "ack"
    service.clock.move(hours=2)
    before = written(service)
    past = {"Date": "Tue, 01 Dec 2026 03:00:00 GMT", "X_Time_Zone": "Pacific/Niue"}
    answer = graded(service, client, "a-2", **claimed)
    assert answer.status == 400 or answer.said["type"] == "refuse"
    late = client.post(f"{V1}/modules/{MODULE}/submissions", {"statement": True, **claimed}, **past)
    assert late.status in (400, 409)
    assert client.get(f"{V1}/modules/{MODULE}/submissions").said == []
    assert written(service) == before
