"""The service over HTTP: who gets what, what nobody gets, and a process that starts and ends."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from contextlib import closing
from datetime import timedelta
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from sqlalchemy import update

from pamong.errors import ServiceError
from pamong.service import proof, schedule
from pamong.service.app import application
from pamong.service.schedule import Window
from pamong.service.tables import people

from .conftest import MODULE, NOW, STAFF

PAGE = f"pamong/modules/{MODULE}/"
PATHS = (
    "pamong/", "pamong/privacy", "pamong/help", "pamong/transcript.pdf", PAGE, f"{PAGE}submission",
    f"{PAGE}files/gambar.svg", f"{PAGE}feedback", f"{PAGE}receipts/0000-0000-0000-0000",
    f"{PAGE}receipts/0000-0000-0000-0000.pdf", "pamong/apa-saja",
)  # fmt: skip
PRACTICE = {"item": "l1", "chosen": ["a"]}


def welcome(client) -> None:
    """Accept the privacy notice, as the button does."""
    page = client.get("pamong/").text
    version = page.partition('name="notice" value="')[2].partition('"')[0]
    assert client.form("pamong/consent", notice=version).status == 303


def hand_in(client) -> str:
    """The code of a submission made over HTTP."""
    seen = client.get(f"{PAGE}submission").said["seen"]
    answer = client.post(f"{PAGE}submission", {"statement": True, "seen": seen})
    assert answer.status == 200, answer.text
    return answer.said["code"]


# ---- who gets in ----


def test_whoever_is_not_logged_in_is_sent_to_the_login_and_nothing_is_done(client):
    nobody = client.as_("")
    for path in PATHS:
        answer = nobody.get(path)
        assert answer.status == 302, path
        assert answer.headers["Location"].startswith("/hub/login"), path
    assert nobody.act("latihan", "answer", PRACTICE, "a-1").status == 403
    assert client.get(f"{PAGE}submission").said["exercises"][0]["state"] == "unstarted"


@pytest.mark.parametrize("who", ["p404", "../p001", "p002"])
def test_whoever_is_unknown_or_takes_part_no_longer_is_told_so(client, service, who):
    with service.database.writing() as connection:
        connection.execute(update(people).where(people.c.id == "p002").values(active=False))
    stranger = client.as_(who)
    for path in PATHS[:-1]:
        answer = stranger.get(path)
        assert answer.status == 403, path
    assert "Halaman ini bukan untuk akun Anda" in stranger.get("pamong/").text
    refused = stranger.act("latihan", "answer", PRACTICE, "a-1")
    assert refused.status == 403
    assert refused.said["text"].startswith("Akun Anda tidak memiliki hak untuk ini")


@pytest.mark.parametrize("who", [person.id for person in STAFF])
def test_staff_have_a_desk_of_their_own_and_no_answers(client, who):
    theirs = client.as_(who)
    home = theirs.get("pamong/")
    assert (home.status, home.headers["Location"]) == (302, "/services/pamong/staff/")
    for path in (PAGE, f"{PAGE}submission", "pamong/transcript.pdf"):
        assert theirs.get(path).status == 404
    assert theirs.act("latihan", "answer", PRACTICE, "a-1").status == 404


def test_another_person_s_receipt_and_feedback_are_not_there(client):
    welcome(client)
    code = hand_in(client)
    assert client.get(f"{PAGE}receipts/{code}").status == 200
    for path in (f"{PAGE}receipts/{code}", f"{PAGE}receipts/{code}.pdf"):
        assert client.as_("p002").get(path).status == 404
        assert client.as_("k01").get(path).status == 404


def test_a_message_without_the_token_is_refused(client):
    answer = client.post(f"{PAGE}exercises/latihan", {"type": "refresh"}, X_XSRFToken="lain")
    assert answer.status == 403
    assert "sudah terlalu lama terbuka" in answer.said["text"]


# ---- what a participant does ----


def test_from_the_notice_to_a_signed_receipt(client, service):
    assert client.get(PAGE).headers["Location"].endswith(f"privacy?module={MODULE}")
    welcome(client)
    assert "Selamat" in client.get("pamong/").text
    page = client.get(PAGE).text
    assert 'data-exercise="latihan"' in page
    told = client.act("latihan", "answer", PRACTICE, "a-1").said
    assert (told["type"], told["screen"]["n"]) == ("ack", 2)
    assert client.post(f"{PAGE}looks", {"latihan": 2, "sikap": 0}).said["changed"] == []
    assert client.post(f"{PAGE}looks", {"latihan": 1}).said["changed"] == ["latihan"]
    code = hand_in(client)
    assert hand_in(client) == code
    receipt = client.get(f"{PAGE}receipts/{code}").text
    assert "bertanda tangan elektronik" in receipt
    paper = client.get(f"{PAGE}receipts/{code}.pdf").content
    assert proof.SEAL.is_sealed(paper, proof.keys(service.course))
    text = proof.read(proof.SEAL.text_in(paper))
    assert (text.code, text.statement.participant) == (code, "p001")
    home = client.get("pamong/").text
    assert f"Tanda terima {code}" in home
    assert client.as_("p002").get("pamong/").text.count(code) == 0


def test_a_module_that_opens_later_says_when(client, service):
    with service.database.writing() as connection:
        schedule.put(
            connection, service.course.programme, "a01", MODULE,
            Window(opens=NOW + timedelta(days=1), closes=NOW + timedelta(days=9)), by="k01", at=NOW,
        )  # fmt: skip
    welcome(client)
    answer = client.get(PAGE)
    assert answer.status == 404
    assert "Rabu, 2 Desember 2026 pukul 10.00 WIB" in answer.text
    assert "Rabu, 2 Desember 2026 pukul 10.00 WIB" in client.get("pamong/").text


def test_a_transcript_is_on_the_home_page_once_it_was_issued(client, service):
    welcome(client)
    assert client.get("pamong/transcript.pdf").status == 404
    assert "transcript.pdf" not in client.get("pamong/").text
    folder = service.course.folder / "transcripts" / "a01"
    folder.mkdir(parents=True)
    (folder / "p001.pdf").write_bytes(b"%PDF-1.7 transkrip")
    answer = client.get("pamong/transcript.pdf")
    assert (answer.status, answer.content) == (200, b"%PDF-1.7 transkrip")
    assert answer.headers["Content-Type"] == "application/pdf"
    assert 'href="/services/pamong/transcript.pdf"' in client.get("pamong/").text
    assert client.as_("p002").get("pamong/transcript.pdf").status == 404


# ---- the process ----


def test_health_says_what_works_to_anybody_and_nothing_else(client, service):
    answer = client.as_("").get("pamong/health")
    assert (answer.status, answer.said) == (200, {"status": "up", "database": True, "modules": 1})
    service.database.close()
    (service.course.folder / "service.db").rename(service.course.folder / "weg.db")
    answer = client.as_("").get("pamong/health")
    assert (answer.status, answer.said["status"]) == (503, "down")


def test_static_files_need_no_login(client):
    page = client.get("pamong/privacy").text
    address = page.partition('href="/services/')[2].partition('"')[0]
    answer = client.as_("").get(address)
    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/css; charset=utf-8")


def test_the_hub_must_give_it_its_name(service):
    with pytest.raises(ServiceError, match="The hub must name the service “pamong”"):
        application(service, prefix="/services/lain/")


def test_the_process_starts_answers_and_ends_cleanly(released):
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    with subprocess.Popen(
        [sys.executable, "-m", "pamong.service", "--course", released.root],
        env=os.environ | {"JUPYTERHUB_SERVICE_URL": url, "JUPYTERHUB_SERVICE_PREFIX": "/x/pamong/"},
        stderr=subprocess.PIPE,
    ) as process:
        first = json.loads(process.stderr.readline())
        while "listening" not in first["text"]:
            first = json.loads(process.stderr.readline())
        assert first["level"] == "info"
        with urlopen(f"{url}/x/pamong/health") as answer:  # noqa: S310  # loopback
            assert json.loads(answer.read()) == {"status": "up", "database": True, "modules": 0}
        process.send_signal(signal.SIGTERM)
        rest = process.communicate(timeout=30)[1].decode().splitlines()
        assert process.returncode == 0
        assert json.loads(rest[-1])["text"] == "ended, no requests were not answered"
        with pytest.raises(URLError):
            urlopen(f"{url}/x/pamong/health")  # noqa: S310
